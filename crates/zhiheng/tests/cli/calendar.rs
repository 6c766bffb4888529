//! Holiday notices imported: refused with their line, recorded, taken up by the server that runs.

use crate::support::Place;

const NOTICE: &str = "\
date,name,type,paper_year
2027-01-01,元旦,休,2027
2027-01-02,元旦,休,2027
2027-01-03,元旦,休,2027
";

#[test]
fn a_running_server_takes_up_what_is_imported_and_counts_anew() {
    let Some(place) = Place::new() else { return };
    // A demo of that day has limits that end in 2027, for which the program has no notice built in yet.
    place.run(&["demo", "--today", "2026-12-30"]).done();
    let import = |name: &str, text: &str| {
        let file = place.write(name, text);
        place.run(&["calendar", "import", file.to_str().unwrap()])
    };

    let told = import("bad.csv", &NOTICE.replace("01-03", "13-03")).failed();
    assert!(told.contains("第4行应为存在的日期"), "{told}");
    let told = import("empty.csv", "").failed();
    assert!(told.contains("没有任何放假或调休日"), "{told}");
    let untouched = place.run(&["rebuild"]).done();
    assert!(untouched.contains("完全一致"), "{untouched}");

    let said = import("2027.csv", NOTICE).done();
    assert!(said.contains("已导入2027年的放假安排"), "{said}");
    let said = import("2027.csv", NOTICE).done();
    assert!(said.contains("没有改动"), "{said}");
    let before = place.run(&["rebuild"]).done();
    assert!(
        before.contains("不一致，已改正"),
        "due dates rest on the calendar: {before}"
    );

    // The next one comes while the server runs.
    let server = place.serve();
    server.wait_for("各案期限已重算");
    let more = format!("{NOTICE}2027-01-04,元旦,休,2027\n2027-01-05,元旦,休,2027\n");
    import("more.csv", &more).done();
    server.wait_for("各案期限已重算");
    drop(server);
    let after = place.run(&["rebuild"]).done();
    assert!(
        after.contains("完全一致"),
        "the server had done it: {after}"
    );
    let verified = place.run(&["verify"]).done();
    assert!(verified.contains("核验通过"), "{verified}");
}
