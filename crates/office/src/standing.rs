//! What an overseer sees: where the cases of the bodies in scope stand, and what is late.

use casework::person::Person;
use store::{LateCount, StageCount};

use crate::{Office, TodoItem, access, error::OfficeError, lists::each_once};

/// Late steps that are listed.
const LATE_MAX: u32 = 30;

/// Where cases stand.
#[derive(Debug, Clone)]
pub struct Overview {
    /// The bodies in scope.
    pub bodies: Vec<String>,
    /// Cases by unit and stage.
    pub stages: Vec<StageCount>,
    /// Late cases by unit.
    pub late: Vec<LateCount>,
    /// What is late, the longest first.
    pub late_steps: Vec<TodoItem>,
}

impl Office {
    /// Whether a person is shown every case of the body, and so where its cases stand.
    pub fn may_oversee(&self, actor: &Person) -> bool {
        access::shown(actor).is_none()
    }

    /// Where the cases stand that a person is shown.
    ///
    /// # Errors
    /// [`OfficeError::NotFound`] for whoever is not shown every case of the body: counts tell of the others.
    pub async fn overview(&self, actor: &Person) -> Result<Overview, OfficeError> {
        if !self.may_oversee(actor) {
            return Err(OfficeError::NotFound);
        }
        let (scope, (_, today)) = (access::scope(actor), self.now());
        let store = self.store();
        let late_steps = store.late(&scope, today, LATE_MAX).await?;
        Ok(Overview {
            bodies: store.bodies_in(&scope).await?.unwrap_or_default(),
            stages: store.stage_counts(&scope).await?,
            late: store.late_counts(&scope, today).await?,
            late_steps: self.in_order(each_once(late_steps))?,
        })
    }
}
