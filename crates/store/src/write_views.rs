//! Bringing the views' tables to the rows of the appends that are being committed.

use casework::record::StreamKind;

use crate::append::Prepared;
use crate::conn::{Cell, Txn};
use crate::delta::Change;
use crate::sql::{Dialect, SqlError};
use crate::views::{BODY, Place, VIEWS, View};

/// Writes what these appends change in the views.
pub(crate) async fn write_views(txn: &mut Txn<'_>, won: &[&Prepared]) -> Result<(), SqlError> {
    for (at, view) in VIEWS.iter().enumerate() {
        delete(txn, won, at, view).await?;
        match txn.dialect() {
            Dialect::Sqlite => put_changes(txn, won, at, view)?,
            Dialect::Postgres => put_rows(txn, won, at, view).await?,
        }
    }
    let touches_bodies =
        |append: &&Prepared| append.kind == StreamKind::Body && append.delta.touches(BODY);
    if won.iter().any(touches_bodies) {
        txn.raw(RENEW_BODY_TREE).await?;
    }
    Ok(())
}

async fn delete(
    txn: &mut Txn<'_>,
    won: &[&Prepared],
    at: usize,
    view: &View,
) -> Result<(), SqlError> {
    let (mut unknown, mut gone): (Vec<Cell<'_>>, Vec<Cell<'_>>) = (Vec::new(), Vec::new());
    for append in won {
        if append.delta.wipe {
            unknown.push(append.stream.as_str().into());
        }
        append.delta.delete_cells(&append.stream, at, &mut gone);
    }
    txn.delete_rows(view.names.wipe, view.table, &["stream_id"], unknown)
        .await?;
    let key = &view.columns[..view.key];
    txn.delete_rows(view.names.delete, view.table, key, gone)
        .await
}

/// PostgreSQL finds by itself which indexes a row's new values leave alone.
async fn put_rows(
    txn: &mut Txn<'_>,
    won: &[&Prepared],
    at: usize,
    view: &View,
) -> Result<(), SqlError> {
    let mut cells = Vec::new();
    for append in won {
        append
            .delta
            .put_cells(&place(append), &append.rows, at, &mut cells);
    }
    txn.run_rows(view.names.upsert, view.columns.len(), cells, |t| {
        view.upsert(view.table, t)
    })
    .await
}

/// SQLite writes every index over a column that a statement names, so it is told only of those that differ.
fn put_changes(
    txn: &mut Txn<'_>,
    won: &[&Prepared],
    at: usize,
    view: &View,
) -> Result<(), SqlError> {
    for append in won {
        let known = append.known.as_deref();
        for change in append
            .delta
            .changes(&place(append), known, &append.rows, at)
        {
            put_change(txn, view, &change)?;
        }
    }
    Ok(())
}

fn put_change(txn: &mut Txn<'_>, view: &View, change: &Change<'_>) -> Result<(), SqlError> {
    let put_whole = |txn: &mut Txn<'_>| {
        let name = view.names.upsert;
        txn.run_one(name, 0, &change.new, |tuple| view.upsert(view.table, tuple))
    };
    let differing = match change.differing() {
        // The rows differ in nothing that has a column.
        Some(0) => return Ok(()),
        Some(differing) => differing,
        None => return put_whole(txn).map(|_| ()),
    };
    let set = (0..view.columns.len()).filter(|column| differing & 1 << column != 0);
    let cells: Vec<Cell<'_>> = set
        .clone()
        .chain(0..view.key)
        .map(|column| change.new[column].clone())
        .collect();
    let touched = txn.run_one(view.names.update, differing, &cells, |_| {
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

fn place(append: &Prepared) -> Place<'_> {
    Place {
        stream: &append.stream,
        body_id: &append.body_id,
    }
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
