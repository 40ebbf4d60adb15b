//! What answers cost a model, on plans as large as the promise names.

use std::fmt::Write as _;

use plandown::mcp::count_tokens;
use serde_json::json;

use super::{Server, id_of};
use crate::common::TestEnv;

#[track_caller]
fn check(what: &str, text: &str, most: usize) {
    let tokens = count_tokens(text);
    assert!(tokens <= most, "{what} costs {tokens} of {most}:\n{text}");
}

/// A plan with so many tasks, each with two lines of text below it.
fn plan(tasks: usize) -> String {
    let mut text =
        "# Session: Release of the booking service\n\n**Status**: Active\n\n## Task Groups\n".to_owned();
    for n in 0..tasks {
        if n % 50 == 0 {
            let _ = write!(text, "\n### Part {}\n\n", n / 50 + 1);
        }
        let _ = writeln!(text, "- [ ] Move endpoint {n} to the new router ^t-{n:04}");
        let _ = writeln!(text, "  Keep the old address working until clients have moved, see chapter {n}.");
        let _ = writeln!(text, "  - priority: high");
    }
    text
}

#[test]
fn an_acknowledgement_is_short() {
    let env = TestEnv::with("release", &plan(20));
    let mut server = Server::start(&env, &[]);
    for (tool, arguments) in [
        ("task_update", json!({ "task": "t-0001", "status": "in_progress" })),
        ("task_update", json!({ "task": "t-0002", "append": "A longer remark that is not sent back." })),
        ("complete_task", json!({ "tasks": ["t-0003"], "summary": "Moved and measured." })),
        ("plan_task", json!({ "title": "Tell the clients", "group": "Part 1" })),
        ("task_priority_adjust", json!({ "tasks": ["t-0004"], "priority": "low" })),
        ("task_dependency_add", json!({ "task": "t-0006", "on": ["t-0005"] })),
        ("note_add", json!({ "text": "Old clients send no version", "kind": "learning" })),
        ("session_suspend", json!({})),
    ] {
        let text = server.ok(tool, &arguments);
        assert!(text.starts_with("ok ") && text.contains("rev "), "{text}");
        check(tool, &text, 30);
    }
    server.end();
}

#[test]
fn a_list_of_two_thousand_tasks_is_a_page() {
    let env = TestEnv::with("release", &plan(2000));
    let mut server = Server::start(&env, &[]);
    let listed = server.ok("task_list", &json!({}));
    assert!(listed.starts_with("20 of 2000 tasks"), "{listed}");
    check("task_list", &listed, 700);
    check("get_status", &server.ok("get_status", &json!({})), 700);
    check("search", &server.ok("search", &json!({ "query": "router" })), 1200);
    server.end();
}

#[test]
fn one_task_of_a_long_plan_is_read_alone() {
    let text = plan(107);
    assert!((325..=335).contains(&text.lines().count()), "{}", text.lines().count());
    let env = TestEnv::with("release", &text);
    let mut server = Server::start(&env, &[]);
    let shown = server.ok("task_show", &json!({ "task": "t-0077" }));
    assert!(shown.contains("chapter 77") && !shown.contains("chapter 76"), "{shown}");
    check("task_show", &shown, 250);
    let next = server.ok("next_task", &json!({ "claim": true }));
    assert_eq!(id_of(&next), "t-0000");
    check("next_task", &next, 250);
    server.end();
}
