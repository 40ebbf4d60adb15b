//! Five mistakes that are easy to make, each with the smallest text that shows it.

use super::*;

const HEAD: &str = "# T\n\n## Tasks\n\n### G\n\n";

#[test]
fn an_inserted_task_does_not_swallow_the_next_paragraph() {
    check(
        "# T\n\n## Tasks\n\n### G\n\n- [ ] a\n  - [ ] b\n\n```\ncode\n```\nparagraph\n",
        add(last(0), "n"),
        "# T\n\n## Tasks\n\n### G\n\n- [ ] a\n  - [ ] b\n- [ ] n\n\n```\ncode\n```\nparagraph\n",
    );
    // Before a first task: nothing stands in front that could keep the paragraph apart.
    check(
        "# T\n\n## Tasks\n\n### G\nparagraph\n",
        add(last(0), "n"),
        "# T\n\n## Tasks\n\n### G\nparagraph\n\n- [ ] n\n",
    );
    // A fenced block ends a list, and a paragraph follows it without a blank line.
    check(
        &format!("{HEAD}- [ ] a\n  ```\n  x\n  ```\nparagraph\n"),
        add(last(0), "n"),
        &format!("{HEAD}- [ ] a\n  ```\n  x\n  ```\n- [ ] n\n\nparagraph\n"),
    );
}

#[test]
fn deleting_from_a_loose_list_leaves_no_blank_lines() {
    let before = format!("{HEAD}- [ ] a\n\n- [ ] b\n\n- [ ] c\n\ntext\n");
    let delete = |n| Change::DeleteTask { task: nth(n) };
    check(&before, delete(1), &format!("{HEAD}- [ ] a\n\n- [ ] c\n\ntext\n"));
    check(&before, delete(2), &format!("{HEAD}- [ ] a\n\n- [ ] b\n\ntext\n"));
    check_all(&before, &[delete(0), delete(1), delete(2)], &format!("{HEAD}text\n"));
}

#[test]
fn a_task_can_move_to_where_its_own_lines_begin_or_end() {
    let before = format!("{HEAD}- [ ] a\n  - [ ] b\n  - [ ] c\n- [ ] d\n");
    let after = |n| Place::Group(GroupRef::Nth(0), Position::After(nth(n)));
    check(
        &before,
        Change::MoveTask { task: nth(2), to: after(0) },
        &format!("{HEAD}- [ ] a\n  - [ ] b\n- [ ] c\n- [ ] d\n"),
    );
    check(
        &before,
        Change::MoveTask { task: nth(3), to: below(0) },
        &format!("{HEAD}- [ ] a\n  - [ ] b\n  - [ ] c\n  - [ ] d\n"),
    );
    check(
        &before,
        Change::MoveTask { task: nth(2), to: below(1) },
        &format!("{HEAD}- [ ] a\n  - [ ] b\n    - [ ] c\n- [ ] d\n"),
    );
}

#[test]
fn a_stray_section_in_the_middle_keeps_its_tasks_as_they_are() {
    let before = "# T\n\n## Tasks\n\n### G\n\n- [ ] a\n\n## Stray\n\n- [ ] note\n\n### H\n\n- [ ] b\n";
    check(
        before,
        add(last(0), "n"),
        "# T\n\n## Tasks\n\n### G\n\n- [ ] a\n- [ ] n\n\n## Stray\n\n- [ ] note\n\n### H\n\n- [ ] b\n",
    );
    assert_eq!(read(before).session.tasks.len(), 1);
}

#[test]
fn adding_behind_a_last_line_without_line_end() {
    let bare = |s: &str| s.trim_end().to_owned();
    for (before, change, after) in [
        ("- [ ] a", add(last(0), "n"), "- [ ] a\n- [ ] n"),
        ("- [ ] a\n  text", add(below(0), "n"), "- [ ] a\n  text\n  - [ ] n"),
        ("", add(last(0), "n"), "\n- [ ] n"),
    ] {
        let (before, after) =
            (bare(&format!("{HEAD}{before}")), format!("{}{after}", &HEAD[..HEAD.len() - 1]));
        let after = if before.ends_with('G') { after } else { format!("{HEAD}{}", &after[HEAD.len() - 1..]) };
        assert_eq!(done(&before, std::slice::from_ref(&change)), after);
        let crlf = |s: &str| s.replace('\n', "\r\n");
        assert_eq!(done(&crlf(&before), &[change]), crlf(&after));
    }
}
