use clap::Subcommand;
use serde_json::{Map, Value};

use crate::ops::{
    AddInput, BatchInput, BatchUpdate, DeleteInput, DependInput, ErrorCode, MoveInput, OpError, Operation,
    SetInput, SplitInput, TaskAdd, TaskBatch, TaskDelete, TaskDepend, TaskMove, TaskSet, TaskSplit,
};

use super::app::App;
use super::{Answer, OK, edit, list, show, status_verbs, write};

/// Tasks: add, list, show, set, start, done, block, review, hold, fail, cancel, reopen, move, delete, split, note, depend, batch, from-template, edit
#[derive(clap::Args, Debug)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    Add(Add),
    List(list::Args),
    Show(show::Args),
    Set(Set),
    /// Mark tasks as in progress
    Start(status_verbs::Args),
    /// Mark tasks as completed
    Done(status_verbs::Args),
    /// Mark tasks as blocked
    Block(status_verbs::Args),
    /// Mark tasks as waiting for review
    Review(status_verbs::Args),
    /// Put tasks on hold
    Hold(status_verbs::Args),
    /// Mark tasks as failed
    Fail(status_verbs::Args),
    /// Mark tasks as cancelled
    Cancel(status_verbs::Args),
    /// Bring tasks back to pending
    Reopen(status_verbs::Args),
    Move(Move),
    Delete(Delete),
    Split(Split),
    /// Add text below a task
    Note {
        /// Id, unique prefix or title
        task: String,
        /// The text; `-` reads standard input, nothing opens the editor
        text: Option<String>,
    },
    Depend(Depend),
    /// Change many tasks in one write: JSON lines on standard input, `{"task":…,"status":…,"set":{…}}`
    Batch,
    FromTemplate(super::template::Apply),
    /// Open a session's file at a task in the editor
    Edit {
        /// Id, unique prefix or title
        task: String,
    },
}

/// Add a task, or a whole list from standard input
#[derive(clap::Args, Debug)]
pub(super) struct Add {
    /// Title; `-` reads an indented Markdown list from standard input, nothing opens the editor
    title: Option<String>,
    /// Into this group, which is made where it is not there
    #[arg(long, short, value_name = "PATH")]
    group: Option<String>,
    /// As a subtask of this task
    #[arg(long, short, value_name = "TASK")]
    parent: Option<String>,
    /// Right before this task
    #[arg(long, value_name = "TASK", conflicts_with_all = ["parent", "group"])]
    before: Option<String>,
    /// Right after this task
    #[arg(long, value_name = "TASK", conflicts_with_all = ["parent", "group", "before"])]
    after: Option<String>,
    /// Before all others there
    #[arg(long, conflicts_with_all = ["before", "after"])]
    first: bool,
    /// Who or what role does it
    #[arg(long, value_name = "NAME")]
    specialist: Option<String>,
    /// Effort: 90m, 3h, 2d
    #[arg(long, value_name = "AMOUNT")]
    estimate: Option<String>,
    /// urgent, high, medium, low, someday
    #[arg(long, value_name = "WORD")]
    priority: Option<String>,
    /// 2026-03-18
    #[arg(long, value_name = "DATE")]
    due: Option<String>,
    /// Task that must be done before; may be given several times
    #[arg(long, value_name = "TASK", value_delimiter = ',')]
    depends_on: Vec<String>,
    /// Word to find it by; may be given several times
    #[arg(long, value_name = "WORD", value_delimiter = ',')]
    tag: Vec<String>,
    /// Any other field; may be given several times
    #[arg(long, value_name = "KEY=VALUE")]
    field: Vec<String>,
    /// Text below the task
    #[arg(long, short, value_name = "TEXT")]
    description: Option<String>,
}

/// Change facts of tasks
#[derive(clap::Args, Debug)]
struct Set {
    /// Tasks, then fields: `t-4k2m9p priority=high due=2026-03-18`
    #[arg(required = true, value_name = "TASK|KEY=VALUE")]
    what: Vec<String>,
    /// New title (one task only)
    #[arg(long, value_name = "TEXT")]
    title: Option<String>,
    /// New state
    #[arg(long, value_name = "STATE")]
    status: Option<String>,
    /// Remove a field; may be given several times
    #[arg(long, value_name = "KEY", value_delimiter = ',')]
    unset: Vec<String>,
    /// Replace the text below the task; empty removes it
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
    /// Complete although subtasks are open or dependencies are not done
    #[arg(long)]
    force: bool,
}

/// Move tasks with everything below them
#[derive(clap::Args, Debug)]
struct Move {
    /// Ids, unique prefixes or titles
    #[arg(required = true, value_name = "TASK")]
    tasks: Vec<String>,
    /// To this group, which is made where it is not there
    #[arg(long, short, value_name = "PATH")]
    group: Option<String>,
    /// Under this task
    #[arg(long, value_name = "TASK")]
    under: Option<String>,
    /// Out of its parent, into the group it is in
    #[arg(long)]
    top: bool,
    /// Right before this task
    #[arg(long, value_name = "TASK")]
    before: Option<String>,
    /// Right after this task
    #[arg(long, value_name = "TASK")]
    after: Option<String>,
    /// Before all others there
    #[arg(long)]
    first: bool,
}

/// Remove tasks from the file
#[derive(clap::Args, Debug)]
struct Delete {
    /// Ids, unique prefixes or titles
    #[arg(required = true, value_name = "TASK")]
    tasks: Vec<String>,
    /// Go ahead although other tasks wait for them or subtasks go with them
    #[arg(long)]
    force: bool,
}

/// Cut a task into subtasks
#[derive(clap::Args, Debug)]
struct Split {
    /// Id, unique prefix or title
    task: String,
    /// Titles of the subtasks, in order
    #[arg(required = true, value_name = "TITLE")]
    into: Vec<String>,
    /// Make each subtask wait for the one before it
    #[arg(long)]
    chain: bool,
}

/// Add or remove dependencies
#[derive(clap::Args, Debug)]
struct Depend {
    /// The task that waits
    task: String,
    /// The tasks it waits for
    #[arg(required = true, value_name = "ON")]
    on: Vec<String>,
    /// Remove them instead
    #[arg(long)]
    remove: bool,
}

pub(super) fn run(app: &mut App, args: Args) -> Answer {
    match args.command {
        Command::Add(new) => add(app, new),
        Command::List(args) => list::run(app, args),
        Command::Show(args) => show::run(app, args),
        Command::Start(args) => status_verbs::run(app, args, "in_progress"),
        Command::Done(args) => status_verbs::run(app, args, "completed"),
        Command::Block(args) => status_verbs::run(app, args, "blocked"),
        Command::Review(args) => status_verbs::run(app, args, "in_review"),
        Command::Hold(args) => status_verbs::run(app, args, "on_hold"),
        Command::Fail(args) => status_verbs::run(app, args, "failed"),
        Command::Cancel(args) => status_verbs::run(app, args, "cancelled"),
        Command::Reopen(args) => status_verbs::run(app, args, "pending"),
        Command::Edit { task } => edit::task(app, &task),
        Command::Set(set) => {
            let (tasks, fields) = split_words(set.what);
            let input = SetInput {
                tasks,
                title: set.title,
                status: set.status,
                set: fields,
                unset: set.unset,
                description: set.description.map(|d| app.text(d)).transpose()?,
                append: None,
                replace: None,
                force: set.force,
            };
            answer::<TaskSet>(app, input)
        }
        Command::Move(m) => {
            let (group, under, before, after) = (m.group, m.under, m.before, m.after);
            answer::<TaskMove>(
                app,
                MoveInput { tasks: m.tasks, group, under, root: m.top, before, after, first: m.first },
            )
        }
        Command::Delete(d) => answer::<TaskDelete>(app, DeleteInput { tasks: d.tasks, force: d.force }),
        Command::Split(s) => {
            answer::<TaskSplit>(app, SplitInput { task: s.task, into: s.into, chain: s.chain })
        }
        Command::Depend(d) => {
            answer::<TaskDepend>(app, DependInput { task: d.task, on: d.on, remove: d.remove })
        }
        Command::Note { task, text } => {
            let append = Some(app.text_or_editor(text, "")?);
            answer::<TaskSet>(app, SetInput { tasks: vec![task], append, ..SetInput::default() })
        }
        Command::FromTemplate(args) => super::template::apply(app, args),
        Command::Batch => {
            let updates = batch(&app.stdin()?)?;
            answer::<TaskBatch>(app, BatchInput { updates })
        }
    }
}

/// Adds a task; also the top-level `add`.
pub(super) fn add(app: &mut App, new: Add) -> Answer {
    let (title, list) = match new.title.as_deref() {
        Some("-") => (None, Some(app.stdin()?)),
        Some(title) => (Some(title.to_owned()), None),
        None => (None, Some(app.text_or_editor(None, "- [ ] ")?)),
    };
    let (stray, fields) = split_words(new.field);
    if let Some(word) = stray.first() {
        return Err(OpError::new(ErrorCode::InvalidInput, format!("`{word}` is no field"))
            .hint("write it as `--field KEY=VALUE`; the key has no blanks"));
    }
    let input = AddInput {
        title,
        list,
        group: new.group,
        parent: new.parent,
        before: new.before,
        after: new.after,
        first: new.first,
        specialist: new.specialist,
        estimate: new.estimate,
        priority: new.priority,
        due: new.due,
        depends_on: new.depends_on,
        tags: new.tag,
        fields,
        description: new.description.map(|d| app.text(d)).transpose()?,
    };
    answer::<TaskAdd>(app, input)
}

fn answer<O: Operation<Output = crate::ops::WriteView>>(app: &mut App, input: O::Input) -> Answer {
    let workspace = app.open()?;
    let view = O::run(&app.context(&workspace), input)?;
    write::show(app, &view);
    Ok(OK)
}

/// Words with `key=value` are fields; a key has no blanks, so most titles with `=` are safe.
pub(super) fn split_words(words: Vec<String>) -> (Vec<String>, Map<String, Value>) {
    let (mut plain, mut fields) = (Vec::new(), Map::new());
    for word in words {
        match word.split_once('=') {
            Some((key, value)) if !key.is_empty() && !key.contains(char::is_whitespace) => {
                fields.insert(key.to_owned(), Value::String(value.to_owned()));
            }
            _ => plain.push(word),
        }
    }
    (plain, fields)
}

fn batch(text: &str) -> Result<Vec<BatchUpdate>, OpError> {
    let mut updates = Vec::new();
    for (n, line) in text.lines().enumerate().filter(|(_, l)| !l.trim().is_empty()) {
        updates.push(serde_json::from_str(line).map_err(|e| {
            OpError::new(ErrorCode::InvalidInput, format!("line {} is no update: {e}", n + 1))
                .hint(r#"write one object a line: {"task":"t-4k2m9p","status":"completed"}"#)
        })?);
    }
    Ok(updates)
}
