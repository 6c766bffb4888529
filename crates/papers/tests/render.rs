//! Every built-in paper on real fonts; skipped where the set-up has not fetched them.

mod support;

use std::collections::BTreeMap;

use papers::{FieldLabel, PaperData, PaperError, Papers, builtin_templates};
use serde_json::{Value, json};
use support::with_papers;

/// 2026-03-02 08:00 in Beijing.
const STAMP_US: i64 = 1_772_409_600_000_000;

/// The built-in module `lib` with one template of the test's own.
fn load(source: &str) -> Option<Result<Papers, PaperError>> {
    let dir = testkit::fonts()?;
    let mut templates = BTreeMap::from([("test".to_owned(), source.to_owned())]);
    templates.insert("lib".to_owned(), builtin_templates()["lib"].clone());
    Some(Papers::new(&dir, templates))
}

fn sample() -> Value {
    json!(PaperData::sample())
}

/// The sample cut down to what a template says it needs.
fn barest(needs: &[FieldLabel]) -> Value {
    let full = sample();
    let mut data = json!({});
    for need in needs {
        let keys: Vec<&str> = need.path.split('.').collect();
        match keys[..] {
            [key] => data[key] = full[key].clone(),
            [key, sub] => data[key][sub] = full[key][sub].clone(),
            _ => panic!("{}", need.path),
        }
    }
    data
}

fn contains(pdf: &[u8], text: &str) -> bool {
    pdf.windows(text.len())
        .any(|window| window == text.as_bytes())
}

#[test]
fn every_paper_renders_as_pdf_a_2b_under_its_own_title() {
    with_papers(|papers| {
        assert_eq!(papers.names().count(), 53);
        let mut data = sample();
        data["paper"]["title"] = "".into();
        for name in papers.names() {
            let paper = papers.render(name, &data, STAMP_US).unwrap();
            assert!(paper.pages >= 1, "{name}");
            assert!(paper.pdf.starts_with(b"%PDF-1.7"), "{name}");
            assert!(
                contains(&paper.pdf, "<pdfaid:part>2</pdfaid:part>"),
                "{name}"
            );
            assert!(
                contains(&paper.pdf, "<pdfaid:conformance>B</pdfaid:conformance>"),
                "{name}"
            );
            assert!(contains(&paper.pdf, "2026-03-02T08:00:00+08:00"), "{name}");
            let title = papers.title(name).unwrap();
            assert!(!title.is_empty(), "{name}");
            assert!(
                papers.plain_text(name, &data).unwrap().contains(title),
                "{name}"
            );
        }
    });
}

#[test]
fn every_paper_renders_with_nothing_but_what_it_needs() {
    with_papers(|papers| {
        for name in papers.names() {
            let paper = papers.render(name, &barest(papers.fields_needed(name).unwrap()), STAMP_US);
            assert!(paper.is_ok(), "{name}: {}", paper.unwrap_err());
        }
    });
}

#[test]
fn each_needed_fact_is_refused_by_name_when_missing() {
    with_papers(|papers| {
        for name in papers.names() {
            for need in papers.fields_needed(name).unwrap().to_vec() {
                if need.path == "paper.title" {
                    continue;
                }
                let mut data = sample();
                let (parent, key) = need
                    .path
                    .split_once('.')
                    .map_or(("", need.path.as_str()), |pair| pair);
                let holder = if parent.is_empty() {
                    &mut data
                } else {
                    &mut data[parent]
                };
                holder.as_object_mut().unwrap().remove(key);
                match papers.render(name, &data, STAMP_US) {
                    Err(PaperError::MissingFields { fields, .. }) => {
                        assert_eq!(fields, std::slice::from_ref(&need), "{name}")
                    }
                    other => panic!("{name} without {}: {other:?}", need.path),
                }
                assert_ne!(need.label, need.path, "a need has a Chinese name");
            }
        }
    });
}

#[test]
fn same_input_gives_same_bytes_and_another_stamp_does_not() {
    with_papers(|papers| {
        let render = |stamp| papers.render("penalty_decision", &sample(), stamp).unwrap();
        let first = render(STAMP_US);
        papers.rest();
        assert_eq!(first, render(STAMP_US));
        assert_ne!(first, render(STAMP_US + 1_000_000));
    });
}

#[test]
fn threads_give_the_bytes_that_one_thread_gives() {
    with_papers(|papers| {
        let names: Vec<&str> = papers.names().step_by(7).collect();
        let alone: Vec<_> = names
            .iter()
            .map(|name| papers.render(name, &sample(), STAMP_US).unwrap())
            .collect();
        std::thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    for (name, expect) in names.iter().zip(&alone) {
                        assert_eq!(
                            &papers.render(name, &sample(), STAMP_US).unwrap(),
                            expect,
                            "{name}"
                        );
                    }
                });
            }
        });
    });
}

#[test]
fn rare_characters_in_names_are_drawn() {
    with_papers(|papers| {
        let mut data = sample();
        data["party"]["name"] = "堃喆玥垚㐂旻昇镕䶮𫖯𬱖𬭎𬍛𬘓".into();
        let text = papers.plain_text("penalty_notice", &data).unwrap();
        assert!(text.contains("堃喆玥垚㐂旻昇镕䶮𫖯𬱖𬭎𬍛𬘓："));
    });
}

#[test]
fn a_character_without_a_glyph_is_named_and_nothing_is_printed() {
    with_papers(|papers| {
        let mut data = sample();
        data["party"]["name"] = "王\u{E123}".into();
        match papers.render("penalty_notice", &data, STAMP_US) {
            Err(PaperError::MissingGlyphs { chars, .. }) => {
                assert_eq!(chars, ["\u{E123}（U+E123）"])
            }
            other => panic!("{other:?}"),
        }
    });
}

#[test]
fn the_decision_has_its_six_items_and_what_else_the_law_asks() {
    with_papers(|papers| {
        let text = papers
            .plain_text("penalty_decision", &sample())
            .unwrap()
            .replace('\n', "");
        for words in [
            "青川市鑫垚化工有限公司",
            "青川市工业园区创业路9号",
            "三名操作人员在岗作业的情况",
            "《中华人民共和国安全生产法》第九十七条第三项",
            "罚款人民币叁万元整（￥30,000.00）",
            "自收到本决定书之日起15日内",
            "青川农村商业银行营业部",
            "每日按罚款数额的百分之三加处罚款",
            "不超过罚款的数额",
            "六十日内向青川市人民政府申请行政复议",
            "六个月内向青川市人民法院提起行政诉讼",
            "提交行政复议申请书的互联网渠道",
            "青川市应急管理局（印章）",
            "2026年4月20日",
        ] {
            assert!(text.contains(words), "{words}");
        }
    });
}

#[test]
fn a_decision_without_a_fine_names_no_bank() {
    with_papers(|papers| {
        let mut data = sample();
        data["proposal"]["fine_capital"] = "".into();
        data["proposal"]["kinds"] = json!([{"name": "警告", "text": "警告"}]);
        let text = papers.plain_text("penalty_decision", &data).unwrap();
        assert!(!text.contains("银行") && !text.contains("百分之三"));
    });
}

#[test]
fn confiscated_gains_are_to_be_paid_somewhere_and_by_some_day_fine_or_not() {
    with_papers(|papers| {
        let mut data = sample();
        data["proposal"]["fine_capital"] = "".into();
        data["proposal"]["fine_figures"] = "".into();
        data["proposal"]["gains_capital"] = "壹万贰仟元整".into();
        data["proposal"]["gains_figures"] = "12,000.00".into();
        for name in ["penalty_decision", "public_decision"] {
            let text = papers.plain_text(name, &data).unwrap().replace('\n', "");
            let line = "没收的违法所得壹万贰仟元整（￥12,000.00），你单位应当自收到本决定书之日起15日内，缴至青川农村商业银行营业部";
            assert!(text.contains(line), "{name}: {text}");
            assert!(!text.contains("百分之三"), "{name}");
        }
    });
}

#[test]
fn the_urging_letter_names_fine_gains_surcharge_and_their_sum_apart() {
    with_papers(|papers| {
        let text = |data: &Value| {
            let text = papers.plain_text("urging_letter", data).unwrap();
            text.replace('\n', "")
        };
        let mut data = sample();
        let all = "罚款人民币叁万元整，没收的违法所得人民币壹万贰仟元整，加处罚款人民币玖佰元整，合计人民币肆万贰仟玖佰元整。";
        assert!(text(&data).contains(all), "{}", text(&data));
        data["field"]["fine_due"] = "".into();
        data["field"]["added_fine_due"] = "".into();
        let gains = "其中应当缴纳：没收的违法所得人民币壹万贰仟元整，合计";
        assert!(text(&data).contains(gains), "{}", text(&data));
    });
}

#[test]
fn only_the_hearing_notice_offers_a_hearing() {
    with_papers(|papers| {
        let text = |name| {
            papers
                .plain_text(name, &sample())
                .unwrap()
                .replace('\n', "")
        };
        assert!(text("penalty_hearing_notice").contains("要求举行听证"));
        assert!(!text("penalty_notice").contains("听证"));
    });
}

#[test]
fn the_public_copy_has_every_line_of_the_decision() {
    with_papers(|papers| {
        let decision = papers.plain_text("penalty_decision", &sample()).unwrap();
        let copy = papers.plain_text("public_decision", &sample()).unwrap();
        let own = |line: &&str| {
            !["（印章）", "一式两份", "第1页", "第2页", "第3页", "第4页"]
                .iter()
                .any(|mark| line.contains(mark))
        };
        for line in decision.lines().filter(own) {
            assert!(copy.contains(line), "{line}");
        }
    });
}

#[test]
fn a_form_field_without_a_place_is_printed_under_its_title() {
    with_papers(|papers| {
        let text = papers
            .plain_text("case_filing_approval", &sample())
            .unwrap();
        assert!(text.contains("14人"));
    });
}

#[test]
fn a_preview_has_the_pages_and_words_of_the_paper_and_the_mark_on_each() {
    with_papers(|papers| {
        let preview = papers.preview("penalty_decision", &sample()).unwrap();
        let paper = papers
            .render("penalty_decision", &sample(), STAMP_US)
            .unwrap();
        assert_eq!(preview.pages_total, paper.pages);
        assert_eq!(preview.pages.len(), paper.pages);
        let words = papers.plain_text("penalty_decision", &sample()).unwrap();
        assert_eq!(preview.text, words);
        for page in &preview.pages {
            assert!(page.starts_with("<svg"));
            // Nothing that a page under the desk's policy would not show, or that would run.
            for forbidden in ["style=", "<style", "<script", "href=\"http"] {
                assert!(!page.contains(forbidden), "{forbidden}");
            }
            assert!(
                page.contains("#b5281e30") || page.contains("fill-opacity"),
                "unmarked"
            );
        }
    });
}

#[test]
fn data_outside_the_contract_are_refused() {
    with_papers(|papers| {
        let mut data = sample();
        data["party"]["nmae"] = "x".into();
        let error = papers
            .render("penalty_notice", &data, STAMP_US)
            .unwrap_err();
        assert!(
            matches!(&error, PaperError::Data { message, .. } if message.contains("nmae")),
            "{error}"
        );
    });
}

#[test]
fn null_and_whole_numbers_are_read_as_missing_and_digits() {
    with_papers(|papers| {
        let mut data = sample();
        data["paper"]["pages"] = 86.into();
        data["party"]["phone"] = Value::Null;
        data["service"] = Value::Null;
        assert!(
            papers
                .plain_text("dossier_cover", &data)
                .unwrap()
                .contains("86")
        );
    });
}

#[test]
fn text_is_printed_and_never_run() {
    with_papers(|papers| {
        let mut data = sample();
        data["proposal"]["facts"] = "#panic() *强调* $x$ [甲] \\ <a> @b".into();
        let text = papers.plain_text("penalty_notice", &data).unwrap();
        assert!(
            text.contains("#panic() *强调* $x$ [甲] \\ <a> @b"),
            "{text}"
        );
    });
}

#[test]
fn an_unknown_template_is_refused_with_those_there_are() {
    with_papers(|papers| {
        let error = papers
            .render("nothing", &sample(), STAMP_US)
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("nothing") && error.contains("penalty_decision"),
            "{error}"
        );
    });
}

#[test]
fn a_stamp_outside_the_calendar_is_refused() {
    with_papers(|papers| {
        let result = papers.render("dossier_cover", &sample(), i64::MAX);
        assert!(matches!(result, Err(PaperError::Stamp(i64::MAX))));
    });
}

#[test]
fn a_template_with_an_unknown_field_is_refused_with_its_line() {
    let cases = [
        ("#d.party.nmae", "party.nmae"),
        ("#for e in d.evidence [#e.title]", "evidence[].title"),
        ("#field(\"no_such\")", "field.no_such"),
        ("#names(d.people.map(p => p.age))", "people[].age"),
        ("#party-lines(d.bureau)", "bureau.code"),
    ];
    for (body, expect) in cases {
        let Some(loaded) = load(&format!("#import \"lib.typ\": *\n#let needs = ()\n{body}")) else {
            return;
        };
        match loaded.err() {
            Some(PaperError::UnknownField { path, line, .. }) => {
                assert_eq!(path, expect);
                assert!(line >= 3);
            }
            other => panic!("{body}: {other:?}"),
        }
    }
    let Some(loaded) = load("#let needs = (\"party.nmae\",)") else {
        return;
    };
    assert!(matches!(
        loaded.err(),
        Some(PaperError::UnknownField { line: 1, .. })
    ));
}

#[test]
fn a_template_with_a_slip_of_syntax_is_refused_with_its_line() {
    let Some(loaded) = load("#let needs = ()\n#if {") else {
        return;
    };
    assert!(matches!(
        loaded.err(),
        Some(PaperError::Syntax { line: 2, .. })
    ));
}

#[test]
fn a_template_that_stops_is_reported_with_its_place() {
    let Some(loaded) = load("#let title = \"x\"\n#let needs = ()\n#panic(\"stop\")") else {
        return;
    };
    let error = loaded
        .unwrap()
        .render("test", &sample(), STAMP_US)
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("test.typ 第 3 行") && error.contains("stop"),
        "{error}"
    );
}

#[test]
fn a_template_reads_no_file_and_no_clock() {
    for body in [
        "#read(\"/etc/hostname\")",
        "#datetime.today().display()",
        "#image(\"a.png\")",
    ] {
        let Some(loaded) = load(&format!("#let needs = ()\n{body}")) else {
            return;
        };
        let mut data = sample();
        data["paper"]["title"] = "x".into();
        let result = loaded.unwrap().render("test", &data, STAMP_US);
        assert!(
            matches!(result, Err(PaperError::Typesetting { .. })),
            "{body}"
        );
    }
}

#[test]
fn a_folder_without_fonts_is_refused_with_the_missing_families() {
    let dir = std::env::temp_dir().join(format!("zhiheng-no-fonts-{}", std::process::id()));
    std::fs::create_dir_all(&dir).unwrap();
    let error = Papers::new(&dir, builtin_templates()).err();
    std::fs::remove_dir(&dir).unwrap();
    match error {
        Some(PaperError::FontMissing { families, .. }) => {
            assert_eq!(families, ["Noto Serif SC", "Noto Sans SC"])
        }
        other => panic!("{other:?}"),
    }
    assert!(matches!(
        Papers::new(&dir, builtin_templates()).err(),
        Some(PaperError::FontDir { .. })
    ));
}

#[test]
fn templates_without_their_shared_module_are_refused() {
    let Some(dir) = testkit::fonts() else { return };
    let templates = BTreeMap::from([("a".to_owned(), "#let needs = ()".to_owned())]);
    assert!(matches!(
        Papers::new(&dir, templates).err(),
        Some(PaperError::LibraryMissing)
    ));
}

#[test]
fn a_hearing_record_has_nothing_of_its_host_s_report_and_neither_paper_says_a_thing_twice() {
    with_papers(|papers| {
        let mut data = sample();
        let (record, report) = ("双方陈述、举证、质证。", "建议维持拟处理意见。");
        data["fields"] = serde_json::json!([
            {"id": "record", "title": "听证笔录", "value": record},
            {"id": "report", "title": "听证报告意见", "value": report},
        ]);
        data["field"]["content"] = record.into();
        data["field"]["conclusion"] = report.into();
        data["field"]["suggestion"] = report.into();
        let text = |name: &str| papers.plain_text(name, &data).unwrap();
        let (signed, internal) = (text("hearing_record"), text("hearing_report"));
        assert_eq!(signed.matches(record).count(), 1, "{signed}");
        assert!(!signed.contains(report), "{signed}");
        assert_eq!(internal.matches(record).count(), 1, "{internal}");
        assert_eq!(internal.matches(report).count(), 1, "{internal}");
    });
}
