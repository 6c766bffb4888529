//! Stored things in the words of a page: times, sizes, values, effects.

use std::collections::BTreeMap;

use casework::{
    effect::{Effect, Span},
    event::Phase,
    field::{FieldValue, FileRef, REVIEW_ITEMS},
    party::{Party, PartyKind},
    person::Person,
    proposal::{Disposition, Excuse},
    state::State,
};
use jiff::Timestamp;
use law::{
    calendar::BEIJING,
    money::Fen,
    pack::{Fact, FieldType, LimitStatus, Pack, Step},
    term::{Direction, Unit},
};

use crate::form::carry::outcome;

/// Beijing time, `2026-03-02 09:30`.
pub fn moment(us: i64) -> String {
    let instant = Timestamp::from_microsecond(us).unwrap_or(Timestamp::UNIX_EPOCH);
    BEIJING
        .to_datetime(instant)
        .strftime("%Y-%m-%d %H:%M")
        .to_string()
}

/// A size in the unit that people use.
pub fn size(bytes: u64) -> String {
    match bytes {
        0..1024 => format!("{bytes} 字节"),
        1024..1_048_576 => format!("{} KB", bytes / 1024),
        _ => format!(
            "{}.{} MB",
            bytes / 1_048_576,
            bytes % 1_048_576 * 10 / 1_048_576
        ),
    }
}

/// What is left of a limit, in words.
pub fn left(workdays: i64, overdue: bool, provisional: bool) -> String {
    let rest = match workdays {
        _ if overdue => format!("已超期 {} 个工作日", workdays.unsigned_abs().max(1)),
        0 => "今天到期".to_owned(),
        days => format!("还剩 {days} 个工作日"),
    };
    if provisional {
        format!("{rest}（暂定：该年度放假安排尚未公布）")
    } else {
        rest
    }
}

/// How much a limit presses, as a class of its row.
pub fn urgency(workdays: Option<i64>, overdue: bool) -> &'static str {
    match workdays {
        _ if overdue => "overdue",
        Some(0..=3) => "soon",
        _ => "",
    }
}

/// Percent-encoding of everything that is not unreserved (RFC 3986).
pub fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 3);
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

/// What the event was for its step.
pub fn phase(phase: Phase) -> &'static str {
    match phase {
        Phase::Taken => "办理",
        Phase::Requested => "报批",
        Phase::Endorsed => "审批同意，待下一级审批",
        Phase::Returned => "退回",
        Phase::Withdrawn => "撤回报批",
        Phase::Expired => "期限届满",
        Phase::Switched => "程序换版",
    }
}

/// A filled field, ready to be shown.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Shown {
    /// Title of the field.
    pub title: String,
    /// Its value, a paragraph each.
    pub lines: Vec<String>,
    /// Its file, to be downloaded by digest.
    pub file: Option<FileRef>,
}

/// What a disposition comes to, as the first of its parts is called.
const OUTCOME: &str = "处理";

/// Names that values refer to.
#[derive(Debug, Clone, Copy)]
pub struct Names<'a> {
    /// Officials by id.
    pub people: &'a BTreeMap<String, Person>,
    /// The case, for its parties.
    pub state: &'a State,
    /// The pack, for facts, stages and limits.
    pub pack: &'a Pack,
}

impl Names<'_> {
    /// Name of an official.
    pub fn person(&self, id: &str) -> String {
        self.people
            .get(id)
            .map_or_else(|| id.to_owned(), |p| p.name.clone())
    }

    /// Name of a party.
    pub fn party(&self, id: &str) -> String {
        self.state
            .party(id)
            .map_or_else(|| id.to_owned(), |p| p.party.name.clone())
    }

    /// Title of a stage.
    pub fn stage(&self, id: &str) -> String {
        self.pack
            .stages
            .iter()
            .find(|s| s.id == id)
            .map_or_else(|| id.to_owned(), |s| s.title.clone())
    }

    /// Title of a role.
    pub fn role(&self, id: &str) -> String {
        self.pack
            .roles
            .iter()
            .find(|r| r.id == id)
            .map_or_else(|| id.to_owned(), |r| r.title.clone())
    }

    fn limit(&self, code: &str) -> String {
        self.pack
            .limits
            .iter()
            .find(|l| l.code == code)
            .map_or_else(|| code.to_owned(), |l| l.title.clone())
    }

    /// The fields of a step as they were filled in, in the order of its form.
    pub fn fields(&self, step: Option<&Step>, fields: &casework::field::Fields) -> Vec<Shown> {
        let declared = step.map(|s| s.form.as_slice()).unwrap_or_default();
        let known = declared.iter().filter_map(|field| {
            Some(self.shown(
                field.title.clone(),
                Some(&field.kind),
                fields.get(&field.id)?,
            ))
        });
        // A pack's form may change; what was filled in under an older one is shown all the same.
        let others = fields
            .iter()
            .filter(|(id, _)| declared.iter().all(|field| field.id != **id));
        known
            .chain(others.map(|(id, value)| self.shown(id.clone(), None, value)))
            .collect()
    }

    fn shown(&self, title: String, kind: Option<&FieldType>, value: &FieldValue) -> Shown {
        let file = match value {
            FieldValue::Upload(file) => Some(file.clone()),
            _ => None,
        };
        Shown {
            title,
            lines: self.lines(kind, value),
            file,
        }
    }

    fn lines(&self, kind: Option<&FieldType>, value: &FieldValue) -> Vec<String> {
        match value {
            FieldValue::Text(text) => vec![choice(kind, text)],
            FieldValue::YesNo(yes) => vec![if *yes { "是" } else { "否" }.to_owned()],
            FieldValue::Date(on) => vec![on.to_string()],
            FieldValue::DateTime(at) => vec![at.strftime("%Y-%m-%d %H:%M").to_string()],
            FieldValue::Money(fen) => vec![Fen(*fen).to_string()],
            FieldValue::Int(n) => vec![n.to_string()],
            FieldValue::Persons(ids) => vec![
                ids.iter()
                    .map(|id| self.person(id))
                    .collect::<Vec<_>>()
                    .join("、"),
            ],
            FieldValue::Points(list) => numbered(list.iter().map(String::as_str)),
            FieldValue::Parties(list) => list.iter().map(party_line).collect(),
            FieldValue::Proposal(list) => list.iter().flat_map(|d| self.disposition(d)).collect(),
            FieldValue::TenItems(list) => {
                let line = |(item, title): (&casework::field::ReviewItem, &&str)| {
                    let result = if item.ok { "无问题" } else { "存在问题" };
                    let remark = if item.remark.is_empty() {
                        String::new()
                    } else {
                        format!("，{}", item.remark)
                    };
                    format!("{title}：{result}{remark}")
                };
                numbered(list.iter().zip(&REVIEW_ITEMS).map(line))
            }
            FieldValue::Votes(list) => {
                let view = |v: &casework::field::Vote| {
                    let said = if v.view.is_empty() {
                        String::new()
                    } else {
                        format!("，{}", v.view)
                    };
                    format!(
                        "{}：{}{said}",
                        self.person(&v.person),
                        if v.agrees { "同意" } else { "不同意" }
                    )
                };
                list.iter().map(view).collect()
            }
            FieldValue::Items(list) => {
                let line = |t: &casework::field::Thing| {
                    let parts = [&t.name, &t.spec, &t.count, &t.note];
                    parts
                        .into_iter()
                        .filter(|p| !p.is_empty())
                        .cloned()
                        .collect::<Vec<_>>()
                        .join("，")
                };
                numbered(list.iter().map(line))
            }
            FieldValue::Upload(file) => vec![format!("{}（{}）", file.name, size(file.size_bytes))],
        }
    }

    /// A disposition in paragraphs.
    pub fn disposition(&self, d: &Disposition) -> Vec<String> {
        let parts = self.parts(d).into_iter();
        parts
            .map(|(label, text)| match label {
                OUTCOME => format!("【{}】{text}", self.party(&d.party)),
                _ => format!("{label}：{text}"),
            })
            .collect()
    }

    /// What a disposition says, part by part, each with what it is called; what is empty is left out.
    pub fn parts(&self, d: &Disposition) -> Vec<(&'static str, String)> {
        let mut parts = vec![(OUTCOME, outcome(d))];
        let mut add = |label: &'static str, text: &str| {
            if !text.is_empty() {
                parts.push((label, text.to_owned()));
            }
        };
        add("违法事实", if d.proven { "成立" } else { "不成立" });
        add("查明", &d.facts);
        add("定性", &d.characterization);
        add("违反", &d.violated.join("；"));
        add("依据", &d.basis.join("；"));
        add("裁量", &d.discretion);
        let excuse = d
            .excuse
            .and_then(|e| Excuse::ALL.iter().find(|(excuse, ..)| *excuse == e));
        add("不予处罚事由", excuse.map_or("", |(.., title)| *title));
        if let Some(range) = &d.range {
            add(
                "法定幅度",
                &format!("{}至{}", Fen(range.min_fen), Fen(range.max_fen)),
            );
            add("减轻情形", &range.reduction);
        }
        add("责令改正", &d.correction);
        parts
    }

    /// What an effect means, where it is worth saying.
    pub fn effect(&self, effect: &Effect) -> Option<String> {
        let of = |party: &Option<String>| {
            party
                .as_deref()
                .map(|id| format!("（{}）", self.party(id)))
                .unwrap_or_default()
        };
        Some(match effect {
            Effect::Move { stage } => format!("案件进入“{}”", self.stage(stage)),
            Effect::Number { number } => format!("案号：{number}"),
            Effect::Set { fact, value, party } => {
                let fact = self.pack.facts.iter().find(|f| f.id == *fact)?;
                let (_, title) = fact.values.iter().find(|(id, _)| id == value)?;
                format!("{}{}：{title}", fact.title, of(party))
            }
            Effect::AmendParty { party } => format!("当事人现为：{}", party_line(party)),
            Effect::Assign { role, people } => {
                format!("{}：{}", self.role(role), self.people(people))
            }
            Effect::Release { role, people } if !people.is_empty() => {
                format!("不再担任{}：{}", self.role(role), self.people(people))
            }
            Effect::RecusalAsked { people } => {
                format!("申请回避：{}", self.people(people))
            }
            Effect::Recuse { people } => format!("回避：{}", self.people(people)),
            Effect::Start {
                limit,
                party,
                on,
                span,
                ..
            } => {
                format!(
                    "期限“{}”{}自 {on} 起算，{}",
                    self.limit(limit),
                    of(party),
                    length(span)
                )
            }
            Effect::Limit {
                limit,
                party,
                status,
                on,
            } => {
                format!(
                    "期限“{}”{}于 {on} {}",
                    self.limit(limit),
                    of(party),
                    limit_status(*status)
                )
            }
            Effect::Extended {
                limit,
                party,
                extension,
            } => format!(
                "期限“{}”{}经{}批准延长 {}，理由：{}（{}）",
                self.limit(limit),
                of(party),
                self.person(&extension.approved_by),
                extension.count,
                extension.reason,
                extension.basis
            ),
            Effect::Switched(switched) => format!(
                "程序方案由 {} 版换为 {} 版，已办的步骤有效",
                switched.from, switched.to
            ),
            Effect::Decided { party } => format!("对“{}”作出决定", self.party(party)),
            Effect::Notified { party } => format!("已将拟处理意见告知“{}”", self.party(party)),
            Effect::Published { party, .. } => format!("“{}”的决定向社会公示", self.party(party)),
            Effect::Withdrawn { party, .. } => format!("“{}”的决定撤回公示", self.party(party)),
            Effect::Paid { party, amount_fen } => {
                format!("“{}”缴款 {}", self.party(party), Fen(*amount_fen))
            }
            _ => return None,
        })
    }

    fn people(&self, ids: &[String]) -> String {
        ids.iter()
            .map(|id| self.person(id))
            .collect::<Vec<_>>()
            .join("、")
    }
}

fn choice(kind: Option<&FieldType>, text: &str) -> String {
    match kind {
        Some(FieldType::Choice(options)) => options
            .iter()
            .find(|(id, _)| id == text)
            .map_or_else(|| text.to_owned(), |(_, title)| title.clone()),
        _ => text.to_owned(),
    }
}

fn numbered(lines: impl Iterator<Item = impl std::fmt::Display>) -> Vec<String> {
    lines
        .enumerate()
        .map(|(n, line)| format!("{}. {line}", n + 1))
        .collect()
}

fn party_line(party: &Party) -> String {
    let parts = [
        &party.code,
        &party.representative,
        &party.address,
        &party.phone,
    ];
    let known: Vec<&str> = parts
        .into_iter()
        .filter(|p| !p.is_empty())
        .map(String::as_str)
        .collect();
    let rest = if known.is_empty() {
        String::new()
    } else {
        format!("，{}", known.join("，"))
    };
    format!("{}（{}）{rest}", party.name, party_kind(party.kind))
}

/// The present value of a fact in words: what was set, else the first that is declared.
pub fn fact(declared: &Fact, now: Option<&String>) -> String {
    let mut values = declared.values.iter();
    let known = values.find(|(value, _)| now == Some(value));
    let known = known.or_else(|| declared.values.first());
    known.map(|(_, title)| title.clone()).unwrap_or_default()
}

/// The same of the fact with that id; empty where the pack has none.
pub fn fact_of(pack: &Pack, id: &str, now: Option<&String>) -> String {
    let declared = pack.facts.iter().find(|f| f.id == id);
    declared
        .map(|declared| fact(declared, now))
        .unwrap_or_default()
}

/// What a party is, in Chinese.
pub fn party_kind(kind: PartyKind) -> &'static str {
    PartyKind::ALL
        .iter()
        .find(|(k, ..)| *k == kind)
        .map_or("", |(.., title)| title)
}

/// How a limit stands, in Chinese.
pub fn limit_status(status: LimitStatus) -> &'static str {
    match status {
        LimitStatus::Idle => "未起算",
        LimitStatus::Running => "计算中",
        LimitStatus::Paused => "停止计算",
        LimitStatus::Expired => "届满",
        LimitStatus::Ended => "终结",
    }
}

/// How long a limit is, in Chinese.
pub fn length(span: &Span) -> String {
    match span {
        Span::Until(on) => format!("至 {on}"),
        Span::Term(count, unit, direction) => {
            let unit = match unit {
                Unit::Hour => "小时",
                Unit::Day => "日",
                Unit::WorkingDay => "个工作日",
                Unit::Month => "个月",
                Unit::Year => "年",
            };
            match direction {
                Direction::Forward => format!("{count}{unit}"),
                Direction::Back => format!("提前{count}{unit}"),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_beijing_time() {
        assert_eq!(moment(1_772_409_600_000_000), "2026-03-02 08:00");
    }

    #[test]
    fn sizes_and_what_is_left_are_said_in_words() {
        assert_eq!(size(900), "900 字节");
        assert_eq!(size(2048), "2 KB");
        assert_eq!(size(1_600_000), "1.5 MB");
        assert_eq!(left(3, false, false), "还剩 3 个工作日");
        assert_eq!(left(0, false, false), "今天到期");
        assert_eq!(left(-2, true, false), "已超期 2 个工作日");
        assert_eq!(left(0, true, false), "已超期 1 个工作日");
        assert!(left(9, false, true).contains("暂定"));
    }
}
