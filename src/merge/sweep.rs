use std::collections::HashMap;
use std::hash::Hash;
use std::ops::Range;

use gix_imara_diff::{Algorithm, Diff, NoSliderHeuristic, Token};

/// Where a region of a merge comes from.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum Origin {
    /// Nobody touched it.
    Same,
    /// Only ours changed it.
    Ours,
    /// Only theirs changed it.
    Theirs,
    /// Both made it the same.
    Both,
    /// Both changed it, differently.
    Conflict,
}

/// A stretch of the three inputs that belongs together; ranges count tokens (lines).
///
/// The regions of a merge cover all three inputs, in order, without gaps.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Region {
    /// Who made it what it is.
    pub origin: Origin,
    /// Its place in the base.
    pub base: Range<usize>,
    /// Its place in ours.
    pub ours: Range<usize>,
    /// Its place in theirs.
    pub theirs: Range<usize>,
}

/// One change of one side.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Hunk {
    pub(super) base: Range<usize>,
    pub(super) side: Range<usize>,
}

/// Gives equal tokens equal numbers.
pub(super) struct Interner<T>(HashMap<T, u32>);

impl<T: Hash + Eq> Interner<T> {
    pub(super) fn new() -> Self {
        Self(HashMap::new())
    }

    pub(super) fn all(&mut self, tokens: impl IntoIterator<Item = T>) -> Vec<Token> {
        let mut out = Vec::new();
        for token in tokens {
            let next = u32::try_from(self.0.len()).unwrap_or(u32::MAX);
            out.push(Token(*self.0.entry(token).or_insert(next)));
        }
        out
    }

    pub(super) fn count(&self) -> u32 {
        u32::try_from(self.0.len()).unwrap_or(u32::MAX)
    }
}

/// The changes that lead from `before` to `after`: Myers, compacted the way git compacts.
pub(super) fn hunks(before: &[Token], after: &[Token], tokens: u32) -> Vec<Hunk> {
    let mut diff = Diff::default();
    diff.compute_with(Algorithm::Myers, before, after, tokens);
    diff.postprocess_with(before, after, NoSliderHeuristic);
    let range = |r: Range<u32>| r.start as usize..r.end as usize;
    diff.hunks().map(|h| Hunk { base: range(h.before), side: range(h.after) }).collect()
}

/// Cuts three token sequences into regions. Two changes that overlap or touch are one region,
/// unless `apart` says of two changes (ours, theirs) that merely touch that they are independent.
pub(super) fn sweep(
    base: &[Token],
    ours: &[Token],
    theirs: &[Token],
    tokens: u32,
    apart: impl Fn(&Hunk, &Hunk) -> bool,
) -> Vec<Region> {
    let (a, b) = (hunks(base, ours, tokens), hunks(base, theirs, tokens));
    let (mut i, mut j) = (0, 0);
    let (mut out, mut done) = (Vec::new(), Cursor::default());
    while i < a.len() || j < b.len() {
        let (i0, j0) = (i, j);
        let mut end = match (a.get(i), b.get(j)) {
            (Some(x), Some(y)) if follows(x, y) => take(&mut j, y),
            (Some(x), _) => take(&mut i, x),
            (None, Some(y)) => take(&mut j, y),
            (None, None) => break,
        };
        loop {
            let last = |hunks: &[Hunk], from: usize, to: usize| (to > from).then(|| hunks[to - 1].clone());
            let separate = |x: &Hunk, y: Option<Hunk>, ours: bool| match y {
                Some(y) if x.base.start == end && y.base.end == end => {
                    if ours {
                        apart(x, &y)
                    } else {
                        apart(&y, x)
                    }
                }
                _ => false,
            };
            if let Some(x) = a.get(i)
                && x.base.start <= end
                && !separate(x, last(&b, j0, j), true)
            {
                end = end.max(take(&mut i, x));
            } else if let Some(y) = b.get(j)
                && y.base.start <= end
                && !separate(y, last(&a, i0, i), false)
            {
                end = end.max(take(&mut j, y));
            } else {
                break;
            }
        }
        let start = [a.get(i0).filter(|_| i > i0), b.get(j0).filter(|_| j > j0)];
        let start = start.into_iter().flatten().map(|h| h.base.start).min().unwrap_or(end);
        done.same_until(start, &mut out);
        let region = Region {
            origin: Origin::Conflict,
            base: start..end,
            ours: done.ours..side_end(&a[i0..i], start, end, done.ours),
            theirs: done.theirs..side_end(&b[j0..j], start, end, done.theirs),
        };
        let origin = match (i > i0, j > j0) {
            (true, false) => Origin::Ours,
            (false, _) => Origin::Theirs,
            _ if ours[region.ours.clone()] == theirs[region.theirs.clone()] => Origin::Both,
            _ => Origin::Conflict,
        };
        (done.base, done.ours, done.theirs) = (end, region.ours.end, region.theirs.end);
        out.push(Region { origin, ..region });
    }
    done.same_until(base.len(), &mut out);
    out
}

/// Whether `x` starts behind `y`.
fn follows(x: &Hunk, y: &Hunk) -> bool {
    (x.base.start, x.base.end) > (y.base.start, y.base.end)
}

fn take(at: &mut usize, hunk: &Hunk) -> usize {
    *at += 1;
    hunk.base.end
}

/// Where a side's part of a region ends: what it kept of the base, and what it put in.
fn side_end(hunks: &[Hunk], start: usize, end: usize, from: usize) -> usize {
    let removed: usize = hunks.iter().map(|h| h.base.len()).sum();
    let added: usize = hunks.iter().map(|h| h.side.len()).sum();
    from + (end - start).saturating_sub(removed) + added
}

#[derive(Default)]
struct Cursor {
    base: usize,
    ours: usize,
    theirs: usize,
}

impl Cursor {
    fn same_until(&mut self, base: usize, out: &mut Vec<Region>) {
        let n = base.saturating_sub(self.base);
        if n > 0 {
            out.push(Region {
                origin: Origin::Same,
                base: self.base..base,
                ours: self.ours..self.ours + n,
                theirs: self.theirs..self.theirs + n,
            });
            (self.base, self.ours, self.theirs) = (base, self.ours + n, self.theirs + n);
        }
    }
}
