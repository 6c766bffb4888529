//! A guide's Markdown as a part of a page: its title is the page's, and what looks like HTML is shown as text.

use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd, html};

/// A wide table scrolls by itself, by keyboard too.
const TABLE: &str =
    "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"表格，可以左右滚动\">";
const TABLE_END: &str = "</div>";

/// The guide as HTML.
pub fn html(markdown: &str) -> String {
    let mut out = String::with_capacity(markdown.len() * 2);
    let mut in_title = false;
    let events = Parser::new_ext(markdown, Options::ENABLE_TABLES).flat_map(|event| {
        let mut shown = Vec::with_capacity(2);
        match event {
            Event::Start(Tag::Heading {
                level: HeadingLevel::H1,
                ..
            }) => in_title = true,
            Event::End(TagEnd::Heading(HeadingLevel::H1)) => in_title = false,
            _ if in_title => {}
            Event::Html(text) | Event::InlineHtml(text) => shown.push(Event::Text(text)),
            // Nothing leads away from the page or loads anything.
            Event::Start(Tag::Link { .. } | Tag::Image { .. })
            | Event::End(TagEnd::Link | TagEnd::Image) => {}
            Event::Start(tag @ Tag::Table(_)) => {
                shown.extend([Event::Html(TABLE.into()), Event::Start(tag)]);
            }
            Event::End(TagEnd::Table) => {
                shown.extend([Event::End(TagEnd::Table), Event::Html(TABLE_END.into())]);
            }
            other => shown.push(other),
        }
        shown
    });
    html::push_html(&mut out, events);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_guide_becomes_headings_lists_and_tables_and_nothing_that_runs() {
        let shown = html(
            "# 某某服务指南\n\n## 一、办理流程\n\n- **立案**（线索）\n  - 由谁办：2名以上\n\n\
             | 期限 | 长短 |\n|---|---|\n| 甲 | 5 日 |\n\n<script>alert(1)</script>\n\n![x](http://a/b) [y](javascript:1)\n",
        );
        for part in [
            "<h2>一、办理流程</h2>",
            "<strong>立案</strong>",
            "<td>5 日</td>",
            "class=\"scroll\"",
            "&lt;script&gt;",
        ] {
            assert!(shown.contains(part), "{part}: {shown}");
        }
        for part in [
            "<h1",
            "某某服务指南",
            "<script",
            "<img",
            "<a ",
            "javascript:",
        ] {
            assert!(!shown.contains(part), "{part}: {shown}");
        }
    }
}
