use std::fmt::Write as _;

use serde_json::{Value, json};

use super::super::{tools, words};
use super::{Answer, Call, settled, text, word};
use crate::ops::{
    AddInput, Context, ErrorCode, NextInput, OpError, Operation, SetInput, ShowInput, TaskAdd, TaskNext,
    TaskSet, TaskSetStatus, TaskShow, TaskStatusInput, TaskTree, TaskView, TreeInput, TreeTask,
};

/// Both forms: one task by its title, or a breakdown whose subtasks are JSON in a string.
pub(super) fn plan(call: &Call<'_>) -> Answer {
    let cx = settled(call)?;
    match call.args.text("subtasks_json") {
        Some(subtasks) => breakdown(call, &cx, &subtasks),
        None => single(call, &cx),
    }
}

fn single(call: &Call<'_>, cx: &Context<'_>) -> Answer {
    let args = &call.args;
    let title = args.text("title").or_else(|| args.text("description")).unwrap_or_default();
    let input = AddInput {
        title: Some(title),
        description: args.text("title").and_then(|_| args.text("description")),
        parent: args.text("parent_task_id"),
        specialist: args.text("specialist_type"),
        estimate: effort(args.text("estimated_effort")),
        due: args.text("due_date"),
        depends_on: args.texts("dependencies"),
        ..AddInput::default()
    };
    let view = TaskAdd::run(cx, input)?;
    let Some(task) = view.tasks.first() else {
        return Err(OpError::new(ErrorCode::Internal, "the task was not added"));
    };
    let now = cx.workspace.now().to_string();
    text(&json!({
        "success": true,
        "task_id": task.id,
        "title": task.title,
        "description": args.text("description"),
        "status": word(&task.status),
        "task_type": args.text("task_type").unwrap_or_else(|| "standard".to_owned()),
        "complexity": complexity(call),
        "specialist_type": task.specialist,
        "created_at": now,
        "message": format!("task created in session {}", view.session),
        "operation": "create_task",
        "timestamp": now,
    }))
}

fn complexity(call: &Call<'_>) -> String {
    let given = call.args.text("complexity").or_else(|| call.args.text("complexity_level"));
    given.unwrap_or_else(|| "moderate".to_owned())
}

/// Words like "2 hours" are efforts; "unknown" is none.
fn effort(text: Option<String>) -> Option<String> {
    let text = text?;
    let mut words = text.split_whitespace();
    let number = words.next()?;
    let unit = words.next().and_then(|w| w.chars().next());
    let joined = unit.map_or_else(|| number.to_owned(), |u| format!("{number}{u}"));
    joined.chars().next().filter(char::is_ascii_digit).map(|_| joined)
}

fn breakdown(call: &Call<'_>, cx: &Context<'_>, subtasks: &str) -> Answer {
    let wrong = |why: String| {
        OpError::new(ErrorCode::InvalidInput, format!("`subtasks_json` cannot be read: {why}"))
            .hint("give a JSON list of {title, description, specialist_type, dependencies, task_id}")
    };
    let parsed: Vec<Value> = serde_json::from_str(subtasks).map_err(|e| wrong(e.to_string()))?;
    let description = call.args.must("description");
    let (head, rest) = description.split_once('\n').unwrap_or((&description, ""));
    let title: String = call.args.text("title").unwrap_or_else(|| head.trim().to_owned());
    let mut body = rest.trim().to_owned();
    if let Some(context) = call.args.text("context") {
        body = format!("{body}\n{context}");
    }
    let parent = "\u{1}parent".to_owned();
    let mut tasks = vec![TreeTask {
        local: Some(parent.clone()),
        parent: None,
        task: AddInput {
            title: Some(title),
            description: Some(body.trim().to_owned()).filter(|b| !b.is_empty()),
            ..AddInput::default()
        },
    }];
    for subtask in &parsed {
        let field = |name: &str| subtask.get(name).and_then(Value::as_str).map(str::to_owned);
        let title = field("title").ok_or_else(|| wrong("a subtask has no title".to_owned()))?;
        let list = subtask.get("dependencies").and_then(Value::as_array).into_iter().flatten();
        tasks.push(TreeTask {
            local: field("task_id"),
            parent: Some(parent.clone()),
            task: AddInput {
                title: Some(title),
                description: field("description"),
                specialist: field("specialist_type"),
                estimate: effort(field("estimated_effort")),
                depends_on: list.filter_map(Value::as_str).map(str::to_owned).collect(),
                ..AddInput::default()
            },
        });
    }
    let view = TaskTree::run(cx, TreeInput { tasks, root: AddInput::default() })?;
    let subtasks: Vec<Value> = view
        .tasks
        .iter()
        .skip(1)
        .map(|t| {
            json!({
                "task_id": t.id, "title": t.title, "specialist_type": t.specialist,
                "dependencies": t.depends_on,
            })
        })
        .collect();
    text(&json!({
        "task_created": true,
        "parent_task_id": view.tasks.first().and_then(|t| t.id.clone()),
        "description": description,
        "complexity": complexity(call),
        "subtasks": subtasks,
        "next_steps": "use orchestrator_execute_task with a task_id to begin",
    }))
}

/// Plain Markdown with everything that work on the task needs; begins the task.
pub(super) fn execute(call: &Call<'_>) -> Answer {
    let cx = settled(call)?;
    let id = call.args.must("task_id");
    let view = TaskShow::run(&cx, ShowInput { task: id.clone() })?;
    if view.task.status == "pending" {
        let input = TaskStatusInput {
            tasks: vec![id.clone()],
            status: "in_progress".to_owned(),
            force: false,
            reason: None,
        };
        TaskSetStatus::run(&cx, input)?;
    }
    let view = TaskShow::run(&cx, ShowInput { task: id })?;
    let role = view.task.specialist.as_deref().unwrap_or("specialist");
    let mut out = format!("# {}\n\n## Task Details:\n\n", words::line(role));
    out.push_str(&tools::detail(&view, 20_000));
    let _ = write!(
        out,
        "\n\n## Instructions:\n\nDo the task as this specialist. When it is done, call orchestrator_complete_task \
         with task_id, summary, detailed_work and next_action."
    );
    Ok(out)
}

/// Records the results in the task's text, and completes it unless `next_action` says otherwise.
pub(super) fn complete(call: &Call<'_>) -> Answer {
    let cx = settled(call)?;
    let args = &call.args;
    let id = args.must("task_id");
    let action = args.text("next_action").unwrap_or_else(|| "complete".to_owned());
    let status = match action.as_str() {
        "needs_revision" => "in_progress",
        "blocked" => "blocked",
        _ => "completed",
    };
    let summary = args.text("summary").or_else(|| args.text("results"));
    let mut record: Vec<String> = summary.iter().cloned().collect();
    record.extend(args.text("detailed_work"));
    let mut files = args.texts("file_paths");
    files.extend(args.texts("artifacts"));
    files.extend(args.texts("legacy_artifacts"));
    if !files.is_empty() {
        record.push(format!("Files: {}", files.join(", ")));
    }
    let input = SetInput {
        tasks: vec![id],
        status: Some(status.to_owned()),
        append: Some(record.join("\n")).filter(|r| !r.trim().is_empty()),
        ..SetInput::default()
    };
    let view = TaskSet::run(&cx, input)?;
    let task = view.tasks.first();
    let parent = task.and_then(|t| t.parent.clone());
    text(&json!({
        "task_id": task.and_then(|t| t.id.clone()),
        "status": task.map(|t| word(&t.status).to_owned()),
        "results_recorded": !record.is_empty(),
        "summary": summary,
        "next_action": action,
        "artifact_created": false,
        "artifact_info": { "note": "the results stand in the task's own text in session.md" },
        "parent_task_progress": progress(&cx, parent.as_deref())?,
        "next_recommended_task": next(&cx)?,
        "message": format!("recorded in session {}", view.session),
    }))
}

fn progress(cx: &Context<'_>, parent: Option<&str>) -> Result<Value, OpError> {
    let Some(parent) = parent else { return Ok(Value::Null) };
    let tasks: Vec<TaskView> = tools::below(cx, Some(parent))?;
    let done = tasks.iter().filter(|t| t.status == "completed").count();
    let percent = if tasks.is_empty() { 0 } else { done * 100 / tasks.len() };
    Ok(json!({
        "progress": format!("{done}/{}", tasks.len()),
        "parent_task_id": parent,
        "completed_subtasks": done,
        "total_subtasks": tasks.len(),
        "progress_percentage": percent,
    }))
}

fn next(cx: &Context<'_>) -> Result<Value, OpError> {
    let view = TaskNext::run(cx, NextInput::default())?;
    Ok(view.tasks.first().map_or(
        Value::Null,
        |t| json!({ "task_id": t.id, "title": t.title, "specialist_type": t.specialist }),
    ))
}

pub(super) fn synthesize(call: &Call<'_>) -> Answer {
    tools::report(&settled(call)?, call.args.text("parent_task_id").as_deref())
}
