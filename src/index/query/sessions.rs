use std::collections::{BTreeMap, HashMap};

use rusqlite::{OptionalExtension, Row, params_from_iter};

use super::super::stat::{SEEN, seen};
use super::super::{FileSeen, Index, Result};
use super::scope::{Conditions, Scope, containing, page};
use crate::model::{Progress, SessionStatus};
use crate::text::ContentHash;

/// One session as the index has it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SessionRow {
    /// Its directory.
    pub directory: String,
    /// Its id.
    pub identity: String,
    /// Display name.
    pub name: String,
    /// What it is about.
    pub description: Option<String>,
    /// The state's word.
    pub status: String,
    /// Whether the file states it; otherwise it is taken as active.
    pub stated: bool,
    /// The mode's file or name.
    pub mode: Option<String>,
    /// What kind of work it is: `project`, or what its file says.
    pub kind: String,
    /// 1–5, where stated.
    pub priority: Option<i64>,
    /// The file, relative to the workspace.
    pub path: String,
    /// The hash of the file.
    pub revision: ContentHash,
    /// As written.
    pub created: Option<String>,
    /// As written.
    pub due: Option<String>,
    /// Over all its tasks.
    pub progress: Progress,
}

/// Which sessions.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct SessionFilter {
    /// Which of them.
    pub scope: Scope,
    /// In one of these states; empty: in any.
    pub statuses: Vec<SessionStatus>,
    /// Whose name or directory holds this text.
    pub text: Option<String>,
    /// At most so many.
    pub limit: Option<usize>,
    /// After so many.
    pub offset: usize,
}

/// One group as the index has it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct GroupRow {
    /// The heading's text.
    pub name: String,
    /// Names from the outermost group down, joined by `/`.
    pub path: String,
    /// The enclosing group's path.
    pub parent: Option<String>,
    /// 0 for an outermost group.
    pub depth: i64,
    /// Mostly a specialist's name.
    pub focus: Option<String>,
    /// 1–5, where stated.
    pub priority: Option<i64>,
    /// Text below the heading.
    pub description: Option<String>,
    /// Minutes, of its tasks and those of the groups in it.
    pub estimate_minutes: i64,
    /// Of its tasks and those of the groups in it.
    pub progress: Progress,
}

/// How much there is.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Counts {
    /// Sessions by state.
    pub sessions: BTreeMap<String, usize>,
    /// Tasks by state.
    pub tasks: BTreeMap<String, usize>,
    /// Tasks that can be begun as far as their own session goes.
    pub ready: usize,
    /// Findings by severity: hint, info, warning, error.
    pub diagnostics: [usize; 4],
}

const COLUMNS: &str = "s.session_id, s.identity, s.name, s.description, s.status, s.mode_file, s.priority, \
    coalesce(s.markdown_file_path, ''), (SELECT f.hash FROM files AS f WHERE f.session = s.session_id \
    AND f.kind = 'session'), s.created_at, s.estimated_completion_date, s.completed_tasks, s.total_tasks, \
    (SELECT c.tasks FROM task_counts AS c WHERE c.session_id = s.session_id AND c.state = 'in_progress'), s.stated, s.session_type";

fn size(n: Option<i64>) -> usize {
    n.and_then(|n| usize::try_from(n).ok()).unwrap_or_default()
}

fn session(row: &Row<'_>) -> rusqlite::Result<SessionRow> {
    Ok(SessionRow {
        directory: row.get(0)?,
        identity: row.get(1)?,
        name: row.get(2)?,
        description: row.get(3)?,
        status: row.get(4)?,
        mode: row.get(5)?,
        priority: row.get(6)?,
        path: row.get(7)?,
        revision: ContentHash::from_bytes(row.get::<_, Option<[u8; 32]>>(8)?.unwrap_or_default()),
        created: row.get(9)?,
        due: row.get(10)?,
        progress: Progress {
            completed: size(row.get(11)?),
            total: size(row.get(12)?),
            in_progress: size(row.get(13)?),
        },
        stated: row.get(14)?,
        kind: row.get(15)?,
    })
}

impl Index {
    /// The sessions that fit, by directory, and how many there are without limit and offset.
    ///
    /// # Errors
    /// [`super::super::Error`] where the index cannot be read.
    pub fn sessions(&self, filter: &SessionFilter) -> Result<(Vec<SessionRow>, usize)> {
        let mut all = Conditions::default();
        filter.scope.limit("s.session_id", &mut all);
        if !filter.statuses.is_empty() {
            all.any("s.status", filter.statuses.iter().map(|s| s.key().to_owned().into()));
        }
        if let Some(text) = &filter.text {
            let pattern: rusqlite::types::Value = containing(text).into();
            all.add(
                "(s.name LIKE ? ESCAPE '\\' OR s.session_id LIKE ? ESCAPE '\\')",
                [pattern.clone(), pattern],
            );
        }
        let sql = format!(
            "SELECT {COLUMNS} FROM sessions AS s{} ORDER BY s.session_id{}",
            all.sql(),
            page(filter.limit, filter.offset)
        );
        let mut found = self.conn.prepare_cached(&sql)?;
        let found = found.query_map(params_from_iter(&all.values), session)?;
        let found: Vec<SessionRow> = found.collect::<rusqlite::Result<_>>()?;
        // A page that is not full at its beginning is all there is.
        if filter.offset == 0 && filter.limit.is_none_or(|limit| found.len() < limit) {
            let total = found.len();
            return Ok((found, total));
        }
        let total: i64 = self
            .conn
            .prepare_cached(&format!("SELECT count(*) FROM sessions AS s{}", all.sql()))?
            .query_row(params_from_iter(&all.values), |r| r.get(0))?;
        Ok((found, size(Some(total))))
    }

    /// The session in this directory.
    ///
    /// # Errors
    /// [`super::super::Error`] where the index cannot be read.
    pub fn session(&self, directory: &str) -> Result<Option<SessionRow>> {
        let sql = format!("SELECT {COLUMNS} FROM sessions AS s WHERE s.session_id = ?1");
        Ok(self.conn.prepare_cached(&sql)?.query_row([directory], session).optional()?)
    }

    /// The groups of a session, in order.
    ///
    /// # Errors
    /// [`super::super::Error`] where the index cannot be read.
    pub fn groups(&self, directory: &str) -> Result<Vec<GroupRow>> {
        let mut groups = self.conn.prepare_cached(
            "SELECT g.group_name, g.path, (SELECT p.path FROM task_groups AS p WHERE p.group_id = \
             g.parent_group_id), g.group_level, g.specialist_focus, g.priority, g.description, \
             g.estimate_minutes, g.completed_tasks, g.total_tasks, g.in_progress_tasks FROM task_groups AS g \
             WHERE g.session_id = ?1 ORDER BY g.position_in_session",
        )?;
        let groups = groups.query_map([directory], |row| {
            Ok(GroupRow {
                name: row.get(0)?,
                path: row.get(1)?,
                parent: row.get(2)?,
                depth: row.get(3)?,
                focus: row.get(4)?,
                priority: row.get(5)?,
                description: row.get(6)?,
                estimate_minutes: row.get(7)?,
                progress: Progress {
                    completed: size(row.get(8)?),
                    total: size(row.get(9)?),
                    in_progress: size(row.get(10)?),
                },
            })
        })?;
        Ok(groups.collect::<rusqlite::Result<_>>()?)
    }

    /// How every session's file looked when it was read, by directory.
    ///
    /// # Errors
    /// [`super::super::Error`] where the index cannot be read.
    pub fn seen(&self) -> Result<HashMap<String, FileSeen>> {
        let sql = format!("SELECT {SEEN}, session FROM files WHERE kind = 'session' AND session IS NOT NULL");
        let mut files = self.conn.prepare_cached(&sql)?;
        let files = files.query_map([], |row| Ok((row.get(8)?, seen(row)?)))?;
        Ok(files.collect::<rusqlite::Result<_>>()?)
    }

    /// A number that is another one once somebody else has written to the index.
    ///
    /// # Errors
    /// [`super::super::Error`] where the index cannot be read.
    pub fn version(&self) -> Result<i64> {
        Ok(self.conn.query_row("PRAGMA data_version", [], |r| r.get(0))?)
    }

    /// The text of every session that the index speaks of.
    ///
    /// # Errors
    /// [`super::super::Error`] where the index cannot be read.
    pub fn revisions(&self) -> Result<HashMap<String, ContentHash>> {
        let mut files = self.conn.prepare_cached(
            "SELECT session, hash FROM files WHERE kind = 'session' AND session IS NOT NULL",
        )?;
        let read = |row: &Row<'_>| Ok((row.get(0)?, ContentHash::from_bytes(row.get(1)?)));
        Ok(files.query_map([], read)?.collect::<rusqlite::Result<_>>()?)
    }

    /// The text of a session that the index speaks of, and which parser understood it.
    ///
    /// # Errors
    /// [`super::super::Error`] where the index cannot be read.
    pub fn understood(&self, directory: &str) -> Result<Option<(ContentHash, i64)>> {
        let mut file = self.conn.prepare_cached(
            "SELECT hash, parser_version FROM files WHERE kind = 'session' AND session = ?1",
        )?;
        let read = |row: &Row<'_>| Ok((ContentHash::from_bytes(row.get(0)?), row.get(1)?));
        Ok(file.query_row([directory], read).optional()?)
    }

    /// How much there is.
    ///
    /// # Errors
    /// [`super::super::Error`] where the index cannot be read.
    pub fn counts(&self) -> Result<Counts> {
        let groups = |sql: &str| -> Result<BTreeMap<String, usize>> {
            let mut rows = self.conn.prepare_cached(sql)?;
            let rows = rows.query_map([], |r| Ok((r.get(0)?, size(r.get(1)?))))?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        };
        let sessions = groups("SELECT status, count(*) FROM sessions GROUP BY status")?;
        let mut tasks = groups("SELECT state, sum(tasks) FROM task_counts GROUP BY state")?;
        let ready = tasks.remove("ready").unwrap_or_default() + tasks.remove("ready_if").unwrap_or_default();
        let mut diagnostics = [0; 4];
        let mut rows =
            self.conn.prepare_cached("SELECT severity, count(*) FROM diagnostics GROUP BY severity")?;
        let mut rows = rows.query([])?;
        while let Some(row) = rows.next()? {
            if let Some(slot) = diagnostics.get_mut(size(row.get(0)?)) {
                *slot = size(row.get(1)?);
            }
        }
        Ok(Counts { sessions, tasks, ready, diagnostics })
    }
}
