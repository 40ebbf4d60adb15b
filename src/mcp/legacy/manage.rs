use serde_json::{Value, json};

use super::super::args::Args;
use super::{Answer, Call, settled, task, text, word};
use crate::ops::{
    DeleteInput, ListInput, Operation, SessionList, SessionListInput, SessionSetState, SessionShow,
    SessionShowInput, SessionStateInput, SessionView, SetInput, TaskDelete, TaskList, TaskSet, TaskSetStatus,
    TaskStatusInput, TaskView,
};

pub(super) fn initialize(call: &Call<'_>) -> Answer {
    let root = call.cx.workspace.disk().layout().root().display().to_string();
    let active: Vec<Value> = all(call, true)?.iter().map(task).collect();
    let session = call.cx.session().ok().map(|row| row.identity.clone());
    text(&json!({
        "session_initialized": true,
        "status": "success",
        "message": "the workspace is open",
        "session_id": session,
        "orchestrator_context": {
            "role": "Task Orchestrator",
            "capabilities": ["planning", "dependencies", "progress", "sessions"],
            "instructions": "Plan with orchestrator_plan_task, begin with orchestrator_execute_task, end with orchestrator_complete_task.",
            "specialist_roles": {},
        },
        "instructions": "Plan with orchestrator_plan_task, begin with orchestrator_execute_task, end with orchestrator_complete_task.",
        "working_directory": root,
        "orchestrator_path": format!("{root}/.task_orchestrator"),
        "active_tasks": active,
        "next_steps": ["orchestrator_plan_task", "orchestrator_get_status"],
    }))
}

/// The session's tasks; none where there is no session yet.
fn all(call: &Call<'_>, open: bool) -> Result<Vec<TaskView>, crate::ops::OpError> {
    Ok(TaskList::run(&call.cx, ListInput { open, ..ListInput::default() })?.tasks)
}

pub(super) fn status(call: &Call<'_>) -> Answer {
    let tasks = all(call, false)?;
    let count = |state: &str| tasks.iter().filter(|t| t.status == state).count();
    let with_done = call.args.flag("include_completed");
    // Newest first: what stands last was added last.
    let shown =
        tasks.iter().rev().filter(|t| with_done || !matches!(t.status.as_str(), "completed" | "cancelled"));
    text(&json!({
        "active_tasks": count("in_progress"),
        "pending_tasks": count("pending"),
        "completed_tasks": count("completed"),
        "failed_tasks": count("failed"),
        "tasks": shown.take(500).map(task).collect::<Vec<_>>(),
    }))
}

pub(super) fn maintenance(call: &Call<'_>) -> Answer {
    let tasks = all(call, false)?;
    let mut states = serde_json::Map::new();
    for task in &tasks {
        let count = states.get(&task.status).and_then(Value::as_u64).unwrap_or(0);
        states.insert(task.status.clone(), (count + 1).into());
    }
    let blocked: Vec<Value> = tasks.iter().filter(|t| !t.blocked_by.is_empty()).map(task).collect();
    text(&json!({
        "operation_id": call.cx.workspace.env().uuid_v7(),
        "action": call.args.text("action"),
        "scope": "current_session",
        "validation_level": call.args.text("validation_level").unwrap_or_else(|| "basic".to_owned()),
        "started_at": call.cx.workspace.now().to_string(),
        "scan_results": {
            "total_parent_tasks": tasks.iter().filter(|t| t.depth == 0).count(),
            "total_tasks": tasks.len(),
            "task_status_distribution": states,
            "stale_tasks": [], "orphaned_tasks": [], "incomplete_workflows": blocked,
            "performance_issues": [],
        },
        "cleanup_actions": [],
        "recommendations": ["orchestrator_validate_integrity shows what is wrong in a plan"],
        "summary": { "changed": false, "note": "nothing was changed: this only looks" },
    }))
}

pub(super) fn update(call: &Call<'_>) -> Answer {
    let cx = settled(call)?;
    let args = &call.args;
    let mut set = serde_json::Map::new();
    for (name, field) in [
        ("specialist_type", "specialist"),
        ("due_date", "due"),
        ("estimated_effort", "est"),
        ("complexity", "complexity"),
        ("context", "context"),
    ] {
        set.extend(args.text(name).map(|v| (field.to_owned(), v.into())));
    }
    let changed: Vec<&str> = [
        "title",
        "description",
        "status",
        "specialist_type",
        "complexity",
        "due_date",
        "estimated_effort",
        "context",
    ]
    .into_iter()
    .filter(|name| args.has(name))
    .collect();
    let state = args.text("status").map(|s| match s.as_str() {
        "active" => "in_progress".to_owned(),
        "archived" => "cancelled".to_owned(),
        _ => s,
    });
    let input = SetInput {
        tasks: vec![args.must("task_id")],
        title: args.text("title"),
        status: state,
        set,
        description: args.raw_text("description"),
        ..SetInput::default()
    };
    let view = TaskSet::run(&cx, input)?;
    let mut answer = view.tasks.first().map(task).unwrap_or_default();
    if let Some(object) = answer.as_object_mut() {
        object.insert("success".into(), true.into());
        object.insert("updated_at".into(), cx.workspace.now().to_string().into());
        object.insert("changes_applied".into(), changed.into());
    }
    text(&answer)
}

pub(super) fn delete(call: &Call<'_>) -> Answer {
    if call.args.switch("archive_instead").unwrap_or(true) {
        return cancel(call);
    }
    let cx = settled(call)?;
    let force = call.args.flag("force");
    let id = call.args.must("task_id");
    let view = TaskDelete::run(&cx, DeleteInput { tasks: vec![id.clone()], force })?;
    text(&json!({
        "success": view.changed, "task_id": id, "action": "deleted", "force_applied": force,
        "archive_mode": false, "dependent_tasks": [],
    }))
}

pub(super) fn cancel(call: &Call<'_>) -> Answer {
    let cx = settled(call)?;
    let before = cx.task_to_change(&call.args.must("task_id"))?.status;
    let input = TaskStatusInput {
        tasks: vec![call.args.must("task_id")],
        status: "cancelled".to_owned(),
        force: false,
        reason: call.args.text("reason"),
    };
    let view = TaskSetStatus::run(&cx, input)?;
    text(&json!({
        "success": true,
        "task_id": view.tasks.first().and_then(|t| t.id.clone()),
        "previous_status": word(&before),
        "status": "cancelled",
        "action": "cancelled",
        "reason": call.args.text("reason"),
        "work_preserved": true,
        "artifact_count": 0,
        "cancelled_at": cx.workspace.now().to_string(),
        "archive_mode": true,
    }))
}

pub(super) fn query(call: &Call<'_>) -> Answer {
    let args = &call.args;
    let (limit, offset) =
        (args.number("limit").unwrap_or(100).clamp(1, 1000), args.number("offset").unwrap_or(0));
    let wanted: Vec<String> = args.texts("status");
    let specialists = args.texts("specialist_type");
    let facts = [("type", args.texts("task_type")), ("complexity", args.texts("complexity"))];
    let input = ListInput {
        text: args.text("search_text"),
        parent: args.text("parent_task_id"),
        ..ListInput::default()
    };
    let mut tasks = TaskList::run(&call.cx, input)?.tasks;
    tasks.retain(|t| {
        let state = wanted.is_empty() || wanted.iter().any(|w| w == word(&t.status) || *w == t.status);
        let who = specialists.is_empty() || t.specialist.as_ref().is_some_and(|s| specialists.contains(s));
        state && who && facts.iter().all(|(field, wanted)| has(t, field, wanted)) && within(t, args)
    });
    let total = tasks.len();
    let page: Vec<Value> = tasks.iter().skip(offset).take(limit).map(task).collect();
    text(&json!({
        "success": true,
        "has_more": offset + page.len() < total,
        "tasks": page,
        "total_count": total,
        "page_count": total.div_ceil(limit),
        "current_page": offset / limit + 1,
        "page_size": limit,
        "filters_applied": { "status": wanted, "specialist_type": specialists },
        "query_metadata": {},
    }))
}

/// Whether a field has one of the wanted words; with none wanted, always.
fn has(task: &TaskView, field: &str, wanted: &[String]) -> bool {
    wanted.is_empty() || task.extra.get(field).is_some_and(|v| wanted.iter().any(|w| v == w.as_str()))
}

/// Whether a task's day of making lies in what was asked for; one without a day does not.
fn within(task: &TaskView, args: &Args) -> bool {
    let (after, before) = (args.text("created_after"), args.text("created_before"));
    let day = |text: &str| text.get(..10).unwrap_or(text).to_owned();
    let made = task.extra.get("created").and_then(Value::as_str).map(day);
    after.is_none_or(|a| made.as_ref().is_some_and(|m| *m >= day(&a)))
        && before.is_none_or(|b| made.as_ref().is_some_and(|m| *m <= day(&b)))
}

fn session(session: &SessionView) -> Value {
    json!({
        "session_id": session.id, "name": session.name, "status": session.status,
        "created_at": null, "last_activity": null,
        "task_count": session.progress.total, "completion_percentage": session.progress.percent,
    })
}

pub(super) fn sessions(call: &Call<'_>) -> Answer {
    let limit = Some(call.args.number("limit").unwrap_or(10));
    let view = SessionList::run(&call.cx, SessionListInput { limit, ..SessionListInput::default() })?;
    let done = call.args.flag("include_completed");
    let shown =
        view.sessions.iter().filter(|s| done || !matches!(s.status.as_str(), "completed" | "cancelled"));
    text(&json!({
        "success": true, "sessions": shown.map(session).collect::<Vec<_>>(),
        "total_count": view.total, "active_session_id": view.active,
    }))
}

pub(super) fn resume(call: &Call<'_>) -> Answer {
    let input = SessionStateInput {
        session: call.args.text("session_id"),
        status: "active".to_owned(),
        ..SessionStateInput::default()
    };
    let view = SessionSetState::run(&call.cx, input)?;
    call.choose(&view);
    text(&json!({ "success": true, "session": view.session.as_ref().map(session), "paused": view.paused }))
}

pub(super) fn cleanup(call: &Call<'_>) -> Answer {
    let view = SessionList::run(&call.cx, SessionListInput::default())?;
    let over = view.sessions.iter().filter(|s| matches!(s.status.as_str(), "completed" | "cancelled"));
    text(&json!({
        "success": true, "dry_run": true, "removed": 0,
        "candidates": over.map(session).collect::<Vec<_>>(),
        "message": "nothing was removed: plans are only removed by orchestrator_session_archive or by hand",
    }))
}

pub(super) fn session_status(call: &Call<'_>) -> Answer {
    let view = SessionShow::run(&call.cx, SessionShowInput { session: call.args.text("session_id") })?;
    let mut answer = session(&view.session);
    if let Some(object) = answer.as_object_mut() {
        object.insert("success".into(), true.into());
        object.insert("next_tasks".into(), view.next.iter().map(task).collect());
    }
    text(&answer)
}

/// There is nothing to reboot: a server is a process of its client, and every plan is a file.
pub(super) fn reboot(_: &Call<'_>) -> Answer {
    text(&json!({
        "success": true, "performed": false,
        "message": "nothing was done and nothing is needed: every change is in its file as soon as a tool answers; \
                    restart the client to restart this server",
    }))
}

pub(super) fn health(call: &Call<'_>) -> Answer {
    let index = call.cx.workspace.detached().map_or_else(|| "ok".to_owned(), str::to_owned);
    text(&json!({
        "healthy": true,
        "timestamp": call.cx.workspace.now().to_string(),
        "server_version": env!("CARGO_PKG_VERSION"),
        "checks": { "reboot_readiness": "not needed", "database": index, "connections": "ok" },
    }))
}
