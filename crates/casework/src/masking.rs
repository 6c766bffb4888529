//! What must not go out with a public copy: names of natural persons, numbers, telephones, homes
//! (行政处罚法 48, 50).
//!
//! Names are those that the case itself knows: parties, representatives, and whoever a form named. A name that
//! stands nowhere else in the case cannot be recognised, so whoever publishes still has to read the text.

use std::collections::BTreeSet;

use jiff::civil::Date;
use law::pack::{Field, PrivacyClass};

use crate::{
    field::{FieldValue, Fields},
    proposal::Penalty,
    state::{PartyState, State},
};

/// Form fields that name persons who are no officials, in events that do not say whom their form named.
const PERSONS: [&str; 8] = [
    "applicant",
    "interviewee",
    "present",
    "recipient",
    "representatives",
    "signer",
    "speaker",
    "witness",
];

/// Words that stand beside a name, or instead of one, in such a field.
const NOT_NAMES: [&str; 28] = [
    "陈述申辩人",
    "法定代表人",
    "委托代理人",
    "主要负责人",
    "现场负责人",
    "被询问人",
    "当事人",
    "负责人",
    "代理人",
    "申请人",
    "签署人",
    "经营者",
    "代收人",
    "签收人",
    "见证人",
    "收发室",
    "办公室",
    "传达室",
    "律师",
    "门卫",
    "前台",
    "本人",
    "单位",
    "拍照",
    "录像",
    "经理",
    "及",
    "和",
];

/// Digits in a row from which on they look like an identity number, a telephone or an account.
const LONG_NUMBER: usize = 11;
/// Digits that a known telephone must have to be looked for.
const NUMBER_MIN: usize = 6;

/// What is private in a case.
#[derive(Debug, Clone, Default)]
pub struct Private {
    /// Names that stay: organisations and businesses.
    open: Vec<String>,
    names: Vec<String>,
    /// Homes and codes of natural persons.
    values: Vec<String>,
    numbers: Vec<String>,
}

impl Private {
    /// What the case knows and the public may not.
    pub fn of(state: &State) -> Self {
        let mut private = Self::default();
        for track in &state.parties {
            let party = &track.party;
            private.names.push(squeezed(&party.representative));
            private.numbers.push(digits(&party.phone));
            if party.is_named_as_person() {
                private.names.push(squeezed(&party.name));
                private.values.push(squeezed(&party.code));
                private.values.push(squeezed(&party.address));
            } else {
                private.open.push(squeezed(&party.name));
            }
        }
        private
            .names
            .extend(state.named.iter().map(|n| squeezed(n)));
        let long = |text: &String| text.chars().count() > 1;
        private.names.retain(long);
        private.values.retain(long);
        private.open.retain(long);
        private.numbers.retain(|n| n.len() >= NUMBER_MIN);
        // Where one name holds another, the longer one is taken out first.
        private
            .open
            .sort_by_key(|name| std::cmp::Reverse(name.len()));
        private
    }

    /// What a text gives away, in words that repeat none of it.
    pub fn found(&self, text: &str) -> Option<&'static str> {
        let mut plain = squeezed(text);
        for name in &self.open {
            plain = plain.replace(name, "\u{1}");
        }
        let holds = |known: &[String]| known.iter().any(|value| plain.contains(value.as_str()));
        if holds(&self.names) {
            return Some("自然人的姓名");
        }
        if holds(&self.values) {
            return Some("自然人的证件号码或者住址");
        }
        let runs = number_runs(text);
        if runs
            .iter()
            .any(|run| self.numbers.iter().any(|known| run.contains(known)))
        {
            return Some("当事人的电话");
        }
        let long = |run: &String| run.len() >= LONG_NUMBER;
        runs.iter()
            .any(long)
            .then_some("证件号码、电话或者账号样式的数字")
    }
}

/// The texts of a party's decision that its public copy shows, each with what it is called.
pub fn public_texts(state: &State, track: &PartyState, facts: &str) -> Vec<(&'static str, String)> {
    let mut texts = vec![
        ("公开的违法事实", facts.to_owned()),
        ("案由", state.cause.clone()),
    ];
    if let Some(decided) = &track.decided {
        let penalties: Vec<&str> = decided.penalties.iter().map(penalty_words).collect();
        texts.extend([
            ("定性", decided.characterization.clone()),
            ("违反的规定", decided.violated.join("\n")),
            ("处罚依据", decided.basis.join("\n")),
            ("处罚内容", penalties.join("\n")),
            ("改正要求", decided.correction.clone()),
        ]);
    }
    texts
}

fn penalty_words(penalty: &Penalty) -> &str {
    &penalty.text
}

/// Names of persons who are no officials that a form gives, in the fields that the pack says hold names.
pub(crate) fn names_given(form: &[Field], fields: &Fields) -> BTreeSet<String> {
    let of_names = form.iter().filter(|f| f.class == PrivacyClass::Name);
    let given = of_names.filter_map(|field| fields.get(&field.id));
    given.flat_map(names_of).collect()
}

/// Names that the form of an event gave which does not say so itself.
pub(crate) fn unsaid_names(fields: &Fields) -> BTreeSet<String> {
    let given = PERSONS.iter().filter_map(|id| fields.get(*id));
    given.flat_map(names_of).collect()
}

fn names_of(value: &FieldValue) -> Vec<String> {
    match value {
        FieldValue::Text(text) => names_in(text),
        FieldValue::Points(list) => list.iter().flat_map(|text| names_in(text)).collect(),
        _ => Vec::new(),
    }
}

/// `法定代表人张三、李四（律师）` names 张三 and 李四.
fn names_in(text: &str) -> Vec<String> {
    let mut depth = 0_usize;
    let mut plain: String = text
        .chars()
        .map(|c| match c {
            '（' | '(' => {
                depth += 1;
                '\n'
            }
            '）' | ')' => {
                depth = depth.saturating_sub(1);
                '\n'
            }
            _ if depth > 0 => '\n',
            c => c,
        })
        .collect();
    for word in NOT_NAMES {
        plain = plain.replace(word, "\n");
    }
    let between = |c: char| {
        c.is_whitespace() || c.is_ascii_digit() || "、，,；;：:。/".contains(c) || c.is_control()
    };
    plain
        .split(between)
        .map(str::trim)
        // Longer pieces are sentences about how a paper was served.
        .filter(|name| (2..=12).contains(&name.chars().count()) && !is_place(name))
        .map(str::to_owned)
        .collect()
}

/// 甲公司, 某街道办事处: whoever signed there gave no name of a person.
fn is_place(name: &str) -> bool {
    let ends = [
        "公司", "厂", "店", "局", "所", "院", "中心", "处", "部", "室",
    ];
    name.chars().count() > 3 && ends.iter().any(|end| name.ends_with(end)) || name.ends_with("公司")
}

/// Full-width letters, digits and blanks as half-width ones.
fn half_width(c: char) -> char {
    match c {
        '\u{3000}' => ' ',
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        c => c,
    }
}

/// A text without blanks, in half-width and small letters.
fn squeezed(text: &str) -> String {
    let shown = text.chars().map(half_width).filter(|c| !is_blank(*c));
    shown.flat_map(char::to_lowercase).collect()
}

fn is_blank(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{200b}'..='\u{200d}' | '\u{feff}' | '\u{00ad}')
}

fn digits(text: &str) -> String {
    let half = text.chars().map(half_width);
    half.filter(char::is_ascii_digit).collect()
}

/// Digits that stand together, blanks and dashes between them left out; days such as 2026-03-12 are none.
fn number_runs(text: &str) -> Vec<String> {
    let plain: Vec<char> = text.chars().map(half_width).collect();
    let mut runs = Vec::new();
    let mut run = String::new();
    let mut at = 0;
    while at < plain.len() {
        if run.is_empty() && starts_day(&plain, at) {
            at += 10;
            continue;
        }
        let c = plain[at];
        let goes_on = c.is_ascii_alphabetic() || (is_joint(c) && joins(&plain, at));
        if c.is_ascii_digit() {
            run.push(c);
        } else if !goes_on && !run.is_empty() {
            runs.push(std::mem::take(&mut run));
        }
        at += 1;
    }
    runs.push(run);
    runs.retain(|run| !run.is_empty());
    runs
}

fn is_joint(c: char) -> bool {
    is_blank(c) || matches!(c, '-' | '_' | '.' | '‐' | '‑' | '–' | '—' | '－')
}

/// Whether the joints around that place stand between two digits.
fn joins(plain: &[char], at: usize) -> bool {
    let is_digit = |c: Option<&char>| c.is_some_and(char::is_ascii_digit);
    let before = plain[..at].iter().rev().find(|c| !is_joint(**c));
    let after = plain[at..].iter().find(|c| !is_joint(**c));
    is_digit(before) && is_digit(after)
}

fn starts_day(plain: &[char], at: usize) -> bool {
    let Some(ten) = plain.get(at..at + 10) else {
        return false;
    };
    let ends = plain.get(at + 10).is_none_or(|c| !c.is_ascii_digit());
    let text: String = ten.iter().collect();
    let year = text.get(..4).and_then(|y| y.parse::<u16>().ok());
    ends && year.is_some_and(|y| (1900..2100).contains(&y)) && text.parse::<Date>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        effect::Effect,
        party::{Party, PartyKind},
    };

    fn party(kind: PartyKind, name: &str, representative: &str) -> Party {
        Party {
            id: name.to_owned(),
            kind,
            name: name.to_owned(),
            code: String::new(),
            representative: representative.to_owned(),
            address: "某县建设路1号".to_owned(),
            phone: "0314-205 1234".to_owned(),
        }
    }

    fn case() -> State {
        let mut state = State::default();
        for party in [
            party(PartyKind::Person, " 赵六 ", ""),
            party(PartyKind::IndividualBusiness, "李四汽修店", "李四"),
            party(PartyKind::IndividualBusiness, "孙七", "孙七"),
        ] {
            let on = jiff::civil::date(2026, 3, 2);
            state.apply(&Effect::AddParty { party }, on);
        }
        let fields = Fields::from([
            (
                "representatives".to_owned(),
                FieldValue::Text("法定代表人李四，委托代理人 周八律师（某律所）".to_owned()),
            ),
            (
                "interviewee".to_owned(),
                FieldValue::Text("吴九".to_owned()),
            ),
            (
                "witness".to_owned(),
                FieldValue::Text("已拍照录像".to_owned()),
            ),
        ]);
        state.named = unsaid_names(&fields);
        state
    }

    #[test]
    fn names_numbers_and_homes_are_found_however_they_are_written() {
        let private = Private::of(&case());
        for (text, what) in [
            ("经查，赵六未取得许可", "自然人的姓名"),
            ("经查，赵 六未取得许可", "自然人的姓名"),
            ("店主李四承认", "自然人的姓名"),
            ("孙七未建立台账", "自然人的姓名"),
            ("吴九陈述", "自然人的姓名"),
            ("代理人周八到场", "自然人的姓名"),
            ("住某县建设路１号", "自然人的证件号码或者住址"),
            ("电话０３１４－２０５１２３４", "当事人的电话"),
            ("电话138 0013 8000", "证件号码、电话或者账号样式的数字"),
            ("电话138-0013-8000", "证件号码、电话或者账号样式的数字"),
            (
                "证号１３０８２７１９９００１０１００１Ｘ",
                "证件号码、电话或者账号样式的数字",
            ),
        ] {
            assert_eq!(private.found(text), Some(what), "{text}");
        }
    }

    #[test]
    fn organisations_standards_days_and_amounts_stay() {
        let private = Private::of(&case());
        for text in [
            "李四汽修店未建立台账",
            "违反《安全生产法》第四十一条第二款、GB 30871-2022、GB 18218-2018",
            "2026年3月2日检查，2026-03-12 14:30复查，期间2026-03-12 - 2026-03-15",
            "罚款人民币伍万元整（￥50,000.00）",
            "赵某未取得许可",
            "现场已拍照录像",
        ] {
            assert_eq!(private.found(text), None, "{text}");
        }
    }
}
