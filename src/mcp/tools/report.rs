use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::super::param::Param;
use super::super::tool::{Call, Does, Tool};
use super::super::words;
use super::Answer;
use crate::ops::{Context, ListInput, OpError, Operation, ShowInput, TaskList, TaskShow, TaskView};

pub(super) const TOOLS: &[Tool] = &[Tool {
    name: "synthesize_results",
    title: "Sum up",
    doc: "What is done and open below a task (or in the session), by specialist.",
    does: Does::Reads,
    core: false,
    params: &[Param::text("task")],
    call: synthesize,
}];

fn synthesize(call: &Call<'_>) -> Answer {
    report(&call.cx, call.args.text("task").as_deref())
}

/// A report in Markdown; says plainly what is not done.
pub(in super::super) fn report(cx: &Context<'_>, task: Option<&str>) -> Result<String, OpError> {
    let mut out = String::from("# Task Synthesis Report\n");
    if let Some(task) = task {
        let view = TaskShow::run(cx, ShowInput { task: task.to_owned() })?;
        let _ = writeln!(out, "\n{}", words::task(&view.task, None));
    }
    let tasks = below(cx, task)?;
    let done = tasks.iter().filter(|t| t.status == "completed").count();
    let cancelled = tasks.iter().filter(|t| t.status == "cancelled").count();
    let _ = writeln!(out, "\n{done} of {} completed, {cancelled} cancelled", tasks.len());
    let mut by: BTreeMap<&str, Vec<&TaskView>> = BTreeMap::new();
    for task in &tasks {
        by.entry(task.specialist.as_deref().unwrap_or("anyone")).or_default().push(task);
    }
    // What was noted when a task was done stands in its text; only so much of it goes into one answer.
    let mut budget = 6000usize;
    for (specialist, tasks) in by {
        let _ = writeln!(out, "\n## {}", words::line(specialist));
        for task in tasks {
            let _ = writeln!(out, "- {}", words::task(task, None));
            if task.status == "completed" && budget > 0 {
                let title = task.title.clone();
                let word = task.id.as_ref().map_or(title, |id| format!("{}#{id}", task.session));
                // Of two tasks that cannot be told apart only the lines are shown.
                let Ok(view) = TaskShow::run(cx, ShowInput { task: word }) else { continue };
                if !view.description.trim().is_empty() {
                    let text = words::quoted(&view.path, &view.description, budget.min(800));
                    budget = budget.saturating_sub(text.len());
                    out.push_str(&text);
                }
            }
        }
    }
    Ok(out.trim_end().to_owned())
}

/// The tasks below a task at any depth, or all of the session; in the order of the file.
pub(in super::super) fn below(cx: &Context<'_>, task: Option<&str>) -> Result<Vec<TaskView>, OpError> {
    let mut all = Vec::new();
    let mut todo = vec![task.map(str::to_owned)];
    while let Some(parent) = todo.pop() {
        let whole = parent.is_none();
        let view = TaskList::run(cx, ListInput { parent, ..ListInput::default() })?;
        if !whole {
            let ids = view.tasks.iter().filter_map(|t| Some(format!("{}#{}", t.session, t.id.as_ref()?)));
            todo.extend(ids.map(Some));
        }
        all.extend(view.tasks);
    }
    all.sort_by_key(|t| t.line);
    Ok(all)
}
