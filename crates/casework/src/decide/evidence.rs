//! What a step puts into the dossier is called (行政处罚法 46): kind and name as papers list them.

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

/// The thing that a step adds, by what its form was filled with; `title` is the step's.
pub(super) fn item(state: &State, title: &str, fields: &Fields) -> EvidenceItem {
    let text = |id: &str| {
        let value = fields.get(id).and_then(FieldValue::as_text);
        value.unwrap_or_default().trim().to_owned()
    };
    let has = |id: &str| !text(id).is_empty();
    let (kind, name) = if has("name") {
        (text("kind"), text("name"))
    } else if has("interviewee") {
        interview(state, &text("interviewee"))
    } else if has("result") {
        (EXPERT.to_owned(), at("鉴定意见", &text("laboratory")))
    } else if has("laboratory") {
        (PHYSICAL.to_owned(), sample(fields, &text("laboratory")))
    } else {
        let record = match title {
            "勘验" => "勘验笔录".to_owned(),
            title if title.contains("检查") || title.contains("核查") => {
                "现场检查记录".to_owned()
            }
            title => title.to_owned(),
        };
        (RECORD.to_owned(), at(&record, &text("place")))
    };
    let origin = if has("origin") {
        text("origin")
    } else if has("laboratory") {
        text("laboratory")
    } else if kind == EXPERT || has("name") {
        String::new()
    } else {
        // Interviews and inspections are put on record by the bureau itself.
        OWN_RECORD.to_owned()
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

    fn named(title: &str, filled: &[(&str, &str)]) -> (String, String) {
        let fields = filled
            .iter()
            .map(|(id, words)| ((*id).to_owned(), FieldValue::Text((*words).to_owned())))
            .collect();
        let item = item(&State::default(), title, &fields);
        (item.kind, item.name)
    }

    #[test]
    fn each_step_adds_a_thing_of_its_own_kind_and_name() {
        for (title, filled, kind, name) in [
            (
                "询问",
                &[("interviewee", "张三"), ("place", "某路1号")][..],
                "testimony",
                "对张三的询问笔录",
            ),
            (
                "勘验",
                &[("place", "一车间"), ("record", "…")],
                "record",
                "勘验笔录（一车间）",
            ),
            (
                "登记鉴定结果并告知当事人",
                &[("result", "不合格"), ("laboratory", "某检测公司")],
                "expert",
                "鉴定意见（某检测公司）",
            ),
            (
                "调取书证、物证、电子数据",
                &[("kind", "electronic"), ("name", "监控录像")],
                "electronic",
                "监控录像",
            ),
        ] {
            let expected = (kind.to_owned(), name.to_owned());
            assert_eq!(named(title, filled), expected, "{title}");
        }
    }
}
