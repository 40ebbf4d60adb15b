use std::collections::{HashMap, HashSet};

use crate::model::{TaskId, norm};

use super::report::Mapping;
use super::{Draft, DraftTask, Import, Remark, Report, safe};

/// Deepest nesting of tasks that is kept: lists nested deeper are no longer readable as a plan.
pub const MAX_DEPTH: usize = 16;

/// Where ids come from.
pub struct Ids<'a> {
    /// Whether an id names a task of the workspace already.
    pub is_taken: &'a dyn Fn(&TaskId) -> bool,
    /// Draws a new id.
    pub draw: &'a mut dyn FnMut() -> TaskId,
}

/// Makes drafts ready to be written: parents are trees, tasks stand in document order, every task
/// has an id of its own, every dependency is written as a file of ours writes it.
///
/// An old id that can be a block id stays the task's id while it is free; any other stays as an
/// alias. Dependencies are looked up by old id in the session, then in the other sessions, then by
/// title in the group, then in the session; what is not found stays as text with a remark.
pub fn settle(import: &mut Import, ids: &mut Ids<'_>) {
    let Import { drafts, report, .. } = import;
    let mut used: HashSet<TaskId> = HashSet::new();
    for draft in drafts.iter_mut() {
        mend_parents(draft, report);
        order(draft);
        name_groups(draft);
        give_ids(draft, ids, &mut used, report);
    }
    resolve(drafts, report);
}

fn place(task: &DraftTask) -> String {
    if task.old_id.is_empty() { safe::shortened(&task.title, 80) } else { safe::shortened(&task.old_id, 80) }
}

/// Cuts parents that do not exist, circles, and nesting beyond [`MAX_DEPTH`].
fn mend_parents(draft: &mut Draft, report: &mut Report) {
    let count = draft.tasks.len();
    for i in 0..count {
        if draft.tasks[i].parent.is_some_and(|p| p >= count || p == i) {
            draft.tasks[i].parent = None;
            report.find(Remark::ParentCycle, place(&draft.tasks[i]), "the task is its own parent");
        }
    }
    // 0 unseen, 1 on the current path, 2 known to reach a root.
    let mut seen = vec![0_u8; count];
    let mut depth = vec![0_usize; count];
    for start in 0..count {
        let (mut path, mut at) = (Vec::new(), Some(start));
        while let Some(i) = at.filter(|&i| seen[i] == 0) {
            seen[i] = 1;
            path.push(i);
            at = draft.tasks[i].parent;
        }
        if let Some(i) = at.filter(|&i| seen[i] == 1) {
            // The circle closes here: this task becomes a root.
            draft.tasks[i].parent = None;
            report.find(
                Remark::ParentCycle,
                place(&draft.tasks[i]),
                "the parents of this task run in a circle, which was cut here",
            );
        }
        for &i in path.iter().rev() {
            seen[i] = 2;
            depth[i] = draft.tasks[i].parent.map_or(0, |p| depth[p] + 1);
            if depth[i] > MAX_DEPTH {
                draft.tasks[i].parent = draft.tasks[i].parent.and_then(|p| draft.tasks[p].parent);
                depth[i] = MAX_DEPTH;
                let message = format!("the task was nested more than {MAX_DEPTH} levels deep and moved up");
                report.find(Remark::NestedTooDeep, place(&draft.tasks[i]), message);
            }
        }
    }
}

/// Brings tasks into document order: by group, ungrouped first, every subtree in one piece.
fn order(draft: &mut Draft) {
    let count = draft.tasks.len();
    let mut below: Vec<Vec<usize>> = vec![Vec::new(); count];
    let mut roots: Vec<Vec<usize>> = vec![Vec::new(); draft.groups.len() + 1];
    for (i, task) in draft.tasks.iter().enumerate() {
        match task.parent {
            Some(parent) => below[parent].push(i),
            None => roots[task.group.map_or(0, |g| (g + 1).min(draft.groups.len()))].push(i),
        }
    }
    let mut old: Vec<Option<DraftTask>> = std::mem::take(&mut draft.tasks).into_iter().map(Some).collect();
    draft.tasks.reserve_exact(count);
    let mut moved_to = vec![0_usize; count];
    for (slot, roots) in roots.into_iter().enumerate() {
        let group = slot.checked_sub(1);
        let mut stack: Vec<usize> = roots.into_iter().rev().collect();
        while let Some(i) = stack.pop() {
            let Some(mut task) = old[i].take() else { continue };
            moved_to[i] = draft.tasks.len();
            task.group = group;
            task.parent = task.parent.map(|p| moved_to[p]);
            draft.tasks.push(task);
            stack.extend(below[i].iter().rev());
        }
    }
}

/// Gives groups of the same name different ones.
fn name_groups(draft: &mut Draft) {
    let mut seen: HashSet<String> = HashSet::new();
    for group in &mut draft.groups {
        let base = safe::heading(&group.path, "Tasks");
        let (mut name, mut n) = (base.clone(), 1);
        while !seen.insert(norm(&name)) {
            n += 1;
            name = format!("{base} ({n})");
        }
        group.path = safe::heading_back(&name);
    }
}

fn give_ids(draft: &mut Draft, ids: &mut Ids<'_>, used: &mut HashSet<TaskId>, report: &mut Report) {
    for task in &mut draft.tasks {
        if let Some(id) = task.id.clone().filter(|id| used.insert(id.clone())) {
            map(report, &task.old_id, &draft.id, &id);
            continue;
        }
        let wanted = TaskId::parse(&task.old_id);
        let free = wanted.clone().filter(|id| !used.contains(id) && !(ids.is_taken)(id));
        let id = if let Some(id) = free {
            id
        } else {
            if !task.old_id.trim().is_empty() && !task.aliases.contains(&task.old_id) {
                task.aliases.insert(0, task.old_id.clone());
            }
            if wanted.is_some() {
                let message =
                    "the id is used by another task; this one got a new id and keeps the old as alias";
                report.find(Remark::DuplicateId, place(task), message);
            }
            drawn(ids, used)
        };
        used.insert(id.clone());
        map(report, &task.old_id, &draft.id, &id);
        task.id = Some(id);
    }
}

fn map(report: &mut Report, old: &str, session: &str, new: &TaskId) {
    if !old.is_empty() {
        report.ids.push(Mapping { old: old.to_owned(), session: session.to_owned(), new: new.clone() });
    }
}

fn drawn(ids: &mut Ids<'_>, used: &HashSet<TaskId>) -> TaskId {
    // A source of ids that repeats itself must not hang the import: count on from its last one.
    let mut id = (ids.draw)();
    for n in 0_u64.. {
        if !used.contains(&id) && !(ids.is_taken)(&id) {
            break;
        }
        id = if n < 64 { (ids.draw)() } else { crate::model::random_task_id(n * 0x9e37 + 1) };
    }
    id
}

/// Everything a dependency can be looked up by.
struct Names {
    /// Lower-cased old id or alias → (draft, task).
    by_id: HashMap<(usize, String), usize>,
    anywhere: HashMap<String, Vec<(usize, usize)>>,
    /// (draft, compared title) → tasks.
    by_title: HashMap<(usize, String), Vec<usize>>,
    groups: HashSet<(usize, String)>,
}

fn resolve(drafts: &mut [Draft], report: &mut Report) {
    let mut names = Names {
        by_id: HashMap::new(),
        anywhere: HashMap::new(),
        by_title: HashMap::new(),
        groups: HashSet::new(),
    };
    for (d, draft) in drafts.iter().enumerate() {
        for group in draft.groups.iter().filter(|g| !g.old_id.is_empty()) {
            names.groups.insert((d, group.old_id.to_lowercase()));
        }
        for (t, task) in draft.tasks.iter().enumerate() {
            for id in std::iter::once(&task.old_id).chain(&task.aliases).filter(|i| !i.is_empty()) {
                let id = id.to_lowercase();
                names.by_id.entry((d, id.clone())).or_insert(t);
                let all = names.anywhere.entry(id).or_default();
                if !all.contains(&(d, t)) {
                    all.push((d, t));
                }
            }
            names.by_title.entry((d, norm(&task.title))).or_default().push(t);
        }
    }
    let mut resolved: Vec<Vec<Vec<String>>> = Vec::with_capacity(drafts.len());
    for d in 0..drafts.len() {
        let tasks = 0..drafts[d].tasks.len();
        resolved.push(tasks.map(|t| dependencies(drafts, &names, d, t, report)).collect());
    }
    for (draft, lists) in drafts.iter_mut().zip(resolved) {
        for (task, list) in draft.tasks.iter_mut().zip(lists) {
            task.depends_on = list;
        }
    }
}

fn dependencies(drafts: &[Draft], names: &Names, d: usize, t: usize, report: &mut Report) -> Vec<String> {
    let task = &drafts[d].tasks[t];
    let mut list: Vec<String> = Vec::new();
    for raw in &task.depends_on {
        let written = match find(drafts, names, d, t, raw, report) {
            Some((od, ot)) if (od, ot) == (d, t) => {
                report.find(Remark::SelfDependency, place(task), "the task depends on itself");
                continue;
            }
            Some((od, ot)) => {
                let id = drafts[od].tasks[ot].id.as_ref().map(ToString::to_string).unwrap_or_default();
                if od == d { id } else { format!("{}#{id}", drafts[od].id) }
            }
            None => {
                let words = safe::list_word(raw);
                if words.is_empty() {
                    continue;
                }
                format!("\"{words}\"")
            }
        };
        if !list.contains(&written) {
            list.push(written);
        }
    }
    list
}

fn find(
    drafts: &[Draft],
    names: &Names,
    d: usize,
    t: usize,
    raw: &str,
    report: &mut Report,
) -> Option<(usize, usize)> {
    let task = &drafts[d].tasks[t];
    let wanted = raw.trim().trim_matches('"');
    let key = wanted.trim_start_matches('^').to_lowercase();
    if let Some(&found) = names.by_id.get(&(d, key.clone())) {
        return Some((d, found));
    }
    if let Some((session, id)) = key.split_once('#') {
        let there = drafts.iter().position(|o| o.id.eq_ignore_ascii_case(session));
        let found =
            there.and_then(|o| Some((o, *names.by_id.get(&(o, id.trim_start_matches('^').to_owned()))?)));
        if found.is_some() {
            return found;
        }
    }
    if let Some([only]) = names.anywhere.get(&key).map(Vec::as_slice) {
        return Some(*only);
    }
    let same_title = names.by_title.get(&(d, norm(wanted))).map_or(&[][..], Vec::as_slice);
    let in_group: Vec<usize> =
        same_title.iter().copied().filter(|&o| drafts[d].tasks[o].group == task.group).collect();
    let candidates = if in_group.is_empty() { same_title.to_vec() } else { in_group };
    match candidates[..] {
        [one] => {
            let message = format!("the dependency `{}` was found by title", safe::shortened(wanted, 80));
            report.find(Remark::DependencyByTitle, place(task), message);
            Some((d, one))
        }
        [] => {
            let why =
                if names.groups.contains(&(d, key)) { "names a group" } else { "names nothing imported" };
            let message = format!("the dependency `{}` {why}; kept as text", safe::shortened(wanted, 80));
            report.find(Remark::UnresolvedDependency, place(task), message);
            None
        }
        _ => {
            let message =
                format!("the dependency `{}` fits several titles; kept as text", safe::shortened(wanted, 80));
            report.find(Remark::AmbiguousDependency, place(task), message);
            None
        }
    }
}

/// Moves archived tasks into sessions of their own (`ID-archive`, state archived), with everything
/// that is needed to find them again. Call after [`settle`].
///
/// A task that has a subtask still at work stays where it is.
pub fn split_archived(import: &mut Import) {
    let mut archives = Vec::new();
    for draft in &mut import.drafts {
        let mut leaves: Vec<bool> = draft.tasks.iter().map(|t| t.archived).collect();
        for i in (0..draft.tasks.len()).rev() {
            if let Some(parent) = draft.tasks[i].parent.filter(|_| !leaves[i]) {
                leaves[parent] = false;
            }
        }
        if leaves.iter().any(|&l| l) {
            archives.push(split_one(draft, &leaves, &mut import.report));
        }
    }
    import.drafts.extend(archives);
}

fn split_one(draft: &mut Draft, leaves: &[bool], report: &mut Report) -> Draft {
    let mut archive = Draft::new(&format!("{} (archive)", draft.name));
    archive.id = format!("{}-archive", draft.id);
    archive.status = Some(crate::model::SessionStatus::Archived);
    archive.created.clone_from(&draft.created);
    archive.description = format!("Tasks that the source had archived; the others are in `{}`.", draft.id);
    archive.groups.clone_from(&draft.groups);
    let home: HashMap<String, bool> =
        draft.tasks.iter().zip(leaves).filter_map(|(t, &l)| Some((t.id.as_ref()?.to_string(), l))).collect();
    let tasks = std::mem::take(&mut draft.tasks);
    let mut moved_to = vec![(false, 0_usize); tasks.len()];
    for (i, mut task) in tasks.into_iter().enumerate() {
        let leaves = leaves[i];
        let to = if leaves { &mut archive } else { &mut *draft };
        moved_to[i] = (leaves, to.tasks.len());
        task.parent = task.parent.and_then(|p| {
            let (side, at) = moved_to[p];
            (side == leaves).then_some(at)
        });
        let other = if leaves { draft.id.clone() } else { archive.id.clone() };
        for dep in &mut task.depends_on {
            if home.get(dep).is_some_and(|&there| there != leaves) {
                *dep = format!("{other}#{dep}");
            }
        }
        if leaves && let Some(id) = &task.id {
            for mapping in report.ids.iter_mut().filter(|m| m.session == draft.id && m.new == *id) {
                mapping.session.clone_from(&archive.id);
            }
        }
        if leaves { archive.tasks.push(task) } else { draft.tasks.push(task) }
    }
    drop_empty_groups(&mut archive);
    archive
}

fn drop_empty_groups(draft: &mut Draft) {
    let used: HashSet<usize> = draft.tasks.iter().filter_map(|t| t.group).collect();
    let mut moved_to = vec![None; draft.groups.len()];
    let mut kept = Vec::new();
    for (i, group) in std::mem::take(&mut draft.groups).into_iter().enumerate() {
        if used.contains(&i) {
            moved_to[i] = Some(kept.len());
            kept.push(group);
        }
    }
    draft.groups = kept;
    for task in &mut draft.tasks {
        task.group = task.group.and_then(|g| moved_to[g]);
    }
}
