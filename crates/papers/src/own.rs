//! Templates of the bureau's own: each takes the place of the built-in one of its name, and is looked through as a
//! whole before anything is printed with it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::{fs, io};

use typst::syntax::Source;

use crate::analysis::{self, Unit};
use crate::apart::{Apart, ApartCommand};
use crate::papers::parse;
use crate::{FieldLabel, PaperData, PaperError, Papers, font_lists, labels};

/// Longest template in bytes; the longest built in has 15,000.
const OWN_BYTES_MAX: u64 = 1 << 20;

/// Sources by name.
type Sources = BTreeMap<String, String>;

impl Papers {
    /// As [`Papers::new`], with the `.typ` files of `folder` in the place of the built-in templates of their names; a
    /// folder that is not there replaces nothing.
    ///
    /// What a built-in paper cannot do without, its replacement cannot either.
    ///
    /// # Errors
    /// As [`Papers::new`]; and, with file and line where there is one, a file that replaces nothing or is no paper, a
    /// font that is not at hand, or one with which the sample is not typeset.
    pub fn with_own(font_dir: &Path, builtin: Sources, folder: &Path) -> Result<Self, PaperError> {
        Self::with_own_apart(font_dir, builtin, folder, None)
    }

    /// As [`Papers::with_own`], with every paper that has a part of the bureau's own typeset by a program of its own,
    /// where one is named: a template that loops or grows then blocks neither the start nor a paper of another.
    ///
    /// # Errors
    /// As [`Papers::with_own`]; and a template with which the sample takes too long or too much memory.
    pub fn with_own_apart(
        font_dir: &Path,
        builtin: Sources,
        folder: &Path,
        apart: Option<ApartCommand>,
    ) -> Result<Self, PaperError> {
        let own = read(folder)?;
        let named: BTreeSet<String> = own.keys().cloned().collect();
        let within = |fault: PaperError, name: &str| PaperError::Own {
            file: folder.join(format!("{name}.typ")).display().to_string(),
            fault: Box::new(fault),
        };
        if let Some(name) = named.iter().find(|name| !builtin.contains_key(*name)) {
            let known = builtin.into_keys().collect();
            return Err(within(PaperError::ReplacesNothing { known }, name));
        }
        let mut merged = builtin.clone();
        merged.extend(own);
        let blamed = |fault: PaperError| match fault.template() {
            Some(name) if named.contains(name) => {
                let name = name.to_owned();
                within(fault, &name)
            }
            _ => fault,
        };
        let parsed = parse(merged.clone()).map_err(blamed)?;
        let before = parse(builtin)?;
        for name in &named {
            is_still_a_paper(name, &before, &parsed).map_err(|fault| within(fault, name))?;
        }
        let mut papers = Self::new(font_dir, merged.clone()).map_err(blamed)?;
        if let Some(command) = apart.filter(|_| !named.is_empty()) {
            let shared = named.iter().any(|name| !papers.names().any(|n| n == name));
            let own = |name: &&str| shared || named.contains(*name);
            let own = papers.names().filter(own).map(str::to_owned).collect();
            papers.set_apart(Apart::new(command, font_dir, merged)?, own);
        }
        for name in &named {
            papers.keep_needs(name, &before);
            papers
                .has_fonts(name, &parsed)
                .map_err(|fault| within(fault, name))?;
        }
        papers
            .try_out(&named)
            .map_err(|(name, fault)| within(fault, &name))?;
        Ok(papers)
    }

    /// Adds what the built-in paper cannot do without.
    fn keep_needs(&mut self, name: &str, before: &BTreeMap<String, Source>) {
        let needed = before.get(name).and_then(analysis::needs);
        let kept: Vec<FieldLabel> = needed
            .into_iter()
            .flatten()
            .map(|(path, _)| labels::labelled(&path))
            .collect();
        if let Some(needs) = self.needs_mut(name) {
            needs.extend(
                kept.into_iter()
                    .filter(|n| !needs.contains(n))
                    .collect::<Vec<_>>(),
            );
        }
    }

    /// Of every list of fonts at least one is at hand.
    fn has_fonts(&self, name: &str, parsed: &BTreeMap<String, Source>) -> Result<(), PaperError> {
        let Some(source) = parsed.get(name) else {
            return Ok(());
        };
        let modules: Vec<Unit<'_>> = parsed.iter().map(|(n, s)| (n.as_str(), s)).collect();
        let lists = font_lists::of((name, source), &modules);
        let missing = lists
            .into_iter()
            .find(|(families, _)| !families.iter().any(|f| self.has_family(f)));
        match missing {
            Some((families, line)) => Err(PaperError::FontUnknown {
                template: name.to_owned(),
                line,
                families,
            }),
            None => Ok(()),
        }
    }

    /// Typesets the sample with every own paper; with all of them where a shared module is the bureau's own.
    fn try_out(&self, own: &BTreeSet<String>) -> Result<(), (String, PaperError)> {
        let module = own.iter().find(|name| !self.names().any(|n| n == *name));
        let sample = PaperData::sample();
        for paper in self.names() {
            let blamed = match module {
                _ if own.contains(paper) => paper,
                Some(module) => module,
                None => continue,
            };
            self.sets(paper, &sample)
                .map_err(|fault| (blamed.to_owned(), fault))?;
        }
        Ok(())
    }
}

/// The `.typ` files of a folder by name.
fn read(folder: &Path) -> Result<Sources, PaperError> {
    let unreadable = |path: &Path, source: io::Error| PaperError::OwnUnreadable {
        path: path.display().to_string(),
        source,
    };
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Sources::new()),
        entries => entries.map_err(|error| unreadable(folder, error))?,
    };
    let mut own = Sources::new();
    for entry in entries {
        let path = entry.map_err(|error| unreadable(folder, error))?.path();
        let ending = path.extension().map(|e| e.to_string_lossy().into_owned());
        let refused = |fault: PaperError| PaperError::Own {
            file: path.display().to_string(),
            fault: Box::new(fault),
        };
        match ending.as_deref() {
            Some("typ") => {
                let Some(name) = path.file_stem().and_then(|stem| stem.to_str()) else {
                    return Err(refused(PaperError::OwnEnding));
                };
                let size = fs::metadata(&path).map_err(|error| unreadable(&path, error))?;
                if size.len() > OWN_BYTES_MAX {
                    return Err(refused(PaperError::OwnTooLarge));
                }
                let text = fs::read_to_string(&path).map_err(|error| unreadable(&path, error))?;
                own.insert(name.to_owned(), text);
            }
            // Taken for something else, it would be left out without a word.
            Some(other) if is_nearly_typ(other) => return Err(refused(PaperError::OwnEnding)),
            _ => {}
        }
    }
    Ok(own)
}

/// Whether somebody meant `.typ`: other letters' size or width, blanks around it, the name of the language.
fn is_nearly_typ(ending: &str) -> bool {
    let narrow = |c: char| match u32::from(c) {
        wide @ 0xFF01..=0xFF5E => char::from_u32(wide - 0xFEE0).unwrap_or(c),
        _ => c,
    };
    let plain: String = ending.trim().chars().map(narrow).collect();
    matches!(plain.to_lowercase().as_str(), "typ" | "typst")
}

/// A paper that lost its `needs` would be taken for a module, and be printed no more.
fn is_still_a_paper(
    name: &str,
    before: &BTreeMap<String, Source>,
    now: &BTreeMap<String, Source>,
) -> Result<(), PaperError> {
    let declares = |sources: &BTreeMap<String, Source>| {
        sources
            .get(name)
            .is_some_and(|s| analysis::needs(s).is_some())
    };
    match (declares(before), declares(now)) {
        (true, false) => Err(PaperError::NoNeeds),
        (false, true) => Err(PaperError::NoModule),
        _ => Ok(()),
    }
}
