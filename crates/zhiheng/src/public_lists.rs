//! What the bureau publishes of itself: whose cards are in use, and the procedure that it follows.

use std::{collections::BTreeMap, sync::Arc};

use casework::person::Person;
use law::{chart, guide, pack::Pack};
use office::{Office, Roster};
use portal::{OfficerCard, PortalStore, ProcedureText, plain_number};

/// What the portal was given last, so that it is given nothing twice.
#[derive(Default)]
pub struct PublicLists {
    roster: Option<Arc<Roster>>,
    pack: Option<Arc<Pack>>,
}

impl PublicLists {
    /// Gives the portal what has changed since.
    pub async fn hand_over(&mut self, office: &Office, portal: &PortalStore) -> anyhow::Result<()> {
        let (roster, pack) = (office.roster().await?, office.pack()?);
        let same_pack = self.pack.as_ref().is_some_and(|p| Arc::ptr_eq(p, &pack));
        let same_roster = self
            .roster
            .as_ref()
            .is_some_and(|r| Arc::ptr_eq(r, &roster));
        // Posts are named by the pack.
        if !same_roster || !same_pack {
            let today = office.now().1;
            portal.set_cards(&cards(&roster, &pack), today).await?;
        }
        if !same_pack {
            portal.set_procedures(&[procedure(&pack)]).await?;
        }
        (self.roster, self.pack) = (Some(roster), Some(pack));
        Ok(())
    }
}

/// Every card that somebody holds or held; of those with one number, the one that is good the longest.
fn cards(roster: &Roster, pack: &Pack) -> Vec<OfficerCard> {
    let mut cards: BTreeMap<String, OfficerCard> = BTreeMap::new();
    for person in roster.people.values() {
        let body = roster.bodies.get(&person.body_id);
        let body_name = body.map(|b| b.name.clone()).unwrap_or_default();
        let unit = body.map(|b| b.unit_name(&person.unit).to_owned());
        for card in &person.cards {
            let shown = OfficerCard {
                number: plain_number(&card.number),
                name: person.name.clone(),
                body_name: body_name.clone(),
                unit: unit.clone().unwrap_or_default(),
                post: post(person, pack),
                kind: card.kind.clone(),
                area: card.area.clone(),
                valid_from: card.valid_from,
                valid_to: card.valid_to,
                serving: person.active,
            };
            let rank = |c: &OfficerCard| (c.serving, c.valid_to);
            let known = cards.get(&shown.number);
            if known.is_none_or(|known| rank(known) < rank(&shown)) {
                cards.insert(shown.number.clone(), shown);
            }
        }
    }
    // A card without number, or of a body that is not registered, is in no list.
    let named = |c: &OfficerCard| !c.number.is_empty() && !c.body_name.trim().is_empty();
    cards.into_values().filter(named).collect()
}

/// The offices that somebody holds, in the pack's words.
fn post(person: &Person, pack: &Pack) -> String {
    let held = pack.roles.iter().filter(|r| person.roles.contains(&r.id));
    let titles: Vec<&str> = held.map(|role| role.title.as_str()).collect();
    titles.join("、")
}

fn procedure(pack: &Pack) -> ProcedureText {
    ProcedureText {
        id: pack.name.clone(),
        title: pack.title.clone(),
        version: pack.version.clone(),
        in_force_from: pack.in_force_from,
        chart: chart::svg(pack),
        guide: guide::markdown(pack),
    }
}

#[cfg(test)]
mod tests {
    use casework::person::{Body, Card};
    use jiff::civil::{Date, date};

    use super::*;

    fn card(number: &str, valid_to: Date) -> Card {
        Card {
            number: number.to_owned(),
            valid_from: date(2024, 1, 1),
            valid_to,
            kind: "应急管理".to_owned(),
            area: "青禾县".to_owned(),
        }
    }

    fn person(id: &str, cards: Vec<Card>, active: bool) -> Person {
        Person {
            id: id.to_owned(),
            version: 1,
            login: id.to_owned(),
            name: format!("姓名{id}"),
            body_id: "body-a".to_owned(),
            unit: "gm".to_owned(),
            roles: vec!["officer".to_owned(), "section_head".to_owned()],
            cards,
            qualified: false,
            active,
        }
    }

    fn pack() -> Pack {
        law::pack::read_pack(&office::builtin_pack_files(), "").unwrap()
    }

    #[test]
    fn cards_are_listed_with_what_is_public_of_their_holders_and_each_number_once() {
        let (early, late) = (date(2025, 12, 31), date(2027, 12, 31));
        let mut roster = Roster::default();
        let body = Body {
            id: "body-a".to_owned(),
            name: "青禾县应急管理局".to_owned(),
            units: vec![("gm".to_owned(), "工贸监管股".to_owned())],
            ..Body::default()
        };
        roster.bodies.insert(body.id.clone(), body);
        let people = [
            person("a", vec![card("qh-1", early), card("QH-1", late)], true),
            person("b", vec![card("QH-2", late)], false),
            person("c", Vec::new(), true),
            person("d", vec![card(" ", late)], true),
        ];
        for one in people {
            roster.people.insert(one.id.clone(), one);
        }
        let listed = cards(&roster, &pack());
        let [a, b] = &listed[..] else {
            panic!("{listed:?}")
        };
        assert_eq!((a.number.as_str(), a.valid_to), ("QH-1", late));
        assert_eq!(a.unit, "工贸监管股");
        assert_eq!(a.post, "执法人员、承办科室负责人");
        assert!(a.serving && !b.serving);
    }

    #[test]
    fn a_procedure_is_shown_with_chart_and_guide() {
        let shown = procedure(&pack());
        assert!(shown.chart.starts_with("<svg"), "{}", shown.chart);
        assert!(shown.guide.contains("办理流程"));
        assert!(!shown.chart.contains("style=") && !shown.chart.contains("<style"));
    }
}
