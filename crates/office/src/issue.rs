//! What a decided command issues: numbers claimed, papers rendered and stored.

use std::sync::Arc;

use casework::{
    Command, Decided,
    decide::PaperPlan,
    effect::Effect,
    event::{CaseActed, Issued},
    state::State,
};

use crate::{Office, Roster, error::OfficeError, paper_data, write::Given};

impl Office {
    /// Claims the numbers of the case and of the papers.
    pub(crate) async fn number(
        &self,
        given: &Given<'_>,
        decided: &Decided,
    ) -> Result<Numbered, OfficeError> {
        let Given {
            file, command, via, ..
        } = *given;
        let year = command.occurred_on.year();
        let case = match &decided.number {
            Some(series) => Some(
                self.claim(&file.body_id, series, year, &claim_id(command, "case"), via)
                    .await?,
            ),
            None => None,
        };
        let mut papers = Vec::with_capacity(decided.papers.len());
        for plan in &decided.papers {
            papers.push(match &plan.series {
                Some(series) => Some(
                    self.claim(
                        &file.body_id,
                        series,
                        year,
                        &claim_id(command, &plan.template),
                        via,
                    )
                    .await?,
                ),
                None => None,
            });
        }
        Ok(Numbered { case, papers })
    }

    pub(crate) async fn void_all(&self, given: &Given<'_>, decided: &Decided, numbered: &Numbered) {
        let Given {
            file, command, via, ..
        } = *given;
        let year = command.occurred_on.year();
        let reason = "文书未能生成，文号作废";
        for plan in &decided.papers {
            if let Some(series) = &plan.series {
                let claim = claim_id(command, &plan.template);
                self.void(&file.body_id, series, year, &claim, reason, via)
                    .await;
            }
        }
        if let (Some(series), Some(_)) = (&decided.number, &numbered.case) {
            self.void(
                &file.body_id,
                series,
                year,
                &claim_id(command, "case"),
                reason,
                via,
            )
            .await;
        }
    }

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
        let data = maker.data(plan, &paper_id, number.as_deref());
        let value =
            serde_json::to_value(&data).map_err(|e| OfficeError::Internal(e.to_string()))?;
        let (office, template, stream, now) = (
            self.clone(),
            plan.template.clone(),
            file.id.clone(),
            self.now().0,
        );
        let (digest, size, pages) = tokio::task::spawn_blocking(move || {
            let rendered = office.papers().render(&template, &value, now)?;
            let digest = office.store().objects().put(&stream, &rendered.pdf)?;
            Ok::<_, OfficeError>((digest, rendered.pdf.len(), rendered.pages))
        })
        .await
        .map_err(|e| OfficeError::Internal(e.to_string()))??;
        Ok(Issued {
            paper_id,
            template: plan.template.clone(),
            title: plan.title.clone(),
            number,
            party: plan.party.clone(),
            on: event.occurred_on,
            digest,
            size_bytes: size as u64,
            media_type: "application/pdf".to_owned(),
            order: plan.order,
            pages: u32::try_from(pages).unwrap_or(u32::MAX),
        })
    }
}

/// The numbers of a decided command, paper by paper.
#[derive(Debug, Clone)]
pub(crate) struct Numbered {
    case: Option<String>,
    papers: Vec<Option<String>>,
}

fn claim_id(command: &Command, what: &str) -> String {
    format!("{}/{what}", command.id)
}
