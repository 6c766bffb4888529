//! Publication: a job that follows the log, makes the public copy and hands it on (DECISIONS 3, 4, 11).
//!
//! The event of a case only says that a decision is to be shown and with which words. This job then makes
//! the public copy from masked data alone, records a publication event that names the copy's digest and the
//! decision's entry, and, once that event is in the log, gives copy and proof to whoever keeps the portal.
//! Every part can be repeated after a crash: the stream's id and the command's id follow from the decision.

use casework::{
    effect::{Effect, PublishedItem},
    event::CaseActed,
    person::Body,
    record::{Draft, StreamKind, Via, encode},
    rows::StreamRows,
    state::PartyState,
};
use jiff::civil::Date;
use papers::contract as c;
use serde::{Deserialize, Serialize};
use store::{Append, CommandKey, CommitError, Scope, Stored};

use crate::{
    CaseFile, Office,
    error::OfficeError,
    paper_data::{date_text, penalty_text, proposal_data},
};

/// Stored type of a publication.
const PUBLISHED: &str = "publication.published@1";
/// Stored type of a withdrawal.
const WITHDRAWN: &str = "publication.withdrawn@1";
/// Name under which the job keeps its place in the log.
pub const PUBLICATION_FOLLOWER: &str = "publication";
/// Events looked at in one go.
const PAGE: u32 = 500;

/// The public copy of a decision, as its publication event keeps it; holds nothing but what is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublicCopy {
    /// Digest of the public document.
    pub public_digest: String,
    /// Entry of the decision's event in the log.
    pub decision_entry: String,
    /// Identifier in addresses.
    pub id: String,
    /// The organ.
    pub body_name: String,
    /// Number of the decision.
    pub decision_number: String,
    /// The party, masked where it is a natural person.
    pub party_name: String,
    /// What the party is, in Chinese.
    pub party_kind: String,
    /// Cause.
    pub cause: String,
    /// Facts as published.
    pub facts: String,
    /// Articles.
    pub basis: String,
    /// What was decided.
    pub outcome: String,
    /// Day of the decision.
    pub decided_on: Date,
    /// Day of publication.
    pub published_on: Date,
    /// Last day of publication.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Date>,
}

/// A withdrawal, as its event keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Withdrawal {
    reason: String,
    on: Date,
}

/// What the portal has to learn.
#[derive(Debug, Clone)]
pub enum PublicChange {
    /// A decision is public, with its document and its proof.
    Published {
        /// What is shown.
        copy: Box<PublicCopy>,
        /// The public document.
        document: Vec<u8>,
        /// The proof, a bundle as JSON.
        bundle: Vec<u8>,
    },
    /// A decision is withdrawn.
    Withdrawn {
        /// Identifier in addresses.
        id: String,
        /// Day.
        on: Date,
        /// Reason, as told to the public.
        reason: String,
    },
}

/// Identifier of a party's decision in public addresses; says nothing of the case.
fn public_id(office: &Office, case: &str, party: &str, round: u64) -> String {
    office.digest_hex(format!("zhiheng.public.v1\n{case}\n{party}\n{round}").as_bytes())[..20]
        .to_owned()
}

/// The address of a published decision below the portal's root.
pub fn public_path(id: &str) -> String {
    format!("/public/decisions/{id}")
}

impl Office {
    /// The public address that a party's decision has once it is published.
    pub fn public_address(&self, file: &CaseFile, party: &str) -> Option<String> {
        let round = decided_version(file, party)?;
        Some(public_path(&public_id(self, &file.id, party, round)))
    }

    /// Follows the log from where the job stopped; gives what the portal has to learn, and the place reached.
    ///
    /// The place is kept by [`Office::followed`] once the portal has it.
    pub async fn follow_publications(&self) -> Result<(Vec<PublicChange>, u64), OfficeError> {
        let from = self.store().cursor(PUBLICATION_FOLLOWER).await?;
        let page = self.store().log_after(from, PAGE).await?;
        let mut changes = Vec::new();
        let mut reached = from;
        for logged in page {
            match logged.event.header.stream_kind {
                StreamKind::Case => self.publish_what(&logged.event).await?,
                StreamKind::Publication => changes.extend(self.public_change(&logged.event).await?),
                _ => {}
            }
            reached = logged.idx + 1;
        }
        Ok((changes, reached))
    }

    /// Keeps the place up to which the portal has everything.
    pub async fn followed(&self, reached: u64) -> Result<(), OfficeError> {
        Ok(self
            .store()
            .set_cursor(PUBLICATION_FOLLOWER, reached)
            .await?)
    }

    async fn publish_what(&self, event: &Stored) -> Result<(), OfficeError> {
        let Some(body) = event.body.as_deref() else {
            return Ok(());
        };
        let acted = CaseActed::decode(&event.header.event_type, body)?;
        for effect in &acted.effects {
            match effect {
                Effect::Published { party, item } => {
                    self.publish(event, &acted, party, item).await?
                }
                Effect::Withdrawn { party, reason } => {
                    self.withdraw(event, &acted, party, reason).await?
                }
                _ => {}
            }
        }
        Ok(())
    }

    async fn publish(
        &self,
        event: &Stored,
        acted: &CaseActed,
        party: &str,
        item: &PublishedItem,
    ) -> Result<(), OfficeError> {
        let file = self.load_case(&event.header.stream).await?;
        let roster = self.roster().await?;
        let Some(round) = decided_version_before(&file, party, event.header.version) else {
            return Ok(());
        };
        let Some(decision) = file.events.iter().find(|e| e.header.version == round) else {
            return Ok(());
        };
        let Some(track) = file.state.party(party).filter(|t| t.decided.is_some()) else {
            return Ok(());
        };
        let id = public_id(self, &file.id, party, round);
        let body = roster
            .bodies
            .get(&file.body_id)
            .cloned()
            .unwrap_or_default();
        let mut copy = copy_of(&file, track, item, &body, &id, acted.occurred_on);
        copy.decision_entry = hex::encode(decision.entry.0);
        let stream = format!("publication-{id}");
        let document = self
            .public_document(&file, track, &copy, &body, event.header.recorded_at)
            .await?;
        copy.public_digest = self.digest_hex(&document);
        self.store().objects().put(&stream, &document)?;
        self.append_publication(&stream, &file.body_id, PUBLISHED, encode(&copy)?, event)
            .await
    }

    async fn withdraw(
        &self,
        event: &Stored,
        acted: &CaseActed,
        party: &str,
        reason: &str,
    ) -> Result<(), OfficeError> {
        let file = self.load_case(&event.header.stream).await?;
        let Some(round) = decided_version_before(&file, party, event.header.version) else {
            return Ok(());
        };
        let stream = format!("publication-{}", public_id(self, &file.id, party, round));
        let withdrawal = Withdrawal {
            reason: reason.to_owned(),
            on: acted.occurred_on,
        };
        self.append_publication(
            &stream,
            &file.body_id,
            WITHDRAWN,
            encode(&withdrawal)?,
            event,
        )
        .await
    }

    async fn append_publication(
        &self,
        stream: &str,
        body_id: &str,
        event_type: &'static str,
        body: Vec<u8>,
        cause: &Stored,
    ) -> Result<(), OfficeError> {
        let head = self.store().head(&Scope::system(), stream).await?;
        let draft = Draft {
            event_type,
            body,
            actor: None,
            card: None,
            on_behalf_of: None,
            via: self.door(Via::Job),
            pack: None,
            action: None,
            cause: Some(hex::encode(cause.entry.0)),
        };
        // One publication a cause: a job that starts again finds the first answer.
        let id = format!("{stream}-{}", hex::encode(&cause.entry.0[..8]));
        if self.store().find_command(&id).await?.is_some() {
            return Ok(());
        }
        let digest = self.store().suite().hash(&[&draft.body]);
        let append = Append {
            stream: stream.to_owned(),
            kind: StreamKind::Publication,
            body_id: body_id.to_owned(),
            expected_version: head.as_ref().map_or(0, |h| h.version),
            prev_entry: head.map(|h| h.entry),
            now_us: self.now().0,
            events: vec![draft],
            rows: StreamRows::default(),
            command: CommandKey {
                id,
                actor: String::new(),
                digest,
            },
        };
        match self.store().commit(append).await {
            Ok(_) | Err(CommitError::Conflict { .. } | CommitError::CommandReused { .. }) => Ok(()),
            Err(other) => Err(other.into()),
        }
    }

    /// The public document: the decision's words with masked data.
    async fn public_document(
        &self,
        file: &CaseFile,
        track: &PartyState,
        copy: &PublicCopy,
        body: &Body,
        stamp_us: i64,
    ) -> Result<Vec<u8>, OfficeError> {
        let mut proposal = track
            .decided
            .as_ref()
            .map(proposal_data)
            .unwrap_or_default();
        proposal.facts.clone_from(&copy.facts);
        proposal.discretion.clear();
        let mut data = c::PaperData {
            paper: c::Paper {
                id: copy.id.clone(),
                title: "行政处罚决定书".to_owned(),
                number: copy.decision_number.clone(),
                on: date_text(copy.decided_on),
                pages: String::new(),
            },
            bureau: crate::paper_data::bureau(Some(body)),
            case: c::Case {
                cause: copy.cause.clone(),
                ..c::Case::default()
            },
            party: masked_party(track),
            proposal,
            verify: c::Verify {
                paper_id: copy.id.clone(),
                url: public_path(&copy.id),
            },
            ..c::PaperData::default()
        };
        data.limits =
            crate::paper_data::limits(&file.pack, self.config(), copy.decided_on, String::new());
        for (place, text) in crate::paper_fields::told(&file.state, track) {
            data.field.insert(place.to_owned(), text);
        }
        data.field
            .insert("decision_on".to_owned(), date_text(copy.decided_on));
        if self.simulated() {
            data.origin_note = "演示或者模拟时钟生成，非正式文书".to_owned();
        }
        let value =
            serde_json::to_value(&data).map_err(|e| OfficeError::Internal(e.to_string()))?;
        let office = self.clone();
        tokio::task::spawn_blocking(move || {
            Ok(office
                .papers()
                .render("public_decision", &value, stamp_us)?
                .pdf)
        })
        .await
        .map_err(|e| OfficeError::Internal(e.to_string()))?
    }

    async fn public_change(&self, event: &Stored) -> Result<Option<PublicChange>, OfficeError> {
        let Some(body) = event.body.as_deref() else {
            return Ok(None);
        };
        let malformed = |e: serde_json::Error| OfficeError::Internal(e.to_string());
        let stream = &event.header.stream;
        if event.header.event_type == WITHDRAWN {
            let withdrawal: Withdrawal = serde_json::from_slice(body).map_err(malformed)?;
            let id = stream.trim_start_matches("publication-").to_owned();
            return Ok(Some(PublicChange::Withdrawn {
                id,
                on: withdrawal.on,
                reason: withdrawal.reason,
            }));
        }
        let copy: PublicCopy = serde_json::from_slice(body).map_err(malformed)?;
        let document = self.store().objects().get(stream, &copy.public_digest)?;
        let bundle = self.store().bundle(stream, event.header.version).await?;
        let bundle = serde_json::to_vec_pretty(&bundle).map_err(malformed)?;
        Ok(Some(PublicChange::Published {
            copy: Box::new(copy),
            document,
            bundle,
        }))
    }
}

fn decided_version(file: &CaseFile, party: &str) -> Option<u64> {
    decided_version_before(file, party, u64::MAX)
}

/// Version of the last event up to `version` that decided for the party.
fn decided_version_before(file: &CaseFile, party: &str, version: u64) -> Option<u64> {
    let decides = |e: &&crate::Recorded| {
        e.header.version <= version
            && e.acted
                .effects
                .iter()
                .any(|x| matches!(x, Effect::Decided { party: p } if p == party))
    };
    file.events
        .iter()
        .rev()
        .find(decides)
        .map(|e| e.header.version)
}

fn copy_of(
    file: &CaseFile,
    track: &PartyState,
    item: &PublishedItem,
    body: &Body,
    id: &str,
    published_on: Date,
) -> PublicCopy {
    let decided = track.decided.as_ref();
    let kind = casework::party::PartyKind::ALL
        .iter()
        .find(|(kind, ..)| *kind == track.party.kind);
    PublicCopy {
        public_digest: String::new(),
        decision_entry: String::new(),
        id: id.to_owned(),
        body_name: body.name.clone(),
        decision_number: track.decision_number.clone().unwrap_or_default(),
        party_name: track.party.public_name(),
        party_kind: kind.map_or("", |(.., title)| *title).to_owned(),
        cause: file.state.cause.clone(),
        facts: item.facts.clone(),
        basis: decided.map(|d| d.basis.join("；")).unwrap_or_default(),
        outcome: decided
            .map(|d| {
                d.penalties
                    .iter()
                    .map(penalty_text)
                    .collect::<Vec<_>>()
                    .join("；")
            })
            .unwrap_or_default(),
        decided_on: track.decided_on.unwrap_or(published_on),
        published_on,
        until: item.until,
    }
}

/// A party with nothing that 行政处罚法 50 keeps private: no numbers, no address, no names of persons.
fn masked_party(track: &PartyState) -> c::Party {
    let mut data = crate::paper_data::party_data(&track.party);
    data.name = track.party.public_name();
    data.representative.clear();
    data.address.clear();
    data.phone.clear();
    if track.party.kind.is_natural() {
        data.code.clear();
    }
    data
}
