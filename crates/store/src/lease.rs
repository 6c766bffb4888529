//! Leases: which of several processes on one database does a job (DECISIONS 4).
//!
//! A lease is a row whose fencing number every transaction of its job updates first, so that a process that lost it
//! unawares writes nothing. A job that writes by commands alone needs no more than to be alone: a command's id follows
//! from what it does, and so it is done once whoever does it.

use std::time::Duration;

use tokio::task::JoinHandle;

use crate::conn::{Cell, Txn};
use crate::error::StoreError;
use crate::sql::{Dialect, get};
use crate::store::Store;

/// How long a lease holds unless renewed, microseconds.
const LEASE_US: i64 = 10_000_000;
/// How far the clocks of two servers may stand apart, microseconds. A lease that ends later than they can explain was
/// given before a clock was set back, and whoever held it is not waited for.
const APART_MAX_US: i64 = 600_000_000;
/// After how long it is renewed.
const RENEW_US: i64 = LEASE_US / 3;

/// A job that some process does on the database now, if any.
pub(crate) async fn held_job(txn: &mut Txn<'_>, now_us: i64) -> Result<Option<String>, StoreError> {
    let sql = "SELECT name FROM lease WHERE until_at > ? AND until_at <= ? ORDER BY name DESC";
    let latest = now_us.saturating_add(LEASE_US + APART_MAX_US);
    let row = txn.one(sql, &[now_us.into(), latest.into()]).await?;
    Ok(row.map(|row| get(&row, 0)).transpose()?)
}

/// One process's hold on a job.
pub(crate) struct Lease {
    store: Store,
    name: &'static str,
    /// Names this process in the row.
    holder: String,
    fencing: Option<i64>,
    renewed_at: i64,
}

impl Lease {
    /// The lease of that name, not held yet.
    pub(crate) fn new(store: Store, name: &'static str) -> Self {
        Self {
            store,
            name,
            holder: format!("{:032x}", rand::random::<u128>()),
            fencing: None,
            renewed_at: 0,
        }
    }

    /// Takes the lease if it is free, ours or run out, and renews it in time; whether it is ours now.
    ///
    /// # Errors
    /// [`StoreError::LeaseLost`] where it was ours and another has taken it since.
    pub(crate) async fn take(&mut self, now_us: i64) -> Result<bool, StoreError> {
        if self.fencing.is_none() {
            return self.acquire(now_us).await;
        }
        // A file has one server, and need not be written for a lease that nobody else wants.
        let fresh = (0..RENEW_US).contains(&(now_us - self.renewed_at));
        if fresh || self.store.inner.dialect == Dialect::Sqlite {
            return Ok(true);
        }
        self.begin(now_us).await?.commit().await?;
        self.renewed_at = now_us;
        Ok(true)
    }

    async fn acquire(&mut self, now_us: i64) -> Result<bool, StoreError> {
        let mut txn = self.store.inner.writer.begin().await?;
        let sql = "INSERT INTO lease (name, holder, fencing, until_at) VALUES (?, ?, 1, ?) \
                   ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, fencing = lease.fencing + 1, \
                   until_at = excluded.until_at WHERE lease.until_at <= ? OR lease.until_at > ? \
                   OR lease.holder = excluded.holder";
        let until = now_us.saturating_add(LEASE_US);
        let cells: [Cell<'_>; 5] = [
            self.name.into(),
            self.holder.as_str().into(),
            until.into(),
            now_us.into(),
            until.saturating_add(APART_MAX_US).into(),
        ];
        let taken = txn.run(sql, &cells).await?;
        let mut fencing = None;
        if taken == 1 {
            let sql = "SELECT fencing FROM lease WHERE name = ?";
            let row = txn.one(sql, &[self.name.into()]).await?;
            fencing = row.map(|row| get(&row, 0)).transpose()?;
        }
        txn.commit().await?;
        (self.fencing, self.renewed_at) = (fencing, now_us);
        Ok(fencing.is_some())
    }

    /// Begins a transaction that goes through only while the lease is ours.
    ///
    /// It renews the lease if it is committed.
    pub(crate) async fn begin(&self, now_us: i64) -> Result<Txn<'_>, StoreError> {
        let mut txn = self.store.inner.writer.begin().await?;
        let sql = "UPDATE lease SET until_at = ? WHERE name = ? AND holder = ? AND fencing = ?";
        let cells: [Cell<'_>; 4] = [
            now_us.saturating_add(LEASE_US).into(),
            self.name.into(),
            self.holder.as_str().into(),
            self.fencing.unwrap_or(0).into(),
        ];
        if txn.run(sql, &cells).await? != 1 {
            txn.rollback().await?;
            return Err(StoreError::LeaseLost(self.name));
        }
        Ok(txn)
    }

    /// Takes the lease as not held, as after an error that leaves this open.
    pub(crate) fn forget(&mut self) {
        self.fencing = None;
    }

    /// Gives the lease back, so that another process need not wait for it to run out.
    pub(crate) async fn release(&mut self) -> Result<(), StoreError> {
        if let Some(fencing) = self.fencing.take() {
            let sql = "UPDATE lease SET until_at = 0 WHERE name = ? AND holder = ? AND fencing = ?";
            let cells: [Cell<'_>; 3] = [
                self.name.into(),
                self.holder.as_str().into(),
                fencing.into(),
            ];
            self.store.inner.writer.run(sql, &cells).await?;
        }
        Ok(())
    }

    /// Renews the lease until it is lost; a database that is away may come back in time.
    async fn keep(&self, clock: impl Fn() -> i64) {
        loop {
            tokio::time::sleep(Duration::from_micros(RENEW_US.unsigned_abs())).await;
            match self.begin(clock()).await {
                Ok(txn) => drop(txn.commit().await),
                Err(StoreError::LeaseLost(_)) => return,
                Err(_) => {}
            }
        }
    }
}

/// The renewal of a lease; it ends with the job, also one that is given up in the middle.
struct Keeping(JoinHandle<()>);

impl Drop for Keeping {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Store {
    /// Does a job while no other process on this database does that of the same name; nothing where one does.
    ///
    /// `clock` gives the wall clock in microseconds.
    ///
    /// # Errors
    /// [`StoreError::LeaseLost`] where another took over in the middle, as after a standstill of the machine; or the
    /// database.
    pub async fn alone<T>(
        &self,
        name: &'static str,
        clock: impl Fn() -> i64 + Send + 'static,
        job: impl Future<Output = T>,
    ) -> Result<Option<T>, StoreError> {
        let mut lease = Lease::new(self.clone(), name);
        if !lease.take(clock()).await? {
            return Ok(None);
        }
        let held = (lease.holder.clone(), lease.fencing);
        // By itself: the job may hold the connection that the renewal waits for.
        let mut keeping = Keeping(tokio::spawn(async move { lease.keep(clock).await }));
        let done = tokio::select! {
            done = job => Ok(Some(done)),
            _ = &mut keeping.0 => Err(StoreError::LeaseLost(name)),
        };
        drop(keeping);
        let mut lease = Lease::new(self.clone(), name);
        (lease.holder, lease.fencing) = held;
        lease.release().await?;
        done
    }
}
