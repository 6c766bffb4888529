//! Publication: a job that follows the log, makes the public copy and hands it on (DECISIONS 3, 4, 11).
//!
//! The event of a case only says that a decision is to be shown and with which words. This job then makes
//! the public copy from masked data alone, records a publication event that names the copy's digest and the
//! decision's entry, and, once that event is in the log, gives copy and proof to whoever keeps the portal.
//! Every part can be repeated after a crash: the stream's id and the command's id follow from the decision.
//!
//! The copy is made of the case as it was when it was published, whatever has become of it since. What cannot be
//! shown is set aside and told, and holds up nothing else; what fails for a reason that may pass is waited for.

mod aside;
mod copy;
#[cfg(test)]
pub(crate) mod tests;

use std::sync::Arc;

use casework::{
    effect::{Effect, PublishedItem},
    event::CaseActed,
    masking::Private,
    record::{Draft, Header, StreamKind, Via, encode},
    rows::StreamRows,
    state::{State, fold},
};
use jiff::civil::Date;
use law::pack::Pack;
use serde::{Deserialize, Serialize};
use store::{CommitError, Head, Scope, Stored};

use crate::{CaseFile, Office, error::OfficeError, paper_fields::changed_by, write::Place};
use aside::set_aside;
use copy::Source;

/// Stored type of a publication.
const PUBLISHED: &str = "publication.published@1";
/// Stored type of a withdrawal.
const WITHDRAWN: &str = "publication.withdrawn@1";
/// Name under which the job keeps its place in the log.
pub const PUBLICATION_FOLLOWER: &str = "publication";
/// Streams of publications begin so; the public identifier follows.
pub const PUBLICATION_STREAM: &str = "publication-";
/// Why a publication waits that another process was quicker with.
const OVERTAKEN: &str = "另一进程同时办理了同一公示，稍后再试";
/// What is shown where the reason of a withdrawal gives away what is private.
const UNSPOKEN_REASON: &str = "决定已撤回公示，理由涉及依法不予公开的信息";
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
    /// Something that cannot be shown as it is; what comes after it goes on.
    SetAside {
        /// Identifier in addresses, or the case's where that is not known.
        id: String,
        /// Why, without personal data.
        why: String,
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
    /// The public address that a party's decision has or had; one that was never published, or is to be published
    /// again, the one that it will have.
    pub fn public_address(&self, file: &CaseFile, party: &str) -> Option<String> {
        let due = (file.state.party(party)).is_some_and(|track| track.is("publication", "due"));
        let shown = last_version(
            file,
            u64::MAX,
            |x| matches!(x, Effect::Published { party: p, .. } if p == party),
        );
        let version = shown.filter(|_| !due).unwrap_or(u64::MAX);
        let decided = decided_version(file, party, version)?;
        let round = round(file, party, decided, version);
        Some(public_path(&public_id(self, &file.id, party, round)))
    }

    /// Follows the log from where the job stopped, as [`Office::follow_publications_from`].
    ///
    /// The place is kept by [`Office::followed`] once the portal has it.
    ///
    /// # Errors
    /// As there.
    pub async fn follow_publications(
        &self,
    ) -> Result<(Vec<(u64, PublicChange)>, u64), OfficeError> {
        let from = self.store().cursor(PUBLICATION_FOLLOWER).await?;
        self.follow_publications_from(from).await
    }

    /// Follows the log from a place, which each portal keeps for itself; gives what the portal has to learn, each with
    /// its place in the log, and the place reached.
    ///
    /// # Errors
    /// What may pass, such as a database that is away: it is waited for, since a later event may rest on it. What
    /// [lasts](OfficeError::lasts) is told as [`PublicChange::SetAside`].
    pub async fn follow_publications_from(
        &self,
        from: u64,
    ) -> Result<(Vec<(u64, PublicChange)>, u64), OfficeError> {
        // Leaves and checkpoint are written one after the other: what no checkpoint covers yet has no proof.
        let checkpoint = self.store().latest_checkpoint().await?;
        let signed = checkpoint.map_or(0, |checkpoint| checkpoint.unverified().size());
        let count = u32::try_from(signed.saturating_sub(from)).map_or(PAGE, |n| n.min(PAGE));
        let page = self.store().log_after(from, count).await?;
        let mut changes = Vec::new();
        let mut reached = from;
        for logged in page {
            let found = match logged.event.header.stream_kind {
                StreamKind::Case => self.publish_what(&logged.event, false).await,
                StreamKind::Publication => self.public_change(&logged.event).await,
                _ => Ok(Vec::new()),
            };
            let found = match found {
                // What was found before it goes out first; the next call meets the fault again.
                Err(_) if reached > from => break,
                found => found?,
            };
            changes.extend(found.into_iter().map(|change| (logged.idx, change)));
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

    /// Records the publications and withdrawals that a case's event asks for; gives what had to be set aside.
    ///
    /// `again` tells that the event was set aside before: what was withdrawn since is not published any more.
    async fn publish_what(
        &self,
        event: &Stored,
        again: bool,
    ) -> Result<Vec<PublicChange>, OfficeError> {
        let Some(body) = event.body.as_deref() else {
            return Ok(Vec::new());
        };
        let stream = &event.header.stream;
        let acted = match CaseActed::decode(&event.header.event_type, body) {
            Ok(acted) => acted,
            Err(fault) => return set_aside(stream, fault.into()),
        };
        let mut aside = Vec::new();
        for effect in &acted.effects {
            let party = match effect {
                Effect::Published { party, .. } | Effect::Withdrawn { party, .. } => party,
                _ => continue,
            };
            let file = match self.load_case(stream).await {
                Ok(file) => file,
                Err(fault) => {
                    aside.extend(set_aside(stream, fault)?);
                    continue;
                }
            };
            let version = event.header.version;
            // What is withdrawn is what was published last, whatever was decided since.
            let shown = match effect {
                Effect::Withdrawn { .. } => published_version(&file, party, version),
                _ => None,
            };
            let at = shown.unwrap_or(version);
            let Some(decided) = decided_version(&file, party, at) else {
                let fault = OfficeError::Invalid("公示前没有针对该当事人的决定".to_owned());
                aside.extend(set_aside(stream, fault)?);
                continue;
            };
            let id = public_id(self, &file.id, party, round(&file, party, decided, at));
            let done = match effect {
                Effect::Published { .. } if again && is_withdrawn_after(&file, party, version) => {
                    Ok(())
                }
                Effect::Published { item, .. } => {
                    let asked = Asked {
                        event,
                        acted: &acted,
                        party,
                        item,
                        decided,
                        id: &id,
                    };
                    self.publish(&file, &asked).await
                }
                Effect::Withdrawn { reason, .. } => {
                    self.withdraw(&file, event, &acted, &id, reason).await
                }
                _ => Ok(()),
            };
            if let Err(fault) = done {
                aside.extend(set_aside(&id, fault)?);
            }
        }
        Ok(aside)
    }

    async fn publish(&self, file: &CaseFile, asked: &Asked<'_>) -> Result<(), OfficeError> {
        let stream = stream_of(asked.id);
        if self.is_recorded(&stream, asked.event).await? {
            return Ok(());
        }
        let version = asked.event.header.version;
        // The case may have gone on since: a decision revoked and made anew is not the one that was published.
        let (state, decided) = (as_of(file, version), as_of(file, asked.decided));
        let decision = file
            .events
            .iter()
            .find(|e| e.header.version == asked.decided);
        let track = state.party(asked.party).filter(|t| t.decided.is_some());
        let (Some(decision), Some(track)) = (decision, track) else {
            return Err(OfficeError::Invalid(
                "公示时没有针对该当事人的决定".to_owned(),
            ));
        };
        let pack = self.pack_then(file, &asked.event.header).await?;
        let roster = self.roster().await?;
        let source = Source {
            state: &state,
            decided: &decided,
            track,
            item: asked.item,
            changed_by: changed_by(until(file, version), asked.party),
            body: roster.bodies.get(&file.body_id),
            pack: &pack,
            config: self.config(),
            simulated: self.simulated(),
        };
        let mut copy = source.copy(asked.id, asked.acted.occurred_on);
        copy.decision_entry = hex::encode(decision.entry.0);
        let data = source.data(&copy);
        source
            .check(&Private::of(&state), &copy, &data)
            .map_err(OfficeError::Invalid)?;
        let value = serde_json::to_value(&data).map_err(|e| OfficeError::Damaged(e.to_string()))?;
        let document = self
            .public_document(value, asked.event.header.recorded_at)
            .await?;
        copy.public_digest = self.digest_hex(&document);
        self.store().objects().put(&stream, &document)?;
        let draft = self.draft(PUBLISHED, encode(&copy)?, asked.event);
        let head = self.store().head(&Scope::system(), &stream).await?;
        self.append_publication(&stream, head, &file.body_id, draft, asked.event)
            .await
    }

    /// The pack that the case followed when the event was made.
    pub(crate) async fn pack_then(
        &self,
        file: &CaseFile,
        header: &Header,
    ) -> Result<Arc<Pack>, OfficeError> {
        match header.procedure.as_deref().zip(header.pack.as_deref()) {
            Some((name, digest)) => self.pack_of(name, digest).await,
            None => Ok(Arc::clone(&file.pack)),
        }
    }

    async fn withdraw(
        &self,
        file: &CaseFile,
        event: &Stored,
        acted: &CaseActed,
        id: &str,
        reason: &str,
    ) -> Result<(), OfficeError> {
        let stream = stream_of(id);
        if self.is_recorded(&stream, event).await? {
            return Ok(());
        }
        let private = Private::of(&as_of(file, event.header.version));
        // The decision is taken down all the same; only the words are not shown.
        let reason = match private.found(reason) {
            None => reason.to_owned(),
            Some(_) => UNSPOKEN_REASON.to_owned(),
        };
        let withdrawal = Withdrawal {
            reason,
            on: acted.occurred_on,
        };
        let draft = self.draft(WITHDRAWN, encode(&withdrawal)?, event);
        let head = self.store().head(&Scope::system(), &stream).await?;
        self.append_publication(&stream, head, &file.body_id, draft, event)
            .await
    }

    /// Whether the job has recorded what an event asks for.
    async fn is_recorded(&self, stream: &str, cause: &Stored) -> Result<bool, OfficeError> {
        let id = command_id(stream, cause);
        Ok(self.store().find_command(&id).await?.is_some())
    }

    fn draft(&self, event_type: &'static str, body: Vec<u8>, cause: &Stored) -> Draft {
        Draft {
            cause: Some(hex::encode(cause.entry.0)),
            ..Draft::plain(event_type, body, None, self.door(Via::Job))
        }
    }

    /// Appends to a publication after the head that was read; what another process recorded for the same cause counts.
    async fn append_publication(
        &self,
        stream: &str,
        head: Option<Head>,
        body_id: &str,
        draft: Draft,
        cause: &Stored,
    ) -> Result<(), OfficeError> {
        let place = Place {
            stream,
            kind: StreamKind::Publication,
            body_id,
            version: head.as_ref().map_or(0, |h| h.version),
            entry: head.map(|h| h.entry),
        };
        let id = command_id(stream, cause);
        let append = place.append(self, id, draft, StreamRows::default());
        match self.store().commit(append).await {
            Ok(_) => Ok(()),
            Err(CommitError::Conflict { .. } | CommitError::CommandReused { .. }) => {
                if self.is_recorded(stream, cause).await? {
                    return Ok(());
                }
                Err(OfficeError::Unavailable(OVERTAKEN.to_owned()))
            }
            Err(other) => Err(other.into()),
        }
    }

    /// The public document: the decision's words with masked data.
    async fn public_document(
        &self,
        data: serde_json::Value,
        stamp_us: i64,
    ) -> Result<Vec<u8>, OfficeError> {
        let office = self.clone();
        tokio::task::spawn_blocking(move || {
            Ok(office
                .papers()
                .render("public_decision", &data, stamp_us)?
                .pdf)
        })
        .await
        // The template cannot be set with these words: it could not the next time either.
        .map_err(|e| OfficeError::Damaged(e.to_string()))?
    }

    /// What a publication event tells the portal; set aside where document or proof cannot be had.
    async fn public_change(&self, event: &Stored) -> Result<Vec<PublicChange>, OfficeError> {
        match self.read_change(event).await {
            Ok(change) => Ok(change.into_iter().collect()),
            Err(fault) => set_aside(id_of(&event.header.stream), fault),
        }
    }

    async fn read_change(&self, event: &Stored) -> Result<Option<PublicChange>, OfficeError> {
        let stream = &event.header.stream;
        let copy = match told(event)? {
            None => return Ok(None),
            Some(Told::Withdrawn { on, reason }) => {
                return Ok(Some(PublicChange::Withdrawn {
                    id: id_of(stream).to_owned(),
                    on,
                    reason,
                }));
            }
            Some(Told::Published(copy)) => copy,
        };
        let malformed = |e: serde_json::Error| OfficeError::Damaged(e.to_string());
        let document = self.store().objects().get(stream, &copy.public_digest)?;
        let bundle = self.store().bundle(stream, event.header.version).await?;
        let bundle = serde_json::to_vec_pretty(&bundle).map_err(malformed)?;
        Ok(Some(PublicChange::Published {
            copy,
            document,
            bundle,
        }))
    }
}

/// A publication that a case's event asks for.
struct Asked<'a> {
    event: &'a Stored,
    acted: &'a CaseActed,
    party: &'a str,
    item: &'a PublishedItem,
    /// Version of the event that decided.
    decided: u64,
    /// Identifier in addresses.
    id: &'a str,
}

/// What an event of a publication says.
pub(crate) enum Told {
    /// That a decision is public.
    Published(Box<PublicCopy>),
    /// That it is withdrawn.
    Withdrawn {
        /// Day.
        on: Date,
        /// Reason, as told to the public.
        reason: String,
    },
}

/// Reads an event of a publication; none where its body was destroyed.
pub(crate) fn told(event: &Stored) -> Result<Option<Told>, OfficeError> {
    let Some(body) = event.body.as_deref() else {
        return Ok(None);
    };
    let malformed = |e: serde_json::Error| OfficeError::Damaged(e.to_string());
    if event.header.event_type == WITHDRAWN {
        let Withdrawal { reason, on } = serde_json::from_slice(body).map_err(malformed)?;
        return Ok(Some(Told::Withdrawn { on, reason }));
    }
    let copy = serde_json::from_slice(body).map_err(malformed)?;
    Ok(Some(Told::Published(Box::new(copy))))
}

/// The case as it was after that event.
pub(crate) fn as_of(file: &CaseFile, version: u64) -> State {
    fold(until(file, version))
}

/// What was done up to that event.
fn until(file: &CaseFile, version: u64) -> impl DoubleEndedIterator<Item = &CaseActed> {
    let then = file
        .events
        .iter()
        .filter(move |e| e.header.version <= version);
    then.map(|e| &e.acted)
}

fn stream_of(id: &str) -> String {
    format!("{PUBLICATION_STREAM}{id}")
}

pub(crate) fn id_of(stream: &str) -> &str {
    stream.strip_prefix(PUBLICATION_STREAM).unwrap_or(stream)
}

/// One publication a cause: a job that starts again finds the first answer.
fn command_id(stream: &str, cause: &Stored) -> String {
    format!("{stream}-{}", hex::encode(&cause.entry.0[..8]))
}

/// Version of the last event up to `version` that decided for the party.
fn decided_version(file: &CaseFile, party: &str, version: u64) -> Option<u64> {
    last_version(
        file,
        version,
        |x| matches!(x, Effect::Decided { party: p } if p == party),
    )
}

/// Version of the last event up to `version` that published for the party.
fn published_version(file: &CaseFile, party: &str, version: u64) -> Option<u64> {
    last_version(
        file,
        version,
        |x| matches!(x, Effect::Published { party: p, .. } if p == party),
    )
}

/// What tells one publication of a decision from the next: the decision, or the withdrawal since which what is right now,
/// or was changed, is shown anew. What was withdrawn stays so under its address.
fn round(file: &CaseFile, party: &str, decided: u64, version: u64) -> u64 {
    let withdrawn = last_version(file, version.saturating_sub(1), |x| withdraws(x, party));
    withdrawn.map_or(decided, |withdrawn| withdrawn.max(decided))
}

fn withdraws(effect: &Effect, party: &str) -> bool {
    matches!(effect, Effect::Withdrawn { party: p, .. } if p == party)
}

/// Version of the last event up to `version` that has such an effect.
fn last_version(file: &CaseFile, version: u64, is: impl Fn(&Effect) -> bool) -> Option<u64> {
    let mut events = file.events.iter().rev();
    let found = events.find(|e| e.header.version <= version && e.acted.effects.iter().any(&is));
    found.map(|e| e.header.version)
}

/// Whether a later event withdrew what was published of the party: the next withdrawal after a publication is of it.
fn is_withdrawn_after(file: &CaseFile, party: &str, version: u64) -> bool {
    let mut later = file.events.iter().filter(|e| e.header.version > version);
    later.any(|e| e.acted.effects.iter().any(|x| withdraws(x, party)))
}
