//! A server whose clock was put back.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use drill::{Clerk, Desk, Numbers, request, together};

use crate::support::Place;

/// How far the clock is behind what was signed; more than the minute that is let pass, by as much as a loaded machine
/// may need to start the server and look at it.
const BEHIND: Duration = Duration::from_secs(90);

#[test]
fn a_clock_behind_the_log_stops_all_acts_until_it_is_right() {
    let Some(place) = Place::new() else { return };
    place.run(&["demo"]).done();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let signed = i64::try_from((now + BEHIND).as_micros()).unwrap();
    let database = rusqlite::Connection::open(place.data().join("zhiheng.sqlite")).unwrap();
    // As if the last checkpoint had been signed before somebody put the clock back.
    let sql =
        "UPDATE checkpoint SET created_at = ?1 WHERE size = (SELECT MAX(size) FROM checkpoint)";
    assert_eq!(database.execute(sql, [signed]).unwrap(), 1);
    drop(database);

    let server = place.serve();
    let health = || request(&server.address, "GET", "/healthz", &[], "").unwrap();
    let told = health();
    assert_eq!(told.status, 503);
    assert!(
        told.body.contains("服务器时钟不对，暂停办理"),
        "{}",
        told.body
    );
    let page = request(&server.address, "GET", "/login", &[], "").unwrap();
    assert!(
        page.body.contains("服务器时钟不对，暂停办理"),
        "{}",
        page.body
    );
    let desk = Desk::open(&server.address).unwrap();
    let mut clerks = [Clerk::new("c".to_owned(), &desk)];
    let addresses = [server.address.clone()];
    together(&mut clerks, &addresses, || {
        std::thread::sleep(Duration::from_millis(500));
        Ok(())
    })
    .unwrap();
    let [clerk] = &mut clerks;
    assert_eq!(clerk.acknowledged, 0);
    assert!(clerk.unsure > 0);

    // Nobody restarts anything: once the clock is right the same command goes through, once.
    let right = now + BEHIND - Duration::from_secs(60);
    let passed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    std::thread::sleep(right.saturating_sub(passed));
    clerk.settle(&server.address).unwrap();
    assert_eq!((clerk.acknowledged, health().status), (1, 200));
    let page = request(&server.address, "GET", "/login", &[], "").unwrap();
    assert!(!page.body.contains("服务器时钟不对"), "{}", page.body);
    let faults = clerk.check(&server.address, &mut Numbers::default());
    assert_eq!(faults.unwrap(), Vec::<String>::new());
}
