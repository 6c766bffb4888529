//! Templates of the bureau's own in the place of the built-in ones: used, and refused with file, line and what to do.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

use std::path::Path;

use papers::{PaperData, PaperError, Papers, builtin_templates};
use serde_json::json;

/// The built-in templates with these files in their place; nothing where the fonts are not installed.
fn load(files: &[(&str, &str)]) -> Option<Result<Papers, PaperError>> {
    let fonts = testkit::fonts()?;
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    Some(Papers::with_own(&fonts, builtin_templates(), folder.path()))
}

/// What is said where the files are refused.
fn refused(files: &[(&str, &str)]) -> Option<String> {
    let fault = load(files)?.err();
    Some(fault.expect("it is refused").to_string())
}

const HEAD: &str = "#import \"lib.typ\": *\n#let title = \"本省催告书\"\n";

#[test]
fn a_template_of_the_bureau_takes_the_place_of_the_built_in_one() {
    let own = format!("{HEAD}#let needs = (\"party.name\",)\n#show: sheet\n#head()\n本省式样");
    let Some(loaded) = load(&[("urging_letter.typ", &own), ("说明.txt", "不是模板")]) else {
        return;
    };
    let papers = loaded.unwrap();
    let sample = json!(PaperData::sample());
    let words = papers.plain_text("urging_letter", &sample).unwrap();
    assert!(words.contains("本省式样"), "{words}");
    assert_eq!(papers.title("urging_letter").unwrap(), "本省催告书");
    // What is bound to the paper is the template in use, and that of another paper is not touched.
    let builtin = Papers::new(&testkit::fonts().unwrap(), builtin_templates()).unwrap();
    let sources = |papers: &Papers, name: &str| json!(papers.sources(name).unwrap());
    assert_eq!(sources(&papers, "urging_letter")["urging_letter"], own);
    assert_ne!(
        sources(&papers, "urging_letter"),
        sources(&builtin, "urging_letter")
    );
    assert_eq!(
        sources(&papers, "penalty_decision"),
        sources(&builtin, "penalty_decision")
    );
    // What the built-in paper cannot do without, this one cannot either.
    let mut bare = sample.clone();
    bare["field"]["obligation"] = "".into();
    let fault = papers.render("urging_letter", &bare, 0).unwrap_err();
    assert!(fault.to_string().contains("未履行的义务"), "{fault}");
}

#[test]
fn a_folder_that_is_not_there_replaces_nothing() {
    let Some(fonts) = testkit::fonts() else {
        return;
    };
    let papers = Papers::with_own(&fonts, builtin_templates(), Path::new("no/such/folder"));
    let names = papers.unwrap();
    let builtin = Papers::new(&fonts, builtin_templates()).unwrap();
    assert!(names.names().eq(builtin.names()));
}

#[test]
fn each_fault_is_told_with_file_line_and_what_next() {
    let needs = format!("{HEAD}#let needs = (\"party.name\",)\n");
    let cases: [(&str, String, &[&str]); 7] = [
        (
            "urging_letter.typ",
            format!("{needs}#d.party.nmae"),
            &["第 4 行", "party.nmae"],
        ),
        (
            "urging_letter.typ",
            format!("{needs}#if {{"),
            &["第 4 行", "语法有误"],
        ),
        (
            "urging_letter.typ",
            format!("{needs}\n#text(font: \"没有的字体\")[甲]"),
            &["第 5 行", "没有的字体", "字体目录"],
        ),
        (
            "urging_letter.typ",
            format!(
                "{needs}#let own = (\"没有甲\", (name: \"没有乙\", covers: regex(\"x\")))\n#text(font: own)[甲]"
            ),
            &["第 5 行", "没有甲、没有乙"],
        ),
        (
            "urging_letter.typ",
            format!("{needs}#panic(\"停\")"),
            &["第 4 行", "排版失败"],
        ),
        (
            "urging_letter.typ",
            HEAD.to_owned(),
            &["#let needs", "内置模板写明"],
        ),
        (
            "urging_lettre.typ",
            needs.clone(),
            &["没有与它同名", "urging_letter"],
        ),
    ];
    for (file, text, wanted) in cases {
        let Some(told) = refused(&[(file, &text)]) else {
            return;
        };
        for words in wanted
            .iter()
            .chain(&[file, "本机关的文书模板", "移走该文件"])
        {
            assert!(told.contains(words), "{words}: {told}");
        }
    }
}

#[test]
fn a_list_of_fonts_with_one_that_is_there_is_taken() {
    let text = format!(
        "{HEAD}#let needs = (\"party.name\",)\n#text(font: (\"没有的字体\", \"Noto Serif SC\"))[甲]"
    );
    let Some(loaded) = load(&[("urging_letter.typ", &text)]) else {
        return;
    };
    assert!(loaded.is_ok());
}

#[test]
fn a_shared_module_of_the_bureau_is_tried_out_with_every_paper() {
    let lib = &builtin_templates()["lib"];
    let changed = lib.replace("（印章）", "（公章）");
    assert_ne!(lib, &changed);
    let Some(loaded) = load(&[("lib.typ", &changed)]) else {
        return;
    };
    let papers = loaded.unwrap();
    let sample = json!(PaperData::sample());
    let words = papers.plain_text("penalty_decision", &sample).unwrap();
    assert!(words.contains("（公章）"), "{words}");
    let without = lib.replace("#let addressee", "#let addressed");
    let told = refused(&[("lib.typ", &without)]).unwrap();
    assert!(
        told.contains("lib.typ") && told.contains("addressee"),
        "{told}"
    );
    let paper = format!("{lib}\n#let needs = ()");
    let told = refused(&[("lib.typ", &paper)]).unwrap();
    assert!(told.contains("共用的部分"), "{told}");
}

#[test]
fn a_file_that_is_no_text_is_refused() {
    let Some(fonts) = testkit::fonts() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("urging_letter.typ"), [0xff, 0xfe]).unwrap();
    let loaded = Papers::with_own(&fonts, builtin_templates(), folder.path());
    let told = loaded.err().expect("it is refused").to_string();
    assert!(
        told.contains("urging_letter.typ") && told.contains("UTF-8"),
        "{told}"
    );
}

#[test]
fn a_file_that_was_meant_for_a_template_is_told_of_and_not_left_out() {
    let text = format!("{HEAD}#let needs = ()");
    for file in [
        "urging_letter.TYP",
        "urging_letter.typst",
        "urging_letter.ｔｙｐ",
    ] {
        let Some(told) = refused(&[(file, &text)]) else {
            return;
        };
        assert!(
            told.contains(file) && told.contains("小写的“.typ”"),
            "{told}"
        );
    }
    let long = format!("{text}\n{}", "//".repeat(1 << 20));
    let told = refused(&[("urging_letter.typ", &long)]).unwrap();
    assert!(told.contains("超过 1 MB"), "{told}");
}
