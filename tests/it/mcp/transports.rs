//! The same requests over standard input and output and over HTTP have the same answers.

use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

use super::modern;
use crate::common::TestEnv;

const PLAN: &str = "# Session: One\n\n## Task Groups\n\n### G\n\n- [ ] First ^t-one1\n  Some text\n- [ ] Second ^t-two2\n  - dependsOn: t-one1\n";

/// A server on a port of its own.
struct Http {
    child: Child,
    host: String,
}

impl Http {
    fn start(env: &TestEnv) -> Self {
        Self::started(env.command(&["mcp", "--http", "127.0.0.1:0", "--print-url"]))
    }

    fn started(mut command: Command) -> Self {
        let mut child =
            command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut url = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut url).unwrap();
        let host = url.trim().strip_prefix("http://").unwrap().strip_suffix("/mcp").unwrap().to_owned();
        Self { child, host }
    }

    /// Posts a body; status and body of the answer.
    fn post(&self, headers: &[(&str, &str)], body: &str) -> (u16, String) {
        let mut stream = TcpStream::connect(&self.host).unwrap();
        let mut request =
            format!("POST /mcp HTTP/1.1\r\nConnection: close\r\nContent-Length: {}\r\n", body.len());
        let usual = [
            ("Host", self.host.as_str()),
            ("Content-Type", "application/json"),
            ("Accept", "application/json, text/event-stream"),
        ];
        let usual = usual.iter().filter(|(name, _)| !headers.iter().any(|(n, _)| n == name));
        for (name, value) in usual.chain(headers) {
            let _ = write!(request, "{name}: {value}\r\n");
        }
        let _ = write!(request, "\r\n{body}");
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = Vec::new();
        // A body that is refused may be refused before it is read.
        let _ = stream.read_to_end(&mut answer);
        let answer = String::from_utf8_lossy(&answer).into_owned();
        let status = answer.split_whitespace().nth(1).and_then(|s| s.parse().ok()).unwrap_or(0);
        (status, answer)
    }

    /// Asks in the newer revision, which wants the method and the name in headers too.
    fn ask(&self, line: &str) -> Value {
        let message: Value = serde_json::from_str(line).unwrap();
        let params = &message["params"];
        let name = params["name"].as_str().or_else(|| params["uri"].as_str());
        let mut headers =
            vec![("MCP-Protocol-Version", "2026-07-28"), ("Mcp-Method", message["method"].as_str().unwrap())];
        headers.extend(name.map(|n| ("Mcp-Name", n)));
        let (_, answer) = self.post(&headers, line);
        // Plain, in chunks, or as an event: the message is the one line that is an object of ours.
        let json = answer.lines().map(|l| l.trim().trim_start_matches("data:").trim_start());
        let found = json.filter(|l| l.starts_with("{\"jsonrpc\"")).find_map(|l| serde_json::from_str(l).ok());
        found.unwrap_or_else(|| panic!("{line}\n{answer}"))
    }
}

impl Drop for Http {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn call(tool: &str, arguments: Value) -> (&'static str, Value) {
    ("tools/call", json!({ "name": format!("orchestrator_{tool}"), "arguments": arguments }))
}

#[test]
fn both_transports_give_the_same_answers() {
    let (piped, served) = (TestEnv::with("one", PLAN), TestEnv::with("one", PLAN));
    let requests = [
        ("server/discover", json!({})),
        ("tools/list", json!({})),
        ("prompts/list", json!({})),
        ("resources/list", json!({})),
        ("resources/templates/list", json!({})),
        ("resources/read", json!({ "uri": "plandown://session/one" })),
        ("resources/read", json!({ "uri": "plandown://task/t-two2" })),
        ("resources/read", json!({ "uri": "plandown://session/nobody" })),
        ("prompts/get", json!({ "name": "work_next" })),
        ("prompts/get", json!({ "name": "nothing" })),
        ("no/such/method", json!({})),
        call("get_status", json!({})),
        call("task_list", json!({ "limit": 1 })),
        call("task_show", json!({ "task": "t-two2" })),
        call("task_show", json!({ "task": "nobody" })),
        call("task_show", json!({ "task": "t-two2", "extra": 1 })),
        call("search", json!({ "query": "text" })),
        call("no_such_tool", json!({})),
        call("task_update", json!({ "task": "t-one1", "append": "more\n\nlines" })),
        call("task_update", json!({ "task": "t-one1", "title": "x", "if_match": "000000000000" })),
        call("complete_task", json!({ "tasks": ["t-one1"] })),
        call("task_update", json!({ "task": "t-two2", "status": "in_progress", "dry_run": true })),
        call("task_list", json!({ "show": "all" })),
        ("resources/read", json!({ "uri": "plandown://session/one" })),
    ];
    let http = Http::start(&served);
    for (at, (method, params)) in requests.into_iter().enumerate() {
        let line = modern(at as u64, method, params);
        let out = piped.run_with(&["mcp"], &(line.clone() + "\n"), &[]).ok();
        let over_stdio: Value = serde_json::from_str(&out).expect("one answer");
        let over_http = served.redact(&http.ask(&line).to_string());
        assert_eq!(over_stdio, serde_json::from_str::<Value>(&over_http).unwrap(), "{line}");
    }
    assert_eq!(piped.read("one"), served.read("one"));
    assert!(served.read("one").contains("- [x] First"));
}

#[test]
fn strangers_are_refused_before_anything_is_read() {
    let env = TestEnv::with("one", PLAN);
    let http = Http::start(&env);
    let line = modern(1, "tools/list", json!({}));
    let headers = [("MCP-Protocol-Version", "2026-07-28"), ("Mcp-Method", "tools/list")];
    let with = |name, value| {
        let mut all = headers.to_vec();
        all.push((name, value));
        http.post(&all, &line).0
    };
    assert_eq!(http.post(&headers, &line).0, 200);
    assert_eq!(with("Origin", "http://localhost:3000"), 200);
    assert_eq!(with("Origin", "https://evil.example"), 403);
    assert_eq!(with("Origin", "http://localhost.evil.example"), 403);
    assert_eq!(with("Host", "evil.example"), 403);
    assert_eq!(http.post(&headers[..1], &line).0, 400);
    let large = modern(1, "tools/list", json!({ "cursor": "x".repeat(5_000_000) }));
    assert_ne!(http.post(&headers, &large).0, 200);
    assert_eq!(http.post(&headers, &line).0, 200);
}

#[test]
fn where_a_token_is_named_nobody_comes_in_without_it() {
    let env = TestEnv::with("one", PLAN);
    let mut command = env.command(&["mcp", "--http", "127.0.0.1:0", "--print-url", "--token-env", "TOKEN"]);
    command.env("TOKEN", "open sesame");
    let http = Http::started(command);
    let line = modern(1, "tools/list", json!({}));
    let status = |authorization: Option<&str>| {
        let mut headers = vec![("MCP-Protocol-Version", "2026-07-28"), ("Mcp-Method", "tools/list")];
        headers.extend(authorization.map(|a| ("Authorization", a)));
        http.post(&headers, &line).0
    };
    for refused in [None, Some(""), Some("Bearer"), Some("Bearer open"), Some("Basic open sesame")] {
        assert_eq!(status(refused), 401, "{refused:?}");
    }
    assert_eq!(status(Some("Bearer open sesame")), 200);
}
