use rusqlite::{Connection, params};

use super::Result;

/// The number of the first note in the search index; tasks are below.
pub(super) const FIRST_NOTE: i64 = 1 << 40;
/// Changes held back at most.
const MOST: usize = 4096;

/// Title, body and the session's word of one entry.
type Text = (String, String, String);

/// The word that every entry of a session holds: its number after a character nobody types.
pub(super) fn session_word(number: i64) -> String {
    format!("{SCOPE}{number}")
}

/// Begins the word of a session.
pub(super) const SCOPE: char = '\u{e000}';

/// Changes of the search index, applied in the order of their row numbers: FTS5 writes a segment
/// whenever a number is lower than the one before.
#[derive(Debug, Default)]
pub(super) struct SearchQueue {
    changes: Vec<(i64, Change)>,
    off: bool,
}

#[derive(Debug)]
enum Change {
    Remove(Text),
    Add(Text),
}

impl SearchQueue {
    /// Takes nothing any more: the index will be built from its tables.
    pub(super) fn disable(&mut self) {
        self.off = true;
    }

    /// Adds an entry.
    pub(super) fn add(&mut self, row: i64, title: &str, body: &str, scope: i64) {
        if !self.off {
            self.changes.push((row, Change::Add((title.to_owned(), body.to_owned(), session_word(scope)))));
        }
    }

    /// Removes an entry; its row must still hold what was added.
    pub(super) fn remove(&mut self, conn: &Connection, row: i64) -> Result<()> {
        if !self.off {
            let mut old = conn.prepare_cached("SELECT title, body, scope FROM search_rows WHERE id = ?1")?;
            let old = old.query_row([row], |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?)))?;
            self.changes.push((row, Change::Remove(old)));
        }
        Ok(())
    }

    /// Removes all entries of a session whose rows are still there.
    pub(super) fn forget(&mut self, conn: &Connection, directory: &str) -> Result<()> {
        for sql in
            ["SELECT rowid FROM tasks WHERE session_id = ?1", "SELECT id FROM notes WHERE session_id = ?1"]
        {
            let mut rows = conn.prepare_cached(sql)?;
            let mut rows = rows.query([directory])?;
            while let Some(row) = rows.next()? {
                self.remove(conn, row.get(0)?)?;
            }
        }
        Ok(())
    }

    /// Applies what has piled up, where it is much.
    pub(super) fn relieve(&mut self, conn: &Connection) -> Result<()> {
        if self.changes.len() >= MOST { self.flush(conn) } else { Ok(()) }
    }

    /// Applies everything.
    pub(super) fn flush(&mut self, conn: &Connection) -> Result<()> {
        // Stable: a number that is freed and taken again keeps the order of events.
        self.changes.sort_by_key(|(row, _)| *row);
        let mut remove = conn.prepare_cached(
            "INSERT INTO search (search, rowid, title, body, scope) VALUES ('delete', ?1, ?2, ?3, ?4)",
        )?;
        let mut add =
            conn.prepare_cached("INSERT INTO search (rowid, title, body, scope) VALUES (?1, ?2, ?3, ?4)")?;
        for (row, change) in self.changes.drain(..) {
            let (statement, (title, body, scope)) = match change {
                Change::Remove(text) => (&mut remove, text),
                Change::Add(text) => (&mut add, text),
            };
            statement.execute(params![row, title, body, scope])?;
        }
        Ok(())
    }
}
