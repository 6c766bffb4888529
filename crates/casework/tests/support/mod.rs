//! A bureau in memory: people, a clock, and a case that moves by `decide` and `apply` alone.

pub mod reading;

use std::{collections::BTreeMap, sync::OnceLock};

use casework::{
    Act, Command, Context, Decided, Refusal, State,
    config::Config,
    decide::decide,
    event::{CaseActed, Issued},
    field::{FieldValue, Fields, FileRef, ReviewItem, Thing, Vote},
    party::{Party, PartyKind},
    person::{Card, Person},
    proposal::{Disposition, Excuse, FineRange, Penalty, PenaltyKind},
    record::Via,
    switch::switch,
};
use jiff::civil::{Date, date};
use law::{
    calendar::Calendar,
    pack::{FieldType, Pack, Step, SwitchPlan, read_pack},
};

/// The pack that the product ships, read once.
pub fn pack() -> Pack {
    static PACK: OnceLock<Pack> = OnceLock::new();
    PACK.get_or_init(read_shipped).clone()
}

fn read_shipped() -> Pack {
    read_pack(&shipped_files(), "test").unwrap_or_else(|faults| panic!("{faults:#?}"))
}

/// The shipped pack after edits, each `(file, after this text, find, replace)`.
pub fn edited(edits: &[(&str, &str, &str, &str)]) -> Pack {
    let mut files = shipped_files();
    for (file, after, find, replace) in edits {
        let text = files.get_mut(*file).unwrap();
        let from = text
            .find(after)
            .unwrap_or_else(|| panic!("{file} has no {after}"));
        let at = from
            + text[from..]
                .find(find)
                .unwrap_or_else(|| panic!("{file} has no {find} after {after}"));
        text.replace_range(at..at + find.len(), replace);
    }
    read_pack(&files, "edited").unwrap_or_else(|faults| panic!("{faults:#?}"))
}

/// The shipped pack with each of these texts replaced wherever it stands, and some text added to the first file.
pub fn rewritten(pieces: &[(&str, &str)], added: &str) -> Pack {
    let mut files = shipped_files();
    for text in files.values_mut() {
        for (piece, instead) in pieces {
            *text = text.replace(piece, instead);
        }
    }
    files.get_mut("00-head.kdl").unwrap().push_str(added);
    read_pack(&files, "rewritten").unwrap_or_else(|faults| panic!("{faults:#?}"))
}

/// The files of the shipped pack by name.
pub fn shipped_files() -> BTreeMap<String, String> {
    let folder = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../procedures/penalty-general"
    );
    let mut files = BTreeMap::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|e| e == "kdl") {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            files.insert(name, std::fs::read_to_string(&path).unwrap());
        }
    }
    files
}

const PEOPLE: [(&str, &str, &[&str]); 15] = [
    ("陈立", "gm", &["officer"]),
    ("林芳", "gm", &["officer"]),
    ("许可", "gm", &["officer"]),
    ("何平", "gm", &["officer", "preliminary_reviewer"]),
    ("周正", "gm", &["officer", "section_head"]),
    ("高远", "fz", &["legal_reviewer"]),
    ("罗静", "fz", &["legal_reviewer"]),
    ("郑和平", "fz", &["legal_head"]),
    ("方文", "bg", &["publisher"]),
    ("唐雨", "bg", &["archivist"]),
    ("钱会", "bg", &["cashier"]),
    ("刘国安", "ld", &["leader"]),
    ("赵建设", "ld", &["leader"]),
    ("王守法", "ld", &["principal"]),
    ("董期", "gm", &["officer"]),
];

fn roster() -> BTreeMap<String, Person> {
    PEOPLE
        .iter()
        .map(|(name, unit, roles)| {
            // 董期's card has expired.
            let valid_to = if *name == "董期" {
                date(2026, 3, 1)
            } else {
                date(2030, 12, 31)
            };
            let card = Card {
                number: format!("证{name}"),
                valid_from: date(2020, 1, 1),
                valid_to,
                kind: String::new(),
                area: String::new(),
            };
            let person = Person {
                id: (*name).to_owned(),
                version: 1,
                login: (*name).to_owned(),
                name: (*name).to_owned(),
                body_id: "b".into(),
                unit: (*unit).to_owned(),
                roles: roles.iter().map(|r| (*r).to_owned()).collect(),
                cards: vec![card],
                qualified: *unit == "fz",
                active: true,
            };
            ((*name).to_owned(), person)
        })
        .collect()
}

/// The party of that number and name; a short name is a natural person's.
pub fn named(number: usize, name: &str) -> Party {
    Party {
        id: format!("p{number}"),
        kind: if name.chars().count() <= 3 {
            PartyKind::Person
        } else {
            PartyKind::Organization
        },
        name: name.to_owned(),
        code: String::new(),
        representative: String::new(),
        address: "某路一号".into(),
        phone: String::new(),
    }
}

/// What a step is taken with, beside what the bureau would do by itself.
#[derive(Debug, Default, Clone)]
pub struct With {
    pub by: Option<String>,
    pub with: Option<Vec<String>>,
    pub fields: Fields,
    pub occurred_on: Option<Date>,
    pub seen_version: Option<u64>,
    /// Fields that nobody fills in.
    pub left_out: Vec<&'static str>,
}

/// The bureau.
pub struct Bureau {
    pub pack: Pack,
    pub calendar: Calendar,
    pub config: Config,
    pub roster: BTreeMap<String, Person>,
    pub today: Date,
    pub state: State,
    pub events: Vec<CaseActed>,
    pub fines: BTreeMap<String, i64>,
    /// Illegal gains confiscated, instead of a fine where none is set.
    pub gains: BTreeMap<String, i64>,
    /// Kinds of penalty beside money, for every party.
    pub others: Vec<PenaltyKind>,
    pub excuses: BTreeMap<String, Option<Excuse>>,
    pub unproven: Vec<String>,
    count: u64,
}

impl Bureau {
    pub fn new(today: Date) -> Self {
        Self::with_pack(pack(), today)
    }

    /// A bureau that works by another pack than the shipped one.
    pub fn with_pack(pack: Pack, today: Date) -> Self {
        let settings = [
            (
                "hearing_fine_person",
                1_000_000,
                Some("《某省听证规定》第三条（虚构）"),
            ),
            (
                "hearing_fine_organization",
                5_000_000,
                Some("《某省听证规定》第三条（虚构）"),
            ),
        ];
        let config = Config::load(&pack, settings).unwrap();
        Self {
            calendar: Calendar::builtin(),
            config,
            roster: roster(),
            today,
            state: State::default(),
            events: Vec::new(),
            fines: BTreeMap::new(),
            gains: BTreeMap::new(),
            others: Vec::new(),
            excuses: BTreeMap::new(),
            unproven: Vec::new(),
            count: 0,
            pack,
        }
    }

    fn name_for(&self, role: &str) -> String {
        let name = match role {
            "officer" | "handler" => "陈立",
            "preliminary_reviewer" => "何平",
            "section_head" => "周正",
            "legal_reviewer" => "高远",
            "hearing_host" | "legal_head" => "郑和平",
            "hearing_clerk" => "罗静",
            "leader" => "刘国安",
            "principal" => "王守法",
            "publisher" => "方文",
            "archivist" | "intake" => "唐雨",
            "cashier" => "钱会",
            other => panic!("nobody plays {other}"),
        };
        name.to_owned()
    }

    /// Opens the case for these parties.
    pub fn lead(&mut self, names: &[String]) {
        let parties = names
            .iter()
            .enumerate()
            .map(|(i, name)| named(i + 1, name))
            .collect();
        let with = With {
            fields: Fields::from([("parties".into(), FieldValue::Parties(parties))]),
            ..With::default()
        };
        self.take("A01", None, with).unwrap();
    }

    /// Takes a step with its approvals, filling in what the form demands.
    pub fn take(&mut self, id: &str, party: Option<&str>, with: With) -> Result<(), Refusal> {
        let step = self
            .pack
            .steps
            .iter()
            .find(|s| s.id == id)
            .unwrap_or_else(|| panic!("no step {id}"))
            .clone();
        let first = step.by.first().map(|c| c.role.clone()).unwrap_or_default();
        let by = with.by.clone().unwrap_or_else(|| self.name_for(&first));
        let company = with
            .with
            .clone()
            .unwrap_or_else(|| self.company(&step, &by));
        let mut fields = self.defaults(&step, party, &company, &by);
        fields.extend(with.fields.clone());
        fields.retain(|id, _| !with.left_out.contains(&id.as_str()));
        let command = self.command(&step, party, Act::Take, fields, company, &with);
        let request = command.id.clone();
        self.send(&by, &command)?;
        for crew in &step.chain {
            let approver = if crew.role == "handler" {
                "林芳".to_owned()
            } else {
                self.name_for(&crew.role)
            };
            let act = Act::Approve {
                request: request.clone(),
                opinion: "同意".into(),
            };
            let plain = With {
                occurred_on: with.occurred_on,
                ..With::default()
            };
            let command = self.command(&step, party, act, Fields::new(), Vec::new(), &plain);
            self.send(&approver, &command)?;
        }
        Ok(())
    }

    /// Asks for a step and leaves its approvals open; gives the request.
    pub fn ask(&mut self, id: &str) -> String {
        let step = self.pack.step(id).unwrap().clone();
        let by = self.name_for(&step.by[0].role);
        let company = self.company(&step, &by);
        let fields = self.defaults(&step, None, &company, &by);
        let command = self.command(&step, None, Act::Take, fields, company, &With::default());
        self.send(&by, &command).unwrap();
        command.id
    }

    /// Gives the next approval of a request, by whoever holds that role.
    pub fn approve(&mut self, request: &str, role: &str) {
        let step = self.state.requests.iter().find(|r| r.id == request);
        let step = self.pack.step(&step.unwrap().step).unwrap().clone();
        let act = Act::Approve {
            request: request.to_owned(),
            opinion: "同意".into(),
        };
        let command = self.command(
            &step,
            None,
            act,
            Fields::new(),
            Vec::new(),
            &With::default(),
        );
        let who = self.name_for(role);
        self.send(&who, &command).unwrap();
    }

    fn command(
        &mut self,
        step: &Step,
        party: Option<&str>,
        act: Act,
        fields: Fields,
        with: Vec<String>,
        how: &With,
    ) -> Command {
        self.count += 1;
        let occurred_on = how.occurred_on.unwrap_or(self.today);
        Command {
            id: format!("c{}", self.count),
            step: step.id.clone(),
            party: party.map(str::to_owned),
            act,
            occurred_on,
            late_reason: (occurred_on < self.today).then(|| "补记".to_owned()),
            with,
            card_shown: true,
            fields,
            seen_version: how.seen_version.unwrap_or(self.state.version),
        }
    }

    /// Comes over to another version of the pack.
    pub fn switch(&mut self, to: Pack, plan: &SwitchPlan) {
        let old = std::mem::replace(&mut self.pack, to);
        let on = self.today;
        let event = switch(&self.state, plan, &old, &self.pack, on, &self.calendar);
        self.record(event);
    }

    /// Sends one command as a person; applies its event.
    pub fn send(&mut self, who: &str, command: &Command) -> Result<(), Refusal> {
        let decided = self.judge(who, command)?;
        let mut event = decided.event;
        for (i, plan) in decided.papers.iter().enumerate() {
            event.papers.push(Issued {
                paper_id: format!("{}-{i}", command.id),
                template: plan.template.clone(),
                title: plan.title.clone(),
                number: plan
                    .series
                    .as_ref()
                    .map(|s| format!("{s}〔2026〕{}号", self.count)),
                party: plan.party.clone(),
                on: event.occurred_on,
                digest: String::new(),
                template_digest: None,
                size_bytes: 1,
                media_type: "application/pdf".into(),
                order: plan.order,
                pages: 1,
            });
        }
        self.record(event);
        Ok(())
    }

    fn record(&mut self, event: CaseActed) {
        // What is stored must read back as it was.
        let stored = event.encode().unwrap();
        assert_eq!(
            CaseActed::decode(casework::event::CASE_ACTED, &stored).unwrap(),
            event
        );
        self.state.apply_event(&event);
        self.events.push(event);
        assert_eq!(
            casework::state::fold(&self.events),
            self.state,
            "the fold of all events is the state"
        );
    }

    pub fn judge(&self, who: &str, command: &Command) -> Result<Decided, Refusal> {
        let actor = self
            .roster
            .get(who)
            .unwrap_or_else(|| panic!("nobody is called {who}"));
        decide(&self.state, command, &self.context(actor))
    }

    /// The context in which somebody acts today.
    pub fn context<'a>(&'a self, actor: &'a Person) -> Context<'a> {
        Context {
            pack: &self.pack,
            calendar: &self.calendar,
            config: &self.config,
            now_us: 0,
            today: self.today,
            body_id: "b",
            actor,
            roster: &self.roster,
            via: Via::Simulated,
        }
    }

    fn company(&self, step: &Step, by: &str) -> Vec<String> {
        let mut company = Vec::new();
        if step.by.first().is_some_and(|c| c.min > 1) {
            match step.by[0].role.as_str() {
                "leader" => company.extend(["赵建设".to_owned(), "王守法".to_owned()]),
                _ => company.push(if by == "林芳" { "陈立" } else { "林芳" }.to_owned()),
            }
        }
        company.extend(step.by.iter().skip(1).map(|c| self.name_for(&c.role)));
        company
    }

    fn defaults(&self, step: &Step, party: Option<&str>, company: &[String], by: &str) -> Fields {
        let needed = step
            .form
            .iter()
            .filter(|f| f.required || f.default.is_some());
        needed
            .map(|f| (f.id.clone(), self.default_value(f, party, company, by)))
            .collect()
    }

    fn default_value(
        &self,
        field: &law::pack::Field,
        party: Option<&str>,
        company: &[String],
        by: &str,
    ) -> FieldValue {
        match &field.kind {
            FieldType::Text | FieldType::Prose => {
                FieldValue::Text(format!("{}（测试内容）", field.title))
            }
            FieldType::Choice(options) => FieldValue::Text(
                field
                    .default
                    .clone()
                    .unwrap_or_else(|| options[0].0.clone()),
            ),
            FieldType::YesNo => FieldValue::YesNo(field.required),
            FieldType::Date if field.id == "hearing_on" => FieldValue::Date(self.workdays(8)),
            FieldType::Date => FieldValue::Date(self.today),
            FieldType::DateTime => FieldValue::DateTime(self.today.at(9, 0, 0, 0)),
            FieldType::Money => FieldValue::Money(self.money_due(field, party)),
            FieldType::Int => FieldValue::Int(1),
            FieldType::Persons => FieldValue::Persons(vec![
                match field.id.as_str() {
                    "host" => "郑和平",
                    "clerk" => "罗静",
                    "in" => "许可",
                    "person" => "赵建设",
                    _ => "陈立",
                }
                .to_owned(),
            ]),
            FieldType::Parties => FieldValue::Parties(Vec::new()),
            FieldType::Proposal => FieldValue::Proposal(self.dispositions()),
            FieldType::Points => FieldValue::Points(vec!["逐条写明。".into(); 3]),
            FieldType::TenItems => {
                let passes = !matches!(field.title.as_str(), "存在问题");
                FieldValue::TenItems(vec![
                    ReviewItem {
                        ok: passes,
                        remark: String::new()
                    };
                    10
                ])
            }
            FieldType::Votes => FieldValue::Votes(
                std::iter::once(by.to_owned())
                    .chain(company.iter().cloned())
                    .map(|person| Vote {
                        person,
                        agrees: true,
                        view: String::new(),
                    })
                    .collect(),
            ),
            FieldType::Items => FieldValue::Items(vec![Thing {
                name: "台账".into(),
                spec: String::new(),
                count: "1本".into(),
                note: String::new(),
            }]),
            FieldType::Upload => FieldValue::Upload(FileRef {
                digest: "0".repeat(64),
                name: "扫描件.pdf".into(),
                size_bytes: 1,
                media_type: "application/pdf".into(),
            }),
        }
    }

    /// What an officer would fill in: what is left to pay, and no surcharge.
    fn money_due(&self, field: &law::pack::Field, party: Option<&str>) -> i64 {
        match party {
            Some(_) if field.id == "added" => 0,
            Some(party) => self.state.unpaid_fen(party).max(0),
            None => 1,
        }
    }

    /// The proposal that the scenario has set for each party.
    pub fn dispositions(&self) -> Vec<Disposition> {
        self.state
            .parties
            .iter()
            .map(|p| {
                let id = &p.party.id;
                let excuse = self.excuses.get(id).copied().flatten();
                let proven = !self.unproven.contains(id);
                let gains = self.gains.get(id);
                let fine = self.fines.get(id).copied();
                let fine = fine.or_else(|| gains.is_none().then_some(3_000));
                let money = [
                    (PenaltyKind::ConfiscateGains, gains.copied()),
                    (PenaltyKind::Fine, fine),
                ];
                let money = money.map(|(kind, yuan)| yuan.map(|yuan| (kind, Some(yuan * 100))));
                let punish = proven && excuse.is_none();
                Disposition {
                    party: id.clone(),
                    proven,
                    facts: "未建立台账".into(),
                    characterization: "未建立隐患排查治理制度".into(),
                    violated: vec!["《安全生产法》第四十一条第二款".into()],
                    basis: vec!["《安全生产法》第一百零一条".into()],
                    discretion: String::new(),
                    excuse,
                    penalties: if punish {
                        let others = self.others.iter().map(|kind| (*kind, None));
                        money
                            .into_iter()
                            .flatten()
                            .chain(others)
                            .map(|(kind, amount_fen)| Penalty {
                                kind,
                                amount_fen,
                                period_days: None,
                                text: String::new(),
                            })
                            .collect()
                    } else {
                        Vec::new()
                    },
                    range: Some(FineRange {
                        min_fen: 0,
                        max_fen: 50_000_000,
                        reduction: String::new(),
                    }),
                    correction: "建立台账".into(),
                }
            })
            .collect()
    }

    /// The day so many working days from today.
    pub fn workdays(&self, count: u32) -> Date {
        let term = law::term::Term::forward(count, law::term::Unit::WorkingDay);
        term.due(self.today, &[], law::term::Roll::Stay, &self.calendar)
            .unwrap()
            .on
    }
}
