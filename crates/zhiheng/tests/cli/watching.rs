//! What the server tells of itself: figures and its own log, and nobody's names.

use std::{
    net::TcpListener,
    time::{Duration, Instant},
};

use crate::{
    setup::{send, sign_in},
    support::Place,
};

/// What the demo's cases, people and the test itself have that no log may hold.
const PRIVATE: [&str; 7] = [
    "陈立",
    "chen",
    "demo-zhiheng",
    "青山县",
    "涉嫌",
    "91330000",
    "%E5%8D%B1",
];

fn free() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().to_string()
}

/// The value of a line of the figures.
fn figure(figures: &str, name: &str) -> f64 {
    let line = figures.lines().find(|line| line.starts_with(name));
    let line = line.unwrap_or_else(|| panic!("no {name}: {figures}"));
    line.rsplit(' ').next().unwrap().parse().unwrap()
}

#[test]
fn figures_and_log_tell_routes_and_counts_and_nobodys_names() {
    let Some(place) = Place::new() else { return };
    place.run(&["demo"]).done();
    let metrics = free();
    let mut place = place;
    place.set("ZHIHENG_LOG", "debug,hyper=info");
    place.set("ZHIHENG_LOG_FORMAT", "json");
    let mut server = place.serve_with(&["--metrics", &metrics]);
    let (status, answer) = sign_in(&server, "chen", "demo-zhiheng");
    assert_eq!(status, 200, "{answer}");
    let cookie = answer
        .lines()
        .find_map(|line| line.strip_prefix("set-cookie: "));
    let cookie = format!("Cookie: {}\r\n", cookie.unwrap().split(';').next().unwrap());
    let list = send(&server, "GET /cases", &cookie, "").1;
    let case = list.split("href=\"/cases/case-").nth(1).unwrap();
    let case = format!("GET /cases/case-{}", case.split('"').next().unwrap());
    for what in [
        case.as_str(),
        "GET /cases?q=%E5%8D%B1%E9%99%A9",
        "GET /people",
        "GET /cases/case-91330000",
        "POST /cases/new",
        "SECRET-WORD /cases",
        "GET /public/",
        "GET /nowhere",
    ] {
        send(&server, what, &cookie, "");
    }
    assert_eq!(sign_in(&server, "chen", "wrong-password").0, 403);

    let at = std::mem::replace(&mut server.address, metrics);
    let (status, figures) = send(&server, "GET /metrics", "", "");
    assert_eq!(status, 200, "{figures}");
    let other = "zhiheng_http_answers_total{method=\"other\",route=\"/cases\"";
    assert_eq!(figure(&figures, other), 1.0);
    assert!(!figures.contains("SECRET-WORD"), "{figures}");
    assert_eq!(figure(&figures, "zhiheng_database_up"), 1.0);
    let begun = Instant::now();
    while figure(
        &send(&server, "GET /metrics", "", "").1,
        "zhiheng_publication_behind",
    ) > 0.0
    {
        assert!(begun.elapsed() < Duration::from_secs(60));
        std::thread::sleep(Duration::from_millis(200));
    }
    assert!(figure(&figures, "zhiheng_log_records") > 100.0, "{figures}");
    assert!(figure(&figures, "zhiheng_disk_free_bytes") > 0.0);
    let asked = "zhiheng_http_answers_total{method=\"GET\",route=\"/cases/{case}\",status=\"200\"}";
    assert_eq!(figure(&figures, asked), 1.0);
    // The desk's own address tells no figures.
    server.address = at;
    assert_eq!(send(&server, "GET /metrics", &cookie, "").0, 404);

    let log = server.end_and_hear();
    assert!(log.contains("\"answered\""), "{log}");
    assert!(!log.contains("SECRET-WORD"), "{log}");
    for line in log.lines().filter(|line| line.starts_with('{')) {
        let read: Result<serde_json::Value, _> = serde_json::from_str(line);
        assert!(read.is_ok(), "not JSON: {line}");
    }
    let told: Vec<&str> = log.lines().filter(|line| line.starts_with('{')).collect();
    for private in PRIVATE {
        let found: Vec<&&str> = told.iter().filter(|line| line.contains(private)).collect();
        assert!(found.is_empty(), "{private} in {found:#?}");
        assert!(!figures.contains(private), "{private} in {figures}");
    }
}
