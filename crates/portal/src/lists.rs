//! What the organ publishes of itself: whose cards are in use, and how it proceeds.

use jiff::civil::Date;

use crate::error::PortalError;

/// A card as the public list has it (执法人员清单: 姓名, 单位, 职务, 证件编号, 执法类别, 执法区域, and until when).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfficerCard {
    /// Number of the card.
    pub number: String,
    /// Name of the officer.
    pub name: String,
    /// The organ.
    pub body_name: String,
    /// Unit.
    pub unit: String,
    /// Post.
    pub post: String,
    /// Kind of enforcement.
    pub kind: String,
    /// Area of enforcement.
    pub area: String,
    /// First day of validity.
    pub valid_from: Date,
    /// Last day of validity.
    pub valid_to: Date,
    /// Whether the officer still serves.
    pub serving: bool,
}

/// What a card is worth on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CardStanding {
    /// In force, and its officer serves.
    Valid,
    /// Its first day has not come.
    NotYet,
    /// Its last day has passed.
    Lapsed,
    /// Its officer has left.
    Left,
}

impl OfficerCard {
    /// What the card is worth on that day.
    pub fn standing(&self, today: Date) -> CardStanding {
        match () {
            () if !self.serving => CardStanding::Left,
            () if self.valid_to < today => CardStanding::Lapsed,
            () if today < self.valid_from => CardStanding::NotYet,
            () => CardStanding::Valid,
        }
    }

    /// Refuses what no list could show.
    pub(crate) fn check(&self) -> Result<(), PortalError> {
        let needed = [
            ("证件编号", &self.number),
            ("姓名", &self.name),
            ("机关名称", &self.body_name),
        ];
        match needed.into_iter().find(|(_, text)| text.trim().is_empty()) {
            Some((member, _)) => Err(PortalError::Invalid {
                member,
                why: "为空",
            }),
            None => Ok(()),
        }
    }
}

/// The number of a card as it is compared: signs of full width and small letters count as the plain ones, blanks not.
pub fn plain_number(text: &str) -> String {
    let narrow = |c: char| match u32::from(c) {
        wide @ 0xFF01..=0xFF5E => char::from_u32(wide - 0xFEE0).unwrap_or(c),
        _ => c,
    };
    text.chars()
        .map(narrow)
        .filter(|c| !c.is_whitespace() && !c.is_control())
        .flat_map(char::to_uppercase)
        .collect()
}

/// A procedure as the organ follows it: flow chart (执法流程图) and service guide (服务指南).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProcedureText {
    /// Identifier in addresses.
    pub id: String,
    /// Title.
    pub title: String,
    /// Version.
    pub version: String,
    /// First day on which it applies.
    pub in_force_from: Date,
    /// The flow chart, an SVG image.
    pub chart: String,
    /// The guide, Markdown.
    pub guide: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_compared_as_people_type_them() {
        fn check(typed: &str, expect: &str) {
            assert_eq!(plain_number(typed), expect);
        }
        check(" ｑｓ－yj－0001 ", "QS-YJ-0001");
        check("13\u{3000}0001", "130001");
    }
}
