//! Reads a law from Markdown: `# title`, lines about when it was made, headings, articles.

use jiff::civil::Date;

use super::{
    Article, ArticleNumber, Item, LawText, Paragraph, TextFault,
    number::{leading_numeral, ordinal},
};

/// Levels of headings, from the outermost.
const LEVELS: [&str; 4] = ["分编", "编", "章", "节"];
/// Rank of each in [`LEVELS`]: a part (编) holds subparts (分编).
const RANKS: [usize; 4] = [1, 0, 2, 3];

/// Reads the text of a law; `named` is the day that the file's name gives for the version, if it gives one.
///
/// # Errors
/// The first line that cannot be read as part of a law.
pub fn read(text: &str, named: Option<Date>) -> Result<LawText, TextFault> {
    let mut reader = Reader::default();
    let text = text.trim_start_matches('\u{feff}');
    let mut last = 0;
    for (line, content) in body_lines(text) {
        reader.line(line, content)?;
        last = line;
    }
    reader.finish(last.max(1), named)
}

/// Lines with their numbers, without what stands before a closing `---` at the top.
fn body_lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let lines = || text.lines().enumerate().map(|(at, line)| (at + 1, line));
    let front = lines().next().is_some_and(|(_, l)| l.trim() == "---");
    let closed = front
        .then(|| lines().skip(1).find(|(_, l)| l.trim() == "---"))
        .flatten();
    lines().skip(closed.map_or(0, |(line, _)| line))
}

/// Without what nobody sees.
fn visible(line: &str) -> String {
    let kept = line.chars().filter(|c| !is_hidden(*c));
    kept.collect::<String>().trim().replace("**", "")
}

fn is_hidden(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{feff}' | '\u{2060}') || (c.is_control() && c != '\t')
}

#[derive(Default)]
struct Reader {
    title: Option<String>,
    history: Vec<String>,
    headings: [Option<String>; 4],
    begun: bool,
    articles: Vec<Article>,
    /// Whether the line before was text of the same paragraph, so that this one may go on with it.
    running: bool,
}

fn fault<T>(line: usize, what: impl Into<String>) -> Result<T, TextFault> {
    let what = what.into();
    Err(TextFault { line, what })
}

impl Reader {
    fn line(&mut self, line: usize, raw: &str) -> Result<(), TextFault> {
        let content = visible(raw);
        let text = content.as_str();
        if text.is_empty() || (text.starts_with("<!--") && text.ends_with("-->")) {
            self.running = false;
            return Ok(());
        }
        if let Some(heading) = text.strip_prefix('#') {
            self.running = false;
            return self.heading(line, heading.trim_start_matches('#').trim());
        }
        if self.title.is_none() {
            return fault(
                line,
                "第一行应为“# 法律名称”，例如“# 中华人民共和国行政处罚法”",
            );
        }
        if level(text).is_some() {
            self.running = false;
            return self.heading(line, text);
        }
        if let Some(opened) = self.article(line, text)? {
            self.articles.push(opened);
            self.begun = true;
            self.running = true;
            return Ok(());
        }
        if !self.begun {
            self.history.push(text.to_owned());
            return Ok(());
        }
        self.text(line, text)
    }

    fn heading(&mut self, line: usize, heading: &str) -> Result<(), TextFault> {
        let Some(rank) = level(heading) else {
            if self.title.is_none() && !heading.is_empty() {
                self.title = Some(title(heading));
                return Ok(());
            }
            let contents = heading.split_whitespace().collect::<String>() == "目录";
            if contents && self.articles.is_empty() {
                return Ok(());
            }
            return fault(
                line,
                format!("标题“{heading}”应为第几编、第几章或者第几节；附件、说明不是条文，请删去"),
            );
        };
        if self.title.is_none() {
            return fault(
                line,
                format!(
                    "应为“# 法律名称”，而这里是“{heading}”；分成几个文件的，请合为一个文件，第一行写法律名称"
                ),
            );
        }
        self.begun = true;
        for deeper in self.headings.iter_mut().skip(rank) {
            *deeper = None;
        }
        if let Some(place) = self.headings.get_mut(rank) {
            *place = Some(spaced(heading));
        }
        Ok(())
    }

    /// The article that begins on this line, if one does.
    fn article(&self, line: usize, text: &str) -> Result<Option<Article>, TextFault> {
        let Some((number, rest)) = ArticleNumber::read(text) else {
            return Ok(None);
        };
        let before = self.articles.last().map(|a| a.number);
        let set_off = rest.is_empty() || rest.starts_with(char::is_whitespace);
        if !set_off {
            // 第五条规定的… within a paragraph; what looks like the next article must not become one.
            let cited = ["第", "规定", "、", "所", "至", "和", "的", "中", "，", "或"];
            if !number.follows(before) || cited.iter().any(|c| rest.starts_with(c)) {
                return Ok(None);
            }
            return fault(line, format!("“{number}”之后应有空格，再写条文"));
        }
        if !number.follows(before) {
            let expected = match before {
                None => "第一条应为“第一条”".to_owned(),
                Some(b) => {
                    let next = ArticleNumber {
                        main: b.main.saturating_add(1),
                        inserted: 0,
                    };
                    format!("{b}之后应为{next}")
                }
            };
            return fault(
                line,
                format!("{expected}，而这里是{number}：缺少条文或者次序有误"),
            );
        }
        let words = rest.trim();
        let paragraphs = if words.is_empty() {
            Vec::new()
        } else {
            vec![paragraph(words)]
        };
        Ok(Some(Article {
            number,
            headings: self.headings.iter().flatten().cloned().collect(),
            paragraphs,
        }))
    }

    fn text(&mut self, line: usize, text: &str) -> Result<(), TextFault> {
        if text.starts_with(['|', '<']) || text.starts_with("![") {
            return fault(line, "表格、图片和网页标记不能读取，请改为文字");
        }
        let running = std::mem::replace(&mut self.running, true);
        let Some(article) = self.articles.last_mut() else {
            return fault(line, "这一段不在任何一条之中，应以“第一条 ”开头");
        };
        if let Some((number, _)) = item_mark(text) {
            return item(article, line, number, text);
        }
        let Some(open) = article.paragraphs.last_mut() else {
            article.paragraphs.push(paragraph(text));
            return Ok(());
        };
        if let Some(last) = open.items.last_mut() {
            if is_point(text) {
                last.points.push(text.to_owned());
                return Ok(());
            }
            if running && goes_on(last.points.last().unwrap_or(&last.text)) {
                last.points
                    .last_mut()
                    .unwrap_or(&mut last.text)
                    .push_str(text);
                return Ok(());
            }
        } else if running && goes_on(&open.text) {
            open.text.push_str(text);
            return Ok(());
        }
        article.paragraphs.push(paragraph(text));
        Ok(())
    }

    fn finish(self, last: usize, named: Option<Date>) -> Result<LawText, TextFault> {
        let Some(title) = self.title else {
            return fault(last, "文件中没有法律名称，第一行应为“# 法律名称”");
        };
        if self.articles.is_empty() {
            return fault(last, "文件中没有“第一条”，不是法律、法规或者规章的条文");
        }
        if let Some(empty) = self.articles.iter().find(|a| a.paragraphs.is_empty()) {
            return fault(last, format!("{}没有条文", empty.number));
        }
        let dates = Dates::of(&self.history, &self.articles, named);
        Ok(LawText {
            number: self.history.iter().rev().find_map(|l| number_of(l)),
            made_on: dates.made,
            in_force_from: dates.in_force(),
            title,
            history: self.history,
            articles: self.articles,
        })
    }
}

fn paragraph(text: &str) -> Paragraph {
    Paragraph {
        text: text.to_owned(),
        items: Vec::new(),
    }
}

fn item(article: &mut Article, line: usize, number: u16, text: &str) -> Result<(), TextFault> {
    let of = article.number;
    let Some(open) = article.paragraphs.last_mut() else {
        return fault(line, format!("{of}的项之前应有条文"));
    };
    let expected = open.items.len() + 1;
    if usize::from(number) != expected {
        let expected = super::chinese(u16::try_from(expected).unwrap_or(u16::MAX));
        return fault(line, format!("{of}此处应为第{expected}项"));
    }
    open.items.push(Item {
        text: text.to_owned(),
        points: Vec::new(),
    });
    Ok(())
}

/// A line that did not end a sentence goes on with the next.
fn goes_on(text: &str) -> bool {
    !text.ends_with(['。', '：', '；', ':', ';', '”', '）', ')', '！', '？'])
}

fn item_mark(text: &str) -> Option<(u16, &str)> {
    let rest = text.strip_prefix(['（', '('])?;
    if rest.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let (number, rest) = leading_numeral(rest)?;
    Some((number, rest.strip_prefix(['）', ')'])?))
}

fn is_point(text: &str) -> bool {
    let bare = text.trim_start_matches(['（', '(']);
    let rest = bare.trim_start_matches(|c: char| c.is_ascii_digit());
    rest.len() < bare.len() && rest.starts_with(['.', '．', '、', '）', ')'])
}

/// Rank of a heading, none where it is no heading of a law.
fn level(heading: &str) -> Option<usize> {
    let found = LEVELS.iter().zip(RANKS).find_map(|(unit, rank)| {
        let (_, rest) = ordinal(heading, unit)?;
        Some((rest, rank))
    });
    let (rest, rank) = found?;
    (rest.is_empty() || rest.starts_with(char::is_whitespace)).then_some(rank)
}

/// 第一章 总则, whatever blanks the file sets it with.
fn spaced(heading: &str) -> String {
    let mut words = heading.split_whitespace();
    let first = words.next().unwrap_or_default();
    let rest: String = words.collect();
    format!("{first} {rest}").trim_end().to_owned()
}

/// A title without blanks and without a remark on the version behind it, as （2021年修订）.
fn title(heading: &str) -> String {
    let bare: String = heading.split_whitespace().collect();
    let remark = bare.rfind(['（', '(']).filter(|at| {
        let rest = bare[*at..].trim_start_matches(['（', '(']);
        bare.ends_with(['）', ')']) && rest.starts_with(|c: char| c.is_ascii_digit())
    });
    match remark {
        Some(at) if at > 0 => bare[..at].to_owned(),
        _ => bare,
    }
}

/// The number of a document (文号) that a line of the head gives.
fn number_of(line: &str) -> Option<String> {
    let rest = leading_date(line).map_or(line, |(_, rest)| rest).trim();
    let verbs = ["公布", "发布", "修订", "修正", "印发"];
    let bare = verbs
        .iter()
        .find_map(|v| rest.strip_suffix(v))
        .unwrap_or(rest);
    let bare: String = bare.split_whitespace().collect();
    let found = super::short_title(&bare);
    let digits = found
        .strip_suffix('号')?
        .ends_with(|c: char| c.is_ascii_digit());
    (digits && (found.contains("令第") || found.contains('〔'))).then(|| found.to_owned())
}

/// 2021年1月22日 at the beginning; with what comes behind.
fn leading_date(text: &str) -> Option<(Date, &str)> {
    let (year, rest) = text.split_once('年')?;
    let (month, rest) = rest.split_once('月')?;
    let (day, rest) = rest.split_once('日')?;
    let date = Date::new(
        year.trim().parse().ok()?,
        month.trim().parse().ok()?,
        day.trim().parse().ok()?,
    );
    Some((date.ok()?, rest))
}

/// What the file says of when it was made and when it is in force.
struct Dates {
    made: Option<Date>,
    commences: Vec<Date>,
    /// Published once, never revised, and in force from that day.
    from_publication: Option<Date>,
}

impl Dates {
    fn of(history: &[String], articles: &[Article], named: Option<Date>) -> Self {
        let dated: Vec<(Date, &str)> = history.iter().filter_map(|l| leading_date(l)).collect();
        let is_start = |words: &str| matches!(words.trim(), "施行" | "起施行");
        let made = dated.iter().filter(|(_, words)| !is_start(words));
        let starts = dated.iter().filter(|(_, words)| is_start(words));
        let told = articles.iter().rev().find_map(commencement);
        let revised = history
            .iter()
            .any(|l| l.contains("修订") || l.contains("修正"));
        let published = dated
            .iter()
            .rfind(|(_, words)| words.trim().ends_with("公布"));
        let at_once = articles.iter().any(|a| {
            let mut texts = a.paragraphs.iter().map(|p| p.text.as_str());
            texts.any(|t| t.starts_with('本') && t.contains("自公布之日起施行"))
        });
        Self {
            made: made.map(|d| d.0).chain(named).max(),
            commences: starts.map(|d| d.0).chain(told).collect(),
            from_publication: published.map(|d| d.0).filter(|_| at_once && !revised),
        }
    }

    /// The day, only where it cannot be that of an earlier version: 本法自…起施行 stays as it was through
    /// amendments (修正), whose own day in force the text does not say.
    fn in_force(&self) -> Option<Date> {
        let days: Vec<Date> = if self.commences.is_empty() {
            self.from_publication.into_iter().collect()
        } else {
            self.commences.clone()
        };
        let first = *days.first()?;
        let agreed = days.iter().all(|d| *d == first);
        (agreed && self.made.is_none_or(|made| made <= first)).then_some(first)
    }
}

/// The day of 本法自2021年7月15日起施行.
fn commencement(article: &Article) -> Option<Date> {
    article.paragraphs.iter().find_map(|p| {
        let (subject, rest) = p.text.split_once('自')?;
        let short = subject.starts_with('本') && subject.chars().count() <= 6;
        let (date, rest) = leading_date(rest).filter(|_| short)?;
        rest.starts_with("起施行").then_some(date)
    })
}
