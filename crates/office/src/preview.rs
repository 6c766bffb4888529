//! The papers of a step as they would be issued: made on the same way as the real ones, and then let go; and copies for
//! editing, of these and of what was issued.

use std::sync::Arc;

use casework::{
    Command,
    decide::{PaperPlan, decide},
    effect::Effect,
    event::CaseActed,
    person::Person,
    record::Via,
    state::State,
};
use papers::{PaperError, Preview};
use serde_json::Value;

use crate::{
    CaseFile, Office, Recorded, Roster,
    error::OfficeError,
    issue::{Making, planned},
    publish::as_of,
};

/// What stands where a number will stand: none is claimed for a preview.
pub const NUMBER_TO_COME: &str = "（签发时编号）";
/// What stands where the id of a paper will stand.
const ID_TO_COME: &str = "预览";
/// What a copy says of itself that was made after its paper was issued.
const ANEW: &str = "按现在的模板和人员、机关信息重新生成，内容可能与 PDF 不同";
/// The same where the template is another by now.
const CHANGED: &str =
    "按现在的模板和人员、机关信息重新生成，模板在签发以后已经改动，内容可能与 PDF 不同";
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
        let mut drafted = self.drafted(actor, via, case, command).await?;
        let mut previews = Vec::new();
        for plan in drafted.papers.clone().iter().take(PAPERS_MAX) {
            let value = self.draft_data(&drafted, plan)?;
            let Drafted { after, event, .. } = &mut drafted;
            let number = number_to_come(plan);
            let shown = self.laid_out(plan.template.clone(), value).await?;
            let mut paper = planned(plan, ID_TO_COME.to_owned(), number, event);
            if let Ok(preview) = &shown {
                paper.pages = u32::try_from(preview.pages_total).unwrap_or(u32::MAX);
            }
            previews.push(PaperPreview {
                title: plan.title.clone(),
                party: named(after, plan.party.as_deref()),
                shown: shown.map_err(|fault| fault.to_string()),
            });
            // A later paper of the step may speak of this one.
            event.papers.push(paper);
        }
        Ok(previews)
    }

    /// A copy for editing of one of the papers that a command would issue now, with its title.
    ///
    /// # Errors
    /// As [`Office::preview`]; and a paper that the command does not issue or that cannot be made.
    pub async fn draft_copy(
        &self,
        actor: &Person,
        via: Via,
        case: &str,
        command: &Command,
        which: usize,
    ) -> Result<(String, Vec<u8>), OfficeError> {
        let mut drafted = self.drafted(actor, via, case, command).await?;
        let plan = drafted.papers.get(which).cloned();
        let plan = plan.ok_or(OfficeError::NotFound)?;
        // This paper may speak of the earlier ones of the step.
        for earlier in drafted.papers.iter().take(which) {
            let number = number_to_come(earlier);
            let paper = planned(earlier, ID_TO_COME.to_owned(), number, &drafted.event);
            drafted.event.papers.push(paper);
        }
        let value = self.draft_data(&drafted, &plan)?;
        let copy = self.copied(plan.template, value).await?;
        Ok((plan.title, copy))
    }

    /// A copy for editing of a paper that was issued, with its title: made anew of what the case was then, with the
    /// template, officials, bureau and calendar of today, which its pages say.
    ///
    /// # Errors
    /// That the person may not read the case, that there is no such paper made by the program, or that it cannot be made.
    pub async fn editing_copy(
        &self,
        actor: &Person,
        case: &str,
        paper_id: &str,
    ) -> Result<(String, Vec<u8>), OfficeError> {
        let file = self.case(actor, case).await?;
        let issues = |e: &Recorded| e.acted.papers.iter().position(|p| p.paper_id == paper_id);
        let found = file
            .events
            .iter()
            .enumerate()
            .find_map(|(at, event)| Some((at, event, issues(event)?)));
        let (at, recorded, place) = found.ok_or(OfficeError::NotFound)?;
        let paper = recorded
            .acted
            .papers
            .get(place)
            .ok_or(OfficeError::NotFound)?;
        let version = recorded.header.version;
        let then = CaseFile {
            state: as_of(&file, version.saturating_sub(1)),
            events: file.events.iter().take(at).cloned().collect(),
            pack: self.pack_then(&file, &recorded.header).await?,
            id: file.id.clone(),
            body_id: file.body_id.clone(),
        };
        let mut event = recorded.acted.clone();
        event.papers.truncate(place);
        let roster = self.roster().await?;
        let making = Making {
            file: &then,
            roster: &roster,
            after: &as_of(&file, version),
            event: &event,
        };
        let plan = PaperPlan {
            template: paper.template.clone(),
            title: paper.title.clone(),
            series: None,
            party: paper.party.clone(),
            order: paper.order,
        };
        let mut value = self.paper_data(&making, &plan, paper_id, paper.number.as_deref())?;
        let now = self.template_digest(&plan.template)?;
        let changed = paper.template_digest.as_ref().is_some_and(|d| *d != now);
        let note = if changed { CHANGED } else { ANEW };
        if let Some(Value::String(origin)) = value.get_mut("origin_note") {
            *origin = match origin.as_str() {
                "" => note.to_owned(),
                origin => format!("{note}。{origin}"),
            };
        }
        let copy = self.copied(plan.template, value).await?;
        Ok((plan.title, copy))
    }

    /// What a command comes to, with what will be claimed left open.
    async fn drafted(
        &self,
        actor: &Person,
        via: Via,
        case: &str,
        command: &Command,
    ) -> Result<Drafted, OfficeError> {
        let file = self.case(actor, case).await?;
        let (roster, calendar) = (self.roster().await?, self.calendar());
        let ctx = self.context(&file, &calendar, actor, &roster, via);
        let decided = decide(&file.state, command, &ctx).map_err(OfficeError::Refused)?;
        let mut event = decided.event;
        if decided.number.is_some() {
            let number = NUMBER_TO_COME.to_owned();
            event.effects.push(Effect::Number { number });
        }
        let mut after = file.state.clone();
        after.apply_event(&event);
        Ok(Drafted {
            papers: decided.papers,
            file,
            roster,
            after,
            event,
        })
    }

    fn draft_data(&self, drafted: &Drafted, plan: &PaperPlan) -> Result<Value, OfficeError> {
        let making = Making {
            file: &drafted.file,
            roster: &drafted.roster,
            after: &drafted.after,
            event: &drafted.event,
        };
        let number = number_to_come(plan);
        self.paper_data(&making, plan, ID_TO_COME, number.as_deref())
    }

    async fn copied(&self, template: String, value: Value) -> Result<Vec<u8>, OfficeError> {
        let office = self.clone();
        let copied = move || office.papers().editing_copy(&template, &value);
        Ok(tokio::task::spawn_blocking(copied)
            .await
            .map_err(|fault| OfficeError::Internal(fault.to_string()))??)
    }

    async fn laid_out(
        &self,
        template: String,
        value: Value,
    ) -> Result<Result<Preview, PaperError>, OfficeError> {
        let office = self.clone();
        tokio::task::spawn_blocking(move || office.papers().preview(&template, &value))
            .await
            .map_err(|fault| OfficeError::Internal(fault.to_string()))
    }
}

/// A command's outcome, of which papers are made that are not issued.
struct Drafted {
    file: Arc<CaseFile>,
    roster: Arc<Roster>,
    after: State,
    event: CaseActed,
    papers: Vec<PaperPlan>,
}

fn number_to_come(plan: &PaperPlan) -> Option<String> {
    plan.series.as_ref().map(|_| NUMBER_TO_COME.to_owned())
}

fn named(state: &State, party: Option<&str>) -> Option<String> {
    let track = state.party(party?)?;
    Some(track.party.name.trim().to_owned())
}
