//! Acting in a case: judged, numbered, rendered, stored, committed; in this order.

use std::sync::Arc;

use casework::{
    Command, decide::decide, event::Issued, person::Person, record::Via, refusal::RefusalKind,
    state::State,
};
use jiff::civil::Date;

use crate::{
    Office,
    cases::CaseFile,
    error::OfficeError,
    write::{Given, encode},
};

/// Times a command is decided anew after somebody else was quicker (DECISIONS 5).
const TRIES: usize = 3;

/// Answer to a command.
#[derive(Debug, Clone)]
pub struct Done {
    /// Version of the case now.
    pub version: u64,
    /// Papers that the command issued.
    pub papers: Vec<Issued>,
    /// Whether this is the answer to an earlier, same command.
    pub replayed: bool,
}

impl Office {
    /// Carries out a command on a case.
    ///
    /// # Errors
    /// A refusal with its articles, a conflict with what happened meanwhile, or that it could not be kept.
    pub async fn act(
        &self,
        actor: &Person,
        via: Via,
        case: &str,
        command: Command,
    ) -> Result<Done, OfficeError> {
        self.case(actor, case).await?;
        self.carry_out(actor, via, case, command).await
    }

    /// Opens a case with step A01; the id follows from the command's, so a retry opens no second one.
    ///
    /// # Errors
    /// As [`Office::act`].
    pub async fn open_case(
        &self,
        actor: &Person,
        via: Via,
        command: Command,
    ) -> Result<(String, Done), OfficeError> {
        let id = format!("case-{}", &self.digest_hex(command.id.as_bytes())[..20]);
        let done = self.carry_out(actor, via, &id, command).await?;
        Ok((id, done))
    }

    pub(crate) fn digest_hex(&self, bytes: &[u8]) -> String {
        hex::encode(self.store().suite().hash(&[bytes]).0)
    }

    async fn carry_out(
        &self,
        actor: &Person,
        via: Via,
        case: &str,
        command: Command,
    ) -> Result<Done, OfficeError> {
        let digest = self.store().suite().hash(&[&encode(&command)?]);
        if let Some(done) = self.answered(actor, case, &command, digest).await? {
            return Ok(done);
        }
        let mut last = None;
        for _ in 0..TRIES {
            match self.attempt(actor, via, case, &command, digest).await {
                Err(OfficeError::Conflict {
                    current_version, ..
                }) => {
                    self.cache().forget(case);
                    last = Some(current_version);
                }
                answer => return answer,
            }
        }
        let current_version = last.unwrap_or_default();
        let changed = self.changed_since(case, command.seen_version).await;
        Err(OfficeError::Conflict {
            current_version,
            changed,
        })
    }

    /// The first answer to a command that was carried out before.
    async fn answered(
        &self,
        actor: &Person,
        case: &str,
        command: &Command,
        digest: ledger::Hash,
    ) -> Result<Option<Done>, OfficeError> {
        let Some(record) = self.store().find_command(&command.id).await? else {
            return Ok(None);
        };
        if record.actor != actor.id || record.digest != digest || record.stream != case {
            return Err(OfficeError::Invalid(format!(
                "操作编号“{}”已用于另一操作，本次未保存；请刷新页面后重新提交",
                command.id
            )));
        }
        let file = self.load_case(case).await?;
        let papers = papers_between(&file.state, record.first_version, record.last_version);
        Ok(Some(Done {
            version: file.state.version,
            papers,
            replayed: true,
        }))
    }

    async fn attempt(
        &self,
        actor: &Person,
        via: Via,
        case: &str,
        command: &Command,
        digest: ledger::Hash,
    ) -> Result<Done, OfficeError> {
        // A day that has not come brings no new version; the step is refused for it.
        let day = command.occurred_on.min(self.now().1);
        let file = match self.load_case(case).await {
            Ok(file) => self.follow(file, day).await?,
            Err(OfficeError::NotFound) if command.step == "A01" => {
                self.new_file(case, actor, day)?
            }
            Err(other) => return Err(other),
        };
        let (roster, calendar) = (self.roster().await?, self.calendar());
        let ctx = self.context(&file.pack, &calendar, actor, &roster, via);
        let decided = decide(&file.state, command, &ctx)
            .map_err(|refusal| self.explain(&file, refusal, command))?;
        let given = Given {
            file: &file,
            actor,
            command,
            digest,
            via,
        };
        let numbered = self.number(&given, &decided).await?;
        let result = self.seal(&given, &roster, numbered.clone(), &decided).await;
        let event = match result {
            Ok(event) => event,
            Err(fault) => {
                self.void_all(&given, &decided, &numbered).await;
                return Err(fault);
            }
        };
        self.commit(&given, &event, &decided).await
    }

    fn new_file(
        &self,
        case: &str,
        actor: &Person,
        day: Date,
    ) -> Result<Arc<CaseFile>, OfficeError> {
        Ok(Arc::new(CaseFile {
            id: case.to_owned(),
            body_id: actor.body_id.clone(),
            state: State::default(),
            events: Vec::new(),
            pack: self.pack_on(day)?,
        }))
    }

    /// A stale command is told what happened meanwhile.
    fn explain(
        &self,
        file: &CaseFile,
        refusal: casework::Refusal,
        command: &Command,
    ) -> OfficeError {
        if refusal.kind == RefusalKind::Stale && command.seen_version < file.state.version {
            return OfficeError::Conflict {
                current_version: file.state.version,
                changed: titles_since(file, command.seen_version),
            };
        }
        OfficeError::Refused(refusal)
    }

    async fn changed_since(&self, case: &str, version: u64) -> Vec<String> {
        self.load_case(case)
            .await
            .map(|file| titles_since(&file, version))
            .unwrap_or_default()
    }
}

fn papers_between(state: &State, first: u64, last: u64) -> Vec<Issued> {
    let within = state
        .papers
        .iter()
        .filter(|(version, _)| (first..=last).contains(version));
    within.map(|(_, paper)| paper.clone()).collect()
}

fn titles_since(file: &CaseFile, version: u64) -> Vec<String> {
    let later = file.events.iter().filter(|e| e.header.version > version);
    later
        .map(|e| format!("{}（{}）", e.acted.title, e.acted.occurred_on))
        .collect()
}
