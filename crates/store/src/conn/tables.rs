//! Statements over many rows: their texts, and the rows as PostgreSQL takes them, an array a column.
//!
//! So a statement has one text for any number of rows, which is read and planned once.

use sea_orm::sqlx::postgres::PgArguments;
use sea_orm::sqlx::{self, Arguments};

use super::Cell;

/// Rows to be written to one table.
pub(crate) struct TableRows<'a> {
    /// Names the statement's text uniquely.
    pub name: &'static str,
    pub width: usize,
    pub cells: Vec<Cell<'a>>,
    /// The statement's text, given that of where its rows come from.
    pub sql: Box<dyn Fn(&str) -> String + Send + Sync>,
}

/// One row of that width, for SQLite.
pub(super) fn one_row(width: usize) -> String {
    format!("VALUES ({})", vec!["?"; width].join(","))
}

/// Rows of that width with cells of these types, for PostgreSQL.
pub(super) fn rows(cells: &[Cell<'_>], width: usize) -> String {
    let arrays: Vec<&str> = cells.iter().take(width).map(array_of).collect();
    format!("SELECT * FROM UNNEST({})", arrays.join(","))
}

fn array_of(cell: &Cell<'_>) -> &'static str {
    match cell {
        Cell::Null | Cell::Text(_) => "?::text[]",
        Cell::NoInt | Cell::Int(_) => "?::bigint[]",
        Cell::Bool(_) => "?::boolean[]",
        Cell::NoBytes | Cell::Bytes(_) => "?::bytea[]",
    }
}

/// Deletes the rows with these keys, on PostgreSQL.
pub(crate) fn delete(table: &str, key: &[&str], rows: &str) -> String {
    format!("DELETE FROM {table} WHERE ({}) IN ({rows})", key.join(","))
}

/// One statement that does what those of the tables do.
pub(super) fn joined(tables: &[TableRows<'_>]) -> String {
    let sql = |table: &TableRows<'_>| (table.sql)(&rows(&table.cells, table.width));
    let Some((last, others)) = tables.split_last() else {
        return String::new();
    };
    let others: Vec<String> = (0..)
        .zip(others)
        .map(|(n, table): (u32, _)| format!("t{n} AS ({})", sql(table)))
        .collect();
    match others.is_empty() {
        true => sql(last),
        false => format!("WITH {} {}", others.join(","), sql(last)),
    }
}

/// The cells of several tables, each of its width, as one array a column.
pub(super) fn arguments(tables: &[(&[Cell<'_>], usize)]) -> Result<PgArguments, sqlx::Error> {
    let mut arguments = PgArguments::default();
    for (cells, width) in tables {
        for at in 0..*width {
            let column = cells.iter().skip(at).step_by(*width);
            add(&mut arguments, column).map_err(sqlx::Error::Encode)?;
        }
    }
    Ok(arguments)
}

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Adds the cells of one column, all of the type of the first.
fn add<'a>(
    arguments: &mut PgArguments,
    column: impl Iterator<Item = &'a Cell<'a>> + Clone,
) -> Result<(), BoxError> {
    match column.clone().next() {
        None | Some(Cell::Null | Cell::Text(_)) => arguments.add(all(column, |cell| match cell {
            Cell::Null => Some(None),
            Cell::Text(text) => Some(Some(&**text)),
            _ => None,
        })?),
        Some(Cell::NoInt | Cell::Int(_)) => arguments.add(all(column, |cell| match cell {
            Cell::NoInt => Some(None),
            Cell::Int(number) => Some(Some(*number)),
            _ => None,
        })?),
        Some(Cell::Bool(_)) => arguments.add(all(column, |cell| match cell {
            Cell::Bool(value) => Some(*value),
            _ => None,
        })?),
        Some(Cell::NoBytes | Cell::Bytes(_)) => arguments.add(all(column, |cell| match cell {
            Cell::NoBytes => Some(None),
            Cell::Bytes(bytes) => Some(Some(&**bytes)),
            _ => None,
        })?),
    }
}

/// The values of a column; an error where one is of another type.
fn all<'a, T>(
    column: impl Iterator<Item = &'a Cell<'a>>,
    value: impl Fn(&'a Cell<'a>) -> Option<T>,
) -> Result<Vec<T>, BoxError> {
    let values: Option<Vec<T>> = column.map(value).collect();
    values.ok_or_else(|| "a column of cells of several types".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(name: &'static str, cells: Vec<Cell<'static>>, width: usize) -> TableRows<'static> {
        TableRows {
            name,
            width,
            cells,
            sql: Box::new(move |rows| format!("INSERT INTO {name} {rows}")),
        }
    }

    #[test]
    fn a_column_is_an_array_of_its_type() {
        let cells = [
            Cell::from("a"),
            Cell::NoInt,
            Cell::Bool(true),
            Cell::NoBytes,
            Cell::Null,
            Cell::Int(1),
            Cell::Bool(false),
            Cell::from([7_u8].as_slice()),
        ];
        let expect = "SELECT * FROM UNNEST(?::text[],?::bigint[],?::boolean[],?::bytea[])";
        assert_eq!(rows(&cells, 4), expect);
        assert_eq!(arguments(&[(&cells, 4)]).unwrap().len(), 4);
        assert!(
            arguments(&[(&cells, 3)]).is_err(),
            "cells of several types in one column"
        );
    }

    #[test]
    fn several_tables_go_in_one_statement() {
        let one = table("a", vec!["x".into()], 1);
        let two = table("b", vec![1_i64.into(), Cell::Null], 2);
        assert_eq!(
            joined(&[one, two]),
            "WITH t0 AS (INSERT INTO a SELECT * FROM UNNEST(?::text[])) \
             INSERT INTO b SELECT * FROM UNNEST(?::bigint[],?::text[])"
        );
    }
}
