//! Questions to the person at the client, and signs of life while a call runs.

use serde_json::{Value, json};

use super::{Server, modern_as};
use crate::common::TestEnv;

const PLAN: &str = "# Session: One\n\n## Task Groups\n\n### G\n\n- [ ] Big ^t-big1\n  - [ ] Small ^t-sml1\n- [ ] Other ^t-oth1\n";

fn complete() -> Value {
    json!({ "name": "orchestrator_complete_task", "arguments": { "tasks": ["t-big1"] } })
}

/// Calls in the older revision; the person's answer is sent when the question comes.
fn asked(server: &mut Server, params: &Value, answer: &Value) -> (Value, Value) {
    server.send(&json!({ "jsonrpc": "2.0", "id": 77, "method": "tools/call", "params": params }));
    let question = server.receive();
    assert_eq!(question["method"], "elicitation/create", "{question}");
    server.send(&json!({ "jsonrpc": "2.0", "id": question["id"], "result": answer }));
    let result = server.receive();
    assert_eq!(result["id"], 77, "{result}");
    (question["params"].clone(), result["result"].clone())
}

#[test]
fn the_older_revision_asks_while_the_call_waits() {
    let env = TestEnv::with("one", PLAN);
    let mut server = Server::of(&env, &[], &json!({ "elicitation": {} }));
    for answer in [
        json!({ "action": "decline" }),
        json!({ "action": "cancel" }),
        json!({ "action": "accept", "content": { "confirm": false } }),
        json!({ "action": "accept" }),
    ] {
        let (question, result) = asked(&mut server, &complete(), &answer);
        assert!(question["message"].as_str().unwrap().contains("1 subtask open"), "{question}");
        assert_eq!(question["requestedSchema"]["required"], json!(["confirm"]));
        let error: Value = serde_json::from_str(result["content"][0]["text"].as_str().unwrap()).unwrap();
        assert_eq!((&result["isError"], &error["code"]), (&true.into(), &"open-work".into()), "{result}");
        assert!(error["hint"].as_str().unwrap().contains("said no"), "{error}");
        assert_eq!(env.read("one"), PLAN);
    }
    let yes = json!({ "action": "accept", "content": { "confirm": true } });
    let (_, result) = asked(&mut server, &complete(), &yes);
    assert_ne!(result["isError"], true, "{result}");
    assert!(env.read("one").contains("- [x] Big"), "{}", env.read("one"));
    // Who says it in the call is not asked.
    server.ok("session_complete", &json!({ "force": true }));
    server.end();
}

#[test]
fn the_newer_revision_is_asked_in_rounds_and_any_process_can_go_on() {
    let env = TestEnv::with("one", PLAN);
    let can = json!({ "elicitation": { "form": {} } });
    let call = |capabilities: &Value, params: Value| {
        let line = modern_as(capabilities, 1, "tools/call", params) + "\n";
        let out = env.run_with(&["mcp"], &line, &[]).ok();
        serde_json::from_str::<Value>(&out).expect("one answer")["result"].clone()
    };
    let first = call(&can, complete());
    assert_eq!(first["resultType"], "input_required", "{first}");
    let requests = first["inputRequests"].as_object().unwrap();
    let (key, request) = requests.iter().next().unwrap();
    assert_eq!(request["method"], "elicitation/create");
    let with = |key: &str, answer: Value| {
        let mut params = complete();
        params["inputResponses"] = json!({ key: answer });
        params
    };
    let yes = json!({ "action": "accept", "content": { "confirm": true } });
    // The answer to another question, or what is no answer, is asked again; a "no" changes nothing.
    assert_eq!(call(&can, with("confirm-000000000000", yes.clone())), first);
    assert_eq!(call(&can, with(key, json!({ "action": "maybe" }))), first);
    assert_eq!(call(&can, with(key, json!({ "action": "decline" })))["isError"], true);
    // Who cannot be asked has to say it in the call.
    let refused = call(&json!({}), complete());
    assert!(refused["content"][0]["text"].as_str().unwrap().contains("`force: true`"), "{refused}");
    assert_eq!(env.read("one"), PLAN);
    let done = call(&can, with(key, yes));
    assert_ne!(done["isError"], true, "{done}");
    assert!(env.read("one").contains("- [x] Big"));
}

#[test]
fn a_question_nobody_answers_does_not_hold_up_the_end() {
    let env = TestEnv::with("one", PLAN);
    let hello = json!({ "jsonrpc": "2.0", "id": 0, "method": "initialize", "params": {
        "protocolVersion": "2025-11-25", "capabilities": { "elicitation": {} },
        "clientInfo": { "name": "piped", "version": "1" },
    } });
    let ready = json!({ "jsonrpc": "2.0", "method": "notifications/initialized" });
    let call = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": complete() });
    let out = env.run_with(&["mcp"], &format!("{hello}\n{ready}\n{call}\n"), &[]).ok();
    let mut lines = out.lines().map(|l| serde_json::from_str::<Value>(l).expect("a line of JSON"));
    assert!(lines.any(|m| m["id"] == 1 && m["result"]["isError"] == true), "{out}");
    assert_eq!(env.read("one"), PLAN);
}

#[test]
fn a_long_call_says_that_it_has_begun_where_progress_is_wanted() {
    let env = TestEnv::with("one", PLAN);
    let mut server = Server::start(&env, &[]);
    for tool in ["sync", "validate_integrity", "optimize_performance", "cleanup"] {
        let params = json!({
            "name": format!("orchestrator_{tool}"), "arguments": {}, "_meta": { "progressToken": tool },
        });
        server.send(&json!({ "jsonrpc": "2.0", "id": tool, "method": "tools/call", "params": params }));
        let mut last = -1.0;
        loop {
            let message = server.receive();
            if message["id"] == tool {
                assert_ne!(message["result"]["isError"], true, "{message}");
                break;
            }
            assert_eq!(message["method"], "notifications/progress", "{message}");
            assert_eq!(message["params"]["progressToken"], tool);
            let value = message["params"]["progress"].as_f64().unwrap();
            assert!(value > last, "{message}");
            last = value;
        }
        assert!(last >= 0.0, "{tool} said nothing");
    }
    server.end();
}
