//! Who works on what: claims across processes and worktrees.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::process::Stdio;

use crate::common::TestEnv;
use crate::git::Repo;

fn tasks(count: usize) -> String {
    let mut text = String::from("# Session: Many\n\n## Task Groups\n\n### Work\n\n");
    for n in 0..count {
        writeln!(text, "- [ ] Task {n} <!-- id: t-c{n:05} -->").unwrap();
    }
    text
}

#[test]
fn a_hundred_processes_get_a_hundred_tasks() {
    let env = TestEnv::with("many", &tasks(100));
    env.run(&["status"]).ok();
    let children: Vec<_> = (0..100)
        .map(|n| {
            env.command(&["next", "--claim", "--json", "--as", &format!("agent-{}", n % 7)])
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap()
        })
        .collect();
    let mut claimed = BTreeSet::new();
    for child in children {
        let out = child.wait_with_output().unwrap();
        assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
        let view: serde_json::Value = serde_json::from_slice(&out.stdout).unwrap();
        assert_eq!(view["tasks"][0]["id"], view["claim"]["task"]);
        claimed.insert(view["claim"]["task"].as_str().unwrap().to_owned());
    }
    assert_eq!(claimed.len(), 100);
    let none = env.run(&["next", "--claim", "--json"]).error(1);
    assert_eq!(none["code"], "nothing-ready");
    assert_eq!(env.read("many"), tasks(100), "a claim is never written into the plan");
}

#[test]
fn one_task_has_one_holder() {
    let env = TestEnv::with("many", &tasks(2));
    let children: Vec<_> = (0..16)
        .map(|_| {
            let mut command = env.command(&["claim", "t-c00000", "--json"]);
            command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
        })
        .collect();
    let won = children.into_iter().map(|mut c| c.wait().unwrap().code()).filter(|c| *c == Some(0)).count();
    assert_eq!(won, 1);
    let refused = env.run(&["claim", "t-c00000", "--as", "bob", "--json"]).error(5);
    assert_eq!((&refused["code"], &refused["claim"]["holder"]), (&"claimed".into(), &"tester".into()));
    assert_eq!(env.run(&["release", "t-c00000", "--as", "bob", "--json"]).error(5)["code"], "claimed");
    assert_eq!(env.run(&["claim", "heartbeat", "t-c00000", "--json"]).json()["changed"], true);
    assert_eq!(env.run(&["next", "--claim", "--json"]).json()["claim"]["task"], "t-c00001");
    assert_eq!(env.run(&["release", "t-c00000", "--json"]).json()["claim"], serde_json::Value::Null);
    assert_eq!(env.run(&["claim", "heartbeat", "t-c00000", "--json"]).error(5)["code"], "not-claimed");
    assert_eq!(env.run(&["claim", "t-c00000", "--as", "bob", "--json"]).json()["claim"]["holder"], "bob");
    assert_eq!(env.run(&["claim", "t-c00000", "--as", "bob", "--json"]).json()["changed"], false);
}

#[test]
fn worktrees_of_a_clone_share_claims() {
    let repo = Repo::new(&tasks(2));
    repo.git(&["worktree", "add", "-q", "wt", "-b", "other"]);
    let beside = repo.env.root().join("wt");
    let first = repo.json(&["next", "--claim"], 0);
    let root = beside.display().to_string();
    let second = repo.json(&["next", "--claim", "--root", &root], 0);
    assert_ne!(first["claim"]["task"], second["claim"]["task"]);
    assert!(repo.env.root().join(".git/plandown-claims.sqlite").is_file());
    assert_eq!(repo.git(&["status", "--porcelain", "--", ".task_orchestrator/sessions"]), "");
    fs::remove_dir_all(beside).unwrap();
}

#[test]
fn a_dry_run_claims_nothing_and_says_what_would_be() {
    let env = TestEnv::with("many", &tasks(2));
    let out = env.run(&["next", "--claim", "--dry-run"]).ok();
    assert!(out.contains("would be claimed by"), "{out}");
    assert!(!env.root().join(".task_orchestrator/.state/claims.sqlite").exists());
    env.run(&["claim", "t-c00000", "--as", "a"]).ok();
    let out = env.run(&["claim", "t-c00001", "--dry-run", "--json"]).json();
    assert_eq!(out["changed"], true);
    assert_eq!(env.run(&["release", "t-c00000", "--as", "a", "--dry-run"]).stderr, "would be released\n");
    // Neither happened.
    assert_eq!(env.run(&["next", "--claim", "--json"]).json()["tasks"][0]["id"], "t-c00001");
    assert_eq!(env.run(&["release", "t-c00000", "--as", "a"]).stderr, "released\n");
}

fn claims(env: &TestEnv) -> rusqlite::Connection {
    rusqlite::Connection::open(env.root().join(".task_orchestrator/.state/claims.sqlite")).unwrap()
}

fn held(env: &TestEnv) -> Vec<String> {
    let claims = claims(env);
    let mut rows = claims.prepare("SELECT task FROM claims ORDER BY task").unwrap();
    let rows = rows.query_map([], |row| row.get(0)).unwrap();
    rows.collect::<rusqlite::Result<_>>().unwrap()
}

#[test]
fn who_is_done_with_a_task_holds_it_no_longer() {
    let env = TestEnv::with("many", &tasks(6));
    for n in 0..6 {
        env.run(&["claim", &format!("t-c0000{n}"), "--as", "agent"]).ok();
    }
    env.run(&["done", "t-c00000", "--dry-run"]).ok();
    env.run(&["start", "t-c00005"]).ok();
    assert_eq!(held(&env).len(), 6, "it is still worked on");
    env.run(&["done", "t-c00000"]).ok();
    env.run(&["task", "cancel", "t-c00001"]).ok();
    env.run(&["task", "delete", "t-c00002"]).ok();
    assert_eq!(held(&env), ["t-c00003", "t-c00004", "t-c00005"]);
    env.run(&["task", "reopen", "t-c00000"]).ok();
    assert_eq!(env.run(&["claim", "t-c00000", "--as", "bob", "--json"]).json()["changed"], true);
}

#[test]
fn cleanup_forgets_claims_that_nobody_keeps() {
    let env = TestEnv::with("many", &tasks(4));
    for n in 0..4 {
        env.run(&["claim", &format!("t-c0000{n}"), "--as", "agent"]).ok();
    }
    claims(&env).execute("UPDATE claims SET expires_at = 1 WHERE task = 't-c00000'", []).unwrap();
    // Ticked in an editor.
    env.write("many", env.read("many").replace("- [ ] Task 1 ", "- [x] Task 1 "));
    let view = env.run(&["cleanup", "--json"]).json();
    assert_eq!((&view["claims"], &view["applied"]), (&2.into(), &false.into()), "{view}");
    assert_eq!(held(&env).len(), 4);
    assert_eq!(env.run(&["cleanup", "--scope", "snapshots", "--apply", "--json"]).json()["claims"], 0);
    let out = env.run(&["cleanup", "--apply"]).ok();
    assert!(out.contains("removed 2 claims"), "{out}");
    assert_eq!(held(&env), ["t-c00002", "t-c00003"]);
    assert_eq!(env.run(&["cleanup", "--scope", "claims", "--apply", "--json"]).json()["claims"], 0);
}
