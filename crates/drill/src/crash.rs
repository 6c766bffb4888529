//! Rounds of load that end in a kill, and what must hold afterwards.

use std::{fmt, ops::AddAssign, ops::Range, time::Duration};

use anyhow::{Context, Result};
use tempfile::TempDir;
use testkit::{Cluster, Durability};

use crate::{
    load::{Clerk, Desk, Numbers, together},
    program::{Place, Program, Server},
};

/// Milliseconds that a killed database is away, and that the load goes on once it is back.
const AWAY_MS: Range<u64> = 0..300;

/// What the records are kept in.
pub enum Base {
    /// A file in the data folder.
    Sqlite,
    /// A cluster of its own, which flushes what it acknowledges.
    Postgres(Cluster),
}

impl Base {
    /// A cluster for this alone; nothing where PostgreSQL is not installed.
    #[must_use]
    pub fn postgres() -> Option<Self> {
        Cluster::start(Durability::Full).map(Self::Postgres)
    }
}

/// How many rounds, and how each goes.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Seed of every chance.
    pub seed: u64,
    /// Rounds in all.
    pub rounds: u32,
    /// Rounds after which a new bureau is made, so that the checks stay short.
    pub of_bureau: u32,
    /// Clients that work at a time.
    pub clients: usize,
    /// Milliseconds of load before the kill.
    pub load_ms: Range<u64>,
}

/// What the rounds came to.
#[derive(Debug, Clone, Default)]
pub struct Tally {
    /// Rounds that were gone through.
    pub rounds: u32,
    /// Of these those in which the server was killed.
    pub servers_killed: u32,
    /// And those in which the database was.
    pub databases_killed: u32,
    /// Commands that were acknowledged, each looked for afterwards.
    pub acknowledged: u64,
    /// Commands to which no answer came, or none that was sure; each was sent again until it was acknowledged.
    pub unsure: u64,
    /// Numbers that were given out.
    pub numbers: u64,
    /// What was lost, doubled, half done or not sound: one line each, with seed and round.
    pub faults: Vec<String>,
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.rounds += other.rounds;
        self.servers_killed += other.servers_killed;
        self.databases_killed += other.databases_killed;
        self.acknowledged += other.acknowledged;
        self.unsure += other.unsure;
        self.numbers += other.numbers;
        self.faults.extend(other.faults);
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} rounds ({} servers and {} databases killed), {} commands acknowledged, {} unsure, {} numbers, {} faults",
            self.rounds,
            self.servers_killed,
            self.databases_killed,
            self.acknowledged,
            self.unsure,
            self.numbers,
            self.faults.len()
        )
    }
}

/// What is killed in a round.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kill {
    Server,
    Database,
    Both,
}

impl Kill {
    /// On PostgreSQL server and database in turn, and each fifth time both.
    fn of_round(base: &Base, round: u32) -> Self {
        match base {
            Base::Sqlite => Self::Server,
            Base::Postgres(_) if round % 5 == 4 => Self::Both,
            Base::Postgres(_) if round % 2 == 1 => Self::Database,
            Base::Postgres(_) => Self::Server,
        }
    }
}

/// Goes through the rounds; `tell` hears a line of each.
///
/// # Errors
/// That the program does not start or answer, or refuses what it should take; the message names seed and round.
pub fn rounds(program: &Program, base: &Base, plan: &Plan, tell: impl Fn(&str)) -> Result<Tally> {
    let mut chance = fastrand::Rng::with_seed(plan.seed);
    let mut tally = Tally::default();
    let mut bureau = None;
    for round in 0..plan.rounds {
        let at = format!("seed {} round {round}", plan.seed);
        if round % plan.of_bureau.max(1) == 0 {
            bureau = None;
        }
        let done = match &mut bureau {
            Some(bureau) => go(bureau, base, plan, round, &mut chance),
            none => Bureau::make(program, base, plan).and_then(|made| {
                let bureau = none.insert(made);
                go(bureau, base, plan, round, &mut chance)
            }),
        };
        let mut done = done.with_context(|| at.clone())?;
        for fault in &mut done.faults {
            *fault = format!("{at}: {fault}");
        }
        tell(&format!("{at}: {done}"));
        tally += done;
    }
    Ok(tally)
}

/// A demo bureau with the clients that work in it.
struct Bureau {
    place: Place,
    server: Option<Server>,
    clerks: Vec<Clerk>,
    numbers: Numbers,
    _folder: TempDir,
}

impl Bureau {
    fn make(program: &Program, base: &Base, plan: &Plan) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let database = match base {
            Base::Sqlite => None,
            Base::Postgres(cluster) => Some(cluster.create_database()),
        };
        let place = Place::new(program, folder.path().join("data"), database);
        place.run(&["demo"])?;
        let server = place.serve()?;
        let desk = Desk::open(&server.address)?;
        let clerk = |n| Clerk::new(format!("c{n}"), &desk);
        Ok(Self {
            place,
            server: Some(server),
            clerks: (0..plan.clients).map(clerk).collect(),
            numbers: Numbers::default(),
            _folder: folder,
        })
    }

    fn counted(&self) -> (u64, u64) {
        let acknowledged = self.clerks.iter().map(|clerk| clerk.acknowledged).sum();
        (
            acknowledged,
            self.clerks.iter().map(|clerk| clerk.unsure).sum(),
        )
    }

    /// Works under load until the kill.
    fn load(
        &mut self,
        base: &Base,
        kill: Kill,
        after: Duration,
        away: [Duration; 2],
    ) -> Result<()> {
        let server = self.server.take().context("no server")?;
        let addresses = [server.address.clone()];
        let left = together(&mut self.clerks, &addresses, || {
            std::thread::sleep(after);
            let left = match kill {
                Kill::Database => Some(server),
                Kill::Server | Kill::Both => server.kill().map(|()| None)?,
            };
            if let (Kill::Database | Kill::Both, Base::Postgres(cluster)) = (kill, base) {
                cluster.kill();
                std::thread::sleep(away[0]);
                cluster.restart();
            }
            if left.is_some() {
                std::thread::sleep(away[1]);
            }
            Ok(left)
        })?;
        self.server = left;
        Ok(())
    }

    /// Looks at what is left, before and after the server is started again.
    fn check(&mut self) -> Result<Vec<String>> {
        let mut faults = Vec::new();
        faults.extend(must_say(&self.place, "verify", "核验通过"));
        let server = match self.server.take() {
            Some(server) => server,
            None => self.place.serve()?,
        };
        for clerk in &mut self.clerks {
            clerk.settle(&server.address)?;
        }
        for clerk in &mut self.clerks {
            faults.extend(clerk.check(&server.address, &mut self.numbers)?);
        }
        faults.extend(must_say(&self.place, "rebuild", "与原视图完全一致"));
        self.server = Some(server);
        Ok(faults)
    }
}

/// What is wrong where a command fails or does not say what it should.
fn must_say(place: &Place, command: &str, words: &str) -> Option<String> {
    match place.run(&[command]) {
        Ok(said) if said.contains(words) => None,
        Ok(said) => Some(format!("{command}: {said}")),
        Err(error) => Some(format!("{error:#}")),
    }
}

fn go(
    bureau: &mut Bureau,
    base: &Base,
    plan: &Plan,
    round: u32,
    chance: &mut fastrand::Rng,
) -> Result<Tally> {
    let before = (bureau.counted(), bureau.numbers.count());
    let kill = Kill::of_round(base, round);
    let mut millis = |range: &Range<u64>| Duration::from_millis(chance.u64(range.clone()));
    let (after, away) = (millis(&plan.load_ms), [millis(&AWAY_MS), millis(&AWAY_MS)]);
    bureau.load(base, kill, after, away)?;
    let faults = bureau.check()?;
    let (acknowledged, unsure) = bureau.counted();
    Ok(Tally {
        rounds: 1,
        servers_killed: u32::from(kill != Kill::Database),
        databases_killed: u32::from(kill != Kill::Server),
        acknowledged: acknowledged - before.0.0,
        unsure: unsure - before.0.1,
        numbers: bureau.numbers.count() - before.1,
        faults,
    })
}
