//! Kinds of penalties by which the list is filtered (行政处罚法 9), read from the published words.

/// A kind: its identifier in addresses, its name, and the words by which an outcome is of it.
type Kind = (&'static str, &'static str, &'static [&'static str]);

const KINDS: [Kind; 6] = [
    ("warning", "警告、通报批评", &["警告", "通报批评"]),
    ("fine", "罚款", &["罚款"]),
    ("confiscation", "没收违法所得、非法财物", &["没收"]),
    (
        "licence",
        "暂扣、吊销许可证件，降低资质等级",
        &["暂扣", "吊销", "降低资质"],
    ),
    (
        "business",
        "限制、停止生产经营，关闭，限制从业",
        &["限制开展", "停产停业", "关闭", "限制从业"],
    ),
    (OTHER, "其他", &[]),
];
const OTHER: &str = "other";

/// Identifiers and names of the kinds of penalties.
pub const PENALTY_KINDS: [(&str, &str); 6] = {
    let mut kinds = [("", ""); 6];
    let mut at = 0;
    while at < KINDS.len() {
        kinds[at] = (KINDS[at].0, KINDS[at].1);
        at += 1;
    }
    kinds
};

/// The kinds of an outcome, each between commas; none where nothing is said.
pub fn of(outcome: &str) -> String {
    if outcome.trim().is_empty() {
        return String::new();
    }
    let has = |kind: &&Kind| kind.2.iter().any(|word| outcome.contains(word));
    let mut found: Vec<&str> = KINDS.iter().filter(has).map(|kind| kind.0).collect();
    if found.is_empty() {
        found.push(OTHER);
    }
    format!(",{},", found.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outcome_is_of_every_kind_that_it_names() {
        fn check(outcome: &str, expect: &str) {
            assert_eq!(of(outcome), expect, "{outcome}");
        }
        check("罚款人民币贰万元整（￥20,000.00）", ",fine,");
        check("警告；没收违法所得人民币壹元整", ",warning,confiscation,");
        check("责令停产停业，期限30日；吊销许可证件", ",licence,business,");
        check("法律规定的其他行政处罚", ",other,");
        check("", "");
    }
}
