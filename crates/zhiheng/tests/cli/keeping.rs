//! How the program keeps what it was given: modes, schema, tiles, sessions, uploads; and what stands in front of it.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use crate::{
    setup::{filled, is_first, password, send, set_own, sign_in},
    support::{Place, Server},
};

/// A bureau that was set up; what was printed.
fn set_up(place: &Place) -> String {
    let file = place.write("bureau.csv", &filled(place));
    place.run(&["setup", file.to_str().unwrap()]).done()
}

/// Signs in and gives the line of the cookie.
fn cookie(server: &Server, login: &str, password: &str) -> String {
    let (status, answer) = sign_in(server, login, password);
    assert_eq!(status, 200, "{answer}");
    let mut lines = answer.lines();
    let line = lines.find_map(|line| line.strip_prefix("set-cookie: "));
    let pair = line.unwrap().split(';').next().unwrap();
    format!("Cookie: {pair}\r\n")
}

/// Whether the cookie is still somebody's.
fn is_signed_in(server: &Server, cookie: &str) -> bool {
    match send(server, "GET /", cookie, "").0 {
        200 => true,
        303 => false,
        other => panic!("{other}"),
    }
}

/// All below a folder, itself among them.
fn all_below(folder: &Path) -> Vec<PathBuf> {
    let mut found = vec![folder.to_owned()];
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(all_below(&path));
        } else {
            found.push(path);
        }
    }
    found
}

#[test]
fn what_is_made_is_for_the_systems_own_user_alone() {
    let Some(place) = Place::new() else { return };
    // As most systems have it: others may read.
    rustix::process::umask(rustix::fs::Mode::WGRP | rustix::fs::Mode::WOTH);
    set_up(&place);
    drop(place.serve());
    let backup = place.file("backup");
    place.run(&["backup".as_ref(), backup.as_os_str()]).done();
    let made: Vec<PathBuf> = [place.data(), backup]
        .iter()
        .flat_map(|f| all_below(f))
        .collect();
    assert!(
        made.iter().any(|p| p.ends_with("zhiheng.sqlite")),
        "{made:?}"
    );
    assert!(
        made.iter().any(|p| p.ends_with("db/credential.0.jsonl")),
        "{made:?}"
    );
    for path in made {
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{} has {mode:o}", path.display());
    }
    let said = place.run(&["doctor"]).out;
    assert!(
        said.contains("正常 数据文件夹只有本系统用户能够读写"),
        "{said}"
    );
    let settings = place.data().join("zhiheng.json");
    fs::set_permissions(&settings, fs::Permissions::from_mode(0o644)).unwrap();
    let said = place.run(&["doctor"]);
    assert!(
        !said.ok && said.out.contains("zhiheng.json"),
        "{}",
        said.out
    );
    assert!(said.out.contains("chmod -R go= "), "{}", said.out);
}

#[test]
fn a_password_that_is_reset_ends_sessions_and_lets_its_person_in() {
    let Some(place) = Place::new() else { return };
    let given = set_up(&place);
    let server = place.serve();
    let own = "mountains-and-rivers";
    for login in ["chen", "lin"] {
        let first = password(&given, login).unwrap();
        assert_eq!(set_own(&server, login, &first, own), 303);
    }
    let (chen, lin) = (cookie(&server, "chen", own), cookie(&server, "lin", own));
    assert!(is_signed_in(&server, &chen) && is_signed_in(&server, &lin));

    // Somebody has locked the person out, or has the old cookie: neither outlives the new password.
    for _ in 0..9 {
        sign_in(&server, "chen", "wrong");
    }
    assert_eq!(sign_in(&server, "chen", own).0, 429);
    let reset = place.run(&["people", "password", "chen"]).done();
    assert!(!is_signed_in(&server, &chen));
    assert!(is_first(
        &server,
        "chen",
        &password(&reset, "chen").unwrap()
    ));
    assert!(is_signed_in(&server, &lin), "another's goes on");

    // Who leaves and comes back begins anew.
    let exported = place.run(&["people", "export"]).done();
    let without: String = exported
        .lines()
        .map(|line| match line.strip_suffix(",是,,") {
            Some(rest) if line.starts_with("lin,") => format!("{rest},否,,\n"),
            _ => format!("{line}\n"),
        })
        .collect();
    assert_ne!(without, exported);
    for table in [without, exported] {
        let file = place.write("changed.csv", &table);
        let args = ["people", "update", file.to_str().unwrap()];
        assert!(place.run(&args).done().contains("已更新 1 人"));
    }
    drop(server);
    let server = place.serve();
    assert!(!is_signed_in(&server, &lin));
    assert_eq!(sign_in(&server, "lin", own).0, 200);
}

#[test]
fn behind_a_proxy_only_what_came_through_it_is_served() {
    let Some(place) = Place::new() else { return };
    set_up(&place);
    let through = "X-Forwarded-For: 203.0.113.9\r\nX-Forwarded-Proto: https\r\n";
    let is_behind = |server: Server| {
        let (status, answer) = send(&server, "GET /login", "", "");
        assert!(answer.contains("X-Forwarded-For"), "{answer}");
        assert_eq!(send(&server, "GET /login", through, "").0, 200);
        status == 400
    };
    assert!(is_behind(place.serve_with(&["--behind-proxy"])));
    assert_eq!(send(&place.serve(), "GET /login", "", "").0, 200);
    let settings = place.data().join("zhiheng.json");
    let text = fs::read_to_string(&settings).unwrap();
    let text = text.replacen('{', "{\"behind_proxy\": true,", 1);
    fs::write(&settings, text).unwrap();
    assert!(is_behind(place.serve()));
}

#[test]
fn uploads_that_nothing_names_are_removed_and_no_other_file() {
    let Some(place) = Place::new() else { return };
    set_up(&place);
    let objects = place.data().join("objects");
    let put = |digit: &str| {
        let file = objects.join("case-1").join(digit.repeat(64));
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, "bytes").unwrap();
        file
    };
    let note = |digit: &str, days: u64| {
        let note = objects
            .join(".pending")
            .join(format!("case-1.{}", digit.repeat(64)));
        fs::create_dir_all(note.parent().unwrap()).unwrap();
        let received = SystemTime::now() - Duration::from_secs(days * 86_400);
        fs::File::create(note)
            .unwrap()
            .set_modified(received)
            .unwrap();
    };
    let (old, young, paper) = (put("a"), put("b"), put("c"));
    note("a", 2);
    note("b", 0);
    let server = place.serve();
    for _ in 0..100 {
        if !old.exists() {
            break;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    drop(server);
    assert!(!old.exists() && young.exists() && paper.exists());
}

#[test]
fn an_older_schema_is_refused_until_it_is_migrated() {
    let Some(place) = Place::new() else { return };
    set_up(&place);
    by_hand(
        &place,
        "DROP TABLE saved_view; DROP INDEX case_row_stage; DROP TABLE access_token; DROP INDEX todo_whose; DROP INDEX case_row_unit; DROP INDEX limit_row_running; \
         ALTER TABLE todo DROP COLUMN due_on; ALTER TABLE todo DROP COLUMN request; \
         CREATE INDEX todo_role ON todo (body_id, role); CREATE INDEX limit_row_due ON limit_row (due_on) WHERE status IN ('running','expired'); DELETE FROM schema_version WHERE version > 1",
    );
    let told = place.run(&["serve", "--listen", "127.0.0.1:0"]).failed();
    assert!(told.contains("zhiheng migrate"), "{told}");
    let said = place.run(&["migrate"]).done();
    assert!(said.contains("已由第1版升级到第5版"), "{said}");
    let server = place.serve();
    let beside = place.run(&["migrate"]).failed();
    assert!(beside.contains("正由另一个"), "{beside}");
    drop(server);
}

/// Changes the database past the program.
fn by_hand(place: &Place, sql: &str) {
    let database = rusqlite::Connection::open(place.data().join("zhiheng.sqlite")).unwrap();
    database.execute_batch(sql).unwrap();
}

#[test]
fn a_demo_of_any_year_is_made_and_its_damaged_tiles_are_rebuilt() {
    let Some(place) = Place::new() else { return };
    place.run(&["demo", "--today", "2031-03-03"]).done();
    let people = place.run(&["people", "export"]).done();
    assert!(people.contains("2033-12-31"), "{people}");
    let verify = || place.run(&["verify"]);
    assert!(verify().done().contains("核验通过"));

    by_hand(
        &place,
        "UPDATE tile SET data = x'00' WHERE level = 0 AND idx = 0",
    );
    let told = verify();
    assert!(
        !told.ok && told.out.contains("日志分块 tile/0/000"),
        "{}",
        told.out
    );
    assert!(told.out.contains("请运行 zhiheng rebuild"), "{}", told.out);
    let said = place.run(&["rebuild"]).done();
    assert!(said.contains("日志分块有 1 块缺失或者不符"), "{said}");
    assert!(verify().done().contains("核验通过"));
    let said = place.run(&["rebuild"]).done();
    assert!(said.contains("日志分块与日志各条一致"), "{said}");
}
