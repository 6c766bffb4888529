//! Who may act: of the body whose case it is, role, unit, card in force, not barred, and 办, 审, 听, 定 kept apart.

use jiff::civil::Date;
use law::pack::{Crew, Duty, Pack, Role, Step};

use crate::{
    command::{Command, Context},
    event::Part,
    person::Person,
    refusal::{Reason, Refusal, RefusalKind},
    state::{Request, State},
};

const CARD_LAW: &str = "《行政处罚法》第四十二条第一款";

fn role<'a>(pack: &'a Pack, id: &str) -> Option<&'a Role> {
    pack.roles.iter().find(|r| r.id == id)
}

fn role_title<'a>(pack: &'a Pack, id: &'a str) -> &'a str {
    role(pack, id).map_or(id, |r| r.title.as_str())
}

/// Whether a person holds a role in this case, by office or by assignment.
fn holds(state: &State, pack: &Pack, person: &Person, id: &str) -> bool {
    let Some(wanted) = role(pack, id) else {
        return false;
    };
    if wanted.assigned {
        return state.assigned(id).any(|p| *p == person.id);
    }
    let by_office = person.roles.iter().any(|held| pack.includes(held, id));
    by_office && (!wanted.unit || state.unit.is_empty() || person.unit == state.unit)
}

/// The role in which a person may fill a place of a crew, or why not.
pub(super) fn may_take<'a>(
    state: &State,
    crew: &'a Crew,
    person: &Person,
    ctx: &Context<'_>,
    on: Date,
) -> Result<&'a str, Reason> {
    if !person.active {
        return Err(Reason::new(format!("{}已不在岗", person.name)));
    }
    if state.recused.contains(&person.id) {
        return Err(
            Reason::new(format!("{}已被决定回避，不得再参与本案", person.name))
                .basis("《行政处罚法》第四十三条"),
        );
    }
    let options = std::iter::once(crew.role.as_str()).chain(crew.or.as_deref());
    let held = options
        .into_iter()
        .find(|id| holds(state, ctx.pack, person, id))
        .ok_or_else(|| {
            let place = role_title(ctx.pack, &crew.role);
            Reason::new(format!(
                "该步骤由{place}办理，{}在本案中不是{place}",
                person.name
            ))
            .next(format!("请由{place}登录办理"))
        })?;
    let needed = role(ctx.pack, held);
    // An office is held in one's own body (superiors read their subordinates' cases and do not handle them); a part in
    // this case is held wherever one comes from.
    if person.body_id != ctx.body_id && needed.is_none_or(|r| !r.assigned) {
        return Err(Reason::new(format!(
            "{}不是办理本案的机关的人员，不得在本案中行使职权",
            person.name
        ))
        .basis("《行政处罚法》第十七条、第二十二条")
        .next("请由办理本案的机关的人员办理"));
    }
    if needed.is_some_and(|r| r.card) && person.card_on(on).is_none() {
        return Err(no_card(person, on));
    }
    if needed.is_some_and(|r| r.qualified) && !person.qualified {
        return Err(Reason::new(format!(
            "{}尚不具备从事法制审核的资格（初次从事须有法律职业资格）",
            person.name
        ))
        .basis("《行政处罚法》第五十八条第二款"));
    }
    apart(state, ctx.pack, person, crew.duty)?;
    Ok(held)
}

fn no_card(person: &Person, on: Date) -> Reason {
    let last = person
        .cards
        .iter()
        .map(|card| card.valid_to)
        .filter(|to| *to < on)
        .max();
    let why = match last {
        Some(to) => format!(
            "{}的行政执法证件已于{to}到期，{on}没有有效证件，不得执法",
            person.name
        ),
        None => format!("{}在{on}没有有效的行政执法证件，不得执法", person.name),
    };
    Reason::new(why)
        .basis(CARD_LAW)
        .next("请换发证件后由管理员登记，或者变更承办人（A07.replace）")
}

/// Refuses a duty that the person's earlier ones in this case exclude.
fn apart(state: &State, pack: &Pack, person: &Person, duty: Duty) -> Result<(), Reason> {
    for pair in &pack.separations {
        let (a, b) = pair.duties;
        let other = if a == duty {
            b
        } else if b == duty {
            a
        } else {
            continue;
        };
        if state
            .duties
            .get(&other)
            .is_some_and(|people| people.contains(&person.id))
        {
            return Err(Reason::new(format!(
                "{}在本案中已经担任“{}”，不得再担任“{}”",
                person.name,
                other.title(),
                duty.title()
            ))
            .basis(pair.basis.text.clone())
            .next("请由未参与本案该环节的人员办理"));
        }
    }
    Ok(())
}

fn part(person: &Person, role: &str, duty: Duty, on: Date) -> Part {
    Part {
        person: person.id.clone(),
        name: person.name.clone(),
        role: role.to_owned(),
        duty,
        card: person.card_on(on).map(|card| card.number.clone()),
    }
}

/// The actor and those who act with them, each in a place of the step.
pub(super) fn crew(
    state: &State,
    step: &Step,
    command: &Command,
    ctx: &Context<'_>,
) -> Result<Vec<Part>, Refusal> {
    let on = command.occurred_on;
    let refuse = |reason: Reason| Refusal::one(RefusalKind::NotYou, &step.id, reason);
    let Some(first) = step.by.first() else {
        return Ok(Vec::new());
    };
    let held = may_take(state, first, ctx.actor, ctx, on).map_err(refuse)?;
    let mut parts = vec![part(ctx.actor, held, first.duty, on)];
    let mut places = vec![0_u32; step.by.len()];
    places[0] = 1;
    for id in &command.with {
        let person = ctx
            .roster
            .get(id)
            .ok_or_else(|| refuse(Reason::new(format!("没有编号为“{id}”的人员"))))?;
        if parts.iter().any(|p| p.person == *id) {
            return Err(refuse(
                Reason::new(format!("{}重复填写", person.name))
                    .basis(CARD_LAW)
                    .field("with"),
            ));
        }
        let (place, held) = place_for(state, step, person, &places, ctx, on)
            .map_err(|r| refuse(r.field("with")))?;
        places[place] += 1;
        parts.push(part(person, held, step.by[place].duty, on));
    }
    for (crew, filled) in step.by.iter().zip(&places) {
        if *filled < crew.min {
            let title = role_title(ctx.pack, &crew.role);
            let why = format!(
                "该步骤须由不少于{}名{title}共同办理，现只有{filled}名",
                crew.min
            );
            let reason = Reason::new(why)
                .basis(CARD_LAW)
                .next("请在“共同办理人”中选择其他人员")
                .field("with");
            return Err(refuse(reason));
        }
    }
    if step.card_shown && !command.card_shown {
        let why = "尚未确认已向当事人或者有关人员主动出示执法证件";
        let reason = Reason::new(why)
            .basis("《行政处罚法》第五十五条第一款")
            .field("card_shown");
        return Err(Refusal::one(RefusalKind::BadInput, &step.id, reason));
    }
    Ok(parts)
}

fn place_for<'a>(
    state: &State,
    step: &'a Step,
    person: &Person,
    places: &[u32],
    ctx: &Context<'_>,
    on: Date,
) -> Result<(usize, &'a str), Reason> {
    let mut fault = None;
    let unfilled = (0..step.by.len()).filter(|i| places[*i] < step.by[*i].min);
    let filled = (0..step.by.len()).filter(|i| places[*i] >= step.by[*i].min);
    for i in unfilled.chain(filled) {
        match may_take(state, &step.by[i], person, ctx, on) {
            Ok(held) => return Ok((i, held)),
            Err(reason) => fault = fault.or(Some(reason)),
        }
    }
    Err(fault.unwrap_or_else(|| Reason::new(format!("{}不能参与该步骤", person.name))))
}

/// The approver's part, for the approval that a request waits for.
pub(super) fn approver(
    state: &State,
    step: &Step,
    request: &Request,
    on: Date,
    ctx: &Context<'_>,
) -> Result<Part, Refusal> {
    let refuse = |reason: Reason| Err(Refusal::one(RefusalKind::NotYou, &step.id, reason));
    let Some(crew) = step.chain.get(request.approvals.len()) else {
        return refuse(Reason::new("该报批事项已经审批完毕"));
    };
    if request.bars(&ctx.actor.id) {
        return refuse(barred(request, crew, ctx));
    }
    match may_take(state, crew, ctx.actor, ctx, on) {
        Ok(held) => Ok(part(ctx.actor, held, crew.duty, on)),
        Err(reason) => refuse(reason),
    }
}

/// Why somebody whom a request bars may not approve it, and who may.
fn barred(request: &Request, crew: &Crew, ctx: &Context<'_>) -> Reason {
    const BASIS: &str = "《行政处罚法》第五十七条第一款；国办发〔2018〕118号（逐级审签、审批）";
    if request.is_asked_by(&ctx.actor.id) {
        return Reason::new("提出报批的人不得审批自己的事项")
            .basis(BASIS)
            .next("请由另一名有权人员审批");
    }
    let why = format!(
        "{}已经审批过本事项；逐级审批的各级须由不同的人员作出",
        ctx.actor.name
    );
    let place = role_title(ctx.pack, &crew.role);
    Reason::new(why)
        .basis(BASIS)
        .next(format!("请由另一名{place}审批"))
}

/// Officials who could fill a place of a step on that day, other than those named.
pub fn eligible<'a>(state: &State, crew: &Crew, ctx: &Context<'a>, on: Date) -> Vec<&'a Person> {
    ctx.roster
        .values()
        .filter(|person| may_take(state, crew, person, ctx, on).is_ok())
        .collect()
}
