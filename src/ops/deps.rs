use std::fmt::Write as _;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::diagnostic::visible;
use crate::model::{Graph, Session, Target};

use super::context::locate;
use super::lifecycle::label;
use super::{Context, Effect, OpError, Operation, SCHEMA};

/// Maps what waits for what.
pub struct Deps;

/// Of which session, around which task.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct DepsInput {
    /// Only what this task waits for, directly or not
    pub task: Option<String>,
}

/// The dependency map of one session.
#[derive(Clone, Debug, Serialize)]
pub struct DepsView {
    /// Version of this shape.
    pub schema: u32,
    /// The session's id.
    pub session: String,
    /// Tasks that take part.
    pub nodes: Vec<NodeView>,
    /// `from` waits for `to`.
    pub edges: Vec<EdgeView>,
    /// Rings: tasks that wait for one another.
    pub cycles: Vec<Vec<String>>,
    /// The longest chain of open work by estimate, first task first.
    pub critical_path: Vec<String>,
}

/// A task of the map.
#[derive(Clone, Debug, Serialize)]
pub struct NodeView {
    /// Its id, else its title.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Its state.
    pub status: String,
}

/// An edge of the map.
#[derive(Clone, Debug, Serialize)]
pub struct EdgeView {
    /// The task that waits.
    pub from: String,
    /// What it waits for; the reference as written where it is not in this session.
    pub to: String,
    /// `open`, `done`, `foreign`, `unknown`, `ambiguous`
    pub state: &'static str,
}

impl Operation for Deps {
    const NAME: &'static str = "deps";
    const EFFECT: Effect = Effect::Reads;
    type Input = DepsInput;
    type Output = DepsView;

    fn run(cx: &Context<'_>, input: DepsInput) -> Result<DepsView, OpError> {
        let row = input.task.as_deref().map(|word| cx.task(word)).transpose()?;
        let directory = match &row {
            Some(row) => crate::disk::SafeName::parse(&row.directory)?,
            None => cx.workspace.directory(&cx.session()?)?,
        };
        let snapshot = cx.workspace.snapshot(&directory)?;
        let session = &snapshot.lifted.session;
        let graph = Graph::of(session);
        let root = row.as_ref().map(|row| locate(session, row)).transpose()?;
        let wanted = reachable(&graph, session.tasks.len(), root);
        let mut takes_part = vec![false; session.tasks.len()];
        if let Some(root) = root {
            takes_part[root] = true;
        }
        let mut edges = Vec::new();
        for edge in graph.edges().iter().filter(|e| wanted[e.from]) {
            takes_part[edge.from] = true;
            let (to, state) = match &edge.to {
                Target::Task(t) => {
                    takes_part[*t] = true;
                    (label(session, *t), if session.tasks[*t].status.is_open() { "open" } else { "done" })
                }
                Target::Foreign { session, id } if cx.is_done_elsewhere(session, id) => {
                    (format!("{session}#{id}"), "done")
                }
                Target::Foreign { session, id } => (format!("{session}#{id}"), "foreign"),
                Target::Unknown => (edge.written.to_string(), "unknown"),
                Target::Ambiguous(_) => (edge.written.to_string(), "ambiguous"),
            };
            edges.push(EdgeView { from: label(session, edge.from), to, state });
        }
        let nodes = (0..session.tasks.len()).filter(|&t| takes_part[t]).map(|t| node(session, t)).collect();
        let names = |tasks: Vec<usize>| tasks.into_iter().map(|t| label(session, t)).collect::<Vec<_>>();
        Ok(DepsView {
            schema: SCHEMA,
            session: session.id.clone(),
            nodes,
            edges,
            cycles: graph.cycles().into_iter().map(names).collect(),
            critical_path: names(graph.critical_path(session)),
        })
    }
}

fn node(session: &Session, task: usize) -> NodeView {
    let found = &session.tasks[task];
    NodeView { id: label(session, task), title: found.title.clone(), status: found.status.key().to_owned() }
}

fn reachable(graph: &Graph, tasks: usize, root: Option<usize>) -> Vec<bool> {
    let Some(root) = root else { return vec![true; tasks] };
    let (mut seen, mut todo) = (vec![false; tasks], vec![root]);
    while let Some(task) = todo.pop() {
        if std::mem::replace(&mut seen[task], true) {
            continue;
        }
        let next =
            graph.dependencies(task).filter_map(|e| if let Target::Task(t) = e.to { Some(t) } else { None });
        todo.extend(next);
    }
    seen
}

impl DepsView {
    /// The map in Graphviz' language.
    #[must_use]
    pub fn dot(&self) -> String {
        let mut out = String::from("digraph plan {\n  rankdir=LR;\n  node [shape=box];\n");
        for node in &self.nodes {
            let done =
                if matches!(node.status.as_str(), "completed" | "cancelled") { ", style=dashed" } else { "" };
            let _ = writeln!(out, "  {} [label={}{done}];", quoted(&node.id), quoted(&node.title));
        }
        for edge in &self.edges {
            let style = if matches!(edge.state, "unknown" | "ambiguous") { " [color=red]" } else { "" };
            let _ = writeln!(out, "  {} -> {}{style};", quoted(&edge.to), quoted(&edge.from));
        }
        out.push_str("}\n");
        out
    }

    /// The map as a Mermaid flow chart.
    #[must_use]
    pub fn mermaid(&self) -> String {
        let mut out = String::from("flowchart LR\n");
        let number = |id: &str, known: &mut Vec<String>| -> usize {
            known.iter().position(|k| k == id).unwrap_or_else(|| {
                known.push(id.to_owned());
                known.len() - 1
            })
        };
        let mut known: Vec<String> = Vec::new();
        for node in &self.nodes {
            let n = number(&node.id, &mut known);
            let _ = writeln!(out, "  n{n}[\"{}\"]", mermaid_text(&node.title));
        }
        for edge in &self.edges {
            let before = known.len();
            let to = number(&edge.to, &mut known);
            if to == before {
                let _ = writeln!(out, "  n{to}[\"{}\"]", mermaid_text(&edge.to));
            }
            let from = number(&edge.from, &mut known);
            let _ = writeln!(out, "  n{to} --> n{from}");
        }
        out
    }
}

fn quoted(text: &str) -> String {
    let clean: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let clean = visible(&clean);
    format!("\"{}\"", clean.replace('\\', "\\\\").replace('"', "\\\""))
}

fn mermaid_text(text: &str) -> String {
    let clean: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    visible(&clean)
        .chars()
        .map(|c| match c {
            '"' => "#quot;".to_owned(),
            '#' => "#35;".to_owned(),
            '<' => "#lt;".to_owned(),
            '>' => "#gt;".to_owned(),
            c => c.to_string(),
        })
        .collect()
}
