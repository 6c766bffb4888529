//! The papers of the second group: what each says, from the step that issues it.

use super::wording::{acted, fined, printed};
use super::*;

pub(super) fn on(month: i8, day: i8) -> FieldValue {
    FieldValue::Date(date(2026, month, day))
}

pub(super) fn given<const N: usize>(fields: [(&str, FieldValue); N]) -> Fields {
    fields.map(|(id, value)| (id.to_owned(), value)).into()
}

/// A case with a decision that was issued and served.
pub(super) fn decided() -> Sample {
    let mut sample = fined();
    let track = &mut sample.state.parties[0];
    track.decision_number = Some("（某）应急罚〔2026〕3号".to_owned());
    let issued = Issued {
        paper_id: "D".to_owned(),
        template: "penalty_decision".to_owned(),
        title: "行政处罚决定书".to_owned(),
        number: track.decision_number.clone(),
        party: Some("p1".to_owned()),
        on: DAY,
        digest: String::new(),
        template_digest: None,
        size_bytes: 1,
        media_type: String::new(),
        order: 1,
        pages: 1,
    };
    sample.state.papers.push((1, issued));
    sample
}

pub(super) fn owing(money: &str) -> Sample {
    let mut sample = decided();
    let facts = &mut sample.state.parties[0].facts;
    facts.insert("money".to_owned(), money.to_owned());
    sample
}

/// What the ruling on the decision of the first party is called.
pub(super) fn ruling() -> CaseActed {
    let fields = given([("document", text("某复决〔2026〕5号"))]);
    acted("A45.result", Some("p1"), fields)
}

/// Every paper says `wanted` and none of `unwanted`; without fonts nothing is looked at.
pub(super) fn says(
    sample: &Sample,
    earlier: Vec<CaseActed>,
    (step, party, fields): (&str, Option<&str>, Fields),
    template: &str,
    (wanted, unwanted): (&[&str], &[&str]),
) {
    let data = sample.after(earlier, &acted(step, party, fields), template);
    let Some(words) = printed(template, &data) else {
        return;
    };
    for w in wanted {
        assert!(words.contains(w), "{template} lacks {w}: {words}");
    }
    for w in unwanted {
        assert!(!words.contains(w), "{template} has {w}: {words}");
    }
}

#[test]
fn every_paper_that_the_pack_names_has_a_template_and_a_step_and_the_reverse() {
    let sample = fined();
    let issued: std::collections::BTreeSet<&str> = sample
        .pack
        .steps
        .iter()
        .flat_map(|step| &step.papers)
        .map(|paper| paper.template.as_str())
        .collect();
    let named: std::collections::BTreeSet<&str> =
        sample.pack.papers.keys().map(String::as_str).collect();
    assert_eq!(issued, named);
    let templates = papers::builtin_templates();
    let own: std::collections::BTreeSet<&str> = templates
        .iter()
        // The public copy is made by the job of publication; the others are modules without a title.
        .filter(|(name, source)| source.contains("#let needs") && *name != "public_decision")
        .map(|(name, _)| name.as_str())
        .collect();
    assert_eq!(own, named);
}

#[test]
fn approvals_say_ground_and_term() {
    let lead = acted("A01", None, given([("clue", text("群众举报未建台账"))]));
    let found = given([("reason", text("现场未见违法情形"))]);
    let found = acted("A02.assess", None, found);
    let fields = given([("unmet", text("no_fact")), ("reason", text("台账齐全"))]);
    let words = [
        "群众举报未建台账",
        "核查情况：现场未见违法情形",
        "没有违法事实",
        "第五十四条第二款",
    ];
    says(
        &fined(),
        vec![lead, found],
        ("A04", None, fields),
        "no_filing_approval",
        (&words, &[]),
    );
    let whole = given([
        ("ground", text("duplicate")),
        ("reason", text("已另案立案")),
    ]);
    let words = ["重复立案", "尚未告知处罚，无须告知"];
    let plan = ("A16", None, whole);
    says(
        &fined(),
        Vec::new(),
        plan,
        "termination_approval",
        (&words, &["已死亡"]),
    );
    let one = given([("reason", text("注销登记证明"))]);
    let plan = ("A16.party", Some("p1"), one);
    let words = ["没有权利义务承受人", "该当事人"];
    says(
        &fined(),
        Vec::new(),
        plan,
        "termination_approval",
        (&words, &["尚未告知处罚"]),
    );
    let stopped = acted("A15.suspend", None, given([("reason", text("等待鉴定"))]));
    let plan = ("A15.resume", None, given([("reason", text("鉴定已出"))]));
    says(
        &fined(),
        vec![stopped],
        plan,
        "resumption_approval",
        (&["中止日期2026年3月12日", "鉴定已出"], &[]),
    );
}

#[test]
fn an_extension_says_the_days_before_and_after_and_the_rule() {
    let mut sample = fined();
    let start = casework::effect::Effect::Start {
        limit: "CF-60".to_owned(),
        party: None,
        on: date(2026, 3, 1),
        span: casework::effect::Span::Term(90, law::term::Unit::Day, law::term::Direction::Forward),
        roll: law::term::Roll::Stay,
    };
    sample.state.apply(&start, DAY);
    let extended = casework::effect::Effect::Extended {
        limit: "CF-60".to_owned(),
        party: None,
        extension: casework::effect::Extension {
            count: 30,
            reason: "案情复杂".to_owned(),
            basis: "《某省规定》第八条".to_owned(),
            approved_by: "刘国安".to_owned(),
            on: DAY,
        },
    };
    sample.state.apply(&extended, DAY);
    let event = ("A51", None, given([("reason", text("案情复杂"))]));
    let words = ["30日", "2026年6月29日", "《某省规定》第八条", "九十日"];
    says(
        &sample,
        Vec::new(),
        event,
        "extension_approval",
        (&words, &[]),
    );
}

#[test]
fn a_recusal_is_granted_or_refused_by_name() {
    let who = || ("who", FieldValue::Persons(vec!["陈立".to_owned()]));
    let asked = given([who(), ("reason", text("系亲属"))]);
    let asked = || vec![acted("A06.request", None, asked.clone())];
    let because = |words: &str| given([who(), ("reason", text(words))]);
    let refused = ("A06.refuse", None, because("不存在亲属关系。"));
    let words = [
        "收到关于陈立同志的回避申请",
        "不存在亲属关系",
        "依据《中华人民共和国行政处罚法》第四十三条有关回避的规定",
        "驳回关于陈立同志的回避申请，陈立同志继续",
    ];
    // What the applicant says of the officer stays in the dossier.
    says(
        &fined(),
        asked(),
        refused,
        "recusal_decision",
        (&words, &["不再参与", "系亲属", "有申请要求"]),
    );
    let granted = ("A06.grant", None, because("情况属实。"));
    let words = ["陈立同志回避，自本决定作出之日起不再参与本案的办理"];
    let plain = (&words[..], &["驳回", "第六十四条"][..]);
    says(&fined(), asked(), granted, "recusal_decision", plain);
    // Of two who were named each is answered.
    let two = FieldValue::Persons(vec!["陈立".to_owned(), "林晓".to_owned()]);
    let both = given([("who", two), ("reason", text("系亲属"))]);
    let both = vec![acted("A06.request", None, both)];
    let granted = ("A06.grant", None, because("情况属实。"));
    let words = [
        "收到关于陈立同志、林晓同志的回避申请",
        "陈立同志回避，自本决定作出之日起不再参与本案的办理",
        "驳回关于林晓同志的回避申请，林晓同志继续依法履行职责",
    ];
    says(&fined(), both, granted, "recusal_decision", (&words, &[]));
    let mut hosted = fined();
    let host = ["陈立".to_owned()].into();
    hosted.state.roles.insert("hearing_host".to_owned(), host);
    let granted = ("A06.grant", None, because("情况属实。"));
    let words = ["第四十三条和第六十四条第四项"];
    says(&hosted, asked(), granted, "recusal_decision", (&words, &[]));
}

#[test]
fn a_suspected_crime_is_reported_transferred_or_not() {
    let report = given([("report", text("造成一人死亡"))]);
    let report = || vec![acted("A17.suspect", None, report.clone())];
    let sent = || {
        given([
            ("police", text("某县公安局")),
            ("materials", text("移送书一份")),
        ])
    };
    let plan = ("A17.transfer", None, sent());
    let words = [
        "某县公安局：",
        "造成一人死亡",
        "第二十七条第一款",
        "书面告知",
        "发现本案涉嫌犯罪的行为",
        "本案当事人：甲公司、李四",
        "经本机关正职负责人或者主持工作的负责人批准",
    ];
    // Who of them is suspected no field says.
    says(
        &fined().with_second("李四", PartyKind::Person, 200_000),
        report(),
        plan,
        "crime_transfer",
        (&words, &["李四的行为"]),
    );
    let plan = ("A17.transfer", None, sent());
    let words = ["批准移送", "造成一人死亡"];
    says(
        &fined(),
        report(),
        plan,
        "crime_transfer_approval",
        (&words, &["审批结果不批准移送"]),
    );
    let refused = given([("reason", text("达不到立案标准"))]);
    let plan = ("A17.reject", None, refused);
    let words = ["审批结果不批准移送", "达不到立案标准"];
    says(
        &fined(),
        report(),
        plan,
        "crime_transfer_approval",
        (&words, &[]),
    );
    let thing = casework::field::Thing {
        name: "雷管".to_owned(),
        spec: String::new(),
        count: "2枚".to_owned(),
        note: String::new(),
    };
    let handed = given([("items", FieldValue::Items(vec![thing]))]);
    let mut before = report();
    before.push(acted("A17.transfer", None, sent()));
    let plan = ("A18.handed", None, handed);
    let words = ["接收机关：某县公安局", "雷管", "2枚"];
    says(&fined(), before, plan, "crime_handover_list", (&words, &[]));
}

const SIXTY: &str = "六十日内向某县人民政府申请行政复议";
const HALF_YEAR: &str = "六个月内向某县人民法院提起行政诉讼";

#[test]
fn papers_about_money_name_decision_amounts_and_remedies() {
    let added = || ("added", FieldValue::Money(24_000));
    let fields = given([added(), ("computation", text("1日"))]);
    let plan = ("A39.decide", Some("p1"), fields);
    let words = [
        "（某）应急罚〔2026〕3号",
        "加处罚款人民币贰佰肆拾元整",
        "第七十三条第三款",
        SIXTY,
        HALF_YEAR,
    ];
    says(
        &owing("overdue"),
        Vec::new(),
        plan,
        "surcharge_decision",
        (&words, &[]),
    );
    let until = || ("deferred_until", on(9, 30));
    let fields = given([("hardship", text("停产")), until()]);
    let plan = ("A38.grant", Some("p1"), fields);
    let words = [
        "合计人民币捌仟元整",
        "于2026年9月30日（含）以前缴清",
        "延期（分期）期间不加处罚款",
    ];
    says(
        &owing("deferred"),
        Vec::new(),
        plan,
        "deferral_approval",
        (&words, &[]),
    );
    let plan = (
        "A38.refuse",
        Some("p1"),
        given([("reason", text("账户余额充足"))]),
    );
    let words = ["账户余额充足", SIXTY, HALF_YEAR];
    says(
        &owing("overdue"),
        Vec::new(),
        plan,
        "deferral_refusal",
        (&words, &[]),
    );
    let remedial = ("remedial", text("已清理现场"));
    let fields = given([("terms", text("分三期缴纳")), remedial, added(), until()]);
    let plan = ("A39.agreement", Some("p1"), fields);
    let words = [
        "分三期缴纳",
        "乙方采取的补救措施：已清理现场",
        "协议确定为人民币贰佰肆拾元整",
        "第四十二条第一款",
        "恢复强制执行",
    ];
    says(
        &owing("agreement"),
        Vec::new(),
        plan,
        "execution_agreement",
        (&words, &[]),
    );
}

#[test]
fn an_application_to_the_court_says_duty_urging_and_remedies() {
    let mut sample = owing("overdue");
    let start = casework::effect::Effect::Start {
        limit: "QZ-54".to_owned(),
        party: Some("p1".to_owned()),
        on: date(2026, 11, 2),
        span: casework::effect::Span::Until(date(2026, 11, 16)),
        roll: law::term::Roll::Next,
    };
    sample.state.apply(&start, DAY);
    let urged = given([("duty", text("缴纳罚款8000元"))]);
    let urged = || vec![acted("A41.serve", Some("p1"), urged.clone())];
    let plan = || {
        (
            "A42.apply",
            Some("p1"),
            given([("court", text("某县人民法院"))]),
        )
    };
    let words = [
        "某县人民法院：",
        "缴纳罚款8000元",
        "未申请行政复议，也未提起行政诉讼",
        "于2026年11月2日向被申请人送达催告书",
        "第五十三条",
        "行政机关负责人（签名）",
    ];
    says(
        &sample,
        urged(),
        plan(),
        "court_application",
        (&words, &["终结"]),
    );
    let facts = &mut sample.state.parties[0].facts;
    facts.insert("remedy".to_owned(), "upheld".to_owned());
    says(
        &sample,
        urged(),
        plan(),
        "court_application",
        (&["已经终结，上述决定未被撤销或者变更"], &["未申请行政复议"]),
    );
}

#[test]
fn a_revocation_tells_remedies_unless_it_carries_out_a_ruling() {
    let reason = || given([("reason", text("主要证据不足"))]);
    let own = ("A46.redo", Some("p1"), reason());
    let words = [
        "主要证据不足",
        "第七十五条第二款",
        "决定撤销上述决定",
        "重新调查处理",
        SIXTY,
        HALF_YEAR,
    ];
    let mut sample = decided();
    // The new round has taken the number from the track; the paper of before still has it.
    sample.state.parties[0].decision_number = None;
    says(
        &sample,
        Vec::new(),
        own,
        "revocation_decision",
        (&words, &["已经生效的行政复议"]),
    );
    let facts = &mut sample.state.parties[0].facts;
    facts.insert("remedy".to_owned(), "revoked".to_owned());
    facts.insert("refund".to_owned(), "due".to_owned());
    let ruled = ("A46.revoke", Some("p1"), reason());
    let words = [
        "上述决定已经某复决〔2026〕5号撤销，不再执行",
        "按照已经生效的行政复议决定或者裁判办理",
        "不能恢复原状或者退还财物的，依法给予赔偿",
    ];
    says(
        &sample,
        vec![ruling()],
        ruled,
        "revocation_decision",
        (
            &words,
            &[
                "六十日",
                "重新调查处理",
                "第七十五条",
                "本机关决定撤销上述决定",
            ],
        ),
    );
    let facts = &mut sample.state.parties[0].facts;
    facts.insert("remedy".to_owned(), "redo".to_owned());
    let ruled = ("A46.revoke", Some("p1"), reason());
    says(
        &sample,
        vec![ruling()],
        ruled,
        "revocation_decision",
        (&["5号撤销", "重新调查处理"], &["第七十五条", "六十日"]),
    );
}

#[test]
fn a_change_shows_what_is_decided_now_and_opens_no_new_term() {
    let mut sample = decided();
    let mut proposed = sample.state.parties[0].decided.clone().unwrap();
    proposed.penalties[0].amount_fen = Some(9_900_000);
    sample.state.proposal = vec![proposed];
    let fields = given([("content", text("变更为罚款八千元"))]);
    let plan = ("A46.change", Some("p1"), fields);
    let words = ["变更为罚款八千元", "8,000.00", "不另行起算"];
    says(
        &sample,
        Vec::new(),
        plan,
        "change_notice",
        (&words, &["六十日", "六个月", "99,000"]),
    );
    let fields = given([("wrong", text("二月三十日")), ("right", text("三月二日"))]);
    let plan = ("A36", Some("p1"), fields);
    let words = ["“二月三十日”", "“三月二日”", "（某）应急罚〔2026〕3号"];
    says(
        &decided(),
        Vec::new(),
        plan,
        "clerical_correction",
        (&words, &[]),
    );
}

#[test]
fn an_announcement_says_what_is_served_and_runs_from_deemed_service() {
    let carrier = || given([("carrier", text("政府网站"))]);
    let plan = ("A35.announce", Some("p1"), carrier());
    let words = [
        "《行政处罚决定书》",
        "经过三十日，即视为送达",
        "8,000.00",
        "自本公告期满视为送达之日起六十日内",
        "政府网站",
    ];
    says(
        &decided(),
        Vec::new(),
        plan,
        "service_announcement",
        (&words, &["拟依据"]),
    );
    let mut sample = decided();
    let (_, paper) = &mut sample.state.papers[0];
    paper.template = "penalty_hearing_notice".to_owned();
    paper.title = "行政处罚听证告知书".to_owned();
    let facts = &mut sample.state.parties[0].facts;
    facts.insert("hearing_due".to_owned(), "yes".to_owned());
    // What is announced of the facts is written for the public.
    let announced = given([
        ("carrier", text("政府网站")),
        ("public_facts", text("未取得许可从事经营")),
    ]);
    let plan = ("A24.announce", Some("p1"), announced);
    let words = [
        "经查，未取得许可从事经营",
        "违反了《安全生产法》第四十一条的规定",
        "本机关拟依据",
        "有权进行陈述和申辩",
        "有权要求举行听证",
        "因采用其他方式无法向你单位送达，",
    ];
    let missed = given([("ground", text("other")), ("record", text("三次未遇"))]);
    says(
        &sample,
        vec![acted("A35.unreachable", Some("p1"), missed)],
        plan,
        "service_announcement",
        (&words, &["六十日", "下落不明", "三次未遇", "未经许可经营"]),
    );
}

#[test]
fn a_publication_is_approved_or_withheld_with_its_ground() {
    let fields = given([
        ("secrecy_checked", FieldValue::YesNo(true)),
        ("public_facts", text("未建立台账")),
    ]);
    let plan = ("A47.publish", Some("p1"), fields);
    let words = [
        "拟办意见予以公开",
        "公开的违法事实未建立台账",
        "已作保密审查是",
    ];
    says(
        &decided(),
        Vec::new(),
        plan,
        "publication_approval",
        (&words, &["不予公开"]),
    );
    let fields = given([("ground", text("minor")), ("reason", text("十六岁"))]);
    let plan = ("A47.withhold", Some("p1"), fields);
    let words = ["拟办意见不予公开", "未成年人", "十六岁"];
    says(
        &decided(),
        Vec::new(),
        plan,
        "publication_approval",
        (&words, &["予以公开保密"]),
    );
}

#[test]
fn appraisal_and_electronic_service_speak_to_whom_they_concern() {
    let thing = casework::field::Thing {
        name: "液体样品".to_owned(),
        spec: "500毫升".to_owned(),
        count: "2瓶".to_owned(),
        note: String::new(),
    };
    let fields = given([
        ("items", FieldValue::Items(vec![thing])),
        ("laboratory", text("某检验中心")),
        ("question", text("闪点")),
    ]);
    let plan = ("A10.sample", None, fields);
    let words = ["某检验中心：", "液体样品", "鉴定事项：闪点"];
    says(
        &fined(),
        Vec::new(),
        plan,
        "appraisal_commission",
        (&words, &[]),
    );
    let two = fined().with_second("李四", PartyKind::Person, 200_000);
    let fields = given([("result", text("属于易燃液体")), ("told_on", on(3, 12))]);
    let plan = ("A10.result", None, fields);
    let words = ["甲公司、李四：", "属于易燃液体", "查证属实"];
    says(&two, Vec::new(), plan, "appraisal_notice", (&words, &[]));
    let fields = given([("signer", text("王某")), ("address", text("a@example.com"))]);
    let plan = ("A35.confirm", Some("p1"), fields);
    let words = [
        "电子送达地址为：a@example.com",
        "签署人：王某",
        "第六十一条第二款",
    ];
    says(
        &fined(),
        Vec::new(),
        plan,
        "electronic_service_confirmation",
        (&words, &[]),
    );
}

#[test]
fn the_index_lists_each_volume_with_receipts_behind_what_they_served_and_real_pages() {
    let mut sample = decided();
    let paper = |template: &str, order: u32, pages: u32, number: &str| {
        let (_, like) = &decided().state.papers[0];
        let of_party = !matches!(template, "case_filing_approval" | "legal_review_opinion");
        Issued {
            template: template.to_owned(),
            title: sample.pack.papers[template].title.clone(),
            number: (!number.is_empty()).then(|| number.to_owned()),
            party: like.party.clone().filter(|_| of_party),
            order,
            pages,
            ..like.clone()
        }
    };
    let papers = [
        paper("case_filing_approval", 10, 2, ""),
        paper("legal_review_opinion", 42, 3, "审1"),
        paper("penalty_notice", 50, 2, "告1"),
        paper("service_announcement", 5, 1, "公1"),
        paper("service_receipt", 3, 1, ""),
        paper("penalty_decision", 1, 4, "罚1"),
        paper("service_receipt", 3, 1, ""),
    ];
    sample.state.papers = papers.into_iter().map(|p| (1, p)).collect();
    sample.state.evidence = vec![EvidenceItem {
        kind: "documentary".to_owned(),
        name: "账册".to_owned(),
        origin: String::new(),
        proves: String::new(),
        file: Some(casework::field::FileRef {
            name: "账册.pdf".to_owned(),
            digest: String::new(),
            size_bytes: 1,
            media_type: String::new(),
        }),
    }];
    let facts = &mut sample.state.parties[0].facts;
    facts.insert("decision".to_owned(), "penalty".to_owned());
    let event = acted("A50", None, given([("retention", text("30年"))]));
    let index = sample.after(Vec::new(), &event, "dossier_index");
    let rows = index.items.iter();
    let rows: Vec<_> = rows
        .map(|i| (&*i.volume, &*i.no, &*i.name, &*i.page))
        .collect();
    assert_eq!(
        rows,
        [
            ("正卷", "1", "行政处罚决定书", "1"),
            ("正卷", "2", "送达回证", "5"),
            ("正卷", "3", "立案审批表", "6"),
            ("正卷", "4", "行政处罚告知书", "8"),
            ("正卷", "5", "送达公告", "10"),
            ("正卷", "6", "送达回证", "11"),
            ("正卷", "7", "账册（账册.pdf）", ""),
            ("副卷", "1", "法制审核意见书", "1"),
        ]
    );
    let cover = sample.after(Vec::new(), &event, "dossier_cover");
    assert_eq!(cover.paper.pages, "正卷11页，副卷3页");
    assert_eq!(cover.field["paper_count"], "8");
    assert_eq!(cover.field["volume"], "正卷、副卷");
    assert!(
        cover.field["result"].contains("8,000.00"),
        "{}",
        cover.field["result"]
    );
    let Some(words) = printed("dossier_index", &index) else {
        return;
    };
    let at = |w: &str| words.find(w).unwrap_or_else(|| panic!("{w}: {words}"));
    assert!(at("附件另附") < at("副卷") && at("副卷") < at("法制审核意见书"));
}

#[test]
fn a_supplement_lists_what_came_after_filing_and_what_it_adds_on_pages_of_its_own() {
    let mut sample = decided();
    let (_, decision) = sample.state.papers[0].clone();
    let paper = |id: &str, template: &str, order: u32, pages: u32| Issued {
        paper_id: id.to_owned(),
        template: template.to_owned(),
        title: sample.pack.papers[template].title.clone(),
        order,
        pages,
        ..decision.clone()
    };
    let later = [
        (2, paper("E", "court_application", 71, 2)),
        (2, paper("F", "collective_discussion", 60, 1)),
        (3, paper("G", "clerical_correction", 8, 1)),
    ];
    let before = sample.state.papers.clone();
    sample.state.papers.extend(later);
    let note = ("note", text("法院受理通知书"));
    let event = acted("A50.supplement", None, given([note]));
    let filed = acted("A50", None, given([("retention", text("30年"))]));
    let rows = |data: &papers::PaperData| -> Vec<[String; 4]> {
        let row = |i: &papers::Item| {
            [
                i.volume.clone(),
                i.no.clone(),
                i.name.clone(),
                i.page.clone(),
            ]
        };
        data.items.iter().map(row).collect()
    };
    let data = sample.after(vec![filed.clone()], &event, "supplement_index");
    assert_eq!(
        rows(&data),
        [
            ["正卷", "1", "补正通知书", "1"],
            ["正卷", "2", "强制执行申请书", "2"],
            ["副卷", "1", "案件集体讨论记录", "1"],
        ]
    );
    if let Some(words) = printed("supplement_index", &data) {
        for part in ["补充卷（正卷）", "补充卷（副卷）", "法院受理通知书"] {
            assert!(words.contains(part), "{part}: {words}");
        }
        assert!(!words.contains("行政处罚决定书"), "{words}");
    }
    // Material on paper alone stands in the index by what is said of it.
    sample.state.papers = before;
    let data = sample.after(vec![filed], &event, "supplement_index");
    assert_eq!(rows(&data), [["正卷", "1", "法院受理通知书", ""]]);
}
