//! Two real servers on one PostgreSQL: they share the work, and one goes on when the other dies.

use std::{
    collections::BTreeSet,
    fs,
    time::{Duration, Instant},
};

use drill::{Clerk, Desk, Numbers, Place, request, together};
use testkit::{Cluster, Durability};

use crate::crash::program;

/// Addresses of the decisions that a server's public page lists.
fn shown(address: &str) -> BTreeSet<String> {
    let page = request(address, "GET", "/public/", &[], "").unwrap();
    let parts = page.body.split("/public/decisions/").skip(1);
    parts
        .filter_map(|rest| rest.split(['"', '/', '?']).next())
        .map(str::to_owned)
        .collect()
}

/// Waits until something is so.
#[track_caller]
fn wait_until(what: &str, so: impl Fn() -> bool) {
    let begun = Instant::now();
    while !so() {
        assert!(begun.elapsed() < Duration::from_secs(60), "{what}");
        std::thread::sleep(Duration::from_millis(200));
    }
}

#[test]
fn two_servers_on_one_database_share_the_work_and_one_goes_on_alone() {
    let (Some(program), Some(cluster)) = (program(), Cluster::start(Durability::Full)) else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let (a, b) = (folder.path().join("a"), folder.path().join("b"));
    let url = cluster.create_database();
    let first = Place::new(&program, a.clone(), Some(url.clone()));
    first.run(&["demo"]).unwrap();
    // The second has the same settings and key, and the same folder of papers.
    fs::create_dir(&b).unwrap();
    for file in ["zhiheng.json", "log.key"] {
        fs::copy(a.join(file), b.join(file)).unwrap();
    }
    let second = Place::new(&program, b, Some(url)).with_objects(a.join("objects"));
    let (one, two) = (first.serve().unwrap(), second.serve().unwrap());
    let third = first.run(&["serve", "--listen", "127.0.0.1:0"]);
    assert!(third.unwrap_err().to_string().contains("正由另一个"));

    // The demo filled the first's page when it was made; the second's begins empty.
    let published = shown(&one.address);
    assert!(!published.is_empty());
    wait_until("the second's page shows everything", || {
        shown(&two.address) == published
    });

    let desk = Desk::open(&one.address).unwrap();
    let mut clerks: Vec<Clerk> = (0..4).map(|n| Clerk::new(format!("c{n}"), &desk)).collect();
    let addresses = [one.address.clone(), two.address.clone()];
    together(&mut clerks, &addresses, || {
        std::thread::sleep(Duration::from_secs(3));
        one.kill()?;
        std::thread::sleep(Duration::from_secs(2));
        Ok(())
    })
    .unwrap();
    let mut numbers = Numbers::default();
    for clerk in &mut clerks {
        clerk.settle(&two.address).unwrap();
        let faults = clerk.check(&two.address, &mut numbers).unwrap();
        assert_eq!(faults, Vec::<String>::new());
        assert!(clerk.acknowledged > 0);
    }
    assert!(numbers.count() > 0);

    // Whichever of them had the log, the second has it once the lease has run out.
    wait_until("the log takes up everything", || {
        let said = second.run(&["verify"]).unwrap();
        said.contains("核验通过") && said.contains("（待入日志 0）")
    });
    let rebuilt = second.run(&["rebuild"]).unwrap();
    assert!(rebuilt.contains("与原视图完全一致"), "{rebuilt}");
}
