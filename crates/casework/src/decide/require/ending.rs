//! Demands of ending a case, of hearing notices, of undoing decisions, and of who the parties are.

use jiff::civil::Date;
use law::{
    pack::{Effect as PackEffect, Length},
    term::{Roll, Term},
};

use super::{Case, Fault, people::is_majority, uncounted};
use crate::{field::FieldValue, party::PartyKind, refusal::Reason, state::PartyState};

impl Case<'_> {
    /// A16: the ground is so for everybody who is still without a decision, and who was told of a penalty is told of
    /// the end.
    pub(super) fn ending_ground(&self, field: &str) -> Fault {
        let ground = self.text(field);
        let open = || {
            let tracks = self.state.parties.iter();
            tracks.filter(|p| !p.track_ended())
        };
        if matches!(ground, "death" | "dissolved") {
            let natural = ground == "death";
            let other = open().find(|p| {
                let organization = p.party.kind == PartyKind::Organization;
                !p.is_gone() || organization == natural
            });
            return other.map(|p| {
                let why = format!(
                    "当事人“{}”没有登记为{}；只涉及部分当事人的，对该当事人单独终止",
                    p.party.name,
                    if natural {
                        "死亡"
                    } else {
                        "终止且无承受人"
                    }
                );
                Reason::new(why).next("A16.party").field(field)
            });
        }
        let passed = self
            .state
            .facts
            .get("limitation")
            .is_some_and(|v| v == "passed");
        if ground == "limitation" && !passed {
            let why = "没有核定追诉时效已过，不得以此终止";
            return Some(
                Reason::new(why)
                    .basis("《行政处罚法》第三十六条")
                    .next("A09.limitation")
                    .field(field),
            );
        }
        let told = open().find(|p| p.is("notice", "served"))?;
        let on = match self.asked.fields.get("told_on") {
            Some(FieldValue::Date(on)) => Some(*on),
            _ => None,
        };
        let why = match on {
            None => format!(
                "已向当事人“{}”送达处罚告知，终止须书面告知并填写日期",
                told.party.name
            ),
            Some(on) if on > self.on => format!("书面告知日期{on}晚于办理日期，请核对"),
            Some(_) => return None,
        };
        Some(
            Reason::new(why)
                .basis("《行政处罚法》第四十四条")
                .field("told_on"),
        )
    }

    /// P31: the notice of a hearing reaches the party, or counts as having reached it, seven working days before.
    pub(super) fn hearing_notice_time(&self) -> Fault {
        let Some(run) = self.state.limit("CF-64b", self.asked.party) else {
            return Some(Reason::new("尚未确定听证日期").next("A27"));
        };
        let served = match self.served_on() {
            Ok(day) => day,
            Err(reason) => return Some(reason),
        };
        Some(self.told_late(run.on, served)?.next("A27"))
    }

    /// The day of the step, or where it is a public notice, the day on which that counts as served.
    fn served_on(&self) -> Result<Date, Reason> {
        let pack = self.ctx.pack;
        let Some(id) = self.limit("SD-95") else {
            return Ok(self.on);
        };
        let mut public = false;
        pack.walk(&self.step.effects, &mut |effect| {
            public |= *effect == PackEffect::Start(id);
        });
        let (true, Length::Fixed(count)) = (public, &pack.limits[id].length) else {
            return Ok(self.on);
        };
        let term = Term::forward(*count, pack.limits[id].unit);
        let due = term.due(self.on, &[], Roll::Stay, self.ctx.calendar);
        due.map(|due| due.on).map_err(|fault| uncounted(&fault))
    }

    /// What leaders decided together they undo together (行政处罚法 57(2)); what a ruling has struck down, no vote keeps
    /// (行政诉讼法 94).
    pub(super) fn as_decided(&self, track: &PartyState, field: &str) -> Fault {
        let ordered = track.is("remedy", "revoked") || track.is("remedy", "redo");
        if !track.decided_together || ordered {
            return None;
        }
        let votes = match self.asked.fields.get(field) {
            Some(FieldValue::Votes(votes)) if !votes.is_empty() => votes,
            _ => {
                let why = "原决定经集体讨论作出，撤销、重作也须集体讨论决定，请填写各成员意见";
                return Some(
                    Reason::new(why)
                        .next("请由其他负责人作为“共同办理人”一并参加")
                        .field(field),
                );
            }
        };
        self.quorum(field).or_else(|| {
            (!is_majority(votes))
                .then(|| Reason::new("同意的未过半数，不能撤销、重作").field(field))
        })
    }

    /// A penalty answers for one's own act (行政处罚法 4): heirs of a natural person, and of the operator who is an
    /// individual business (民法典 54, 56), take over what is served (行政强制法 40(1)), never the case before that.
    pub(super) fn successor_lawful(&self, track: &PartyState, field: &str) -> Fault {
        let served = track.is("delivery", "effective");
        let organization = track.party.kind == PartyKind::Organization;
        if self.text(field) != "successor" || organization || served {
            return None;
        }
        let why = format!(
            "“{}”是{}，处罚的是本人（经营者）的行为，决定送达前死亡的，不得由继承人等承受；已死亡的，登记为死亡，终止对其调查",
            track.party.name,
            track.party.kind.title()
        );
        Some(Reason::new(why).next("A44.party_gone").field(field))
    }

    /// Who comes into the case is not in it already; one party takes one party's place.
    pub(super) fn parties(&self) -> Option<Reason> {
        self.step.effects.iter().find_map(|effect| {
            let (field, one) = match effect {
                PackEffect::AmendParty(field) => (field, true),
                PackEffect::Parties(field) => (field, false),
                _ => return None,
            };
            let Some(FieldValue::Parties(list)) = self.asked.fields.get(field) else {
                return None;
            };
            let why = if one && list.len() != 1 {
                format!("只能填写一名当事人，现填了{}名", list.len())
            } else {
                let known = |p: &&PartyState| {
                    let of_this = one && self.asked.party == Some(p.party.id.as_str());
                    !of_this
                        && list.iter().any(|new| {
                            (!one && new.id == p.party.id)
                                || (!new.code.is_empty() && new.code == p.party.code)
                        })
                };
                let known = self.state.parties.iter().find(known)?;
                format!(
                    "“{}”已经是本案当事人，编号或者证照号码重复",
                    known.party.name
                )
            };
            Some(
                Reason::new(why)
                    .basis("《行政处罚法》第五十九条第一款第一项")
                    .field(field.clone()),
            )
        })
    }
}
