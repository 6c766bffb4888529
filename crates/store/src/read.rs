//! Reading streams and commands; every read takes the reader's scope.

use casework::record::{Header, StreamKind};
use std::sync::Arc;

use sea_orm::{DatabaseTransaction, DbErr, QueryResult, Value};

use crate::committer::{digest, version};
use crate::error::StoreError;
use crate::sql::{Dialect, get, lost_connection, marks};
use crate::store::Store;
use ledger::{Hash, Suite, leaf};

/// What a read is for; the pages write it beside the reader in their own record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Handling, reviewing or deciding cases.
    Casework,
    /// Supervision of a body and those below it.
    Oversight,
    /// The program's own jobs, which see every body.
    System,
}

/// Who may see what: the reader's bodies with all below them, and cases that the reader is assigned to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    /// The reader's bodies; those below them in the tree are included.
    pub bodies: Vec<String>,
    /// The reader, if cases of other bodies in which this person has a duty are to be seen too.
    pub assigned: Option<String>,
    /// What the read is for.
    pub purpose: Purpose,
}

impl Scope {
    /// One body and all below it.
    pub fn body(id: impl Into<String>, purpose: Purpose) -> Self {
        Self {
            bodies: vec![id.into()],
            assigned: None,
            purpose,
        }
    }

    /// Everything: for the program's own jobs alone.
    pub fn system() -> Self {
        Self {
            bodies: Vec::new(),
            assigned: None,
            purpose: Purpose::System,
        }
    }

    /// Adds the cases of other bodies in which this person has a duty.
    #[must_use]
    pub fn with_assignments_of(mut self, person: impl Into<String>) -> Self {
        self.assigned = Some(person.into());
        self
    }
}

/// A condition with its values, built up piece by piece.
#[derive(Debug, Clone, Default)]
pub(crate) struct Condition {
    pub sql: String,
    pub values: Vec<Value>,
}

impl Condition {
    /// Adds `AND (sql)`.
    pub(crate) fn and(&mut self, sql: &str, values: impl IntoIterator<Item = Value>) {
        self.sql.push_str(if self.sql.is_empty() {
            " WHERE ("
        } else {
            " AND ("
        });
        self.sql.push_str(sql);
        self.sql.push(')');
        self.values.extend(values);
    }

    /// Either of two; one without terms holds of every row.
    fn or(mut self, other: Self) -> Self {
        let terms = |sql: &str| sql.strip_prefix(" WHERE ").map(str::to_owned);
        let (Some(one), Some(two)) = (terms(&self.sql), terms(&other.sql)) else {
            return Self::default();
        };
        self.sql = format!(" WHERE ({one} OR {two})");
        self.values.extend(other.values);
        self
    }

    /// Adds `AND column IN (…)`.
    pub(crate) fn and_in(&mut self, column: &str, list: &[String]) {
        let list: Vec<Value> = list.iter().map(|item| item.as_str().into()).collect();
        self.and(&format!("{column} IN ({})", marks(list.len())), list);
    }
}

/// One event as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// The header's bytes, as hashed.
    pub header_bytes: Vec<u8>,
    /// The header read.
    pub header: Header,
    /// Hash of the header's bytes; the next event's `prev`.
    pub entry: Hash,
    /// Salt of the commitment; none once the body is destroyed.
    pub salt: Option<Vec<u8>>,
    /// The body's bytes; none once destroyed.
    pub body: Option<Vec<u8>>,
}

impl Stored {
    /// Reads the columns `header, salt, body` from position `at` on.
    pub(crate) fn read(row: &QueryResult, at: usize, suite: Suite) -> Result<Self, StoreError> {
        let header_bytes: Vec<u8> = get(row, at)?;
        let header = Header::decode(&header_bytes).map_err(StoreError::damaged)?;
        let entry = leaf::entry(suite, &header_bytes);
        Ok(Self {
            header_bytes,
            header,
            entry,
            salt: get(row, at + 1)?,
            body: get(row, at + 2)?,
        })
    }
}

/// Where a stream stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// The stream.
    pub stream: String,
    /// What it is.
    pub kind: StreamKind,
    /// The body it belongs to.
    pub body_id: String,
    /// Version of its last event.
    pub version: u64,
    /// Entry of its last event.
    pub entry: Hash,
    /// When that was recorded, microseconds since 1970 UTC.
    pub recorded_at: i64,
}

impl Head {
    pub(crate) const COLUMNS: &str = "stream.stream_id, stream.kind, stream.body_id, stream.version, stream.entry, stream.recorded_at";

    pub(crate) fn read(row: &QueryResult) -> Result<Self, StoreError> {
        let kind: String = get(row, 1)?;
        Ok(Self {
            stream: get(row, 0)?,
            kind: StreamKind::from_name(&kind)
                .ok_or_else(|| StoreError::damaged(format!("未知的记录流种类“{kind}”")))?,
            body_id: get(row, 2)?,
            version: version(get(row, 3)?)?,
            entry: digest(get(row, 4)?)?,
            recorded_at: get(row, 5)?,
        })
    }
}

/// A command that was committed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommandRecord {
    /// Its id.
    pub id: String,
    /// Who gave it.
    pub actor: String,
    /// Hash of its content.
    pub digest: Hash,
    /// The stream that it wrote.
    pub stream: String,
    /// Version of its first event.
    pub first_version: u64,
    /// Version of its last event.
    pub last_version: u64,
    /// When it was recorded, microseconds since 1970 UTC.
    pub recorded_at: i64,
}

/// What rows are read from: the database as it is, or as it stood at one moment.
pub(crate) trait Rows {
    /// The rows of a statement.
    async fn rows(&self, sql: &str, values: Vec<Value>) -> Result<Vec<QueryResult>, DbErr>;
}

/// The database as it stood at one moment, for reads that must agree with each other; ends when the last copy goes.
#[derive(Clone)]
pub(crate) struct Moment {
    dialect: Dialect,
    snapshot: Arc<DatabaseTransaction>,
}

impl Rows for Moment {
    async fn rows(&self, sql: &str, values: Vec<Value>) -> Result<Vec<QueryResult>, DbErr> {
        self.dialect.all(&*self.snapshot, sql, values).await
    }
}

impl Rows for Store {
    async fn rows(&self, sql: &str, values: Vec<Value>) -> Result<Vec<QueryResult>, DbErr> {
        let (dialect, mut tries) = (self.inner.dialect, 0);
        loop {
            let all = dialect.all(&self.inner.readers, sql, values.clone());
            match all.await {
                Err(error) if self.may_again(&mut tries, &error) => {}
                done => return done,
            }
        }
    }
}

impl Store {
    /// Whether to ask the pool of readers again: after the database was away each of its connections fails once.
    fn may_again(&self, tries: &mut u32, error: &DbErr) -> bool {
        *tries += 1;
        *tries <= self.inner.readers_max && lost_connection(error)
    }

    /// The database as it stands now.
    pub(crate) async fn moment(&self) -> Result<Moment, DbErr> {
        let (dialect, mut tries) = (self.inner.dialect, 0);
        loop {
            let begun = dialect.begin_snapshot(&self.inner.readers);
            match begun.await.map(Arc::new) {
                Ok(snapshot) => return Ok(Moment { dialect, snapshot }),
                Err(error) if self.may_again(&mut tries, &error) => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// The condition under which rows of `table` (with `stream_id` and `body_id`) are in scope.
    pub(crate) async fn in_scope(
        &self,
        scope: &Scope,
        table: &str,
    ) -> Result<Condition, StoreError> {
        let parts = self.parts_of_scope(scope, table).await?;
        Ok(parts.into_iter().reduce(Condition::or).unwrap_or_default())
    }

    /// The same as conditions of which at most one holds of a row: those of the bodies, and those assigned from elsewhere.
    ///
    /// A list by one body comes in the order of its index, which `OR` would lose; the bodies are resolved first for that.
    pub(crate) async fn parts_of_scope(
        &self,
        scope: &Scope,
        table: &str,
    ) -> Result<Vec<Condition>, StoreError> {
        let (mut own, mut assigned) = (Condition::default(), Condition::default());
        if scope.purpose == Purpose::System {
            return Ok(vec![own]);
        }
        let bodies = self.bodies_below(&scope.bodies).await?;
        let column = format!("{table}.body_id");
        match bodies.as_slice() {
            [] => own.and("1 = 0", []),
            [one] => own.and(&format!("{column} = ?"), [one.as_str().into()]),
            many => own.and_in(&column, many),
        }
        let Some(person) = &scope.assigned else {
            return Ok(vec![own]);
        };
        assigned.and(
            &format!(
                "{table}.stream_id IN (SELECT stream_id FROM case_person WHERE person_id = ?)"
            ),
            [person.as_str().into()],
        );
        if !bodies.is_empty() {
            assigned.and_in(&format!("{column} NOT"), &bodies);
        }
        Ok(vec![own, assigned])
    }

    /// The bodies whose cases are in scope; none where every body's are.
    pub async fn bodies_in(&self, scope: &Scope) -> Result<Option<Vec<String>>, StoreError> {
        match scope.purpose {
            Purpose::System => Ok(None),
            _ => self.bodies_below(&scope.bodies).await.map(Some),
        }
    }

    async fn bodies_below(&self, bodies: &[String]) -> Result<Vec<String>, StoreError> {
        if bodies.is_empty() {
            return Ok(Vec::new());
        }
        let mut condition = Condition::default();
        condition.and_in("ancestor", bodies);
        let sql = format!(
            "SELECT DISTINCT descendant FROM body_tree{} ORDER BY descendant",
            condition.sql
        );
        let rows = self.rows(&sql, condition.values).await?;
        Ok(rows
            .iter()
            .map(|row| get(row, 0))
            .collect::<Result<_, _>>()?)
    }

    /// The head of a stream; none if there is no such stream in scope.
    pub async fn head(&self, scope: &Scope, stream: &str) -> Result<Option<Head>, StoreError> {
        let mut condition = self.in_scope(scope, "stream").await?;
        condition.and("stream.stream_id = ?", [stream.into()]);
        let sql = format!("SELECT {} FROM stream{}", Head::COLUMNS, condition.sql);
        self.rows(&sql, condition.values)
            .await?
            .first()
            .map(Head::read)
            .transpose()
    }

    /// Up to `count` heads in id order after `after`, of one kind or of all.
    pub async fn heads(
        &self,
        scope: &Scope,
        kind: Option<StreamKind>,
        after: &str,
        count: u32,
    ) -> Result<Vec<Head>, StoreError> {
        let mut condition = self.in_scope(scope, "stream").await?;
        condition.and("stream.stream_id > ?", [after.into()]);
        if let Some(kind) = kind {
            condition.and("stream.kind = ?", [kind.name().into()]);
        }
        let sql = format!(
            "SELECT {} FROM stream{} ORDER BY stream_id LIMIT {count}",
            Head::COLUMNS,
            condition.sql
        );
        self.rows(&sql, condition.values)
            .await?
            .iter()
            .map(Head::read)
            .collect()
    }

    /// The events of a stream after a version, in order; empty if the stream is not in scope.
    pub async fn load(
        &self,
        scope: &Scope,
        stream: &str,
        after_version: u64,
    ) -> Result<Vec<Stored>, StoreError> {
        if scope.purpose != Purpose::System && self.head(scope, stream).await?.is_none() {
            return Ok(Vec::new());
        }
        let sql = "SELECT e.header, b.salt, b.body FROM event e \
                   LEFT JOIN event_body b ON b.stream_id = e.stream_id AND b.version = e.version \
                   WHERE e.stream_id = ? AND e.version > ? ORDER BY e.version";
        let after = i64::try_from(after_version).unwrap_or(i64::MAX);
        let rows = self.rows(sql, vec![stream.into(), after.into()]).await?;
        rows.iter()
            .map(|row| Stored::read(row, 0, self.inner.suite))
            .collect()
    }

    /// The record of a committed command.
    pub async fn find_command(&self, id: &str) -> Result<Option<CommandRecord>, StoreError> {
        let sql = "SELECT id, actor, digest, stream_id, first_version, last_version, recorded_at FROM command WHERE id = ?";
        let rows = self.rows(sql, vec![id.into()]).await?;
        let Some(row) = rows.first() else {
            return Ok(None);
        };
        Ok(Some(CommandRecord {
            id: get(row, 0)?,
            actor: get(row, 1)?,
            digest: digest(get(row, 2)?)?,
            stream: get(row, 3)?,
            first_version: version(get(row, 4)?)?,
            last_version: version(get(row, 5)?)?,
            recorded_at: get(row, 6)?,
        }))
    }
}
