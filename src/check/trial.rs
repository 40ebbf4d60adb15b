use std::collections::HashMap;

use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::format::{Lifted, reread};
use crate::text::{Edit, Edits};

use super::run;

/// What came of applying some fixes together.
pub(super) struct Outcome {
    /// The new text, understood.
    pub lifted: Lifted,
    /// Its findings.
    pub findings: Vec<Diagnostic>,
    /// Where everything went.
    pub moved: Moved,
    /// The fixes that must not stay, as indices into the old findings, with the reason.
    pub blamed: Vec<(usize, String)>,
}

/// Applies the fixes of `chosen` (indices into `findings`) and judges the result: a fix is blamed
/// when its finding is still there, or when a finding as grave as `limit` is new next to it.
///
/// `Err` where the splices do not fit the text or each other.
pub(super) fn attempt(
    base: &Lifted,
    findings: &[Diagnostic],
    chosen: &[usize],
    limit: Severity,
) -> Result<Outcome, String> {
    let edits = chosen.iter().filter_map(|&i| findings.get(i)?.fix.as_ref()).flat_map(|f| f.edits.clone());
    let edits = Edits::new(base.document.text(), edits.collect()).map_err(|e| e.to_string())?;
    let text = edits.apply(base.document.text()).map_err(|e| e.to_string())?;
    let lifted = reread(&text, base);
    let new = run(&lifted);
    let moved = Moved::by(edits.as_slice());
    let blamed = judge(findings, chosen, &new, &moved, limit);
    Ok(Outcome { lifted, findings: new, moved, blamed })
}

fn judge(
    old: &[Diagnostic],
    chosen: &[usize],
    new: &[Diagnostic],
    moved: &Moved,
    limit: Severity,
) -> Vec<(usize, String)> {
    let mut left = Leftover::of(new);
    let mut fixed = vec![false; old.len()];
    for &i in chosen {
        fixed[i] = true;
    }
    // What nobody wanted to mend is still there, mostly exactly where it moved to.
    let stays = || old.iter().enumerate().filter(|(i, _)| !fixed[*i]).map(|(_, d)| d);
    let missed: Vec<&Diagnostic> = stays().filter(|d| !left.take_at(d, moved)).collect();
    for d in missed {
        left.take_near(d, moved);
    }
    let mut blamed: Vec<(usize, String)> = Vec::new();
    for &i in chosen {
        if left.take_at(&old[i], moved) || left.take_near(&old[i], moved) {
            blamed.push((i, "the finding is still there afterwards".to_owned()));
        }
    }
    let anchor = |i: usize| old[i].fix.as_ref().and_then(|f| f.edits.first()).map_or(0, |e| e.range.start);
    let mut by_place: Vec<(usize, usize)> = chosen.iter().map(|&i| (anchor(i), i)).collect();
    by_place.sort_unstable();
    for d in left.rest().into_iter().filter(|d| d.severity() >= limit) {
        let at = moved.back(d.span.start);
        let after = by_place.partition_point(|(place, _)| *place <= at);
        let near = [after.checked_sub(1), Some(after)].into_iter().flatten();
        let nearest = near.filter_map(|n| by_place.get(n)).min_by_key(|(place, _)| place.abs_diff(at));
        if let Some(&(_, i)) = nearest {
            blamed.push((i, format!("it would bring {} ({})", d.code, d.message)));
        }
    }
    blamed.sort_by_key(|(i, _)| *i);
    blamed.dedup_by_key(|(i, _)| *i);
    blamed
}

/// New findings that no old one accounts for yet, by code, in the order of the text.
struct Leftover<'a> {
    by_code: HashMap<Code, Vec<(&'a Diagnostic, bool)>>,
}

impl<'a> Leftover<'a> {
    fn of(new: &'a [Diagnostic]) -> Self {
        let mut by_code: HashMap<Code, Vec<(&Diagnostic, bool)>> = HashMap::new();
        for d in new {
            by_code.entry(d.code).or_default().push((d, false));
        }
        Self { by_code }
    }

    /// Takes a finding of the same code that begins where `old` went.
    fn take_at(&mut self, old: &Diagnostic, moved: &Moved) -> bool {
        let (from, to) = moved.forth(old.span.start);
        let Some(list) = self.by_code.get_mut(&old.code) else { return false };
        let first = list.partition_point(|(d, _)| d.span.start < from);
        let here = list.iter_mut().skip(first).take_while(|(d, _)| d.span.start <= to);
        here.filter(|(_, taken)| !taken).map(|(_, taken)| *taken = true).next().is_some()
    }

    /// Takes a finding of the same code that overlaps the place where `old` went.
    fn take_near(&mut self, old: &Diagnostic, moved: &Moved) -> bool {
        let (from, to) = (moved.forth(old.span.start).0, moved.forth(old.span.end).1);
        let Some(list) = self.by_code.get_mut(&old.code) else { return false };
        // Findings of one code hardly ever nest; a few steps back find the one that reaches here.
        let first = list.partition_point(|(d, _)| d.span.start < from).saturating_sub(4);
        let here = list.iter_mut().skip(first).take_while(|(d, _)| d.span.start < to);
        here.filter(|(d, taken)| !taken && d.span.end > from).map(|(_, taken)| *taken = true).next().is_some()
    }

    /// What nobody took, in the order of the text.
    fn rest(&self) -> Vec<&'a Diagnostic> {
        let left = self.by_code.values().flatten().filter(|(_, taken)| !taken);
        let mut left: Vec<&Diagnostic> = left.map(|(d, _)| *d).collect();
        left.sort_by_key(|d| (d.span, d.code.info().code));
        left
    }
}

/// How places of the old text move to the new one.
pub(super) struct Moved {
    /// Per splice: old start, old end, new start, new end. Ascending.
    steps: Vec<(usize, usize, usize, usize)>,
}

impl Moved {
    /// By sorted, disjoint splices.
    pub(super) fn by(edits: &[Edit]) -> Self {
        let (mut steps, mut grown, mut shrunk) = (Vec::with_capacity(edits.len()), 0, 0);
        for e in edits {
            let start = e.range.start + grown - shrunk;
            steps.push((e.range.start, e.range.end, start, start + e.insert.len()));
            grown += e.insert.len();
            shrunk += e.range.len();
        }
        Self { steps }
    }

    /// The places that `offset` may have gone to: one, but where text was replaced or inserted
    /// right there.
    pub(super) fn forth(&self, offset: usize) -> (usize, usize) {
        let shift = |at: usize| match at.checked_sub(1).and_then(|i| self.steps.get(i)) {
            Some(&(_, old_end, _, new_end)) => (offset + new_end).saturating_sub(old_end),
            None => offset,
        };
        // Splices wholly before; splices that begin at or before.
        let before = self.steps.partition_point(|s| s.1 < offset || (s.1 == offset && s.0 < offset));
        let touching = self.steps.partition_point(|s| s.0 <= offset);
        let first = self.steps.get(before).filter(|s| s.0 < offset).map_or_else(|| shift(before), |s| s.2);
        let last = self
            .steps
            .get(touching.wrapping_sub(1))
            .filter(|s| s.1 > offset)
            .map_or_else(|| shift(touching), |s| s.3);
        (first.min(last), last.max(first))
    }

    /// Where `offset` of the new text was in the old one, about.
    pub(super) fn back(&self, offset: usize) -> usize {
        let at = self.steps.partition_point(|s| s.2 <= offset);
        match at.checked_sub(1).and_then(|i| self.steps.get(i)) {
            Some(&(_, old_end, _, new_end)) => (offset + old_end).saturating_sub(new_end).max(old_end),
            None => offset,
        }
    }

    /// The same splice in the new text; `None` where the old text was changed there.
    pub(super) fn edit(&self, edit: &Edit) -> Option<Edit> {
        let clear = self.steps.iter().all(|s| s.1 < edit.range.start || edit.range.end < s.0);
        let start = self.forth(edit.range.start).0;
        clear.then(|| Edit::replace((start..start + edit.range.len()).into(), edit.insert.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_move_with_the_text() {
        // "abcdefgh" → "aXXdeYfgh": replace bc by XX…, insert Y at 5
        let moved = Moved::by(&[Edit::replace((1..3).into(), "XXXX"), Edit::insert(5, "Y")]);
        for (old, new) in
            [(0, (0, 0)), (1, (1, 5)), (2, (1, 5)), (3, (5, 5)), (4, (6, 6)), (5, (7, 8)), (6, (9, 9))]
        {
            assert_eq!(moved.forth(old), new, "{old}");
        }
        assert_eq!((moved.back(0), moved.back(6), moved.back(9)), (0, 4, 6));
        assert_eq!(moved.edit(&Edit::insert(7, "Z")), Some(Edit::insert(10, "Z")));
        assert_eq!(moved.edit(&Edit::delete((2..4).into())), None);
    }
}
