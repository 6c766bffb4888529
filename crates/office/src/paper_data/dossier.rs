//! The dossier as its index lists it: order, volumes, page numbers, and what it came to.

use casework::{event::Issued, field::FieldValue, state::PartyState};
use papers::contract as c;

use super::{Maker, SERVED, date_text, penalty_text};
use crate::Recorded;

/// Names of the volumes.
const MAIN: &str = "正卷";
const INNER: &str = "副卷";

/// Steps that file the dossier and what supplements it.
const FILING: [&str; 2] = ["A50", "A50.supplement"];

/// Papers that stand behind the one that they served.
const PROOFS: [&str; 2] = ["service_receipt", "service_announcement"];

/// Where a paper stands: the order of its kind, then its turn; what proves service stands behind what it served.
type Position = (u32, usize, usize);

impl Maker<'_> {
    /// Papers volume by volume in the order of the dossier, each volume with its own numbers and pages, and behind
    /// them the files that were taken as evidence, whose pages nobody has counted.
    pub(super) fn dossier(&self) -> Vec<c::Item> {
        let (inner, main): (Vec<&Issued>, Vec<&Issued>) =
            self.ordered().into_iter().partition(|p| self.is_inner(p));
        let mut items = listed(&main, MAIN);
        let papers = items.len();
        let files = self.state.evidence.iter().filter_map(|e| {
            let file = e.file.as_ref()?;
            Some((e, file))
        });
        items.extend(files.enumerate().map(|(i, (evidence, file))| c::Item {
            no: (papers + i + 1).to_string(),
            name: format!("{}（{}）", evidence.name, file.name),
            volume: MAIN.to_owned(),
            note: "附件另附".to_owned(),
            ..c::Item::default()
        }));
        items.extend(listed(&inner, INNER));
        items
    }

    /// What came after the dossier was filed, or after it was supplemented last: papers volume by volume, numbered and
    /// paged anew, and the material that this step adds; the index of the dossier stays as it is (档案法 13).
    pub(super) fn supplement(&self) -> Vec<c::Item> {
        let files = |e: &&Recorded| FILING.contains(&e.acted.step.as_str());
        let filed = self.earlier.iter().rev().find(files);
        let since = filed.map_or(0, |e| e.header.version);
        let ordered = self.ordered();
        let later = |paper: &&Issued| {
            let mut issued = self.state.papers.iter();
            issued.any(|(version, p)| *version > since && p.paper_id == paper.paper_id)
        };
        let (inner, main): (Vec<&Issued>, Vec<&Issued>) = ordered
            .into_iter()
            .filter(later)
            .partition(|p| self.is_inner(p));
        let mut items = listed(&main, MAIN);
        let number = items.len() + 1;
        let added = self.event.fields.values().find_map(|value| match value {
            FieldValue::Upload(file) => Some(file.name.clone()),
            _ => None,
        });
        let note = self.event.fields.get("note").and_then(FieldValue::as_text);
        // Material on paper is told of in the note alone.
        let (name, place) = match (added, note) {
            (Some(name), _) => (name, "附件另附"),
            (None, Some(note)) if items.is_empty() && inner.is_empty() => (note.to_owned(), ""),
            _ => (String::new(), ""),
        };
        if !name.is_empty() {
            items.push(c::Item {
                no: number.to_string(),
                name,
                on: date_text(self.event.occurred_on),
                volume: MAIN.to_owned(),
                note: place.to_owned(),
                ..c::Item::default()
            });
        }
        items.extend(listed(&inner, INNER));
        items
    }

    /// How many things the index lists.
    pub(crate) fn dossier_count(&self) -> String {
        self.dossier().len().to_string()
    }

    /// The pages of each volume.
    pub(super) fn dossier_pages(&self) -> String {
        let of = |inner: bool| -> u32 {
            let papers = self.state.papers.iter().map(|(_, paper)| paper);
            let own = papers.filter(|p| self.is_inner(p) == inner);
            own.fold(0, |sum, p| sum.saturating_add(p.pages.max(1)))
        };
        match (of(false), of(true)) {
            (main, 0) => main.to_string(),
            (main, inner) => format!("{MAIN}{main}页，{INNER}{inner}页"),
        }
    }

    /// Which volumes there are.
    pub(crate) fn dossier_volumes(&self) -> String {
        let mut papers = self.state.papers.iter().map(|(_, paper)| paper);
        if papers.any(|p| self.is_inner(p)) {
            format!("{MAIN}、{INNER}")
        } else {
            MAIN.to_owned()
        }
    }

    /// What the case came to, each party by name where there are several.
    pub(crate) fn outcome(&self) -> String {
        let parties = &self.state.parties;
        let lines: Vec<String> = parties
            .iter()
            .map(|track| {
                let words = outcome_of(track);
                match parties.len() {
                    0 | 1 => words,
                    _ => format!("{}：{words}", track.party.name.trim()),
                }
            })
            .collect();
        lines.join("；")
    }

    fn is_inner(&self, paper: &Issued) -> bool {
        let kind = self.pack.papers.get(&paper.template);
        kind.is_some_and(|kind| kind.inner)
    }

    fn ordered(&self) -> Vec<&Issued> {
        let mut papers: Vec<(Position, &Issued)> = Vec::new();
        for (turn, (_, paper)) in self.state.papers.iter().enumerate() {
            // The last paper before this proof of service that had to be served on the same party.
            let served = papers.iter().rev().find(|(_, earlier)| {
                PROOFS.contains(&paper.template.as_str())
                    && earlier.party == paper.party
                    && SERVED.contains(&earlier.template.as_str())
            });
            let position = match served {
                Some(((order, first, _), _)) => (*order, *first, turn + 1),
                None => (paper.order, turn, 0),
            };
            papers.push((position, paper));
        }
        papers.sort_by_key(|(position, _)| *position);
        papers.into_iter().map(|(_, paper)| paper).collect()
    }
}

/// Papers numbered from 1, with their first page.
fn listed(papers: &[&Issued], volume: &str) -> Vec<c::Item> {
    let mut page: u32 = 1;
    let rows = papers.iter().enumerate().map(|(i, paper)| {
        let first = page;
        page = page.saturating_add(paper.pages.max(1));
        c::Item {
            no: (i + 1).to_string(),
            name: paper.title.clone(),
            number: paper.number.clone().unwrap_or_default(),
            on: date_text(paper.on),
            page: first.to_string(),
            volume: volume.to_owned(),
            ..c::Item::default()
        }
    });
    rows.collect()
}

fn outcome_of(track: &PartyState) -> String {
    let decision = track.facts.get("decision").map(String::as_str);
    let penalties = track.decided.iter().flat_map(|d| &d.penalties);
    let penalties: Vec<String> = penalties.map(penalty_text).collect();
    let penalties = penalties.join("，");
    match decision.unwrap_or_default() {
        "penalty" => penalties,
        "no_penalty" => "不予行政处罚".to_owned(),
        "changed" => format!("处罚决定已变更：{penalties}"),
        "unlawful" => format!("处罚决定已确认违法：{penalties}"),
        "revoked" => "处罚决定已撤销".to_owned(),
        "void" => "处罚决定已确认无效".to_owned(),
        "ended" => "终止调查".to_owned(),
        _ => String::new(),
    }
}
