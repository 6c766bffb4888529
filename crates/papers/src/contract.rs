//! The data contract: all that a template may read.
//!
//! Every value is a string, or a list of records of strings, already worded for print
//! (`2026年3月2日`, `伍万元整`, `5个工作日`). An empty string means "not known": the paper then leaves a
//! ruled space to be filled by hand. The builder of the data decides the words; the template decides
//! where they stand. Templates see every key always, so only the keys that matter need be given.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Declares contract records: all fields default to empty, unknown keys are refused.
macro_rules! records {
    ($($(#[$doc:meta])* $name:ident { $($(#[$fdoc:meta])* $field:ident: $ty:ty,)* })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(default, deny_unknown_fields)]
        pub struct $name {
            $($(#[$fdoc])* pub $field: $ty,)*
        }
    )*};
}

records! {
    /// One paper's data.
    PaperData {
        /// The paper itself.
        paper: Paper,
        /// The bureau that makes it.
        bureau: Bureau,
        /// The case it belongs to.
        case: Case,
        /// The party it is addressed to; empty while no party is known.
        party: Party,
        /// All parties of the case.
        parties: Vec<Party>,
        /// What is proposed, notified or decided for the party.
        proposal: Proposal,
        /// What is proposed for each party of the case, in their order.
        proposals: Vec<PartyProposal>,
        /// Day counts and dates that the procedure gives the party.
        limits: Limits,
        /// The form fields of the action, in their order, with titles.
        fields: Vec<FormField>,
        /// The same form fields by identifier; templates read those listed in [`crate::FIELD_IDS`].
        field: BTreeMap<String, String>,
        /// The persons who act or appear in the paper, see [`crate::DUTIES`].
        people: Vec<Person>,
        /// Opinions and approvals in their order.
        opinions: Vec<Opinion>,
        /// Evidence on which the paper rests.
        evidence: Vec<Evidence>,
        /// Review items, questions and answers, or defence points and replies.
        points: Vec<Point>,
        /// The views of the members of a collective discussion.
        votes: Vec<Vote>,
        /// Rows of a list: things preserved, papers of a dossier.
        items: Vec<Item>,
        /// How a paper was served.
        service: Service,
        /// A mark of origin for the footer, for example 模拟时钟; empty for real cases.
        origin_note: String,
        /// Where the paper can be checked.
        verify: Verify,
    }

    /// The paper's own marks.
    Paper {
        /// Identifier of this paper in the system.
        id: String,
        /// Title as printed.
        title: String,
        /// Document number, for example `（青）应急罚〔2026〕12号`.
        number: String,
        /// Date of the paper.
        on: String,
        /// Number of pages, where the paper states it of itself.
        pages: String,
    }

    /// The bureau.
    Bureau {
        /// Full name.
        name: String,
        /// Short name.
        short: String,
        /// Address.
        address: String,
        /// Telephone number.
        phone: String,
        /// Postal code.
        postcode: String,
        /// The people's government that hears administrative reconsideration (行政复议法24).
        government: String,
        /// The court that hears administrative suits.
        court: String,
        /// The bank that takes fines (行政处罚法67).
        bank: String,
        /// The account there.
        bank_account: String,
    }

    /// The case.
    Case {
        /// Case number.
        number: String,
        /// Case name.
        name: String,
        /// Cause of action (案由).
        cause: String,
        /// Where the lead came from.
        source: String,
        /// Day on which the lead was found.
        discovered_on: String,
        /// Day on which the case was filed.
        filed_on: String,
        /// Stage, in words.
        stage: String,
    }

    /// A party.
    Party {
        /// `organization`, `person` or `individual_business`.
        kind: String,
        /// Name.
        name: String,
        /// What the code is: 统一社会信用代码, 居民身份证号码 …
        code_label: String,
        /// The code.
        code: String,
        /// Legal representative or person in charge.
        representative: String,
        /// Address.
        address: String,
        /// Telephone number.
        phone: String,
    }

    /// What is proposed, notified or decided.
    Proposal {
        /// Facts found; paragraphs are separated by line feeds.
        facts: String,
        /// Legal character of the act (定性).
        characterization: String,
        /// Provisions violated.
        violated: Vec<String>,
        /// Provisions on which the penalty rests.
        basis: Vec<String>,
        /// Reasons for the weight chosen.
        discretion: String,
        /// Kinds of penalty.
        kinds: Vec<Kind>,
        /// Fine in Chinese capitals, for example `伍万元整`.
        fine_capital: String,
        /// Fine in figures, yuan, for example `50,000.00`.
        fine_figures: String,
        /// What must be put right.
        correction: String,
        /// What becomes of illegal gains.
        illegal_gains: String,
        /// Illegal gains confiscated, in Chinese capitals; empty where there are none.
        gains_capital: String,
        /// Illegal gains confiscated, in figures, yuan.
        gains_figures: String,
    }

    /// A party with what is proposed for it.
    PartyProposal {
        /// The party.
        party: Party,
        /// What is proposed.
        proposal: Proposal,
    }

    /// A kind of penalty.
    Kind {
        /// Name of the kind, for example 罚款.
        name: String,
        /// The full wording, for example `罚款人民币伍万元整（￥50,000.00）`.
        text: String,
    }

    /// Limits in words.
    Limits {
        /// Window for statement and defence, for example `5个工作日`.
        defence_days_text: String,
        /// Window to ask for a hearing, for example `5个工作日`.
        hearing_days_text: String,
        /// Time to pay, for example `15日`.
        payment_days_text: String,
        /// Day by which the violation must be put right.
        correction_until: String,
    }

    /// A form field as filled.
    FormField {
        /// Identifier.
        id: String,
        /// Title as printed.
        title: String,
        /// Value as printed.
        value: String,
    }

    /// A person in a paper.
    Person {
        /// Duty, one of [`crate::DUTIES`].
        duty: String,
        /// What the person is called in the paper, for example 主办人员.
        role: String,
        /// Name.
        name: String,
        /// Number of the enforcement card.
        card: String,
        /// Day of signature.
        on: String,
    }

    /// An opinion or approval.
    Opinion {
        /// Who speaks: 承办人, 初审员, 承办机构负责人, 法制审核员, 法制机构负责人, 机关负责人.
        role: String,
        /// Name.
        name: String,
        /// Number of the enforcement card.
        card: String,
        /// The opinion.
        opinion: String,
        /// Day.
        on: String,
    }

    /// A piece of evidence.
    Evidence {
        /// Number.
        no: String,
        /// Kind (行政处罚法46).
        kind: String,
        /// Name.
        name: String,
        /// Where it came from.
        source: String,
        /// What it proves.
        proves: String,
        /// Page in the dossier.
        page: String,
    }

    /// An item of a review, a question with its answer, or a defence point with its reply.
    Point {
        /// Item, question or point.
        title: String,
        /// Result, answer or reply in short.
        result: String,
        /// Details or reasons.
        detail: String,
    }

    /// A member's view in a collective discussion.
    Vote {
        /// Name.
        name: String,
        /// Office.
        role: String,
        /// View.
        view: String,
    }

    /// A row of a list.
    Item {
        /// Number.
        no: String,
        /// Name.
        name: String,
        /// Document number, in a dossier index.
        number: String,
        /// Specification, in a list of things.
        spec: String,
        /// Unit, in a list of things.
        unit: String,
        /// Count, in a list of things.
        count: String,
        /// Date, in a dossier index.
        on: String,
        /// Page, in a dossier index.
        page: String,
        /// Volume, in a dossier index: 正卷 or 副卷.
        volume: String,
        /// Remark.
        note: String,
    }

    /// Service of a paper.
    Service {
        /// Name of the paper served.
        paper: String,
        /// Its number.
        number: String,
        /// Way of service.
        method: String,
        /// Place.
        place: String,
        /// Time.
        at: String,
        /// Who took it.
        recipient: String,
        /// Remark, for example a refusal to sign.
        note: String,
    }

    /// Where a paper can be checked.
    Verify {
        /// Identifier to look up.
        paper_id: String,
        /// Address of the page.
        url: String,
    }
}

impl PaperData {
    /// Reads data, refusing unknown keys; `null` counts as missing and whole numbers as their digits.
    ///
    /// # Errors
    /// The place and kind of the first value that does not fit.
    pub fn from_value(value: &Value) -> Result<Self, serde_json::Error> {
        Self::deserialize(plain(value))
    }
}

/// The value with `null` members left out and whole numbers as their digits.
fn plain(value: &Value) -> Value {
    match value {
        Value::Object(map) => {
            let kept = map.iter().filter(|(_, v)| !v.is_null());
            Value::Object(kept.map(|(k, v)| (k.clone(), plain(v))).collect())
        }
        Value::Array(items) => Value::Array(items.iter().map(plain).collect()),
        Value::Number(n) if n.is_i64() || n.is_u64() => Value::String(n.to_string()),
        other => other.clone(),
    }
}
