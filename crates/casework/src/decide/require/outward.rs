//! What leaves the bureau: services on a party and the public page.

use law::pack::Effect as PackEffect;

use super::{Case, Fault, unjudged};
use crate::{
    masking::{Private, public_texts},
    refusal::Reason,
    state::PartyState,
};

impl Case<'_> {
    pub(super) fn service(&self, track: &PartyState) -> Fault {
        let method = self.text("method");
        if method.is_empty() {
            return Some(Reason::new("没有填写送达方式").field("method"));
        }
        if method == "electronic" && !track.is("confirmed", "yes") {
            let why = "电子送达须当事人事先签署电子送达确认书，不能仅凭口头同意";
            return Some(
                Reason::new(why)
                    .basis("《行政处罚法》第六十一条第二款")
                    .next("A35.confirm")
                    .field("method"),
            );
        }
        // Only the service of a decision has the field; other papers open no reconsideration.
        if method == "electronic" && self.step.form.iter().any(|f| f.id == "channel_given") {
            let why = "决定书电子送达的，应当同时提供提交行政复议申请书的互联网渠道；不能提供的，改用其他方式送达";
            if let Some(reason) = self.must("channel_given", why) {
                return Some(reason.basis("《行政复议法》第二十二条第二款"));
            }
        }
        if method == "announcement" && !track.is("unreachable", "yes") {
            let why = "公告送达以下落不明或者其他方式无法送达为前提";
            return Some(
                Reason::new(why)
                    .basis("《民事诉讼法》第九十五条")
                    .next("A35.unreachable")
                    .field("method"),
            );
        }
        if method == "leave" && self.text("witness").is_empty() {
            let why = "留置送达须有见证人签名，或者拍照、录像记录送达过程";
            return Some(
                Reason::new(why)
                    .basis("《民事诉讼法》第八十九条")
                    .field("witness"),
            );
        }
        let witness = self.text("witness");
        let own = self
            .ctx
            .roster
            .values()
            .find(|p| !witness.is_empty() && p.name == witness);
        own.map(|p| Reason::new(format!("见证人不得是本机关人员（{}）", p.name)).field("witness"))
    }

    /// What is served was issued before, to this party or to all.
    pub(super) fn paper_issued(&self, track: &PartyState, field: &str) -> Fault {
        let template = self.text(field);
        let mut papers = self.state.papers.iter().map(|(_, paper)| paper);
        let own = Some(track.party.id.as_str());
        let issued = papers.any(|p| {
            p.template == template && p.party.as_deref().is_none_or(|party| Some(party) == own)
        });
        (!issued).then(|| Reason::new("本案还没有对该当事人制作过这种文书，无从送达").field(field))
    }

    /// P56: nothing that names a natural person, a number or a home goes out.
    pub(super) fn masked(&self, track: &PartyState, field: &str) -> Fault {
        self.must("secrecy_checked", "公示前须作保密审查")
            .or_else(|| self.public_copy(track, field))
    }

    /// All that the public copy will say, whether it was written now or when it was decided.
    fn public_copy(&self, track: &PartyState, field: &str) -> Fault {
        let private = Private::of(self.state);
        let facts = self.text(field);
        let texts = public_texts(self.state, track, facts);
        let (place, what) = texts
            .iter()
            .find_map(|(place, text)| Some((*place, private.found(text)?)))?;
        let why = format!("公开文本的“{place}”写有{what}，不得公开");
        let reason = Reason::new(why).field(field);
        Some(if place == texts[0].0 {
            reason.next("请删去，姓名改为“某”")
        } else {
            // What was decided cannot be reworded here.
            reason.next("A47.withhold")
        })
    }

    /// What a step tells the public is checked whether or not the pack asks for it.
    pub(super) fn outward(&self) -> Fault {
        let does = |effect: &PackEffect| self.step.effects.contains(effect);
        let asked = self.step.requires.iter().any(|r| r.name == "masked");
        if does(&PackEffect::Publish) && !asked {
            let track = self.asked.party.and_then(|id| self.state.party(id));
            return track.map_or_else(
                || Some(unjudged("masked", false, true)),
                |track| self.public_copy(track, "public_facts"),
            );
        }
        if !does(&PackEffect::Withdraw) {
            return None;
        }
        let what = Private::of(self.state).found(self.text("reason"))?;
        let why = format!("公开说明的理由写有{what}，不得公开");
        let reason = Reason::new(why).next("请删去，姓名改为“某”");
        Some(reason.basis("《行政处罚法》第五十条").field("reason"))
    }
}
