//! Access tokens of programs: rows that are no events, like sessions; only digests of the tokens are here.

use sea_orm::QueryResult;

use crate::error::StoreError;
use crate::read::Rows;
use crate::sql::{Dialect, get};
use crate::store::Store;

/// An access token that a person gave to a program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessToken {
    /// Id, by which it is revoked; it is no secret.
    pub id: String,
    /// Stream of the person.
    pub person_id: String,
    /// What the person calls it.
    pub name: String,
    /// Whether it may act, and not read alone.
    pub may_act: bool,
    /// When it was made, microseconds since 1970 UTC.
    pub created_at: i64,
    /// When it ends, microseconds since 1970 UTC.
    pub expires_at: i64,
    /// When it was last used, about, microseconds since 1970 UTC.
    pub used_at: Option<i64>,
}

/// Ends every access token of a person.
pub(crate) const END_TOKENS: &str = "DELETE FROM access_token WHERE person_id = ?";

const COLUMNS: &str = "id, person_id, name, may_act, created_at, expires_at, used_at";

impl Store {
    /// Keeps a new token by the digest of its secret, for a person whose password was found to fit that hash; false,
    /// and nothing is kept, where the person has another by now or where the id is taken.
    pub async fn add_access_token(
        &self,
        token: &AccessToken,
        secret_hash: &[u8],
        hash: &str,
    ) -> Result<bool, StoreError> {
        // Locked as in `begin_session`: who sets another hash meanwhile waits, and then ends this token too.
        let lock = match self.inner.dialect {
            Dialect::Sqlite => "",
            Dialect::Postgres => " FOR SHARE",
        };
        let sql = format!(
            "INSERT INTO access_token (id, person_id, name, may_act, secret_hash, created_at, expires_at) \
             SELECT ?, person_id, ?, ?, ?, ?, ? FROM credential WHERE person_id = ? AND hash = ?{lock} \
             ON CONFLICT (id) DO NOTHING"
        );
        let cells = [
            token.id.as_str().into(),
            token.name.as_str().into(),
            token.may_act.into(),
            secret_hash.into(),
            token.created_at.into(),
            token.expires_at.into(),
            token.person_id.as_str().into(),
            hash.into(),
        ];
        Ok(self.write(&sql, &cells).await? == 1)
    }

    /// The token with that digest of its secret, unless it has ended.
    pub async fn access_token(
        &self,
        secret_hash: &[u8],
        now_us: i64,
    ) -> Result<Option<AccessToken>, StoreError> {
        let sql =
            format!("SELECT {COLUMNS} FROM access_token WHERE secret_hash = ? AND expires_at > ?");
        let cells = vec![secret_hash.into(), now_us.into()];
        let rows = self.rows(&sql, cells).await?;
        rows.first().map(read).transpose()
    }

    /// Every token of a person, newest first.
    pub async fn access_tokens_of(&self, person_id: &str) -> Result<Vec<AccessToken>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM access_token WHERE person_id = ? ORDER BY created_at DESC, id"
        );
        let rows = self.rows(&sql, vec![person_id.into()]).await?;
        rows.iter().map(read).collect()
    }

    /// Notes when a token was used.
    pub async fn use_access_token(&self, id: &str, now_us: i64) -> Result<(), StoreError> {
        let sql = "UPDATE access_token SET used_at = ? WHERE id = ?";
        self.write(sql, &[now_us.into(), id.into()]).await?;
        Ok(())
    }

    /// Ends one token of a person; false where the person has none of that id.
    pub async fn revoke_access_token(&self, person_id: &str, id: &str) -> Result<bool, StoreError> {
        let sql = "DELETE FROM access_token WHERE person_id = ? AND id = ?";
        Ok(self.write(sql, &[person_id.into(), id.into()]).await? == 1)
    }
}

fn read(row: &QueryResult) -> Result<AccessToken, StoreError> {
    Ok(AccessToken {
        id: get(row, 0)?,
        person_id: get(row, 1)?,
        name: get(row, 2)?,
        may_act: get(row, 3)?,
        created_at: get(row, 4)?,
        expires_at: get(row, 5)?,
        used_at: get(row, 6)?,
    })
}
