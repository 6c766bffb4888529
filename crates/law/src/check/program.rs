//! A move of the abstract machine: what it needs, what it writes and where it leads, compiled for one view.

use crate::pack::{Mover, Subject};

use super::conj::{ConjId, Conjs, NOTHING};
use super::guard::{Cell, Chance, Guard, Seen, Slot, State, Way};

/// A set of properties of a view, as bits.
pub(super) type Mask = u128;

/// What moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Move {
    /// A step of the case or of the explored party.
    Step(usize),
    /// A step that another party's track takes.
    OtherStep(usize),
    /// A limit of the case or of the explored party expires.
    Expiry(usize),
    /// A limit of another party expires.
    OtherExpiry(usize),
}

/// What a limit does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tick {
    /// It starts anew.
    Start,
    /// It ends, if it was started.
    Stop,
    /// It pauses, if it runs.
    Pause,
    /// It runs again, if it was paused.
    Resume,
    /// It goes on, if it was stopped; it starts, if it never did.
    Continue,
}

impl Tick {
    /// The status after it.
    fn after(self, status: u32) -> u32 {
        const IDLE: u32 = 0;
        const RUNNING: u32 = 1;
        const PAUSED: u32 = 2;
        const ENDED: u32 = 4;
        match (self, status) {
            (Self::Start, _) | (Self::Resume, PAUSED) | (Self::Continue, IDLE | ENDED) => RUNNING,
            (Self::Stop, IDLE) => IDLE,
            (Self::Stop, _) => ENDED,
            (Self::Pause, RUNNING) => PAUSED,
            (_, other) => other,
        }
    }
}

/// Properties that watch the values of a fact.
#[derive(Debug, Clone, Copy)]
pub(super) struct Watch {
    /// Values watched for.
    pub(super) set: u64,
    /// Whether it must have had another value before.
    pub(super) change: bool,
    /// Which properties watch.
    pub(super) mask: Mask,
}

/// A value written to a fact, with who watches.
#[derive(Debug, Clone)]
pub(super) struct Target {
    /// Where.
    pub(super) cell: Cell,
    /// Watchers of that fact.
    pub(super) watches: Vec<Watch>,
}

impl Target {
    fn fired(&self, state: State, value: u32) -> Mask {
        let mut mask = 0;
        for watch in self.watches.iter().filter(|w| w.set >> value & 1 == 1) {
            let was =
                matches!(self.cell.look(state), Seen::Value(old) if watch.set >> old & 1 == 1);
            if !(watch.change && was) {
                mask |= watch.mask;
            }
        }
        mask
    }
}

/// One instruction of a move; `usize` targets are places in the program.
#[derive(Debug, Clone)]
pub(super) enum Op {
    /// Writes a value.
    Set(Target, u32),
    /// Writes one of these values, as whoever moves chooses.
    Choose(Target, Vec<u32>),
    /// Writes one of these values, as the figures of the case have it.
    Figure(Target, Vec<u32>),
    /// Writes the last value if the present one is among the set.
    Lapse(Target, u64, u32),
    /// What `propose` makes of the comparison with the notice.
    Compare(Target),
    /// Changes the status of a limit.
    Tick(Cell, Tick),
    /// Wakes properties.
    Fire(Mask),
    /// Goes on if the condition holds, else at the place.
    Unless(Guard, usize),
    /// What other parties may do to the case goes on here, or it does not happen and all goes on at the place.
    Maybe(usize),
    /// Ends in that stage if the condition holds; `joins` says that it hangs on every party.
    To {
        /// The condition.
        guard: Guard,
        /// The stage.
        stage: u32,
        /// Whether the condition is about every party.
        joins: bool,
        /// Properties that watch the stage.
        mask: Mask,
    },
}

impl Op {
    /// Visits every place whose value decides what it does.
    fn reads(&self, visit: &mut dyn FnMut(Cell)) {
        match self {
            Self::Set(target, _) | Self::Choose(target, _) | Self::Figure(target, _) => {
                if target.watches.iter().any(|watch| watch.change) {
                    visit(target.cell);
                }
            }
            Self::Lapse(target, ..) | Self::Compare(target) => visit(target.cell),
            Self::Tick(_, Tick::Start) | Self::Fire(_) | Self::Maybe(_) => {}
            Self::Tick(cell, _) => visit(*cell),
            Self::Unless(guard, _) | Self::To { guard, .. } => guard.cells(visit),
        }
    }

    /// Whether it does nothing but write to a forgotten fact at which nobody looks any more.
    fn is_lost(&self, live_after: State) -> bool {
        let lost =
            |cell: &Cell| matches!(cell, Cell::Scratch(_)) && cell.scratch_bits() & live_after == 0;
        match self {
            Self::Set(target, _)
            | Self::Choose(target, _)
            | Self::Figure(target, _)
            | Self::Lapse(target, ..)
            | Self::Compare(target) => target.watches.is_empty() && lost(&target.cell),
            Self::Tick(cell, _) => lost(cell),
            Self::Fire(_) | Self::Unless(..) | Self::Maybe(_) | Self::To { .. } => false,
        }
    }

    /// The bits at which it or a later one looks, from those at which later ones look.
    fn live_before(&self, live_after: State, live: &[State]) -> State {
        let mut bits = live_after;
        match self {
            // Whatever stood there is gone.
            Self::Set(target, _) | Self::Choose(target, _) | Self::Figure(target, _) => {
                bits &= !target.cell.scratch_bits();
            }
            Self::Tick(cell, Tick::Start) => bits &= !cell.scratch_bits(),
            Self::Unless(_, to) | Self::Maybe(to) => bits |= live[*to],
            _ => {}
        }
        self.reads(&mut |cell| bits |= cell.scratch_bits());
        bits
    }
}

/// A compiled move.
#[derive(Debug, Clone)]
pub(super) struct Program {
    /// What moves.
    pub(super) id: Move,
    /// Stages in which it can, as bits.
    pub(super) stages: u64,
    /// Condition.
    pub(super) gate: Guard,
    /// Instructions.
    pub(super) ops: Vec<Op>,
    /// Properties that are always woken.
    pub(super) fires: Mask,
    /// Properties that are broken merely by being woken here.
    pub(super) forbidden: Mask,
    /// Whether it can change the view's state or wake a property.
    pub(super) relevant: bool,
    /// Who moves.
    pub(super) mover: Mover,
    /// Every fact and limit that it may write, kept or not.
    pub(super) writes: Vec<Subject>,
    /// Whether figures of the case have a say in where it leads.
    pub(super) figures: bool,
    /// Whether it can change the stage.
    pub(super) moves: bool,
    /// For each instruction, the bits that it or a later one still looks at, and all those of the view.
    pub(super) live: Vec<State>,
}

impl Program {
    /// The bits of a state that the program looks at; it goes alike in all states that agree on them.
    pub(super) fn reads(&self, stage: Slot) -> State {
        let mut bits = stage.bits();
        let mut add = |cell: Cell| {
            bits |= if let Cell::Kept(slot) = cell {
                slot.bits()
            } else {
                0
            }
        };
        self.gate.cells(&mut add);
        self.ops.iter().for_each(|op| op.reads(&mut add));
        bits
    }

    /// Drops instructions that make no difference, and works out `live` and `figures`.
    ///
    /// What is written to a forgotten fact counts only while a later instruction looks at it, and a condition only
    /// while something hangs on it: what is dropped would part ways that lead to the same.
    pub(super) fn tidy(&mut self, view_bits: State) {
        let count = self.ops.len();
        let mut live = vec![view_bits; count + 1];
        let mut stays = vec![true; count + 1];
        for at in (0..count).rev() {
            stays[at] = match &self.ops[at] {
                Op::Unless(_, to) | Op::Maybe(to) => stays[at + 1..*to].contains(&true),
                op => !op.is_lost(live[at + 1]),
            };
            live[at] = match stays[at] {
                true => self.ops[at].live_before(live[at + 1], &live),
                false => live[at + 1],
            };
        }
        // Where each instruction comes to stand; in place of one that goes, the next that stays.
        let place = |at: usize| stays[..at].iter().filter(|stays| **stays).count();
        for op in &mut self.ops {
            if let Op::Unless(_, to) | Op::Maybe(to) = op {
                *to = place(*to);
            }
        }
        keep(&mut self.ops, &stays);
        keep(&mut live, &stays);
        self.live = live;
        let is_figure = |op: &Op| matches!(op, Op::Figure(..));
        self.figures = self.ops.iter().any(is_figure);
    }

    /// Whether another party's track moves.
    pub(super) fn is_other(&self) -> bool {
        matches!(self.id, Move::OtherStep(_) | Move::OtherExpiry(_))
    }
}

/// One way in which a move has gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Run {
    /// The state, with scratch slots while it is running; only what was read or written is there.
    pub(super) state: State,
    /// The bits of the view that were written.
    pub(super) written: State,
    /// Properties woken.
    pub(super) fired: Mask,
    /// What was taken for granted.
    pub(super) conj: ConjId,
    /// Whether no path may rely on it.
    pub(super) moot: bool,
    /// What whoever moves has chosen, if figures have a say too.
    pub(super) pick: u64,
    /// How the figures have turned out.
    pub(super) fate: u64,
    /// The share of all that the figures could be, out of [`WHOLE`].
    pub(super) share: u32,
}

/// What shares are of; every small number divides it.
pub(super) const WHOLE: u32 = 720_720;

/// Runs programs of one view.
pub(super) struct Machine<'a> {
    /// The slot of the stage.
    pub(super) stage: Slot,
    /// The bits that belong to the view rather than to scratch.
    pub(super) bits: State,
    /// Interned assumptions.
    pub(super) conjs: &'a mut Conjs,
    /// Runs by the instruction that they have come to; empty between two programs, kept for their memory.
    pub(super) waiting: &'a mut Vec<Vec<Run>>,
}

impl Machine<'_> {
    /// Every way in which the program can go in that state, without those that make no difference; none if they
    /// are too many.
    pub(super) fn run(&mut self, program: &Program, state: State) -> Option<Vec<Run>> {
        let mut ended = Vec::new();
        if !program.gate.can(state).hold {
            return Some(ended);
        }
        let start = Way {
            conj: NOTHING,
            moot: false,
        };
        // All jumps lead forward.
        let mut waiting = std::mem::take(self.waiting);
        waiting.resize_with(waiting.len().max(program.ops.len() + 1), Vec::new);
        for way in program.gate.ways(state, true, start, self.conjs) {
            waiting[0].push(Run {
                state,
                written: 0,
                fired: program.fires,
                conj: way.conj,
                moot: way.moot,
                pick: 0,
                fate: 0,
                share: WHOLE,
            });
        }
        for at in 0..program.ops.len() {
            let mut runs = std::mem::take(&mut waiting[at]);
            let live = program.live.get(at).copied().unwrap_or(State::MAX);
            runs.iter_mut().for_each(|run| run.state &= live);
            distinct(&mut runs);
            if runs.len().max(ended.len()) > RUNS_MAX {
                return None;
            }
            for run in runs.drain(..) {
                self.step(program, at, run, &mut waiting, &mut ended);
            }
            waiting[at] = runs;
        }
        // Whoever comes to the end has left the case where it was.
        let stayed = waiting[program.ops.len()].drain(..);
        ended.extend(stayed.map(|run| Run {
            moot: run.moot || program.is_other(),
            ..run
        }));
        *self.waiting = waiting;
        // Of the state only what was written counts from here on.
        ended
            .iter_mut()
            .for_each(|run| run.state &= self.bits & run.written);
        distinct_ends(&mut ended);
        Some(ended)
    }

    /// What must be taken for granted for the program to be open at all: each way of its condition on which a
    /// path may rely.
    pub(super) fn gates(&mut self, program: &Program, state: State) -> Vec<ConjId> {
        let start = Way {
            conj: NOTHING,
            moot: false,
        };
        let ways = program.gate.ways(state, true, start, self.conjs);
        let sure = ways.into_iter().filter(|way| !way.moot);
        sure.map(|way| way.conj).collect()
    }

    /// Does the instruction at a place.
    fn step(
        &mut self,
        program: &Program,
        at: usize,
        mut run: Run,
        waiting: &mut [Vec<Run>],
        ended: &mut Vec<Run>,
    ) {
        let next = at + 1;
        match &program.ops[at] {
            Op::Set(target, value) => waiting[next].push(set(run, target, *value)),
            Op::Choose(target, values) => {
                let runs = values
                    .iter()
                    .map(|value| (*value, set(run, target, *value)));
                waiting[next].extend(runs.map(|(value, run)| run.picked(program, value)));
            }
            Op::Figure(target, values) => {
                let runs = values
                    .iter()
                    .map(|value| (*value, set(run, target, *value)));
                let share = values.len() as u32;
                waiting[next].extend(runs.map(|(value, run)| run.fated(value, share)));
            }
            Op::Compare(target) => {
                let seen = target.cell.look(run.state);
                let told = !matches!(seen, Seen::Value(NEVER | FIRST));
                let untold = !matches!(seen, Seen::Value(SAME..=DIFFERENT));
                let values = (SAME..=DIFFERENT)
                    .filter(|_| told)
                    .chain(untold.then_some(FIRST));
                let runs = values.map(|value| set(run, target, value).picked(program, value));
                waiting[next].extend(runs);
            }
            Op::Lapse(target, from, to) => {
                match target.cell.look(run.state) {
                    Seen::Value(value) if from >> value & 1 == 1 => run = set(run, target, *to),
                    Seen::Value(_) => {}
                    Seen::Before | Seen::Unclear => {
                        run.fired |= target.fired(run.state, *to);
                        run.blur(target.cell);
                    }
                }
                waiting[next].push(run);
            }
            Op::Tick(cell, tick) => {
                match (cell.look(run.state), tick) {
                    (_, Tick::Start) => run.write(*cell, tick.after(0)),
                    (Seen::Value(status), _) if tick.after(status) != status => {
                        run.write(*cell, tick.after(status));
                    }
                    (Seen::Value(_), _) => {}
                    _ => run.blur(*cell),
                }
                waiting[next].push(run);
            }
            Op::Fire(mask) => waiting[next].push(Run {
                fired: run.fired | mask,
                ..run
            }),
            Op::Unless(guard, else_at) => {
                self.fork(guard, run, true, |run| waiting[next].push(run));
                self.fork(guard, run, false, |run| waiting[*else_at].push(run));
            }
            Op::Maybe(else_at) => {
                waiting[*else_at].push(run);
                waiting[next].push(Run { moot: true, ..run });
            }
            Op::To {
                guard,
                stage,
                joins,
                mask,
            } => {
                // Another track brings the case on only where the case has waited for every party.
                let strays = program.is_other() && !joins;
                let slot = self.stage;
                self.fork(guard, run, true, |way| {
                    ended.push(Run {
                        state: slot.put(way.state, *stage),
                        written: way.written | slot.bits(),
                        fired: way.fired | mask,
                        moot: way.moot || strays,
                        ..way
                    })
                });
                self.fork(guard, run, false, |run| waiting[next].push(run));
            }
        }
    }

    /// Goes on in each of the ways in which the condition holds or fails.
    fn fork(&mut self, guard: &Guard, run: Run, want: bool, mut go_on: impl FnMut(Run)) {
        let from = Way {
            conj: run.conj,
            moot: run.moot,
        };
        match guard.can(run.state).chance(want) {
            Chance::Never => {}
            Chance::Surely => go_on(run),
            Chance::Perhaps => {
                for Way { conj, moot } in guard.ways(run.state, want, from, self.conjs) {
                    go_on(Run { conj, moot, ..run });
                }
            }
        }
    }
}

/// Most ways of one move that are followed.
const RUNS_MAX: usize = 100_000;

/// Values of `@change` in the order of the program's fact.
const NEVER: u32 = 0;
const FIRST: u32 = 1;
/// As notified.
pub(super) const SAME: u32 = 2;
const DIFFERENT: u32 = 5;

fn set(mut run: Run, target: &Target, value: u32) -> Run {
    run.fired |= target.fired(run.state, value);
    run.write(target.cell, value);
    run
}

impl Run {
    /// The run with one more choice.
    fn picked(self, program: &Program, value: u32) -> Self {
        if !program.figures {
            return self;
        }
        let (pick, moot) = noted(self.pick, value);
        let moot = self.moot || moot;
        Self { pick, moot, ..self }
    }

    /// The run with one more figure, of so many that it could be.
    fn fated(self, value: u32, of: u32) -> Self {
        let (fate, full) = noted(self.fate, value);
        let moot = self.moot || full || !self.share.is_multiple_of(of);
        let share = self.share / of.max(1);
        Self {
            fate,
            share,
            moot,
            ..self
        }
    }

    fn write(&mut self, cell: Cell, value: u32) {
        self.state = cell.write(self.state, value);
        if let Cell::Kept(slot) = cell {
            self.written |= slot.bits();
        }
    }

    /// Writes what cannot be told.
    fn blur(&mut self, cell: Cell) {
        self.state = cell.blur(self.state);
    }

    /// The state of the view after it, from the one before.
    pub(super) fn after(state: State, written: State, before: State) -> State {
        (before & !written) | (state & written)
    }
}

/// A value noted behind others, and whether there was no room left to tell it from them.
fn noted(notes: u64, value: u32) -> (u64, bool) {
    (
        notes << 6 | u64::from(value + 1),
        notes >> 58 != 0 || value >= 62,
    )
}

/// Keeps the items whose flag is set.
fn keep<T>(items: &mut Vec<T>, flags: &[bool]) {
    let mut flags = flags.iter();
    items.retain(|_| flags.next().is_none_or(|stays| *stays));
}

/// Drops runs that stand like another which takes no more for granted, and so can go wherever they can.
fn distinct(runs: &mut Vec<Run>) {
    merge(runs, |next, kept| {
        next.conj == kept.conj || kept.conj == NOTHING
    });
}

/// Drops runs that end like another; where nothing follows, one on which no path may rely says nothing more.
fn distinct_ends(runs: &mut Vec<Run>) {
    merge(runs, |next, kept| {
        next.moot || next.conj == kept.conj || (kept.conj == NOTHING && !kept.moot)
    });
}

fn merge(runs: &mut Vec<Run>, idle: impl Fn(&Run, &Run) -> bool) {
    if runs.len() < 2 {
        return;
    }
    // What was chosen matters only beside figures: until one has turned out, runs that stand alike go on alike.
    let told = |run: &Run| (run.fate, if run.fate == 0 { 0 } else { run.pick });
    let ends = |run: &Run| (run.written, run.state, run.fired);
    runs.sort_unstable_by_key(|run| (ends(run), run.moot, told(run), run.conj, run.pick));
    // What a path may rely on comes first, so that it is never dropped for what it may not.
    runs.dedup_by(|next, kept| {
        let alike = ends(next) == ends(kept) && (next.moot || told(next) == told(kept));
        alike && (next.moot || !kept.moot) && idle(next, kept)
    });
}
