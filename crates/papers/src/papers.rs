//! Loads templates and renders papers.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use jiff::tz::TimeZone;
use law::calendar::BEIJING;
use serde_json::Value;
use typst::World;
use typst::diag::SourceDiagnostic;
use typst::foundations::{Datetime, Smart};
use typst::syntax::{DiagSpan, FileId, Source};
use typst_html::HtmlDocument;
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards, Timestamp};

use crate::analysis::{self, Unit, Uses};
use crate::apart::{Answer, Apart, Task, Want};
use crate::fonts::Fonts;
use crate::world::{RenderWorld, Sources, file_id};
use crate::{FieldLabel, PaperData, PaperError, frames, labels};

/// Papers are made in Beijing time (UTC+8), in minutes.
const BEIJING_MINUTES: i32 = BEIJING.seconds() / 60;

/// What every paper needs: without these it could be neither filed nor found.
const ALWAYS_NEEDED: [&str; 3] = ["paper.id", "paper.title", "bureau.name"];

/// The typesetter's caches survive this many renderings without use; the fonts' shaping tables and
/// parsed templates then stay warm while the text of past papers is let go.
const CACHE_AGE_MAX: usize = 4;

/// A finished paper.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// The file, PDF/A-2b.
    pub pdf: Vec<u8>,
    /// Number of pages.
    pub pages: usize,
}

/// A template that is a paper of its own.
struct Template {
    file: FileId,
    title: String,
    needs: Vec<FieldLabel>,
}

/// Templates and fonts, loaded and checked; shared by threads without locking.
pub struct Papers {
    fonts: Fonts,
    sources: Sources,
    templates: BTreeMap<String, Template>,
    modules: BTreeMap<String, FileId>,
    standards: PdfStandards,
    /// Whether papers are laid out; see [`Papers::without_layout`].
    laid_out: bool,
    /// What typesets the papers that a bureau's own template has a part in, and their names.
    apart: Option<(Apart, BTreeSet<String>)>,
}

impl Papers {
    /// Loads the fonts of a directory and the templates by name (`lib.typ` or `lib` both name the
    /// shared module), and checks every template against the data contract.
    ///
    /// # Errors
    /// A font that is missing, a template that is not well-formed, or one that reads a field outside
    /// the contract, with file and line.
    pub fn new(font_dir: &Path, templates: BTreeMap<String, String>) -> Result<Self, PaperError> {
        let fonts = Fonts::scan(font_dir)?;
        let named = parse(templates)?;
        let (papers, modules): (Vec<Unit<'_>>, Vec<Unit<'_>>) = named
            .iter()
            .map(|(name, source)| (name.as_str(), source))
            .partition(|(_, source)| analysis::needs(source).is_some());
        if !named.contains_key("lib") {
            return Err(PaperError::LibraryMissing);
        }
        for &module in &modules {
            known_only(&analysis::uses(module, &modules))?;
        }
        let mut checked = BTreeMap::new();
        for unit in papers {
            checked.insert(unit.0.to_owned(), check(unit, &modules)?);
        }
        let modules = modules.iter().map(|(name, s)| ((*name).to_owned(), s.id()));
        let modules = modules.collect();
        let sources = named
            .values()
            .map(|source| (source.id(), source.clone()))
            .collect();
        Ok(Self {
            fonts,
            sources,
            templates: checked,
            modules,
            standards: pdf_a()?,
            laid_out: true,
            apart: None,
        })
    }

    /// Papers that are checked as ever and then hold their data as text, not as pages: for simulations, which make
    /// hundreds of thousands that nobody looks at.
    #[must_use]
    pub fn without_layout(mut self) -> Self {
        self.laid_out = false;
        self
    }

    /// The names of the papers that can be rendered.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.templates.keys().map(String::as_str)
    }

    /// The usual title of a paper, for example 立案审批表; `paper.title` overrides it.
    ///
    /// # Errors
    /// [`PaperError::UnknownTemplate`].
    pub fn title(&self, template: &str) -> Result<&str, PaperError> {
        Ok(&self.template(template)?.title)
    }

    /// The data without which a template is not rendered.
    ///
    /// # Errors
    /// [`PaperError::UnknownTemplate`].
    pub fn fields_needed(&self, template: &str) -> Result<&[FieldLabel], PaperError> {
        Ok(&self.template(template)?.needs)
    }

    /// Renders a paper from data of the form [`PaperData`]; `stamp_us` (microseconds UTC) becomes the
    /// file's creation time. Same input, same bytes.
    ///
    /// # Errors
    /// An unknown template, data outside the contract, indispensable data missing, a character that
    /// no font draws, or a stop of the typesetter.
    pub fn render(
        &self,
        template: &str,
        data: &Value,
        stamp_us: i64,
    ) -> Result<Rendered, PaperError> {
        let data = self.accept(template, data)?;
        if !self.laid_out {
            let words = serde_json::to_vec(&(template, stamp_us, &data));
            let pdf = words.map_err(|err| PaperError::Data {
                template: template.to_owned(),
                message: err.to_string(),
            })?;
            return Ok(Rendered { pdf, pages: 1 });
        }
        match self.apart(template) {
            Some(apart) => apart.render(&task(template, data, Want::Paper(stamp_us))),
            None => self.make(template, &data, stamp_us),
        }
    }

    fn make(
        &self,
        template: &str,
        data: &PaperData,
        stamp_us: i64,
    ) -> Result<Rendered, PaperError> {
        let options = PdfOptions {
            ident: Smart::Custom(data.paper.id.clone()),
            creator: Smart::Custom(Some("执衡".to_owned())),
            timestamp: Some(beijing(stamp_us).ok_or(PaperError::Stamp(stamp_us))?),
            standards: self.standards.clone(),
            ..PdfOptions::default()
        };
        self.typeset(template, data, |world, document| {
            let pdf = typst_pdf::pdf(document, &options)
                .map_err(|errors| stopped(template, world, &errors))?;
            Ok(Rendered {
                pdf,
                pages: document.pages().len(),
            })
        })
    }

    /// The words of a paper as laid out, a printed line a line: for search and for comparison.
    ///
    /// # Errors
    /// As [`Papers::render`].
    pub fn plain_text(&self, template: &str, data: &Value) -> Result<String, PaperError> {
        let data = self.accept(template, data)?;
        match self.apart(template) {
            Some(apart) => apart.text(&task(template, data, Want::Text)),
            None => self.words(template, &data),
        }
    }

    fn words(&self, template: &str, data: &PaperData) -> Result<String, PaperError> {
        self.typeset(template, data, |_, document| {
            Ok(frames::plain_text(document))
        })
    }

    /// Does what was asked of a program that typesets for another.
    pub(crate) fn work(&self, task: &Task) -> Result<(Answer, Vec<u8>), PaperError> {
        let (template, data) = (task.template.as_str(), &task.data);
        let said = match task.want {
            Want::Paper(stamp_us) => {
                let Rendered { pdf, pages } = self.make(template, data, stamp_us)?;
                return Ok((Answer::Paper { pages }, pdf));
            }
            Want::Preview => Answer::Preview(self.look(template, data)?),
            Want::Docx => return Ok((Answer::Docx, self.docx(template, data)?)),
            Want::Text => Answer::Text(self.words(template, data)?),
            Want::Trial => {
                self.typeset(template, data, |_, _| Ok(()))?;
                Answer::Trial
            }
        };
        Ok((said, Vec::new()))
    }

    /// What typesets that paper, where it is not this program.
    pub(crate) fn apart(&self, template: &str) -> Option<&Apart> {
        let (apart, names) = self.apart.as_ref()?;
        names.contains(template).then_some(apart)
    }

    /// Has these papers typeset by another program.
    pub(crate) fn set_apart(&mut self, apart: Apart, names: BTreeSet<String>) {
        self.apart = Some((apart, names));
    }

    /// Lets go of the loaded fonts, some 40 MB, and of the caches; the next paper takes longer.
    pub fn rest(&self) {
        comemo::evict(0);
        self.fonts.unload();
        if let Some((apart, _)) = &self.apart {
            apart.rest();
        }
    }

    /// The sources that a paper is made from: its template and the modules that all share, by name.
    ///
    /// # Errors
    /// [`PaperError::UnknownTemplate`].
    pub fn sources<'a>(
        &'a self,
        template: &'a str,
    ) -> Result<BTreeMap<&'a str, &'a str>, PaperError> {
        let own = self.template(template)?.file;
        let modules = self
            .modules
            .iter()
            .map(|(name, file)| (name.as_str(), *file));
        let files = modules.chain(std::iter::once((template, own)));
        let text = |file| self.sources.get(&file).map(Source::text);
        Ok(files
            .filter_map(|(name, file)| Some((name, text(file)?)))
            .collect())
    }

    /// What a loaded paper cannot do without, to be added to.
    pub(crate) fn needs_mut(&mut self, name: &str) -> Option<&mut Vec<FieldLabel>> {
        self.templates.get_mut(name).map(|t| &mut t.needs)
    }

    /// Is a font of that family at hand?
    pub(crate) fn has_family(&self, family: &str) -> bool {
        self.fonts.book.contains_family(&family.to_lowercase())
    }

    /// Can the paper be laid out with these data?
    pub(crate) fn sets(&self, template: &str, data: &PaperData) -> Result<(), PaperError> {
        match self.apart(template) {
            Some(apart) => apart.trial(&task(template, data.clone(), Want::Trial)),
            None => self.typeset(template, data, |_, _| Ok(())),
        }
    }

    fn template(&self, name: &str) -> Result<&Template, PaperError> {
        self.templates
            .get(name)
            .ok_or_else(|| PaperError::UnknownTemplate {
                template: name.to_owned(),
                known: self.templates.keys().cloned().collect(),
            })
    }

    /// The data in the form of the contract, with nothing missing that the template needs.
    pub(crate) fn accept(&self, template: &str, data: &Value) -> Result<PaperData, PaperError> {
        let Template { needs, title, .. } = self.template(template)?;
        let wrong = |err: serde_json::Error| PaperError::Data {
            template: template.to_owned(),
            message: err.to_string(),
        };
        let mut data = PaperData::from_value(&plain(data)).map_err(wrong)?;
        if data.paper.title.is_empty() {
            data.paper.title.clone_from(title);
        }
        let value = serde_json::to_value(&data).map_err(wrong)?;
        let fields: Vec<FieldLabel> = needs
            .iter()
            .filter(|need| is_missing(&value, &need.path))
            .cloned()
            .collect();
        if fields.is_empty() {
            Ok(data)
        } else {
            Err(PaperError::MissingFields {
                title: data.paper.title,
                fields,
            })
        }
    }

    /// Lays the paper out and hands it to `export`.
    pub(crate) fn typeset<T>(
        &self,
        template: &str,
        data: &PaperData,
        export: impl FnOnce(&RenderWorld<'_>, &PagedDocument) -> Result<T, PaperError>,
    ) -> Result<T, PaperError> {
        let main = self.template(template)?.file;
        let json = serde_json::to_string(data).map_err(|err| PaperError::Data {
            template: template.to_owned(),
            message: err.to_string(),
        })?;
        let world = RenderWorld::new(&self.fonts, &self.sources, main, json);
        let result = typst::compile::<PagedDocument>(&world)
            .output
            .map_err(|errors| stopped(template, &world, &errors))
            .and_then(|document| {
                let chars = frames::missing_glyphs(&document);
                if chars.is_empty() {
                    export(&world, &document)
                } else {
                    Err(PaperError::MissingGlyphs {
                        title: data.paper.title.clone(),
                        chars,
                    })
                }
            });
        comemo::evict(CACHE_AGE_MAX);
        result
    }

    /// Evaluates a source of the program's own over a template as structure, not pages; `lost` tells which of the
    /// typesetter's remarks say that something is missing.
    pub(crate) fn structured(
        &self,
        template: &str,
        data: &PaperData,
        source: Source,
        lost: impl Fn(&str) -> bool,
    ) -> Result<HtmlDocument, PaperError> {
        let json = serde_json::to_string(data).map_err(|err| PaperError::Data {
            template: template.to_owned(),
            message: err.to_string(),
        })?;
        let main = source.id();
        let mut sources = self.sources.clone();
        sources.insert(main, source);
        let world = RenderWorld::structured(&self.fonts, &sources, main, json);
        let done = typst::compile::<HtmlDocument>(&world);
        comemo::evict(CACHE_AGE_MAX);
        let document = done
            .output
            .map_err(|errors| stopped(template, &world, &errors))?;
        match done.warnings.iter().find(|said| lost(&said.message)) {
            Some(said) => Err(stopped(template, &world, std::slice::from_ref(said))),
            None => Ok(document),
        }
    }

    /// Lays out a source of the program's own, which sees no data and no template.
    pub(crate) fn compile_alone(&self, source: Source) -> Result<PagedDocument, PaperError> {
        let (main, name) = (source.id(), "内部版面");
        let sources = Sources::from([(main, source)]);
        let world = RenderWorld::new(&self.fonts, &sources, main, "{}".to_owned());
        typst::compile::<PagedDocument>(&world)
            .output
            .map_err(|errors| stopped(name, &world, &errors))
    }
}

pub(crate) fn task(template: &str, data: PaperData, want: Want) -> Task {
    Task {
        template: template.to_owned(),
        data,
        want,
    }
}

/// Parses the templates; the key of each is its name without `.typ`.
pub(crate) fn parse(
    templates: BTreeMap<String, String>,
) -> Result<BTreeMap<String, Source>, PaperError> {
    let mut parsed = BTreeMap::new();
    for (name, text) in templates {
        let name = name.strip_suffix(".typ").unwrap_or(&name).to_owned();
        let syntax = |line, message: &str| PaperError::Syntax {
            template: name.clone(),
            line,
            message: message.to_owned(),
        };
        let file = file_id(&name).ok_or_else(|| syntax(1, "模板名称不能用作文件名"))?;
        let source = Source::new(file, text);
        let (errors, _) = source.root().errors_and_warnings();
        if let Some(error) = errors.first() {
            return Err(syntax(analysis::line(&source, error.span), &error.message));
        }
        parsed.insert(name, source);
    }
    Ok(parsed)
}

/// Checks what a template reads and needs against the contract.
fn check(unit: Unit<'_>, modules: &[Unit<'_>]) -> Result<Template, PaperError> {
    let (name, source) = unit;
    let uses = analysis::uses(unit, modules);
    known_only(&uses)?;
    let declared = analysis::needs(source).unwrap_or_default();
    let mut needs: Vec<FieldLabel> = ALWAYS_NEEDED
        .iter()
        .map(|path| labels::labelled(path))
        .collect();
    for (path, line) in declared {
        if !labels::is_known(&path) {
            return Err(PaperError::UnknownField {
                template: name.to_owned(),
                line,
                path,
            });
        }
        needs.push(labels::labelled(&path));
    }
    let title = analysis::title(source).unwrap_or_default();
    Ok(Template {
        file: source.id(),
        title,
        needs,
    })
}

/// Refuses the first path that is not in the contract.
fn known_only(uses: &Uses) -> Result<(), PaperError> {
    match uses.iter().find(|(path, _)| !labels::is_known(path)) {
        Some((path, place)) => Err(PaperError::UnknownField {
            template: place.template.clone(),
            line: place.line,
            path: path.clone(),
        }),
        None => Ok(()),
    }
}

/// The data with the blanks and line ends of other programs as papers have them: a tab, as between the cells of a table
/// that was pasted, is a wide blank.
fn plain(data: &Value) -> Value {
    match data {
        Value::String(text) => {
            let text = text.replace("\r\n", "\n").replace('\t', "\u{3000}");
            Value::String(text.replace(['\r', '\u{b}', '\u{c}', '\u{2028}', '\u{2029}'], "\n"))
        }
        Value::Array(items) => items.iter().map(plain).collect(),
        Value::Object(members) => {
            let plain = |(name, value): (&String, &Value)| (name.clone(), plain(value));
            members.iter().map(plain).collect()
        }
        other => other.clone(),
    }
}

fn is_missing(data: &Value, path: &str) -> bool {
    let found = path.split('.').try_fold(data, |value, key| value.get(key));
    match found {
        Some(Value::String(text)) => text.trim().is_empty(),
        Some(Value::Array(items)) => items.is_empty(),
        Some(Value::Object(map)) => map.is_empty(),
        _ => true,
    }
}

fn pdf_a() -> Result<PdfStandards, PaperError> {
    PdfStandards::new(&[PdfStandard::A_2b]).map_err(|err| PaperError::Typesetting {
        template: "PDF/A-2b".to_owned(),
        message: err.message().to_string(),
    })
}

/// The instant as Beijing civil time; `None` outside the calendar.
fn beijing(stamp_us: i64) -> Option<Timestamp> {
    let zone = TimeZone::fixed(BEIJING);
    let at = jiff::Timestamp::from_microsecond(stamp_us)
        .ok()?
        .to_zoned(zone);
    let part = |value: i8| u8::try_from(value).ok();
    let datetime = Datetime::from_ymd_hms(
        at.year().into(),
        part(at.month())?,
        part(at.day())?,
        part(at.hour())?,
        part(at.minute())?,
        part(at.second())?,
    )?;
    Timestamp::new_local(datetime, BEIJING_MINUTES)
}

/// The typesetter's first error with the place in the templates.
fn stopped(template: &str, world: &RenderWorld<'_>, errors: &[SourceDiagnostic]) -> PaperError {
    let message = match errors.first() {
        Some(error) => format!("{}{}", place(world, error.span), error.message),
        None => "原因不明".to_owned(),
    };
    PaperError::Typesetting {
        template: template.to_owned(),
        message,
    }
}

fn place(world: &RenderWorld<'_>, span: DiagSpan) -> String {
    let Some(source) = span.id().and_then(|id| world.source(id).ok()) else {
        return String::new();
    };
    let file = source.id().get().vpath().get_without_slash().to_owned();
    format!("{file} 第 {} 行：", analysis::line(&source, span))
}
