//! What leaves the bureau: services on a party and the public page.

use super::{Case, Fault};
use crate::refusal::Reason;

impl Case<'_> {
    pub(super) fn service(&self) -> Fault {
        let method = self.text("method");
        let party = self.asked.party.and_then(|id| self.state.party(id))?;
        if method == "electronic" && party.facts.get("confirmed").is_none_or(|v| v != "yes") {
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

    /// P56: nothing that names a natural person, a number or an address goes out.
    pub(super) fn masked(&self, field: &str) -> Fault {
        if let Some(reason) = self.must("secrecy_checked", "公示前须作保密审查") {
            return Some(reason);
        }
        let text = self.text(field);
        let named = self
            .state
            .parties
            .iter()
            .filter(|p| p.party.kind.is_natural())
            .find(|p| text.contains(&p.party.name));
        if named.is_some() {
            return Some(Reason::new("公开内容写有自然人的姓名，请改为“某”").field(field));
        }
        let private = self
            .state
            .parties
            .iter()
            .flat_map(|p| [&p.party.phone, &p.party.representative])
            .chain(
                self.state
                    .parties
                    .iter()
                    .filter(|p| p.party.kind.is_natural())
                    .flat_map(|p| [&p.party.code, &p.party.address]),
            )
            .find(|value| value.chars().count() > 1 && text.contains(value.as_str()));
        if private.is_some() {
            return Some(
                Reason::new("公开内容写有当事人的姓名、号码、电话或者住址，请删去").field(field),
            );
        }
        long_number(text).map(|_| {
            Reason::new("公开内容中有证件号码、电话或者账号样式的数字，请删去").field(field)
        })
    }
}

/// A run of eleven digits or more, as identity numbers, telephones and accounts have.
fn long_number(text: &str) -> Option<&str> {
    text.split(|c: char| !c.is_ascii_alphanumeric())
        .find(|run| run.bytes().filter(u8::is_ascii_digit).count() >= 11)
}
