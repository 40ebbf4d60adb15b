//! Groups that come into being with their first task, and tasks in files without any group.

use super::*;

fn named(path: &str) -> Place {
    Place::Group(GroupRef::Path(path.into()), Position::Last)
}

fn loose() -> Place {
    Place::Group(GroupRef::Ungrouped, Position::Last)
}

#[track_caller]
fn adds(before: &str, path: &str, after: &str) {
    check(before, add(named(path), "n"), after);
}

#[track_caller]
fn moves(before: &str, task: usize, path: &str, after: &str) {
    check(before, Change::MoveTask { task: nth(task), to: named(path) }, after);
}

const PLAN: &str = "# Plan\n\nWords.\n\n## One\n\n- [ ] a\n- [ ] b\n\n## Two\n\n- [ ] c\n\n### Risks\n\nprose\n\n## Notes\n\n- [x] no task\n";

#[test]
fn a_heading_like_the_others() {
    adds(PLAN, "New", &PLAN.replace("prose\n\n", "prose\n\n## New\n\n- [ ] n\n\n"));
    adds("# P\n\n## A\n\n* [ ] a\n", "B", "# P\n\n## A\n\n* [ ] a\n\n## B\n\n* [ ] n\n");
    adds("# P\n## A\n- [ ] a\n## Notes\nx\n", "B", "# P\n## A\n- [ ] a\n## B\n- [ ] n\n## Notes\nx\n");
    adds("# P\n\n\n## A\n- [ ] a\n", "B", "# P\n\n\n## A\n- [ ] a\n\n\n## B\n- [ ] n\n");
    adds("A\n-\n\n- [ ] a\n", "Größe", "A\n-\n\n- [ ] a\n\nGröße\n-----\n\n- [ ] n\n");
    adds("# P\n\n## A ##\n\n- [ ] a\n", "B", "# P\n\n## A ##\n\n- [ ] a\n\n## B ##\n\n- [ ] n\n");
    adds("# P\n\n# A\n\n- [ ] a\n", "B", "# P\n\n# A\n\n- [ ] a\n\n# B\n\n- [ ] n\n");
    adds(
        "# P\n\n## Work\n\n### A\n\n- [ ] a\n\n## Log\n\nx\n",
        "B",
        "# P\n\n## Work\n\n### A\n\n- [ ] a\n\n### B\n\n- [ ] n\n\n## Log\n\nx\n",
    );
    adds(
        "# P\n\n## A\n\n- [ ] a\n\n---\n**Last Updated**: x\n",
        "B",
        "# P\n\n## A\n\n- [ ] a\n\n## B\n\n- [ ] n\n\n---\n**Last Updated**: x\n",
    );
    assert_eq!(done("## A\n- [ ] a", &[add(named("B"), "n")]), "## A\n- [ ] a\n\n## B\n- [ ] n");
}

#[test]
fn inside_another_group() {
    let text = "# P\n\n## A\n\n- [ ] a\n\n## B\n\n- [ ] b\n";
    adds(text, "A/New", &text.replace("a\n\n", "a\n\n### New\n\n- [ ] n\n\n"));
    let nested = text.replace("a\n\n", "a\n\n#### X\n\n- [ ] x\n\n");
    adds(&nested, "a/New", &nested.replace("x\n\n", "x\n\n#### New\n\n- [ ] n\n\n"));
    adds(text, "C/New", &format!("{text}\n## C/New\n\n- [ ] n\n"));
}

#[test]
fn a_heading_that_had_no_tasks() {
    adds(
        "# P\n\n## A\n\n- [ ] a\n\n## Later\n\nOnce there is time.\n\n## Notes\n",
        "later",
        "# P\n\n## A\n\n- [ ] a\n\n## Later\n\nOnce there is time.\n\n- [ ] n\n\n## Notes\n",
    );
    adds("# P\n\n## All\n\n### A\n\n- [ ] a\n", "All", "# P\n\n## All\n\n- [ ] n\n\n### A\n\n- [ ] a\n");
    adds(
        "# P\n\n## A\n\n- [ ] a\n\n## B\n\n**Focus**: x  \n**Owner:** y\n\n## C\n\n- [ ] c\n",
        "B",
        "# P\n\n## A\n\n- [ ] a\n\n## B\n\n**Focus**: x  \n**Owner:** y\n\n- [ ] n\n\n## C\n\n- [ ] c\n",
    );
    let text = "# P\n\n## A\n\n**Focus:** x\\\n**Owner**: y\n\nMore.\n\n- [ ] a\n\n## B\n\n- [ ] b\n";
    check(text, Change::DeleteTask { task: nth(0) }, &text.replace("- [ ] a\n\n", ""));
    check(&text.replace("- [ ] a\n\n", ""), add(named("A"), "a"), text);
    // A group whose last task goes is such a heading.
    let text = "# P\n\n## A\n\n- [ ] a\n\n## B\n\n- [ ] b\n";
    check_all(
        text,
        &[Change::DeleteTask { task: nth(0) }, add(named("A"), "n")],
        &text.replace("] a", "] n"),
    );
}

#[test]
fn in_a_task_section() {
    let text = "# T\n\n## Tasks\n\n### A\n\n- [ ] a\n\n## Notes\n";
    adds(text, "B", &text.replace("a\n\n", "a\n\n### B\n\n- [ ] n\n\n"));
    adds(text, "A/B", &text.replace("a\n\n", "a\n\n### A/B\n\n- [ ] n\n\n"));
    adds("# T\n\n## Tasks\n\n## Notes\n", "B", "# T\n\n## Tasks\n\n### B\n\n- [ ] n\n\n## Notes\n");
    adds(
        "# T\n\n## Tasks\n\n### A\n\n#### Tasks in A\n\n- [ ] a\n",
        "B",
        "# T\n\n## Tasks\n\n### A\n\n#### Tasks in A\n\n- [ ] a\n\n### B\n\n#### Tasks in B\n\n- [ ] n\n",
    );
    moves(text, 0, "B", "# T\n\n## Tasks\n\n### A\n\n### B\n\n- [ ] a\n\n## Notes\n");
}

#[test]
fn in_a_file_without_groups() {
    adds("# T\n- [ ] a\n- [ ] b\n", "G", "# T\n- [ ] a\n- [ ] b\n\n## G\n- [ ] n\n");
    adds("# T\n\n- [ ] a\n\n## Notes\n\nx\n", "G", "# T\n\n- [ ] a\n\n## G\n\n- [ ] n\n\n## Notes\n\nx\n");
    adds("# T\n", "G", "# T\n\n## G\n\n- [ ] n\n");
    adds("", "G", "## G\n\n- [ ] n\n");
    moves("# T\n- [ ] a\n- [ ] b\n", 0, "G", "# T\n- [ ] b\n\n## G\n- [ ] a\n");
    moves("# T\n- [ ] a\n- [ ] b\n", 1, "G", "# T\n- [ ] a\n\n## G\n- [ ] b\n");
}

#[test]
fn moving() {
    moves(
        PLAN,
        0,
        "New",
        &PLAN.replace("- [ ] a\n", "").replace("prose\n\n", "prose\n\n## New\n\n- [ ] a\n\n"),
    );
    // The heading stays, as a heading.
    moves("# P\n\n## A\n\n- [ ] a\n  text\n", 0, "B", "# P\n\n## A\n\n## B\n\n- [ ] a\n  text\n");
    moves(
        "# P\n\n## A\n\n- [ ] a\n  - [ ] sub\n    - [ ] deep\n",
        1,
        "B",
        "# P\n\n## A\n\n- [ ] a\n\n## B\n\n- [ ] sub\n  - [ ] deep\n",
    );
    let both = [
        Change::MoveTask { task: nth(0), to: named("New") },
        Change::MoveTask { task: nth(1), to: named("New") },
        status(2, TaskStatus::Completed),
    ];
    check_all(
        "# P\n\n## A\n\n- [ ] a\n- [ ] b\n- [ ] c\n",
        &both,
        "# P\n\n## A\n\n- [x] c\n\n## New\n\n- [ ] a\n- [ ] b\n",
    );
}

#[test]
fn several_tasks_keep_the_rhythm() {
    let tasks = vec![new("m"), NewTask { children: vec![new("sub")], ..new("n") }];
    check(
        "# P\n\n## A\n\n- [ ] a\n\n- [ ] b\n",
        Change::AddTasks { place: named("B"), tasks },
        "# P\n\n## A\n\n- [ ] a\n\n- [ ] b\n\n## B\n\n- [ ] m\n\n- [ ] n\n  - [ ] sub\n",
    );
}

#[test]
fn what_would_not_be_a_group_is_refused() {
    for path in ["Notes", "📝 Session Notes", "Tasks", "***", "", "a\nb"] {
        assert!(matches!(refused(PLAN, add(named(path), "n")), WriteError::NotEditable { .. }), "{path}");
    }
    let twice = "# P\n\n## A\n\n- [ ] a\n\n### X\n\n- [ ] x\n\n## B\n\n- [ ] b\n\n### X\n\n- [ ] y\n";
    assert!(refused(twice, add(named("X"), "n")).to_string().contains("several groups"));
    let beside = Place::Group(GroupRef::Path("New".into()), Position::After(nth(0)));
    assert!(matches!(refused(PLAN, add(beside, "n")), WriteError::Refused(_)));
    refused(PLAN, Change::AddGroup { name: "Empty".into(), header: Vec::new() });
    let closed = refused(PLAN, Change::MoveTask { task: nth(0), to: named("A ##") });
    assert!(matches!(closed, WriteError::NotEditable { .. }), "{closed:?}");
}

#[test]
fn loose_tasks() {
    check("# T\n- [ ] a\n- [x] b\n", add(loose(), "n"), "# T\n- [ ] a\n- [x] b\n- [ ] n\n");
    assert_eq!(done("# T\n- [ ] a", &[add(loose(), "n")]), "# T\n- [ ] a\n- [ ] n");
    check("# T\n", add(loose(), "n"), "# T\n\n- [ ] n\n");
    assert_eq!(done("# T", &[add(loose(), "n")]), "# T\n\n- [ ] n");
    check("# T\n\nWords\nand more.\n\n", add(loose(), "n"), "# T\n\nWords\nand more.\n\n- [ ] n\n\n");
    check(
        "---\nid: x\n---\n\n# T\n\n**Status**: Active\n",
        add(loose(), "n"),
        "---\nid: x\n---\n\n# T\n\n**Status**: Active\n\n- [ ] n\n",
    );
    check("", add(loose(), "n"), "- [ ] n\n");
    check("\n\n", add(loose(), "n"), "\n\n- [ ] n\n");
    check("---\nid: x\n---\n", add(loose(), "n"), "---\nid: x\n---\n\n- [ ] n\n");
    check("# T\n\n## A\n\n- [ ] a\n", add(loose(), "n"), "# T\n\n## A\n\n- [ ] a\n- [ ] n\n");
    check("# T\n\n## Notes\n\nx\n", add(loose(), "n"), "# T\n\n## Task Groups\n\n- [ ] n\n\n## Notes\n\nx\n");
}

#[test]
fn checkboxes_that_are_no_tasks_stay() {
    let text = "# P\n\n```\n- [ ] code\n```\n\n> - [ ] quoted\n\n## A\n\n- [ ] a\n\n  ```md\n  - [x] sample\n  ```\n\n  > - [ ] said\n\n| - [ ] cell |\n|---|\n";
    adds(text, "B", &format!("{text}\n## B\n\n- [ ] n\n"));
    check(text, status(0, TaskStatus::Completed), &text.replace("- [ ] a", "- [x] a"));
}

#[test]
fn behind_a_code_block_that_never_ends() {
    let text = "# P\n\n## A\n\n- [ ] a\n\n```sh\nls\n";
    let entry = Change::AppendEntry { section: crate::model::NotesSection::Notes, text: "x".into() };
    for change in [add(named("B"), "n"), Change::MoveTask { task: nth(0), to: named("B") }, entry] {
        let WriteError::NotEditable { code, span, message } = refused(text, change) else { panic!() };
        assert_eq!((code, span.of(text)), (crate::diagnostic::Code::L402, "```sh"));
        assert!(message.contains("line 7"), "{message}");
    }
    check(text, status(0, TaskStatus::Completed), &text.replace("[ ]", "[x]"));
    check(text, add(last(0), "n"), &text.replace("] a\n", "] a\n- [ ] n\n"));
}
