//! What the typesetter can see while it makes one paper: templates, fonts, one JSON string.

use std::collections::HashMap;

use typst::diag::{FileError, FileResult};
use typst::foundations::{Bytes, Datetime, Dict, Duration, IntoValue, Str};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Feature, Features, Library, LibraryExt, World};

use crate::fonts::Fonts;

/// The templates' sources by file, shared by all renderings.
pub(crate) type Sources = HashMap<FileId, Source>;

/// One rendering's world; it has no files but the templates and no clock.
pub(crate) struct RenderWorld<'a> {
    fonts: &'a Fonts,
    sources: &'a Sources,
    main: FileId,
    library: LazyHash<Library>,
}

impl<'a> RenderWorld<'a> {
    /// A world for `main` whose `sys.inputs.data` is `json`.
    pub(crate) fn new(fonts: &'a Fonts, sources: &'a Sources, main: FileId, json: String) -> Self {
        Self::with(fonts, sources, main, json, Features::default())
    }

    /// The same for a document of structure instead of pages.
    pub(crate) fn structured(
        fonts: &'a Fonts,
        sources: &'a Sources,
        main: FileId,
        json: String,
    ) -> Self {
        let features = std::iter::once(Feature::Html).collect();
        Self::with(fonts, sources, main, json, features)
    }

    fn with(
        fonts: &'a Fonts,
        sources: &'a Sources,
        main: FileId,
        json: String,
        features: Features,
    ) -> Self {
        let mut inputs = Dict::new();
        inputs.insert(Str::from("data"), Str::from(json).into_value());
        let builder = Library::builder().with_inputs(inputs);
        let library = LazyHash::new(builder.with_features(features).build());
        Self {
            fonts,
            sources,
            main,
            library,
        }
    }
}

/// The file that holds the template `name`; `None` when the name is no file name.
pub(crate) fn file_id(name: &str) -> Option<FileId> {
    let path = VirtualPath::new(format!("{name}.typ")).ok()?;
    Some(RootedPath::new(VirtualRoot::Project, path).intern())
}

impl World for RenderWorld<'_> {
    fn library(&self) -> &LazyHash<Library> {
        &self.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &self.fonts.book
    }

    fn main(&self) -> FileId {
        self.main
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        self.sources
            .get(&id)
            .cloned()
            .ok_or(FileError::AccessDenied)
    }

    fn file(&self, _: FileId) -> FileResult<Bytes> {
        // Templates are text only: no images, no data files, nothing from the machine.
        Err(FileError::AccessDenied)
    }

    fn font(&self, index: usize) -> Option<Font> {
        self.fonts.font(index)
    }

    fn today(&self, _: Option<Duration>) -> Option<Datetime> {
        // A paper's dates come with its data.
        None
    }
}
