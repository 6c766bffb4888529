//! The public pages after a restore: everything is shown again, and what is missing holds up nothing.

use std::{
    io::{Read, Write},
    net::TcpStream,
    path::PathBuf,
    time::{Duration, Instant},
};

use crate::support::{Place, Server};

fn get(server: &Server, path: &str) -> String {
    let mut stream = TcpStream::connect(&server.address).unwrap();
    let host = &server.address;
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

/// Waits until so many decisions are listed.
#[track_caller]
fn lists(server: &Server, wanted: usize) {
    let begun = Instant::now();
    let mut found = 0;
    while begun.elapsed() < Duration::from_secs(60) {
        found = get(server, "/public/")
            .matches("/public/decisions/")
            .count();
        if found == wanted {
            return;
        }
        std::thread::sleep(Duration::from_millis(200));
    }
    panic!("{found} decisions are listed, not {wanted}");
}

/// Folders with the documents of publications.
fn documents(place: &Place) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(place.data().join("objects")).unwrap();
    let mut found: Vec<PathBuf> = entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            path.file_name()
                .unwrap()
                .to_string_lossy()
                .starts_with("publication-")
        })
        .collect();
    found.sort();
    found
}

#[test]
fn a_restored_installation_shows_its_decisions_again_and_tells_what_is_missing() {
    let Some(place) = Place::new() else { return };
    place.run(&["demo"]).done();
    let backup = place.file("backup");
    place.run(&["backup".as_ref(), backup.as_os_str()]).done();
    let restored = Place::new().unwrap();
    std::fs::create_dir_all(restored.data()).unwrap();
    let key = |place: &Place| place.data().join("log.key");
    std::fs::copy(key(&place), key(&restored)).unwrap();
    restored
        .run(&["restore".as_ref(), backup.as_os_str()])
        .done();

    let folders = documents(&restored);
    let (count, first) = (folders.len(), folders.first().unwrap());
    let away = restored.file("away");
    std::fs::rename(first, &away).unwrap();
    let server = restored.serve();
    lists(&server, count - 1);
    drop(server);
    let told = restored.run(&["doctor"]).out;
    let id = first.file_name().unwrap().to_string_lossy().into_owned();
    let id = id.trim_start_matches("publication-");
    assert!(told.contains(&format!("公示“{id}”没有公开")), "{told}");

    std::fs::rename(&away, first).unwrap();
    let server = restored.serve();
    lists(&server, count);
    // It is shown first, and no more told of after that.
    let told_no_more = || {
        std::thread::sleep(std::time::Duration::from_millis(200));
        !restored.run(&["doctor"]).out.contains("没有公开")
    };
    assert!(
        (0..50).any(|_| told_no_more()),
        "what is shown is set aside still"
    );
}
