//! Every importer before input that is broken or means harm: refused with code, place and hint and nothing changed, or
//! brought in with everything visible, nothing outside the workspace touched, and taken back without a trace.

use std::fs;
use std::path::Path;

use serde_json::json;

use crate::common::{TestEnv, cases};
use crate::import::{tasks, tree};

/// What becomes of a source.
enum End {
    /// Refused, with one of these codes and a place that holds this.
    Refused(&'static [&'static str], &'static str),
    /// So many tasks are visible, and these remarks were made.
    Visible(usize, &'static [&'static str]),
}
use End::{Refused, Visible};

/// Makes a source below a folder.
type Make = fn(&Path);

fn put(dir: &Path, name: &str, bytes: impl AsRef<[u8]>) {
    let path = dir.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, bytes).unwrap();
}

/// A title of 64 KB, of 1 MB where `PLANDOWN_CASES` says that there is time.
fn long() -> String {
    "long ".repeat(13_000 * cases(1).min(16) as usize)
}

fn deep() -> String {
    format!("{{\"a\":{}{}}}", "[".repeat(50_000), "]".repeat(50_000))
}

/// A store of the older tool of so many rows (id, parent, title).
fn store(path: &Path, rows: &[(&str, &str, &str)]) -> rusqlite::Connection {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let database = rusqlite::Connection::open(path).unwrap();
    database.execute_batch("PRAGMA synchronous=OFF; CREATE TABLE tasks(id TEXT PRIMARY KEY, session_id TEXT, parent_task_id TEXT, type TEXT, status TEXT, title, description TEXT, metadata TEXT, created_at TEXT, updated_at TEXT, completed_at TEXT);").unwrap();
    for (id, parent, title) in rows {
        let insert = "INSERT INTO tasks VALUES(?1, NULL, nullif(?2, ''), 'standard', 'pending', ?3, '', '{}', '2025-01-01T00:00:00', NULL, NULL)";
        database.execute(insert, (id, parent, title)).unwrap();
    }
    database
}

#[cfg(unix)]
fn link(to: &str, dir: &Path, name: &str) {
    fs::create_dir_all(dir.join(name).parent().unwrap()).unwrap();
    std::os::unix::fs::symlink(to, dir.join(name)).unwrap();
}

/// Importer, the file or folder that is named, what it holds, what becomes of it.
const CASES: &[(&str, &str, Make, End)] = &[
    (
        "legacy",
        "tasks.db",
        |d| put(d, "tasks.db", "no database, but called like one"),
        Refused(&["not-a-database"], "tasks.db"),
    ),
    (
        "legacy",
        "tasks.db",
        |d| put(d, "tasks.db", b"SQLite format 3\0and nothing"),
        Refused(&["not-a-database", "damaged"], "tasks.db"),
    ),
    ("legacy", "old", |d| put(d, "old/readme", "x"), Refused(&["source-unknown"], "old")),
    ("legacy", "gone", |_| (), Refused(&["not-found"], "gone")),
    (
        "legacy",
        "old",
        |d| {
            let long = long();
            drop(store(
                &d.join("old/tasks.sqlite"),
                &[
                    ("../../evil", "", "../../evil"),
                    ("a\0b", "ring", "nul \0 in it"),
                    ("ring", "a\0b", &long),
                ],
            ));
        },
        Visible(3, &["parent-cycle", "title-moved"]),
    ),
    (
        "legacy",
        "old",
        |d| {
            let odd = store(&d.join("old/tasks.sqlite"), &[("a", "", "whole"), ("b", "", "x")]);
            odd.execute("UPDATE tasks SET title = x'636166e9' WHERE id = 'b'", ()).unwrap();
        },
        Visible(2, &["broken-file"]),
    ),
    ("backlog", "p", |d| put(d, "p/readme.md", "- [ ] x"), Refused(&["source-unknown"], "backlog")),
    (
        "backlog",
        "p",
        |d| {
            put(
                d,
                "p/backlog/tasks/task-1 - A.md",
                "---\nid: ../../evil\ntitle: ../../evil\nparent_task_id: TASK-2\ndependencies: [../../evil]\n---\n",
            );
            put(
                d,
                "p/backlog/tasks/task-2 - B.md",
                "---\nid: TASK-2\ntitle: \"nul \\0 in it\"\nparent_task_id: ../../evil\n---\n\na\0b\n",
            );
            put(d, "p/backlog/tasks/task-3 - C.md", format!("---\nid: TASK-3\ntitle: {}\n---\n", long()));
            put(d, "p/backlog/tasks/task-4 - D.md", b"\xff\xfe---\ntitle: caf\xe9");
            put(d, "p/backlog/tasks/task-5 - E.md", "---\n".repeat(20_000));
        },
        Visible(5, &["broken-file", "parent-cycle", "self-dependency", "title-moved"]),
    ),
    (
        "taskmaster",
        "t.json",
        |d| put(d, "t.json", "{\"master\":{\"tasks\":[{\"id\":1,\"ti"),
        Refused(&["source-syntax"], "t.json:1:"),
    ),
    ("taskmaster", "t.json", |d| put(d, "t.json", deep()), Refused(&["too-deep"], "t.json:1:")),
    (
        "taskmaster",
        "t.json",
        |d| put(d, "t.json", format!("[0{}]", ",0".repeat(50_000))),
        Refused(&["source-unknown"], "t.json"),
    ),
    (
        "taskmaster",
        "t.json",
        |d| put(d, "t.json", b"{\"a\":\"caf\xe9\"}"),
        Refused(&["source-syntax"], "t.json:1:"),
    ),
    ("taskmaster", "p", |d| put(d, "p/readme", ""), Refused(&["not-found"], "p")),
    (
        "taskmaster",
        "t.json",
        |d| {
            let tasks = json!([{"id": "../../evil", "title": long(), "dependencies": ["../../evil"]}, {"id": "a\0b", "title": "nul \0"}, 7]);
            put(d, "t.json", json!({"../../evil": {"tasks": tasks}}).to_string());
        },
        Visible(2, &["self-dependency", "title-moved"]),
    ),
    (
        "taskwarrior",
        "t.json",
        |d| put(d, "t.json", "[{\"uuid\":\"a\",\"descr"),
        Refused(&["source-syntax"], "t.json:1:"),
    ),
    ("taskwarrior", "t.json", |d| put(d, "t.json", deep()), Refused(&["too-deep"], "t.json:1:")),
    (
        "taskwarrior",
        "t.json",
        |d| put(d, "t.json", format!("[0{}]", ",0".repeat(50_000))),
        Refused(&["source-unknown"], "t.json"),
    ),
    (
        "taskwarrior",
        "t.json",
        |d| {
            let one = json!({"uuid": "../../evil", "description": long(), "plandownparent": "a\0b", "depends": ["../../evil"]});
            put(
                d,
                "t.json",
                json!([one, {"uuid": "a\0b", "description": "nul \0", "plandownparent": "../../evil"}])
                    .to_string(),
            );
        },
        Visible(2, &["parent-cycle", "self-dependency", "title-moved"]),
    ),
    (
        "beads",
        "i.jsonl",
        |d| put(d, "i.jsonl", "{\"id\":\"a\",\"title\":\"x\",\"e\":".to_owned() + &deep()),
        Refused(&["too-deep"], "i.jsonl:1"),
    ),
    (
        "beads",
        "i.jsonl",
        |d| put(d, "i.jsonl", b"{\"id\":\"a\",\"title\":\"caf\xe9\"}"),
        Refused(&["source-syntax"], "i.jsonl:1"),
    ),
    ("beads", "i.jsonl", |d| put(d, "i.jsonl", "{}\n[]\n7\n"), Refused(&["source-unknown"], "i.jsonl")),
    (
        "beads",
        "i.jsonl",
        |d| {
            let child =
                |of: &str, on: &str| json!([{"issue_id": of, "depends_on_id": on, "type": "parent-child"}]);
            let one =
                json!({"id": "../../evil", "title": long(), "dependencies": child("../../evil", "a\0b")});
            let two = json!({"id": "a\0b", "title": "nul \0", "dependencies": child("a\0b", "../../evil")});
            put(d, "i.jsonl", format!("{one}\n{two}\n{{\"id\":\"half"));
        },
        Visible(2, &["broken-file", "parent-cycle", "title-moved"]),
    ),
    ("todo.txt", "t.txt", |d| put(d, "t.txt", b"caf\xe9\n"), Refused(&["source-syntax"], "t.txt")),
    (
        "todo.txt",
        "t.txt",
        |d| {
            put(
                d,
                "t.txt",
                format!("a id:../../evil parent:b\nnul \0 id:b parent:../../evil dep:b\n{}\n", long()),
            );
        },
        Visible(3, &["parent-cycle", "self-dependency", "title-moved"]),
    ),
    ("markdown", "p.md", |d| put(d, "p.md", b"\xff\xfe-\0 \0[\0 \0]\0"), Refused(&["source-syntax"], "p.md")),
    (
        "markdown",
        "nul.md",
        |d| {
            put(
                d,
                "nul.md",
                format!(
                    "# ../../evil\n\n- [ ] ../../evil ^../../evil\n- [ ] nul \0\n- [ ] {}\n{}- [ ] deep\n",
                    long(),
                    "> ".repeat(5000)
                ),
            );
        },
        Visible(3, &[]),
    ),
    ("obsidian", "v", |d| put(d, "v/a.md", "nothing to do"), Refused(&["source-unknown"], "v")),
    ("obsidian", "v", |d| put(d, "v/a.md", b"- [ ] caf\xe9\n"), Visible(1, &["broken-file"])),
    (
        "openspec",
        "o",
        |d| put(d, "o/openspec/changes/x/proposal.md", "- [ ] x"),
        Refused(&["source-unknown"], "o"),
    ),
    (
        "openspec",
        "o",
        |d| put(d, "o/openspec/changes/con/tasks.md", format!("- [ ] {}\n", long())),
        Visible(1, &[]),
    ),
    ("speckit", "s", |d| put(d, "s/specs/x/spec.md", "- [ ] x"), Refused(&["source-unknown"], "s")),
    ("speckit", "s", |d| put(d, "s/specs/..x/tasks.md", "- [ ] x\n"), Visible(1, &[])),
    (
        "plandown",
        "p.json",
        |d| put(d, "p.json", "{\"schema\":1,\"sessions\":[{\"id\":\"a\",\"ta"),
        Refused(&["source-syntax"], "p.json:1:"),
    ),
    ("plandown", "p.json", |d| put(d, "p.json", deep()), Refused(&["too-deep"], "p.json:1:")),
    (
        "plandown",
        "p.json",
        |d| put(d, "p.json", "{\"sessions\":[7]}"),
        Refused(&["source-unknown"], "p.json"),
    ),
];

/// Links that lead out of what is imported, and other things that are no files; a `secret` lies beside the source.
#[cfg(unix)]
const LINKS: &[(&str, &str, Make, End)] = &[
    ("backlog", "p", |d| link("../../secret", d, "p/backlog/tasks"), Refused(&["source-unknown"], "p")),
    (
        "backlog",
        "p",
        |d| {
            put(d, "p/backlog/tasks/task-1 - A.md", "---\nid: TASK-1\ntitle: A\n---\n");
            link("../../../secret/tasks.md", d, "p/backlog/tasks/task-2 - B.md");
        },
        Visible(1, &["left-alone"]),
    ),
    (
        "obsidian",
        "v",
        |d| {
            put(d, "v/a.md", "- [ ] a\n");
            link("..", d, "v/ring");
            link("/dev/zero", d, "v/zero.md");
        },
        Visible(1, &["left-alone"]),
    ),
    (
        "openspec",
        "o",
        |d| link("../../../../secret/tasks.md", d, "o/openspec/changes/x/tasks.md"),
        Refused(&["source-unknown"], "o"),
    ),
    ("speckit", "s", |d| link("../../../secret", d, "s/specs/x"), Refused(&["source-unknown"], "s")),
    (
        "legacy",
        "old",
        |d| link("../secret/tasks.sqlite", d, "old/tasks.sqlite"),
        Refused(&["source-unknown"], "old"),
    ),
    ("todo.txt", "zero", |d| link("/dev/zero", d, "zero"), Refused(&["unreadable", "io"], "zero")),
];

fn check((format, path, make, end): &(&str, &str, Make, End)) {
    let outer = TestEnv::empty();
    let source = outer.root().join("source");
    put(&source, "secret/tasks.md", "- [ ] secret\n");
    make(&source);
    let env = TestEnv::example();
    env.run(&["sync"]).ok();
    let (before, there) = (tree(env.root()), tree(&source));
    let count = tasks(&env).len();
    let named = source.join(path);
    let args = ["migrate", "apply", format, named.to_str().unwrap(), "--json"];
    let told = format!("{format} {path}");
    match end {
        Refused(codes, place) => {
            let ran = env.run(&args);
            assert!(matches!(ran.code, 4 | 5), "{told}: {}{}", ran.stdout, ran.stderr);
            let code = ran.code;
            let error = ran.error(code);
            assert!(codes.iter().any(|c| error["code"] == *c), "{told}: {error}");
            assert!(error["message"].as_str().unwrap().contains(place), "{told}: {error}");
            assert!(error["hint"].as_str().is_some_and(|h| !h.is_empty()), "{told}: {error}");
            assert!(!env.root().join(".task_orchestrator/.state/tmp/import.json").exists(), "{told}");
            assert!(
                fs::read_dir(env.root().join(".task_orchestrator/.state/tmp")).unwrap().next().is_none(),
                "{told}"
            );
        }
        Visible(wanted, remarks) => {
            let done = env.run(&args).json();
            assert_eq!(tasks(&env).len(), count + wanted, "{told}");
            let found = done["findings"].as_array().unwrap();
            for remark in *remarks {
                assert!(found.iter().any(|f| f["code"] == *remark), "{told}: {remark} in {found:#?}");
            }
            assert_eq!(env.run(&["migrate", "verify", "--json"]).json()["equal"], true, "{told}");
            assert!(!tasks(&env).iter().any(|(title, _)| title.contains("secret")), "{told}");
            env.run(&["migrate", "rollback"]).ok();
            // What was here before a migration is kept for good.
            let _ = fs::remove_dir_all(env.root().join(".task_orchestrator/backups"));
        }
    }
    assert_eq!(tree(env.root()), before, "{told}: the workspace");
    assert_eq!(tree(&source), there, "{told}: the source and what lies beside it");
}

#[test]
fn every_importer_refuses_or_shows_what_is_broken_or_means_harm() {
    CASES.iter().for_each(check);
}

#[cfg(unix)]
#[test]
fn no_importer_follows_a_link_out_of_its_source() {
    LINKS.iter().for_each(check);
}

#[test]
fn a_database_that_somebody_holds_locked_is_read_as_it_was_committed() {
    let env = TestEnv::empty();
    env.run(&["init", "--no-git"]).ok();
    let held = store(&env.root().join("old/tasks.sqlite"), &[("a", "", "committed")]);
    held.execute_batch("BEGIN EXCLUSIVE; UPDATE tasks SET title = 'not yet';").unwrap();
    let before = tree(env.root());
    let path = env.root().join("old");
    env.run(&["import", "legacy", path.to_str().unwrap()]).ok();
    assert_eq!(tasks(&env), [("committed".to_owned(), "pending".to_owned())]);
    env.run(&["migrate", "rollback"]).ok();
    assert_eq!(tree(env.root()), before);
}
