//! Laws of the structural merge over random plans and random histories of two sides.

use std::fmt::Write as _;

use plandown::document::{Limits, parse};
use plandown::format::{Lifted, lift};
use plandown::merge::{ConflictKind, Markers, Merged, Side, lines, texts};
use plandown::model::{Field, PlanChange, Task as PlanTask, TaskStatus, apply_all, diff, plan_diff};

use crate::common::manifest;

/// Small and repeatable (xorshift).
struct Dice(u64);

impl Dice {
    fn next(&mut self, below: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 11).unwrap() % below.max(1)
    }

    fn one<'a>(&mut self, words: &[&'a str]) -> &'a str {
        words[self.next(words.len())]
    }
}

#[derive(Clone, Debug)]
struct Task {
    id: Option<String>,
    title: String,
    done: bool,
    tail: bool,
    due: Option<String>,
    tags: Vec<String>,
    body: Vec<String>,
    depth: usize,
}

#[derive(Clone, Debug)]
struct Plan {
    status: String,
    groups: Vec<(String, Vec<Task>)>,
    notes: Vec<String>,
}

const VERBS: &[&str] = &["Write", "Fix", "Measure", "Draw", "Review", "Paint", "Remove", "Translate"];
const NOUNS: &[&str] =
    &["the parser", "login", "every test", "a bridge", "the manual", "three walls", "old code", "metrics"];

fn sentence(dice: &mut Dice) -> String {
    (0..12)
        .map(|_| dice.one(&["alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta"]))
        .collect::<Vec<_>>()
        .join(" ")
}

fn task(dice: &mut Dice, ids: bool) -> Task {
    let n = dice.next(1_000_000);
    Task {
        id: ids.then(|| format!("t-{n:06}")),
        title: format!("{} {} {}", dice.one(VERBS), dice.one(NOUNS), n % 97),
        done: dice.next(4) == 0,
        tail: dice.next(2) == 0,
        due: (dice.next(3) == 0).then(|| format!("2026-01-{:02}", 1 + n % 28)),
        tags: (0..dice.next(3)).map(|k| format!("tag{}", (n + k * 7) % 9)).collect(),
        body: (0..dice.next(3)).map(|_| sentence(dice)).collect(),
        depth: 0,
    }
}

fn plan(dice: &mut Dice, ids: bool) -> Plan {
    let group = |dice: &mut Dice, n: usize| {
        let mut depth = 0;
        let mut tasks = Vec::new();
        for i in 0..dice.next(6) {
            depth = if i == 0 { 0 } else { dice.next(depth + 2).min(3) };
            tasks.push(Task { depth, ..task(dice, ids) });
        }
        (format!("Group {n}"), tasks)
    };
    Plan {
        status: "Active".to_owned(),
        groups: (0..=dice.next(4)).map(|n| group(dice, n)).collect(),
        notes: (0..dice.next(5)).map(|_| sentence(dice)).collect(),
    }
}

fn subtree(tasks: &[Task], at: usize) -> usize {
    at + 1 + tasks[at + 1..].iter().take_while(|t| t.depth > tasks[at].depth).count()
}

fn edit(dice: &mut Dice, plan: &mut Plan, ids: bool) {
    let g = dice.next(plan.groups.len());
    let kind = dice.next(14);
    let fresh = task(dice, ids);
    let words = sentence(dice);
    let elsewhere = dice.next(plan.groups.len());
    let tasks = &mut plan.groups[g].1;
    let at = dice.next(tasks.len());
    match kind {
        0 => dice.one(&["Paused", "Completed", "Active"]).clone_into(&mut plan.status),
        1 => plan.groups[g].0 = format!("Renamed {}", dice.next(1000)),
        2 => plan.groups.push((format!("New {}", dice.next(1000)), vec![fresh])),
        3 if !plan.notes.is_empty() => {
            let n = dice.next(plan.notes.len());
            let mut parts: Vec<&str> = plan.notes[n].split(' ').collect();
            let w = dice.next(parts.len());
            parts[w] = dice.one(&["one", "two", "three"]);
            plan.notes[n] = parts.join(" ");
        }
        4 => plan.notes.push(words),
        5 => {
            let depth = if tasks.is_empty() { 0 } else { tasks[at].depth };
            let to = if tasks.is_empty() { 0 } else { subtree(tasks, at) };
            tasks.insert(to, Task { depth, ..fresh });
        }
        6 if !tasks.is_empty() && tasks[at].depth < 3 => {
            let depth = tasks[at].depth + 1;
            tasks.insert(at + 1, Task { depth, ..fresh });
        }
        7 if !tasks.is_empty() => {
            let end = subtree(tasks, at);
            tasks.drain(at..end);
        }
        8 if !tasks.is_empty() => {
            let end = subtree(tasks, at);
            let mut moved: Vec<Task> = tasks.drain(at..end).collect();
            let top = moved[0].depth;
            for task in &mut moved {
                task.depth -= top;
            }
            let target = &mut plan.groups[elsewhere].1;
            target.extend(moved);
        }
        9 if !tasks.is_empty() => tasks[at].title = fresh.title,
        10 if !tasks.is_empty() => tasks[at].due = fresh.due,
        11 if !tasks.is_empty() => tasks[at].tags.push(format!("tag{}", dice.next(30))),
        12 if !tasks.is_empty() => tasks[at].body.push(words),
        _ if !tasks.is_empty() => tasks[at].done = !tasks[at].done,
        _ => {}
    }
}

fn render(plan: &Plan) -> String {
    let mut out =
        format!("# Session: Test\n\n**Status**: {}\n**Mode**: solo\n\n## Task Groups\n", plan.status);
    for (name, tasks) in &plan.groups {
        let _ = write!(out, "\n### {name}\n\n");
        for t in tasks {
            let indent = "  ".repeat(t.depth);
            let _ = write!(out, "{indent}- [{}] {}", if t.done { 'x' } else { ' ' }, t.title);
            if t.tail {
                let _ = write!(out, " ({}) - dev", if t.done { "Completed" } else { "Pending" });
            }
            if let Some(due) = &t.due {
                let _ = write!(out, " [due:: {due}]");
            }
            if !t.tags.is_empty() {
                let _ = write!(out, " [tags:: {}]", t.tags.join(", "));
            }
            if let Some(id) = &t.id {
                let _ = write!(out, " ^{id}");
            }
            out.push('\n');
            for line in &t.body {
                let _ = writeln!(out, "{indent}  {line}");
            }
        }
    }
    out += "\n## Session Notes\n\n";
    for note in &plan.notes {
        let _ = write!(out, "{note}\n\n");
    }
    out
}

fn read(text: &str) -> Lifted {
    let (document, found) = parse(text.as_bytes(), Limits::default());
    lift(document, found, "test")
}

struct Case {
    base: String,
    ours: String,
    theirs: String,
}

impl Case {
    fn merge(&self, stays: Side) -> Merged {
        texts(&self.base, &self.ours, &self.theirs, "test", stays)
    }
}

fn cases(seed: u64, count: usize, ids: bool, edits: usize) -> impl Iterator<Item = Case> {
    let mut dice = Dice(seed);
    (0..count).map(move |_| {
        let base = plan(&mut dice, ids);
        let mut side = || {
            let mut side = base.clone();
            for _ in 0..=dice.next(edits) {
                edit(&mut dice, &mut side, ids);
            }
            render(&side)
        };
        let (ours, theirs) = (side(), side());
        Case { base: render(&base), ours, theirs }
    })
}

#[track_caller]
fn dump(case: &Case, merged: &Merged, why: &str) -> String {
    format!(
        "{why}\n==== base\n{}\n==== ours\n{}\n==== theirs\n{}\n==== merged {:#?} {:?}\n{}",
        case.base, case.ours, case.theirs, merged.conflicts, merged.notes, merged.text
    )
}

#[test]
fn one_side_alone_is_taken_as_it_is() {
    for case in cases(1, 60, true, 5) {
        let [b, o] = [&case.base, &case.ours];
        for (base, ours, theirs, expected) in [(b, b, o, o), (b, o, b, o), (b, o, o, o), (o, o, o, o)] {
            let merged = texts(base, ours, theirs, "test", Side::Theirs);
            assert!(merged.is_clean() && merged.text == *expected);
        }
    }
}

#[test]
fn where_lines_merge_cleanly_so_do_plans() {
    let mut clean = 0;
    for case in cases(2, 160, true, 3).chain(cases(3, 80, false, 3)) {
        let plain = lines::merge(&case.base, &case.ours, &case.theirs).unwrap();
        if !plain.is_clean() {
            continue;
        }
        let text = plain.text(Side::Ours);
        let merged = case.merge(Side::Theirs);
        let (plain, got) = (read(&text), read(&merged.text));
        // A task whose lines were torn apart, or that stands twice, is not a sound plan.
        let twice = duplicates(&plain) > 0;
        if !twice {
            clean += 1;
            assert!(merged.is_clean(), "{}", dump(&case, &merged, "lines are clean"));
            let difference = plan_diff(&plain.session, &got.session);
            assert!(difference.is_empty(), "{}", dump(&case, &merged, &format!("{difference:#?}\n{text}")));
        }
    }
    assert!(clean > 60, "{clean}");
}

fn duplicates(l: &Lifted) -> usize {
    let text = l.document.text();
    let mut ids: Vec<&str> = l.map.tasks.iter().filter_map(|t| Some(t.ids.first()?.id.of(text))).collect();
    let all = ids.len();
    ids.sort_unstable();
    ids.dedup();
    all - ids.len()
}

/// Nothing that a side wrote is lost, no id stands twice, and each task says what the side says
/// that changed it.
#[test]
fn every_word_is_in_the_text_or_in_a_conflict() {
    let (mut clean, mut plain_lines, mut all) = (0, 0, 0);
    for case in cases(4, 120, true, 6).chain(cases(5, 60, false, 6)) {
        let merged = case.merge(Side::Theirs);
        all += 1;
        clean += usize::from(merged.is_clean());
        plain_lines += usize::from(format!("{:?}", merged.notes).contains("PlainLines"));
        let got = read(&merged.text);
        assert_eq!(duplicates(&got), 0, "{}", dump(&case, &merged, "an id stands twice"));
        let drawn = merged.with_markers(&Markers::default());
        assert_eq!(drawn.contains("<<<<<<<"), merged.clashes().next().is_some());
        assert_eq!(
            merged.clashes().next().is_none(),
            merged.is_clean(),
            "{}",
            dump(&case, &merged, "clashes")
        );
        let base: Vec<&str> = case.base.split_whitespace().collect();
        for side in [&case.ours, &case.theirs] {
            for word in side.split_whitespace().filter(|w| !base.contains(w)) {
                let word = word.trim_matches([',', ']']);
                assert!(drawn.contains(word), "{}", dump(&case, &merged, &format!("`{word}` is lost")));
            }
        }
        facts(&case, &merged, &got);
    }
    assert!(clean * 10 > all * 5, "{clean} of {all} are clean, {plain_lines} as lines");
    assert!(plain_lines * 20 <= all, "{plain_lines} of {all} as lines");
}

fn facts(case: &Case, merged: &Merged, got: &Lifted) {
    let [b, o, t] = [&case.base, &case.ours, &case.theirs].map(|t| read(t));
    let find = |l: &Lifted, id: &plandown::model::TaskId| {
        l.session.tasks.iter().position(|t| t.id.as_ref() == Some(id))
    };
    for l in [&o, &t] {
        for task in &l.session.tasks {
            let Some(id) = &task.id else { continue };
            let at = [&b, &o, &t].map(|l| find(l, id).map(|i| &l.session.tasks[i]));
            let here = find(got, id).map(|i| &got.session.tasks[i]);
            let as_lines = format!("{:?}", merged.notes).contains("PlainLines");
            let kept = !as_lines && (at[0].is_none() || at[1].is_some() && at[2].is_some());
            assert!(!kept || here.is_some(), "{}", dump(case, merged, &format!("{id} is lost")));
            let (Some(here), [Some(b), Some(o), Some(t)]) = (here, at) else { continue };
            if as_lines {
                continue;
            }
            let expected = |b: &str, o: &str, t: &str| {
                if b == o { Some(t.to_owned()) } else { (b == t || o == t).then(|| o.to_owned()) }
            };
            if let Some(title) = expected(&b.title, &o.title, &t.title) {
                assert_eq!(here.title, title, "{}", dump(case, merged, "title"));
            }
            let key = |s: TaskStatus| s.key();
            let due = |t: &PlanTask| t.field(Field::Due).unwrap_or("").to_owned();
            if let Some(due) = expected(&due(b), &due(o), &due(t)) {
                assert_eq!(here.field(Field::Due).unwrap_or(""), due, "{}", dump(case, merged, "due"));
            }
            for tag in b.tags().iter().chain(&o.tags()).chain(&t.tags()) {
                let has = [b, o, t, here].map(|x| x.tags().contains(tag));
                let wanted = if has[0] { has[1] && has[2] } else { has[1] || has[2] };
                assert_eq!(has[3], wanted, "{}", dump(case, merged, tag));
            }
            if let Some(status) = expected(key(b.status), key(o.status), key(t.status)) {
                assert_eq!(key(here.status), status, "{}", dump(case, merged, "status"));
            }
        }
    }
}

#[test]
fn the_verdict_is_symmetric() {
    for case in cases(6, 80, true, 4).chain(cases(7, 40, false, 4)) {
        let merged = case.merge(Side::Theirs);
        let turned = Case { base: case.base.clone(), ours: case.theirs.clone(), theirs: case.ours.clone() };
        let other = turned.merge(Side::Ours);
        let about = |m: &Merged| {
            let mut all: Vec<_> = m.conflicts.iter().map(|c| (c.what.clone(), c.kind.key())).collect();
            all.sort();
            all
        };
        assert_eq!(
            about(&merged),
            about(&other),
            "{}",
            dump(&case, &merged, &format!("{:#?}", other.conflicts))
        );
        assert_eq!(
            merged.is_clean(),
            other.is_clean(),
            "{}",
            dump(&case, &merged, &format!("{:#?}", other.conflicts))
        );
    }
}

#[test]
fn merging_again_changes_nothing() {
    for case in cases(8, 60, true, 4) {
        let merged = case.merge(Side::Theirs);
        assert_eq!(merged.text, case.merge(Side::Theirs).text, "the same twice");
        if merged.is_clean() {
            for side in [&case.ours, &case.theirs] {
                let again = texts(side, &merged.text, side, "test", Side::Theirs);
                assert_eq!(again.text, merged.text);
            }
        }
    }
}

#[test]
fn the_person_keeps_their_text() {
    let base = "# S\n\n## Tasks\n\n- [ ] Write the parser ^t-aaaaa1\n";
    let ours = base.replace("Write the parser", "Write a lexer");
    let theirs = base.replace("Write the parser", "Write the grammar");
    let merged = texts(base, &ours, &theirs, "s", Side::Theirs);
    assert_eq!(merged.text, theirs);
    assert_eq!(merged.conflicts.len(), 1);
    let conflict = &merged.conflicts[0];
    assert_eq!((conflict.what.as_str(), conflict.kind), ("title", ConflictKind::Field));
    assert_eq!(conflict.ours.as_deref(), Some("Write a lexer"));
    let drawn = merged.with_markers(&Markers { size: 9, ..Markers::default() });
    let expected = "<<<<<<<<< ours\n- [ ] Write a lexer ^t-aaaaa1\n||||||||| base\n- [ ] Write the parser ^t-aaaaa1\n=========\n- [ ] Write the grammar ^t-aaaaa1\n>>>>>>>>> theirs\n";
    assert!(drawn.ends_with(expected), "{drawn}");
}

#[test]
fn a_modified_task_survives_its_deletion() {
    let base = "# S\n\n## Tasks\n\n- [ ] One ^t-aaaaa1\n- [ ] Two ^t-aaaaa2\n- [ ] Three ^t-aaaaa3\n";
    let ours = base.replace("- [ ] Two ^t-aaaaa2\n", "");
    let theirs = base.replace("[ ] Two", "[x] Two");
    for stays in [Side::Ours, Side::Theirs] {
        let merged = texts(base, &ours, &theirs, "s", stays);
        assert_eq!(merged.text, theirs, "the modified text stays");
        assert_eq!(merged.conflicts[0].kind, ConflictKind::DeleteModify);
    }
}

#[test]
fn twins_get_two_ids() {
    let base = "# S\n\n## Tasks\n\n- [ ] One ^t-aaaaa1\n";
    let ours = format!("{base}- [ ] Paint the fence ^t-aaaaa2\n");
    let theirs = format!("{base}- [ ] Call the bank ^t-aaaaa2\n");
    let merged = texts(base, &ours, &theirs, "s", Side::Theirs);
    assert!(merged.is_clean(), "{:?}", merged.conflicts);
    let got = read(&merged.text);
    assert_eq!(got.session.tasks.len(), 3);
    assert_eq!(duplicates(&got), 0, "{}", merged.text);
    assert!(merged.text.contains("Paint the fence ^t-aaaaa2\n"), "{}", merged.text);
    assert!(merged.text.contains("Call the bank [formerly:: t-aaaaa2] ^t-"), "{}", merged.text);
}

#[test]
fn markers_in_an_input_are_merged_as_lines_and_said() {
    let base = "# S\n\n## Tasks\n\n- [ ] One ^t-aaaaa1\n";
    let ours = format!("{base}<<<<<<< a\n- [ ] x\n=======\n- [ ] y\n>>>>>>> b\n");
    let theirs = base.replace("[ ] One", "[x] One");
    let merged = texts(base, &ours, &theirs, "s", Side::Theirs);
    assert!(merged.conflicts.iter().any(|c| c.kind == ConflictKind::Markers));
    assert!(merged.text.contains("- [ ] x\n") && merged.text.contains("[x] One"));
}

/// The two roads: reading the new text, and doing again what was done.
#[test]
fn what_was_done_can_be_done_again() {
    let mut failed = Vec::new();
    for (n, case) in cases(9, 200, true, 5).chain(cases(10, 100, false, 5)).enumerate() {
        let (before, after) = (read(&case.base).session, read(&case.ours).session);
        let changes = diff(&before, &after);
        let done = match apply_all(&before, &changes) {
            Ok(done) => done,
            Err(refusal) => {
                failed.push(format!("{n}: {refusal} {changes:#?}\n{}\n====\n{}", case.base, case.ours));
                continue;
            }
        };
        let mut left = plan_diff(&done, &after).changes;
        left.retain(|c| !matches!(c, PlanChange::Prose { .. }));
        if !left.is_empty() {
            failed.push(format!("{n}: left {left:#?}\nof {changes:#?}\n{}\n====\n{}", case.base, case.ours));
        }
    }
    assert!(failed.is_empty(), "{} failed, the first:\n{}", failed.len(), failed[0]);
}

/// Odd files of all kinds, with lines shuffled on both sides: never a panic, never a lost line.
#[test]
fn odd_files_are_merged_without_loss() {
    let mut dice = Dice(11);
    let mut files: Vec<_> =
        manifest("fixtures/nasty").read_dir().unwrap().map(|e| e.unwrap().path()).collect();
    files.extend(
        ["tiny", "typical", "kitchen-sink"].map(|n| manifest("fixtures/sessions").join(n).join("session.md")),
    );
    files.sort();
    for path in files {
        let base = String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned();
        for round in 0..3 {
            let mut side = |mark: &str| {
                let mut lines: Vec<String> = base.split_inclusive('\n').map(str::to_owned).collect();
                for n in 0..=dice.next(3) {
                    let at = dice.next(lines.len() + 1);
                    match dice.next(4) {
                        0 if at < lines.len() => drop(lines.remove(at)),
                        1 if at < lines.len() => {
                            let line = lines.remove(at);
                            lines.insert(dice.next(lines.len() + 1), line);
                        }
                        2 if at < lines.len() && lines[at].contains("[ ]") => {
                            lines[at] = lines[at].replacen("[ ]", "[x]", 1);
                        }
                        _ => lines.insert(at, format!("- [ ] {mark}{round}x{n} new\n")),
                    }
                }
                lines.concat()
            };
            let case = Case { ours: side("ours"), theirs: side("theirs"), base: base.clone() };
            let merged = case.merge(Side::Theirs);
            let drawn = merged.with_markers(&Markers::default());
            for side in [&case.ours, &case.theirs] {
                for word in side.split_whitespace().filter(|w| w.contains(&format!("s{round}x"))) {
                    assert!(drawn.contains(word), "{path:?} {}", dump(&case, &merged, word));
                }
                let again = texts(&base, side, &base, "test", Side::Ours);
                assert_eq!(again.text, **side);
            }
        }
    }
}

/// Both branches wrote the session: Git gives an empty base.
#[test]
fn a_session_that_both_sides_added() {
    let ours = "# Session: S\n\n**Status**: Active\n\n## Task Groups\n\n### A\n\n- [ ] One ^t-aaaaa1\n- [x] Two ^t-aaaaa2\n";
    let theirs = "# Session: S\n\n**Status**: Active\n\n## Task Groups\n\n### A\n\n- [ ] One ^t-aaaaa1\n- [ ] Three ^t-aaaaa3\n";
    let merged = texts("", ours, theirs, "s", Side::Theirs);
    assert!(merged.is_clean(), "{:#?}\n{}", merged.conflicts, merged.text);
    assert_eq!(merged.text, ours.to_owned() + "- [ ] Three ^t-aaaaa3\n");
}

#[test]
fn ten_thousand_tasks_are_merged() {
    let line = |n: usize| format!("- [ ] Task number {n} (Pending) - dev - 3h ^t-{n:06}\n");
    let base: String = "# S\n\n## Tasks\n\n".to_owned() + &(0..10_000).map(line).collect::<String>();
    let ours = base.replace("- [ ] Task number 77", "- [x] Task number 77");
    let theirs = base.replace("3h ^t-00077", "4h ^t-00077");
    let merged = texts(&base, &ours, &theirs, "s", Side::Theirs);
    assert!(merged.is_clean());
    assert!(merged.text.contains("- [x] Task number 771 (Pending) - dev - 4h ^t-000771\n"));
}
