//! Templates of the bureau's own that loop or grow end neither the start nor a server, and are told by their file.

use crate::{
    setup::filled,
    support::{Place, Said},
};

const HEAD: &str = "#import \"lib.typ\": *\n#let title = \"催告书\"\n#let needs = (\"party.name\",)\n#show: sheet\n#head()\n";

/// An installation with one template of its own.
fn with(file: &str, text: &str) -> Option<Place> {
    let place = Place::new()?;
    let table = place.write("bureau.csv", &filled(&place));
    place.run(&["setup", table.to_str().unwrap()]).done();
    let folder = place.data().join("templates");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join(file), text).unwrap();
    Some(place)
}

#[track_caller]
fn told(said: Said, words: &[&str]) {
    let told = said.failed();
    for words in words {
        assert!(told.contains(words), "{words}: {told}");
    }
}

#[test]
fn a_template_that_never_ends_is_told_by_its_file_and_stops_nothing() {
    let endless = format!(
        "{HEAD}#for a in range(9999) {{ for b in range(9999) {{ for c in range(9999) {{}} }} }}"
    );
    let Some(place) = with("urging_letter.typ", &endless) else {
        return;
    };
    told(
        place.run(&["doctor"]),
        &["urging_letter.typ", "没有完成", "移走该文件"],
    );
    std::fs::remove_file(place.data().join("templates/urging_letter.typ")).unwrap();
    let said = place.run(&["doctor"]);
    assert!(!said.err.contains("urging_letter"), "{}", said.err);
}

#[test]
fn a_template_that_grows_is_told_by_its_file() {
    let growing =
        format!("{HEAD}#{{ let x = \"甲\" * 1000; for i in range(40) {{ x = x + x }}; x.len() }}");
    let Some(place) = with("urging_letter.typ", &growing) else {
        return;
    };
    told(
        place.run(&["doctor"]),
        &["urging_letter.typ", "已经停止", "移走该文件"],
    );
}

#[test]
fn a_file_with_another_ending_is_told_and_not_left_out() {
    let Some(place) = with("X.TYP", HEAD) else {
        return;
    };
    told(place.run(&["doctor"]), &["X.TYP", "小写的“.typ”"]);
}

#[test]
fn a_template_that_never_ends_with_real_data_alone_is_told_when_the_paper_is_made() {
    let Some(place) = Place::new() else { return };
    let builtin = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../procedures/penalty-general/papers/case_filing_approval.typ"
    );
    let builtin = std::fs::read_to_string(builtin).unwrap();
    let folder = place.data().join("templates");
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("case_filing_approval.typ");
    // The demo's bureau has a name that the sample's has not.
    let endless = "#if d.bureau.name == \"青山县应急管理局\" { for a in range(9999) { for b in range(9999) { for c in range(9999) {} } } }";
    std::fs::write(&file, format!("{builtin}\n{endless}\n")).unwrap();
    told(place.run(&["demo"]), &["case_filing_approval", "没有完成"]);

    // The same paper in the bureau's own words is made by the same way.
    std::fs::remove_dir_all(place.data()).unwrap();
    std::fs::create_dir_all(&folder).unwrap();
    let own = format!("{builtin}\n#par[本机关式样]\n");
    std::fs::write(&file, own).unwrap();
    place.run(&["demo"]).done();
    assert!(place.run(&["verify"]).done().contains("核验通过"));
}
