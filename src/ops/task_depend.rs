use schemars::JsonSchema;
use serde::Deserialize;

use crate::model::{Change, Field, TaskRef};
use crate::workspace::Plan;

use super::context::{WriteView, locate, row_id};
use super::lifecycle::task_key;
use super::{Context, Effect, ErrorCode, OpError, Operation};

/// Adds or removes dependencies of a task.
pub struct TaskDepend;

/// Who waits for whom.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DependInput {
    /// The task that waits
    pub task: String,
    /// The tasks it waits for: ids, titles, or `session#id`
    pub on: Vec<String>,
    /// Remove them instead
    #[serde(default)]
    pub remove: bool,
}

impl Operation for TaskDepend {
    const NAME: &'static str = "task_depend";
    const EFFECT: Effect = Effect::Writes;
    type Input = DependInput;
    type Output = WriteView;

    fn run(cx: &Context<'_>, input: DependInput) -> Result<WriteView, OpError> {
        let row = cx.task_to_change(&input.task)?;
        let mut given = Vec::new();
        for word in &input.on {
            given.push(if input.remove { parse(word)? } else { resolve(cx, &row.directory, word)? });
        }
        cx.write_tasks(&row.directory, "task-depend", |snapshot| {
            let session = &snapshot.lifted.session;
            let task = locate(session, &row)?;
            let mut plan = Plan { changes: Vec::new(), output: vec![row_id(session, task)] };
            if !input.remove {
                super::task_set::refuse_ring(session, task, &given)?;
            }
            let written: Vec<TaskRef> = session.tasks[task].depends_on();
            let same = |a: &TaskRef, b: &TaskRef| {
                a == b
                    || super::task_reference::as_written(session, a)
                        == super::task_reference::as_written(session, b)
            };
            let mut wanted: Vec<TaskRef> = written.clone();
            for reference in &given {
                if input.remove {
                    wanted.retain(|w| !same(w, reference));
                } else if !wanted.iter().any(|w| same(w, reference)) {
                    wanted.push(reference.clone());
                }
            }
            if input.remove && wanted.len() == written.len() && !given.is_empty() {
                return Err(OpError::new(
                    ErrorCode::NotFound,
                    format!("`{}` does not state that dependency", row.title),
                )
                .hint(
                    "run `plandown show TASK`; a dependency stated as `blocks` is removed on the other task",
                ));
            }
            if wanted != written {
                let texts: Vec<String> =
                    wanted.iter().map(|r| super::task_reference::as_written(session, r)).collect();
                let value = (!texts.is_empty()).then(|| texts.join(", "));
                plan.changes.push(Change::set_field(task_key(session, task), Field::DependsOn, value));
            }
            Ok(plan)
        })
    }
}

fn parse(word: &str) -> Result<TaskRef, OpError> {
    TaskRef::parse(word).ok_or_else(|| {
        OpError::new(ErrorCode::InvalidInput, "a dependency is empty").hint("give ids or titles")
    })
}

/// A dependency must exist when it is stated by a command.
fn resolve(cx: &Context<'_>, home: &str, word: &str) -> Result<TaskRef, OpError> {
    let found = cx.task_to_change(word)?;
    Ok(match (&found.id, found.directory == home) {
        (Some(id), true) => parse(id)?,
        (Some(id), false) => parse(&format!("{}#{id}", found.identity))?,
        (None, true) => TaskRef::Title(found.title.clone()),
        (None, false) => {
            return Err(OpError::new(ErrorCode::InvalidInput, format!("`{}` has no id yet", found.title))
                .hint(format!("run `plandown sync --session {}` first", found.directory)));
        }
    })
}
