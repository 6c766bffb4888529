//! `review-item` and `guide`: what is shown beside a form and has no effect.

use super::head;
use super::names::Names;
use super::node::{Faults, Node, ONE, SOME, Shape, TWO, list, need};
use super::{
    Effect, Evidence, FieldType, Guidance, PROPOSAL_PARTS, Pack, Place, REVIEW_ITEM_COUNT,
    ReviewAid,
};

const REVIEW_ITEM: Shape = Shape {
    args: ONE,
    props: &[need("look")],
    children: &[&["fact", "role", "paper", "evidence", "proposal"]],
};
const GUIDE: Shape = Shape {
    args: SOME,
    props: &[],
    children: &[&["means", "say", "mind", "basis"]],
};
const WORDS: Shape = Shape {
    args: SOME,
    props: &[],
    children: &[],
};
const SENTENCE: Shape = Shape {
    args: ONE,
    props: &[],
    children: &[],
};
const SAY: Shape = Shape {
    args: TWO,
    props: &[],
    children: &[],
};

/// Reads what bears on an item of legal review.
pub(crate) fn review_item(node: Node<'_>, pack: &mut Pack, names: &Names, faults: &mut Faults) {
    if !node.fits(&REVIEW_ITEM, faults) {
        return;
    }
    let place = node.place();
    let Some(item) = number(node.arg(0), &place, faults) else {
        return;
    };
    if pack.review_aids.iter().any(|aid| aid.item == item) {
        faults.add(&place, format!("审核内容第 {item} 项写了两次"));
    }
    let mut aid = ReviewAid {
        item,
        look: node.needed("look"),
        facts: Vec::new(),
        roles: Vec::new(),
        papers: Vec::new(),
        evidence: Vec::new(),
        proposal: Vec::new(),
    };
    for child in node.children() {
        child.fits(&WORDS, faults);
        words(child, &mut aid, names, faults);
    }
    pack.review_aids.push(aid);
    pack.review_aids.sort_by_key(|aid| aid.item);
}

fn number(text: &str, place: &Place, faults: &mut Faults) -> Option<usize> {
    let item = text.parse().ok();
    let item = item.filter(|item| (1..=REVIEW_ITEM_COUNT).contains(item));
    if item.is_none() {
        faults.add(
            place,
            format!("审核内容的序号须为 1 至 {REVIEW_ITEM_COUNT}，这里是“{text}”"),
        );
    }
    item
}

fn words(node: Node<'_>, aid: &mut ReviewAid, names: &Names, faults: &mut Faults) {
    let place = node.place();
    for word in node.args() {
        match node.name() {
            "fact" => aid
                .facts
                .extend(names.fact_names.find(word, &place, faults)),
            "role" => {
                if names.roles.find(word, &place, faults).is_some() {
                    aid.roles.push(word.to_owned());
                }
            }
            "paper" => {
                if names.papers.find(word, &place, faults).is_some() {
                    aid.papers.push(word.to_owned());
                }
            }
            // The kinds of evidence stand in a form, which is read by the time they are looked at.
            "evidence" => aid.evidence.push(word.to_owned()),
            _ if PROPOSAL_PARTS.contains(&word) => aid.proposal.push(word.to_owned()),
            _ => {
                let known = list(PROPOSAL_PARTS.into_iter());
                faults.add(&place, format!("拟处理意见没有“{word}”这一部分；{known}"));
            }
        }
    }
}

/// Reads guidance on steps.
pub(crate) fn guide(node: Node<'_>, names: &Names, faults: &mut Faults) -> Option<Guidance> {
    node.fits(&GUIDE, faults).then_some(())?;
    let place = node.place();
    let ids = node.args();
    let steps = ids.filter_map(|id| names.steps.find(id, &place, faults));
    let steps = steps.collect();
    let mut guidance = Guidance {
        steps,
        means: Vec::new(),
        say: Vec::new(),
        mind: Vec::new(),
        basis: Vec::new(),
    };
    for child in node.children() {
        match child.name() {
            "say" if child.fits(&SAY, faults) => guidance
                .say
                .push((child.arg(0).to_owned(), child.arg(1).to_owned())),
            "means" if child.fits(&SENTENCE, faults) => {
                guidance.means.push(child.arg(0).to_owned());
            }
            "mind" if child.fits(&SENTENCE, faults) => guidance.mind.push(child.arg(0).to_owned()),
            "basis" => guidance.basis.extend(head::basis_argument(child, faults)),
            _ => {}
        }
    }
    if guidance.basis.is_empty() {
        let message = "办理指引没有依据，须写 basis \"条文\" level=\"级别\"";
        faults.add(&place, message);
    }
    Some(guidance)
}

/// Reports kinds of evidence that no form of the pack offers.
pub(crate) fn validate(pack: &Pack, faults: &mut Faults) {
    let chosen = Effect::Evidence(Evidence::Chosen);
    let collecting = pack.steps.iter().filter(|s| s.effects.contains(&chosen));
    let fields = collecting.flat_map(|s| s.form.iter().filter(|f| f.id == "kind"));
    let options = fields.filter_map(|field| match &field.kind {
        FieldType::Choice(options) => Some(options),
        _ => None,
    });
    let known: Vec<&str> = options.flatten().map(|(id, _)| id.as_str()).collect();
    for aid in &pack.review_aids {
        for kind in aid.evidence.iter().filter(|k| !known.contains(&k.as_str())) {
            let item = aid.item;
            let known = list(known.iter().copied());
            faults.add(
                &pack.place,
                format!("审核内容第 {item} 项所写的证据种类“{kind}”不在取证的选项之中；{known}"),
            );
        }
    }
}
