//! The one task of a process that commits: what waits goes in one transaction, one statement a table.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ledger::{Hash, Suite, leaf};
use sea_orm::DbErr;
use tokio::sync::{mpsc, oneshot};

use crate::append::{Committed, LogRows, Prepared};
use crate::conn::{Cell, TableRows, Txn, Writer};
use crate::delta::RowCache;
use crate::error::{CommitError, StoreError};
use crate::sql::{Dialect, Fault, SqlError, fault, get};
use crate::write_views::write;

/// Appends that one transaction takes.
const BATCH_MAX: usize = 256;
const EVENT: &str = "stream_id,version,event_type,recorded_at,body_id,actor,command,header";
const EVENT_BODY: &str = "stream_id,version,key_id,salt,body";
const UNSEQUENCED: &str = "stream_id,version,recorded_at,entry";
const COMMAND: &str = "id,actor,digest,stream_id,first_version,last_version,recorded_at";
const STREAM: &str = "stream_id,kind,body_id,version,entry,recorded_at";

/// How long after an answer the one who got it is waited for; chosen small beside a flush to most disks, not tuned.
const GATHER_MAX: Duration = Duration::from_micros(300);

/// Tries of one append that meets locks of another process.
const BUSY_TRIES_MAX: u32 = 3;

/// An append with the place where its answer is awaited.
pub(crate) struct Job {
    pub append: Prepared,
    pub answer: oneshot::Sender<Answer>,
}

/// What became of an append, with the append itself: who made it frees its memory, which costs the committer more.
pub(crate) type Answer = (Result<Committed, CommitError>, Prepared);

impl Job {
    /// Answers the one who asked, who may have gone away; what is committed stays so.
    fn answer(self, answer: Result<Committed, CommitError>) {
        let _ = self.answer.send((answer, self.append));
    }
}

/// What became of one append of a batch that was committed.
enum Outcome {
    Won,
    Lost(CommitError),
    Known(Result<Committed, CommitError>),
}

/// Why a transaction as a whole did not come through.
struct Failure {
    fault: Fault,
    /// Whether it failed in the commit itself, so that it may be saved all the same.
    unsure: bool,
    error: SqlError,
}

/// The committer's hold on the database.
pub(crate) struct Committer {
    pub dialect: Dialect,
    pub writer: Arc<Writer>,
    pub suite: Suite,
    pub cache: Arc<RowCache>,
    /// How long a lost database is waited for before those who wait are told.
    pub away_wait: Duration,
    pub batch_max: usize,
}

/// A batch's head row as the database has it.
struct Head {
    version: u64,
    entry: Hash,
    recorded_at: i64,
    kind: String,
    body_id: String,
}

impl Committer {
    /// Serves the queue until every sender is gone, by itself.
    ///
    /// On SQLite it has a thread of its own, because it holds it while the disk works.
    pub(crate) fn start(self, queue: mpsc::Receiver<Job>) -> Result<(), StoreError> {
        if self.dialect == Dialect::Postgres {
            tokio::spawn(self.serve(queue));
            return Ok(());
        }
        let runtime = tokio::runtime::Handle::current();
        let thread = std::thread::Builder::new().name("committer".to_owned());
        match thread.spawn(move || runtime.block_on(self.serve(queue))) {
            Ok(_) => Ok(()),
            Err(error) => Err(StoreError::Thread(error)),
        }
    }

    async fn serve(self, mut queue: mpsc::Receiver<Job>) {
        let batch_max = self.batch_max.clamp(1, BATCH_MAX);
        let (mut expected, mut answered_at) = (0, Instant::now());
        while let Some(first) = queue.recv().await {
            self.gather(&queue, expected, answered_at).await;
            let mut batch = vec![first];
            while batch.len() < batch_max {
                match queue.try_recv() {
                    Ok(job) => batch.push(job),
                    Err(_) => break,
                }
            }
            let answered = batch.len();
            self.commit_batch(batch).await;
            expected = (answered + queue.len()).min(batch_max);
            answered_at = Instant::now();
        }
    }

    /// Waits a moment for writers that were answered just now to queue again, so that more go in one commit.
    ///
    /// Who was answered is expected back, and no longer than [`GATHER_MAX`] after: somebody alone never waits.
    async fn gather(&self, queue: &mpsc::Receiver<Job>, expected: usize, answered_at: Instant) {
        while queue.len() + 1 < expected && answered_at.elapsed() < GATHER_MAX {
            match self.dialect {
                // The writers run on other threads.
                Dialect::Sqlite => std::thread::yield_now(),
                Dialect::Postgres => tokio::task::yield_now().await,
            }
        }
    }

    async fn commit_batch(&self, mut batch: Vec<Job>) {
        batch.sort_by(|a, b| a.append.stream.cmp(&b.append.stream));
        let mut appends: Vec<&mut Prepared> = batch.iter_mut().map(|job| &mut job.append).collect();
        match self.attempt(&mut appends, false).await {
            Ok(outcomes) => self.answer_batch(batch, outcomes).await,
            Err(failure) => self.one_by_one(batch, failure).await,
        }
    }

    async fn answer_batch(&self, batch: Vec<Job>, outcomes: Vec<Outcome>) {
        for (job, outcome) in batch.into_iter().zip(outcomes) {
            let answer = match outcome {
                Outcome::Won => Ok(self.remember(&job.append)),
                Outcome::Known(answer) => answer,
                // A loser may be the repeat of a command that is in already, even in this very batch.
                Outcome::Lost(error) => match self.look_up(&job.append).await {
                    Ok(Some(answer)) => answer,
                    Ok(None) => Err(error),
                    Err(e) => Err(refusal(fault(&e), false, &e)),
                },
            };
            job.answer(answer);
        }
    }

    fn remember(&self, append: &Prepared) -> Committed {
        self.cache.put(
            &append.stream,
            append.last_version(),
            Arc::clone(&append.rows),
        );
        append.committed()
    }

    /// Runs a failed batch again, each append in a transaction of its own.
    async fn one_by_one(&self, batch: Vec<Job>, mut failure: Failure) {
        let mut unsure = failure.unsure;
        let mut given_up = false;
        for mut job in batch {
            if !given_up && failure.fault == Fault::Away {
                given_up = !self.wait_for_database().await;
            }
            let answer = if given_up {
                Err(refusal(failure.fault, unsure, &failure.error))
            } else {
                match self.commit_single(&mut job.append).await {
                    Ok(answer) => answer,
                    Err(last) => {
                        // A disk that takes nothing stays so for the rest of the batch; a lost database is waited for
                        // once more.
                        given_up = matches!(last.fault, Fault::DiskFull | Fault::Unwritable);
                        unsure |= last.unsure;
                        failure = last;
                        Err(refusal(failure.fault, unsure, &failure.error))
                    }
                }
            };
            job.answer(answer);
        }
    }

    async fn ping(&self) -> Result<(), SqlError> {
        self.writer.begin().await?.rollback().await
    }

    async fn look_up(
        &self,
        append: &Prepared,
    ) -> Result<Option<Result<Committed, CommitError>>, SqlError> {
        let mut txn = self.writer.begin().await?;
        let known = known_command(&mut txn, self.suite, append).await?;
        txn.rollback().await?;
        Ok(known)
    }

    async fn commit_single(
        &self,
        append: &mut Prepared,
    ) -> Result<Result<Committed, CommitError>, Failure> {
        let mut tries = 0;
        loop {
            tries += 1;
            match self.attempt(&mut [append], true).await {
                Ok(mut outcomes) => {
                    return Ok(match outcomes.pop() {
                        Some(Outcome::Won) => Ok(self.remember(append)),
                        Some(Outcome::Known(answer)) => answer,
                        Some(Outcome::Lost(error)) => Err(error),
                        None => Err(CommitError::Closed),
                    });
                }
                Err(failure) if failure.fault == Fault::Busy && tries < BUSY_TRIES_MAX => {
                    tokio::time::sleep(Duration::from_millis(20 * u64::from(tries))).await;
                }
                // Another process was first with the command, the stream, or a name that must be unique.
                Err(failure) if failure.fault == Fault::Duplicate => {
                    if tries < BUSY_TRIES_MAX {
                        continue;
                    }
                    return Ok(Err(CommitError::Invalid(
                        "与已有记录重复（例如登录名已被使用）；请改用其他名称后重试".into(),
                    )));
                }
                Err(failure) => return Err(failure),
            }
        }
    }

    /// One transaction over these appends, sorted by stream; `look_up` first asks for known commands.
    async fn attempt(
        &self,
        appends: &mut [&mut Prepared],
        look_up: bool,
    ) -> Result<Vec<Outcome>, Failure> {
        let before = |error: SqlError| Failure {
            fault: fault(&error),
            unsure: false,
            error,
        };
        let mut txn = self.writer.begin().await.map_err(before)?;
        let outcomes = match self.write(&mut txn, appends, look_up).await {
            Ok(outcomes) => outcomes,
            Err(error) => {
                // The connection may be gone, which has the same effect.
                let _ = txn.rollback().await;
                return Err(before(error));
            }
        };
        let committed = txn.commit().await;
        committed.map_err(|error| Failure {
            fault: fault(&error),
            unsure: matches!(fault(&error), Fault::Away | Fault::Unwritable),
            error,
        })?;
        Ok(outcomes)
    }

    async fn write(
        &self,
        txn: &mut Txn<'_>,
        appends: &mut [&mut Prepared],
        look_up: bool,
    ) -> Result<Vec<Outcome>, SqlError> {
        let heads = self.lock_heads(txn, appends).await?;
        let mut outcomes = Vec::with_capacity(appends.len());
        let mut taken: HashMap<String, u64> = HashMap::new();
        let mut won = Vec::with_capacity(appends.len());
        for append in appends.iter_mut() {
            if look_up && let Some(answer) = known_command(txn, self.suite, append).await? {
                outcomes.push(Outcome::Known(answer));
                continue;
            }
            let judged = match taken.get(&append.stream) {
                Some(current) => Err(CommitError::Conflict {
                    current_version: *current,
                }),
                None => self.judge(append, heads.get(&append.stream)),
            };
            if let Err(error) = judged {
                outcomes.push(Outcome::Lost(error));
                continue;
            }
            taken.insert(append.stream.clone(), append.last_version());
            won.push(&**append);
            outcomes.push(Outcome::Won);
        }
        if !won.is_empty() {
            self.insert(txn, &won).await?;
        }
        Ok(outcomes)
    }

    /// Reads the heads; PostgreSQL locks them in id order, so that two processes cannot wait for each other.
    async fn lock_heads(
        &self,
        txn: &mut Txn<'_>,
        appends: &[&mut Prepared],
    ) -> Result<HashMap<String, Head>, SqlError> {
        let mut ids: Vec<Cell<'_>> = Vec::with_capacity(appends.len());
        let mut last = None;
        for append in appends {
            if last.replace(append.stream.as_str()) != Some(&append.stream) {
                ids.push(append.stream.as_str().into());
            }
        }
        let columns = "stream_id, version, entry, recorded_at, kind, body_id";
        let rows = txn
            .lock_keys("lock_heads", "stream", columns, "stream_id", &ids)
            .await?;
        rows.iter()
            .map(|row| {
                let head = Head {
                    version: version(get(row, 1)?)?,
                    entry: digest(get(row, 2)?)?,
                    recorded_at: get(row, 3)?,
                    kind: get(row, 4)?,
                    body_id: get(row, 5)?,
                };
                Ok((get(row, 0)?, head))
            })
            .collect()
    }

    /// Whether an append still fits its stream; sets its time right when the stream's last is later.
    fn judge(&self, append: &mut Prepared, head: Option<&Head>) -> Result<(), CommitError> {
        let Some(head) = head else {
            return match append.expected_version {
                0 => Ok(()),
                _ => Err(CommitError::Conflict { current_version: 0 }),
            };
        };
        if head.version != append.expected_version {
            return Err(CommitError::Conflict {
                current_version: head.version,
            });
        }
        if append.prev_entry != Some(head.entry) {
            return Err(CommitError::OtherChain {
                version: head.version,
            });
        }
        if head.kind != append.kind.name() || head.body_id != append.body_id {
            return Err(CommitError::Invalid(
                "记录流的种类或所属机关与首条记录不符".into(),
            ));
        }
        if head.recorded_at > append.recorded_at {
            append.seal_at(self.suite, head.recorded_at)?;
        }
        Ok(())
    }

    async fn insert(&self, txn: &mut Txn<'_>, won: &[&Prepared]) -> Result<(), SqlError> {
        let mut rows = LogRows::default();
        for append in won {
            append.write_into(&mut rows);
        }
        let insert = |table: &'static str, columns: &'static str| {
            Box::new(move |rows: &str| format!("INSERT INTO {table} ({columns}) {rows}"))
        };
        let heads = |rows: &str| {
            format!(
                "INSERT INTO stream ({STREAM}) {rows} ON CONFLICT (stream_id) DO UPDATE SET \
                 version=excluded.version,entry=excluded.entry,recorded_at=excluded.recorded_at"
            )
        };
        let log = [
            TableRows {
                name: "put_event",
                width: 8,
                cells: rows.event,
                sql: insert("event", EVENT),
            },
            TableRows {
                name: "put_body",
                width: 5,
                cells: rows.event_body,
                sql: insert("event_body", EVENT_BODY),
            },
            TableRows {
                name: "put_unsequenced",
                width: 4,
                cells: rows.unsequenced,
                sql: insert("unsequenced", UNSEQUENCED),
            },
            TableRows {
                name: "put_command",
                width: 7,
                cells: rows.command,
                sql: insert("command", COMMAND),
            },
            TableRows {
                name: "put_stream",
                width: 6,
                cells: rows.stream,
                sql: Box::new(heads),
            },
        ];
        write(txn, log.into(), won).await
    }

    /// Waits for the database to answer, up to `away_wait`.
    async fn wait_for_database(&self) -> bool {
        let end = Instant::now() + self.away_wait;
        loop {
            if self.ping().await.is_ok() {
                return true;
            }
            if Instant::now() >= end {
                return false;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
}

/// The answer to a command id that is known: the first answer, or a refusal if it was another command.
async fn known_command(
    txn: &mut Txn<'_>,
    suite: Suite,
    append: &Prepared,
) -> Result<Option<Result<Committed, CommitError>>, SqlError> {
    let sql = "SELECT c.actor, c.digest, c.stream_id, c.first_version, c.last_version, c.recorded_at, e.header \
               FROM command c JOIN event e ON e.stream_id = c.stream_id AND e.version = c.last_version WHERE c.id = ?";
    let rows = txn.all(sql, &[append.command.id.as_str().into()]).await?;
    let Some(row) = rows.first() else {
        return Ok(None);
    };
    if get::<String>(row, 0)? != append.command.actor
        || digest(get(row, 1)?)? != append.command.digest
    {
        return Ok(Some(Err(CommitError::CommandReused {
            id: append.command.id.clone(),
        })));
    }
    let header: Vec<u8> = get(row, 6)?;
    Ok(Some(Ok(Committed {
        stream: get(row, 2)?,
        first_version: version(get(row, 3)?)?,
        last_version: version(get(row, 4)?)?,
        entry: leaf::entry(suite, &header),
        recorded_at: get(row, 5)?,
        replayed: true,
    })))
}

fn refusal(fault: Fault, unsure: bool, error: &SqlError) -> CommitError {
    match fault {
        Fault::DiskFull => CommitError::DiskFull,
        Fault::Unwritable => CommitError::Unwritable { unsure },
        Fault::Away | Fault::Busy => CommitError::Unavailable { unsure },
        _ => CommitError::Database(error.to_string()),
    }
}

/// A stored version as a number; negative ones are damage.
pub(crate) fn version(stored: i64) -> Result<u64, DbErr> {
    u64::try_from(stored).map_err(|_| DbErr::Type(format!("negative version {stored}")))
}

/// A stored digest; another length is damage.
pub(crate) fn digest(stored: Vec<u8>) -> Result<Hash, DbErr> {
    <[u8; Hash::LEN]>::try_from(stored)
        .map(Hash)
        .map_err(|bytes| DbErr::Type(format!("digest of {} bytes", bytes.len())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_others_hold_is_told_as_something_to_try_again() {
        let error = SqlError::from(DbErr::Custom("deadlock detected".to_owned()));
        let told = refusal(Fault::Busy, false, &error);
        assert_eq!(told, CommitError::Unavailable { unsure: false });
    }
}
