//! Acting in a case: judged, numbered, rendered, stored, committed; in this order.

use std::sync::Arc;

use casework::{
    Command, Decided,
    decide::{PaperPlan, decide},
    effect::Effect,
    event::{CASE_ACTED, CaseActed, Issued},
    person::Person,
    record::{Draft, StreamKind, Via},
    refusal::RefusalKind,
    state::State,
    switch::{is_due, switch},
    views,
};
use jiff::civil::Date;
use law::pack::{Pack, switch_plan};
use store::{Append, CommandKey, CommitError, Committed};

use crate::{
    Office, Roster,
    cases::{CaseFile, Recorded},
    error::OfficeError,
    paper_data,
};

/// Times a command is decided anew after somebody else was quicker (DECISIONS 5).
const TRIES: usize = 3;

/// Expired limits that one run of the daily job looks at.
const EXPIRING_MAX: u32 = 500;

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

    /// Brings a case over to the version of its procedure that applies on that day (程序从新).
    async fn follow(&self, file: Arc<CaseFile>, day: Date) -> Result<Arc<CaseFile>, OfficeError> {
        let Ok(newer) = self.pack_on(day) else {
            // A day before every version: the step itself says what is wrong with it.
            return Ok(file);
        };
        if file.state.version == 0 || !is_due(&file.pack, &newer, day) {
            return Ok(file);
        }
        let plan = switch_plan(&file.pack, &newer).map_err(|faults| {
            let lines: Vec<String> = faults.iter().map(ToString::to_string).collect();
            OfficeError::Invalid(format!("本案不能换版：{}", lines.join("；")))
        })?;
        let Some(plan) = plan else {
            return Ok(file);
        };
        let (calendar, from) = (self.calendar(), newer.in_force_from);
        let event = switch(&file.state, &plan, &file.pack, &newer, from, &calendar);
        let id = format!("switch-{}-{}", file.id, file.state.version + 1);
        let now_us = self.now().0;
        self.record(&file, &event, &newer, now_us, id).await?;
        self.cache().forget(&file.id);
        self.load_case(&file.id).await
    }

    /// Writes an event that nobody's command made; false if somebody was quicker.
    async fn record(
        &self,
        file: &CaseFile,
        event: &CaseActed,
        pack: &Pack,
        now_us: i64,
        id: String,
    ) -> Result<bool, OfficeError> {
        let mut after = file.state.clone();
        after.apply_event(event);
        let draft = Draft {
            event_type: CASE_ACTED,
            body: event.encode()?,
            actor: None,
            card: None,
            on_behalf_of: None,
            via: self.door(Via::Job),
            pack: Some(pack_key(pack)),
            action: None,
            cause: None,
        };
        let digest = self.store().suite().hash(&[&draft.body]);
        let append = Append {
            stream: file.id.clone(),
            kind: StreamKind::Case,
            body_id: file.body_id.clone(),
            expected_version: file.state.version,
            prev_entry: file.entry(),
            now_us,
            events: vec![draft],
            rows: views::rows(&after, pack, &self.calendar(), now_us),
            command: CommandKey {
                id,
                actor: String::new(),
                digest,
            },
        };
        match self.store().commit(append).await {
            Ok(_) => Ok(true),
            // Somebody acted meanwhile; their event recorded what was due.
            Err(CommitError::Conflict { .. }) => Ok(false),
            Err(other) => Err(other.into()),
        }
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
        let year = command.occurred_on.year();
        let numbered = self.number(&file, &decided, command, year, via).await?;
        let result = self
            .seal(&file, &roster, numbered.clone(), &decided, command)
            .await;
        let event = match result {
            Ok(event) => event,
            Err(fault) => {
                self.void_all(&file, &decided, &numbered, command, year, via)
                    .await;
                return Err(fault);
            }
        };
        self.commit(&file, actor, &event, &decided, command, digest, via)
            .await
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

    /// Claims the numbers of the case and of the papers.
    async fn number(
        &self,
        file: &CaseFile,
        decided: &Decided,
        command: &Command,
        year: i16,
        via: Via,
    ) -> Result<Numbered, OfficeError> {
        let case = match &decided.number {
            Some(series) => Some(
                self.claim(&file.body_id, series, year, &claim_id(command, "case"), via)
                    .await?,
            ),
            None => None,
        };
        let mut papers = Vec::with_capacity(decided.papers.len());
        for plan in &decided.papers {
            papers.push(match &plan.series {
                Some(series) => Some(
                    self.claim(
                        &file.body_id,
                        series,
                        year,
                        &claim_id(command, &plan.template),
                        via,
                    )
                    .await?,
                ),
                None => None,
            });
        }
        Ok(Numbered { case, papers })
    }

    async fn void_all(
        &self,
        file: &CaseFile,
        decided: &Decided,
        numbered: &Numbered,
        command: &Command,
        year: i16,
        via: Via,
    ) {
        let reason = "文书未能生成，文号作废";
        for plan in &decided.papers {
            if let Some(series) = &plan.series {
                let claim = claim_id(command, &plan.template);
                self.void(&file.body_id, series, year, &claim, reason, via)
                    .await;
            }
        }
        if let (Some(series), Some(_)) = (&decided.number, &numbered.case) {
            self.void(
                &file.body_id,
                series,
                year,
                &claim_id(command, "case"),
                reason,
                via,
            )
            .await;
        }
    }

    /// Renders and stores the papers; the event names them last.
    async fn seal(
        &self,
        file: &CaseFile,
        roster: &Arc<Roster>,
        numbered: Numbered,
        decided: &Decided,
        command: &Command,
    ) -> Result<CaseActed, OfficeError> {
        let mut event = decided.event.clone();
        if let Some(number) = numbered.case {
            event.effects.push(Effect::Number { number });
        }
        let mut after = file.state.clone();
        after.apply_event(&event);
        for (plan, number) in decided.papers.iter().zip(numbered.papers) {
            let issued = self
                .issue(file, roster, &after, &event, plan, number, command)
                .await?;
            event.papers.push(issued);
        }
        Ok(event)
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "a paper is made of all of these, and nothing else wants them together"
    )]
    async fn issue(
        &self,
        file: &CaseFile,
        roster: &Arc<Roster>,
        after: &State,
        event: &CaseActed,
        plan: &PaperPlan,
        number: Option<String>,
        command: &Command,
    ) -> Result<Issued, OfficeError> {
        let key = format!("{}/{}", command.id, plan.template);
        let paper_id = self.digest_hex(key.as_bytes())[..16].to_uppercase();
        let maker = paper_data::Maker {
            pack: &file.pack,
            before: &file.state,
            earlier: &file.events,
            state: after,
            event,
            body: roster.bodies.get(&file.body_id),
            people: &roster.people,
            calendar: &self.calendar(),
            config: self.config(),
            simulated: self.simulated(),
        };
        let data = maker.data(plan, &paper_id, number.as_deref());
        let value =
            serde_json::to_value(&data).map_err(|e| OfficeError::Internal(e.to_string()))?;
        let (office, template, stream, now) = (
            self.clone(),
            plan.template.clone(),
            file.id.clone(),
            self.now().0,
        );
        let (digest, size, pages) = tokio::task::spawn_blocking(move || {
            let rendered = office.papers().render(&template, &value, now)?;
            let digest = office.store().objects().put(&stream, &rendered.pdf)?;
            Ok::<_, OfficeError>((digest, rendered.pdf.len(), rendered.pages))
        })
        .await
        .map_err(|e| OfficeError::Internal(e.to_string()))??;
        Ok(Issued {
            paper_id,
            template: plan.template.clone(),
            title: plan.title.clone(),
            number,
            party: plan.party.clone(),
            on: event.occurred_on,
            digest,
            size_bytes: size as u64,
            media_type: "application/pdf".to_owned(),
            order: plan.order,
            pages: u32::try_from(pages).unwrap_or(u32::MAX),
        })
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "the write takes what the decision was made of"
    )]
    async fn commit(
        &self,
        file: &CaseFile,
        actor: &Person,
        event: &CaseActed,
        decided: &Decided,
        command: &Command,
        digest: ledger::Hash,
        via: Via,
    ) -> Result<Done, OfficeError> {
        let (now_us, _) = self.now();
        let mut after = file.state.clone();
        after.apply_event(event);
        let card = actor
            .card_on(command.occurred_on)
            .map(|card| (card.number.clone(), actor.version));
        let draft = Draft {
            event_type: CASE_ACTED,
            body: event.encode()?,
            actor: Some(actor.id.clone()),
            card,
            on_behalf_of: decided.on_behalf_of.map(str::to_owned),
            via: self.door(via),
            pack: Some(pack_key(&file.pack)),
            action: Some(event.step.clone()),
            cause: None,
        };
        let append = Append {
            stream: file.id.clone(),
            kind: StreamKind::Case,
            body_id: file.body_id.clone(),
            expected_version: file.state.version,
            prev_entry: file.entry(),
            now_us,
            events: vec![draft],
            rows: views::rows(&after, &file.pack, &self.calendar(), now_us),
            command: CommandKey {
                id: command.id.clone(),
                actor: actor.id.clone(),
                digest,
            },
        };
        let committed = match self.store().commit(append).await {
            Err(CommitError::Conflict { current_version }) => {
                return Err(OfficeError::Conflict {
                    current_version,
                    changed: Vec::new(),
                });
            }
            other => other?,
        };
        if committed.last_version == after.version {
            self.remember(file, event, after, &committed).await?;
        }
        Ok(Done {
            version: committed.last_version,
            papers: event.papers.clone(),
            replayed: committed.replayed,
        })
    }

    /// Keeps the new state, so that the next command need not read it again.
    async fn remember(
        &self,
        file: &CaseFile,
        event: &CaseActed,
        after: State,
        committed: &Committed,
    ) -> Result<(), OfficeError> {
        // The header holds digests that only the store made, so the event is read back once.
        let stored = self
            .store()
            .load(
                &store::Scope::system(),
                &file.id,
                committed.first_version - 1,
            )
            .await?;
        let Some(last) = stored
            .into_iter()
            .find(|e| e.header.version == committed.last_version)
        else {
            return Ok(());
        };
        let mut kept = CaseFile::clone(file);
        kept.state = after;
        kept.events.push(Recorded {
            header: last.header,
            entry: last.entry,
            acted: event.clone(),
        });
        self.cache().put(Arc::new(kept));
        Ok(())
    }
}

#[derive(Debug, Clone)]
struct Numbered {
    case: Option<String>,
    papers: Vec<Option<String>>,
}

fn claim_id(command: &Command, what: &str) -> String {
    format!("{}/{what}", command.id)
}

fn pack_key(pack: &Pack) -> (String, String) {
    (pack.name.clone(), pack.digest.clone())
}

fn encode(command: &Command) -> Result<Vec<u8>, OfficeError> {
    Ok(casework::record::encode(command)?)
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
