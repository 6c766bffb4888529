//! Disks that take no more under a running server: it says so, reads go on, nothing is lost, and it goes on by itself.

use std::time::{Duration, Instant};

use drill::{Clerk, Desk, Place, Server, request};
use testkit::Disk;

use crate::crash::program;
use crate::resources::{goes_on, health_becomes};

/// Far more than a demo needs.
const DISK_MIB: u32 = 160;

/// A server with two clients: the next command of the first makes a paper, that of the second works in the database alone.
struct Ground {
    place: Place,
    server: Server,
    clerks: [Clerk; 2],
}

impl Ground {
    fn of(place: Place) -> Self {
        place.run(&["demo"]).unwrap();
        let server = place.serve().unwrap();
        let desk = Desk::open(&server.address).unwrap();
        let mut clerks = ["a", "b"].map(|name| Clerk::new(name.to_owned(), &desk));
        clerks[0].take(&server.address, 3).unwrap();
        clerks[1].take(&server.address, 1).unwrap();
        Self {
            place,
            server,
            clerks,
        }
    }

    /// What is said to a client when its work is refused at last.
    #[track_caller]
    fn refusal(&mut self, clerk: usize) -> String {
        let begun = Instant::now();
        loop {
            let attempt = self.clerks[clerk].attempt(&self.server.address);
            if let Some(refused) = attempt.unwrap() {
                return refused;
            }
            assert!(begun.elapsed() < Duration::from_secs(60), "nothing stops");
        }
    }

    /// That of one is refused at last, with these words on the answer, the pages and `/healthz`; everything can be read.
    #[track_caller]
    fn is_stopped(&mut self, clerk: usize, words: &str) {
        let refused = self.refusal(clerk);
        assert!(refused.contains(words), "{refused}");
        let address = &self.server.address;
        let told = health_becomes(&self.server, 503);
        assert!(told.contains(words) && told.contains("暂停办理"), "{told}");
        let page = request(address, "GET", "/login", &[], "").unwrap();
        assert_eq!(page.status, 200);
        assert!(page.body.contains(words), "{}", page.body);
        for clerk in &self.clerks {
            clerk.look(address).unwrap();
        }
    }

    /// What was refused goes through under its own id, and all that was acknowledged is there.
    #[track_caller]
    fn goes_on(&mut self) {
        assert_eq!(health_becomes(&self.server, 200), "ok\n");
        for clerk in &mut self.clerks {
            clerk.settle(&self.server.address).unwrap();
            goes_on(&self.place, &self.server, clerk);
        }
    }
}

#[test]
fn a_full_disk_is_told_and_work_goes_on_when_there_is_room() {
    let (Some(program), Some(disk)) = (program(), Disk::small(DISK_MIB)) else {
        return;
    };
    let mut ground = Ground::of(Place::new(&program, disk.folder().join("data"), None));
    for clerk in [0, 1] {
        disk.fill().unwrap();
        ground.is_stopped(clerk, "磁盘空间不足");
        disk.make_room().unwrap();
        ground.goes_on();
    }
}

#[test]
fn a_folder_of_files_that_takes_nothing_is_told_and_work_goes_on_when_it_does() {
    let (Some(program), Some(disk)) = (program(), Disk::small(DISK_MIB)) else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let place = Place::new(&program, folder.path().join("data"), None);
    let mut ground = Ground::of(place.with_objects(disk.folder().join("objects")));
    // Only the database is written for this one, and it goes on.
    disk.fill().unwrap();
    ground.is_stopped(0, "磁盘空间不足");
    let other = ground.clerks[1].attempt(&ground.server.address).unwrap();
    assert_eq!(other, None);
    disk.make_room().unwrap();
    ground.goes_on();

    // Three more, and the next makes a paper again.
    ground.clerks[0].take(&ground.server.address, 5).unwrap();
    disk.set_read_only(true).unwrap();
    ground.is_stopped(0, "磁盘写不进去");
    disk.set_read_only(false).unwrap();
    ground.goes_on();
}
