//! Papers to look at before they are issued: page images that say on every page that they are no paper yet.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use typst::layout::{Abs, Frame, Point};
use typst::syntax::Source;
use typst_layout::PagedDocument;

use crate::apart::Want;
use crate::papers::task;
use crate::world::file_id;
use crate::{PaperData, PaperError, Papers, frames};

/// The word that lies across every page of a preview.
pub const PREVIEW_MARK: &str = "预览";

/// Page images are given for so many pages of a paper; the words of the others can be read all the same.
const PAGES_SHOWN_MAX: usize = 12;

/// A paper as it would be issued, never to be kept or served.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preview {
    /// One SVG image a page, of the first pages.
    pub pages: Vec<String>,
    /// Number of pages that the paper has.
    pub pages_total: usize,
    /// The words, a printed line a line.
    pub text: String,
}

impl Papers {
    /// Renders a paper as page images under the mark 预览, whatever its template is.
    ///
    /// # Errors
    /// As [`Papers::render`].
    pub fn preview(&self, template: &str, data: &Value) -> Result<Preview, PaperError> {
        let data = self.accept(template, data)?;
        match self.apart(template) {
            Some(apart) => apart.preview(&task(template, data, Want::Preview)),
            None => self.look(template, &data),
        }
    }

    pub(crate) fn look(&self, template: &str, data: &PaperData) -> Result<Preview, PaperError> {
        let mark = self.mark()?;
        let options = typst_svg::SvgOptions::default();
        self.typeset(template, data, |_, document| {
            let pages = document.pages().iter().take(PAGES_SHOWN_MAX);
            let pages = pages.map(|page| {
                let mut page = page.clone();
                lay_over(&mut page.frame, &mark);
                typst_svg::svg(&page, &options)
            });
            Ok(Preview {
                pages: pages.collect(),
                pages_total: document.pages().len(),
                text: frames::plain_text(document),
            })
        })
    }

    /// The mark, laid out: a template cannot leave it away or cover it, since it is no part of the template.
    fn mark(&self) -> Result<Frame, PaperError> {
        let document: PagedDocument = self.compile_alone(mark_source()?)?;
        let page = document.pages().first();
        Ok(page.map(|page| page.frame.clone()).unwrap_or_default())
    }
}

fn mark_source() -> Result<Source, PaperError> {
    let text = format!(
        "#set page(width: auto, height: auto, margin: 0pt, fill: none)\n\
         #set text(font: \"Noto Sans SC\", size: 110pt, fill: rgb(\"#b5281e30\"))\n\
         #rotate(-35deg, reflow: true)[{PREVIEW_MARK}]"
    );
    let file = file_id("preview-mark").ok_or_else(|| PaperError::Typesetting {
        template: PREVIEW_MARK.to_owned(),
        message: "模板名称不能用作文件名".to_owned(),
    })?;
    Ok(Source::new(file, text))
}

/// Lays the mark over the middle of a page.
fn lay_over(page: &mut Frame, mark: &Frame) {
    let middle = |whole: Abs, part: Abs| (whole - part) / 2.0;
    let at = Point::new(
        middle(page.width(), mark.width()),
        middle(page.height(), mark.height()),
    );
    page.push_frame(at, mark.clone());
}
