use crate::ops::{ListInput, Operation, TaskList, TasksView};

use super::app::App;
use super::tasks::task_table;
use super::{Answer, OK};

/// List tasks
#[derive(clap::Args, Debug)]
pub(super) struct Args {
    /// Only these states: pending, `in_progress`, blocked, `in_review`, `on_hold`, failed, completed, cancelled
    #[arg(long, value_name = "STATE", value_delimiter = ',')]
    status: Vec<String>,
    /// Only tasks that are not completed or cancelled
    #[arg(long)]
    open: bool,
    /// Only tasks that can be begun now
    #[arg(long)]
    ready: bool,
    /// Only open tasks that something stands in the way of
    #[arg(long, conflicts_with = "ready")]
    blocked: bool,
    /// Only this group and the groups inside it
    #[arg(long, value_name = "PATH")]
    group: Option<String>,
    /// Only tasks of this specialist
    #[arg(long, value_name = "NAME")]
    specialist: Option<String>,
    /// Only this priority: urgent, high, medium, low, someday
    #[arg(long, value_name = "WORD")]
    priority: Option<String>,
    /// Only tasks with this tag
    #[arg(long, value_name = "WORD")]
    tag: Option<String>,
    /// Only tasks due on or before this day
    #[arg(long, value_name = "DATE")]
    due_before: Option<String>,
    /// Only tasks with this text in title or description
    #[arg(long, value_name = "TEXT")]
    text: Option<String>,
    /// Only subtasks of this task
    #[arg(long, value_name = "TASK")]
    parent: Option<String>,
    /// Every session instead of the selected one
    #[arg(long)]
    all_sessions: bool,
    /// Order: document, urgency, due, title
    #[arg(long, value_name = "ORDER")]
    order: Option<String>,
    /// Show at most so many (a terminal shows 20 unless told)
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
    /// Skip so many
    #[arg(long, value_name = "N", default_value_t = 0)]
    offset: usize,
    /// Show everything, on a terminal too
    #[arg(long, conflicts_with = "limit")]
    all: bool,
}

pub(super) fn run(app: &mut App, args: Args) -> Answer {
    let workspace = app.open()?;
    let input = ListInput {
        limit: app.page(&workspace, args.limit, args.all),
        status: args.status,
        open: args.open,
        ready: args.ready,
        blocked: args.blocked,
        group: args.group,
        specialist: args.specialist,
        priority: args.priority,
        tag: args.tag,
        due_before: args.due_before,
        text: args.text,
        parent: args.parent,
        all_sessions: args.all_sessions,
        order: args.order,
        offset: args.offset,
    };
    let view = TaskList::run(&app.context(&workspace), input)?;
    show(app, &view, args.offset);
    Ok(OK)
}

/// Prints a page of tasks, as JSON or as lines.
pub(super) fn show(app: &mut App, view: &TasksView, offset: usize) {
    if app.json() {
        app.out.json(view);
        return;
    }
    let width = app.width();
    app.out.text(&task_table(&view.tasks, width));
    let shown = offset + view.tasks.len();
    if shown < view.total {
        app.out.note(format!(
            "{} of {} shown; `--all` or `--limit N` shows more",
            view.tasks.len(),
            view.total
        ));
    } else if view.total == 0 {
        app.out.note("no tasks");
    }
}
