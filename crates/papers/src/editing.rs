//! Copies of papers for editing in a word processor (docx): the same template and data, as paragraphs and tables.
//!
//! Such a copy is never the record; every page of it says so. What a template lays out that has no counterpart in such a
//! document is refused rather than left out.

use serde_json::Value;
use typst::syntax::Source;
use typst_html::{HtmlDocument, HtmlElement, HtmlNode, attr, tag};

use crate::apart::Want;
use crate::docx::{self, Align, Block, Par, Piece, Row, Table};
use crate::papers::task;
use crate::world::file_id;
use crate::{PaperData, PaperError, Papers};

/// Where the source that asks for structure lies among the templates.
const MAIN: &str = "editing-copy";
/// Width of the text in points: 156 mm.
const TEXT_WIDTH_PT: f64 = 442.2;
/// What the typesetter says of an element that has no counterpart.
const LOST: &str = "was ignored during HTML export";

impl Papers {
    /// A copy of a paper as a docx file, to be edited; not the paper.
    ///
    /// # Errors
    /// As [`Papers::render`]; and a template whose layout has no counterpart, or a control character.
    pub fn editing_copy(&self, template: &str, data: &Value) -> Result<Vec<u8>, PaperError> {
        let data = self.accept(template, data)?;
        match self.apart(template) {
            Some(apart) => apart.docx(&task(template, data, Want::Docx)),
            None => self.docx(template, &data),
        }
    }

    pub(crate) fn docx(&self, template: &str, data: &PaperData) -> Result<Vec<u8>, PaperError> {
        let failed = |message: String| PaperError::Typesetting {
            template: template.to_owned(),
            message,
        };
        let main = file_id(MAIN).ok_or_else(|| failed("模板名称不能用作文件名".to_owned()))?;
        let text = format!(
            "{}\n#include \"{template}.typ\"",
            include_str!("editing.typ")
        );
        let document = self.structured(template, data, Source::new(main, text), |said| {
            said.contains(LOST) && !said.starts_with("page")
        })?;
        let blocks = blocks_of(&document);
        let unwritable = docx::unwritable(&blocks);
        if !unwritable.is_empty() {
            return Err(PaperError::Unwritable {
                template: template.to_owned(),
                chars: unwritable,
            });
        }
        docx::write(&blocks, &data.origin_note).map_err(failed)
    }
}

/// The paragraphs and tables of a document.
fn blocks_of(document: &HtmlDocument) -> Vec<Block> {
    let mut walk = Walk::default();
    let body = document.root().children.iter().find_map(|node| match node {
        HtmlNode::Element(element) if element.tag == tag::body => Some(element),
        _ => None,
    });
    if let Some(body) = body {
        walk.nodes(&body.children);
    }
    walk.end();
    walk.blocks
}

/// What was met so far.
#[derive(Default)]
struct Walk {
    blocks: Vec<Block>,
    open: Option<Par>,
    bold: bool,
    columns: Vec<f64>,
}

impl Walk {
    /// Ends the paragraph that is open; one that says nothing is left out.
    fn end(&mut self) {
        if let Some(par) = self.open.take()
            && !par.is_blank()
        {
            self.blocks.push(Block::Par(par));
        }
    }

    fn piece(&mut self, piece: Piece) {
        self.open
            .get_or_insert_with(Par::default)
            .pieces
            .push(piece);
    }

    fn nodes<'a>(&mut self, nodes: impl IntoIterator<Item = &'a HtmlNode>) {
        for node in nodes {
            match node {
                HtmlNode::Text(text, _) => self.piece(Piece::Text {
                    text: text.to_string(),
                    bold: self.bold,
                }),
                HtmlNode::Element(element) => self.element(element),
                HtmlNode::Tag(_) | HtmlNode::Frame(_) => {}
            }
        }
    }

    fn element(&mut self, element: &HtmlElement) {
        match element.tag {
            tag::br => self.piece(Piece::Break),
            tag::strong => {
                let before = std::mem::replace(&mut self.bold, true);
                self.nodes(&element.children);
                self.bold = before;
            }
            tag::span | tag::em => self.nodes(&element.children),
            tag::table => {
                self.end();
                let table = self.table(element);
                self.blocks.push(Block::Table(table));
            }
            tag::p => {
                self.end();
                self.open = Some(par_of(element));
                self.nodes(&element.children);
                self.end();
            }
            _ => {
                self.end();
                if let Some(columns) = said(element, "data-columns") {
                    self.columns = widths(&columns);
                }
                self.nodes(&element.children);
                self.end();
            }
        }
    }

    fn table(&self, element: &HtmlElement) -> Table {
        let mut rows = Vec::new();
        collect_rows(element, false, &mut rows);
        Table {
            columns: self.columns.clone(),
            rows,
        }
    }
}

fn collect_rows(element: &HtmlElement, head: bool, rows: &mut Vec<Row>) {
    for node in &element.children {
        let HtmlNode::Element(inner) = node else {
            continue;
        };
        if inner.tag != tag::tr {
            collect_rows(inner, head || inner.tag == tag::thead, rows);
            continue;
        }
        let cells = inner.children.iter().filter_map(|node| match node {
            HtmlNode::Element(cell) => Some(cell_of(cell)),
            _ => None,
        });
        rows.push(Row {
            head,
            cells: cells.collect(),
        });
    }
}

/// How many columns a cell takes, and what stands in it.
fn cell_of(cell: &HtmlElement) -> (usize, Vec<Block>) {
    let span = cell.attrs.get(attr::colspan).and_then(|n| n.parse().ok());
    let mut walk = Walk::default();
    walk.nodes(&cell.children);
    walk.end();
    (span.unwrap_or(1).max(1), walk.blocks)
}

fn said(element: &HtmlElement, name: &str) -> Option<String> {
    let mut attrs = element.attrs.0.iter();
    let (_, value) = attrs.find(|(key, _)| key.resolve().as_str() == name)?;
    Some(value.to_string())
}

fn par_of(element: &HtmlElement) -> Par {
    let align = said(element, "data-align").unwrap_or_default();
    let indent = said(element, "data-indent").unwrap_or_default();
    let size = said(element, "data-size").and_then(|size| size.trim_end_matches("pt").parse().ok());
    Par {
        align: match () {
            () if align.contains("center") => Align::Center,
            () if align.contains("right") || align.contains("end") => Align::Right,
            () => Align::Left,
        },
        // A paragraph of a form is indented only after another; copies leave that to who edits.
        indented: indent.contains("2em") && indent.contains("all: true"),
        size_pt: size.unwrap_or(Par::default().size_pt),
        pieces: Vec::new(),
    }
}

/// Widths of columns in points; what is left over goes to those that share.
fn widths(columns: &str) -> Vec<f64> {
    let parts = columns.trim_matches(['(', ')']).split(',').map(str::trim);
    let parts: Vec<&str> = parts.filter(|part| !part.is_empty()).collect();
    // A length is written with its share of the whole before it: `0% + 73.7pt`.
    let number = |part: &str, unit: &str| {
        let length = part.rsplit(' ').next()?;
        length.strip_suffix(unit)?.parse::<f64>().ok()
    };
    let fixed: f64 = parts.iter().filter_map(|part| number(part, "pt")).sum();
    let share = |part: &str| match number(part, "pt") {
        Some(_) => 0.0,
        None => number(part, "fr").unwrap_or(1.0),
    };
    let shares: f64 = parts.iter().map(|part| share(part)).sum();
    let rest = (TEXT_WIDTH_PT - fixed).max(0.0) / shares.max(1.0);
    parts
        .iter()
        .map(|part| number(part, "pt").unwrap_or_else(|| share(part) * rest))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_share_what_the_fixed_ones_leave() {
        fn check(columns: &str, expect: &[f64]) {
            let found = widths(columns);
            assert_eq!(found.len(), expect.len(), "{columns}: {found:?}");
            for (found, expect) in found.iter().zip(expect) {
                assert!((found - expect).abs() < 0.1, "{columns}: {found}");
            }
        }
        check("(100pt, 1fr, 100pt, 1fr)", &[100.0, 121.1, 100.0, 121.1]);
        check("(0% + 100pt, 1fr)", &[100.0, 342.2]);
        check("(auto, 3fr)", &[110.55, 331.65]);
        check("()", &[]);
    }
}
