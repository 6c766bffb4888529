//! Refusals as a page tells them: why, under which article, and what to do next, with a way there.

use std::collections::BTreeMap;

use casework::refusal::Reason;
use law::pack::{Pack, Scope};

use crate::cited::{Cited, Laws};

/// One reason, ready to be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// What is wrong.
    pub why: String,
    /// Article, with a way to its text.
    pub basis: Option<Cited>,
    /// What to do next.
    pub next: Option<Next>,
}

/// What would help.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Next {
    /// In words.
    pub text: String,
    /// The page where it is done.
    pub href: Option<String>,
}

/// Where a refusal was met: what its `next` leads to depends on it.
#[derive(Debug, Clone, Copy)]
pub struct Here<'a> {
    /// Pack.
    pub pack: &'a Pack,
    /// Texts of laws.
    pub laws: &'a Laws,
    /// Case, none while it is being opened.
    pub case: Option<&'a str>,
    /// Party of the step.
    pub party: Option<&'a str>,
}

impl Here<'_> {
    /// A reason as the page tells it.
    pub fn tell(&self, reason: &Reason) -> Told {
        let next = reason
            .next
            .as_deref()
            .map(|next| match self.pack.step(next) {
                Some(step) => {
                    let party = self.party.filter(|_| step.scope == Scope::Party);
                    let href = self.case.map(|case| act_path(case, &step.id, party));
                    Next {
                        text: format!("可以先办理“{}”", step.title),
                        href,
                    }
                }
                None => Next {
                    text: next.to_owned(),
                    href: None,
                },
            });
        Told {
            why: reason.why.clone(),
            basis: reason.basis.as_deref().map(|b| self.laws.cite(b)),
            next,
        }
    }

    /// Reasons by the field that they name, those of no field of the form under the empty name.
    pub fn tell_all(&self, reasons: &[Reason], fields: &[&str]) -> BTreeMap<String, Vec<Told>> {
        let mut told: BTreeMap<String, Vec<Told>> = BTreeMap::new();
        for reason in reasons {
            let field = reason
                .field
                .as_deref()
                .filter(|field| fields.contains(field))
                .unwrap_or_default();
            told.entry(field.to_owned())
                .or_default()
                .push(self.tell(reason));
        }
        told
    }
}

/// The page of a step.
pub fn act_path(case: &str, step: &str, party: Option<&str>) -> String {
    match party {
        Some(party) => format!("/cases/{case}/act/{step}?party={party}"),
        None => format!("/cases/{case}/act/{step}"),
    }
}
