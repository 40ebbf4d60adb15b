//! Answers.

use super::make::{index, put};
use crate::index::{
    DiagnosticFilter, HitKind, Index, Lookup, NoteKind, Order, Scope, SearchFilter, SessionFilter,
    TaskFilter, Why,
};
use crate::model::{SessionStatus, TaskStatus};

const AUTH: &str = "\
# Backend
x|Pick a library|t-lib
/|Implement middleware|t-mid|dependsOn=t-lib;specialist=backend_dev;est=3h;due=2025-06-18
.x|Write the handler|t-han
. |Write the tests|t-tes
# Backend/API
 |Verify tokens|t-tok|dependsOn=t-mid;priority=urgent;tags=security, auth;sprint=7
 |Überprüfe Tokens|t-ueb|priority=low
# Docs
-|Draw diagrams|t-dia
 |Describe the tokens|t-des|dependsOn=t-dia, other#t-o1
> Decisions: tokens expire after an hour
";
const OTHER: &str = "@ Status=paused\n |First of the other|t-o1|formerly=t-old\n |日本語のタイトル|t-jpn\n";

fn both() -> Index {
    index(&[("auth", AUTH), ("other", OTHER)])
}

#[track_caller]
fn check(filter: &TaskFilter, expected: &[&str]) {
    let index = both();
    let (rows, total) = index.tasks(filter).unwrap();
    let ids: Vec<&str> = rows.iter().map(|r| r.id.as_deref().unwrap_or("-")).collect();
    assert_eq!(ids, expected);
    if filter.limit.is_none() {
        assert_eq!(total, expected.len());
    }
    // A page is a part of the whole, and its total is the whole's.
    let page = TaskFilter { limit: Some(1), offset: expected.len().saturating_sub(1), ..filter.clone() };
    let (one, again) = index.tasks(&page).unwrap();
    assert_eq!(one.first().map(|r| &r.key), rows.last().map(|r| &r.key));
    if filter.limit.is_none() {
        assert_eq!(again, total);
    }
}

#[test]
fn filters() {
    let all = || TaskFilter { scope: Scope::session("auth"), ..TaskFilter::default() };
    check(&all(), &["t-lib", "t-mid", "t-han", "t-tes", "t-tok", "t-ueb", "t-dia", "t-des"]);
    check(&TaskFilter { statuses: vec![TaskStatus::Completed], ..all() }, &["t-lib", "t-han"]);
    check(
        &TaskFilter { statuses: vec![TaskStatus::InProgress, TaskStatus::Cancelled], ..all() },
        &["t-mid", "t-dia"],
    );
    check(&TaskFilter { group: Some("Backend/API".into()), ..all() }, &["t-tok", "t-ueb"]);
    check(&TaskFilter { group: Some("Docs".into()), ..all() }, &["t-dia", "t-des"]);
    check(
        &TaskFilter { group: Some("Backend".into()), roots: true, ..all() },
        &["t-lib", "t-mid", "t-tok", "t-ueb"],
    );
    check(&TaskFilter { group: Some("B%".into()), ..all() }, &[]);
    check(&TaskFilter { specialist: Some("BACKEND_dev".into()), ..all() }, &["t-mid"]);
    check(&TaskFilter { priorities: vec![1], ..all() }, &["t-tok"]);
    check(&TaskFilter { parent: Some("auth#t-mid".into()), ..all() }, &["t-han", "t-tes"]);
    check(&TaskFilter { due_by: Some("2025-06-18".into()), ..all() }, &["t-mid"]);
    check(&TaskFilter { due_by: Some("2025-06-17".into()), ..all() }, &[]);
    check(&TaskFilter { tag: Some("#Auth".into()), ..all() }, &["t-tok"]);
    check(&TaskFilter { text: Some("the ".into()), ..all() }, &["t-han", "t-tes", "t-des"]);
    check(&TaskFilter { text: Some("'; DROP TABLE tasks; --".into()), ..all() }, &[]);
    check(&TaskFilter { ready: Some(true), ..all() }, &["t-tes", "t-ueb"]);
    check(&TaskFilter { ready: Some(true), order: Order::Urgency, ..all() }, &["t-tes", "t-ueb"]);
    check(
        &TaskFilter { ready: Some(true), order: Order::Urgency, ..TaskFilter::default() },
        &["t-tes", "t-o1", "t-jpn", "t-ueb"],
    );
    check(
        &TaskFilter { ready: Some(false), statuses: vec![TaskStatus::Pending], ..all() },
        &["t-tok", "t-des"],
    );
    check(
        &TaskFilter { scope: Scope::Open, ..TaskFilter::default() },
        &["t-lib", "t-mid", "t-han", "t-tes", "t-tok", "t-ueb", "t-dia", "t-des", "t-o1", "t-jpn"],
    );
    check(&TaskFilter { scope: Scope::Sessions(Vec::new()), ..TaskFilter::default() }, &[]);
    check(&TaskFilter { scope: Scope::Archived, ..TaskFilter::default() }, &[]);
}

#[test]
fn what_can_be_begun_is_counted_without_being_read() {
    let a = "/|Begun|t-1\n |New|t-2\n |Waits elsewhere|t-3|dependsOn=b#t-9\n |Free|t-4\n |Waits|t-5|dependsOn=t-4\n";
    let index = index(&[("a", a), ("b", "x|Done|t-9\n |Other|t-8\n")]);
    let (pending, begun) = (TaskStatus::Pending, TaskStatus::InProgress);
    let mut counts = Vec::new();
    for statuses in [vec![], vec![pending], vec![pending, begun], vec![begun]] {
        for scope in [Scope::All, Scope::Open, Scope::session("a"), Scope::session("b")] {
            let statuses = statuses.clone();
            let all = TaskFilter {
                statuses,
                scope,
                ready: Some(true),
                order: Order::Urgency,
                ..TaskFilter::default()
            };
            let page = TaskFilter { limit: Some(1), ..all.clone() };
            let (rows, _) = index.tasks(&all).unwrap();
            assert_eq!(index.tasks(&page).unwrap().1, rows.len(), "{all:?}");
            counts.push(rows.len());
        }
    }
    assert_eq!(counts, [5, 5, 4, 1, 4, 4, 3, 1, 5, 5, 4, 1, 1, 1, 1, 0]);
}

#[test]
fn what_a_task_waits_for_in_other_sessions_is_asked_when_asked() {
    let mut index = both();
    let find = |index: &Index| match index.task("t-des", &Scope::All).unwrap() {
        Lookup::One(task) => task,
        other => panic!("{other:?}"),
    };
    let task = find(&index);
    assert!(!task.ready);
    assert_eq!(task.blocked_by.len(), 1);
    assert_eq!(task.blocked_by[0].why, Why::Open);
    assert_eq!(task.blocked_by[0].id.as_deref(), Some("t-o1"));
    // Only the other file changes.
    put(&mut index, &[("other", &OTHER.replace(" |First", "x|First"))]);
    let task = find(&index);
    assert!(task.ready && task.blocked_by.is_empty());
    assert!(index.next(Scope::All, None, 9).unwrap().iter().any(|t| t.id.as_deref() == Some("t-des")));
    // Its id changed, the old one still leads there.
    put(&mut index, &[("other", "x|First|t-new|formerly=t-o1")]);
    assert!(find(&index).ready);
    // No such task, no such session: not ready, and why.
    put(&mut index, &[("other", "x|First|t-new")]);
    assert_eq!(find(&index).blocked_by[0].why, Why::NoTask);
    let mut batch = index.begin().unwrap();
    batch.remove("other").unwrap();
    batch.commit().unwrap();
    assert_eq!(find(&index).blocked_by[0].why, Why::NoSession);
    assert!(!find(&index).ready);
    let edges = index.dependencies("auth").unwrap();
    let edges: Vec<(&str, Option<Why>)> = edges.iter().map(|e| (e.written.as_str(), e.why)).collect();
    assert_eq!(
        edges,
        [("t-lib", None), ("t-mid", Some(Why::Open)), ("t-dia", None), ("other#t-o1", Some(Why::NoSession)),]
    );
}

#[test]
fn ids_of_other_tools_are_names() {
    let mut index = both();
    put(&mut index, &[("other", " |First|t-new|formerly=task_a1,BACK-345.08")]);
    let check = |name: &str, expected: bool| {
        let found = index.task(name, &Scope::All).unwrap();
        let is_it = matches!(found, Lookup::One(task) if task.id.as_deref() == Some("t-new"));
        assert_eq!(is_it, expected, "{name}");
    };
    check("task_a1", true);
    check("TASK_A1", true);
    check("back-345.08", true);
    check("other#task_a1", true);
    check("auth#task_a1", false);
    check("task_a", false);
}

#[test]
fn names_that_people_use() {
    let index = both();
    let id = |name: &str, scope: Scope| match index.task(name, &scope).unwrap() {
        Lookup::One(task) => task.id.unwrap_or_default(),
        Lookup::Many(tasks) => format!("{} tasks", tasks.len()),
        Lookup::None(close) => format!("none, {close:?}"),
    };
    for (name, expected) in [
        ("t-tok", "t-tok"),
        ("^T-TOK", "t-tok"),
        ("t-to", "t-tok"),
        ("tok", "t-tok"),
        ("auth#t-tok", "t-tok"),
        ("other#t-old", "t-o1"),
        ("t-old", "t-o1"),
        ("t-", "10 tasks"),
        ("Verify tokens", "t-tok"),
        ("verify   TOKENS!", "t-tok"),
        ("middleware", "t-mid"),
        ("日本語", "t-jpn"),
        ("Write the", "2 tasks"),
        ("t-tko", "none, [\"t-tok\", \"t-o1\"]"),
        ("nothing like it", "none, []"),
        ("\"'%_(", "none, []"),
        ("", "none, []"),
    ] {
        assert_eq!(id(name, Scope::All), expected, "{name}");
    }
    assert_eq!(id("t-tok", Scope::session("other")), "none, [\"t-o1\"]");
}

/// Ids are random: what a title names does not hang on which id another task happened to get.
#[test]
fn a_whole_title_comes_before_the_beginning_of_an_id() {
    let index = index(&[("a", " |a|t-x1\n |other|t-abc123\n |tok|t-fix999\n |fix it|t-tokzzz")]);
    let id = |name: &str| match index.task(name, &Scope::All).unwrap() {
        Lookup::One(task) => task.id.unwrap_or_default(),
        other => panic!("{name}: {other:?}"),
    };
    for (name, expected) in [
        ("a", "t-x1"),
        ("ab", "t-abc123"),
        ("tok", "t-fix999"),
        ("t-tok", "t-tokzzz"),
        ("fix", "t-fix999"),
        ("fix it", "t-tokzzz"),
    ] {
        assert_eq!(id(name), expected, "{name}");
    }
}

#[test]
fn a_task_without_id_goes_by_the_one_it_would_get() {
    let index = index(&[("a", " |Untold|\n |Untold|\n |Twice|t-a\n |Twice again|t-a")]);
    let (rows, _) = index.tasks(&TaskFilter::default()).unwrap();
    let keys: std::collections::HashSet<&str> = rows.iter().map(|r| r.key.as_str()).collect();
    assert_eq!(keys.len(), 4);
    let name = rows[1].key.trim_start_matches("a#");
    assert_eq!(rows[1].id, None);
    let Lookup::One(found) = index.task(name, &Scope::session("a")).unwrap() else { panic!() };
    assert_eq!(found.key, rows[1].key);
    assert_eq!(index.dependents_of("a#t-a").unwrap(), [""; 0]);
}

#[test]
fn the_same_ids_in_two_sessions_do_not_meet() {
    let index = index(&[("a", AUTH), ("b", AUTH)]);
    assert_eq!(index.tasks(&TaskFilter::default()).unwrap().1, 16);
    assert!(matches!(index.task("t-tok", &Scope::All).unwrap(), Lookup::Many(both) if both.len() == 2));
    let Lookup::One(task) = index.task("b#t-tok", &Scope::All).unwrap() else { panic!() };
    assert_eq!((task.directory.as_str(), task.line), ("b", 7));
    assert_eq!(task.blocked_by[0].key.as_deref(), Some("b#t-mid"));
}

#[test]
fn search_finds_words_in_titles_and_notes() {
    let index = both();
    let found = |query: &str, filter: &SearchFilter| -> Vec<String> {
        let hits = index.search(query, filter).unwrap();
        hits.into_iter().map(|h| h.id.unwrap_or_else(|| h.kind.word().to_owned())).collect()
    };
    let all = SearchFilter::default();
    let mut tokens = found("tokens", &all);
    tokens.sort_unstable();
    assert_eq!(tokens, ["decision", "t-des", "t-tok", "t-ueb"]);
    assert_eq!(found("uberprufe", &all), ["t-ueb"]);
    assert_eq!(found("middl", &all), ["t-mid"]);
    // Too short for the beginning of a word, so it is looked for as it stands.
    assert_eq!(found("mi", &all), ["t-mid"]);
    assert_eq!(found("mix", &all), [""; 0]);
    assert_eq!(found("\"the tests\"", &all), ["t-tes"]);
    assert_eq!(found("本語", &all), ["t-jpn"]);
    let decisions = SearchFilter { kinds: vec![HitKind::Note(NoteKind::Decision)], ..all.clone() };
    assert_eq!(found("tokens", &decisions), ["decision"]);
    let tasks = SearchFilter { kinds: vec![HitKind::Task], limit: 1, ..all.clone() };
    assert_eq!(found("tokens", &tasks).len(), 1);
    let elsewhere = SearchFilter { scope: Scope::session("other"), ..all.clone() };
    assert_eq!(found("tokens", &elsewhere), [""; 0]);
    assert_eq!(found("first", &elsewhere), ["t-o1"]);
    let nowhere = SearchFilter { scope: Scope::Archived, ..all.clone() };
    assert_eq!(found("tokens", &nowhere), [""; 0]);

    let hit = &index.search("verify", &all).unwrap()[0];
    assert_eq!(hit.title.marks, [(0, 6)]);
    assert_eq!((hit.line, hit.group.as_deref()), (7, Some("Backend/API")));
    let note = &index.search("hour", &all).unwrap()[0];
    assert_eq!(note.line, 12);
    assert_eq!(&note.snippet.text[note.snippet.marks[0].0..note.snippet.marks[0].1], "hour");
}

#[test]
fn nothing_typed_is_syntax() {
    let index = both();
    for query in [
        "foo-bar:",
        "title:x",
        "NEAR(a b)",
        "a AND",
        "OR",
        "\"",
        "\"\"\"",
        "*",
        "^",
        "{x}",
        "(",
        "a*b",
        "-",
        "\0",
        "scope:1",
        "'; DROP TABLE tasks; --",
        "\\",
        "%",
        "_",
        "🎉",
        "a\" OR \"b",
        "tok\u{0}ens",
        "\u{2}\u{3}",
        "col : \"x",
    ] {
        for scope in [Scope::All, Scope::Open, Scope::session("auth")] {
            let filter = SearchFilter { scope: scope.clone(), ..SearchFilter::default() };
            index.search(query, &filter).unwrap();
            index.task(query, &scope).unwrap();
        }
    }
    // A page pasted into the search box, and a task whose title is one.
    let page = "word and more ".repeat(3_000);
    for query in [page.clone(), format!("\"{page}\""), page.replace(' ', "-"), page.replace(' ', "\"")] {
        index.search(&query, &SearchFilter::default()).unwrap();
        index.task(&query, &Scope::All).unwrap();
    }
    let many: Vec<String> = (0..200).map(|i| format!("s{i}")).collect();
    let filter = SearchFilter { scope: Scope::Sessions(many), ..SearchFilter::default() };
    index.search("tokens", &filter).unwrap();
    let task = crate::index::TaskRow { title: page, ..index.next(Scope::All, None, 1).unwrap().remove(0) };
    index.related(&task, 9).unwrap();
    assert!(index.search("%", &SearchFilter::default()).unwrap().is_empty());
}

#[test]
fn sessions_groups_counts_and_findings() {
    let index = index(&[("auth", AUTH), ("other", OTHER), ("rough", "# G\n |No id|\n |Neither|\n")]);
    let (sessions, total) = index.sessions(&SessionFilter::default()).unwrap();
    assert_eq!(total, 3);
    assert_eq!((sessions[0].progress.completed, sessions[0].progress.total), (2, 7));
    assert_eq!(sessions[0].progress.in_progress, 1);
    assert_eq!(sessions[0].revision, crate::text::ContentHash::of(AUTH.as_bytes()));
    let paused = SessionFilter { statuses: vec![SessionStatus::Paused], ..SessionFilter::default() };
    let (paused, total) = index.sessions(&paused).unwrap();
    assert_eq!((paused[0].directory.as_str(), total), ("other", 1));
    assert_eq!(index.session("auth").unwrap().unwrap().name, "The auth");
    assert_eq!(index.session("none").unwrap(), None);

    let groups = index.groups("auth").unwrap();
    let shown: Vec<_> = groups
        .iter()
        .map(|g| (g.path.as_str(), g.depth, g.progress.completed, g.progress.total, g.estimate_minutes))
        .collect();
    assert_eq!(shown, [("Backend", 0, 2, 6, 180), ("Backend/API", 1, 0, 2, 0), ("Docs", 0, 0, 1, 0)]);
    assert_eq!(groups[1].parent.as_deref(), Some("Backend"));

    let counts = index.counts().unwrap();
    assert_eq!(counts.tasks["completed"], 2);
    assert_eq!(counts.tasks.values().sum::<usize>(), 12);
    assert_eq!(counts.sessions["paused"], 1);
    assert_eq!(counts.diagnostics, [2, 0, 0, 0]);

    let (findings, total) = index.diagnostics(&DiagnosticFilter::default()).unwrap();
    assert_eq!(total, 2);
    assert_eq!((findings[1].line, findings[1].column, findings[1].span), (3, 1, (13, 13)));
    assert_eq!(findings[1].path, "sessions/rough/session.md");
    let grave = DiagnosticFilter { severity: 2, ..DiagnosticFilter::default() };
    assert_eq!(index.diagnostics(&grave).unwrap().1, 0);
}

#[test]
fn groups_of_one_name_are_kept_apart() {
    let index = index(&[("a", "# X\n |One|t-1\n# X\n |Two|t-2\n# X#2\n |Three|t-3\n# Y/X\n |Four|t-4")]);
    let paths: Vec<String> = index.groups("a").unwrap().into_iter().map(|g| g.path).collect();
    assert_eq!(paths, ["X", "X", "X#2", "Y/X"]);
    assert_eq!(index.tasks(&TaskFilter { group: Some("X".into()), ..TaskFilter::default() }).unwrap().1, 2);
}

#[test]
fn related_tasks_come_with_a_reason() {
    let index = both();
    let Lookup::One(task) = index.task("t-mid", &Scope::All).unwrap() else { panic!() };
    let related = index.related(&task, 9).unwrap();
    let related: Vec<_> = related.iter().map(|(t, why)| (t.id.as_deref().unwrap_or("-"), *why)).collect();
    assert_eq!(related, [("t-lib", "dependency"), ("t-tok", "dependent")]);
    let Lookup::One(task) = index.task("t-tok", &Scope::All).unwrap() else { panic!() };
    let related = index.related(&task, 9).unwrap();
    assert!(related.iter().any(|(t, why)| t.id.as_deref() == Some("t-ueb") && *why == "similar"));
}
