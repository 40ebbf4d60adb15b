//! What the index says beside the plans: local history, artifacts, the active session.

use std::fs;

use rusqlite::Connection;

use crate::common::TestEnv;

const PLAN: &str = "# Session: Plan\n\n**Status**: Active\n\n- [ ] one ^t-one1\n- [ ] two ^t-two2\n";

fn rows(env: &TestEnv, sql: &str) -> Vec<String> {
    let index = Connection::open(env.root().join(".task_orchestrator/.state/index.sqlite")).unwrap();
    let mut rows = index.prepare(sql).unwrap();
    let rows = rows.query_map([], |row| row.get(0)).unwrap();
    rows.collect::<rusqlite::Result<_>>().unwrap()
}

#[test]
fn s42_s54_s56_s59_the_tables_say_what_their_files_say() {
    let env = TestEnv::with("plan", PLAN);
    env.write("other", PLAN.replace("Plan", "Other").replace("Active", "Paused").replace("^t-", "^t-o"));
    env.run(&["--session", "plan", "done", "t-one1"]).ok();
    env.run(&["session", "activate", "other"]).ok();
    let artifacts = env.session_path("plan").with_file_name("artifacts");
    fs::create_dir_all(artifacts.join("work_products")).unwrap();
    fs::write(artifacts.join("work_products/design.md"), "how\n").unwrap();
    fs::write(artifacts.join("artifacts.yaml"), "- path: work_products/design.md\n  kind: design\n").unwrap();
    env.run(&["sync"]).ok();
    assert_eq!(rows(&env, "SELECT session_id FROM active_session"), ["other"]);
    assert_eq!(
        rows(&env, "SELECT path || ' ' || kind || ' ' || size FROM session_artifacts"),
        ["artifacts/work_products/design.md design 4"]
    );
    let actions = "SELECT action || ' ' || actor FROM session_user_interactions WHERE session_id = 'plan' \
                   ORDER BY interaction_id";
    assert!(rows(&env, actions).contains(&"task-complete tester".to_owned()), "{:?}", rows(&env, actions));
    let turns = "SELECT session_id || ' ' || to_state FROM session_state_transitions ORDER BY session_id";
    assert_eq!(rows(&env, turns), ["other active", "plan paused"]);
    env.run(&["reindex", "--check"]).ok();

    // What goes from the files goes from the tables.
    fs::remove_dir_all(&artifacts).unwrap();
    let state = env.root().join(".task_orchestrator/.state");
    fs::remove_file(state.join("active")).unwrap();
    for log in fs::read_dir(state.join("log")).unwrap() {
        fs::remove_file(log.unwrap().path()).unwrap();
    }
    env.run(&["reindex", "--check"]).ok();
    for table in ["active_session", "session_artifacts", "session_state_transitions"] {
        assert_eq!(rows(&env, &format!("SELECT 'row' FROM {table}")), [""; 0], "{table}");
    }
    env.run(&["reindex", "--from-scratch"]).ok();
    env.run(&["reindex", "--check"]).ok();
}
