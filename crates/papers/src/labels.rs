//! The words for data paths, and which paths there are.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use serde_json::Value;

use crate::{FieldLabel, PaperData};

/// The form fields that templates read by identifier (`field("place")`), with their meaning.
///
/// A form field that is not in this list still prints, under its own title, in the papers that list
/// remaining fields; it cannot be placed by a template until it is named here.
pub const FIELD_IDS: &[(&str, &str)] = &[
    ("added", "加处罚款金额"),
    ("added_fine_due", "尚欠加处罚款金额"),
    ("announced", "公告送达的文书种类"),
    ("approved_on", "批准日期"),
    ("archive_number", "档号"),
    ("archived_on", "归档日期"),
    ("attachments", "附件"),
    ("by_ruling", "按照复议决定、裁判办理（有内容即是）"),
    ("carrier", "公告载体"),
    ("case_brief", "案件基本情况"),
    ("case_due", "办案期限届满日"),
    ("case_until", "延长后的办案期限届满日"),
    ("changed_by", "变更决定的复议决定、裁判（没有变更的为空）"),
    ("closed_on", "结案日期"),
    ("closing_kind", "结案方式"),
    ("compared_with_notice", "与告知内容比较（同、轻、重、异）"),
    ("computation", "加处罚款的起算日、天数和计算方法"),
    ("conclusion", "结论"),
    ("content", "检查、勘验、申辩、听证的内容"),
    ("correction_number", "责令整改指令书文号"),
    ("correction_on", "责令整改日期"),
    ("correction_state", "改正情况"),
    ("court", "受理申请的人民法院"),
    ("crime_report", "涉嫌犯罪的事实和理由"),
    ("crime_suspicion", "是否涉嫌犯罪"),
    ("decision_number", "决定书文号"),
    ("decision_on", "决定日期"),
    ("decision_title", "决定书名称"),
    ("defence_on", "陈述申辩提出日期"),
    ("defence_reply", "陈述申辩逐条复核意见和理由"),
    ("defence_summary", "告知、陈述申辩和听证情况"),
    ("defence_way", "陈述申辩提出方式"),
    ("deferred_until", "缴清、履行期限"),
    (
        "discussion",
        "集体讨论情况（有内容即写“负责人集体讨论决定”）",
    ),
    ("discussion_due", "应当集体讨论"),
    ("education", "教育内容"),
    ("electronic_address", "电子送达地址"),
    ("ended_at", "结束时间"),
    ("execution", "执行情况"),
    ("extension_basis", "延长办案期限的规定"),
    ("extension_days_text", "延长的日数"),
    ("filing_reason", "立案依据和理由"),
    ("fine_due", "尚欠罚款金额"),
    ("gains_due", "尚欠没收的违法所得金额"),
    ("ground", "事由、情形"),
    ("guardian_duty", "监护人责任"),
    ("hardship", "经济困难的情况"),
    ("hearing_applied_on", "听证要求提出日期"),
    ("hearing_at", "听证时间"),
    ("hearing_due", "应当告知听证"),
    ("hearing_open", "公开或者不公开"),
    ("hearing_place", "听证地点"),
    ("instalments", "分期缴纳的各期日期和数额"),
    ("interviewee_address", "被询问人住址"),
    ("interviewee_age", "被询问人年龄"),
    ("interviewee_code", "被询问人身份证件号码"),
    ("interviewee_gender", "被询问人性别"),
    ("interviewee_job", "被询问人职务"),
    ("interviewee_phone", "被询问人电话"),
    ("interviewee_unit", "被询问人工作单位"),
    ("investigation_process", "调查经过"),
    ("laboratory", "鉴定机构"),
    ("materials", "移送材料"),
    ("measure", "保存或者处理方式"),
    ("no_penalty_reason", "不予处罚的理由"),
    ("note", "备注"),
    ("notice_number", "告知书文号"),
    ("notice_on", "告知书送达日期"),
    ("notice_title", "告知书名称"),
    ("obligation", "未履行的义务"),
    ("online_review_channel", "网上申请行政复议的渠道"),
    ("overdue", "缴款期限已经届满（有内容即是）"),
    ("paid_up", "应缴款项已经缴清（有内容即是）"),
    ("paper_count", "件数"),
    ("party_opinion", "当事人核对意见"),
    ("perform_days_text", "催告履行期限"),
    ("performance", "罚款以外处罚的履行方式和期限"),
    ("place", "地点"),
    ("police", "受移送的公安机关"),
    ("preservation_number", "先行登记保存通知书文号"),
    ("preservation_on", "先行登记保存日期"),
    ("preservation_until", "作出处理决定的最后日期"),
    ("public_facts", "公开的违法事实"),
    ("public_until", "公示截止日期"),
    ("question", "鉴定事项"),
    ("reason", "理由"),
    ("received_on", "材料齐备日期"),
    ("receiver_relation", "代收人及与受送达人的关系"),
    ("recusal_kept", "申请未获准、继续履行职责的人"),
    (
        "recusal_of_host",
        "被申请回避的人是听证主持人（有内容即是）",
    ),
    ("recusal_on", "回避申请日期"),
    ("recusal_request", "回避申请的理由"),
    ("recusal_result", "回避申请的决定（回避、驳回）"),
    ("refund_due", "应当退还、恢复（有内容即是）"),
    ("refusal", "拒收、留置和见证情况"),
    ("remaking", "撤销后重新作出（有内容即是）"),
    ("remedial", "当事人采取的补救措施"),
    ("remedy_state", "行政复议、行政诉讼情况"),
    ("report", "承办人汇报"),
    ("result", "结果"),
    ("retention", "保管期限"),
    ("review_due", "应当法制审核"),
    ("review_summary", "法制审核情况"),
    ("reviewed_on", "复查日期"),
    ("right", "补正后的文字"),
    ("round", "次数、轮次"),
    ("ruling", "所办理的复议决定、裁判"),
    ("safety_measures", "改正期间的措施"),
    ("secrecy", "密级"),
    ("secrecy_checked", "是否已作保密审查"),
    ("sent_by", "送审机构"),
    ("sent_on", "送审日期"),
    ("served_on", "送达日期"),
    ("signer", "签署人"),
    ("started_at", "开始时间"),
    ("suggestion", "建议"),
    ("surcharge_capped", "加处罚款不再增加（有内容即是）"),
    ("surcharge_gone", "因变更而不再执行的加处罚款"),
    ("suspended_on", "中止日期"),
    ("terms", "执行协议的内容"),
    ("told_on", "告知、送达当事人日期"),
    ("total_due", "应缴合计"),
    ("unmet", "不符合的立案标准"),
    ("unreachable_ground", "公告送达的原因"),
    ("urged_on", "催告书送达日期"),
    ("volume", "正卷或者副卷"),
    ("weather", "天气"),
    ("who", "应回避、被申请回避的人"),
    ("wrong", "误写的文字"),
];

/// The duties by which templates pick persons out of `people`, with their meaning.
pub const DUTIES: &[(&str, &str)] = &[
    ("archivist", "立卷、归档人"),
    ("attendee", "其他参加人、列席人"),
    ("handler", "承办人、检查人、勘验人、询问人、案件调查人员"),
    ("hearing_officer", "听证员"),
    ("host", "主持人"),
    ("interviewee", "被询问人"),
    ("party_agent", "当事人到场人或者委托代理人"),
    ("recipient", "签收人"),
    ("recorder", "记录人"),
    ("reviewer", "法制审核人员"),
    ("server", "送达人"),
    ("site_manager", "现场负责人"),
    ("witness", "见证人"),
];

/// Names of the paths that a paper may be unable to do without.
const LABELS: &[(&str, &str)] = &[
    ("bureau.bank", "收款银行"),
    ("bureau.bank_account", "收款账号"),
    ("bureau.court", "提起行政诉讼的人民法院"),
    ("bureau.government", "行政复议机关"),
    ("bureau.name", "机关名称"),
    ("case.cause", "案由"),
    ("case.number", "案号"),
    ("evidence", "证据"),
    ("items", "清单、目录内容"),
    ("limits.correction_until", "改正期限"),
    ("limits.defence_days_text", "陈述申辩期限"),
    ("limits.hearing_days_text", "要求听证期限"),
    ("limits.payment_days_text", "缴款期限"),
    ("paper.id", "文书编号"),
    ("paper.number", "文号"),
    ("paper.on", "文书日期"),
    ("paper.title", "文书名称"),
    ("party.address", "当事人地址"),
    ("party.name", "当事人名称"),
    ("points", "审核事项、问答或者意见"),
    ("proposal.basis", "处罚（处理）依据"),
    ("proposal.correction", "改正要求"),
    ("proposal.facts", "违法事实"),
    ("proposal.kinds", "处罚种类"),
    ("proposal.violated", "违反的规定"),
    ("service.paper", "送达文书名称"),
    ("votes", "参加讨论人员的意见"),
];

/// The words for a path.
pub(crate) fn labelled(path: &str) -> FieldLabel {
    let known = match path.strip_prefix("field.") {
        Some(id) => FIELD_IDS.iter().find(|(key, _)| *key == id),
        None => LABELS.iter().find(|(key, _)| *key == path),
    };
    let label = known.map_or(path, |(_, label)| label);
    FieldLabel {
        path: path.to_owned(),
        label: label.to_owned(),
    }
}

/// Is `path` in the data contract? `[]` stands for an element of a list.
pub(crate) fn is_known(path: &str) -> bool {
    static PATHS: OnceLock<BTreeSet<String>> = OnceLock::new();
    if let Some(id) = path.strip_prefix("field.") {
        return FIELD_IDS.iter().any(|(key, _)| *key == id);
    }
    // The sample has every field of the contract, so its shape is the contract's shape.
    PATHS
        .get_or_init(|| {
            let mut paths = BTreeSet::new();
            if let Ok(value) = serde_json::to_value(PaperData::sample()) {
                collect("", &value, &mut paths);
            }
            paths
        })
        .contains(path)
}

fn collect(prefix: &str, value: &Value, paths: &mut BTreeSet<String>) {
    paths.insert(prefix.to_owned());
    match value {
        Value::Object(map) => {
            for (key, child) in map {
                let path = if prefix.is_empty() {
                    key.clone()
                } else {
                    format!("{prefix}.{key}")
                };
                collect(&path, child, paths);
            }
        }
        Value::Array(items) => {
            for item in items {
                collect(&format!("{prefix}[]"), item, paths);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_are_sorted_and_unique() {
        for list in [FIELD_IDS, DUTIES, LABELS] {
            assert!(list.windows(2).all(|pair| pair[0].0 < pair[1].0));
        }
    }

    #[test]
    fn every_labelled_path_is_in_the_contract() {
        for (path, _) in LABELS {
            assert!(is_known(path), "{path}");
        }
    }

    #[test]
    fn paths_outside_the_contract_are_unknown() {
        for path in [
            "party.nmae",
            "evidence.name",
            "field.nothing",
            "field",
            "evidence[].name",
        ] {
            assert_eq!(
                is_known(path),
                path == "field" || path == "evidence[].name",
                "{path}"
            );
        }
    }
}
