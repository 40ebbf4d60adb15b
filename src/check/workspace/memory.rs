use std::collections::{HashMap, HashSet};

use crate::diagnostic::{Code, Diagnostic, Fix};
use crate::format::Lifted;
use crate::model::{TaskId, norm};
use crate::text::Edit;

/// A task as it was known before.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct KnownTask {
    /// Its id.
    pub id: TaskId,
    /// Its title.
    pub title: String,
    /// Its group's path; empty for none.
    pub group: String,
}

/// A group as it was known before.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct KnownGroup {
    /// Its path.
    pub path: String,
    /// The ids of its tasks.
    pub ids: Vec<TaskId>,
}

/// I506: a task that was known by an id which is gone now, told by its title in its group.
///
/// Only where exactly one task was known and exactly one is there by that title. The fix, unsafe
/// because it is a guess, gives the old id back.
#[must_use]
pub fn changed_ids(lifted: &Lifted, before: &[KnownTask]) -> Vec<Diagnostic> {
    let session = &lifted.session;
    let mut present: HashSet<TaskId> = session.tasks.iter().filter_map(|t| t.id.clone()).collect();
    for task in &session.tasks {
        present.extend(task.aliases());
    }
    let once = |n: &mut (usize, usize), i: usize| *n = (n.0 + 1, i);
    let mut known: HashMap<(String, String), (usize, usize)> = HashMap::new();
    for (i, task) in before.iter().enumerate() {
        once(known.entry((norm(&task.group), norm(&task.title))).or_default(), i);
    }
    let mut here: HashMap<(String, String), (usize, usize)> = HashMap::new();
    for (i, task) in session.tasks.iter().enumerate() {
        let group = task.group.and_then(|g| session.groups.get(g)).map_or("", |g| g.path.as_str());
        once(here.entry((norm(group), norm(&task.title))).or_default(), i);
    }
    let ids: HashSet<&TaskId> = before.iter().map(|t| &t.id).collect();
    let mut found = Vec::new();
    for (key, &(count, i)) in &here {
        let Some(&(1, old)) = known.get(key).filter(|_| count == 1 && !key.1.is_empty()) else { continue };
        let (Some(old), Some(task), Some(place)) =
            (before.get(old), session.tasks.get(i), lifted.map.tasks.get(i))
        else {
            continue;
        };
        // An id that another known task had is a move, not a loss.
        if present.contains(&old.id) || task.id.as_ref().is_some_and(|id| ids.contains(id)) {
            continue;
        }
        let message = format!("`{}` had the id `{}`", super::super::context::short(&task.title), old.id);
        let edit = match place.ids.first() {
            Some(written) if task.id.is_some() => Edit::replace(written.id, old.id.as_str()),
            _ => Edit::insert(place.head.end, format!(" ^{}", old.id)),
        };
        let mut diagnostic = Diagnostic::new(Code::I506, place.head, message);
        if lifted.document.is_writable() {
            diagnostic = diagnostic.with_fix(Fix::unsafe_("give the old id back", vec![edit]));
        }
        found.push(diagnostic);
    }
    found.sort_by_key(|d| d.span);
    found
}

/// G302: a group that is gone, while more than half of its tasks stand in one that is new.
#[must_use]
pub fn renamed_groups(lifted: &Lifted, before: &[KnownGroup]) -> Vec<Diagnostic> {
    let session = &lifted.session;
    let old: HashSet<String> = before.iter().map(|g| norm(&g.path)).collect();
    let new: HashSet<String> = session.groups.iter().map(|g| norm(&g.path)).collect();
    let mut group_of: HashMap<&TaskId, usize> = HashMap::new();
    for task in &session.tasks {
        if let (Some(id), Some(group)) = (&task.id, task.group) {
            group_of.insert(id, group);
        }
    }
    let mut found = Vec::new();
    for gone in before.iter().filter(|g| !new.contains(&norm(&g.path))) {
        let mut votes: HashMap<usize, usize> = HashMap::new();
        for group in gone.ids.iter().filter_map(|id| group_of.get(id)) {
            *votes.entry(*group).or_default() += 1;
        }
        let Some((&group, _)) = votes.iter().find(|(_, n)| **n * 2 > gone.ids.len()) else { continue };
        let (Some(now), Some(place)) = (session.groups.get(group), lifted.map.groups.get(group)) else {
            continue;
        };
        let Some(heading) = lifted.map.sections.get(place.section) else { continue };
        if !old.contains(&norm(&now.path)) {
            let message = format!("group renamed: `{}` → `{}`", gone.path, now.path);
            found.push(Diagnostic::new(Code::G302, heading.heading.whole, message));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::{fix_also, testing::read};
    use crate::diagnostic::Repair;

    fn known(id: &str, title: &str) -> KnownTask {
        KnownTask { id: TaskId::parse(id).unwrap(), title: title.into(), group: "G".into() }
    }

    #[test]
    fn lost_ids_are_given_back() {
        let text = "# P\n\n## G\n\n- [ ] one\n- [ ] two ^t-new\n- [ ] three ^t-3\n- [ ] twin\n- [ ] twin\n";
        let before = [known("t-1", "One"), known("t-2", "two"), known("t-3", "three"), known("t-4", "twin")];
        let lifted = read(text);
        let found = changed_ids(&lifted, &before);
        let got: Vec<&str> = found.iter().map(|d| d.message.as_str()).collect();
        assert_eq!(got, ["`one` had the id `t-1`", "`two` had the id `t-2`"]);
        let done = fix_also(&lifted, Repair::Unsafe, Some(&[Code::I506]), &found);
        assert_eq!(done.text, text.replace("one", "one ^t-1").replace("t-new", "t-2"));
    }

    #[test]
    fn a_group_is_known_by_its_tasks() {
        let ids = |words: &[&str]| words.iter().map(|w| TaskId::parse(w).unwrap()).collect();
        let lifted = read("# P\n\n## New\n\n- [ ] a ^t-a\n- [ ] b ^t-b\n\n## Stays\n\n- [ ] c ^t-c\n");
        let before = [
            KnownGroup { path: "Old".into(), ids: ids(&["t-a", "t-b", "t-x"]) },
            KnownGroup { path: "Half".into(), ids: ids(&["t-a", "t-y"]) },
            KnownGroup { path: "Merged".into(), ids: ids(&["t-c"]) },
            KnownGroup { path: "stays".into(), ids: ids(&["t-c"]) },
        ];
        let got: Vec<String> = renamed_groups(&lifted, &before).into_iter().map(|d| d.message).collect();
        assert_eq!(got, ["group renamed: `Old` → `New`"]);
    }
}
