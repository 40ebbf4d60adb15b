use super::*;
use crate::model::TaskStatus as S;

const HEAD: &str = "# T\n\n## Tasks\n\n### G\n\n";

#[track_caller]
fn list(before: &str, change: Change, after: &str) {
    check(&format!("{HEAD}{before}\n"), change.clone(), &format!("{HEAD}{after}\n"));
    assert_eq!(done(&format!("{HEAD}{before}"), &[change]), format!("{HEAD}{after}"));
}

fn first() -> Place {
    Place::Group(GroupRef::Nth(0), Position::First)
}

fn after(n: usize) -> Place {
    Place::Group(GroupRef::Nth(0), Position::After(nth(n)))
}

#[test]
fn new_tasks_follow_their_siblings() {
    list("- [ ] a", add(last(0), "n"), "- [ ] a\n- [ ] n");
    list("* [ ] a", add(last(0), "n"), "* [ ] a\n* [ ] n");
    list("-   [ ] a", add(last(0), "n"), "-   [ ] a\n-   [ ] n");
    list("- [ ] a\n\n- [ ] b", add(last(0), "n"), "- [ ] a\n\n- [ ] b\n\n- [ ] n");
    list("- [ ] a\n\n- [ ] b", add(first(), "n"), "- [ ] n\n\n- [ ] a\n\n- [ ] b");
    list("- [ ] a\n- [ ] b", add(after(0), "n"), "- [ ] a\n- [ ] n\n- [ ] b");
    list("1. [ ] a\n2. [ ] b", add(last(0), "n"), "1. [ ] a\n2. [ ] b\n3. [ ] n");
    list("1. [ ] a\n1. [ ] b", add(last(0), "n"), "1. [ ] a\n1. [ ] b\n1. [ ] n");
    list("9) [ ] a", add(last(0), "n"), "9) [ ] a\n10) [ ] n");
    list("- [ ] a\n  text\n  - [ ] b", add(last(0), "n"), "- [ ] a\n  text\n  - [ ] b\n- [ ] n");
    list("- [ ] a (Pending) - dev", add(last(0), "n"), "- [ ] a (Pending) - dev\n- [ ] n (Pending)");
    list(
        "- [ ] a",
        Change::AddTasks { place: last(0), tasks: vec![new("n"), new("m")] },
        "- [ ] a\n- [ ] n\n- [ ] m",
    );
}

#[test]
fn subtasks_are_indented_to_the_content() {
    list("- [ ] a", add(below(0), "n"), "- [ ] a\n  - [ ] n");
    list("10. [ ] a", add(below(0), "n"), "10. [ ] a\n    - [ ] n");
    list("- [ ] a\n  text", add(below(0), "n"), "- [ ] a\n  text\n  - [ ] n");
    list("- [ ] a\n\t* [ ] b", add(below(0), "n"), "- [ ] a\n\t* [ ] b\n\t* [ ] n");
    list("- [ ] a\n- [ ] b\n\t- [ ] c", add(below(0), "n"), "- [ ] a\n\t- [ ] n\n- [ ] b\n\t- [ ] c");
    list("-   [ ] a", add(below(0), "n"), "-   [ ] a\n    - [ ] n");
}

#[test]
fn a_new_task_carries_everything() {
    let tasks = vec![NewTask {
        id: Some(id("t-1")),
        title: "n".into(),
        status: Some(S::InProgress),
        specialist: Some("dev".into()),
        estimate: Some(240),
        fields: vec![("dependsOn".into(), "t-2".into()), ("sprint".into(), "4".into())],
        description: "one\n\n- two".into(),
        children: vec![NewTask { children: vec![new("grandchild")], ..new("child") }],
    }];
    list(
        "- [ ] a ^t-2",
        Change::AddTasks { place: last(0), tasks },
        "- [ ] a ^t-2\n- [ ] n (In Progress) - dev - 4h  [dependsOn:: t-2]  [sprint:: 4] ^t-1\n  one\n\n  - two\n  - [ ] child\n    - [ ] grandchild",
    );
    let tasks = vec![NewTask {
        status: Some(S::Completed),
        specialist: Some("two words".into()),
        estimate: Some(45),
        ..new("n")
    }];
    list(
        "- [ ] a",
        Change::AddTasks { place: last(0), tasks },
        "- [ ] a\n- [x] n (Completed) - 45m/?  [specialist:: two words]",
    );
}

#[test]
fn the_first_task_of_a_group() {
    let head = "# T\n\n## Tasks\n\n### G\n";
    check(head, add(last(0), "n"), "# T\n\n## Tasks\n\n### G\n\n- [ ] n\n");
    check(
        "# T\n\n## Tasks\n\n### G\n\n**Focus**: x\n\n#### Tasks in G\n\n### H\n",
        add(last(0), "n"),
        "# T\n\n## Tasks\n\n### G\n\n**Focus**: x\n\n#### Tasks in G\n\n- [ ] n\n\n### H\n",
    );
    check(
        "# T\n\n## Tasks\n### G\n### H\n- [ ] b\n",
        add(last(0), "n"),
        "# T\n\n## Tasks\n### G\n- [ ] n\n### H\n- [ ] b\n",
    );
    check(
        "# T\n\n## Tasks\n",
        add(Place::Group(GroupRef::Ungrouped, Position::Last), "n"),
        "# T\n\n## Tasks\n\n- [ ] n\n",
    );
    check("# T\n", add(Place::Group(GroupRef::Ungrouped, Position::Last), "n"), "# T\n\n- [ ] n\n");
    check(
        "# T\n\n## 📊 Session Overview\n\nx\n\n## 📝 Session Notes\n",
        add(Place::Group(GroupRef::Ungrouped, Position::Last), "n"),
        "# T\n\n## 📊 Session Overview\n\nx\n\n## 🎯 Task Groups\n\n- [ ] n\n\n## 📝 Session Notes\n",
    );
    check(
        "# T\n\n## G\n- [ ] a\n",
        add(Place::Group(GroupRef::Ungrouped, Position::Last), "n"),
        "# T\n\n## G\n- [ ] a\n- [ ] n\n",
    );
}

#[test]
fn titles_that_read_as_something_else_are_refused() {
    for title in ["a (Pending)", "", "a\nb", "x ^t-000000", "a [due:: 2025-01-01]"] {
        refused(&format!("{HEAD}- [ ] a\n"), add(last(0), title));
    }
    let taken = NewTask { id: Some(id("t-1")), ..new("n") };
    refused(&format!("{HEAD}- [ ] a ^t-1\n"), Change::AddTasks { place: last(0), tasks: vec![taken] });
}

#[test]
fn deleting() {
    let delete = |n| Change::DeleteTask { task: nth(n) };
    list("- [ ] a\n- [ ] b\n- [ ] c", delete(1), "- [ ] a\n- [ ] c");
    list("- [ ] a\n\n- [ ] b\n\n- [ ] c", delete(1), "- [ ] a\n\n- [ ] c");
    list("- [ ] a\n\n- [ ] b\n\n- [ ] c", delete(0), "- [ ] b\n\n- [ ] c");
    list("- [ ] a\n\n- [ ] b\n\n- [ ] c", delete(2), "- [ ] a\n\n- [ ] b");
    list("- [ ] a\n  - [ ] b\n    text\n- [ ] c", delete(0), "- [ ] c");
    list("- [ ] a\n  - [ ] b", delete(1), "- [ ] a");
    list("- [ ] a\n  - [ ] b\n  - [ ] c", delete(1), "- [ ] a\n  - [ ] c");
    assert!(matches!(
        refused(&format!("{HEAD}- - [ ] a\n"), delete(0)),
        WriteError::NotEditable { code: crate::diagnostic::Code::T120, .. }
    ));
    check(&format!("{HEAD}- [ ] a\n\n### H\n"), delete(0), "# T\n\n## Tasks\n\n### G\n\n### H\n");
}

#[test]
fn moving() {
    let shift = |n, to| Change::MoveTask { task: nth(n), to };
    list("- [ ] a\n- [ ] b\n- [ ] c", shift(0, last(0)), "- [ ] b\n- [ ] c\n- [ ] a");
    list("- [ ] a\n- [ ] b\n- [ ] c", shift(2, first()), "- [ ] c\n- [ ] a\n- [ ] b");
    list("- [ ] a\n- [ ] b", shift(1, after(0)), "- [ ] a\n- [ ] b");
    list("- [ ] a\n\n- [ ] b\n\n- [ ] c", shift(1, first()), "- [ ] b\n\n- [ ] a\n\n- [ ] c");
    list(
        "- [ ] a\n- [ ] b\n  - [ ] c\n    x",
        shift(1, below(0)),
        "- [ ] a\n  - [ ] b\n    - [ ] c\n      x",
    );
    list("- [ ] a\n  - [ ] b\n    x\n- [ ] c", shift(1, last(0)), "- [ ] a\n- [ ] c\n- [ ] b\n  x");
    list("- [ ] a\n  - [ ] b\n  - [ ] c", shift(2, after(0)), "- [ ] a\n  - [ ] b\n- [ ] c");
    list(
        "- [ ] a\n  - [ ] b\n  - [ ] c",
        shift(1, Place::Under(nth(0), Position::Last)),
        "- [ ] a\n  - [ ] c\n  - [ ] b",
    );
    refused(&format!("{HEAD}- [ ] a\n  - [ ] b\n"), shift(0, below(1)));
    refused(&format!("{HEAD}- [ ] a\n  - [ ] b\nlazy\n- [ ] c\n"), shift(1, last(0)));
    check(
        "# T\n\n## Tasks\n\n### G\n\n- [ ] a\n\n### H\n",
        shift(0, last(1)),
        "# T\n\n## Tasks\n\n### G\n\n### H\n\n- [ ] a\n",
    );
}
