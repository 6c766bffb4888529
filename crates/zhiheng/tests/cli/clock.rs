//! A server whose clock was put back.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use drill::{Clerk, Desk, Numbers, request, together};

use crate::support::Place;

/// How far the clock is behind what was signed; more than the minute that is let pass, by as much as a loaded machine
/// may need to start the server and look at it.
const BEHIND: Duration = Duration::from_secs(90);

/// As if the last checkpoint had been signed before somebody put the clock back by so much.
fn sign_later(place: &Place, by: Duration) {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let signed = i64::try_from((now + by).as_micros()).unwrap();
    let database = rusqlite::Connection::open(place.data().join("zhiheng.sqlite")).unwrap();
    let sql =
        "UPDATE checkpoint SET created_at = ?1 WHERE size = (SELECT MAX(size) FROM checkpoint)";
    assert_eq!(database.execute(sql, [signed]).unwrap(), 1);
}

#[test]
fn a_clock_behind_the_log_stops_all_acts_until_it_is_right() {
    let Some(place) = Place::new() else { return };
    place.run(&["demo"]).done();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    sign_later(&place, BEHIND);
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

#[test]
fn a_clock_that_ran_ahead_for_days_is_accepted_on_record_once_it_is_right() {
    let Some(place) = Place::new() else { return };
    place.run(&["demo"]).done();
    let beijing = jiff::tz::TimeZone::fixed(jiff::tz::offset(8));
    let at = |later: i64| {
        let at = jiff::Timestamp::now() + jiff::SignedDuration::from_mins(later);
        let at = at.to_zoned(beijing.clone()).datetime();
        at.strftime("%Y-%m-%dT%H:%M").to_string()
    };
    let reason = "主板电池失效，时钟走快十日，今日校准";
    let accept = |later: i64, reason: &str| {
        place.run(&["clock", "accept", "--now", &at(later), "--reason", reason])
    };
    let refused = accept(0, reason).failed();
    assert!(refused.contains("没有落后于日志"), "{refused}");

    // While nobody serves, and while somebody does.
    for served in [false, true] {
        sign_later(&place, Duration::from_secs(10 * 86_400));
        let serving = served.then(|| place.serve());
        let health = |address: &str| request(address, "GET", "/healthz", &[], "").unwrap().status;
        if let Some(server) = &serving {
            assert_eq!(health(&server.address), 503);
        }
        let refused = accept(90, reason).failed();
        assert!(refused.contains("相差 5 分钟以上"), "{refused}");
        let refused = accept(0, " ").failed();
        assert!(refused.contains("请写明理由"), "{refused}");
        let said = accept(0, reason).done();
        assert!(said.contains(reason), "{said}");

        let server = serving.unwrap_or_else(|| place.serve());
        let begun = Instant::now();
        while health(&server.address) != 200 {
            assert!(begun.elapsed() < Duration::from_secs(30));
            std::thread::sleep(Duration::from_millis(100));
        }
        let desk = Desk::open(&server.address).unwrap();
        let mut clerk = Clerk::new(format!("c{served}"), &desk);
        clerk.take(&server.address, 2).unwrap();
        let faults = clerk.check(&server.address, &mut Numbers::default());
        assert_eq!(faults.unwrap(), Vec::<String>::new());
    }
    // Whoever checks the log is told, each time, and it is no fault.
    let verified = place.run(&["verify"]).done();
    assert_eq!(verified.matches(reason).count(), 2, "{verified}");
    assert!(verified.contains("核验通过"), "{verified}");
}
