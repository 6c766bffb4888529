//! What papers say: to whom, of which party, on which articles, and of the steps before.

use casework::{
    event::Issued,
    field::Thing,
    proposal::Excuse,
    record::{Header, StreamKind, Via},
};
use papers::{Papers, builtin_templates};

use super::*;

const BODY: &str = "某县应急管理局";

pub(super) fn acted(step: &str, party: Option<&str>, fields: Fields) -> CaseActed {
    CaseActed {
        party: party.map(str::to_owned),
        people: vec![part("陈立", "handler", Duty::Handle)],
        fields,
        ..CaseActed::bare(step, Phase::Taken, DAY)
    }
}

fn recorded(acted: CaseActed) -> Recorded {
    let header = Header {
        v: 1,
        stream: String::new(),
        stream_kind: StreamKind::Case,
        version: 1,
        prev: None,
        event_type: String::new(),
        recorded_at: 0,
        body_id: String::new(),
        actor: None,
        card: None,
        card_version: None,
        on_behalf_of: None,
        via: Via::Import,
        procedure: None,
        pack: None,
        action: None,
        command: String::new(),
        cause: None,
        commitment: String::new(),
    };
    Recorded {
        header,
        entry: ledger::Hash([0; 32]),
        acted,
    }
}

impl Sample {
    /// The case with a second party, and its own fine.
    pub(super) fn with_second(mut self, name: &str, kind: PartyKind, fen: i64) -> Self {
        let mut second = self.state.parties[0].clone();
        second.party.id = "p2".to_owned();
        name.clone_into(&mut second.party.name);
        second.party.kind = kind;
        let decided = second.decided.as_mut().unwrap();
        decided.party = "p2".to_owned();
        decided.facts = format!("{name}违章指挥");
        decided.penalties[0].amount_fen = Some(fen);
        self.state.parties.push(second);
        self
    }

    /// The data of a paper after these steps.
    pub(super) fn after(
        &self,
        earlier: Vec<CaseActed>,
        event: &CaseActed,
        template: &str,
    ) -> c::PaperData {
        self.between(&self.state, earlier, event, template)
    }

    /// The data of a paper after these steps, issued by a step that found the case as `before` says.
    pub(super) fn between(
        &self,
        before: &State,
        earlier: Vec<CaseActed>,
        event: &CaseActed,
        template: &str,
    ) -> c::PaperData {
        let earlier: Vec<Recorded> = earlier.into_iter().map(recorded).collect();
        let body = Body {
            name: BODY.to_owned(),
            government: "某县人民政府".to_owned(),
            court: "某县人民法院".to_owned(),
            bank: "某银行".to_owned(),
            bank_account: "1".to_owned(),
            ..Body::default()
        };
        let maker = Maker {
            pack: &self.pack,
            before,
            state: &self.state,
            earlier: &earlier,
            event,
            body: Some(&body),
            people: &self.people,
            calendar: &self.calendar,
            config: &self.config,
            simulated: false,
        };
        let plan = PaperPlan {
            template: template.to_owned(),
            title: String::new(),
            series: None,
            party: event.party.clone(),
            order: 0,
        };
        maker.data(&plan, "x", Some("（某）应急〔2026〕1号"))
    }
}

/// The words of the rendered paper; nothing where the fonts are not installed.
///
/// With `ZHIHENG_SHOTS=folder` the paper itself is kept there, to be looked at.
pub(super) fn printed(template: &str, data: &c::PaperData) -> Option<String> {
    let papers = Papers::new(&testkit::fonts()?, builtin_templates()).unwrap();
    let value = serde_json::to_value(data).unwrap();
    let pdf = papers.render(template, &value, 0).unwrap().pdf;
    if let Some(folder) = std::env::var_os("ZHIHENG_SHOTS") {
        std::fs::create_dir_all(&folder).unwrap();
        let file = std::path::Path::new(&folder).join(format!("{template}.pdf"));
        std::fs::write(file, pdf).unwrap();
    }
    let words = papers.plain_text(template, &value).unwrap();
    // Where a line ends is no matter of wording.
    Some(words.split_whitespace().collect())
}

fn points(list: &[&str]) -> FieldValue {
    FieldValue::Points(list.iter().map(|p| (*p).to_owned()).collect())
}

fn order(addressee: &str) -> CaseActed {
    let fields = Fields::from([
        ("addressee".to_owned(), text(addressee)),
        ("problems".to_owned(), text("未设置警示标志")),
        ("violated".to_owned(), points(&["《安全生产法》第三十五条"])),
        (
            "basis".to_owned(),
            points(&["《行政处罚法》第二十八条第一款"]),
        ),
        (
            "correct_until".to_owned(),
            FieldValue::Date(date(2026, 3, 20)),
        ),
    ]);
    acted("A14.order", None, fields)
}

fn hold(addressee: &str) -> CaseActed {
    let thing = Thing {
        name: "账册".to_owned(),
        spec: "2025年".to_owned(),
        count: "3本".to_owned(),
        note: String::new(),
    };
    let fields = Fields::from([
        ("addressee".to_owned(), text(addressee)),
        ("items".to_owned(), FieldValue::Items(vec![thing])),
        ("reason".to_owned(), text("可能灭失。")),
        ("place".to_owned(), text("本机关")),
    ]);
    acted("A11.hold", None, fields)
}

pub(super) fn fined() -> Sample {
    let mut sample = Sample::new(&[(PenaltyKind::Fine, 800_000)]);
    sample.state.number = Some("（某）应急立〔2026〕1号".to_owned());
    sample.state.cause = "未建立台账".to_owned();
    let decided = sample.state.parties[0].decided.as_mut().unwrap();
    decided.basis = vec!["《安全生产法》第一百零一条".to_owned()];
    decided.violated = vec!["《安全生产法》第四十一条".to_owned()];
    sample
}

#[test]
fn an_order_to_correct_rests_on_its_own_articles_before_and_after_a_proposal() {
    let decided = fined();
    let mut early = fined();
    early.state.parties[0].decided = None;
    for sample in [decided, early] {
        let data = sample.after(Vec::new(), &order(""), "correction_order");
        assert_eq!(data.proposal.basis, ["《行政处罚法》第二十八条第一款"]);
        assert_eq!(data.proposal.facts, "未设置警示标志");
        assert!(data.proposal.kinds.is_empty());
        let Some(words) = printed("correction_order", &data) else {
            return;
        };
        assert!(
            words.contains("依据《行政处罚法》第二十八条第一款的规定"),
            "{words}"
        );
        assert!(words.contains("于2026年3月20日（含）以前"), "{words}");
        assert!(!words.contains("第一百零一条"), "{words}");
    }
}

#[test]
fn a_paper_of_the_case_speaks_of_every_party_and_an_order_to_the_one_chosen() {
    let mut sample = fined().with_second("李四", PartyKind::Person, 200_000);
    for (track, defence) in sample.state.parties.iter_mut().zip(["waived", "rejected"]) {
        let defence = ("defence".to_owned(), defence.to_owned());
        track.facts.extend([defence]);
    }
    let vote = casework::field::Vote {
        person: "刘国安".to_owned(),
        agrees: true,
        view: String::new(),
    };
    let items = vec![
        casework::field::ReviewItem {
            ok: true,
            remark: String::new(),
        };
        10
    ];
    let fields = Fields::from([
        ("opinion".to_owned(), text("同意")),
        ("record".to_owned(), text("一致同意")),
        ("report".to_owned(), text("已调查终结")),
        ("votes".to_owned(), FieldValue::Votes(vec![vote])),
        ("items".to_owned(), FieldValue::TenItems(items)),
    ]);
    for (step, template) in [
        ("A21.pass", "legal_review_opinion"),
        ("A31.approve", "case_disposition_approval"),
        ("A32.conclude", "collective_discussion"),
        ("A19", "investigation_report"),
    ] {
        let mut event = acted(step, None, fields.clone());
        if template == "legal_review_opinion" {
            event.fields.remove("votes");
        }
        let mut data = sample.after(Vec::new(), &event, template);
        data.evidence.push(c::Evidence {
            name: "账册".to_owned(),
            ..c::Evidence::default()
        });
        let Some(words) = printed(template, &data) else {
            return;
        };
        for wanted in ["甲公司", "李四", "8,000.00", "2,000.00"] {
            assert!(words.contains(wanted), "{template} lacks {wanted}: {words}");
        }
        if template == "collective_discussion" {
            assert!(words.contains("李四：当事人提出陈述、申辩"), "{words}");
        }
    }
    for (chosen, name, kind) in [("李四", "李四", "person"), ("", "甲公司、李四", "")] {
        for (event, template) in [
            (order(chosen), "correction_order"),
            (hold(chosen), "preservation_notice"),
        ] {
            let data = sample.after(Vec::new(), &event, template);
            assert_eq!(
                (data.party.name.as_str(), data.party.kind.as_str()),
                (name, kind)
            );
        }
    }
}

#[test]
fn a_review_of_the_correction_tells_the_day_and_prints_no_defence() {
    let mut sample = fined();
    sample.state.parties[0].defence = vec!["请求从轻".to_owned()];
    let fields = Fields::from([
        ("correction".to_owned(), text("passed")),
        ("record".to_owned(), text("警示标志已设置")),
    ]);
    let event = acted("A14.check", None, fields);
    let data = sample.after(vec![order("")], &event, "correction_review");
    assert_eq!(data.limits.correction_until, "2026年3月20日");
    assert!(data.points.is_empty());
    let Some(words) = printed("correction_review", &data) else {
        return;
    };
    assert!(words.contains("复查情况：警示标志已设置"), "{words}");
    assert!(
        words.contains("复查结论：被责令的当事人均已改正"),
        "{words}"
    );
}

#[test]
fn what_was_preserved_is_disposed_of_with_its_list() {
    let fields = Fields::from([
        ("disposal".to_owned(), text("returned")),
        ("reason".to_owned(), text("已查清")),
    ]);
    let event = acted("A11.settle", None, fields);
    let data = fined().after(vec![hold("")], &event, "preservation_disposal");
    let [item] = &data.items[..] else {
        panic!("{:?}", data.items);
    };
    assert_eq!((item.name.as_str(), item.note.as_str()), ("账册", "退还"));
}

#[test]
fn the_review_of_the_defence_says_what_was_adopted_and_the_decision_why() {
    let mut sample = fined();
    let track = &mut sample.state.parties[0];
    track.defence = vec!["请求从轻".to_owned(), "数额有误".to_owned()];
    track.notified = track.decided.clone();
    track
        .facts
        .insert("defence".to_owned(), "rejected".to_owned());
    let answers = points(&["无法定从轻情形", "计算无误，该意见不成立，不予采纳"]);
    let review = acted(
        "A29.keep",
        Some("p1"),
        Fields::from([("answers".to_owned(), answers)]),
    );
    let data = sample.after(Vec::new(), &review, "defence_review");
    let results: Vec<&str> = data.points.iter().map(|p| p.result.as_str()).collect();
    assert_eq!(results, ["不予采纳", "不予采纳"]);
    let partly = points(&["部分采纳，已调整数额", "成立，予以采纳"]);
    let adopt = acted(
        "A29.adopt",
        Some("p1"),
        Fields::from([("answers".to_owned(), partly)]),
    );
    let data = sample.after(Vec::new(), &adopt, "defence_review");
    let results: Vec<&str> = data.points.iter().map(|p| p.result.as_str()).collect();
    assert_eq!(results, ["部分采纳", "采纳"]);

    sample.state.papers.push((
        1,
        Issued {
            paper_id: "N".to_owned(),
            template: "penalty_notice".to_owned(),
            title: "行政处罚告知书".to_owned(),
            number: Some("（某）应急罚告〔2026〕3号".to_owned()),
            party: Some("p1".to_owned()),
            on: DAY,
            digest: String::new(),
            template_digest: None,
            size_bytes: 1,
            media_type: String::new(),
            order: 1,
            pages: 1,
        },
    ));
    sample.state.apply(
        &casework::effect::Effect::Start {
            limit: "N-SB".to_owned(),
            party: Some("p1".to_owned()),
            on: date(2026, 3, 6),
            span: casework::effect::Span::Until(date(2026, 3, 13)),
            roll: law::term::Roll::Stay,
        },
        DAY,
    );
    let decision = acted("A33", Some("p1"), Fields::new());
    let mut data = sample.after(vec![review], &decision, "penalty_decision");
    data.party.address = "某路一号".to_owned();
    data.evidence.push(c::Evidence::default());
    let Some(words) = printed("penalty_decision", &data) else {
        return;
    };
    for wanted in [
        "2026年3月6日，本机关向当事人送达《行政处罚告知书》（（某）应急罚告〔2026〕3号）",
        "复核意见和理由：1．无法定从轻情形",
    ] {
        assert!(words.contains(wanted), "{wanted}: {words}");
    }
}

#[test]
fn a_guardian_is_named_for_a_child_and_for_nobody_else() {
    let education = || Fields::from([("education".to_owned(), text("已批评教育"))]);
    let data = |kind: PartyKind, excuse, basis: &str| {
        let mut sample = fined();
        let track = &mut sample.state.parties[0];
        track.party.kind = kind;
        let decided = track.decided.as_mut().unwrap();
        decided.penalties.clear();
        decided.excuse = Some(excuse);
        decided.basis = vec![basis.to_owned()];
        let event = acted("A34", Some("p1"), education());
        sample
            .after(Vec::new(), &event, "no_penalty_decision")
            .field
    };
    let company = data(
        PartyKind::Organization,
        Excuse::Minor,
        "《行政处罚法》第三十三条第一款",
    );
    assert!(!company.contains_key("guardian_duty"));
    let child = data(PartyKind::Person, Excuse::AgeMind, "《行政处罚法》第三十条");
    assert_eq!(child["guardian_duty"], "责令监护人加以管教。");
    assert!(child["no_penalty_reason"].contains("第三十条，"));
    let ill = data(
        PartyKind::Person,
        Excuse::AgeMind,
        "《行政处罚法》第三十一条",
    );
    assert_eq!(ill["guardian_duty"], "责令其监护人严加看管和治疗。");
    assert!(!ill["no_penalty_reason"].contains("第三十条"));
}

#[test]
fn receipt_and_urging_letter_tell_how_and_when_the_decision_was_served() {
    let mut sample = fined();
    let sent = Fields::from([
        ("method".to_owned(), text("post")),
        ("tracking".to_owned(), text("EMS123")),
    ]);
    let sent = acted("A35.send", Some("p1"), sent);
    let arrived = Fields::from([
        ("recipient".to_owned(), text("王某")),
        ("place".to_owned(), text("某路一号")),
    ]);
    let arrived = acted("A35.arrived", Some("p1"), arrived);
    let service = sample
        .after(vec![sent], &arrived, "service_receipt")
        .service;
    assert_eq!(service.method, "邮寄送达");
    assert_eq!(service.place, "某路一号");
    assert!(service.note.contains("EMS123"));

    sample.state.apply(
        &casework::effect::Effect::Start {
            limit: "FY-20".to_owned(),
            party: Some("p1".to_owned()),
            on: date(2026, 4, 2),
            span: casework::effect::Span::Until(date(2026, 6, 1)),
            roll: law::term::Roll::Stay,
        },
        DAY,
    );
    let urged = acted("A41.serve", Some("p1"), Fields::new());
    let field = sample.after(Vec::new(), &urged, "urging_letter").field;
    assert_eq!(field["served_on"], "2026年4月2日");
    assert_eq!(field["perform_days_text"], "10个工作日");
}

#[test]
fn a_warning_takes_effect_and_the_police_answer_is_told() {
    let mut sample = Sample::new(&[(PenaltyKind::Warning, 0)]);
    let refused = "police_refused".to_owned();
    sample.state.facts.insert("crime".to_owned(), refused);
    let event = acted("A33", Some("p1"), Fields::new());
    let field = sample.after(Vec::new(), &event, "penalty_decision").field;
    assert_eq!(field["performance"], "警告：自本决定书送达之日起生效。");
    assert_eq!(field["crime_suspicion"], "曾移送公安机关，公安机关不予立案");
}

#[test]
fn a_party_whose_track_has_ended_stands_in_no_proposal() {
    let mut sample = fined().with_second("李四", PartyKind::Person, 200_000);
    let ended = ("decision".to_owned(), "ended".to_owned());
    sample.state.parties[0].facts.extend([ended]);
    let event = acted("A19", None, Fields::new());
    let data = sample.after(Vec::new(), &event, "investigation_report");
    let names: Vec<&str> = data.proposals.iter().map(|o| &*o.party.name).collect();
    assert_eq!(names, ["李四"]);
    assert_eq!(data.party.name, "李四");
    let Some(words) = printed("case_disposition_approval", &data) else {
        return;
    };
    assert!(words.contains("2,000.00"), "{words}");
    assert!(!words.contains("不予行政处罚"), "{words}");
}

#[test]
fn a_discussion_that_ends_the_case_records_no_penalty() {
    let vote = casework::field::Vote {
        person: "刘国安".to_owned(),
        agrees: true,
        view: String::new(),
    };
    let fields = Fields::from([
        ("votes".to_owned(), FieldValue::Votes(vec![vote])),
        ("ground".to_owned(), text("limitation")),
        ("reason".to_owned(), text("违法行为三年前终了")),
        ("record".to_owned(), text("一致同意终止")),
    ]);
    let event = acted("A32.end", None, fields);
    let data = fined().after(Vec::new(), &event, "collective_discussion");
    let Some(words) = printed("collective_discussion", &data) else {
        return;
    };
    assert!(words.contains("终止事由：已过追诉时效"), "{words}");
    assert!(words.contains("违法行为三年前终了"), "{words}");
    assert!(!words.contains("第五十七条第二款"), "{words}");
    assert!(!words.contains("8,000.00"), "{words}");
}

#[test]
fn a_decision_tells_the_day_of_its_order_and_a_channel_only_for_service_online() {
    let mut sample = fined();
    sample.state.parties[0].decided.as_mut().unwrap().correction = "建立台账".to_owned();
    let until = FieldValue::Date(date(2026, 4, 30));
    let fields = Fields::from([
        ("correct_until".to_owned(), until),
        ("online_review_channel".to_owned(), text("某平台")),
    ]);
    sample.state.parties[0].party.address = "某路一号".to_owned();
    let event = acted("A33", Some("p1"), fields);
    let mut data = sample.after(Vec::new(), &event, "penalty_decision");
    data.evidence.push(c::Evidence::default());
    let Some(words) = printed("penalty_decision", &data) else {
        return;
    };
    assert!(words.contains("于2026年4月30日（含）以前改正"), "{words}");
    assert!(words.contains("通过互联网渠道送达的，提交"), "{words}");
}
