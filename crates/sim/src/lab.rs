//! Where runs begin: a bureau on its first day, and cases at many places of their way.
//!
//! What comes early in a case would be simulated a thousand times before anything late was, once. So a case is taken
//! the straight way once, and the world is kept every few steps; a run goes on from one of those.

use std::{path::Path, sync::Arc};

use anyhow::Result;
use papers::{Papers, builtin_templates};

use crate::{
    bureau,
    chance::Chance,
    deeds::{Deeds, Memory},
    run::Course,
    ways::WAYS,
    world::{Making, Rest, World},
};

/// Deeds between two worlds that are kept.
const BETWEEN: usize = 7;
/// Deeds of a straight way, enough to come to the archive.
const WAY: usize = 154;
/// Worlds in which nothing more was done, after which a way has ended.
const STILL: usize = 4;
/// A world at rest, and what is remembered of it.
pub(crate) struct Base {
    rest: Rest,
    memory: Memory,
}

impl Base {
    async fn of(deeds: &Deeds) -> Result<Self> {
        let rest = deeds.world.rest()?;
        let memory = deeds.memory.clone();
        Ok(Self { rest, memory })
    }

    pub(crate) async fn world(&self, making: &Making) -> Result<(World, Memory)> {
        let world = World::from(&self.rest, making).await?;
        Ok((world, self.memory.clone()))
    }
}

/// What runs begin with; made once, since each begins alike.
pub struct Lab {
    papers: Arc<Papers>,
    data: Arc<Papers>,
    bases: Vec<Base>,
}

impl Lab {
    /// A lab with a bureau on its first day.
    ///
    /// # Errors
    /// Fonts that are missing, a folder that cannot be made.
    pub async fn new(fonts: &Path) -> Result<Self> {
        let load = || Papers::new(fonts, builtin_templates());
        let mut lab = Self {
            papers: Arc::new(load()?),
            data: Arc::new(load()?.without_layout()),
            bases: Vec::new(),
        };
        let world = World::new(&lab.making(false, true), bureau::BEGINS).await?;
        let course = Course::straight(WAYS[0]);
        let deeds = Deeds::new(world, Memory::default(), Chance::of(0), course);
        lab.bases.push(Base::of(&deeds).await?);
        deeds.world.close().await;
        Ok(lab)
    }

    /// The same with cases at many places of so many ways; there are six.
    ///
    /// # Errors
    /// What does not hold on the way.
    pub async fn with_ways(mut self, ways: usize) -> Result<Self> {
        for (seed, way) in (0..).zip(WAYS).take(ways) {
            let (world, memory) = self.bases[0].world(&self.making(false, true)).await?;
            let mut deeds = Deeds::new(world, memory, Chance::of(seed), Course::straight(way));
            let (mut done, mut still) = (0, 0);
            for step in 1..=WAY {
                deeds.next().await?;
                if still == STILL {
                    break;
                }
                if step % BETWEEN == 0 {
                    still = if deeds.done() == done { still + 1 } else { 0 };
                    done = deeds.done();
                    self.bases.push(Base::of(&deeds).await?);
                }
            }
            // Where nothing more is done, one place is as good as another.
            self.bases
                .truncate(self.bases.len() - still.saturating_sub(1));
            deeds.world.close().await;
        }
        Ok(self)
    }

    pub(crate) fn making(&self, laid_out: bool, honest: bool) -> Making {
        let papers = if laid_out { &self.papers } else { &self.data };
        Making {
            papers: Arc::clone(papers),
            honest,
            postgres: None,
        }
    }

    /// One of the places to begin at; 0 is the first day.
    pub(crate) fn base(&self, place: usize) -> Option<&Base> {
        self.bases.get(place)
    }

    /// How many places to begin at there are.
    pub fn places(&self) -> usize {
        self.bases.len()
    }
}
