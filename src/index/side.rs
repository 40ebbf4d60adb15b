use std::collections::HashMap;

use rusqlite::{OptionalExtension, ToSql, params};

use super::{Batch, Result};

/// One thing that happened, from a line of a session's log. Its id names the line.
#[derive(Clone, PartialEq, Debug)]
pub struct Event {
    /// Unique in the workspace.
    pub id: String,
    /// When, as logged.
    pub at: Option<String>,
    /// By whom.
    pub actor: Option<String>,
    /// What.
    pub what: What,
}

/// Kinds of events.
#[derive(Clone, PartialEq, Debug)]
pub enum What {
    /// The session's state changed.
    Transition {
        /// From this state, where known.
        from: Option<String>,
        /// To this one.
        to: String,
        /// Why.
        reason: Option<String>,
    },
    /// Somebody did something.
    Interaction {
        /// What.
        action: String,
        /// To which task.
        task: Option<String>,
        /// More, as JSON.
        details: Option<String>,
    },
    /// Something went wrong.
    Failure {
        /// Its code.
        code: String,
        /// One sentence.
        message: String,
        /// More, as JSON.
        context: Option<String>,
    },
    /// Something was measured.
    Metric {
        /// What.
        name: String,
        /// How much.
        value: f64,
        /// Of what.
        unit: Option<String>,
    },
}

/// A session's directory, and keys with JSON values.
pub type Context = (String, Vec<(String, String)>);

/// A file that belongs to a session.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Artifact {
    /// Unique in the workspace.
    pub id: String,
    /// Relative to the session's directory.
    pub path: String,
    /// What it is.
    pub kind: Option<String>,
    /// What it is called.
    pub title: Option<String>,
    /// The task it belongs to.
    pub task: Option<String>,
    /// Bytes.
    pub size: Option<i64>,
    /// `blake3:…`.
    pub hash: Option<String>,
    /// As written.
    pub created: Option<String>,
}

/// A mode: a file of roles.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Mode {
    /// Its name.
    pub id: String,
    /// Display name.
    pub name: String,
    /// Its file, unique.
    pub path: String,
    /// `blake3:…`.
    pub hash: Option<String>,
    /// What it is for.
    pub description: Option<String>,
    /// A JSON list of roles.
    pub roles: Option<String>,
    /// Complexity of tasks that state none.
    pub complexity: Option<String>,
    /// Whether new tasks get a specialist by its rules.
    pub routing: bool,
    /// Whether it can be used.
    pub valid: bool,
    /// A JSON list of what is wrong with it.
    pub errors: Option<String>,
}

/// Tables of events, with their columns after id and session.
const EVENTS: [(&str, &str); 4] = [
    (
        "INSERT OR IGNORE INTO session_state_transitions (transition_id, session_id, occurred_at, actor, \
         from_state, to_state, reason) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        "DELETE FROM session_state_transitions WHERE session_id = ?1",
    ),
    (
        "INSERT OR IGNORE INTO session_user_interactions (interaction_id, session_id, occurred_at, actor, \
         action, task, details) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        "DELETE FROM session_user_interactions WHERE session_id = ?1",
    ),
    (
        "INSERT OR IGNORE INTO session_error_logs (error_id, session_id, occurred_at, code, message, context) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        "DELETE FROM session_error_logs WHERE session_id = ?1",
    ),
    (
        "INSERT OR IGNORE INTO session_performance_metrics (metric_id, session_id, recorded_at, metric_name, \
         metric_value, unit) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        "DELETE FROM session_performance_metrics WHERE session_id = ?1",
    ),
];

impl Batch<'_> {
    /// Adds events of a session; those that are known by their id are left alone, so a log can be
    /// handed over whole or from where it was left. Of a session that is not there nothing is kept.
    ///
    /// # Errors
    /// [`super::Error`]; the transaction is then to be dropped.
    pub fn events(&mut self, directory: &str, events: &[Event]) -> Result<()> {
        if !self.knows(directory)? {
            return Ok(());
        }
        for event in events {
            let (Event { id, at, actor, what }, key) = (event, &directory);
            let (table, values): (usize, Vec<&dyn ToSql>) = match what {
                What::Transition { from, to, reason } => (0, vec![id, key, at, actor, from, to, reason]),
                What::Interaction { action, task, details } => {
                    (1, vec![id, key, at, actor, action, task, details])
                }
                What::Failure { code, message, context } => (2, vec![id, key, at, code, message, context]),
                What::Metric { name, value, unit } => (3, vec![id, key, at, name, value, unit]),
            };
            self.index.conn.prepare_cached(EVENTS[table].0)?.execute(&values[..])?;
        }
        Ok(())
    }

    /// Forgets the events of a session, as when its log is gone.
    ///
    /// # Errors
    /// [`super::Error`]; the transaction is then to be dropped.
    pub fn forget_events(&mut self, directory: &str) -> Result<()> {
        for (_, forget) in EVENTS {
            self.index.conn.prepare_cached(forget)?.execute([directory])?;
        }
        Ok(())
    }

    /// Makes these the artifacts of a session.
    ///
    /// # Errors
    /// [`super::Error`]; the transaction is then to be dropped.
    pub fn artifacts(&mut self, directory: &str, artifacts: &[Artifact]) -> Result<()> {
        if !self.knows(directory)? {
            return Ok(());
        }
        let conn = &self.index.conn;
        conn.prepare_cached("DELETE FROM session_artifacts WHERE session_id = ?1")?.execute([directory])?;
        let mut insert = conn.prepare_cached(
            "INSERT OR REPLACE INTO session_artifacts (artifact_id, session_id, path, kind, title, task, size, \
             content_hash, created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        )?;
        for a in artifacts {
            insert.execute(params![
                a.id, directory, a.path, a.kind, a.title, a.task, a.size, a.hash, a.created
            ])?;
        }
        Ok(())
    }

    /// Makes these the context of a session: keys and JSON values.
    ///
    /// # Errors
    /// [`super::Error`]; the transaction is then to be dropped.
    pub fn context(&mut self, directory: &str, context: &[(String, String)]) -> Result<()> {
        if !self.knows(directory)? {
            return Ok(());
        }
        let conn = &self.index.conn;
        conn.prepare_cached("DELETE FROM session_context_data WHERE session_id = ?1")?
            .execute([directory])?;
        let mut insert = conn.prepare_cached(
            "INSERT OR REPLACE INTO session_context_data (session_id, context_key, context_value) \
             VALUES (?1, ?2, ?3)",
        )?;
        for (key, value) in context {
            insert.execute(params![directory, key, value])?;
        }
        Ok(())
    }

    /// Makes these the contexts of all sessions, and that of the active session the context of the workspace.
    ///
    /// # Errors
    /// [`super::Error`]; the transaction is then to be dropped.
    pub fn contexts(&mut self, contexts: &[Context]) -> Result<()> {
        self.index.conn.prepare_cached("DELETE FROM session_context_data")?.execute([])?;
        for (directory, context) in contexts {
            self.context(directory, context)?;
        }
        let all = "(SELECT json_group_object(c.context_key, json(c.context_value)) FROM \
            (SELECT * FROM session_context_data ORDER BY context_key) AS c \
            WHERE c.session_id = active_session.session_id)";
        self.index
            .conn
            .prepare_cached(&format!("UPDATE active_session SET context_data = {all}"))?
            .execute([])?;
        Ok(())
    }

    /// Makes these the modes of the workspace. Bindings to others are dropped.
    ///
    /// # Errors
    /// [`super::Error`]; the transaction is then to be dropped.
    pub fn modes(&mut self, modes: &[Mode]) -> Result<()> {
        let conn = &self.index.conn;
        let mut known = conn.prepare_cached("SELECT mode_id FROM session_modes")?;
        let known: Vec<String> = known.query_map([], |r| r.get(0))?.collect::<rusqlite::Result<_>>()?;
        for gone in known.iter().filter(|id| !modes.iter().any(|m| m.id == **id)) {
            conn.prepare_cached("DELETE FROM session_modes WHERE mode_id = ?1")?.execute([gone])?;
        }
        let mut put = conn.prepare_cached(
            "INSERT INTO session_modes (mode_id, mode_name, yaml_file_path, yaml_content_hash, description, \
             specialist_roles, is_valid, validation_errors, default_complexity, auto_task_routing, \
             last_validated_at, created_at, updated_at) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, NULL, NULL, NULL) ON CONFLICT (mode_id) DO UPDATE SET \
             mode_name = ?2, yaml_file_path = ?3, yaml_content_hash = ?4, description = ?5, \
             specialist_roles = ?6, is_valid = ?7, validation_errors = ?8, \
             default_complexity = ?9, auto_task_routing = ?10",
        )?;
        for m in modes {
            put.execute(params![
                m.id,
                m.name,
                m.path,
                m.hash,
                m.description,
                m.roles,
                m.valid,
                m.errors,
                m.complexity,
                m.routing
            ])?;
        }
        Ok(())
    }

    /// Binds a session to a mode, or to none. A mode that is not there binds nothing.
    ///
    /// # Errors
    /// [`super::Error`]; the transaction is then to be dropped.
    pub fn bind(&mut self, directory: &str, mode: Option<&str>, bound_at: Option<&str>) -> Result<()> {
        let conn = &self.index.conn;
        conn.prepare_cached("DELETE FROM session_mode_bindings WHERE session_id = ?1")?
            .execute([directory])?;
        conn.prepare_cached(
            "INSERT INTO session_mode_bindings (session_id, mode_id, bound_at) SELECT s.session_id, m.mode_id, ?3 \
             FROM sessions AS s, session_modes AS m WHERE s.session_id = ?1 AND m.mode_id = ?2",
        )?
        .execute(params![directory, mode, bound_at])?;
        Ok(())
    }

    /// Says which session is the active one, as the pointer in the workspace's state has it; one
    /// that is not there is no session.
    ///
    /// # Errors
    /// [`super::Error`]; the transaction is then to be dropped.
    pub fn set_active(&mut self, directory: Option<&str>, activated_at: Option<&str>) -> Result<()> {
        let conn = &self.index.conn;
        conn.prepare_cached("DELETE FROM active_session")?.execute([])?;
        conn.prepare_cached(
            "INSERT INTO active_session (id, session_id, activated_at) \
             SELECT 1, session_id, ?2 FROM sessions WHERE session_id = ?1",
        )?
        .execute(params![directory, activated_at])?;
        Ok(())
    }

    fn knows(&self, directory: &str) -> Result<bool> {
        Ok(self
            .index
            .conn
            .prepare_cached("SELECT 1 FROM sessions WHERE session_id = ?1")?
            .query_row([directory], |_| Ok(()))
            .optional()?
            .is_some())
    }
}

impl super::Index {
    /// The artifacts of every session, sorted by their ids.
    ///
    /// # Errors
    /// [`super::Error`] where the index cannot be read.
    pub fn artifacts(&self) -> Result<HashMap<String, Vec<Artifact>>> {
        let mut rows = self.conn.prepare_cached(
            "SELECT session_id, artifact_id, path, kind, title, task, size, content_hash, created_at \
             FROM session_artifacts ORDER BY artifact_id",
        )?;
        let mut rows = rows.query([])?;
        let mut all: HashMap<String, Vec<Artifact>> = HashMap::new();
        while let Some(row) = rows.next()? {
            all.entry(row.get(0)?).or_default().push(Artifact {
                id: row.get(1)?,
                path: row.get(2)?,
                kind: row.get(3)?,
                title: row.get(4)?,
                task: row.get(5)?,
                size: row.get(6)?,
                hash: row.get(7)?,
                created: row.get(8)?,
            });
        }
        Ok(all)
    }

    /// The contexts of sessions, sorted.
    ///
    /// # Errors
    /// [`super::Error`] where the index cannot be read.
    pub fn contexts(&self) -> Result<Vec<Context>> {
        let mut rows = self.conn.prepare_cached(
            "SELECT session_id, context_key, coalesce(context_value, '') FROM session_context_data \
             ORDER BY session_id, context_key",
        )?;
        let mut rows = rows.query([])?;
        let mut found: Vec<Context> = Vec::new();
        while let Some(row) = rows.next()? {
            let (directory, pair): (String, _) = (row.get(0)?, (row.get(1)?, row.get(2)?));
            match found.last_mut().filter(|(last, _)| *last == directory) {
                Some((_, pairs)) => pairs.push(pair),
                None => found.push((directory, vec![pair])),
            }
        }
        Ok(found)
    }

    /// The directory of the active session.
    ///
    /// # Errors
    /// [`super::Error`] where the index cannot be read.
    pub fn active(&self) -> Result<Option<String>> {
        let mut active = self.conn.prepare_cached("SELECT session_id FROM active_session")?;
        Ok(active.query_row([], |r| r.get(0)).optional()?)
    }
}
