//! Slow clients and floods: what they may hold is bounded, they are told when to come again, and others go on.

use std::{
    io::{Read, Write},
    net::TcpStream,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use crate::support::{Place, Server};

const FORM: &str = "application/x-www-form-urlencoded";

/// One request, its whole answer; empty where the connection was closed.
fn ask(address: &str, method: &str, path: &str, line: &str, body: &str) -> String {
    let Ok(mut connection) = TcpStream::connect(address) else {
        return String::new();
    };
    connection
        .set_read_timeout(Some(Duration::from_secs(120)))
        .unwrap();
    let length = body.len();
    // A server that turns somebody away may close before all is written; the answer says it.
    let _ = write!(
        connection,
        "{method} {path} HTTP/1.1\r\nHost: {address}\r\n{line}\r\nContent-Type: {FORM}\r\n\
         Content-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    );
    let mut answer = Vec::new();
    let _ = connection.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}

fn status(answer: &str) -> &str {
    answer.split(' ').nth(1).unwrap_or("none")
}

/// The cookie of a demo person.
fn signed_in(server: &Server, login: &str) -> String {
    let form = format!("login={login}&password=demo-zhiheng");
    let answer = ask(&server.address, "POST", "/login", "Accept: */*", &form);
    let (_, rest) = answer.split_once("set-cookie: ").unwrap();
    format!("Cookie: {}", rest.split(';').next().unwrap())
}

/// Works as somebody until told to stop; gives the statuses of all answers.
fn work(address: String, cookie: String, stop: Arc<AtomicBool>) -> Vec<String> {
    let mut seen = Vec::new();
    while !stop.load(Ordering::Relaxed) || seen.len() < 6 {
        for path in ["/", "/cases", "/api/v1/todo"] {
            seen.push(status(&ask(&address, "GET", path, &cookie, "")).to_owned());
        }
    }
    seen
}

#[test]
fn slow_heads_slow_bodies_and_floods_of_one_client_leave_room_for_who_works() {
    let Some(place) = Place::new() else { return };
    place.run(&["demo"]).done();
    let server = place.serve();
    let (worker, flooder) = (signed_in(&server, "chen"), signed_in(&server, "lin"));
    let stop = Arc::new(AtomicBool::new(false));
    let working = {
        let (address, stop) = (server.address.clone(), Arc::clone(&stop));
        std::thread::spawn(move || work(address, worker, stop))
    };
    // Heads that never end, and bodies that come a byte at a time.
    let slow: Vec<TcpStream> = (0..60)
        .map(|n| {
            let mut connection = TcpStream::connect(&server.address).unwrap();
            let text = if n % 2 == 0 {
                "GET / HTTP/1.1\r\nHost: a\r\nX-Slow: ".to_owned()
            } else {
                format!("POST /login HTTP/1.1\r\nHost: a\r\nContent-Type: {FORM}\r\nContent-Length: 9000\r\n\r\nlogin=")
            };
            connection.write_all(text.as_bytes()).unwrap();
            connection
        })
        .collect();
    let floods: Vec<_> = (0..12)
        .map(|n| {
            let (address, cookie) = (server.address.clone(), flooder.clone());
            std::thread::spawn(move || {
                let mut answers = Vec::new();
                for round in 0..3 {
                    let form = format!("login=nobody-{n}-{round}&password=wrong-password");
                    answers.push(ask(&address, "POST", "/login", "Accept: */*", &form));
                    answers.push(ask(&address, "GET", "/cases?q=%E5%B1%B1", &cookie, ""));
                    answers.push(ask(&address, "GET", "/cases/export.xlsx", &cookie, ""));
                }
                answers
            })
        })
        .collect();
    let mut turned_away = 0;
    for flood in floods {
        for answer in flood.join().unwrap() {
            match status(&answer) {
                "429" | "503" => {
                    assert!(answer.to_lowercase().contains("retry-after: "), "{answer}");
                    turned_away += 1;
                }
                // Answered, refused as a wrong password is, or closed as one too many of an address.
                "200" | "303" | "403" | "none" => {}
                other => panic!("{other}: {answer}"),
            }
        }
    }
    stop.store(true, Ordering::Relaxed);
    let seen = working.join().unwrap();
    assert!(seen.iter().all(|status| status == "200"), "{seen:?}");
    assert!(turned_away > 0, "a flood is bounded");
    drop(slow);
}
