//! Explores a view breadth first, watching what must hold in every step and state.

use std::rc::Rc;

use rustc_hash::FxHashMap;

use crate::pack::{Mover, Pack};

use super::compile::{Compiler, Parties};
use super::conj::{ChoiceId, Conjs};
use super::guard::{Guard, State};
use super::layout::Layout;
use super::program::{Machine, Mask, Program, Run};
use super::resolve::Resolved;
use super::triggers::Triggers;
use super::verdict;
use super::ways::{End, Fates, Known, Ways};

/// What an edge stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// The move leads there once what it takes for granted is so.
    Sure,
    /// The move may lead there, depending on what the view has forgotten.
    Possible,
    /// The move leads there or where its other edges of the same number do, as figures have it that nobody chooses,
    /// once what it takes for granted is so.
    Fate(u16),
    /// The move is open once what it takes for granted is so; where it leads say its other edges together.
    Open,
}

/// A move from one state to another. The edges of one program from one state stand together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Edge {
    /// Index of the state it leads to.
    pub(super) to: u32,
    /// Index of the program.
    pub(super) program: u16,
    /// What it stands for.
    pub(super) kind: Kind,
    /// What it takes for granted: one of these.
    pub(super) asks: ChoiceId,
}

/// Where a state was first reached from, and by which program.
pub(super) type Parent = (u32, u16);

/// How a property was broken.
#[derive(Debug, Clone, Copy)]
pub(super) struct Violation {
    /// Index of the state before.
    pub(super) before: u32,
    /// The move and the state after it; none where the state itself is wrong.
    pub(super) step: Option<(u16, State)>,
    /// In words.
    pub(super) why: &'static str,
}

/// An explored view.
pub(super) struct Space {
    /// Layout of its states.
    pub(super) layout: Layout,
    /// Its moves.
    pub(super) programs: Vec<Program>,
    /// Reachable states in the order of their distance.
    pub(super) states: Vec<State>,
    /// How each was first reached.
    pub(super) parents: Vec<Parent>,
    /// Edges of state `i` are `edges[edge_starts[i]..edge_starts[i + 1]]`; empty if no goal asks for them.
    pub(super) edges: Vec<Edge>,
    /// See `edges`.
    pub(super) edge_starts: Vec<u32>,
    /// Assumptions of the edges.
    pub(super) conjs: Conjs,
    /// Number of moves.
    pub(super) moves: usize,
    /// How each of its properties was broken first, if it was.
    pub(super) violations: Vec<Option<Violation>>,
    /// Which moves can be taken.
    pub(super) enabled: Vec<bool>,
    /// Which stages are reached, as bits.
    pub(super) stages: u64,
    /// The first state where nothing goes on.
    pub(super) dead_end: Option<u32>,
}

impl Space {
    /// The edges of a state.
    pub(super) fn edges_of(&self, state: usize) -> &[Edge] {
        match (self.edge_starts.get(state), self.edge_starts.get(state + 1)) {
            (Some(&from), Some(&to)) => &self.edges[from as usize..to as usize],
            _ => &[],
        }
    }
}

/// Explores a view; one with more states than are left is refused in words. For cases of one party alone only
/// goals are judged, so that no property is watched there.
pub(super) fn explore(
    pack: &Pack,
    resolved: &Resolved,
    (at, parties): (usize, Parties),
    left: usize,
) -> Result<Space, String> {
    let view = &resolved.views[at];
    let none = Triggers::default();
    let (triggers, always) = match parties {
        Parties::Any => (&view.triggers, view.always.as_slice()),
        Parties::One => (&none, &[][..]),
    };
    let layout = Layout::new(pack, view).map_err(|width| {
        format!(
            "视图“{}”保留的事实和期限要 {width} 位，超过 {} 位；请少保留一些",
            view.name,
            State::BITS
        )
    })?;
    let compiler = || Compiler::new(pack, &layout, triggers).with(parties);
    let programs = compiler().programs();
    let compiler = compiler();
    let checks = always.iter().map(|a| {
        (
            a.never,
            compiler.property(&a.require),
            compiler.property(&a.ensure),
        )
    });
    let checks = checks.collect();
    let space = Space {
        violations: vec![None; always.len()],
        enabled: vec![false; programs.len()],
        layout,
        programs: Vec::new(),
        states: Vec::new(),
        parents: Vec::new(),
        edges: Vec::new(),
        edge_starts: Vec::new(),
        conjs: Conjs::new(),
        moves: 0,
        stages: 0,
        dead_end: None,
    };
    let stage = space.layout.stage;
    let known = programs.iter().map(|program| Known {
        reads: program.reads(stage),
        ..Known::default()
    });
    let mut explorer = Explorer {
        pack,
        known: known.collect(),
        space,
        index: FxHashMap::default(),
        checks,
        with_edges: resolved.has_goals,
        waiting: Vec::new(),
    };
    explorer
        .search(&programs, left)
        .map_err(|()| verdict::too_large(pack, view, &explorer.space, left))?;
    Ok(Space {
        programs,
        ..explorer.space
    })
}

struct Explorer<'a> {
    pack: &'a Pack,
    space: Space,
    index: FxHashMap<State, u32>,
    /// Whether it is a `never`, what must hold before, what must hold after.
    checks: Vec<(bool, Guard, Guard)>,
    with_edges: bool,
    /// How each program goes, by the bits that it looks at.
    known: Vec<Known>,
    /// Memory of the machine that runs them.
    waiting: Vec<Vec<Run>>,
}

impl Explorer<'_> {
    fn search(&mut self, programs: &[Program], left: usize) -> Result<(), ()> {
        let by_stage: Vec<Vec<u16>> = (0..self.pack.stages.len())
            .map(|stage| {
                (0..programs.len() as u16)
                    .filter(|p| programs[*p as usize].stages >> stage & 1 == 1)
                    .collect()
            })
            .collect();
        self.visit(0, (0, 0));
        let mut at = 0;
        while let Some(&state) = self.space.states.get(at) {
            if self.space.states.len() > left {
                return Err(());
            }
            self.space.edge_starts.push(self.space.edges.len() as u32);
            self.never(at as u32, state);
            let stage = self.space.layout.stage.get(state) as usize;
            self.space.stages |= 1 << stage;
            let mut alive = self.pack.stages.get(stage).is_none_or(|s| s.end);
            for &id in by_stage.get(stage).map_or(&[][..], Vec::as_slice) {
                let program = &programs[id as usize];
                // A closed gate is the common case, and cheaper to look at than the table of known ways.
                if !program.gate.can(state).hold {
                    continue;
                }
                if program.relevant {
                    let ways = self.ways(id, program, state).ok_or(())?;
                    let goes_on = if program.is_other() {
                        ways.joins
                    } else {
                        ways.open
                    };
                    alive |= goes_on && brings_on(program);
                    self.follow(at as u32, id, program, &ways);
                } else {
                    self.space.enabled[id as usize] = true;
                    alive |= brings_on(program);
                }
            }
            if !alive && self.space.dead_end.is_none() {
                self.space.dead_end = Some(at as u32);
            }
            at += 1;
        }
        self.space.edge_starts.push(self.space.edges.len() as u32);
        Ok(())
    }

    /// How a program goes in a state, if in few enough ways.
    fn ways(&mut self, id: u16, program: &Program, state: State) -> Option<Rc<Ways>> {
        let known = &mut self.known[id as usize];
        let seen = state & known.reads;
        if let Some(ways) = known.ways.get(&seen) {
            return Some(Rc::clone(ways));
        }
        let (stage, bits) = (self.space.layout.stage, self.space.layout.bits());
        let mut machine = Machine {
            stage,
            bits,
            conjs: &mut self.space.conjs,
            waiting: &mut self.waiting,
        };
        let mut runs = machine.run(program, seen)?;
        let gates = if !self.with_edges || program.is_other() {
            Vec::new()
        } else {
            machine.gates(program, seen)
        };
        let conjs = &mut self.space.conjs;
        let joins = runs.iter().any(|run| !run.moot);
        let fates = Fates::part(&mut runs, conjs);
        let plain = |run: &Run| !run.moot && gates.contains(&run.conj);
        let idle = gates.is_empty() || runs.iter().any(plain);
        let ways = Rc::new(Ways {
            open: !runs.is_empty(),
            joins,
            fates,
            stays: runs.iter().any(|run| run.written == 0),
            ends: End::gather(&runs, conjs),
            gates: (!idle).then(|| conjs.choice(gates)),
        });
        known.ways.insert(seen, Rc::clone(&ways));
        Some(ways)
    }

    /// The index of a state, which is added if it is new.
    fn visit(&mut self, state: State, parent: Parent) -> u32 {
        let next = self.space.states.len() as u32;
        *self.index.entry(state).or_insert_with(|| {
            self.space.states.push(state);
            self.space.parents.push(parent);
            next
        })
    }

    /// Takes down where the ways of a program lead and what they break.
    fn follow(&mut self, from: u32, id: u16, program: &Program, ways: &Ways) {
        if !ways.open {
            return;
        }
        self.space.enabled[id as usize] = true;
        self.space.moves += ways.ends.len();
        let before = self.space.states[from as usize];
        // A move that may leave everything as it is can always miss.
        let mut stays = ways.stays;
        let first_edge = self.space.edges.len();
        for end in &ways.ends {
            let after = Run::after(end.state, end.written, before);
            for fired in &end.fired {
                self.woken(from, id, program, *fired, after);
            }
            if after == before {
                stays = true;
                continue;
            }
            let to = self.visit(after, (from, id));
            let (kind, asks) = match end.asks {
                Some(asks) => (Kind::Sure, asks),
                None => (Kind::Possible, ChoiceId::default()),
            };
            if self.with_edges && (kind == Kind::Sure || ways.gates.is_some()) {
                self.space.edges.push(Edge {
                    to,
                    program: id,
                    kind,
                    asks,
                });
            }
        }
        self.follow_fates((from, before), id, ways);
        match ways.gates {
            Some(asks) if !stays => self.space.edges.push(Edge {
                to: from,
                program: id,
                kind: Kind::Open,
                asks,
            }),
            Some(_) => self.drop_possible(first_edge),
            None => {}
        }
    }

    /// Takes down where choices lead that figures part; one that may leave everything as it is can miss.
    fn follow_fates(&mut self, (from, before): (u32, State), id: u16, ways: &Ways) {
        for (group, fates) in ways.fates.iter().enumerate() {
            let ends = fates.ends.iter();
            let afters = ends.map(|(state, written)| Run::after(*state, *written, before));
            let afters: Vec<State> = afters.collect();
            let Ok(group) = u16::try_from(group) else {
                return;
            };
            if !self.with_edges || afters.contains(&before) {
                continue;
            }
            for after in afters {
                let to = self.visit(after, (from, id));
                self.space.edges.push(Edge {
                    to,
                    program: id,
                    kind: Kind::Fate(group),
                    asks: fates.asks,
                });
            }
        }
    }

    /// Drops the edges from that place on that mean nothing unless all of them are taken together.
    fn drop_possible(&mut self, first: usize) {
        let mut at = first;
        while at < self.space.edges.len() {
            if self.space.edges[at].kind == Kind::Possible {
                self.space.edges.remove(at);
            } else {
                at += 1;
            }
        }
    }

    /// Judges the properties that a move has woken.
    fn woken(&mut self, before: u32, id: u16, program: &Program, mut fired: Mask, after: State) {
        while fired != 0 {
            let bit = fired.trailing_zeros() as usize;
            fired &= fired - 1;
            if self.space.violations[bit].is_some() {
                continue;
            }
            let (_, require, ensure) = &self.checks[bit];
            let why = if program.forbidden >> bit & 1 == 1 {
                "这一步不在允许的步骤之列"
            } else if require.can(self.space.states[before as usize]).fail {
                "这一步之前要求的条件不成立"
            } else if ensure.can(after).fail {
                "这一步之后要求的条件不成立"
            } else {
                continue;
            };
            self.space.violations[bit] = Some(Violation {
                before,
                step: Some((id, after)),
                why,
            });
        }
    }

    fn never(&mut self, at: u32, state: State) {
        for (bit, (never, forbidden, _)) in self.checks.iter().enumerate() {
            if *never && self.space.violations[bit].is_none() && forbidden.can(state).hold {
                let why = "到达了不得出现的状态";
                self.space.violations[bit] = Some(Violation {
                    before: at,
                    step: None,
                    why,
                });
            }
        }
    }
}

/// Whether a move brings the case on without the party.
fn brings_on(program: &Program) -> bool {
    program.mover != Mover::Party && (program.moves || !program.writes.is_empty())
}
