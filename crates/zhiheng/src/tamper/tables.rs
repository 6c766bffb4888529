//! The tables, their keys, and what a fault about a row is known by.

use rusqlite::{
    Connection,
    types::{Value, ValueRef},
};

/// A table of one of the databases.
pub struct Table {
    pub database: &'static str,
    pub name: &'static str,
    /// Columns that a row is found by.
    pub key: &'static [&'static str],
    /// Columns that nothing holds to the record; each stands in docs/trust.md.
    pub open: &'static [&'static str],
}

const fn table(name: &'static str, key: &'static [&'static str]) -> Table {
    Table {
        database: "zhiheng.sqlite",
        name,
        key,
        open: &[],
    }
}

/// Every table that `verify` answers for.
pub const TABLES: [Table; 18] = [
    table("event", &["stream_id", "version"]),
    table("event_body", &["stream_id", "version"]),
    table("leaf", &["idx"]),
    Table {
        // What a sender sent is hashed; the event does not repeat it.
        open: &["digest"],
        ..table("command", &["id"])
    },
    table("stream", &["stream_id"]),
    table("tile", &["level", "idx"]),
    Table {
        // When a checkpoint was kept is no part of what was signed.
        open: &["created_at"],
        ..table("checkpoint", &["origin_no", "size"])
    },
    table("origin", &["origin_no"]),
    table("case_row", &["stream_id"]),
    table("case_person", &["stream_id", "person_id"]),
    table("todo", &["stream_id", "key"]),
    table("limit_row", &["stream_id", "key"]),
    table("paper", &["stream_id", "paper_id"]),
    table("person", &["stream_id"]),
    table("body", &["stream_id"]),
    table("body_tree", &["ancestor", "descendant"]),
    Table {
        database: "portal.sqlite",
        ..table("published_item", &["id"])
    },
    Table {
        database: "portal.sqlite",
        ..table("published_line", &["id"])
    },
];

/// Tables that `verify` does not answer for; each stands in docs/trust.md.
pub const OPEN_TABLES: [&str; 13] = [
    "access_token",
    "credential",
    "cursor",
    "draft",
    "lease",
    "meta",
    "officer_card",
    "portal_meta",
    "procedure_text",
    "saved_view",
    "schema_version",
    "session",
    "throttle",
];

/// One row as it is stored.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    pub columns: Vec<String>,
    pub values: Vec<Value>,
}

impl Row {
    pub fn value(&self, column: &str) -> &Value {
        let at = self.columns.iter().position(|name| name == column);
        &self.values[at.unwrap()]
    }

    /// The row with another value in one column.
    pub fn with(&self, column: &str, value: Value) -> Self {
        let mut row = self.clone();
        let at = row.columns.iter().position(|name| name == column);
        row.values[at.unwrap()] = value;
        row
    }

    pub fn text(&self, column: &str) -> String {
        match self.value(column) {
            Value::Text(text) => text.clone(),
            Value::Integer(number) => number.to_string(),
            Value::Blob(bytes) => String::from_utf8_lossy(bytes).into_owned(),
            other => format!("{other:?}"),
        }
    }

    pub fn key(&self, table: &Table) -> Vec<Value> {
        table
            .key
            .iter()
            .map(|name| self.value(name).clone())
            .collect()
    }
}

/// All rows of a table.
pub fn rows(conn: &Connection, table: &str) -> Vec<Row> {
    try_rows(conn, table).unwrap()
}

/// The columns, or that one of them has a name no more, as where the changed bit is in it.
fn column_names(conn: &Connection, table: &str) -> rusqlite::Result<Vec<String>> {
    let sql = "SELECT CAST(name AS BLOB) FROM pragma_table_info(?1) ORDER BY cid";
    let mut statement = conn.prepare(sql)?;
    let name = |row: &rusqlite::Row<'_>| {
        let bytes: Vec<u8> = row.get(0)?;
        String::from_utf8(bytes).map_err(|_| rusqlite::Error::InvalidColumnName(table.to_owned()))
    };
    statement.query_map([table], name)?.collect()
}

/// All rows of a table, or that it cannot be read; a text that is none is given as its bytes.
pub fn try_rows(conn: &Connection, table: &str) -> rusqlite::Result<Vec<Row>> {
    let columns = column_names(conn, table)?;
    let mut statement = conn.prepare(&format!("SELECT * FROM {table}"))?;
    let read = |row: &rusqlite::Row<'_>| {
        let value = |at| {
            Ok(match row.get_ref(at)? {
                ValueRef::Text(bytes) => match std::str::from_utf8(bytes) {
                    Ok(text) => Value::Text(text.to_owned()),
                    Err(_) => Value::Blob(bytes.to_vec()),
                },
                ValueRef::Null => Value::Null,
                ValueRef::Integer(number) => Value::Integer(number),
                ValueRef::Real(number) => Value::Real(number),
                ValueRef::Blob(bytes) => Value::Blob(bytes.to_vec()),
            })
        };
        Ok(Row {
            columns: columns.clone(),
            values: (0..columns.len())
                .map(value)
                .collect::<rusqlite::Result<_>>()?,
        })
    };
    statement.query_map([], read)?.collect()
}

/// Words by any of which a fault is known to be about the row.
pub fn known_by(table: &Table, row: &Row) -> Vec<String> {
    let event = || {
        format!(
            "“{}”第 {} 号记录",
            row.text("stream_id"),
            row.text("version")
        )
    };
    match table.name {
        "event" => vec![event()],
        "event_body" => vec![event()],
        "leaf" => vec![event(), format!("日志第 {} 条", row.text("idx"))],
        "command" => vec![
            format!("操作“{}”", row.text("id")),
            format!(
                "“{}”第 {} 号记录",
                row.text("stream_id"),
                row.text("first_version")
            ),
        ],
        "tile" => vec!["日志分块".to_owned()],
        "checkpoint" => vec![format!("检查点 {}", row.text("size"))],
        "origin" => vec!["不能打开".to_owned(), "个名称“".to_owned()],
        "body_tree" => vec![format!("“{}”", row.text("ancestor"))],
        "published_item" | "published_line" => vec![format!("公示“{}”", row.text("id"))],
        _ => vec![format!("记录流“{}”", row.text("stream_id"))],
    }
}

/// Whether the log's order is told to be another than the signed one.
pub fn is_reordered(faults: &[String]) -> bool {
    let told = |fault: &String| fault.starts_with("检查点") && fault.contains("调换");
    faults.iter().any(told)
}

/// Whether some fault is about the row as it was or as it is.
pub fn is_named(faults: &[String], words: &[String]) -> bool {
    faults
        .iter()
        .any(|fault| words.iter().any(|word| fault.contains(word)))
}
