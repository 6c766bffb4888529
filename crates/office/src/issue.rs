//! What a decided command issues: papers rendered and stored, and named by the event.

use std::sync::Arc;

use casework::{
    Decided,
    decide::PaperPlan,
    effect::Effect,
    event::{CaseActed, Issued},
    state::State,
};

use serde_json::Value;

use crate::{
    CaseFile, Office, Roster, error::OfficeError, numbers::Numbered, paper_data, write::Given,
};

/// The case before and after an event, of which papers are made.
#[derive(Clone, Copy)]
pub(crate) struct Making<'a> {
    pub file: &'a CaseFile,
    pub roster: &'a Roster,
    pub after: &'a State,
    pub event: &'a CaseActed,
}

impl Office {
    /// Renders and stores the papers; the event names them last.
    pub(crate) async fn seal(
        &self,
        given: &Given<'_>,
        roster: &Arc<Roster>,
        numbered: Numbered,
        decided: &Decided,
    ) -> Result<CaseActed, OfficeError> {
        let mut event = decided.event.clone();
        if let Some(number) = numbered.case {
            event.effects.push(Effect::Number { number });
        }
        let mut after = given.file.state.clone();
        after.apply_event(&event);
        for (plan, number) in decided.papers.iter().zip(numbered.papers) {
            let issued = self
                .issue(given, roster, &after, &event, plan, number)
                .await?;
            event.papers.push(issued);
        }
        Ok(event)
    }

    async fn issue(
        &self,
        given: &Given<'_>,
        roster: &Arc<Roster>,
        after: &State,
        event: &CaseActed,
        plan: &PaperPlan,
        number: Option<String>,
    ) -> Result<Issued, OfficeError> {
        let Given { file, command, .. } = *given;
        let key = format!("{}/{}", command.id, plan.template);
        let paper_id = self.digest_hex(key.as_bytes())[..16].to_uppercase();
        let making = Making {
            file,
            roster,
            after,
            event,
        };
        let value = self.paper_data(&making, plan, &paper_id, number.as_deref())?;
        let (office, template, stream, now) = (
            self.clone(),
            plan.template.clone(),
            file.id.clone(),
            self.now().0,
        );
        let template_digest = self.template_digest(&plan.template)?;
        let (digest, size, pages) = tokio::task::spawn_blocking(move || {
            let rendered = office.papers().render(&template, &value, now)?;
            let digest = office.store().objects().put(&stream, &rendered.pdf)?;
            Ok::<_, OfficeError>((digest, rendered.pdf.len(), rendered.pages))
        })
        .await
        .map_err(|e| OfficeError::Internal(e.to_string()))??;
        Ok(Issued {
            digest,
            template_digest: Some(template_digest),
            size_bytes: size as u64,
            pages: u32::try_from(pages).unwrap_or(u32::MAX),
            ..planned(plan, paper_id, number, event)
        })
    }

    /// What a paper says, as its template takes it: for the paper and for its preview.
    pub(crate) fn paper_data(
        &self,
        making: &Making<'_>,
        plan: &PaperPlan,
        paper_id: &str,
        number: Option<&str>,
    ) -> Result<Value, OfficeError> {
        let Making {
            file,
            roster,
            after,
            event,
        } = *making;
        let maker = paper_data::Maker {
            pack: &file.pack,
            before: &file.state,
            earlier: &file.events,
            state: after,
            event,
            body: roster.bodies.get(&file.body_id),
            people: &roster.people,
            calendar: &self.calendar(),
            config: self.config(),
            simulated: self.simulated(),
        };
        let data = maker.data(plan, paper_id, number);
        serde_json::to_value(&data).map_err(|e| OfficeError::Internal(e.to_string()))
    }

    /// The digest of what a paper is made from, built in or the bureau's own: an event binds it to the paper.
    pub(crate) fn template_digest(&self, template: &str) -> Result<String, OfficeError> {
        let sources = self.papers().sources(template)?;
        let bytes =
            serde_json::to_vec(&sources).map_err(|e| OfficeError::Internal(e.to_string()))?;
        Ok(self.digest_hex(&bytes))
    }
}

/// A paper as its plan has it; what only its bytes say is not known yet.
pub(crate) fn planned(
    plan: &PaperPlan,
    paper_id: String,
    number: Option<String>,
    event: &CaseActed,
) -> Issued {
    Issued {
        paper_id,
        template: plan.template.clone(),
        title: plan.title.clone(),
        number,
        party: plan.party.clone(),
        on: event.occurred_on,
        digest: String::new(),
        template_digest: None,
        size_bytes: 0,
        media_type: "application/pdf".to_owned(),
        order: plan.order,
        pages: 1,
    }
}
