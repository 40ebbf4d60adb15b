//! The server as a client sees it: a real process, raw JSON lines, both revisions of the protocol.

mod calls;
mod hostile;
mod questions;
mod stdio;
mod storm;
mod tokens;
mod transports;

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};

use serde_json::{Value, json};

use crate::common::TestEnv;

/// A server and its two pipes.
pub(crate) struct Server {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
    last: u64,
}

impl Server {
    pub(crate) fn start(env: &TestEnv, args: &[&str]) -> Self {
        Self::of(env, args, &json!({}))
    }

    /// The same with a client that can do more.
    pub(crate) fn of(env: &TestEnv, args: &[&str], capabilities: &Value) -> Self {
        let mut all = vec!["mcp"];
        all.extend(args);
        let mut child = env
            .command(&all)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let (input, output) = (child.stdin.take(), BufReader::new(child.stdout.take().unwrap()));
        let mut server = Self { child, input, output, last: 0 };
        let hello = server.ask(
            "initialize",
            &json!({
                "protocolVersion": "2025-11-25", "capabilities": capabilities,
                "clientInfo": { "name": "test client", "version": "1" },
            }),
        );
        assert_eq!(hello["result"]["protocolVersion"], "2025-11-25");
        server.send(&json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }));
        server
    }

    pub(crate) fn send(&mut self, message: &Value) {
        writeln!(self.input.as_mut().unwrap(), "{message}").unwrap();
    }

    pub(crate) fn receive(&mut self) -> Value {
        let mut line = String::new();
        assert!(self.output.read_line(&mut line).unwrap() > 0, "the server is gone");
        serde_json::from_str(&line).expect("a line of JSON")
    }

    /// Sends a request and waits for its answer; notifications in between are dropped.
    pub(crate) fn ask(&mut self, method: &str, params: &Value) -> Value {
        self.last += 1;
        let id = self.last;
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
        loop {
            let message = self.receive();
            // Requests of the server have numbers of their own.
            if message["id"] == id && message["method"].is_null() {
                return message;
            }
        }
    }

    pub(crate) fn call(&mut self, tool: &str, arguments: &Value) -> (String, bool) {
        let answer = self
            .ask("tools/call", &json!({ "name": format!("orchestrator_{tool}"), "arguments": arguments }));
        let result = &answer["result"];
        let text = result["content"][0]["text"].as_str().unwrap_or_else(|| panic!("{answer}"));
        // One text and nothing else: that is what every tool promises.
        assert_eq!(result["content"].as_array().map(Vec::len), Some(1), "{answer}");
        assert!(result.get("structuredContent").is_none(), "{answer}");
        (text.to_owned(), result["isError"] == true)
    }

    #[track_caller]
    pub(crate) fn ok(&mut self, tool: &str, arguments: &Value) -> String {
        let (text, is_error) = self.call(tool, arguments);
        assert!(!is_error, "{tool}: {text}");
        text
    }

    #[track_caller]
    pub(crate) fn error(&mut self, tool: &str, arguments: &Value) -> Value {
        let (text, is_error) = self.call(tool, arguments);
        assert!(is_error, "{tool}: {text}");
        let error: Value = serde_json::from_str(&text).expect("an error object");
        assert!(error["message"].is_string() && error.get("hint").is_some(), "{text}");
        error
    }

    /// Ends the input; the server must end too.
    pub(crate) fn end(mut self) {
        drop(self.input.take());
        assert!(self.child.wait().unwrap().success());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // A test that failed leaves it running otherwise.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// One request of the newer revision: nothing comes before it.
pub(crate) fn modern(id: u64, method: &str, params: Value) -> String {
    modern_as(&json!({}), id, method, params)
}

/// The same of a client that can do more.
pub(crate) fn modern_as(capabilities: &Value, id: u64, method: &str, mut params: Value) -> String {
    params["_meta"] = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": capabilities,
    });
    json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }).to_string()
}

/// The id in the first line of an acknowledgement.
pub(crate) fn id_of(ack: &str) -> String {
    ack.split_whitespace().find(|w| w.starts_with("t-")).expect("an id").to_owned()
}

pub(crate) fn rev_of(text: &str) -> String {
    let (_, rest) = text.split_once("rev ").expect("a revision");
    rest.chars().take_while(char::is_ascii_hexdigit).collect()
}
