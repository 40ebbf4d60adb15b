use std::collections::HashMap;
use std::sync::LazyLock;

use rusqlite::{CachedStatement, Connection, ToSql, params};

use super::group_rows::{GroupRow, hours};
use super::hash::{RowHash, int};
use super::replace::{OldChunk, Plan};
use super::search_queue::SearchQueue;
use super::{DependencyRecord, Result, SessionRecord, TargetRecord, TaskRecord};
use crate::model::TaskStatus;

/// All columns that a row's content decides, in the order of the parameters, after the key.
const COLUMNS: [&str; 41] = [
    "session_id",
    "parent_task_id",
    "root_task_id",
    "task_group",
    "level",
    "hierarchy_path",
    "title",
    "description",
    "specialist_type",
    "complexity_level",
    "status",
    "progress_percentage",
    "estimated_effort",
    "actual_effort",
    "depends_on",
    "blocks",
    "related_tasks",
    "verification_status",
    "created_at",
    "started_at",
    "completed_at",
    "last_updated_at",
    "id",
    "group_id",
    "priority",
    "urgency",
    "due",
    "estimate_minutes",
    "actual_minutes",
    "tags",
    "extra",
    "ready",
    "waits",
    "content",
    "chunk",
    "position_in_group",
    "line_in_chunk",
    "file_operations_count",
    "markdown_section",
    "task_id",
    "rowid",
];
/// The last two are named elsewhere in the statements.
const SET: usize = COLUMNS.len() - 2;

static INSERT: LazyLock<String> = LazyLock::new(|| {
    let marks: Vec<String> = (2..=SET + 1).map(|n| format!("?{n}")).collect();
    format!("INSERT INTO tasks (task_id, {}) VALUES (?1, {})", COLUMNS[..SET].join(", "), marks.join(", "))
});
static UPDATE: LazyLock<String> = LazyLock::new(|| {
    let set: Vec<String> = COLUMNS[..SET].iter().zip(2..).map(|(c, n)| format!("{c} = ?{n}")).collect();
    format!("UPDATE tasks SET {} WHERE task_id = ?1", set.join(", "))
});

/// The path of every task: `/session/group/task/subtask`.
pub(super) fn paths(record: &SessionRecord) -> Vec<String> {
    let mut paths: Vec<String> = Vec::with_capacity(record.tasks.len());
    for (i, task) in record.tasks.iter().enumerate() {
        let path = match (task.parent.filter(|&p| p < i), task.group.and_then(|g| record.groups.get(g))) {
            (Some(parent), _) => format!("{}/{}", paths[parent], task.row_id),
            (None, Some(group)) => format!("/{}/{}/{}", record.directory, group.path, task.row_id),
            (None, None) => format!("/{}/{}", record.directory, task.row_id),
        };
        paths.push(path);
    }
    paths
}

fn key(record: &SessionRecord, task: usize) -> String {
    format!("{}#{}", record.directory, record.tasks[task].row_id)
}

fn group<'a>(groups: &'a [GroupRow], task: &TaskRecord) -> Option<&'a GroupRow> {
    task.group.and_then(|g| groups.get(g))
}

/// 1–5: the task's own, else its group's, else 3.
fn urgency(record: &SessionRecord, task: &TaskRecord) -> i64 {
    let of_group = || task.group.and_then(|g| record.groups.get(g)).and_then(|g| g.priority);
    super::replace::level(task.priority.or_else(of_group))
}

/// The hash of each task's row, its place excluded.
pub(super) fn contents(
    record: &SessionRecord,
    groups: &[GroupRow],
    paths: &[String],
    hash: &mut RowHash,
) -> Vec<i64> {
    let one = |(i, t): (usize, &TaskRecord)| {
        hash.text(&paths[i]).opt(t.id.as_deref()).opt(group(groups, t).map(|g| g.id.as_str()));
        hash.int(i64::from(t.depth)).text(&t.title).text(&t.description).text(t.status.key());
        for text in [
            &t.specialist,
            &t.due,
            &t.complexity,
            &t.verified,
            &t.created,
            &t.started,
            &t.completed,
            &t.extra,
        ] {
            hash.opt(text.as_deref());
        }
        for number in [t.priority.map(u32::from), t.estimate, t.actual, t.progress.map(u32::from)] {
            hash.opt_int(number.map(i64::from));
        }
        for list in [&t.depends_on, &t.blocks, &t.related, &t.tags, &t.aliases] {
            hash.list(list);
        }
        hash.int(urgency(record, t)).int(t.ready as i64).int(int(t.dependencies.len()));
        for dependency in &t.dependencies {
            let target = Target::of(record, dependency);
            hash.text(dependency.via.word()).text(&dependency.written).text(target.state);
            hash.opt(target.task.as_deref()).opt(target.session).opt(target.id);
        }
        hash.finish()
    };
    record.tasks.iter().enumerate().map(one).collect()
}

/// The columns of a dependency's target.
struct Target<'a> {
    state: &'static str,
    task: Option<String>,
    session: Option<&'a str>,
    id: Option<&'a str>,
}

impl<'a> Target<'a> {
    fn of(record: &SessionRecord, dependency: &'a DependencyRecord) -> Self {
        let (state, task, session, id) = match &dependency.target {
            TargetRecord::Task(t) if *t < record.tasks.len() => ("local", Some(key(record, *t)), None, None),
            TargetRecord::Foreign { session, id } => {
                ("foreign", None, Some(session.as_str()), Some(id.as_str()))
            }
            TargetRecord::Ambiguous => ("ambiguous", None, None, None),
            TargetRecord::Task(_) | TargetRecord::Unknown => ("unknown", None, None, None),
        };
        Self { state, task, session, id }
    }
}

/// A row as it is in the index.
struct OldRow {
    rowid: i64,
    content: i64,
    chunk: i64,
    position: i64,
    line: i64,
}

/// Writes the tasks of chunks that differ: rows that say something new as a whole, rows that only
/// moved with their place alone; what is left over is deleted last, when nobody names it as a
/// parent any more.
pub(super) fn write(
    conn: &Connection,
    queue: &mut SearchQueue,
    plan: &Plan<'_>,
    same: &HashMap<i64, OldChunk>,
    scope: i64,
    known: bool,
) -> Result<()> {
    let record = plan.record;
    let clean = |ord: i64, digest: i64| same.get(&ord).is_some_and(|old| old.digest == digest);
    let mut old = if known { dirty_rows(conn, plan, same)? } else { HashMap::new() };
    let mut statements = Statements::of(conn)?;
    for (chunk, &ord) in plan.chunks.iter().zip(&plan.ords) {
        if clean(ord, chunk.digest) {
            continue;
        }
        for i in chunk.start..chunk.end {
            let place = Place {
                ord,
                position: int(i - chunk.start),
                line: i64::from(record.tasks[i].line) - i64::from(record.tasks[chunk.start].line),
            };
            let key = key(record, i);
            match old.remove(&key) {
                None => {
                    statements.put(true, plan, i, &key, place)?;
                    let task = &record.tasks[i];
                    queue.add(conn.last_insert_rowid(), &task.title, &task.description, scope);
                    statements.attach(record, i, &key)?;
                }
                Some(row) if row.content != plan.contents[i] => {
                    let task = &record.tasks[i];
                    let text: (String, String) =
                        statements.text.query_row([row.rowid], |r| Ok((r.get(0)?, r.get(1)?)))?;
                    if text.0 != task.title || text.1 != task.description {
                        queue.remove(conn, row.rowid)?;
                        queue.add(row.rowid, &task.title, &task.description, scope);
                    }
                    statements.put(false, plan, i, &key, place)?;
                    statements.reattach(record, i, &key)?;
                }
                Some(row) if row.chunk != ord => {
                    statements.carry.execute(params![row.rowid, ord, place.position, place.line])?;
                }
                Some(row) if (row.position, row.line) != (place.position, place.line) => {
                    statements.shift.execute(params![row.rowid, place.position, place.line])?;
                }
                Some(_) => {}
            }
        }
    }
    let mut gone: Vec<i64> = old.values().map(|row| row.rowid).collect();
    gone.sort_unstable();
    for rowid in &gone {
        queue.remove(conn, *rowid)?;
    }
    let mut delete = conn.prepare_cached("DELETE FROM tasks WHERE rowid = ?1")?;
    for rowid in gone {
        delete.execute([rowid])?;
    }
    Ok(())
}

/// The rows of every chunk that is not the same as before, by key.
fn dirty_rows(
    conn: &Connection,
    plan: &Plan<'_>,
    same: &HashMap<i64, OldChunk>,
) -> Result<HashMap<String, OldRow>> {
    const FIELDS: &str = "SELECT task_id, rowid, content, chunk, position_in_group, line_in_chunk FROM tasks";
    let now: HashMap<i64, i64> =
        plan.ords.iter().copied().zip(plan.chunks.iter().map(|c| c.digest)).collect();
    let row = |r: &rusqlite::Row<'_>| {
        let old = OldRow {
            rowid: r.get(1)?,
            content: r.get(2)?,
            chunk: r.get(3)?,
            position: r.get(4)?,
            line: r.get(5)?,
        };
        Ok((r.get(0)?, old))
    };
    let directory = &plan.record.directory;
    if same.is_empty() {
        let mut all = conn.prepare_cached(&format!("{FIELDS} WHERE session_id = ?1"))?;
        return Ok(all.query_map([directory], row)?.collect::<rusqlite::Result<_>>()?);
    }
    let mut rows = HashMap::new();
    let mut of_chunk = conn.prepare_cached(&format!("{FIELDS} WHERE session_id = ?1 AND chunk = ?2"))?;
    for old in same.values().filter(|old| now.get(&old.ord) != Some(&old.digest)) {
        for found in of_chunk.query_map(params![directory, old.ord], row)? {
            let (key, row) = found?;
            rows.insert(key, row);
        }
    }
    Ok(rows)
}

/// Where a task stands.
#[derive(Clone, Copy)]
struct Place {
    ord: i64,
    position: i64,
    line: i64,
}

/// Statements used once per task.
struct Statements<'c> {
    conn: &'c Connection,
    /// Long, and most edits need only one of them: prepared when the first row is written.
    insert: Option<CachedStatement<'c>>,
    update: Option<CachedStatement<'c>>,
    text: CachedStatement<'c>,
    carry: CachedStatement<'c>,
    shift: CachedStatement<'c>,
    depend: CachedStatement<'c>,
    alias: CachedStatement<'c>,
}

impl<'c> Statements<'c> {
    fn of(conn: &'c Connection) -> Result<Self> {
        Ok(Self {
            conn,
            insert: None,
            update: None,
            text: conn
                .prepare_cached("SELECT title, coalesce(description, '') FROM tasks WHERE rowid = ?1")?,
            carry: conn.prepare_cached(
                "UPDATE tasks SET chunk = ?2, position_in_group = ?3, line_in_chunk = ?4 WHERE rowid = ?1",
            )?,
            // No index holds these two columns, so that moving down a line costs the row alone.
            shift: conn.prepare_cached(
                "UPDATE tasks SET position_in_group = ?2, line_in_chunk = ?3 WHERE rowid = ?1",
            )?,
            depend: conn.prepare_cached(
                "INSERT INTO dependencies (task_id, ord, via, written, state, target_task, target_session, \
                 target_id) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            )?,
            alias: conn.prepare_cached("INSERT OR IGNORE INTO aliases (task_id, alias) VALUES (?1, ?2)")?,
        })
    }

    /// Writes one whole row: a new one, or another version of it.
    fn put(&mut self, is_new: bool, plan: &Plan<'_>, i: usize, key: &str, place: Place) -> Result<()> {
        let record = plan.record;
        let t = &record.tasks[i];
        let parent = t.parent.filter(|&p| p < i).map(|p| self::key(record, p));
        let root = plan.roots.get(i).filter(|&&r| r != i).map(|&r| self::key(record, r));
        let (estimate, actual) = (t.estimate.map(i64::from), t.actual.map(i64::from));
        let done = if t.status == TaskStatus::Completed { 100 } else { 0 };
        let progress = t.progress.map_or(done, i64::from).clamp(0, 100);
        let nothing: Option<i64> = None;
        let values: [&dyn ToSql; SET + 1] = [
            &key,
            &record.directory,
            &parent,
            &root,
            &t.group.and_then(|g| record.groups.get(g)).map(|g| &g.path),
            &t.depth,
            &plan.paths[i],
            &t.title,
            &Some(&t.description).filter(|d| !d.is_empty()),
            &t.specialist,
            &t.complexity,
            &t.status.key(),
            &progress,
            &estimate.map(hours),
            &actual.map(hours),
            &list(&t.depends_on),
            &list(&t.blocks),
            &list(&t.related),
            &t.verified,
            &t.created,
            &t.started,
            &t.completed,
            &nothing,
            &t.id,
            &group(&plan.groups, t).map(|g| &g.id),
            &t.priority,
            &urgency(record, t),
            &t.due,
            &estimate,
            &actual,
            &list(&t.tags),
            &t.extra,
            &(t.ready as i64),
            &int(t.dependencies.len()),
            &plan.contents[i],
            &place.ord,
            &place.position,
            &place.line,
            &0_i64,
            &nothing,
        ];
        let (kept, sql) = if is_new { (&mut self.insert, &INSERT) } else { (&mut self.update, &UPDATE) };
        let statement = match kept {
            Some(statement) => statement,
            None => kept.insert(self.conn.prepare_cached(sql)?),
        };
        statement.execute(&values[..])?;
        Ok(())
    }

    /// Writes what hangs on a new row.
    fn attach(&mut self, record: &SessionRecord, i: usize, key: &str) -> Result<()> {
        let task = &record.tasks[i];
        for (ord, dependency) in (0_i64..).zip(&task.dependencies) {
            let target = Target::of(record, dependency);
            self.depend.execute(params![
                key,
                ord,
                dependency.via.word(),
                dependency.written,
                target.state,
                target.task,
                target.session,
                target.id
            ])?;
        }
        for alias in &task.aliases {
            self.alias.execute(params![key, alias])?;
        }
        Ok(())
    }

    /// Writes anew what hangs on a row.
    fn reattach(&mut self, record: &SessionRecord, i: usize, key: &str) -> Result<()> {
        self.conn.prepare_cached("DELETE FROM dependencies WHERE task_id = ?1")?.execute([key])?;
        self.conn.prepare_cached("DELETE FROM aliases WHERE task_id = ?1")?.execute([key])?;
        self.attach(record, i, key)
    }
}

/// A JSON list, or nothing for an empty one.
fn list(words: &[String]) -> Option<String> {
    (!words.is_empty()).then(|| serde_json::Value::from(words).to_string())
}
