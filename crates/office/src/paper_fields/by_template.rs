//! What one paper alone has a place for: filled from the steps before, the limits and the facts.

use casework::{
    event::{CaseActed, Phase},
    field::FieldValue,
    party::Party,
    proposal::Disposition,
    state::State,
};
use law::money::Fen;

use super::{limit_start, of_debt};
use crate::paper_data::{Maker, date_text};

/// The step that asks for a recusal, and the one that refuses it.
const RECUSAL_ASKED: &str = "A06.request";
const RECUSAL_REFUSED: &str = "A06.refuse";
/// The step that reports a suspected crime, and the ones that approve or refuse the transfer.
const CRIME_REPORTED: &str = "A17.suspect";
const TRANSFERS: [&str; 2] = ["A17.transfer", "A17.transfer_late"];
const TRANSFER_REFUSED: &str = "A17.reject";
/// The steps that stop an investigation for a time.
const SUSPENSIONS: [&str; 2] = ["A15.suspend", "A15.suspend_notified"];
/// The step that revokes a decision in order to make it anew.
const REDONE: &str = "A46.redo";
/// The steps that open a new round, in which there is no decision until it is made anew.
const NEW_ROUNDS: [&str; 2] = [REDONE, "A46.remake"];
/// The step that enters a ruling, whose form names its document, and the one that carries out a change.
const RULED: &str = "A45.result";
const CHANGED: &str = "A46.change";
/// The step that records why a party cannot be served otherwise than by announcement.
const UNREACHABLE: &str = "A35.unreachable";
/// The steps that urge, whose form says the duty.
const URGINGS: [&str; 2] = ["A41.serve", "A41.announce"];
/// Steps that serve by announcement, with the kind of paper that they serve.
const ANNOUNCING: [(&str, &str); 4] = [
    ("A24.announce", "告知书"),
    ("A27.announce", "听证通知书"),
    ("A35.announce", "决定书"),
    ("A41.announce", "催告书"),
];

pub(super) fn of_template(
    maker: &Maker<'_>,
    template: &str,
    party: Option<&Party>,
    put: &mut impl FnMut(&str, String),
) {
    let on = date_text(maker.event.occurred_on);
    let earlier = maker.earlier.iter().map(|e| &e.acted);
    let changed = party.and_then(|party| changed_by(earlier, &party.id));
    put("changed_by", changed.unwrap_or_default());
    match template {
        "dossier_cover" => {
            put("archived_on", on);
            put(
                "archive_number",
                maker.state.number.clone().unwrap_or_default(),
            );
            put("volume", maker.dossier_volumes());
            put("paper_count", maker.dossier_count());
            put("result", maker.outcome());
        }
        "legal_review_opinion" => of_review(maker, put),
        "correction_review" => put("reviewed_on", on),
        "preservation_notice" | "preservation_approval" => {
            put("preservation_until", case_due(maker, "CF-56"));
        }
        "no_filing_approval" => of_lead(maker, put),
        "suspension_approval" | "resumption_approval" => {
            put("case_due", case_due(maker, "CF-60"));
            let stopped = SUSPENSIONS.iter().filter_map(|s| maker.last_taken(s));
            let last = stopped.max_by_key(|event| event.occurred_on);
            put(
                "suspended_on",
                last.map(|e| date_text(e.occurred_on)).unwrap_or_default(),
            );
        }
        "extension_approval" => of_extension(maker, put),
        "recusal_decision" => of_recusal(maker, put),
        "crime_transfer_approval" | "crime_transfer" | "crime_handover_list" => {
            of_crime(maker, put)
        }
        "service_announcement" => of_announcement(maker, party, put),
        "court_application" => of_court(maker, party, put),
        "surcharge_decision" | "deferral_refusal" => {
            of_decision(maker, party, put);
            of_payment(maker, party, put);
        }
        "change_notice" => {
            of_decision(maker, party, put);
            of_change(maker, party, put);
        }
        "deferral_approval"
        | "execution_agreement"
        | "revocation_decision"
        | "clerical_correction"
        | "publication_approval" => of_decision(maker, party, put),
        _ => {}
    }
}

/// The words of a text field of an event.
fn words(event: Option<&CaseActed>, field: &str) -> String {
    let value = event.and_then(|e| e.fields.get(field));
    let text = value.and_then(FieldValue::as_text).unwrap_or_default();
    text.to_owned()
}

/// The last day of a limit of the case; empty where it does not run.
fn case_due(maker: &Maker<'_>, code: &str) -> String {
    let run = maker.state.limit(code, None);
    let due = run.and_then(|run| run.due(maker.calendar).ok());
    due.map(|d| date_text(d.on)).unwrap_or_default()
}

fn of_review(maker: &Maker<'_>, put: &mut impl FnMut(&str, String)) {
    let state = maker.state;
    let unit = maker.body.map(|b| b.unit_name(&state.unit).to_owned());
    put("sent_by", unit.unwrap_or_default());
    put("received_on", limit_start(maker, "FZ", None));
    let papers = state.papers.iter();
    let before = papers
        .filter(|(_, p)| p.template == "legal_review_opinion")
        .count();
    put("round", before.saturating_add(1).to_string());
}

/// The lead and what was found out about it, before there is a case (行政处罚法 54).
fn of_lead(maker: &Maker<'_>, put: &mut impl FnMut(&str, String)) {
    let clue = words(maker.last_taken("A01"), "clue");
    let found = words(maker.last_taken("A02.assess"), "reason");
    let found = if found.is_empty() {
        found
    } else {
        format!("核查情况：{found}")
    };
    let parts = [clue, found];
    let told: Vec<&str> = parts
        .iter()
        .map(String::as_str)
        .filter(|p| !p.is_empty())
        .collect();
    put("case_brief", told.join("\n"));
}

/// By how much the term of the case was extended, on which rule, and its last day before and after (行政处罚法 60).
fn of_extension(maker: &Maker<'_>, put: &mut impl FnMut(&str, String)) {
    let due = maker.before.limit("CF-60", None);
    let due = due.and_then(|run| run.due(maker.calendar).ok());
    put("case_due", due.map(|d| date_text(d.on)).unwrap_or_default());
    put("case_until", case_due(maker, "CF-60"));
    let run = maker.state.limit("CF-60", None);
    if let Some(extension) = run.and_then(|run| run.extensions.last()) {
        put("extension_days_text", format!("{}日", extension.count));
        put("extension_basis", extension.basis.clone());
    }
}

fn of_recusal(maker: &Maker<'_>, put: &mut impl FnMut(&str, String)) {
    let asked = maker.last_taken(RECUSAL_ASKED);
    put(
        "recusal_on",
        asked.map(|e| date_text(e.occurred_on)).unwrap_or_default(),
    );
    put("recusal_request", words(asked, "reason"));
    if hosts(maker) {
        put("recusal_of_host", "是".to_owned());
    }
    let refused = maker.event.step == RECUSAL_REFUSED;
    put(
        "recusal_result",
        if refused { "驳回" } else { "回避" }.to_owned(),
    );
    put(
        "recusal_kept",
        names(maker, &kept(asked, maker.event, refused)),
    );
}

/// Those whose recusal was asked for and is not granted: one request gets one answer, for each of those it names.
fn kept(asked: Option<&CaseActed>, decided: &CaseActed, refused: bool) -> Vec<String> {
    let named = |event: &CaseActed| match event.fields.get("who") {
        Some(FieldValue::Persons(who)) => who.clone(),
        _ => Vec::new(),
    };
    let mut all = asked.map(named).unwrap_or_default();
    let decided = named(decided);
    if refused {
        all.extend(
            decided
                .into_iter()
                .filter(|id| !all.contains(id))
                .collect::<Vec<_>>(),
        );
    } else {
        all.retain(|id| !decided.contains(id));
    }
    all
}

fn names(maker: &Maker<'_>, ids: &[String]) -> String {
    let each = |id: &String| format!("{}同志", maker.name(id));
    ids.iter().map(each).collect::<Vec<_>>().join("、")
}

/// Whether one of those whose recusal is decided on was to host the hearing (行政处罚法 64(4)).
fn hosts(maker: &Maker<'_>) -> bool {
    let Some(FieldValue::Persons(who)) = maker.event.fields.get("who") else {
        return false;
    };
    let mut hosts = maker.before.assigned("hearing_host");
    hosts.any(|host| who.iter().any(|id| id == host))
}

/// What was reported, to whom the case goes, and what came of the report (移送规定 5, 6).
fn of_crime(maker: &Maker<'_>, put: &mut impl FnMut(&str, String)) {
    put(
        "crime_report",
        words(maker.last_taken(CRIME_REPORTED), "report"),
    );
    let sent = TRANSFERS.iter().filter_map(|s| maker.last_taken(s));
    let sent = sent.max_by_key(|event| event.occurred_on);
    let refused = maker.event.step == TRANSFER_REFUSED;
    if !refused {
        put("police", words(sent, "police"));
    }
    put(
        "result",
        if refused {
            "不批准移送"
        } else {
            "批准移送"
        }
        .to_owned(),
    );
}

fn of_announcement(maker: &Maker<'_>, party: Option<&Party>, put: &mut impl FnMut(&str, String)) {
    let kind = ANNOUNCING
        .iter()
        .find(|(step, _)| *step == maker.event.step);
    put(
        "announced",
        kind.map(|(_, kind)| (*kind).to_owned()).unwrap_or_default(),
    );
    let recorded = party.and_then(|party| maker.earlier(UNREACHABLE, &party.id));
    let step = maker.pack.steps.iter().find(|s| s.id == UNREACHABLE);
    let field = step.and_then(|s| s.form.iter().find(|f| f.id == "ground"));
    let value = recorded.and_then(|e| e.fields.get("ground"));
    if let (Some(field), Some(value)) = (field, value) {
        put("unreachable_ground", maker.value_text(&field.kind, value));
    }
}

/// The document of a ruling, or what it is where the document has no name.
fn document(ruling: Option<&CaseActed>) -> String {
    match words(ruling, "document").trim() {
        "" => "行政复议决定或者裁判".to_owned(),
        name => name.to_owned(),
    }
}

/// The ruling that one of these steps carried out by changing the decision which stands after them.
pub(crate) fn changed_by<'a>(
    events: impl DoubleEndedIterator<Item = &'a CaseActed>,
    party: &str,
) -> Option<String> {
    let mut own = events
        .rev()
        .filter(|e| e.phase == Phase::Taken && e.party.as_deref() == Some(party));
    // What a new round made anew was changed by nobody yet.
    let last = own.find(|e| e.step == CHANGED || NEW_ROUNDS.contains(&e.step.as_str()))?;
    (last.step == CHANGED).then(|| document(own.find(|e| e.step == RULED)))
}

/// Whether a fact of the party has that value.
fn is(state: &State, party: &str, fact: &str, value: &str) -> bool {
    let track = state.party(party);
    track.is_some_and(|t| t.facts.get(fact).is_some_and(|v| v == value))
}

/// Whether the term of payment has passed, and whether the surcharge has reached the fine (行政处罚法 72(1)(1)).
fn of_payment(maker: &Maker<'_>, party: Option<&Party>, put: &mut impl FnMut(&str, String)) {
    let Some(track) = party.and_then(|p| maker.state.party(&p.id)) else {
        return;
    };
    let id = track.party.id.as_str();
    if is(maker.state, id, "money", "overdue") {
        put("overdue", "是".to_owned());
    }
    let fine = track.decided.as_ref().map_or(0, Disposition::fine_fen);
    let added = match maker.event.fields.get("added") {
        Some(FieldValue::Money(fen)) => *fen,
        _ => track.added_fen,
    };
    if is(maker.state, id, "surcharge", "capped") || added >= fine {
        put("surcharge_capped", "是".to_owned());
    }
}

/// What is to be paid after a change, until when, and the surcharge that falls away with the fine it was added to.
fn of_change(maker: &Maker<'_>, party: Option<&Party>, put: &mut impl FnMut(&str, String)) {
    let Some(track) = party.and_then(|p| maker.state.party(&p.id)) else {
        return;
    };
    let id = track.party.id.as_str();
    put("ruling", document(maker.earlier(RULED, id)));
    if is(maker.state, id, "money", "due") {
        of_debt(maker, track, put);
    }
    if is(maker.state, id, "money", "paid") {
        put("paid_up", "是".to_owned());
    }
    let gone = maker.before.party(id).map_or(0, |before| before.added_fen);
    if gone > 0 {
        put(
            "surcharge_gone",
            format!("人民币{}（{}）", Fen(gone).to_capitals(), Fen(gone)),
        );
    }
}

/// What was urged and when, and that the remedies are over (行政强制法 53, 54).
fn of_court(maker: &Maker<'_>, party: Option<&Party>, put: &mut impl FnMut(&str, String)) {
    let Some(party) = party else { return };
    let urged = URGINGS
        .iter()
        .filter_map(|step| maker.earlier(step, &party.id));
    let urged = urged.max_by_key(|event| event.occurred_on);
    put("obligation", words(urged, "duty"));
    put("urged_on", limit_start(maker, "QZ-54", Some(&party.id)));
    let track = maker.state.party(&party.id);
    let remedy = track
        .and_then(|t| t.facts.get("remedy"))
        .map(String::as_str);
    let told = match remedy.unwrap_or_default() {
        "none" | "" => "被申请人在法定期限内未申请行政复议，也未提起行政诉讼。",
        "upheld" => "被申请人申请的行政复议或者提起的行政诉讼已经终结，上述决定未被撤销或者变更。",
        _ => "被申请人申请的行政复议或者提起的行政诉讼已经终结。",
    };
    put("remedy_state", told.to_owned());
}

/// The decision that the paper is about, also where it has just been revoked, and what follows for what was done
/// under it (行政强制法 41).
fn of_decision(maker: &Maker<'_>, party: Option<&Party>, put: &mut impl FnMut(&str, String)) {
    let Some(party) = party else { return };
    let mut papers = maker.before.papers.iter().rev().map(|(_, paper)| paper);
    let decision = papers.find(|p| {
        let decides = matches!(
            p.template.as_str(),
            "penalty_decision" | "no_penalty_decision"
        );
        decides && p.party.as_deref() == Some(party.id.as_str())
    });
    if let Some(paper) = decision {
        put("decision_title", paper.title.clone());
        put("decision_number", paper.number.clone().unwrap_or_default());
        put("decision_on", date_text(paper.on));
    }
    if is(maker.state, &party.id, "refund", "due") {
        put("refund_due", "是".to_owned());
    }
    let redo = is(maker.before, &party.id, "remedy", "redo");
    if redo || is(maker.before, &party.id, "remedy", "revoked") {
        put("by_ruling", "是".to_owned());
        put("ruling", document(maker.earlier(RULED, &party.id)));
    }
    if redo || maker.event.step == REDONE {
        put("remaking", "是".to_owned());
    }
}
