//! The papers of a step as they would be issued: made on the same way as the real ones, and then let go.

use casework::{
    Command, decide::decide, effect::Effect, person::Person, record::Via, state::State,
};
use papers::{PaperError, Preview};

use crate::{
    Office,
    error::OfficeError,
    issue::{Making, planned},
};

/// What stands where a number will stand: none is claimed for a preview.
pub const NUMBER_TO_COME: &str = "（签发时编号）";
/// What stands where the id of a paper will stand.
const ID_TO_COME: &str = "预览";
/// Papers of one step that are shown; a step issues a few.
const PAPERS_MAX: usize = 12;

/// A paper of a step that is not taken yet.
#[derive(Debug, Clone)]
pub struct PaperPreview {
    /// Title.
    pub title: String,
    /// Name of the party addressed, where it is one.
    pub party: Option<String>,
    /// The paper, or why it could not be made: the step would be refused for the same reason.
    pub shown: Result<Preview, String>,
}

impl Office {
    /// The papers that a command would issue now. Nothing is numbered, stored or logged.
    ///
    /// # Errors
    /// As [`Office::act`] for whoever may not read the case, or not take the step as it stands.
    pub async fn preview(
        &self,
        actor: &Person,
        via: Via,
        case: &str,
        command: &Command,
    ) -> Result<Vec<PaperPreview>, OfficeError> {
        let file = self.case(actor, case).await?;
        let (roster, calendar) = (self.roster().await?, self.calendar());
        let ctx = self.context(&file, &calendar, actor, &roster, via);
        let decided = decide(&file.state, command, &ctx).map_err(OfficeError::Refused)?;
        let mut event = decided.event.clone();
        if decided.number.is_some() {
            let number = NUMBER_TO_COME.to_owned();
            event.effects.push(Effect::Number { number });
        }
        let mut after = file.state.clone();
        after.apply_event(&event);
        let mut previews = Vec::new();
        for plan in decided.papers.iter().take(PAPERS_MAX) {
            let number = plan.series.as_ref().map(|_| NUMBER_TO_COME.to_owned());
            let making = Making {
                file: &file,
                roster: &roster,
                after: &after,
                event: &event,
            };
            let value = self.paper_data(&making, plan, ID_TO_COME, number.as_deref())?;
            let shown = self.laid_out(plan.template.clone(), value).await?;
            let mut paper = planned(plan, ID_TO_COME.to_owned(), number, &event);
            if let Ok(preview) = &shown {
                paper.pages = u32::try_from(preview.pages_total).unwrap_or(u32::MAX);
            }
            previews.push(PaperPreview {
                title: plan.title.clone(),
                party: named(&after, plan.party.as_deref()),
                shown: shown.map_err(|fault| fault.to_string()),
            });
            // A later paper of the step may speak of this one.
            event.papers.push(paper);
        }
        Ok(previews)
    }

    async fn laid_out(
        &self,
        template: String,
        value: serde_json::Value,
    ) -> Result<Result<Preview, PaperError>, OfficeError> {
        let office = self.clone();
        tokio::task::spawn_blocking(move || office.papers().preview(&template, &value))
            .await
            .map_err(|fault| OfficeError::Internal(fault.to_string()))
    }
}

fn named(state: &State, party: Option<&str>) -> Option<String> {
    let track = state.party(party?)?;
    Some(track.party.name.trim().to_owned())
}
