//! Bringing the views' tables to the rows of the appends that are being committed.

use casework::record::StreamKind;

use crate::append::Prepared;
use crate::conn::{Cell, TableRows, Txn, delete};
use crate::delta::Put;
use crate::sql::{Dialect, SqlError};
use crate::views::{BODY, VIEWS, View};

/// Writes rows of the log, and what these appends change in the views.
pub(crate) async fn write<'a>(
    txn: &mut Txn<'_>,
    log: Vec<TableRows<'a>>,
    won: &[&'a Prepared],
) -> Result<(), SqlError> {
    wipe(txn, won).await?;
    match txn.dialect() {
        Dialect::Sqlite => {
            txn.run_tables(log).await?;
            for (at, view) in VIEWS.iter().enumerate() {
                let key = &view.columns[..view.key];
                txn.delete_rows(view.names.delete, view.table, key, gone(won, at))
                    .await?;
                let mut puts = won.iter().flat_map(|append| append.delta.puts(at));
                puts.try_for_each(|put| put_one(txn, view, put))?;
            }
        }
        Dialect::Postgres => {
            // No key is both deleted and put, so it does not matter which comes first.
            let mut tables = log;
            for (at, view) in VIEWS.iter().enumerate() {
                tables.extend([gone_rows(won, at, view), put_rows(won, at, view)]);
            }
            txn.run_tables(tables).await?;
        }
    }
    let touches_bodies =
        |append: &&Prepared| append.kind == StreamKind::Body && append.delta.touches(BODY);
    if won.iter().any(touches_bodies) {
        txn.raw(RENEW_BODY_TREE).await?;
    }
    Ok(())
}

/// Deletes every row of the streams of which this process does not know the rows.
async fn wipe(txn: &mut Txn<'_>, won: &[&Prepared]) -> Result<(), SqlError> {
    let unknown = won.iter().filter(|append| append.delta.wipe);
    let unknown: Vec<Cell<'_>> = unknown
        .map(|append| append.stream.as_str().into())
        .collect();
    if unknown.is_empty() {
        return Ok(());
    }
    for view in &VIEWS {
        let name = view.names.wipe;
        txn.delete_rows(name, view.table, &["stream_id"], unknown.clone())
            .await?;
    }
    Ok(())
}

/// The keys of the rows that go from a view.
fn gone<'a>(won: &[&'a Prepared], at: usize) -> Vec<Cell<'a>> {
    let mut cells = Vec::new();
    for append in won {
        append.delta.delete_cells(&append.stream, at, &mut cells);
    }
    cells
}

fn gone_rows<'a>(won: &[&'a Prepared], at: usize, view: &'static View) -> TableRows<'a> {
    TableRows {
        name: view.names.delete,
        width: view.key,
        cells: gone(won, at),
        sql: Box::new(|rows| delete(view.table, &view.columns[..view.key], rows)),
    }
}

/// PostgreSQL finds by itself which indexes a row's new values leave alone.
fn put_rows<'a>(won: &[&'a Prepared], at: usize, view: &'static View) -> TableRows<'a> {
    let puts = won.iter().flat_map(|append| append.delta.puts(at));
    let cells = puts.flat_map(|put| put.cells.iter().map(Cell::borrowed));
    TableRows {
        name: view.names.upsert,
        width: view.columns.len(),
        cells: cells.collect(),
        sql: Box::new(|rows| view.upsert(view.table, rows)),
    }
}

/// SQLite writes every index over a column that a statement names, so it is told only of those that differ.
fn put_one(txn: &mut Txn<'_>, view: &View, put: &Put) -> Result<(), SqlError> {
    let put_whole = |txn: &mut Txn<'_>| {
        txn.run_one(view.names.upsert, 0, put.cells.iter(), || {
            let marks = vec!["?"; view.columns.len()].join(",");
            view.upsert(view.table, &format!("VALUES ({marks})"))
        })
    };
    let Some(differing) = put.differing else {
        return put_whole(txn).map(|_| ());
    };
    let set = (0..view.columns.len()).filter(|column| differing & 1 << column != 0);
    let bound = set.clone().chain(0..view.key);
    let cells = bound.map(|column| &put.cells[column]);
    let touched = txn.run_one(view.names.update, differing, cells, || {
        let set: Vec<&str> = set.map(|column| view.columns[column]).collect();
        let key = view.columns[..view.key].join("=? AND ");
        format!(
            "UPDATE {} SET {}=? WHERE {key}=?",
            view.table,
            set.join("=?,")
        )
    })?;
    if touched == 0 {
        // What this process remembers is not there: somebody else took it out.
        put_whole(txn)?;
    }
    Ok(())
}

/// Computes `body_tree` anew from `body`; bodies are few and change seldom.
///
/// UNION, not UNION ALL: a ring of superiors, which nothing should make, still ends.
pub(crate) const RENEW_BODY_TREE: &str = "DELETE FROM body_tree; \
    INSERT INTO body_tree (ancestor, descendant) \
    WITH RECURSIVE up (ancestor, descendant) AS ( \
      SELECT body_id, body_id FROM body \
      UNION \
      SELECT body.parent, up.descendant FROM up JOIN body ON body.body_id = up.ancestor \
      WHERE body.parent IS NOT NULL \
    ) SELECT ancestor, descendant FROM up;";
