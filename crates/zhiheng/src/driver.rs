//! Takes a case through the procedure by the demo people, step by step through the office like anyone else.

mod crew;
mod fields;
mod parts;

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use casework::{
    Act, Command, Refusal, field::Fields, person::Person, proposal::Disposition, record::Via,
    state::State,
};
use jiff::civil::Date;
use office::{CaseFile, Office, OfficeError};

pub use crew::Crew;
pub use fields::{fields, text};

/// Why a case did not go on: the step and the refusal.
#[derive(Debug, thiserror::Error)]
pub enum Stop {
    /// The procedure refused a step.
    #[error("{step}: {refusal}")]
    Refused {
        /// Step.
        step: String,
        /// Refusal.
        refusal: Refusal,
    },
    /// Something else.
    #[error(transparent)]
    Office(#[from] OfficeError),
    /// The driver has nobody for a part.
    #[error("演示人员中没有人可以担任“{0}”")]
    Nobody(String),
}

/// One case being driven.
pub struct Drive {
    office: Office,
    crew: Arc<Crew>,
    case: String,
    prefix: String,
    count: AtomicU64,
}

impl Drive {
    /// Opens a case; `prefix` makes the ids of its commands, so that a second run finds the first's answers.
    pub async fn open(
        office: Office,
        crew: Arc<Crew>,
        prefix: &str,
        lead: Fields,
    ) -> Result<Self, Stop> {
        let mut drive = Self {
            office,
            crew,
            case: String::new(),
            prefix: prefix.to_owned(),
            count: AtomicU64::new(0),
        };
        let command = drive.command("A01", None, Act::Take, lead, &[], 0);
        let actor = drive.crew.handlers[0].clone();
        let (case, _) = drive
            .office
            .open_case(&actor, Via::Import, command)
            .await
            .map_err(|e| stop("A01", e))?;
        drive.case = case;
        Ok(drive)
    }

    /// The case as it stands.
    pub async fn file(&self) -> Result<Arc<CaseFile>, Stop> {
        // A leader reads every case of the body.
        let reader = self
            .crew
            .leaders
            .first()
            .ok_or_else(|| Stop::Nobody("机关负责人".to_owned()))?;
        Ok(self.office.case(reader, &self.case).await?)
    }

    /// The case's state.
    pub async fn state(&self) -> Result<State, Stop> {
        Ok(self.file().await?.state.clone())
    }

    fn today(&self) -> Date {
        self.office.now().1
    }

    fn command(
        &self,
        step: &str,
        party: Option<&str>,
        act: Act,
        fields: Fields,
        with: &[&Person],
        seen: u64,
    ) -> Command {
        let n = self.count.fetch_add(1, Ordering::SeqCst);
        Command {
            id: format!("{}-{n}", self.prefix),
            step: step.to_owned(),
            party: party.map(str::to_owned),
            act,
            occurred_on: self.today(),
            late_reason: None,
            with: with.iter().map(|p| p.id.clone()).collect(),
            card_shown: true,
            fields,
            seen_version: seen,
        }
    }

    async fn send(&self, actor: &Person, command: Command) -> Result<(), Stop> {
        let step = command.step.clone();
        self.office
            .act(actor, Via::Import, &self.case, command)
            .await
            .map_err(|e| stop(&step, e))?;
        Ok(())
    }

    /// Takes a step with all its approvals, by the crew.
    pub async fn take(&self, step: &str, party: Option<&str>, fields: Fields) -> Result<(), Stop> {
        let file = self.file().await?;
        let declared = file.pack.steps.iter().find(|s| s.id == step);
        let Some(declared) = declared else {
            return Err(Stop::Nobody(step.to_owned()));
        };
        let first = declared.by.first().map_or("officer", |c| c.role.as_str());
        let actor = self
            .crew
            .role(first)
            .ok_or_else(|| Stop::Nobody(first.to_owned()))?;
        let mut with: Vec<&Person> = Vec::new();
        if declared.by.first().is_some_and(|c| c.min > 1) {
            match first {
                "leader" => with.extend(self.crew.leaders.iter().skip(1)),
                _ => with.push(&self.crew.handlers[1]),
            }
        }
        for crew in declared.by.iter().skip(1) {
            with.extend(self.crew.role(&crew.role));
        }
        let command = self.command(step, party, Act::Take, fields, &with, file.state.version);
        let request = command.id.clone();
        self.send(actor, command).await?;
        for crew in &declared.chain {
            let approver = match crew.role.as_str() {
                "handler" => Some(&self.crew.handlers[1]),
                role => self.crew.role(role),
            };
            let approver = approver.ok_or_else(|| Stop::Nobody(crew.role.clone()))?;
            let act = Act::Approve {
                request: request.clone(),
                opinion: "同意。".to_owned(),
            };
            let seen = self.file().await?.state.version;
            let command = self.command(step, party, act, Fields::new(), &[], seen);
            self.send(approver, command).await?;
        }
        Ok(())
    }

    async fn case_fact(&self, fact: &str) -> Result<String, Stop> {
        Ok(self
            .state()
            .await?
            .facts
            .get(fact)
            .cloned()
            .unwrap_or_default())
    }

    async fn fact(&self, party: &str, fact: &str) -> Result<String, Stop> {
        let state = self.state().await?;
        Ok(state
            .party(party)
            .and_then(|p| p.facts.get(fact))
            .cloned()
            .unwrap_or_default())
    }
}

/// What a case is about.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Summary at filing.
    pub summary: String,
    /// Investigation report.
    pub report: String,
    /// Last day of the violation.
    pub violation_ended_on: Date,
    /// Proposal, party by party.
    pub dispositions: Vec<Disposition>,
    /// Whether the section finds it grave, so that the leaders discuss it.
    pub grave: bool,
    /// Day of a hearing, if the party asks for one where it may.
    pub hearing_on: Option<Date>,
}

fn parties(state: &State) -> Vec<String> {
    state.parties.iter().map(|p| p.party.id.clone()).collect()
}

fn stop(step: &str, error: OfficeError) -> Stop {
    match error {
        OfficeError::Refused(refusal) => Stop::Refused {
            step: step.to_owned(),
            refusal,
        },
        other => Stop::Office(other),
    }
}
