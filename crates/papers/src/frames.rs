//! Reads a laid-out paper: its words, and the characters that no font could draw.

use std::collections::BTreeSet;

use typst::layout::{Abs, Frame, FrameItem, Point};
use typst::text::TextItem;
use typst_layout::PagedDocument;

/// The characters of `document` that came out as the "missing glyph" box, each with its code point.
pub(crate) fn missing_glyphs(document: &PagedDocument) -> Vec<String> {
    let mut chars = BTreeSet::new();
    for page in document.pages() {
        each_text(&page.frame, Point::zero(), &mut |_, text| {
            chars.extend(undrawn(text))
        });
    }
    chars
        .into_iter()
        .map(|c| format!("{c}（U+{:04X}）", u32::from(c)))
        .collect()
}

/// The words of `document`, a printed line a line.
pub(crate) fn plain_text(document: &PagedDocument) -> String {
    let mut words = String::new();
    for page in document.pages() {
        let mut line: Option<Abs> = None;
        each_text(&page.frame, Point::zero(), &mut |at, text| {
            if line.is_some_and(|y| !y.approx_eq(at.y)) {
                words.push('\n');
            }
            line = Some(at.y);
            words.push_str(&text.text);
        });
        words.push('\n');
    }
    words
}

/// Visits every run of text with its place on the page.
fn each_text(frame: &Frame, origin: Point, visit: &mut impl FnMut(Point, &TextItem)) {
    for (place, item) in frame.items() {
        let at = origin + *place;
        match item {
            FrameItem::Group(group) => each_text(&group.frame, at, visit),
            FrameItem::Text(text) => visit(at, text),
            _ => {}
        }
    }
}

/// Glyph 0 of a font is its box for "no glyph".
fn undrawn(text: &TextItem) -> impl Iterator<Item = char> + '_ {
    text.glyphs
        .iter()
        .filter(|glyph| glyph.id == 0)
        .filter_map(|glyph| text.text.get(glyph.range()))
        .flat_map(str::chars)
}
