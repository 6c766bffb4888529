//! The demo people of one unit, and the parts that they take.

use std::collections::BTreeMap;

use casework::person::Person;
use jiff::civil::Date;

/// The people of one unit and those who serve the whole bureau.
#[derive(Debug, Clone)]
pub struct Crew {
    /// Two handling officers.
    pub handlers: [Person; 2],
    /// 初审员.
    pub preliminary: Person,
    /// 科室负责人.
    pub section_head: Person,
    /// 法制审核员.
    pub reviewer: Person,
    /// 听证主持人 and 记录员.
    pub hearing: [Person; 2],
    /// 机关负责人, the principal last.
    pub leaders: Vec<Person>,
    /// 公示审核人.
    pub publisher: Person,
    /// 财务人员.
    pub cashier: Person,
    /// 档案人员.
    pub archivist: Person,
}

impl Crew {
    /// The crew of a unit out of the roster; its officers hold cards that are good on that day.
    pub fn of_unit(people: &BTreeMap<String, Person>, unit: &str, on: Date) -> Option<Self> {
        let with = |role: &str, unit: Option<&str>| {
            let fits = move |p: &&Person| {
                p.roles.iter().any(|r| r == role) && unit.is_none_or(|u| p.unit == u)
            };
            people.values().filter(fits).cloned().collect::<Vec<_>>()
        };
        let plain: Vec<Person> = with("officer", Some(unit))
            .into_iter()
            .filter(|p| p.roles.len() == 1 && p.card_on(on).is_some())
            .collect();
        let mut leaders = with("leader", None);
        leaders.extend(with("principal", None));
        let reviewers = with("legal_reviewer", None);
        Some(Self {
            handlers: [plain.first()?.clone(), plain.get(1)?.clone()],
            preliminary: with("preliminary_reviewer", Some(unit)).first()?.clone(),
            section_head: with("section_head", Some(unit)).first()?.clone(),
            reviewer: reviewers.first()?.clone(),
            hearing: [
                with("legal_head", None).first()?.clone(),
                reviewers.get(1)?.clone(),
            ],
            leaders,
            publisher: with("publisher", None).first()?.clone(),
            cashier: with("cashier", None).first()?.clone(),
            archivist: with("archivist", None).first()?.clone(),
        })
    }

    /// Who takes the part of a role in this crew.
    pub(super) fn role(&self, role: &str) -> Option<&Person> {
        Some(match role {
            "officer" | "handler" => &self.handlers[0],
            "preliminary_reviewer" => &self.preliminary,
            "section_head" => &self.section_head,
            "legal_reviewer" | "legal_head" => &self.reviewer,
            "hearing_host" => &self.hearing[0],
            "hearing_clerk" => &self.hearing[1],
            "leader" => self.leaders.first()?,
            "principal" | "acting_principal" => self.leaders.last()?,
            "publisher" => &self.publisher,
            "cashier" => &self.cashier,
            "archivist" | "intake" => &self.archivist,
            _ => return None,
        })
    }
}
