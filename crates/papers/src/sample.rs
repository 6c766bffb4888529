//! An invented case that fills the whole contract, for previews and tests.

use crate::contract::{
    Bureau, Case, Evidence, FormField, Item, Kind, Limits, Opinion, Paper, PaperData, Party,
    PartyProposal, Person, Point, Proposal, Service, Verify, Vote,
};

impl PaperData {
    /// An invented case with every field of the contract filled; names contain rare characters.
    #[must_use]
    pub fn sample() -> Self {
        let party = party();
        Self {
            paper: Paper {
                id: "P-2026-000123".into(),
                title: "行政处罚决定书".into(),
                number: "（青）应急罚〔2026〕12号".into(),
                on: "2026年4月20日".into(),
                pages: "86".into(),
            },
            bureau: bureau(),
            case: Case {
                number: "（青）应急立〔2026〕7号".into(),
                name: "青川市鑫垚化工有限公司未按照规定对从业人员进行安全生产教育和培训案".into(),
                cause: "未按照规定对从业人员进行安全生产教育和培训".into(),
                source: "监督检查发现".into(),
                discovered_on: "2026年3月2日".into(),
                filed_on: "2026年3月4日".into(),
                stage: "决定送达".into(),
            },
            parties: vec![party.clone()],
            proposals: vec![PartyProposal {
                party: party.clone(),
                proposal: proposal(),
            }],
            party,
            proposal: proposal(),
            limits: Limits {
                defence_days_text: "5个工作日".into(),
                hearing_days_text: "5个工作日".into(),
                payment_days_text: "15日".into(),
                correction_until: "2026年5月10日".into(),
            },
            fields: vec![FormField {
                id: "on_duty".into(),
                title: "现场在岗人数".into(),
                value: "14人".into(),
            }],
            field: FIELDS
                .iter()
                .map(|(id, value)| ((*id).to_owned(), (*value).to_owned()))
                .collect(),
            people: people(),
            opinions: opinions(),
            evidence: evidence(),
            points: points(),
            votes: votes(),
            items: items(),
            service: Service {
                paper: "行政处罚决定书".into(),
                number: "（青）应急罚〔2026〕12号".into(),
                method: "直接送达".into(),
                place: "青川市鑫垚化工有限公司办公室".into(),
                at: "2026年4月21日10时20分".into(),
                recipient: "陈喆".into(),
                note: "当场交付，签收。".into(),
            },
            origin_note: "模拟时钟·演示数据".into(),
            verify: Verify {
                paper_id: "P-2026-000123".into(),
                url: "http://127.0.0.1:8080/papers/P-2026-000123".into(),
            },
        }
    }
}

fn bureau() -> Bureau {
    Bureau {
        name: "青川市应急管理局".into(),
        short: "市应急局".into(),
        address: "青川市人民路18号".into(),
        phone: "0999-1234567".into(),
        postcode: "999000".into(),
        government: "青川市人民政府".into(),
        court: "青川市人民法院".into(),
        bank: "青川农村商业银行营业部".into(),
        bank_account: "6200 0000 0000 0000".into(),
    }
}

fn party() -> Party {
    Party {
        kind: "organization".into(),
        name: "青川市鑫垚化工有限公司".into(),
        code_label: "统一社会信用代码".into(),
        code: "91350100M000100Y43".into(),
        representative: "陈喆".into(),
        address: "青川市工业园区创业路9号".into(),
        phone: "0999-7654321".into(),
    }
}

fn proposal() -> Proposal {
    Proposal {
        facts: "2026年3月2日，本机关执法人员对青川市鑫垚化工有限公司进行监督检查时发现，该公司3名新上岗操作人员（刘堃、王玥、赵喆）自2026年1月5日上岗以来，未接受岗前安全生产教育和培训，培训档案中没有三人的培训、考核记录。\n经询问该公司安全管理员和三名操作人员，均承认未组织岗前培训。截至调查终结，该公司已对三人补做培训并考核合格。".into(),
        characterization: "未按照规定对从业人员进行安全生产教育和培训的违法行为".into(),
        violated: vec!["《中华人民共和国安全生产法》第二十八条第一款".into()],
        basis: vec!["《中华人民共和国安全生产法》第九十七条第三项".into()],
        discretion: "该公司系初次违法，未造成危害后果，在规定期限内已补做培训，综合考虑违法行为的事实、性质、情节和社会危害程度，按照本省裁量基准“一般”档次处罚。".into(),
        kinds: vec![
            Kind { name: "罚款".into(), text: "罚款人民币叁万元整（￥30,000.00）".into() },
        ],
        fine_capital: "人民币叁万元整".into(),
        fine_figures: "30,000.00".into(),
        correction: "立即完善岗前安全生产教育和培训制度，未经培训合格的人员不得上岗作业。".into(),
        illegal_gains: "本案没有违法所得。".into(),
        gains_capital: String::new(),
        gains_figures: String::new(),
    }
}

fn person(duty: &str, role: &str, name: &str, card: &str) -> Person {
    Person {
        duty: duty.into(),
        role: role.into(),
        name: name.into(),
        card: card.into(),
        on: String::new(),
    }
}

fn people() -> Vec<Person> {
    vec![
        Person {
            on: "2026年3月2日".into(),
            ..person("handler", "主办人员", "李建国", "G9900101")
        },
        Person {
            on: "2026年3月2日".into(),
            ..person("handler", "协办人员", "周玥", "G9900102")
        },
        person("recorder", "记录人", "吴琳", ""),
        person("interviewee", "被询问人", "刘堃", ""),
        person("site_manager", "现场负责人", "陈喆", ""),
        person("witness", "见证人", "何平", ""),
        person("party_agent", "委托代理人", "孙律", ""),
        person("host", "主持人", "郑法", "G9900201"),
        person("hearing_officer", "听证员", "冯正", "G9900202"),
        person("reviewer", "法制审核员", "韩审", "G9900203"),
        person("server", "送达人", "李建国", "G9900101"),
        person("server", "送达人", "周玥", "G9900102"),
        person("recipient", "签收人", "陈喆", ""),
        person("attendee", "列席人", "许言", ""),
        person("archivist", "立卷人", "沈档", ""),
    ]
}

fn opinions() -> Vec<Opinion> {
    let opinion = |role: &str, name: &str, card: &str, text: &str, on: &str| Opinion {
        role: role.into(),
        name: name.into(),
        card: card.into(),
        opinion: text.into(),
        on: on.into(),
    };
    vec![
        opinion(
            "承办人",
            "李建国",
            "G9900101",
            "事实清楚，证据确凿，建议按拟处理意见处理。",
            "2026年4月1日",
        ),
        opinion(
            "承办人",
            "周玥",
            "G9900102",
            "同意李建国意见。",
            "2026年4月1日",
        ),
        opinion(
            "初审员",
            "曹初",
            "",
            "材料齐全，程序合法，同意。",
            "2026年4月2日",
        ),
        opinion(
            "承办机构负责人",
            "彭科",
            "",
            "同意，报法制机构审核。",
            "2026年4月2日",
        ),
        opinion("法制审核员", "韩审", "", "同意。", "2026年4月7日"),
        opinion("法制机构负责人", "郑法", "", "同意。", "2026年4月7日"),
        opinion("机关负责人", "高局", "", "同意。", "2026年4月20日"),
    ]
}

fn evidence() -> Vec<Evidence> {
    let piece =
        |no: &str, kind: &str, name: &str, source: &str, proves: &str, page: &str| Evidence {
            no: no.into(),
            kind: kind.into(),
            name: name.into(),
            source: source.into(),
            proves: proves.into(),
            page: page.into(),
        };
    vec![
        piece(
            "1",
            "现场笔录",
            "《现场检查记录》",
            "本机关制作",
            "三名操作人员在岗作业的情况",
            "5",
        ),
        piece(
            "2",
            "当事人的陈述",
            "对陈喆的《询问笔录》",
            "本机关制作",
            "未组织岗前培训的事实",
            "9",
        ),
        piece(
            "3",
            "书证",
            "安全生产教育培训档案复印件",
            "当事人提供",
            "没有三人的培训、考核记录",
            "14",
        ),
        piece(
            "4",
            "电子数据",
            "现场视频",
            "执法记录仪",
            "检查过程和在岗情况",
            "20",
        ),
    ]
}

fn points() -> Vec<Point> {
    let point = |title: &str, result: &str, detail: &str| Point {
        title: title.into(),
        result: result.into(),
        detail: detail.into(),
    };
    vec![
        point(
            "执法主体是否合法，执法人员是否具备资格",
            "合法",
            "承办人两名，执法证件在有效期内。",
        ),
        point(
            "是否具有管辖权、是否超越职权",
            "合法",
            "违法行为发生地在本市。",
        ),
        point("当事人认定是否准确", "准确", ""),
        point(
            "事实是否清楚，证据是否合法充分",
            "清楚",
            "证据四份，相互印证。",
        ),
        point("定性是否准确", "准确", ""),
        point(
            "适用法律、法规、规章是否准确",
            "准确",
            "行为时和决定时的规定相同。",
        ),
        point("裁量是否适当", "适当", "符合裁量基准。"),
        point("程序是否合法", "合法", ""),
        point("文书是否完备、规范", "规范", ""),
        point("是否涉嫌犯罪、需要移送", "否", ""),
    ]
}

fn votes() -> Vec<Vote> {
    let vote = |name: &str, role: &str, view: &str| Vote {
        name: name.into(),
        role: role.into(),
        view: view.into(),
    };
    vec![
        vote("钱副", "副局长", "同意处罚建议。"),
        vote("孔副", "副局长", "同意，事实清楚、裁量适当。"),
        vote("高局", "局长", "同意以上意见。"),
    ]
}

fn items() -> Vec<Item> {
    let item =
        |no: &str, name: &str, spec: &str, count: &str, number: &str, page: &str, volume: &str| {
            Item {
                no: no.into(),
                name: name.into(),
                number: number.into(),
                spec: spec.into(),
                unit: "册".into(),
                count: count.into(),
                on: "2026年3月2日".into(),
                page: page.into(),
                volume: volume.into(),
                note: "复印件".into(),
            }
        };
    vec![
        item(
            "1",
            "安全生产教育培训档案",
            "A4",
            "2",
            "（青）应急立〔2026〕7号",
            "1",
            "正卷",
        ),
        item("2", "从业人员花名册", "A4", "1", "", "3", "副卷"),
    ]
}

/// A value for every identifier of [`crate::FIELD_IDS`].
const FIELDS: &[(&str, &str)] = &[
    ("added", "人民币玖佰元整（900.00元）"),
    ("added_fine_due", "人民币玖佰元整"),
    ("announced", "决定书"),
    ("approved_on", "2026年3月10日"),
    ("archive_number", "2026-03-0007"),
    ("archived_on", "2026年7月1日"),
    ("attachments", "现场照片6张、平面示意图1张。"),
    ("by_ruling", ""),
    ("carrier", "本机关门户网站和公告栏"),
    (
        "case_brief",
        "2026年3月2日监督检查发现，当事人3名新上岗操作人员未接受岗前安全生产教育和培训，涉嫌违法，应当给予行政处罚，属本机关管辖，未超过追诉时效。",
    ),
    ("case_due", "2026年6月2日"),
    ("case_until", "2026年7月2日"),
    ("changed_by", ""),
    ("closed_on", "2026年6月10日"),
    ("closing_kind", "履行完毕"),
    ("compared_with_notice", "与告知内容相同"),
    (
        "computation",
        "自2026年5月7日起算，至2026年5月7日止计1日，30000元×3％×1日＝900元。",
    ),
    ("conclusion", "同意拟处理意见。"),
    (
        "content",
        "现场为甲类生产车间，三名操作人员正在投料岗位作业。\n要求出示培训记录，现场负责人称未组织岗前培训。",
    ),
    ("correction_number", "（青）应急责改〔2026〕5号"),
    ("correction_on", "2026年3月2日"),
    ("correction_state", "已补做培训并考核合格。"),
    ("court", "青川市人民法院"),
    (
        "crime_report",
        "3名操作人员未经培训上岗作业，造成一人死亡，涉嫌重大责任事故罪。",
    ),
    ("crime_suspicion", "不涉嫌犯罪"),
    ("decision_number", "（青）应急罚〔2026〕12号"),
    ("decision_on", "2026年4月20日"),
    ("decision_title", "行政处罚决定书"),
    ("defence_on", "2026年4月10日"),
    (
        "defence_reply",
        "复核意见和理由：所提已补做培训的事实成立。",
    ),
    (
        "defence_summary",
        "2026年4月8日，本机关向当事人送达《行政处罚听证告知书》（（青）应急罚告〔2026〕12号）。当事人于2026年4月10日提出陈述申辩，请求从轻处罚，未要求听证。经复核，所提已补做培训的事实成立，已在裁量中考虑。",
    ),
    ("defence_way", "书面"),
    ("deferred_until", "2026年9月30日"),
    ("discussion", "2026年4月17日集体讨论"),
    ("discussion_due", "是"),
    (
        "education",
        "已向当事人宣讲安全生产教育和培训的规定，当事人表示知晓并改正。",
    ),
    ("electronic_address", "电子邮箱xinyao@example.com"),
    ("ended_at", "2026年3月2日11时40分"),
    ("execution", "2026年4月28日缴清罚款。"),
    ("extension_basis", "某某规定第十条"),
    ("extension_days_text", "30日"),
    (
        "filing_reason",
        "涉嫌违法，应当给予行政处罚，属于本机关管辖且在法定追诉期限内，符合立案标准。依据《中华人民共和国行政处罚法》第五十四条第二款，提请立案。",
    ),
    ("fine_due", "人民币叁万元整"),
    ("gains_due", "人民币壹万贰仟元整"),
    ("ground", "涉及商业秘密"),
    ("guardian_duty", "责令监护人加以管教。"),
    (
        "hardship",
        "当事人停产两个月，账户余额不足以一次缴清，附银行流水。",
    ),
    ("hearing_applied_on", "2026年4月10日"),
    ("hearing_at", "2026年4月24日9时00分"),
    ("hearing_due", "是"),
    ("hearing_open", "公开"),
    ("hearing_place", "青川市应急管理局三楼听证室"),
    (
        "instalments",
        "1．2026年5月31日前缴纳一万元。\n2．2026年6月30日前缴纳一万元。",
    ),
    ("interviewee_address", "青川市和平街2号"),
    ("interviewee_age", "31"),
    ("interviewee_code", "999000199501010012"),
    ("interviewee_gender", "男"),
    ("interviewee_job", "操作工"),
    ("interviewee_phone", "13900000000"),
    ("interviewee_unit", "青川市鑫垚化工有限公司"),
    (
        "investigation_process",
        "2026年3月4日立案后，执法人员询问有关人员4人，调取培训档案和花名册，现已调查终结。",
    ),
    ("laboratory", "青川市产品质量检验中心"),
    (
        "materials",
        "案件移送书、调查报告各一份，涉案物品清单一份，检验报告一份。",
    ),
    ("measure", "复制留存后，原件返还当事人。"),
    (
        "no_penalty_reason",
        "当事人的违法行为轻微并及时改正，没有造成危害后果。",
    ),
    ("note", "无"),
    ("notice_number", "（青）应急罚告〔2026〕12号"),
    ("notice_on", "2026年4月8日"),
    ("notice_title", "行政处罚听证告知书"),
    ("obligation", "缴纳罚款人民币叁万元整。"),
    ("online_review_channel", "https://xzfy.moj.gov.cn"),
    ("overdue", ""),
    ("paid_up", ""),
    ("paper_count", "32"),
    ("party_opinion", "以上笔录我看过，与我说的相符。"),
    ("perform_days_text", "10个工作日"),
    (
        "performance",
        "责令改正的内容应当在规定期限内完成，并书面报告本机关。",
    ),
    ("place", "青川市鑫垚化工有限公司一车间"),
    ("police", "青川市公安局"),
    ("preservation_number", "（青）应急存通〔2026〕2号"),
    ("preservation_on", "2026年3月2日"),
    ("preservation_until", "2026年3月11日"),
    (
        "public_facts",
        "某公司未按照规定对从业人员进行安全生产教育和培训。",
    ),
    ("public_until", "2029年4月20日"),
    ("question", "送检样品是否属于易燃液体，闪点是多少。"),
    ("reason", "培训档案可能被修改或者灭失，以后难以取得。"),
    ("received_on", "2026年4月3日"),
    ("receiver_relation", "办公室主任"),
    ("recusal_kept", "王芳同志"),
    ("recusal_of_host", ""),
    ("recusal_on", "2026年3月6日"),
    ("recusal_request", "李建国与我公司的竞争对手有亲属关系。"),
    ("recusal_result", "回避"),
    ("refund_due", "是"),
    ("refusal", "无"),
    ("remaking", "是"),
    ("remedial", "乙方已停止生产并清理现场。"),
    (
        "remedy_state",
        "被申请人在法定期限内未申请行政复议，也未提起行政诉讼。",
    ),
    ("report", "承办人李建国汇报案件事实、证据和拟处理意见。"),
    ("result", "已按要求改正完毕。"),
    ("retention", "30年"),
    ("review_due", "是"),
    (
        "review_summary",
        "2026年4月7日法制审核通过，同意拟处理意见。",
    ),
    ("reviewed_on", "2026年3月20日"),
    ("right", "2026年3月2日"),
    ("round", "1"),
    ("ruling", "（青）行复决〔2026〕5号行政复议决定书"),
    ("safety_measures", "未经培训合格的人员离岗。"),
    ("secrecy", "无"),
    ("secrecy_checked", "是"),
    ("sent_by", "危险化学品监督管理科"),
    ("sent_on", "2026年4月3日"),
    ("served_on", "2026年4月21日"),
    ("signer", "陈喆"),
    ("started_at", "2026年3月2日9时30分"),
    ("suggestion", "建议尽快办理。"),
    ("surcharge_capped", ""),
    ("surcharge_gone", "人民币玖佰元整（900.00元）"),
    ("suspended_on", "2026年3月16日"),
    ("terms", "乙方分三期缴纳，每月末缴纳一万元。"),
    ("told_on", "2026年4月8日"),
    ("total_due", "人民币肆万贰仟玖佰元整"),
    ("unmet", "没有违法事实"),
    ("unreachable_ground", "下落不明"),
    ("urged_on", "2026年11月2日"),
    ("volume", "正卷"),
    ("weather", "晴"),
    ("who", "李建国"),
    ("wrong", "2026年2月30日"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::FIELD_IDS;

    #[test]
    fn sample_fills_every_field_of_the_contract() {
        fn check(path: &str, value: &serde_json::Value) {
            match value {
                serde_json::Value::Object(map) => map
                    .iter()
                    .for_each(|(k, v)| check(&format!("{path}.{k}"), v)),
                serde_json::Value::Array(items) => {
                    assert!(!items.is_empty(), "{path}");
                    check(&format!("{path}[0]"), &items[0]);
                }
                // A value may be empty in one record of a list, not in all of them.
                other => assert!(other.is_string(), "{path}"),
            }
        }
        check("", &serde_json::to_value(PaperData::sample()).unwrap());
    }

    #[test]
    fn sample_has_every_form_field() {
        let given: Vec<&str> = FIELDS.iter().map(|(id, _)| *id).collect();
        let known: Vec<&str> = FIELD_IDS.iter().map(|(id, _)| *id).collect();
        assert_eq!(given, known);
    }
}
