//! The same program on PostgreSQL: a demo, kept, moved to SQLite and back.

use std::time::{Duration, Instant};

use testkit::{Cluster, Durability};

use crate::support::Place;

#[track_caller]
fn sound(place: &Place) -> String {
    let verified = place.run(&["verify"]).done();
    assert!(verified.contains("核验通过"), "{verified}");
    verified
}

/// As [`sound`], of one whose public page no service has filled yet: nothing calls that sound altogether.
#[track_caller]
fn sound_but_for_the_page(place: &Place) -> String {
    let verified = place.run(&["verify"]);
    assert!(!verified.ok, "{}", verified.out);
    for told in ["部分未核验", "未核 公示："] {
        assert!(verified.out.contains(told), "{}", verified.out);
    }
    verified.out
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
    assert_eq!(counted(&sound_but_for_the_page(&sqlite)), counted(&before));
    let onward = sqlite.file("onward");
    sqlite.run(&["backup".as_ref(), onward.as_os_str()]).done();
    let back = restored(&sqlite, &onward, Some(second.clone()));
    assert_eq!(counted(&sound_but_for_the_page(&back)), counted(&before));
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
    sound_but_for_the_page(&back);
}

fn restored(from: &Place, backup: &std::path::Path, database: Option<String>) -> Place {
    let place = Place::on(database).unwrap();
    std::fs::create_dir_all(place.data()).unwrap();
    std::fs::copy(from.data().join("log.key"), place.data().join("log.key")).unwrap();
    place.run(&["restore".as_ref(), backup.as_os_str()]).done();
    place
}

/// Records, papers, views and public items, as `verify` counts them; of the checkpoints one may be the public page's own,
/// which no backup holds.
fn counted(verified: &str) -> String {
    let line = verified.lines().find(|line| line.starts_with("记录"));
    let parts = line.unwrap().split('，');
    parts
        .filter(|part| !part.starts_with("检查点"))
        .collect::<Vec<_>>()
        .join("，")
}

#[test]
fn a_demo_moves_to_postgresql_and_back() {
    let (Some(cluster), Some(place)) = (Cluster::start(Durability::Full), Place::new()) else {
        return;
    };
    place.run(&["demo"]).done();
    let to = cluster.create_database();

    // A server that works in the folder would go on in the old database.
    let server = place.serve();
    let told = place.run(&["move", "--to", &to]).failed();
    assert!(told.contains("正由另一个"), "{told}");
    drop(server);
    let before = sound(&place);
    let moved = place.run(&["move", "--to", &to]).done();
    assert!(moved.contains("两库相同"), "{moved}");
    assert_eq!(sound(&place), before, "the source is as it was");
    let there = place.with_database(Some(to.clone()));
    assert_eq!(counted(&sound(&there)), counted(&before));
    assert!(there.run(&["rebuild"]).done().contains("完全一致"));
    let served = there.serve();
    drop(served);
    let again = place
        .with_database(None)
        .run(&["move", "--to", &to])
        .failed();
    assert!(again.contains("目标数据库不是空的"), "{again}");

    // And back into a file beside the old one.
    let file = format!("sqlite:{}", place.file("back.sqlite").display());
    // The server was killed, and its lease outlives it by some seconds.
    let begun = Instant::now();
    loop {
        let moved = there.run(&["move", "--to", &file]);
        if moved.ok {
            break;
        }
        assert!(moved.err.contains("还有服务在使用"), "{}", moved.err);
        assert!(begun.elapsed() < Duration::from_secs(60));
        std::thread::sleep(Duration::from_millis(500));
    }
    let back = place.with_database(Some(file));
    assert_eq!(counted(&sound(&back)), counted(&sound(&there)));
}
