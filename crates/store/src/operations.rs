//! Rows that are no events: credentials, sessions, drafts, and the throttle of sign-in. Access tokens stand in `access.rs`.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use crate::access::END_TOKENS;
use crate::committer::version;
use crate::conn::{Cell, Row, apart};
use crate::error::StoreError;
use crate::objects::ObjectKey;
use crate::read::{Rows, Scope};
use crate::sql::{Dialect, SqlError, get};
use crate::store::Store;

/// A signed-in session, found by the digest of its token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionRow {
    /// Digest of the token that the browser holds.
    pub id_hash: Vec<u8>,
    /// Stream of the person.
    pub person_id: String,
    /// When it began, microseconds since 1970 UTC.
    pub created_at: i64,
    /// When it ends, microseconds since 1970 UTC.
    pub expires_at: i64,
    /// What the desk keeps in it.
    pub data: String,
}

/// A form that a person has begun to fill in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedDraft {
    /// Stream of the person.
    pub person_id: String,
    /// The case.
    pub stream: String,
    /// The step.
    pub step: String,
    /// The party, for a step of one party.
    pub party: Option<String>,
    /// What was typed.
    pub json: String,
    /// When it was saved, microseconds since 1970 UTC.
    pub updated_at: i64,
}

/// Tries counted under one key, such as a sign-in name or an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Throttle {
    /// Tries in the present window that did not go well, or are not decided yet.
    pub failures: u64,
    /// When the window ends, microseconds since 1970 UTC.
    pub until_at: i64,
}

/// Ends every session of a person.
const END_SESSIONS: &str = "DELETE FROM session WHERE person_id = ?";
/// Forgets the tries under a key.
const FORGET_TRIES: &str = "DELETE FROM throttle WHERE key = ?";

/// What a sweep of uploads did.
#[derive(Debug, Default)]
pub struct Swept {
    /// Uploads that were removed.
    pub gone: u64,
    /// Uploads that could not be judged, and why.
    pub faults: Vec<(ObjectKey, StoreError)>,
}

impl Store {
    pub(crate) async fn write(&self, sql: &str, cells: &[Cell<'_>]) -> Result<u64, StoreError> {
        let written = self.inner.writer.run(sql, cells).await;
        written.map_err(|error| self.trouble_slot().of(error.into()))
    }

    /// Runs statements in one transaction; gives the rows of the last.
    ///
    /// Like [`Store::write`], on SQLite it does so on a thread for work that waits for the disk.
    async fn write_all(
        &self,
        statements: Vec<(&'static str, Vec<Cell<'static>>)>,
    ) -> Result<Vec<Row>, StoreError> {
        let writer = Arc::clone(&self.inner.writer);
        let done = apart(async move {
            let mut txn = writer.begin().await?;
            let mut rows = Vec::new();
            for (sql, cells) in &statements {
                rows = txn.all(sql, cells).await?;
            }
            txn.commit().await?;
            Ok::<_, SqlError>(rows)
        });
        let done = done.await.flatten();
        done.map_err(|error| self.trouble_slot().of(error.into()))
    }

    /// Sets a person's password hash, ends every session and access token of the person and forgets the failures
    /// under a throttle key, all in one transaction: who had the old password has nothing any more, and the new one works at once.
    pub async fn set_credential(
        &self,
        person_id: &str,
        hash: &str,
        throttle_key: &str,
        now_us: i64,
    ) -> Result<(), StoreError> {
        let text = |text: &str| Cell::from(text).into_owned();
        let set = "INSERT INTO credential (person_id, hash, updated_at) VALUES (?, ?, ?) \
                   ON CONFLICT (person_id) DO UPDATE SET hash = excluded.hash, updated_at = excluded.updated_at";
        let key = self.throttle_digest(throttle_key);
        self.write_all(vec![
            (set, vec![text(person_id), text(hash), now_us.into()]),
            (END_SESSIONS, vec![text(person_id)]),
            (END_TOKENS, vec![text(person_id)]),
            (FORGET_TRIES, vec![text(&key)]),
        ])
        .await?;
        Ok(())
    }

    /// Sets a person's password hash in place of `old`, as [`Store::set_credential`] does otherwise; false, and
    /// nothing is changed, where the person has another by now.
    pub async fn replace_credential(
        &self,
        person_id: &str,
        old: &str,
        hash: &str,
        throttle_key: &str,
        now_us: i64,
    ) -> Result<bool, StoreError> {
        let text = |text: &str| Cell::from(text).into_owned();
        let set = "UPDATE credential SET hash = ?, updated_at = ? WHERE person_id = ? AND hash = ?";
        let new = [text(hash), now_us.into(), text(person_id), text(old)];
        let (person, key) = (text(person_id), text(&self.throttle_digest(throttle_key)));
        let writer = Arc::clone(&self.inner.writer);
        let done = apart(async move {
            let mut txn = writer.begin().await?;
            if txn.run(set, &new).await? == 0 {
                txn.rollback().await?;
                return Ok(false);
            }
            txn.run(END_SESSIONS, std::slice::from_ref(&person)).await?;
            txn.run(END_TOKENS, &[person]).await?;
            txn.run(FORGET_TRIES, &[key]).await?;
            txn.commit().await?;
            Ok::<_, SqlError>(true)
        });
        Ok(done.await??)
    }

    /// A person's password hash.
    pub async fn credential(&self, person_id: &str) -> Result<Option<String>, StoreError> {
        let rows = self
            .rows(
                "SELECT hash FROM credential WHERE person_id = ?",
                vec![person_id.into()],
            )
            .await?;
        Ok(rows.first().map(|row| get(row, 0)).transpose()?)
    }

    /// Begins a session of somebody whose password was found to fit that hash; false, and none is begun, where the
    /// person has another by now.
    pub async fn begin_session(
        &self,
        session: &SessionRow,
        hash: &str,
    ) -> Result<bool, StoreError> {
        // Locked, so that who sets another hash meanwhile waits, and then ends this session too.
        let lock = match self.inner.dialect {
            Dialect::Sqlite => "",
            Dialect::Postgres => " FOR SHARE",
        };
        let sql = format!(
            "INSERT INTO session (id_hash, person_id, created_at, expires_at, data) SELECT ?, person_id, ?, ?, ? \
             FROM credential WHERE person_id = ? AND hash = ?{lock}"
        );
        let cells = [
            session.id_hash.as_slice().into(),
            session.created_at.into(),
            session.expires_at.into(),
            session.data.as_str().into(),
            session.person_id.as_str().into(),
            hash.into(),
        ];
        Ok(self.write(&sql, &cells).await? == 1)
    }

    /// Moves a session's end; one that was ended stays so.
    pub async fn renew_session(&self, id_hash: &[u8], expires_at: i64) -> Result<(), StoreError> {
        let sql = "UPDATE session SET expires_at = ? WHERE id_hash = ?";
        self.write(sql, &[expires_at.into(), id_hash.into()])
            .await?;
        Ok(())
    }

    /// The session with that token digest, unless it has ended.
    pub async fn session(
        &self,
        id_hash: &[u8],
        now_us: i64,
    ) -> Result<Option<SessionRow>, StoreError> {
        let sql = "SELECT id_hash, person_id, created_at, expires_at, data FROM session \
                   WHERE id_hash = ? AND expires_at > ?";
        let rows = self.rows(sql, vec![id_hash.into(), now_us.into()]).await?;
        let Some(row) = rows.first() else {
            return Ok(None);
        };
        Ok(Some(SessionRow {
            id_hash: get(row, 0)?,
            person_id: get(row, 1)?,
            created_at: get(row, 2)?,
            expires_at: get(row, 3)?,
            data: get(row, 4)?,
        }))
    }

    /// Ends a session.
    pub async fn end_session(&self, id_hash: &[u8]) -> Result<(), StoreError> {
        self.write("DELETE FROM session WHERE id_hash = ?", &[id_hash.into()])
            .await?;
        Ok(())
    }

    /// Ends every session and access token of a person, as when the person leaves; tells how many.
    pub async fn end_sessions_of(&self, person_id: &str) -> Result<u64, StoreError> {
        let sessions = self.write(END_SESSIONS, &[person_id.into()]).await?;
        Ok(sessions + self.write(END_TOKENS, &[person_id.into()]).await?)
    }

    /// Removes sessions, access tokens and throttle windows that have ended; tells how many rows went.
    pub async fn purge_expired(&self, now_us: i64) -> Result<u64, StoreError> {
        let sessions = self
            .write(
                "DELETE FROM session WHERE expires_at <= ?",
                &[now_us.into()],
            )
            .await?;
        let tokens = self
            .write(
                "DELETE FROM access_token WHERE expires_at <= ?",
                &[now_us.into()],
            )
            .await?;
        let windows = self
            .write("DELETE FROM throttle WHERE until_at <= ?", &[now_us.into()])
            .await?;
        Ok(sessions + tokens + windows)
    }

    /// Saves what a person has typed so far.
    pub async fn save_draft(&self, draft: &SavedDraft) -> Result<(), StoreError> {
        let sql = "INSERT INTO draft (person_id, stream_id, step, party, json, updated_at) VALUES (?, ?, ?, ?, ?, ?) \
                   ON CONFLICT (person_id, stream_id, step, party) \
                   DO UPDATE SET json = excluded.json, updated_at = excluded.updated_at";
        let [person, stream, step, party] = draft_key(
            &draft.person_id,
            &draft.stream,
            &draft.step,
            draft.party.as_deref(),
        )
        .map(Cell::from);
        self.write(
            sql,
            &[
                person,
                stream,
                step,
                party,
                draft.json.as_str().into(),
                draft.updated_at.into(),
            ],
        )
        .await?;
        Ok(())
    }

    /// What a person has typed for one step.
    pub async fn draft(
        &self,
        person_id: &str,
        stream: &str,
        step: &str,
        party: Option<&str>,
    ) -> Result<Option<SavedDraft>, StoreError> {
        let sql = "SELECT json, updated_at FROM draft WHERE person_id = ? AND stream_id = ? AND step = ? AND party = ?";
        let rows = self
            .rows(
                sql,
                draft_key(person_id, stream, step, party)
                    .map(Into::into)
                    .to_vec(),
            )
            .await?;
        let Some(row) = rows.first() else {
            return Ok(None);
        };
        Ok(Some(SavedDraft {
            person_id: person_id.to_owned(),
            stream: stream.to_owned(),
            step: step.to_owned(),
            party: party.map(str::to_owned),
            json: get(row, 0)?,
            updated_at: get(row, 1)?,
        }))
    }

    /// Every draft of a person, newest first.
    pub async fn drafts_of(&self, person_id: &str) -> Result<Vec<SavedDraft>, StoreError> {
        let sql = "SELECT stream_id, step, party, json, updated_at FROM draft WHERE person_id = ? \
                   ORDER BY updated_at DESC, stream_id, step, party";
        let rows = self.rows(sql, vec![person_id.into()]).await?;
        rows.iter()
            .map(|row| {
                let party: String = get(row, 2)?;
                Ok(SavedDraft {
                    person_id: person_id.to_owned(),
                    stream: get(row, 0)?,
                    step: get(row, 1)?,
                    party: (!party.is_empty()).then_some(party),
                    json: get(row, 3)?,
                    updated_at: get(row, 4)?,
                })
            })
            .collect()
    }

    /// Removes a draft, once its step was taken.
    pub async fn drop_draft(
        &self,
        person_id: &str,
        stream: &str,
        step: &str,
        party: Option<&str>,
    ) -> Result<(), StoreError> {
        let sql =
            "DELETE FROM draft WHERE person_id = ? AND stream_id = ? AND step = ? AND party = ?";
        self.write(
            sql,
            &draft_key(person_id, stream, step, party).map(Cell::from),
        )
        .await?;
        Ok(())
    }

    /// Counts a try under a key and tells how many there are with it; a window begins with its first try and lasts
    /// `window_us`.
    ///
    /// Counting and telling are one statement, so that of many tries at once each has a number of its own.
    pub async fn throttle_hit(
        &self,
        key: &str,
        now_us: i64,
        window_us: i64,
    ) -> Result<Throttle, StoreError> {
        let sql = "INSERT INTO throttle (key, failures, until_at) VALUES (?, 1, ?) ON CONFLICT (key) DO UPDATE SET \
                   failures = CASE WHEN throttle.until_at <= ? THEN 1 ELSE throttle.failures + 1 END, \
                   until_at = CASE WHEN throttle.until_at <= ? THEN excluded.until_at ELSE throttle.until_at END \
                   RETURNING failures, until_at";
        let until = now_us.saturating_add(window_us);
        let key = Cell::from(self.throttle_digest(key).as_str()).into_owned();
        let cells = vec![key, until.into(), now_us.into(), now_us.into()];
        let rows = self.write_all(vec![(sql, cells)]).await?;
        let row = rows
            .first()
            .ok_or_else(|| StoreError::damaged("登录计数没有写入"))?;
        Ok(Throttle {
            failures: version(get(row, 0)?)?,
            until_at: get(row, 1)?,
        })
    }

    /// The tries under a key, if its window is open.
    pub async fn throttle(&self, key: &str, now_us: i64) -> Result<Option<Throttle>, StoreError> {
        let sql = "SELECT failures, until_at FROM throttle WHERE key = ? AND until_at > ?";
        let key = self.throttle_digest(key);
        let rows = self.rows(sql, vec![key.into(), now_us.into()]).await?;
        let Some(row) = rows.first() else {
            return Ok(None);
        };
        Ok(Some(Throttle {
            failures: version(get(row, 0)?)?,
            until_at: get(row, 1)?,
        }))
    }

    /// Takes one counted try back, as when it was no failure after all.
    pub async fn throttle_undo(&self, key: &str) -> Result<(), StoreError> {
        let sql = "UPDATE throttle SET failures = failures - 1 WHERE key = ? AND failures > 0";
        let key = self.throttle_digest(key);
        self.write(sql, &[key.as_str().into()]).await?;
        Ok(())
    }

    /// Forgets the tries under a key, as after a sign-in that went well.
    pub async fn throttle_clear(&self, key: &str) -> Result<(), StoreError> {
        let key = self.throttle_digest(key);
        self.write(FORGET_TRIES, &[key.as_str().into()]).await?;
        Ok(())
    }

    /// What stands for a key in the table: what somebody typed as a name may be a password.
    fn throttle_digest(&self, key: &str) -> String {
        let suite = self.inner.suite;
        suite
            .hash(&[b"zhiheng.throttle.v1\n", key.as_bytes()])
            .to_string()
    }

    /// Removes uploads that nothing names and that nobody has come back to for `age`.
    ///
    /// It looks at uploads alone that were received and that no sweep has seen in an event yet, and asks the
    /// stream's own events: whose digest stands anywhere in them is evidence and never looked at again. What a
    /// draft names is kept, and counts as received anew. One that cannot be judged stays, and holds up no other.
    ///
    /// # Errors
    /// That the folder cannot be listed, or that the database is away.
    pub async fn sweep_uploads(&self, age: Duration, now: SystemTime) -> Result<Swept, StoreError> {
        let mut swept = Swept::default();
        for upload in self.objects().pending(age, now)? {
            match self.sweep(&upload, age, now).await {
                Ok(gone) => swept.gone += u64::from(gone),
                Err(away @ (StoreError::Away | StoreError::Busy)) => return Err(away),
                Err(fault) => swept.faults.push((upload, fault)),
            }
        }
        Ok(swept)
    }

    /// Settles, renews or removes one upload; tells whether it went.
    async fn sweep(
        &self,
        upload: &ObjectKey,
        age: Duration,
        now: SystemTime,
    ) -> Result<bool, StoreError> {
        // Drafts first: one that is sent in between is then seen in its event.
        let drafted = self.draft_names(&upload.digest).await?;
        if self.event_names(&upload.stream, &upload.digest).await? {
            self.objects().settle(upload)?;
        } else if drafted {
            self.objects().renew(upload)?;
        } else {
            return self.objects().discard(upload, age, now);
        }
        Ok(false)
    }

    /// Whether a stream's events hold these words anywhere; a destroyed body may have held them.
    async fn event_names(&self, stream: &str, digest: &str) -> Result<bool, StoreError> {
        let events = self.load(&Scope::system(), stream, 0).await?;
        Ok(events.iter().any(|event| match &event.body {
            Some(body) => contains(body, digest.as_bytes()),
            None => true,
        }))
    }

    async fn draft_names(&self, digest: &str) -> Result<bool, StoreError> {
        let sql = "SELECT person_id FROM draft WHERE json LIKE ? LIMIT 1";
        let rows = self.rows(sql, vec![format!("%{digest}%").into()]).await?;
        Ok(!rows.is_empty())
    }
}

fn contains(text: &[u8], words: &[u8]) -> bool {
    text.windows(words.len()).any(|part| part == words)
}

/// The key of a draft; no party is stored as an empty name, since a key column is never null.
fn draft_key<'a>(
    person_id: &'a str,
    stream: &'a str,
    step: &'a str,
    party: Option<&'a str>,
) -> [&'a str; 4] {
    [person_id, stream, step, party.unwrap_or_default()]
}
