//! Copies for editing: everything that is printed, marked as no paper; and what people paste, in both forms.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::collections::BTreeMap;

use papers::PaperData;
use serde_json::{Value, json};
use support::with_papers;

/// 2026-03-02 08:00 in Beijing.
const STAMP_US: i64 = 1_772_409_600_000_000;

fn sample() -> Value {
    json!(PaperData::sample())
}

/// The texts of a docx file's main part, run by run, and everything that it holds besides.
fn read_docx(file: &[u8]) -> (String, BTreeMap<String, String>) {
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(file)).unwrap();
    let mut parts = BTreeMap::new();
    for at in 0..archive.len() {
        let mut part = archive.by_index(at).unwrap();
        let mut text = String::new();
        std::io::Read::read_to_string(&mut part, &mut text).unwrap();
        parts.insert(part.name().to_owned(), text);
    }
    let mut words = String::new();
    for (name, xml) in &parts {
        let mut reader = quick_xml::Reader::from_str(xml);
        let mut in_text = false;
        loop {
            use quick_xml::events::Event;
            match reader.read_event() {
                Ok(Event::Eof) => break,
                Ok(Event::Start(tag)) => in_text = tag.name().as_ref() == b"w:t",
                Ok(Event::Text(text)) if in_text && name == "word/document.xml" => {
                    words.push_str(&text.decode().unwrap());
                }
                Ok(Event::GeneralRef(sign)) if in_text && name == "word/document.xml" => {
                    words.push(match sign.decode().unwrap().as_ref() {
                        "amp" => '&',
                        "lt" => '<',
                        "gt" => '>',
                        _ => '\'',
                    });
                }
                Ok(Event::End(_)) => in_text = false,
                Ok(_) => {}
                Err(fault) => panic!("{name}: {fault}"),
            }
        }
    }
    (words, parts)
}

fn unspaced(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

/// Every text of some data.
fn texts(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::String(text) => found.push(unspaced(text)),
        Value::Array(items) => items.iter().for_each(|item| texts(item, found)),
        Value::Object(members) => members.values().for_each(|item| texts(item, found)),
        _ => {}
    }
}

#[test]
fn every_paper_has_a_copy_for_editing_with_all_that_is_printed_and_a_note_that_it_is_none() {
    with_papers(|papers| {
        let mut said = Vec::new();
        texts(&sample(), &mut said);
        // What stands in the foot of the pages alone is no part of the text.
        let foot: Vec<String> = [
            "/paper/id",
            "/origin_note",
            "/verify/url",
            "/verify/paper_id",
        ]
        .iter()
        .filter_map(|place| Some(unspaced(sample().pointer(place)?.as_str()?)))
        .collect();
        for name in papers.names() {
            let mut data = sample();
            data["paper"]["title"] = papers.title(name).unwrap().into();
            let file = papers
                .editing_copy(name, &data)
                .unwrap_or_else(|fault| panic!("{name}: {fault}"));
            let (words, parts) = read_docx(&file);
            let words = unspaced(&words);
            let printed = unspaced(&papers.plain_text(name, &data).unwrap());
            let mut met = 0;
            for text in said.iter().filter(|text| text.chars().count() > 3) {
                if printed.contains(text.as_str()) && !foot.contains(text) {
                    met += 1;
                    assert!(
                        words.contains(text.as_str()),
                        "{name} lacks {text}:\n{words}"
                    );
                }
            }
            assert!(met > 3, "{name}: {met}");
            assert!(
                words.contains(&unspaced(papers.title(name).unwrap())),
                "{name} lacks its title:\n{words}"
            );
            let header = parts
                .iter()
                .find(|(part, _)| part.starts_with("word/header"));
            for note in ["编辑用稿，不是正式文书", "模拟时钟"] {
                assert!(header.unwrap().1.contains(note), "{name}: {note}");
            }
            // Where something is signed by hand there is a place for it.
            if printed.contains("（签名") {
                assert!(
                    words.contains("（签名"),
                    "{name} has no place to sign:\n{words}"
                );
            }
        }
    });
}

#[test]
fn a_word_processor_opens_every_copy() {
    let office = ["soffice", "libreoffice"].into_iter().find(|program| {
        let found = std::process::Command::new(program)
            .arg("--version")
            .output();
        found.is_ok_and(|said| said.status.success())
    });
    let Some(office) = office else {
        testkit::skipped(
            "libreoffice",
            "neither soffice nor libreoffice can be started",
        );
        return;
    };
    with_papers(|papers| {
        let folder = tempfile::tempdir().unwrap();
        for name in papers.names() {
            let copy = papers.editing_copy(name, &sample()).unwrap();
            std::fs::write(folder.path().join(format!("{name}.docx")), copy).unwrap();
        }
        let mut convert = std::process::Command::new(office);
        convert
            .args(["--headless", "--convert-to", "pdf", "--outdir"])
            .arg(folder.path())
            .arg(format!(
                "-env:UserInstallation=file://{}/profile",
                folder.path().display()
            ));
        for name in papers.names() {
            convert.arg(folder.path().join(format!("{name}.docx")));
        }
        assert!(convert.output().unwrap().status.success());
        for name in papers.names() {
            let pdf = std::fs::read(folder.path().join(format!("{name}.pdf"))).unwrap();
            assert!(pdf.starts_with(b"%PDF-"), "{name}");
        }
    });
}

/// The sample with other facts and another party.
fn typed(facts: &str, party: &str) -> Value {
    let mut data = sample();
    data["proposal"]["facts"] = facts.into();
    data["party"]["name"] = party.into();
    data
}

#[test]
fn what_people_paste_is_printed_or_told_by_its_characters() {
    with_papers(|papers| {
        let pdf = |data: &Value| papers.render("penalty_decision", data, STAMP_US);
        let docx = |data: &Value| papers.editing_copy("penalty_decision", data);
        let words = |data: &Value| papers.plain_text("penalty_decision", data).unwrap();

        // A name of two hundred characters, a table out of a word processor.
        let long: String = "青川市第一安全技术服务".chars().cycle().take(200).collect();
        let table = "项目\t数量\r\n灭火器\t3具\r\n合计\t3具";
        let data = typed(table, &long);
        assert!(unspaced(&words(&data)).contains(&long));
        assert!(
            unspaced(&words(&data)).contains("灭火器3具"),
            "{}",
            words(&data)
        );
        pdf(&data).unwrap();
        let copy = unspaced(&read_docx(&docx(&data).unwrap()).0);
        assert!(copy.contains(&long) && copy.contains("灭火器3具"));

        // Rare characters are printed where a font has them, and named where none has.
        for rare in ["㐂", "𠮷", "😀"] {
            let data = typed(&format!("法定代表人{rare}某"), "某厂");
            match pdf(&data) {
                Ok(_) => assert!(words(&data).contains(rare)),
                Err(fault) => assert!(fault.to_string().contains(rare), "{fault}"),
            }
            let copy = read_docx(&docx(&data).unwrap()).0;
            assert!(copy.contains(rare), "{rare}");
        }

        // What no file can hold is told by its code.
        let control = typed("甲\u{7}乙", "某厂");
        for fault in [pdf(&control).unwrap_err(), docx(&control).unwrap_err()] {
            assert!(fault.to_string().contains("U+0007"), "{fault}");
        }
        let signs = typed("<b>&amp;</b>=cmd|'/c'!A1 #panic() $x$ *y*", "某厂");
        let copy = read_docx(&docx(&signs).unwrap()).0;
        assert!(
            copy.contains("<b>&amp;</b>=cmd|'/c'!A1 #panic() $x$ *y*"),
            "{copy}"
        );
        assert!(unspaced(&words(&signs)).contains("#panic()$x$*y*"));
    });
}
