//! Many writers, editors and crashes on one file: nobody's words are lost.

use std::fs;
use std::process::Stdio;

use crate::common::TestEnv;

const PLAN: &str = "# Session: Plan\n\n**Status**: Active\n\n## 📋 Task Groups\n\n### Build\n\n- [ ] one ^t-one1\n- [ ] two ^t-two2\n- [ ] three ^t-three3\n";

/// However slow the machine is: who waits for others is not what is asked here.
fn env() -> TestEnv {
    let env = TestEnv::with("plan", PLAN);
    let settings = env.root().join(".task_orchestrator/config.yaml");
    fs::write(settings, "lock_timeout_ms: 600000\n").unwrap();
    env
}

/// How much to do: a little in the gate, more where the variable says so.
fn amount(name: &str, default: usize) -> usize {
    std::env::var(name).ok().and_then(|n| n.parse().ok()).unwrap_or(default)
}

#[test]
fn sixteen_writers_lose_nothing() {
    let env = env();
    let each = amount("PLANDOWN_WRITER_EDITS", 2);
    std::thread::scope(|scope| {
        for writer in 0..16 {
            let env = &env;
            scope.spawn(move || {
                for n in 0..each {
                    let title = format!("task {writer} {n} end");
                    env.run(&["--session", "plan", "add", &title, "--group", "Build"]).ok();
                }
            });
        }
    });
    let text = env.read("plan");
    for writer in 0..16 {
        for n in 0..each {
            assert_eq!(text.matches(&format!("task {writer} {n} end")).count(), 1, "{text}");
        }
    }
    env.run(&["reindex", "--check"]).ok();
}

#[test]
fn an_editor_with_old_buffers_and_the_tool_keep_each_others_words() {
    let env = env();
    env.run(&["sync"]).ok();
    let rounds = amount("PLANDOWN_EDITOR_ROUNDS", 6);
    for round in 0..rounds {
        let buffer = env.read("plan");
        for n in 0..2 {
            env.run(&["add", &format!("machine {round} {n} end"), "--group", "Build"]).ok();
        }
        let saved =
            buffer.replace("- [ ] two ^t-two2", &format!("- [ ] human {round} end\n- [ ] two ^t-two2"));
        env.write("plan", &saved);
        env.run(&["start", "t-one1"]).ok();
        let _ = env.run(&["reopen", "t-one1"]);
    }
    let _ = env.run(&["sync"]);
    let all = env.everywhere("plan");
    for round in 0..rounds {
        for word in
            [format!("machine {round} 0 end"), format!("machine {round} 1 end"), format!("human {round} end")]
        {
            assert!(all.contains(&word), "{word} is gone:\n{all}");
        }
    }
}

#[test]
fn killed_writers_leave_a_whole_file_and_nothing_acknowledged_is_lost() {
    let env = env();
    let mut acknowledged = Vec::new();
    for n in 0..amount("PLANDOWN_KILLS", 30) {
        let title = format!("kill {n} end");
        let mut child = env
            .command(&["add", &title, "--group", "Build"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        // A busy wait of a different length each time, up to what a command takes; no clock is asked.
        for _ in 0..(n % 30) * 150_000 + (n / 30) * 4_000 {
            std::hint::spin_loop();
        }
        let _ = child.kill();
        if child.wait().unwrap().success() {
            acknowledged.push(title);
        }
        let text = env.read("plan");
        assert!(text.starts_with("# Session: Plan\n") && text.ends_with('\n'), "torn: {text}");
    }
    env.run(&["sync"]).ok();
    let text = env.read("plan");
    for title in &acknowledged {
        assert_eq!(text.matches(title.as_str()).count(), 1, "{title}");
    }
    env.run(&["reindex", "--check"]).ok();
    let again = env.run(&["sync", "--json"]).json();
    assert_eq!(again["changed"], false);
}

#[test]
fn a_save_of_an_old_buffer_is_merged_and_told() {
    let env = env();
    env.run(&["sync"]).ok();
    let buffer = env.read("plan");
    env.run(&["done", "t-one1"]).ok();
    env.write("plan", buffer.replace("- [ ] three", "- [ ] three, by hand"));
    let view = env.run(&["sync", "--json"]).json();
    assert_eq!(view["repaired"], serde_json::json!(["plan"]));
    let text = env.read("plan");
    assert!(text.contains("- [x] one") && text.contains("three, by hand"), "{text}");
    let view = env.run(&["sync", "--json"]).json();
    assert_eq!((&view["repaired"], &view["changed"]), (&serde_json::json!([]), &false.into()));
}

/// S142.
#[test]
fn a_contradiction_keeps_the_persons_value_and_the_tools_in_a_conflict() {
    let env = env();
    env.run(&["sync"]).ok();
    let buffer = env.read("plan");
    env.run(&["done", "t-two2"]).ok();
    env.run(&["task", "set", "t-one1", "--title", "the tool's title"]).ok();
    env.write("plan", buffer.replace("- [ ] one", "- [ ] a person's title"));
    env.run(&["sync"]).error_free(1);
    let text = env.read("plan");
    assert!(text.contains("a person's title") && !text.contains("the tool's title"), "{text}");
    let list = env.run(&["conflicts", "--json"]);
    let list: serde_json::Value = serde_json::from_str(&list.stdout).unwrap();
    assert_eq!(list["open"], 1, "{list}");
    let conflict = &list["conflicts"][0];
    assert_eq!((&conflict["what"], &conflict["task"]), (&"title".into(), &"t-one1".into()));
    assert_eq!(
        (&conflict["ours"], &conflict["theirs"]),
        (&"the tool's title".into(), &"a person's title".into())
    );
    let id = conflict["id"].as_str().unwrap();
    let beside = env.session_path("plan").with_file_name(format!("session.conflict-{id}.md"));
    assert!(fs::read_to_string(&beside).unwrap().contains("the tool's title"));
    assert_eq!(env.run(&["status", "--json"]).json()["sync"]["conflicts"], 1);
    let found = env.run(&["check", "--json"]);
    assert!(found.stdout.contains("X003"), "{}", found.stdout);
    env.run(&["conflicts", "resolve", id, "--take", "ours"]).ok();
    assert!(env.read("plan").contains("- [ ] the tool's title"));
    assert!(!beside.exists());
    assert_eq!(env.run(&["conflicts", "list", "--all", "--json"]).json()["conflicts"][0]["take"], "ours");
    env.run(&["conflicts"]).ok();
    env.run(&["undo"]).ok();
    assert!(env.read("plan").contains("a person's title"));
}

#[test]
fn an_old_buffer_saved_unchanged_stays_and_the_tools_work_can_be_made_again() {
    let env = env();
    env.run(&["sync"]).ok();
    let buffer = env.read("plan");
    env.run(&["done", "t-one1"]).ok();
    env.write("plan", &buffer);
    env.run(&["sync"]).error_free(1);
    assert_eq!(env.read("plan"), buffer);
    let list: serde_json::Value = serde_json::from_str(&env.run(&["conflicts", "--json"]).stdout).unwrap();
    assert_eq!(list["conflicts"][0]["kind"], "revert");
    let id = list["conflicts"][0]["id"].as_str().unwrap();
    env.run(&["conflicts", "reapply", id]).ok();
    assert!(env.read("plan").contains("- [x] one"));
    env.run(&["sync"]).ok();
}

/// S197.
#[test]
fn the_strategies_decide_who_stays() {
    let check = |strategy: &str, code: i32, title: &str, open: u64| {
        let env = env();
        env.run(&["sync"]).ok();
        let buffer = env.read("plan");
        env.run(&["done", "t-two2"]).ok();
        env.run(&["task", "set", "t-one1", "--title", "tool"]).ok();
        env.write("plan", buffer.replace("- [ ] one", "- [ ] person"));
        env.run(&["sync", "--strategy", strategy]).error_free(code);
        let text = env.read("plan");
        assert!(text.contains(&format!("- [ ] {title} ")), "{strategy}: {text}");
        assert_eq!(text.contains("- [x] two"), strategy != "ask", "{strategy}: {text}");
        let list: serde_json::Value =
            serde_json::from_str(&env.run(&["conflicts", "--json"]).stdout).unwrap();
        assert_eq!(list["open"], open, "{strategy}");
        let all = env.run(&["conflicts", "list", "--all", "--json"]);
        assert!(all.stdout.contains("tool") && all.stdout.contains("person"), "{}", all.stdout);
    };
    check("merge", 1, "person", 1);
    check("md-wins", 0, "person", 0);
    check("db-wins", 1, "tool", 1);
    check("ask", 1, "person", 1);
}

#[test]
fn a_write_against_an_older_revision_goes_on_top_or_says_what_stands_against_it() {
    let env = env();
    env.run(&["sync"]).ok();
    let revision = env.run(&["show", "t-one1", "--json"]).json();
    let revision = find_revision(&env, &revision);
    env.run(&["task", "set", "t-two2", "--title", "another"]).ok();
    env.run(&["--if-match", &revision, "task", "set", "t-one1", "priority=high"]).ok();
    env.run(&["task", "set", "t-one1", "priority=low"]).ok();
    let error =
        env.run(&["--json", "--if-match", &revision, "task", "set", "t-one1", "priority=urgent"]).error(5);
    assert_eq!(error["code"], "conflict");
    assert_eq!((&error["field"], &error["theirs"]), (&"priority".into(), &"low".into()), "{error}");
    assert_eq!((&error["base"], &error["yours"]), (&serde_json::Value::Null, &"urgent".into()), "{error}");
    env.run(&["--if-match", &revision, "task", "set", "t-one1", "priority=low"]).ok();
    let unknown = "0123456789abcdef";
    let error = env.run(&["--json", "--if-match", unknown, "done", "t-one1"]).error(5);
    assert_eq!(error["code"], "base-unknown");
    fs::remove_dir_all(env.root().join(".task_orchestrator/.state/base")).unwrap();
    let error = env.run(&["--json", "--if-match", &revision, "done", "t-three3"]).error(5);
    assert_eq!(error["code"], "base-pruned");
}

fn find_revision(env: &TestEnv, _: &serde_json::Value) -> String {
    let view = env.run(&["session", "show", "plan", "--json"]).json();
    view["session"]["revision"].as_str().unwrap().to_owned()
}

#[test]
fn a_clean_sync_writes_nothing() {
    let env = env();
    env.run(&["sync"]).ok();
    env.run(&["sync"]).ok();
    let stamps = |env: &TestEnv| {
        let mut found = Vec::new();
        let mut todo = vec![env.root().to_owned()];
        while let Some(dir) = todo.pop() {
            for entry in fs::read_dir(dir).unwrap() {
                let path = entry.unwrap().path();
                let name = path.file_name().unwrap().to_string_lossy().into_owned();
                if path.is_dir() {
                    todo.push(path);
                } else if !name.starts_with("index.sqlite") {
                    found.push((path.clone(), fs::metadata(&path).unwrap().modified().unwrap()));
                }
            }
        }
        found.sort();
        found
    };
    let before = stamps(&env);
    env.run(&["sync"]).ok();
    env.run(&["status"]).ok();
    assert_eq!(stamps(&env), before);
}

#[test]
fn lost_or_damaged_state_loses_no_text() {
    let env = env();
    env.run(&["done", "t-one1"]).ok();
    let state = env.root().join(".task_orchestrator/.state");
    let text = env.read("plan");
    fs::remove_dir_all(&state).unwrap();
    env.run(&["sync"]).ok();
    assert_eq!(env.read("plan"), text);
    fs::write(state.join("index.sqlite"), "garbage").unwrap();
    fs::write(state.join("conflicts.jsonl"), "garbage\n{\"id\":").unwrap();
    for entry in fs::read_dir(state.join("log")).unwrap() {
        fs::write(entry.unwrap().path(), "garbage\nW 12").unwrap();
    }
    env.run(&["done", "t-two2"]).ok();
    assert!(env.read("plan").contains("- [x] two"));
    for entry in fs::read_dir(state.join("base")).unwrap() {
        for blob in fs::read_dir(entry.unwrap().path()).unwrap() {
            fs::write(blob.unwrap().path(), "garbage").unwrap();
        }
    }
    env.write("plan", env.read("plan").replace("] three", "] drei"));
    env.run(&["done", "t-three3"]).ok();
    assert!(env.read("plan").contains("- [x] drei"));
}

#[test]
fn a_file_cut_off_by_a_crashed_save_keeps_its_tasks_in_a_conflict() {
    let env = env();
    env.run(&["sync"]).ok();
    let text = env.read("plan");
    env.write("plan", &text[..text.find("- [ ] two").unwrap() + 5]);
    env.run(&["sync"]).error_free(1);
    let list: serde_json::Value = serde_json::from_str(&env.run(&["conflicts", "--json"]).stdout).unwrap();
    assert_eq!(list["conflicts"][0]["kind"], "truncation");
    assert!(env.everywhere("plan").contains("three ^t-three3"));
    let id = list["conflicts"][0]["id"].as_str().unwrap();
    env.run(&["conflicts", "resolve", id, "--take", "ours"]).ok();
    assert_eq!(env.read("plan"), text);
}

/// A plan that the tool has changed, with a save of an older buffer over it that nobody has looked at.
fn with_a_stale_save() -> TestEnv {
    let env = env();
    env.write("plan", PLAN.replace("Active", "Paused"));
    env.run(&["sync"]).ok();
    let buffer = env.read("plan");
    env.run(&["--session", "plan", "done", "t-one1"]).ok();
    env.write("plan", buffer.replace("- [ ] three", "- [ ] three, by hand"));
    env
}

#[track_caller]
fn has_both(text: &str) {
    assert!(text.contains("- [x] one") && text.contains("three, by hand"), "{text}");
}

#[test]
fn what_waits_is_brought_together_before_a_session_goes_or_moves() {
    let env = with_a_stale_save();
    env.run(&["session", "archive", "plan"]).ok();
    env.run(&["session", "restore", "plan"]).ok();
    has_both(&env.read("plan"));

    let env = with_a_stale_save();
    env.run(&["session", "rename-id", "plan", "other"]).ok();
    has_both(&env.read("other"));

    let env = with_a_stale_save();
    env.run(&["uninstall", "--force"]).ok();
    has_both(&env.read("plan"));

    let env = with_a_stale_save();
    env.run(&["session", "delete", "plan", "--force"]).ok();
    let log = env.root().join(".task_orchestrator/.state/log");
    let log: String =
        fs::read_dir(log).unwrap().map(|e| fs::read_to_string(e.unwrap().path()).unwrap()).collect();
    assert!(log.contains("what=merge"), "the merged text is kept as a snapshot: {log}");
}

/// An old buffer lacks what was added since: a command that names it takes the save in first, and a reader is told.
#[test]
fn a_task_that_an_old_buffer_lacks_can_still_be_named() {
    let env = TestEnv::with("plan", "# P\n\n## Tasks\n\n### G\n\n- [ ] One ^t-one1\n");
    env.run(&["sync"]).ok();
    let old = env.read("plan");
    env.run(&["add", "Two words", "--group", "G"]).ok();
    env.write("plan", old.replace("One", "One more"));
    let unseen = env.run(&["show", "Two words", "--json"]).error(4);
    assert!(unseen["hint"].as_str().unwrap().contains("plandown sync"), "{unseen}");
    assert_eq!(env.read("plan"), old.replace("One", "One more"), "a reader writes nothing");
    env.run(&["task", "set", "Two words", "priority=low"]).ok();
    let text = env.read("plan");
    let two = text.lines().find(|line| line.contains("Two words")).unwrap();
    assert!(text.contains("One more") && two.contains("[priority:: low]"), "{text}");
    assert_eq!(env.run(&["done", "Three", "--json"]).error(4)["code"], "task-not-found");
}
