//! Effects: what a step, a limit's expiry, a row of the lapse matrix or a bundle does.

use super::cond::{self, Reach};
use super::names::Names;
use super::node::{Faults, Node, Shape, list};
use super::{Compute, DayOf, Effect, Evidence, Field, FieldType, Place, Scope, Source, ValueId};

mod shapes;

use shapes::{
    ASSIGN, BARE, COND_NODE, DATED, EACH, EVIDENCE, EXTEND, FIELD, MEASURE, NAME, NAMES,
    OF_A_PARTY, REPLACE, SET, WHEN,
};
pub(crate) use shapes::{EFFECTS, PLAIN};

/// The field of the step's form in which an extension gives its reason.
pub const EXTENSION_REASON: &str = "reason";

/// What effects are read against.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Context<'a> {
    /// Declared names.
    pub(crate) names: &'a Names,
    /// The form whose fields may be named; none outside of steps.
    pub(crate) form: Option<&'a [Field]>,
    /// Of whom facts of a party speak.
    pub(crate) reach: Reach,
}

impl<'a> Context<'a> {
    /// Reads those children of a node that are effects, in order.
    pub(crate) fn read_children(self, node: Node<'_>, faults: &mut Faults) -> Vec<Effect> {
        let effects = node
            .children()
            .filter(|child| EFFECTS.contains(&child.name()));
        effects
            .filter_map(|child| self.read(child, faults))
            .collect()
    }

    fn read(self, node: Node<'_>, faults: &mut Faults) -> Option<Effect> {
        let place = node.place();
        match node.name() {
            "set" => self.set(node, faults),
            "lapse" => self.lapse(node, faults),
            "raise" | "do" => {
                let shape = if node.name() == "do" { &DATED } else { &NAME };
                node.fits(shape, faults).then_some(())?;
                let row = self.names.lapses.find(node.arg(0), &place, faults)?;
                Some(self.on_day(node, Effect::Raise(row), faults))
            }
            "when" => self.when(node, faults),
            "each" => {
                node.fits(&EACH, faults);
                Some(Effect::Each(
                    Context {
                        reach: Reach::Party,
                        ..self
                    }
                    .read_children(node, faults),
                ))
            }
            "start" | "pause" | "resume" => {
                let effect = self.limit(node, &DATED, faults)?;
                Some(self.on_day(node, effect, faults))
            }
            "stop" | "continue" => self.limit(node, &NAME, faults),
            "extend" => self.extend(node, faults),
            "measure" => self.measure(node, faults),
            "assign" => {
                node.fits(&ASSIGN, faults).then_some(())?;
                self.names.roles.find(node.arg(0), &place, faults)?;
                let field = node
                    .text("field")
                    .map(|f| self.field(f, &[FieldType::Persons], &place, faults));
                Some(Effect::Assign(node.arg(0).to_owned(), field))
            }
            "replace" => {
                node.fits(&REPLACE, faults).then_some(())?;
                self.names.roles.find(node.arg(0), &place, faults)?;
                let mut person = |key: &str| {
                    self.field(&node.needed(key), &[FieldType::Persons], &place, faults)
                };
                Some(Effect::Replace(
                    node.arg(0).to_owned(),
                    person("out"),
                    person("in"),
                ))
            }
            "recuse" => {
                node.fits(&FIELD, faults).then_some(())?;
                Some(Effect::Recuse(self.field(
                    &node.needed("field"),
                    &[FieldType::Persons],
                    &place,
                    faults,
                )))
            }
            "ask-recusal" => {
                node.fits(&FIELD, faults).then_some(())?;
                let field = node.needed("field");
                let field = self.field(&field, &[FieldType::Persons], &place, faults);
                Some(Effect::AskRecusal(field))
            }
            kind @ ("parties" | "amend-party") => {
                node.fits(&FIELD, faults).then_some(())?;
                self.check_reach(OF_A_PARTY.contains(&kind), kind, &place, faults);
                let field =
                    self.field(&node.needed("field"), &[FieldType::Parties], &place, faults);
                Some(if kind == "parties" {
                    Effect::Parties(field)
                } else {
                    Effect::AmendParty(field)
                })
            }
            "evidence" => self.evidence(node, faults),
            "exclude" | "redecide" | "surcharge" | "execute" => self.of_a_field(node, faults),
            "number" => node
                .fits(&NAME, faults)
                .then(|| Effect::Number(node.arg(0).to_owned())),
            plain => {
                node.fits(&BARE, faults);
                self.check_reach(OF_A_PARTY.contains(&plain), plain, &place, faults);
                PLAIN
                    .iter()
                    .find(|(name, _)| *name == plain)
                    .map(|(_, effect)| effect.clone())
            }
        }
    }

    /// Evidence of a kind, with the fields that say what it is.
    fn evidence(self, node: Node<'_>, faults: &mut Faults) -> Option<Effect> {
        node.fits(&EVIDENCE, faults).then_some(())?;
        let place = node.place();
        let Some(name) = node.text("kind") else {
            return Some(Effect::Evidence(self.evidence_of_form()));
        };
        let Some((kind, _)) = Evidence::ALL.into_iter().find(|(_, known)| *known == name) else {
            let known = list(Evidence::ALL.iter().map(|(_, known)| *known));
            faults.add(&place, format!("kind 没有“{name}”这一项；{known}"));
            return None;
        };
        let fields: &[&str] = match kind {
            Evidence::Chosen => &["kind", "name"],
            Evidence::Interview => &["interviewee"],
            Evidence::Sample | Evidence::Expert | Evidence::Record => &[],
        };
        for id in fields {
            self.form_field(id, &place, faults);
        }
        let lists = |form: &[Field]| form.iter().any(|f| f.kind == FieldType::Items);
        if kind == Evidence::Sample && !self.form.is_some_and(lists) {
            faults.add(&place, "kind=\"sample\" 须在表单里有 items 字段，列明样品");
        }
        Some(Effect::Evidence(kind))
    }

    /// What a pack means that names no kind: the one for which the form has the fields.
    fn evidence_of_form(self) -> Evidence {
        let form = self.form.unwrap_or_default();
        let has = |id: &str| form.iter().any(|f| f.id == id);
        if has("name") && has("kind") {
            Evidence::Chosen
        } else if has("interviewee") {
            Evidence::Interview
        } else if has("result") {
            Evidence::Expert
        } else if form.iter().any(|f| f.kind == FieldType::Items) {
            Evidence::Sample
        } else {
            Evidence::Record
        }
    }

    /// Effects that take one field of the form.
    fn of_a_field(self, node: Node<'_>, faults: &mut Faults) -> Option<Effect> {
        node.fits(&FIELD, faults).then_some(())?;
        let (name, place, id) = (node.name(), node.place(), node.needed("field"));
        self.check_reach(OF_A_PARTY.contains(&name), name, &place, faults);
        let mut of = |kind: FieldType| self.field(&id, &[kind], &place, faults);
        Some(match name {
            "exclude" => Effect::Exclude(of(FieldType::Int)),
            "redecide" => Effect::Redecide(of(FieldType::Proposal)),
            "surcharge" => Effect::Surcharge(of(FieldType::Money)),
            _ => {
                let found = self.form_field(&id, &place, faults)?;
                if !matches!(found.kind, FieldType::Choice(_)) || !found.required {
                    let message =
                        format!("字段“{id}”须为必填的 choice，才能写明执行的是哪一种处罚");
                    faults.add(&place, message);
                }
                Effect::Execute(id)
            }
        })
    }

    fn set(self, node: Node<'_>, faults: &mut Faults) -> Option<Effect> {
        node.fits(&SET, faults).then_some(())?;
        let place = node.place();
        let fact = self.writable(node.arg(0), &place, faults)?;
        let sources = [node.args().nth(1), node.text("field"), node.text("compute")];
        if sources.iter().flatten().count() != 1 {
            faults.add(&place, "set 的新值须恰有一个来源：值、field=\"字段\" 或者 compute=\"算法\" among=\"值,值\"");
            return None;
        }
        if node.text("compute").is_some() != node.text("among").is_some() {
            faults.add(&place, "compute 和 among 须同时写");
            return None;
        }
        let source = match sources {
            [Some(value), ..] => Source::Value(self.names.value(fact, value, &place, faults)?),
            [_, Some(field), _] => {
                Source::Field(field.to_owned(), self.options(field, fact, &place, faults))
            }
            _ => self.computed(node, fact, faults)?,
        };
        Some(Effect::Set(fact, source))
    }

    /// A computation of the program; `among` names its answers, all of them, since the checker explores no other.
    fn computed(self, node: Node<'_>, fact: usize, faults: &mut Faults) -> Option<Source> {
        let (place, name) = (node.place(), node.needed("compute"));
        let Some((compute, answers)) = Compute::named(&name) else {
            let known = list(Compute::ALL.iter().map(|(_, known, _)| *known));
            faults.add(&place, format!("程序没有“{name}”这种算法；{known}"));
            return None;
        };
        let mut among = node.items("among");
        let values = among
            .iter()
            .filter_map(|v| self.names.value(fact, v, &place, faults))
            .collect();
        let mut answers = answers.to_vec();
        among.sort_unstable();
        answers.sort_unstable();
        if among != answers {
            let answers = answers.join("、");
            faults.add(
                &place,
                format!("“{name}”的结果是 {answers}，among 须写全，也不得多写"),
            );
            return None;
        }
        Some(Source::Compute(compute, values))
    }

    /// The fact of that name where this place may write it.
    fn writable(self, id: &str, place: &Place, faults: &mut Faults) -> Option<usize> {
        let fact = self.names.fact_names.find(id, place, faults)?;
        if id.starts_with('@') {
            faults.add(place, format!("“{id}”由程序维护，程序包不得改写"));
            return None;
        }
        self.check_reach(self.names.is_party(fact), id, place, faults);
        Some(fact)
    }

    fn check_reach(self, party: bool, id: &str, place: &Place, faults: &mut Faults) {
        if party && self.reach == Reach::Case {
            faults.add(
                place,
                format!("“{id}”属于各个当事人，全案的步骤须放在 each 之下"),
            );
        }
    }

    /// The values that a choice made in a field can give to a fact.
    fn options(self, field: &str, fact: usize, place: &Place, faults: &mut Faults) -> Vec<ValueId> {
        let Some(found) = self.form_field(field, place, faults) else {
            return Vec::new();
        };
        let ids: Vec<&str> = match &found.kind {
            FieldType::Choice(options) => options.iter().map(|(id, _)| id.as_str()).collect(),
            FieldType::YesNo => vec!["yes", "no"],
            _ => {
                faults.add(
                    place,
                    format!("字段“{field}”不是 choice 或者 yesno，不能给事实赋值"),
                );
                return Vec::new();
            }
        };
        if !found.required && found.default.is_none() {
            let message = format!(
                "字段“{field}”用来给事实赋值，须写 required=#true 或者 default，否则不填时没有值"
            );
            faults.add(place, message);
        }
        ids.into_iter()
            .filter_map(|id| self.names.value(fact, id, place, faults))
            .collect()
    }

    fn form_field(self, id: &str, place: &Place, faults: &mut Faults) -> Option<&'a Field> {
        let Some(form) = self.form else {
            faults.add(place, format!("这里没有表单，不能引用字段“{id}”"));
            return None;
        };
        let found = form.iter().find(|field| field.id == id);
        if found.is_none() {
            let known = list(form.iter().map(|field| field.id.as_str()));
            faults.add(place, format!("表单里没有字段“{id}”；{known}"));
        }
        found
    }

    /// The id of a field of one of those types.
    fn field(self, id: &str, kinds: &[FieldType], place: &Place, faults: &mut Faults) -> String {
        if let Some(found) = self.form_field(id, place, faults)
            && !kinds.contains(&found.kind)
        {
            faults.add(
                place,
                format!(
                    "字段“{id}”的类型不对，这里要{}",
                    kinds.iter().map(FieldType::title).collect::<String>()
                ),
            );
        }
        id.to_owned()
    }

    fn lapse(self, node: Node<'_>, faults: &mut Faults) -> Option<Effect> {
        node.fits(&NAMES, faults).then_some(())?;
        let place = node.place();
        let mut facts = Vec::new();
        for id in node.args() {
            let Some(fact) = self.writable(id, &place, faults) else {
                continue;
            };
            if self
                .names
                .facts
                .get(fact)
                .is_some_and(|f| f.lapse.is_none())
            {
                faults.add(
                    &place,
                    format!("事实“{id}”没有写 lapse-from 和 lapse-to，不会失效"),
                );
            }
            facts.push(fact);
        }
        Some(Effect::Lapse(facts))
    }

    fn when(self, node: Node<'_>, faults: &mut Faults) -> Option<Effect> {
        node.fits(&WHEN, faults);
        let place = node.place();
        let conds: Vec<_> = node.children_named("cond").collect();
        let [condition] = conds.as_slice() else {
            faults.add(
                &place,
                format!("“when”之下须恰有一个 cond，这里有 {} 个", conds.len()),
            );
            return None;
        };
        condition.fits(&COND_NODE, faults);
        if !condition.has_children() {
            faults.add(&condition.place(), "“cond”之下没有条件");
        }
        let condition = cond::read_all(*condition, self.reach, self.names, faults);
        let effects = self.read_children(node, faults);
        if effects.is_empty() {
            faults.add(&place, "“when”之下没有效果");
        }
        Some(Effect::When(condition, effects))
    }

    /// The limit that a node's first argument names, of this party or the case.
    fn reached_limit(self, node: Node<'_>, faults: &mut Faults) -> Option<usize> {
        let (code, place) = (node.arg(0), node.place());
        let limit = self.names.limits.find(code, &place, faults)?;
        let of_party = self.names.limit_scopes.get(limit) == Some(&Scope::Party);
        self.check_reach(of_party, code, &place, faults);
        Some(limit)
    }

    fn measure(self, node: Node<'_>, faults: &mut Faults) -> Option<Effect> {
        node.fits(&MEASURE, faults).then_some(())?;
        let limit = self.reached_limit(node, faults)?;
        let place = node.place();
        let mut day = |key: &str| match node.needed(key).as_str() {
            "@today" => DayOf::Today,
            "@discovered" => DayOf::Discovered,
            field => {
                let dates = [FieldType::Date, FieldType::DateTime];
                DayOf::Field(self.field(field, &dates, &place, faults))
            }
        };
        let (from, to) = (day("from"), day("to"));
        Some(Effect::Measure { limit, from, to })
    }

    fn extend(self, node: Node<'_>, faults: &mut Faults) -> Option<Effect> {
        node.fits(&EXTEND, faults).then_some(())?;
        let limit = self.reached_limit(node, faults)?;
        let place = node.place();
        let config = node.needed("config");
        self.names.config.find(&config, &place, faults)?;
        let reason = self.form_field(EXTENSION_REASON, &place, faults)?;
        if !reason.required || !matches!(reason.kind, FieldType::Text | FieldType::Prose) {
            let message =
                format!("延长期限须写明理由，字段“{EXTENSION_REASON}”须为必填的 text 或者 prose");
            faults.add(&place, message);
        }
        let times = node.int("times").unwrap_or(1);
        let Some(times) = u32::try_from(times).ok().filter(|n| (1..=10).contains(n)) else {
            faults.add(&place, format!("times 须为 1 至 10 的整数，这里是 {times}"));
            return None;
        };
        Some(Effect::Extend {
            limit,
            config,
            times,
        })
    }

    /// `on` says from which day on: a date of the form, the step's own where it is left out.
    fn on_day(self, node: Node<'_>, effect: Effect, faults: &mut Faults) -> Effect {
        let Some(field) = node.text("on") else {
            return effect;
        };
        let place = node.place();
        let found = self.form_field(field, &place, faults);
        if found.is_some_and(|f| !f.required) {
            let message = format!("字段“{field}”定期限从哪一天起，须写 required=#true");
            faults.add(&place, message);
        }
        let field = self.field(field, &[FieldType::Date], &place, faults);
        Effect::Dated(field, vec![effect])
    }

    fn limit(self, node: Node<'_>, shape: &Shape, faults: &mut Faults) -> Option<Effect> {
        node.fits(shape, faults).then_some(())?;
        let limit = self.reached_limit(node, faults)?;
        let (code, place) = (node.arg(0), node.place());
        if node.name() == "pause" && self.names.pausable.get(limit) == Some(&false) {
            faults.add(
                &place,
                format!("期限“{code}”没有 pause-basis，不得停表；须先写明依据哪一条可以停"),
            );
        }
        Some(match node.name() {
            "start" => Effect::Start(limit),
            "stop" => Effect::Stop(limit),
            "pause" => Effect::Pause(limit),
            "resume" => Effect::Resume(limit),
            _ => Effect::Continue(limit),
        })
    }
}
