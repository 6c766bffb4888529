//! From fields back to what would have been typed: for drafts, for filling in, for sending once more.

use casework::{
    field::{FieldValue, Fields},
    party::{Party, PartyKind},
    proposal::{Disposition, Excuse, PenaltyKind},
};
use law::money::Fen;

use super::input;
use crate::typed::Typed;

/// What one would type to get these fields.
pub fn write(fields: &Fields) -> Typed {
    let mut typed = Typed::default();
    for (id, value) in fields {
        write_field(&input(id), value, &mut typed);
    }
    typed
}

/// What one would type to get this value.
pub fn write_field(name: &str, value: &FieldValue, typed: &mut Typed) {
    match value {
        FieldValue::Text(text) => typed.push(name, text),
        FieldValue::YesNo(yes) => typed.push(name, yes_no(*yes)),
        FieldValue::Date(on) => typed.push(name, on.to_string()),
        FieldValue::DateTime(at) => typed.push(name, at.strftime("%Y-%m-%dT%H:%M").to_string()),
        FieldValue::Money(fen) => typed.push(name, yuan(*fen)),
        FieldValue::Int(n) => typed.push(name, n.to_string()),
        FieldValue::Persons(list) => list.iter().for_each(|id| typed.push(name, id)),
        FieldValue::Points(list) => {
            list.iter()
                .enumerate()
                .for_each(|(n, point)| typed.push(format!("{name}.{n}"), point));
        }
        FieldValue::Parties(list) => list
            .iter()
            .enumerate()
            .for_each(|(n, party)| write_party(name, n, party, typed)),
        FieldValue::Proposal(list) => list
            .iter()
            .enumerate()
            .for_each(|(n, d)| write_disposition(name, n, d, typed)),
        FieldValue::Upload(file) => {
            // A file reference always serializes: it holds texts and one number.
            typed.push(
                format!("{name}.kept"),
                serde_json::to_string(file).unwrap_or_default(),
            );
        }
        FieldValue::TenItems(_) | FieldValue::Votes(_) | FieldValue::Items(_) => {
            write_rows(name, value, typed)
        }
    }
}

fn write_rows(name: &str, value: &FieldValue, typed: &mut Typed) {
    let mut put = |n: usize, part: &str, text: &str| typed.push(format!("{name}.{n}.{part}"), text);
    match value {
        FieldValue::TenItems(list) => {
            for (n, item) in list.iter().enumerate() {
                put(n, "ok", yes_no(item.ok));
                put(n, "remark", &item.remark);
            }
        }
        FieldValue::Votes(list) => {
            for (n, vote) in list.iter().enumerate() {
                put(n, "person", &vote.person);
                put(n, "vote", if vote.agrees { "agree" } else { "disagree" });
                put(n, "view", &vote.view);
            }
        }
        FieldValue::Items(list) => {
            for (n, thing) in list.iter().enumerate() {
                let parts = [
                    ("name", &thing.name),
                    ("spec", &thing.spec),
                    ("count", &thing.count),
                    ("note", &thing.note),
                ];
                parts
                    .into_iter()
                    .for_each(|(part, text)| put(n, part, text));
            }
        }
        _ => {}
    }
}

fn write_party(name: &str, n: usize, party: &Party, typed: &mut Typed) {
    let kind = PartyKind::ALL
        .iter()
        .find(|(kind, ..)| *kind == party.kind)
        .map_or("", |(_, id, _)| *id);
    let parts = [
        ("kind", kind),
        ("name", &party.name),
        ("code", &party.code),
        ("representative", &party.representative),
        ("address", &party.address),
        ("phone", &party.phone),
    ];
    parts
        .into_iter()
        .for_each(|(part, text)| typed.push(format!("{name}.{n}.{part}"), text));
}

fn write_disposition(name: &str, n: usize, disposition: &Disposition, typed: &mut Typed) {
    let excuse = disposition
        .excuse
        .and_then(|e| Excuse::ALL.iter().find(|(excuse, ..)| *excuse == e));
    let (violated, basis) = (
        disposition.violated.join("\n"),
        disposition.basis.join("\n"),
    );
    let parts = [
        ("party", disposition.party.as_str()),
        ("proven", yes_no(disposition.proven)),
        ("facts", &disposition.facts),
        ("characterization", &disposition.characterization),
        ("violated", &violated),
        ("basis", &basis),
        ("discretion", &disposition.discretion),
        ("excuse", excuse.map_or("", |(_, id, _)| *id)),
        ("correction", &disposition.correction),
    ];
    parts
        .into_iter()
        .for_each(|(part, text)| typed.push(format!("{name}.{n}.{part}"), text));
    if let Some(range) = &disposition.range {
        typed.push(format!("{name}.{n}.min"), yuan(range.min_fen));
        typed.push(format!("{name}.{n}.max"), yuan(range.max_fen));
        typed.push(format!("{name}.{n}.reduction"), &range.reduction);
    }
    for (m, penalty) in disposition.penalties.iter().enumerate() {
        let kind = PenaltyKind::ALL
            .iter()
            .find(|(kind, ..)| *kind == penalty.kind)
            .map_or("", |(_, id, _)| *id);
        let row = format!("{name}.{n}.p.{m}");
        typed.push(format!("{row}.kind"), kind);
        typed.push(
            format!("{row}.amount"),
            penalty.amount_fen.map(yuan).unwrap_or_default(),
        );
        typed.push(
            format!("{row}.days"),
            penalty
                .period_days
                .map(|d| d.to_string())
                .unwrap_or_default(),
        );
        typed.push(format!("{row}.text"), &penalty.text);
    }
}

fn yes_no(yes: bool) -> &'static str {
    if yes { "yes" } else { "no" }
}

/// An amount as an input shows it: yuan with separators, without the word.
pub fn yuan(fen: i64) -> String {
    let text = Fen(fen).to_string();
    let text = text.trim_end_matches('元');
    text.strip_suffix(".00").unwrap_or(text).to_owned()
}
