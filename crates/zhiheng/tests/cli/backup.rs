//! A backup carries the settings of the installation, and a changed one is refused.

use std::path::Path;

use crate::{setup::filled, support::Place};

fn target(from: &Place) -> Place {
    let place = Place::new().unwrap();
    std::fs::create_dir_all(place.data()).unwrap();
    std::fs::copy(from.data().join("log.key"), place.data().join("log.key")).unwrap();
    place
}

fn args(backup: &Path) -> [&std::ffi::OsStr; 2] {
    ["restore".as_ref(), backup.as_os_str()]
}

#[test]
fn settings_come_back_as_they_were_are_shown_and_are_refused_where_changed() {
    let Some(place) = Place::new() else { return };
    let file = place.write("bureau.csv", &filled(&place));
    place.run(&["setup", file.to_str().unwrap()]).done();
    let backup = place.file("backup");
    place.run(&["backup".as_ref(), backup.as_os_str()]).done();

    let good = target(&place);
    let said = good.run(&args(&backup)).done();
    assert!(
        said.contains("机关标识 body-qinghe-yj，日志名称 qinghe.example/log"),
        "{said}"
    );
    assert!(!said.contains("无法核验"), "{said}");
    good.run(&["verify"]).done();

    let settings = backup.join("zhiheng.json");
    let text = std::fs::read_to_string(&settings).unwrap();
    let changed = text.replace("\"demo\": false", "\"demo\": true");
    assert_ne!(changed, text);
    std::fs::write(&settings, changed).unwrap();
    let bad = target(&place);
    let told = bad.run(&args(&backup)).failed();
    assert!(told.contains("zhiheng.json 与清单所载摘要不符"), "{told}");
    assert!(!bad.data().join("zhiheng.json").exists());

    // As the program of before made it: the settings lie there, and the manifest does not name them.
    std::fs::write(&settings, text).unwrap();
    let path = backup.join("manifest.json");
    let mut manifest: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
    let files = manifest["files"].as_array_mut().unwrap();
    files.retain(|file| file["path"] != "zhiheng.json");
    std::fs::write(&path, manifest.to_string()).unwrap();
    let said = target(&place).run(&args(&backup)).done();
    assert!(said.contains("无法核验是否改动过"), "{said}");
}

#[test]
fn the_bureaus_own_templates_come_back_and_a_broken_one_is_told_with_file_and_line() {
    let Some(place) = Place::new() else { return };
    let file = place.write("bureau.csv", &filled(&place));
    place.run(&["setup", file.to_str().unwrap()]).done();
    let builtin = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../procedures/penalty-general/papers/urging_letter.typ"
    );
    let builtin = std::fs::read_to_string(builtin).unwrap();
    let own = builtin.replace("现催告", "本机关现催告");
    assert_ne!(own, builtin);
    let folder = place.data().join("templates");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("urging_letter.typ"), &own).unwrap();
    let backup = place.file("backup");
    place.run(&["backup".as_ref(), backup.as_os_str()]).done();

    let back = target(&place);
    back.run(&args(&backup)).done();
    let restored = back.data().join("templates/urging_letter.typ");
    assert_eq!(std::fs::read_to_string(&restored).unwrap(), own);

    std::fs::write(&restored, format!("{own}#d.party.nmae")).unwrap();
    let line = own.lines().count() + 1;
    let told = back.run(&["doctor"]).failed();
    for words in ["urging_letter.typ", &format!("第 {line} 行"), "party.nmae"] {
        assert!(told.contains(words), "{words}: {told}");
    }
}

/// Every file below a folder.
fn files(folder: &Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    paths
        .flat_map(|path| match path.is_dir() {
            true => files(&path),
            false => vec![path],
        })
        .collect()
}

#[test]
fn the_key_is_in_no_backup_and_a_record_with_a_missing_file_comes_back_from_none() {
    let Some(place) = Place::new() else { return };
    place.run(&["demo"]).done();
    let key = std::fs::read_to_string(place.data().join("log.key")).unwrap();
    // An object is called by its digest; beside them lie notes on uploads.
    let named = |path: &std::path::PathBuf| path.file_name().unwrap().len() == 64;
    let object = files(&place.data().join("objects")).into_iter().find(named);
    let object = object.unwrap();
    let bytes = std::fs::read(&object).unwrap();

    std::fs::write(&object, b"changed").unwrap();
    let damaged = place.file("damaged");
    let backup = ["backup".as_ref(), damaged.as_os_str()];
    let told = place.run(&backup).failed();
    assert!(told.contains("内容与摘要不符"), "{told}");
    std::fs::remove_file(&object).unwrap();
    let lacking = place.file("lacking");
    place.run(&["backup".as_ref(), lacking.as_os_str()]).done();
    let told = place.run(&["verify"]);
    assert!(!told.ok && told.out.contains("文件"), "{}", told.out);
    let told = target(&place).run(&args(&lacking)).failed();
    assert!(told.contains("文件"), "{told}");

    std::fs::write(&object, bytes).unwrap();
    let whole = place.file("whole");
    place.run(&["backup".as_ref(), whole.as_os_str()]).done();
    target(&place).run(&args(&whole)).done();
    for file in files(&whole) {
        let text = String::from_utf8_lossy(&std::fs::read(&file).unwrap()).into_owned();
        assert!(!text.contains(key.trim()), "{}", file.display());
    }
}
