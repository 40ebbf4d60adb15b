//! Calls of an agent: over standard input and output against the operation called in-process.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use plandown::env::SystemEnv;
use plandown::mcp::{Profile, TokenRow, count_tokens};
use plandown::ops::{
    Context, ListInput, OpError, Operation as _, Search, SearchInput, SetInput, ShowInput, TaskList, TaskSet,
    TaskShow,
};
use plandown::workspace::Workspace;
use serde_json::{Value, json};

use super::corpus::RARE;
use super::measure::Cost;
use super::report::{Amount, Line, Side};
use super::run::Bench;

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

/// Calls in one measured turn: one alone is lost in the noise.
const CALLS: usize = 20;

/// A server and its pipes.
struct Server {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Server {
    fn start(bench: &Bench) -> Outcome<Self> {
        let mut child = Command::new(bench.program())
            .args(["mcp", "--root"])
            .arg(&bench.ours)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let (input, output) = (child.stdin.take(), child.stdout.take());
        let (Some(input), Some(output)) = (input, output) else { return Err("no pipes".into()) };
        Ok(Self { child, input, output: BufReader::new(output) })
    }

    /// One call of the newer revision; nothing comes before it.
    fn call(&mut self, tool: &str, arguments: &Value) -> Outcome<String> {
        let request = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {
            "name": tool, "arguments": arguments,
            "_meta": {
                "io.modelcontextprotocol/protocolVersion": "2026-07-28",
                "io.modelcontextprotocol/clientCapabilities": {},
            },
        } });
        writeln!(self.input, "{request}")?;
        let mut line = String::new();
        self.output.read_line(&mut line)?;
        let answer: Value = serde_json::from_str(&line)?;
        match answer["result"]["content"][0]["text"].as_str() {
            Some(text) if answer["result"]["isError"] != true => Ok(text.to_owned()),
            _ => Err(format!("{tool} {arguments}: {line}").into()),
        }
    }

    fn end(mut self) -> Outcome<()> {
        drop(self.input);
        self.child.wait()?;
        Ok(())
    }
}

type InProcess<'a> = Box<dyn Fn(&Context<'_>, usize) -> Result<(), OpError> + 'a>;

/// One kind of call on both sides; `usize` counts the calls, so that a write changes something.
struct Kind<'a> {
    name: &'static str,
    tool: &'static str,
    arguments: Box<dyn Fn(usize) -> Value + 'a>,
    operation: InProcess<'a>,
}

fn kinds<'a>(session: &'a str, task: &'a str) -> Vec<Kind<'a>> {
    let priority = |n: usize| if n.is_multiple_of(2) { "high" } else { "low" };
    vec![
        Kind {
            name: "mcp task_list",
            tool: "task_list",
            arguments: Box::new(move |_| json!({ "session": session })),
            operation: Box::new(|cx, _| {
                let input = ListInput { open: true, limit: Some(20), ..ListInput::default() };
                TaskList::run(cx, input).map(|_| ())
            }),
        },
        Kind {
            name: "mcp task_show",
            tool: "task_show",
            arguments: Box::new(move |_| json!({ "session": session, "task": task })),
            operation: Box::new(move |cx, _| {
                TaskShow::run(cx, ShowInput { task: task.to_owned() }).map(|_| ())
            }),
        },
        Kind {
            name: "mcp search",
            tool: "search",
            arguments: Box::new(move |_| json!({ "session": session, "query": RARE, "scope": "all" })),
            operation: Box::new(|cx, _| {
                let input = SearchInput {
                    query: RARE.to_owned(),
                    scope: Some("all".to_owned()),
                    within: None,
                    limit: Some(20),
                };
                Search::run(cx, input).map(|_| ())
            }),
        },
        Kind {
            name: "mcp task_update",
            tool: "task_update",
            arguments: Box::new(
                move |n| json!({ "session": session, "task": task, "set": { "priority": priority(n) } }),
            ),
            operation: Box::new(move |cx, n| {
                let mut set = serde_json::Map::new();
                set.insert("priority".to_owned(), priority(n).into());
                let input = SetInput { tasks: vec![task.to_owned()], set, ..SetInput::default() };
                TaskSet::run(cx, input).map(|_| ())
            }),
        },
    ]
}

/// The mean of some calls; nothing of a running server tells what one call used.
fn timed(mut call: impl FnMut(usize) -> Outcome<()>) -> Outcome<Cost> {
    // What the other side wrote is taken in first.
    call(1)?;
    let started = Instant::now();
    for n in 0..CALLS {
        call(n)?;
    }
    Ok(Cost { wall: started.elapsed() / u32::try_from(CALLS)?, ..Cost::default() })
}

/// All of it, as rows of the report.
pub(crate) fn measured(bench: &Bench, runs: usize, wanted: &dyn Fn(&str) -> bool) -> Outcome<Vec<Line>> {
    let session = bench.corpus.sessions.first().ok_or("no session")?;
    let task = bench.corpus.free.iter().find(|(_, s)| s == session).ok_or("no task")?.0.as_str();
    let workspace = Workspace::open(&bench.ours, Arc::new(SystemEnv::read()))?;
    let cx = Context {
        workspace: &workspace,
        session: Some(session.clone()),
        by: "kit".to_owned(),
        dry_run: false,
        if_match: None,
        remarks: plandown::ops::Remarks::default(),
    };
    let mut server = Server::start(bench)?;
    let mut lines = Vec::new();
    for kind in kinds(session, task).into_iter().filter(|k| wanted(k.name)) {
        let mut costs = (Vec::new(), Vec::new());
        for _ in 0..runs {
            costs.0.push(timed(|n| {
                workspace.refresh()?;
                (kind.operation)(&cx, n).map_err(|e| e.to_string().into())
            })?);
            costs.1.push(timed(|n| server.call(kind.tool, &(kind.arguments)(n)).map(drop))?);
        }
        let (limit, ours) = (Side::of(&costs.0), Side::of(&costs.1));
        lines.push(Line { job: kind.name.to_owned(), limit, ours, target: 1.3 });
    }
    server.end()?;
    if wanted("mcp cold start") {
        lines.push(cold(bench, session, runs)?);
    }
    Ok(lines)
}

/// What the lists of tools cost a model before anything is asked (estimates), beside what others were measured to
/// cost with o200k in name, description and input schema.
pub(crate) fn tokens() -> Vec<Amount> {
    const CORE: &str = "task-master core 1445 (7 tools)";
    const FULL: &str = "beads-mcp 3152 (18 tools), Backlog.md 3708 (20), shrimp 5021 (15), basic-memory 7413 (21), \
        task-master 8049 (44)";
    [(Profile::Core, 1000.0, CORE), (Profile::Full, 3000.0, FULL)]
        .map(|(profile, target, others)| {
            let rows = TokenRow::of(profile);
            let total: usize = rows.iter().map(|r| r.tokens).sum();
            let what = format!("tokens, {} tools of profile {}", rows.len(), profile.word());
            Amount { what, ours: total as f64, target, unit: "tok", others }
        })
        .into()
}

/// What usual answers cost a model (estimates).
pub(crate) fn answers(bench: &Bench) -> Outcome<Vec<Amount>> {
    let (task, session) = bench.corpus.free.first().ok_or("no task")?;
    let mut server = Server::start(bench)?;
    let mut amount = |what: &str, tool, arguments: Value, target, others| -> Outcome<Amount> {
        let text = server.call(tool, &arguments)?;
        let what = format!("tokens, {what}");
        Ok(Amount { what, ours: count_tokens(&text) as f64, target, unit: "tok", others })
    };
    let write = json!({ "session": session, "task": task, "set": { "priority": "medium" } });
    let amounts = vec![
        amount("acknowledgement of a write", "task_update", write, 30.0, "Backlog.md task_edit 367")?,
        amount(
            "task_list by default",
            "task_list",
            json!({ "session": session }),
            700.0,
            "Backlog.md task_list of 2,000 tasks 22032",
        )?,
        amount("task_show", "task_show", json!({ "session": session, "task": task }), 250.0, "")?,
    ];
    server.end()?;
    Ok(amounts)
}

/// From nothing to the first answer, against an empty program and opening the workspace.
fn cold(bench: &Bench, session: &str, runs: usize) -> Outcome<Line> {
    let mut costs = (Vec::new(), Vec::new());
    for _ in 0..runs {
        let empty = bench.run_limit(&["start".to_owned()])?.wall;
        let started = Instant::now();
        Workspace::open(&bench.ours, Arc::new(SystemEnv::read()))?;
        let open: Duration = started.elapsed();
        costs.0.push(Cost { wall: empty + open, ..Cost::default() });
        let started = Instant::now();
        let mut server = Server::start(bench)?;
        server.call("task_list", &json!({ "session": session }))?;
        costs.1.push(Cost { wall: started.elapsed(), ..Cost::default() });
        server.end()?;
    }
    let (limit, ours) = (Side::of(&costs.0), Side::of(&costs.1));
    Ok(Line { job: "mcp cold start".to_owned(), limit, ours, target: 3.0 })
}
