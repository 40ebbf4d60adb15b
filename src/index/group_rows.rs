use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;

use rusqlite::{Connection, params};

use super::hash::{RowHash, int};
use super::replace::{Plan, level, percentage};
use super::{Result, SessionRecord};
use crate::model::Progress;

/// What is stored of a group beside its record.
pub(super) struct GroupRow {
    /// `<directory>/<path>`, and `#2` for the second one of that path.
    pub id: String,
    /// 1 for the first group of that path.
    pub occurrence: i64,
    /// Of its tasks and those of the groups in it.
    pub progress: Progress,
    /// Minutes of its root tasks and of the groups in it.
    pub estimate: i64,
    /// Hash of everything in the row.
    pub content: i64,
}

/// The rows of all groups.
pub(super) fn rows(record: &SessionRecord, hash: &mut RowHash) -> Vec<GroupRow> {
    let mut seen: HashMap<&str, i64> = HashMap::new();
    let mut ids: HashSet<String> = HashSet::new();
    let mut rows: Vec<GroupRow> = record
        .groups
        .iter()
        .map(|group| {
            let occurrence = seen.entry(&group.path).or_default();
            *occurrence += 1;
            let mut id = format!("{}/{}", record.directory, group.path);
            while !ids.insert(id.clone()) {
                // A heading may end like this by itself: one more then.
                let _ = write!(id, "#{occurrence}");
            }
            GroupRow { id, occurrence: *occurrence, progress: Progress::default(), estimate: 0, content: 0 }
        })
        .collect();
    // What a task takes: its own estimate, else that of its subtasks.
    let mut below = vec![0_i64; record.tasks.len()];
    for (i, task) in record.tasks.iter().enumerate().rev() {
        let whole = task.estimate.map_or(below[i], i64::from);
        match task.parent.filter(|&p| p < i) {
            Some(parent) => below[parent] = below[parent].saturating_add(whole),
            None => {
                if let Some(row) = task.group.and_then(|g| rows.get_mut(g)) {
                    row.estimate = row.estimate.saturating_add(whole);
                }
            }
        }
        if let Some(row) = task.group.and_then(|g| rows.get_mut(g)) {
            row.progress = row.progress.plus(std::iter::once(task.status).collect());
        }
    }
    for i in (0..rows.len()).rev() {
        let (progress, estimate) = (rows[i].progress, rows[i].estimate);
        if let Some(parent) = record.groups[i].parent.filter(|&p| p < i) {
            rows[parent].progress = rows[parent].progress.plus(progress);
            rows[parent].estimate = rows[parent].estimate.saturating_add(estimate);
        }
    }
    for (i, (row, group)) in rows.iter_mut().zip(&record.groups).enumerate() {
        hash.text(&row.id).text(&group.name).text(&group.description).opt(group.focus.as_deref());
        hash.opt_int(group.priority.map(i64::from)).opt_int(group.parent.map(int)).int(int(i));
        hash.int(int(row.progress.total)).int(int(row.progress.completed));
        hash.int(int(row.progress.in_progress)).int(row.estimate);
        row.content = hash.finish();
    }
    rows
}

fn depth(record: &SessionRecord, group: usize) -> i64 {
    let (mut at, mut depth) = (group, 0);
    while let Some(parent) = record.groups[at].parent.filter(|&p| p < at) {
        (at, depth) = (parent, depth + 1);
    }
    depth
}

/// Writes the groups that differ. Groups that are gone stay until their tasks are rewritten.
pub(super) fn write(conn: &Connection, plan: &Plan<'_>, known: bool) -> Result<()> {
    let old = if known { contents(conn, &plan.record.directory)? } else { HashMap::new() };
    let mut put = conn.prepare_cached(
        "INSERT INTO task_groups (group_id, session_id, group_name, description, parent_group_id, \
         group_level, position_in_session, specialist_focus, estimated_effort, priority_level, total_tasks, \
         completed_tasks, progress_percentage, markdown_section, created_at, updated_at, path, occurrence, \
         priority, estimate_minutes, in_progress_tasks, content) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, \
         ?10, ?11, ?12, ?13, ?3, NULL, NULL, ?14, ?15, ?16, ?17, ?18, ?19) \
         ON CONFLICT (group_id) DO UPDATE SET group_name = ?3, description = ?4, parent_group_id = ?5, \
         group_level = ?6, position_in_session = ?7, specialist_focus = ?8, estimated_effort = ?9, \
         priority_level = ?10, total_tasks = ?11, completed_tasks = ?12, progress_percentage = ?13, \
         markdown_section = ?3, path = ?14, occurrence = ?15, priority = ?16, estimate_minutes = ?17, \
         in_progress_tasks = ?18, content = ?19",
    )?;
    for (i, (row, group)) in plan.groups.iter().zip(&plan.record.groups).enumerate() {
        if old.get(&row.id) == Some(&row.content) {
            continue;
        }
        put.execute(params![
            row.id,
            plan.record.directory,
            group.name,
            Some(&group.description).filter(|d| !d.is_empty()),
            group.parent.filter(|&p| p < i).map(|p| &plan.groups[p].id),
            depth(plan.record, i),
            int(i),
            group.focus,
            hours(row.estimate),
            level(group.priority),
            int(row.progress.total),
            int(row.progress.completed),
            percentage(row.progress),
            group.path,
            row.occurrence,
            group.priority,
            row.estimate,
            int(row.progress.in_progress),
            row.content
        ])?;
    }
    Ok(())
}

/// Minutes as the seeds' whole hours, rounded up.
pub(super) fn hours(minutes: i64) -> i64 {
    (minutes + 59) / 60
}

/// Drops the rows of groups that are gone.
pub(super) fn remove_missing(conn: &Connection, plan: &Plan<'_>, known: bool) -> Result<()> {
    if !known {
        return Ok(());
    }
    let live: HashSet<&str> = plan.groups.iter().map(|g| g.id.as_str()).collect();
    let mut delete = conn.prepare_cached("DELETE FROM task_groups WHERE group_id = ?1")?;
    for id in contents(conn, &plan.record.directory)?.keys().filter(|id| !live.contains(id.as_str())) {
        delete.execute([id])?;
    }
    Ok(())
}

fn contents(conn: &Connection, directory: &str) -> Result<HashMap<String, i64>> {
    let mut old = conn.prepare_cached("SELECT group_id, content FROM task_groups WHERE session_id = ?1")?;
    let old = old.query_map([directory], |r| Ok((r.get(0)?, r.get(1)?)))?;
    Ok(old.collect::<rusqlite::Result<_>>()?)
}
