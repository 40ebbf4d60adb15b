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
