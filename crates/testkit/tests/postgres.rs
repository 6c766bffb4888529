//! Shows that the clusters are real, separate, survive a crash, and leave nothing behind.

use std::path::Path;
use std::process::Command;

use testkit::{Cluster, Durability, Postgres};

fn psql(cluster: &Cluster, url: &str, sql: &str) -> Result<String, String> {
    let psql = Command::new(cluster.bin_dir().join("psql"))
        .args(["-X", "-A", "-t", "-q", "-d", url, "-c", sql])
        .output()
        .map_err(|error| error.to_string())?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
    if psql.status.success() {
        Ok(text(&psql.stdout))
    } else {
        Err(text(&psql.stderr))
    }
}

fn folder_of(url: &str) -> &Path {
    Path::new(url.split_once("?host=").map_or("", |(_, folder)| folder))
}

#[test]
fn a_committed_row_survives_a_crash_of_the_cluster() {
    let Some(cluster) = Cluster::start(Durability::Full) else {
        return;
    };
    let url = cluster.create_database();
    psql(
        &cluster,
        &url,
        "create table t (n int); insert into t values (7)",
    )
    .unwrap();
    let ends: [fn(&Cluster); 2] = [Cluster::stop, Cluster::kill];
    for end in ends {
        end(&cluster);
        assert!(psql(&cluster, &url, "select 1").is_err());
        cluster.restart();
        assert_eq!(psql(&cluster, &url, "select n from t").unwrap(), "7");
    }
}

#[test]
fn a_dropped_cluster_leaves_no_folder_and_no_server() {
    let Some(cluster) = Cluster::start(Durability::None) else {
        return;
    };
    let url = cluster.create_database();
    let folder = folder_of(&url).to_owned();
    let pid_file = folder.join("data/postmaster.pid");
    let pid = std::fs::read_to_string(pid_file)
        .unwrap()
        .lines()
        .next()
        .unwrap()
        .to_owned();
    // A process that has ended and that nobody has asked after yet has an entry still, with no command line.
    let command_line = || std::fs::read(Path::new("/proc").join(&pid).join("cmdline"));
    assert!(!command_line().unwrap().is_empty());
    drop(cluster);
    assert!(!folder.exists());
    assert!(command_line().unwrap_or_default().is_empty());
}

#[test]
fn two_tests_of_one_process_share_a_cluster_but_no_database() {
    let (Some(one), Some(other)) = (Postgres::start(), Postgres::start()) else {
        return;
    };
    assert_eq!(folder_of(one.url()), folder_of(other.url()));
    assert_ne!(one.url(), other.url());
}

/// Run by the test below in a process of its own, which aborts with its cluster up.
#[test]
#[ignore = "not a test of its own: it aborts its process"]
fn aborting_helper() {
    let mark = std::env::var_os("TESTKIT_ABORT").unwrap();
    let database = Postgres::start().unwrap();
    std::fs::write(mark, database.url()).unwrap();
    std::process::abort();
}

#[test]
fn an_aborted_process_leaves_no_folder() {
    let Some(cluster) = Cluster::start(Durability::None) else {
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    let mark = dir.path().join("url");
    let status = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "aborting_helper", "--ignored"])
        .env("TESTKIT_ABORT", &mark)
        .env("ZHIHENG_PG_BIN", cluster.bin_dir())
        .output()
        .unwrap()
        .status;
    assert!(!status.success());
    let url = std::fs::read_to_string(mark).unwrap();
    let started = std::time::Instant::now();
    while folder_of(&url).exists() {
        assert!(started.elapsed().as_secs() < 20, "{url} is still there");
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
}
