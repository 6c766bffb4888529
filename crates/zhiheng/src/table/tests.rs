use super::*;
use jiff::civil::date;
use law::pack::read_pack;

fn pack() -> Pack {
    read_pack(&office::builtin_pack_files(), "").unwrap_or_else(|faults| panic!("{faults:?}"))
}

/// The template as somebody fills it in with a spreadsheet: `people` under the last heading.
fn filled(people: &str) -> String {
    let text = template(&pack());
    let mut text = text
        .replace("机关标识,,", "机关标识,qinghe-yj,")
        .replace("机关名称,,", "机关名称,青禾县应急管理局,")
        .replace("机关代字,,", "机关代字,（青禾）应急,")
        .replace("地址,,", "地址,青禾县一号路1号,")
        .replace("电话,,", "电话,0000-1,")
        .replace("复议机关,,", "复议机关,青禾县人民政府,")
        .replace("诉讼法院,,", "诉讼法院,青禾县人民法院,")
        .replace("收款银行,,", "收款银行,青禾县银行,")
        .replace("收款账号,,", "收款账号,'0012345678901234567,")
        .replace("日志名称,,", "日志名称,qinghe.example/log,");
    text.push_str(people);
    text
}

const GOOD: &str = "\
zhangsan,张三,危险化学品监管股,执法人员、承办科室负责人,QH-1,2025/1/1,2029年12月31日,,,应急管理,青禾县\n\
\"lisi\",李四,法制股,法制审核员；档案人员,,,,是,是,,\n";

fn faults(text: &str) -> Vec<String> {
    match read(text.as_bytes(), &pack()) {
        Ok(table) => panic!("it should have faults: {table:?}"),
        Err(faults) => faults.iter().map(ToString::to_string).collect(),
    }
}

#[test]
fn a_filled_table_is_read_with_what_spreadsheets_do_to_it() {
    let text = filled(GOOD).replace('\n', "\r\n").replace(
        "听证标准：个人罚款（元）,,",
        "听证标准：个人罚款（元）,1万元,某规定第三条",
    );
    let table = read(text.as_bytes(), &pack()).unwrap();
    assert_eq!(table.body.id, "body-qinghe-yj");
    assert_eq!(table.body.bank_account, "0012345678901234567");
    assert_eq!(
        (table.log.as_str(), table.suite.as_str()),
        ("qinghe.example/log", "gm")
    );
    let [setting] = &table.settings[..] else {
        panic!("{:?}", table.settings)
    };
    assert_eq!(
        (setting.key.as_str(), setting.value),
        ("hearing_fine_person", 1_000_000)
    );
    let [(_, zhang), (_, li)] = &table.people[..] else {
        panic!("{:?}", table.people)
    };
    assert_eq!(zhang.roles, ["officer", "section_head"]);
    assert_eq!(
        (zhang.unit.as_str(), zhang.active, zhang.qualified),
        ("wh", true, false)
    );
    assert_eq!(zhang.cards[0].valid_to, jiff::civil::date(2029, 12, 31));
    let card = &zhang.cards[0];
    assert_eq!(
        (card.kind.as_str(), card.area.as_str()),
        ("应急管理", "青禾县")
    );
    assert_eq!(li.roles, ["legal_reviewer", "archivist"]);
    assert!(li.qualified && li.cards.is_empty());
}

#[test]
fn an_empty_template_tells_what_is_to_be_filled_in() {
    let told = faults(&template(&pack()));
    for item in ["机关标识", "机关名称", "诉讼法院", "收款账号"] {
        assert!(
            told.iter()
                .any(|t| t.contains(&format!("“{item}”：没有填写"))),
            "{told:#?}"
        );
    }
    assert!(told.iter().any(|t| t.contains("没有一名人员")), "{told:#?}");
    assert!(!told.iter().any(|t| t.contains("邮政编码")));
}

#[test]
fn every_fault_is_told_at_once_with_its_line() {
    let people = "\
Zhang,张三,危化股,执法员,QH-1,2025-01-01,2024-12-31,,\n\
lisi,,法制股,,QH-1,2025-13-01,,,也许\n\
lisi,王五,法制股,档案人员,,2025-01-01,,,\n";
    let text = filled(people);
    let first = text.lines().count() - 2;
    let told = faults(&text);
    let expected = [
        (0, "“用户名”：“Zhang”不能用"),
        (
            0,
            "“科室”：“危化股”不在[科室]中，应为：局领导、法制股、危险化学品监管股",
        ),
        (0, "“职务”：没有“执法员”这一职务，应为：执法人员"),
        (0, "“证件截止日”：2024-12-31早于起始日2025-01-01"),
        (1, "“姓名”：没有填写姓名"),
        (1, "“职务”：没有填写职务"),
        (1, "“证件起始日”：“2025-13-01”不是日期，应为年-月-日"),
        (1, "“在岗”：“也许”应为是或者否"),
        (2, "“用户名”：“lisi”与第"),
        (2, "“执法证号”：填了证件日期，没有填证号"),
    ];
    for (offset, words) in expected {
        let wanted = format!("第{}行{words}", first + offset);
        assert!(
            told.iter().any(|t| t.starts_with(&wanted)),
            "{wanted}\n{told:#?}"
        );
    }
    assert_eq!(told.len(), expected.len(), "{told:#?}");
}

#[test]
fn what_would_burden_a_party_needs_its_article() {
    let row = "听证标准：单位罚款（元）,,";
    let with = |cells: &str| faults(&filled(GOOD).replace(row, cells));
    let told = with("听证标准：单位罚款（元）,50000,");
    assert!(
        told[0].contains("必须注明所依据的法律、法规或者规章条款"),
        "{told:?}"
    );
    let told = with("听证标准：单位罚款（元）,五万,某规定第三条");
    assert!(told[0].contains("不是数值"), "{told:?}");
    let told = with("听证的标准,50000,某规定第三条");
    assert!(told[0].contains("没有这个设置项"), "{told:?}");
}

#[test]
fn files_that_are_no_such_table_are_refused_with_the_way_out() {
    let gbk = [b"[\xbb\xfa\xb9\xd8]\n".as_slice(), b"\xcf\xee\n"].concat();
    let Err(told) = read(&gbk, &pack()) else {
        panic!("it is not UTF-8")
    };
    assert!(told[0].why.contains("CSV UTF-8"));
    let told = faults("用户名,姓名\nzhangsan,张三\n");
    assert!(
        told.iter().any(|t| t.contains("zhiheng setup --template")),
        "{told:#?}"
    );
    let told = faults(&filled(GOOD).replace("[科室]", "[部门]"));
    assert!(
        told.iter().any(|t| t.contains("“[部门]”：没有这一部分")),
        "{told:#?}"
    );
    let told = faults(&filled("zhangsan,\"张三,法制股\n"));
    assert!(
        told.iter().any(|t| t.contains("双引号没有配对")),
        "{told:#?}"
    );
    let told = faults(&filled(GOOD).replace("姓名,科室,职务", "名字,科室,职务"));
    assert!(
        told.iter().any(|t| t.contains("缺少这一列"))
            && told.iter().any(|t| t.contains("没有这一列"))
    );
    let told = faults(&filled(GOOD).replace("'0012345678901234567", "1.23E+18"));
    assert!(told.iter().any(|t| t.contains("科学记数")), "{told:#?}");
}

#[test]
fn what_is_exported_reads_back_the_same() {
    let pack = pack();
    let table = read(filled(GOOD).as_bytes(), &pack).unwrap();
    let installation = crate::install::Installation {
        format: 1,
        body_id: table.body.id.clone(),
        origin: table.log.clone(),
        suite: table.suite.clone(),
        demo: false,
        behind_proxy: false,
        region: None,
        settings: vec![
            Setting {
                to: Some(date(2026, 1, 31)),
                ..Setting::new("hearing_fine_person", 500_000, Some("旧规定第三条"))
            },
            Setting {
                from: Some(date(2026, 2, 1)),
                ..Setting::new(
                    "hearing_fine_person",
                    1_000_050,
                    Some("某规定第三条，第一款"),
                )
            },
        ],
    };
    let people: Vec<&Person> = table.people.iter().map(|(_, p)| p).collect();
    let text = export(&pack, &installation, &table.body, &people);
    let again = read(text.as_bytes(), &pack).unwrap_or_else(|faults| panic!("{faults:#?}\n{text}"));
    assert_eq!(again.body, table.body);
    assert_eq!(again.settings, installation.settings);
    let read: Vec<&Person> = again.people.iter().map(|(_, p)| p).collect();
    assert_eq!(read, people);
}
