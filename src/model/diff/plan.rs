use super::{Groups, facts};
use crate::model::pairing::longest_run;
use crate::model::{HeaderKey, Section, SectionKind, Session, Task, TaskId, TaskStatus, norm, pair_tasks};

/// One thing that differs between two versions of a plan.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum PlanChange {
    /// The session's name.
    SessionRenamed {
        /// What it was.
        from: String,
        /// What it is.
        to: String,
    },
    /// A fact of the header.
    Header {
        /// Which.
        key: HeaderKey,
        /// What it was.
        from: Option<String>,
        /// What it is.
        to: Option<String>,
    },
    /// A group that was not there.
    GroupAdded {
        /// Its path.
        path: String,
    },
    /// A group that is not there any more.
    GroupRemoved {
        /// Its path.
        path: String,
    },
    /// A group with another name.
    GroupRenamed {
        /// Its old path.
        from: String,
        /// Its new path.
        to: String,
    },
    /// A `**Key**: value` line of a group.
    GroupField {
        /// The group's path.
        path: String,
        /// The label.
        label: String,
        /// What it was.
        from: Option<String>,
        /// What it is.
        to: Option<String>,
    },
    /// A task that was not there.
    Added {
        /// Which.
        task: Named,
        /// Where it is filed.
        place: String,
        /// Its state.
        status: TaskStatus,
    },
    /// A task that is not there any more.
    Removed {
        /// Which.
        task: Named,
        /// Where it was filed.
        place: String,
        /// The state it had.
        status: TaskStatus,
    },
    /// A task that is filed elsewhere, or stands at another place among its siblings.
    Moved {
        /// Which.
        task: Named,
        /// Where it was filed.
        from: String,
        /// Where it is filed; equal to `from` where only the order changed.
        to: String,
    },
    /// A task with another title.
    Renamed {
        /// Which, by its new title.
        task: Named,
        /// The old title.
        from: String,
    },
    /// A task with another id, or its first.
    Identified {
        /// Which, by its new id.
        task: Named,
        /// The old id.
        from: Option<TaskId>,
    },
    /// A task in another state.
    Status {
        /// Which.
        task: Named,
        /// What it was.
        from: TaskStatus,
        /// What it is.
        to: TaskStatus,
    },
    /// A field of a task.
    Field {
        /// Which.
        task: Named,
        /// The field's key.
        key: String,
        /// What it was.
        from: Option<String>,
        /// What it is.
        to: Option<String>,
    },
    /// The text below a task's head.
    Description {
        /// Which.
        task: Named,
        /// What it was.
        from: String,
        /// What it is.
        to: String,
    },
    /// The text of a section that belongs to no task.
    Prose {
        /// The headings from the outermost down; empty for the text under the title.
        section: String,
        /// What it was; `None` for a new section.
        from: Option<String>,
        /// What it is; `None` for a removed section.
        to: Option<String>,
    },
}

/// A task as people name it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Named {
    /// Its id.
    pub id: Option<TaskId>,
    /// Its title.
    pub title: String,
}

/// Everything that differs between two versions of a plan, in the order of the plan.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct PlanDiff {
    /// Header, groups, tasks, prose.
    pub changes: Vec<PlanChange>,
}

impl PlanDiff {
    /// Whether both versions say the same.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// How many tasks came, went, or are not what they were: (added, removed, changed).
    #[must_use]
    pub fn counts(&self) -> (usize, usize, usize) {
        use PlanChange as P;
        let of = |f: fn(&P) -> bool| self.changes.iter().filter(|c| f(c)).count();
        let mut changed: Vec<&Named> = Vec::new();
        for change in &self.changes {
            if let P::Moved { task, .. }
            | P::Renamed { task, .. }
            | P::Identified { task, .. }
            | P::Status { task, .. }
            | P::Field { task, .. }
            | P::Description { task, .. } = change
                && changed.last() != Some(&task)
            {
                changed.push(task);
            }
        }
        (of(|c| matches!(c, P::Added { .. })), of(|c| matches!(c, P::Removed { .. })), changed.len())
    }
}

/// Compares two versions of a session the way a person would tell it.
#[must_use]
pub fn plan_diff(before: &Session, after: &Session) -> PlanDiff {
    let mut out = Vec::new();
    if before == after {
        return PlanDiff::default();
    }
    let pairs = pair_tasks(before, after);
    header(before, after, &mut out);
    groups(before, after, &Groups::of(before, after, &pairs), &mut out);
    let kept: Vec<usize> = (0..after.tasks.len()).filter(|&a| pairs.before[a].is_some()).collect();
    let order: Vec<usize> = kept.iter().filter_map(|&a| pairs.before[a]).collect();
    let stays = longest_run(&order);
    for (a, task) in after.tasks.iter().enumerate() {
        let Some(b) = pairs.before[a] else {
            out.push(PlanChange::Added { task: named(task), place: place(after, a), status: task.status });
            continue;
        };
        let (from, to) = (place(before, b), place(after, a));
        let in_order = kept.binary_search(&a).is_ok_and(|at| stays[at]);
        let parent_moved = task.parent.is_some_and(|p| pairs.before[p] == before.tasks[b].parent);
        if before.tasks[b].parent.map(|p| pairs.after[p]) != task.parent.map(Some)
            || before.tasks[b].parent.is_none() && from != to && !renamed(before, after, &from, &to)
            || !in_order && !parent_moved
        {
            out.push(PlanChange::Moved { task: named(task), from, to });
        }
        facts_of(&before.tasks[b], task, &mut out);
    }
    for (b, task) in before.tasks.iter().enumerate() {
        if pairs.after[b].is_none() {
            out.push(PlanChange::Removed { task: named(task), place: place(before, b), status: task.status });
        }
    }
    prose(before, after, &mut out);
    PlanDiff { changes: out }
}

fn named(task: &Task) -> Named {
    Named { id: task.id.clone(), title: task.title.clone() }
}

/// `Backend › Parent task`, or empty.
fn place(session: &Session, i: usize) -> String {
    let task = &session.tasks[i];
    let group = task.group.and_then(|g| session.groups.get(g)).map(|g| g.path.clone());
    let parent = task.parent.map(|p| session.tasks[p].title.clone());
    group.into_iter().chain(parent).collect::<Vec<_>>().join(" › ")
}

/// Whether two places differ only because a group was renamed.
fn renamed(before: &Session, after: &Session, from: &str, to: &str) -> bool {
    !after.groups.iter().any(|g| g.path == from) && !before.groups.iter().any(|g| g.path == to)
}

fn facts_of(old: &Task, new: &Task, out: &mut Vec<PlanChange>) {
    if old.title != new.title {
        out.push(PlanChange::Renamed { task: named(new), from: old.title.clone() });
    }
    if old.id != new.id {
        out.push(PlanChange::Identified { task: named(new), from: old.id.clone() });
    }
    if old.status != new.status {
        out.push(PlanChange::Status { task: named(new), from: old.status, to: new.status });
    }
    let was = facts::fields(new, old);
    for (key, to) in facts::fields(old, new) {
        let from = was.iter().find(|(k, _)| *k == key).and_then(|(_, v)| v.clone());
        out.push(PlanChange::Field { task: named(new), key, from, to });
    }
    if old.description != new.description {
        let (from, to) = (old.description.clone(), new.description.clone());
        out.push(PlanChange::Description { task: named(new), from, to });
    }
}

fn header(before: &Session, after: &Session, out: &mut Vec<PlanChange>) {
    use HeaderKey as H;
    if before.name != after.name {
        out.push(PlanChange::SessionRenamed { from: before.name.clone(), to: after.name.clone() });
    }
    for key in [H::Id, H::Status, H::Mode, H::Created, H::Priority, H::Due, H::Tags] {
        let fact = |s: &Session| s.fact(key.key()).map(str::to_owned);
        let (from, to) = (fact(before), fact(after));
        if from != to {
            out.push(PlanChange::Header { key, from, to });
        }
    }
}

fn groups(before: &Session, after: &Session, groups: &Groups, out: &mut Vec<PlanChange>) {
    for (a, group) in after.groups.iter().enumerate() {
        let Some(b) = groups.before[a] else {
            out.push(PlanChange::GroupAdded { path: group.path.clone() });
            continue;
        };
        let old = &before.groups[b];
        if old.name != group.name {
            out.push(PlanChange::GroupRenamed { from: old.path.clone(), to: group.path.clone() });
        }
        let value = |h: &[(String, String)], k: &str| {
            h.iter().find(|(x, _)| norm(x) == norm(k)).map(|(_, v)| v.clone())
        };
        let new_labels = group.header.iter().filter(|(k, _)| value(&old.header, k).is_none());
        for (label, _) in old.header.iter().chain(new_labels) {
            let (from, to) = (value(&old.header, label), value(&group.header, label));
            if from != to {
                let (path, label) = (group.path.clone(), label.clone());
                out.push(PlanChange::GroupField { path, label, from, to });
            }
        }
    }
    for &b in &groups.gone {
        out.push(PlanChange::GroupRemoved { path: before.groups[b].path.clone() });
    }
}

fn prose(before: &Session, after: &Session, out: &mut Vec<PlanChange>) {
    let mut push = |section: String, from: Option<&str>, to: Option<&str>| {
        let words = |t: Option<&str>| t.map(|t| t.trim().to_owned()).filter(|t| !t.is_empty());
        let (from, to) = (words(from), words(to));
        if from != to {
            out.push(PlanChange::Prose { section, from, to });
        }
    };
    push(String::new(), Some(&before.preamble), Some(&after.preamble));
    let (old, new) = (paths(before), paths(after));
    let mut used = vec![false; old.len()];
    let derived = |s: &Section| matches!(s.kind, SectionKind::Group | SectionKind::GroupPart);
    for (path, section) in &new {
        let there = old.iter().enumerate().position(|(i, (p, _))| !used[i] && norm(p) == norm(path));
        if let Some(i) = there {
            used[i] = true;
        }
        let was = there.map(|i| old[i].1.body.as_str());
        if !derived(section) || was.is_some() {
            push(path.clone(), was, Some(&section.body));
        }
    }
    for (i, (path, section)) in old.iter().enumerate() {
        if !used[i] && !derived(section) {
            push(path.clone(), Some(&section.body), None);
        }
    }
}

/// Every section with the titles from the outermost down to it.
fn paths(session: &Session) -> Vec<(String, &Section)> {
    let mut open: Vec<&Section> = Vec::new();
    let mut out = Vec::new();
    for section in &session.sections {
        open.retain(|s| s.level < section.level);
        open.push(section);
        out.push((open.iter().map(|s| s.title.as_str()).collect::<Vec<_>>().join(" / "), section));
    }
    out
}
