use std::cell::LazyCell;
use std::collections::{HashMap, HashSet};

use super::keys::Keys;
use super::piece::Clash;
use super::place::Places;
use super::tree::{Kind, Tree};
use crate::format::Lifted;
use crate::model::{TaskId, TaskStatus};

/// How many tasks the merged text must have: at least and at most. A task without an id that one
/// side modified and the other seems to have deleted may as well have got another title there;
/// and where a task was deleted and its neighbourhood reordered, plain lines know best.
pub(super) fn expected_tasks(
    trees: [&Tree<'_>; 3],
    inputs: [&Lifted; 3],
    keys: &Keys,
    places: &Places,
) -> (usize, usize) {
    let task = |key: usize| {
        (0..3).find_map(|v| match trees[v].nodes[keys.at[key][v]?].kind {
            Kind::Task(i) => inputs[v].session.tasks.get(i),
            _ => None,
        })
    };
    let alive = (1..keys.at.len()).filter(|&k| places.parent[k].is_some() && task(k).is_some()).count();
    let unnamed = |k: &&usize| task(**k).is_some_and(|t| t.id.is_none());
    let doubtful = places.kept.keys().filter(unnamed).count() + places.revived.iter().filter(unnamed).count();
    let doubtful = doubtful + places.moved_and_deleted.len();
    (alive - doubtful.min(alive), alive + keys.same_words + places.doubtful.len())
}

/// Whether no id names more tasks than it did in one of the inputs.
pub(super) fn no_new_twins(inputs: [&Lifted; 3], merged: &Lifted) -> bool {
    let twins = |l: &Lifted| {
        let text = l.document.text();
        let mut count: HashMap<TaskId, usize> = HashMap::new();
        for id in l.map.tasks.iter().filter_map(|t| TaskId::parse(t.ids.first()?.id.of(text))) {
            *count.entry(id).or_insert(0) += 1;
        }
        count
    };
    let known = inputs.map(twins);
    twins(merged).iter().all(|(id, n)| *n <= 1 || known.iter().any(|k| k.get(id) >= Some(n)))
}

/// Whether every task with an id has the state that only one side gave it.
pub(super) fn states_agree([base, ours, theirs]: [&Lifted; 3], merged: &Lifted) -> bool {
    let states = |l: &Lifted| {
        let tasks = l.session.tasks.iter();
        tasks.filter_map(|t| Some((t.id.clone()?, t.status))).collect::<HashMap<TaskId, TaskStatus>>()
    };
    let [b, o, t] = [base, ours, theirs].map(states);
    states(merged).iter().all(|(id, got)| match (b.get(id), o.get(id), t.get(id)) {
        (Some(b), Some(o), Some(t)) if b == o || o == t => got == t,
        (Some(b), Some(o), Some(t)) if b == t => got == o,
        _ => true,
    })
}

/// Whether every line that a side wrote is in the merged text or in a conflict, and every line
/// that one side deleted and the other left alone is gone. Heads of tasks and keys' lines are
/// merged by field and do not count here.
pub(super) fn lines_are_kept<'a, 't>(
    inputs: [&Tree<'t>; 3],
    merged: &Tree<'t>,
    text: &'t str,
    revived: &[usize],
    clashes: impl Iterator<Item = &'a Clash>,
) -> bool {
    let own = |tree: &Tree<'t>| {
        let mut count: HashMap<&str, usize> = HashMap::new();
        for n in 0..tree.nodes.len() {
            for line in tree.own_lines(n).map(str::trim).filter(|l| !l.is_empty()) {
                *count.entry(line).or_insert(0) += 1;
            }
        }
        count
    };
    let [base, ours, theirs] = inputs.map(own);
    let mut there: HashMap<&str, usize> = HashMap::new();
    for line in text.lines().map(str::trim) {
        *there.entry(line).or_insert(0) += 1;
    }
    // Keys of the base are its nodes; others were not deleted.
    let mut open: HashSet<&str> = HashSet::new();
    for &node in revived.iter().filter(|n| **n < inputs[0].nodes.len()) {
        open.extend(inputs[0].own_lines(node).map(str::trim));
    }
    for clash in clashes {
        open.extend(
            [&clash.base, &clash.ours, &clash.theirs].into_iter().flat_map(|t| t.lines()).map(str::trim),
        );
    }
    // Words that came together within a line are in no input as a line.
    let words = LazyCell::new(|| text.split_whitespace().collect::<HashSet<&str>>());
    let kept_in_words = |line: &str| {
        line.split_whitespace().filter(|w| words.contains(w)).count() * 10
            >= line.split_whitespace().count() * 7
    };
    let merged_own = own(merged);
    let get = |m: &HashMap<&str, usize>, l: &str| m.get(l).copied().unwrap_or(0);
    let mut seen: HashSet<&str> = HashSet::new();
    base.keys().chain(ours.keys()).chain(theirs.keys()).filter(|l| seen.insert(l)).all(|&line| {
        let (b, o, t) = (get(&base, line), get(&ours, line), get(&theirs, line));
        let m = there.get(line).copied().unwrap_or(0);
        if open.contains(line) {
            return true;
        }
        let added = o > b && t >= b || t > b && o >= b;
        let deleted = o < b && t == b || t < b && o == b;
        let lost = added && m < o.max(t) && !(m == 0 && kept_in_words(line));
        let came_back = deleted && get(&merged_own, line) > o.min(t);
        !(lost || came_back)
    })
}
