//! Whether the people of a bureau are enough for a procedure, with any one of them away (P07).
//!
//! In one case nobody takes two duties that the pack keeps apart, so enough people for each step alone proves little:
//! who reviews can no longer handle. [`gaps`] therefore deals out the duties of a whole case: everyone gets one set of
//! duties that may stand together, so that as many steps as possible have their people. What is left without people is
//! a gap. Fallbacks that the pack declares (`or`, `also`, roles assigned case by case) count.

use std::collections::BTreeMap;

use jiff::civil::Date;
use law::pack::{Crew, Duty, Pack, Role, Step};

use crate::{config::Config, person::Person};

/// Partial dealings looked at before the best one so far is taken; far above what a real roster needs.
const LOOKS_MAX: u32 = 20_000;

/// Steps that nobody could take, where everybody serves or one person is away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap {
    /// Id of the person who is away; `None`: nobody is.
    pub away: Option<String>,
    /// The steps, in the order of the pack.
    pub steps: Vec<Unfilled>,
    /// Whether every dealing of the duties was looked at; otherwise a better one may exist.
    pub exact: bool,
}

/// A step without enough people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unfilled {
    /// Step id.
    pub step: String,
    /// Title of its action.
    pub action: String,
    /// Titles of the roles that are short; all of the step's where only together they are.
    pub roles: Vec<String>,
}

/// What the roster cannot fill in a case that `unit` handles on that day: first with everybody there, then with each
/// person away, naming only what is missing beyond the first.
pub fn gaps(
    pack: &Pack,
    people: &BTreeMap<String, Person>,
    unit: &str,
    on: Date,
    config: &Config,
) -> Vec<Gap> {
    let table = Table::new(pack, config, on);
    let serving: Vec<&Person> = people.values().filter(|p| p.active).collect();
    let everybody = table.short(&serving, unit, on, None);
    let mut found = Vec::new();
    for person in &serving {
        let mut gap = table.short(&serving, unit, on, Some(&person.id));
        gap.steps
            .retain(|u| !everybody.steps.iter().any(|known| known.step == u.step));
        if !gap.steps.is_empty() {
            found.push(gap);
        }
    }
    if !everybody.steps.is_empty() {
        found.insert(0, everybody);
    }
    found
}

/// Units that could handle a case: those in which somebody serves who may become a handler.
pub fn handling_units(pack: &Pack, people: &BTreeMap<String, Person>) -> Vec<String> {
    let sources: Vec<&str> = pack
        .roles
        .iter()
        .filter(|r| r.assigned && r.card)
        .filter_map(|r| r.from.as_deref())
        .collect();
    let mut units: Vec<String> = people
        .values()
        .filter(|p| p.active && p.roles.iter().any(|r| sources.contains(&r.as_str())))
        .map(|p| p.unit.clone())
        .collect();
    units.sort();
    units.dedup();
    units
}

/// Steps that ask for the same people, as indexes into the table of places.
struct Shape {
    /// Places of those who act together, with the fewest persons.
    by: Vec<(usize, usize)>,
    /// Places of those who approve, none of whom may be among the first.
    chain: Vec<usize>,
    /// Fewest voters of a discussion, besides more than half of those who may vote.
    quorum: Option<usize>,
    steps: Vec<usize>,
}

/// The pack as the question needs it.
struct Table<'a> {
    pack: &'a Pack,
    /// Different places: role, fallback and duty.
    places: Vec<&'a Crew>,
    shapes: Vec<Shape>,
    /// Sets of duties that may stand together, as large as can be.
    duties: Vec<Vec<Duty>>,
}

/// For each place whether a person may take it.
type Able = Vec<bool>;

impl<'a> Table<'a> {
    fn new(pack: &'a Pack, config: &Config, on: Date) -> Self {
        let mut table = Self {
            pack,
            places: Vec::new(),
            shapes: Vec::new(),
            duties: compatible(pack),
        };
        let quorum = config
            .get(pack, "quorum_min", on)
            .and_then(|n| n.try_into().ok());
        for (index, step) in pack.steps.iter().enumerate() {
            table.add(index, step, quorum);
        }
        table
    }

    fn place(&mut self, crew: &'a Crew) -> usize {
        let same = |known: &&Crew| {
            (&known.role, &known.or, known.duty) == (&crew.role, &crew.or, crew.duty)
        };
        if let Some(known) = self.places.iter().position(same) {
            return known;
        }
        self.places.push(crew);
        self.places.len() - 1
    }

    fn add(&mut self, index: usize, step: &'a Step, quorum: Option<usize>) {
        let mut by = Vec::new();
        for crew in &step.by {
            by.push((self.place(crew), crew.min as usize));
        }
        let chain: Vec<usize> = step.chain.iter().map(|crew| self.place(crew)).collect();
        if by.is_empty() && chain.is_empty() {
            return;
        }
        let quorum = quorum.filter(|_| step.requires.iter().any(|r| r.name == "quorum"));
        let same = |s: &&mut Shape| (&s.by, &s.chain, s.quorum) == (&by, &chain, quorum);
        match self.shapes.iter_mut().find(same) {
            Some(shape) => shape.steps.push(index),
            None => self.shapes.push(Shape {
                by,
                chain,
                quorum,
                steps: vec![index],
            }),
        }
    }

    /// Which places each set of duties lets a person take; sets that give no more than another are left out.
    fn options(&self, person: &Person, unit: &str, on: Date) -> Vec<Able> {
        let holds: Able = self
            .places
            .iter()
            .map(|crew| self.may_hold(person, crew, unit, on))
            .collect();
        let mut options: Vec<Able> = Vec::new();
        for set in &self.duties {
            let kept = |(place, held): (&&Crew, &bool)| *held && set.contains(&place.duty);
            let able: Able = self.places.iter().zip(&holds).map(kept).collect();
            if !options.iter().any(|known| within(&able, known)) {
                options.retain(|known| !within(known, &able));
                options.push(able);
            }
        }
        options.sort_by_key(|able| std::cmp::Reverse(self.worth(able)));
        options
    }

    fn worth(&self, able: &Able) -> usize {
        let asks = |shape: &&Shape| {
            let mut places = shape.by.iter().map(|(p, _)| p).chain(&shape.chain);
            places.any(|p| able[*p])
        };
        self.shapes.iter().filter(asks).map(|s| s.steps.len()).sum()
    }

    fn role(&self, id: &str) -> Option<&Role> {
        self.pack.roles.iter().find(|r| r.id == id)
    }

    fn in_office(&self, person: &Person, id: &str) -> bool {
        let mut held = person.roles.iter();
        held.any(|held| self.pack.includes(held, id))
    }

    fn may_hold(&self, person: &Person, crew: &Crew, unit: &str, on: Date) -> bool {
        let options = std::iter::once(crew.role.as_str()).chain(crew.or.as_deref());
        options.filter_map(|id| self.role(id)).any(|role| {
            let office = match (&role.from, role.assigned) {
                (Some(from), true) => self.in_office(person, from),
                // Anyone may be named who has not the duties that bar from it.
                (None, true) => true,
                (_, false) => self.in_office(person, &role.id),
            };
            office
                && (!role.unit || person.unit == unit)
                && (!role.card || person.card_on(on).is_some())
                && (!role.qualified || person.qualified)
        })
    }

    fn short(&self, serving: &[&Person], unit: &str, on: Date, away: Option<&str>) -> Gap {
        let mut people: Vec<Vec<Able>> = serving
            .iter()
            .filter(|p| Some(p.id.as_str()) != away)
            .map(|p| self.options(p, unit, on))
            .collect();
        // Those alike stand together, so that who of them does what is dealt out once.
        people.sort_by(|a, b| (a.len(), a).cmp(&(b.len(), b)));
        let mut dealing = Dealing {
            table: self,
            people: &people,
            best: (0, Vec::new()),
            looks: 0,
        };
        dealing.search(&mut Vec::new());
        let exact = dealing.looks < LOOKS_MAX;
        let dealt = dealing.best.1;
        let mut steps: Vec<(usize, Unfilled)> = Vec::new();
        for shape in self.shapes.iter().filter(|s| !filled(s, &dealt)) {
            let roles = self.short_roles(shape, &dealt);
            for index in &shape.steps {
                let step = &self.pack.steps[*index];
                let action = self.pack.actions.iter().find(|a| a.id == step.action);
                let unfilled = Unfilled {
                    step: step.id.clone(),
                    action: action.map_or(&step.title, |a| &a.title).clone(),
                    roles: roles.clone(),
                };
                steps.push((*index, unfilled));
            }
        }
        steps.sort_by_key(|(index, _)| *index);
        Gap {
            away: away.map(str::to_owned),
            steps: steps.into_iter().map(|(_, step)| step).collect(),
            exact,
        }
    }

    fn short_roles(&self, shape: &Shape, dealt: &[Able]) -> Vec<String> {
        let title = |place: usize| {
            let id = &self.places[place].role;
            self.role(id).map_or(id, |r| &r.title).clone()
        };
        let able = |place: usize| dealt.iter().filter(|able| able[place]).count();
        let all: Vec<(usize, usize)> = needed(shape, dealt)
            .into_iter()
            .chain(shape.chain.iter().map(|p| (*p, 1)))
            .collect();
        let mut short: Vec<String> = all
            .iter()
            .filter(|(place, min)| able(*place) < *min)
            .map(|(place, _)| title(*place))
            .collect();
        if short.is_empty() {
            short = all.iter().map(|(place, _)| title(*place)).collect();
        }
        short.dedup();
        short
    }

    fn score(&self, dealt: &[Able]) -> usize {
        let done = self.shapes.iter().filter(|shape| filled(shape, dealt));
        done.map(|shape| shape.steps.len()).sum()
    }
}

/// A search for the dealing that fills most steps.
struct Dealing<'a> {
    table: &'a Table<'a>,
    people: &'a [Vec<Able>],
    best: (usize, Vec<Able>),
    looks: u32,
}

impl Dealing<'_> {
    /// Goes through what the next person can be; what cannot become better than the best is left.
    fn search(&mut self, chosen: &mut Vec<usize>) {
        self.looks += 1;
        let dealt = self.optimistic(chosen);
        let score = self.table.score(&dealt);
        let better = score > self.best.0 || self.best.1.is_empty();
        if !better || self.looks >= LOOKS_MAX {
            return;
        }
        let next = chosen.len();
        if next == self.people.len() {
            self.best = (score, dealt);
            return;
        }
        // Of two alike, the first has not the later option: each dealing is seen in one order only.
        let alike = next > 0 && self.people[next] == self.people[next - 1];
        let from = if alike { chosen[next - 1] } else { 0 };
        for option in from..self.people[next].len() {
            chosen.push(option);
            self.search(chosen);
            chosen.pop();
        }
    }

    /// What everyone may take: of those dealt out their set, of the others all that any set would give.
    fn optimistic(&self, chosen: &[usize]) -> Vec<Able> {
        let all = |options: &Vec<Able>| {
            (0..self.table.places.len())
                .map(|place| options.iter().any(|able| able[place]))
                .collect()
        };
        let of = |(n, options): (usize, &Vec<Able>)| match chosen.get(n) {
            Some(option) => options[*option].clone(),
            None => all(options),
        };
        self.people.iter().enumerate().map(of).collect()
    }
}

/// The largest sets of duties of which no two are kept apart.
fn compatible(pack: &Pack) -> Vec<Vec<Duty>> {
    let apart = |a: Duty, b: Duty| {
        let pairs = pack.separations.iter().map(|s| s.duties);
        pairs
            .into_iter()
            .any(|pair| pair == (a, b) || pair == (b, a))
    };
    let all = Duty::ALL.map(|(duty, ..)| duty);
    let mut sets: Vec<Vec<Duty>> = Vec::new();
    for bits in 0_u32..(1 << all.len()) {
        let set: Vec<Duty> = (0..all.len())
            .filter(|n| bits & (1 << n) != 0)
            .map(|n| all[n])
            .collect();
        let stands = set.iter().all(|a| !set.iter().any(|b| apart(*a, *b)));
        let full = all
            .iter()
            .all(|d| set.contains(d) || set.iter().any(|a| apart(*a, *d)));
        if stands && full {
            sets.push(set);
        }
    }
    sets
}

fn within(a: &Able, b: &Able) -> bool {
    a.iter().zip(b).all(|(a, b)| !a || *b)
}

/// Places of those who act together; a discussion needs more than half of those who may vote.
fn needed(shape: &Shape, dealt: &[Able]) -> Vec<(usize, usize)> {
    let mut by = shape.by.clone();
    if let (Some(quorum), Some((place, min))) = (shape.quorum, by.first_mut()) {
        let able = dealt.iter().filter(|able| able[*place]).count();
        *min = quorum.max(able / 2 + 1).max(*min);
    }
    by
}

/// Whether the places of a step can be filled, each person once among those who act.
fn filled(shape: &Shape, dealt: &[Able]) -> bool {
    let slots: Vec<usize> = needed(shape, dealt)
        .into_iter()
        .flat_map(|(place, min)| std::iter::repeat_n(place, min))
        .collect();
    approved(&shape.chain, &slots, dealt, &mut Vec::new())
}

/// Tries approvers for the chain, each another person, then the others for the slots.
fn approved(chain: &[usize], slots: &[usize], dealt: &[Able], taken: &mut Vec<usize>) -> bool {
    let Some((place, rest)) = chain.split_first() else {
        return seated(slots, dealt, taken);
    };
    let mut tried: Vec<&Able> = Vec::new();
    for (n, able) in dealt.iter().enumerate() {
        if !able[*place] || taken.contains(&n) || tried.contains(&able) {
            continue;
        }
        tried.push(able);
        taken.push(n);
        let done = approved(rest, slots, dealt, taken);
        taken.pop();
        if done {
            return true;
        }
    }
    false
}

/// Whether each slot gets a person of its own who is not taken (augmenting paths).
fn seated(slots: &[usize], dealt: &[Able], taken: &[usize]) -> bool {
    let mut seat_of: Vec<Option<usize>> = vec![None; dealt.len()];
    (0..slots.len()).all(|slot| {
        let mut seen = vec![false; dealt.len()];
        take_seat(slot, slots, dealt, taken, &mut seat_of, &mut seen)
    })
}

fn take_seat(
    slot: usize,
    slots: &[usize],
    dealt: &[Able],
    taken: &[usize],
    seat_of: &mut [Option<usize>],
    seen: &mut [bool],
) -> bool {
    for n in 0..dealt.len() {
        if seen[n] || taken.contains(&n) || !dealt[n][slots[slot]] {
            continue;
        }
        seen[n] = true;
        let free = match seat_of[n] {
            None => true,
            Some(other) => take_seat(other, slots, dealt, taken, seat_of, seen),
        };
        if free {
            seat_of[n] = Some(slot);
            return true;
        }
    }
    false
}
