//! The checker: explores everything that a pack allows and proves what the law demands of it.
//!
//! One case is explored with **one party in full**; whatever holds for it holds for each. Of the other parties
//! nothing is remembered: a condition about *every* party that the explored one meets may fail because of the
//! others, one about *some* party may hold because of them, and any of their steps may be taken at any time.
//! Time is abstracted to the status of each limit: a running limit may expire at any moment. A choice in a form
//! and a figure computed from real data may have any of its values. Approvals in a chain are one move with the
//! step: a request that waits binds nothing, and its conditions are looked at when asked and when granted.
//! What must stay reachable is proved a second time for cases of one party alone, who waits for nobody.
//!
//! **Views.** The whole product is too large, so a property is proved in a view that keeps some facts and limits
//! and forgets the rest. A condition on something forgotten may hold or not. A view therefore allows *more* than
//! the pack does: what never happens in the view (AG) never happens. What can be reached in the view (EF) is
//! proved only if each forgotten condition on the way can be brought about: see [`reach`].
//!
//! The checker has no clock and does no I/O; a view that grows past the cap is an error that names it.

mod asked;
mod compile;
mod conj;
mod explain;
mod explore;
mod guard;
mod layout;
mod lookup;
mod obligation;
mod program;
mod property;
mod reach;
mod resolve;
mod side_by_side;
mod statics;
mod trace;
mod triggers;
mod verdict;
mod ways;
mod writes;

#[cfg(test)]
mod tests;

pub use explain::explain;
pub use property::{Properties, builtin_properties, read_properties};

use crate::pack::Pack;

use compile::Parties;
use explore::Space;
use resolve::{Claim, Goal, Resolved};

/// How far the exploration may go, and for what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// Most states over all views together.
    pub states_max: usize,
    /// Judge only the properties of this number, in the views that they need, and look for no general faults.
    pub only: Option<String>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            states_max: 1_000_000,
            only: None,
        }
    }
}

/// How a property is established.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum How {
    /// By looking at the pack's text.
    Static,
    /// In every reachable state or step.
    Always,
    /// From every such state a goal can be reached.
    Reachable,
    /// When a pack is loaded or a command is decided.
    Elsewhere,
}

impl How {
    /// The letters by which the page of properties calls it.
    pub fn code(self) -> &'static str {
        match self {
            Self::Static => "T",
            Self::Always => "AG",
            Self::Reachable => "EF",
            Self::Elsewhere => "R",
        }
    }
}

/// One move on the way to a violation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TraceLine {
    /// Identifier of the step or limit; empty for the beginning.
    pub step: String,
    /// Title in Chinese, with who moved where that is not the explored party or the bureau.
    pub title: String,
    /// Title of the stage after the move.
    pub stage: String,
    /// What changed: title of the fact or limit and its new value.
    pub changes: Vec<(String, String)>,
}

/// What became of a property.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It holds.
    Proved,
    /// It does not; `why` says what failed and `trace` is the shortest way there, beginning with the start.
    Refuted {
        /// What failed, in Chinese.
        why: String,
        /// The shortest way there; empty for static properties.
        trace: Vec<TraceLine>,
    },
    /// It cannot be judged, because it speaks of something that the pack or the view lacks.
    Refused {
        /// What is lacking, in Chinese.
        why: String,
    },
    /// It is checked elsewhere, at load or when a command is decided.
    Elsewhere {
        /// Where, in Chinese.
        at: String,
    },
}

/// A property with what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PropertyResult {
    /// Number, such as `P17`.
    pub id: String,
    /// What it says, in Chinese.
    pub title: String,
    /// Article.
    pub basis: String,
    /// How it is established.
    pub how: How,
    /// The view in which it was explored, if it was.
    pub view: Option<String>,
    /// What became of it.
    pub outcome: Outcome,
}

/// A fault of the pack that no property names: a stage never reached, a step never possible, a dead end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// What is wrong, in Chinese.
    pub message: String,
    /// The shortest way there, where there is one.
    pub trace: Vec<TraceLine>,
}

/// The size of one explored view.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ViewSize {
    /// Name.
    pub name: String,
    /// Reachable states.
    pub states: usize,
    /// Moves between them.
    pub moves: usize,
    /// How many facts and limits are kept.
    pub kept: usize,
}

/// What the checker found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Whether the pack may be used.
    pub ok: bool,
    /// Every property in the order of the file.
    pub results: Vec<PropertyResult>,
    /// General faults.
    pub faults: Vec<Fault>,
    /// Sizes of the views.
    pub views: Vec<ViewSize>,
    /// States over all views, for any number of parties and for one alone.
    pub states: usize,
    /// How many of them are of cases with one party alone.
    pub states_alone: usize,
}

/// Checks a pack against properties. The caller takes the time.
pub fn check(pack: &Pack, properties: &Properties, options: Options) -> Report {
    let resolved = resolve::resolve(pack, properties, options.only.as_deref());
    let mut faults: Vec<Fault> = resolved
        .faults
        .iter()
        .map(|message| Fault {
            message: message.clone(),
            trace: Vec::new(),
        })
        .collect();
    let spaces = match explore_all(pack, &resolved, options.states_max) {
        Ok(spaces) => spaces,
        Err(Unfinished { view, why, spaces }) => {
            faults.push(Fault {
                message: why,
                trace: Vec::new(),
            });
            return unfinished(&resolved, faults, &spaces, &view);
        }
    };
    let (spaces, alone) = spaces.split_at(resolved.views.len());
    if options.only.is_none() {
        faults.extend(verdict::general_faults(pack, spaces, alone));
    }
    let mut goals = judge_goals(pack, &resolved, spaces, alone).into_iter();
    let results: Vec<PropertyResult> = resolved
        .claims
        .iter()
        .map(|claim| {
            let outcome = match (&claim.refused, &claim.claim) {
                (Some(why), _) => Outcome::Refused { why: why.clone() },
                (None, Claim::Elsewhere(at)) => Outcome::Elsewhere { at: at.clone() },
                (None, Claim::Static(check)) => statics::judge(pack, check),
                (None, Claim::Always(at)) => verdict::judge(pack, spaces, *at),
                (None, Claim::Reachable(_)) => goals.next().unwrap_or(Outcome::Refused {
                    why: "没有判断".to_owned(),
                }),
            };
            result(&resolved, claim, outcome)
        })
        .collect();
    let good =
        |r: &PropertyResult| matches!(r.outcome, Outcome::Proved | Outcome::Elsewhere { .. });
    let ok = faults.is_empty() && results.iter().all(good);
    Report {
        ok,
        results,
        faults,
        views: sizes(&resolved, spaces),
        states: spaces.iter().chain(alone).map(|s| s.states.len()).sum(),
        states_alone: alone.iter().map(|s| s.states.len()).sum(),
    }
}

/// A view that was not explored to its end, and those before it.
struct Unfinished {
    view: String,
    why: String,
    spaces: Vec<Space>,
}

/// Explores every view for any number of parties and, where goals are to be judged, for one party alone.
fn explore_all(
    pack: &Pack,
    resolved: &Resolved,
    states_max: usize,
) -> Result<Vec<Space>, Unfinished> {
    let views = 0..resolved.views.len();
    let any = views.clone().map(|view| (view, Parties::Any));
    let one = views.map(|view| (view, Parties::One));
    let jobs: Vec<_> = any.chain(one.filter(|_| resolved.has_goals)).collect();
    let found = side_by_side::map(&jobs, |job| {
        explore::explore(pack, resolved, *job, states_max)
    });
    let mut left = states_max;
    let mut spaces = Vec::new();
    for ((at, _), space) in jobs.into_iter().zip(found) {
        let view = &resolved.views[at];
        let space = space.and_then(|space| {
            let fits = space.states.len() <= left;
            fits.then_some(())
                .ok_or_else(|| verdict::too_large(pack, view, &space, left))?;
            Ok(space)
        });
        match space {
            Ok(space) => {
                left -= space.states.len();
                spaces.push(space);
            }
            Err(why) => {
                let view = view.name.clone();
                return Err(Unfinished { view, why, spaces });
            }
        }
    }
    Ok(spaces)
}

/// What becomes of each goal in turn: it must be reached whether the party is alone or not.
fn judge_goals(
    pack: &Pack,
    resolved: &Resolved,
    spaces: &[Space],
    alone: &[Space],
) -> Vec<Outcome> {
    let goals = resolved
        .claims
        .iter()
        .filter_map(|claim| match &claim.claim {
            Claim::Reachable(goal) if claim.refused.is_none() => Some(goal),
            _ => None,
        });
    let goals: Vec<&Goal> = goals.collect();
    let sides = [(spaces, Parties::Any), (alone, Parties::One)];
    let judged = side_by_side::map(&sides, |(spaces, parties)| {
        let mut reach = reach::Reach::new(pack, resolved, spaces, *parties);
        let judged = goals.iter().map(|goal| reach.judge(goal));
        judged.collect::<Vec<_>>()
    });
    let mut sides = judged.into_iter();
    let (any, one) = (
        sides.next().unwrap_or_default(),
        sides.next().unwrap_or_default(),
    );
    let both = any.into_iter().zip(one);
    both.map(|(any, one)| if any == Outcome::Proved { one } else { any })
        .collect()
}

fn result(resolved: &Resolved, claim: &resolve::Property, outcome: Outcome) -> PropertyResult {
    PropertyResult {
        id: claim.id.clone(),
        title: claim.title.clone(),
        basis: claim.basis.clone(),
        how: claim.claim.how(),
        view: claim
            .view
            .and_then(|at| resolved.views.get(at))
            .map(|view| view.name.clone()),
        outcome,
    }
}

fn sizes(resolved: &Resolved, spaces: &[Space]) -> Vec<ViewSize> {
    let size = |(view, space): (&resolve::View, &Space)| ViewSize {
        name: view.name.clone(),
        states: space.states.len(),
        moves: space.moves,
        kept: view.facts.len() + view.limits.len(),
    };
    resolved.views.iter().zip(spaces).map(size).collect()
}

/// The report when a view was too large: nothing is claimed.
fn unfinished(resolved: &Resolved, faults: Vec<Fault>, spaces: &[Space], view: &str) -> Report {
    let why = format!("视图“{view}”没有探查完，未作判断");
    let results = resolved
        .claims
        .iter()
        .map(|claim| result(resolved, claim, Outcome::Refused { why: why.clone() }))
        .collect();
    let states = spaces.iter().map(|space| space.states.len()).sum();
    Report {
        ok: false,
        results,
        faults,
        views: sizes(resolved, spaces),
        states,
        states_alone: 0,
    }
}
