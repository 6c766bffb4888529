//! Who may do what: every step at every stage, for every role in every relation to the case, against the pack's lines
//! as [`crate::support::reading`] reads them.

use std::collections::{BTreeMap, BTreeSet};

use casework::{
    Act, Command, State,
    decide::{decide, eligible},
    field::{FieldValue, Fields},
    person::{Card, Person},
    refusal::RefusalKind,
};
use jiff::civil::{Date, date};
use law::pack::Duty;

use crate::support::{
    Bureau, With,
    reading::{Lines, Subject},
    shipped_files,
};

const TODAY: Date = date(2026, 3, 2);

/// The relations of a person to a case.
const RELATIONS: [&str; 15] = [
    "own unit",
    "other unit",
    "superior body",
    "other body",
    "recused",
    "card lapsed",
    "not qualified",
    "left",
    "handled",
    "reviewed",
    "heard",
    "decided",
    "approved",
    "reviewed the publication",
    "assigned",
];

/// A person of one role in one relation, as the product and as the expectation know them.
struct Somebody {
    person: Person,
    subject: Subject,
    name: String,
}

fn somebody(role: &str, relation: &str, lines: &Lines) -> Somebody {
    let assigned = lines.roles.get(role).is_some_and(|line| line.assigned);
    let name = format!("{role}/{relation}");
    let mut subject = Subject {
        own_body: true,
        own_unit: true,
        card: true,
        qualified: true,
        active: true,
        ..Subject::default()
    };
    if assigned {
        subject.given.insert(role.to_owned());
    } else if role != "none" {
        subject.offices.insert(role.to_owned());
    }
    match relation {
        "other unit" => subject.own_unit = false,
        "superior body" | "other body" => (subject.own_body, subject.own_unit) = (false, false),
        "recused" => subject.recused = true,
        "card lapsed" => subject.card = false,
        "not qualified" => subject.qualified = false,
        "left" => subject.active = false,
        "handled" => drop(subject.duties.insert("handle".to_owned())),
        "reviewed" => drop(subject.duties.insert("review".to_owned())),
        "heard" => drop(subject.duties.insert("hear".to_owned())),
        "decided" => drop(subject.duties.insert("decide".to_owned())),
        "approved" => drop(subject.duties.insert("approve".to_owned())),
        "reviewed the publication" => drop(subject.duties.insert("publish".to_owned())),
        "assigned" => {
            let given = lines.roles.iter().filter(|(_, line)| line.assigned);
            subject.given.extend(given.map(|(id, _)| id.clone()));
        }
        _ => {}
    }
    let card = Card {
        number: "证".to_owned(),
        kind: String::new(),
        area: String::new(),
        valid_from: date(2020, 1, 1),
        valid_to: if subject.card {
            date(2030, 1, 1)
        } else {
            date(2026, 2, 28)
        },
    };
    let person = Person {
        id: name.clone(),
        version: 1,
        login: name.clone(),
        name: name.clone(),
        body_id: match relation {
            "superior body" => "b-above",
            "other body" => "b-beside",
            _ => "b",
        }
        .to_owned(),
        unit: if subject.own_unit { "gm" } else { "wh" }.to_owned(),
        roles: subject.offices.iter().cloned().collect(),
        cards: vec![card],
        qualified: subject.qualified,
        active: subject.active,
    };
    Somebody {
        person,
        subject,
        name,
    }
}

/// The same case with that person's past in it.
fn known_in(state: &State, who: &Somebody) -> State {
    let mut state = state.clone();
    let duty = |name: &str| Duty::ALL.iter().find(|(_, id, _)| *id == name).unwrap().0;
    for name in &who.subject.duties {
        state
            .duties
            .entry(duty(name))
            .or_default()
            .insert(who.name.clone());
    }
    for role in &who.subject.given {
        state
            .roles
            .entry(role.clone())
            .or_default()
            .insert(who.name.clone());
    }
    if who.subject.recused {
        state.recused.insert(who.name.clone());
    }
    state
}

/// A command that goes as far as the persons and fails at the form, where nothing failed before.
fn asked(state: &State, step: &str, party: Option<&str>, on: Date) -> Command {
    Command {
        id: format!("ask-{step}"),
        step: step.to_owned(),
        party: party.map(str::to_owned),
        act: Act::Take,
        occurred_on: on,
        late_reason: None,
        with: Vec::new(),
        card_shown: true,
        fields: Fields::from([("no_such_field".to_owned(), FieldValue::YesNo(true))]),
        seen_version: state.version,
    }
}

/// What a matrix of cells came to.
#[derive(Default)]
struct Tally {
    cells: usize,
    allowed: usize,
    open: BTreeSet<String>,
    wrong: Vec<String>,
}

fn check_stage(bureau: &Bureau, lines: &Lines, people: &[Somebody], tally: &mut Tally) {
    let unit_known = !bureau.state.unit.is_empty();
    let stage = match bureau.state.stage.as_str() {
        "" => "S0",
        stage => stage,
    };
    let party = bureau
        .state
        .parties
        .first()
        .map(|track| track.party.id.clone());
    for who in people {
        let state = known_in(&bureau.state, who);
        let mut ctx = bureau.context(&who.person);
        let roster = BTreeMap::from([(who.name.clone(), who.person.clone())]);
        ctx.roster = &roster;
        for line in &lines.steps {
            let step = bureau.pack.step(&line.id).unwrap();
            for (place, crew) in line
                .by
                .iter()
                .zip(&step.by)
                .chain(line.chain.iter().zip(&step.chain))
            {
                let expected = lines.fills(&who.subject, place, unit_known);
                let found = !eligible(&state, crew, &ctx, bureau.today).is_empty();
                tally.cells += 1;
                if expected != found {
                    let told = format!(
                        "{stage} {} {}: {found}, the pack says {expected}",
                        line.id, who.name
                    );
                    tally.wrong.push(told);
                }
            }
            let party = (step.scope == law::pack::Scope::Party)
                .then_some(party.as_deref())
                .flatten();
            let answer = decide(&state, &asked(&state, &line.id, party, bureau.today), &ctx);
            let refusal = answer.err().map(|refusal| refusal.kind);
            tally.cells += 1;
            let expected = lines.fills(&who.subject, &line.by[0], unit_known);
            let told = match refusal {
                None => Some("it went through with a field that there is not".to_owned()),
                Some(RefusalKind::NotNow) => None,
                // There is no party yet for whom it could be taken.
                Some(RefusalKind::Unknown) if bureau.state.parties.is_empty() => None,
                Some(_) if !line.from.iter().any(|from| from == stage) => {
                    Some("the step is not of this stage".to_owned())
                }
                // One who may act fails at the company or at the form, and never for who they are.
                Some(RefusalKind::BadInput) if expected => {
                    tally.open.insert(format!("{stage} {}", line.id));
                    tally.allowed += 1;
                    None
                }
                Some(RefusalKind::NotYou) if !expected => None,
                // With too few to act together the refusal is of the same kind; whoever may act is known from above.
                Some(RefusalKind::NotYou)
                    if step.by.iter().any(|crew| crew.min > 1) || step.by.len() > 1 =>
                {
                    tally.open.insert(format!("{stage} {}", line.id));
                    None
                }
                Some(other) => Some(format!("{other:?}, while the pack says {expected}")),
            };
            tally
                .wrong
                .extend(told.map(|told| format!("{stage} {} {}: {told}", line.id, who.name)));
        }
    }
}

fn everybody(lines: &Lines) -> Vec<Somebody> {
    let roles = lines.roles.keys().map(String::as_str).chain(["none"]);
    roles
        .flat_map(|role| RELATIONS.map(|relation| somebody(role, relation, lines)))
        .collect()
}

/// Steps after which the whole matrix is looked at; together they lie in every stage of the straight line.
const STOPS: [&str; 11] = [
    "",
    "A05",
    "A14.self",
    "A20.sign",
    "A21.pass",
    "A24.deliver",
    "A30.pass",
    "A33",
    "A35.deliver",
    "A37.full",
    "A49",
];

/// What is taken after a stop, off the straight line; a party's step for the first party.
const TURNS: [(&str, &[&str]); 9] = [
    ("", &["A03.transfer"]),
    ("A05", &["A15.suspend"]),
    ("A24.deliver", &["A26.apply", "A27", "A27.serve"]),
    ("A24.deliver", &["A15.suspend_notified"]),
    ("A05", &["A17.suspect", "A17.transfer"]),
    (
        "A05",
        &[
            "A17.suspect",
            "A17.transfer",
            "A18.filed",
            "A18.handed",
            "A18.ended",
        ],
    ),
    ("A35.deliver", &["A45.reconsideration"]),
    (
        "A35.deliver",
        &["A45.reconsideration", "A45.upheld", "A45.litigation"],
    ),
    ("A49", &["A50"]),
];

/// A case that went to the stop and took these steps.
fn turned(stop: &str, steps: &[&str]) -> Bureau {
    let mut bureau = Bureau::new(TODAY);
    if stop.is_empty() {
        bureau.lead(&["甲机械有限公司".to_owned()]);
    } else {
        if steps.contains(&"A26.apply") {
            bureau.fines.insert("p1".to_owned(), 80_000);
        }
        bureau = super::gone(bureau, stop);
    }
    for id in steps {
        let of_party = bureau.pack.step(id).unwrap().scope == law::pack::Scope::Party;
        let party = of_party.then(|| bureau.state.parties[0].party.id.clone());
        let taken = bureau.take(id, party.as_deref(), With::default());
        taken.unwrap_or_else(|refused| panic!("{id}: {refused}"));
    }
    bureau
}

#[test]
fn every_cell_of_role_step_stage_and_relation_is_as_the_pack_says() {
    let files = shipped_files();
    let lines = Lines::read(files.values().map(String::as_str));
    let people = everybody(&lines);
    let mut tally = Tally::default();
    let mut stages = BTreeSet::new();
    for stop in STOPS {
        let mut bureau = Bureau::new(TODAY);
        if !stop.is_empty() {
            bureau = super::gone(bureau, stop);
        }
        stages.insert(bureau.state.stage.clone());
        check_stage(&bureau, &lines, &people, &mut tally);
    }
    for (stop, steps) in TURNS {
        let bureau = turned(stop, steps);
        stages.insert(bureau.state.stage.clone());
        check_stage(&bureau, &lines, &people, &mut tally);
    }
    assert!(
        tally.wrong.is_empty(),
        "{} of {}: {:#?}",
        tally.wrong.len(),
        tally.cells,
        &tally.wrong[..20.min(tally.wrong.len())]
    );
    assert!(stages.len() >= 14, "{stages:?}");
    assert!(
        tally.open.len() > 100,
        "steps that were open: {:?}",
        tally.open
    );
    println!(
        "{} cells, {} of them allowed, {} steps open in {} stages",
        tally.cells,
        tally.allowed,
        tally.open.len(),
        stages.len()
    );
}

#[test]
fn the_lines_are_all_there() {
    let files = shipped_files();
    let lines = Lines::read(files.values().map(String::as_str));
    let pack = crate::support::pack();
    let (mut read, mut known): (Vec<&str>, Vec<&str>) = (
        lines.steps.iter().map(|step| step.id.as_str()).collect(),
        pack.steps.iter().map(|step| step.id.as_str()).collect(),
    );
    read.sort_unstable();
    known.sort_unstable();
    assert_eq!(read, known);
    assert_eq!(lines.roles.len(), pack.roles.len());
    assert_eq!(lines.apart.len(), pack.separations.len());
    let places: usize = lines
        .steps
        .iter()
        .map(|step| step.by.len() + step.chain.len())
        .sum();
    let crews: usize = pack
        .steps
        .iter()
        .map(|step| step.by.len() + step.chain.len())
        .sum();
    assert_eq!(places, crews);
}

#[test]
fn the_printed_matrix_says_the_same() {
    let files = shipped_files();
    let lines = Lines::read(files.values().map(String::as_str));
    let printed = law::matrix::markdown(&crate::support::pack());
    let head = printed
        .lines()
        .find(|line| line.starts_with("| 步骤 |"))
        .unwrap();
    let roles: Vec<&str> = head
        .split('|')
        .map(str::trim)
        .skip(4)
        .filter(|cell| !cell.is_empty())
        .collect();
    assert_eq!(roles.len(), lines.roles.len());
    for step in &lines.steps {
        let row = printed
            .lines()
            .find(|line| line.starts_with(&format!("| {} |", step.id)));
        let cells: Vec<&str> = row.unwrap().split('|').map(str::trim).skip(4).collect();
        for (role, cell) in roles.iter().zip(cells) {
            let somebody = somebody(role, "own unit", &lines);
            let fills = |place| lines.fills(&somebody.subject, place, true);
            let acts = |part: &str| part.starts_with('办') || part.starts_with('替');
            let marked = cell.split('、').any(acts);
            assert_eq!(fills(&step.by[0]), marked, "{} {role}: {cell}", step.id);
            for (at, place) in step.chain.iter().enumerate() {
                let mark = format!("批{}", at + 1);
                assert_eq!(
                    fills(place),
                    cell.contains(&mark),
                    "{} {role}: {cell}",
                    step.id
                );
            }
        }
    }
}

#[test]
fn approvals_keep_to_the_chain_and_never_to_who_asked() {
    let files = shipped_files();
    let lines = Lines::read(files.values().map(String::as_str));
    let mut bureau = Bureau::new(TODAY);
    bureau.lead(&["甲机械有限公司".to_owned()]);
    let people = everybody(&lines);
    let chained = lines.steps.iter().find(|step| step.id == "A05").unwrap();
    let request = bureau.ask("A05");
    for (level, place) in chained.chain.iter().enumerate() {
        for who in &people {
            let state = known_in(&bureau.state, who);
            for act in [
                Act::Approve {
                    request: request.clone(),
                    opinion: "同意".into(),
                },
                Act::Return {
                    request: request.clone(),
                    opinion: "退回".into(),
                },
                Act::Withdraw {
                    request: request.clone(),
                },
            ] {
                let withdraws = matches!(act, Act::Withdraw { .. });
                let command = Command {
                    act,
                    fields: Fields::new(),
                    ..asked(&state, "A05", None, TODAY)
                };
                let refusal = decide(&state, &command, &bureau.context(&who.person)).err();
                let unit_known = !bureau.state.unit.is_empty();
                let expected = !withdraws && lines.fills(&who.subject, place, unit_known);
                let not_you = refusal
                    .as_ref()
                    .is_some_and(|r| r.kind == RefusalKind::NotYou);
                assert_eq!(
                    expected, !not_you,
                    "level {level} {}: {refusal:?}",
                    who.name
                );
            }
        }
        for one in &bureau.state.requests[0].people {
            let command = Command {
                act: Act::Approve {
                    request: request.clone(),
                    opinion: "同意".into(),
                },
                fields: Fields::new(),
                ..asked(&bureau.state, "A05", None, TODAY)
            };
            let refusal = bureau.judge(&one.person, &command).unwrap_err();
            assert_eq!(
                refusal.kind,
                RefusalKind::NotYou,
                "who asked does not approve"
            );
        }
        bureau.approve(&request, &place.role);
    }
    assert!(bureau.state.requests.is_empty());
}
