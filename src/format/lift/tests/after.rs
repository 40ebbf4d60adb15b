//! A text says after another version what it says by itself.

use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use super::super::*;
use crate::document::parse_in_pieces;

/// Lines that make tasks, file them, and change what others before or behind them mean.
fn line() -> impl Strategy<Value = String> {
    prop_oneof![
        8 => "- \\[[ x]\\] [a-z]{1,4}( \\^[a-d])?",
        4 => "  - \\[[ x]\\] [a-z]{1,4}( \\^[a-d])?",
        2 => "    - \\[ \\] [a-z]{1,4}",
        2 => "#{1,4} [a-c]",
        3 => Just(String::new()),
        2 => "  [a-z ]{1,6}",
        8 => prop::sample::select(vec![
            "# a", "## Task Groups", "## Notes", "### a/b", "### b", "## Progress", "**Priority**: high", "#", "###",
            "- [ ] a (Pending) - dev - 2h  [due:: 2026-01-02]  [mood:: fine] ^t-000001",
            "- [x] a (Pending) - dev", "- [ ] a [due:: soon]", "- [ ] [a]", "- [ ] ", "  - **Due**: 2026-01-02",
            "  [due:: 2026-01-03] ^b", "  {#c} more", "text that goes on", "- [ ] a [id:: d] ^a", "- [ ] a ^a b",
            "  ```", "```", "  > quoted", "> - [ ] a", "- item", "* [ ] other", "1. [ ] a", "- [?] a", "- [ ] é 📅 2026-01-02",
            "- [ ] a\r", "<!-- plandown:begin overview -->", "<!-- plandown:end overview -->", "  - [ ] b [due:: x",
            "-   [ ] wide", "    deep", "\ttab", "- [ ] `a", "b` ^c", "[x]: /u", "\\[due:: 2026-01-02\\]",
        ]).prop_map(str::to_owned),
    ]
}

fn read(text: &str, shortest: usize, before: Option<&Lifted>) -> Lifted {
    let (document, found, kept) = parse_in_pieces(text.as_bytes(), before.map(|b| &b.document), shortest);
    lift_after(document, found, "plan", before.map(|b| Earlier::of(b, kept)))
}

#[track_caller]
fn check(before: &str, text: &str, shortest: usize) -> usize {
    let before = read(before, shortest, None);
    let (after, alone) = (read(text, shortest, Some(&before)), read(text, shortest, None));
    assert_eq!(after.session, alone.session, "{text:?}");
    assert_eq!(after.map, alone.map, "{text:?}");
    assert_eq!(after.diagnostics, alone.diagnostics, "{text:?}");
    assert_eq!(after.document.blocks(), alone.document.blocks(), "{text:?}");
    let tasks = after.session.tasks.iter();
    let there = &before.session.tasks;
    tasks.filter(|t| there.iter().any(|b| std::sync::Arc::ptr_eq(&t.facts, &b.facts))).count()
}

proptest! {
    // Always the same cases: 9,000 others were run when this was written.
    #![proptest_config(ProptestConfig {
        cases: 150,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(11),
        ..ProptestConfig::default()
    })]

    #[test]
    fn after_another_version_is_as_by_itself(
        lines in prop::collection::vec(line(), 0..60), at in 0_usize..60, gone in 0_usize..4,
        new in prop::collection::vec(line(), 0..4), shortest in 1_usize..60,
    ) {
        let before = lines.join("\n");
        let mut lines = lines;
        let at = at.min(lines.len());
        lines.splice(at..(at + gone).min(lines.len()), new);
        check(&before, &lines.join("\n"), shortest);
    }
}

fn plan(tasks: usize) -> String {
    let task = |n| {
        format!("- [ ] task {n} (Pending) - dev  [due:: 2026-01-02] ^t-{n}\n  - [ ] part\n\n    text\n\n")
    };
    format!("# A\n\n## Task Groups\n\n### One\n\n{}", (0..tasks).map(task).collect::<String>())
}

#[test]
fn what_did_not_change_is_the_same_object() {
    let before = plan(200);
    let taken = check(&before, &before.replace("task 100 ", "another "), 200);
    assert!((200..400).contains(&taken), "{taken}");
}

#[test]
fn what_is_told_by_other_places_is_told_anew() {
    let before = plan(200);
    // Another group, no group at all, an id that is no longer the first or only then, a line above.
    check(&before, &before.replace("### One", "### Two"), 200);
    assert_eq!(check(&before, &before.replace("## Task Groups\n\n### One", "## Notes"), 200), 0);
    check(&before, &before.replacen("^t-1\n", "^t-150\n", 1), 200);
    check(&before.replacen("^t-1\n", "^t-150\n", 1), &before, 200);
    assert!(check(&before, &format!("a line\n\n{before}"), 200) > 300);
    assert!(check(&format!("a line\n\n{before}"), &before, 200) > 300);
}
