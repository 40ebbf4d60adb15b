//! Laws on random texts: whatever the text and the change are, either nothing is written, or
//! what was written says what was planned.

use proptest::prelude::*;

use super::catalogue::{general, hold, is_owed, operations};
use super::*;

const TOKENS: &[&str] = &[
    "- [ ] ",
    "- [x] ",
    "* [ ] ",
    "1. [ ] ",
    "2) [x] ",
    "  - [ ] ",
    "\t- [ ] ",
    "    - [/] ",
    "- ",
    "> ",
    "a",
    "b c",
    " (Pending)",
    " (Completed) - dev - 3h",
    " - 4h",
    "  [due:: 2025-06-18]",
    " [k:: v]",
    "(x:: y)",
    " ^t-aaaaa1",
    " ^t-bbbbb2",
    " ^id",
    "\n",
    "\n",
    "\n",
    "\n\n",
    "\n\n",
    "  \n",
    "\\\n",
    "\r\n",
    "\n## Tasks\n\n",
    "\n### G\n",
    "\n### H\n\n",
    "\n#### Tasks in G\n\n",
    "\n## Session Notes\n",
    "\n### Decisions Made\n\n",
    "# T\n",
    "---\n",
    "id: x\n",
    "status: active\n",
    "**Status**: Active  \n",
    "**Progress**: 1% (1/9 tasks)\n",
    "```\n",
    "`",
    "`code`",
    "[x]: /u\n",
    "| a | b |\n|---|---|\n",
    "<div>\n",
    "<!-- c -->",
    "  text\n",
    "text\n",
    "é",
    "台所 ",
    "📅 2025-07-01",
    "⏫",
    "\t",
    "    ",
    "***\n",
    "===\n",
    "[[w|x]]",
    "\\[due:: x\\]",
    "  - **Due**: 2025-06-18\n",
    "#tag",
];

fn text() -> impl Strategy<Value = String> {
    let soup = prop::collection::vec(prop::sample::select(TOKENS), 0..24).prop_map(|t| t.concat());
    let framed = prop::collection::vec(prop::sample::select(TOKENS), 0..24)
        .prop_map(|t| format!("# T\n\n## Tasks\n\n### G\n\n- [ ] one ^t-ccccc3\n{}", t.concat()));
    prop_oneof![1 => soup, 3 => framed]
}

/// A list of tasks as people write it.
fn plain() -> impl Strategy<Value = String> {
    let line = prop::sample::select(
        &[
            "- [ ] a",
            "- [x] b",
            "- [ ] c (Pending) - dev - 3h",
            "- [ ] d  [due:: 2025-06-18] ^t-ddddd4",
            "  - [ ] sub",
        ][..],
    );
    (prop::collection::vec(line, 2..9), any::<bool>(), any::<bool>()).prop_map(|(lines, loose, crlf)| {
        let between = if loose { "\n\n" } else { "\n" };
        // No id twice.
        let lines: Vec<String> =
            lines.iter().enumerate().map(|(n, l)| l.replace("ddddd4", &format!("dddd{n}x"))).collect();
        let list = lines.join(between);
        let text = format!("# T\n\n## Tasks\n\n### G\n\n- [ ] first{between}{list}\n");
        if crlf { text.replace('\n', "\r\n") } else { text }
    })
}

/// Few, so that the suite stays quick; set higher by hand for a long run.
const CASES: u32 = 96;

proptest! {
    #![proptest_config(ProptestConfig { cases: CASES, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn written_or_refused(text in text(), task in any::<prop::sample::Index>(), kind in any::<prop::sample::Index>()) {
        let before = read(&text);
        let mut all = general(&before);
        if !before.session.tasks.is_empty() {
            all.extend(operations(&before, task.index(before.session.tasks.len())));
        }
        let (kind, change) = kind.get(&all);
        if let Err(error) = hold(&before, change) {
            prop_assert!(!is_owed(&before, kind, &error), "{:?} {:?}", change, error);
        }
    }

    #[test]
    fn changes_to_different_tasks_commute(text in plain(), a in any::<prop::sample::Index>(), b in any::<prop::sample::Index>()) {
        let before = read(&text);
        let count = before.session.tasks.len();
        let (m, n) = (a.index(count), b.index(count));
        if m == n {
            return Ok(());
        }
        let first = field(m, "due", Some("2031-01-01"));
        let second = status(n, TaskStatus::Blocked);
        let one = done(&text, &[first.clone(), second.clone()]);
        prop_assert_eq!(&one, &done(&text, &[second.clone(), first.clone()]));
        prop_assert_eq!(&one, &done(&done(&text, &[first]), &[second]));
    }

    #[test]
    fn a_move_and_back_is_nothing(text in plain(), which in any::<prop::sample::Index>(), to in any::<prop::sample::Index>()) {
        let before = read(&text);
        let roots: Vec<usize> = (0..before.session.tasks.len()).filter(|&i| before.session.tasks[i].depth == 0).collect();
        let (from, to) = (which.index(roots.len()), to.index(roots.len()));
        if from == to {
            return Ok(());
        }
        let task = roots[from];
        let place = |p| Place::Group(GroupRef::Nth(0), p);
        let moved = done(&text, &[Change::MoveTask { task: nth(task), to: place(Position::After(nth(roots[to]))) }]);
        let size = before.session.subtree(task).len();
        let end = before.session.subtree(roots[to]).end;
        let now = if task < end { end - size } else { end };
        let after = read(&moved);
        let now_roots: Vec<usize> = (0..after.session.tasks.len()).filter(|&i| after.session.tasks[i].depth == 0).collect();
        let back = if from == 0 {
            Position::First
        } else {
            let others: Vec<usize> = now_roots.into_iter().filter(|&i| i != now).collect();
            Position::After(nth(others[from - 1]))
        };
        prop_assert_eq!(done(&moved, &[Change::MoveTask { task: nth(now), to: place(back) }]), text);
    }
}

#[test]
fn a_thousand_changes_are_one_parse() {
    let lines: String = (0..1000).map(|n| format!("- [ ] task {n} ^t-{n}\n")).collect::<Vec<_>>().concat();
    let text = format!("# T\n\n## Tasks\n\n### G\n\n{lines}");
    let ticks: Vec<Change> = (0..1000).map(|n| status(n, TaskStatus::Completed)).collect();
    let before = read(&text);
    let written = write(&before, &ticks).unwrap();
    assert_eq!(text_of(&written), text.replace("[ ]", "[x]"));
    assert_eq!(written.edits.as_slice().len(), 1000);
    let adds: Vec<Change> = (0..1000).map(|n| add(last(0), &format!("new {n}"))).collect();
    let written = write(&before, &adds).unwrap();
    assert_eq!(written.edits.as_slice().len(), 1);
    assert_eq!(written.lifted.session.tasks.len(), 2000);
    assert_eq!(written.lifted.session.tasks[1999].title, "new 999");
}

#[test]
fn several_changes_to_one_task_add_up() {
    check_all(
        "# T\n\n## Tasks\n\n### G\n\n- [ ] a (Pending) - dev\n- [ ] b\n",
        &[
            Change::DeleteTask { task: nth(1) },
            field(0, "est", Some("3h")),
            status(0, TaskStatus::Completed),
            Change::AssignId { task: nth(0), id: id("t-1") },
            field(0, "due", Some("2025-06-18")),
            add(last(0), "c"),
            Change::RenameTask { task: TaskKey::Id(id("t-1")), title: "z".into() },
        ],
        "# T\n\n## Tasks\n\n### G\n\n- [x] z (Completed) - dev - 3h/?  [due:: 2025-06-18] ^t-1\n- [ ] c (Pending)\n",
    );
    // Keys by place name places in the first text.
    check_all(
        "# T\n\n## Tasks\n\n### G\n\n- [ ] a\n- [ ] b\n- [ ] c\n",
        &[
            Change::DeleteTask { task: nth(0) },
            Change::MoveTask { task: nth(2), to: Place::Group(GroupRef::Nth(0), Position::First) },
            status(1, TaskStatus::Completed),
            status(2, TaskStatus::Blocked),
        ],
        "# T\n\n## Tasks\n\n### G\n\n- [ ] c (Blocked)\n- [x] b\n",
    );
}
