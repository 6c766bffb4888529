//! Values on their way into a statement, and rows on their way out, for either database.

use std::borrow::Cow;

use rusqlite::types::{FromSql, FromSqlError, ToSql, ToSqlOutput, Value, ValueRef};
use sea_orm::sqlx::{self, Arguments, Postgres};
use sea_orm::{DbErr, QueryResult, TryGetable};

/// A value to be bound, borrowed where it can be.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Cell<'a> {
    /// No text; PostgreSQL wants to know of what type nothing is.
    Null,
    /// No bytes.
    NoBytes,
    /// No number.
    NoInt,
    Text(Cow<'a, str>),
    Int(i64),
    Bool(bool),
    Bytes(Cow<'a, [u8]>),
}

impl<'a> From<&'a str> for Cell<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}

impl From<String> for Cell<'_> {
    fn from(text: String) -> Self {
        Self::Text(Cow::Owned(text))
    }
}

impl<'a> From<&'a Option<String>> for Cell<'a> {
    fn from(text: &'a Option<String>) -> Self {
        text.as_deref().map_or(Self::Null, Self::from)
    }
}

impl From<i64> for Cell<'_> {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}

/// Versions and sizes are kept below 2^53 by those who make them; a larger one saturates rather than wraps.
impl From<u64> for Cell<'_> {
    fn from(number: u64) -> Self {
        Self::Int(i64::try_from(number).unwrap_or(i64::MAX))
    }
}

impl From<bool> for Cell<'_> {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl<'a> From<&'a [u8]> for Cell<'a> {
    fn from(bytes: &'a [u8]) -> Self {
        Self::Bytes(Cow::Borrowed(bytes))
    }
}

impl Cell<'_> {
    /// The same value, borrowed.
    pub(crate) fn borrowed(&self) -> Cell<'_> {
        match self {
            Self::Null => Cell::Null,
            Self::NoBytes => Cell::NoBytes,
            Self::NoInt => Cell::NoInt,
            Self::Text(text) => Cell::Text(Cow::Borrowed(text)),
            Self::Int(number) => Cell::Int(*number),
            Self::Bool(value) => Cell::Bool(*value),
            Self::Bytes(bytes) => Cell::Bytes(Cow::Borrowed(bytes)),
        }
    }

    /// The value with bytes of its own.
    pub(crate) fn into_owned(self) -> Cell<'static> {
        match self {
            Self::Null => Cell::Null,
            Self::NoBytes => Cell::NoBytes,
            Self::NoInt => Cell::NoInt,
            Self::Text(text) => Cell::Text(Cow::Owned(text.into_owned())),
            Self::Int(number) => Cell::Int(number),
            Self::Bool(value) => Cell::Bool(value),
            Self::Bytes(bytes) => Cell::Bytes(Cow::Owned(bytes.into_owned())),
        }
    }
}

impl ToSql for Cell<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null | Self::NoBytes | Self::NoInt => ValueRef::Null,
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Int(number) => ValueRef::Integer(*number),
            Self::Bool(value) => ValueRef::Integer(i64::from(*value)),
            Self::Bytes(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

/// The values as PostgreSQL's driver wants them.
pub(super) fn arguments(
    cells: &[Cell<'_>],
) -> Result<<Postgres as sqlx::Database>::Arguments, sqlx::Error> {
    let mut arguments = <Postgres as sqlx::Database>::Arguments::default();
    arguments.reserve(cells.len(), 0);
    for cell in cells {
        match cell {
            Cell::Null => arguments.add(None::<&str>),
            Cell::NoBytes => arguments.add(None::<&[u8]>),
            Cell::NoInt => arguments.add(None::<i64>),
            Cell::Text(text) => arguments.add(&**text),
            Cell::Int(number) => arguments.add(*number),
            Cell::Bool(value) => arguments.add(*value),
            Cell::Bytes(bytes) => arguments.add(&**bytes),
        }
        .map_err(sqlx::Error::Encode)?;
    }
    Ok(arguments)
}

/// A row that the writing connection read.
#[derive(Debug)]
pub(crate) enum Row {
    Sqlite(Vec<Value>),
    Postgres(QueryResult),
}

/// A type that a column can be read as, in either database.
pub(crate) trait Column: TryGetable + FromSql {}

impl<T: TryGetable + FromSql> Column for T {}

/// Something with columns.
pub(crate) trait Columns {
    /// The column at that place of the select list.
    fn column<T: Column>(&self, index: usize) -> Result<T, DbErr>;
}

impl Columns for QueryResult {
    fn column<T: Column>(&self, index: usize) -> Result<T, DbErr> {
        self.try_get_by_index(index)
    }
}

impl Columns for Row {
    fn column<T: Column>(&self, index: usize) -> Result<T, DbErr> {
        match self {
            Self::Postgres(row) => row.column(index),
            Self::Sqlite(values) => {
                let value = values.get(index).map_or(ValueRef::Null, ValueRef::from);
                T::column_result(value).map_err(|e: FromSqlError| DbErr::Type(e.to_string()))
            }
        }
    }
}
