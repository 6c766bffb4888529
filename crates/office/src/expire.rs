//! Limits that run out where nobody acts.

use casework::record::Via;
use store::Scope;

use crate::{Office, error::OfficeError};

/// Cases that the job takes at a time.
const CASES: u32 = 200;

impl Office {
    /// Records limits that have run out in cases where nobody acted; gives how many cases.
    ///
    /// A case that cannot be brought forward is told in the program's own log, and holds up no other.
    ///
    /// # Errors
    /// That the store cannot be read or written; what was recorded stays.
    pub async fn expire_due(&self) -> Result<usize, OfficeError> {
        self.require_clock()?;
        let today = self.now().1;
        let (mut count, mut after) = (0, String::new());
        loop {
            let cases = self
                .store()
                .cases_running_out(&Scope::system(), today, &after, CASES)
                .await?;
            let Some(last) = cases.last() else {
                return Ok(count);
            };
            after.clone_from(last);
            for case in &cases {
                match self.expire_case(case).await {
                    Ok(recorded) => count += usize::from(recorded),
                    Err(fault @ OfficeError::Unavailable(_)) => return Err(fault),
                    // What a refusal says may name people; its kind does not.
                    Err(OfficeError::Refused(refusal)) => {
                        tracing::error!(case, kind = ?refusal.kind, step = refusal.step, "expiry");
                    }
                    Err(fault) => tracing::error!(case, %fault, "expiry"),
                }
            }
        }
    }

    async fn expire_case(&self, case: &str) -> Result<bool, OfficeError> {
        let file = self.load_case(case).await?;
        let file = self.follow(file, self.now().1).await?;
        let (roster, calendar) = (self.roster().await?, self.calendar());
        // Nobody acts; the context wants a person only for steps.
        let Some(nobody) = roster.people.values().next() else {
            return Ok(false);
        };
        let ctx = self.context(&file, &calendar, nobody, &roster, Via::Job);
        let expired = casework::decide::expire(&file.state, &ctx).map_err(OfficeError::Refused)?;
        let Some(event) = expired else {
            return Ok(false);
        };
        let id = format!("expiry-{case}-{}", file.state.version + 1);
        self.record(&file, &event, &file.pack, id).await
    }
}
