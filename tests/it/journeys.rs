//! Undo and redo, over random sequences of commands and hand edits.

use proptest::prelude::*;

use crate::common::TestEnv;

const PLAN: &str = "# Session: Plan\n\n**Status**: Active\n\n## 📋 Task Groups\n\n### Build\n\n- [ ] one ^t-one1\n- [ ] two ^t-two2\n- [ ] three ^t-three3\n\n### Ship\n\n- [ ] four ^t-four4\n";

fn act(env: &TestEnv, kind: u8, n: usize) {
    let ids = ["t-one1", "t-two2", "t-three3", "t-four4"];
    let id = ids[n % 4];
    match kind {
        0 => drop(env.run(&["start", id])),
        1 => drop(env.run(&["task", "set", id, "priority=high"])),
        2 => drop(env.run(&["add", &format!("new {n}"), "--group", "Ship"])),
        3 => drop(env.run(&["note", "add", &format!("note {n}")])),
        4 => drop(env.run(&["task", "delete", id, "--force"])),
        5 => {
            let text = env.read("plan");
            env.write("plan", text.replacen("- [ ] ", &format!("- [ ] hand{n} "), 1));
            drop(env.run(&["sync"]));
        }
        6 => {
            let text = env.read("plan");
            env.write("plan", format!("{text}\nA line by hand, {n}.\n"));
            drop(env.run(&["sync", "--no-views"]));
        }
        _ => drop(env.run(&["undo"])),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn undone_one_by_one_the_first_bytes_come_back_and_redone_the_last(
        steps in proptest::collection::vec((0..8_u8, 0..20_usize), 1..7),
    ) {
        let env = TestEnv::with("plan", PLAN);
        env.run(&["sync"]).ok();
        let first = env.read("plan");
        for (kind, n) in &steps {
            act(&env, *kind, *n);
        }
        let last = env.read("plan");
        let mut undone = 0;
        while env.run(&["undo"]).code == 0 {
            undone += 1;
            prop_assert!(undone < 50);
        }
        prop_assert_eq!(env.read("plan"), first);
        for _ in 0..undone {
            env.run(&["redo"]).ok();
        }
        prop_assert_eq!(env.read("plan"), last);
    }
}

#[test]
fn undo_leaves_what_came_later_and_says_who_did_what() {
    let env = TestEnv::with("plan", PLAN);
    env.run(&["sync"]).ok();
    env.run(&["done", "t-one1"]).ok();
    env.write("plan", env.read("plan").replace("four", "vier"));
    env.run(&["done", "t-two2"]).ok();
    let log = env.run(&["--session", "plan", "log", "--json"]).json();
    let by: Vec<&str> = log["steps"].as_array().unwrap().iter().map(|s| s["by"].as_str().unwrap()).collect();
    assert_eq!(by, ["tester", "human", "tester", "human"]);
    env.run(&["undo"]).ok();
    let text = env.read("plan");
    assert!(text.contains("- [ ] two") && text.contains("vier") && text.contains("- [x] one"), "{text}");
    env.run(&["undo"]).ok();
    assert!(env.read("plan").contains("four"), "a hand edit is undone too");
    env.run(&["redo", "2"]).ok();
    let text = env.read("plan");
    assert!(text.contains("- [x] two") && text.contains("vier"), "{text}");
    let error = env.run(&["--json", "redo"]).error(1);
    assert_eq!(error["code"], "nothing-to-undo");
}
