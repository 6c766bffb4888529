//! Who concludes, hosts, and is appointed.

use law::pack::{Duty, Effect as PackEffect};

use super::{
    super::{compute::did, eligible},
    Case, Fault,
};
use crate::{
    field::{FieldValue, Vote},
    refusal::Reason,
};

impl Case<'_> {
    /// More than half of the leaders who may vote, and the least number configured (行政处罚法 57(2)).
    pub(super) fn quorum(&self, field: &str) -> Fault {
        let members: Vec<&str> = self
            .asked
            .people
            .iter()
            .map(|p| p.person.as_str())
            .collect();
        let Some(FieldValue::Votes(votes)) = self.asked.fields.get(field) else {
            return Some(Reason::new("没有填写各成员意见").field(field));
        };
        if votes.len() != members.len()
            || !members.iter().all(|m| votes.iter().any(|v| v.person == *m))
        {
            return Some(
                Reason::new("每一名参加讨论的负责人都须有一条意见，且不得有其他人的意见")
                    .field(field),
            );
        }
        let min = self
            .ctx
            .config
            .get(self.ctx.pack, "quorum_min", self.on)
            .and_then(|v| usize::try_from(v).ok())
            .unwrap_or(3);
        let able = self.step.by.first().map_or(0, |crew| {
            eligible(self.state, crew, self.ctx, self.on).len()
        });
        let needed = min.max(able / 2 + 1);
        if members.len() < needed {
            let why = format!(
                "参加讨论的负责人{}名，不足法定人数{needed}名",
                members.len()
            );
            return Some(
                Reason::new(why)
                    .next("请在“共同办理人”中补足")
                    .field("with"),
            );
        }
        let concludes = self
            .step
            .effects
            .iter()
            .any(|e| matches!(e, PackEffect::Conclude));
        (concludes && !is_majority(votes)).then(|| {
            Reason::new("同意的未过半数，不能形成同意的结论")
                .next("A32.return")
                .field(field)
        })
    }

    /// A record of a discussion is there to be signed: whatever it came to, the program made one.
    pub(super) fn discussion_recorded(&self) -> Fault {
        let mut papers = self.state.papers.iter();
        let held = papers.any(|(_, paper)| paper.template == "collective_discussion");
        (!held).then(|| Reason::new("本案没有集体讨论记录，无从归入签名件").next("A32.conclude"))
    }

    pub(super) fn persons(&self, field: &str) -> &[String] {
        match self.asked.fields.get(field) {
            Some(FieldValue::Persons(ids)) => ids,
            _ => &[],
        }
    }

    pub(super) fn host_independent(&self, field: &str) -> Fault {
        self.persons(field)
            .iter()
            .find(|id| did(self.state, Duty::Handle, id))
            .map(|id| {
                let name = self
                    .ctx
                    .roster
                    .get(id)
                    .map_or(id.as_str(), |p| p.name.as_str());
                Reason::new(format!("{name}参与过本案调查，不得担任听证主持人")).field(field)
            })
    }

    /// Whoever a paper is to address by name is a party of the case, under the name that the case has.
    pub(super) fn addressee_known(&self, field: &str) -> Fault {
        let name = self.text(field);
        let names = || self.state.parties.iter().map(|p| p.party.name.trim());
        (!name.is_empty() && !names().any(|known| known == name)).then(|| {
            let names = names().collect::<Vec<_>>().join("、");
            Reason::new(format!(
                "“{name}”不是本案当事人的全称；请照本案登记填写其中一名：{names}；不填即对各当事人"
            ))
            .field(field)
        })
    }

    /// Nobody decides on an own recusal or office, nor on an application for recusal that names oneself, whomever the
    /// decision names (行政处罚法 43(3)).
    pub(super) fn other_person(&self, field: &str) -> Fault {
        let own = &self.ctx.actor.id;
        let pending = self
            .state
            .facts
            .get("recusal")
            .is_some_and(|v| v == "pending");
        let why = if self.persons(field).contains(own) {
            "所填的是办理人本人，本人的回避、职务不得由本人决定"
        } else if pending && self.state.recusal_asked.contains(own) {
            "待决定的回避申请也申请您本人回避，不得由您决定"
        } else {
            return None;
        };
        Some(
            Reason::new(why)
                .next("请由其他负责人或者集体讨论决定")
                .field(field),
        )
    }

    /// P03 and the roles that a person must hold to be appointed.
    pub(super) fn appointments(&self) -> Vec<Reason> {
        let mut reasons = Vec::new();
        for effect in &self.step.effects {
            let (role, field) = match effect {
                PackEffect::Assign(role, Some(field)) => (role, field),
                PackEffect::Replace(role, _, coming) => (role, coming),
                _ => continue,
            };
            let Some(declared) = self.ctx.pack.roles.iter().find(|r| r.id == *role) else {
                continue;
            };
            for id in self.persons(field) {
                let Some(person) = self.ctx.roster.get(id) else {
                    continue;
                };
                let fit = declared.from.as_ref().is_none_or(|from| {
                    let mut held = person.roles.iter();
                    held.any(|held| self.ctx.pack.includes(held, from))
                });
                if !fit || !person.active || self.state.recused.contains(id) {
                    reasons.push(
                        Reason::new(format!("{}不能担任{}", person.name, declared.title))
                            .field(field.clone()),
                    );
                } else if declared.card && person.card_on(self.on).is_none() {
                    reasons.push(
                        Reason::new(format!(
                            "{}没有有效的行政执法证件，不能担任{}",
                            person.name, declared.title
                        ))
                        .basis("《行政处罚法》第四十二条第一款")
                        .field(field.clone()),
                    );
                }
            }
            if let PackEffect::Replace(role, out, coming) = effect {
                let staying = self
                    .state
                    .assigned(role)
                    .filter(|p| !self.persons(out).contains(p))
                    .count();
                if staying + self.persons(coming).len() < 2 {
                    reasons.push(
                        Reason::new("变更后承办人不足两名")
                            .basis("《行政处罚法》第四十二条第一款")
                            .field(coming.clone()),
                    );
                }
            }
        }
        reasons
    }
}

/// Whether more than half of those who voted agree (行政处罚法 57(2)).
pub(super) fn is_majority(votes: &[Vote]) -> bool {
    votes.iter().filter(|v| v.agrees).count() * 2 > votes.len()
}
