use super::*;
use TaskStatus as S;

const HEAD: &str = "# T\n\n## Tasks\n\n### G\n\n";

/// One task line in a group, before and after.
#[track_caller]
fn line(before: &str, change: Change, after: &str) {
    check(&format!("{HEAD}{before}\n"), change.clone(), &format!("{HEAD}{after}\n"));
    // The same at the end of a file without a final line end.
    assert_eq!(done(&format!("{HEAD}{before}"), &[change]), format!("{HEAD}{after}"));
}

#[test]
fn status() {
    use super::status;
    line("- [ ] a", status(0, S::Completed), "- [x] a");
    line("- [x] a", status(0, S::Pending), "- [ ] a");
    line("* [X] a ^b", status(0, S::Pending), "* [ ] a ^b");
    line("- [ ] a (Pending) - dev - 3h ^b", status(0, S::Completed), "- [x] a (Completed) - dev - 3h/? ^b");
    line("- [x] a (Completed) - dev - 3h/?", status(0, S::InProgress), "- [ ] a (In Progress) - dev - 3h");
    line("- [x] a (Completed) - 3h/4h", status(0, S::Pending), "- [ ] a (Pending) - 3h/4h");
    line("- [ ] a [due:: 2025-06-18] ^b", status(0, S::Blocked), "- [ ] a (Blocked) [due:: 2025-06-18] ^b");
    line("- [ ] a (Blocked)", status(0, S::Pending), "- [ ] a (Pending)");
    line("- [ ] a", status(0, S::Cancelled), "- [x] a (Cancelled)");
    line("- [/] a", status(0, S::Cancelled), "- [-] a");
    line("- [-] a", status(0, S::Pending), "- [ ] a");
    line("- [/] a", status(0, S::Blocked), "- [ ] a (Blocked)");
    line("- [ ] a [status:: wip]", status(0, S::Completed), "- [x] a [status:: completed]");
    line("- [ ] a [status:: wip]", status(0, S::OnHold), "- [ ] a [status:: on_hold]");
    line("1. [ ] a", status(0, S::Completed), "1. [x] a");
    line("-\t[ ] a", status(0, S::Completed), "-\t[x] a");
    line("- [ ] a (Cancelled)", status(0, S::Cancelled), "- [ ] a (Cancelled)");
    line("- [x] a (Pending)", status(0, S::Completed), "- [x] a (Completed)");
}

#[test]
fn status_before_a_hard_break_and_in_nested_lists() {
    use super::status;
    line("- [ ] a  \n  more", status(0, S::Blocked), "- [ ] a (Blocked)  \n  more");
    line("- [ ] a\\\n  more", status(0, S::Blocked), "- [ ] a (Blocked)\\\n  more");
    line("- [ ] a\n\t- [ ] b", status(1, S::Completed), "- [ ] a\n\t- [x] b");
    line("- - [ ] a", status(0, S::Completed), "- - [x] a");
}

#[test]
fn fields_are_added_before_the_id_and_the_hard_break() {
    line("- [ ] a", field(0, "due", Some("2025-06-18")), "- [ ] a  [due:: 2025-06-18]");
    line("- [ ] a ^b", field(0, "due", Some("2025-06-18")), "- [ ] a  [due:: 2025-06-18] ^b");
    line("- [ ] a ^b  ", field(0, "due", Some("2025-06-18")), "- [ ] a  [due:: 2025-06-18] ^b  ");
    line("- [ ] a {#b}", field(0, "due", Some("2025-06-18")), "- [ ] a  [due:: 2025-06-18] {#b}");
    line("- [ ] a  \n  b", field(0, "x", Some("y")), "- [ ] a  [x:: y]  \n  b");
    line("- [ ] a\\\n  b", field(0, "x", Some("y")), "- [ ] a  [x:: y]\\\n  b");
    line("- [ ] a (due:: 2025-06-18)", field(0, "x", Some("y")), "- [ ] a (due:: 2025-06-18)  (x:: y)");
    line("- [ ] a [id:: b]", field(0, "x", Some("y")), "- [ ] a [id:: b]  [x:: y]");
    line(
        "- [ ] a (Pending) ^b",
        field(0, "dependsOn", Some("t-1, [[o/session#^t-2]]")),
        "- [ ] a (Pending)  [dependsOn:: t-1, [[o/session#^t-2]]] ^b",
    );
}

#[test]
fn fields_are_changed_and_removed_where_they_stand() {
    line("- [ ] a [due:: 2025-06-18] b", field(0, "due", Some("2025-06-19")), "- [ ] a [due:: 2025-06-19] b");
    line("- [ ] a [due:: 2025-06-18] ^b", field(0, "due", None), "- [ ] a ^b");
    line("- [ ] [due:: 2025-06-18] a", field(0, "due", None), "- [ ] a");
    line(
        "- [ ] a \\[due:: 2025-06-18\\]",
        field(0, "due", Some("2025-06-19")),
        "- [ ] a \\[due:: 2025-06-19\\]",
    );
    line("- [ ] a 📅 2025-06-18 ⏫", field(0, "due", Some("2025-06-19")), "- [ ] a 📅 2025-06-19 ⏫");
    line("- [ ] a 📅 2025-06-18 ⏫", field(0, "priority", Some("low")), "- [ ] a 📅 2025-06-18 🔽");
    line("- [ ] a 📅 2025-06-18 ⏫", field(0, "priority", None), "- [ ] a 📅 2025-06-18");
    line(
        "- [ ] a\n  - **Due**: 2025-06-18",
        field(0, "due", Some("2025-06-19")),
        "- [ ] a\n  - **Due**: 2025-06-19",
    );
    line("- [ ] a\n  - **Due**: 2025-06-18\n  - x", field(0, "due", None), "- [ ] a\n  - x");
    line("- [ ] a\n  - **Due**: 2025-06-18", field(0, "due", None), "- [ ] a");
    line("- [ ] a\n  b [due:: 2025-06-18]", field(0, "due", None), "- [ ] a\n  b");
    line("- [ ] a\n  [due:: 2025-06-18]", field(0, "due", None), "- [ ] a");
    line(
        "- [ ] a [after:: t-1] [dependsOn:: t-2]",
        field(0, "dependsOn", Some("t-2")),
        "- [ ] a [after:: t-2]",
    );
    line("- [ ] a [after:: t-1] [dependsOn:: t-2]", field(0, "dependsOn", None), "- [ ] a");
    line("- [ ] a [sprint:: 4]", field(0, "Sprint", None), "- [ ] a");
}

#[test]
fn specialist_and_effort_live_in_the_tail_where_there_is_one() {
    line("- [ ] a (Pending)", field(0, "specialist", Some("dev")), "- [ ] a (Pending) - dev");
    line("- [ ] a (Pending) - 3h", field(0, "specialist", Some("dev")), "- [ ] a (Pending) - dev - 3h");
    line("- [ ] a (Pending) - dev - 3h", field(0, "specialist", None), "- [ ] a (Pending) - 3h");
    line("- [ ] a (Pending) - dev", field(0, "est", Some("3h")), "- [ ] a (Pending) - dev - 3h");
    line("- [ ] a (Pending) - dev - 3h", field(0, "est", Some("5h")), "- [ ] a (Pending) - dev - 5h");
    line("- [ ] a (Pending) - dev - 3h", field(0, "actual", Some("5h")), "- [ ] a (Pending) - dev - 3h/5h");
    line(
        "- [x] a (Completed) - dev - 3h/?",
        field(0, "actual", Some("5h")),
        "- [x] a (Completed) - dev - 3h/5h",
    );
    line("- [x] a (Completed) - dev - 3h", field(0, "est", Some("2h")), "- [x] a (Completed) - dev - 2h/3h");
    line("- [ ] a (Pending) - dev - 3h", field(0, "est", None), "- [ ] a (Pending) - dev");
    line("- [ ] a", field(0, "est", Some("3h")), "- [ ] a  [est:: 3h]");
    line(
        "- [ ] a (Pending)",
        field(0, "specialist", Some("two words")),
        "- [ ] a (Pending)  [specialist:: two words]",
    );
    line("- [ ] a (Pending)", field(0, "actual", Some("2h")), "- [ ] a (Pending)  [actual:: 2h]");
}

#[test]
fn values_that_would_break_out_are_refused() {
    for value in ["a]", "[a", "a\nb", "`a", "a\\", "a\rb"] {
        let error = refused(&format!("{HEAD}- [ ] a\n"), field(0, "x", Some(value)));
        assert!(
            matches!(error, WriteError::NotEditable { code: crate::diagnostic::Code::W903, .. }),
            "{value:?} {error:?}"
        );
    }
    refused(&format!("{HEAD}- [ ] a\n"), field(0, "::", Some("x")));
    refused(&format!("{HEAD}- [ ] a\n"), field(0, "id", Some("x")));
}

#[test]
fn ids() {
    let assign = |n, i| Change::AssignId { task: nth(n), id: id(i) };
    let replace = |n, i| Change::ReplaceId { task: nth(n), id: id(i) };
    line("- [ ] a", assign(0, "t-1"), "- [ ] a ^t-1");
    line("- [ ] a  [x:: y]  ", assign(0, "t-1"), "- [ ] a  [x:: y] ^t-1  ");
    line("- [ ] a  \n  b", assign(0, "t-1"), "- [ ] a ^t-1  \n  b");
    line("- [ ] a\\\n  b", assign(0, "t-1"), "- [ ] a ^t-1\\\n  b");
    line("- [ ] a\n  b", assign(0, "t-1"), "- [ ] a ^t-1\n  b");
    line("- [ ] a ^t-1\n- [ ] b ^t-1", assign(1, "t-2"), "- [ ] a ^t-1\n- [ ] b ^t-2");
    line("- [ ] a ^t-1", replace(0, "t-2"), "- [ ] a  [formerly:: t-1] ^t-2");
    line("- [ ] a [id:: t-1]", replace(0, "t-2"), "- [ ] a [id:: t-2]  [formerly:: t-1]");
    line("- [ ] a  [formerly:: t-0] ^t-1", replace(0, "t-2"), "- [ ] a  [formerly:: t-0, t-1] ^t-2");
    refused(&format!("{HEAD}- [ ] a ^t-1\n"), assign(0, "t-2"));
    refused(&format!("{HEAD}- [ ] a ^t-1\n- [ ] b\n"), assign(1, "t-1"));
}

#[test]
fn titles() {
    let rename = |title: &str| Change::RenameTask { task: nth(0), title: title.into() };
    line("- [ ] a b (Pending) - dev  [x:: y] ^t-1", rename("c"), "- [ ] c (Pending) - dev  [x:: y] ^t-1");
    line("- [ ] a [x:: y] b", rename("c"), "- [ ] c [x:: y]");
    line("- [ ] [x:: y] b", rename("c"), "- [ ] [x:: y] c");
    line("- [ ] 台所 **b**  \n  d", rename("é `c`"), "- [ ] é `c`  \n  d");
    for title in ["a (Pending)", "", "a\nb", "a [due:: x]", "a ^id", "a 📅 2025-01-01"] {
        refused(&format!("{HEAD}- [ ] a\n"), rename(title));
    }
}

#[test]
fn a_task_is_named_by_id() {
    let change = Change::SetStatus { task: TaskKey::Id(id("T-2")), to: S::Completed };
    line("- [ ] a ^t-1\n- [ ] b ^t-2", change, "- [ ] a ^t-1\n- [x] b ^t-2");
    let gone = Change::SetStatus { task: TaskKey::Id(id("t-3")), to: S::Completed };
    assert!(matches!(refused(&format!("{HEAD}- [ ] a\n"), gone), WriteError::Refused(_)));
}

#[test]
fn a_plain_tick_is_one_byte() {
    let before = format!("{HEAD}- [ ] a ^t-1\n");
    let written = write(&read(&before), &[super::status(0, S::Completed)]).unwrap();
    let [edit] = written.edits.as_slice() else { panic!("{:?}", written.edits) };
    assert_eq!((edit.range.len(), edit.insert.as_str()), (1, "x"));
}
