use super::*;

const TWO: &str = "# T\n\n## Tasks\n\n### A\n\n**Focus**: x  \n**Priority**: High\n\n- [ ] a\n\n### B\n\n- [ ] b\n\n## Notes\n";

fn group(n: usize) -> GroupRef {
    GroupRef::Nth(n)
}

#[test]
fn adding() {
    let add = |name: &str, header: &[(&str, &str)]| Change::AddGroup {
        name: name.into(),
        header: header.iter().map(|(k, v)| ((*k).into(), (*v).into())).collect(),
    };
    check(
        TWO,
        add("C", &[("Focus", "y"), ("Priority", "Low")]),
        &TWO.replace("- [ ] b\n\n", "- [ ] b\n\n### C\n\n**Focus**: y  \n**Priority**: Low\n\n"),
    );
    check(TWO, add("A/X", &[]), &TWO.replace("- [ ] b\n\n", "- [ ] b\n\n### A/X\n\n"));
    check("# T\n", add("C", &[]), "# T\n\n## Task Groups\n\n### C\n");
    check(
        "# T\n\n## Tasks\n\n### A\n\n#### Tasks in A\n\n- [ ] a\n",
        add("C", &[("Focus", "y")]),
        "# T\n\n## Tasks\n\n### A\n\n#### Tasks in A\n\n- [ ] a\n\n### C\n\n**Focus**: y\n\n#### Tasks in C\n",
    );
    check(
        "# T\n\n## Tasks\n\n### A\n\n- [ ] a\n\n---\n**Last Updated**: x\n",
        add("C", &[]),
        "# T\n\n## Tasks\n\n### A\n\n- [ ] a\n\n### C\n\n---\n**Last Updated**: x\n",
    );
    refused(TWO, add("a", &[]));
    refused(TWO, add("***", &[]));
}

#[test]
fn a_group_and_its_first_task_in_one_go() {
    let changes = [
        Change::AddGroup { name: "C".into(), header: Vec::new() },
        Change::AddTasks {
            place: Place::Group(GroupRef::Path("c".into()), Position::Last),
            tasks: vec![new("n")],
        },
        Change::SetStatus { task: nth(1), to: TaskStatus::Completed },
    ];
    check_all(TWO, &changes, &TWO.replace("- [ ] b\n\n", "- [x] b\n\n### C\n\n- [ ] n\n\n"));
}

#[test]
fn renaming() {
    let rename = |n, name: &str| Change::RenameGroup { group: group(n), name: name.into() };
    check(TWO, rename(1, "Z z"), &TWO.replace("### B", "### Z z"));
    check(
        "# T\n\n## Tasks\n\n### A ###\n\n#### Tasks in A\n\n- [ ] a\n",
        rename(0, "Z"),
        "# T\n\n## Tasks\n\n### Z ###\n\n#### Tasks in Z\n\n- [ ] a\n",
    );
    refused(TWO, rename(1, "a"));
    refused(TWO, rename(1, "a\nb"));
}

#[test]
fn fields() {
    let set = |n, label: &str, value: Option<&str>| Change::SetGroupField {
        group: group(n),
        label: label.into(),
        value: value.map(Into::into),
    };
    check(TWO, set(0, "focus", Some("y")), &TWO.replace(": x  ", ": y  "));
    check(TWO, set(0, "Owner", Some("ana")), &TWO.replace(": High\n", ": High  \n**Owner**: ana\n"));
    check(TWO, set(0, "Priority", None), &TWO.replace("x  \n**Priority**: High\n", "x\n"));
    check(TWO, set(0, "Focus", None), &TWO.replace("**Focus**: x  \n", ""));
    check(TWO, set(1, "Focus", Some("y")), &TWO.replace("### B\n\n", "### B\n\n**Focus**: y\n\n"));
    check(&TWO.replace("### B\n\n", "### B\n\n**Focus**: y\n\n"), set(1, "Focus", None), TWO);
}

#[test]
fn deleting_and_moving() {
    check(TWO, Change::DeleteGroup { group: group(1) }, &TWO.replace("### B\n\n- [ ] b\n\n", ""));
    check(TWO, Change::DeleteGroup { group: group(0) }, "# T\n\n## Tasks\n\n### B\n\n- [ ] b\n\n## Notes\n");
    let moved = "# T\n\n## Tasks\n\n### B\n\n- [ ] b\n\n### A\n\n**Focus**: x  \n**Priority**: High\n\n- [ ] a\n\n## Notes\n";
    check(TWO, Change::MoveGroup { group: group(0), before: None }, moved);
    check(TWO, Change::MoveGroup { group: group(1), before: Some(group(0)) }, moved);
    check(moved, Change::MoveGroup { group: group(1), before: Some(group(0)) }, TWO);
    assert_eq!(
        done(
            "# T\n\n## Tasks\n\n### A\n\n### B\n\n- [ ] b",
            &[Change::MoveGroup { group: group(1), before: Some(group(0)) }]
        ),
        "# T\n\n## Tasks\n\n### B\n\n- [ ] b\n\n### A"
    );
}
