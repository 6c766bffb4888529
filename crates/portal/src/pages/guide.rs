//! A guide's Markdown as a part of a page: its title is the page's, and what looks like HTML is shown as text.

use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd, html};

/// A wide table scrolls by itself, by keyboard too.
const TABLE: &str =
    "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"表格，可以左右滚动\">";
const TABLE_END: &str = "</div>";

/// A guide as a page shows it.
pub struct Guide {
    /// Its headings: place in the page, words, and whether it is a part of the one before.
    pub contents: Vec<(String, String, bool)>,
    /// Its text.
    pub html: String,
}

/// The guide as HTML, with what is in it.
pub fn html(markdown: &str) -> Guide {
    let mut out = String::with_capacity(markdown.len() * 2);
    let mut contents: Vec<(String, String, bool)> = Vec::new();
    let (mut in_title, mut in_heading) = (false, false);
    let events = Parser::new_ext(markdown, Options::ENABLE_TABLES).flat_map(|event| {
        let mut shown = Vec::with_capacity(2);
        if let (true, Event::Text(words) | Event::Code(words), Some(last)) =
            (in_heading, &event, contents.last_mut())
        {
            last.1.push_str(words);
        }
        match event {
            Event::Start(Tag::Heading {
                level: HeadingLevel::H1,
                ..
            }) => in_title = true,
            Event::End(TagEnd::Heading(HeadingLevel::H1)) => in_title = false,
            _ if in_title => {}
            Event::Start(Tag::Heading {
                level: level @ (HeadingLevel::H2 | HeadingLevel::H3),
                classes,
                attrs,
                ..
            }) => {
                in_heading = true;
                let place = format!("part-{}", contents.len() + 1);
                contents.push((place.clone(), String::new(), level == HeadingLevel::H3));
                shown.push(Event::Start(Tag::Heading {
                    level,
                    id: Some(place.into()),
                    classes,
                    attrs,
                }));
            }
            Event::End(TagEnd::Heading(level)) => {
                in_heading = false;
                shown.push(Event::End(TagEnd::Heading(level)));
            }
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
    Guide {
        contents,
        html: out,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_guide_becomes_headings_lists_and_tables_and_nothing_that_runs() {
        let Guide {
            contents,
            html: shown,
        } = html(
            "# 某某服务指南\n\n## 一、办理流程\n\n- **立案**（线索）\n  - 由谁办：2名以上\n\n\
             | 期限 | 长短 |\n|---|---|\n| 甲 | 5 日 |\n\n<script>alert(1)</script>\n\n![x](http://a/b) [y](javascript:1)\n",
        );
        for part in [
            "<h2 id=\"part-1\">一、办理流程</h2>",
            "<strong>立案</strong>",
            "<td>5 日</td>",
            "class=\"scroll\"",
            "&lt;script&gt;",
        ] {
            assert!(shown.contains(part), "{part}: {shown}");
        }
        let place = ("part-1".to_owned(), "一、办理流程".to_owned(), false);
        assert_eq!(contents, [place]);
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
