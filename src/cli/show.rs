use crate::ops::{Operation, ShowInput, TaskDetail, TaskShow};

use super::app::App;
use super::paint::{FAINT, STRONG, WARN, checkbox, of_status, paint};
use super::tasks::{hours, task_table};
use super::{Answer, OK, shown};

/// Show one task with its text, subtasks and dependencies
#[derive(clap::Args, Debug)]
pub(super) struct Args {
    /// Id, unique prefix or title
    task: String,
}

pub(super) fn run(app: &mut App, args: Args) -> Answer {
    let workspace = app.open()?;
    let view = TaskShow::run(&app.context(&workspace), ShowInput { task: args.task })?;
    if app.json() {
        app.out.json(&view);
    } else {
        print(app, &view);
    }
    Ok(OK)
}

fn print(app: &mut App, view: &TaskDetail) {
    let task = &view.task;
    let title = format!("{} {}", checkbox(&task.status), shown(&task.title));
    app.out.line(paint(of_status(&task.status).bold(), &title));
    let mut fact = |name: &str, value: Option<String>| {
        if let Some(value) = value.filter(|v| !v.is_empty()) {
            app.out.line(format!("{}  {}", paint(FAINT, &format!("{name:<10}")), shown(&value)));
        }
    };
    fact("id", task.id.clone());
    fact("status", Some(task.status.replace('_', " ")));
    fact("where", Some(format!("{}:{}", view.path, task.line)));
    let mut place: Vec<String> = task.group.iter().cloned().collect();
    place.extend(view.ancestors.iter().cloned());
    fact("in", Some(place.join(" › ")));
    fact("specialist", task.specialist.clone());
    fact("priority", task.priority.clone());
    fact("due", task.due.clone());
    fact("estimate", task.estimate_minutes.map(hours));
    fact("actual", task.actual_minutes.map(hours));
    fact("tags", Some(view.tags.join(", ")));
    fact("depends on", Some(task.depends_on.join(", ")));
    fact("blocks", Some(view.blocks.join(", ")));
    if let Some(route) = &view.route {
        // What is written is shown anyway; this is what the mode makes of the rest.
        let by = |text: String| Some(format!("{text} (by {})", route.mode));
        let review = task.extra.contains_key("review");
        if task.specialist.is_none() {
            fact("for", route.specialist.clone().and_then(by));
        }
        let complexity = route.complexity.clone();
        fact("complexity", if route.complexity_stated { Some(complexity) } else { by(complexity) });
        if !review && !route.secondary_review.is_empty() {
            fact("review", by(route.secondary_review.join(", ")));
        }
    }
    for (key, value) in &task.extra {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        fact(key, Some(text));
    }
    if !task.blocked_by.is_empty() {
        app.out.line(paint(WARN, &format!("waits for   {}", shown(&task.blocked_by.join(", ")))));
    }
    if !view.description.trim().is_empty() {
        app.out.line(format!("\n{}", shown(view.description.trim_matches(['\n', '\r']))));
    }
    if !view.subtasks.is_empty() {
        app.out.line(format!("\n{}", paint(STRONG, "subtasks")));
        let width = app.width();
        app.out.text(&task_table(&view.subtasks, width));
    }
}
