//! The names that Backlog.md goes by: it shows a file only if it is called `task-3` or, below that, `task-3.1`.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::id_of;
use crate::import::{Draft, DraftTask};

/// What every task of a session is called in Backlog.md, and the word before the numbers.
pub(super) struct Names {
    /// `task`, or what the ids of the session have.
    pub(super) prefix: String,
    /// By task: `task-3`, `task-3.1`.
    pub(super) ids: Vec<String>,
    /// Which task has which id of ours.
    pub(super) by_id: HashMap<String, usize>,
}

/// A task that came from Backlog.md has its name still, as its id or as one it once had; the others count on.
pub(super) fn names(draft: &Draft) -> Names {
    let prefix = prefix(draft);
    let mut numbers: Vec<Option<Vec<u64>>> = vec![None; draft.tasks.len()];
    let mut taken: HashSet<Vec<u64>> = HashSet::new();
    // Parents stand before their subtasks, so that theirs is known already.
    for (i, task) in draft.tasks.iter().enumerate() {
        let above = match task.parent.filter(|p| *p < i) {
            None => Vec::new(),
            Some(parent) => match &numbers[parent] {
                Some(above) => above.clone(),
                None => continue,
            },
        };
        let fits = |n: &Vec<u64>| {
            n.len() == above.len() + 1 && n.starts_with(&above) && !taken.contains(n.as_slice())
        };
        let own = known(task).filter(|(word, _)| *word == prefix).map(|(_, n)| n).find(fits);
        if let Some(own) = own {
            taken.insert(own.clone());
            numbers[i] = Some(own);
        }
    }
    let mut last: BTreeMap<Vec<u64>, u64> = BTreeMap::new();
    for n in &taken {
        if let Some((end, above)) = n.split_last() {
            let last = last.entry(above.to_vec()).or_default();
            *last = (*last).max(*end);
        }
    }
    let mut all: Vec<Vec<u64>> = Vec::with_capacity(numbers.len());
    for (i, number) in numbers.into_iter().enumerate() {
        let number = number.unwrap_or_else(|| {
            let parent = draft.tasks[i].parent.filter(|p| *p < i);
            let mut number = parent.map(|p| all[p].clone()).unwrap_or_default();
            let last = last.entry(number.clone()).or_default();
            *last += 1;
            number.push(*last);
            number
        });
        all.push(number);
    }
    let written = |n: &Vec<u64>| n.iter().map(u64::to_string).collect::<Vec<_>>().join(".");
    Names {
        ids: all.iter().map(|n| format!("{prefix}-{}", written(n))).collect(),
        by_id: draft.tasks.iter().enumerate().map(|(i, t)| (id_of(t), i)).collect(),
        prefix,
    }
}

/// The words and numbers that a task goes by, or once went by.
fn known(task: &DraftTask) -> impl Iterator<Item = (String, Vec<u64>)> {
    std::iter::once(id_of(task)).chain(task.aliases.iter().cloned()).filter_map(|id| numbered(&id))
}

/// `BACK-345.08` as (`back`, 345, 8).
fn numbered(id: &str) -> Option<(String, Vec<u64>)> {
    let (word, digits) = id.rsplit_once('-')?;
    let is_word = !word.is_empty() && word.bytes().all(|b| b.is_ascii_alphabetic());
    // Far below where a number could not be counted on.
    let number = |n: &str| n.parse::<u64>().ok().filter(|n| *n < 1_000_000_000);
    let numbers: Vec<u64> = digits.split('.').map(number).collect::<Option<_>>()?;
    is_word.then(|| (word.to_ascii_lowercase(), numbers))
}

/// The word that most tasks have; a letter alone may be an id of ours, and some words mean something else there.
fn prefix(draft: &Draft) -> String {
    let mut words: BTreeMap<String, usize> = BTreeMap::new();
    for (word, _) in draft.tasks.iter().flat_map(known) {
        if word.len() > 1 && !["draft", "doc", "decision"].contains(&word.as_str()) {
            *words.entry(word).or_default() += 1;
        }
    }
    let most = words.into_iter().max_by_key(|(_, n)| *n);
    most.map_or_else(|| "task".to_owned(), |(word, _)| word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(tasks: &[(&str, Option<usize>)], expected: &[&str]) {
        let mut draft = Draft::new("x");
        draft.tasks = tasks
            .iter()
            .map(|(ids, parent)| {
                let mut task = DraftTask::new("x");
                let mut ids = ids.split(' ').map(str::to_owned);
                task.old_id = ids.next().unwrap_or_default();
                task.aliases = ids.collect();
                task.parent = *parent;
                task
            })
            .collect();
        assert_eq!(names(&draft).ids, expected);
    }

    #[test]
    fn names_stay_and_the_others_count_on() {
        check(
            &[("t-abc123", None), ("t-222222", Some(0)), ("x", Some(1))],
            &["task-1", "task-1.1", "task-1.1.1"],
        );
        check(&[("new", None), ("task-7", None), ("task-7", None)], &["task-8", "task-7", "task-9"]);
        check(
            &[("task-1", None), ("t-aaaaaa TASK-1.4", Some(0)), ("x", Some(0)), ("y TASK-1.9", None)],
            &["task-1", "task-1.4", "task-1.5", "task-2"],
        );
        check(
            &[("back-12", None), ("draft-1", None), ("x BACK-3.1", None)],
            &["back-12", "back-13", "back-14"],
        );
        check(
            &[("x", None), ("task-1.1", Some(0)), ("task-1", Some(0))],
            &["task-1", "task-1.1", "task-1.2"],
        );
        check(&[("task-99999999999", None), ("é-1", None)], &["task-1", "task-2"]);
    }
}
