use rusqlite::params_from_iter;

use super::super::{Index, Result};
use super::scope::{Conditions, Scope, containing, page};

/// A row beside the plans: a file that came out of the work, or something that happened.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Beside {
    /// `artifact`, `interaction`, `transition`, `error`
    pub kind: String,
    /// The session's directory.
    pub directory: String,
    /// What it is called, or what happened.
    pub title: String,
    /// More about it.
    pub text: String,
    /// An artifact's file, relative to the session's directory.
    pub path: Option<String>,
}

const ARTIFACTS: &str = "SELECT 'artifact' AS what, session_id, path AS title, trim(coalesce(kind, '') || ' ' || \
    coalesce(title, '') || ' ' || coalesce(task, '')) AS body, path, coalesce(created_at, '') AS at \
    FROM session_artifacts";
const HISTORY: &str = "SELECT 'interaction' AS what, session_id, action AS title, trim(coalesce(occurred_at, '') || ' ' || \
    coalesce(actor, '') || ' ' || coalesce(task, '')) AS body, NULL AS path, coalesce(occurred_at, '') AS at \
    FROM session_user_interactions UNION ALL \
    SELECT 'transition', session_id, to_state, trim(coalesce(occurred_at, '') || ' ' || coalesce(actor, '') || ' ' || \
    coalesce(reason, '')), NULL, coalesce(occurred_at, '') FROM session_state_transitions UNION ALL \
    SELECT 'error', session_id, message, trim(coalesce(occurred_at, '') || ' ' || code || ' ' || \
    coalesce(context, '')), NULL, coalesce(occurred_at, '') FROM session_error_logs";

impl Index {
    /// Artifacts, or (`history`) what happened, newest first, that hold every word of `query`.
    ///
    /// # Errors
    /// [`super::super::Error`] where the index cannot be read.
    pub fn search_beside(
        &self,
        query: &str,
        scope: &Scope,
        history: bool,
        limit: usize,
    ) -> Result<Vec<Beside>> {
        let mut all = Conditions::default();
        for word in query.split(|c: char| c.is_whitespace() || c == '"').filter(|w| !w.is_empty()).take(32) {
            all.add("(b.title || ' ' || b.body) LIKE ? ESCAPE '\\'", [containing(word).into()]);
        }
        scope.limit("b.session_id", &mut all);
        let from = if history { HISTORY } else { ARTIFACTS };
        let sql = format!(
            "SELECT b.what, b.session_id, b.title, b.body, b.path FROM ({from}) AS b{} \
             ORDER BY b.at DESC, b.session_id, b.title{}",
            all.sql(),
            page(Some(limit), 0)
        );
        let mut rows = self.conn.prepare_cached(&sql)?;
        let rows = rows.query_map(params_from_iter(&all.values), |row| {
            Ok(Beside {
                kind: row.get(0)?,
                directory: row.get(1)?,
                title: row.get(2)?,
                text: row.get(3)?,
                path: row.get(4)?,
            })
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }
}
