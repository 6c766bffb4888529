//! From a command to an event, or to a refusal.

mod compute;
mod cond;
mod dated;
mod dates;
mod evidence;
mod expiry;
mod extend;
mod form;
mod measure;
mod require;
mod run;
mod who;

use law::pack::{Mover, Pack, Scope, Step};

use crate::{
    command::{Act, Command, Context},
    effect::Effect,
    event::{CaseActed, Part, Phase},
    field::Fields,
    masking,
    refusal::{Reason, Refusal, RefusalKind},
    state::{Request, State},
};

pub use cond::{failing, limit_value, value_of};
pub use expiry::{due_effects, expire};
pub use who::eligible;

/// A paper that the event must issue, before it can be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaperPlan {
    /// Template.
    pub template: String,
    /// Title.
    pub title: String,
    /// Series that numbers it.
    pub series: Option<String>,
    /// Party addressed.
    pub party: Option<String>,
    /// Place in the order of the dossier.
    pub order: u32,
}

/// What a command comes to.
#[derive(Debug, Clone, PartialEq)]
pub struct Decided {
    /// The event, still without papers and claimed numbers.
    pub event: CaseActed,
    /// Papers it must issue.
    pub papers: Vec<PaperPlan>,
    /// Series from which the case takes its number, if it does.
    pub number: Option<String>,
    /// The state after the event.
    pub after: State,
    /// For whom it was entered: `party`, `outside`.
    pub on_behalf_of: Option<&'static str>,
}

/// Judges a command.
///
/// # Errors
/// A [`Refusal`] with reasons, articles and what would help.
pub fn decide(state: &State, command: &Command, ctx: &Context<'_>) -> Result<Decided, Refusal> {
    let step = find_step(command, ctx)?;
    dates::check(state, command, step, ctx)?;
    check_seen(state, command, step)?;
    let mut now = state.clone();
    let expired = expiry::due(state, command.occurred_on, ctx)?;
    for effect in &expired {
        now.apply(effect, command.occurred_on);
    }
    let outcome = match &command.act {
        Act::Take => take(&now, command, step, expired, ctx),
        Act::Approve { request, opinion } => {
            approve(&now, command, step, expired, request, opinion, ctx)
        }
        Act::Return { request, opinion } => {
            send_back(&now, command, step, expired, request, opinion, ctx)
        }
        Act::Withdraw { request } => withdraw(&now, command, step, expired, request, ctx),
    }?;
    let mut after = state.clone();
    after.apply_event(&outcome.event);
    Ok(Decided {
        event: outcome.event,
        papers: outcome.papers,
        number: outcome.number,
        after,
        on_behalf_of: behalf(step),
    })
}

/// What a step comes to, before the state is folded anew.
pub(crate) struct Outcome {
    pub event: CaseActed,
    pub papers: Vec<PaperPlan>,
    pub number: Option<String>,
}

impl Outcome {
    /// An event that issues no papers.
    fn bare(event: CaseActed) -> Self {
        Self {
            event,
            papers: Vec::new(),
            number: None,
        }
    }
}

fn find_step<'a>(command: &Command, ctx: &Context<'a>) -> Result<&'a Step, Refusal> {
    ctx.pack
        .steps
        .iter()
        .find(|s| s.id == command.step)
        .ok_or_else(|| {
            Refusal::one(
                RefusalKind::Unknown,
                &command.step,
                Reason::new(format!("本案适用的程序没有步骤“{}”", command.step))
                    .next("请从案件页面列出的办理步骤中选择"),
            )
        })
}

/// Review, notice, decision and service are refused unless the actor saw the latest version (DECISIONS 5).
fn check_seen(state: &State, command: &Command, step: &Step) -> Result<(), Refusal> {
    use law::pack::Effect as E;
    let weighty = step.effects.iter().any(|e| {
        matches!(
            e,
            E::ReviewPassed | E::ReviewReturned | E::Notify | E::Decide | E::Conclude | E::Publish
        )
    });
    if weighty && command.seen_version != state.version {
        return Err(Refusal::one(
            RefusalKind::Stale,
            &step.id,
            Reason::new(format!(
                "您看到的是本案第{}次变动后的内容，现在已有第{}次变动；该步骤须看到最新内容后办理",
                command.seen_version, state.version
            ))
            .next("请刷新案件页面，核对变动后重新提交；已填内容仍然保留"),
        ));
    }
    Ok(())
}

/// The gates of a step: stage, party, conditions. They are checked when asked and when granted.
fn gates(state: &State, step: &Step, party: Option<&str>, pack: &Pack) -> Result<(), Refusal> {
    check_scope(state, step, party)?;
    let stage_ids: Vec<&str> = step
        .from
        .iter()
        .map(|s| pack.stages[*s].id.as_str())
        .collect();
    let first = state.version == 0 && stage_ids.contains(&"S0") && step.action == "A01";
    if state.version == 0 && !first {
        let reason = Reason::new("案件尚未登记").next("A01");
        return Err(Refusal::one(RefusalKind::NotNow, &step.id, reason));
    }
    if state.version > 0 && step.action == "A01" {
        let reason = Reason::new("线索已经登记，同一案件只登记一次");
        return Err(Refusal::one(RefusalKind::NotNow, &step.id, reason));
    }
    if state.version > 0 && !stage_ids.contains(&state.stage.as_str()) {
        let here = stage_title(pack, &state.stage);
        let there: Vec<String> = step
            .from
            .iter()
            .map(|s| format!("“{}”", pack.stages[*s].title))
            .collect();
        let reason = Reason::new(format!(
            "本案现在处于“{here}”阶段，“{}”只能在{}阶段办理",
            step.title,
            there.join("、")
        ))
        .basis(basis_text(step));
        return Err(Refusal::one(RefusalKind::NotNow, &step.id, reason));
    }
    let reasons = failing(&step.needs, state, party, pack);
    if reasons.is_empty() {
        return Ok(());
    }
    let fallback = basis_text(step);
    let reasons = reasons
        .into_iter()
        .map(|r| {
            if r.basis.is_some() {
                r
            } else {
                r.basis(fallback.clone())
            }
        })
        .collect();
    Err(Refusal {
        kind: RefusalKind::NotNow,
        step: step.id.clone(),
        reasons,
    })
}

fn check_scope(state: &State, step: &Step, party: Option<&str>) -> Result<(), Refusal> {
    let fault = match (step.scope, party) {
        (Scope::Case, Some(_)) => "该步骤针对全案，不针对某一当事人",
        (Scope::Party, None) => "该步骤针对某一当事人，请选择当事人",
        (Scope::Party, Some(id)) if state.party(id).is_none() => "本案没有这一当事人",
        _ => return Ok(()),
    };
    Err(Refusal::one(
        RefusalKind::Unknown,
        &step.id,
        Reason::new(fault),
    ))
}

fn stage_title<'a>(pack: &'a Pack, id: &'a str) -> &'a str {
    pack.stages
        .iter()
        .find(|s| s.id == id)
        .map_or(id, |s| s.title.as_str())
}

/// Articles of a step, joined.
pub fn basis_text(step: &Step) -> String {
    step.basis
        .iter()
        .map(|b| b.text.as_str())
        .collect::<Vec<_>>()
        .join("；")
}

/// Whether a person could take a step now, going by stage, conditions and their own role; form and company aside.
pub fn open_to(state: &State, step: &Step, party: Option<&str>, ctx: &Context<'_>) -> bool {
    gates(state, step, party, ctx.pack).is_ok()
        && step
            .by
            .first()
            .is_some_and(|crew| who::may_take(state, crew, ctx.actor, ctx, ctx.today).is_ok())
}

/// Why a step cannot be taken now, by anybody; empty if it can.
pub fn obstacles(state: &State, step: &Step, party: Option<&str>, pack: &Pack) -> Vec<Reason> {
    match gates(state, step, party, pack) {
        Err(refusal) => refusal.reasons,
        Ok(()) => Vec::new(),
    }
}

fn take(
    state: &State,
    command: &Command,
    step: &Step,
    expired: Vec<Effect>,
    ctx: &Context<'_>,
) -> Result<Outcome, Refusal> {
    gates(state, step, command.party.as_deref(), ctx.pack)?;
    let people = who::crew(state, step, command, ctx)?;
    form::check(state, step, &command.fields, ctx)?;
    if state
        .requests
        .iter()
        .any(|r| r.step == step.id && r.party == command.party)
    {
        let reason = Reason::new("同一事项已经报批，尚在等待审批")
            .next("请等待审批结果，或者撤回后重新提出");
        return Err(Refusal::one(RefusalKind::NotNow, &step.id, reason));
    }
    let asked = Asked {
        party: command.party.as_deref(),
        fields: &command.fields,
        people: &people,
    };
    require::check(state, step, &asked, command, ctx)?;
    if step.chain.is_empty() {
        return run::carry_out(state, step, &asked, people.clone(), command, expired, ctx);
    }
    let request = Request {
        id: command.id.clone(),
        step: step.id.clone(),
        party: command.party.clone(),
        people: people.clone(),
        fields: command.fields.clone(),
        card_shown: command.card_shown,
        on: command.occurred_on,
        approvals: Vec::new(),
    };
    let mut effects = expired;
    effects.extend(run::duties(&people));
    effects.push(Effect::Requested { request });
    let event = event(step, command, Phase::Requested, people, effects, ctx);
    Ok(Outcome::bare(event))
}

/// What a step is carried out with: of the command itself, or of the request that was granted.
pub(crate) struct Asked<'a> {
    pub party: Option<&'a str>,
    pub fields: &'a Fields,
    pub people: &'a [Part],
}

fn find_request<'a>(state: &'a State, step: &Step, id: &str) -> Result<&'a Request, Refusal> {
    state
        .requests
        .iter()
        .find(|r| r.id == id && r.step == step.id)
        .ok_or_else(|| {
            let reason = Reason::new("没有这一报批事项，可能已经审批、退回或者撤回")
                .next("请刷新案件页面查看最新状态");
            Refusal::one(RefusalKind::Stale, &step.id, reason)
        })
}

fn approve(
    state: &State,
    command: &Command,
    step: &Step,
    expired: Vec<Effect>,
    id: &str,
    opinion: &str,
    ctx: &Context<'_>,
) -> Result<Outcome, Refusal> {
    let request = find_request(state, step, id)?.clone();
    let part = who::approver(state, step, &request, command.occurred_on, ctx)?;
    gates(state, step, request.party.as_deref(), ctx.pack)?;
    let endorsed = Effect::Endorsed {
        request: id.to_owned(),
        person: ctx.actor.id.clone(),
        opinion: opinion.to_owned(),
        on: command.occurred_on,
    };
    let mut effects = expired;
    effects.extend(run::duties(std::slice::from_ref(&part)));
    effects.push(endorsed);
    if request.approvals.len() + 1 < step.chain.len() {
        let mut event = event(step, command, Phase::Endorsed, vec![part], effects, ctx);
        event.party = request.party;
        event.request = Some(id.to_owned());
        event.opinion = Some(opinion.to_owned());
        return Ok(Outcome::bare(event));
    }
    effects.push(Effect::Closed {
        request: id.to_owned(),
    });
    let mut people = request.people.clone();
    people.push(part);
    let asked = Asked {
        party: request.party.as_deref(),
        fields: &request.fields,
        people: &request.people,
    };
    require::check(state, step, &asked, command, ctx)?;
    let mut decided = run::carry_out(state, step, &asked, people, command, effects, ctx)?;
    decided.event.party.clone_from(&request.party);
    decided.event.request = Some(id.to_owned());
    decided.event.opinion = Some(opinion.to_owned());
    decided.event.fields.clone_from(&request.fields);
    Ok(decided)
}

fn send_back(
    state: &State,
    command: &Command,
    step: &Step,
    expired: Vec<Effect>,
    id: &str,
    opinion: &str,
    ctx: &Context<'_>,
) -> Result<Outcome, Refusal> {
    let request = find_request(state, step, id)?.clone();
    let part = who::approver(state, step, &request, command.occurred_on, ctx)?;
    if opinion.trim().is_empty() {
        let reason = Reason::new("退回必须写明理由").field("opinion");
        return Err(Refusal::one(RefusalKind::BadInput, &step.id, reason));
    }
    let mut effects = expired;
    effects.push(Effect::Closed {
        request: id.to_owned(),
    });
    let mut event = event(step, command, Phase::Returned, vec![part], effects, ctx);
    event.party = request.party;
    event.request = Some(id.to_owned());
    event.opinion = Some(opinion.to_owned());
    Ok(Outcome::bare(event))
}

fn withdraw(
    state: &State,
    command: &Command,
    step: &Step,
    expired: Vec<Effect>,
    id: &str,
    ctx: &Context<'_>,
) -> Result<Outcome, Refusal> {
    let request = find_request(state, step, id)?.clone();
    let Some(part) = request
        .people
        .iter()
        .find(|p| p.person == ctx.actor.id)
        .cloned()
    else {
        let reason =
            Reason::new("只有提出报批的人可以撤回").next("请由提出人撤回，或者由审批人退回");
        return Err(Refusal::one(RefusalKind::NotYou, &step.id, reason));
    };
    let mut effects = expired;
    effects.push(Effect::Closed {
        request: id.to_owned(),
    });
    let mut event = event(step, command, Phase::Withdrawn, vec![part], effects, ctx);
    event.party = request.party;
    event.request = Some(id.to_owned());
    Ok(Outcome::bare(event))
}

fn event(
    step: &Step,
    command: &Command,
    phase: Phase,
    people: Vec<Part>,
    mut effects: Vec<Effect>,
    ctx: &Context<'_>,
) -> CaseActed {
    let fields = if matches!(phase, Phase::Taken | Phase::Requested) {
        command.fields.clone()
    } else {
        Fields::new()
    };
    let names = masking::names_given(&step.form, &fields);
    if !names.is_empty() {
        effects.push(Effect::Named { names });
    }
    CaseActed {
        step: step.id.clone(),
        title: step.title.clone(),
        phase,
        party: command.party.clone(),
        request: None,
        occurred_on: command.occurred_on,
        late_reason: command.late_reason.clone(),
        people,
        fields,
        opinion: None,
        effects,
        papers: Vec::new(),
        basis: basis_text(step),
        calendar: ctx.calendar.version().to_owned(),
    }
}

fn behalf(step: &Step) -> Option<&'static str> {
    match step.mover {
        Mover::Party => Some("party"),
        Mover::Outside => Some("outside"),
        Mover::Bureau | Mover::Expiry => None,
    }
}
