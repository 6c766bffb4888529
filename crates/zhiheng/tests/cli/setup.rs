//! A bureau of one's own: from the printed table to people who sign in, and their changes.

use std::{
    io::{Read, Write},
    net::TcpStream,
};

use crate::support::{Place, Server};

const PEOPLE: &str = "\
chen,陈立,危险化学品监管股,执法人员,QH-1,2024-01-01,2028-12-31,,\n\
lin,林芳,危险化学品监管股,执法人员,QH-2,2024-01-01,2028-12-31,,\n\
he,何平,危险化学品监管股,执法人员、承办科室负责人,QH-3,2024/1/1,2028/12/31,,\n\
gao,高远,法制股,法制审核员,,,,是,\n\
tang,唐雨,法制股,档案人员、财务人员、公示审核人,,,,,\n\
liu,刘国安,局领导,机关负责人,,,,,\n\
wang,王守法,局领导,主要负责人,,,,,\n";

/// The table as the program prints it, filled in.
pub fn filled(place: &Place) -> String {
    let template = place.run(&["setup", "--template"]).done();
    let items = [
        ("机关标识", "qinghe-yj"),
        ("机关名称", "青禾县应急管理局"),
        ("机关代字", "（青禾）应急"),
        ("地址", "青禾县一号路1号"),
        ("电话", "0000-1"),
        ("复议机关", "青禾县人民政府"),
        ("诉讼法院", "青禾县人民法院"),
        ("收款银行", "青禾县银行"),
        ("收款账号", "'001234"),
        ("日志名称", "qinghe.example/log"),
    ];
    let fill = |text: String, (item, value): (&str, &str)| {
        text.replace(&format!("{item},,"), &format!("{item},{value},"))
    };
    items.into_iter().fold(template, fill) + PEOPLE
}

/// The password that was printed for a person.
pub fn password(said: &str, login: &str) -> Option<String> {
    let line = said
        .lines()
        .find(|line| line.trim_start().starts_with(&format!("{login}\t")))?;
    line.rsplit('\t').next().map(str::to_owned)
}

fn post(server: &Server, path: &str, media: &str, body: &str) -> (u16, String) {
    let head = format!(
        "Content-Type: {media}\r\nContent-Length: {}\r\n",
        body.len()
    );
    send(server, &format!("POST {path}"), &head, body)
}

/// What the server answers to a request with these header lines.
pub fn send(server: &Server, what: &str, head: &str, body: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(&server.address).unwrap();
    write!(
        stream,
        "{what} HTTP/1.1\r\nHost: {}\r\n{head}Connection: close\r\n\r\n{body}",
        server.address,
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let status = answer.split(' ').nth(1).unwrap().parse().unwrap();
    (status, answer)
}

/// An attempt to sign in by the API.
pub fn sign_in(server: &Server, login: &str, password: &str) -> (u16, String) {
    let body = format!(r#"{{"login":"{login}","password":"{password}"}}"#);
    post(server, "/api/v1/session", "application/json", &body)
}

/// Whether that is the first password of somebody who serves, with which nothing can be done yet.
pub fn is_first(server: &Server, login: &str, password: &str) -> bool {
    let (status, answer) = sign_in(server, login, password);
    status == 403 && answer.contains("这是初始密码")
}

/// Sets one's own password, as the page does.
pub fn set_own(server: &Server, login: &str, old: &str, new: &str) -> u16 {
    let body = format!("first=yes&login={login}&password={old}&new={new}&again={new}");
    post(
        server,
        "/password",
        "application/x-www-form-urlencoded",
        &body,
    )
    .0
}

#[test]
fn a_filled_table_makes_a_bureau_whose_people_sign_in_and_change() {
    let Some(place) = Place::new() else { return };
    let table = filled(&place);
    let file = place.write("bureau.csv", &table);
    let file = file.to_str().unwrap();

    let checked = place.run(&["setup", file, "--check"]).done();
    assert!(checked.contains("没有问题，共 7 人"), "{checked}");
    assert!(!place.data().join("zhiheng.json").exists());

    let made = place.run(&["setup", file]).done();
    for line in [
        "高远不在岗时，没有足够的人办理“法制审核（告知前）”",
        "人员全部在岗时，没有足够的人办理“集体讨论”，缺机关负责人",
        "没有填写“听证标准：个人罚款（元）”",
        "只显示这一次",
    ] {
        assert!(made.contains(line), "{line}\n{made}");
    }
    let chen = password(&made, "chen").unwrap();
    let gao = password(&made, "gao").unwrap();
    assert_ne!(chen, gao);

    // Twice would be over what is there.
    let again = place.run(&["setup", file]).failed();
    assert!(again.contains("已有安装，没有改动"), "{again}");

    let server = place.serve();
    let own = "mountains-and-rivers";
    assert!(is_first(&server, "chen", &chen));
    assert!(!is_first(&server, "chen", &gao), "that is another's");
    assert_eq!(set_own(&server, "chen", &chen, own), 303);
    assert_eq!(sign_in(&server, "chen", own).0, 200);
    assert_eq!(sign_in(&server, "chen", &chen).0, 403);
    drop(server);

    // 高远 leaves, 罗静 comes, 陈立's card is renewed.
    let exported = place.run(&["people", "export"]).done();
    let changed = exported
        .replace(
            "gao,高远,法制股,法制审核员,,,,是,是",
            "gao,高远,法制股,法制审核员,,,,是,否",
        )
        .replace("QH-1,2024-01-01,2028-12-31", "QH-9,2026-01-01,2031-12-31")
        + "luo,罗静,法制股,法制审核员,,,,是,是\n";
    assert_ne!(changed, exported);
    let file = place.write("changed.csv", &changed);
    let file = file.to_str().unwrap();
    let updated = place.run(&["people", "update", file]).done();
    assert!(
        updated.contains("更改：陈立") && updated.contains("更改：高远"),
        "{updated}"
    );
    assert!(updated.contains("已更新 3 人"), "{updated}");
    let luo = password(&updated, "luo").unwrap();
    assert_eq!(password(&updated, "chen"), None, "who has one keeps it");
    let none = place.run(&["people", "update", file]).done();
    assert!(none.contains("已更新 0 人"), "{none}");

    // Real records never mix with replayed ones.
    let cases = place.write("cases.jsonl", "{\"case\":\"某案\"}\n");
    let told = place.run(&["replay", cases.to_str().unwrap()]).failed();
    assert!(told.contains("是正式安装"), "{told}");

    let reset = place.run(&["people", "password", "lin"]).done();
    let server = place.serve();
    server.wait_for("罗静不在岗时，没有足够的人办理“法制审核（告知前）”");
    assert_eq!(sign_in(&server, "chen", own).0, 200);
    assert!(!is_first(&server, "gao", &gao), "who left is nobody here");
    assert!(is_first(&server, "luo", &luo));
    assert!(is_first(&server, "lin", &password(&reset, "lin").unwrap()));
    drop(server);

    let verified = place.run(&["verify"]).done();
    assert!(verified.contains("核验通过"), "{verified}");
    let doctor = place.run(&["doctor"]);
    assert!(
        !doctor.ok && doctor.out.contains("罗静不在岗时"),
        "{}",
        doctor.out
    );
}

#[test]
fn a_table_with_faults_writes_nothing() {
    let Some(place) = Place::new() else { return };
    let bad =
        filled(&place).replace("2028-12-31", "2028-13-31") + "chen,又一人,没有的股,执法人员,,,,,\n";
    let file = place.write("bad.csv", &bad);
    let told = place.run(&["setup", file.to_str().unwrap()]).failed();
    for words in [
        "“证件截止日”：“2028-13-31”不是日期",
        "“科室”：“没有的股”不在[科室]中",
        "“用户名”：“chen”与第",
        "4 处问题，什么都没有写入",
    ] {
        assert!(told.contains(words), "{words}\n{told}");
    }
    assert!(!place.data().exists());
    let missing = place.run(&["setup", "none.csv"]).failed();
    assert!(missing.contains("读不了 none.csv"), "{missing}");
}

#[test]
fn an_update_never_takes_what_others_stand_on() {
    let Some(place) = Place::new() else { return };
    let table = filled(&place);
    let file = place.write("bureau.csv", &table);
    place.run(&["setup", file.to_str().unwrap()]).done();
    let exported = place.run(&["people", "export"]).done();
    let refused = |from: &str, to: &str| {
        let changed = exported.replace(from, to);
        assert_ne!(changed, exported, "{from}");
        let file = place.write("changed.csv", &changed);
        let args = ["people", "update", file.to_str().unwrap()];
        place.run(&args).failed()
    };
    let told = refused("lin,林芳", "lin,林方方");
    assert!(told.contains("“lin”是林芳的，不能转给林方方"), "{told}");
    let told = refused("qinghe.example/log", "elsewhere.example/log");
    assert!(
        told.contains("“日志名称”：建立安装时已经定为“qinghe.example/log”"),
        "{told}"
    );
    let told = refused("fz,法制股", "fz2,法制股");
    assert!(told.contains("缺少科室“法制股”（fz）"), "{told}");

    // Who is left out of the table is left alone.
    let without: String = exported
        .lines()
        .filter(|line| !line.starts_with("tang,"))
        .map(|line| format!("{line}\n"))
        .collect();
    let file = place.write("without.csv", &without);
    let said = place
        .run(&["people", "update", file.to_str().unwrap()])
        .done();
    assert!(said.contains("表中没有唐雨（tang），未作改动"), "{said}");
    let after = place.run(&["people", "export"]).done();
    assert_eq!(after, exported);
}

/// A value of a table, and what goes before it in the settings file.
fn with_precedence(place: &Place) -> String {
    let key = "听证标准：个人罚款（元）";
    let table = filled(place);
    let valued = table.replace(
        &format!("{key},,,,"),
        &format!("{key},10000,《甲省规定》第三条,,"),
    );
    assert_ne!(valued, table);
    let file = place.write("bureau.csv", &valued);
    place.run(&["setup", file.to_str().unwrap()]).done();
    let path = place.data().join("zhiheng.json");
    let mut settings: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
    let over = serde_json::json!({
        "key": "hearing_fine_person", "value": 500_000, "article": "《甲市规定》第五条",
        "over": [{"article": "《甲省规定》第三条", "by": "special", "basis": "《甲省规定》第九条"}]
    });
    settings["settings"].as_array_mut().unwrap().push(over);
    std::fs::write(&path, settings.to_string()).unwrap();
    place.run(&["people", "export"]).done()
}

#[test]
fn an_update_whose_settings_could_not_be_opened_afterwards_writes_nothing() {
    let Some(place) = Place::new() else { return };
    let exported = with_precedence(&place);
    let changed = exported.replace("《甲省规定》第三条", "《甲省规定》第四条")
        + "luo,罗静,法制股,法制审核员,,,,是,是\n";
    assert_ne!(changed, exported);
    let file = place.write("changed.csv", &changed);
    let args = ["people", "update", file.to_str().unwrap()];
    let told = place.run(&args).failed();
    assert!(
        told.contains("没有写明哪一个优先") && told.contains("什么都没有写入"),
        "{told}"
    );
    let after = place.run(&["people", "export"]).done();
    assert_eq!(after, exported);
}
