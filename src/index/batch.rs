use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension, params};

use super::search_queue::SearchQueue;
use super::{FileRecord, FileSeen, Index, Result, SessionRecord, replace};

/// One transaction: any number of sessions, all or nothing. Dropped without [`Batch::commit`] it
/// leaves the index as it was.
#[derive(Debug)]
pub struct Batch<'a> {
    pub(super) index: &'a mut Index,
    pub(super) queue: SearchQueue,
    bulk: bool,
    open: bool,
}

impl Index {
    /// Begins a transaction.
    ///
    /// # Errors
    /// [`super::Error::Busy`] where another process is writing.
    pub fn begin(&mut self) -> Result<Batch<'_>> {
        self.conn.execute_batch("BEGIN IMMEDIATE")?;
        Ok(Batch { index: self, queue: SearchQueue::default(), bulk: false, open: true })
    }

    /// Begins a transaction that fills an empty index: indexes and search are built at the end.
    /// Others read the empty index meanwhile; a crash leaves it empty. An index that holds sessions,
    /// perhaps since a moment ago, gives an ordinary transaction.
    ///
    /// # Errors
    /// [`super::Error::Busy`] where another process is writing.
    pub fn load(&mut self) -> Result<Batch<'_>> {
        if !self.begin_load()? {
            return self.begin();
        }
        let mut batch = Batch { index: self, queue: SearchQueue::default(), bulk: true, open: true };
        batch.queue.disable();
        drop_indexes(&batch.index.conn)?;
        Ok(batch)
    }

    /// Begins the transaction of a load, unless there is something already.
    fn begin_load(&mut self) -> Result<bool> {
        let conn = &self.conn;
        // Foreign keys cannot be switched inside a transaction.
        conn.execute_batch("PRAGMA foreign_keys = OFF; PRAGMA cache_size = -24000;")?;
        let begun = conn.execute_batch("BEGIN IMMEDIATE").and_then(|()| {
            conn.query_row("SELECT 1 FROM sessions LIMIT 1", [], |r| r.get::<_, i64>(0)).optional()
        });
        if matches!(begun, Ok(None)) {
            return Ok(true);
        }
        if !conn.is_autocommit() {
            conn.execute_batch("ROLLBACK")?;
        }
        super::open::settle(conn)?;
        begun?;
        Ok(false)
    }
}

fn drop_indexes(conn: &Connection) -> Result<()> {
    let mut names =
        conn.prepare("SELECT name FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL")?;
    let names: Vec<String> = names.query_map([], |r| r.get(0))?.collect::<rusqlite::Result<_>>()?;
    names.iter().try_for_each(|name| Ok(conn.execute_batch(&format!("DROP INDEX {name}"))?))
}

impl Batch<'_> {
    /// How every session's file looked when it was read, by directory; nobody can change that now.
    ///
    /// # Errors
    /// [`super::Error`] where the index cannot be read.
    pub fn seen(&self) -> Result<HashMap<String, FileSeen>> {
        self.index.seen()
    }

    /// As [`Index::version`].
    ///
    /// # Errors
    /// [`super::Error`] where the index cannot be read.
    pub fn version(&self) -> Result<i64> {
        self.index.version()
    }

    /// Makes the index say what `record` says, touching only rows that differ.
    ///
    /// # Errors
    /// [`super::Error`]; the transaction is then to be dropped.
    pub fn replace(&mut self, record: &SessionRecord) -> Result<()> {
        replace::session(&self.index.conn, &mut self.queue, record)?;
        self.touch(Some(&record.directory), "session", &record.file)?;
        self.queue.relieve(&self.index.conn)
    }

    /// Forgets a session and everything that belongs to it.
    ///
    /// # Errors
    /// [`super::Error`]; the transaction is then to be dropped.
    pub fn remove(&mut self, directory: &str) -> Result<()> {
        let conn = &self.index.conn;
        self.queue.forget(conn, directory)?;
        conn.prepare_cached("DELETE FROM files WHERE session = ?1")?.execute([directory])?;
        conn.prepare_cached("DELETE FROM sessions WHERE session_id = ?1")?.execute([directory])?;
        self.queue.relieve(conn)
    }

    /// Notes how a file looked when it was read; for a session whose content was found unchanged,
    /// this is all there is to do. `kind` is `session` or a word of the caller's own.
    ///
    /// # Errors
    /// [`super::Error`]; the transaction is then to be dropped.
    pub fn touch(&mut self, session: Option<&str>, kind: &str, file: &FileRecord) -> Result<()> {
        // A session's directory may have been written with another path before.
        if session.is_some() {
            self.index
                .conn
                .prepare_cached("DELETE FROM files WHERE session = ?1 AND kind = ?2 AND path <> ?3")?
                .execute(params![session, kind, file.path])?;
        }
        self.index
            .conn
            .prepare_cached(
                "INSERT OR REPLACE INTO files (path, session, kind, size, mtime_ns, ctime_ns, inode, dev, hash, \
                 parser_version, hashed_at_ns) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
            )?
            .execute(params![
                file.path,
                session,
                kind,
                file.stat.size,
                file.stat.mtime_ns,
                file.stat.ctime_ns,
                file.stat.inode,
                file.stat.dev,
                file.hash.as_bytes(),
                file.parser_version,
                file.hashed_at_ns
            ])?;
        Ok(())
    }

    /// Makes everything visible to others.
    ///
    /// # Errors
    /// [`super::Error`]; nothing is visible then.
    pub fn commit(mut self) -> Result<()> {
        self.queue.flush(&self.index.conn)?;
        let conn = &self.index.conn;
        if self.bulk {
            conn.execute_batch(super::open::INDEXES)?;
            conn.execute_batch(
                "INSERT INTO search (search, rank) VALUES ('hashsize', 33554432); \
                 INSERT INTO search (search) VALUES ('rebuild'); \
                 INSERT INTO search (search) VALUES ('optimize'); \
                 INSERT INTO search (search, rank) VALUES ('hashsize', 1048576);",
            )?;
            super::open::count_schema(conn)?;
        }
        conn.execute_batch("COMMIT")?;
        self.open = false;
        self.settle()
    }

    /// Leaves bulk mode.
    fn settle(&mut self) -> Result<()> {
        if std::mem::take(&mut self.bulk) {
            super::open::settle(&self.index.conn)?;
        }
        Ok(())
    }
}

impl Drop for Batch<'_> {
    fn drop(&mut self) {
        // Nothing can be reported from here; a connection that cannot roll back rolls back when
        // it is closed.
        if std::mem::take(&mut self.open) {
            let _ = self.index.conn.execute_batch("ROLLBACK");
        }
        let _ = self.settle();
    }
}
