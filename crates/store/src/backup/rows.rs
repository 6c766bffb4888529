//! Tables as text: which columns, of which kind, in which order.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sea_orm::{DbErr, QueryResult, Value};
use serde_json::Value as Json;

use crate::conn::Cell;
use crate::error::StoreError;
use crate::sql::{get, marks};

/// How a column is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Text,
    Int,
    Bool,
    /// Bytes that are UTF-8 text, written as such.
    Utf8,
    /// Other bytes, in base64.
    Bytes,
}

/// A table that is backed up, with the columns that order it.
pub(crate) struct Table {
    pub name: &'static str,
    pub columns: &'static [(&'static str, Kind)],
    /// Schema version that gave the table its last columns, and how many it had before.
    grown: Option<(i64, usize)>,
    /// Columns that identify a row, in order.
    order: &'static [&'static str],
}

use Kind::{Bool, Bytes, Int, Text, Utf8};

/// Every table but those of sign-in sessions, access tokens, throttles and leases, which do not outlive the machine.
pub(crate) const TABLES: [Table; 21] = [
    Table {
        name: "origin",
        columns: &[("origin_no", Int), ("name", Text), ("record", Utf8)],
        grown: None,
        order: &["origin_no"],
    },
    Table {
        name: "stream",
        columns: &[
            ("stream_id", Text),
            ("kind", Text),
            ("body_id", Text),
            ("version", Int),
            ("entry", Bytes),
            ("recorded_at", Int),
        ],
        grown: None,
        order: &["stream_id"],
    },
    Table {
        name: "event",
        columns: &[
            ("stream_id", Text),
            ("version", Int),
            ("event_type", Text),
            ("recorded_at", Int),
            ("body_id", Text),
            ("actor", Text),
            ("command", Text),
            ("header", Utf8),
        ],
        grown: None,
        order: &["stream_id", "version"],
    },
    Table {
        name: "event_body",
        columns: &[
            ("stream_id", Text),
            ("version", Int),
            ("key_id", Int),
            ("salt", Bytes),
            ("body", Utf8),
        ],
        grown: None,
        order: &["stream_id", "version"],
    },
    Table {
        name: "command",
        columns: &[
            ("id", Text),
            ("actor", Text),
            ("digest", Bytes),
            ("stream_id", Text),
            ("first_version", Int),
            ("last_version", Int),
            ("recorded_at", Int),
        ],
        grown: None,
        order: &["id"],
    },
    Table {
        name: "unsequenced",
        columns: &[
            ("stream_id", Text),
            ("version", Int),
            ("recorded_at", Int),
            ("entry", Bytes),
        ],
        grown: None,
        order: &["stream_id", "version"],
    },
    Table {
        name: "leaf",
        columns: &[
            ("idx", Int),
            ("stream_id", Text),
            ("version", Int),
            ("entry", Bytes),
        ],
        grown: None,
        order: &["idx"],
    },
    Table {
        name: "tile",
        columns: &[("level", Int), ("idx", Int), ("data", Bytes)],
        grown: None,
        order: &["level", "idx"],
    },
    Table {
        name: "checkpoint",
        columns: &[
            ("origin_no", Int),
            ("size", Int),
            ("root", Bytes),
            ("note", Text),
            ("created_at", Int),
        ],
        grown: None,
        order: &["origin_no", "size"],
    },
    Table {
        name: "cursor",
        columns: &[("name", Text), ("idx", Int)],
        grown: None,
        order: &["name"],
    },
    Table {
        name: "case_row",
        columns: &[
            ("stream_id", Text),
            ("body_id", Text),
            ("unit", Text),
            ("number", Text),
            ("name", Text),
            ("cause", Text),
            ("stage", Text),
            ("stage_title", Text),
            ("parties", Text),
            ("opened_on", Text),
            ("filed_on", Text),
            ("decided_on", Text),
            ("closed_on", Text),
            ("ended", Bool),
            ("people", Text),
            ("haystack", Text),
        ],
        grown: None,
        order: &["stream_id"],
    },
    Table {
        name: "case_person",
        columns: &[("stream_id", Text), ("person_id", Text)],
        grown: None,
        order: &["stream_id", "person_id"],
    },
    Table {
        name: "todo",
        columns: &[
            ("stream_id", Text),
            ("key", Text),
            ("body_id", Text),
            ("step", Text),
            ("title", Text),
            ("party", Text),
            ("party_name", Text),
            ("role", Text),
            ("unit", Text),
            ("person", Text),
            ("since_at", Int),
            ("limit_code", Text),
            ("basis", Text),
            ("pending", Bool),
            ("due_on", Text),
            ("request", Text),
        ],
        grown: Some((2, 14)),
        order: &["stream_id", "key"],
    },
    Table {
        name: "limit_row",
        columns: &[
            ("stream_id", Text),
            ("key", Text),
            ("body_id", Text),
            ("code", Text),
            ("title", Text),
            ("party", Text),
            ("started_on", Text),
            ("status", Text),
            ("due_on", Text),
            ("provisional", Bool),
            ("ended_on", Text),
            ("basis", Text),
        ],
        grown: None,
        order: &["stream_id", "key"],
    },
    Table {
        name: "paper",
        columns: &[
            ("stream_id", Text),
            ("paper_id", Text),
            ("body_id", Text),
            ("template", Text),
            ("title", Text),
            ("number", Text),
            ("party", Text),
            ("issued_on", Text),
            ("digest", Text),
            ("size_bytes", Int),
            ("event_version", Int),
            ("media_type", Text),
        ],
        grown: None,
        order: &["stream_id", "paper_id"],
    },
    Table {
        name: "person",
        columns: &[
            ("stream_id", Text),
            ("body_id", Text),
            ("login", Text),
            ("name", Text),
            ("unit", Text),
            ("roles", Text),
            ("active", Bool),
            ("card_number", Text),
            ("card_until", Text),
        ],
        grown: None,
        order: &["stream_id"],
    },
    Table {
        name: "body",
        columns: &[
            ("stream_id", Text),
            ("body_id", Text),
            ("parent", Text),
            ("name", Text),
        ],
        grown: None,
        order: &["stream_id"],
    },
    Table {
        name: "body_tree",
        columns: &[("ancestor", Text), ("descendant", Text)],
        grown: None,
        order: &["ancestor", "descendant"],
    },
    Table {
        name: "credential",
        columns: &[("person_id", Text), ("hash", Text), ("updated_at", Int)],
        grown: None,
        order: &["person_id"],
    },
    Table {
        name: "draft",
        columns: &[
            ("person_id", Text),
            ("stream_id", Text),
            ("step", Text),
            ("party", Text),
            ("json", Text),
            ("updated_at", Int),
        ],
        grown: None,
        order: &["person_id", "stream_id", "step", "party"],
    },
    Table {
        name: "saved_view",
        columns: &[
            ("person_id", Text),
            ("name", Text),
            ("query", Text),
            ("updated_at", Int),
        ],
        grown: None,
        order: &["person_id", "name"],
    },
];

/// What a backup leaves out and a move takes along: who is signed in, and what programs show in place of a password.
pub(crate) const MOVED_TOO: [Table; 3] = [
    Table {
        name: "session",
        columns: &[
            ("id_hash", Bytes),
            ("person_id", Text),
            ("created_at", Int),
            ("expires_at", Int),
            ("data", Text),
        ],
        grown: None,
        order: &["id_hash"],
    },
    Table {
        name: "access_token",
        columns: &[
            ("id", Text),
            ("person_id", Text),
            ("name", Text),
            ("may_act", Bool),
            ("secret_hash", Bytes),
            ("created_at", Int),
            ("expires_at", Int),
            ("used_at", Int),
        ],
        grown: None,
        order: &["id"],
    },
    Table {
        name: "throttle",
        columns: &[("key", Text), ("failures", Int), ("until_at", Int)],
        grown: None,
        order: &["key"],
    },
];

impl Table {
    /// The columns that the table had in a schema version.
    pub fn columns_in(&self, schema: i64) -> &'static [(&'static str, Kind)] {
        match self.grown {
            Some((version, before)) if schema < version => &self.columns[..before],
            _ => self.columns,
        }
    }

    fn names(columns: &[(&'static str, Kind)]) -> String {
        columns
            .iter()
            .map(|(name, _)| *name)
            .collect::<Vec<_>>()
            .join(",")
    }

    /// The next rows after a key, all orders being those of bytes, so that both databases agree.
    pub fn page(&self, after: Option<&Vec<Value>>, rows: u32) -> (String, Vec<Value>) {
        let order = self.order.join(",");
        let beyond = match after {
            Some(key) => format!(" WHERE ({order}) > ({})", marks(key.len())),
            None => String::new(),
        };
        let sql = format!(
            "SELECT {} FROM {}{beyond} ORDER BY {order} LIMIT {rows}",
            Self::names(self.columns),
            self.name
        );
        (sql, after.cloned().unwrap_or_default())
    }

    /// The key of a row.
    pub fn key(&self, row: &QueryResult) -> Result<Vec<Value>, DbErr> {
        let place = |name: &&str| {
            self.columns
                .iter()
                .position(|(column, _)| column == name)
                .unwrap_or(0)
        };
        self.order
            .iter()
            .map(|name| {
                let at = place(name);
                Ok(match self.columns[at].1 {
                    Int => get::<i64>(row, at)?.into(),
                    Bytes => get::<Vec<u8>>(row, at)?.into(),
                    _ => get::<String>(row, at)?.into(),
                })
            })
            .collect()
    }

    /// The values of a row.
    pub fn fields(&self, row: &QueryResult) -> Result<Vec<Field>, DbErr> {
        let field = |(at, (_, kind)): (usize, &(&str, Kind))| {
            Ok(match kind {
                Text => get::<Option<String>>(row, at)?.map_or(Field::Null, Field::Text),
                Int => get::<Option<i64>>(row, at)?.map_or(Field::NoInt, Field::Int),
                Bool => get::<Option<bool>>(row, at)?.map_or(Field::Null, Field::Bool),
                Utf8 | Bytes => {
                    get::<Option<Vec<u8>>>(row, at)?.map_or(Field::NoBytes, Field::Bytes)
                }
            })
        };
        self.columns.iter().enumerate().map(field).collect()
    }

    /// Adds a row as a line.
    pub fn write_line(&self, row: &QueryResult, out: &mut Vec<u8>) -> Result<(), StoreError> {
        let mut line = Vec::with_capacity(self.columns.len());
        for (at, (name, kind)) in self.columns.iter().enumerate() {
            let utf8 = |bytes: Vec<u8>| {
                String::from_utf8(bytes)
                    .map_err(|_| StoreError::damaged(format!("{}.{name} 不是文本", self.name)))
            };
            line.push(match kind {
                Text => get::<Option<String>>(row, at)?.map_or(Json::Null, Json::from),
                Int => get::<Option<i64>>(row, at)?.map_or(Json::Null, Json::from),
                Bool => get::<Option<bool>>(row, at)?.map_or(Json::Null, Json::from),
                Utf8 => get::<Option<Vec<u8>>>(row, at)?
                    .map(utf8)
                    .transpose()?
                    .map_or(Json::Null, Json::from),
                Bytes => get::<Option<Vec<u8>>>(row, at)?
                    .map_or(Json::Null, |b| STANDARD.encode(b).into()),
            });
        }
        serde_json::to_writer(&mut *out, &line).map_err(|e| StoreError::Backup(e.to_string()))?;
        out.push(b'\n');
        Ok(())
    }

    /// Reads a line back into the values of those columns.
    pub fn read_line(
        &self,
        columns: &[(&'static str, Kind)],
        line: &str,
    ) -> Result<Vec<Field>, StoreError> {
        let wrong =
            || StoreError::Backup(format!("{} 的一行不符合格式；请改用另一份备份", self.name));
        let line: Vec<Json> = serde_json::from_str(line).map_err(|_| wrong())?;
        if line.len() != columns.len() {
            return Err(wrong());
        }
        let field = |(value, (_, kind)): (Json, &(&str, Kind))| {
            Some(match (kind, value) {
                (Utf8 | Bytes, Json::Null) => Field::NoBytes,
                (Int, Json::Null) => Field::NoInt,
                (_, Json::Null) => Field::Null,
                (Text, Json::String(text)) => Field::Text(text),
                (Utf8, Json::String(text)) => Field::Bytes(text.into_bytes()),
                (Bytes, Json::String(text)) => Field::Bytes(STANDARD.decode(text).ok()?),
                (Int, Json::Number(number)) => Field::Int(number.as_i64()?),
                (Bool, Json::Bool(value)) => Field::Bool(value),
                _ => return None,
            })
        };
        line.into_iter()
            .zip(columns)
            .map(field)
            .collect::<Option<_>>()
            .ok_or_else(wrong)
    }

    /// The statement that puts rows of those columns back.
    pub fn insert(&self, columns: &[(&'static str, Kind)], rows: &str) -> String {
        format!(
            "INSERT INTO {} ({}) {rows}",
            self.name,
            Self::names(columns)
        )
    }
}

/// A value read back from a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Field {
    Null,
    NoBytes,
    NoInt,
    Text(String),
    Int(i64),
    Bool(bool),
    Bytes(Vec<u8>),
}

impl<'a> From<&'a Field> for Cell<'a> {
    fn from(field: &'a Field) -> Self {
        match field {
            Field::Null => Self::Null,
            Field::NoBytes => Self::NoBytes,
            Field::NoInt => Self::NoInt,
            Field::Text(text) => text.as_str().into(),
            Field::Int(number) => (*number).into(),
            Field::Bool(value) => (*value).into(),
            Field::Bytes(bytes) => bytes.as_slice().into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema;
    use crate::sql::Dialect;

    /// Tables that a move makes anew, as a backup does, besides leaving out [`MOVED_TOO`] for the reason in the manual.
    const LEFT_OUT: [&str; 3] = ["meta", "lease", "schema_version"];

    #[test]
    fn every_table_and_column_of_the_schema_is_backed_up() {
        let listed: Vec<&str> = TABLES
            .iter()
            .chain(&MOVED_TOO)
            .map(|table| table.name)
            .chain(LEFT_OUT)
            .collect();
        for table in schema::tables() {
            assert!(listed.contains(&table.as_str()), "{table}");
        }
        for table in TABLES.iter().chain(&MOVED_TOO) {
            let sql = schema::create_table_as(Dialect::Sqlite, table.name, "x").unwrap();
            let columns: Vec<(&str, &str)> = sql
                .lines()
                .skip(1)
                .filter_map(|line| line.strip_prefix("  ")?.split_once(' '))
                .filter(|(word, _)| *word != "PRIMARY")
                .collect();
            let fits = |(name, sql): &(&str, &str), (column, kind): &(&str, Kind)| {
                let stored = match kind {
                    Text => "TEXT",
                    Int => "BIGINT",
                    Bool => "BOOLEAN",
                    Utf8 | Bytes => "BLOB",
                };
                name == column && sql.starts_with(stored)
            };
            assert_eq!(columns.len(), table.columns.len(), "{}", table.name);
            assert!(
                columns.iter().zip(table.columns).all(|(a, b)| fits(a, b)),
                "{}: {columns:?}",
                table.name
            );
        }
    }

    #[test]
    fn lines_of_another_shape_are_refused() {
        let table = &TABLES[9];
        assert_eq!(
            table.read_line(table.columns, "[\"a\",1]").unwrap(),
            [Field::Text("a".into()), Field::Int(1)]
        );
        for line in [
            "",
            "{}",
            "[\"a\"]",
            "[1,\"a\"]",
            "[\"a\",1,2]",
            "[\"a\",1.5]",
            "[\"a\",true]",
        ] {
            assert!(
                matches!(
                    table.read_line(table.columns, line),
                    Err(StoreError::Backup(_))
                ),
                "{line}"
            );
        }
    }
}
