use std::collections::HashMap;
use std::fmt::Write as _;

use super::door::{Client, Door};
use super::tools;
use crate::ops::{
    ModeShow, ModeShowInput, NextInput, OpError, Operation, ShowInput, Status, StatusInput, TaskNext,
    TaskShow,
};

/// Its arguments by name.
type Arguments = HashMap<String, String>;

type Write = fn(&Door, &Client, &Arguments) -> Result<String, OpError>;

/// A prompt that a person can choose in the client.
pub(super) struct Prompt {
    /// Its name.
    pub name: &'static str,
    /// For people.
    pub title: &'static str,
    /// For people.
    pub doc: &'static str,
    /// Its arguments: (name, remark, whether it must be there).
    pub arguments: &'static [(&'static str, &'static str, bool)],
    /// Writes it.
    write: Write,
}

pub(super) const PROMPTS: &[Prompt] = &[
    Prompt {
        name: "plan",
        title: "Plan work",
        doc: "Break a goal into a tree of tasks",
        arguments: &[("goal", "What is to be achieved", true), ("group", "Where the tasks go", false)],
        write: plan,
    },
    Prompt {
        name: "work_next",
        title: "Work on the next task",
        doc: "Take the most urgent ready task and do it",
        arguments: &[("specialist", "Only work of this specialist", false)],
        write: work_next,
    },
    Prompt {
        name: "handoff",
        title: "Hand over",
        doc: "Write down where things stand for whoever goes on",
        arguments: &[],
        write: handoff,
    },
    Prompt {
        name: "resolve_conflict",
        title: "Resolve a contradiction",
        doc: "Bring a refused change and the file's present text together",
        arguments: &[("task", "The task it is about", false)],
        write: resolve_conflict,
    },
];

/// A prompt of a role of the session's mode.
pub(super) struct RolePrompt {
    /// The prompt's name: the role's.
    pub name: String,
    /// For people.
    pub doc: String,
}

/// The roles of the mode that the client's session works by; none where there is no workspace.
pub(super) fn roles(door: &Door, client: &Client) -> Vec<RolePrompt> {
    let view = door.with(client, |cx| ModeShow::run(cx, ModeShowInput::default()));
    let Ok(view) = view else { return Vec::new() };
    let is_own = |name: &str| PROMPTS.iter().all(|p| p.name != name);
    let roles = view.roles.into_iter().filter(|r| view.mode.specialists.contains(&r.name) && is_own(&r.name));
    roles
        .map(|r| RolePrompt {
            doc: super::words::line(&format!("Work as {}: {}", r.name, r.definition)),
            name: r.name,
        })
        .collect()
}

/// What a role is told, and the task it is to do, where one is named.
pub(super) fn role_text(
    door: &Door,
    client: &Client,
    role: &str,
    task: Option<&str>,
) -> Result<String, OpError> {
    door.with(client, |cx| {
        let input = ModeShowInput { mode: None, role: Some(role.to_owned()) };
        let mut text = ModeShow::run(cx, input)?.prompt.unwrap_or_default();
        text = crate::diagnostic::visible(&text).into_owned();
        if let Some(task) = task.filter(|t| !t.trim().is_empty()) {
            let view = TaskShow::run(cx, ShowInput { task: task.to_owned() })?;
            let _ = write!(text, "\nDo this task:\n\n{}", tools::detail(&view, 4000));
        }
        Ok(text)
    })
}

impl Prompt {
    /// The prompt's text.
    pub(super) fn text(
        &self,
        door: &Door,
        client: &Client,
        arguments: &HashMap<String, String>,
    ) -> Result<String, OpError> {
        (self.write)(door, client, arguments)
    }
}

#[expect(clippy::unnecessary_wraps, reason = "a row of the table: others can fail")]
fn plan(_: &Door, _: &Client, arguments: &HashMap<String, String>) -> Result<String, OpError> {
    let goal = arguments.get("goal").map_or("", String::as_str);
    let mut text = format!(
        "Plan this goal as tasks in the active session:\n\n{goal}\n\n\
         Look first with orchestrator_get_status and orchestrator_search whether parts of it are planned \
         already. Then add everything with one call of orchestrator_plan_task: tasks a person can finish in \
         hours, subtasks below the task they belong to, depends_on where one must wait for another, an \
         estimate each. End with a list of what you left out and why."
    );
    if let Some(group) = arguments.get("group") {
        let _ = write!(text, " Put the tasks into the group \"{}\".", super::words::line(group));
    }
    Ok(text)
}

fn work_next(door: &Door, client: &Client, arguments: &HashMap<String, String>) -> Result<String, OpError> {
    let input = NextInput { specialist: arguments.get("specialist").cloned(), ..NextInput::default() };
    let task = door.with(client, |cx| {
        let view = TaskNext::run(cx, input)?;
        Ok(view.tasks.first().map(|task| tools::whole(cx, task, 4000)))
    })?;
    Ok(match task {
        None => {
            "No task is ready. Find out with orchestrator_next_task (explain: true) what stands in the way, \
                 and say what would have to happen first."
                .to_owned()
        }
        Some(task) => format!(
            "Do this task:\n\n{task}\n\n\
             Set it to in_progress with orchestrator_task_update before you begin. Note decisions with \
             orchestrator_note_add. When it is done, call orchestrator_complete_task with a short summary of \
             what was done and how it was checked; when it cannot be done, set it to blocked and append why."
        ),
    })
}

fn handoff(door: &Door, client: &Client, _: &HashMap<String, String>) -> Result<String, OpError> {
    let status = door.with(client, |cx| Status::run(cx, StatusInput::default()))?;
    Ok(format!(
        "Hand this session over. Where it stands:\n\n{}\n\n\
         For every task in progress append to its text (orchestrator_task_update, append) what is done, what is \
         left and where to look. Add decisions and next steps with orchestrator_note_add. Then sum up in ten \
         lines at most what whoever goes on must know first.",
        tools::status(&status)
    ))
}

fn resolve_conflict(
    door: &Door,
    client: &Client,
    arguments: &HashMap<String, String>,
) -> Result<String, OpError> {
    let about = match arguments.get("task").filter(|t| !t.trim().is_empty()) {
        Some(task) => {
            let view = door.with(client, |cx| TaskShow::run(cx, ShowInput { task: task.clone() }))?;
            format!("The task as it stands in the file now:\n\n{}\n\n", tools::detail(&view, 4000))
        }
        None => String::new(),
    };
    Ok(format!(
        "A change was refused because somebody else has changed the same thing. {about}\
         Read what is there now (orchestrator_task_show), compare it with what you wanted, keep what the \
         other side wrote unless it contradicts yours, and write the result with the new rev as if_match. \
         Where both cannot be true, ask the person before you choose; never drop words that nobody asked to \
         remove."
    ))
}
