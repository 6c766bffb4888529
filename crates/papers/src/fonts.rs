//! The fonts of a directory: described once, loaded when first used.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use typst::foundations::Bytes;
use typst::text::{Font, FontBook, FontInfo};
use typst::utils::LazyHash;

use crate::PaperError;

/// Families that every template relies on; 仿宋 faces come before them in the chain when present.
const REQUIRED: [&str; 2] = ["Noto Serif SC", "Noto Sans SC"];

/// A face in a font file; its bytes stay on disk until a paper needs it.
struct Slot {
    path: PathBuf,
    index: u32,
    font: Mutex<Option<Font>>,
}

/// The faces of a font directory with the book that the typesetter chooses from.
pub(crate) struct Fonts {
    pub(crate) book: LazyHash<FontBook>,
    slots: Vec<Slot>,
}

impl Fonts {
    /// Describes every font file in `dir`, in order of file name so that the choice is stable.
    pub(crate) fn scan(dir: &Path) -> Result<Self, PaperError> {
        let mut paths = Vec::new();
        for entry in fs::read_dir(dir).map_err(|source| unreadable(dir, source))? {
            let path = entry.map_err(|source| unreadable(dir, source))?.path();
            if is_font(&path) {
                paths.push(path);
            }
        }
        paths.sort();

        let mut book = FontBook::new();
        let mut slots = Vec::new();
        for path in paths {
            // The bytes are dropped again: a face that no paper uses costs no memory.
            let data = fs::read(&path).map_err(|source| unreadable(&path, source))?;
            for (index, info) in (0u32..).zip(FontInfo::iter(&data)) {
                book.push(info);
                slots.push(Slot {
                    path: path.clone(),
                    index,
                    font: Mutex::new(None),
                });
            }
        }
        let families: Vec<String> = REQUIRED
            .iter()
            .filter(|family| !book.contains_family(&family.to_lowercase()))
            .map(ToString::to_string)
            .collect();
        if families.is_empty() {
            Ok(Self {
                book: LazyHash::new(book),
                slots,
            })
        } else {
            Err(PaperError::FontMissing {
                path: dir.display().to_string(),
                families,
            })
        }
    }

    /// The face at `index`, loaded on first use; `None` when its file has gone since.
    pub(crate) fn font(&self, index: usize) -> Option<Font> {
        let slot = self.slots.get(index)?;
        let mut cached = slot.font.lock().unwrap_or_else(PoisonError::into_inner);
        if cached.is_none() {
            let data = fs::read(&slot.path).ok()?;
            *cached = Font::new(Bytes::new(data), slot.index);
        }
        cached.clone()
    }

    /// Lets go of the loaded faces; the next paper reads them again.
    pub(crate) fn unload(&self) {
        for slot in &self.slots {
            *slot.font.lock().unwrap_or_else(PoisonError::into_inner) = None;
        }
    }
}

fn is_font(path: &Path) -> bool {
    path.extension()
        .and_then(|ext| ext.to_str())
        .is_some_and(|ext| {
            matches!(
                ext.to_ascii_lowercase().as_str(),
                "ttf" | "otf" | "ttc" | "otc"
            )
        })
}

fn unreadable(path: &Path, source: std::io::Error) -> PaperError {
    PaperError::FontDir {
        path: path.display().to_string(),
        source,
    }
}
