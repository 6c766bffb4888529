//! When the machine runs short: the server says so, loses nothing, and goes on by itself.

use std::{
    net::TcpStream,
    time::{Duration, Instant},
};

use drill::{Clerk, Desk, Numbers, Place, Server, request};
use testkit::{Cluster, Durability};

use crate::crash::program;

#[track_caller]
pub fn health_becomes(server: &Server, status: u16) -> String {
    let begun = Instant::now();
    loop {
        let answer = request(&server.address, "GET", "/healthz", &[], "").unwrap();
        if answer.status == status {
            return answer.body;
        }
        assert!(begun.elapsed() < Duration::from_secs(60), "{}", answer.body);
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// The clerk's next commands are acknowledged, and everything so far is there.
#[track_caller]
pub fn goes_on(place: &Place, server: &Server, clerk: &mut Clerk) {
    clerk.take(&server.address, 4).unwrap();
    let faults = clerk.check(&server.address, &mut Numbers::default());
    assert_eq!(faults.unwrap(), Vec::<String>::new());
    let verified = place.run(&["verify"]).unwrap();
    assert!(verified.contains("核验通过"), "{verified}");
}

#[test]
fn a_database_that_is_away_is_told_and_work_goes_on_when_it_is_back() {
    let (Some(program), Some(cluster)) = (program(), Cluster::start(Durability::Full)) else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let url = cluster.create_database();
    let place = Place::new(&program, folder.path().join("data"), Some(url));
    place.run(&["demo"]).unwrap();
    let server = place.serve().unwrap();
    let desk = Desk::open(&server.address).unwrap();
    let mut clerk = Clerk::new("c".to_owned(), &desk);
    goes_on(&place, &server, &mut clerk);

    cluster.stop();
    let told = health_becomes(&server, 503);
    assert!(told.contains("数据库暂时连不上"), "{told}");
    let page = request(&server.address, "GET", "/login", &[], "").unwrap();
    assert_eq!(
        page.status, 200,
        "who comes in the meantime is not left without a page"
    );
    cluster.restart();
    assert_eq!(health_becomes(&server, 200), "ok\n");
    goes_on(&place, &server, &mut clerk);
}

#[test]
fn few_file_handles_and_many_connections_leave_the_server_at_work() {
    let Some(program) = program() else { return };
    let folder = tempfile::tempdir().unwrap();
    let place = Place::new(&program, folder.path().join("data"), None);
    place.run(&["demo"]).unwrap();
    let place = place.with_handles(96);
    let server = place.serve().unwrap();
    let desk = Desk::open(&server.address).unwrap();
    let mut clerk = Clerk::new("c".to_owned(), &desk);
    // Far more than the handles that it has; those that it does not take it closes, and the rest say nothing.
    let mut idle: Vec<TcpStream> = (0..300)
        .filter_map(|_| TcpStream::connect(&server.address).ok())
        .collect();
    assert!(idle.len() > 96);
    // Half of what one address may have stays open while there is work.
    idle.truncate(96 / 2 / 8 / 2);
    goes_on(&place, &server, &mut clerk);
    drop(idle);
}

#[test]
fn the_machine_s_time_zone_changes_no_legal_date() {
    let Some(program) = program() else { return };
    let folder = tempfile::tempdir().unwrap();
    let place = Place::new(&program, folder.path().join("data"), None);
    place.run(&["demo"]).unwrap();
    let mut name = 0;
    // A day behind Beijing for most of the day, and ahead of it for some.
    for zone in ["Etc/GMT+12", "Pacific/Kiritimati"] {
        let place = place.clone().with_zone(zone);
        let server = place.serve().unwrap();
        let desk = Desk::open(&server.address).unwrap();
        name += 1;
        // The clerks give Beijing's day, and a day that lies ahead is refused.
        goes_on(&place, &server, &mut Clerk::new(format!("c{name}"), &desk));
    }
}
