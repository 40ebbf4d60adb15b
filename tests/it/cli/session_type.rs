//! What kind of work a session is: a field of its header, a column of the index.

use crate::common::TestEnv;

fn column(env: &TestEnv, session: &str) -> String {
    env.run(&["sync"]).ok();
    let index = env.root().join(".task_orchestrator/.state/index.sqlite");
    let index = rusqlite::Connection::open(index).unwrap();
    let sql = "SELECT session_type FROM sessions WHERE session_id = ?1";
    index.query_row(sql, [session], |row| row.get(0)).unwrap()
}

#[test]
fn s81_a_session_says_what_kind_of_work_it_is() {
    let env = TestEnv::empty();
    env.run(&["init"]).ok();
    env.run(&["session", "create", "Plain work"]).ok();
    let made =
        env.run(&["session", "create", "Moss", "--type", "Research", "--pause-current", "--json"]).json();
    assert_eq!(made["session"]["type"], "research");
    assert_eq!(env.read("moss").matches("**Type**: Research").count(), 1, "{}", env.read("moss"));
    assert!(!env.read("plain-work").contains("**Type**"));
    assert_eq!((column(&env, "moss"), column(&env, "plain-work")), ("research".into(), "project".into()));

    let shown = env.run(&["session", "show", "plain-work", "--json"]).json();
    assert!(shown["session"].get("type").is_none(), "{shown}");
    assert!(env.run(&["session", "show", "moss"]).ok().contains("research"));
    let listed = env.run(&["session", "list", "--json"]).json();
    assert_eq!(listed["sessions"][0]["type"], "research");

    env.run(&["session", "set", "type=maintenance", "-s", "plain-work"]).ok();
    assert_eq!(column(&env, "plain-work"), "maintenance");
    let text = env.read("plain-work");
    env.run(&["session", "set", "type=", "--session", "plain-work"]).ok();
    assert_eq!(env.read("plain-work"), text.replace("  \n**Type**: maintenance", ""));
    assert_eq!(column(&env, "plain-work"), "project");

    // In the front matter too, and free words.
    env.write("by-hand", "---\ntype: Home & garden\n---\n# By hand\n\n- [ ] Rake\n");
    assert_eq!(column(&env, "by-hand"), "home & garden");
    assert!(env.run(&["reindex", "--check"]).ok().is_empty());
}

#[test]
fn what_is_no_type_is_refused() {
    let env = TestEnv::with("one", "# Session: One\n\n**Status**: Active\n");
    for args in [
        &["session", "create", "Two", "--type", "**x**"][..],
        &["session", "create", "Two", "--type", " "],
        &["session", "set", "type=a\nb"],
        &["session", "set", "status=paused"],
        &["session", "set", "research"],
        &["session", "set", "due=soon"],
    ] {
        let ran = env.run(args);
        assert_eq!(ran.code, 2, "{args:?}: {}", ran.stderr);
        assert!(ran.stderr.contains("help: "), "{}", ran.stderr);
    }
    assert_eq!(env.read("one"), "# Session: One\n\n**Status**: Active\n");
}
