//! `/cases/register.xlsx`: the register of penalty cases (台账) in one layout, a line a party.

use axum::{
    extract::{Query, State},
    response::Response,
};
use casework::{
    field::FieldValue,
    proposal::{Disposition, PenaltyKind},
    state::PartyState,
};
use office::{CaseFile, CaseQuery, Roster};

use super::{
    cases::{Filters, Pairs},
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
    let _room = export::room(&app, &signed)?;
    let roster = app.office.roster().await?;
    let mut query = CaseQuery {
        after: None,
        limit: PAGE_ROWS,
        ..Filters::of(&pairs).query()
    };
    let (mut lines, mut cases): (Vec<Vec<Cell<'static>>>, usize) = (Vec::new(), 0);
    loop {
        let page = app.office.cases(&signed.person, &query).await?;
        cases += page.cases.len();
        if cases > CASES_MAX {
            return Err(PageError::BadBody(format!(
                "符合条件的案件超过 {CASES_MAX} 件，一次做不成台账；请加上登记日期、科室等条件，分几次导出"
            )));
        }
        for case in page.cases {
            let file = app.office.case(&signed.person, &case.stream).await?;
            for track in &file.state.parties {
                lines.push(line(lines.len() + 1, &file, track, &roster));
            }
        }
        query.after = page.next;
        if query.after.is_none() {
            break;
        }
    }
    let sheet = Sheet {
        name: "台账",
        titles: TITLES.to_vec(),
        lines,
    };
    let bytes = export::apart(move || sheet.as_xlsx().map_err(|e| e.to_string())).await?;
    Ok(export::download(
        &app,
        bytes,
        export::XLSX,
        "处罚案件台账",
        "xlsx",
    ))
}

/// A party of a case, in the order of the titles.
fn line(no: usize, file: &CaseFile, track: &PartyState, roster: &Roster) -> Vec<Cell<'static>> {
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
    let fact = |id: &str| export::fact(file, id, Some(track));
    let party = &track.party;
    let decided = track
        .decided
        .as_ref()
        .filter(|_| track.decided_on.is_some());
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
        text(party.name.clone()),
        text(show::party_kind(party.kind).to_owned()),
        text(party.code.clone()),
        text(party.representative.clone()),
        Cell::Day(file.state.opened_on),
        Cell::Day(file.state.filed_on),
        text(articles(|d| &d.violated)),
        text(articles(|d| &d.basis)),
        text(fact("review")),
        text(fact("hearing")),
        text(fact("deliberation")),
        text(fact("decision")),
        text(track.decision_number.clone().unwrap_or_default()),
        Cell::Day(track.decided_on),
        text(decided.map(outcome).unwrap_or_default()),
        Cell::Money(decided.map(due_fen)),
        Cell::Money(decided.map(|_| track.paid_fen)),
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
