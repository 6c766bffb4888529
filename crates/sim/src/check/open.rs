//! What the public can reach: through the portal's own store, and in the bytes of its database.

use std::collections::BTreeSet;

use anyhow::Result;
use casework::{effect::Effect, party::Party};
use portal::{PublishedItem, Query};

use super::kept::Case;
use crate::{bureau, world::World};

/// What was published of a case, by its events.
struct Shown<'a> {
    parties: Vec<&'a Party>,
    /// Parties of whom a decision was published at some time.
    published: BTreeSet<&'a str>,
    numbers: BTreeSet<&'a str>,
}

fn shown(case: &Case) -> Shown<'_> {
    let (mut parties, mut published) = (Vec::new(), BTreeSet::new());
    for effect in case.effects() {
        match effect {
            Effect::AddParty { party } | Effect::AmendParty { party } => parties.push(party),
            Effect::Published { party, .. } => {
                published.insert(party.as_str());
            }
            _ => {}
        }
    }
    let papers = case.events.iter().flat_map(|event| &event.acted.papers);
    let of_published =
        papers.filter(|p| p.party.as_deref().is_some_and(|id| published.contains(id)));
    Shown {
        numbers: of_published
            .filter_map(|paper| paper.number.as_deref())
            .collect(),
        parties,
        published,
    }
}

/// Items that no case published, and names of unpublished or natural persons that the portal holds.
pub async fn only_what_is_public(world: &World, cases: &[Case]) -> Result<Vec<String>> {
    let all: Vec<Shown<'_>> = cases.iter().map(shown).collect();
    let items = items(world).await?;
    let mut found = Vec::new();
    for item in &items {
        let known = |one: &Shown<'_>| one.numbers.contains(item.decision_number.as_str());
        if !all.iter().any(known) {
            found.push(format!("portal: nobody published {}", item.decision_number));
        }
        if item.is_withdrawn() && !(item.document.is_empty() && item.facts.is_empty()) {
            found.push(format!(
                "portal: {} is withdrawn and still told",
                item.decision_number
            ));
        }
    }
    found.extend(never_shown(world, &all, &items).await?);
    // Bytes tell also of what no page shows.
    let mut held = std::fs::read(world.portal_database())?;
    let mut wal = world.portal_database().into_os_string();
    wal.push("-wal");
    held.extend(std::fs::read(wal).unwrap_or_default());
    for one in &all {
        for party in &one.parties {
            let private = party.kind.is_natural() || !one.published.contains(party.id.as_str());
            if private && holds(&held, party.name.as_bytes()) {
                found.push(format!("portal: holds the name {}", party.name));
            }
        }
    }
    Ok(found)
}

/// What a case published and the portal neither shows, nor has withdrawn, nor set aside.
async fn never_shown(
    world: &World,
    all: &[Shown<'_>],
    items: &[PublishedItem],
) -> Result<Vec<String>> {
    let asked: usize = all.iter().map(|one| one.published.len()).sum();
    let aside = world.portal.aside().await?.len();
    let missing = asked > items.len() + aside;
    Ok(missing
        .then(|| {
            let there = items.len();
            format!("portal: {asked} were published, {there} are there and {aside} set aside")
        })
        .into_iter()
        .collect())
}

async fn items(world: &World) -> Result<Vec<PublishedItem>> {
    let (mut items, mut after) = (Vec::new(), None);
    loop {
        let query = Query {
            after: after.take(),
            limit: 100,
            ..Query::default()
        };
        // Also what was to be shown until a day that has passed.
        let page = world.portal.list(&query, bureau::BEGINS).await?;
        for line in &page.lines {
            items.extend(world.portal.get(&line.id).await?);
        }
        after = page
            .lines
            .last()
            .map(|line| (line.published_on, line.id.clone()));
        if !page.more {
            return Ok(items);
        }
    }
}

fn holds(bytes: &[u8], name: &[u8]) -> bool {
    !name.is_empty() && bytes.windows(name.len()).any(|window| window == name)
}
