//! Papers (执法文书): a template and data in, a PDF/A-2b file out.
//!
//! A template is Typst source that lies in the procedure pack; data are one JSON document of the
//! form [`PaperData`], every value already worded for print. The same template, data, fonts and
//! time stamp give the same bytes, so a paper's digest can be named in an event and checked later.
//!
//! The crate refuses rather than prints something wrong: a template that reads a field outside the
//! contract is refused when it is loaded, a paper whose indispensable facts are missing is not
//! rendered, and neither is one with a character that no font can draw.
//!
//! Papers that a bureau's own template has a part in can be typeset by a program of their own ([`ApartCommand`]), with
//! a bound of time and size.
//!
//! It does not word facts, count days, claim numbers or store anything, reads no clock and no
//! network, and embeds no font: the fonts are files in a directory that the set-up fills.

mod analysis;
mod apart;
mod builtin;
pub mod contract;
mod docx;
mod editing;
mod error;
mod font_lists;
mod fonts;
mod frames;
mod labels;
mod own;
mod papers;
mod preview;
mod sample;
mod world;

pub use apart::{ApartCommand, work_apart};
pub use builtin::builtin_templates;
pub use contract::{
    Bureau, Case, Evidence, FormField, Item, Kind, Limits, Opinion, Paper, PaperData, Party,
    Person, Point, Proposal, Service, Verify, Vote,
};
pub use error::{FieldLabel, PaperError};
pub use labels::{DUTIES, FIELD_IDS};
pub use papers::{Papers, Rendered};
pub use preview::{PREVIEW_MARK, Preview};
