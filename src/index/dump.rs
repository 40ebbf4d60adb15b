use std::collections::HashMap;
use std::fmt::Write as _;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, Row};

use super::{Index, Result};
use crate::text::ContentHash;

/// Tables of one session and how their rows are put in order. Row numbers, session numbers and
/// chunk numbers depend on history and are left out; a chunk shows as its rank.
const OF_SESSION: &[(&str, &str)] = &[
    (
        "sessions",
        "SELECT name, description, session_type, mode_file, status, project_root_path, \
         markdown_file_path, priority_level, total_tasks, completed_tasks, progress_percentage, \
         estimated_completion_date, created_at, activated_at, last_activity_at, completed_at, archived_at, \
         identity, priority, stated, first_line, first_offset, tags, findings, digest FROM sessions \
         WHERE session_id = ?1",
    ),
    ("task_groups", "SELECT * FROM task_groups WHERE session_id = ?1 ORDER BY position_in_session"),
    (
        "chunks",
        "SELECT ord AS chunk, first, tasks, lines, bytes, digest, findings FROM chunks \
         WHERE session_id = ?1 ORDER BY ord",
    ),
    ("tasks", "SELECT * FROM tasks WHERE session_id = ?1 ORDER BY chunk, position_in_group"),
    ("task_counts", "SELECT * FROM task_counts WHERE session_id = ?1 ORDER BY state"),
    (
        "dependencies",
        "SELECT d.* FROM tasks AS t JOIN dependencies AS d ON d.task_id = t.task_id \
         WHERE t.session_id = ?1 ORDER BY t.chunk, t.position_in_group, d.ord",
    ),
    (
        "aliases",
        "SELECT a.* FROM tasks AS t JOIN aliases AS a ON a.task_id = t.task_id \
         WHERE t.session_id = ?1 ORDER BY t.chunk, t.position_in_group, a.alias",
    ),
    (
        "diagnostics",
        "SELECT chunk, code, severity, message, line, col, start, length, fixable FROM diagnostics \
         WHERE session_id = ?1 ORDER BY chunk, start, length, code, message",
    ),
    (
        "notes",
        "SELECT name, ord, kind, title, body, chunk, line, content FROM notes WHERE session_id = ?1 \
         ORDER BY ord",
    ),
    ("session_mode_bindings", "SELECT * FROM session_mode_bindings WHERE session_id = ?1 ORDER BY mode_id"),
    ("markdown_sync_state", "SELECT * FROM markdown_sync_state WHERE session_id = ?1 ORDER BY sync_id"),
    (
        "session_state_transitions",
        "SELECT * FROM session_state_transitions WHERE session_id = ?1 ORDER BY transition_id",
    ),
    ("session_context_data", "SELECT * FROM session_context_data WHERE session_id = ?1 ORDER BY context_key"),
    ("session_artifacts", "SELECT * FROM session_artifacts WHERE session_id = ?1 ORDER BY artifact_id"),
    (
        "session_performance_metrics",
        "SELECT * FROM session_performance_metrics WHERE session_id = ?1 ORDER BY metric_id",
    ),
    ("session_error_logs", "SELECT * FROM session_error_logs WHERE session_id = ?1 ORDER BY error_id"),
    (
        "session_user_interactions",
        "SELECT * FROM session_user_interactions WHERE session_id = ?1 ORDER BY interaction_id",
    ),
    ("files", "SELECT path, kind, size, hash, parser_version FROM files WHERE session = ?1 ORDER BY path"),
];

/// Tables of the whole workspace.
const OF_ALL: &[(&str, &str)] = &[
    ("active_session", "SELECT * FROM active_session"),
    ("session_modes", "SELECT * FROM session_modes ORDER BY mode_id"),
    ("files", "SELECT path, kind, size, hash, parser_version FROM files WHERE session IS NULL ORDER BY path"),
];

impl Index {
    /// Everything that is a function of the files, one line per row; when and from where files were
    /// read is not. Two indexes of the same files dump the same text.
    ///
    /// # Errors
    /// [`super::Error`] where the index cannot be read.
    pub fn dump(&self) -> Result<String> {
        let mut out = self.dump_shared()?;
        for directory in self.directories()? {
            out.push_str(&self.dump_session(&directory)?);
        }
        Ok(out)
    }

    /// The dump of one session.
    ///
    /// # Errors
    /// [`super::Error`] where the index cannot be read.
    pub fn dump_session(&self, directory: &str) -> Result<String> {
        let mut ranks: HashMap<i64, usize> = HashMap::new();
        let mut chunks =
            self.conn.prepare_cached("SELECT ord FROM chunks WHERE session_id = ?1 ORDER BY ord")?;
        for (rank, ord) in chunks.query_map([directory], |r| r.get(0))?.enumerate() {
            ranks.insert(ord?, rank);
        }
        let mut out = format!("session {directory:?}\n");
        for (table, sql) in OF_SESSION {
            rows(&self.conn, table, sql, &[&directory], &ranks, &mut out)?;
        }
        Ok(out)
    }

    /// The dump of what belongs to no session.
    ///
    /// # Errors
    /// [`super::Error`] where the index cannot be read.
    pub fn dump_shared(&self) -> Result<String> {
        let mut out = String::from("workspace\n");
        for (table, sql) in OF_ALL {
            rows(&self.conn, table, sql, &[], &HashMap::new(), &mut out)?;
        }
        Ok(out)
    }

    /// The hash of every session's dump, by directory; last, under the empty name, of what belongs
    /// to none. Cheaper to keep than the dumps.
    ///
    /// # Errors
    /// [`super::Error`] where the index cannot be read.
    pub fn digests(&self) -> Result<Vec<(String, ContentHash)>> {
        let mut all = Vec::new();
        for directory in self.directories()? {
            let hash = ContentHash::of(self.dump_session(&directory)?.as_bytes());
            all.push((directory, hash));
        }
        all.push((String::new(), ContentHash::of(self.dump_shared()?.as_bytes())));
        Ok(all)
    }

    /// All sessions' directories, sorted.
    ///
    /// # Errors
    /// [`super::Error`] where the index cannot be read.
    pub fn directories(&self) -> Result<Vec<String>> {
        let mut all = self.conn.prepare_cached("SELECT session_id FROM sessions ORDER BY session_id")?;
        Ok(all.query_map([], |r| r.get(0))?.collect::<rusqlite::Result<_>>()?)
    }
}

fn rows(
    conn: &Connection,
    table: &str,
    sql: &str,
    params: &[&dyn rusqlite::ToSql],
    ranks: &HashMap<i64, usize>,
    out: &mut String,
) -> Result<()> {
    let mut statement = conn.prepare_cached(sql)?;
    let names: Vec<String> = statement.column_names().map(str::to_owned).collect();
    let mut rows = statement.query(params)?;
    while let Some(row) = rows.next()? {
        out.push_str(table);
        for (i, name) in names.iter().enumerate() {
            value(row, i, name, ranks, out)?;
        }
        out.push('\n');
    }
    Ok(())
}

fn value(row: &Row<'_>, i: usize, name: &str, ranks: &HashMap<i64, usize>, out: &mut String) -> Result<()> {
    // Writing to a string cannot fail.
    let _ = match row.get_ref(i)? {
        ValueRef::Null => Ok(()),
        ValueRef::Integer(ord) if name == "chunk" => match ranks.get(&ord) {
            Some(rank) => write!(out, " {name}={rank}"),
            None => write!(out, " {name}=lost"),
        },
        ValueRef::Integer(n) => write!(out, " {name}={n}"),
        ValueRef::Real(x) => write!(out, " {name}={x}"),
        ValueRef::Text(text) => write!(out, " {name}={:?}", String::from_utf8_lossy(text)),
        ValueRef::Blob(bytes) => write!(out, " {name}=x{bytes:02x?}"),
    };
    Ok(())
}
