use std::collections::{HashMap, HashSet};

use super::{Groups, key};
use crate::model::pairing::longest_run;
use crate::model::{
    Change, GroupRef, NewTask, Pairing, Place, Position, Session, Task, TaskKey, TaskStatus, norm,
};

/// New and renamed groups, and their lines. Groups that went are removed by
/// [`Groups::finish`], when the tasks that stay have left them.
pub(super) fn groups(
    before: &Session,
    after: &Session,
    pairs: &Pairing,
    changes: &mut Vec<Change>,
) -> Groups {
    let groups = Groups::of(before, after, pairs);
    for (a, group) in after.groups.iter().enumerate() {
        let Some(b) = groups.before[a] else {
            // A new group is filed by its path, so its parent stands before it. Where headings
            // are groups only while they hold tasks, its first task brings it.
            if after.has_task_section() {
                changes.push(Change::AddGroup { name: group.path.clone(), header: group.header.clone() });
            }
            continue;
        };
        let old = &before.groups[b];
        if old.name != group.name {
            changes.push(Change::RenameGroup { group: GroupRef::Nth(b), name: group.name.clone() });
        }
        let named = |h: &[(String, String)], k: &str| {
            h.iter().find(|(x, _)| norm(x) == norm(k)).map(|(_, v)| v.clone())
        };
        for (label, _) in old.header.iter().chain(&group.header) {
            let (was, is) = (named(&old.header, label), named(&group.header, label));
            let change = Change::SetGroupField { group: GroupRef::Nth(b), label: label.clone(), value: is };
            if was != named(&group.header, label) && !changes.contains(&change) {
                changes.push(change);
            }
        }
    }
    groups
}

impl Groups {
    /// The group's name in changes that come after those of [`groups`].
    fn name(&self, after: &Session, a: usize) -> GroupRef {
        self.before[a].map_or_else(|| GroupRef::Path(after.groups[a].path.clone()), GroupRef::Nth)
    }

    pub(super) fn finish(&self, before: &Session, after: &Session, changes: &mut Vec<Change>) {
        for (group, _) in after.groups.iter().zip(&self.before).filter(|(_, b)| b.is_none()) {
            for (label, value) in group.header.iter().filter(|_| !after.has_task_section()) {
                let (label, value) = (label.clone(), Some(value.clone()));
                changes.push(Change::SetGroupField {
                    group: GroupRef::Path(group.path.clone()),
                    label,
                    value,
                });
            }
        }
        let gone = |g: Option<usize>| g.is_some_and(|g| self.gone.contains(&g));
        for &b in self.gone.iter().filter(|&&b| !gone(before.groups[b].parent)) {
            changes.push(Change::DeleteGroup { group: GroupRef::Nth(b) });
        }
        // Top groups that stand in another order: those outside the longest run are moved.
        let tops: Vec<usize> =
            (0..after.groups.len()).filter(|&a| after.groups[a].parent.is_none()).collect();
        let kept: Vec<usize> = tops.iter().copied().filter(|&a| self.before[a].is_some()).collect();
        let places: Vec<usize> = kept.iter().filter_map(|&a| self.before[a]).collect();
        let stays = longest_run(&places);
        let moved = |a: usize| match kept.iter().position(|&k| k == a) {
            Some(at) => !stays[at],
            // A new group is added at the end.
            None => tops[tops.iter().position(|&t| t == a).unwrap_or(0)..]
                .iter()
                .any(|&t| self.before[t].is_some()),
        };
        for (at, &a) in tops.iter().enumerate().rev() {
            if moved(a) {
                let before = tops.get(at + 1).map(|&n| self.name(after, n));
                changes.push(Change::MoveGroup { group: self.name(after, a), before });
            }
        }
    }
}

/// Where a task is filed: its parent, or its group. Both by index after.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Home {
    Under(usize),
    Group(Option<usize>),
}

fn home(task: &Task) -> Home {
    task.parent.map_or(Home::Group(task.group), Home::Under)
}

/// Tasks that moved, came and went, in this order.
pub(super) fn tasks(
    before: &Session,
    after: &Session,
    pairs: &Pairing,
    (groups, replaced): (&Groups, &[usize]),
    changes: &mut Vec<Change>,
) {
    let mut lists: Vec<(Home, Vec<usize>)> = Vec::new();
    let mut places: HashMap<Home, usize> = HashMap::new();
    for (a, task) in after.tasks.iter().enumerate() {
        let at = *places.entry(home(task)).or_insert_with(|| {
            lists.push((home(task), Vec::new()));
            lists.len() - 1
        });
        lists[at].1.push(a);
    }
    let stayed = |a: usize| {
        pairs.before[a].filter(|&b| match (home(&after.tasks[a]), home(&before.tasks[b])) {
            (Home::Under(p), Home::Under(q)) => pairs.before[p] == Some(q),
            (Home::Group(g), Home::Group(h)) => g.map(|g| groups.before[g]) == h.map(Some),
            _ => false,
        })
    };
    let mut added = Vec::new();
    for (home, list) in &lists {
        // Below a new task everything is written with it, or moved there once it stands.
        let anchor = match home {
            Home::Under(p) => match pairs.before[*p] {
                Some(b) => Some(Anchor::Task(key(before, b))),
                None => after.tasks[*p].id.clone().map(|id| Anchor::Task(TaskKey::Id(id))),
            },
            Home::Group(g) => Some(Anchor::Group(g.map_or(GroupRef::Ungrouped, |g| groups.name(after, g)))),
        };
        let Some(anchor) = anchor else { continue };
        let parent_is_new = matches!(home, Home::Under(p) if pairs.before[*p].is_none());
        let kept: Vec<usize> = list.iter().copied().filter(|&a| stayed(a).is_some()).collect();
        let order: Vec<usize> = kept.iter().filter_map(|&a| pairs.before[a]).collect();
        let stays: HashSet<usize> =
            kept.iter().zip(longest_run(&order)).filter(|(_, stays)| *stays).map(|(&a, _)| a).collect();
        let mut previous: Option<TaskKey> = None;
        for &a in list {
            match pairs.before[a] {
                Some(b) => {
                    if !stays.contains(&a) {
                        let to = anchor.place(previous.as_ref());
                        let change = Change::MoveTask { task: key(before, b), to };
                        if parent_is_new { added.push(change) } else { changes.push(change) }
                    }
                    previous = Some(key(before, b));
                }
                None if parent_is_new => {}
                None => {
                    let place = anchor.place(previous.as_ref());
                    let new = new_task(after, pairs, a);
                    match added.last_mut() {
                        Some(Change::AddTasks { place: last, tasks }) if *last == place => tasks.push(new),
                        _ => added.push(Change::AddTasks { place, tasks: vec![new] }),
                    }
                }
            }
        }
    }
    // A new task comes before what moves below it.
    added.sort_by_key(|c| matches!(c, Change::MoveTask { .. }));
    changes.extend(replaced.iter().rev().map(|&b| Change::DeleteTask { task: key(before, b) }));
    changes.append(&mut added);
    for b in (0..before.tasks.len()).filter(|b| pairs.after[*b].is_none() && !replaced.contains(b)) {
        let with_parent = before.tasks[b].parent.is_some_and(|p| pairs.after[p].is_none());
        let task = &before.tasks[b];
        // What is below a task that stays has left the group with it.
        let with_group = task.parent.is_none() && task.group.is_some_and(|g| groups.gone.contains(&g));
        if !with_parent && !with_group {
            changes.push(Change::DeleteTask { task: key(before, b) });
        }
    }
}

enum Anchor {
    Task(TaskKey),
    Group(GroupRef),
}

impl Anchor {
    fn place(&self, previous: Option<&TaskKey>) -> Place {
        let position = previous.map_or(Position::First, |k| Position::After(k.clone()));
        match self {
            Self::Task(parent) => Place::Under(parent.clone(), position),
            Self::Group(group) => Place::Group(group.clone(), position),
        }
    }
}

/// A new task with the new tasks below it.
fn new_task(after: &Session, pairs: &Pairing, root: usize) -> NewTask {
    // Built from the last to the first: a task's children stand behind it.
    let range = after.subtree(root);
    let mut done: HashMap<usize, Vec<NewTask>> = HashMap::new();
    for i in range.rev() {
        if pairs.before[i].is_some() {
            continue;
        }
        let task = &after.tasks[i];
        let mut children = done.remove(&i).unwrap_or_default();
        children.reverse();
        let new = NewTask {
            id: task.id.clone(),
            title: task.title.clone(),
            status: Some(task.status).filter(|s| *s != TaskStatus::Pending),
            specialist: task.tail.as_ref().and_then(|t| t.specialist.clone()),
            estimate: task.tail.as_ref().and_then(|_| task.effort().estimate),
            fields: head_fields(task),
            description: task.description.clone(),
            children,
        };
        if i == root {
            return new;
        }
        done.entry(task.parent.unwrap_or(root)).or_default().push(new);
    }
    NewTask::default()
}

fn head_fields(task: &Task) -> Vec<(String, String)> {
    use crate::model::{Carrier, Field};
    let head = task.fields.iter().filter(|e| {
        matches!(e.carrier, Carrier::Inline | Carrier::Emoji)
            && !matches!(e.field, Some(Field::Id | Field::Status))
    });
    head.map(|e| (e.field.map_or_else(|| e.key.to_string(), |f| f.key().to_owned()), e.value.clone()))
        .collect()
}
