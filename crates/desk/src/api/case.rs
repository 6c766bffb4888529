//! One case: what it is, what happened in it, what can be done, its papers and files.

use axum::{
    Json,
    extract::{OriginalUri, State},
    response::Response,
};
use casework::{
    event::{CaseActed, Issued},
    party::Party,
    proposal::Disposition,
    state::Request as Waiting,
};
use office::CaseFile;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    access::Reader,
    api::{
        paging::{Page, PageQuery},
        taking::{Asked, At},
    },
    app::App,
    pages::files,
    problem::{ApiError, ReadProblems},
};

/// A case as it stands.
#[derive(Serialize, ToSchema)]
pub struct CaseBody {
    /// Id of the case.
    case: String,
    /// Version, to be named by the next command as `seen_version`.
    version: u64,
    /// Stage id.
    stage: String,
    /// Name.
    name: String,
    /// Number, once filed.
    number: Option<String>,
    /// Cause of action (案由).
    cause: String,
    /// Parties.
    parties: Vec<Party>,
    /// The proposal in force, party by party.
    proposal: Vec<Disposition>,
    /// Steps that wait for approvals.
    #[schema(value_type = Vec<casework::state::Request>)]
    requests: Vec<Waiting>,
}

impl CaseBody {
    fn of(file: &CaseFile) -> Self {
        let state = &file.state;
        Self {
            case: file.id.clone(),
            version: state.version,
            stage: state.stage.clone(),
            name: state.name.clone(),
            number: state.number.clone(),
            cause: state.cause.clone(),
            parties: state.parties.iter().map(|p| p.party.clone()).collect(),
            proposal: state.proposal.clone(),
            requests: state.requests.clone(),
        }
    }
}

/// A case.
#[utoipa::path(
    get, path = "/cases/{case}", operation_id = "getCase", tag = "待办和案件",
    summary = "查看案件",
    description = "案件的当前情况：阶段、文号、当事人、拟作出的决定、等待审批的事项。办理时须写明这里的 version。",
    params(("case" = String, Path)), security(("token" = ["read"]), ("session" = [])),
    responses((status = 200, description = "案件", body = CaseBody), ReadProblems)
)]
pub async fn case(
    State(app): State<App>,
    reader: Reader,
    At(case): At<String>,
) -> Result<Json<CaseBody>, ApiError> {
    let file = app.office.case(&reader.person, &case).await?;
    Ok(Json(CaseBody::of(&file)))
}

/// An event of a case.
#[derive(Serialize, ToSchema)]
pub struct EventBody {
    /// Version that the case had with it.
    version: u64,
    /// Its entry in the log.
    entry: String,
    /// When it was recorded, microseconds since 1970 UTC.
    recorded_at: i64,
    /// What was done.
    event: CaseActed,
}

/// What happened in a case.
#[utoipa::path(
    get, path = "/cases/{case}/events", operation_id = "listEvents", tag = "待办和案件",
    summary = "查询办理记录",
    description = "案件自登记以来的每一次办理，先发生的在前：谁、何时、办了什么、产生了什么结果。",
    params(("case" = String, Path), PageQuery), security(("token" = ["read"]), ("session" = [])),
    responses((status = 200, description = "办理记录", body = Page<EventBody>), ReadProblems)
)]
pub async fn events(
    State(app): State<App>,
    reader: Reader,
    At(case): At<String>,
    OriginalUri(at): OriginalUri,
    Asked(asked): Asked<PageQuery>,
) -> Result<Json<Page<EventBody>>, ApiError> {
    let file = app.office.case(&reader.person, &case).await?;
    let events = file.events.iter().map(|recorded| EventBody {
        version: recorded.header.version,
        entry: recorded.entry.to_string(),
        recorded_at: recorded.header.recorded_at,
        event: recorded.acted.clone(),
    });
    Ok(Json(Page::cut(events, &asked, &at)?))
}

/// A step of the case as the person sees it.
#[derive(Serialize, ToSchema)]
pub struct OptionBody {
    /// Step id.
    step: String,
    /// Title.
    title: String,
    /// Party, for a step of one party.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    party: Option<String>,
    /// Whether the person may take it now.
    mine: bool,
    /// Whether the case waits for it.
    due: bool,
    /// Who takes it.
    role: String,
    /// Articles.
    basis: String,
}

/// What can be done in a case.
#[utoipa::path(
    get, path = "/cases/{case}/options", operation_id = "listOptions", tag = "办理",
    summary = "查询可以办理的步骤",
    description = "现阶段可以办理的步骤，由谁办理，依据哪一条；mine 为 true 的，本人可以办理。",
    params(("case" = String, Path), PageQuery), security(("token" = ["read"]), ("session" = [])),
    responses((status = 200, description = "步骤", body = Page<OptionBody>), ReadProblems)
)]
pub async fn options(
    State(app): State<App>,
    reader: Reader,
    At(case): At<String>,
    OriginalUri(at): OriginalUri,
    Asked(asked): Asked<PageQuery>,
) -> Result<Json<Page<OptionBody>>, ApiError> {
    let file = app.office.case(&reader.person, &case).await?;
    let options = app.office.options(&reader.person, &file).await?;
    let bodies = options.into_iter().map(|option| OptionBody {
        step: option.step_id,
        title: option.title,
        party: option.party,
        mine: option.mine,
        due: option.due,
        role: option.role_title,
        basis: option.basis,
    });
    Ok(Json(Page::cut(bodies, &asked, &at)?))
}

/// Papers of a case.
#[utoipa::path(
    get, path = "/cases/{case}/papers", operation_id = "listPapers", tag = "文书",
    summary = "查询文书",
    description = "案件已经制作的文书，先制作的在前。",
    params(("case" = String, Path), PageQuery), security(("token" = ["read"]), ("session" = [])),
    responses((status = 200, description = "文书", body = Page<Issued>), ReadProblems)
)]
pub async fn papers(
    State(app): State<App>,
    reader: Reader,
    At(case): At<String>,
    OriginalUri(at): OriginalUri,
    Asked(asked): Asked<PageQuery>,
) -> Result<Json<Page<Issued>>, ApiError> {
    let file = app.office.case(&reader.person, &case).await?;
    let papers = file.state.papers.iter().map(|(_, paper)| paper.clone());
    Ok(Json(Page::cut(papers, &asked, &at)?))
}

/// The bytes of a paper.
#[utoipa::path(
    get, path = "/cases/{case}/papers/{paper}", operation_id = "getPaper", tag = "文书",
    summary = "下载文书",
    description = "文书的原件。paper 是文书列表中的 paper_id。",
    params(("case" = String, Path), ("paper" = String, Path)),
    security(("token" = ["read"]), ("session" = [])),
    responses(
        (status = 200, description = "文书", content(
            (Vec<u8> = "application/pdf"), (Vec<u8> = "application/octet-stream")
        )),
        ReadProblems
    )
)]
pub async fn paper(
    State(app): State<App>,
    reader: Reader,
    At((case, paper)): At<(String, String)>,
) -> Result<Response, ApiError> {
    Ok(files::paper_of(&app, &reader.person, &case, &paper).await?)
}

/// The bytes of a file that was uploaded.
#[utoipa::path(
    get, path = "/cases/{case}/files/{digest}", operation_id = "getFile", tag = "文书",
    summary = "下载证据附件",
    description = "办理记录中提到的附件。digest 是办理记录中附件的摘要值。",
    params(("case" = String, Path), ("digest" = String, Path)),
    security(("token" = ["read"]), ("session" = [])),
    responses(
        (status = 200, description = "附件", content(
            (Vec<u8> = "application/pdf"), (Vec<u8> = "image/png"), (Vec<u8> = "image/jpeg"),
            (Vec<u8> = "image/gif"), (Vec<u8> = "image/webp"), (Vec<u8> = "application/octet-stream")
        )),
        ReadProblems
    )
)]
pub async fn evidence(
    State(app): State<App>,
    reader: Reader,
    At((case, digest)): At<(String, String)>,
) -> Result<Response, ApiError> {
    Ok(files::evidence_of(&app, &reader.person, &case, &digest).await?)
}
