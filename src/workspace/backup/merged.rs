use std::collections::HashSet;

use crate::disk::{FileText, SafeName};
use crate::model::{
    Change, Field, GroupRef, NewTask, Place, Position, Session, TaskId, TaskKey, norm, write_minutes,
};

use super::super::{Error, Workspace};
use super::plan::Fate;

impl Workspace {
    /// A plan with the tasks that only the backup has, and with their groups. Everything else stays as it is.
    pub(super) fn merged_with_backup(
        &self,
        name: &SafeName,
        backup: &[u8],
        file: &FileText,
    ) -> Result<(Fate, Vec<u8>), Error> {
        let keep = |why: &str| Ok((Fate::Kept(why.to_owned()), file.bytes.clone()));
        let old = self.understand(backup, name.as_str()).session;
        let now = self.understand(&file.bytes, name.as_str());
        let lost = lost_tasks(&old, &now.session);
        if lost.is_empty() {
            return keep("it has every task of the backup; `--strategy replace` goes back to it");
        }
        let ids: HashSet<&TaskId> = now.session.tasks.iter().filter_map(|t| t.id.as_ref()).collect();
        let parent_of = |nth: usize| old.tasks.get(nth)?.parent.and_then(|p| old.tasks.get(p));
        let mut changes = Vec::new();
        for &nth in &lost {
            let (Some(task), Some(new)) = (old.tasks.get(nth), new_task(&old, nth)) else { continue };
            let under = parent_of(nth).and_then(|p| p.id.clone()).filter(|id| ids.contains(id));
            let place = match (under, task.group.and_then(|g| old.groups.get(g))) {
                (Some(id), _) => Place::Under(TaskKey::Id(id), Position::Last),
                (None, Some(group)) => Place::Group(GroupRef::Path(group.path.clone()), Position::Last),
                (None, None) => Place::Group(GroupRef::Ungrouped, Position::Last),
            };
            changes.push(Change::AddTasks { place, tasks: vec![new] });
        }
        match self.changed(&now, &changes, name.as_str()) {
            Ok(lifted) => Ok((Fate::Merge(changes.len()), lifted.document.text().as_bytes().to_vec())),
            Err(error) => keep(&format!("its tasks cannot be put in: {error}")),
        }
    }
}

/// A task of a backup with everything below it, to be written anew.
fn new_task(old: &Session, top: usize) -> Option<NewTask> {
    let mut made: Vec<(usize, NewTask)> = vec![(top, bare(old, top)?)];
    for nth in top + 1..old.tasks.len() {
        let Some(parent) = old.tasks[nth].parent else { break };
        if made.iter().any(|(at, _)| *at == parent) {
            made.push((nth, bare(old, nth)?));
        }
    }
    // Subtasks stand after their parents: from the end, each is complete when it is handed up.
    while made.len() > 1 {
        let (nth, task) = made.pop()?;
        let parent = old.tasks.get(nth)?.parent?;
        made.iter_mut().find(|(at, _)| *at == parent)?.1.children.insert(0, task);
    }
    made.pop().map(|(_, task)| task)
}

fn bare(old: &Session, nth: usize) -> Option<NewTask> {
    let task = old.tasks.get(nth)?;
    let effort = task.effort();
    let in_tail = [Field::Id, Field::Specialist, Field::Est, Field::Actual, Field::Status];
    let own = task.fields.iter().filter(|entry| entry.field.is_none_or(|field| !in_tail.contains(&field)));
    let key = |entry: &crate::model::FieldEntry| {
        entry.field.map_or_else(|| entry.key.to_string(), |field| field.key().to_owned())
    };
    let mut fields: Vec<(String, String)> = own.map(|entry| (key(entry), entry.value.clone())).collect();
    fields.extend(effort.actual.map(|m| (Field::Actual.key().to_owned(), write_minutes(m))));
    Some(NewTask {
        id: task.id.clone(),
        title: task.title.clone(),
        status: Some(task.status),
        specialist: task.specialist().map(str::to_owned),
        estimate: effort.estimate,
        fields,
        description: dedented(&task.description),
        children: Vec::new(),
    })
}

/// Lines without the indent that all of them have.
fn dedented(text: &str) -> String {
    let indent = |line: &str| line.len() - line.trim_start_matches([' ', '\t']).len();
    let least = text.lines().filter(|l| !l.trim().is_empty()).map(indent).min().unwrap_or(0);
    let lines: Vec<&str> = text.lines().map(|line| line.get(least..).unwrap_or("")).collect();
    lines.join("\n").trim_end().to_owned()
}

/// Tasks of `old` that `now` does not have, with nothing below them that it has; of each such tree the top.
fn lost_tasks(old: &Session, now: &Session) -> Vec<usize> {
    let ids: HashSet<&TaskId> = now.tasks.iter().filter_map(|t| t.id.as_ref()).collect();
    let titles: HashSet<String> = now.tasks.iter().map(|t| norm(&t.title)).collect();
    let is_lost = |task: &crate::model::Task| match &task.id {
        Some(id) => !ids.contains(id),
        None => !titles.contains(&norm(&task.title)),
    };
    let mut lost: Vec<bool> = old.tasks.iter().map(is_lost).collect();
    let parent = |nth: usize| old.tasks.get(nth).and_then(|t| t.parent).filter(|&p| p < nth);
    // From the end, everything below a task is decided already.
    for nth in (0..lost.len()).rev() {
        if !lost[nth]
            && let Some(parent) = parent(nth)
        {
            lost[parent] = false;
        }
    }
    (0..lost.len()).filter(|&nth| lost[nth] && !parent(nth).is_some_and(|p| lost[p])).collect()
}
