use std::collections::HashMap;

use super::hash::int;
use super::{SessionRecord, TaskRecord};

/// A chunk is cut at the latest here.
const LONGEST: usize = 64;
/// One in so many tasks begins a chunk by its own hash.
const CUT_EVERY: u32 = 16;
/// Distance between the numbers of neighbouring chunks in a fresh file.
pub(super) const GAP: i64 = 1 << 16;

/// A run of neighbouring tasks of one group.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Chunk {
    /// Index of its first task.
    pub start: usize,
    /// One past its last task.
    pub end: usize,
    /// Lines from its first task to the next chunk's; 0 for the last one.
    pub lines: i64,
    /// Bytes likewise.
    pub bytes: i64,
    /// Over its tasks.
    pub digest: i64,
    /// Over the findings in its lines; 0 where there are none.
    pub findings: i64,
}

/// Cuts the tasks into chunks.
///
/// Cuts depend on the tasks near them only (a new group, a task whose own hash says so, a run
/// that grew too long), so that a line put in or taken out disturbs its own chunk and leaves
/// the others as they are.
pub(super) fn chunks(record: &SessionRecord) -> Vec<Chunk> {
    let tasks = &record.tasks;
    let mut starts: Vec<usize> = Vec::new();
    for (i, task) in tasks.iter().enumerate() {
        let cut = match starts.last() {
            None => true,
            Some(&start) => {
                tasks[i - 1].group != task.group
                    || i - start >= LONGEST
                    || mix(&task.row_id).is_multiple_of(CUT_EVERY)
            }
        };
        if cut {
            starts.push(i);
        }
    }
    let span = |a: usize, b: usize, of: fn(&TaskRecord) -> i64| match tasks.get(b) {
        Some(next) => of(next) - of(&tasks[a]),
        None => 0,
    };
    (0..starts.len())
        .map(|c| {
            let (start, end) = (starts[c], starts.get(c + 1).copied().unwrap_or(tasks.len()));
            Chunk {
                start,
                end,
                lines: span(start, end, |t| i64::from(t.line)),
                bytes: span(start, end, |t| i64::try_from(t.offset).unwrap_or(i64::MAX)),
                digest: 0,
                findings: 0,
            }
        })
        .collect()
}

/// FNV-1a, its halves folded: cheap, and the same everywhere.
fn mix(text: &str) -> u32 {
    let hash = text.bytes().fold(0x811c_9dc5_u32, |h, b| (h ^ u32::from(b)).wrapping_mul(0x0100_0193));
    hash ^ (hash >> 16)
}

/// Which chunk the line belongs to; `None` before the first task.
pub(super) fn chunk_at(record: &SessionRecord, chunks: &[Chunk], line: u32) -> Option<usize> {
    chunks.partition_point(|c| record.tasks[c.start].line <= line).checked_sub(1)
}

/// Numbers for the new chunks: those that stay in order keep theirs, the others fit in between.
/// `false` where there was no room left and all had to be numbered anew.
pub(super) fn number(new: &[&str], old: &[(i64, String)]) -> (Vec<i64>, bool) {
    let by_first: HashMap<&str, usize> = old.iter().enumerate().map(|(i, (_, f))| (f.as_str(), i)).collect();
    let matched: Vec<Option<usize>> = new.iter().map(|first| by_first.get(first).copied()).collect();
    let kept = longest_rise(&matched);
    let mut ords: Vec<Option<i64>> = kept.iter().map(|k| k.map(|i| old[i].0)).collect();
    let mut i = 0;
    while i < ords.len() {
        if ords[i].is_some() {
            i += 1;
            continue;
        }
        let end = (i..ords.len()).find(|&j| ords[j].is_some()).unwrap_or(ords.len());
        let before = if i == 0 { None } else { ords[i - 1] };
        let after = ords.get(end).copied().flatten();
        let count = int(end - i);
        let (low, step) = match (before, after) {
            (None, None) => (0, GAP),
            (Some(low), None) => (low, GAP),
            (None, Some(high)) => (high - GAP * (count + 1), GAP),
            (Some(low), Some(high)) => (low, (high - low) / (count + 1)),
        };
        let fits = step > 0 && low.unsigned_abs() < 1 << 56;
        if !fits {
            return ((1..=int(new.len())).map(|n| n * GAP).collect(), false);
        }
        for (n, slot) in (1_i64..).zip(&mut ords[i..end]) {
            *slot = Some(low + step * n);
        }
        i = end;
    }
    (ords.into_iter().map(Option::unwrap_or_default).collect(), true)
}

/// Keeps the longest rising subsequence of the values, drops the others.
fn longest_rise(values: &[Option<usize>]) -> Vec<Option<usize>> {
    let mut tails: Vec<usize> = Vec::new();
    let mut previous: Vec<Option<usize>> = vec![None; values.len()];
    for (i, value) in values.iter().enumerate() {
        if value.is_none() {
            continue;
        }
        let at = tails.partition_point(|&t| values[t] < *value);
        previous[i] = at.checked_sub(1).map(|p| tails[p]);
        if at == tails.len() {
            tails.push(i);
        } else {
            tails[at] = i;
        }
    }
    let mut kept = vec![None; values.len()];
    let mut at = tails.last().copied();
    while let Some(i) = at {
        kept[i] = values[i];
        at = previous[i];
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(new: &[&str], old: &[(i64, &str)], expected: &[i64], kept: bool) {
        let old: Vec<(i64, String)> = old.iter().map(|(o, f)| (*o, (*f).to_owned())).collect();
        assert_eq!(number(new, &old), (expected.to_vec(), kept));
    }

    #[test]
    fn what_stays_in_order_keeps_its_number() {
        check(&["a", "b"], &[], &[GAP, 2 * GAP], true);
        check(&["a", "x", "b"], &[(10, "a"), (20, "b")], &[10, 15, 20], true);
        check(&["x", "a"], &[(10, "a")], &[10 - GAP, 10], true);
        check(&["a", "x"], &[(10, "a")], &[10, 10 + GAP], true);
        check(&["b", "c", "a"], &[(10, "a"), (20, "b"), (30, "c")], &[20, 30, 30 + GAP], true);
        check(&["a", "x", "b"], &[(10, "a"), (11, "b")], &[GAP, 2 * GAP, 3 * GAP], false);
        check(&[], &[(10, "a")], &[], true);
    }
}
