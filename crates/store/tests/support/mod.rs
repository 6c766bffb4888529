//! Appends to try the store with, and the databases to try it on.

use std::path::Path;

use casework::record::{Draft, StreamKind, Via};
use casework::rows::{BodyRow, CaseRow, LimitRow, StreamRows, TodoRow};
use jiff::civil::{Date, date};
use store::{
    Append, CommandKey, Committed, Hash, KeySource, Store, StoreConfig, StoreError, Tuning,
};

/// The body of most fixtures.
pub const BUREAU: &str = "body-xian";
/// A moment in 2026, microseconds.
pub const NOW: i64 = 1_772_409_600_000_000;

/// A store in `dir` on that database, made and opened.
pub async fn made(url: &str, dir: &Path, tuning: &Tuning) -> Result<Store, StoreError> {
    let config = config(url, dir);
    Store::migrate(&config, NOW).await?;
    Store::open_tuned(&config, tuning).await
}

/// The configuration of a store in `dir`.
pub fn config(url: &str, dir: &Path) -> StoreConfig {
    let mut config = StoreConfig::new(url, dir, "test.example/log");
    config.key = KeySource::File(dir.join("log.key"));
    config
}

/// Where a stream stands, for the next append.
#[derive(Debug, Clone)]
pub struct Tip {
    pub stream: String,
    pub version: u64,
    pub entry: Option<Hash>,
}

impl Tip {
    /// A stream that does not exist yet.
    pub fn new(stream: impl Into<String>) -> Self {
        Self {
            stream: stream.into(),
            version: 0,
            entry: None,
        }
    }

    /// The place after a commit.
    pub fn after(done: &Committed) -> Self {
        Self {
            stream: done.stream.clone(),
            version: done.last_version,
            entry: Some(done.entry),
        }
    }
}

/// One event of some 1.2 kB on a case, with its case row, three to-do rows and three limits.
pub fn step(tip: &Tip, command: &str) -> Append {
    let version = tip.version + 1;
    let opinion =
        "经审查，本案事实清楚、证据确凿、程序合法、适用依据正确、裁量适当，同意。".repeat(8);
    let body = format!(
        "{{\"step\":\"A{version}\",\"command\":\"{command}\",\"effects\":[{{\"set\":\"facts_clear\",\"to\":true}}],\
         \"opinion\":\"{opinion}\"}}"
    );
    Append {
        stream: tip.stream.clone(),
        kind: StreamKind::Case,
        body_id: BUREAU.into(),
        expected_version: tip.version,
        prev_entry: tip.entry,
        now_us: NOW + version as i64,
        events: vec![draft(body)],
        rows: rows(&tip.stream, version),
        command: CommandKey {
            id: command.into(),
            actor: "person-zhang".into(),
            digest: Hash([7; 32]),
        },
    }
}

/// An event of the person who handles the fixtures.
pub fn draft(body: String) -> Draft {
    Draft {
        event_type: "case.acted@1",
        body: body.into_bytes(),
        actor: Some("person-zhang".into()),
        card: Some(("晋A0102030405".into(), 3)),
        on_behalf_of: None,
        via: Via::Simulated,
        pack: Some(("penalty-general".into(), "c0ffee".repeat(10))),
        action: Some("A20".into()),
        cause: None,
    }
}

/// The rows of a case as they are after that many events: a function of stream and version alone.
pub fn rows(stream: &str, version: u64) -> StreamRows {
    let opened = date(2026, 3, 2);
    let case = CaseRow {
        unit: "unit-weihua".into(),
        number: Some(format!("（县）应急罚〔2026〕{stream}号")),
        name: format!("某化工厂未按规定储存危险物品案 {stream}"),
        cause: "未按规定储存危险物品".into(),
        stage: format!("S{}", version % 7),
        stage_title: "调查取证".into(),
        parties: "某化工厂、王某".into(),
        opened_on: opened,
        filed_on: Some(opened),
        decided_on: None,
        closed_on: None,
        ended: version.is_multiple_of(20),
        people: vec!["person-zhang".into(), "person-li".into()],
    };
    let todo = (0..3)
        .map(|n| todo(&format!("A{:02}", (version + n) % 30), version))
        .collect();
    let limits = (0..3)
        .map(|n| limit(&format!("CF-{n}"), opened, version))
        .collect();
    StreamRows {
        case: Some(case),
        todo,
        limits,
        ..StreamRows::default()
    }
}

fn todo(step: &str, version: u64) -> TodoRow {
    TodoRow {
        key: format!("{step}/p1/{}", version % 2),
        step: step.into(),
        title: "提出处理意见".into(),
        party: Some("p1".into()),
        party_name: Some("某化工厂".into()),
        role: "handler".into(),
        unit: Some("unit-weihua".into()),
        person: None,
        since_at: NOW,
        limit: Some("CF-0".into()),
        basis: "行政处罚法 第五十七条".into(),
        pending: false,
        due_on: Some(date(2026, 5, 31)),
        request: None,
    }
}

fn limit(code: &str, started_on: Date, version: u64) -> LimitRow {
    // Of three limits one changes at each step, as when a clock is started or stopped.
    let changes = code == "CF-1";
    LimitRow {
        key: format!("{code}/1"),
        code: code.into(),
        title: "办案期限".into(),
        party: None,
        started_on,
        status: if changes && version.is_multiple_of(2) {
            "paused"
        } else {
            "running"
        }
        .into(),
        due_on: Some(date(2026, 5, 31)),
        provisional: false,
        ended_on: None,
        basis: "行政处罚法 第六十条".into(),
    }
}

/// The stream of a body, with its superior.
pub fn body(id: &str, parent: Option<&str>) -> Append {
    let row = BodyRow {
        parent: parent.map(str::to_owned),
        name: format!("{id}应急管理局"),
    };
    Append {
        stream: id.into(),
        kind: StreamKind::Body,
        body_id: id.into(),
        expected_version: 0,
        prev_entry: None,
        now_us: NOW,
        events: vec![Draft {
            event_type: "body.made@1",
            ..draft("{}".into())
        }],
        rows: StreamRows {
            body: Some(row),
            ..StreamRows::default()
        },
        command: CommandKey {
            id: format!("make-{id}"),
            actor: String::new(),
            digest: Hash([1; 32]),
        },
    }
}
