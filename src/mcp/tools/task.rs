use std::fmt::Write as _;

use serde_json::{Map, Value};

use super::super::param::{Kind, Param};
use super::super::tool::{Call, Does, Tool};
use super::super::words;
use super::Answer;
use crate::ops::{
    BatchInput, BatchUpdate, DependInput, Deps, DepsInput, Operation, SetInput, SplitInput, TaskBatch,
    TaskDepend, TaskSet, TaskSetStatus, TaskSplit, TaskStatusInput, TextReplace,
};

const TASK: Param = Param::text("task").must();
const TASKS: Param = Param::texts("tasks").must();
const IF_MATCH: Param = Param::text("if_match");
const SESSION: Param = Param::text("session");
const STATES: &[&str] =
    &["pending", "in_progress", "blocked", "in_review", "on_hold", "failed", "completed", "cancelled"];
const STATUS: Param = Param::word("status", STATES);

/// Fields that may be said directly instead of inside `set`.
const DIRECT: &[(&str, &str)] = &[
    ("priority", "priority"),
    ("due", "due"),
    ("estimate", "est"),
    ("specialist", "specialist"),
    ("tags", "tags"),
    ("depends_on", "dependsOn"),
];

const UPDATE: &[Param] = &[
    Param::text("task").must(),
    STATUS,
    Param::text("title"),
    Param::new("set", Kind::Object),
    Param::texts("unset").unlisted(),
    Param::flag("force").unlisted(),
];

pub(super) const TOOLS: &[Tool] = &[
    Tool {
        name: "task_update",
        title: "Change a task",
        doc: "Changes state, title, fields or text; replaces old by new in the text, or appends.",
        does: Does::Settles,
        core: true,
        params: &[
            TASK,
            STATUS,
            Param::text("title"),
            Param::new("set", Kind::Object)
                .doc("priority, due, est, specialist, tags, dependsOn, own; null removes"),
            Param::text("description"),
            Param::text("append"),
            Param::text("old"),
            Param::text("new"),
            Param::flag("force"),
            SESSION,
            IF_MATCH,
            Param::texts("unset").unlisted(),
            Param::text("priority").unlisted(),
            Param::text("due").unlisted(),
            Param::text("estimate").unlisted(),
            Param::text("specialist").unlisted(),
            Param::texts("tags").unlisted(),
            Param::texts("depends_on").unlisted(),
        ],
        call: update,
    },
    Tool {
        name: "complete_task",
        title: "Complete tasks",
        doc: "Completes tasks; force although subtasks or dependencies are open.",
        does: Does::Settles,
        core: true,
        params: &[TASKS, Param::text("summary"), Param::flag("force"), IF_MATCH],
        call: complete,
    },
    Tool {
        name: "task_dependencies_map",
        title: "Map dependencies",
        doc: "What waits for what, rings, critical path.",
        does: Does::Reads,
        core: false,
        params: &[Param::text("task"), Param::word("format", &["text", "mermaid", "dot"]).unlisted()],
        call: map,
    },
    Tool {
        name: "task_dependency_add",
        title: "Add dependencies",
        doc: "Makes a task wait for others; or remove.",
        does: Does::Settles,
        core: false,
        params: &[TASK, Param::texts("on").must(), Param::flag("remove")],
        call: depend,
    },
    Tool {
        name: "task_priority_adjust",
        title: "Set priorities",
        doc: "Sets the priority of tasks.",
        does: Does::Settles,
        core: false,
        params: &[TASKS, Param::word("priority", &["urgent", "high", "medium", "low", "someday"]).must()],
        call: prioritise,
    },
    Tool {
        name: "task_batch_update",
        title: "Change many tasks",
        doc: "Many task_updates of one session, all or nothing.",
        does: Does::Settles,
        core: false,
        params: &[Param::new("updates", Kind::Objects(UPDATE)).must(), IF_MATCH],
        call: batch,
    },
    Tool {
        name: "task_split",
        title: "Split a task",
        doc: "Adds subtasks; chain: one after the other.",
        does: Does::Writes,
        core: false,
        params: &[TASK, Param::texts("into").must(), Param::flag("chain")],
        call: split,
    },
];

fn update(call: &Call<'_>) -> Answer {
    let args = &call.args;
    let mut set = args.object("set");
    for (name, field) in DIRECT {
        if let Some(text) = args.raw_text(name) {
            set.insert((*field).to_owned(), text.into());
        } else if args.has(name) {
            set.insert((*field).to_owned(), args.texts(name).into());
        }
    }
    let replace =
        args.text("old").map(|old| TextReplace { old, new: args.raw_text("new").unwrap_or_default() });
    let input = SetInput {
        tasks: vec![args.must("task")],
        title: args.raw_text("title"),
        status: args.text("status"),
        set: emptied(set),
        unset: args.texts("unset"),
        description: args.raw_text("description"),
        append: args.text("append"),
        replace,
        force: args.flag("force"),
    };
    Ok(words::ack(&TaskSet::run(&call.cx, input)?))
}

/// An empty value means that the field is to go.
fn emptied(mut set: Map<String, Value>) -> Map<String, Value> {
    for value in set.values_mut() {
        if value.as_str().is_some_and(|t| t.trim().is_empty()) || value.as_array().is_some_and(Vec::is_empty)
        {
            *value = Value::Null;
        }
    }
    set
}

fn complete(call: &Call<'_>) -> Answer {
    let input = TaskStatusInput {
        tasks: call.args.texts("tasks"),
        status: "completed".to_owned(),
        force: call.args.flag("force"),
        reason: call.args.text("summary"),
    };
    Ok(words::ack(&TaskSetStatus::run(&call.cx, input)?))
}

fn map(call: &Call<'_>) -> Answer {
    let view = Deps::run(&call.cx, DepsInput { task: call.args.text("task") })?;
    match call.args.text("format").as_deref() {
        Some("mermaid") => return Ok(crate::diagnostic::visible(&view.mermaid()).into_owned()),
        Some("dot") => return Ok(crate::diagnostic::visible(&view.dot()).into_owned()),
        _ => {}
    }
    let mut out =
        format!("session {} · {} tasks, {} edges", view.session, view.nodes.len(), view.edges.len());
    for edge in view.edges.iter().take(200) {
        let _ =
            write!(out, "\n{} waits for {} ({})", words::line(&edge.from), words::line(&edge.to), edge.state);
    }
    for ring in &view.cycles {
        let _ = write!(out, "\nring: {}", words::some(ring));
    }
    if !view.critical_path.is_empty() {
        let path: Vec<String> = view.critical_path.iter().take(50).map(|t| words::line(t)).collect();
        let _ = write!(out, "\ncritical path: {}", path.join(" → "));
    }
    Ok(out)
}

fn depend(call: &Call<'_>) -> Answer {
    let input = DependInput {
        task: call.args.must("task"),
        on: call.args.texts("on"),
        remove: call.args.flag("remove"),
    };
    Ok(words::ack(&TaskDepend::run(&call.cx, input)?))
}

fn prioritise(call: &Call<'_>) -> Answer {
    let mut set = serde_json::Map::new();
    set.insert("priority".to_owned(), call.args.must("priority").into());
    let input = SetInput { tasks: call.args.texts("tasks"), set, ..SetInput::default() };
    Ok(words::ack(&TaskSet::run(&call.cx, input)?))
}

fn batch(call: &Call<'_>) -> Answer {
    let updates = call.args.objects("updates");
    let updates = updates.iter().map(|u| BatchUpdate {
        task: u.must("task"),
        status: u.text("status"),
        title: u.text("title"),
        set: emptied(u.object("set")),
        unset: u.texts("unset"),
        force: u.flag("force"),
    });
    let view = TaskBatch::run(&call.cx, BatchInput { updates: updates.collect() })?;
    Ok(words::ack(&view))
}

fn split(call: &Call<'_>) -> Answer {
    let input = SplitInput {
        task: call.args.must("task"),
        into: call.args.texts("into"),
        chain: call.args.flag("chain"),
    };
    Ok(words::ack(&TaskSplit::run(&call.cx, input)?))
}
