//! Coming from other tools and leaving again, through the real program.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use plandown::text::ContentHash;
use serde_json::Value;

use crate::common::{TestEnv, shared};

/// A workspace without sessions.
fn workspace() -> TestEnv {
    let env = TestEnv::empty();
    env.run(&["init", "--no-git"]).ok();
    env
}

/// Hash, mode and path of every file below a folder, the state of the program left out.
pub(crate) fn tree(dir: &Path) -> Vec<(PathBuf, String, u32)> {
    let (mut all, mut stack) = (Vec::new(), vec![dir.to_owned()]);
    while let Some(dir) = stack.pop() {
        for entry in fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            let link = fs::symlink_metadata(&path).unwrap().is_symlink();
            if link {
                let to = fs::read_link(&path).unwrap();
                all.push((path, to.display().to_string(), 0));
            } else if path.is_dir() {
                if !path.ends_with(".state") {
                    stack.push(path);
                }
            } else {
                #[cfg(unix)]
                let mode =
                    std::os::unix::fs::PermissionsExt::mode(&fs::metadata(&path).unwrap().permissions());
                #[cfg(not(unix))]
                let mode = 0;
                let hash = ContentHash::of(&fs::read(&path).unwrap()).hex();
                all.push((path, hash, mode));
            }
        }
    }
    all.sort();
    all
}

/// Every task of the workspace: (title, status).
pub(crate) fn tasks(env: &TestEnv) -> Vec<(String, String)> {
    let list = env.run(&["list", "--all", "--all-sessions", "--json"]).json();
    let text = |task: &Value, key: &str| task[key].as_str().unwrap_or_default().to_owned();
    list["tasks"].as_array().unwrap().iter().map(|t| (text(t, "title"), text(t, "status"))).collect()
}

const TODO: &str =
    "(A) 2025-01-02 Write the plan +site @home due:2025-02-01\nx 2025-01-03 2025-01-01 Done one\n";
const TASKMASTER: &str = r#"{"master":{"tasks":[
 {"id":1,"title":"Setup ✓","description":"d","status":"done","priority":"high","dependencies":[],
  "subtasks":[{"id":1,"title":"Inner","description":"","status":"pending","dependencies":[]}]},
 {"id":2,"title":"Second","description":"","status":"pending","priority":"low","dependencies":[1]}]}}"#;
const BEADS: &str = r#"{"id":"bd-1","title":"First issue","status":"open","priority":1,"issue_type":"task"}
{"id":"bd-2","title":"Second issue","status":"closed","priority":2,"issue_type":"bug","dependencies":[{"issue_id":"bd-2","depends_on_id":"bd-1","type":"blocks"}]}
"#;
const TASKWARRIOR: &str = r#"[{"uuid":"8ad9ea9e-0000-4000-8000-000000000001","description":"Buy milk","status":"pending","entry":"20250101T000000Z","project":"home"},
{"uuid":"8ad9ea9e-0000-4000-8000-000000000002","description":"Drink it","status":"completed","entry":"20250101T000000Z","end":"20250102T000000Z","depends":["8ad9ea9e-0000-4000-8000-000000000001"]}]"#;
const CHECKLIST: &str =
    "# Launch list\n\nSome words.\n\n- [ ] Write it\n  - [x] Think first\n* [ ] Ship it (2h)\n";

#[test]
fn every_format_that_is_one_file_comes_in_and_goes_back() {
    let cases: [(&str, &str, &str, &[&str]); 5] = [
        ("todo.txt", "todo.txt", TODO, &["Write the plan", "Done one"]),
        ("taskmaster", "tasks.json", TASKMASTER, &["Setup ✓", "Inner", "Second"]),
        ("beads", "issues.jsonl", BEADS, &["First issue", "Second issue"]),
        ("taskwarrior", "export.json", TASKWARRIOR, &["Buy milk", "Drink it"]),
        ("markdown", "launch.md", CHECKLIST, &["Write it", "Think first", "Ship it (2h)"]),
    ];
    for (format, file, text, titles) in cases {
        let env = workspace();
        fs::write(env.root().join(file), text).unwrap();
        let before = tree(env.root());
        let plan = env.run(&["migrate", "plan", format, file, "--json"]).json();
        assert_eq!(plan["import"], Value::Null);
        env.run(&["import", format, file, "--dry-run"]).ok();
        assert_eq!(tree(env.root()), before, "{format}: a dry run writes nothing");

        let done = env.run(&["migrate", "apply", format, file, "--json"]).json();
        let rows = done["tables"].as_array().unwrap();
        assert!(!rows.is_empty(), "{format}");
        for row in rows {
            let count = |key: &str| row[key].as_u64().unwrap();
            assert_eq!(count("read"), count("imported") + count("aside"), "{format}: {row}");
        }
        let found = tasks(&env);
        for title in titles {
            assert!(found.iter().any(|(t, _)| t.contains(title)), "{format}: {title} in {found:?}");
        }
        let verified = env.run(&["migrate", "verify", "--json"]).json();
        assert_eq!(verified["differences"], Value::Array(vec![]), "{format}");
        assert_eq!(env.run(&["import", format, file, "--json"]).error(5)["code"], "already-exists");
        env.run(&["migrate", "rollback"]).ok();
        assert_eq!(tree(env.root()), before, "{format}: everything is as it was");
        assert!(tasks(&env).is_empty(), "{format}");
    }
}

#[test]
fn a_checklist_keeps_its_bytes_but_for_the_ids() {
    let env = workspace();
    env.run_with(&["import", "markdown", "-"], CHECKLIST, &[]).ok();
    let id = env.run(&["session", "list", "--json"]).json()["sessions"][0]["id"].as_str().unwrap().to_owned();
    let without_ids: String = env
        .read(&id)
        .lines()
        .map(|line| line.split(" ^t-").next().unwrap_or(line).to_owned() + "\n")
        .collect();
    assert_eq!(without_ids, CHECKLIST);
    env.run(&["migrate", "verify"]).ok();
}

#[test]
fn old_ids_keep_resolving() {
    let env = workspace();
    env.run_with(&["import", "beads", "-"], BEADS, &[]).ok();
    assert!(env.run(&["task", "show", "bd-1"]).ok().contains("First issue"));
    let env = workspace();
    env.run_with(&["import", "taskwarrior", "-"], TASKWARRIOR, &[]).ok();
    let uuid = "8ad9ea9e-0000-4000-8000-000000000002";
    let shown = env.run(&["task", "show", uuid]).ok();
    assert!(shown.contains("Drink it"), "{shown}");
}

#[test]
fn work_since_the_import_is_never_rolled_back() {
    let env = workspace();
    env.run_with(&["import", "todo.txt", "-"], TODO, &[]).ok();
    let title = tasks(&env)[0].0.clone();
    env.run(&["task", "start", &title]).ok();
    let before = tree(env.root());
    let error = env.run(&["migrate", "rollback", "--json"]).error(5);
    assert_eq!(error["code"], "stale-revision");
    assert_eq!(error["touched"].as_array().unwrap().len(), 1);
    assert_eq!(tree(env.root()), before);
    let verified = env.run(&["migrate", "verify", "--json"]);
    assert_eq!(verified.code, 1, "the state differs from the source now");
}

/// Imports of one second have one stamp; still each has a record of its own, and goes back alone.
#[test]
fn imports_at_once_do_not_share_a_record() {
    let env = workspace();
    // A busy machine is slow, and that is no failure.
    fs::write(env.root().join(".task_orchestrator/config.yaml"), "lock_timeout_ms: 600000\n").unwrap();
    let names = ["one", "two", "three", "four"];
    for name in names {
        fs::write(env.root().join(format!("{name}.md")), format!("# {name}\n\n- [ ] task of {name}\n"))
            .unwrap();
    }
    let started: Vec<_> = names
        .iter()
        .map(|name| {
            let mut command = env.command(&["import", "markdown", &format!("{name}.md"), "--json"]);
            command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
        })
        .collect();
    let mut ids = Vec::new();
    for child in started {
        let done = child.wait_with_output().unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        let view: Value = serde_json::from_slice(&done.stdout).unwrap();
        ids.push(view["import"].as_str().unwrap().to_owned());
    }
    for (left, (name, id)) in names.iter().zip(&ids).enumerate() {
        assert_eq!(env.run(&["migrate", "verify", id, "--json"]).json()["equal"], true, "{name}");
        env.run(&["migrate", "rollback", id]).ok();
        let titles: Vec<String> = tasks(&env).into_iter().map(|(title, _)| title).collect();
        assert!(!titles.contains(&format!("task of {name}")), "{titles:?}");
        let others = titles.iter().filter(|t| t.starts_with("task of ")).count();
        assert_eq!(others, names.len() - left - 1, "{titles:?}");
    }
}

#[test]
fn an_import_that_was_interrupted_says_so_and_is_cleared_away() {
    let env = workspace();
    let before = tree(env.root());
    let done = env.run_with(&["import", "beads", "-", "--json"], BEADS, &[]).json();
    let id = done["import"].as_str().unwrap();
    let record = env.root().join(".task_orchestrator/.state/imports").join(id).join("record.json");
    let text = fs::read_to_string(&record).unwrap();
    fs::write(&record, text.replace("\"state\":\"done\"", "\"state\":\"applying\"")).unwrap();
    let error = env.run_with(&["import", "todo.txt", "-", "--json"], TODO, &[]).error(5);
    assert_eq!(error["code"], "interrupted");
    env.run(&["migrate", "rollback"]).ok();
    assert_eq!(tree(env.root()), before);
    env.run_with(&["import", "todo.txt", "-"], TODO, &[]).ok();
}

#[test]
fn hostile_input_is_refused_with_a_place_and_changes_nothing() {
    let env = workspace();
    let put = |name: &str, bytes: &[u8]| fs::write(env.root().join(name), bytes).unwrap();
    put("tasks.db", b"this is no database, but long enough to be taken for one by its name alone");
    put("cut.json", &TASKMASTER.as_bytes()[..60]);
    put("bomb.json", "[".repeat(100_000).as_bytes());
    put("empty.json", b"");
    put("other.json", b"{\"a\":1}");
    let before = tree(env.root());
    let check = |format: &str, path: &str, exit: i32, code: &str| {
        let error = env.run(&["import", format, path, "--json"]).error(exit);
        assert_eq!(error["code"], code, "{format} {path}: {error}");
        assert!(error["hint"].as_str().is_some_and(|h| !h.is_empty()), "{error}");
        assert_eq!(tree(env.root()), before, "{format} {path}");
    };
    check("legacy", "tasks.db", 5, "not-a-database");
    check("taskmaster", "cut.json", 5, "source-syntax");
    check("taskmaster", "bomb.json", 5, "too-deep");
    check("taskmaster", "empty.json", 5, "source-syntax");
    check("taskmaster", "other.json", 5, "source-unknown");
    check("plandown", "other.json", 5, "source-unknown");
    check("beads", "gone.jsonl", 4, "not-found");
    assert_eq!(env.run(&["import", "nonsense", "x"]).code, 2);
}

#[test]
fn ids_that_lead_out_and_huge_titles_stay_inside() {
    let env = workspace();
    let huge = "x".repeat(1 << 20);
    let json = serde_json::json!({"../../evil": {"tasks": [
        {"id": "../../../etc/passwd", "title": huge, "status": "pending", "dependencies": [], "subtasks": []},
        {"id": "a\u{0}b", "title": "nul \u{0} title", "status": "pending", "dependencies": ["../../../etc/passwd"], "subtasks": []},
    ]}});
    let outside = env.root().parent().unwrap().join("evil");
    env.run_with(&["import", "taskmaster", "-"], &json.to_string(), &[]).ok();
    assert!(!outside.exists());
    assert_eq!(tasks(&env).len(), 2);
    env.run(&["migrate", "verify"]).ok();
}

#[test]
fn real_stores_of_the_older_tool_come_over_whole_and_stay_as_they_are() {
    let Some(stores) = shared("fixtures/legacy") else { return };
    for (name, least) in [("L2-v1.4.0", 1), ("L4-v1.8.0-wal", 1), ("L5-head-wal", 1)] {
        let store = stores.join(name);
        let before = tree(&store);
        let env = workspace();
        let clean = tree(env.root());
        let path = store.canonicalize().unwrap();
        let path = path.to_str().unwrap();
        assert!(env.run(&["import", "legacy", path, "--scan"]).ok().contains('L'), "{name}");
        let done = env.run(&["migrate", "apply", "legacy", path, "--json"]).json();
        assert!(tasks(&env).len() >= least, "{name}: {done}");
        for row in done["tables"].as_array().unwrap() {
            let count = |key: &str| row[key].as_u64().unwrap();
            assert_eq!(count("read"), count("imported") + count("aside"), "{name}: {row}");
        }
        for id in done["ids"].as_array().unwrap() {
            env.run(&["task", "show", id["old"].as_str().unwrap()]).ok();
        }
        let verified = env.run(&["migrate", "verify", "--json"]).json();
        assert_eq!(verified["differences"], Value::Array(vec![]), "{name}");
        assert_eq!(tree(&store), before, "{name}: originals");
        env.run(&["migrate", "rollback"]).ok();
        assert_eq!(tree(env.root()), clean, "{name}");
    }
}

/// What an export of our own JSON says of a session, without its id.
fn exported(env: &TestEnv) -> Value {
    let text = env.run(&["export", "--format", "json", "--all", "--out", "-"]).ok();
    let mut json: Value = serde_json::from_str(&text).unwrap();
    for session in json["sessions"].as_array_mut().unwrap() {
        session.as_object_mut().unwrap().remove("id");
    }
    json["sessions"].take()
}

#[test]
fn what_is_exported_comes_back_as_it_was() {
    for (format, importer) in [("json", "plandown"), ("markdown", "markdown")] {
        let here = TestEnv::empty();
        here.run(&["init", "--no-git", "--name", "Round trip"]).ok();
        here.run(&["group", "create", "Backend"]).ok();
        here.run(&[
            "add",
            "Façade ✓ (draft)",
            "--group",
            "Backend",
            "--estimate",
            "3h",
            "--due",
            "2026-01-02",
        ])
        .ok();
        here.run(&["add", "Second", "--depends-on", "Façade ✓ (draft)", "--priority", "high"]).ok();
        here.run(&["done", "Façade ✓ (draft)"]).ok();
        here.run(&["decision", "add", "We keep it simple"]).ok();
        let text = here.run(&["export", "--format", format, "--out", "-"]).ok();
        let there = workspace();
        there.run_with(&["import", importer, "-"], &text, &[]).ok();
        assert_eq!(exported(&there), exported(&here), "{format}");
        // In the same workspace the ids are taken: the copy gets its own and the plans stay apart.
        here.run_with(&["import", importer, "-"], &text, &[]).ok();
        assert_eq!(tasks(&here).len(), 4);
    }
}

#[test]
fn exports_never_overwrite_and_name_what_is_lost() {
    let env = TestEnv::example();
    let view = env.run(&["export", "--all", "--format", "todo.txt", "--json"]).json();
    assert!(!view["lost"].as_array().unwrap().is_empty(), "{view}");
    for file in view["files"].as_array().unwrap() {
        assert!(env.root().join(file.as_str().unwrap()).is_file(), "{file}");
    }
    let before = tree(env.root());
    assert_eq!(
        env.run(&["export", "--all", "--format", "todo.txt", "--json"]).error(5)["code"],
        "already-exists"
    );
    assert_eq!(tree(env.root()), before);
    env.run(&["export", "--all", "--format", "todo.txt", "--force"]).ok();
    for format in ["json", "markdown", "backlog", "taskwarrior"] {
        let view = env
            .run(&["export", "--all", "--format", format, "--out", &format!("out-{format}/"), "--json"])
            .json();
        assert!(!view["files"].as_array().unwrap().is_empty(), "{format}");
        assert!(env.root().join(format!("out-{format}")).is_dir(), "{format}");
    }
}

#[test]
fn formats_of_other_tools_bring_every_task_back() {
    let here = TestEnv::empty();
    here.run(&["init", "--no-git", "--name", "There and back"]).ok();
    here.run(&["add", "One ✓", "--priority", "high"]).ok();
    here.run(&["add", "Two", "--depends-on", "One ✓"]).ok();
    here.run(&["done", "One ✓"]).ok();
    let mut wanted = tasks(&here);
    wanted.sort();
    for format in ["todo.txt", "taskwarrior", "backlog"] {
        let out = format!("out-{format}");
        here.run(&["export", "--format", format, "--out", &format!("{out}/")]).ok();
        let mut path = here.root().join(&out);
        if format != "todo.txt" {
            path = fs::read_dir(&path).unwrap().next().unwrap().unwrap().path();
        }
        let there = workspace();
        there.run(&["import", format, path.to_str().unwrap()]).ok();
        let mut found = tasks(&there);
        found.sort();
        assert_eq!(found, wanted, "{format}");
    }
}

#[test]
fn uninstall_lists_first_and_leaves_every_plan() {
    let env = TestEnv::example();
    env.run(&["sync"]).ok();
    let sessions = env.root().join(".task_orchestrator/sessions");
    let plans = |env: &TestEnv| {
        tree(env.root()).into_iter().filter(|(p, ..)| p.ends_with("session.md")).collect::<Vec<_>>()
    };
    let before = plans(&env);
    let all = tree(env.root());
    let list = env.run(&["uninstall", "--json"]).json();
    assert_eq!(list["changed"], false);
    assert!(list["removes"].as_array().unwrap().iter().any(|p| p == ".task_orchestrator/.state"), "{list}");
    assert_eq!(tree(env.root()), all);
    env.run(&["uninstall", "--force"]).ok();
    assert_eq!(plans(&env), before);
    assert!(!before.is_empty() && sessions.is_dir());
    assert!(!env.root().join(".task_orchestrator/.state").exists());
    env.run(&["list", "--all", "--all-sessions"]).ok();
}
