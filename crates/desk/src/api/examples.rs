//! Examples of the document, with invented people and firms.

use serde_json::{Value, json};

const CASE: &str = "case-5f0c2a9be1d74c3f8a61";
const DIGEST: &str = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

/// The body that an operation is sent, if it takes one.
pub fn request(operation: &str) -> Option<Value> {
    Some(match operation {
        "signIn" => json!({"login": "chenli", "password": "青山绿水之间有人家"}),
        "openCase" => json!({
            "step": "A01", "act": "take", "occurred_on": "2026-03-02", "seen_version": 0,
            "fields": {
                "source": {"text": "report"},
                "case_name": {"text": "青禾县某机械厂未建立事故隐患排查治理制度案"},
                "cause": {"text": "未建立事故隐患排查治理制度"},
                "clue": {"text": "群众举报该厂车间通道长期堵塞。"},
                "discovered_on": {"date": "2026-03-02"},
                "parties": {"parties": [party()]},
            },
        }),
        "act" => json!({
            "step": "A20.sign",
            "act": {"approve": {"request": "2026-03-09-0007", "opinion": "同意。"}},
            "occurred_on": "2026-03-09", "seen_version": 6,
        }),
        _ => return None,
    })
}

/// What an operation answers; `again` for an answer that was given before.
pub fn answer(operation: &str, again: bool) -> Value {
    match operation {
        "signIn" => {
            json!({"id": "person-chenli", "name": "陈立", "unit": "wh", "roles": ["officer"]})
        }
        "listTodo" => page(json!([todo()])),
        "listCases" => page(json!([case_row()])),
        "getCase" => case(),
        "listEvents" => page(json!([event()])),
        "listOptions" => page(json!([{
            "step": "A05", "title": "立案", "mine": true, "due": true, "role": "承办人",
            "basis": "《行政处罚法》第五十四条第二款",
        }])),
        "listPapers" => page(json!([paper()])),
        "openCase" => json!({"case": CASE, "version": 1, "papers": [], "replayed": again}),
        _ => json!({"case": CASE, "version": 7, "papers": [paper()], "replayed": false}),
    }
}

/// A problem of that status.
pub fn problem(status: &str) -> Value {
    let (kind, title, detail) = match status {
        "400" => (
            "bad-request",
            "提交的内容不完整",
            "请求内容不符合格式：missing field `step`",
        ),
        "401" => (
            "token",
            "访问令牌不能使用",
            "访问令牌不存在、已经到期或者已被撤销；请本人在“访问令牌”页面另建",
        ),
        "403" => (
            "forbidden",
            "不能这样办理",
            "这个访问令牌只能查询；需要办理的，请本人另建可以办理的令牌",
        ),
        "404" => (
            "not-found",
            "没有找到",
            "没有找到这个页面，或者您无权查看；请从待办或者案件列表进入",
        ),
        "409" => (
            "conflict",
            "本案刚被他人更新",
            "本案刚被他人更新，您的操作没有保存；请核对变动后重新办理",
        ),
        "413" => (
            "too-large",
            "提交的内容太大",
            "请求内容超过上限（登录 16 KB，其他 2 MB）；请把文件先在案件页面上传",
        ),
        "415" => (
            "media-type",
            "内容类型不对",
            "请求内容须以 application/json 发送",
        ),
        "422" => ("refused", "不符合办理条件", "陈立不能审批自己提请的事项"),
        "429" => (
            "too-many",
            "请稍候再试",
            "失效的访问令牌用得过多，请在15分钟后再试",
        ),
        "503" => ("unavailable", "暂时不能办理", "数据库正忙，请稍候再试"),
        _ => (
            "internal",
            "系统出错",
            "系统内部出错，本次操作没有保存；请稍后重试",
        ),
    };
    let mut problem = json!({
        "type": format!("urn:zhiheng:problem:{kind}"), "title": title,
        "status": status.parse::<u16>().unwrap_or(500), "detail": detail,
    });
    if status == "409" {
        problem["current_version"] = json!(7);
        problem["changed"] = json!(["立案（2026-03-03）"]);
    }
    if status == "422" {
        problem["refusal"] = json!("not_you");
        problem["reasons"] = json!([{"why": detail, "next": "请由科室负责人审批"}]);
    }
    problem
}

fn page(items: Value) -> Value {
    json!({"items": items})
}

fn party() -> Value {
    json!({
        "id": "p1", "kind": "organization", "name": "青禾县某机械厂",
        "representative": "王某", "address": "青禾县工业路1号",
    })
}

fn todo() -> Value {
    json!({
        "case": CASE, "case_name": "青禾县某机械厂未建立事故隐患排查治理制度案",
        "key": "A05###", "step": "A05", "title": "立案", "party": null, "party_name": null,
        "role": "officer", "unit": "wh", "person": null, "since_at": 1_772_434_800_000_000_i64,
        "limit": "CF-LA", "due_on": "2026-03-11", "basis": "《行政处罚法》第五十四条第二款",
        "pending": false, "workdays_left": 7, "overdue": false, "provisional": false,
    })
}

fn case_row() -> Value {
    json!({
        "case": CASE, "unit": "wh", "number": null, "name": "青禾县某机械厂未建立事故隐患排查治理制度案",
        "cause": "未建立事故隐患排查治理制度", "stage": "S1", "stage_title": "线索", "parties": "青禾县某机械厂",
        "opened_on": "2026-03-02", "filed_on": null, "decided_on": null, "closed_on": null,
        "ended": false, "people": ["person-chenli"],
    })
}

fn case() -> Value {
    json!({
        "case": CASE, "version": 1, "stage": "S1", "name": "青禾县某机械厂未建立事故隐患排查治理制度案",
        "number": null, "cause": "未建立事故隐患排查治理制度", "parties": [party()], "proposal": [], "requests": [],
    })
}

fn event() -> Value {
    json!({
        "version": 1, "entry": DIGEST, "recorded_at": 1_772_434_800_000_000_i64,
        "event": {
            "step": "A01", "title": "登记线索", "phase": "taken", "occurred_on": "2026-03-02",
            "people": [{
                "person": "person-chenli", "name": "陈立", "role": "officer", "duty": "handle", "card": "QH-0001",
            }],
            "fields": {"cause": {"text": "未建立事故隐患排查治理制度"}},
            "effects": [{"move": {"stage": "S1"}}, {"add_party": {"party": party()}}],
            "basis": "《行政处罚法》第五十四条第一款", "calendar": "2026.1",
        },
    })
}

fn paper() -> Value {
    json!({
        "paper_id": "W-2026-000123", "template": "penalty_notice", "title": "行政处罚告知书",
        "number": "（青禾）应急罚告〔2026〕1号", "party": "p1", "on": "2026-03-09", "digest": DIGEST,
        "size_bytes": 48_211, "media_type": "application/pdf", "order": 24, "pages": 2,
    })
}
