//! View rows read back: select lists, and the rows of what they give.

use casework::rows::{CaseRow, LimitRow, PaperRow, PersonRow, TodoRow};
use jiff::civil::Date;
use sea_orm::{DbErr, QueryResult};

use super::Listed;
use crate::committer::version;
use crate::error::StoreError;
use crate::sql::get;

pub(super) const CASE: &str = "case_row.stream_id, case_row.body_id, case_row.unit, case_row.number, case_row.name, \
    case_row.cause, case_row.stage, case_row.stage_title, case_row.parties, case_row.opened_on, case_row.filed_on, \
    case_row.decided_on, case_row.closed_on, case_row.ended, case_row.people";
pub(super) const TODO: &str = "todo.stream_id, todo.body_id, todo.key, todo.step, todo.title, todo.party, todo.party_name, \
    todo.role, todo.unit, todo.person, todo.since_at, todo.limit_code, todo.basis, todo.pending, todo.due_on, todo.request";
pub(super) const LIMIT: &str = "limit_row.stream_id, limit_row.body_id, limit_row.key, limit_row.code, limit_row.title, \
    limit_row.party, limit_row.started_on, limit_row.status, limit_row.due_on, limit_row.provisional, \
    limit_row.ended_on, limit_row.basis";
pub(super) const PAPER: &str = "paper.stream_id, paper.body_id, paper.paper_id, paper.template, paper.title, paper.number, \
    paper.party, paper.issued_on, paper.digest, paper.size_bytes, paper.event_version, paper.media_type";
pub(super) const PERSON: &str = "person.stream_id, person.body_id, person.login, person.name, person.unit, person.roles, \
    person.active, person.card_number, person.card_until";

pub(super) fn listed<R>(
    row: &QueryResult,
    read: impl Fn(&QueryResult) -> Result<R, DbErr>,
) -> Result<Listed<R>, StoreError> {
    Ok(Listed {
        stream: get(row, 0)?,
        body_id: get(row, 1)?,
        row: read(row)?,
    })
}

pub(super) fn day(row: &QueryResult, at: usize) -> Result<Option<Date>, DbErr> {
    get::<Option<String>>(row, at)?
        .map(|text| parse_day(&text))
        .transpose()
}

fn parse_day(text: &str) -> Result<Date, DbErr> {
    text.parse()
        .map_err(|_| DbErr::Type(format!("stored date {text:?}")))
}

fn required_day(row: &QueryResult, at: usize) -> Result<Date, DbErr> {
    parse_day(&get::<String>(row, at)?)
}

fn strings(row: &QueryResult, at: usize) -> Result<Vec<String>, DbErr> {
    let text = get::<String>(row, at)?;
    serde_json::from_str(&text).map_err(|e| DbErr::Type(e.to_string()))
}

pub(super) fn case_row(row: &QueryResult) -> Result<CaseRow, DbErr> {
    Ok(CaseRow {
        unit: get(row, 2)?,
        number: get(row, 3)?,
        name: get(row, 4)?,
        cause: get(row, 5)?,
        stage: get(row, 6)?,
        stage_title: get(row, 7)?,
        parties: get(row, 8)?,
        opened_on: required_day(row, 9)?,
        filed_on: day(row, 10)?,
        decided_on: day(row, 11)?,
        closed_on: day(row, 12)?,
        ended: get(row, 13)?,
        people: strings(row, 14)?,
    })
}

pub(super) fn todo_row(row: &QueryResult) -> Result<TodoRow, DbErr> {
    Ok(TodoRow {
        key: get(row, 2)?,
        step: get(row, 3)?,
        title: get(row, 4)?,
        party: get(row, 5)?,
        party_name: get(row, 6)?,
        role: get(row, 7)?,
        unit: get(row, 8)?,
        person: get(row, 9)?,
        since_at: get(row, 10)?,
        limit: get(row, 11)?,
        basis: get(row, 12)?,
        pending: get(row, 13)?,
        due_on: day(row, 14)?,
        request: get(row, 15)?,
    })
}

pub(super) fn limit_row(row: &QueryResult) -> Result<LimitRow, DbErr> {
    Ok(LimitRow {
        key: get(row, 2)?,
        code: get(row, 3)?,
        title: get(row, 4)?,
        party: get(row, 5)?,
        started_on: required_day(row, 6)?,
        status: get(row, 7)?,
        due_on: day(row, 8)?,
        provisional: get(row, 9)?,
        ended_on: day(row, 10)?,
        basis: get(row, 11)?,
    })
}

pub(super) fn paper_row(row: &QueryResult) -> Result<PaperRow, DbErr> {
    Ok(PaperRow {
        paper_id: get(row, 2)?,
        template: get(row, 3)?,
        title: get(row, 4)?,
        number: get(row, 5)?,
        party: get(row, 6)?,
        issued_on: required_day(row, 7)?,
        digest: get(row, 8)?,
        size_bytes: version(get(row, 9)?)?,
        event_version: version(get(row, 10)?)?,
        media_type: get(row, 11)?,
    })
}

pub(super) fn person_row(row: &QueryResult) -> Result<PersonRow, DbErr> {
    let card: Option<String> = get(row, 7)?;
    Ok(PersonRow {
        login: get(row, 2)?,
        name: get(row, 3)?,
        unit: get(row, 4)?,
        roles: strings(row, 5)?,
        active: get(row, 6)?,
        card: card.zip(day(row, 8)?),
    })
}
