//! The index is a cache: whoever holds it, commands go on and say what the files say.

use std::fs;
use std::process::Stdio;

use rusqlite::Connection;

use crate::common::TestEnv;

const PLAN: &str = "# Session: Plan\n\n**Status**: Active\n\n## 📋 Task Groups\n\n### Build\n\n- [ ] one ^t-one1\n- [ ] two ^t-two2\n- [ ] three ^t-three3\n";

/// A workspace without an index whose commands do not wait long for one.
fn env() -> TestEnv {
    let env = TestEnv::with("plan", PLAN);
    for n in 0..20 {
        let text = PLAN.replace("Plan", &format!("Other {n}")).replace("^t-", &format!("^t-{n}x"));
        env.write(&format!("other-{n}"), text.replace("Active", "Paused"));
    }
    fs::write(env.root().join(".task_orchestrator/config.yaml"), "lock_timeout_ms: 60000\n").unwrap();
    env
}

fn impatient(env: &TestEnv) {
    fs::write(env.root().join(".task_orchestrator/config.yaml"), "lock_timeout_ms: 20\n").unwrap();
}

fn connect(env: &TestEnv) -> Connection {
    let state = env.root().join(".task_orchestrator/.state");
    fs::create_dir_all(&state).unwrap();
    Connection::open(state.join("index.sqlite")).unwrap()
}

#[test]
fn any_number_of_processes_may_start_where_there_is_no_index() {
    let env = env();
    let spawn = |args: &[&str]| {
        let mut command = env.command(args);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    };
    let mut children = Vec::new();
    for n in 0..20 {
        let title = format!("task {n} end");
        children.push(match n % 4 {
            0 => (None, spawn(&["--session", "plan", "add", &title, "--group", "Build"])),
            1 => (Some("t-one1"), spawn(&["show", "t-one1"])),
            2 => (Some("t-two2"), spawn(&["--session", "plan", "list"])),
            _ => (Some("other-19"), spawn(&["session", "list", "--all"])),
        });
    }
    for (expected, child) in children {
        let out = child.wait_with_output().unwrap();
        let (stdout, stderr) = (String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr));
        assert!(out.status.success(), "{stdout}\n{stderr}");
        assert!(stdout.contains(expected.unwrap_or_default()), "{expected:?}: {stdout}\n{stderr}");
    }
    let text = env.read("plan");
    for n in (0..20).step_by(4) {
        assert_eq!(text.matches(&format!("task {n} end")).count(), 1, "{text}");
    }
    env.run(&["reindex", "--check"]).ok();
}

/// What a person does in a row, each with what must be in the answer.
#[track_caller]
fn day(env: &TestEnv) {
    let says = |args: &[&str], word: &str| {
        let out = env.run(args).ok();
        assert!(out.contains(word), "{args:?} without `{word}`:\n{out}");
    };
    says(&["--session", "plan", "list"], "three");
    let added = env.run(&["--session", "plan", "add", "four", "--group", "Build", "--json"]).json();
    assert_eq!(added["changed"], true, "{added}");
    says(&["--session", "plan", "list"], "four");
    says(&["--session", "plan", "done", "t-one1"], "one");
    says(&["show", "t-one1"], "one");
    says(&["--session", "plan", "next"], "two");
    says(&["search", "four"], "four");
    env.run(&["session", "create", "Fresh", "--no-activate"]).ok();
    says(&["session", "list", "--all"], "Fresh");
    env.run(&["status"]).ok();
    env.run(&["sync"]).ok();
    env.run(&["undo", "--session", "plan"]).ok();
    assert!(env.read("plan").contains("- [ ] one"));
    env.write("plan", env.read("plan").replace("two ^", "by hand ^"));
    says(&["show", "t-two2"], "by hand");
    let doctor = env.run(&["doctor"]);
    assert!(doctor.stdout.contains("the index equals"), "{doctor:?}");
    env.run(&["reindex", "--check"]).ok();
    assert_eq!(env.read("plan").matches("four").count(), 1);
}

#[test]
fn who_writes_to_the_index_for_long_keeps_nobody_from_working() {
    let env = env();
    env.run(&["status"]).ok();
    impatient(&env);
    let holder = connect(&env);
    holder.execute_batch("BEGIN IMMEDIATE; DELETE FROM aliases;").unwrap();
    day(&env);
    holder.execute_batch("ROLLBACK").unwrap();
    env.run(&["reindex", "--check"]).ok();
}

#[test]
fn who_reads_the_index_for_long_keeps_nobody_from_working() {
    let env = env();
    env.run(&["status"]).ok();
    impatient(&env);
    let holder = connect(&env);
    holder.execute_batch("BEGIN").unwrap();
    let before: i64 = holder.query_row("SELECT count(*) FROM tasks", [], |r| r.get(0)).unwrap();
    day(&env);
    env.run(&["reindex", "--check"]).ok();
    let after: i64 = holder.query_row("SELECT count(*) FROM tasks", [], |r| r.get(0)).unwrap();
    assert_eq!((before, after), (63, 63), "a reader sees the moment it began in");
    holder.execute_batch("COMMIT").unwrap();
    env.run(&["reindex", "--check"]).ok();
}

#[test]
fn who_holds_an_empty_index_keeps_nobody_from_working() {
    for sql in ["BEGIN EXCLUSIVE", "BEGIN; SELECT count(*) FROM sqlite_schema"] {
        let env = env();
        impatient(&env);
        let holder = connect(&env);
        holder.execute_batch(sql).unwrap();
        day(&env);
        holder.execute_batch("ROLLBACK").unwrap();
        env.run(&["reindex", "--check"]).ok();
    }
}
