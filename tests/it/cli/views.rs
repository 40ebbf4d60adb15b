//! Generated views: written beside the plan, and over nothing that is not theirs.

use std::fs;

use crate::common::TestEnv;

const PLAN: &str = "# Session: Plan\n\n- [ ] one ^t-one1\n";

fn dir(env: &TestEnv) -> std::path::PathBuf {
    env.session_path("plan").parent().unwrap().to_owned()
}

#[cfg(unix)]
#[test]
fn what_a_link_leads_to_is_never_written() {
    use std::os::unix::fs::symlink;
    let env = TestEnv::with("plan", PLAN);
    fs::write(env.root().join(".task_orchestrator/config.yaml"), "views: [overview, tasks]\n").unwrap();
    let mine = "# My readme\n";
    fs::write(env.root().join("README.md"), mine).unwrap();
    fs::create_dir(env.root().join("docs")).unwrap();
    fs::write(env.root().join("docs/active_tasks.md"), mine).unwrap();
    symlink(env.root().join("README.md"), dir(&env).join("overview.md")).unwrap();
    symlink(env.root().join("docs"), dir(&env).join("tasks")).unwrap();
    let ran = env.run(&["sync", "--json"]);
    assert_eq!(fs::read_to_string(env.root().join("README.md")).unwrap(), mine);
    assert_eq!(fs::read_to_string(env.root().join("docs/active_tasks.md")).unwrap(), mine);
    assert_eq!(fs::read_dir(env.root().join("docs")).unwrap().count(), 1);
    let view: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert!(view["skipped"].to_string().contains("overview.md"), "{view}");
    assert_eq!((ran.code, &view["views"]), (1, &serde_json::json!([])), "{view}");
}

#[test]
fn an_edited_view_is_kept_byte_for_byte() {
    let env = TestEnv::with("plan", PLAN);
    env.run(&["sync"]).ok();
    let path = dir(&env).join("overview.md");
    let mut mine = fs::read(&path).unwrap();
    mine.extend(b"caf\xe9 \xff\n");
    fs::write(&path, &mine).unwrap();
    let view = env.run(&["sync", "--json"]).json();
    let kept = env.root().join(view["kept_edits"][0].as_str().unwrap());
    assert_eq!(fs::read(kept).unwrap(), mine);
}

#[cfg(unix)]
#[test]
fn what_cannot_be_read_is_not_taken_for_absent() {
    let env = TestEnv::with("plan", PLAN);
    fs::create_dir(dir(&env).join("overview.md")).unwrap();
    let ran = env.run(&["sync", "--json"]);
    let view: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert!(ran.code == 1 && view["skipped"].to_string().contains("overview.md"), "{view}");
}
