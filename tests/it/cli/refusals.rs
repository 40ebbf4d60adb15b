//! Bad input: a code, a sentence, a next step, the right exit code, and nothing changed.

use serde_json::Value;

use crate::common::TestEnv;

use super::shapes;

const SHED: &str = "# Shed\n\n- [ ] buy planks ^t-aaaaa1\n  - [ ] by car ^t-aaaab2\n- [x] call Ana ^t-bbbbb3\n- [ ] nail [dependsOn:: t-aaaaa1] ^t-ccccc4\n";

/// Runs `args` on a small session; returns the error object, whose form is checked, and compares
/// the file before and after.
#[track_caller]
fn refused(args: &[&str], exit: i32, code: &str) -> Value {
    let env = TestEnv::with("shed", SHED);
    let json: Vec<&str> = args.iter().copied().chain(["--json"]).collect();
    let error = env.run(&json).error(exit);
    shapes::error(&error);
    assert_eq!(error["code"], code, "{error}");
    let human = env.run(args);
    assert_eq!(human.code, exit);
    assert!(human.stdout.is_empty(), "{args:?} printed {:?}", human.stdout);
    assert!(human.stderr.starts_with(&format!("error[{code}]: ")), "{}", human.stderr);
    assert!(human.stderr.contains("\nhelp: "), "{}", human.stderr);
    assert_eq!(env.read("shed"), SHED, "{args:?} changed the file");
    error
}

#[test]
fn a_checkbox_outside_the_groups_is_pointed_at() {
    let plan =
        "# Shed\n\n## Task Groups\n\n### Wood\n\n- [ ] buy planks\n\n## Session Notes\n\n- [ ] Paint it\n";
    let env = TestEnv::with("shed", plan);
    let error = env.run(&["done", "paint it", "--json"]).error(4);
    let hint = error["hint"].as_str().unwrap();
    assert!(hint.contains("session.md:11`") && hint.contains("T110"), "{hint}");
    let checked = env.run(&["check"]).stderr;
    assert!(checked.contains("hint") && checked.contains("--all"), "{checked}");
    let hints = env.run(&["check", "--all", "--json"]).json();
    let found = hints["diagnostics"].as_array().unwrap();
    assert!(found.iter().any(|d| d["line"] == 11), "{hints}");
    assert_eq!(hints.get("left_out"), None);
}

#[test]
fn what_is_not_there() {
    let error = refused(&["done", "t-bbbbb4"], 4, "task-not-found");
    assert_eq!(error["suggestions"], serde_json::json!(["t-bbbbb3"]), "{error}");
    let error = refused(&["show", "buy plancks"], 4, "task-not-found");
    assert_eq!(error["suggestions"], serde_json::json!(["buy planks"]), "{error}");
    refused(&["show", "wholly unlike"], 4, "task-not-found");
    refused(&["related", "t-zzzzz9"], 4, "task-not-found");
    let error = refused(&["list", "--session", "shet"], 4, "session-not-found");
    assert_eq!(error["suggestions"][0], "shed", "{error}");
    refused(&["session", "show", "nothing"], 4, "session-not-found");
    refused(&["list", "--group", "Nowhere"], 4, "group-not-found");
    refused(&["group", "rename", "Nowhere", "X"], 4, "group-not-found");
    refused(&["config", "get", "list.limits"], 4, "not-found");
    refused(&["explain", "T999"], 4, "not-found");
    refused(&["check", "no-such-session"], 4, "session-not-found");
}

#[test]
fn what_is_ambiguous() {
    let error = refused(&["done", "t-aaaa"], 4, "ambiguous");
    assert_eq!(error["candidates"], serde_json::json!(["shed#t-aaaaa1", "shed#t-aaaab2"]), "{error}");
    let env = TestEnv::with("shed-1", "# A\n- [ ] x\n");
    env.write("shed-2", "# B\n- [ ] y\n");
    let error = env.run(&["list", "--session", "shed", "--json"]).error(4);
    assert_eq!(
        (&error["code"], &error["candidates"]),
        (&"ambiguous".into(), &serde_json::json!(["shed-1", "shed-2"]))
    );
    let error = env.run(&["add", "z", "--json"]).error(4);
    assert_eq!(
        (&error["code"], &error["candidates"]),
        (&"no-session".into(), &serde_json::json!(["shed-1", "shed-2"]))
    );
}

#[test]
fn what_cannot_follow() {
    let error = refused(&["task", "block", "t-bbbbb3"], 5, "invalid-transition");
    assert_eq!(error["allowed"], serde_json::json!(["pending", "in_progress"]), "{error}");
    let error = refused(&["done", "t-aaaaa1"], 5, "open-work");
    assert!(error["message"].as_str().unwrap().contains("t-aaaab2"), "{error}");
    let error = refused(&["done", "nail"], 5, "open-work");
    assert!(error["message"].as_str().unwrap().contains("t-aaaaa1"), "{error}");
    refused(&["task", "depend", "t-aaaaa1", "nail"], 5, "would-cycle");
    refused(&["task", "depend", "nail", "nail"], 5, "would-cycle");
    refused(&["task", "delete", "t-aaaaa1"], 5, "referenced");
    refused(&["session", "complete"], 5, "open-work");
    refused(&["session", "delete", "shed"], 5, "needs-force");
    refused(&["session", "rename-id", "shed", "shed/../x"], 2, "invalid-input");
    let env = TestEnv::example();
    let error = env.run(&["session", "create", "Other", "--json"]).error(5);
    shapes::error(&error);
    assert_eq!(
        (&error["code"], &error["active"]),
        (&"active-session-exists".into(), &"auth-overhaul".into())
    );
    let env = TestEnv::with("shed", "# Shed\n\n**Status**: Completed\n");
    let error = env.run(&["session", "pause", "shed", "--json"]).error(5);
    shapes::error(&error);
    assert_eq!(error["code"], "invalid-transition");
    assert!(error["allowed"].is_array(), "{error}");
}

#[test]
fn what_has_no_form() {
    for title in ["", " ", "\n", "\u{200b}"] {
        refused(&["add", title], 2, "empty-title");
        refused(&["task", "set", "nail", "--title", title], 2, "empty-title");
    }
    refused(&["group", "create", " "], 2, "empty-title");
    refused(&["session", "create", "", "--no-activate"], 2, "empty-title");
    refused(&["session", "rename", "shed", ""], 2, "empty-title");
    for (flag, value) in [
        ("--estimate", "3 weeks-ish"),
        ("--estimate", "-3h"),
        ("--estimate", "99999999999999999999h"),
        ("--due", "tomorrow"),
        ("--due", "2026-02-30"),
        ("--due", "18.3.2026"),
        ("--priority", "very"),
        ("--field", "novalue"),
    ] {
        refused(&["add", "x", &format!("{flag}={value}")], 2, "invalid-input");
    }
    refused(&["task", "set", "nail", "est=banana"], 2, "invalid-input");
    refused(&["task", "set", "nail", "due=banana"], 2, "invalid-input");
    refused(&["task", "set", "nail", "priority=banana"], 2, "invalid-input");
    refused(&["task", "set", "nail", "id=t-1"], 2, "invalid-input");
    refused(&["task", "set", "nail"], 2, "invalid-input");
    refused(&["task", "set", "nail", "--status", "banana"], 2, "invalid-input");
    refused(&["list", "--status", "banana"], 2, "invalid-input");
    refused(&["list", "--due-before", "banana"], 2, "invalid-input");
    refused(&["task", "move", "nail"], 2, "invalid-input");
    refused(&["task", "move", "t-aaaaa1", "--under", "t-aaaab2"], 2, "invalid-input");
    refused(&["config", "set", "list.limit", "many"], 2, "invalid-input");
    refused(&["search", ""], 2, "invalid-input");
    refused(&["note", "add", ""], 2, "empty-title");
    refused(&["note", "add", "x", "--section", "banana"], 2, "invalid-input");
    refused(&["done", "nail", "--if-match", "abc"], 2, "invalid-input");
    refused(&["done", "nail", "--if-match", "not hexadecimal"], 2, "invalid-input");
}

#[test]
fn what_the_command_line_does_not_know() {
    let env = TestEnv::with("shed", SHED);
    for args in
        [&["list", "--bogus", "--json"][..], &["bogus", "--json"], &["done", "--json"], &["task", "--json"]]
    {
        let error = env.run(args).error(2);
        shapes::error(&error);
        assert_eq!(error["code"], "invalid-input");
    }
    let out = env.run(&["stauts"]);
    assert_eq!((out.code, out.stdout.as_str()), (2, ""));
    assert!(out.stderr.contains("'status'"), "{}", out.stderr);
    let bad = env.run_with(&["task", "batch", "--json"], "{\"task\":\"nail\"", &[]).error(2);
    assert!(bad["message"].as_str().unwrap().contains("line 1"), "{bad}");
}

#[test]
fn no_workspace() {
    let env = TestEnv::empty();
    for args in [&["status"][..], &["list"], &["done", "x"], &["sync"], &["check"], &["reindex"], &["doctor"]]
    {
        let json: Vec<&str> = args.iter().copied().chain(["--json"]).collect();
        let error = env.run(&json).error(3);
        shapes::error(&error);
        assert_eq!(error["code"], "no-workspace");
        assert!(error["hint"].as_str().unwrap().contains("plandown init"), "{error}");
    }
    let error = env.run(&["status", "--root", "/no/such/place", "--json"]).error(3);
    assert_eq!(error["code"], "no-workspace");
    assert!(std::fs::read_dir(env.root()).unwrap().next().is_none(), "something was made");
}

#[test]
fn a_stale_revision() {
    let env = TestEnv::with("shed", SHED);
    let seen =
        env.run(&["session", "show", "--json"]).json()["session"]["revision"].as_str().unwrap().to_owned();
    env.write("shed", format!("{SHED}- [ ] more\n"));
    let before = env.read("shed");
    let error = env.run(&["start", "nail", "--if-match", &seen, "--json"]).error(5);
    shapes::error(&error);
    assert_eq!((&error["code"], &error["expected"]), (&"base-unknown".into(), &seen.as_str().into()));
    shapes::revision(&error["revision"]);
    assert_eq!(env.read("shed"), before);
    let now = error["revision"].as_str().unwrap();
    let _ = env.run(&["start", "nail", "--if-match", &now[..12]]).ok();
    assert_ne!(env.read("shed"), before);
}

/// The user this runs as may write everywhere: then read-only directories cannot be tested.
#[cfg(unix)]
fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata("/proc/self").is_ok_and(|m| m.uid() == 0)
}

#[cfg(unix)]
#[test]
fn a_directory_that_may_not_be_written() {
    use std::os::unix::fs::PermissionsExt;
    if is_root() {
        eprintln!("SKIPPED: root may write into read-only directories");
        return;
    }
    let env = TestEnv::with("shed", SHED);
    let _ = env.run(&["list"]).ok();
    let set = |mode: u32| {
        for dir in ["", ".state", "sessions", "sessions/shed"] {
            let path = env.root().join(".task_orchestrator").join(dir);
            std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
        }
    };
    set(0o555);
    let reads = env.run(&["list"]);
    let error = env.run(&["done", "nail", "--force", "--json"]);
    set(0o755);
    assert!(reads.ok().contains("buy planks"));
    let error = error.error(5);
    shapes::error(&error);
    assert_eq!(error["code"], "read-only");
    assert_eq!(env.read("shed"), SHED);
}

/// A disk that takes no more: a limit on the size of files stands in for it.
#[cfg(unix)]
#[test]
fn a_full_disk() {
    let env = TestEnv::with("shed", SHED);
    let long = format!("# Shed\n\n- [ ] buy planks ^t-aaaaa1\n\n  {}\n", "words ".repeat(400_000));
    env.write("shed", &long);
    let _ = env.run(&["list"]).ok();
    let binary = env!("CARGO_BIN_EXE_plandown");
    // 512-byte blocks in a POSIX shell: one MiB, less than the plan and more than the index.
    let script = format!("trap '' XFSZ; ulimit -f 2048 && exec {binary} done t-aaaaa1 --json");
    let out = std::process::Command::new("/bin/sh")
        .args(["-c", &script])
        .current_dir(env.root())
        .env_clear()
        .env("HOME", "/nonexistent")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&out.stderr);
    assert_eq!(out.status.code(), Some(5), "{said}");
    let error: Value = serde_json::from_str(said.lines().last().unwrap()).unwrap();
    shapes::error(&error["error"]);
    assert_eq!(error["error"]["code"], "no-space", "{error}");
    assert_eq!(env.read("shed"), long);
    let _ = env.run(&["done", "t-aaaaa1"]).ok();
    assert!(env.run(&["reindex", "--check"]).ok().is_empty());
}

/// Errors of a file that may not be edited name the file and what to do.
#[test]
fn a_file_that_is_read_only_for_machines() {
    let env = TestEnv::with(
        "shed",
        "# A\n\n- [ ] a ^t-aaaaa1\n<<<<<<< ours\n- [ ] b ^t-aaaaa2\n=======\n- [ ] c ^t-aaaaa3\n>>>>>>> theirs\n",
    );
    let before = env.read("shed");
    let error = env.run(&["done", "t-aaaaa1", "--json"]).error(5);
    shapes::error(&error);
    assert_eq!(error["code"], "file-read-only");
    assert!(error["message"].as_str().unwrap().contains("sessions/shed/session.md"), "{error}");
    assert_eq!(env.read("shed"), before);
}

#[test]
fn a_refused_change_of_the_active_session_leaves_the_other_active() {
    let (one, two) = ("# Session: One\n\n**Status**: Active\n", "# Session: Two\n\n**Status**: Paused\n");
    let env = TestEnv::with("one", one);
    env.write("two", two);
    env.run(&["session", "activate", "one"]).ok();
    let revision = |id: &str| {
        env.run(&["session", "show", id, "--json"]).json()["session"]["revision"].as_str().unwrap().to_owned()
    };
    let stale = revision("one");
    let error = env.run(&["session", "activate", "two", "--if-match", &stale, "--json"]).error(5);
    assert_eq!(error["code"], "base-unknown", "{error}");
    assert_eq!((env.read("one"), env.read("two")), (one.to_owned(), two.to_owned()));
    // The revision is the one of the session that is named, not of the one that makes room.
    env.run(&["session", "activate", "two", "--if-match", &revision("two")]).ok();
    assert!(env.read("one").contains("Paused") && env.read("two").contains("Active"));
}

#[test]
fn a_taken_session_id_is_refused_before_the_file_is_touched() {
    let one = "---\nid: one\n---\n# Session: One\n";
    let env = TestEnv::with("one", one);
    env.write("two", "# Session: Two\n");
    for args in
        [&["session", "rename-id", "one", "two"][..], &["session", "rename-id", "one", "two", "--dry-run"]]
    {
        let _ = env.run(args);
        assert_ne!(env.run(args).code, 0);
        assert_eq!(env.read("one"), one, "{args:?}");
    }
}

#[test]
fn a_field_of_a_new_task_is_checked_like_one_that_is_set() {
    for field in ["due=soon", "priority=bogus", "id=t-zzzzz1", "status=done", "progress=400%", ".=x"] {
        refused(&["add", "new", "--field", field], 2, "invalid-input");
        if !field.starts_with("status") {
            refused(&["task", "set", "t-aaaaa1", field], 2, "invalid-input");
        }
    }
    let env = TestEnv::with("shed", SHED);
    env.run(&["add", "new", "--field", "priority=High", "--field", "est=90m", "--field", "mood=good"]).ok();
    let text = env.read("shed");
    assert!(text.contains("[priority:: high]") && text.contains("[mood:: good]"), "{text}");
    assert_eq!(env.run(&["show", "new", "--json"]).json()["task"]["estimate_minutes"], 90);
}

#[test]
fn dates_are_recorded_whichever_command_completes() {
    let env = TestEnv::with("shed", SHED);
    env.run(&["config", "set", "record_dates", "true"]).ok();
    env.run(&["task", "set", "t-ccccc4", "--status", "completed", "--force"]).ok();
    assert!(env.read("shed").contains("[completion:: "), "{}", env.read("shed"));
}
