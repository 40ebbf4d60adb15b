use super::*;

const HEAD: &str = "# T\n\n## Tasks\n\n### G\n\n";

#[track_caller]
fn list(before: &str, change: Change, after: &str) {
    check(&format!("{HEAD}{before}\n"), change.clone(), &format!("{HEAD}{after}\n"));
    assert_eq!(done(&format!("{HEAD}{before}"), &[change]), format!("{HEAD}{after}"));
}

fn set(n: usize, text: &str) -> Change {
    Change::SetDescription { task: nth(n), text: text.into() }
}

fn append(n: usize, text: &str) -> Change {
    Change::AppendDescription { task: nth(n), text: text.into() }
}

#[test]
fn descriptions() {
    list("- [ ] a\n- [ ] b", set(0, "x\n\n- y"), "- [ ] a\n  x\n\n  - y\n- [ ] b");
    list("- [ ] a\n\n  old\n  text\n- [ ] b", set(0, "new"), "- [ ] a\n\n  new\n- [ ] b");
    list("- [ ] a\n  old\n  - [ ] c\n- [ ] b", set(0, "new"), "- [ ] a\n  new\n  - [ ] c\n- [ ] b");
    list("- [ ] a\n  old\n  - [ ] c", set(0, ""), "- [ ] a\n  - [ ] c");
    list("- [ ] a\n\n  old\n\n- [ ] b", set(0, ""), "- [ ] a\n\n- [ ] b");
    list("- [ ] a\n\told", set(0, "new\nmore"), "- [ ] a\n\tnew\n\tmore");
    list("1. [ ] a", set(0, "x"), "1. [ ] a\n   x");
    list("- [ ] a\n  - **Due**: 2025-06-18", set(0, "x"), "- [ ] a\n  x\n  - **Due**: 2025-06-18");
    list("- [ ] a", set(0, "---"), "- [ ] a\n\n  ---");
    refused(&format!("{HEAD}- [ ] a\n"), set(0, "- [ ] sneaky"));
    refused(&format!("{HEAD}- [ ] a\n  - [ ] b\n"), set(0, "```\nopen"));
}

#[test]
fn appended_text() {
    list("- [ ] a", append(0, "x"), "- [ ] a\n  x");
    list("- [ ] a\n  old", append(0, "x"), "- [ ] a\n  old\n  x");
    list("- [ ] a\n\n  old\n- [ ] b", append(0, "x"), "- [ ] a\n\n  old\n\n  x\n- [ ] b");
    list("- [ ] a\n  - old\n- [ ] b", append(0, "- x"), "- [ ] a\n  - old\n  - x\n- [ ] b");
}

/// The blank line that goes before the new task is none if it only completes the line end before it.
#[test]
fn a_lone_cr_does_not_swallow_the_line_end_behind_it() {
    let new = |title: &str| vec![NewTask { title: title.into(), ..NewTask::default() }];
    let add = Change::AddTasks { place: Place::Group(GroupRef::Nth(0), Position::Last), tasks: new("c") };
    let text = |added: &str| {
        format!(
            "# T\n\n## Tasks\n\n### G\n\n- [ ] a ^t-aaaaa0\r\r- [ ] b ^t-aaaaa1\r{added}- [x] d\n\n[x]: /u\n"
        )
    };
    assert_eq!(done(&text(""), &[add]), text("\r- [ ] c\n"));
}
