use std::fmt::Write as _;

use rusqlite::types::Value;
use rusqlite::{Connection, Row, params_from_iter};

use super::super::{Index, Result};
use super::dependencies::{Blocker, blockers};
use super::places::Places;
use super::scope::{Conditions, Scope, containing, page};
use crate::model::TaskStatus;

/// One task as the index has it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TaskRow {
    /// The key of the row: `<directory>#<row id>`.
    pub key: String,
    /// Its id; `None` until adopted.
    pub id: Option<String>,
    /// One line.
    pub title: String,
    /// The text below its head.
    pub description: String,
    /// The state's word: `in_progress`.
    pub status: String,
    /// The session's directory.
    pub directory: String,
    /// The session's id.
    pub identity: String,
    /// The group's path.
    pub group: Option<String>,
    /// The parent's key.
    pub parent_key: Option<String>,
    /// The parent's id.
    pub parent: Option<String>,
    /// 0 for a root task.
    pub depth: i64,
    /// Who does it.
    pub specialist: Option<String>,
    /// 1–5, where stated on the task.
    pub priority: Option<i64>,
    /// When it is due.
    pub due: Option<String>,
    /// Minutes.
    pub estimate_minutes: Option<i64>,
    /// Minutes.
    pub actual_minutes: Option<i64>,
    /// A JSON list of references as written.
    pub depends_on: Option<String>,
    /// A JSON list of references as written.
    pub blocks: Option<String>,
    /// A JSON list of references as written.
    pub related: Option<String>,
    /// A JSON list of words.
    pub tags: Option<String>,
    /// A JSON object of the user's own fields.
    pub extra: Option<String>,
    /// What it waits for that is not done.
    pub blocked_by: Vec<Blocker>,
    /// Whether it can be begun, other sessions considered.
    pub ready: bool,
    /// 1-based.
    pub line: i64,
    /// How hard, as written.
    pub complexity: Option<String>,
}

/// In what order tasks come.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Order {
    /// As in the files, session by session.
    #[default]
    Document,
    /// Most urgent first, then by date, then as in the files.
    Urgency,
    /// By date, those without last.
    Due,
    /// By title.
    Title,
}

/// Which tasks; an empty list or `None` does not restrict.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct TaskFilter {
    /// In which sessions.
    pub scope: Scope,
    /// In one of these states.
    pub statuses: Vec<TaskStatus>,
    /// In the group of this path or one inside it.
    pub group: Option<String>,
    /// Of this specialist; ASCII case does not matter.
    pub specialist: Option<String>,
    /// Of one of these levels, 1–5, the group's being the default.
    pub priorities: Vec<u8>,
    /// That can be begun, or that cannot.
    pub ready: Option<bool>,
    /// Whose title or description holds this text; ASCII case does not matter.
    pub text: Option<String>,
    /// Directly below the task of this key.
    pub parent: Option<String>,
    /// Root tasks only.
    pub roots: bool,
    /// Due on or before this day.
    pub due_by: Option<String>,
    /// With this tag.
    pub tag: Option<String>,
    /// The order.
    pub order: Order,
    /// At most so many.
    pub limit: Option<usize>,
    /// After so many.
    pub offset: usize,
}

pub(super) const COLUMNS: &str = "t.task_id, t.id, t.title, coalesce(t.description, ''), t.status, \
    t.session_id, (SELECT o.identity FROM sessions AS o WHERE o.session_id = t.session_id), t.task_group, \
    t.parent_task_id, (SELECT p.id FROM tasks AS p WHERE p.task_id = t.parent_task_id), t.level, \
    t.specialist_type, t.priority, t.due, t.estimate_minutes, t.actual_minutes, t.depends_on, t.blocks, \
    t.related_tasks, t.tags, t.extra, t.ready, t.waits, t.chunk, t.line_in_chunk, \
    t.complexity_level";

/// A task has few subtasks; without being told, SQLite reads a whole session to have them in order.
const BY_PARENT: &str = " INDEXED BY idx_tasks_parent";

/// Nothing in another session stands in the way of `t`.
const FOREIGN_DONE: &str = "NOT EXISTS (SELECT 1 FROM foreign_dependencies AS f LEFT JOIN tasks AS x \
    ON x.task_id = f.target WHERE f.task_id = t.task_id \
    AND coalesce(x.status, '') NOT IN ('completed', 'cancelled'))";

impl Index {
    /// The tasks that fit, and how many there are without limit and offset.
    ///
    /// # Errors
    /// [`super::super::Error`] where the index cannot be read.
    pub fn tasks(&self, filter: &TaskFilter) -> Result<(Vec<TaskRow>, usize)> {
        if let Some(rows) = self.page_by_state(filter)? {
            let total = self.total(filter, &filter.conditions())?;
            return Ok((rows, total));
        }
        let conditions = filter.conditions();
        let one = matches!(&filter.scope, Scope::Sessions(list) if list.len() == 1);
        // The ready list is answered in its order by these, which no statistics would tell.
        let by = match (filter.ready, filter.order, one) {
            _ if filter.parent.is_some() => BY_PARENT,
            (Some(true), Order::Urgency, true) => " INDEXED BY idx_tasks_ready_here",
            (Some(true), Order::Urgency, false) => " INDEXED BY idx_tasks_ready",
            _ => "",
        };
        let sql = format!(
            "SELECT {COLUMNS} FROM tasks AS t{by}{} ORDER BY {}{}",
            conditions.sql(),
            filter.order.sql(),
            page(filter.limit, filter.offset)
        );
        let rows = rows(&self.conn, &sql, &conditions.values)?;
        let all_seen = filter.limit.is_none_or(|limit| rows.len() < limit);
        let total = if all_seen && (filter.offset == 0 || !rows.is_empty()) {
            rows.len() + filter.offset
        } else {
            self.total(filter, &conditions)?
        };
        Ok((rows, total))
    }

    /// The first page of tasks in some states over several sessions: session by session, those
    /// alone that have such tasks. No index has all tasks of a state in the order of the files.
    fn page_by_state(&self, filter: &TaskFilter) -> Result<Option<Vec<TaskRow>>> {
        let one = matches!(&filter.scope, Scope::Sessions(list) if list.len() == 1);
        let plain = filter.order == Order::Document && filter.offset == 0 && filter.parent.is_none();
        let (Some(limit), true) = (filter.limit, plain && !one && !filter.statuses.is_empty()) else {
            return Ok(None);
        };
        let mut having = Conditions::default();
        filter.scope.limit("c.session_id", &mut having);
        having.any("c.state", filter.statuses.iter().map(|s| s.key().to_owned().into()));
        let sql = format!(
            "SELECT DISTINCT c.session_id FROM task_counts AS c{} ORDER BY c.session_id",
            having.sql()
        );
        let mut having_statement = self.conn.prepare_cached(&sql)?;
        let mut sessions = having_statement.query(params_from_iter(&having.values))?;
        let mut rows = Vec::new();
        while rows.len() < limit {
            let Some(row) = sessions.next()? else { break };
            let scope = Scope::session(row.get::<_, String>(0)?);
            let here = TaskFilter { scope, limit: Some(limit - rows.len()), ..filter.clone() };
            let conditions = here.conditions();
            let sql = format!(
                "SELECT {COLUMNS} FROM tasks AS t{} ORDER BY {}{}",
                conditions.sql(),
                here.order.sql(),
                page(here.limit, 0)
            );
            rows.extend(self::rows(&self.conn, &sql, &conditions.values)?);
        }
        Ok(Some(rows))
    }

    fn total(&self, filter: &TaskFilter, conditions: &Conditions) -> Result<usize> {
        let plain = TaskFilter {
            scope: filter.scope.clone(),
            statuses: filter.statuses.clone(),
            order: filter.order,
            limit: filter.limit,
            offset: filter.offset,
            ..TaskFilter::default()
        };
        let ready = TaskFilter { ready: Some(true), ..plain.clone() };
        let startable = filter.statuses.is_empty() || filter.statuses.contains(&TaskStatus::Pending);
        let (sql, values) = if startable && *filter == ready {
            self::ready(filter, conditions)
        } else if *filter == plain {
            let mut counted = Conditions::default();
            filter.scope.limit("c.session_id", &mut counted);
            if filter.statuses.is_empty() {
                counted.add("c.state NOT IN ('ready', 'ready_if')", []);
            } else {
                counted.any("c.state", filter.statuses.iter().map(|s| s.key().to_owned().into()));
            }
            (format!("SELECT total(c.tasks) FROM task_counts AS c{}", counted.sql()), counted.values)
        } else {
            let by = if filter.parent.is_some() { BY_PARENT } else { "" };
            (format!("SELECT count(*) FROM tasks AS t{by}{}", conditions.sql()), conditions.values.clone())
        };
        let count: i64 = self
            .conn
            .prepare_cached(&sql.replace("total(", "sum("))?
            .query_row(params_from_iter(values), |r| Ok(r.get::<_, Option<i64>>(0)?.unwrap_or_default()))?;
        Ok(usize::try_from(count).unwrap_or_default())
    }

    /// What can be begun now, most urgent first.
    ///
    /// # Errors
    /// [`super::super::Error`] where the index cannot be read.
    pub fn next(&self, scope: Scope, specialist: Option<&str>, limit: usize) -> Result<Vec<TaskRow>> {
        let filter = TaskFilter {
            scope,
            specialist: specialist.map(str::to_owned),
            ready: Some(true),
            order: Order::Urgency,
            limit: Some(limit),
            ..TaskFilter::default()
        };
        let conditions = filter.conditions();
        let one = matches!(&filter.scope, Scope::Sessions(list) if list.len() == 1);
        let by = if one { "idx_tasks_ready_here" } else { "idx_tasks_ready" };
        let sql = format!(
            "SELECT {COLUMNS} FROM tasks AS t INDEXED BY {by}{} ORDER BY {}{}",
            conditions.sql(),
            filter.order.sql(),
            page(filter.limit, 0)
        );
        rows(&self.conn, &sql, &conditions.values)
    }
}

/// How many can be begun, from the counters: all that nothing in their session stands in the way
/// of, less those in other states than wanted, which are few, and those that wait for other
/// sessions, one by one.
fn ready(filter: &TaskFilter, conditions: &Conditions) -> (String, Vec<Value>) {
    let mut counted = Conditions::default();
    filter.scope.limit("c.session_id", &mut counted);
    counted.add("c.state = 'ready'", []);
    let mut sql = format!("SELECT (SELECT ifnull(sum(c.tasks), 0) FROM task_counts AS c{})", counted.sql());
    let mut values = counted.values;
    if !filter.statuses.is_empty() {
        let mut others = Conditions::default();
        filter.scope.limit("c.session_id", &mut others);
        let unwanted = TaskStatus::ALL.into_iter().filter(|s| s.is_open() && !filter.statuses.contains(s));
        others.any("c.state", unwanted.map(|s| s.key().to_owned().into()));
        others.add("t.ready = 1", []);
        let _ = write!(
            sql,
            " - (SELECT count(*) FROM task_counts AS c CROSS JOIN tasks AS t INDEXED BY idx_tasks_status \
             ON t.session_id = c.session_id AND t.status = c.state{})",
            others.sql()
        );
        values.extend(others.values);
    }
    let _ = write!(
        sql,
        " + (SELECT count(*) FROM tasks AS t INDEXED BY idx_tasks_ready_if{} AND t.ready = 2)",
        conditions.sql()
    );
    values.extend(conditions.values.iter().cloned());
    (sql, values)
}

impl Order {
    fn sql(self) -> &'static str {
        match self {
            Self::Document => "t.session_id, t.chunk, t.position_in_group",
            Self::Urgency => "t.urgency, ifnull(t.due, '~'), t.session_id, t.chunk, t.position_in_group",
            Self::Due => "ifnull(t.due, '~'), t.urgency, t.session_id, t.chunk, t.position_in_group",
            Self::Title => "t.title COLLATE NOCASE, t.session_id, t.chunk, t.position_in_group",
        }
    }
}

impl TaskFilter {
    fn conditions(&self) -> Conditions {
        let mut all = Conditions::default();
        self.scope.limit("t.session_id", &mut all);
        if !self.statuses.is_empty() {
            all.any("t.status", self.statuses.iter().map(|s| s.key().to_owned().into()));
        }
        if let Some(group) = &self.group {
            // `0` follows `/`: everything that begins with the path and a slash.
            let range = [group.clone(), format!("{group}/"), format!("{group}0")].map(Value::from);
            all.add("(t.task_group = ? OR (t.task_group >= ? AND t.task_group < ?))", range);
        }
        if let Some(specialist) = &self.specialist {
            all.add("t.specialist_type = ? COLLATE NOCASE", [specialist.clone().into()]);
        }
        if !self.priorities.is_empty() {
            all.any("t.urgency", self.priorities.iter().map(|&p| i64::from(p).into()));
        }
        match self.ready {
            Some(true) => all.add(&format!("t.ready > 0 AND (t.ready = 1 OR {FOREIGN_DONE})"), []),
            Some(false) => all.add(&format!("(t.ready = 0 OR (t.ready = 2 AND NOT {FOREIGN_DONE}))"), []),
            None => {}
        }
        if let Some(text) = &self.text {
            let pattern: Value = containing(text).into();
            all.add(
                "(t.title LIKE ? ESCAPE '\\' OR t.description LIKE ? ESCAPE '\\')",
                [pattern.clone(), pattern],
            );
        }
        if let Some(parent) = &self.parent {
            all.add("t.parent_task_id = ?", [parent.clone().into()]);
        }
        if self.roots {
            all.add("t.parent_task_id IS NULL", []);
        }
        if let Some(day) = &self.due_by {
            // A time of that day is still that day.
            all.add("substr(t.due, 1, 10) <= substr(?, 1, 10)", [day.clone().into()]);
        }
        if let Some(tag) = &self.tag {
            all.add(
                "EXISTS (SELECT 1 FROM json_each(t.tags) AS j WHERE j.value = ? COLLATE NOCASE)",
                [tag.trim_start_matches('#').to_owned().into()],
            );
        }
        all
    }
}

/// Runs a statement over [`COLUMNS`] and completes its rows.
pub(super) fn rows(conn: &Connection, sql: &str, values: &[Value]) -> Result<Vec<TaskRow>> {
    let mut statement = conn.prepare_cached(sql)?;
    let mut found = statement.query(params_from_iter(values))?;
    let (mut rows, mut marks) = (Vec::new(), Vec::new());
    while let Some(row) = found.next()? {
        rows.push(task(row)?);
        let mark: (i64, i64, i64) = (row.get(21)?, row.get(22)?, row.get(23)?);
        marks.push(mark);
    }
    let chunks = rows.iter().zip(&marks).map(|(row, (_, _, chunk))| (row.directory.as_str(), *chunk));
    let places = Places::of(conn, chunks)?;
    for (row, (ready, waits, chunk)) in rows.iter_mut().zip(marks) {
        row.line += places.get(&row.directory, Some(chunk)).0;
        if waits > 0 {
            row.blocked_by = blockers(conn, &row.key)?;
        }
        row.ready = ready == 1 || (ready == 2 && row.blocked_by.is_empty());
    }
    Ok(rows)
}

fn task(row: &Row<'_>) -> rusqlite::Result<TaskRow> {
    Ok(TaskRow {
        key: row.get(0)?,
        id: row.get(1)?,
        title: row.get(2)?,
        description: row.get(3)?,
        status: row.get(4)?,
        directory: row.get(5)?,
        identity: row.get(6)?,
        group: row.get(7)?,
        parent_key: row.get(8)?,
        parent: row.get(9)?,
        depth: row.get(10)?,
        specialist: row.get(11)?,
        priority: row.get(12)?,
        due: row.get(13)?,
        estimate_minutes: row.get(14)?,
        actual_minutes: row.get(15)?,
        depends_on: row.get(16)?,
        blocks: row.get(17)?,
        related: row.get(18)?,
        tags: row.get(19)?,
        extra: row.get(20)?,
        blocked_by: Vec::new(),
        ready: false,
        line: row.get(24)?,
        complexity: row.get(25)?,
    })
}
