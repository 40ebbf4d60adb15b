use rusqlite::{Connection, Row};

use super::super::{Index, Result};

/// Why a dependency holds something up.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Why {
    /// The task is not done.
    Open,
    /// There is no such task.
    NoTask,
    /// There is no such session.
    NoSession,
    /// Several tasks have that title.
    Ambiguous,
}

/// Something undone that a task waits for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Blocker {
    /// The reference as written.
    pub written: String,
    /// The key of the task it names, where there is one.
    pub key: Option<String>,
    /// That task's id.
    pub id: Option<String>,
    /// The other session, where it is another one.
    pub session: Option<String>,
    /// Why it holds things up.
    pub why: Why,
}

/// One edge of the dependency map.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DependencyRow {
    /// The key of the task that waits.
    pub from: String,
    /// `depends_on`, `blocks` (stated by the other task) or `inherited` (stated by an ancestor).
    pub via: String,
    /// The reference as written.
    pub written: String,
    /// The session it names, where it names another one.
    pub session: Option<String>,
    /// The key of the task it names, where there is one.
    pub to: Option<String>,
    /// That task's id.
    pub id: Option<String>,
    /// That task's title.
    pub title: Option<String>,
    /// That task's state.
    pub status: Option<String>,
    /// `None` where nothing is held up any more.
    pub why: Option<Why>,
}

/// Edges with what they name now; the caller adds the condition.
const EDGES: &str = "SELECT e.task_id, e.via, e.written, e.target_session, e.target, x.id, x.title, x.status, \
    e.state, e.directory FROM (SELECT d.task_id, d.ord, d.via, d.written, d.state, d.target_session, \
    CASE WHEN d.state = 'foreign' THEN (SELECT f.target FROM foreign_dependencies AS f \
      WHERE f.task_id = d.task_id AND f.ord = d.ord) ELSE d.target_task END AS target, \
    CASE WHEN d.state = 'foreign' THEN (SELECT f.directory FROM foreign_dependencies AS f \
      WHERE f.task_id = d.task_id AND f.ord = d.ord) END AS directory \
    FROM dependencies AS d";

impl Index {
    /// What the tasks of a session wait for, in the order of the text.
    ///
    /// # Errors
    /// [`super::super::Error`] where the index cannot be read.
    pub fn dependencies(&self, directory: &str) -> Result<Vec<DependencyRow>> {
        let sql = format!(
            "{EDGES}) AS e JOIN tasks AS t ON t.task_id = e.task_id LEFT JOIN tasks AS x ON x.task_id = e.target \
             WHERE t.session_id = ?1 ORDER BY t.chunk, t.position_in_group, e.ord"
        );
        let mut edges = self.conn.prepare_cached(&sql)?;
        Ok(edges.query_map([directory], edge)?.collect::<rusqlite::Result<_>>()?)
    }

    /// What one task waits for.
    ///
    /// # Errors
    /// [`super::super::Error`] where the index cannot be read.
    pub fn dependencies_of(&self, key: &str) -> Result<Vec<DependencyRow>> {
        edges_of(&self.conn, key)
    }

    /// The keys of the tasks that wait for this one, other sessions included.
    ///
    /// # Errors
    /// [`super::super::Error`] where the index cannot be read.
    pub fn dependents_of(&self, key: &str) -> Result<Vec<String>> {
        let mut local = self
            .conn
            .prepare_cached("SELECT DISTINCT task_id FROM dependencies WHERE target_task = ?1 ORDER BY 1")?;
        let mut all: Vec<String> = local.query_map([key], |r| r.get(0))?.collect::<rusqlite::Result<_>>()?;
        let mut foreign = self.conn.prepare_cached(
            "SELECT DISTINCT d.task_id FROM dependencies AS d WHERE d.state = 'foreign' AND d.target_id IN (SELECT t.id FROM tasks AS t \
             WHERE t.task_id = ?1 UNION SELECT a.alias FROM aliases AS a WHERE a.task_id = ?1) AND ?1 = \
             (SELECT f.target FROM foreign_dependencies AS f WHERE f.task_id = d.task_id AND f.ord = d.ord) \
             ORDER BY 1",
        )?;
        for found in foreign.query_map([key], |r| r.get(0))? {
            all.push(found?);
        }
        Ok(all)
    }
}

/// The same for a task that waits for nothing in other sessions, which is a tenth of the work for
/// SQLite to understand.
const LOCAL_EDGES: &str = "SELECT d.task_id, d.via, d.written, d.target_session, d.target_task, x.id, x.title, \
    x.status, d.state, NULL FROM dependencies AS d LEFT JOIN tasks AS x ON x.task_id = d.target_task \
    WHERE d.task_id = ?1 ORDER BY d.ord";

fn edges_of(conn: &Connection, key: &str) -> Result<Vec<DependencyRow>> {
    let mut local = conn.prepare_cached(LOCAL_EDGES)?;
    let mut rows = local.query([key])?;
    let (mut found, mut all_local) = (Vec::new(), true);
    while let Some(row) = rows.next()? {
        all_local &= row.get_ref(8)?.as_str().is_ok_and(|state| state != "foreign");
        found.push(edge(row)?);
    }
    if all_local {
        return Ok(found);
    }
    let sql = format!(
        "{EDGES} WHERE d.task_id = ?1) AS e LEFT JOIN tasks AS x ON x.task_id = e.target ORDER BY e.ord"
    );
    let mut edges = conn.prepare_cached(&sql)?;
    Ok(edges.query_map([key], edge)?.collect::<rusqlite::Result<_>>()?)
}

/// What `key` waits for that is not done.
pub(super) fn blockers(conn: &Connection, key: &str) -> Result<Vec<Blocker>> {
    let undone = edges_of(conn, key)?.into_iter().filter_map(|e| {
        Some(Blocker { why: e.why?, written: e.written, key: e.to, id: e.id, session: e.session })
    });
    Ok(undone.collect())
}

fn edge(row: &Row<'_>) -> rusqlite::Result<DependencyRow> {
    let (status, state): (Option<String>, String) = (row.get(7)?, row.get(8)?);
    let directory: Option<String> = row.get(9)?;
    let why = match (status.as_deref(), state.as_str()) {
        (Some("completed" | "cancelled"), _) => None,
        (Some(_), _) => Some(Why::Open),
        (None, "ambiguous") => Some(Why::Ambiguous),
        (None, "foreign") if directory.is_none() => Some(Why::NoSession),
        (None, _) => Some(Why::NoTask),
    };
    Ok(DependencyRow {
        from: row.get(0)?,
        via: row.get(1)?,
        written: row.get(2)?,
        session: row.get(3)?,
        to: row.get(4)?,
        id: row.get(5)?,
        title: row.get(6)?,
        status,
        why,
    })
}
