//! What it all came to.

use std::collections::BTreeSet;

use anyhow::Result;
use casework::{effect::Effect, event::Phase};
use portal::Query;

use super::Deeds;
use crate::{bureau::BEGINS, check::read_cases, run::Figures};

/// Entries of the log that are read at a time.
const ENTRIES: u32 = 500;

impl Deeds {
    /// What it all came to, in a world that has settled.
    pub async fn figures(&mut self) -> Result<Figures> {
        let lines = self.memory.trace.iter();
        let mut pieces: Vec<Vec<u8>> = lines.map(|line| line.clone().into_bytes()).collect();
        let mut figures = self.memory.figures.clone();
        for case in read_cases(&self.world.office).await? {
            for event in &case.events {
                figures.events += 1;
                if event.acted.phase == Phase::Taken {
                    figures.steps.insert(event.acted.step.clone());
                }
                let of = |wanted: fn(&Effect) -> bool| {
                    event.acted.effects.iter().filter(|e| wanted(e)).count()
                };
                figures.decisions += of(|e| matches!(e, Effect::Decided { .. }));
                figures.withdrawn += of(|e| matches!(e, Effect::Withdrawn { .. }));
                let header = &event.header;
                let place = format!("{} {} {}", case.id, header.version, header.recorded_at);
                pieces.extend([place.into_bytes(), event.acted.encode()?]);
            }
        }
        let query = Query {
            limit: 100,
            ..Query::default()
        };
        figures.published = self.world.portal.list(&query, BEGINS).await?.lines.len();
        figures.types = self.types().await?;
        let suite = self.world.office.store().suite();
        let parts: Vec<&[u8]> = pieces.iter().map(Vec::as_slice).collect();
        figures.trace.clone_from(&self.memory.trace);
        figures.digest = hex::encode(suite.hash(&parts).0);
        Ok(figures)
    }

    /// Types of all events in the log.
    async fn types(&self) -> Result<BTreeSet<String>> {
        let (mut types, mut from) = (BTreeSet::new(), 0);
        loop {
            let page = self.world.office.store().log_after(from, ENTRIES).await?;
            let Some(last) = page.last() else {
                return Ok(types);
            };
            from = last.idx + 1;
            types.extend(page.into_iter().map(|one| one.event.header.event_type));
        }
    }
}
