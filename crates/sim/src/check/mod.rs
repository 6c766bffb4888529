//! What must hold after a run, whatever was done: judged from what is stored, without `decide`.

mod case;
mod kept;
mod open;

pub use case::{handled_apart, limits_have_ends, reviews_cover};
pub use kept::{Case, Event, Outcome, Sent, entitled, numbers, order, papers, read_cases};

use anyhow::Result;

use crate::{bureau, world::World};

/// Everything that does not hold in a world that has settled, a sentence each.
///
/// # Errors
/// That the world cannot be read.
pub async fn all(world: &World, sent: &[Sent]) -> Result<Vec<String>> {
    let cases = kept::read_cases(&world.office).await?;
    let mut found = kept::sound(world).await?;
    found.extend(kept::answers(world, &cases, sent).await?);
    let (calendar, today) = (world.office.calendar(), world.today());
    for case in &cases {
        let acted: Vec<_> = case
            .events
            .iter()
            .map(|event| event.acted.clone())
            .collect();
        let mut of_case = handled_apart(&acted);
        of_case.extend(reviews_cover(&acted));
        of_case.extend(limits_have_ends(&acted, &calendar, today));
        found.extend(of_case.into_iter().map(|why| format!("{}: {why}", case.id)));
    }
    found.extend(kept::numbers(&cases));
    found.extend(kept::papers(&world.objects(), &cases));
    found.extend(kept::order(&cases));
    found.extend(kept::entitled(&bureau::people(), &cases));
    found.extend(open::only_what_is_public(world, &cases).await?);
    Ok(found)
}
