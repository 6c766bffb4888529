//! Views of the list of cases that people have named: rows that are no events, like drafts.

use crate::error::StoreError;
use crate::read::Rows;
use crate::sql::get;
use crate::store::Store;

/// Filters and columns under a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedView {
    /// What the person calls it.
    pub name: String,
    /// The part of the address behind the question mark.
    pub query: String,
}

impl Store {
    /// Keeps a view of a person under its name, in the place of one that had it; false, and nothing is kept, where the
    /// person has `most` others already.
    pub async fn save_view(
        &self,
        person_id: &str,
        view: &SavedView,
        now_us: i64,
        most: u32,
    ) -> Result<bool, StoreError> {
        let sql = "INSERT INTO saved_view (person_id, name, query, updated_at) \
                   SELECT ?, ?, ?, ? WHERE (SELECT COUNT(*) FROM saved_view WHERE person_id = ? AND name <> ?) < ? \
                   ON CONFLICT (person_id, name) DO UPDATE SET query = excluded.query, updated_at = excluded.updated_at";
        let (name, query) = (view.name.as_str(), view.query.as_str());
        let cells = [
            person_id.into(),
            name.into(),
            query.into(),
            now_us.into(),
            person_id.into(),
            name.into(),
            i64::from(most).into(),
        ];
        Ok(self.write(sql, &cells).await? > 0)
    }

    /// The views of a person, by name.
    pub async fn views_of(&self, person_id: &str) -> Result<Vec<SavedView>, StoreError> {
        let sql = "SELECT name, query FROM saved_view WHERE person_id = ? ORDER BY name";
        let rows = self.rows(sql, vec![person_id.into()]).await?;
        rows.iter()
            .map(|row| {
                Ok(SavedView {
                    name: get(row, 0)?,
                    query: get(row, 1)?,
                })
            })
            .collect()
    }

    /// Removes a view of a person.
    pub async fn drop_view(&self, person_id: &str, name: &str) -> Result<(), StoreError> {
        let sql = "DELETE FROM saved_view WHERE person_id = ? AND name = ?";
        self.write(sql, &[person_id.into(), name.into()]).await?;
        Ok(())
    }
}
