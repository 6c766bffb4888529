//! Demands on real dates, amounts and persons, which the checker can only leave open.

use jiff::civil::Date;
use law::{
    pack::{Duty, Effect as PackEffect, LimitId, Require, Step},
    term::{Roll, Term, Unit},
};

use super::{Asked, compute::did, extend, measure, run::proposal_of};
use crate::{
    command::{Command, Context},
    field::{FieldValue, REVIEW_ITEMS},
    proposal::{Change, Disposition, PenaltyKind, compare, same_act},
    refusal::{Reason, Refusal, RefusalKind},
    state::State,
};

/// What a demand is judged on.
struct Case<'a> {
    state: &'a State,
    step: &'a Step,
    asked: &'a Asked<'a>,
    on: Date,
    ctx: &'a Context<'a>,
}

type Fault = Option<Reason>;

/// Checks every demand of a step; all faults are reported together.
pub(super) fn check(
    state: &State,
    step: &Step,
    asked: &Asked<'_>,
    command: &Command,
    ctx: &Context<'_>,
) -> Result<(), Refusal> {
    let case = Case {
        state,
        step,
        asked,
        on: command.occurred_on,
        ctx,
    };
    let mut reasons: Vec<Reason> = step
        .requires
        .iter()
        .filter_map(|require| {
            let reason = case.demand(require)?;
            Some(if reason.basis.is_some() {
                reason
            } else {
                reason.basis(require.basis.text.clone())
            })
        })
        .collect();
    reasons.extend(case.appointments());
    reasons.extend(extend::faults(
        state,
        step,
        asked.party,
        command.occurred_on,
        ctx,
    ));
    reasons.extend(measure::faults(
        state,
        step,
        asked.fields,
        command.occurred_on,
        ctx,
    ));
    if reasons.is_empty() {
        return Ok(());
    }
    Err(Refusal {
        kind: RefusalKind::NotNow,
        step: step.id.clone(),
        reasons,
    })
}

impl Case<'_> {
    fn demand(&self, require: &Require) -> Fault {
        let name = require.name.as_str();
        let named = require.on.as_deref();
        // The reader asks for it; a check that has nothing to look at lets nothing through.
        if named.is_none() && Require::OF_A_FIELD.contains(&name) {
            let why = format!("程序方案没有写明“{name}”核验哪个字段，不能放行");
            return Some(Reason::new(why).next("请由管理员核对程序方案"));
        }
        let field = named.unwrap_or_default();
        match name {
            "filing-criteria" => self.filing_criteria(),
            "rights-told" => self.must("rights_told", "询问前须告知被询问人的权利义务"),
            "materials-complete" => self.must("complete", "送审材料不齐备的，应当退补，不能受理"),
            "waiver-written" => self.must("written", "须由当事人书面签署；口头表示不产生效力"),
            "on-site-lawful" => self.must(
                "asked",
                "当场收缴限于边远、水上、交通不便地区并由当事人提出",
            ),
            "service-lawful" => self.service(),
            "answers-defence" => self.answers_defence(field),
            "answers-points" => self.answers_points(field),
            "education" => self.education(field),
            "masked" => self.masked(field),
            "closing-kind" => self.closing_kind(field),
            "lead-time" => self.lead_time(field),
            "proposal-complete" => self.proposal_complete(),
            "fine-in-range" => self.fine_in_range(),
            "within-notice" => self.within_notice(),
            "as-reviewed" => self.as_reviewed(),
            "not-same-as-revoked" => self.not_same_as_revoked(),
            "as-concluded" => self.as_concluded(),
            "ten-items" => self.ten_items(),
            "quorum" => self.quorum(field),
            "host-independent" => self.host_independent(field),
            "other-person" => self.other_person(field),
            "paid-in-full" => self.paid(field, true),
            "unpaid-left" => self.unpaid_left(named),
            "not-heavier" => self.not_heavier(field),
            unknown => Some(Reason::new(format!(
                "程序要求的检查“{unknown}”本程序不认识，不能放行"
            ))),
        }
    }

    fn text(&self, field: &str) -> &str {
        self.asked
            .fields
            .get(field)
            .and_then(FieldValue::as_text)
            .unwrap_or_default()
            .trim()
    }

    fn points(&self, field: &str) -> &[String] {
        match self.asked.fields.get(field) {
            Some(FieldValue::Points(points)) => points,
            _ => &[],
        }
    }

    fn money(&self, field: &str) -> i64 {
        match self.asked.fields.get(field) {
            Some(FieldValue::Money(fen)) => *fen,
            _ => 0,
        }
    }

    fn must(&self, field: &str, why: &str) -> Fault {
        let yes = matches!(self.asked.fields.get(field), Some(FieldValue::YesNo(true)));
        (!yes).then(|| Reason::new(why).field(field))
    }

    fn filing_criteria(&self) -> Fault {
        for (field, why) in [
            ("suspected", "没有违法嫌疑的，不符合立案标准"),
            ("punishable", "依法不应当给予行政处罚的，不符合立案标准"),
            ("own_jurisdiction", "不属于本机关管辖的，不得立案"),
        ] {
            if let Some(reason) = self.must(field, why) {
                return Some(reason.next("A04"));
            }
        }
        let Some(FieldValue::Date(ended)) = self.asked.fields.get("violation_ended_on") else {
            return Some(Reason::new("未填写违法行为终了日期").field("violation_ended_on"));
        };
        let found = self.state.discovered_on.unwrap_or(self.on);
        if *ended > found {
            let why = format!("违法行为终了日期{ended}晚于发现日期{found}，请核对");
            return Some(Reason::new(why).field("violation_ended_on"));
        }
        let five = matches!(
            self.asked.fields.get("five_years"),
            Some(FieldValue::YesNo(true))
        );
        let years = if five { 5 } else { 2 };
        let due = match Term::forward(years, Unit::Year).due(
            *ended,
            &[],
            Roll::Stay,
            self.ctx.calendar,
        ) {
            Ok(due) => due,
            Err(fault) => return Some(uncounted(&fault).field("violation_ended_on")),
        };
        (found > due.on).then(|| {
            Reason::new(format!(
                "违法行为{ended}终了，至发现之日{found}已超过{years}年，不再给予行政处罚"
            ))
            .basis("《行政处罚法》第三十六条")
            .next("A04")
            .field("violation_ended_on")
        })
    }

    fn service(&self) -> Fault {
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

    fn answers_defence(&self, field: &str) -> Fault {
        let raised = self
            .asked
            .party
            .and_then(|id| self.state.party(id))
            .map_or(0, |p| p.defence.len());
        let answered = filled(self.points(field));
        (answered < raised).then(|| {
            Reason::new(format!(
                "当事人提出{raised}条意见，只复核了{answered}条；须逐条写明采纳与否和理由"
            ))
            .field(field)
        })
    }

    fn answers_points(&self, field: &str) -> Fault {
        let open = self
            .state
            .facts
            .get(crate::state::POINTS)
            .is_some_and(|v| v == "open");
        let raised = if open { self.state.points.len() } else { 0 };
        let answered = filled(self.points(field));
        (answered < raised).then(|| {
            Reason::new(format!(
                "法制审核提出{raised}条意见，只答复了{answered}条；须逐条答复后才能再次送审"
            ))
            .field(field)
        })
    }

    fn education(&self, field: &str) -> Fault {
        (self.text(field).chars().count() < 4)
            .then(|| Reason::new("不予处罚的，应当对当事人进行教育并记录情况").field(field))
    }

    /// P56: nothing that names a natural person, a number or an address goes out.
    fn masked(&self, field: &str) -> Fault {
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

    fn closing_kind(&self, field: &str) -> Fault {
        let kind = self.text(field);
        let is = |fact: &str, values: &[&str]| {
            self.state.parties.iter().any(|p| {
                p.facts
                    .get(fact)
                    .is_some_and(|v| values.contains(&v.as_str()))
            })
        };
        let fits = match kind {
            "no_penalty" => self
                .state
                .parties
                .iter()
                .all(|p| p.facts.get("decision").is_some_and(|v| v == "no_penalty")),
            "performed" => {
                is("decision", &["penalty", "changed", "unlawful"])
                    && !is("money", &["ended"])
                    && !is("other", &["ended"])
            }
            "court_done" => is("court", &["done"]),
            "court_ended" => is("court", &["ended"]),
            "court_denied" => is("court", &["denied", "refused"]),
            "revoked" => is("decision", &["revoked", "void"]),
            "execution_ended" | "lapsed" => is("money", &["ended"]) || is("other", &["ended"]),
            _ => true,
        };
        (!fits).then(|| Reason::new("结案种类与当事人的执行结果不符，请核对").field(field))
    }

    fn limit(&self, code: &str) -> Option<LimitId> {
        self.ctx.pack.limits.iter().position(|l| l.code == code)
    }

    /// CF-64b: the notice of the hearing is served seven working days before it.
    fn lead_time(&self, field: &str) -> Fault {
        let Some(FieldValue::Date(event)) = self.asked.fields.get(field) else {
            return Some(Reason::new("未填写日期").field(field));
        };
        let limit = self.limit("CF-64b").map(|id| &self.ctx.pack.limits[id]);
        let Some((&law::pack::Length::Fixed(count), unit)) = limit.map(|l| (&l.length, l.unit))
        else {
            return Some(Reason::new("程序方案没有写明听证通知的提前期，不能放行").field(field));
        };
        let last = match Term::back(count, unit).due(*event, &[], Roll::Stay, self.ctx.calendar) {
            Ok(last) => last,
            Err(fault) => return Some(uncounted(&fault).field(field)),
        };
        (self.on > last.on).then(|| {
            let why = format!(
                "听证定于{event}，须在{}以前（{count}个工作日前）通知，今天通知已来不及",
                last.on
            );
            Reason::new(why).next("请把听证日期改到更晚").field(field)
        })
    }

    fn dispositions(&self) -> Vec<Disposition> {
        proposal_of(self.step, self.asked.fields).unwrap_or_else(|| self.state.proposal.clone())
    }

    fn party_name(&self, id: &str) -> String {
        self.state
            .party(id)
            .map_or_else(|| id.to_owned(), |p| p.party.name.clone())
    }

    fn proposal_complete(&self) -> Fault {
        let list = self.dispositions();
        for track in &self.state.parties {
            let count = list.iter().filter(|d| d.party == track.party.id).count();
            if count != 1 {
                let why = format!(
                    "当事人“{}”须有且只有一份拟处理意见，现有{count}份",
                    track.party.name
                );
                return Some(Reason::new(why).field("proposal"));
            }
        }
        list.iter().find_map(|d| {
            let fault = self.disposition_fault(d)?;
            Some(
                Reason::new(format!("当事人“{}”：{fault}", self.party_name(&d.party)))
                    .field("proposal"),
            )
        })
    }

    fn disposition_fault(&self, d: &Disposition) -> Option<String> {
        if d.facts.trim().is_empty() {
            return Some("没有写明查明的事实".to_owned());
        }
        if !d.penalizes() {
            let unproven = !d.proven;
            return (!unproven && d.excuse.is_none()).then(|| "事实成立而拟不予处罚的，须选明不予处罚的情形（第三十条、第三十一条、第三十三条）".to_owned());
        }
        if !d.proven {
            return Some("违法事实不能成立的，不得拟处罚（第五十七条第一款第三项）".to_owned());
        }
        if matches!(d.excuse, Some(e) if e != crate::proposal::Excuse::First) {
            return Some(
                "依法应当不予处罚的，不得拟处罚（第三十条、第三十一条、第三十三条）".to_owned(),
            );
        }
        if d.characterization.trim().is_empty() || filled(&d.violated) == 0 || filled(&d.basis) == 0
        {
            return Some("没有写明定性、违反的条款或者处罚依据".to_owned());
        }
        self.penalties_fault(d)
    }

    fn penalties_fault(&self, d: &Disposition) -> Option<String> {
        let lacking = d
            .penalties
            .iter()
            .filter_map(|p| p.kind.needs_power())
            .find(|(key, _)| self.ctx.config.get(self.ctx.pack, key, self.on) != Some(1));
        if let Some((_, why)) = lacking {
            return Some(format!(
                "{why}，本机关不得决定，应当移送或者报请（第十七条、第十八条、第三十八条）"
            ));
        }
        let fines = d.penalties.iter().filter(|p| p.kind == PenaltyKind::Fine);
        let yes = |fact: &str| {
            self.text(fact) == "yes"
                || self
                    .state
                    .facts
                    .get(fact)
                    .is_some_and(|v| v == "yes" && self.text(fact).is_empty())
        };
        for fine in fines {
            if fine.amount_fen.is_none_or(|fen| fen <= 0) {
                return Some("罚款没有写明金额".to_owned());
            }
            if yes("already_fined") {
                return Some("同一违法行为已被罚款，不得再次罚款（第二十九条）".to_owned());
            }
            if yes("fine_barred") {
                return Some("人民法院已判处罚金，不得再处罚款（第三十五条第二款）".to_owned());
            }
        }
        let doubled = (1..d.penalties.len()).any(|i| {
            d.penalties[..i]
                .iter()
                .any(|p| p.kind == d.penalties[i].kind)
        });
        doubled.then(|| "同一种类的处罚写了两次，请合并（第二十九条）".to_owned())
    }

    /// P39: within the legal range, and below the minimum only with a ground of 32.
    fn fine_in_range(&self) -> Fault {
        self.dispositions()
            .iter()
            .filter(|d| {
                self.asked.party.is_none_or(|id| {
                    id == d.party || proposal_of(self.step, self.asked.fields).is_some()
                })
            })
            .find_map(|d| {
                let range = d.range.as_ref()?;
                let fine = d
                    .penalties
                    .iter()
                    .find(|p| p.kind == PenaltyKind::Fine)?
                    .amount_fen?;
                let name = self.party_name(&d.party);
                if range.min_fen > range.max_fen {
                    return Some(
                        Reason::new(format!("当事人“{name}”：法定幅度的下限高于上限，请核对"))
                            .field("proposal"),
                    );
                }
                if fine > range.max_fen {
                    let (fine, max) = (law::money::Fen(fine), law::money::Fen(range.max_fen));
                    return Some(
                        Reason::new(format!("当事人“{name}”：拟罚款{fine}，超过法定最高{max}"))
                            .field("proposal"),
                    );
                }
                (fine < range.min_fen && range.reduction.trim().is_empty()).then(|| {
                    let (fine, min) = (law::money::Fen(fine), law::money::Fen(range.min_fen));
                    Reason::new(format!(
                        "当事人“{name}”：拟罚款{fine}，低于法定最低{min}，须写明减轻处罚的情形"
                    ))
                    .basis("《行政处罚法》第三十二条")
                    .field("proposal")
                })
            })
    }

    /// P27, P28, and what the decision form says against the proposal.
    fn within_notice(&self) -> Fault {
        let track = self.asked.party.and_then(|id| self.state.party(id));
        let proposed = self.asked.party.and_then(|id| self.state.proposed(id));
        let Some((track, proposed)) = track.zip(proposed) else {
            return Some(
                Reason::new("没有针对该当事人的拟处理意见，不得作出处罚决定").next("A31.return"),
            );
        };
        let Some(told) = track.notified.as_ref() else {
            return Some(Reason::new("没有告知过该当事人，不得作出处罚决定").next("A24.issue"));
        };
        let mut decided = proposed.clone();
        if let Some(FieldValue::Money(fen)) = self.asked.fields.get("fine")
            && let Some(fine) = decided
                .penalties
                .iter_mut()
                .find(|p| p.kind == PenaltyKind::Fine)
        {
            fine.amount_fen = Some(*fen);
        }
        match compare(told, &decided) {
            Change::Heavier | Change::Different => Some(
                Reason::new("拟作出的决定重于或者异于已告知的内容；不得因申辩加重，有新的事实或者依据的，须重新提出、重新审核、重新告知")
                    .next("A31.return")
                    .field("fine"),
            ),
            _ => (decided != *proposed).then(|| {
                Reason::new("所填罚款与审核通过的提案不一致；确需调整的，应当重新提出拟处理意见").next("A31.return").field("fine")
            }),
        }
    }

    fn as_reviewed(&self) -> Fault {
        if self
            .state
            .facts
            .get("review_due")
            .is_some_and(|v| v == "no")
        {
            return None;
        }
        let now = (self.state.proposal_version, self.state.dossier_version);
        (self.state.review_covers != Some(now))
            .then(|| Reason::new("审核通过之后提案或者案卷又有变动，须重新审核").next("A31.return"))
    }

    /// P55: what a ruling struck down on its substance is not decided again as it was.
    fn not_same_as_revoked(&self) -> Fault {
        let id = self.asked.party?;
        let (old, free) = self.state.party(id)?.remade_from.as_ref()?;
        let same = self
            .state
            .proposed(id)
            .is_some_and(|new| same_act(old, new));
        (same && !free).then(|| {
            let why = "原决定被撤销并责令重新作出，理由不只是程序；不得以同一的事实和理由作出与原决定基本相同的决定";
            Reason::new(why).next("A31.return")
        })
    }

    fn as_concluded(&self) -> Fault {
        if self
            .state
            .facts
            .get("discuss_due")
            .is_none_or(|v| v != "yes")
        {
            return None;
        }
        (self.state.concluded != Some(self.state.proposal_version))
            .then(|| Reason::new("集体讨论的结论不是针对现在的提案").next("A32.conclude"))
    }

    fn ten_items(&self) -> Fault {
        let items = self.asked.fields.values().find_map(|v| match v {
            FieldValue::TenItems(items) => Some(items),
            _ => None,
        });
        let Some(items) = items else {
            return Some(Reason::new("没有填写十项审核内容").field("items"));
        };
        if items.len() != REVIEW_ITEMS.len() {
            return Some(
                Reason::new(format!("十项审核内容只填写了{}项", items.len())).field("items"),
            );
        }
        let passes = self
            .step
            .effects
            .iter()
            .any(|e| matches!(e, PackEffect::ReviewPassed));
        let faulty = items.iter().position(|i| !i.ok);
        if passes && let Some(i) = faulty {
            let why = format!(
                "第{}项“{}”存在问题，不能出具同意的意见",
                i + 1,
                REVIEW_ITEMS[i]
            );
            return Some(Reason::new(why).next("A21.return").field("items"));
        }
        let bare = items
            .iter()
            .position(|i| !i.ok && i.remark.trim().is_empty());
        if let Some(i) = bare {
            return Some(Reason::new(format!("第{}项存在问题，须写明", i + 1)).field("items"));
        }
        (!passes && faulty.is_none()).then(|| Reason::new("十项均无问题，不能退回").field("items"))
    }

    /// More than half of the leaders who may vote, and the least number configured (行政处罚法 57(2)).
    fn quorum(&self, field: &str) -> Fault {
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
        let crew = self.step.by.first()?;
        let able = super::eligible(self.state, crew, self.ctx, self.on).len();
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
        let agreeing = votes.iter().filter(|v| v.agrees).count();
        let concludes = self
            .step
            .effects
            .iter()
            .any(|e| matches!(e, PackEffect::Conclude));
        (concludes && agreeing * 2 <= votes.len()).then(|| {
            Reason::new("同意的未过半数，不能形成同意的结论")
                .next("A32.return")
                .field(field)
        })
    }

    fn persons(&self, field: &str) -> &[String] {
        match self.asked.fields.get(field) {
            Some(FieldValue::Persons(ids)) => ids,
            _ => &[],
        }
    }

    fn host_independent(&self, field: &str) -> Fault {
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

    fn other_person(&self, field: &str) -> Fault {
        self.persons(field).contains(&self.ctx.actor.id).then(|| {
            Reason::new("所填的是办理人本人，本人的回避、职务不得由本人决定")
                .next("请由其他负责人或者集体讨论决定")
                .field(field)
        })
    }

    fn paid(&self, field: &str, in_full: bool) -> Fault {
        let left = self.state.unpaid_fen(self.asked.party?);
        let amount = self.money(field);
        let left_text = law::money::Fen(left);
        if amount <= 0 {
            return Some(Reason::new("缴款金额须大于零").field(field));
        }
        if amount < left && in_full {
            return Some(
                Reason::new(format!("尚应缴{left_text}，本次金额不足以缴清"))
                    .next("A37.part")
                    .field(field),
            );
        }
        (!in_full && amount >= left).then(|| {
            Reason::new(format!("尚应缴{left_text}，本次金额已足以缴清"))
                .next("A37.full")
                .field(field)
        })
    }

    fn unpaid_left(&self, field: Option<&str>) -> Fault {
        match field {
            Some(field) => self.paid(field, false),
            None => self.fine_left(),
        }
    }

    /// Only a fine bears a surcharge, confiscated gains do not (行政处罚法 72(1)(1)).
    fn fine_left(&self) -> Fault {
        let id = self.asked.party?;
        let decided = self.state.party(id)?.decided.as_ref()?;
        if decided.fine_fen() == 0 {
            let why = "决定没有罚款；到期不缴没收的违法所得的，不得加处罚款";
            return Some(Reason::new(why).next("A41.serve"));
        }
        (self.state.unpaid_fen(id) <= 0).then(|| Reason::new("没有未缴的罚款"))
    }

    fn not_heavier(&self, field: &str) -> Fault {
        let before = self
            .state
            .party(self.asked.party?)?
            .decided
            .as_ref()?
            .money_fen();
        (self.money(field) > before).then(|| Reason::new("变更不得加重当事人的负担").field(field))
    }

    /// P03 and the roles that a person must hold to be appointed.
    fn appointments(&self) -> Vec<Reason> {
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

/// A term whose end is not known bars what depends on it.
fn uncounted(fault: &law::term::TermError) -> Reason {
    Reason::new(format!("期限无法计算：{fault}"))
}

fn filled(points: &[String]) -> usize {
    points.iter().filter(|p| !p.trim().is_empty()).count()
}

/// A run of eleven digits or more, as identity numbers, telephones and accounts have.
fn long_number(text: &str) -> Option<&str> {
    text.split(|c: char| !c.is_ascii_alphanumeric())
        .find(|run| run.bytes().filter(u8::is_ascii_digit).count() >= 11)
}
