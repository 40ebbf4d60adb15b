use std::collections::{HashMap, HashSet, VecDeque};
use std::hash::Hash;

use super::{Session, Task, TaskId, norm};

/// Below this score two tasks are two tasks.
const LIKE: f64 = 0.55;
/// The best score must be this much better than the second best.
const MARGIN: f64 = 0.10;
/// Beyond this many comparisons, tasks that nothing else told are taken as gone and new.
const MAX_COMPARED: usize = 250_000;

/// Which task of one session is which of another.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Pairing {
    /// For each task before, its index after.
    pub after: Vec<Option<usize>>,
    /// For each task after, its index before.
    pub before: Vec<Option<usize>>,
}

impl Pairing {
    /// Takes two tasks for different ones after all.
    pub(super) fn part(&mut self, before: usize, after: usize) {
        (self.after[before], self.before[after]) = (None, None);
    }

    fn join(&mut self, before: usize, after: usize) {
        if self.after[before].is_none() && self.before[after].is_none() {
            (self.after[before], self.before[after]) = (Some(after), Some(before));
        }
    }
}

/// Tells the tasks of two versions of a session: by id (or an id it once had), then by everything
/// they say, then by a title that occurs once, then by likeness.
#[must_use]
pub fn pair_tasks(before: &Session, after: &Session) -> Pairing {
    let mut pairs = Pairing { after: vec![None; before.tasks.len()], before: vec![None; after.tasks.len()] };
    by_id(before, after, &mut pairs);
    in_order(before, after, &mut pairs, |s, i| Some((whole(&s.tasks[i]), parent_title(s, i))));
    in_order(before, after, &mut pairs, |s, i| Some(whole(&s.tasks[i])));
    unique(before, after, &mut pairs, |s, i| (norm(&s.tasks[i].title), place(s, i)));
    unique(before, after, &mut pairs, |s, i| (norm(&s.tasks[i].title), (String::new(), String::new())));
    by_likeness(before, after, &mut pairs);
    by_children(before, after, &mut pairs);
    pairs
}

/// A task whose every subtask is known, and was below one and the same task that is not, is that.
fn by_children(before: &Session, after: &Session, pairs: &mut Pairing) {
    let mut above: HashMap<usize, Option<usize>> = HashMap::new();
    for (a, task) in after.tasks.iter().enumerate() {
        let Some(parent) = task.parent.filter(|&p| pairs.before[p].is_none()) else { continue };
        let was = pairs.before[a].and_then(|b| before.tasks[b].parent);
        above.entry(parent).and_modify(|p| *p = p.filter(|_| *p == was)).or_insert(was);
    }
    let mut found: Vec<(usize, usize)> = above.into_iter().filter_map(|(a, b)| Some((b?, a))).collect();
    found.sort_unstable();
    for (b, a) in found {
        if may_be_one(&before.tasks[b], &after.tasks[a]) {
            pairs.join(b, a);
        }
    }
}

fn by_id(before: &Session, after: &Session, pairs: &mut Pairing) {
    let mut named: HashMap<&TaskId, Vec<usize>> = HashMap::new();
    for (i, task) in after.tasks.iter().enumerate() {
        if let Some(id) = &task.id {
            named.entry(id).or_default().push(i);
        }
    }
    // Twins: the one that kept its title first.
    for same_title in [true, false] {
        for (b, task) in before.tasks.iter().enumerate() {
            let Some(candidates) = task.id.as_ref().and_then(|id| named.get(id)) else { continue };
            let free = |&&a: &&usize| {
                pairs.before[a].is_none() && (!same_title || after.tasks[a].title == task.title)
            };
            if pairs.after[b].is_none()
                && let Some(&a) = candidates.iter().find(free)
            {
                pairs.join(b, a);
            }
        }
    }
    let known: HashMap<&TaskId, usize> =
        before.tasks.iter().enumerate().filter_map(|(i, t)| Some((t.id.as_ref()?, i))).collect();
    for (a, task) in after.tasks.iter().enumerate() {
        for alias in task.aliases() {
            if let Some(&b) = known.get(&alias) {
                pairs.join(b, a);
            }
        }
    }
}

/// Two different ids are two different tasks.
fn may_be_one(b: &Task, a: &Task) -> bool {
    b.id.is_none() || a.id.is_none()
}

fn whole(task: &Task) -> impl Hash + Eq + use<> {
    let fields: Vec<_> = task.fields.iter().map(|f| (f.key.clone(), f.value.clone())).collect();
    let tail = task.tail.as_ref().map(|t| (t.word.clone(), t.specialist.clone(), t.effort.clone()));
    (task.title.clone(), task.symbol, tail, fields, task.description.clone())
}

fn parent_title(session: &Session, i: usize) -> String {
    session.tasks[i].parent.map_or(String::new(), |p| norm(&session.tasks[p].title))
}

fn place(session: &Session, i: usize) -> (String, String) {
    let group = session.tasks[i].group.and_then(|g| session.groups.get(g)).map(|g| norm(&g.path));
    (group.unwrap_or_default(), parent_title(session, i))
}

fn in_order<K: Hash + Eq>(
    before: &Session,
    after: &Session,
    pairs: &mut Pairing,
    key: impl Fn(&Session, usize) -> Option<K>,
) {
    let mut waiting: HashMap<K, VecDeque<usize>> = HashMap::new();
    for a in (0..after.tasks.len()).filter(|&a| pairs.before[a].is_none()) {
        if let Some(k) = key(after, a) {
            waiting.entry(k).or_default().push_back(a);
        }
    }
    for b in 0..before.tasks.len() {
        if pairs.after[b].is_none()
            && let Some(queue) = key(before, b).and_then(|k| waiting.get_mut(&k))
            && let Some(at) = queue.iter().position(|&a| may_be_one(&before.tasks[b], &after.tasks[a]))
            && let Some(a) = queue.remove(at)
        {
            pairs.join(b, a);
        }
    }
}

fn unique<K: Hash + Eq>(
    before: &Session,
    after: &Session,
    pairs: &mut Pairing,
    key: impl Fn(&Session, usize) -> K,
) {
    let count = |session: &Session, taken: &[Option<usize>]| {
        let mut places: HashMap<K, Option<usize>> = HashMap::new();
        for i in (0..session.tasks.len()).filter(|&i| taken[i].is_none()) {
            places.entry(key(session, i)).and_modify(|p| *p = None).or_insert(Some(i));
        }
        places
    };
    let (left, right) = (count(before, &pairs.after), count(after, &pairs.before));
    for (k, b) in left {
        if let (Some(b), Some(Some(a))) = (b, right.get(&k))
            && !norm(&before.tasks[b].title).is_empty()
            && may_be_one(&before.tasks[b], &after.tasks[*a])
        {
            pairs.join(b, *a);
        }
    }
}

fn by_likeness(before: &Session, after: &Session, pairs: &mut Pairing) {
    let left: Vec<usize> = (0..before.tasks.len()).filter(|&b| pairs.after[b].is_none()).collect();
    let right: Vec<usize> = (0..after.tasks.len()).filter(|&a| pairs.before[a].is_none()).collect();
    if left.is_empty() || right.is_empty() || left.len() * right.len() > MAX_COMPARED {
        return;
    }
    let looks = |s: &Session, of: &[usize]| of.iter().map(|&i| Look::of(s, i)).collect::<Vec<_>>();
    let (l, r) = (looks(before, &left), looks(after, &right));
    let mut rows = vec![Best::default(); left.len()];
    let mut columns = vec![Best::default(); right.len()];
    for (i, &b) in left.iter().enumerate() {
        for (j, &a) in right.iter().enumerate() {
            if may_be_one(&before.tasks[b], &after.tasks[a]) {
                let score = l[i].like(&r[j]);
                rows[i].see(score, j);
                columns[j].see(score, i);
            }
        }
    }
    for (i, row) in rows.iter().enumerate() {
        if let Some(j) = row.clear_winner()
            && columns[j].clear_winner() == Some(i)
        {
            pairs.join(left[i], right[j]);
        }
    }
}

#[derive(Clone, Copy, Default)]
struct Best {
    first: f64,
    second: f64,
    at: usize,
}

impl Best {
    fn see(&mut self, score: f64, at: usize) {
        if score > self.first {
            (self.second, self.first, self.at) = (self.first, score, at);
        } else if score > self.second {
            self.second = score;
        }
    }

    fn clear_winner(&self) -> Option<usize> {
        (self.first >= LIKE && self.first - self.second >= MARGIN).then_some(self.at)
    }
}

/// What two tasks are compared by when nothing else told them.
struct Look {
    trigrams: HashMap<[char; 3], usize>,
    trigram_count: usize,
    lines: HashMap<String, usize>,
    line_count: usize,
    fields: Vec<(String, String)>,
    position: f64,
}

impl Look {
    #[expect(clippy::cast_precision_loss, reason = "a session has far fewer than 2^52 tasks")]
    fn of(session: &Session, i: usize) -> Self {
        let task = &session.tasks[i];
        let padded: Vec<char> = format!("  {} ", norm(&task.title)).chars().collect();
        let mut trigrams = HashMap::new();
        for w in padded.windows(3) {
            *trigrams.entry([w[0], w[1], w[2]]).or_insert(0) += 1;
        }
        let mut lines = HashMap::new();
        for line in task.description.lines().map(str::trim).filter(|l| !l.is_empty()) {
            *lines.entry(line.to_owned()).or_insert(0) += 1;
        }
        let mut fields: Vec<_> = task.fields.iter().map(|f| (f.key.to_string(), f.value.clone())).collect();
        fields.sort();
        Self {
            trigram_count: trigrams.values().sum(),
            line_count: lines.values().sum(),
            trigrams,
            lines,
            fields,
            position: i as f64 / session.tasks.len().max(1) as f64,
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "counts of a title's letters and a task's lines")]
    fn like(&self, other: &Self) -> f64 {
        let common = shared(&self.trigrams, &other.trigrams) as f64;
        let dice = 2.0 * common / (self.trigram_count + other.trigram_count).max(1) as f64;
        let both = shared(&self.lines, &other.lines);
        let all = self.line_count + other.line_count - both;
        let jaccard = if all == 0 { 1.0 } else { both as f64 / all as f64 };
        let same_fields = if self.fields == other.fields { 1.0 } else { 0.0 };
        let position = 1.0 - (self.position - other.position).abs();
        0.55 * dice + 0.30 * jaccard + 0.10 * same_fields + 0.05 * position
    }
}

fn shared<K: Hash + Eq>(a: &HashMap<K, usize>, b: &HashMap<K, usize>) -> usize {
    a.iter().map(|(k, n)| b.get(k).copied().unwrap_or(0).min(*n)).sum()
}

/// The longest run of places that already stand in order: everything else has been moved.
///
/// `values` are distinct; the result marks those that stay.
#[must_use]
pub fn longest_run(values: &[usize]) -> Vec<bool> {
    let (mut tails, mut links): (Vec<usize>, Vec<Option<usize>>) = (Vec::new(), Vec::new());
    for (i, value) in values.iter().enumerate() {
        let rank = tails.partition_point(|&t| values[t] < *value);
        links.push(rank.checked_sub(1).map(|r| tails[r]));
        if rank == tails.len() {
            tails.push(i);
        } else {
            tails[rank] = i;
        }
    }
    let mut kept = HashSet::new();
    let mut at = tails.last().copied();
    while let Some(i) = at {
        kept.insert(i);
        at = links[i];
    }
    (0..values.len()).map(|i| kept.contains(&i)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::TaskFacts;
    use crate::model::TaskStatus;

    fn task(title: &str, id: Option<&str>) -> Task {
        TaskFacts {
            id: id.and_then(TaskId::parse),
            title: title.to_owned(),
            symbol: ' ',
            status: TaskStatus::Pending,
            tail: None,
            fields: Vec::new(),
            description: String::new(),
        }
        .alone()
    }

    #[track_caller]
    fn check(before: &[(&str, Option<&str>)], after: &[(&str, Option<&str>)], expected: &[Option<usize>]) {
        let session = |tasks: &[(&str, Option<&str>)]| Session {
            tasks: tasks.iter().map(|(title, id)| task(title, *id)).collect(),
            ..Session::default()
        };
        assert_eq!(pair_tasks(&session(before), &session(after)).after, expected);
    }

    #[test]
    fn ids_come_first() {
        check(
            &[("a", Some("t-1")), ("b", Some("t-2"))],
            &[("a", Some("t-2")), ("b", Some("t-1"))],
            &[Some(1), Some(0)],
        );
        check(&[("a", Some("t-1"))], &[("a", Some("t-9"))], &[None]);
        check(&[("a", Some("t-1"))], &[("a", None)], &[Some(0)]);
    }

    #[test]
    fn twins_are_told_by_their_titles() {
        check(
            &[("a", Some("t-1")), ("b", Some("t-1"))],
            &[("b", Some("t-1")), ("a", Some("t-1"))],
            &[Some(1), Some(0)],
        );
    }

    #[test]
    fn titles_then_likeness() {
        check(
            &[("Write the parser", None), ("x", None)],
            &[("x", None), ("Write a parser", None)],
            &[Some(1), Some(0)],
        );
        check(&[("Write the parser", None)], &[("Buy some milk", None)], &[None]);
    }

    #[test]
    fn two_that_are_equally_like_are_not_guessed() {
        check(
            &[("Write the parser A", None)],
            &[("Write the parser B", None), ("Write the parser C", None)],
            &[None],
        );
    }

    #[test]
    fn what_moved_is_what_does_not_run() {
        assert_eq!(longest_run(&[3, 0, 1, 2]), [false, true, true, true]);
        assert_eq!(longest_run(&[]), [false; 0]);
    }
}
