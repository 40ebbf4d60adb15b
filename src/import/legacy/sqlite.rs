use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, ErrorCode, OpenFlags};
use serde_json::{Map, Value};

use super::super::source::{Scratch, Source};
use super::super::{Error, Kind};

/// Everything a database holds, read once.
#[derive(Debug, Default)]
pub(super) struct Database {
    pub(super) tables: BTreeMap<String, Table>,
    /// Whether a program seems to be writing to it: it has a `-wal` with content.
    pub(super) has_wal: bool,
}

/// One table: its columns, and its rows in the order of the database.
#[derive(Debug, Default)]
pub(super) struct Table {
    pub(super) columns: BTreeSet<String>,
    pub(super) rows: Vec<Row>,
    /// How many values were no text; what is none in them was replaced.
    pub(super) odd: usize,
}

/// One row; the rows of a table share the names of their columns.
#[derive(Clone, Debug, Default)]
pub(super) struct Row {
    columns: Arc<[String]>,
    values: Box<[Value]>,
}

impl From<Map<String, Value>> for Row {
    fn from(map: Map<String, Value>) -> Self {
        let (columns, values): (Vec<String>, Vec<Value>) = map.into_iter().unzip();
        Self { columns: columns.into(), values: values.into() }
    }
}

impl Row {
    /// The value of a column that is there.
    pub(super) fn get(&self, column: &str) -> Option<&Value> {
        self.iter().find(|(c, _)| *c == column).map(|(_, v)| v)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.columns.iter().map(String::as_str).zip(&self.values)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// A column as text; empty for NULL or a column that is not there.
    pub(super) fn text(&self, column: &str) -> String {
        self.get(column).map(super::super::json::text).unwrap_or_default()
    }

    pub(super) fn is_blank(&self, column: &str) -> bool {
        self.text(column).trim().is_empty()
    }

    pub(super) fn json(&self) -> String {
        Value::Object(self.iter().map(|(c, v)| (c.to_owned(), v.clone())).collect()).to_string()
    }
}

impl Database {
    /// The table `name`, if it has all of `columns`: a generation is known by what is there.
    pub(super) fn shaped(&self, name: &str, columns: &[&str]) -> Option<&Table> {
        self.tables.get(name).filter(|t| columns.iter().all(|c| t.columns.contains(*c)))
    }
}

/// Reads a database with what lies in its `-wal`, without opening the original: a private copy is
/// opened instead, and nothing is ever created beside the original.
pub(super) fn load(source: &dyn Source, scratch: &mut dyn Scratch, path: &str) -> Result<Database, Error> {
    let files = stable(source, path)?;
    let [main, wal, journal] = &files;
    let main = main.as_deref().unwrap_or_default();
    if !main.is_empty() && !main.starts_with(b"SQLite format 3\0") {
        return Err(Error::new(Kind::NotADatabase, path, "the file does not begin like a SQLite database"));
    }
    let beside: Vec<(&str, &[u8])> = [("-wal", wal), ("-journal", journal)]
        .into_iter()
        .filter_map(|(suffix, bytes)| Some((suffix, bytes.as_deref().filter(|b| !b.is_empty())?)))
        .collect();
    let copy = scratch.put(main, &beside)?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let read = Connection::open_with_flags(&copy, flags).and_then(|connection| {
        connection.busy_timeout(Duration::from_secs(2))?;
        connection
            .execute_batch("PRAGMA trusted_schema=OFF; PRAGMA cell_size_check=ON; PRAGMA query_only=ON;")?;
        tables(&connection)
    });
    let tables = read.map_err(|e| translated(&e, path))?;
    Ok(Database { tables, has_wal: wal.as_ref().is_some_and(|w| !w.is_empty()) })
}

/// The main file, `-wal` and `-journal`, read until two readings agree.
fn stable(source: &dyn Source, path: &str) -> Result<[Option<Vec<u8>>; 3], Error> {
    let mut before = triple(source, path)?;
    for _ in 0..5 {
        let after = triple(source, path)?;
        if after == before {
            return Ok(after);
        }
        before = after;
    }
    Err(Error::new(Kind::Busy, path, "a program keeps writing to the database"))
}

fn triple(source: &dyn Source, path: &str) -> Result<[Option<Vec<u8>>; 3], Error> {
    let optional = |suffix: &str| match source.read(&format!("{path}{suffix}")) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(e) if e.kind == Kind::NotFound => Ok(None),
        Err(e) => Err(e),
    };
    Ok([Some(source.read(path)?), optional("-wal")?, optional("-journal")?])
}

fn tables(connection: &Connection) -> rusqlite::Result<BTreeMap<String, Table>> {
    let sql = "SELECT name FROM sqlite_master WHERE type='table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' \
               AND sql NOT LIKE 'CREATE VIRTUAL%'";
    let mut names = connection.prepare(sql)?;
    let names = names.query_map([], |r| r.get::<_, String>(0))?.collect::<rusqlite::Result<Vec<_>>>()?;
    let mut all = BTreeMap::new();
    for name in names {
        let mut select = connection.prepare(&format!("SELECT * FROM \"{}\"", name.replace('"', "\"\"")))?;
        let columns: Arc<[String]> = select.column_names().map(str::to_owned).collect();
        let mut table = Table { columns: columns.iter().cloned().collect(), rows: Vec::new(), odd: 0 };
        let mut rows = select.query([])?;
        while let Some(row) = rows.next()? {
            let mut values = Vec::with_capacity(columns.len());
            for i in 0..columns.len() {
                let raw = row.get_ref(i)?;
                if let ValueRef::Text(bytes) | ValueRef::Blob(bytes) = raw {
                    table.odd += usize::from(std::str::from_utf8(bytes).is_err());
                }
                values.push(value(raw));
            }
            table.rows.push(Row { columns: Arc::clone(&columns), values: values.into() });
        }
        all.insert(name, table);
    }
    Ok(all)
}

fn value(raw: ValueRef<'_>) -> Value {
    match raw {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(n) => Value::from(n),
        ValueRef::Real(n) => Value::from(n),
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => {
            Value::from(String::from_utf8_lossy(bytes).into_owned())
        }
    }
}

fn translated(error: &rusqlite::Error, path: &str) -> Error {
    let kind = match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase) => Kind::NotADatabase,
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Kind::Busy,
        Some(ErrorCode::TooBig | ErrorCode::OutOfMemory) => Kind::TooLarge,
        Some(ErrorCode::CannotOpen | ErrorCode::SystemIoFailure | ErrorCode::ReadOnly) => Kind::Io,
        _ => Kind::Damaged,
    };
    Error::new(kind, path, error.to_string().to_lowercase())
}
