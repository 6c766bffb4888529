//! What waits, and the cases.

use axum::{
    Json,
    extract::{OriginalUri, State},
};
use casework::rows::{CaseRow, TodoRow};
use jiff::civil::Date;
use office::{CaseQuery, TodoItem};
use serde::{Deserialize, Serialize};
use store::CaseKey;
use utoipa::{IntoParams, ToSchema};

use crate::{
    access::Reader,
    api::{
        paging::{Page, PageQuery, bad_place, bounded, parts, place, usual},
        taking::Asked,
    },
    app::App,
    pages::cases::whole,
    problem::{ApiError, ReadProblems},
};

/// A step that waits for the person.
#[derive(Serialize, ToSchema)]
pub struct TodoEntry {
    /// Id of the case.
    case: String,
    /// Name of the case.
    case_name: String,
    /// Number of the case, once filed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    case_number: Option<String>,
    /// The step.
    #[serde(flatten)]
    row: TodoRow,
    /// Working days left; negative when overdue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    workdays_left: Option<i64>,
    /// Whether the last day has passed.
    overdue: bool,
    /// Whether the count rests on a year whose holidays are not announced.
    provisional: bool,
}

impl From<TodoItem> for TodoEntry {
    fn from(item: TodoItem) -> Self {
        Self {
            case: item.case_id,
            case_name: item.case_name,
            case_number: item.case_number,
            row: item.row,
            workdays_left: item.workdays_left,
            overdue: item.overdue,
            provisional: item.provisional,
        }
    }
}

/// Where a waiting step stands in the list: what is due first comes first, and no two stand at one place.
type TodoPlace = (Date, i64, String, String);

fn todo_place(item: &TodoItem) -> TodoPlace {
    let due = item.row.due_on.unwrap_or(Date::MAX);
    (
        due,
        item.row.since_at,
        item.case_id.clone(),
        item.row.key.clone(),
    )
}

fn read_todo_place(after: &str) -> Option<TodoPlace> {
    let [due, since, case, key] = parts(after)?;
    Some((due.parse().ok()?, since.parse().ok()?, case, key))
}

/// What waits for the person.
#[utoipa::path(
    get, path = "/todo", operation_id = "listTodo", tag = "待办和案件",
    summary = "查询待办",
    description = "等待本人办理或者审批的步骤，逾期的在前，其余按到期日排列；最多列出最紧迫的 300 项。",
    params(PageQuery), security(("token" = ["read"]), ("session" = [])),
    responses((status = 200, description = "待办事项", body = Page<TodoEntry>), ReadProblems)
)]
pub async fn todo(
    State(app): State<App>,
    reader: Reader,
    OriginalUri(at): OriginalUri,
    Asked(asked): Asked<PageQuery>,
) -> Result<Json<Page<TodoEntry>>, ApiError> {
    let limit = bounded(asked.limit)?;
    let after = match asked.after.as_deref() {
        Some(after) => Some(read_todo_place(after).ok_or_else(bad_place)?),
        None => None,
    };
    let mut items = app.office.todo(&reader.person).await?;
    items.sort_by_cached_key(todo_place);
    items.retain(|item| after.as_ref().is_none_or(|after| todo_place(item) > *after));
    let more = items.len() > limit;
    items.truncate(limit);
    let next = items.last().filter(|_| more).map(|last| {
        let (due, since, case, key) = todo_place(last);
        place(&[&due.to_string(), &since.to_string(), &case, &key])
    });
    let entries = items.into_iter().map(TodoEntry::from).collect();
    Ok(Json(Page::new(entries, next.as_deref(), &at)))
}

/// A case in the list.
#[derive(Serialize, ToSchema)]
pub struct CaseEntry {
    /// Id of the case.
    case: String,
    /// The rest.
    #[serde(flatten)]
    row: CaseRow,
}

/// Which cases to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct CasesQuery {
    /// Parts of what stands in the case, separated by blanks.
    #[serde(default)]
    #[param(nullable = false)]
    q: Option<String>,
    /// Stage id.
    #[serde(default)]
    #[param(nullable = false)]
    stage: Option<String>,
    /// Unit id.
    #[serde(default)]
    #[param(nullable = false)]
    unit: Option<String>,
    /// Only cases in which the person has a part.
    #[serde(default)]
    #[param(required = false, default = false)]
    mine: bool,
    /// Whether ended; both where nothing is said.
    #[serde(default)]
    #[param(nullable = false)]
    ended: Option<bool>,
    /// Place after which the page begins, out of the `next` of the page before.
    #[serde(default)]
    #[param(nullable = false)]
    after: Option<String>,
    /// Items of a page.
    #[serde(default = "usual")]
    #[param(required = false, minimum = 1, maximum = 100, default = 30)]
    limit: u32,
}

fn read_case_place(after: &str) -> Option<CaseKey> {
    let [opened_on, stream] = parts(after)?;
    Some(CaseKey {
        opened_on: opened_on.parse().ok()?,
        stream,
    })
}

/// Cases that the person may see.
#[utoipa::path(
    get, path = "/cases", operation_id = "listCases", tag = "待办和案件",
    summary = "查询案件",
    description = "本人可以查看的案件，最近登记的在前；可以按文字、阶段、科室、是否结案筛选。",
    params(CasesQuery), security(("token" = ["read"]), ("session" = [])),
    responses((status = 200, description = "案件", body = Page<CaseEntry>), ReadProblems)
)]
pub async fn cases(
    State(app): State<App>,
    reader: Reader,
    OriginalUri(at): OriginalUri,
    Asked(asked): Asked<CasesQuery>,
) -> Result<Json<Page<CaseEntry>>, ApiError> {
    bounded(asked.limit)?;
    let after = match asked.after.as_deref() {
        Some(after) => Some(read_case_place(after).ok_or_else(bad_place)?),
        None => None,
    };
    let query = CaseQuery {
        text: asked.q.filter(|q| !q.trim().is_empty()),
        stage: asked.stage,
        unit: asked.unit,
        mine: asked.mine,
        ended: asked.ended,
        after,
        limit: asked.limit,
        ..CaseQuery::default()
    };
    let found = whole(app.office.cases(&reader.person, &query).await?)?;
    let next = found
        .next
        .map(|key| place(&[&key.opened_on.to_string(), &key.stream]));
    let entry = |listed: store::Listed<CaseRow>| CaseEntry {
        case: listed.stream,
        row: listed.row,
    };
    let entries = found.cases.into_iter().map(entry).collect();
    Ok(Json(Page::new(entries, next.as_deref(), &at)))
}
