//! Scenarios that a lawyer can read, good and bad: `procedures/penalty-general/scenarios/*.kdl`.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

mod cases;
mod support;

use casework::{
    field::{FieldValue, ReviewItem, Vote},
    proposal::{Excuse, PenaltyKind},
};
use jiff::{ToSpan, civil::Date};
use kdl::{KdlDocument, KdlNode};
use law::pack::FieldType;
use support::{Bureau, With, named};

/// The straight line of an ordinary case; a step of a party is taken for every party that it is open to.
const LINE: [&str; 19] = [
    "A05",
    "A09.collect",
    "A14.self",
    "A19",
    "A20.sign",
    "A21.accept",
    "A21.pass",
    "A24.issue",
    "A24.deliver",
    "A29.keep",
    "A30.submit",
    "A30.pass",
    "A31.approve",
    "A33",
    "A34",
    "A35.deliver",
    "A37.full",
    "A47.publish",
    "A49",
];

fn text_arg(node: &KdlNode, i: usize) -> Option<&str> {
    node.entries()
        .iter()
        .filter(|e| e.name().is_none())
        .nth(i)
        .and_then(|e| e.value().as_string())
}

fn prop<'a>(node: &'a KdlNode, name: &str) -> Option<&'a str> {
    node.entries()
        .iter()
        .find(|e| e.name().is_some_and(|n| n.value() == name))
        .and_then(|e| e.value().as_string())
}

fn number(node: &KdlNode, i: usize) -> Option<i64> {
    let entry = node
        .entries()
        .iter()
        .filter(|e| e.name().is_none())
        .nth(i)?;
    entry
        .value()
        .as_integer()
        .and_then(|n| i64::try_from(n).ok())
}

/// Fields written below a step: text, dates, numbers (yuan), true and false.
fn with_of(bureau: &Bureau, node: &KdlNode) -> With {
    let mut with = With {
        by: prop(node, "by").map(str::to_owned),
        ..With::default()
    };
    with.with = prop(node, "with").map(|w| {
        w.split(',')
            .filter(|p| !p.is_empty())
            .map(str::to_owned)
            .collect()
    });
    with.occurred_on = prop(node, "on").map(|d| d.parse().unwrap());
    let step = bureau
        .pack
        .steps
        .iter()
        .find(|s| Some(s.id.as_str()) == text_arg(node, 0))
        .unwrap();
    for child in node.children().map(KdlDocument::nodes).unwrap_or_default() {
        let id = child.name().value();
        let field = step
            .form
            .iter()
            .find(|f| f.id == id)
            .unwrap_or_else(|| panic!("{} has no field {id}", step.id));
        let value = match field.kind {
            FieldType::Date => FieldValue::Date(text_arg(child, 0).unwrap().parse().unwrap()),
            FieldType::Money => FieldValue::Money(number(child, 0).unwrap() * 100),
            FieldType::YesNo => FieldValue::YesNo(child.entries()[0].value().as_bool().unwrap()),
            FieldType::Parties => {
                let names = child.entries().iter().filter_map(|e| e.value().as_string());
                let first = bureau.state.parties.len() + 1;
                FieldValue::Parties(
                    names
                        .enumerate()
                        .map(|(i, name)| named(first + i, name))
                        .collect(),
                )
            }
            // All who take part agree, the one who acts first.
            FieldType::Votes => FieldValue::Votes(
                std::iter::once("刘国安")
                    .chain(with.with.iter().flatten().map(String::as_str))
                    .map(|person| Vote {
                        person: person.to_owned(),
                        agrees: true,
                        view: String::new(),
                    })
                    .collect(),
            ),
            FieldType::Persons => FieldValue::Persons(
                child
                    .entries()
                    .iter()
                    .map(|e| e.value().as_string().unwrap().to_owned())
                    .collect(),
            ),
            FieldType::Points => FieldValue::Points(
                child
                    .entries()
                    .iter()
                    .map(|e| e.value().as_string().unwrap().to_owned())
                    .collect(),
            ),
            FieldType::TenItems => {
                let bad = usize::try_from(number(child, 0).unwrap()).unwrap();
                let item = |i: usize| ReviewItem {
                    ok: i + 1 != bad,
                    remark: if i + 1 == bad {
                        "有问题".into()
                    } else {
                        String::new()
                    },
                };
                FieldValue::TenItems((0..10).map(item).collect())
            }
            _ => FieldValue::Text(text_arg(child, 0).unwrap().to_owned()),
        };
        with.fields.insert(id.to_owned(), value);
    }
    with
}

fn move_day(bureau: &mut Bureau, text: &str) {
    bureau.today = match text
        .strip_prefix('+')
        .map(|rest| (rest.trim_end_matches(|c: char| !c.is_ascii_digit()), rest))
    {
        Some((count, rest)) if rest.ends_with("工作日") => {
            bureau.workdays(count.parse().unwrap())
        }
        Some((count, _)) => bureau
            .today
            .checked_add(count.parse::<i64>().unwrap().days())
            .unwrap(),
        None => text.parse::<Date>().unwrap(),
    };
}

/// Takes the straight line up to and including a step; steps that are not open are left out.
pub fn straight(bureau: &mut Bureau, until: &str, from: &mut usize) {
    let end = LINE
        .iter()
        .position(|s| *s == until)
        .unwrap_or_else(|| panic!("{until} is not on the line"));
    while *from <= end {
        let id = LINE[*from];
        *from += 1;
        let step = bureau
            .pack
            .steps
            .iter()
            .find(|s| s.id == id)
            .unwrap()
            .clone();
        if step.scope == law::pack::Scope::Case {
            bureau
                .take(id, None, With::default())
                .unwrap_or_else(|r| panic!("{id}: {r}"));
            continue;
        }
        for party in bureau
            .state
            .parties
            .iter()
            .map(|p| p.party.id.clone())
            .collect::<Vec<_>>()
        {
            let plan = bureau
                .state
                .party(&party)
                .unwrap()
                .facts
                .get("plan")
                .cloned()
                .unwrap_or_default();
            let ended = bureau.state.party(&party).unwrap();
            let ended = ended.facts.get("decision").is_some_and(|v| v == "ended");
            let skipped = match id {
                _ if ended => true,
                "A33" | "A24.issue" | "A24.deliver" => plan != "penalty",
                "A34" => plan != "no_penalty",
                "A37.full" => bureau.state.unpaid_fen(&party) == 0,
                "A47.publish" => bureau
                    .state
                    .party(&party)
                    .unwrap()
                    .facts
                    .get("publication")
                    .is_none_or(|v| v != "due"),
                _ => false,
            };
            if skipped {
                continue;
            }
            if id == "A29.keep"
                && bureau
                    .state
                    .limits
                    .iter()
                    .any(|l| l.status == law::pack::LimitStatus::Running && l.code == "N-SB")
            {
                bureau.today = bureau.workdays(6);
            }
            let mut with = With::default();
            if id == "A47.publish" {
                with.fields
                    .insert("public_facts".into(), FieldValue::Text("未建立台账".into()));
            }
            bureau
                .take(id, Some(&party), with)
                .unwrap_or_else(|r| panic!("{id} {party}: {r}"));
        }
    }
}

fn run_line(bureau: &mut Bureau, node: &KdlNode, from: &mut usize) {
    let arg = |i| {
        text_arg(node, i).unwrap_or_else(|| panic!("{} wants an argument", node.name().value()))
    };
    let party = prop(node, "party");
    match node.name().value() {
        "lead" => {
            let names: Vec<String> = node
                .entries()
                .iter()
                .filter_map(|e| e.value().as_string().map(str::to_owned))
                .collect();
            bureau.lead(&names);
        }
        "day" => move_day(bureau, arg(0)),
        "straight" => straight(bureau, arg(0), from),
        "again-from" => *from = LINE.iter().position(|s| *s == arg(0)).unwrap(),
        "fine" => {
            bureau
                .fines
                .insert(party.unwrap_or("p1").to_owned(), number(node, 0).unwrap());
        }
        "gains" => {
            bureau
                .gains
                .insert(party.unwrap_or("p1").to_owned(), number(node, 0).unwrap());
        }
        "excuse" => {
            let excuse = Excuse::ALL
                .iter()
                .find(|(_, name, _)| *name == arg(0))
                .map(|(e, ..)| *e);
            bureau
                .excuses
                .insert(party.unwrap_or("p1").to_owned(), excuse);
        }
        "other" => {
            let named = node.entries().iter().filter_map(|e| e.value().as_string());
            bureau.others = named.map(|n| PenaltyKind::named(n).unwrap()).collect();
        }
        "unproven" => bureau.unproven.push(party.unwrap_or("p1").to_owned()),
        "take" => {
            let with = with_of(bureau, node);
            bureau
                .take(arg(0), party, with)
                .unwrap_or_else(|r| panic!("{}: {r}", arg(0)));
        }
        "refused" => {
            let with = with_of(bureau, node);
            let before = bureau.state.clone();
            let refusal = bureau
                .take(arg(0), party, with)
                .expect_err("the step should have been refused");
            let article = prop(node, "article").expect("a refusal names its article");
            assert!(
                refusal.sentence().contains(article),
                "{}: {}",
                arg(0),
                refusal.sentence()
            );
            if bureau.state.requests == before.requests {
                assert_eq!(bureau.state, before, "a refusal changes nothing");
            }
        }
        "stage" => assert_eq!(bureau.state.stage, arg(0)),
        "fact" => {
            let facts = party.map_or(&bureau.state.facts, |p| {
                &bureau.state.party(p).unwrap().facts
            });
            assert_eq!(
                facts.get(arg(0)).map(String::as_str),
                Some(arg(1)),
                "{}",
                arg(0)
            );
        }
        "limit" => {
            let status = bureau.state.limit_status(arg(0), party);
            assert_eq!(serde_json::to_value(status).unwrap(), arg(1), "{}", arg(0));
            if let Some(due) = prop(node, "due") {
                let run = bureau.state.limit(arg(0), party).unwrap();
                let on = run.due(&bureau.calendar).unwrap().on;
                assert_eq!(on.to_string(), due, "{}", arg(0));
            }
        }
        other => panic!("a scenario has no line `{other}`"),
    }
}

#[test]
fn every_scenario_of_the_pack_goes_as_it_is_written() {
    let folder = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../procedures/penalty-general/scenarios"
    );
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|e| e.unwrap().path())
        .collect();
    files.sort();
    let only = std::env::var("SCENARIO").unwrap_or_default();
    let mut faults = Vec::new();
    let mut count = 0;
    for path in files {
        let text = std::fs::read_to_string(&path).unwrap();
        let document =
            KdlDocument::parse(&text).unwrap_or_else(|e| panic!("{}: {e:?}", path.display()));
        for scenario in document
            .nodes()
            .iter()
            .filter(|n| text_arg(n, 0).is_some_and(|t| t.contains(&only)))
        {
            count += 1;
            let title = text_arg(scenario, 0).unwrap().to_owned();
            let nodes = scenario.children().unwrap().nodes().to_vec();
            let played = std::panic::catch_unwind(move || {
                let mut bureau = Bureau::new("2026-03-02".parse().unwrap());
                let mut from = 0;
                for node in &nodes {
                    let line = node
                        .to_string()
                        .trim()
                        .lines()
                        .next()
                        .unwrap_or_default()
                        .to_owned();
                    let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                        run_line(&mut bureau, node, &mut from)
                    }));
                    if let Err(fault) = result {
                        let words = fault.downcast_ref::<String>().cloned().unwrap_or_default();
                        panic!("at `{line}` in stage {}: {words}", bureau.state.stage);
                    }
                }
            });
            if let Err(fault) = played {
                faults.push(format!(
                    "{title}: {}",
                    fault.downcast_ref::<String>().cloned().unwrap_or_default()
                ));
            }
        }
    }
    assert!(count > 0, "no scenario was found");
    assert!(
        faults.is_empty(),
        "{} of {count} scenarios failed:\n{}",
        faults.len(),
        faults.join("\n\n")
    );
}
