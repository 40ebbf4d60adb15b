use std::collections::{BTreeSet, HashMap};

use crate::diagnostic::{Code, Diagnostic, Repair, Severity};
use crate::format::Lifted;
use crate::text::{Edit, TextRange};

use super::run;
use super::trial::{Moved, Outcome, attempt};

/// Rounds of fixing, at most; every round but the last mends something.
const ROUNDS: usize = 64;

/// Texts that are parsed and checked in one round, at most.
const ATTEMPTS: usize = 128;

const TOO_MANY: &str = "too many fixes of this file had to be taken back";

/// A fix that was made.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Applied {
    /// The finding's code.
    pub code: Code,
    /// What was done.
    pub title: String,
    /// 1-based line of the finding, in the text as it was right before.
    pub line: usize,
}

/// A fix that was not made.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Refused {
    /// The finding's code.
    pub code: Code,
    /// What would have been done.
    pub title: String,
    /// 1-based line of the finding, in the text that was given back.
    pub line: usize,
    /// Why not.
    pub why: String,
}

/// What fixing made of a text.
#[derive(Clone, Debug)]
pub struct Fixed {
    /// The text; the same where nothing was fixed.
    pub text: String,
    /// The same, understood.
    pub lifted: Lifted,
    /// What is still found in it.
    pub findings: Vec<Diagnostic>,
    /// The fixes that were made, in order.
    pub applied: Vec<Applied>,
    /// The fixes that were tried and taken back.
    pub refused: Vec<Refused>,
}

/// Applies all fixes up to `safety` (safe ones only, or unsafe ones too), of all codes or of
/// those in `only`, until nothing is left to be mended.
///
/// After every step the new text is parsed and checked. A fix whose finding is still there is
/// taken back, and so is a safe one that brings a new warning or an unsafe one that brings a new
/// error (an unsafe fix may uncover text, and with it what was wrong in it all along). Fixing a
/// fixed text changes nothing.
#[must_use]
pub fn fix(lifted: &Lifted, safety: Repair, only: Option<&[Code]>) -> Fixed {
    fix_also(lifted, safety, only, &[])
}

/// As [`fix`], with what this one file cannot tell, because it takes other files or the index.
///
/// A finding with the code and span of one that is found anyway stands in for it: that is how the
/// direction of a contradiction's fix is chosen, or a fix withheld. The others count as mended
/// once their splices are made.
#[must_use]
pub fn fix_also(lifted: &Lifted, safety: Repair, only: Option<&[Code]>, also: &[Diagnostic]) -> Fixed {
    let mut state = State { lifted: lifted.clone(), own: run(lifted), also: also.to_vec() };
    let wanted = |d: &Diagnostic, class: Repair, writable: bool| {
        // In a file that is read-only as a whole, only what lifts that may be done.
        let open = writable || d.code.info().code.starts_with('F');
        open && only.is_none_or(|codes| codes.contains(&d.code))
            && d.fix.as_ref().is_some_and(|f| f.safety == class)
    };
    let classes: &[Repair] = match safety {
        Repair::Manual => &[],
        Repair::Safe => &[Repair::Safe],
        Repair::Unsafe => &[Repair::Safe, Repair::Unsafe],
    };
    let (mut applied, mut refused) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        refused.clear();
        let mut progress = false;
        for &class in classes {
            let (findings, from) = state.findings();
            let writable = state.lifted.document.is_writable();
            let pending = (0..findings.len()).filter(|&i| wanted(&findings[i], class, writable)).collect();
            let round = Round::play(&state.lifted, &findings, pending, class);
            let line = |d: &Diagnostic| state.lifted.document.lines().line_of(d.span.start) + 1;
            let title = |d: &Diagnostic| d.fix.as_ref().map(|f| f.title.clone()).unwrap_or_default();
            applied.extend(round.accepted.iter().map(|&i| &findings[i]).map(|d| Applied {
                code: d.code,
                title: title(d),
                line: line(d),
            }));
            refused.extend(
                round.refused.into_iter().map(|(i, why)| (&findings[i], why)).map(|(d, why)| Refused {
                    code: d.code,
                    title: title(d),
                    line: line(d),
                    why,
                }),
            );
            if let Some(outcome) = round.best {
                let done: BTreeSet<usize> = round.accepted.iter().filter_map(|&i| from[i]).collect();
                let left = state.also.iter().enumerate().filter(|(i, _)| !done.contains(i));
                let also = left.filter_map(|(_, d)| carried(d, &outcome.moved)).collect();
                state = State { lifted: outcome.lifted, own: outcome.findings, also };
                progress = true;
                break;
            }
        }
        if !progress {
            break;
        }
    }
    Fixed {
        text: state.lifted.document.text().to_owned(),
        lifted: state.lifted,
        findings: state.own,
        applied,
        refused,
    }
}

struct State {
    lifted: Lifted,
    own: Vec<Diagnostic>,
    also: Vec<Diagnostic>,
}

impl State {
    /// All findings, and for each the index in `also` that it comes from.
    fn findings(&self) -> (Vec<Diagnostic>, Vec<Option<usize>>) {
        let mut findings = self.own.clone();
        let mut from = vec![None; findings.len()];
        let mut place = HashMap::new();
        if !self.also.is_empty() {
            place.extend(self.own.iter().enumerate().map(|(i, d)| ((d.code, d.span), i)));
        }
        for (i, d) in self.also.iter().enumerate() {
            if let Some(&at) = place.get(&(d.code, d.span)) {
                findings[at].fix.clone_from(&d.fix);
                from[at] = Some(i);
            } else {
                findings.push(d.clone());
                from.push(Some(i));
            }
        }
        (findings, from)
    }
}

/// The same finding in the new text; `None` where its place was changed.
fn carried(d: &Diagnostic, moved: &Moved) -> Option<Diagnostic> {
    let mut new = d.clone();
    new.span = TextRange::new(moved.forth(d.span.start).1, moved.forth(d.span.end).0);
    if let Some(fix) = &mut new.fix {
        fix.edits = fix.edits.iter().map(|e| moved.edit(e)).collect::<Option<Vec<Edit>>>()?;
    }
    Some(new)
}

/// One pass over the fixes of one class: all at once, and only where that fails fewer at a time.
#[derive(Default)]
struct Round {
    accepted: Vec<usize>,
    refused: Vec<(usize, String)>,
    best: Option<Outcome>,
}

impl Round {
    fn play(base: &Lifted, findings: &[Diagnostic], mut pending: Vec<usize>, class: Repair) -> Self {
        let limit = if class == Repair::Safe { Severity::Warning } else { Severity::Error };
        let mut round = Self::default();
        let mut attempts = ATTEMPTS;
        while !pending.is_empty() {
            if attempts == 0 {
                round.refused.extend(pending.into_iter().map(|i| (i, TOO_MANY.to_owned())));
                break;
            }
            let (layer, rest) = disjoint(findings, &round.accepted, &pending);
            if layer.is_empty() {
                break; // what touches accepted splices waits for the next round
            }
            pending = rest;
            let mut chunks = vec![layer];
            while let Some(chunk) = chunks.pop() {
                if attempts == 0 {
                    round.refused.extend(chunk.into_iter().map(|i| (i, TOO_MANY.to_owned())));
                    continue;
                }
                attempts -= 1;
                chunks.extend(round.try_chunk(base, findings, chunk, limit));
            }
        }
        round.accepted.sort_unstable();
        round.refused.sort_by_key(|(i, _)| *i);
        round
    }

    /// Keeps `chunk` if it does no harm; else gives back what to try instead, last one first.
    fn try_chunk(
        &mut self,
        base: &Lifted,
        findings: &[Diagnostic],
        chunk: Vec<usize>,
        limit: Severity,
    ) -> Vec<Vec<usize>> {
        let all: Vec<usize> = self.accepted.iter().chain(&chunk).copied().collect();
        let blamed = match attempt(base, findings, &all, limit) {
            Ok(outcome) if outcome.blamed.is_empty() => {
                self.accepted = all;
                self.best = Some(outcome);
                return Vec::new();
            }
            Ok(outcome) => outcome.blamed,
            Err(why) => chunk.iter().map(|&i| (i, why.clone())).collect(),
        };
        if let &[single] = chunk.as_slice() {
            let why = blamed.into_iter().next().map(|(_, why)| why).unwrap_or_default();
            self.refused.push((single, why));
            return Vec::new();
        }
        let is_blamed = |i: &usize| blamed.binary_search_by_key(i, |(b, _)| *b).is_ok();
        let (guilty, free): (Vec<usize>, Vec<usize>) = chunk.into_iter().partition(is_blamed);
        let mut next = Vec::new();
        if free.is_empty() || guilty.is_empty() {
            let mut all = if free.is_empty() { guilty } else { free };
            let second = all.split_off(all.len() / 2);
            next.extend([second, all]);
        } else {
            next.extend([guilty, free]);
        }
        next
    }
}

/// Splits `pending` into fixes whose splices neither touch one another nor those already
/// accepted, and the rest.
fn disjoint(findings: &[Diagnostic], accepted: &[usize], pending: &[usize]) -> (Vec<usize>, Vec<usize>) {
    let mut taken = BTreeSet::new();
    let ranges = |i: usize| findings[i].fix.iter().flat_map(|f| &f.edits).map(|e| e.range);
    for range in accepted.iter().flat_map(|&i| ranges(i)) {
        taken.insert((range.start, range.end));
    }
    let (mut layer, mut rest) = (Vec::new(), Vec::new());
    for &i in pending {
        let free = |r: TextRange| {
            let before =
                taken.range(..=(r.start, usize::MAX)).next_back().is_none_or(|(_, end)| *end < r.start);
            let after = taken.range((r.start, 0)..).next().is_none_or(|(start, _)| *start > r.end);
            before && after
        };
        if ranges(i).all(free) {
            layer.push(i);
            for r in ranges(i) {
                taken.insert((r.start, r.end));
            }
        } else {
            rest.push(i);
        }
    }
    (layer, rest)
}

#[cfg(test)]
mod tests {
    use super::super::testing::read;
    use super::*;
    use crate::diagnostic::Fix;

    #[track_caller]
    fn check(before: &str, safety: Repair, after: &str, applied: &[Code], refused: &[Code]) {
        let got = fix(&read(before), safety, None);
        assert_eq!(got.text, after);
        assert_eq!(got.applied.iter().map(|a| a.code).collect::<Vec<_>>(), applied);
        assert_eq!(got.refused.iter().map(|r| r.code).collect::<Vec<_>>(), refused);
    }

    #[test]
    fn a_harmful_fix_is_taken_back_and_the_others_stay() {
        // One level down, the stray `A` would be a second group of that name.
        let before =
            "# P\n\n**Progress**: 0% (0/9 tasks)\n\n## Tasks\n\n### A\n\n- [ ] a ^t-a\n\n## A\n\n- [ ] b\n";
        let after = before.replace("0/9 tasks", "0/1 task");
        check(before, Repair::Safe, &after, &[Code::R707], &[Code::G304]);
        let why = fix(&read(before), Repair::Safe, None).refused[0].why.clone();
        assert_eq!(why, "it would bring G301 (two groups named `A`; the first is on line 7)");
    }

    #[test]
    fn one_fix_may_make_room_for_the_next() {
        check(
            "# P\n\n## G\n\n- [ ] a ^t-a\n  - [ ] b ^t-b\n    - [x] c ^t-c\n",
            Repair::Safe,
            "# P\n\n## G\n\n- [x] a ^t-a\n  - [x] b ^t-b\n    - [x] c ^t-c\n",
            &[Code::T117, Code::T117],
            &[],
        );
    }

    #[test]
    fn unsafe_fixes_come_only_when_asked_for_and_may_uncover_text() {
        let text = "# P\n\n```text\na\n```text\n\n#\n## G\n\n- [ ] a ^t-a\n";
        check(text, Repair::Safe, text, &[], &[]);
        check(text, Repair::Manual, text, &[], &[]);
        let after = "# P\n\n```text\na\n```\n\n### G\n\n- [ ] a ^t-a\n";
        check(text, Repair::Unsafe, after, &[Code::L402, Code::L401], &[]);
    }

    #[test]
    fn a_read_only_file_is_left_alone() {
        let text = "# P\n\n**Progress**: 9% (1/9 tasks)\n\n## G\n\n<<<<<<< a\n- [ ] a\n=======\n- [ ] b\n>>>>>>> b\n";
        check(text, Repair::Unsafe, text, &[], &[]);
    }

    #[test]
    fn a_fix_that_mends_nothing_is_refused() {
        let text = "# P\n\n**Progress**: 9% (1/9 tasks)\n";
        let lifted = read(text);
        let mut findings = run(&lifted);
        let code = findings[0].code;
        findings[0].fix = Some(Fix::safe("nothing", vec![Edit::insert(text.len(), "\nx\n")]));
        let outcome = attempt(&lifted, &findings, &[0], Severity::Warning).unwrap();
        assert_eq!(outcome.blamed, [(0, "the finding is still there afterwards".to_owned())], "{code}");
    }

    #[test]
    fn the_direction_of_a_fix_can_be_chosen() {
        let text = "# P\n\n## G\n\n- [x] a (Pending) ^t-a\n";
        let lifted = read(text);
        let found = run(&lifted).into_iter().find(|d| d.code == Code::T103).unwrap();
        assert_eq!(fix(&lifted, Repair::Safe, None).text, text.replace("Pending", "Completed"));
        let box_at = text.find('x').unwrap();
        let untick = Fix::safe("untick", vec![Edit::replace((box_at..box_at + 1).into(), " ")]);
        let other = Diagnostic { fix: Some(untick), ..found.clone() };
        assert_eq!(fix_also(&lifted, Repair::Safe, None, &[other]).text, text.replace('x', " "));
        let withheld = Diagnostic { fix: None, ..found };
        assert_eq!(fix_also(&lifted, Repair::Safe, None, &[withheld]).text, text);
    }

    #[test]
    fn findings_from_elsewhere_are_carried_along() {
        let text = "# P\n\n**Progress**: 9% (1/9 tasks)\n\n## G\n\n- [ ] a ^t-a\n";
        let at = text.find("t-a").unwrap();
        let own = Fix::unsafe_("give the old id back", vec![Edit::replace((at..at + 3).into(), "t-old")]);
        let foreign = Diagnostic::new(Code::I506, (at..at + 3).into(), "lost").with_fix(own);
        let got = fix_also(&read(text), Repair::Unsafe, None, &[foreign]);
        assert_eq!(got.text, text.replace("9% (1/9 tasks)", "0% (0/1 task)").replace("t-a", "t-old"));
        assert_eq!(
            got.applied.iter().map(|a| (a.code, a.line)).collect::<Vec<_>>(),
            [(Code::R707, 3), (Code::I506, 7)]
        );
    }
}
