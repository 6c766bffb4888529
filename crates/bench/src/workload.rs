//! The transition that is measured: one event of some 1.2 kB; the case row changes, one to-do row goes and one
//! comes, one limit changes.
//!
//! The store writes only the rows that differ from what is there. These four are about what a replay of recorded
//! cases changes at an event: 0.6 case rows, 0.3 persons, 1.1 to-do rows gone and 1.3 put, 0.7 limits, 0.5 papers.
//! `transition.sql` is the same for pgbench.

use casework::record::{Draft, StreamKind, Via};
use casework::rows::{BodyRow, CaseRow, LimitRow, StreamRows, TodoRow};
use jiff::civil::date;
use store::{Append, CommandKey, Committed, Hash};

/// The body of all cases.
pub const BUREAU: &str = "body-xian";
/// The official who handles them all.
pub const OFFICER: &str = "person-zhang";
/// Unit of all cases.
pub const UNIT: &str = "unit-weihua";

/// The wall clock, microseconds since 1970 UTC.
pub fn now_us() -> i64 {
    office::Clock::System.now_us()
}

/// Where a case stands, for its next transition.
#[derive(Debug, Clone)]
pub struct Tip {
    /// How-manieth case; its stream is `case-N`.
    pub case: usize,
    version: u64,
    entry: Option<Hash>,
}

impl Tip {
    /// A case that does not exist yet.
    pub fn new(case: usize) -> Self {
        Self {
            case,
            version: 0,
            entry: None,
        }
    }

    /// Takes note of what was committed.
    pub fn advance(&mut self, done: &Committed) {
        self.version = done.last_version;
        self.entry = Some(done.entry);
    }

    /// The stream.
    pub fn stream(&self) -> String {
        stream(self.case)
    }
}

/// The stream of the `case`th case.
pub fn stream(case: usize) -> String {
    format!("case-{case}")
}

/// The next event of a case with the rows given.
pub fn append(tip: &Tip, rows: StreamRows) -> Append {
    let version = tip.version + 1;
    let stream = tip.stream();
    let id = format!("cmd-{stream}-{version}");
    let events = vec![Draft {
        action: Some("A20".into()),
        pack: Some(("penalty-general".into(), "c0ffee00".repeat(8))),
        ..draft("case.acted@1", body(version))
    }];
    Append {
        stream,
        kind: StreamKind::Case,
        body_id: BUREAU.into(),
        expected_version: tip.version,
        prev_entry: tip.entry,
        now_us: now_us(),
        events,
        rows,
        command: command(id),
    }
}

/// The next transition of a case.
pub fn transition(tip: &Tip) -> Append {
    append(tip, rows(&tip.stream(), tip.version + 1))
}

/// The stream of the bureau.
pub fn bureau() -> Append {
    let row = BodyRow {
        parent: None,
        name: "某县应急管理局".into(),
    };
    Append {
        stream: BUREAU.into(),
        kind: StreamKind::Body,
        body_id: BUREAU.into(),
        expected_version: 0,
        prev_entry: None,
        now_us: now_us(),
        events: vec![draft("body.made@1", b"{}".to_vec())],
        rows: StreamRows {
            body: Some(row),
            ..StreamRows::default()
        },
        command: command("make-bureau".into()),
    }
}

/// An event body of some 1.2 kB.
pub fn body(version: u64) -> Vec<u8> {
    let opinion =
        "经审查，本案事实清楚、证据确凿、程序合法、适用依据正确、裁量适当，同意。".repeat(10);
    format!(
        "{{\"step\":\"A{version}\",\"effects\":[{{\"set\":\"facts_clear\",\"to\":true}}],\"opinion\":\"{opinion}\"}}"
    )
    .into_bytes()
}

fn draft(event_type: &'static str, body: Vec<u8>) -> Draft {
    Draft {
        event_type,
        body,
        actor: Some(OFFICER.into()),
        card: Some(("晋A0102030405".into(), 3)),
        on_behalf_of: None,
        via: Via::Simulated,
        pack: None,
        action: None,
        cause: None,
    }
}

fn command(id: String) -> CommandKey {
    CommandKey {
        id,
        actor: OFFICER.into(),
        digest: Hash([7; 32]),
    }
}

/// The rows of a case after that many transitions: a function of stream and version alone.
fn rows(stream: &str, version: u64) -> StreamRows {
    StreamRows {
        case: Some(case_row(stream, version)),
        todo: (version..version + 3).map(todo).collect(),
        limits: (0..3).map(|n| limit(n, version)).collect(),
        ..StreamRows::default()
    }
}

/// A case as lists show it.
pub fn case_row(stream: &str, version: u64) -> CaseRow {
    let opened_on = date(2026, 3, 2);
    CaseRow {
        unit: UNIT.into(),
        number: Some(format!("（县）应急罚〔2026〕{stream}号")),
        name: format!("某化工厂未按规定储存危险物品案 {stream}"),
        cause: "未按规定储存危险物品".into(),
        stage: format!("S{}", version % 7),
        stage_title: "调查取证".into(),
        parties: "某化工厂、王某".into(),
        opened_on,
        filed_on: Some(opened_on),
        decided_on: None,
        closed_on: None,
        ended: false,
        people: vec![OFFICER.into(), "person-li".into()],
    }
}

/// The `n`th step that waits.
pub fn todo(n: u64) -> TodoRow {
    TodoRow {
        key: format!("A{}/p1", n % 30),
        step: format!("A{}", n % 30),
        title: "提出处理意见".into(),
        party: Some("p1".into()),
        party_name: Some("某化工厂".into()),
        role: "handler".into(),
        unit: Some(UNIT.into()),
        person: None,
        since_at: 1_772_409_600_000_000,
        limit: Some("CF-0".into()),
        basis: "行政处罚法 第五十七条".into(),
        pending: false,
        due_on: Some(date(2026, 5, 31)),
        request: None,
    }
}

/// The `n`th limit as of a version: the first is stopped and started again in turn, the others run.
pub fn limit(n: u64, version: u64) -> LimitRow {
    let runs = n > 0 || version.is_multiple_of(2);
    LimitRow {
        key: format!("CF-{n}/1"),
        code: format!("CF-{n}"),
        title: "办案期限".into(),
        party: None,
        started_on: date(2026, 3, 2),
        status: if runs { "running" } else { "paused" }.into(),
        due_on: runs.then_some(date(2026, 5, 31)),
        provisional: false,
        ended_on: None,
        basis: "行政处罚法 第六十条".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::rows;

    #[test]
    fn four_rows_differ_from_one_version_to_the_next() {
        for version in 1..70 {
            let (old, new) = (rows("case-1", version), rows("case-1", version + 1));
            assert_ne!(old.case, new.case);
            let come = new.todo.iter().filter(|row| !old.todo.contains(row));
            let gone = old.todo.iter().filter(|row| !new.todo.contains(row));
            assert_eq!((come.count(), gone.count()), (1, 1));
            let limits = new.limits.iter().zip(&old.limits);
            assert_eq!(limits.filter(|(new, old)| new != old).count(), 1);
        }
    }

    #[test]
    fn an_event_body_is_of_the_size_said() {
        assert!((1_100..=1_300).contains(&super::body(7).len()));
    }
}
