//! Form fields.

/// Privacy class of a field (DECISIONS 11).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PrivacyClass {
    /// Not personal.
    None,
    /// A natural person's name.
    Name,
    /// An organisation's name.
    OrgName,
    /// Identity number.
    IdNo,
    /// Organisation code.
    OrgCode,
    /// Telephone.
    Phone,
    /// Address.
    Address,
    /// Account.
    Account,
    /// An official's opinion: never leaves.
    Opinion,
    /// Free text: only past detectors and a person.
    Prose,
}

impl PrivacyClass {
    /// Names in packs.
    pub const ALL: [(PrivacyClass, &'static str); 10] = [
        (PrivacyClass::None, "none"),
        (PrivacyClass::Name, "name"),
        (PrivacyClass::OrgName, "org_name"),
        (PrivacyClass::IdNo, "id_no"),
        (PrivacyClass::OrgCode, "org_code"),
        (PrivacyClass::Phone, "phone"),
        (PrivacyClass::Address, "address"),
        (PrivacyClass::Account, "account"),
        (PrivacyClass::Opinion, "opinion"),
        (PrivacyClass::Prose, "prose"),
    ];
}

/// Type of a form field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FieldType {
    /// One line of text.
    Text,
    /// Free text.
    Prose,
    /// One of some options: identifier and title.
    Choice(Vec<(String, String)>),
    /// Yes or no.
    YesNo,
    /// A legal date.
    Date,
    /// A date with a clock time.
    DateTime,
    /// Money in fen.
    Money,
    /// A whole number.
    Int,
    /// Officials, as a list.
    Persons,
    /// The parties of the case, as a list.
    Parties,
    /// The proposal, party by party.
    Proposal,
    /// A list of points, one a line.
    Points,
    /// The ten items of legal review.
    TenItems,
    /// The views of members, one each.
    Votes,
    /// Things on a list.
    Items,
    /// An uploaded file.
    Upload,
}

impl FieldType {
    /// What a user would call such a field, in Chinese.
    pub fn title(&self) -> &'static str {
        match self {
            Self::Text => "单行文字",
            Self::Prose => "多行文字",
            Self::Choice(_) => "选项",
            Self::YesNo => "是否",
            Self::Date => "日期",
            Self::DateTime => "日期和时间",
            Self::Money => "金额",
            Self::Int => "整数",
            Self::Persons => "人员",
            Self::Parties => "当事人",
            Self::Proposal => "拟处理意见",
            Self::Points => "逐条意见",
            Self::TenItems => "审核十项",
            Self::Votes => "讨论意见",
            Self::Items => "清单",
            Self::Upload => "上传文件",
        }
    }
}

/// A form field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Identifier.
    pub id: String,
    /// Title in Chinese.
    pub title: String,
    /// Type.
    pub kind: FieldType,
    /// Whether it must be filled.
    pub required: bool,
    /// Privacy class.
    pub class: PrivacyClass,
    /// Help text.
    pub help: String,
    /// Value that a new form shows.
    pub default: Option<String>,
    /// Of a date: whether it may lie ahead, as the end of a term does. What is said to have happened may not.
    pub ahead: bool,
}
