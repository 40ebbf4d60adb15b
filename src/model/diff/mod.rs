//! What somebody did between two versions of a session, in our words.
//!
//! [`diff`] gives changes that can be replayed; [`plan_diff`] gives everything that differs, for
//! people to read. Neither sees text.

mod facts;
mod plan;
mod tree;

use super::{Change, HeaderKey, NotesSection, Pairing, SectionKind, Session, TaskKey, pair_tasks};

pub use plan::{Named, PlanChange, PlanDiff, plan_diff};

/// The changes that lead from `before` to `after`, as far as changes can express it: states,
/// fields, ids, titles, descriptions, tasks and groups that came, went or moved, facts of the
/// header and entries appended to the notes. Other prose and derived values are left out.
///
/// Keys name tasks by id where `before` has one, else by place.
/// Places are in order: every change may rely on those before it.
#[must_use]
pub fn diff(before: &Session, after: &Session) -> Vec<Change> {
    if before == after {
        return Vec::new();
    }
    let mut pairs = pair_tasks(before, after);
    let replaced = part_unreachable(after, &mut pairs);
    let mut changes = Vec::new();
    header(before, after, &mut changes);
    let groups = tree::groups(before, after, &pairs, &mut changes);
    tree::tasks(before, after, &pairs, (&groups, &replaced), &mut changes);
    groups.finish(before, after, &mut changes);
    for (b, a) in pairs.after.iter().enumerate() {
        if let Some(a) = *a {
            facts::task(&key(before, b), &before.tasks[b], &after.tasks[a], &mut changes);
        }
    }
    entries(before, after, &mut changes);
    changes
}

/// Nothing can be moved below a new task that has no id: what is there now is written anew with it.
/// Returns what must go first, so that its id is free.
fn part_unreachable(after: &Session, pairs: &mut Pairing) -> Vec<usize> {
    let mut replaced = Vec::new();
    for (a, task) in after.tasks.iter().enumerate() {
        let unreachable = |p: usize| pairs.before[p].is_none() && after.tasks[p].id.is_none();
        if let Some(b) = pairs.before[a]
            && task.parent.is_some_and(unreachable)
        {
            pairs.part(b, a);
            replaced.push(b);
        }
    }
    replaced
}

/// Names a task of `before`. An id names one task only: repeated ones are read as none.
fn key(before: &Session, i: usize) -> TaskKey {
    before.tasks[i].id.clone().map_or(TaskKey::Nth(i), TaskKey::Id)
}

fn header(before: &Session, after: &Session, changes: &mut Vec<Change>) {
    use HeaderKey as H;
    if before.name != after.name && !after.name.is_empty() {
        changes.push(Change::RenameSession { name: after.name.clone() });
    }
    for key in [H::Id, H::Status, H::Mode, H::Created, H::Priority, H::Due, H::Tags] {
        let (old, new) = (before.fact(key.key()), after.fact(key.key()));
        if old != new {
            changes.push(Change::SetHeader { key, value: new.map(str::to_owned) });
        }
    }
}

/// List items that were added at the end of a notes section.
fn entries(before: &Session, after: &Session, changes: &mut Vec<Change>) {
    for (kind, section) in [
        (SectionKind::Notes, NotesSection::Notes),
        (SectionKind::Decisions, NotesSection::Decisions),
        (SectionKind::Learnings, NotesSection::Learnings),
        (SectionKind::NextSteps, NotesSection::NextSteps),
        (SectionKind::ChangeLog, NotesSection::ChangeLog),
    ] {
        let body = |s: &Session| s.sections.iter().find(|x| x.kind == kind).map(|x| x.body.clone());
        let (old, new) = (body(before).unwrap_or_default(), body(after).unwrap_or_default());
        let Some(added) = new.trim_end().strip_prefix(old.trim_end()) else { continue };
        let Some(items) = items(added) else { continue };
        changes.extend(items.into_iter().map(|text| Change::AppendEntry { section, text }));
    }
}

/// The texts of a plain list; `None` where there is anything else.
fn items(text: &str) -> Option<Vec<String>> {
    let mut items: Vec<String> = Vec::new();
    for line in text.lines() {
        if let Some(item) = line.strip_prefix("- ").or_else(|| line.strip_prefix("* ")) {
            items.push(item.to_owned());
        } else if let Some(more) = line.strip_prefix("  ") {
            let item = items.last_mut()?;
            item.push('\n');
            item.push_str(more);
        } else if !line.trim().is_empty() {
            return None;
        }
    }
    Some(items)
}

/// How the groups of two versions belong together.
struct Groups {
    /// For each group after, its index before.
    before: Vec<Option<usize>>,
    gone: Vec<usize>,
}

impl Groups {
    fn of(before: &Session, after: &Session, pairs: &Pairing) -> Self {
        let mut found = vec![None; after.groups.len()];
        let mut left: Vec<usize> = (0..before.groups.len()).collect();
        for (a, group) in after.groups.iter().enumerate() {
            let same = |b: &usize| super::norm(&before.groups[*b].path) == super::norm(&group.path);
            if let Some(at) = left.iter().position(same) {
                found[a] = Some(left.remove(at));
            }
        }
        // Renamed: a group that most tasks of an old one are in now.
        for (a, found) in found.iter_mut().enumerate().filter(|(_, f)| f.is_none()) {
            let best = left.iter().position(|&b| renamed(before, after, pairs, b, a));
            *found = best.map(|at| left.remove(at));
        }
        Self { before: found, gone: left }
    }
}

fn renamed(before: &Session, after: &Session, pairs: &Pairing, b: usize, a: usize) -> bool {
    let (old, new) = (&before.groups[b], &after.groups[a]);
    let members = before.tasks.iter().enumerate().filter(|(_, t)| t.group == Some(b));
    let (mut all, mut kept) = (0, 0);
    for now in members.filter_map(|(i, _)| pairs.after[i]) {
        all += 1;
        kept += usize::from(after.tasks[now].group == Some(a));
    }
    let words = |g: &super::Group| !g.description.trim().is_empty() || !g.header.is_empty();
    let same_words = words(old) && old.header == new.header && old.description == new.description;
    old.level == new.level && (kept * 2 > all || all == 0 && same_words)
}
