//! Sessions in long-term storage: packed away, found, brought back.

use crate::common::TestEnv;

const DONE: &str = "# Session: Old shed\n\n**Status**: Completed\n\n- [x] buy planks ^t-aaaaa1\n";

#[test]
fn a_session_comes_back_byte_for_byte_under_any_of_its_names() {
    let env = TestEnv::with("old-shed", DONE);
    env.write("older-shed", DONE.replace("Old", "Older"));
    for id in ["old-shed", "older-shed"] {
        env.run(&["session", "archive", id]).ok();
    }
    assert!(!env.session_path("old-shed").exists());
    let page = env.run(&["session", "list", "--archived", "--limit", "1", "--json"]).json();
    assert_eq!((page["total"].as_u64(), page["sessions"].as_array().map(Vec::len)), (Some(2), Some(1)));

    let error = env.run(&["session", "restore", "old", "--json"]).error(4);
    assert_eq!(error["candidates"], serde_json::json!(["old-shed", "older-shed"]), "{error}");
    env.run(&["session", "restore", "nothing", "--json"]).error(4);

    let would = env.run(&["session", "restore", "older", "--dry-run"]).ok();
    assert!(would.contains(".task_orchestrator/sessions/older-shed/session.md"), "{would}");
    assert!(!env.session_path("older-shed").exists());

    env.run(&["session", "restore", "Old shed"]).ok();
    assert_eq!(env.read("old-shed"), DONE);
    let left = env.run(&["session", "list", "--archived", "--json"]).json();
    assert_eq!(left["sessions"][0]["id"], "older-shed", "{left}");
}

#[test]
fn sessions_are_listed_in_the_order_that_is_asked_for_and_end_with_a_note() {
    let env = TestEnv::with("b", "# Session: Alder\n\n- [ ] one\n");
    env.write("a", "# Session: Birch\n\n- [x] one\n");
    let names = |args: &[&str]| -> Vec<String> {
        let view = env.run(&[&["session", "list", "--json"], args].concat()).json();
        view["sessions"].as_array().unwrap().iter().map(|s| s["id"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names(&[]), ["a", "b"]);
    assert_eq!(names(&["--sort", "name"]), ["b", "a"]);
    assert_eq!(names(&["--sort", "progress", "--reverse"]), ["a", "b"]);
    env.run(&["session", "complete", "a", "--note", "It stands."]).ok();
    let text = env.read("a");
    assert!(text.contains("Completed") && text.contains("It stands."), "{text}");
}
