use casework::{
    effect::EvidenceItem,
    event::Part,
    field::Fields,
    party::PartyKind,
    person::Card,
    proposal::{Penalty, PenaltyKind},
    state::PartyState,
};
use jiff::civil::{Date, date};
use law::pack::{Duty, read_pack};

use super::*;

mod execution;
mod second;
mod wording;

const DAY: Date = date(2026, 3, 12);

fn person(name: &str) -> Person {
    Person {
        id: name.to_owned(),
        version: 1,
        login: name.to_owned(),
        name: name.to_owned(),
        body_id: "b".to_owned(),
        unit: "gm".to_owned(),
        roles: Vec::new(),
        cards: vec![Card {
            number: format!("证{name}"),
            valid_from: date(2020, 1, 1),
            valid_to: date(2030, 1, 1),
            kind: String::new(),
            area: String::new(),
        }],
        qualified: true,
        active: true,
    }
}

fn text(words: &str) -> FieldValue {
    FieldValue::Text(words.to_owned())
}

/// A case with one party, two investigators and the penalties decided for the party.
fn part(name: &str, role: &str, duty: Duty) -> Part {
    Part {
        person: name.to_owned(),
        name: name.to_owned(),
        role: role.to_owned(),
        duty,
        card: None,
    }
}

struct Sample {
    pack: Pack,
    state: State,
    people: BTreeMap<String, Person>,
    calendar: Calendar,
    config: Config,
}

impl Sample {
    fn new(penalties: &[(PenaltyKind, i64)]) -> Self {
        let pack = read_pack(&crate::builtin_pack_files(), "test").unwrap();
        let decided = Disposition {
            party: "p1".to_owned(),
            proven: true,
            facts: "未经许可经营".to_owned(),
            characterization: "无证经营".to_owned(),
            violated: Vec::new(),
            basis: Vec::new(),
            discretion: String::new(),
            excuse: None,
            penalties: penalties
                .iter()
                .map(|(kind, fen)| Penalty {
                    kind: *kind,
                    amount_fen: Some(*fen),
                    period_days: None,
                    text: String::new(),
                })
                .collect(),
            range: None,
            correction: String::new(),
        };
        let track = PartyState {
            party: Party {
                id: "p1".to_owned(),
                kind: PartyKind::Organization,
                name: "甲公司".to_owned(),
                code: String::new(),
                representative: String::new(),
                address: String::new(),
                phone: String::new(),
            },
            facts: BTreeMap::new(),
            notified: None,
            defence: Vec::new(),
            decided: Some(decided),
            struck_down: Vec::new(),
            owes_fen: None,
            paid_fen: 0,
            added_fen: 0,
            executed: std::collections::BTreeSet::new(),
            decision_number: None,
            decided_on: Some(DAY),
            decided_together: false,
            published: None,
            told_to_correct: false,
        };
        let mut state = State {
            parties: vec![track],
            ..State::default()
        };
        let handlers = ["陈立", "林芳"].map(str::to_owned).into();
        state.roles.insert("handler".to_owned(), handlers);
        let names = ["陈立", "林芳", "刘国安", "郑和平", "罗静"];
        Self {
            config: Config::load(&pack, []).unwrap(),
            pack,
            state,
            people: names.map(|n| (n.to_owned(), person(n))).into(),
            calendar: Calendar::builtin(),
        }
    }

    /// The data of a paper that a step issues, taken by that person.
    fn data(
        &self,
        step: &str,
        by: (&str, &str, Duty),
        paper: &str,
        fields: Fields,
    ) -> c::PaperData {
        let (name, role, duty) = by;
        let event = CaseActed {
            party: Some("p1".to_owned()),
            people: vec![part(name, role, duty)],
            fields,
            ..CaseActed::bare(step, Phase::Taken, DAY)
        };
        let maker = Maker {
            pack: &self.pack,
            before: &self.state,
            state: &self.state,
            earlier: &[],
            event: &event,
            body: None,
            people: &self.people,
            calendar: &self.calendar,
            config: &self.config,
            simulated: false,
        };
        let plan = PaperPlan {
            template: paper.to_owned(),
            title: String::new(),
            series: None,
            party: Some("p1".to_owned()),
            order: 0,
        };
        maker.data(&plan, "x", None)
    }
}

fn names(data: &c::PaperData, duty: &str) -> Vec<String> {
    let of = data.people.iter().filter(|p| p.duty == duty);
    of.map(|p| p.name.clone()).collect()
}

#[test]
fn the_hearing_notice_names_host_investigators_hour_and_openness() {
    let sample = Sample::new(&[(PenaltyKind::Fine, 8_000_000)]);
    let fields = Fields::from([
        (
            "host".to_owned(),
            FieldValue::Persons(vec!["郑和平".to_owned()]),
        ),
        (
            "clerk".to_owned(),
            FieldValue::Persons(vec!["罗静".to_owned()]),
        ),
        ("hearing_on".to_owned(), FieldValue::Date(date(2026, 3, 25))),
        ("hearing_time".to_owned(), text("上午9时30分")),
        ("place".to_owned(), text("三楼听证室")),
        ("hearing_open".to_owned(), text("trade")),
    ]);
    let leader = ("刘国安", "leader", Duty::Approve);
    let data = sample.data("A27", leader, "hearing_notice", fields);
    assert_eq!(names(&data, "host"), ["郑和平"]);
    assert_eq!(names(&data, "recorder"), ["罗静"]);
    assert_eq!(names(&data, "handler"), ["林芳", "陈立"]);
    assert!(data.people.iter().all(|p| p.name != "刘国安"));
    assert_eq!(data.field["hearing_at"], "2026年3月25日上午9时30分");
    assert_eq!(data.field["hearing_place"], "三楼听证室");
    assert_eq!(data.field["hearing_open"], "不公开（涉及商业秘密）");
}

#[test]
fn the_leader_who_decides_is_not_named_as_an_investigator() {
    let sample = Sample::new(&[(PenaltyKind::Fine, 800_000)]);
    let leader = ("刘国安", "leader", Duty::Decide);
    let data = sample.data("A33", leader, "penalty_decision", Fields::new());
    assert_eq!(names(&data, "handler"), ["林芳", "陈立"]);
}

#[test]
fn excluded_evidence_is_printed_on_no_paper() {
    let mut sample = Sample::new(&[(PenaltyKind::Fine, 800_000)]);
    let item = |name: &str| EvidenceItem {
        kind: "documentary".to_owned(),
        name: name.to_owned(),
        origin: "现场采集".to_owned(),
        proves: "违法事实".to_owned(),
        file: None,
    };
    sample.state.evidence = vec![item("非法取得的录音"), item("合法取得的台账")];
    sample.state.excluded.insert(1);
    let leader = ("刘国安", "leader", Duty::Decide);
    for template in ["penalty_notice", "penalty_decision", "no_penalty_decision"] {
        let data = sample.data("A33", leader, template, Fields::new());
        let printed = data.evidence.iter();
        let printed: Vec<_> = printed.map(|e| (e.no.as_str(), e.name.as_str())).collect();
        // The number is the one that the page of the case shows.
        assert_eq!(printed, [("2", "合法取得的台账")], "{template}");
    }
}

#[test]
fn the_decision_tells_the_gains_to_be_paid_apart_from_the_fine() {
    let both = [
        (PenaltyKind::Fine, 800_000),
        (PenaltyKind::ConfiscateGains, 1_200_000),
    ];
    let leader = ("刘国安", "leader", Duty::Decide);
    let data = Sample::new(&both).data("A33", leader, "penalty_decision", Fields::new());
    assert_eq!(data.proposal.fine_figures, "8,000.00");
    assert_eq!(data.proposal.gains_figures, "12,000.00");
    assert_eq!(data.proposal.gains_capital, Fen(1_200_000).to_capitals());
    let fined = Sample::new(&both[..1]).data("A33", leader, "penalty_decision", Fields::new());
    assert_eq!(fined.proposal.gains_capital, "");
}

#[test]
fn the_urging_letter_gets_fine_gains_and_surcharge_with_their_sum() {
    let both = [
        (PenaltyKind::Fine, 800_000),
        (PenaltyKind::ConfiscateGains, 1_200_000),
    ];
    let words = |fen: i64| format!("人民币{}（{}）", Fen(fen).to_capitals(), Fen(fen));
    let urged = |sample: &mut Sample, added: i64| {
        let facts = &mut sample.state.parties[0].facts;
        facts.insert("money".to_owned(), "overdue".to_owned());
        let added = FieldValue::Money(added);
        let fields = Fields::from([("added_fine_due".to_owned(), added)]);
        let handler = ("陈立", "handler", Duty::Handle);
        sample
            .data("A41.serve", handler, "urging_letter", fields)
            .field
    };
    let mut sample = Sample::new(&both);
    let field = urged(&mut sample, 800_000);
    assert_eq!(field["fine_due"], words(800_000));
    assert_eq!(field["gains_due"], words(1_200_000));
    assert_eq!(field["added_fine_due"], words(800_000));
    assert_eq!(field["total_due"], words(2_800_000));
    // A part is paid: of what, nobody knows.
    sample.state.parties[0].paid_fen = 500_000;
    let field = urged(&mut sample, 0);
    assert!(!field.contains_key("fine_due") && !field.contains_key("gains_due"));
    assert_eq!(field["total_due"], words(1_500_000));
    // Gains alone are not called a fine.
    let field = urged(&mut Sample::new(&both[1..]), 0);
    assert!(!field.contains_key("fine_due"));
    assert_eq!(field["gains_due"], words(1_200_000));
}
