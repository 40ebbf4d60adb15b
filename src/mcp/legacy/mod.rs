//! The older tool's names with its own arguments and answers, on sessions.
//!
//! What it promised and never did (reboots, stored artifacts) is answered truthfully.

mod manage;
mod work;

use serde_json::Value;

use super::param::Param;
use super::tool::{Call, Does, Tool};
use crate::ops::{Context, ErrorCode, OpError, Operation, SessionCreate, SessionCreateInput, TaskView};

type Answer = Result<String, OpError>;

const TASK_ID: Param = Param::text("task_id").must();

const fn row(
    name: &'static str,
    doc: &'static str,
    does: Does,
    params: &'static [Param],
    call: fn(&Call<'_>) -> Answer,
) -> Tool {
    Tool { name, title: doc, doc, does, core: false, params, call }
}

/// The rows, under names without the common prefix.
pub(super) const TOOLS: &[Tool] = &[
    row(
        "initialize_session",
        "Initialize a task orchestration session",
        Does::Settles,
        &[Param::text("working_directory")],
        manage::initialize,
    ),
    row(
        "plan_task",
        "Create a task, or a breakdown with subtasks_json",
        Does::Writes,
        &[
            Param::text("title"),
            Param::text("description"),
            Param::text("subtasks_json"),
            Param::text("complexity_level"),
            Param::text("context"),
            Param::text("task_type"),
            Param::text("parent_task_id"),
            Param::text("complexity"),
            Param::text("specialist_type"),
            Param::text("estimated_effort"),
            Param::text("due_date"),
            Param::texts("dependencies"),
        ],
        work::plan,
    ),
    row("execute_task", "Get a task's context and begin it", Does::Settles, &[TASK_ID], work::execute),
    row("execute_subtask", "Get a subtask's context and begin it", Does::Settles, &[TASK_ID], work::execute),
    row("complete_task", "Complete a task with its results", Does::Settles, COMPLETE, work::complete),
    row("complete_subtask", "Complete a subtask with its results", Does::Settles, COMPLETE, work::complete),
    row(
        "synthesize_results",
        "Combine the results of a task's subtasks",
        Does::Reads,
        &[Param::text("parent_task_id").must()],
        work::synthesize,
    ),
    row(
        "get_status",
        "Status of the tasks",
        Does::Reads,
        &[Param::flag("include_completed")],
        manage::status,
    ),
    row(
        "maintenance_coordinator",
        "Scan the plan",
        Does::Reads,
        &[
            Param::text("action").must(),
            Param::text("scope"),
            Param::text("validation_level"),
            Param::text("target_task_id"),
        ],
        manage::maintenance,
    ),
    row(
        "update_task",
        "Update a task",
        Does::Settles,
        &[
            TASK_ID,
            Param::text("title"),
            Param::text("description"),
            Param::text("status"),
            Param::text("specialist_type"),
            Param::text("complexity"),
            Param::text("estimated_effort"),
            Param::text("due_date"),
            Param::text("context"),
        ],
        manage::update,
    ),
    row(
        "delete_task",
        "Cancel a task, or delete it with archive_instead=false",
        Does::Settles,
        &[TASK_ID, Param::flag("force"), Param::flag("archive_instead")],
        manage::delete,
    ),
    row(
        "cancel_task",
        "Cancel a task",
        Does::Settles,
        &[TASK_ID, Param::text("reason"), Param::flag("preserve_work")],
        manage::cancel,
    ),
    row(
        "query_tasks",
        "Query tasks",
        Does::Reads,
        &[
            Param::texts("status"),
            Param::texts("task_type"),
            Param::texts("specialist_type"),
            Param::text("parent_task_id"),
            Param::texts("complexity"),
            Param::text("search_text"),
            Param::text("created_after"),
            Param::text("created_before"),
            Param::flag("include_children"),
            Param::flag("include_artifacts"),
            Param::number("limit"),
            Param::number("offset"),
        ],
        manage::query,
    ),
    row(
        "list_sessions",
        "List sessions",
        Does::Reads,
        &[Param::flag("include_completed"), Param::number("limit")],
        manage::sessions,
    ),
    row(
        "resume_session",
        "Resume a session",
        Does::Settles,
        &[Param::text("session_id").must()],
        manage::resume,
    ),
    row(
        "cleanup_sessions",
        "List sessions that could be removed",
        Does::Reads,
        &[Param::text("cleanup_type"), Param::number("older_than_days"), Param::flag("dry_run")],
        manage::cleanup,
    ),
    row(
        "session_status",
        "Status of a session",
        Does::Reads,
        &[Param::text("session_id")],
        manage::session_status,
    ),
    row("restart_server", "Does nothing: there is no server to restart", Does::Reads, REBOOT, manage::reboot),
    row("shutdown_prepare", "Does nothing: everything is saved", Does::Reads, REBOOT, manage::reboot),
    row("reconnect_test", "Answers", Does::Reads, REBOOT, manage::reboot),
    row("restart_status", "Answers", Does::Reads, REBOOT, manage::reboot),
    row("health_check", "Health of the server", Does::Reads, REBOOT, manage::health),
];

const COMPLETE: &[Param] = &[
    TASK_ID,
    Param::text("summary"),
    Param::text("results"),
    Param::text("detailed_work"),
    Param::texts("file_paths"),
    Param::texts("artifacts"),
    Param::text("artifact_type"),
    Param::text("next_action"),
    Param::texts("legacy_artifacts"),
];

const REBOOT: &[Param] = &[
    Param::flag("graceful"),
    Param::flag("preserve_state"),
    Param::number("timeout"),
    Param::text("reason"),
    Param::flag("include_reboot_readiness"),
    Param::flag("include_connection_status"),
    Param::flag("include_database_status"),
    Param::flag("include_error_details"),
    Param::flag("include_history"),
    Param::text("session_id"),
    Param::text("scope"),
];

/// The call's context on a session: the one there is, else a new one for tasks without a session.
fn settled<'a>(call: &Call<'a>) -> Result<Context<'a>, OpError> {
    let cx = |session: Option<String>| Context { session, ..call.cx.clone() };
    match call.cx.session() {
        Ok(row) => Ok(cx(Some(row.identity.clone()))),
        Err(error) if error.code == ErrorCode::NoSession && !error.details.contains_key("candidates") => {
            let input = SessionCreateInput {
                name: "Legacy Task Session".to_owned(),
                pause_current: true,
                ..SessionCreateInput::default()
            };
            let made = SessionCreate::run(&call.cx, input)?;
            Ok(cx(made.session.map(|s| s.id)))
        }
        Err(error) => Err(error),
    }
}

/// The older word for a state.
fn word(status: &str) -> &str {
    match status {
        "in_progress" => "active",
        other => other,
    }
}

fn task(task: &TaskView) -> Value {
    serde_json::json!({
        "task_id": task.id,
        "title": task.title,
        "status": word(&task.status),
        "specialist_type": task.specialist,
        "parent_task_id": task.parent,
        "dependencies": task.depends_on,
        // A plan in Markdown does not say when a task was typed.
        "created_at": null,
    })
}

#[expect(clippy::unnecessary_wraps, reason = "the end of every row's function, which can fail")]
fn text(value: &Value) -> Answer {
    Ok(value.to_string())
}
