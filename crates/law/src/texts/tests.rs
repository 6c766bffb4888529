use std::{path::PathBuf, sync::Arc};

use jiff::civil::{Date, date};
use proptest::prelude::*;

use super::*;

const SAMPLE: &str = "\
# 中华人民共和国样品法

2001年2月3日 第九届全国人民代表大会常务委员会第二十次会议通过

2021年1月22日 第十三届全国人民代表大会常务委员会第二十五次会议修订

<!-- INFO END -->

## 第一章　总　　则

第一条 为了检验，制定本法。

第二条 本法所称样品，是指：

（一）书证；

（二）物证，分为：

1.原物；

2.复制件。

前款第一项规定的样品，适用本法第一条。

第二条所称样品不含气体。

## 第二章 附 则
### 第一节 施行
**第二条之一**　样品应当
密封。

第三条 本法自2021年7月15日起施行。
";

fn number(main: u16, inserted: u16) -> ArticleNumber {
    ArticleNumber { main, inserted }
}

#[test]
fn a_law_is_read_with_its_days_chapters_articles_paragraphs_and_items() {
    let law = read(SAMPLE, None).unwrap();
    assert_eq!(
        (law.title.as_str(), law.short_title()),
        ("中华人民共和国样品法", "样品法")
    );
    assert_eq!(law.made_on, Some(date(2021, 1, 22)));
    assert_eq!(law.in_force_from, Some(date(2021, 7, 15)));
    assert_eq!((law.history.len(), law.number), (2, None));
    let numbers: Vec<String> = law.articles.iter().map(|a| a.number.to_string()).collect();
    assert_eq!(numbers, ["第一条", "第二条", "第二条之一", "第三条"]);

    let second = &law.articles[1];
    assert_eq!(second.headings, ["第一章 总则"]);
    let texts: Vec<&str> = second.paragraphs.iter().map(|p| p.text.as_str()).collect();
    assert_eq!(
        texts,
        [
            "本法所称样品，是指：",
            "前款第一项规定的样品，适用本法第一条。",
            "第二条所称样品不含气体。"
        ]
    );
    let items = &second.paragraphs[0].items;
    assert_eq!(
        (items.len(), items[1].text.as_str()),
        (2, "（二）物证，分为：")
    );
    assert_eq!(items[1].points, ["1.原物；", "2.复制件。"]);
    let inserted = &law.articles[2];
    assert_eq!(inserted.headings, ["第二章 附则", "第一节 施行"]);
    assert_eq!(inserted.paragraphs[0].text, "样品应当密封。");
}

#[test]
fn what_cannot_be_read_is_told_with_its_line() {
    let check = |text: &str, line: usize, says: &str| {
        let told = read(text, None).unwrap_err();
        assert_eq!(told.line, line, "{told}");
        assert!(told.what.contains(says), "{told}");
    };
    check("", 1, "没有法律名称");
    check("会议纪要\n", 1, "第一行应为“# 法律名称”");
    check("# 会议纪要\n\n一、时间\n", 3, "没有“第一条”");
    check("# 第一编　总则\n", 1, "应为“# 法律名称”");
    check("# 某法\n第二条 甲。\n", 2, "应为“第一条”，而这里是第二条");
    check(
        "# 某法\n第一条 甲。\n第三条 乙。\n",
        3,
        "第一条之后应为第二条，而这里是第三条",
    );
    check(
        "# 某法\n第一条 甲。\n第一条之二 乙。\n",
        3,
        "第一条之后应为第二条",
    );
    check(
        "# 某法\n第一条 甲。\n第二条乙。\n",
        3,
        "“第二条”之后应有空格",
    );
    check(
        "# 某法\n第一条 甲：\n（一）乙；\n（三）丙。\n",
        4,
        "应为第二项",
    );
    check("# 某法\n第一条\n（一）乙；\n", 3, "项之前应有条文");
    check("# 某法\n第一条\n第二条 乙。\n", 3, "第一条没有条文");
    check("# 某法\n第一条 甲。\n| 表 |\n", 3, "表格");
    check("# 某法\n第一条 甲。\n## 附件\n", 3, "“附件”应为第几编");
    check(
        "# 某法\n## 第一章 总则\n序言。\n第一条 甲。\n",
        3,
        "不在任何一条之中",
    );
}

#[test]
fn the_day_in_force_is_taken_only_where_it_cannot_be_an_earlier_versions() {
    let check = |head: &str, end: &str, named: Option<Date>, expect: Option<Date>| {
        let text = format!("# 某条例\n\n{head}\n\n第一条 甲。\n\n第二条 {end}\n");
        assert_eq!(
            read(&text, named).unwrap().in_force_from,
            expect,
            "{head} {end}"
        );
    };
    let (passed, amended) = (
        "2020年1月2日 会议通过",
        "2020年1月2日 会议通过\n\n2021年6月10日 《决定》修正",
    );
    let end = "本条例自2020年3月1日起施行。";
    check(passed, end, None, Some(date(2020, 3, 1)));
    check("", end, None, Some(date(2020, 3, 1)));
    // 修正 leaves the words of the last article as they were.
    check(amended, end, None, None);
    check(passed, end, Some(date(2021, 6, 10)), None);
    check(passed, "从事生产的，自2020年3月1日起施行许可。", None, None);
    check(
        "2020年1月2日 某令第3号公布\n\n2020年3月1日 施行",
        "乙。",
        None,
        Some(date(2020, 3, 1)),
    );
    check(
        "2020年1月2日 某令第3号公布\n\n2020年4月1日 施行",
        end,
        None,
        None,
    );
    let at_once = "本条例自公布之日起施行。";
    check(
        "2020年1月2日 某令第3号公布",
        at_once,
        None,
        Some(date(2020, 1, 2)),
    );
    check(
        "2020年1月2日 某令第3号公布\n\n2021年1月2日 《决定》修订",
        at_once,
        None,
        None,
    );
    check(passed, at_once, None, None);
}

#[test]
fn the_number_of_the_document_is_the_last_that_the_head_gives() {
    let check = |head: &str, expect: Option<&str>| {
        let text = format!("# 某条例\n\n{head}\n\n第一条 甲。\n");
        assert_eq!(
            read(&text, None).unwrap().number.as_deref(),
            expect,
            "{head}"
        );
    };
    check(
        "2007年4月5日 中华人民共和国国务院令第492号公布\n2019年4月3日 中华人民共和国国务院令第711号修订　",
        Some("国务院令第711号"),
    );
    check(
        "2021年7月30日 国家市场监督管理总局令第45号公布\n2021年9月1日 施行",
        Some("国家市场监督管理总局令第45号"),
    );
    check("国办发〔2018〕118号", Some("国办发〔2018〕118号"));
    check("2020年12月9日 国务院第117次常务会议通过", None);
}

#[test]
fn numerals_are_read_only_as_laws_write_them() {
    let check = |text: &str, expect: Option<u16>| assert_eq!(numeral(text), expect, "{text}");
    check("十", Some(10));
    check("一十", Some(10));
    check("一百零一", Some(101));
    check("一百〇一", Some(101));
    check("一千二百四十二", Some(1242));
    check("一千零一十", Some(1010));
    check("118", Some(118));
    for bad in [
        "",
        "零",
        "百",
        "一一百",
        "一百一",
        "二三",
        "一千一",
        "十百",
        "0",
        "99999",
    ] {
        check(bad, None);
    }
}

fn told(text: &str) -> Vec<String> {
    let said = citations(text).into_iter().map(|c| {
        let law = match c.law {
            Named::Title(law) | Named::Number(law) => law,
        };
        let place = |p: Place| {
            let part = |n: Option<u16>| n.map_or(String::new(), |n| format!("/{n}"));
            format!(
                "{}{}{}",
                p.article.key(),
                part(p.paragraph),
                p.item.map_or(String::new(), |i| format!("#{i}"))
            )
        };
        let to = c.to.map_or(String::new(), |to| format!("..{}", place(to)));
        let at = c.place.map_or("-".to_owned(), place);
        format!("{}|{law} {at}{to}", &text[c.span])
    });
    said.collect()
}

#[test]
fn citations_are_read_as_packs_write_them() {
    let check = |text: &str, expect: &[&str]| assert_eq!(told(text), expect, "{text}");
    check(
        "《行政处罚法》第四十八条第一款、第五十条；《安全生产法》第七十八条第二款；国办发〔2018〕118号",
        &[
            "《行政处罚法》第四十八条第一款|行政处罚法 48/1",
            "第五十条|行政处罚法 50",
            "《安全生产法》第七十八条第二款|安全生产法 78/2",
            "国办发〔2018〕118号|国办发〔2018〕118号 -",
        ],
    );
    check(
        "《行政处罚法》第二十二条至第二十五条",
        &["《行政处罚法》第二十二条至第二十五条|行政处罚法 22..25"],
    );
    check(
        "《中华人民共和国行政处罚法》第五十七条第一款第三项、第二款",
        &[
            "《中华人民共和国行政处罚法》第五十七条第一款第三项|中华人民共和国行政处罚法 57/1#3",
            "第二款|中华人民共和国行政处罚法 57/2",
        ],
    );
    check(
        "《行政处罚法》第六十三条第一项（数额由本机关加载的规定确定）",
        &["《行政处罚法》第六十三条第一项|行政处罚法 63#1"],
    );
    check(
        "《某法》第十条之一第（二）项",
        &["《某法》第十条之一第（二）项|某法 10-1#2"],
    );
    check(
        "按照国办发〔2018〕118号办理",
        &["国办发〔2018〕118号|国办发〔2018〕118号 -"],
    );
    check("《行政处罚法》（2021）", &["《行政处罚法》|行政处罚法 -"]);
    check("应罚告〔某〕1号、《未完", &[]);
    check("没有引用，第五条不算", &[]);
}

fn version(from: Date, article: &str, digest: &str) -> Version {
    let text = format!("# 中华人民共和国某法\n\n国办发〔2018〕118号\n\n第一条 {article}\n");
    Version {
        from,
        digest: digest.to_owned(),
        text: Arc::new(read(&text, None).unwrap()),
    }
}

#[test]
fn the_version_of_the_day_is_found_and_a_citation_leads_to_it() {
    let mut library = Library::default();
    library.add(version(date(2022, 1, 1), "新。", "b"));
    library.add(version(date(2020, 1, 1), "旧。", "a"));
    let check = |day: Date, expect: Option<&str>| {
        let found = library.on("某法", day).map(|v| v.digest.as_str());
        assert_eq!(found, expect, "{day}");
        assert_eq!(
            library.links("《中华人民共和国某法》第一条", day).len(),
            usize::from(found.is_some())
        );
    };
    check(date(2019, 12, 31), None);
    check(date(2020, 1, 1), Some("a"));
    check(date(2021, 12, 31), Some("a"));
    check(date(2022, 1, 1), Some("b"));

    let day = date(2023, 1, 1);
    assert!(
        library.links("《某法》第二条", day).is_empty(),
        "no such article"
    );
    assert!(
        library.links("《另法》第一条", day).is_empty(),
        "no such law"
    );
    assert_eq!(library.links("国办发〔2018〕118号", day)[0].law, "某法");

    let mut moved = library.clone();
    moved.add(version(date(2022, 6, 1), "新。", "b"));
    assert_eq!(
        moved.versions().count(),
        2,
        "the same file under another day"
    );
    assert_eq!(moved.on("某法", date(2022, 1, 1)).unwrap().digest, "a");
    assert!(moved.remove("a") && !moved.remove("a"));
    assert!(moved.on("某法", date(2022, 1, 1)).is_none());
}

proptest! {
    #[test]
    fn every_number_comes_back(main in 1_u16..=9999, inserted in 0_u16..=9999) {
        let number = number(main, inserted);
        let said = number.to_string();
        prop_assert_eq!(ArticleNumber::read(&said), Some((number, "")));
        prop_assert_eq!(ArticleNumber::from_key(&number.key()), Some(number));
    }

    #[test]
    fn nothing_that_is_typed_breaks_a_reader(text in "([#（）《》〔〕第条款项之一二十0-9 \\n、至号年月日]|\\PC){0,60}") {
        let _ = read(&text, None);
        let mut at = 0;
        for citation in citations(&text) {
            prop_assert!(at <= citation.span.start && citation.span.start < citation.span.end);
            prop_assert!(text.get(citation.span.clone()).is_some());
            at = citation.span.end;
        }
    }
}

/// Articles, and the day in force where the text says it without doubt; or what is refused.
type Expected = Result<(usize, Option<Date>), &'static str>;

const SHARED: &[(&str, Expected)] = &[
    ("行政处罚法(2021-01-22)", Ok((86, Some(date(2021, 7, 15))))),
    ("行政强制法(2011-06-30)", Ok((71, Some(date(2012, 1, 1))))),
    ("行政复议法(2023-09-01)", Ok((90, Some(date(2024, 1, 1))))),
    ("行政复议法(2017-09-01)", Ok((43, None))),
    ("行政诉讼法(2017-06-27)", Ok((103, None))),
    ("安全生产法(2021-06-10)", Ok((119, None))),
    ("安全生产许可证条例(2014-07-29)", Ok((24, None))),
    ("危险化学品安全管理条例(2013-12-07)", Ok((102, None))),
    (
        "排污许可管理条例(2021-01-24)",
        Ok((51, Some(date(2021, 3, 1)))),
    ),
    (
        "档案法实施条例(2024-01-12)",
        Ok((52, Some(date(2024, 3, 1)))),
    ),
    ("生态环境法典-总则", Err("第5行：应为“# 法律名称”")),
];

#[test]
fn the_laws_that_bureaus_have_are_read() {
    let shared = std::env::var_os("ZHIHENG_SHARED").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared"),
        PathBuf::from,
    );
    let Ok(dir) = std::fs::read_dir(shared.join("laws")) else {
        println!("skipped: no shared laws");
        return;
    };
    let mut seen = 0;
    for path in dir.map(|entry| entry.unwrap().path()) {
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        if path.extension().is_none_or(|e| e != "md") {
            continue;
        }
        let named = name
            .rsplit_once('(')
            .and_then(|(_, d)| d.trim_end_matches(')').parse().ok());
        let found = read(&std::fs::read_to_string(&path).unwrap(), named);
        if let Err(fault) = &found {
            assert!(name.starts_with("生态环境法典"), "{name}: {fault}");
        }
        let Some((_, expect)) = SHARED.iter().find(|(n, _)| *n == name) else {
            continue;
        };
        seen += 1;
        match (found, expect) {
            (Ok(law), Ok((articles, day))) => {
                assert_eq!(
                    (law.articles.len(), law.in_force_from),
                    (*articles, *day),
                    "{name}"
                );
            }
            (Err(fault), Err(says)) => assert!(fault.to_string().starts_with(says), "{fault}"),
            (found, _) => panic!("{name}: {found:?}"),
        }
    }
    assert_eq!(seen, SHARED.len());
}
