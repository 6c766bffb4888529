//! The public copy of a decision: what of a case the public may see, and that nothing else is in it.

use std::collections::BTreeMap;

use casework::{
    config::Config,
    effect::PublishedItem,
    masking::{Private, public_texts},
    party::PartyKind,
    person::Body,
    state::{PartyState, State},
};
use jiff::civil::Date;
use law::pack::Pack;
use papers::contract as c;
use serde_json::Value;

use super::{PublicCopy, public_path};
use crate::{
    paper_data::{DEMO_NOTE, bureau, date_text, limits, party_data, penalty_text, proposal_data},
    paper_fields::{performance, told},
};

/// Places of the paper's data that hold no text of the case: the bureau's own data, marks, and how a party is
/// named, which is masked by itself.
const OWN_PLACES: [&str; 5] = ["bureau", "paper.id", "party.code", "party.name", "verify"];
/// The same of the copy.
const OWN_MEMBERS: [&str; 5] = [
    "body_name",
    "decision_entry",
    "id",
    "party_name",
    "public_digest",
];

/// The case as it was when it was published.
pub(super) struct Source<'a> {
    pub state: &'a State,
    /// The case as it was when the decision was made.
    pub decided: &'a State,
    pub track: &'a PartyState,
    pub item: &'a PublishedItem,
    /// The ruling by which the decision was changed.
    pub changed_by: Option<String>,
    pub body: Option<&'a Body>,
    pub pack: &'a Pack,
    pub config: &'a Config,
    pub simulated: bool,
}

impl Source<'_> {
    /// The copy; digest of the document and entry of the decision are still open.
    pub fn copy(&self, id: &str, published_on: Date) -> PublicCopy {
        let track = self.track;
        let decided = track.decided.as_ref();
        let kinds = &mut PartyKind::ALL.iter();
        let kind = kinds.find(|(kind, ..)| *kind == track.party.kind);
        let outcome: Vec<String> = decided
            .map(|d| d.penalties.iter().map(penalty_text).collect())
            .unwrap_or_default();
        let mut outcome = outcome.join("；");
        if let Some(ruling) = &self.changed_by {
            outcome.push_str(&format!("（原决定已经{ruling}变更，此为变更后的处罚）"));
        }
        PublicCopy {
            public_digest: String::new(),
            decision_entry: String::new(),
            id: id.to_owned(),
            body_name: self.body.map(|b| b.name.clone()).unwrap_or_default(),
            decision_number: track.decision_number.clone().unwrap_or_default(),
            party_name: track.party.public_name(),
            party_kind: kind.map_or("", |(.., title)| *title).to_owned(),
            cause: self.state.cause.clone(),
            facts: self.item.facts.clone(),
            basis: decided.map(|d| d.basis.join("；")).unwrap_or_default(),
            outcome,
            decided_on: track.decided_on.unwrap_or(published_on),
            published_on,
            until: self.item.until,
        }
    }

    /// The data of the public document.
    pub fn data(&self, copy: &PublicCopy) -> c::PaperData {
        let decided = self.track.decided.as_ref();
        let mut proposal = decided.map(proposal_data).unwrap_or_default();
        proposal.facts.clone_from(&copy.facts);
        proposal.discretion.clear();
        let then = self.decided.party(&self.track.party.id);
        let mut field: BTreeMap<String, String> = then
            .map(|track| told(self.decided, track))
            .unwrap_or_default()
            .into_iter()
            .map(|(place, text)| (place.to_owned(), text))
            .collect();
        field.insert("decision_on".to_owned(), date_text(copy.decided_on));
        field.insert("performance".to_owned(), performance(decided));
        if let Some(ruling) = &self.changed_by {
            field.insert("changed_by".to_owned(), ruling.clone());
        }
        c::PaperData {
            paper: c::Paper {
                id: copy.id.clone(),
                title: "行政处罚决定书".to_owned(),
                number: copy.decision_number.clone(),
                on: date_text(copy.decided_on),
                pages: String::new(),
            },
            bureau: bureau(self.body),
            case: c::Case {
                cause: copy.cause.clone(),
                ..c::Case::default()
            },
            party: masked_party(self.track),
            proposal,
            limits: limits(self.pack, self.config, copy.decided_on, String::new()),
            field,
            origin_note: if self.simulated { DEMO_NOTE } else { "" }.to_owned(),
            verify: c::Verify {
                paper_id: copy.id.clone(),
                url: public_path(&copy.id),
            },
            ..c::PaperData::default()
        }
    }

    /// Looks through everything that would go out; says what gives something away, without repeating it.
    ///
    /// Whoever published it was told the same. This is for what came in by another way.
    pub fn check(
        &self,
        private: &Private,
        copy: &PublicCopy,
        data: &c::PaperData,
    ) -> Result<(), String> {
        let number = &copy.decision_number;
        let refuse = |place: &str, what: &str| {
            Err(format!(
                "决定书（{number}）公开文本的“{place}”写有{what}，没有公示（《行政处罚法》第五十条）"
            ))
        };
        for (place, text) in public_texts(self.state, self.track, &self.item.facts) {
            if let Some(what) = private.found(&text) {
                return refuse(place, what);
            }
        }
        let json = |value: Result<Value, serde_json::Error>| value.map_err(|e| e.to_string());
        for (value, own) in [
            (json(serde_json::to_value(copy))?, OWN_MEMBERS),
            (json(serde_json::to_value(data))?, OWN_PLACES),
        ] {
            if let Some((place, what)) = given_away(private, "", &value, &own) {
                return refuse(&place, what);
            }
        }
        Ok(())
    }
}

/// The first text below a value that gives something away.
fn given_away(
    private: &Private,
    place: &str,
    value: &Value,
    own: &[&str],
) -> Option<(String, &'static str)> {
    if own.contains(&place) {
        return None;
    }
    match value {
        Value::String(text) => Some((place.to_owned(), private.found(text)?)),
        Value::Array(items) => items
            .iter()
            .find_map(|item| given_away(private, place, item, own)),
        Value::Object(members) => members.iter().find_map(|(name, member)| {
            let below = match place {
                "" => name.clone(),
                place => format!("{place}.{name}"),
            };
            given_away(private, &below, member, own)
        }),
        _ => None,
    }
}

/// A party with nothing that 行政处罚法 50 keeps private: no numbers, no address, no names of persons.
fn masked_party(track: &PartyState) -> c::Party {
    let mut data = party_data(&track.party);
    data.name = track.party.public_name();
    data.representative.clear();
    data.address.clear();
    data.phone.clear();
    if track.party.is_named_as_person() {
        data.code.clear();
    }
    data
}
