//! Nothing but the protocol on standard output, whatever comes in and whoever goes away.

use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Child, Stdio};

use serde_json::{Value, json};

use super::modern;
use crate::common::TestEnv;

const PLAN: &str = "# Session: One\n\n## Task Groups\n\n### G\n\n- [ ] First ^t-one1\n";

fn list(id: u64) -> String {
    modern(id, "tools/call", json!({ "name": "orchestrator_task_list", "arguments": {} }))
}

/// A server with all of its pipes.
fn started(env: &TestEnv) -> Child {
    let mut command = env.command(&["mcp"]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

#[test]
fn what_is_no_request_is_survived() {
    let env = TestEnv::with("one", PLAN);
    let junk: &[&[u8]] = &[
        b"",
        b"   ",
        b"not json",
        b"{",
        b"[]",
        b"null",
        b"17",
        b"{\"jsonrpc\":\"2.0\"}",
        b"{\"jsonrpc\":\"1.0\",\"id\":1,\"method\":\"ping\"}",
        b"{\"jsonrpc\":\"2.0\",\"id\":{},\"method\":\"tools/list\"}",
        b"{\"jsonrpc\":\"2.0\",\"id\":901,\"result\":{}}",
        b"{\"jsonrpc\":\"2.0\",\"method\":\"notifications/nothing\",\"params\":7}",
        b"[{\"jsonrpc\":\"2.0\",\"id\":902,\"method\":\"tools/list\"}]",
        b"\x00\x01\x02",
        b"\xff\xfe\xc0",
        b"\x1b[2J",
    ];
    let mut input: Vec<u8> = Vec::new();
    for (at, line) in junk.iter().enumerate() {
        input.extend_from_slice(line);
        input.push(b'\n');
        input.extend_from_slice(list(at as u64 + 1).as_bytes());
        input.push(b'\n');
    }
    let mut child = started(&env);
    child.stdin.take().unwrap().write_all(&input).unwrap();
    let out = child.wait_with_output().unwrap();
    let text = String::from_utf8(out.stdout).expect("UTF-8");
    let answers: Vec<Value> = text.lines().map(|l| serde_json::from_str(l).expect(l)).collect();
    assert!(answers.iter().all(|a| a["jsonrpc"] == "2.0"), "{text}");
    for id in 1..=junk.len() {
        let answer = answers.iter().find(|a| a["id"] == id).unwrap_or_else(|| panic!("{id}: {text}"));
        assert!(answer["result"]["content"][0]["text"].as_str().unwrap().contains("t-one1"), "{answer}");
    }
    assert!(out.status.success());
    let complaints = String::from_utf8_lossy(&out.stderr);
    assert!(!complaints.contains("panicked"), "{complaints}");
}

#[test]
fn a_line_of_ten_megabytes_is_answered_and_a_longer_one_survived() {
    let env = TestEnv::with("one", PLAN);
    let call = |id: u64, bytes: usize| {
        let arguments = json!({ "task": "t-one1", "append": "x".repeat(bytes) });
        modern(id, "tools/call", json!({ "name": "orchestrator_task_show", "arguments": arguments }))
    };
    let mut input = String::new();
    let _ = writeln!(input, "{}\n{}\n{}", call(1, 10_000_000), call(2, 20_000_000), list(3));
    let out = env.run_with(&["mcp"], &input, &[]).ok();
    let answers: Vec<Value> = out.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    let of = |id: u64| answers.iter().find(|a| a["id"] == id);
    let refused = of(1).expect("an answer");
    let text = refused["result"]["content"][0]["text"].as_str().unwrap();
    assert!(text.contains("invalid-input") && text.len() < 1000, "{text}");
    assert!(of(3).unwrap()["result"]["content"][0]["text"].as_str().unwrap().contains("t-one1"));
    assert_eq!(env.read("one"), PLAN);
}

#[test]
fn a_reader_that_goes_away_ends_the_server_quietly() {
    let env = TestEnv::with("one", PLAN);
    let mut child = started(&env);
    let mut input = child.stdin.take().unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    writeln!(input, "{}", list(1)).unwrap();
    let mut line = String::new();
    output.read_line(&mut line).unwrap();
    assert!(line.contains("t-one1"), "{line}");
    drop(output);
    for id in 2..40 {
        // The server may be gone already.
        if writeln!(input, "{}", list(id)).is_err() {
            break;
        }
    }
    drop(input);
    child.wait().unwrap();
    let mut complaints = String::new();
    child.stderr.take().unwrap().read_to_string(&mut complaints).unwrap();
    assert!(!complaints.contains("panicked"), "{complaints}");
}
