//! Filling bit by bit gives what filling from scratch gives, and touches few rows.

use proptest::prelude::*;

use super::make::{index, put, record};
use crate::index::{Index, Scope, SearchFilter, TaskFilter};

/// A large session: `n` tasks with ids in groups of 200.
fn large(n: usize) -> Vec<String> {
    let mut lines = Vec::new();
    for i in 0..n {
        if i % 200 == 0 {
            lines.push(format!("# Group {}", i / 200));
        }
        lines.push(format!(" |Task number {i}|t-{i:06}"));
    }
    lines
}

#[track_caller]
fn check_change(change: impl FnOnce(&mut Vec<String>), at_most: u64) {
    let mut lines = large(4_000);
    let mut index = index(&[("s", &lines.join("\n"))]);
    change(&mut lines);
    let text = lines.join("\n");
    let touched = put(&mut index, &[("s", &text)]);
    assert!(touched <= at_most, "{touched} rows touched");
    assert_eq!(index.dump().unwrap(), super::make::index(&[("s", &text)]).dump().unwrap());
    assert_eq!(index.examine().unwrap(), None);
    let (rows, total) = index.tasks(&TaskFilter::default()).unwrap();
    assert_eq!((rows.len(), total), (record("s", &text).tasks.len(), rows.len()));
    for (row, task) in rows.iter().zip(&record("s", &text).tasks) {
        assert_eq!((row.line, &row.title), (i64::from(task.line), &task.title));
    }
}

#[test]
fn a_line_changed_touches_a_handful_of_rows() {
    // Session, group, task, chunk, two counts, file (replaced), sync state, and the search's own.
    check_change(|l| l[2_000] = l[2_000].replacen(' ', "x", 1), 16);
    check_change(|l| l[2_000] = l[2_000].replace("Task", "Another task"), 24);
}

#[test]
fn a_line_put_in_or_taken_out_touches_its_chunk() {
    check_change(|l| l.insert(1, " |Put in first|t-new".into()), 60);
    check_change(|l| l.insert(2_003, " |Put in between|t-new".into()), 80);
    check_change(|l| drop(l.remove(2_003)), 80);
    check_change(|l| l.insert(0, "> Notes: before everything".into()), 16);
}

#[test]
fn the_same_again_touches_the_file_only() {
    check_change(|_| (), 2);
}

#[test]
fn a_moved_group_is_still_in_order() {
    check_change(
        |l| {
            let group: Vec<String> = l.drain(201..402).collect();
            l.splice(1_005..1_005, group);
        },
        3_000,
    );
}

#[test]
fn chunks_are_numbered_anew_where_no_number_is_left() {
    let mut lines = large(600);
    let mut index = index(&[("s", &lines.join("\n"))]);
    let before = index.dump().unwrap();
    // Numbers without gaps, as after many insertions.
    for (table, column) in
        [("tasks", "chunk"), ("notes", "chunk"), ("diagnostics", "chunk"), ("chunks", "ord")]
    {
        let sql = format!("UPDATE {table} SET {column} = {column} / {}", crate::index::chunk::GAP);
        index.conn.execute(&sql, []).unwrap();
    }
    assert_eq!(index.dump().unwrap(), before);
    lines.insert(201, "# Between\n |New|t-new\n |No id|".into());
    let text = lines.join("\n");
    put(&mut index, &[("s", &text)]);
    assert_eq!(index.dump().unwrap(), super::make::index(&[("s", &text)]).dump().unwrap());
    assert_eq!(index.examine().unwrap(), None);
}

#[test]
fn removing_a_session_leaves_nothing() {
    let empty = Index::in_memory().unwrap().dump().unwrap();
    let text = "# A\n |One|t-a|dependsOn=t-b;tags=x\n.x|Two|t-b\n> Decisions: we chose";
    let mut index = index(&[("a", text), ("b", text)]);
    for directory in ["a", "b", "never"] {
        let mut batch = index.begin().unwrap();
        batch.remove(directory).unwrap();
        batch.commit().unwrap();
        assert_eq!(index.examine().unwrap(), None);
    }
    assert_eq!(index.dump().unwrap(), empty);
    assert!(index.search("one", &SearchFilter::default()).unwrap().is_empty());
    assert!(index.seen().unwrap().is_empty());
}

#[test]
fn a_dropped_batch_changes_nothing() {
    let mut index = index(&[("a", " |One|t-a")]);
    let before = index.dump().unwrap();
    let mut batch = index.begin().unwrap();
    batch.replace(&record("b", " |Two|t-b")).unwrap();
    batch.remove("a").unwrap();
    drop(batch);
    assert_eq!(index.dump().unwrap(), before);
}

#[test]
fn a_load_gives_what_a_batch_gives() {
    let texts =
        [("a", large(500).join("\n")), ("b", "> Decisions: we chose\n |One|t-a|dependsOn=a#t-000001".into())];
    let mut loaded = Index::in_memory().unwrap();
    let mut batch = loaded.load().unwrap();
    for (directory, text) in &texts {
        batch.replace(&record(directory, text)).unwrap();
    }
    batch.commit().unwrap();
    let filled = index(&[("b", &texts[1].1), ("a", &texts[0].1)]);
    assert_eq!(loaded.dump().unwrap(), filled.dump().unwrap());
    assert_eq!(loaded.digests().unwrap(), filled.digests().unwrap());
    assert_eq!(loaded.examine().unwrap(), None);
    assert_eq!(loaded.search("chose", &SearchFilter::default()).unwrap().len(), 1);
    // And it goes on as an ordinary index.
    put(&mut loaded, &[("a", " |Alone|t-z")]);
    assert_eq!(loaded.examine().unwrap(), None);
    let filter = TaskFilter { scope: Scope::session("a"), ..TaskFilter::default() };
    assert_eq!(loaded.tasks(&filter).unwrap().1, 1);
}

/// One line of a session.
fn line() -> impl Strategy<Value = String> {
    let id = prop_oneof![Just(String::new()), "t-[abc][0-9]"];
    let field = prop_oneof![
        4 => Just(String::new()),
        1 => "t-[abc][0-9]".prop_map(|t| format!("dependsOn={t}")),
        1 => "[st]#t-[abc][0-9]".prop_map(|t| format!("dependsOn={t}")),
        1 => "t-[abc][0-9]".prop_map(|t| format!("blocks={t};priority=high")),
        1 => "t-[xyz][0-9]".prop_map(|t| format!("formerly={t};tags=red;mine=1")),
    ];
    prop_oneof![
        8 => ("[.]{0,2}[ x/-]", "[ab ]{1,3}", id, field).prop_map(|(s, t, i, f)| format!("{s}|{t}|{i}|{f}")),
        2 => "[AB](/[CD])?".prop_map(|g| format!("# {g}")),
        1 => "[nm]: [words ]{0,9}".prop_map(|n| format!("> {n}")),
        1 => "(active|paused|archived)".prop_map(|s| format!("@ Status={s}")),
    ]
}

#[derive(Clone, Debug)]
enum Edit {
    Write(String),
    Insert(usize, String),
    Remove(usize),
    Move(usize, usize),
    Drop,
}

fn edit() -> impl Strategy<Value = (bool, Edit)> {
    let edit = prop_oneof![
        1 => prop::collection::vec(line(), 0..60).prop_map(|l| Edit::Write(l.join("\n"))),
        4 => (0..60_usize, line()).prop_map(|(at, l)| Edit::Insert(at, l)),
        3 => (0..60_usize).prop_map(Edit::Remove),
        2 => (0..60_usize, 0..60_usize).prop_map(|(a, b)| Edit::Move(a, b)),
        1 => Just(Edit::Drop),
    ];
    (any::<bool>(), edit)
}

fn apply(lines: &mut Vec<String>, edit: Edit) {
    let len = lines.len();
    match edit {
        Edit::Write(text) => *lines = text.lines().map(str::to_owned).collect(),
        Edit::Insert(at, line) => lines.insert(at % (len + 1), line),
        Edit::Remove(at) if len > 0 => drop(lines.remove(at % len)),
        Edit::Move(a, b) if len > 0 => {
            let line = lines.remove(a % len);
            lines.insert(b % len, line);
        }
        Edit::Remove(_) | Edit::Move(..) | Edit::Drop => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn bit_by_bit_equals_from_scratch(edits in prop::collection::vec(edit(), 1..40)) {
        let mut index = Index::in_memory().unwrap();
        let mut texts: [Option<Vec<String>>; 2] = [None, None];
        for (which, edit) in edits {
            let (name, slot) = if which { ("s", &mut texts[0]) } else { ("t", &mut texts[1]) };
            if matches!(edit, Edit::Drop) {
                *slot = None;
                let mut batch = index.begin().unwrap();
                batch.remove(name).unwrap();
                batch.commit().unwrap();
                continue;
            }
            let lines = slot.get_or_insert_default();
            apply(lines, edit);
            put(&mut index, &[(name, &lines.join("\n"))]);
        }
        let fresh: Vec<(&str, String)> = ["s", "t"]
            .into_iter()
            .zip(&texts)
            .filter_map(|(name, lines)| Some((name, lines.as_ref()?.join("\n"))))
            .collect();
        let fresh: Vec<(&str, &str)> = fresh.iter().map(|(n, t)| (*n, t.as_str())).collect();
        prop_assert_eq!(index.dump().unwrap(), super::make::index(&fresh).dump().unwrap());
        prop_assert_eq!(index.examine().unwrap(), None);
        // Every task stands on the line it was read from.
        for (name, text) in fresh {
            let filter = TaskFilter { scope: Scope::session(name), ..TaskFilter::default() };
            let lines: Vec<i64> = index.tasks(&filter).unwrap().0.iter().map(|t| t.line).collect();
            let expected: Vec<i64> = record(name, text).tasks.iter().map(|t| i64::from(t.line)).collect();
            prop_assert_eq!(lines, expected);
        }
    }
}
