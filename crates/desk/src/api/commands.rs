//! Commands: opening a case, and acting in one.

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use casework::{
    command::{Act, Command},
    event::Issued,
    field::{FieldValue, Fields},
    record::Via,
};
use jiff::civil::Date;
use office::Done;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    access::Actor,
    api::taking::{At, Body},
    app::App,
    error::PageError,
    problem::{ApiError, WriteProblems},
};

/// Name of the header that brings a command's id.
const KEY: &str = "idempotency-key";
const NO_KEY: &str = "请在 Idempotency-Key 请求头中写明操作编号（1 至 120 个字节，每一操作各不相同），网络中断后用同一编号重发不会重复办理";
/// The step with which a case begins.
const FIRST: &str = "A01";
const NOT_FIRST: &str = "登记案件线索的步骤是 A01；在已有案件中办理的，请发送到该案件的 commands";
const TWO_KEYS: &str = "Idempotency-Key 请求头与请求内容中的 id 不同；请只写其中一个，或者写成相同";

/// A command on one case.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CommandBody {
    /// Id chosen by the sender, where no header brings it; the same id never acts twice.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 120)]
    id: Option<String>,
    /// Step of the pack.
    step: String,
    /// Party, for a step of one party.
    #[serde(default)]
    party: Option<String>,
    /// What is asked.
    act: Act,
    /// Legal date.
    occurred_on: Date,
    /// Why it is entered late, where it is.
    #[serde(default)]
    late_reason: Option<String>,
    /// Persons who act together with the actor.
    #[serde(default)]
    with: Vec<String>,
    /// Whether cards were shown on this occasion (行政处罚法 55).
    #[serde(default)]
    card_shown: bool,
    /// Form fields.
    #[serde(default)]
    #[schema(value_type = std::collections::BTreeMap<String, FieldValue>)]
    fields: Fields,
    /// Version of the case that the actor saw.
    seen_version: u64,
}

impl CommandBody {
    /// The command, under the id that the header or the body brings.
    fn command(self, headers: &HeaderMap) -> Result<Command, ApiError> {
        let bad = |why: &str| PageError::BadBody(why.to_owned());
        let key = headers.get(KEY).map(|key| key.to_str().map(bare));
        let key = key.transpose().map_err(|_| bad(NO_KEY))?;
        let id = match (key, self.id) {
            (Some(key), Some(id)) if key != id => return Err(bad(TWO_KEYS).into()),
            (Some(key), _) => key.to_owned(),
            (None, Some(id)) => id,
            (None, None) => return Err(bad(NO_KEY).into()),
        };
        Ok(Command {
            id,
            step: self.step,
            party: self.party,
            act: self.act,
            occurred_on: self.occurred_on,
            late_reason: self.late_reason,
            with: self.with,
            card_shown: self.card_shown,
            fields: self.fields,
            seen_version: self.seen_version,
        })
    }
}

/// A key as senders write it: bare, or as a quoted string of structured fields.
fn bare(key: &str) -> &str {
    let key = key.trim();
    let quoted = key.strip_prefix('"').and_then(|key| key.strip_suffix('"'));
    quoted.unwrap_or(key)
}

/// What a command led to.
#[derive(Serialize, ToSchema)]
pub struct DoneBody {
    /// Id of the case.
    case: String,
    /// Version of the case that the command made; of a command that is sent again, the one it made then.
    version: u64,
    /// Papers that the command issued.
    papers: Vec<Issued>,
    /// Whether it is the answer to an earlier, same command.
    replayed: bool,
}

impl DoneBody {
    fn of(case: String, done: Done) -> Self {
        Self {
            case,
            version: done.version,
            papers: done.papers,
            replayed: done.replayed,
        }
    }
}

/// Opens a case.
#[utoipa::path(
    post, path = "/cases", operation_id = "openCase", tag = "办理",
    summary = "登记案件线索",
    description = "登记违法线索（步骤 A01），案件由此建立。seen_version 写 0。同一操作编号重发得到第一次的结果，replayed 为 true；同一编号换了内容的不予办理。",
    params(("Idempotency-Key" = Option<String>, Header, min_length = 1, max_length = 120)),
    request_body = CommandBody, security(("token" = ["act"]), ("session" = [])),
    responses(
        (status = 201, description = "已登记", body = DoneBody),
        (status = 200, description = "早先已登记，这是当时的结果", body = DoneBody),
        WriteProblems
    )
)]
pub async fn open(
    State(app): State<App>,
    actor: Actor,
    headers: HeaderMap,
    Body(body): Body<CommandBody>,
) -> Result<Response, ApiError> {
    let command = body.command(&headers)?;
    if command.step != FIRST {
        return Err(PageError::BadBody(NOT_FIRST.to_owned()).into());
    }
    let (case, done) = app
        .office
        .open_case(&actor.person, Via::Api, command)
        .await?;
    let status = if done.replayed {
        StatusCode::OK
    } else {
        StatusCode::CREATED
    };
    Ok((status, Json(DoneBody::of(case, done))).into_response())
}

/// Acts in a case.
#[utoipa::path(
    post, path = "/cases/{case}/commands", operation_id = "act", tag = "办理",
    summary = "办理步骤",
    description = "办理、提请、批准、退回或者撤回一个步骤。能办哪些见“查询可以办理的步骤”，各步骤的字段与网页表单相同。不符合条件的不予办理，并逐项列出理由和依据。",
    params(
        ("case" = String, Path),
        ("Idempotency-Key" = Option<String>, Header, min_length = 1, max_length = 120)
    ),
    request_body = CommandBody, security(("token" = ["act"]), ("session" = [])),
    responses((status = 200, description = "已办理", body = DoneBody), WriteProblems)
)]
pub async fn command(
    State(app): State<App>,
    actor: Actor,
    At(case): At<String>,
    headers: HeaderMap,
    Body(body): Body<CommandBody>,
) -> Result<Json<DoneBody>, ApiError> {
    let command = body.command(&headers)?;
    let done = app
        .office
        .act(&actor.person, Via::Api, &case, command)
        .await?;
    Ok(Json(DoneBody::of(case, done)))
}
