use std::collections::HashMap;

use super::stat::{SEEN, seen};
use super::{Batch, FileSeen, Index, Result};

/// The kinds of files that say something about modes.
const KINDS: &str = "('mode', 'binding')";
/// A version log, and what else happened.
const HISTORIES: &str = "('history', 'events')";

impl Index {
    /// How the files of modes and bindings looked when they were last read, by path.
    ///
    /// # Errors
    /// [`super::Error`] where the index cannot be read.
    pub fn modes_seen(&self) -> Result<HashMap<String, FileSeen>> {
        let mut files =
            self.conn.prepare_cached(&format!("SELECT {SEEN}, path FROM files WHERE kind IN {KINDS}"))?;
        let files = files.query_map([], |row| Ok((row.get(8)?, seen(row)?)))?;
        Ok(files.collect::<rusqlite::Result<_>>()?)
    }

    /// How the files of local history looked when they were last read, by session.
    ///
    /// # Errors
    /// [`super::Error`] where the index cannot be read.
    pub fn histories_seen(&self) -> Result<HashMap<String, HistorySeen>> {
        let sql = format!(
            "SELECT {SEEN}, session, kind = 'history' FROM files WHERE session IS NOT NULL AND kind IN {HISTORIES}"
        );
        let mut files = self.conn.prepare_cached(&sql)?;
        let mut rows = files.query([])?;
        let mut all: HashMap<String, HistorySeen> = HashMap::new();
        while let Some(row) = rows.next()? {
            let of = all.entry(row.get(8)?).or_default();
            let file = if row.get(9)? { &mut of.log } else { &mut of.events };
            *file = Some(seen(row)?);
        }
        Ok(all)
    }
}

/// How the files of a session's local history looked, those that there were.
#[derive(Clone, Debug, Default)]
pub struct HistorySeen {
    /// The version log.
    pub log: Option<FileSeen>,
    /// What else happened.
    pub events: Option<FileSeen>,
}

impl Batch<'_> {
    /// Forgets how the files of a session's local history looked, as when they are gone.
    ///
    /// # Errors
    /// [`super::Error`]; the transaction is then to be dropped.
    pub fn forget_history_seen(&mut self, directory: &str) -> Result<()> {
        let sql = "DELETE FROM files WHERE session = ?1 AND kind IN ";
        self.index.conn.prepare_cached(&format!("{sql}{HISTORIES}"))?.execute([directory])?;
        Ok(())
    }

    /// Forgets how the files of modes and bindings looked.
    ///
    /// # Errors
    /// [`super::Error`]; the transaction is then to be dropped.
    pub fn forget_modes_seen(&mut self) -> Result<()> {
        let sql = format!("DELETE FROM files WHERE kind IN {KINDS}");
        self.index.conn.prepare_cached(&sql)?.execute([])?;
        Ok(())
    }
}
