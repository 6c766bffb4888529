//! How papers list what a step puts into the dossier: its kind (行政处罚法 46) and its name.

use law::pack::Evidence;

use crate::{
    effect::EvidenceItem,
    field::{FieldValue, Fields},
    state::State,
};

/// Names of the kinds, as the form of collected evidence chooses among them.
const TESTIMONY: &str = "testimony";
const STATEMENT: &str = "statement";
const RECORD: &str = "record";
const EXPERT: &str = "expert";
const PHYSICAL: &str = "physical";
/// Where a record comes from that the bureau made itself.
const OWN_RECORD: &str = "本机关制作";

/// The thing that a step adds; `record` is what a record of the bureau's own would be called.
pub(super) fn item(state: &State, of: Evidence, record: &str, fields: &Fields) -> EvidenceItem {
    let text = |id: &str| {
        let value = fields.get(id).and_then(FieldValue::as_text);
        value.unwrap_or_default().trim().to_owned()
    };
    let laboratory = text("laboratory");
    let (kind, name) = match of {
        Evidence::Chosen => (text("kind"), text("name")),
        Evidence::Interview => interview(state, &text("interviewee")),
        Evidence::Sample => (PHYSICAL.to_owned(), sample(fields, &laboratory)),
        Evidence::Expert => (EXPERT.to_owned(), at("鉴定意见", &laboratory)),
        Evidence::Record => (RECORD.to_owned(), at(record, &text("place"))),
    };
    let origin = match of {
        Evidence::Chosen => text("origin"),
        Evidence::Sample | Evidence::Expert => laboratory,
        Evidence::Interview | Evidence::Record => OWN_RECORD.to_owned(),
    };
    let file = match fields.get("attachment") {
        Some(FieldValue::Upload(file)) => Some(file.clone()),
        _ => None,
    };
    EvidenceItem {
        kind,
        name,
        origin,
        proves: text("proves"),
        file,
    }
}

/// What a party or its representative says is the party's statement; anybody else is a witness.
fn interview(state: &State, who: &str) -> (String, String) {
    let named = |name: &str| !name.trim().is_empty() && who.contains(name.trim());
    let of_party = state
        .parties
        .iter()
        .any(|p| named(&p.party.name) || named(&p.party.representative));
    let kind = if of_party { STATEMENT } else { TESTIMONY };
    (kind.to_owned(), format!("对{who}的询问笔录"))
}

fn sample(fields: &Fields, laboratory: &str) -> String {
    let things = fields.values().find_map(|value| match value {
        FieldValue::Items(items) => Some(items),
        _ => None,
    });
    let things = things.into_iter().flatten();
    let names: Vec<&str> = things.map(|thing| thing.name.as_str()).collect();
    at(&format!("抽取的样品：{}", names.join("、")), laboratory)
}

fn at(what: &str, place: &str) -> String {
    if place.is_empty() {
        what.to_owned()
    } else {
        format!("{what}（{place}）")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_step_adds_a_thing_of_its_own_kind_and_name() {
        for (of, record, filled, kind, name) in [
            (
                Evidence::Interview,
                "询问笔录",
                &[("interviewee", "张三"), ("place", "某路1号")][..],
                "testimony",
                "对张三的询问笔录",
            ),
            (
                Evidence::Record,
                "勘验笔录",
                &[("place", "一车间"), ("record", "…")],
                "record",
                "勘验笔录（一车间）",
            ),
            (
                Evidence::Record,
                "飞行检查笔录",
                &[("place", "一车间"), ("name", "张三"), ("result", "合格")],
                "record",
                "飞行检查笔录（一车间）",
            ),
            (
                Evidence::Expert,
                "",
                &[("result", "不合格"), ("laboratory", "某检测公司")],
                "expert",
                "鉴定意见（某检测公司）",
            ),
            (
                Evidence::Chosen,
                "",
                &[("kind", "electronic"), ("name", "监控录像")],
                "electronic",
                "监控录像",
            ),
        ] {
            let fields = filled
                .iter()
                .map(|(id, words)| ((*id).to_owned(), FieldValue::Text((*words).to_owned())))
                .collect();
            let item = item(&State::default(), of, record, &fields);
            assert_eq!((item.kind.as_str(), item.name.as_str()), (kind, name));
        }
    }
}
