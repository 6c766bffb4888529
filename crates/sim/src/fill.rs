//! Fills in the form of any step from the types of its fields: mostly as an officer would, now and then as nobody should.

use casework::{
    field::{FieldValue, Fields, ReviewItem, Thing, Vote},
    party::{Party, PartyKind},
    person::Person,
    proposal::{Disposition, Excuse, FineRange, Penalty, PenaltyKind},
    state::{PartyState, State},
};
use jiff::{ToSpan, civil::Date};
use law::pack::{Field, FieldType, PrivacyClass, Step};

use crate::chance::Chance;

/// What a form is filled in from.
pub struct Desk<'a> {
    /// The case.
    pub state: &'a State,
    /// Party of the step.
    pub party: Option<&'a str>,
    /// Who acts, and with whom.
    pub present: &'a [String],
    /// Everybody.
    pub people: &'a [Person],
    /// Today.
    pub today: Date,
    /// Number of the case, for names that occur once.
    pub serial: usize,
    /// How often in a hundred something is filled in otherwise than usual, and a tenth as often as nobody should.
    pub noise: u32,
}

impl Desk<'_> {
    /// The fields of a step.
    pub fn fill(&self, step: &Step, chance: &mut Chance) -> Fields {
        let mut fields = Fields::new();
        for field in &step.form {
            let asked = field.required || field.default.is_some() || chance.percent(self.noise / 2);
            if !asked || field.kind == FieldType::Upload {
                continue;
            }
            let value = if chance.percent(self.noise / 10) {
                self.unlikely(chance)
            } else {
                self.likely(step, field, chance)
            };
            fields.insert(field.id.clone(), value);
        }
        fields
    }

    fn likely(&self, step: &Step, field: &Field, chance: &mut Chance) -> FieldValue {
        let text = |what: &str| FieldValue::Text(what.to_owned());
        match &field.kind {
            FieldType::Text if field.class == PrivacyClass::Name => text("田丰年"),
            FieldType::Prose if field.id.starts_with("public") => text("当事人未建立制度。"),
            FieldType::Text | FieldType::Prose => {
                FieldValue::Text(format!("{}如实填写。", field.title))
            }
            FieldType::Choice(options) => {
                let ids: Vec<&str> = options.iter().map(|(id, _)| id.as_str()).collect();
                let usual = field
                    .default
                    .as_deref()
                    .or(self.ending(&ids))
                    .or(self.left_to_execute(&ids))
                    .or(ids.first().copied());
                // What others rule may be anything.
                let noise = if field.id == "remedy" { 70 } else { self.noise };
                let other = chance.percent(noise).then(|| chance.pick(&ids).copied());
                text(other.flatten().or(usual).unwrap_or_default())
            }
            FieldType::YesNo => FieldValue::YesNo(field.required != chance.percent(self.noise / 4)),
            FieldType::Date => FieldValue::Date(self.date(&field.id, chance)),
            FieldType::DateTime => FieldValue::DateTime(self.today.at(8, 0, 0, 0)),
            FieldType::Money => FieldValue::Money(self.money(step, &field.id)),
            FieldType::Int => FieldValue::Int(chance.between(1, 3)),
            FieldType::Persons => FieldValue::Persons(vec![self.person(&field.id, chance)]),
            FieldType::Parties => FieldValue::Parties(self.parties(chance)),
            FieldType::Proposal if field.id == "changed" => FieldValue::Proposal(self.lighter()),
            FieldType::Proposal => FieldValue::Proposal(self.dispositions(chance)),
            FieldType::Points => {
                FieldValue::Points(vec!["逐条写明。".to_owned(); self.points()])
            }
            FieldType::TenItems => FieldValue::TenItems(vec![
                ReviewItem {
                    ok: true,
                    remark: String::new(),
                };
                10
            ]),
            FieldType::Votes => FieldValue::Votes(self.votes()),
            FieldType::Items => FieldValue::Items(vec![Thing {
                name: "台账".to_owned(),
                spec: String::new(),
                count: "1本".to_owned(),
                note: String::new(),
            }]),
            FieldType::Upload => text(""),
        }
    }

    /// How the case ended, where the options are ways to end.
    fn ending<'b>(&self, options: &[&'b str]) -> Option<&'b str> {
        let mut parties = self.state.parties.iter();
        let spared = parties.all(|p| p.is("decision", "no_penalty"));
        let kind = if spared { "no_penalty" } else { "performed" };
        options
            .contains(&"performed")
            .then(|| options.iter().find(|id| **id == kind))?
            .copied()
    }

    fn unlikely(&self, chance: &mut Chance) -> FieldValue {
        let strange = [
            FieldValue::Text("　 ".to_owned()),
            FieldValue::Text("超长".repeat(400)),
            FieldValue::Text("nothing-of-the-kind".to_owned()),
            FieldValue::Money(-1),
            FieldValue::Money(i64::MAX),
            FieldValue::Int(i64::MIN),
            FieldValue::Date(self.today.saturating_add(900.days())),
            FieldValue::Date(Date::MIN),
            FieldValue::Persons(vec!["person-nobody".to_owned()]),
            FieldValue::Proposal(Vec::new()),
            FieldValue::Points(vec![String::new(); 3]),
            FieldValue::Votes(Vec::new()),
        ];
        let picked = chance.pick(&strange).cloned();
        picked.unwrap_or(FieldValue::YesNo(false))
    }

    fn date(&self, id: &str, chance: &mut Chance) -> Date {
        let ahead = match id {
            "hearing_on" => chance.between(14, 25),
            "violation_ended_on" => {
                let found = self.state.discovered_on.unwrap_or(self.today);
                return found.saturating_sub(chance.between(1, 90).days());
            }
            "correct_until" | "deferred_until" => chance.between(5, 30),
            _ => 0,
        };
        self.today.saturating_add(ahead.days())
    }

    fn money(&self, step: &Step, id: &str) -> i64 {
        let owed = self.party.map_or(100, |party| self.state.unpaid_fen(party));
        let refund = || self.track().map_or(0, PartyState::refund_fen);
        let amount = match step.id.as_str() {
            "A37.part" => owed / 2,
            "A46.refund" => refund(),
            _ if id.starts_with("added") => 0,
            _ => owed,
        };
        amount.max(0)
    }

    fn track(&self) -> Option<&PartyState> {
        self.party.and_then(|id| self.state.party(id))
    }

    /// A penalty that is still to be carried out, where the options are kinds of them.
    fn left_to_execute<'b>(&self, options: &[&'b str]) -> Option<&'b str> {
        let left = self.track()?.unexecuted().next()?;
        let is_it = |id: &&&str| PenaltyKind::named(id) == Some(left);
        options.iter().find(is_it).copied()
    }

    /// What was decided for the party, with half the money.
    fn lighter(&self) -> Vec<Disposition> {
        let decided = self.track().and_then(|track| track.decided.clone());
        let halved = decided.map(|mut decided| {
            for penalty in &mut decided.penalties {
                penalty.amount_fen = penalty.amount_fen.map(|fen| fen / 2);
            }
            decided
        });
        halved.into_iter().collect()
    }

    fn points(&self) -> usize {
        let of_party = self.party.and_then(|id| self.state.party(id));
        let said = of_party.map_or(self.state.points.len(), |party| party.defence.len());
        said.max(1)
    }

    fn person(&self, id: &str, chance: &mut Chance) -> String {
        let role = match id {
            "host" => "legal_head",
            "clerk" => "legal_reviewer",
            _ => "officer",
        };
        let fits = |p: &&Person| p.active && p.roles.iter().any(|held| held == role);
        let found: Vec<&Person> = self.people.iter().filter(fits).collect();
        chance
            .pick(&found)
            .map(|p| p.id.clone())
            .unwrap_or_default()
    }

    fn votes(&self) -> Vec<Vote> {
        let vote = |person: &String| Vote {
            person: person.clone(),
            agrees: true,
            view: "同意。".to_owned(),
        };
        self.present.iter().map(vote).collect()
    }

    /// One party or two; their names occur in no other case.
    fn parties(&self, chance: &mut Chance) -> Vec<Party> {
        let first = self.state.parties.len() + 1;
        let count = if chance.percent(20) { 2 } else { 1 };
        (first..first + count)
            .map(|n| {
                let person = chance.percent(35);
                let kind = if person {
                    PartyKind::Person
                } else {
                    PartyKind::Organization
                };
                Party {
                    id: format!("p{n}"),
                    kind,
                    name: party_name(kind, self.serial, n),
                    code: String::new(),
                    representative: String::new(),
                    address: "青山县工业路1号".to_owned(),
                    phone: String::new(),
                }
            })
            .collect()
    }

    fn dispositions(&self, chance: &mut Chance) -> Vec<Disposition> {
        let parties = self.state.parties.iter();
        parties.map(|p| disposition(&p.party.id, chance)).collect()
    }
}

/// Signs that stand for numbers in names, so that names are such as people have.
const SIGNS: [char; 10] = ['铭', '锡', '钧', '铎', '镇', '镐', '锋', '锦', '钊', '铄'];

fn party_name(kind: PartyKind, serial: usize, n: usize) -> String {
    let number = serial * 10 + n;
    // As many as a long run has commands: a name of two cases would be published with the one and private with the other.
    let places = [10_000, 1_000, 100, 10, 1];
    let signs: String = places
        .map(|place| number / place % 10)
        .iter()
        .filter_map(|digit| SIGNS.get(*digit))
        .collect();
    match kind {
        PartyKind::Person => format!("柳{signs}"),
        _ => format!("青山县{signs}机械有限公司"),
    }
}

fn disposition(party: &str, chance: &mut Chance) -> Disposition {
    let excused = chance.percent(10);
    let yuan = chance.pick(&[3_000, 20_000, 60_000, 300_000]).copied();
    let mut penalties = vec![Penalty {
        kind: PenaltyKind::Fine,
        amount_fen: yuan.map(|yuan| yuan * 100),
        period_days: None,
        text: String::new(),
    }];
    if chance.percent(15) {
        penalties.push(Penalty {
            kind: PenaltyKind::StopBusiness,
            amount_fen: None,
            period_days: None,
            text: String::new(),
        });
    }
    Disposition {
        party: party.to_owned(),
        proven: true,
        facts: "未建立安全风险分级管控制度。".to_owned(),
        characterization: "未建立安全风险分级管控制度".to_owned(),
        violated: vec!["《中华人民共和国安全生产法》第四十一条第一款".to_owned()],
        basis: vec!["《中华人民共和国安全生产法》第一百零一条第四项".to_owned()],
        discretion: "当事人及时改正，属于一般情节。".to_owned(),
        excuse: excused.then_some(Excuse::Minor),
        penalties: if excused { Vec::new() } else { penalties },
        range: Some(FineRange {
            min_fen: 0,
            max_fen: 50_000_000,
            reduction: String::new(),
        }),
        correction: "建立健全制度。".to_owned(),
    }
}
