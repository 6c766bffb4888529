//! A page as its reader meets it: its words, links and controls, a line for each block.

/// Elements whose beginning and end break a line.
const BLOCKS: [&str; 37] = [
    "address",
    "article",
    "aside",
    "blockquote",
    "br",
    "dd",
    "details",
    "div",
    "dl",
    "dt",
    "fieldset",
    "figure",
    "footer",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "header",
    "hr",
    "label",
    "legend",
    "li",
    "main",
    "nav",
    "ol",
    "p",
    "pre",
    "section",
    "select",
    "summary",
    "table",
    "tbody",
    "textarea",
    "thead",
    "tr",
    "ul",
];
/// Elements whose content is not read out.
const SILENT: [&str; 4] = ["head", "script", "style", "svg"];

/// The words of an HTML page as this workspace's templates write it (well-formed, attributes in double quotes).
///
/// Links are `[words](address)`, a heading begins with `#`, an item with `-`, a cell with `|`; controls show what they
/// hold. Hidden inputs are left out; `redact` is given every address and text and may replace what differs each time.
#[must_use]
pub fn words(html: &str, redact: impl Fn(&str) -> String) -> String {
    let mut page = Page {
        lines: vec![String::new()],
        redact: &redact,
        silent: None,
        link: Vec::new(),
        choices: None,
    };
    let mut rest = html;
    while let Some((text, after)) = rest.split_once('<') {
        page.text(text);
        let (tag, after) = after.split_once('>').unwrap_or((after, ""));
        page.tag(tag);
        rest = after;
    }
    page.text(rest);
    let lines = page.lines.iter().map(|line| line.trim());
    let mut told = lines
        .filter(|line| !line.is_empty())
        .collect::<Vec<_>>()
        .join("\n");
    told.push('\n');
    told
}

struct Page<'a> {
    lines: Vec<String>,
    redact: &'a dyn Fn(&str) -> String,
    /// The element whose content is skipped.
    silent: Option<String>,
    /// Addresses of the links that are open.
    link: Vec<String>,
    /// The choices of the list that is open, and whether each is chosen.
    choices: Option<Vec<(bool, String)>>,
}

impl Page<'_> {
    fn put(&mut self, text: &str) {
        if let Some(line) = self.lines.last_mut() {
            line.push_str(text);
        }
    }

    fn text(&mut self, text: &str) {
        if self.silent.is_some() {
            return;
        }
        let words = unescape(text);
        if let Some(choices) = &mut self.choices {
            if let Some((_, choice)) = choices.last_mut() {
                choice.push_str(words.trim());
            }
            return;
        }
        let mut parts = words.split_whitespace().peekable();
        if parts.peek().is_none() {
            let begun = self.lines.last();
            if !words.is_empty()
                && begun.is_some_and(|line| !line.is_empty() && !line.ends_with(' '))
            {
                self.put(" ");
            }
            return;
        }
        let told = parts.collect::<Vec<_>>().join(" ");
        let spaced = words.starts_with(char::is_whitespace)
            && !self
                .lines
                .last()
                .is_none_or(|line| line.is_empty() || line.ends_with(' '));
        if spaced {
            self.put(" ");
        }
        let told = (self.redact)(&told);
        self.put(&told);
        if words.ends_with(char::is_whitespace) {
            self.put(" ");
        }
    }

    fn tag(&mut self, tag: &str) {
        let name = tag
            .trim_start_matches('/')
            .split([' ', '/', '\n'])
            .next()
            .unwrap_or_default();
        let ends = tag.starts_with('/');
        if let Some(silent) = &self.silent {
            if ends && silent == name {
                self.silent = None;
            }
            return;
        }
        if !ends && SILENT.contains(&name) && !tag.ends_with('/') {
            if let Some(label) = attribute(tag, "aria-label") {
                self.put(&format!("（图：{label}）"));
            }
            self.silent = Some(name.to_owned());
            return;
        }
        if BLOCKS.contains(&name) {
            self.lines.push(String::new());
        }
        match (ends, name) {
            (false, "h1") => self.put("# "),
            (false, "h2") => self.put("## "),
            (false, "h3" | "h4") => self.put("### "),
            (false, "li") => self.put("- "),
            (false, "th" | "td") => self.put(" | "),
            (false, "a") => {
                self.link.push(attribute(tag, "href").unwrap_or_default());
                self.put("[");
            }
            (true, "a") => {
                let address = self.link.pop().unwrap_or_default();
                let address = (self.redact)(&address);
                self.put(&format!("]({address})"));
            }
            (false, "button") => self.put(" ⟨"),
            (true, "button") => self.put("⟩"),
            (false, "option") => {
                let choice = (is_on(tag, "selected"), String::new());
                self.choices.get_or_insert_default().push(choice);
            }
            (true, "select") => self.choose(),
            (false, "textarea") => self.put("▭ "),
            (false, "select") => {
                self.choices = Some(Vec::new());
            }
            (false, "input") => self.input(tag),
            (false, "img") => {
                let told = attribute(tag, "alt").unwrap_or_default();
                self.put(&format!("（图：{told}）"));
            }
            _ => {}
        }
    }

    /// Tells the choice of a list that shows: the chosen one, or its first.
    fn choose(&mut self) {
        let choices = self.choices.take().unwrap_or_default();
        let chosen = choices.iter().find(|(on, _)| *on).or(choices.first());
        let told = chosen.map_or("", |(_, choice)| choice.as_str());
        self.put(&format!("▾ {told}（{} 项）", choices.len()));
    }

    fn input(&mut self, tag: &str) {
        let value = attribute(tag, "value").unwrap_or_default();
        match attribute(tag, "type").unwrap_or_default().as_str() {
            "hidden" => {}
            "radio" | "checkbox" if is_on(tag, "checked") => self.put("☑ "),
            "radio" | "checkbox" => self.put("☐ "),
            "file" => self.put("▭（文件）"),
            _ => {
                let value = (self.redact)(&value);
                self.put(&format!("▭ {value}"));
            }
        }
    }
}

/// Whether a tag has an attribute without a value.
fn is_on(tag: &str, name: &str) -> bool {
    let bare = tag.split('"').step_by(2);
    bare.flat_map(str::split_whitespace)
        .any(|word| word == name)
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let at = tag.find(&format!(" {name}=\""))? + name.len() + 3;
    tag.get(at..)?.split('"').next().map(unescape)
}

fn unescape(text: &str) -> String {
    let signs = [
        ("&#60;", "<"),
        ("&#62;", ">"),
        ("&#34;", "\""),
        ("&#39;", "'"),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&nbsp;", "\u{a0}"),
        ("&#38;", "&"),
        ("&amp;", "&"),
    ];
    signs
        .iter()
        .fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn a_page_is_told_by_its_blocks_links_and_controls() {
        let html = "<html><head><title>不读</title></head><body><h1>待办（2）</h1>\n<p>有 <strong>1</strong> 项，<a class=\"b\" \
                    href=\"/cases?a=1&#38;b=2\">查看</a>。</p><table><tr><th>案件</th><td>甲&#60;厂</td></tr></table>\
                    <form><input type=\"hidden\" name=\"x\" value=\"y\"><label>名称<input type=\"text\" value=\"某厂\"></label>\
                    <label><input type=\"radio\" value=\"a\" checked> 是</label><select><option value=\"1\">一</option>\
                    <option value=\"2\" selected>二</option></select><textarea rows=\"3\">\n写\n了</textarea><button>提交</button>\
                    </form><svg aria-label=\"流程\"><text>无</text></svg></body></html>";
        let told = words(html, |text| text.replace("某厂", "…"));
        let expect = "# 待办（2）\n有 1 项，[查看](/cases?a=1&b=2)。\n| 案件 | 甲<厂\n名称▭ …\n☑ 是\n▾ 二（2 项）\n▭ 写 了\n⟨提交⟩\n（图：流程）\n";
        assert_eq!(told, expect);
    }
}
