//! What helps to fill in the form of a step: guidance, and the case under review.

use super::{
    act_desk::Desk,
    review::{self, Review, gives_opinion},
};
use crate::{cited::Cited, show::Names};

/// Guidance on the step.
pub struct Guide {
    pub means: Vec<String>,
    pub say: Vec<(String, String)>,
    pub mind: Vec<String>,
    pub basis: Vec<Cited>,
}

/// The guidance of the step, as its pack has it.
pub fn guides(desk: &Desk) -> Vec<Guide> {
    let (pack, laws) = (&desk.file.pack, desk.app.laws());
    let of_step = |at: &usize| pack.steps.get(*at).is_some_and(|s| s.id == desk.step.id);
    let guidance = pack.guidance.iter().filter(|g| g.steps.iter().any(of_step));
    guidance
        .map(|g| Guide {
            means: g.means.clone(),
            say: g.say.clone(),
            mind: g.mind.clone(),
            basis: g.basis.iter().map(|b| laws.cite(&b.text)).collect(),
        })
        .collect()
}

/// The case under review, for a step that gives an opinion on it.
pub fn review(desk: &Desk) -> Option<Review> {
    gives_opinion(&desk.step).then(|| {
        Review::of(review::Desk {
            file: &desk.file,
            names: &Names {
                people: &desk.roster.people,
                state: &desk.file.state,
                pack: &desk.file.pack,
            },
            calendar: &desk.calendar,
            laws: &desk.app.laws(),
            today: desk.context().today,
        })
    })
}

/// Whether the step gives an opinion on the case or answers one.
pub fn answers_review(desk: &Desk) -> bool {
    let mut requires = desk.step.requires.iter();
    gives_opinion(&desk.step) || requires.any(|r| r.name == "answers-points")
}
