//! The parties of a case (当事人).

use jiff::civil::Date;
use law::ident;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a party is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PartyKind {
    /// A natural person.
    Person,
    /// An individual business (个体工商户).
    IndividualBusiness,
    /// A legal person or other organisation.
    Organization,
}

impl PartyKind {
    /// Every kind with its name in forms and its Chinese title.
    pub const ALL: [(PartyKind, &'static str, &'static str); 3] = [
        (PartyKind::Organization, "organization", "单位"),
        (
            PartyKind::IndividualBusiness,
            "individual_business",
            "个体工商户",
        ),
        (PartyKind::Person, "person", "个人"),
    ];

    /// The Chinese title.
    pub fn title(self) -> &'static str {
        let found = Self::ALL.iter().find(|(kind, ..)| *kind == self);
        found.map_or("", |(.., title)| title)
    }

    /// Whether the party's name is a natural person's.
    pub fn is_natural(self) -> bool {
        self == Self::Person
    }
}

/// A party as filed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Party {
    /// Identifier within the case: `p1`, `p2`, …
    pub id: String,
    /// Kind.
    pub kind: PartyKind,
    /// Name.
    pub name: String,
    /// 统一社会信用代码 or 居民身份证号码; empty where not known.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub code: String,
    /// Legal representative or operator.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub representative: String,
    /// Address.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub address: String,
    /// Telephone.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub phone: String,
}

impl Party {
    /// What is wrong with the party's data, if anything.
    pub fn fault(&self, today: Date) -> Option<String> {
        if self.name.trim().is_empty() {
            return Some("当事人名称（姓名）为空；请填写与证照一致的全称".to_owned());
        }
        if self.name.chars().count() > 200 {
            return Some("当事人名称超过200个字；请核对是否误粘贴了其他内容".to_owned());
        }
        if self.address.trim().is_empty() {
            return Some(format!(
                "当事人“{}”没有填写地址；决定书须载明当事人的地址（《行政处罚法》第五十九条第一款第一项）",
                self.name
            ));
        }
        if self.code.is_empty() {
            return None;
        }
        let fault = match self.kind {
            PartyKind::Person => ident::check_citizen(&self.code, Some(today)).err(),
            PartyKind::Organization | PartyKind::IndividualBusiness => {
                ident::check_credit(&self.code).err()
            }
        };
        fault.map(|f| format!("当事人“{}”的证照号码有误：{f}", self.name))
    }

    /// Whether the party's name is a natural person's: also a business that has no name but its operator's.
    pub fn is_named_as_person(&self) -> bool {
        let operator = self.representative.trim();
        self.kind.is_natural()
            || (self.kind == PartyKind::IndividualBusiness && self.name.trim() == operator)
    }

    /// The name as the public may see it: a natural person's given name is masked (行政处罚法 50).
    pub fn public_name(&self) -> String {
        let name = self.name.trim();
        if !self.is_named_as_person() {
            return name.to_owned();
        }
        let mut chars = name.chars();
        chars
            .next()
            .map_or_else(String::new, |family| format!("{family}某"))
    }
}
