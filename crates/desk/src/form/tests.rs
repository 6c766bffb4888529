use casework::{
    field::{FieldValue, Fields, FileRef, ReviewItem, Thing, Vote},
    party::{Party, PartyKind},
    proposal::{Disposition, Excuse, FineRange, Penalty, PenaltyKind},
    state::State,
};
use jiff::civil::date;
use law::pack::{Field, FieldType, Pack, Step, read_pack};
use proptest::{collection::vec, prelude::*, sample::select};

use super::{read::read, write::write};
use crate::typed::Typed;

fn pack() -> Pack {
    read_pack(&office::builtin_pack_files(), "test").unwrap()
}

fn step(id: &str) -> Step {
    pack().step(id).unwrap().clone()
}

fn typed(pairs: &[(&str, &str)]) -> Typed {
    let mut typed = Typed::default();
    pairs
        .iter()
        .for_each(|(name, value)| typed.push(*name, *value));
    typed
}

/// What the inputs are read as, or the faults with their fields.
/// Fields as read, or faults by field.
type Expected<'a> = Result<&'a [(&'a str, FieldValue)], &'a [(&'a str, &'a str)]>;

fn check(id: &str, pairs: &[(&str, &str)], expect: Expected<'_>) {
    let reading = read(&step(id), &State::default(), &typed(pairs));
    match expect {
        Ok(values) => {
            let values: Fields = values
                .iter()
                .map(|(id, value)| ((*id).to_owned(), value.clone()))
                .collect();
            assert_eq!(
                (reading.fields, reading.faults),
                (values, Vec::new()),
                "{id} {pairs:?}"
            );
        }
        Err(words) => {
            assert_eq!(reading.faults.len(), words.len(), "{:?}", reading.faults);
            for ((field, words), fault) in words.iter().zip(&reading.faults) {
                assert_eq!(fault.field.as_deref(), Some(*field));
                assert!(fault.why.contains(words), "{} lacks {words}", fault.why);
            }
        }
    }
}

fn text(text: &str) -> FieldValue {
    FieldValue::Text(text.to_owned())
}

#[test]
fn simple_inputs_are_read_by_the_type_of_their_field() {
    check(
        "A31.approve",
        &[("f.opinion", "  同意。\r\n ")],
        Ok(&[("opinion", text("同意。"))]),
    );
    check(
        "A31.approve",
        &[("f.opinion", " \n "), ("f.other", "x"), ("_with", "y")],
        Ok(&[]),
    );
    let amount = [
        ("amount", FieldValue::Money(2_000_000)),
        ("receipt", text("1")),
    ];
    check(
        "A37.full",
        &[("f.amount", "2万元"), ("f.receipt", "1")],
        Ok(&amount),
    );
    check(
        "A37.full",
        &[("f.amount", "两万")],
        Err(&[("amount", "“本次缴款金额”")]),
    );
    let hearing = [
        ("host", FieldValue::Persons(vec!["a".into()])),
        ("hearing_on", FieldValue::Date(date(2026, 4, 1))),
        ("hearing_open", text("trade")),
    ];
    check(
        "A27",
        &[
            ("f.host", "a"),
            ("f.host", "a"),
            ("f.hearing_on", "2026年4月1日"),
            ("f.hearing_open", "trade"),
        ],
        Ok(&hearing),
    );
    check(
        "A27",
        &[("f.hearing_on", "明天")],
        Err(&[("hearing_on", "“明天”")]),
    );
    check(
        "A25.waive",
        &[("f.written", "maybe")],
        Err(&[("written", "是或者否")]),
    );
    let points = FieldValue::Points(vec!["一".into(), "二".into()]);
    check(
        "A22.answer",
        &[("f.answers", "一\n\n 二 ")],
        Ok(&[("answers", points.clone())]),
    );
    check(
        "A22.answer",
        &[("f.answers.0", "一"), ("f.answers.1", "二")],
        Ok(&[("answers", points)]),
    );
    check(
        "A09.interview",
        &[("f.began_at", "昨天上午")],
        Err(&[("began_at", "应如 2026-03-02 09:30")]),
    );
}

#[test]
fn blank_rows_are_left_out_and_half_filled_ones_are_pointed_out() {
    let party = Party {
        id: "p1".into(),
        kind: PartyKind::Person,
        name: "张三".into(),
        code: "11010519491231002X".into(),
        representative: String::new(),
        address: String::new(),
        phone: String::new(),
    };
    let rows = [
        ("f.parties.0.kind", "organization"),
        ("f.parties.0.name", ""),
        ("f.parties.3.kind", "person"),
        ("f.parties.3.name", "张三"),
        ("f.parties.3.code", "11010519491231002x"),
    ];
    check(
        "A01",
        &rows,
        Ok(&[("parties", FieldValue::Parties(vec![party]))]),
    );
    check(
        "A01",
        &[("f.parties.0.name", "某厂")],
        Err(&[("parties", "第1名当事人没有选择类型")]),
    );
    let thing = Thing {
        name: "配电箱".into(),
        spec: String::new(),
        count: "2台".into(),
        note: String::new(),
    };
    check(
        "A18.handed",
        &[("f.items.0.name", "配电箱"), ("f.items.0.count", "2台")],
        Ok(&[("items", FieldValue::Items(vec![thing]))]),
    );
    check(
        "A18.handed",
        &[("f.items.1.count", "2台")],
        Err(&[("items", "第2项没有填写名称")]),
    );
}

#[test]
fn the_ten_items_need_each_a_conclusion() {
    let names: Vec<String> = (0..10).map(|n| format!("f.items.{n}.ok")).collect();
    let all: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "yes")).collect();
    let items = vec![
        ReviewItem {
            ok: true,
            remark: String::new()
        };
        10
    ];
    check(
        "A21.pass",
        &all,
        Ok(&[("items", FieldValue::TenItems(items))]),
    );
    check(
        "A21.pass",
        &all[..9],
        Err(&[("items", "第10项“违法行为是否涉嫌犯罪")]),
    );
    check("A21.pass", &[], Ok(&[]));
}

#[test]
fn a_proposal_names_its_party_in_every_fault() {
    let proposal = [
        ("f.proposal.0.party", "p1"),
        ("f.proposal.0.p.0.amount", "500"),
        ("f.proposal.0.p.1.kind", "fine"),
        ("f.proposal.0.p.1.amount", "很多"),
        ("f.proposal.0.min", "1万元"),
    ];
    let faults = [
        ("proposal", "当事人“p1”：请选择违法事实是否成立"),
        ("proposal", "第1项处罚没有选择种类"),
        ("proposal", "罚款："),
        ("proposal", "没有填上限"),
    ];
    check("A19", &proposal, Err(&faults));
}

fn words() -> impl Strategy<Value = String> {
    "[一-龥a-z<&\"'0-9]{1,12}(\n[一-龥]{1,5})?"
}

fn maybe() -> impl Strategy<Value = String> {
    prop_oneof![Just(String::new()), words()]
}

fn line() -> impl Strategy<Value = String> {
    "[一-龥]{1,12}"
}

fn value(field: &Field) -> BoxedStrategy<FieldValue> {
    match &field.kind {
        FieldType::Text | FieldType::Prose => words().prop_map(FieldValue::Text).boxed(),
        FieldType::Choice(options) => {
            let ids: Vec<String> = options.iter().map(|(id, _)| id.clone()).collect();
            select(ids).prop_map(FieldValue::Text).boxed()
        }
        FieldType::YesNo => any::<bool>().prop_map(FieldValue::YesNo).boxed(),
        FieldType::Date => day().prop_map(FieldValue::Date).boxed(),
        FieldType::DateTime => (day(), 0..24_i8, 0..60_i8)
            .prop_map(|(on, hour, minute)| FieldValue::DateTime(on.at(hour, minute, 0, 0)))
            .boxed(),
        FieldType::Money => (0..100_000_000_000_000_i64)
            .prop_map(FieldValue::Money)
            .boxed(),
        FieldType::Int => any::<i64>().prop_map(FieldValue::Int).boxed(),
        FieldType::Persons => vec("[a-z]{8}", 1..4)
            .prop_map(|mut ids| {
                ids.sort();
                ids.dedup();
                FieldValue::Persons(ids)
            })
            .boxed(),
        FieldType::Points => vec(words(), 1..4).prop_map(FieldValue::Points).boxed(),
        FieldType::Parties => vec(party(), 1..3)
            .prop_map(numbered)
            .prop_map(FieldValue::Parties)
            .boxed(),
        FieldType::Proposal => vec(disposition(), 1..3)
            .prop_map(FieldValue::Proposal)
            .boxed(),
        FieldType::TenItems => vec((any::<bool>(), maybe()), 10)
            .prop_map(|items| {
                FieldValue::TenItems(
                    items
                        .into_iter()
                        .map(|(ok, remark)| ReviewItem { ok, remark })
                        .collect(),
                )
            })
            .boxed(),
        FieldType::Votes => vec(("[a-z]{6}", any::<bool>(), maybe()), 1..4)
            .prop_map(|votes| {
                FieldValue::Votes(
                    votes
                        .into_iter()
                        .map(|(person, agrees, view)| Vote {
                            person,
                            agrees,
                            view,
                        })
                        .collect(),
                )
            })
            .boxed(),
        FieldType::Items => vec((words(), maybe(), maybe(), maybe()), 1..4)
            .prop_map(|list| {
                let thing = |(name, spec, count, note)| Thing {
                    name,
                    spec,
                    count,
                    note,
                };
                FieldValue::Items(list.into_iter().map(thing).collect())
            })
            .boxed(),
        FieldType::Upload => (words(), any::<u32>())
            .prop_map(|(name, size)| {
                let media_type = "application/pdf".to_owned();
                FieldValue::Upload(FileRef {
                    name,
                    digest: "0".repeat(64),
                    size_bytes: size.into(),
                    media_type,
                })
            })
            .boxed(),
    }
}

fn day() -> impl Strategy<Value = jiff::civil::Date> {
    (1990..2100_i16, 1..=12_i8, 1..=28_i8).prop_map(|(y, m, d)| date(y, m, d))
}

fn party() -> impl Strategy<Value = Party> {
    let kind = select(PartyKind::ALL.map(|(kind, ..)| kind).to_vec());
    (kind, words(), "[0-9A-Z]{0,18}", maybe(), maybe(), maybe()).prop_map(
        |(kind, name, code, representative, address, phone)| Party {
            id: String::new(),
            kind,
            name,
            code,
            representative,
            address,
            phone,
        },
    )
}

fn numbered(mut parties: Vec<Party>) -> Vec<Party> {
    parties
        .iter_mut()
        .enumerate()
        .for_each(|(n, party)| party.id = format!("p{}", n + 1));
    parties
}

fn disposition() -> impl Strategy<Value = Disposition> {
    let kind = select(PenaltyKind::ALL.map(|(kind, ..)| kind).to_vec());
    let penalty = (
        kind,
        proptest::option::of(0..10_000_000_i64),
        proptest::option::of(0..900_u32),
        maybe(),
    )
        .prop_map(|(kind, amount_fen, period_days, text)| Penalty {
            kind,
            amount_fen,
            period_days,
            text,
        });
    let excuse = proptest::option::of(select(Excuse::ALL.map(|(excuse, ..)| excuse).to_vec()));
    let range = proptest::option::of((0..1_000_000_i64, 1_000_000..9_000_000_i64, maybe()))
        .prop_map(|range| {
            range.map(|(min_fen, max_fen, reduction)| FineRange {
                min_fen,
                max_fen,
                reduction,
            })
        });
    let texts = (
        maybe(),
        maybe(),
        maybe(),
        maybe(),
        vec(line(), 0..3),
        vec(line(), 0..3),
    );
    (any::<bool>(), excuse, range, vec(penalty, 0..3), texts).prop_map(
        |(proven, excuse, range, penalties, texts)| {
            let (facts, characterization, discretion, correction, violated, basis) = texts;
            let party = "p1".to_owned();
            Disposition {
                party,
                proven,
                facts,
                characterization,
                violated,
                basis,
                discretion,
                excuse,
                penalties,
                range,
                correction,
            }
        },
    )
}

fn filled() -> impl Strategy<Value = (Step, Fields)> {
    let ids = [
        "A01",
        "A09.interview",
        "A11.hold",
        "A19",
        "A21.pass",
        "A22.answer",
        "A27",
        "A32.conclude",
        "A37.full",
        "A47.publish",
    ];
    select(ids.to_vec()).prop_flat_map(|id| {
        let step = step(id);
        let fields: Vec<_> = step
            .form
            .iter()
            .map(|f| (Just(f.id.clone()), proptest::option::of(value(f))))
            .collect();
        let fields = fields.prop_map(|list| {
            list.into_iter()
                .filter_map(|(id, v)| Some((id, v?)))
                .collect::<Fields>()
        });
        (Just(step), fields)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// A draft, a confirmation page and a filled-in form lose nothing: what is written is read back the same,
    /// also after it went through a browser.
    #[test]
    fn what_is_written_into_a_form_is_read_back_the_same((step, fields) in filled()) {
        let written = write(&fields);
        let mut body = form_urlencoded::Serializer::new(String::new());
        body.extend_pairs(written.pairs());
        let sent = Typed::parse(body.finish().as_bytes());
        let reading = read(&step, &State::default(), &sent);
        prop_assert_eq!(reading.faults, vec![]);
        prop_assert_eq!(reading.fields, fields);
    }
}
