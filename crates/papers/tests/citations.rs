//! Which law the papers cite: each citation is in the table of provisions in force (`citations.tsv`),
//! stands beside the subject that the provision is about, and exists in the law's own text.
//!
//! The forms of 2016 cite the numbers of the repealed text; the last test shows that they would fail.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use papers::builtin_templates;

/// A row of the table.
struct Provision {
    law: &'static str,
    provision: &'static str,
    in_force_from: &'static str,
    /// Words of which one must stand in the same sentence, and in the provision itself.
    about: Vec<&'static str>,
}

/// A citation as found in a template's line.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Citation {
    law: String,
    provision: String,
    sentence: String,
}

fn table() -> Vec<Provision> {
    let rows = include_str!("citations.tsv").lines().skip(1);
    rows.map(|row| match row.split('\t').collect::<Vec<_>>()[..] {
        [law, provision, in_force_from, about] => Provision {
            law,
            provision,
            in_force_from,
            about: about.split('|').collect(),
        },
        _ => panic!("{row}"),
    })
    .collect()
}

/// All citations of a source: 《…法》第…条(第…款)(第…项), with further articles after 、 or 和, and 该法第…条.
fn citations(source: &str) -> Vec<Citation> {
    source
        .lines()
        .flat_map(|line| line.split('。'))
        .flat_map(sentence_citations)
        .collect()
}

fn sentence_citations(sentence: &str) -> Vec<Citation> {
    let mut found = Vec::new();
    let mut law: Option<String> = None;
    let mut rest = sentence;
    while let Some(at) = rest.find(['《', '第']) {
        rest = &rest[at..];
        if let Some(title) = rest.strip_prefix('《') {
            let Some(end) = title.find('》') else { break };
            let name = &title[..end];
            if let Some(name) = name.strip_prefix("中华人民共和国") {
                law = Some(name.to_owned());
            } else if name.ends_with(['法', '定', '例']) && !name.ends_with("决定") {
                law = Some(name.to_owned());
            }
            rest = &title[end + '》'.len_utf8()..];
        } else if let Some(length) = provision_length(rest) {
            let law = law.clone().unwrap_or_else(|| "（未写明的法）".to_owned());
            found.push(Citation {
                law,
                provision: rest[..length].to_owned(),
                sentence: sentence.to_owned(),
            });
            rest = &rest[length..];
        } else {
            rest = &rest['第'.len_utf8()..];
        }
    }
    found
}

/// The length of 第…条(第…款)(第…项) at the start of `text`; `None` for 第1次 and the like.
fn provision_length(text: &str) -> Option<usize> {
    let mut length = part_length(text, '条')?;
    for unit in ['款', '项'] {
        length += part_length(&text[length..], unit).unwrap_or(0);
    }
    Some(length)
}

fn part_length(text: &str, unit: char) -> Option<usize> {
    let number = text.strip_prefix('第')?;
    let end = number
        .find(|c| !"零一二三四五六七八九十百".contains(c))
        .filter(|&end| end > 0)?;
    number[end..]
        .starts_with(unit)
        .then(|| '第'.len_utf8() + end + unit.len_utf8())
}

/// What is wrong with the citations of a source.
fn faults(source: &str) -> Vec<String> {
    let table = table();
    let mut faults = Vec::new();
    for cited in citations(source) {
        match table
            .iter()
            .find(|row| row.law == cited.law && row.provision == cited.provision)
        {
            None => faults.push(format!(
                "{}{}：不在现行条文表中",
                cited.law, cited.provision
            )),
            Some(row) if !row.about.iter().any(|word| cited.sentence.contains(word)) => {
                faults.push(format!("{}{}：与所引事项不符", cited.law, cited.provision));
            }
            Some(_) => {}
        }
    }
    faults
}

#[test]
fn no_template_cites_a_provision_outside_the_table_or_in_another_sense() {
    for (name, source) in builtin_templates() {
        assert_eq!(faults(&source), Vec::<String>::new(), "{name}");
    }
}

#[test]
fn the_table_has_no_row_that_nothing_cites() {
    let cited: BTreeSet<(String, String)> = builtin_templates()
        .values()
        .flat_map(|source| citations(source))
        .map(|cited| (cited.law, cited.provision))
        .collect();
    for row in table() {
        assert!(
            cited.contains(&(row.law.to_owned(), row.provision.to_owned())),
            "{}{}",
            row.law,
            row.provision
        );
    }
}

#[test]
fn no_template_names_a_time_limit_or_an_office_of_the_forms_of_2016() {
    for (name, source) in builtin_templates() {
        for dead in [
            "安监",
            "安全生产监督管理局",
            "三日内",
            "3日内",
            "三个月内",
            "上一级",
            "视为放弃陈述",
        ] {
            assert!(!source.contains(dead), "{name}: {dead}");
        }
    }
}

#[test]
fn citations_are_found_in_all_their_forms() {
    let source = "依据《中华人民共和国行政处罚法》第四十四条、第四十五条和《中华人民共和国行政强制法》第五十三条，该法第六十四条第一项。第1次询问，《现场检查记录》第二页。";
    let found: Vec<String> = citations(source)
        .into_iter()
        .map(|c| c.law + &c.provision)
        .collect();
    assert_eq!(
        found,
        [
            "行政处罚法第四十四条",
            "行政处罚法第四十五条",
            "行政强制法第五十三条",
            "行政强制法第六十四条第一项"
        ]
    );
}

#[test]
fn old_numbers_and_wrong_senses_fail() {
    let bad = [
        "依据《中华人民共和国行政处罚法》第三十一条的规定告知你单位拟作出的处罚。",
        "依据《中华人民共和国行政处罚法》第三十二条的规定，你单位有权陈述和申辩。",
        "依据《中华人民共和国行政处罚法》第四十二条的规定，你单位有权要求听证。",
        "依据《中华人民共和国行政处罚法》第三十七条第二款的规定先行登记保存证据。",
        "依据《中华人民共和国行政处罚法》第五十一条第一项的规定每日加处罚款。",
        // Right number of today, wrong matter.
        "依据《中华人民共和国行政处罚法》第四十五条的规定，每日加处罚款。",
        "依据《中华人民共和国行政处罚法》第五十六条的规定，向本机关申请延期缴纳。",
        // No law at all.
        "依据第四十四条的规定告知。",
    ];
    for source in bad {
        assert_eq!(faults(source).len(), 1, "{source}");
    }
    assert!(faults("依据《中华人民共和国行政处罚法》第四十四条的规定告知。").is_empty());
}

/// The laws' texts, where the machine has them.
fn laws_dir() -> Option<PathBuf> {
    let shared = std::env::var_os("ZHIHENG_SHARED").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared"),
        PathBuf::from,
    );
    let dir = shared.join("laws");
    if dir.is_dir() {
        return Some(dir);
    }
    println!("skipped: no laws in {}", dir.display());
    None
}

/// The newest text of a law; files are named 法名(date of the text).md.
fn law_text(dir: &Path, law: &str) -> String {
    let prefix = format!("{law}(");
    std::fs::read_dir(dir)
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| file_name(path).starts_with(&prefix))
        .max()
        .and_then(|path| std::fs::read_to_string(path).ok())
        .unwrap_or_else(|| panic!("no text of {law}"))
}

fn file_name(path: &Path) -> &str {
    path.file_name()
        .and_then(|name| name.to_str())
        .unwrap_or_default()
}

/// The paragraphs of an article.
fn article(text: &str, number: &str) -> Vec<String> {
    let head = format!("{number} ");
    let mut lines = text
        .lines()
        .filter(|line| !line.is_empty())
        .skip_while(|line| !line.starts_with(&head));
    let Some(first) = lines.next() else {
        return Vec::new();
    };
    let next = |line: &str| {
        line.starts_with('#') || (provision_length(line).is_some() && line.contains(' '))
    };
    std::iter::once(first)
        .chain(lines.take_while(|line| !next(line)))
        .map(str::to_owned)
        .collect()
}

/// The words of 第…条(第…款)(第…项) in a law; empty when there is no such provision.
fn provision_text(text: &str, provision: &str) -> String {
    let number = &provision[..part_length(provision, '条').unwrap_or(0)];
    let lines = article(text, number);
    let rest = &provision[number.len()..];
    let clause_length = part_length(rest, '款').unwrap_or(0);
    let (clause, item) = rest.split_at(clause_length);
    // A clause is a paragraph together with the items below it.
    let mut clauses: Vec<Vec<String>> = Vec::new();
    for line in lines {
        match clauses.last_mut().filter(|_| line.starts_with('（')) {
            Some(last) => last.push(line),
            None => clauses.push(vec![line]),
        }
    }
    let inner = |part: &str, unit: char| {
        part.trim_start_matches('第')
            .trim_end_matches(unit)
            .to_owned()
    };
    if !clause.is_empty() {
        let digits = ["一", "二", "三", "四", "五"];
        let index = digits
            .iter()
            .position(|digit| *digit == inner(clause, '款'));
        clauses = index
            .and_then(|index| clauses.get(index).cloned())
            .into_iter()
            .collect();
    }
    if item.is_empty() {
        return clauses.concat().join("\n");
    }
    let mark = format!("（{}）", inner(item, '项'));
    clauses
        .concat()
        .into_iter()
        .filter(|line| line.starts_with(&mark))
        .collect()
}

#[test]
fn every_provision_of_the_table_is_in_the_laws_text_and_about_its_subject() {
    let Some(dir) = laws_dir() else { return };
    for row in table() {
        let words = provision_text(&law_text(&dir, row.law), row.provision);
        assert!(
            !words.is_empty(),
            "{}{} is not in the text",
            row.law,
            row.provision
        );
        // 72(1)(4) speaks of 强制执行, 64(1) of 听证: the subject must be the provision's own.
        assert!(
            row.about.iter().any(|word| words.contains(word)),
            "{}{}：{words}",
            row.law,
            row.provision
        );
    }
}

#[test]
fn every_law_of_the_table_is_in_force_today_by_its_own_last_article() {
    let Some(dir) = laws_dir() else { return };
    for row in table() {
        let (year, rest) = row.in_force_from.split_once('-').unwrap();
        let (month, day) = rest.split_once('-').unwrap();
        let number = |digits: &str| digits.parse::<u32>().unwrap();
        let date = format!("{}年{}月{}日", number(year), number(month), number(day));
        let text = law_text(&dir, row.law);
        // 行政诉讼法 took its present text from the amendment of 2017, which is not part of it.
        assert!(
            text.contains(&format!("自{date}起施行")) || row.law == "行政诉讼法",
            "{} {date}",
            row.law
        );
    }
}
