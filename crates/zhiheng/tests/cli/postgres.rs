//! The same program on PostgreSQL: a demo, kept, moved to SQLite and back.

use testkit::{Cluster, Durability};

use crate::support::Place;

#[track_caller]
fn sound(place: &Place) -> String {
    let verified = place.run(&["verify"]).done();
    assert!(verified.contains("核验通过"), "{verified}");
    verified
}

#[test]
fn a_demo_on_postgresql_is_verified_backed_up_and_restored_on_either_database() {
    // The program refuses a database that may lose what it has acknowledged.
    let Some(cluster) = Cluster::start(Durability::Full) else {
        return;
    };
    let (first, second) = (cluster.create_database(), cluster.create_database());
    let Some(place) = Place::on(Some(first)) else {
        return;
    };
    place.run(&["demo"]).done();
    let before = sound(&place);
    let rebuilt = place.run(&["rebuild"]).done();
    assert!(rebuilt.contains("完全一致"), "{rebuilt}");
    let backup = place.file("backup");
    place.run(&["backup".as_ref(), backup.as_os_str()]).done();

    // Onto SQLite, with the key that is kept apart from the backup, and from there onto PostgreSQL again.
    let sqlite = restored(&place, &backup, None);
    assert_eq!(counted(&sound(&sqlite)), counted(&before));
    let onward = sqlite.file("onward");
    sqlite.run(&["backup".as_ref(), onward.as_os_str()]).done();
    let back = restored(&sqlite, &onward, Some(second.clone()));
    assert_eq!(counted(&sound(&back)), counted(&before));
    let rebuilt = back.run(&["rebuild"]).done();
    assert!(rebuilt.contains("完全一致"), "{rebuilt}");
    assert!(!back.run(&["doctor"]).out.is_empty());

    // A database that has something in it is not written over.
    let again = Place::on(Some(second.clone())).unwrap();
    std::fs::create_dir_all(again.data()).unwrap();
    std::fs::copy(back.data().join("log.key"), again.data().join("log.key")).unwrap();
    again
        .run(&["restore".as_ref(), onward.as_os_str()])
        .failed();
    assert!(sound(&back).contains("核验通过"));
}

fn restored(from: &Place, backup: &std::path::Path, database: Option<String>) -> Place {
    let place = Place::on(database).unwrap();
    std::fs::create_dir_all(place.data()).unwrap();
    std::fs::copy(from.data().join("log.key"), place.data().join("log.key")).unwrap();
    place.run(&["restore".as_ref(), backup.as_os_str()]).done();
    place
}

/// Records and papers, as `verify` counts them.
fn counted(verified: &str) -> String {
    let line = verified.lines().find(|line| line.starts_with("记录"));
    line.unwrap().to_owned()
}
