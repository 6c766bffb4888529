//! A data folder that this version's commands made is kept, and every later version opens it, checks it and goes on.
//!
//! With `ZHIHENG_KEEP=FILE` the folder that the first test makes is packed there, for a version that changes the schema.

use std::{path::Path, process::Command};

use drill::{Clerk, Desk, Numbers};

use crate::{
    setup::{filled, password, set_own},
    support::{Place, Server},
};

/// Folders as they were packed, oldest first, each by the schema that it is of.
const KEPT: [&str; 1] = ["folder-v3.tar.gz"];
/// Password of everybody in them.
const PASSWORD: &str = "five-watches-of-the-night-1";
/// Commands of a case from the lead to evidence.
const COMMANDS: usize = 5;

fn desk(server: &Server) -> Desk {
    Desk::of(
        &server.address,
        ["chen", "he", "liu"].map(|login| (login, PASSWORD)),
    )
    .unwrap()
}

fn tar(args: &[&str], file: &Path, folder: &Path) {
    let mut tar = Command::new("tar");
    tar.arg(args[0])
        .arg(file)
        .arg("-C")
        .arg(folder)
        .args(&args[1..]);
    assert!(tar.status().unwrap().success());
}

#[track_caller]
fn sound(place: &Place) {
    let verified = place.run(&["verify"]).done();
    assert!(verified.contains("核验通过"), "{verified}");
}

/// Works on a case in a new and a kept bureau alike.
fn work(place: &Place, name: &str) {
    let server = place.serve();
    let mut clerk = Clerk::new(name.to_owned(), &desk(&server));
    clerk.take(&server.address, COMMANDS).unwrap();
    let faults = clerk.check(&server.address, &mut Numbers::default());
    assert_eq!(faults.unwrap(), Vec::<String>::new());
    assert_eq!(clerk.acknowledged, COMMANDS as u64);
}

#[test]
fn a_folder_is_made_by_the_commands_that_a_bureau_uses() {
    let Some(place) = Place::new() else { return };
    // Cards that are good for as long as such folders are kept.
    let table = filled(&place)
        .replace("2028-12-31", "2099-12-31")
        .replace("2028/12/31", "2099/12/31");
    let file = place.write("bureau.csv", &table);
    let said = place.run(&["setup".as_ref(), file.as_os_str()]).done();
    let server = place.serve();
    for login in ["chen", "he", "liu"] {
        let first = password(&said, login).unwrap();
        let set = set_own(&server, login, &first, PASSWORD);
        assert!(set < 400, "{login}: {set}");
    }
    drop(server);
    work(&place, "first");
    sound(&place);
    if let Some(file) = std::env::var_os("ZHIHENG_KEEP") {
        for made_again in ["search", "portal.sqlite", "serve.lock"] {
            let path = place.data().join(made_again);
            if path.is_dir() {
                std::fs::remove_dir_all(path).unwrap();
            } else {
                std::fs::remove_file(path).unwrap();
            }
        }
        // With nothing beside it left to be read.
        place.run(&["doctor"]);
        tar(&["-czf", "data"], Path::new(&file), &place.file(""));
    }
}

#[test]
fn every_folder_that_was_kept_opens_is_sound_and_goes_on() {
    for kept in KEPT {
        let Some(place) = Place::new() else { return };
        let file = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("tests/fixtures")
            .join(kept);
        tar(&["-xzf"], &file, &place.file(""));
        place.run(&["migrate"]).done();
        sound(&place);
        let before = counted(&place);
        place.run(&["rebuild"]).done();
        work(&place, "later");
        sound(&place);
        assert!(counted(&place) > before + COMMANDS, "{kept}");
    }
}

/// Events, as `verify` counts them.
fn counted(place: &Place) -> usize {
    let verified = place.run(&["verify"]).done();
    let count = verified
        .split("记录 ")
        .nth(1)
        .and_then(|rest| rest.split(' ').next());
    count.unwrap().parse().unwrap()
}
