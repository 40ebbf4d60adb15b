use schemars::JsonSchema;
use serde::Deserialize;

use crate::model::{Change, Place, Position};
use crate::workspace::Plan;

use super::context::{WriteView, locate, row_id};
use super::lifecycle::task_key;
use super::{Context, Effect, ErrorCode, OpError, Operation, task_list_text};

/// Cuts a task into subtasks.
pub struct TaskSplit;

/// Which task, into what.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SplitInput {
    /// Id, unique prefix or title
    pub task: String,
    /// Titles of the subtasks, in order
    pub into: Vec<String>,
    /// Make each subtask wait for the one before it
    #[serde(default)]
    pub chain: bool,
}

impl Operation for TaskSplit {
    const NAME: &'static str = "task_split";
    const EFFECT: Effect = Effect::Writes;
    type Input = SplitInput;
    type Output = WriteView;

    fn run(cx: &Context<'_>, input: SplitInput) -> Result<WriteView, OpError> {
        if input.into.is_empty() {
            return Err(
                OpError::new(ErrorCode::EmptyTitle, "no subtask was given").hint("give at least one title")
            );
        }
        let row = cx.task_to_change(&input.task)?;
        let mut lines = String::new();
        for title in &input.into {
            lines.push_str("- [ ] ");
            lines.push_str(&super::task_add::one_line(title)?);
            lines.push('\n');
        }
        let ids: Vec<_> = input.into.iter().map(|_| cx.draw_id()).collect::<Result<_, _>>()?;
        let mut left = ids.iter().cloned();
        let mut tasks =
            task_list_text::parse(&lines, || left.next().unwrap_or_else(|| crate::model::random_task_id(0)))?;
        if input.chain {
            for at in 1..tasks.len() {
                let before = tasks[at - 1].id.clone();
                tasks[at].fields.extend(
                    before.map(|id| (crate::model::Field::DependsOn.key().to_owned(), id.to_string())),
                );
            }
        }
        cx.write_tasks(&row.directory, "task-split", |snapshot| {
            let session = &snapshot.lifted.session;
            let task = locate(session, &row)?;
            if !session.tasks[task].status.is_open() {
                return Err(OpError::new(
                    ErrorCode::InvalidTransition,
                    format!("`{}` is {}", row.title, row.status),
                )
                .hint("reopen it first: `plandown task reopen`"));
            }
            let place = Place::Under(task_key(session, task), Position::Last);
            let mut output = vec![row_id(session, task)];
            output.extend(ids.iter().map(ToString::to_string));
            Ok(Plan { changes: vec![Change::AddTasks { place, tasks: tasks.clone() }], output })
        })
    }
}
