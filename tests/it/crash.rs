//! The real program, killed at every call that changes something, and with every such call failing: afterwards the
//! file is old or new, nothing acknowledged is missing, and one `sync` later everything is at rest.
//!
//! Needs `strace`. A few points in the suite; all of them by `tests/crash.sh`.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::process::ExitStatusExt as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::common::{TestEnv, manifest};

const PLAN: &str = "# Session: Plan\n\n**Status**: Active\n\n## 📋 Task Groups\n\n### Build\n\n- [ ] one ^t-one1\n- [ ] two ^t-two2\n- [ ] three ^t-three3\n\n## Session Notes\n\nThe last line.\n";
const OTHER: &str = "# Session: Other\n\n**Status**: Paused\n\n- [ ] alone ^t-alone1\n";

/// The calls that change what is on the disk. Between two of them nothing changes, so a kill before each is a kill
/// anywhere.
const CALLS: &[&str] = &[
    "write",
    "pwrite64",
    "open",
    "openat",
    "fsync",
    "fdatasync",
    "rename",
    "renameat",
    "renameat2",
    "link",
    "linkat",
    "unlink",
    "unlinkat",
    "mkdir",
    "mkdirat",
    "rmdir",
    "ftruncate",
    "fallocate",
    "fchmod",
    "fchmodat",
    "fchown",
    "utimensat",
    "flock",
];
/// Calls that may fail besides.
const READS: &[&str] = &["read", "pread64", "fstat", "newfstatat", "statx", "getdents64", "fcntl", "close"];

/// One command that changes something.
struct Kind {
    name: &'static str,
    /// What is done before, in every copy.
    before: fn(&TestEnv),
    args: &'static [&'static str],
    /// Whether what the command does is there.
    is_done: fn(&TestEnv) -> bool,
    /// Words that must never be missing, wherever they are.
    words: &'static [&'static str],
}

fn nothing(_: &TestEnv) {}

fn plan(env: &TestEnv) -> String {
    env.read("plan")
}

fn stale_save(env: &TestEnv) {
    let buffer = env.read("plan");
    env.run(&["done", "t-one1"]).ok();
    env.write("plan", buffer.replace("] three", "] three, by hand"));
}

fn archived(env: &TestEnv) {
    env.run(&["session", "archive", "other"]).ok();
}

fn contradiction(env: &TestEnv) {
    let buffer = env.read("plan");
    // Two changes: that the second is missing tells an old buffer from a new title.
    env.run(&["done", "t-two2"]).ok();
    env.run(&["task", "set", "t-one1", "--title", "tool"]).ok();
    env.write("plan", buffer.replace("one ^", "person ^"));
}

/// A project of Task Master with two tags, each a session.
fn two_tags(env: &TestEnv) {
    fs::create_dir_all(env.root().join("old")).unwrap();
    let tag = |n: usize| {
        let tasks: Vec<_> = (0..3)
            .map(|i| serde_json::json!({"id": i, "title": format!("old {n} {i}"), "status": "done"}))
            .collect();
        serde_json::json!({"tasks": tasks})
    };
    let json = serde_json::json!({"first": tag(1), "second": tag(2)});
    fs::write(env.root().join("old/tasks.json"), json.to_string()).unwrap();
}

/// A store of the older tool with an archived task, a role, a broken row and the files of an artifact.
fn old_store(env: &TestEnv) {
    let home = env.root().join("old/.task_orchestrator");
    fs::create_dir_all(home.join("roles")).unwrap();
    fs::write(home.join("roles/crew_roles.yaml"), "tester:\n  role_definition: Tests.\n").unwrap();
    let database = rusqlite::Connection::open(home.join("tasks.sqlite")).unwrap();
    let task = |id: &str, status: &str| {
        format!(
            "INSERT INTO tasks VALUES('{id}',NULL,NULL,'standard','{status}','old {id}','','{{}}','2025-01-01T00:00:00',NULL,NULL);"
        )
    };
    let sql = format!(
        "CREATE TABLE tasks(id TEXT PRIMARY KEY, session_id TEXT, parent_task_id TEXT, type TEXT, status TEXT, title TEXT, description TEXT, metadata TEXT, created_at TEXT, updated_at TEXT, completed_at TEXT); CREATE TABLE odd(a TEXT); INSERT INTO odd VALUES('aside'); {}{}",
        task("a", "pending"),
        task("b", "archived"),
    );
    database.execute_batch(&sql).unwrap();
}

fn imported_tags(env: &TestEnv) {
    two_tags(env);
    env.run(&["import", "taskmaster", "old/tasks.json"]).ok();
}

/// What an import brings, and whether all of it is there (`Some(true)`) or nothing (`Some(false)`).
fn brought(env: &TestEnv, paths: &[&str]) -> Option<bool> {
    let there = paths.iter().filter(|path| exists(env, path)).count();
    (there == paths.len()).then_some(true).or_else(|| (there == 0).then_some(false))
}

const TAGS: &[&str] = &["sessions/first/session.md", "sessions/second/session.md"];
const STORE: &[&str] =
    &["sessions/legacy-task-session/session.md", "sessions/legacy-task-session-archive/session.md"];

/// An import is there as a whole, with its record, or it never was.
fn is_whole(env: &TestEnv, kind: &Kind, when: &str) {
    let paths = match kind.name {
        "import" | "import rolled back" => TAGS,
        "migrate apply" => STORE,
        _ => return,
    };
    let whole = brought(env, paths).unwrap_or_else(|| panic!("{when}: brought by halves\n{paths:?}"));
    if whole {
        let verified = env.run(&["migrate", "verify", "--json"]).json();
        assert_eq!(verified["equal"], true, "{when}: {verified}");
    } else {
        assert_eq!(env.run(&["migrate", "verify", "--json"]).error(4)["code"], "not-found", "{when}");
        for path in ["sessions/first", "sessions/legacy-task-session", "roles/crew_roles.yaml"] {
            assert!(!exists(env, path), "{when}: {path} is left");
        }
    }
    let left: Vec<_> = fs::read_dir(env.root().join(".task_orchestrator/.state/tmp")).unwrap().collect();
    assert!(left.is_empty(), "{when}: {left:?}");
}

fn exists(env: &TestEnv, path: &str) -> bool {
    env.root().join(".task_orchestrator").join(path).exists()
}

const KINDS: &[Kind] = &[
    Kind {
        name: "add",
        before: nothing,
        args: &["--session", "plan", "add", "new task end", "--group", "Build"],
        is_done: |env| plan(env).matches("new task end").count() == 1,
        words: &[],
    },
    Kind {
        name: "first write",
        before: |env| fs::remove_dir_all(env.root().join(".task_orchestrator/.state")).unwrap(),
        args: &["--session", "plan", "done", "t-two2"],
        is_done: |env| plan(env).contains("- [x] two"),
        words: &[],
    },
    Kind {
        name: "sync over a stale save",
        before: stale_save,
        args: &["sync"],
        is_done: |env| plan(env).contains("- [x] one") && plan(env).contains("three, by hand"),
        words: &["- [x] one", "three, by hand"],
    },
    Kind {
        name: "write over a stale save",
        before: stale_save,
        args: &["--session", "plan", "done", "t-two2"],
        is_done: |env| plan(env).contains("- [x] two"),
        words: &["- [x] one", "three, by hand"],
    },
    Kind {
        name: "set",
        before: nothing,
        args: &["task", "set", "t-one1", "--title", "another title"],
        is_done: |env| plan(env).contains("another title ^t-one1"),
        words: &[],
    },
    Kind {
        name: "delete",
        before: nothing,
        args: &["task", "delete", "t-two2"],
        is_done: |env| !plan(env).contains("t-two2"),
        words: &[],
    },
    Kind {
        name: "note",
        before: nothing,
        args: &["--session", "plan", "note", "add", "a note end"],
        is_done: |env| plan(env).matches("a note end").count() == 1,
        words: &[],
    },
    Kind {
        name: "undo",
        before: |env| drop(env.run(&["done", "t-one1"]).ok()),
        args: &["--session", "plan", "undo"],
        is_done: |env| plan(env).contains("- [ ] one"),
        words: &[],
    },
    Kind {
        name: "adopt",
        before: |env| env.write("plan", plan(env).replace(" ^t-two2", "")),
        args: &["sync"],
        is_done: |env| !plan(env).contains("two\n"),
        words: &["- [ ] two"],
    },
    Kind {
        name: "fix",
        before: |env| env.write("plan", plan(env).replace("- [ ] two", "-[ ] two")),
        args: &["check", "--fix"],
        is_done: |_| true,
        words: &["two ^t-two2"],
    },
    Kind {
        name: "sync over a contradiction",
        before: contradiction,
        args: &["sync", "--strategy", "db-wins"],
        is_done: |_| true,
        words: &["person", "tool"],
    },
    Kind {
        name: "session create",
        before: nothing,
        args: &["session", "create", "Fresh", "--no-activate"],
        is_done: |env| exists(env, "sessions/fresh/session.md"),
        words: &[],
    },
    Kind {
        name: "session activate",
        before: nothing,
        args: &["session", "activate", "other"],
        is_done: |env| env.read("other").contains("Active"),
        words: &[],
    },
    Kind {
        name: "session rename",
        before: nothing,
        args: &["session", "rename-id", "other", "another"],
        is_done: |env| exists(env, "sessions/another/session.md"),
        words: &["alone ^t-alone1"],
    },
    Kind {
        name: "session archive",
        before: nothing,
        args: &["session", "archive", "other"],
        is_done: |env| exists(env, "archives/other.tar.zst") && !exists(env, "sessions/other"),
        words: &["alone ^t-alone1"],
    },
    Kind {
        name: "session restore",
        before: archived,
        args: &["session", "restore", "other"],
        is_done: |env| exists(env, "sessions/other/session.md") && env.read("other") == OTHER,
        words: &["alone ^t-alone1"],
    },
    Kind {
        name: "session delete",
        before: nothing,
        args: &["session", "delete", "other", "--force"],
        is_done: |env| !exists(env, "sessions/other"),
        words: &[],
    },
    Kind {
        name: "reindex",
        before: nothing,
        args: &["reindex", "--from-scratch"],
        is_done: |_| true,
        words: &[],
    },
    Kind {
        name: "import",
        before: two_tags,
        args: &["import", "taskmaster", "old/tasks.json"],
        is_done: |env| brought(env, TAGS) == Some(true),
        words: &[],
    },
    Kind {
        name: "migrate apply",
        before: old_store,
        args: &["migrate", "apply", "legacy", "old"],
        is_done: |env| brought(env, STORE) == Some(true),
        words: &[],
    },
    Kind {
        name: "import rolled back",
        before: imported_tags,
        args: &["migrate", "rollback"],
        is_done: |env| brought(env, TAGS) == Some(false),
        words: &[],
    },
    Kind { name: "cleanup", before: nothing, args: &["cleanup", "--apply"], is_done: |_| true, words: &[] },
];

/// What a call does instead of its work.
#[derive(Clone, Copy)]
enum Fault {
    Kill,
    Once(&'static str),
    FromThenOn(&'static str),
}

/// How a faulty run ended.
struct End {
    /// Whether the fault happened at all.
    struck: bool,
    /// Whether the program said that all went well.
    acknowledged: bool,
    stderr: String,
}

/// A workspace with a history and an index, as it is before the command.
fn template(kind: &Kind) -> TestEnv {
    let env = TestEnv::with("plan", PLAN);
    env.write("other", OTHER);
    // Where a lock cannot be had because a call fails, that is to be soon over.
    fs::write(env.root().join(".task_orchestrator/config.yaml"), "lock_timeout_ms: 300\n").unwrap();
    env.run(&["--session", "plan", "task", "set", "t-three3", "priority=high"]).ok();
    env.run(&["sync"]).ok();
    (kind.before)(&env);
    env
}

fn again(template: &TestEnv) -> TestEnv {
    let env = TestEnv::empty();
    let parts = [".task_orchestrator", "old"].map(|name| template.root().join(name));
    let parts = parts.iter().filter(|path| path.exists());
    assert!(Command::new("cp").arg("-a").args(parts).arg(env.root()).status().unwrap().success());
    env
}

fn strike(env: &TestEnv, args: &[&str], call: &str, at: usize, fault: Fault) -> End {
    let inject = match fault {
        Fault::Kill => format!("inject={call}:signal=KILL:when={at}"),
        Fault::Once(error) => format!("inject={call}:error={error}:when={at}"),
        Fault::FromThenOn(error) => format!("inject={call}:error={error}:when={at}+"),
    };
    let trace = env.root().join("trace");
    let program = env.command(args);
    let mut strace = Command::new("strace");
    // Only the calls that fail stop the program; with this a signal is never sent (strace 6.1).
    if !matches!(fault, Fault::Kill) {
        strace.arg("--seccomp-bpf");
    }
    let out = strace
        .args(["-f", "-qq", "-o"])
        .arg(&trace)
        .args(["-e", &format!("trace={call}"), "-e", &inject])
        .arg(program.get_program())
        .args(args)
        .current_dir(env.root())
        .env_clear()
        .env("HOME", "/nonexistent")
        .env("USER", "tester")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let trace = fs::read_to_string(&trace).unwrap_or_default();
    let struck =
        out.status.signal() == Some(9) || trace.contains("(INJECTED)") || trace.contains("killed by SIGKILL");
    let stderr = String::from_utf8_lossy(&out.stderr).into_owned();
    End { struck, acknowledged: out.status.success(), stderr }
}

/// Everything that is kept for people: files, archives (as they unpack), what conflicts hold.
fn everywhere(env: &TestEnv) -> String {
    let mut all = String::new();
    let mut todo = vec![env.root().join(".task_orchestrator/sessions")];
    while let Some(dir) = todo.pop() {
        for entry in fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                todo.push(path);
            } else {
                all.push_str(&String::from_utf8_lossy(&fs::read(&path).unwrap()));
            }
        }
    }
    all.push_str(&env.run(&["conflicts", "list", "--all", "--json"]).stdout);
    if exists(env, "archives/other.tar.zst") {
        // A copy is brought back to be read.
        let copy = again(env);
        let _ = copy.run(&["session", "restore", "other"]);
        all.push_str(&copy.read("other"));
    }
    all
}

/// What must hold whatever happened.
fn judge(env: &TestEnv, kind: &Kind, end: &End, when: &str) {
    assert!(!end.stderr.contains("panicked"), "{when}: {}", end.stderr);
    let was_done = (kind.is_done)(env);
    if end.acknowledged {
        assert!(was_done, "{when}: acknowledged and not there\n{}", plan(env));
    }
    let whole = |text: &str| text.starts_with("# Session: Plan\n") && text.ends_with("The last line.\n");
    assert!(whole(&plan(env)) || plan(env).contains("a note end"), "{when}: torn\n{}", plan(env));
    let mut rest = false;
    for _ in 0..4 {
        let out = env.run(&["sync", "--json"]);
        assert!(out.code <= 1, "{when}: {}{}", out.stdout, out.stderr);
        let view: serde_json::Value = serde_json::from_str(&out.stdout).unwrap();
        rest = view["changed"] == false && view["taken_in"].as_array().is_none_or(Vec::is_empty);
        if rest {
            break;
        }
    }
    assert!(rest, "{when}: it does not come to rest");
    is_whole(env, kind, when);
    // Until the journal is gone an import is not there yet, whatever stands in its place.
    if was_done && (end.acknowledged || !kind.args.contains(&"import") && !kind.args.contains(&"apply")) {
        assert!((kind.is_done)(env), "{when}: it was there and is gone\n{}", plan(env));
    }
    let all = everywhere(env);
    for word in kind.words {
        assert!(all.contains(word), "{when}: `{word}` is gone\n{all}");
    }
    env.run(&["reindex", "--check"]).ok();
    // Nobody is stuck: the next write goes through.
    env.run(&["--session", "plan", "add", "after all end", "--group", "Build"]).ok();
    assert_eq!(plan(env).matches("after all end").count(), 1, "{when}");
    assert!(all.matches("^t-three3").count() <= 3, "{when}: doubled\n{all}");
}

/// How many times each call is made.
fn counted(template: &TestEnv, kind: &Kind, calls: &[&str]) -> BTreeMap<String, usize> {
    let env = again(template);
    let trace = env.root().join("trace");
    let program = env.command(kind.args);
    let status = Command::new("strace")
        .args(["-f", "-qq", "-o"])
        .arg(&trace)
        .args([
            "-e",
            &format!("trace={}", calls.iter().map(|c| format!("?{c}")).collect::<Vec<_>>().join(",")),
        ])
        .arg(program.get_program())
        .args(kind.args)
        .current_dir(env.root())
        .env_clear()
        .env("HOME", "/nonexistent")
        .env("USER", "tester")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .unwrap();
    assert!(status.code().is_some_and(|code| code <= 1), "{}: {status}", kind.name);
    let mut found = BTreeMap::new();
    for line in fs::read_to_string(&trace).unwrap().lines() {
        let name = line.split_once(' ').map_or("", |(_, rest)| rest.trim_start());
        if let Some((name, _)) = name.split_once('(').filter(|(name, _)| calls.contains(name)) {
            *found.entry(name.to_owned()).or_insert(0) += 1;
        }
    }
    found
}

/// Every point of some kinds, or every `step`th; how many there were.
fn sweep(kinds: &[&Kind], calls: &[(&[&str], &[Fault])], step: usize) -> usize {
    let mut points = Vec::new();
    let templates: Vec<TestEnv> = kinds.iter().map(|kind| template(kind)).collect();
    for (kind, template) in kinds.iter().zip(&templates) {
        for (calls, faults) in calls {
            for (call, count) in counted(template, kind, calls) {
                for &fault in *faults {
                    points.extend((1..=count).map(|at| (*kind, template, call.clone(), at, fault)));
                }
            }
        }
    }
    let points: Vec<_> = points.into_iter().step_by(step).collect();
    let (next, struck) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let failed = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        // Most of the time a program waits for a lock that cannot be had or for a save that does not end.
        for _ in 0..if step == 1 { 8 } else { 2 } {
            scope.spawn(|| {
                loop {
                    let n = next.fetch_add(1, Ordering::Relaxed);
                    let Some((kind, template, call, at, fault)) = points.get(n) else { break };
                    if n % 1000 == 999 {
                        eprintln!("{n} of {} points", points.len());
                    }
                    let env = again(template);
                    let end = strike(&env, kind.args, call, *at, *fault);
                    let what = match fault {
                        Fault::Kill => "killed before".to_owned(),
                        Fault::Once(error) => format!("{error} at"),
                        Fault::FromThenOn(error) => format!("{error} from then on at"),
                    };
                    let when = format!("{}: {what} {call} {at}", kind.name);
                    struck.fetch_add(usize::from(end.struck), Ordering::Relaxed);
                    // All of what is wrong is told, not only the first of it.
                    if catch_unwind(AssertUnwindSafe(|| judge(&env, kind, &end, &when))).is_err() {
                        failed.lock().unwrap().push(format!("{when}: {}", end.stderr));
                    }
                }
            });
        }
    });
    let failed = failed.into_inner().unwrap();
    assert!(failed.is_empty(), "{} of {} points: {failed:#?}", failed.len(), points.len());
    struck.into_inner()
}

fn has_strace() -> bool {
    let works = Command::new("strace").args(["-f", "-qq", "-o", "/dev/null", "true"]).status();
    let works = works.is_ok_and(|status| status.success());
    if !works {
        eprintln!("SKIPPED: no `strace` that may trace");
    }
    works
}

/// Every how manieth point: many are left out in the suite, none by `tests/crash.sh`.
fn step(usual: usize) -> usize {
    std::env::var("PLANDOWN_CRASH_STEP").ok().and_then(|n| n.parse().ok()).unwrap_or(usual)
}

/// Only the kinds whose names contain what the variable says.
fn chosen(usual: &[&str]) -> Vec<&'static Kind> {
    let all = std::env::var_os("PLANDOWN_CRASH_STEP").is_some();
    let only = std::env::var("PLANDOWN_CRASH_KIND").unwrap_or_default();
    KINDS.iter().filter(|k| (all || usual.contains(&k.name)) && k.name.contains(&only)).collect()
}

#[test]
fn killed_before_any_call_it_leaves_old_or_new() {
    if has_strace() {
        let struck = sweep(
            &chosen(&["add", "sync over a stale save", "import"]),
            &[(CALLS, &[Fault::Kill])],
            step(33),
        );
        eprintln!("{struck} kills");
        assert!(struck > 10);
    }
}

#[test]
fn with_any_call_failing_it_says_so_or_is_done() {
    if has_strace() {
        let broken = [Fault::Once("EIO"), Fault::FromThenOn("EIO")];
        let full = [Fault::Once("ENOSPC"), Fault::FromThenOn("ENOSPC")];
        let calls: [(&[&str], &[Fault]); 3] = [(CALLS, &full), (CALLS, &broken), (READS, &broken)];
        let struck = sweep(&chosen(&["write over a stale save"]), &calls, step(197));
        eprintln!("{struck} errors");
        assert!(struck > 10);
    }
}

/// As if it were not there: an error of the disk may be gone the next moment.
#[test]
fn what_cannot_be_looked_at_is_not_passed_over() {
    if !has_strace() {
        return;
    }
    for (name, path) in
        [("sync over a stale save", "sessions/plan/session.md\""), ("import rolled back", "sessions/first\"")]
    {
        let points = with_stats_failing(KINDS.iter().find(|kind| kind.name == name).unwrap(), path);
        assert!(points > 0, "{name}");
    }
}

/// Each look of a command at one path fails; how many there are.
fn with_stats_failing(kind: &Kind, path: &str) -> usize {
    let (template, never) = (template(kind), 65_000);
    let mut points = 0;
    for call in ["newfstatat", "statx"] {
        let traced = again(&template);
        strike(&traced, kind.args, call, never, Fault::Once("EIO"));
        let trace = fs::read_to_string(traced.root().join("trace")).unwrap();
        let calls = trace.lines().filter(|line| line.contains(call)).enumerate();
        for (at, _) in calls.filter(|(_, line)| line.contains(path)) {
            let env = again(&template);
            let end = strike(&env, kind.args, call, at + 1, Fault::Once("EIO"));
            assert!(end.struck, "{call} {at}");
            judge(&env, kind, &end, &format!("{}: {call} {at}", kind.name));
            points += 1;
        }
    }
    points
}

#[test]
fn killed_while_it_recovers_it_recovers_the_next_time() {
    if !has_strace() {
        return;
    }
    let (outer, inner) = (step(3), step(80));
    let sync =
        Kind { name: "recovery", before: nothing, args: &["sync"], is_done: |_| true, words: KINDS[3].words };
    let writer = &KINDS[3];
    let first = template(writer);
    let renames = counted(&first, writer, &["renameat2", "rename", "unlink", "unlinkat"]);
    let mut points = 0;
    for (call, count) in renames {
        for at in (1..=count).step_by(outer) {
            let left = again(&first);
            if !strike(&left, writer.args, &call, at, Fault::Kill).struck {
                continue;
            }
            for (inside, count) in counted(&left, &sync, CALLS) {
                for k in (1..=count).step_by(inner) {
                    let env = again(&left);
                    let mut end = strike(&env, sync.args, &inside, k, Fault::Kill);
                    // What a killed or conflicted sync says is no promise.
                    end.acknowledged = false;
                    judge(
                        &env,
                        &sync,
                        &end,
                        &format!("killed before {call} {at}, then in sync before {inside} {k}"),
                    );
                    points += usize::from(end.struck);
                }
            }
        }
    }
    eprintln!("{points} kills in a recovery");
    assert!(points > 5);
}

#[test]
fn ten_thousand_tasks_are_imported_in_one_step() {
    let env = TestEnv::empty();
    env.run(&["init", "--no-git"]).ok();
    let text: String =
        (0..10_000).map(|n| format!("(A) 2026-01-02 task {n} +group{} id:a{n}\n", n % 7)).collect();
    fs::write(env.root().join("todo.txt"), text).unwrap();
    let args = ["import", "todo.txt", "todo.txt", "--json"];
    if has_strace() {
        let killed = strike(&env, &args, "fdatasync", 1, Fault::Kill);
        assert!(killed.struck && !killed.acknowledged);
        assert_eq!(env.run(&["migrate", "verify", "--json"]).code, 5, "it says that it was interrupted");
    }
    let done = env.run(&args).json();
    assert_eq!(done["sessions"].as_array().map(Vec::len), Some(1), "what was interrupted is taken back");
    assert_eq!(
        (&done["sessions"][0]["id"], &done["sessions"][0]["tasks"]),
        (&"todo-txt".into(), &10_000.into())
    );
    let listed = env.run(&["list", "--limit", "1", "--json"]).json();
    assert_eq!(listed["total"], 10_000);
}

#[test]
fn the_script_says_how_all_of_it_is_run() {
    let script = fs::read_to_string(manifest("tests/crash.sh")).unwrap();
    assert!(script.contains("PLANDOWN_CRASH_STEP=1") && script.contains("crash"));
}
