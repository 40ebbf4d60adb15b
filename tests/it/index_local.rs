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

/// S55-S59, S33, S132: artifacts, decisions, metrics, errors and interactions are shown with their session and
/// are found; what happened is a function of the local history, whose loss loses nothing else.
/// Also S57, S58.
#[test]
fn what_came_out_and_what_happened_is_shown_and_found() {
    let env = TestEnv::with("plan", PLAN);
    env.run(&["sync"]).ok();
    env.run(&["decision", "add", "Zinc instead of copper"]).ok();
    env.run(&["done", "t-one1"]).ok();
    env.run(&["--if-match", &"0".repeat(64), "done", "t-two2", "--json"]).error(5);
    let artifacts = env.session_path("plan").with_file_name("artifacts");
    fs::create_dir_all(&artifacts).unwrap();
    fs::write(artifacts.join("load.csv"), "1\n").unwrap();
    fs::write(artifacts.join("artifacts.yaml"), "- path: load.csv\n  kind: measurement\n  task: t-one1\n")
        .unwrap();

    let view = env.run(&["session", "show", "--json"]).json();
    let history = &view["history"];
    assert_eq!(view["artifacts"][0]["kind"], "measurement", "{view}");
    assert!(view["decisions"][0].as_str().unwrap().contains("Zinc"), "{view}");
    assert_eq!(history["errors"], 1, "{history}");
    assert_eq!(history["failures"][0]["code"], "base-unknown", "{history}");
    let done = history["recent"].as_array().unwrap();
    assert!(done.iter().any(|row| row["action"] == "task-complete" && row["by"] == "tester"), "{history}");
    let metrics = history["metrics"].as_array().unwrap();
    assert!(metrics.iter().any(|m| m["name"] == "completions" && m["value"] == 1.0), "{history}");
    let text = env.run(&["session", "show"]).ok();
    for part in ["task-complete", "base-unknown", "1 completion,", "load.csv", "Zinc"] {
        assert!(text.contains(part), "{part}: {text}");
    }

    let found = |kind: &str, word: &str| {
        let view = env.run(&["search", "--in", kind, word, "--json"]).json();
        view["results"]
            .as_array()
            .unwrap()
            .iter()
            .map(|r| r["path"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(found("artifacts", "measurement"), [".task_orchestrator/sessions/plan/artifacts/load.csv"]);
    assert_eq!(found("artifacts", "nothing"), [""; 0]);
    assert_eq!(found("history", "task-complete tester").len(), 1);
    assert_eq!(found("history", "base-unknown").len(), 1);
    assert_eq!(found("decisions", "zinc").len(), 1);

    env.run(&["sync"]).ok();
    for (table, least) in [
        ("session_error_logs", 1),
        ("session_performance_metrics", 2),
        ("session_user_interactions", 2),
        ("session_artifacts", 1),
    ] {
        let rows = rows(&env, &format!("SELECT 'row' FROM {table}"));
        assert!(rows.len() >= least, "{table}: {rows:?}");
    }
    env.run(&["reindex", "--check"]).ok();
    // A damaged line says nothing, and does no harm.
    let events = env.root().join(".task_orchestrator/.state/events/plan.jsonl");
    let text = fs::read_to_string(&events).unwrap();
    fs::write(&events, format!("{{torn\n[1]\n{text}")).unwrap();
    assert_eq!(env.run(&["session", "show", "--json"]).json()["history"]["errors"], 1);
    env.run(&["sync"]).ok();
    fs::remove_dir_all(env.root().join(".task_orchestrator/.state")).unwrap();
    assert!(env.run(&["session", "show", "--json"]).json()["history"].is_null());
    env.run(&["reindex", "--check"]).ok();
}

/// S55: the active session's context, for those who take up its work.
/// Also S186.
#[test]
fn the_context_is_that_of_the_active_session() {
    let env = TestEnv::with("plan", PLAN);
    env.write("other", PLAN.replace("Plan", "Other").replace("Active", "Paused").replace("^t-", "^t-o"));
    let context = "SELECT session_id || ' ' || context_key || ' ' || context_value FROM session_context_data \
                   WHERE context_key IN ('active_tasks', 'session_name') ORDER BY 1";
    env.run(&["session", "activate", "plan"]).ok();
    env.run(&["start", "t-two2"]).ok();
    env.run(&["sync"]).ok();
    assert_eq!(rows(&env, context), ["plan active_tasks [\"t-two2\"]", "plan session_name \"Plan\""]);
    let all = rows(&env, "SELECT context_data FROM active_session");
    assert!(all[0].contains("\"session_name\":\"Plan\""), "{all:?}");
    env.run(&["session", "activate", "other"]).ok();
    env.run(&["sync"]).ok();
    assert_eq!(rows(&env, context), ["other active_tasks []", "other session_name \"Other\""]);
    env.run(&["reindex", "--check"]).ok();
}
