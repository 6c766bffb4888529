//! Conditions compiled for one view, and the states that they look at.

use crate::pack::{Subject, ValueSet};

use super::conj::{ConjId, Conjs};

/// A state of a view: the stage and the kept facts and limits, packed.
pub(super) type State = u128;

/// Where a value stands in a [`State`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Slot {
    /// Lowest bit.
    pub(super) shift: u32,
    /// Number of bits.
    pub(super) width: u32,
}

impl Slot {
    /// The bits that it takes.
    pub(super) fn bits(self) -> State {
        ((1 << self.width) - 1) << self.shift
    }

    /// The value there.
    pub(super) fn get(self, state: State) -> u32 {
        ((state & self.bits()) >> self.shift) as u32
    }

    /// The state with another value there.
    pub(super) fn put(self, state: State, value: u32) -> State {
        (state & !self.bits()) | (State::from(value) << self.shift)
    }
}

/// Width of a scratch slot: what a step has written to a forgotten fact while it is being taken.
pub(super) const SCRATCH_WIDTH: u32 = 6;
/// Scratch: not written.
const UNWRITTEN: u32 = 0;
/// Scratch: written, but with a value that depends on what was forgotten.
const UNCLEAR: u32 = 63;

/// Where a fact or limit can be found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cell {
    /// Kept by the view.
    Kept(Slot),
    /// Forgotten, but known within the step once written.
    Scratch(Slot),
    /// Forgotten; `written` says that the step itself writes it.
    Lost {
        /// Whether an assumption about the time before the step would be idle.
        written: bool,
    },
}

/// What can be said of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Seen {
    /// It is this.
    Value(u32),
    /// Forgotten, and as it was before the step.
    Before,
    /// Forgotten, and written in between.
    Unclear,
}

impl Cell {
    /// What can be said of the value there.
    pub(super) fn look(self, state: State) -> Seen {
        match self {
            Self::Kept(slot) => Seen::Value(slot.get(state)),
            Self::Scratch(slot) => match slot.get(state) {
                UNWRITTEN => Seen::Before,
                UNCLEAR => Seen::Unclear,
                value => Seen::Value(value - 1),
            },
            Self::Lost { written: true } => Seen::Unclear,
            Self::Lost { written: false } => Seen::Before,
        }
    }

    /// The bits that it takes of a state while a step is being taken, if what stands there is forgotten afterwards.
    pub(super) fn scratch_bits(self) -> State {
        match self {
            Self::Scratch(slot) => slot.bits(),
            Self::Kept(_) | Self::Lost { .. } => 0,
        }
    }

    /// The state with that value there.
    pub(super) fn write(self, state: State, value: u32) -> State {
        match self {
            Self::Kept(slot) => slot.put(state, value),
            Self::Scratch(slot) => slot.put(state, value + 1),
            Self::Lost { .. } => state,
        }
    }

    /// The state after a write whose result cannot be told.
    pub(super) fn blur(self, state: State) -> State {
        match self {
            Self::Scratch(slot) => slot.put(state, UNCLEAR),
            Self::Kept(_) | Self::Lost { .. } => state,
        }
    }
}

/// Over whom a test speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Over {
    /// The case or the explored party.
    Own,
    /// Every party; `pinned` if the step's own conditions have made sure of the others.
    Every {
        /// Whether the others are known to meet it.
        pinned: bool,
    },
    /// At least one party.
    Some,
    /// Another party, of which nothing is known.
    Other,
}

/// `subject ∈ values` in a view.
#[derive(Debug, Clone, Copy)]
pub(super) struct Test {
    /// Where to look.
    pub(super) cell: Cell,
    /// What it speaks of; none for the stage.
    pub(super) subject: Option<Subject>,
    /// Allowed values.
    pub(super) set: u64,
    /// All values of the domain.
    pub(super) domain: u64,
    /// Over whom.
    pub(super) over: Over,
}

/// A condition compiled for a view.
#[derive(Debug, Clone)]
pub(super) enum Guard {
    /// All hold.
    All(Vec<Guard>),
    /// At least one holds.
    Any(Vec<Guard>),
    /// One test.
    Test(Test),
}

/// Which outcomes a condition can have in a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Can {
    /// It can hold.
    pub(super) hold: bool,
    /// It can fail.
    pub(super) fail: bool,
}

/// Whether a condition comes out as wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Chance {
    /// It cannot.
    Never,
    /// It cannot come out otherwise.
    Surely,
    /// It depends on what the view has forgotten, or on other parties.
    Perhaps,
}

impl Can {
    /// It holds whatever was forgotten.
    const HOLDS: Self = Self {
        hold: true,
        fail: false,
    };
    /// It fails whatever was forgotten.
    const FAILS: Self = Self {
        hold: false,
        fail: true,
    };

    /// Whether the condition comes out as wanted: holds (`want`) or fails.
    pub(super) fn chance(self, want: bool) -> Chance {
        let (wanted, otherwise) = match want {
            true => (self.hold, self.fail),
            false => (self.fail, self.hold),
        };
        match (wanted, otherwise) {
            (false, _) => Chance::Never,
            (true, false) => Chance::Surely,
            (true, true) => Chance::Perhaps,
        }
    }
}

/// One way in which a condition holds or fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Way {
    /// What is taken for granted about forgotten facts.
    pub(super) conj: ConjId,
    /// Whether it hangs on other parties or on something unclear, so that no path may rely on it.
    pub(super) moot: bool,
}

/// Most ways of one condition that are told apart.
const WAYS_MAX: usize = 8;

impl Test {
    fn can(&self, state: State) -> Can {
        let both = Can {
            hold: true,
            fail: true,
        };
        let Seen::Value(value) = self.cell.look(state) else {
            return both;
        };
        let inside = self.set >> value & 1 == 1;
        match self.over {
            Over::Other => both,
            Over::Own => Can {
                hold: inside,
                fail: !inside,
            },
            Over::Every { pinned } => Can {
                hold: inside,
                fail: !inside || !pinned,
            },
            Over::Some => Can {
                hold: true,
                fail: !inside,
            },
        }
    }

    fn ways(&self, state: State, want: bool, from: Way, conjs: &mut Conjs, out: &mut Vec<Way>) {
        let can = self.can(state);
        if !(if want { can.hold } else { can.fail }) {
            return;
        }
        let moot = Way { moot: true, ..from };
        match (self.cell.look(state), self.over) {
            // What another party's step demands of that party is its own affair.
            (_, Over::Other) => out.push(from),
            (Seen::Value(value), over) => {
                let inside = self.set >> value & 1 == 1;
                let leans = match over {
                    Over::Every { .. } => !want && inside,
                    Over::Some => want && !inside,
                    Over::Own | Over::Other => false,
                };
                out.push(if leans { moot } else { from });
            }
            (Seen::Unclear, _) => out.push(moot),
            (Seen::Before, _) => {
                let values = if want {
                    self.set
                } else {
                    self.domain & !self.set
                };
                let Some(subject) = self.subject else { return };
                let conj = conjs.and(from.conj, (subject, values as ValueSet));
                out.extend(conj.map(|conj| Way { conj, ..from }));
            }
        }
    }
}

impl Guard {
    /// Visits every place that it looks at.
    pub(super) fn cells(&self, visit: &mut dyn FnMut(Cell)) {
        match self {
            Self::Test(test) => visit(test.cell),
            Self::All(inner) | Self::Any(inner) => {
                inner.iter().for_each(|guard| guard.cells(visit))
            }
        }
    }

    /// Which outcomes it can have.
    pub(super) fn can(&self, state: State) -> Can {
        // Whether the outcome of one part settles the whole, and how.
        let (inner, settled) = match self {
            Self::Test(test) => return test.can(state),
            Self::All(inner) => (inner, Can::FAILS),
            Self::Any(inner) => (inner, Can::HOLDS),
        };
        let mut all = Can {
            hold: settled.fail,
            fail: settled.hold,
        };
        for guard in inner {
            let can = guard.can(state);
            if can == settled {
                return settled;
            }
            // Of all, each must hold and one can fail; of any, the other way round.
            if settled == Can::FAILS {
                all.fail |= can.fail;
            } else {
                all.hold |= can.hold;
            }
        }
        all
    }

    /// The ways in which it holds (`want`) or fails, on top of what is taken for granted already.
    pub(super) fn ways(&self, state: State, want: bool, from: Way, conjs: &mut Conjs) -> Vec<Way> {
        match self.can(state).chance(want) {
            Chance::Never => return Vec::new(),
            Chance::Surely => return vec![from],
            Chance::Perhaps => {}
        }
        let mut out = Vec::new();
        match (self, want) {
            (Self::Test(test), _) => test.ways(state, want, from, conjs, &mut out),
            (Self::All(inner), true) | (Self::Any(inner), false) => {
                out.push(from);
                // The whole is possible, so each part is; what is sure of itself asks nothing more.
                let open = |guard: &&Guard| guard.can(state).chance(want) == Chance::Perhaps;
                for guard in inner.iter().filter(open) {
                    let before = std::mem::take(&mut out);
                    for way in before {
                        out.extend(guard.ways(state, want, way, conjs));
                    }
                    tidy(&mut out, from);
                }
            }
            (Self::All(inner), false) | (Self::Any(inner), true) => {
                for guard in inner {
                    out.extend(guard.ways(state, want, from, conjs));
                }
                tidy(&mut out, from);
            }
        }
        out
    }
}

/// Drops repeated ways; where one asks nothing more than before the others are idle, where there are too many
/// none may be relied on.
fn tidy(ways: &mut Vec<Way>, from: Way) {
    if ways.len() < 2 {
        return;
    }
    if ways.contains(&from) {
        *ways = vec![from];
        return;
    }
    ways.sort_unstable_by_key(|way| (way.moot, way.conj));
    ways.dedup();
    if ways.len() > WAYS_MAX {
        *ways = vec![Way { moot: true, ..from }];
    }
}
