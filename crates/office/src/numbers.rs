//! Numbers of papers and cases: claimed in their own stream before the paper is made (DECISIONS 8).

use std::collections::BTreeSet;

use casework::{
    Command, Decided,
    effect::Effect,
    record::{StreamKind, Via},
    rows::StreamRows,
    series::{NumberForm, Series, series_word},
};
use ledger::Hash;
use store::{CommitError, Scope};

use crate::{
    Office,
    error::OfficeError,
    write::{Given, Place, stored_id},
};

/// Tries before a crowded series is given up.
const TRIES: usize = 200;

/// Series that `doctor` reads at a time.
const PAGE: u32 = 200;

/// A number that a command claimed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// The series.
    pub stream: String,
    /// The body that it is of.
    pub body_id: String,
    /// Claim id: the command and the paper it is for.
    pub id: String,
    /// As printed.
    pub number: String,
}

/// The numbers of a decided command, paper by paper.
#[derive(Debug, Clone)]
pub(crate) struct Numbered {
    pub case: Option<String>,
    pub papers: Vec<Option<String>>,
}

fn claim_id(command: &Command, what: &str) -> String {
    format!("{}/{what}", command.id)
}

impl Office {
    /// Claims the numbers of the case and of the papers, and adds them to what the command has claimed so far.
    pub(crate) async fn number(
        &self,
        given: &Given<'_>,
        decided: &Decided,
        claims: &mut Vec<Claim>,
    ) -> Result<Numbered, OfficeError> {
        let case = match &decided.number {
            Some(series) => Some(self.claim(given, series, "case", claims).await?),
            None => None,
        };
        let mut papers = Vec::with_capacity(decided.papers.len());
        for plan in &decided.papers {
            papers.push(match &plan.series {
                Some(series) => Some(self.claim(given, series, &plan.template, claims).await?),
                None => None,
            });
        }
        Ok(Numbered { case, papers })
    }

    /// Claims the next number of a series; the same claim gets the same number until it is voided.
    async fn claim(
        &self,
        given: &Given<'_>,
        series: &str,
        what: &str,
        claims: &mut Vec<Claim>,
    ) -> Result<String, OfficeError> {
        let (body_id, year) = (&given.file.body_id, given.command.occurred_on.year());
        let roster = self.roster().await?;
        let form = NumberForm {
            mark: roster.bodies.get(body_id).map_or("", |b| b.mark.as_str()),
            kind: series_word(series),
            year,
        };
        let mut claim = Claim {
            stream: format!("series-{body_id}-{series}-{year}"),
            body_id: body_id.clone(),
            id: claim_id(given.command, what),
            number: String::new(),
        };
        for _ in 0..TRIES {
            let (state, entry) = self.series(&claim.stream).await?;
            let number = match state.claimed(&claim.id) {
                Some(number) => number.to_owned(),
                None => {
                    let (claimed, draft) = state.claim(&form, &claim.id, self.door(given.via))?;
                    let place = in_series(&claim.stream, body_id, &state, entry);
                    let id = format!("number-{}@{}", claim.id, state.version);
                    let append = place.append(self, id, draft, StreamRows::default());
                    match self.store().commit(append).await {
                        Ok(_) => claimed.number,
                        Err(CommitError::Conflict { .. }) => continue,
                        Err(other) => return Err(other.into()),
                    }
                }
            };
            claim.number.clone_from(&number);
            if !claims.contains(&claim) {
                claims.push(claim);
            }
            return Ok(number);
        }
        Err(OfficeError::Unavailable(
            "文号领取繁忙，请稍后重试".to_owned(),
        ))
    }

    async fn series(&self, stream: &str) -> Result<(Series, Option<Hash>), OfficeError> {
        let events = self.store().load(&Scope::system(), stream, 0).await?;
        let mut state = Series::default();
        for event in &events {
            let body = event.body.as_deref().unwrap_or_default();
            state.apply(&event.header.event_type, body)?;
        }
        Ok((state, events.last().map(|e| e.entry)))
    }

    /// Voids what a command claimed and its event does not bear; all of it where there is no event.
    pub(crate) async fn void_unused(&self, command: &Command, claims: &[Claim]) {
        if claims.is_empty() {
            return;
        }
        // While it is not known whether the command was saved, its numbers stay: the retry gets them again.
        let Ok(borne) = self.borne_by(command).await else {
            return;
        };
        for claim in claims.iter().filter(|c| !borne.contains(&c.number)) {
            if let Err(fault) = self.void(claim).await {
                // The claim stays in its series without an event, where `doctor` finds it.
                tracing::warn!(%fault, series = claim.stream, "an unused number could not be voided");
            }
        }
    }

    /// The numbers in the event of a command; none where it was not carried out.
    async fn borne_by(&self, command: &Command) -> Result<BTreeSet<String>, OfficeError> {
        let Some(record) = self.store().find_command(&stored_id(&command.id)).await? else {
            return Ok(BTreeSet::new());
        };
        let file = self.load_case(&record.stream).await?;
        let range = record.first_version..=record.last_version;
        let events = file
            .events
            .iter()
            .filter(|e| range.contains(&e.header.version));
        Ok(events
            .flat_map(|event| {
                let papers = event.acted.papers.iter().filter_map(|p| p.number.clone());
                let case = event
                    .acted
                    .effects
                    .iter()
                    .filter_map(|effect| match effect {
                        Effect::Number { number } => Some(number.clone()),
                        _ => None,
                    });
                papers.chain(case)
            })
            .collect())
    }

    async fn void(&self, claim: &Claim) -> Result<(), OfficeError> {
        for _ in 0..TRIES {
            let (state, entry) = self.series(&claim.stream).await?;
            if state.claimed(&claim.id) != Some(&claim.number) {
                return Ok(());
            }
            let draft = Series::void(&claim.id, "领取后没有使用，文号作废", self.door(Via::Job))?;
            let place = in_series(&claim.stream, &claim.body_id, &state, entry);
            let id = format!("void-{}@{}", claim.id, state.version);
            let append = place.append(self, id, draft, StreamRows::default());
            match self.store().commit(append).await {
                Ok(_) => return Ok(()),
                Err(CommitError::Conflict { .. }) => {}
                Err(other) => return Err(other.into()),
            }
        }
        Ok(())
    }

    /// Claims that are neither voided nor in any paper or case, by series; what a cut-off write leaves behind.
    ///
    /// # Errors
    /// That the store cannot be read, or a series holds what the program does not know.
    pub async fn unused_claims(&self) -> Result<Vec<Claim>, OfficeError> {
        let (scope, mut unused) = (Scope::system(), Vec::new());
        let mut after = String::new();
        // Claims are read first: what is claimed and used while this runs is among the numbers then.
        loop {
            let kind = Some(StreamKind::Series);
            let heads = self.store().heads(&scope, kind, &after, PAGE).await?;
            let Some(last) = heads.last() else { break };
            after.clone_from(&last.stream);
            for head in &heads {
                let (series, _) = self.series(&head.stream).await?;
                unused.extend(series.claims().map(|(id, number)| Claim {
                    stream: head.stream.clone(),
                    body_id: head.body_id.clone(),
                    id: id.to_owned(),
                    number: number.to_owned(),
                }));
            }
        }
        let used = self.store().numbers(&scope).await?;
        unused.retain(|claim| !used.contains(&claim.number));
        Ok(unused)
    }
}

fn in_series<'a>(
    stream: &'a str,
    body_id: &'a str,
    state: &Series,
    entry: Option<Hash>,
) -> Place<'a> {
    Place {
        stream,
        kind: StreamKind::Series,
        body_id,
        version: state.version,
        entry,
    }
}
