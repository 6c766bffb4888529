//! Texts of laws loaded, listed, removed, kept by backup and rebuild, and taken up by the server that runs.

use testkit::{Cluster, Durability};

use crate::support::Place;

const OLD: &str = "\
# 中华人民共和国行政处罚法

1996年3月17日 第八届全国人民代表大会第四次会议通过

第一条 旧法第一条。

第二条 本法自1996年10月1日起施行。
";
const NEW: &str = "\
# 中华人民共和国行政处罚法

2021年1月22日 第十三届全国人民代表大会常务委员会第二十五次会议修订

第一条 新法第一条。

第二条 本法自2021年7月15日起施行。
";
const AMENDED: &str = "\
# 样品条例

2019年1月2日 某令第3号公布

2020年4月5日 《决定》修正

第一条 本条例自2019年3月1日起施行。
";

#[test]
fn texts_are_loaded_once_kept_with_the_record_and_found_by_day() {
    let Some(place) = Place::new() else { return };
    keeps(&place);
}

#[test]
fn so_it_is_on_postgresql() {
    let Some(cluster) = Cluster::start(Durability::Full) else {
        return;
    };
    let Some(place) = Place::on(Some(cluster.create_database())) else {
        return;
    };
    keeps(&place);
}

fn keeps(place: &Place) {
    place.run(&["demo", "--today", "2026-03-02"]).done();
    let write = |name: &str, text: &str| place.write(name, text).to_str().unwrap().to_owned();
    let (old, new) = (write("old.md", OLD), write("new.md", NEW));
    let empty = place.run(&["law", "list"]).done();
    assert!(empty.contains("还没有导入条文"), "{empty}");

    // One bad file, and nothing is loaded.
    let minutes = write("minutes.md", "# 会议纪要\n\n一、时间地点\n");
    let broken = write("broken.md", &NEW.replace("第二条 本法", "第三条 本法"));
    let told = place
        .run(&["law", "import", &new, &minutes, &broken])
        .failed();
    assert!(told.contains("没有导入任何文件"), "{told}");
    assert!(told.contains("第3行：文件中没有“第一条”"), "{told}");
    assert!(told.contains("第7行：第一条之后应为第二条"), "{told}");
    let empty = place.run(&["law", "list"]).done();
    assert!(empty.contains("还没有导入条文"), "{empty}");

    let checked = place.run(&["law", "import", "--check", &new]).done();
    assert!(
        checked.contains("共 2 条，自 2021-07-15 起施行（没有导入）"),
        "{checked}"
    );
    let said = place.run(&["law", "import", &old, &new]).done();
    assert_eq!(said.matches("：已导入。").count(), 2, "{said}");
    let again = place.run(&["law", "import", &old, &new]).done();
    assert_eq!(again.matches("没有改动").count(), 2, "{again}");
    days(place, &write("样品条例(2020-04-05).md", AMENDED));

    let rebuilt = place.run(&["rebuild"]).done();
    assert!(rebuilt.contains("完全一致"), "{rebuilt}");
    let verified = place.run(&["verify"]).done();
    assert!(verified.contains("核验通过"), "{verified}");
    let removed = place
        .run(&["law", "remove", "行政处罚法", "--from", "1996-10-01"])
        .done();
    assert!(removed.contains("记录中仍然保留"), "{removed}");
    let left = place.run(&["law", "list"]).done();
    assert!(
        left.contains("2021-07-15") && !left.contains("1996-10-01"),
        "{left}"
    );
}

/// A file that does not say its day needs it told; a version is removed by its day.
fn days(place: &Place, amended: &str) {
    let told = place.run(&["law", "import", amended]).failed();
    assert!(told.contains("请用 --from 写明施行日期"), "{told}");
    let told = place
        .run(&["law", "import", amended, "--from", "2020-03-01"])
        .failed();
    assert!(
        told.contains("早于《样品条例》文件写明的 2020-04-05"),
        "{told}"
    );
    place
        .run(&["law", "import", amended, "--from", "2020-05-01"])
        .done();
    let moved = place
        .run(&["law", "import", amended, "--from", "2020-06-01"])
        .done();
    assert!(moved.contains("代替原来导入的文本"), "{moved}");
    let list = place.run(&["law", "list"]).done();
    assert!(
        list.contains("某令第3号\t自 2020-06-01 起施行\t1 条"),
        "{list}"
    );
    assert!(!list.contains("2020-05-01"), "{list}");
    let told = place.run(&["law", "remove", "行政处罚法"]).failed();
    assert!(
        told.contains("有 2 个版本") && told.contains("1996-10-01、2021-07-15"),
        "{told}"
    );
    let told = place.run(&["law", "remove", "刑法"]).failed();
    assert!(told.contains("没有导入《刑法》"), "{told}");
}

#[test]
fn a_running_server_takes_them_up_and_a_backup_keeps_them() {
    let Some(place) = Place::new() else { return };
    place.run(&["demo", "--today", "2026-03-02"]).done();
    let new = place.write("new.md", NEW);
    let server = place.serve();
    place.run(&["law", "import", new.to_str().unwrap()]).done();
    server.wait_for("已采用导入的法律条文");
    drop(server);
    let before = place.run(&["law", "list"]).done();
    let backup = place.file("backup");
    place.run(&["backup".as_ref(), backup.as_os_str()]).done();
    let other = Place::new().unwrap();
    std::fs::create_dir_all(other.data()).unwrap();
    std::fs::copy(place.data().join("log.key"), other.data().join("log.key")).unwrap();
    other.run(&["restore".as_ref(), backup.as_os_str()]).done();
    assert_eq!(other.run(&["law", "list"]).done(), before);
    assert!(before.contains("2021-07-15"), "{before}");
}
