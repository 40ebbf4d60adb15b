use std::collections::HashMap;

use rusqlite::types::Value;

use super::super::{Index, Result};
use super::scope::{Conditions, Scope};
use super::search::{HitKind, SearchFilter};
use super::tasks::{COLUMNS, TaskRow, rows};
use super::terms::Terms;
use crate::diagnostic::did_you_mean;
use crate::model::{TaskId, TaskRef, norm};

/// What a name turned out to be.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Lookup<T> {
    /// Exactly this.
    One(T),
    /// Any of these.
    Many(Vec<T>),
    /// Nothing; names that come close.
    None(Vec<String>),
}

/// Candidates that are read at most.
const MOST: usize = 50;
/// Keys in one question: far below what a statement takes.
const MOST_KEYS: usize = 500;
/// Names that suggestions are drawn from at most.
const NAMES: usize = 2_000;

impl Index {
    /// The task that a person means: by id (`t-a`, `^t-a`, `session#t-a`), former id, the id that a
    /// task without one would get, whole title, unique beginning of an id, or unique part of a title.
    ///
    /// A whole title comes before the beginning of an id: ids are random, so a task called `a` would
    /// else be taken for whichever task got an id `t-a…`.
    ///
    /// # Errors
    /// [`super::super::Error`] where the index cannot be read.
    pub fn task(&self, name: &str, scope: &Scope) -> Result<Lookup<TaskRow>> {
        Ok(match self.task_there(name, scope)? {
            Lookup::None(_) => Lookup::None(self.close_to(name, scope)?),
            found => found,
        })
    }

    /// As [`Index::task`], without looking for names that come close: for those who look elsewhere next.
    ///
    /// # Errors
    /// [`super::super::Error`] where the index cannot be read.
    pub fn task_there(&self, name: &str, scope: &Scope) -> Result<Lookup<TaskRow>> {
        let typed = name.trim();
        let (name, own) = self.meant(typed, scope)?;
        let mut found = match TaskId::parse(&name) {
            Some(id) => self.by_id(id.as_str(), &own)?,
            None => self.by_foreign_id(&name, &own)?,
        };
        if found.is_empty() {
            let (whole, part) = self.by_title(&name, &own)?;
            found = whole;
            if found.is_empty()
                && let Some(id) = TaskId::parse(&name)
            {
                found = self.by_beginning(id.as_str(), &own)?;
            }
            if found.is_empty() {
                found = part;
            }
        }
        if found.is_empty() && name != typed {
            // A title may look like a reference: `^caret`, `fix #12`.
            let (whole, part) = self.by_title(typed, scope)?;
            found = if whole.is_empty() { part } else { whole };
        }
        Ok(if found.is_empty() { Lookup::None(Vec::new()) } else { answer(found) })
    }

    /// What a reference names, and where it is to be looked for.
    fn meant(&self, typed: &str, scope: &Scope) -> Result<(String, Scope)> {
        Ok(match TaskRef::parse(typed) {
            Some(TaskRef::Id { session: Some(session), id }) => {
                let directory = self.directory_of(&session)?.unwrap_or(session);
                (id.to_string(), Scope::session(directory))
            }
            Some(TaskRef::Id { session: None, id }) => (id.to_string(), scope.clone()),
            Some(TaskRef::Title(title)) => (title, scope.clone()),
            None => (typed.to_owned(), scope.clone()),
        })
    }

    /// The task of this key (`<directory>#<row id>`).
    ///
    /// # Errors
    /// [`super::super::Error`] where the index cannot be read.
    pub fn task_by_key(&self, key: &str) -> Result<Option<TaskRow>> {
        let mut one = Conditions::default();
        one.add("t.task_id = ?", [key.to_owned().into()]);
        Ok(self.select(&one)?.pop())
    }

    /// The tasks of these keys, in this order, without those that are not there.
    ///
    /// # Errors
    /// [`super::super::Error`] where the index cannot be read.
    pub fn tasks_by_keys(&self, keys: &[String]) -> Result<Vec<TaskRow>> {
        let mut found = HashMap::with_capacity(keys.len());
        for some in keys.chunks(MOST_KEYS) {
            let mut these = Conditions::default();
            these.any("t.task_id", some.iter().map(|key| key.clone().into()));
            let sql = format!("SELECT {COLUMNS} FROM tasks AS t{}", these.sql());
            found.extend(rows(&self.conn, &sql, &these.values)?.into_iter().map(|r| (r.key.clone(), r)));
        }
        Ok(keys.iter().filter_map(|key| found.get(key).cloned()).collect())
    }

    /// The directory of a session named by directory or id.
    ///
    /// # Errors
    /// [`super::super::Error`] where the index cannot be read.
    pub fn directory_of(&self, session: &str) -> Result<Option<String>> {
        Ok(self
            .conn
            .prepare_cached(
                "SELECT coalesce((SELECT session_id FROM sessions WHERE session_id = ?1), (SELECT session_id \
                 FROM sessions WHERE identity = ?1 ORDER BY session_id LIMIT 1))",
            )?
            .query_row([session], |r| r.get(0))?)
    }

    /// Tasks that have to do with this one: stated as related, waiting for one another, sharing
    /// uncommon words of the title. Nearest first, with the reason.
    ///
    /// # Errors
    /// [`super::super::Error`] where the index cannot be read.
    pub fn related(&self, task: &TaskRow, limit: usize) -> Result<Vec<(TaskRow, &'static str)>> {
        let mut keys: Vec<(String, &'static str)> = Vec::new();
        let here = Scope::session(task.directory.clone());
        let stated: Vec<String> =
            task.related.as_deref().and_then(|json| serde_json::from_str(json).ok()).unwrap_or_default();
        for reference in stated.iter().take(limit) {
            if let Lookup::One(found) = self.task(reference, &here)? {
                keys.push((found.key, "related"));
            }
        }
        for edge in self.dependencies_of(&task.key)? {
            keys.extend(edge.to.map(|to| (to, "dependency")));
        }
        keys.extend(self.dependents_of(&task.key)?.into_iter().map(|key| (key, "dependent")));
        let terms = Terms::of(&task.title.replace('"', " ")).only_long();
        if !terms.is_empty() {
            let filter = SearchFilter { kinds: vec![HitKind::Task], ..SearchFilter::default() };
            let (_, found) = self.matches(&terms, "{title} : ", " OR ", false, &filter, limit + 1)?;
            let mut key = self.conn.prepare_cached("SELECT task_id FROM tasks WHERE rowid = ?1")?;
            for (row, _) in found {
                keys.push((key.query_row([row], |r| r.get(0))?, "similar"));
            }
        }
        let mut seen = std::collections::HashSet::from([task.key.clone()]);
        keys.retain(|(key, _)| seen.insert(key.clone()));
        let mut found = Vec::new();
        for (key, why) in keys.into_iter().take(limit) {
            found.extend(self.task_by_key(&key)?.map(|row| (row, why)));
        }
        Ok(found)
    }

    fn select(&self, conditions: &Conditions) -> Result<Vec<TaskRow>> {
        let sql = format!(
            "SELECT {COLUMNS} FROM tasks AS t{} ORDER BY t.session_id, t.chunk, t.position_in_group LIMIT {MOST}",
            conditions.sql()
        );
        rows(&self.conn, &sql, &conditions.values)
    }

    /// By id, then former id, then the key of a task without id.
    fn by_id(&self, id: &str, scope: &Scope) -> Result<Vec<TaskRow>> {
        let steps = [
            "t.id = ?",
            "t.task_id IN (SELECT a.task_id FROM aliases AS a WHERE a.alias = ?)",
            "t.id IS NULL AND t.task_id = t.session_id || '#' || ?",
        ];
        // Keys of tasks without id are looked for in named sessions only: no index holds them.
        let steps = if matches!(scope, Scope::Sessions(_)) { &steps[..] } else { &steps[..2] };
        self.first_of(steps.iter().map(|sql| (*sql, vec![id.to_owned().into()])), scope)
    }

    /// By the beginning of an id, with its `t-` or without.
    fn by_beginning(&self, id: &str, scope: &Scope) -> Result<Vec<TaskRow>> {
        let from = [id.to_owned(), format!("t-{id}")];
        let range = |id: String| vec![id.clone().into(), format!("{id}\u{7f}").into()];
        self.first_of(from.map(|id| ("t.id >= ? AND t.id < ?", range(id))), scope)
    }

    /// What the first condition finds that finds anything.
    fn first_of<'a>(
        &self,
        steps: impl IntoIterator<Item = (&'a str, Vec<Value>)>,
        scope: &Scope,
    ) -> Result<Vec<TaskRow>> {
        for (sql, values) in steps {
            let mut conditions = Conditions::default();
            conditions.add(sql, values);
            scope.limit("t.session_id", &mut conditions);
            let found = self.select(&conditions)?;
            if !found.is_empty() {
                return Ok(found);
            }
        }
        Ok(Vec::new())
    }

    /// By a former id that holds signs no id of ours can: `BACK-345.08`, `task_a1135334`, `other#task_1`.
    fn by_foreign_id(&self, name: &str, scope: &Scope) -> Result<Vec<TaskRow>> {
        let find = |id: &str, scope: &Scope| {
            let mut conditions = Conditions::default();
            let id: Value = id.trim_start_matches('^').to_lowercase().into();
            conditions.add("t.task_id IN (SELECT a.task_id FROM aliases AS a WHERE a.alias = ?)", [id]);
            scope.limit("t.session_id", &mut conditions);
            self.select(&conditions)
        };
        let found = find(name, scope)?;
        match name.split_once('#') {
            Some((session, id)) if found.is_empty() => match self.directory_of(session)? {
                Some(directory) => find(id, &Scope::session(directory)),
                None => Ok(found),
            },
            _ => Ok(found),
        }
    }

    /// By the whole title, and by a part of three letters or more.
    fn by_title(&self, title: &str, scope: &Scope) -> Result<(Vec<TaskRow>, Vec<TaskRow>)> {
        let terms = Terms::of(&title.replace('"', " "));
        let filter =
            SearchFilter { scope: scope.clone(), kinds: vec![HitKind::Task], ..SearchFilter::default() };
        let mut ids: Vec<i64> = Vec::new();
        if !terms.is_empty() {
            let (_, found) = self.matches(&terms, "{title} : ", " AND ", true, &filter, MOST)?;
            ids.extend(found.into_iter().map(|(row, _)| row));
        }
        if ids.is_empty() {
            ids = self.containing(&terms, scope, MOST)?;
        }
        if ids.is_empty() {
            return Ok((Vec::new(), Vec::new()));
        }
        let mut conditions = Conditions::default();
        conditions.any("t.rowid", ids.into_iter().map(Value::from));
        let found = self.select(&conditions)?;
        let wanted = norm(title);
        let same = |row: &TaskRow| {
            if wanted.is_empty() { row.title.trim() == title } else { norm(&row.title) == wanted }
        };
        let whole = found.iter().filter(|row| same(row)).cloned().collect();
        let long = title.chars().count() >= 3;
        Ok((whole, if long { found } else { Vec::new() }))
    }

    fn close_to(&self, typed: &str, scope: &Scope) -> Result<Vec<String>> {
        let (name, scope) = self.meant(typed.trim(), scope)?;
        let mut conditions = Conditions::default();
        scope.limit("t.session_id", &mut conditions);
        let sql = format!("SELECT t.id, t.title FROM tasks AS t{} LIMIT {NAMES}", conditions.sql());
        let mut names = self.conn.prepare_cached(&sql)?;
        let names = names.query_map(rusqlite::params_from_iter(&conditions.values), |r| {
            Ok([r.get::<_, Option<String>>(0)?, r.get(1)?])
        })?;
        let names: Vec<[Option<String>; 2]> = names.collect::<rusqlite::Result<_>>()?;
        let names = names.iter().flatten().filter_map(Option::as_deref);
        Ok(did_you_mean(&name, names).into_iter().map(str::to_owned).collect())
    }
}

fn answer(mut found: Vec<TaskRow>) -> Lookup<TaskRow> {
    match (found.len(), found.pop()) {
        (1, Some(one)) => Lookup::One(one),
        (_, last) => Lookup::Many(found.into_iter().chain(last).collect()),
    }
}
