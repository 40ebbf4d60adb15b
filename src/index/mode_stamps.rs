use std::collections::HashMap;

use super::{Batch, FileSeen, FileStat, Index, Result};
use crate::text::ContentHash;

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
        self.seen_of(KINDS)
    }

    /// How the files of local history looked when they were last read, by path.
    ///
    /// # Errors
    /// [`super::Error`] where the index cannot be read.
    pub fn histories_seen(&self) -> Result<HashMap<String, FileSeen>> {
        self.seen_of(HISTORIES)
    }

    fn seen_of(&self, kinds: &str) -> Result<HashMap<String, FileSeen>> {
        let sql = format!(
            "SELECT path, size, mtime_ns, ctime_ns, inode, dev, hash, parser_version, hashed_at_ns FROM files \
             WHERE kind IN {kinds}"
        );
        let mut files = self.conn.prepare_cached(&sql)?;
        let files = files.query_map([], |row| {
            let path: String = row.get(0)?;
            let stat = FileStat {
                size: row.get(1)?,
                mtime_ns: row.get(2)?,
                ctime_ns: row.get(3)?,
                inode: row.get(4)?,
                dev: row.get(5)?,
            };
            let seen = FileSeen {
                path: path.clone(),
                stat,
                hash: ContentHash::from_bytes(row.get(6)?),
                parser_version: row.get(7)?,
                hashed_at_ns: row.get(8)?,
            };
            Ok((path, seen))
        })?;
        Ok(files.collect::<rusqlite::Result<_>>()?)
    }
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
