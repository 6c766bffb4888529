//! `/cases/register.xlsx`: the register of penalty cases (台账) in one layout, a line a party.

use axum::{
    extract::{Query, State},
    response::Response,
};
use casework::{
    field::FieldValue,
    party::Party,
    proposal::{Disposition, PenaltyKind},
    state::PartyState,
};
use office::{CaseFile, CaseQuery, Office, Roster};

use super::{
    cases::{Filters, Pairs, whole},
    columns::Cell,
    export::{self, Sheet},
};
use crate::{
    app::App,
    error::PageError,
    form::carry::outcome,
    session::SignedIn,
    show::{self, Names},
};

/// Cases that one register holds: each is read whole.
const CASES_MAX: usize = 2_000;
/// Cases asked for in one go.
const PAGE_ROWS: u32 = 100;

/// The columns: title, and width in a sheet in characters.
const TITLES: [(&str, f64); 27] = [
    ("序号", 6.0),
    ("案号", 26.0),
    ("案件名称", 40.0),
    ("承办科室", 20.0),
    ("承办人", 16.0),
    ("案件来源", 14.0),
    ("案由", 30.0),
    ("当事人", 28.0),
    ("当事人类型", 12.0),
    ("证照号码", 22.0),
    ("法定代表人（负责人）", 14.0),
    ("登记日期", 12.0),
    ("立案日期", 12.0),
    ("违反的规定", 36.0),
    ("处罚依据", 36.0),
    ("法制审核", 10.0),
    ("听证", 10.0),
    ("负责人审查、集体讨论", 16.0),
    ("决定", 12.0),
    ("决定书文号", 26.0),
    ("决定日期", 12.0),
    ("处罚内容", 40.0),
    ("罚没款（元）", 14.0),
    ("已缴（元）", 14.0),
    ("送达", 10.0),
    ("公示", 10.0),
    ("结案日期", 12.0),
];

/// The register of the cases of the list.
pub async fn xlsx(
    State(app): State<App>,
    signed: SignedIn,
    Query(pairs): Query<Pairs>,
) -> Result<Response, PageError> {
    let room = export::room(&app, &signed)?;
    let roster = app.office.roster().await?;
    let cases = cases(&app.office, &signed, Filters::of(&pairs).query()).await?;
    let mut lines: Vec<Vec<Cell<'static>>> = Vec::new();
    for case in cases {
        let file = app.office.case(&signed.person, &case).await?;
        for track in tracks(&file) {
            lines.push(line(lines.len() + 1, &file, track, &roster));
        }
    }
    let sheet = Sheet {
        name: "台账",
        titles: TITLES.to_vec(),
        lines,
    };
    let bytes = export::apart(room, move || sheet.as_xlsx().map_err(|e| e.to_string())).await?;
    Ok(export::download(
        &app,
        bytes,
        export::XLSX,
        "处罚案件台账",
        "xlsx",
    ))
}

/// The cases of the list; how many they are is known before any is read whole.
async fn cases(
    office: &Office,
    signed: &SignedIn,
    query: CaseQuery,
) -> Result<Vec<String>, PageError> {
    let mut query = CaseQuery {
        after: None,
        limit: PAGE_ROWS,
        ..query
    };
    let mut cases = Vec::new();
    loop {
        let page = whole(office.cases(&signed.person, &query).await?)?;
        cases.extend(page.cases.into_iter().map(|case| case.stream));
        if cases.len() > CASES_MAX {
            return Err(PageError::BadBody(format!(
                "符合条件的案件超过 {CASES_MAX} 件，一次做不成台账；请加上登记日期、科室等条件，分几次导出"
            )));
        }
        query.after = page.next;
        if query.after.is_none() {
            return Ok(cases);
        }
    }
}

/// The parties of a case that get a line each; a case without any gets one as well.
fn tracks(file: &CaseFile) -> Vec<Option<&PartyState>> {
    let parties = &file.state.parties;
    match parties.is_empty() {
        true => vec![None],
        false => parties.iter().map(Some).collect(),
    }
}

/// A party of a case, in the order of the titles.
fn line(
    no: usize,
    file: &CaseFile,
    track: Option<&PartyState>,
    roster: &Roster,
) -> Vec<Cell<'static>> {
    let names = Names {
        people: &roster.people,
        state: &file.state,
        pack: &file.pack,
    };
    let body = roster.bodies.get(&file.body_id);
    let unit = body
        .map(|b| b.unit_name(&file.state.unit))
        .unwrap_or_default();
    let handlers = file.state.roles.get("handler").into_iter().flatten();
    let handlers: Vec<String> = handlers.map(|id| names.person(id)).collect();
    let fact = |id: &str| {
        let of_party = track.and_then(|track| track.facts.get(id));
        let now = of_party.or_else(|| file.state.facts.get(id));
        show::fact_of(&file.pack, id, now)
    };
    let party = track.map(|track| &track.party);
    let of_party =
        |of: fn(&Party) -> &str| party.map(|party| of(party).to_owned()).unwrap_or_default();
    let decided_on = track.and_then(|track| track.decided_on);
    let decided = track.and_then(|track| track.decided.as_ref());
    let decided = decided.filter(|_| decided_on.is_some());
    let number = track.and_then(|track| track.decision_number.clone());
    let paid_fen = track.map(|track| track.paid_fen);
    let articles = |of: fn(&Disposition) -> &Vec<String>| {
        decided.map(|d| of(d).join("；")).unwrap_or_default()
    };
    let text = Cell::Owned;
    vec![
        text(no.to_string()),
        text(file.state.number.clone().unwrap_or_default()),
        text(file.state.name.clone()),
        text(unit.to_owned()),
        text(handlers.join("、")),
        text(source(file)),
        text(file.state.cause.clone()),
        text(of_party(|party| &party.name)),
        text(of_party(|party| show::party_kind(party.kind))),
        text(of_party(|party| &party.code)),
        text(of_party(|party| &party.representative)),
        Cell::Day(file.state.opened_on),
        Cell::Day(file.state.filed_on),
        text(articles(|d| &d.violated)),
        text(articles(|d| &d.basis)),
        text(fact("review")),
        text(fact("hearing")),
        text(fact("deliberation")),
        text(fact("decision")),
        text(number.unwrap_or_default()),
        Cell::Day(decided_on),
        text(decided.map(outcome).unwrap_or_default()),
        Cell::Money(decided.map(due_fen)),
        Cell::Money(decided.and(paid_fen)),
        text(fact("delivery")),
        text(fact("publication")),
        Cell::Day(file.state.closed_on),
    ]
}

/// Fines and confiscated gains of what was decided.
fn due_fen(decided: &Disposition) -> i64 {
    let penalties = decided.penalties.iter();
    let money =
        penalties.filter(|p| matches!(p.kind, PenaltyKind::Fine | PenaltyKind::ConfiscateGains));
    money.filter_map(|p| p.amount_fen).sum()
}

/// Where the case came from, as the form that opened it calls it.
fn source(file: &CaseFile) -> String {
    let Some(first) = file.events.first() else {
        return file.state.source.clone();
    };
    let step = file.pack.step(&first.acted.step);
    let field = step.and_then(|s| s.form.iter().find(|f| f.id == "source"));
    let said = first.acted.fields.get("source");
    match (field.map(|f| &f.kind), said.and_then(FieldValue::as_text)) {
        (Some(law::pack::FieldType::Choice(options)), Some(said)) => options
            .iter()
            .find(|(id, _)| id == said)
            .map_or_else(|| said.to_owned(), |(_, title)| title.clone()),
        (_, said) => said.unwrap_or_default().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use casework::state::State;
    use law::pack::read_pack;

    use super::*;

    #[test]
    fn a_case_without_a_party_has_a_line_of_its_own() {
        let pack = read_pack(&office::builtin_pack_files(), "").unwrap();
        let file = CaseFile {
            id: "c".to_owned(),
            body_id: "b".to_owned(),
            state: State {
                name: "某案".to_owned(),
                ..State::default()
            },
            events: Vec::new(),
            pack: Arc::new(pack),
        };
        let tracks = tracks(&file);
        assert_eq!(tracks, [None]);
        let line = line(1, &file, tracks[0], &Roster::default());
        assert_eq!(line.len(), TITLES.len());
        let said = |title: &str| {
            let at = TITLES.iter().position(|(of, _)| *of == title).unwrap();
            match &line[at] {
                Cell::Owned(text) => text.clone(),
                _ => "other".to_owned(),
            }
        };
        assert_eq!(
            (said("案件名称").as_str(), said("当事人").as_str()),
            ("某案", "")
        );
        assert_eq!(said("决定"), "未决定");
    }
}
