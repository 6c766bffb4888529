//! Tampering with a small installation by hand, as somebody with the files could: `verify` finds and names it.
//!
//! What is changed, is changed in every row of a column at once, up to [`ROWS_MAX`] at a time, and each changed row must
//! be named. Which byte of a value is changed, the seed says; `ZHIHENG_TAMPER=all` changes every byte in turn, which
//! takes hours, and `ZHIHENG_TAMPER_SEED` chooses others.

mod bytes;
mod file;
mod rows;
mod tables;
mod values;

use std::path::{Path, PathBuf};

use jiff::civil::date;
use rusqlite::Connection;
use store::SignedCheckpoint;

use crate::{cli::Place, demo, verifying};

/// Rows that one change touches, so that each is named among the first faults.
const ROWS_MAX: usize = 90;

/// A small installation in a folder of its own.
struct Ground {
    folder: tempfile::TempDir,
    place: Place,
}

impl Ground {
    /// Three cases, their papers, two public decisions; nothing where the fonts are not installed.
    async fn made() -> Option<Self> {
        let fonts = testkit::fonts()?;
        let folder = tempfile::tempdir().unwrap();
        let place = Place {
            data: folder.path().join("data"),
            objects: None,
            database_url: None,
            fonts,
        };
        demo::small(&place, date(2026, 9, 1)).await.unwrap();
        let ground = Self { folder, place };
        // One file each, without a journal beside it.
        for database in ["zhiheng.sqlite", "portal.sqlite"] {
            let conn = ground.open(database);
            conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
                .unwrap();
        }
        assert_eq!(ground.faults().await, Vec::<String>::new());
        Some(ground)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.place.data.join(name)
    }

    fn open(&self, database: &str) -> Connection {
        Connection::open(self.path(database)).unwrap()
    }

    /// What `zhiheng verify` names.
    async fn faults(&self) -> Vec<String> {
        self.faults_with(Vec::new()).await
    }

    async fn faults_with(&self, earlier: Vec<SignedCheckpoint>) -> Vec<String> {
        match verifying::check(&self.place, None, earlier).await {
            Ok(found) => {
                assert_eq!(found.count == 0, found.faults.is_empty());
                found.faults
            }
            // The program refuses to open it at all.
            Err(refused) => vec![format!("不能打开：{refused:#}")],
        }
    }

    /// A copy of both databases, to be put back.
    fn kept(&self, name: &str) -> PathBuf {
        let to = self.folder.path().join(name);
        std::fs::create_dir_all(&to).unwrap();
        self.copy(&self.place.data, &to);
        to
    }

    fn put_back(&self, from: &Path) {
        self.copy(from, &self.place.data);
    }

    fn copy(&self, from: &Path, to: &Path) {
        for database in ["zhiheng.sqlite", "portal.sqlite"] {
            for rest in ["-wal", "-shm"] {
                // What was not there need not be removed.
                let _ = std::fs::remove_file(to.join(format!("{database}{rest}")));
            }
            std::fs::copy(from.join(database), to.join(database)).unwrap();
        }
    }
}

/// Chance from the seed, so that a failure comes again.
struct Chance(u64);

impl Chance {
    fn seeded() -> Self {
        let named = std::env::var("ZHIHENG_TAMPER_SEED").ok();
        let seed = named.map_or(20_260_901, |seed| seed.parse().unwrap());
        println!("ZHIHENG_TAMPER_SEED={seed}");
        Self(seed)
    }

    /// A number below `end`, by splitmix64.
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) % end as u64) as usize
    }
}

/// Whether every byte is to be changed in turn, not a chosen one.
fn all() -> bool {
    std::env::var("ZHIHENG_TAMPER").is_ok_and(|wanted| wanted == "all")
}
