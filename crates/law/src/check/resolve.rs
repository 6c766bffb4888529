//! Properties held against a pack: names become indices, and each property finds its view.

use crate::pack::node::Node;
use crate::pack::{Duty, Effect, LimitStatus, Mover, Pack, Subject, ValueSet};

use super::How;
use super::compile::is_party;
use super::program::{Mask, Watch};
use super::property::Properties;

/// A condition of a property.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Literal {
    /// All hold.
    All(Vec<Literal>),
    /// At least one holds.
    Any(Vec<Literal>),
    /// The case is in one of these stages.
    Stages(u64),
    /// The fact or limit of the case or the explored party is among these values.
    Values(Subject, ValueSet),
}

/// What wakes the properties of a view.
#[derive(Debug, Clone, Default)]
pub(super) struct Triggers {
    watches: Vec<(usize, Watch)>,
    enters: Vec<(usize, Mask)>,
    /// Step index, mask.
    steps: Vec<(usize, Mask)>,
    /// Effect name, mask.
    effects: Vec<(String, Mask)>,
    /// Limit, whether started rather than stopped, whether it is the case's, mask.
    limits: Vec<(usize, bool, bool, Mask)>,
    /// Properties that speak of nothing that belongs to one party.
    case_only: Mask,
    /// Properties and the steps that alone may wake them.
    only: Vec<(Mask, Vec<usize>)>,
}

impl Triggers {
    /// Who watches a fact's values.
    pub(super) fn watches(&self, fact: usize) -> Vec<Watch> {
        self.watches.iter().filter(|(f, _)| *f == fact).map(|(_, watch)| *watch).collect()
    }

    /// Who watches for the case entering a stage.
    pub(super) fn on_enter(&self, stage: usize) -> Mask {
        self.enters.iter().filter(|(s, _)| *s == stage).fold(0, |all, (_, mask)| all | mask)
    }

    /// Who watches for a step; of another party's, only what speaks of the case alone.
    pub(super) fn on_step(&self, step: usize, other: bool) -> Mask {
        let mask = self.steps.iter().filter(|(s, _)| *s == step).fold(0, |all, (_, mask)| all | mask);
        if other { mask & self.case_only } else { mask }
    }

    /// Who watches for an effect; of another party's, only what speaks of the case alone.
    pub(super) fn on_effect(&self, effect: &Effect, other: bool) -> Mask {
        let limit = match effect {
            Effect::Start(limit) => Some((*limit, true)),
            Effect::Stop(limit) => Some((*limit, false)),
            _ => None,
        };
        let seen = |mask: Mask, of_case: bool| if other && !of_case { mask & self.case_only } else { mask };
        let named = self.effects.iter().filter(|(name, _)| name == effect_name(effect)).map(|(_, m)| seen(*m, false));
        let timed = self.limits.iter().filter(|(at, start, ..)| limit == Some((*at, *start)));
        named.chain(timed.map(|(_, _, of_case, m)| seen(*m, *of_case))).fold(0, |all, mask| all | mask)
    }

    /// Properties that are broken when that step, or an expiry, wakes them.
    pub(super) fn forbidden(&self, step: Option<usize>) -> Mask {
        let barred = |(_, steps): &&(Mask, Vec<usize>)| step.is_none_or(|at| !steps.contains(&at));
        self.only.iter().filter(barred).fold(0, |all, (mask, _)| all | mask)
    }
}

/// The name of an effect in packs.
pub(super) fn effect_name(effect: &Effect) -> &'static str {
    match effect {
        Effect::Set(..) => "set",
        Effect::Lapse(_) => "lapse",
        Effect::Raise(_) => "raise",
        Effect::When(..) => "when",
        Effect::Each(_) => "each",
        Effect::Start(_) => "start",
        Effect::Stop(_) => "stop",
        Effect::Pause(_) => "pause",
        Effect::Resume(_) => "resume",
        Effect::Assign(..) => "assign",
        Effect::Recuse(_) => "recuse",
        Effect::Replace(..) => "replace",
        Effect::Parties(_) => "parties",
        Effect::Evidence => "evidence",
        Effect::Propose => "propose",
        Effect::ReviewPassed => "review-passed",
        Effect::ReviewReturned => "review-returned",
        Effect::Notify => "notify",
        Effect::Hear => "hear",
        Effect::Conclude => "conclude",
        Effect::Decide => "decide",
        Effect::Pay => "pay",
        Effect::NewRound => "new-round",
        Effect::Publish => "publish",
        Effect::Withdraw => "withdraw",
        Effect::Number(_) => "number",
    }
}

/// A property about every step or state of a view.
#[derive(Debug, Clone)]
pub(super) struct Always {
    /// Whether no state may meet `require`, rather than every woken step.
    pub(super) never: bool,
    /// Must hold before the step.
    pub(super) require: Literal,
    /// Must hold after the step.
    pub(super) ensure: Literal,
}

/// A view: what is kept, and what is proved in it.
#[derive(Debug, Clone)]
pub(super) struct View {
    /// Name.
    pub(super) name: String,
    /// Kept facts.
    pub(super) facts: Vec<usize>,
    /// Kept limits.
    pub(super) limits: Vec<usize>,
    /// Properties, whose place is their bit.
    pub(super) always: Vec<Always>,
    /// What wakes them.
    pub(super) triggers: Triggers,
}

impl View {
    /// Whether the view keeps that fact or limit.
    pub(super) fn keeps(&self, subject: Subject) -> bool {
        match subject {
            Subject::Fact(fact) => self.facts.contains(&fact),
            Subject::Limit(limit) => self.limits.contains(&limit),
        }
    }
}

/// Place of an [`Always`]: view and bit.
pub(super) type AlwaysAt = (usize, usize);

/// A goal that must stay reachable.
#[derive(Debug, Clone)]
pub(super) struct Goal {
    /// View.
    pub(super) view: usize,
    /// From every state like this.
    pub(super) from: Literal,
    /// To some state like this.
    pub(super) to: Literal,
    /// By these movers.
    pub(super) by: Vec<Mover>,
}

/// A check on the pack's text.
#[derive(Debug, Clone)]
pub(super) struct StaticCheck {
    /// Name of the check.
    pub(super) name: String,
    /// What steps must have which role.
    pub(super) demands: Vec<RoleDemand>,
    /// Duties that must be kept apart.
    pub(super) pairs: Vec<(Duty, Duty)>,
}

/// Steps that must have a role among those who do or approve them.
#[derive(Debug, Clone)]
pub(super) struct RoleDemand {
    /// Steps with that effect.
    pub(super) effect: Option<String>,
    /// Steps that may set that fact to that value (any, if none is named).
    pub(super) set: Option<(usize, Option<u8>)>,
    /// Steps by pattern.
    pub(super) step: Option<String>,
    /// Roles, one of which is needed.
    pub(super) roles: Vec<String>,
    /// What it says, for messages.
    pub(super) words: String,
}

/// What a property claims.
#[derive(Debug, Clone)]
pub(super) enum Claim {
    /// About every step or state.
    Always(AlwaysAt),
    /// That a goal stays reachable.
    Reachable(Goal),
    /// About the pack's text.
    Static(StaticCheck),
    /// Judged elsewhere.
    Elsewhere(String),
}

impl Claim {
    /// How it is established.
    pub(super) fn how(&self) -> How {
        match self {
            Self::Always(_) => How::Always,
            Self::Reachable(_) => How::Reachable,
            Self::Static(_) => How::Static,
            Self::Elsewhere(_) => How::Elsewhere,
        }
    }
}

/// A property with its claim.
#[derive(Debug, Clone)]
pub(super) struct Property {
    /// Number.
    pub(super) id: String,
    /// What it says.
    pub(super) title: String,
    /// Article.
    pub(super) basis: String,
    /// View, if it is explored.
    pub(super) view: Option<usize>,
    /// Claim.
    pub(super) claim: Claim,
    /// Why it cannot be judged, if so.
    pub(super) refused: Option<String>,
}

/// Everything to be proved of a pack.
#[derive(Debug, Clone, Default)]
pub(super) struct Resolved {
    /// Views.
    pub(super) views: Vec<View>,
    /// Properties in the order of the file.
    pub(super) claims: Vec<Property>,
    /// What is wrong with the views.
    pub(super) faults: Vec<String>,
    /// Whether any goal must stay reachable.
    pub(super) has_goals: bool,
}

/// Holds properties against a pack.
pub(super) fn resolve(pack: &Pack, properties: &Properties) -> Resolved {
    let mut resolved = Resolved::default();
    let lookup = Lookup { pack };
    for node in properties.nodes().filter(|n| n.name() == "view") {
        match lookup.view(node) {
            Ok(view) if resolved.views.iter().any(|v| v.name == view.name) => {
                resolved.faults.push(format!("视图“{}”重复", view.name));
            }
            Ok(view) => resolved.views.push(view),
            Err(why) => resolved.faults.push(why),
        }
    }
    for node in properties.nodes().filter(|n| n.name() != "view") {
        let property = property(&lookup, &mut resolved.views, node);
        resolved.has_goals |= matches!(property.claim, Claim::Reachable(_));
        resolved.claims.push(property);
    }
    resolved
}

fn property(lookup: &Lookup<'_>, views: &mut [View], node: Node<'_>) -> Property {
    let view = node.text("view").map(|name| views.iter().position(|v| v.name == name).ok_or(name));
    let claim = match (node.name(), view) {
        (_, Some(Err(name))) => Err(format!("没有视图“{name}”")),
        ("t", _) => lookup.static_check(node).map(Claim::Static),
        ("ef", Some(Ok(at))) => lookup.goal(at, &views[at], node).map(Claim::Reachable),
        ("ag" | "never", Some(Ok(at))) => lookup.always(&mut views[at], node).map(|bit| Claim::Always((at, bit))),
        _ => Ok(Claim::Elsewhere(node.needed("at"))),
    };
    let (claim, refused) = match claim {
        Ok(claim) => (claim, None),
        Err(why) => (Claim::Elsewhere(String::new()), Some(format!("{why}（性质文件第{}行）", node.place().line))),
    };
    Property {
        id: node.arg(0).to_owned(),
        title: node.needed("title"),
        basis: node.needed("basis"),
        view: view.and_then(Result::ok),
        claim,
        refused,
    }
}

/// Looks up names in a pack; a name that the pack lacks is an error in words.
struct Lookup<'a> {
    pack: &'a Pack,
}

type Found<T> = Result<T, String>;

impl Lookup<'_> {
    fn fact(&self, id: &str) -> Found<usize> {
        self.pack.facts.iter().position(|f| f.id == id).ok_or_else(|| format!("程序包没有事实“{id}”"))
    }

    fn limit(&self, code: &str) -> Found<usize> {
        self.pack.limits.iter().position(|l| l.code == code).ok_or_else(|| format!("程序包没有期限“{code}”"))
    }

    fn stage(&self, id: &str) -> Found<usize> {
        self.pack.stages.iter().position(|s| s.id == id).ok_or_else(|| format!("程序包没有阶段“{id}”"))
    }

    fn value(&self, fact: usize, value: &str) -> Found<u8> {
        let fact = &self.pack.facts[fact];
        fact.value(value).ok_or_else(|| format!("事实“{}”没有值“{value}”", fact.id))
    }

    fn values(&self, fact: usize, node: Node<'_>) -> Found<ValueSet> {
        node.args().skip(1).try_fold(0, |set, value| Ok(set | 1 << self.value(fact, value)?))
    }

    /// The steps whose ids match patterns, where a star at the end matches all that follows.
    fn steps(&self, patterns: Node<'_>) -> Found<Vec<usize>> {
        let mut found = Vec::new();
        for pattern in patterns.args() {
            let before = found.len();
            found.extend((0..self.pack.steps.len()).filter(|at| matches(pattern, &self.pack.steps[*at].id)));
            if found.len() == before {
                return Err(format!("程序包没有步骤“{pattern}”"));
            }
        }
        Ok(found)
    }

    fn view(&self, node: Node<'_>) -> Found<View> {
        let (mut facts, mut limits) = (Vec::new(), Vec::new());
        let named = |why: String| format!("视图“{}”：{why}", node.arg(0));
        for child in node.children() {
            for id in child.args() {
                match child.name() {
                    "keep" => facts.push(self.fact(id).map_err(named)?),
                    _ => limits.push(self.limit(id).map_err(named)?),
                }
            }
        }
        for list in [&mut facts, &mut limits] {
            list.sort_unstable();
            list.dedup();
        }
        Ok(View { name: node.arg(0).to_owned(), facts, limits, always: Vec::new(), triggers: Triggers::default() })
    }

    /// The children of a node as a conjunction; every subject must be kept by the view.
    fn all(&self, view: &View, node: Node<'_>) -> Found<Literal> {
        let inner: Found<Vec<_>> = node.children().map(|child| self.literal(view, child)).collect();
        Ok(Literal::All(inner?))
    }

    fn literal(&self, view: &View, node: Node<'_>) -> Found<Literal> {
        let (subject, set) = match node.name() {
            "any" => {
                let Literal::All(inner) = self.all(view, node)? else { return Err(String::new()) };
                return Ok(Literal::Any(inner));
            }
            "stage" => {
                let set = node.args().try_fold(0, |set, id| Found::Ok(set | 1_u64 << self.stage(id)?))?;
                return Ok(Literal::Stages(set));
            }
            "limit" | "every-limit" => {
                let known = |name: &str| LimitStatus::ALL.iter().find(|(_, n)| *n == name).map(|(s, _)| s.id());
                let set = node.args().skip(1).try_fold(0, |set, name| {
                    known(name).map(|id| set | 1 << id).ok_or_else(|| format!("没有期限状态“{name}”"))
                })?;
                (Subject::Limit(self.limit(node.arg(0))?), set)
            }
            "is" | "every" | "not" => {
                let fact = self.fact(node.arg(0))?;
                let set = self.values(fact, node)?;
                let all: ValueSet = super::compile::domain(self.pack, Subject::Fact(fact)) as ValueSet;
                (Subject::Fact(fact), if node.name() == "not" { all & !set } else { set })
            }
            _ => return self.all(view, node),
        };
        if !view.keeps(subject) {
            return Err(format!("视图“{}”没有保留“{}”", view.name, node.arg(0)));
        }
        Ok(Literal::Values(subject, set))
    }

    /// All children of that name, read as one conjunction.
    fn part(&self, view: &View, node: Node<'_>, name: &str) -> Found<Literal> {
        let parts: Found<Vec<_>> = node.children_named(name).map(|child| self.all(view, child)).collect();
        Ok(Literal::All(parts?))
    }

    fn always(&self, view: &mut View, node: Node<'_>) -> Found<usize> {
        let bit = view.always.len();
        if bit >= Mask::BITS as usize {
            return Err(format!("视图“{}”的性质超过 {} 项", view.name, Mask::BITS));
        }
        let never = node.name() == "never";
        let always = if never {
            Always { never, require: self.all(view, node)?, ensure: Literal::All(Vec::new()) }
        } else {
            Always { never, require: self.part(view, node, "require")?, ensure: self.part(view, node, "ensure")? }
        };
        let mut triggers = view.triggers.clone();
        let mask = 1 << bit;
        if !speaks_of_party(self.pack, &always.require) && !speaks_of_party(self.pack, &always.ensure) {
            triggers.case_only |= mask;
        }
        for child in node.children().filter(|_| !never) {
            self.trigger(&mut triggers, mask, child)?;
        }
        view.triggers = triggers;
        view.always.push(always);
        Ok(bit)
    }

    fn trigger(&self, triggers: &mut Triggers, mask: Mask, node: Node<'_>) -> Found<()> {
        match node.name() {
            name @ ("on-set" | "on-change") => {
                let fact = self.fact(node.arg(0))?;
                let set = u64::from(self.values(fact, node)?);
                triggers.watches.push((fact, Watch { set, change: name == "on-change", mask }));
            }
            "on-enter" => {
                for id in node.args() {
                    triggers.enters.push((self.stage(id)?, mask));
                }
            }
            "on-effect" => {
                for name in node.args() {
                    if !crate::pack::effects::EFFECTS.contains(&name) {
                        return Err(format!("没有效果“{name}”"));
                    }
                    triggers.effects.push((name.to_owned(), mask));
                }
            }
            name @ ("on-start" | "on-stop") => {
                for code in node.args() {
                    let limit = self.limit(code)?;
                    let of_case = !is_party(self.pack, Subject::Limit(limit));
                    triggers.limits.push((limit, name == "on-start", of_case, mask));
                }
            }
            "on-step" => triggers.steps.extend(self.steps(node)?.into_iter().map(|step| (step, mask))),
            "only-step" => triggers.only.push((mask, self.steps(node)?)),
            "only" => triggers.only.push((mask, self.done_by(node)?)),
            _ => {}
        }
        Ok(())
    }

    /// The steps whose actor and whole chain have that duty.
    fn done_by(&self, node: Node<'_>) -> Found<Vec<usize>> {
        let duty = duty(&node.needed("duty"))?;
        let has = |step: &&usize| {
            let step = &self.pack.steps[**step];
            step.by.iter().chain(&step.chain).all(|crew| crew.duty == duty)
        };
        let all: Vec<usize> = (0..self.pack.steps.len()).collect();
        Ok(all.iter().filter(has).copied().collect())
    }

    fn goal(&self, at: usize, view: &View, node: Node<'_>) -> Found<Goal> {
        let mut by = Vec::new();
        for name in node.children_named("by").flat_map(Node::args) {
            by.push(match name {
                "bureau" => Mover::Bureau,
                "outside" => Mover::Outside,
                "party" => Mover::Party,
                "expiry" => Mover::Expiry,
                other => return Err(format!("没有“{other}”这种推动者；可用：bureau、outside、party、expiry")),
            });
        }
        if by.is_empty() {
            by = vec![Mover::Bureau, Mover::Outside, Mover::Expiry];
        }
        Ok(Goal { view: at, from: self.part(view, node, "from")?, to: self.part(view, node, "to")?, by })
    }

    fn static_check(&self, node: Node<'_>) -> Found<StaticCheck> {
        let name = node.needed("static");
        if !super::statics::NAMES.contains(&name.as_str()) {
            return Err(format!("没有静态检查“{name}”；可用：{}", super::statics::NAMES.join("、")));
        }
        let demands: Found<Vec<_>> = node.children_named("demand").map(|child| self.demand(child)).collect();
        let pairs: Found<Vec<_>> =
            node.children_named("pair").map(|child| Ok((duty(child.arg(0))?, duty(child.arg(1))?))).collect();
        Ok(StaticCheck { name, demands: demands?, pairs: pairs? })
    }

    fn demand(&self, node: Node<'_>) -> Found<RoleDemand> {
        let roles: Vec<String> = node.items("role").into_iter().map(str::to_owned).collect();
        if let Some(role) = roles.iter().find(|r| !self.pack.roles.iter().any(|known| known.id == **r)) {
            return Err(format!("程序包没有角色“{role}”"));
        }
        let set = match node.text("set") {
            Some(id) => {
                let fact = self.fact(id)?;
                Some((fact, node.text("value").map(|v| self.value(fact, v)).transpose()?))
            }
            None => None,
        };
        let said: Vec<&str> =
            ["effect", "set", "value", "step"].into_iter().filter_map(|key| node.text(key)).collect();
        if said.is_empty() {
            return Err("demand 须写 effect、set 或者 step".to_owned());
        }
        let owned = |key| node.text(key).map(str::to_owned);
        Ok(RoleDemand { effect: owned("effect"), set, step: owned("step"), roles, words: said.join(" ") })
    }
}

fn duty(name: &str) -> Found<Duty> {
    Duty::ALL.iter().find(|(_, n, _)| *n == name).map(|(d, ..)| *d).ok_or_else(|| format!("没有职责“{name}”"))
}

/// Whether an id matches a pattern with a star at its end.
pub(super) fn matches(pattern: &str, id: &str) -> bool {
    pattern.strip_suffix('*').map_or(pattern == id, |prefix| id.starts_with(prefix))
}

fn speaks_of_party(pack: &Pack, literal: &Literal) -> bool {
    match literal {
        Literal::All(inner) | Literal::Any(inner) => inner.iter().any(|l| speaks_of_party(pack, l)),
        Literal::Stages(_) => false,
        Literal::Values(subject, _) => is_party(pack, *subject),
    }
}

