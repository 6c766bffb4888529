//! Limits that run out where nobody acts.

use casework::record::Via;

use crate::{Office, error::OfficeError};

/// Expired limits that one run of the daily job looks at.
const EXPIRING_MAX: u32 = 500;

impl Office {
    /// Records limits that have run out in cases where nobody acted; gives how many cases.
    ///
    /// # Errors
    /// That the store cannot be read or written; what was recorded stays.
    pub async fn expire_due(&self) -> Result<usize, OfficeError> {
        let (now_us, today) = self.now();
        let due = self
            .store()
            .limits_due(&store::Scope::system(), today, None, EXPIRING_MAX)
            .await?;
        let mut cases: Vec<String> = due
            .into_iter()
            .filter(|d| d.limit.row.status == "running")
            .map(|d| d.limit.stream)
            .collect();
        cases.sort();
        cases.dedup();
        let (mut count, mut refused) = (0, None);
        for case in cases {
            match self.expire_case(&case, now_us).await {
                Ok(recorded) => count += usize::from(recorded),
                // A case whose pack the program does not agree with holds up no other case.
                Err(fault @ OfficeError::Refused(_)) => refused = Some(fault),
                Err(other) => return Err(other),
            }
        }
        refused.map_or(Ok(count), Err)
    }

    async fn expire_case(&self, case: &str, now_us: i64) -> Result<bool, OfficeError> {
        let file = self.load_case(case).await?;
        let file = self.follow(file, self.now().1).await?;
        let (roster, calendar) = (self.roster().await?, self.calendar());
        // Nobody acts; the context wants a person only for steps.
        let Some(nobody) = roster.people.values().next() else {
            return Ok(false);
        };
        let ctx = self.context(&file.pack, &calendar, nobody, &roster, Via::Job);
        let expired = casework::decide::expire(&file.state, &ctx).map_err(OfficeError::Refused)?;
        let Some(event) = expired else {
            return Ok(false);
        };
        let id = format!("expiry-{case}-{}", file.state.version + 1);
        self.record(&file, &event, &file.pack, now_us, id).await
    }
}
