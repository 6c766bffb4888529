//! Properties held against a pack: names become indices, and each property finds its view.

use crate::pack::node::Node;
use crate::pack::{Duty, Mover, Pack, Subject, ValueSet};

use super::How;
use super::lookup::Lookup;
use super::property::Properties;
use super::triggers::Triggers;

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
    /// What certain steps must have.
    pub(super) demands: Vec<Demand>,
    /// Duties that must be kept apart.
    pub(super) pairs: Vec<(Duty, Duty)>,
    /// Duties that must not be kept apart.
    pub(super) free: Vec<(Duty, Duty)>,
}

/// What certain steps must have.
#[derive(Debug, Clone)]
pub(super) struct Demand {
    /// Which steps are meant.
    pub(super) which: Which,
    /// Each of these must be so.
    pub(super) musts: Vec<Must>,
    /// What names the steps, for messages.
    pub(super) words: String,
}

/// Which steps a demand means: those that fit all that is given.
#[derive(Debug, Clone, Default)]
pub(super) struct Which {
    /// Steps with that effect.
    pub(super) effect: Option<String>,
    /// Steps that may set that fact to that value (any, if none is named).
    pub(super) set: Option<(usize, Option<u8>)>,
    /// Steps by pattern.
    pub(super) step: Option<String>,
    /// Steps by who moves.
    pub(super) mover: Option<Mover>,
    /// But not steps that set that fact.
    pub(super) unless_set: Option<usize>,
    /// But not steps with that effect.
    pub(super) unless_effect: Option<String>,
}

/// What a step must have.
#[derive(Debug, Clone)]
pub(super) enum Must {
    /// One of these roles among those who do or approve it, or else that check on real figures.
    Role(Vec<String>, Option<String>),
    /// A check on real figures.
    Require(String),
    /// Two persons with cards.
    Two,
    /// A paper.
    Paper(String),
    /// The mark that it burdens a party.
    Burden,
    /// The confirmation that cards were shown.
    CardShown,
    /// No condition on that fact.
    Ignores(usize),
    /// No effect on those facts.
    Untouched(Vec<usize>),
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

/// Holds properties against a pack; with `only`, the properties of that number and the views that they need.
pub(super) fn resolve(pack: &Pack, properties: &Properties, only: Option<&str>) -> Resolved {
    let mut resolved = Resolved::default();
    let lookup = Lookup { pack };
    let asked: Vec<Node<'_>> = properties
        .nodes()
        .filter(|n| n.name() != "view" && only.is_none_or(|id| n.arg(0) == id))
        .collect();
    // What must stay reachable may put obligations on any view.
    let all_views = only.is_none() || asked.iter().any(|n| n.name() == "ef");
    let needed = |view: &str| all_views || asked.iter().any(|n| n.text("view") == Some(view));
    for node in properties
        .nodes()
        .filter(|n| n.name() == "view" && needed(n.arg(0)))
    {
        match lookup.view(node) {
            Ok(view) if resolved.views.iter().any(|v| v.name == view.name) => {
                resolved.faults.push(format!("视图“{}”重复", view.name));
            }
            Ok(view) => resolved.views.push(view),
            Err(why) => resolved.faults.push(why),
        }
    }
    for node in asked {
        let property = property(&lookup, &mut resolved.views, node);
        resolved.has_goals |= matches!(property.claim, Claim::Reachable(_));
        resolved.claims.push(property);
    }
    resolved
}

fn property(lookup: &Lookup<'_>, views: &mut [View], node: Node<'_>) -> Property {
    let view = node
        .text("view")
        .map(|name| views.iter().position(|v| v.name == name).ok_or(name));
    let claim = match (node.name(), view) {
        (_, Some(Err(name))) => Err(format!("没有视图“{name}”")),
        ("t", _) => lookup.static_check(node).map(Claim::Static),
        ("ef", Some(Ok(at))) => lookup.goal(at, &views[at], node).map(Claim::Reachable),
        ("ag" | "never", Some(Ok(at))) => lookup
            .always(&mut views[at], node)
            .map(|bit| Claim::Always((at, bit))),
        _ => Ok(Claim::Elsewhere(node.needed("at"))),
    };
    let (claim, refused) = match claim {
        Ok(claim) => (claim, None),
        Err(why) => (
            Claim::Elsewhere(String::new()),
            Some(format!("{why}（性质文件第{}行）", node.place().line)),
        ),
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
