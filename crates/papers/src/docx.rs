//! Writes paragraphs and tables as a docx file.

use std::collections::BTreeSet;
use std::io::Cursor;

use docx_rs::{
    AlignmentType, BreakType, Docx, Footer, Header, LineSpacing, LineSpacingType, NumPages,
    PageMargin, PageNum, Paragraph, Run, RunFonts, SpecialIndentType, TableCell, TableLayoutType,
    TableRow, WidthType,
};

/// What every page of a copy says of itself.
const COPY_NOTE: &str =
    "编辑用稿，不是正式文书。正式文书以系统签发的 PDF 为准；据此修改、签署的，把签署件作为附件上传";
/// A4 and the margins of GB/T 9704, in twentieths of a point.
const PAGE: (u32, u32) = (11_906, 16_838);
const MARGINS: (i32, i32, i32, i32) = (2_098, 1_587, 1_474, 1_984);
/// Twentieths of a point in one.
const TWIPS: f64 = 20.0;
/// Column of a table whose widths are not known, in points.
const COLUMN_PT: f64 = 80.0;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Align {
    #[default]
    Left,
    Center,
    Right,
}

/// A part of a paragraph.
#[derive(Debug, Clone, PartialEq)]
pub enum Piece {
    Text { text: String, bold: bool },
    Break,
}

/// A paragraph.
#[derive(Debug, Clone, PartialEq)]
pub struct Par {
    pub align: Align,
    /// Whether its first line is set in by two characters.
    pub indented: bool,
    pub size_pt: f64,
    pub pieces: Vec<Piece>,
}

impl Default for Par {
    fn default() -> Self {
        Self {
            align: Align::Left,
            indented: false,
            size_pt: 12.0,
            pieces: Vec::new(),
        }
    }
}

impl Par {
    /// Whether it says nothing.
    pub fn is_blank(&self) -> bool {
        self.pieces.iter().all(|piece| match piece {
            Piece::Text { text, .. } => text.trim().is_empty(),
            Piece::Break => true,
        })
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// Widths in points.
    pub columns: Vec<f64>,
    pub rows: Vec<Row>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    pub head: bool,
    /// Cells: how many columns each takes, and what stands in it.
    pub cells: Vec<(usize, Vec<Block>)>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Block {
    Par(Par),
    Table(Table),
}

/// The characters that no such file may hold (XML 1.0), by their code points.
pub fn unwritable(blocks: &[Block]) -> Vec<String> {
    let mut found = BTreeSet::new();
    collect_unwritable(blocks, &mut found);
    found
        .into_iter()
        .map(|c| format!("U+{:04X}", u32::from(c)))
        .collect()
}

fn collect_unwritable(blocks: &[Block], found: &mut BTreeSet<char>) {
    let bad = |c: &char| {
        (c.is_control() && !matches!(c, '\t' | '\n' | '\r')) || matches!(c, '\u{fffe}' | '\u{ffff}')
    };
    for block in blocks {
        match block {
            Block::Par(par) => {
                for piece in &par.pieces {
                    if let Piece::Text { text, .. } = piece {
                        found.extend(text.chars().filter(bad));
                    }
                }
            }
            Block::Table(table) => {
                for (_, inner) in table.rows.iter().flat_map(|row| &row.cells) {
                    collect_unwritable(inner, found);
                }
            }
        }
    }
}

/// The file.
///
/// # Errors
/// What the library says, in its words.
pub fn write(blocks: &[Block], note: &str) -> Result<Vec<u8>, String> {
    let (top, left, right, bottom) = MARGINS;
    let margin = PageMargin::new()
        .top(top)
        .left(left)
        .right(right)
        .bottom(bottom);
    let mut docx = Docx::new()
        .page_size(PAGE.0, PAGE.1)
        .page_margin(margin)
        .default_fonts(fonts("仿宋"))
        .default_size(24)
        .header(Header::new().add_paragraph(noted(note)))
        .footer(Footer::new().add_paragraph(numbered()));
    for block in blocks {
        docx = match block {
            Block::Par(par) => docx.add_paragraph(paragraph(par)),
            Block::Table(table) => docx
                .add_table(written(table))
                // Two tables in a row would run together.
                .add_paragraph(Paragraph::new()),
        };
    }
    let mut file = Cursor::new(Vec::new());
    docx.build()
        .pack(&mut file)
        .map_err(|fault| fault.to_string())?;
    Ok(file.into_inner())
}

fn fonts(name: &str) -> RunFonts {
    RunFonts::new().ascii(name).hi_ansi(name).east_asia(name)
}

fn noted(note: &str) -> Paragraph {
    let mut text = COPY_NOTE.to_owned();
    if !note.is_empty() {
        text = format!("{text}。{note}");
    }
    let run = Run::new().add_text(text).size(18).color("B5281E");
    Paragraph::new().align(AlignmentType::Center).add_run(run)
}

fn numbered() -> Paragraph {
    let word = |text: &str| Run::new().add_text(text).size(18);
    Paragraph::new()
        .align(AlignmentType::Center)
        .add_run(word("第"))
        .add_page_num(PageNum::new())
        .add_run(word("页　共"))
        .add_num_pages(NumPages::new())
        .add_run(word("页"))
}

fn paragraph(par: &Par) -> Paragraph {
    let half_points = to_units(par.size_pt, 2.0);
    let mut out = Paragraph::new()
        .align(match par.align {
            Align::Left => AlignmentType::Left,
            Align::Center => AlignmentType::Center,
            Align::Right => AlignmentType::Right,
        })
        .line_spacing(
            LineSpacing::new()
                .line_rule(LineSpacingType::Auto)
                .line(360),
        );
    if par.indented {
        let two = to_units(par.size_pt * 2.0, TWIPS);
        let two = i32::try_from(two).unwrap_or_default();
        out = out.indent(None, Some(SpecialIndentType::FirstLine(two)), None, None);
    }
    for piece in &par.pieces {
        out = out.add_run(match piece {
            Piece::Break => Run::new().add_break(BreakType::TextWrapping),
            Piece::Text { text, bold } => {
                let run = Run::new().add_text(text).size(half_points);
                match bold {
                    true => run.bold().fonts(fonts("黑体")),
                    false => run,
                }
            }
        });
    }
    out
}

fn written(table: &Table) -> docx_rs::Table {
    let count = |row: &Row| row.cells.iter().map(|(span, _)| span).sum::<usize>();
    let wanted = table.rows.iter().map(count).max().unwrap_or(0);
    let mut columns: Vec<usize> = table
        .columns
        .iter()
        .map(|width| to_units(*width, TWIPS))
        .collect();
    columns.resize(wanted, to_units(COLUMN_PT, TWIPS));
    let rows = table.rows.iter().map(|row| {
        let mut at = 0;
        let cells = row.cells.iter().map(|(span, blocks)| {
            let own = columns.iter().skip(at).take(*span).sum();
            at += span;
            cell(blocks, *span, own, row.head)
        });
        TableRow::new(cells.collect())
    });
    docx_rs::Table::new(rows.collect())
        .set_grid(columns.clone())
        .layout(TableLayoutType::Fixed)
}

fn cell(blocks: &[Block], span: usize, width: usize, head: bool) -> TableCell {
    let mut cell = TableCell::new().width(width, WidthType::Dxa);
    if span > 1 {
        cell = cell.grid_span(span);
    }
    for block in blocks {
        cell = match block {
            Block::Par(par) if head => cell.add_paragraph(paragraph(&Par {
                align: Align::Center,
                ..par.clone()
            })),
            Block::Par(par) => cell.add_paragraph(paragraph(par)),
            Block::Table(table) => cell.add_table(written(table)),
        };
    }
    // A cell without a paragraph is no cell to a word processor.
    match blocks.last() {
        Some(Block::Par(_)) => cell,
        _ => cell.add_paragraph(Paragraph::new()),
    }
}

/// So many points in units of which one point has `each`.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "sizes on a page are small and not negative"
)]
fn to_units(points: f64, each: f64) -> usize {
    (points * each).round().clamp(0.0, 100_000.0) as usize
}
