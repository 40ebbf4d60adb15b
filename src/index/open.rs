use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, TransactionBehavior};

use super::{Error, Result};
use crate::text::ContentHash;

pub(super) const TABLES: &str = include_str!("tables.sql");
pub(super) const INDEXES: &str = include_str!("indexes.sql");

/// "pdwn": tells our file from any other.
const APPLICATION_ID: i64 = 0x7064_776e;
/// Raised with every change of the schema or of what its columns mean. A load is one transaction: one that was cut
/// off leaves an empty index, never a half-filled one.
const VERSION: i64 = 1;

/// The cache of a workspace: one SQLite connection.
#[derive(Debug)]
pub struct Index {
    pub(super) conn: Connection,
}

/// How an index was found.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum State {
    /// It was not there, or empty: everything has to be read.
    Fresh,
    /// It was there.
    Reused,
}

/// An index, ready for use.
#[derive(Debug)]
pub struct Opened {
    /// The index.
    pub index: Index,
    /// How it was found.
    pub state: State,
}

/// Why an index file cannot be used as it is.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// It is damaged or not ours: the caller moves it aside and opens again.
    #[error("the index is damaged: {why}")]
    Damaged {
        /// What was noticed.
        why: String,
    },
    /// An older version made it: the caller moves it aside and opens again.
    #[error("the index was made by an older version")]
    Older,
    /// A newer version made it: the caller works in memory and leaves it alone.
    #[error("the index was made by a newer version")]
    Newer,
    /// It is in use, or cannot be read or written at all.
    #[error(transparent)]
    Unusable(Error),
}

impl From<rusqlite::Error> for OpenError {
    fn from(error: rusqlite::Error) -> Self {
        Error::from(error).into()
    }
}

impl From<Error> for OpenError {
    fn from(error: Error) -> Self {
        match error {
            Error::Damaged { why } => Self::Damaged { why },
            error => Self::Unusable(error),
        }
    }
}

impl Index {
    /// Opens the index at `path`, making it where there is none.
    ///
    /// A missing or empty file gives an empty index; only one process at a time may do that (it
    /// changes the kind of the file, for which SQLite never waits). What can be told quickly is
    /// checked (whose file, version, schema, that its pages are there); what rows say is checked by
    /// comparing dumps. `wait`: how long this connection waits for others, each time.
    ///
    /// # Errors
    /// [`OpenError`]; nothing is ever removed here.
    pub fn open(path: &Path, wait: Duration) -> std::result::Result<Opened, OpenError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_CREATE
            | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut conn = Connection::open_with_flags(path, flags)?;
        conn.busy_timeout(wait)?;
        let known = known(&conn)?;
        if matches!(known, Known::Empty) {
            conn.execute_batch("PRAGMA page_size = 8192")?;
        }
        // Before there are tables: from its first row on, nobody's reading keeps others from writing.
        settle(&conn)?;
        let state = match known {
            Known::Empty => {
                make(&mut conn)?;
                State::Fresh
            }
            Known::Ours => State::Reused,
        };
        Ok(Opened { index: Self { conn }, state })
    }

    /// An empty index that lives in memory only.
    ///
    /// # Errors
    /// [`Error`] where memory is short.
    pub fn in_memory() -> Result<Self> {
        let mut conn = Connection::open_in_memory()?;
        settle(&conn)?;
        make(&mut conn)?;
        Ok(Self { conn })
    }

    /// Reads every page and every search entry; `None` where nothing is wrong.
    ///
    /// # Errors
    /// [`Error`] where reading itself fails.
    pub fn examine(&self) -> Result<Option<String>> {
        let verdict: String = self.conn.query_row("PRAGMA integrity_check(1)", [], |r| r.get(0))?;
        if verdict != "ok" {
            return Ok(Some(verdict));
        }
        let search = self.conn.execute("INSERT INTO search (search, rank) VALUES ('integrity-check', 1)", []);
        match search.map_err(Error::from) {
            // Asking FTS5 counts as a write; while somebody else writes, it is not asked.
            Ok(_) | Err(Error::Busy) => {}
            Err(error) => return Ok(Some(format!("search: {error}"))),
        }
        let broken: Option<String> = self
            .conn
            .query_row("SELECT \"table\" FROM pragma_foreign_key_check LIMIT 1", [], |r| r.get(0))
            .map(Some)
            .or_else(|e| if e == rusqlite::Error::QueryReturnedNoRows { Ok(None) } else { Err(e) })?;
        Ok(broken.map(|table| format!("a row of `{table}` refers to a row that is not there")))
    }
}

enum Known {
    Empty,
    Ours,
}

fn known(conn: &Connection) -> std::result::Result<Known, OpenError> {
    let pragma = |name: &str| conn.query_row(&format!("PRAGMA {name}"), [], |r| r.get::<_, i64>(0));
    let damaged = |why: &str| OpenError::Damaged { why: why.to_owned() };
    let application = pragma("application_id")?;
    if application != APPLICATION_ID {
        let objects: i64 = conn.query_row("SELECT count(*) FROM sqlite_schema", [], |r| r.get(0))?;
        let empty = application == 0 && objects == 0;
        return if empty { Ok(Known::Empty) } else { Err(damaged("another program's database")) };
    }
    match pragma("user_version")? {
        0 => return Err(damaged("it was never finished")),
        v if v > VERSION => return Err(OpenError::Newer),
        v if v < VERSION => return Err(OpenError::Older),
        _ => {}
    }
    let meta =
        |key: &str| conn.query_row("SELECT value FROM meta WHERE key = ?1", [key], |r| r.get::<_, String>(0));
    if meta("ddl")? != ddl() {
        return Err(OpenError::Older);
    }
    // Reading the whole schema is dear; SQLite counts what changes it, be it only `VACUUM`.
    let as_made =
        meta("cookie").is_ok_and(|made| pragma("schema_version").is_ok_and(|now| made == now.to_string()));
    if !as_made && meta("schema")? != schema(conn)? {
        return Err(damaged("its tables were altered"));
    }
    Ok(Known::Ours)
}

/// The hash of what this program would create.
fn ddl() -> String {
    ContentHash::of([TABLES, INDEXES].concat().as_bytes()).hex()
}

/// The hash of what is really there.
fn schema(conn: &Connection) -> rusqlite::Result<String> {
    let mut all = String::new();
    let mut rows = conn.prepare("SELECT name, coalesce(sql, '') FROM sqlite_schema ORDER BY type, name")?;
    let mut rows = rows.query([])?;
    while let Some(row) = rows.next()? {
        for i in 0..2 {
            all.push_str(row.get_ref(i)?.as_str().unwrap_or_default());
            all.push('\0');
        }
    }
    Ok(ContentHash::of(all.as_bytes()).hex())
}

/// Notes SQLite's count of changes to the schema anew, after indexes were dropped and made again: whoever opens the
/// index would read the whole schema otherwise. Only where that is still the one it was made with.
pub(super) fn count_schema(conn: &Connection) -> rusqlite::Result<()> {
    let made = schema(conn)?;
    let cookie: i64 = conn.query_row("PRAGMA schema_version", [], |r| r.get(0))?;
    let sql = "UPDATE meta SET value = ?1 WHERE key = 'cookie' \
               AND ?2 = (SELECT m.value FROM meta AS m WHERE m.key = 'schema')";
    conn.execute(sql, [cookie.to_string(), made]).map(|_| ())
}

fn make(conn: &mut Connection) -> rusqlite::Result<()> {
    let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Another process may have been faster.
    let objects: i64 = tx.query_row("SELECT count(*) FROM sqlite_schema", [], |r| r.get(0))?;
    if objects == 0 {
        tx.execute_batch(TABLES)?;
        tx.execute_batch(INDEXES)?;
        tx.execute_batch("INSERT INTO search (search, rank) VALUES ('automerge', 8)")?;
        tx.execute("INSERT INTO meta VALUES ('ddl', ?1), ('schema', ?2)", [ddl(), schema(&tx)?])?;
        let cookie: i64 = tx.query_row("PRAGMA schema_version", [], |r| r.get(0))?;
        tx.execute("INSERT INTO meta VALUES ('cookie', ?1)", [cookie.to_string()])?;
        tx.pragma_update(None, "application_id", APPLICATION_ID)?;
        tx.pragma_update(None, "user_version", VERSION)?;
    }
    tx.commit()
}

/// What holds for every connection. Where the file system knows no shared memory, or where another
/// program holds the file, the journal stays what it is.
pub(super) fn settle(conn: &Connection) -> Result<()> {
    let mode = conn.query_row("PRAGMA journal_mode = WAL", [], |r| r.get::<_, String>(0));
    match mode.map_err(Error::from) {
        Ok(_) | Err(Error::Busy) => {}
        Err(error) => return Err(error),
    }
    conn.execute_batch(
        "PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON; PRAGMA cache_size = -8000; \
         PRAGMA journal_size_limit = 33554432;",
    )?;
    conn.set_prepared_statement_cache_capacity(128);
    Ok(())
}
