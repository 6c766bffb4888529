//! The texts that a bureau has loaded: versions by day, and what a citation leads to.

use std::{collections::BTreeMap, ops::Range, sync::Arc};

use jiff::civil::Date;

use super::{LawText, Named, Place, citations, short_title};

/// One version of a law, in force from a day until the next version's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// First day in force.
    pub from: Date,
    /// Digest of the file.
    pub digest: String,
    /// Text.
    pub text: Arc<LawText>,
}

/// All texts, by short title and day.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Library {
    laws: BTreeMap<String, BTreeMap<Date, Version>>,
}

/// A citation with the text that it leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Where it stands in the citing text, in bytes.
    pub span: Range<usize>,
    /// Key of the law.
    pub law: String,
    /// The place in it, none for the whole.
    pub place: Option<Place>,
    /// Last place of a range.
    pub to: Option<Place>,
}

impl Library {
    /// Puts a version in; one of the same law from the same day goes, and so does the same file under another day.
    pub fn add(&mut self, version: Version) {
        self.remove(&version.digest);
        let key = version.text.short_title().to_owned();
        self.laws
            .entry(key)
            .or_default()
            .insert(version.from, version);
    }

    /// Takes the version with that digest out; whether it was there.
    pub fn remove(&mut self, digest: &str) -> bool {
        let before = self.versions().count();
        for versions in self.laws.values_mut() {
            versions.retain(|_, v| v.digest != digest);
        }
        self.laws.retain(|_, versions| !versions.is_empty());
        self.versions().count() < before
    }

    /// All versions, by law and day.
    pub fn versions(&self) -> impl Iterator<Item = &Version> {
        self.laws.values().flat_map(BTreeMap::values)
    }

    /// Versions of one law (by short or full title) by day.
    pub fn of(&self, law: &str) -> impl Iterator<Item = &Version> {
        let versions = self.laws.get(short_title(law));
        versions.into_iter().flat_map(BTreeMap::values)
    }

    /// The version of a law that is in force on a day.
    pub fn on(&self, law: &str, day: Date) -> Option<&Version> {
        let versions = self.laws.get(short_title(law))?;
        versions.range(..=day).next_back().map(|(_, v)| v)
    }

    /// The citations of a text that lead to a loaded text in force on that day.
    pub fn links(&self, text: &str, day: Date) -> Vec<Link> {
        if self.laws.is_empty() {
            return Vec::new();
        }
        let cited = citations(text).into_iter();
        cited
            .filter_map(|citation| {
                let version = match &citation.law {
                    Named::Title(title) => self.on(title, day),
                    Named::Number(number) => self.numbered(number, day),
                }?;
                let there = |place: &Place| version.text.article(place.article).is_some();
                citation.place.iter().all(there).then(|| Link {
                    span: citation.span,
                    law: version.text.short_title().to_owned(),
                    place: citation.place,
                    to: citation.to.filter(there),
                })
            })
            .collect()
    }

    fn numbered(&self, number: &str, day: Date) -> Option<&Version> {
        let mut titles = self.laws.keys();
        titles.find_map(|title| {
            let version = self.on(title, day)?;
            (version.text.number.as_deref() == Some(number)).then_some(version)
        })
    }
}
