//! Acting in a case: judged, numbered, rendered, stored, committed; in this order.

use std::sync::Arc;

use casework::{
    Command, Reason, Refusal, decide::decide, event::Issued, field::FieldValue, person::Person,
    record::Via, refusal::RefusalKind, state::State,
};
use jiff::civil::Date;

use crate::{
    Office,
    cases::CaseFile,
    error::OfficeError,
    numbers::Claim,
    write::{Given, encode, stored_id},
};

/// Times a command is decided anew after somebody else was quicker (DECISIONS 5).
pub(crate) const TRIES: usize = 3;

/// Length of a command's id; what the program makes of it stays within what the store takes.
const ID_BYTES_MAX: usize = 120;

/// Answer to a command.
#[derive(Debug, Clone)]
pub struct Done {
    /// Version of the case that the command made, also where it is asked about later.
    pub version: u64,
    /// Papers that the command issued.
    pub papers: Vec<Issued>,
    /// Whether this is the answer to an earlier, same command.
    pub replayed: bool,
}

/// A command, and who asks for it through which door on which case.
#[derive(Clone, Copy)]
struct Asked<'a> {
    actor: &'a Person,
    via: Via,
    case: &'a str,
    command: &'a Command,
    digest: ledger::Hash,
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
        if command.id.is_empty() || command.id.len() > ID_BYTES_MAX {
            return Err(OfficeError::Invalid(format!(
                "操作编号应为 1 至 {ID_BYTES_MAX} 个字节，本次未保存；请刷新页面后重新提交"
            )));
        }
        let digest = self.store().suite().hash(&[&encode(&command)?]);
        if let Some(done) = self.answered(actor, case, &command, digest).await? {
            return Ok(done);
        }
        self.require_clock()?;
        self.require_uploads(case, &command).await?;
        let mut claims = Vec::new();
        let asked = Asked {
            actor,
            via,
            case,
            command: &command,
            digest,
        };
        let mut outcome = self.decide_anew(&asked, &mut claims).await;
        if outcome.is_err() {
            // The same command may have come twice at once, and the other one through.
            if let Ok(Some(done)) = self.answered(actor, case, &command, digest).await {
                outcome = Ok(done);
            }
        }
        self.void_unused(&command, &claims).await;
        outcome
    }

    /// Decides and commits, again on what others wrote meanwhile; `claims` holds every number claimed for it.
    async fn decide_anew(
        &self,
        asked: &Asked<'_>,
        claims: &mut Vec<Claim>,
    ) -> Result<Done, OfficeError> {
        let mut last = None;
        for _ in 0..TRIES {
            match self.attempt(asked, claims).await {
                Err(OfficeError::Conflict {
                    current_version, ..
                }) => {
                    self.cache().forget(asked.case);
                    last = Some(current_version);
                }
                answer => return answer,
            }
        }
        let current_version = last.unwrap_or_default();
        let seen = asked.command.seen_version;
        Err(OfficeError::Conflict {
            current_version,
            changed: self.changed_since(asked.case, seen).await,
        })
    }

    /// Whether that person's command with that id was carried out; of others' commands nothing is told.
    ///
    /// # Errors
    /// The store.
    pub async fn is_taken(&self, actor: &Person, command: &str) -> Result<bool, OfficeError> {
        let found = self.store().find_command(&stored_id(command)).await?;
        Ok(found.is_some_and(|record| record.actor == actor.id))
    }

    /// The first answer to a command that was carried out before.
    async fn answered(
        &self,
        actor: &Person,
        case: &str,
        command: &Command,
        digest: ledger::Hash,
    ) -> Result<Option<Done>, OfficeError> {
        let Some(record) = self.store().find_command(&stored_id(&command.id)).await? else {
            return Ok(None);
        };
        if record.actor != actor.id || record.digest != digest || record.stream != case {
            return Err(OfficeError::Reused(format!(
                "操作编号“{}”已用于另一操作，本次未保存；请刷新页面后重新提交",
                command.id
            )));
        }
        self.answer_of(case, record.first_version, record.last_version)
            .await
            .map(Some)
    }

    /// The answer to a command whose events are in the case.
    pub(crate) async fn answer_of(
        &self,
        case: &str,
        first: u64,
        last: u64,
    ) -> Result<Done, OfficeError> {
        let file = self.load_case(case).await?;
        Ok(Done {
            version: last,
            papers: papers_between(&file.state, first, last),
            replayed: true,
        })
    }

    async fn attempt(
        &self,
        asked: &Asked<'_>,
        claims: &mut Vec<Claim>,
    ) -> Result<Done, OfficeError> {
        let Asked {
            actor,
            via,
            case,
            command,
            digest,
        } = *asked;
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
        let ctx = self.context(&file, &calendar, actor, &roster, via);
        let decided = decide(&file.state, command, &ctx)
            .map_err(|refusal| self.explain(&file, refusal, command))?;
        let given = Given {
            file: &file,
            actor,
            command,
            digest,
            via,
        };
        let numbered = self.number(&given, &decided, claims).await?;
        let event = self.seal(&given, &roster, numbered, &decided).await?;
        self.commit(&given, &event, &decided).await
    }

    /// Refuses files that were not uploaded to this case: an event names only what can be shown.
    async fn require_uploads(&self, case: &str, command: &Command) -> Result<(), OfficeError> {
        let mut reasons = Vec::new();
        for (field, value) in &command.fields {
            let FieldValue::Upload(file) = value else {
                continue;
            };
            let (store, stream, digest) =
                (self.store().clone(), case.to_owned(), file.digest.clone());
            let look = move || store.objects().size_to_name(&stream, &digest);
            let size = tokio::task::spawn_blocking(look)
                .await
                .map_err(|fault| OfficeError::Internal(fault.to_string()))??;
            let why = if size != Some(file.size_bytes) {
                "不在本案已上传的文件中，或者大小与上传的不符"
            } else if !file.is_well_named() {
                "的文件名或者类型写法不对"
            } else {
                continue;
            };
            let reason = Reason::new(format!("附件“{}”{why}", file.name))
                .next("请在本案办理页面上传该文件，再提交")
                .field(field.clone());
            reasons.push(reason);
        }
        if reasons.is_empty() {
            return Ok(());
        }
        Err(OfficeError::Refused(Refusal {
            kind: RefusalKind::BadInput,
            step: command.step.clone(),
            reasons,
        }))
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
    fn explain(&self, file: &CaseFile, refusal: Refusal, command: &Command) -> OfficeError {
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
