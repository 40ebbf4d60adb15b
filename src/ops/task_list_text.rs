use std::collections::HashMap;

use crate::document::{self, Limits};
use crate::format::{self, Lifted};
use crate::model::{Carrier, Edge, Field, Graph, NewTask, Target, Task, TaskId, TaskStatus};

use super::{ErrorCode, OpError};

/// Reads an indented Markdown list (or plain lines, one task each) as tasks to be added.
///
/// Everything the file format knows works here too: nesting, tails, inline fields,
/// descriptions, dependencies by title. Every task gets an id from `draw`, so that
/// dependencies inside the list survive later renames.
pub(super) fn parse(text: &str, mut draw: impl FnMut() -> TaskId) -> Result<Vec<NewTask>, OpError> {
    let list = as_list(text);
    let lifted = lift(&list);
    if lifted.session.tasks.is_empty() {
        return Err(OpError::new(ErrorCode::EmptyTitle, "the text holds no task")
            .hint("give one task per line, or a Markdown list: `- [ ] Title`"));
    }
    if let Some(at) = lifted.session.tasks.iter().position(|t| t.title.is_empty()) {
        return Err(OpError::new(ErrorCode::EmptyTitle, format!("task {} of the list has no title", at + 1))
            .hint("write the title behind its checkbox"));
    }
    let ids: Vec<TaskId> = lifted.session.tasks.iter().map(|_| draw()).collect();
    Ok(tree(&lifted, &ids))
}

/// Lines without any list marker become list items; `- Title` without a checkbox gets one.
fn as_list(text: &str) -> String {
    let mut out = String::from("## Tasks\n\n### List\n\n");
    let listed = text.lines().any(|l| is_item(l.trim_start()));
    for line in text.lines() {
        let body = line.trim_start();
        let indent = &line[..line.len() - body.len()];
        match body.strip_prefix("- ").or_else(|| body.strip_prefix("* ")) {
            Some(rest) if !rest.trim_start().starts_with('[') => {
                out.push_str(indent);
                out.push_str("- [ ] ");
                out.push_str(rest.trim_start());
            }
            None if !listed && !body.is_empty() => {
                out.push_str("- [ ] ");
                out.push_str(body);
            }
            _ => out.push_str(line),
        }
        out.push('\n');
    }
    out
}

fn is_item(line: &str) -> bool {
    let digits = line.trim_start_matches(|c: char| c.is_ascii_digit());
    line.starts_with("- ")
        || line.starts_with("* ")
        || line.starts_with("+ ")
        || (digits.len() < line.len() && (digits.starts_with(". ") || digits.starts_with(") ")))
}

fn lift(text: &str) -> Lifted {
    let (document, found) = document::parse(text.as_bytes(), Limits::default());
    format::lift(document, found, "list")
}

fn tree(lifted: &Lifted, ids: &[TaskId]) -> Vec<NewTask> {
    let graph = Graph::of(&lifted.session);
    let mut made: Vec<Option<NewTask>> = (0..ids.len())
        .map(|i| Some(new_task(&lifted.session.tasks[i], &ids[i], graph.dependencies(i), ids)))
        .collect();
    let mut roots = Vec::new();
    let mut children: HashMap<usize, Vec<NewTask>> = HashMap::new();
    // Backwards, so that a task is whole before its parent takes it.
    for i in (0..made.len()).rev() {
        let Some(mut task) = made[i].take() else { continue };
        task.children = children.remove(&i).unwrap_or_default();
        task.children.reverse();
        match lifted.session.tasks[i].parent {
            Some(parent) => children.entry(parent).or_default().push(task),
            None => roots.push(task),
        }
    }
    roots.reverse();
    roots
}

fn new_task<'a>(task: &Task, id: &TaskId, edges: impl Iterator<Item = &'a Edge>, ids: &[TaskId]) -> NewTask {
    let mut fields: Vec<(String, String)> = Vec::new();
    let depends: Vec<String> = edges
        .map(|edge| match &edge.to {
            Target::Task(t) => ids[*t].to_string(),
            _ => edge.written.to_string(),
        })
        .collect();
    if !depends.is_empty() {
        fields.push((Field::DependsOn.key().to_owned(), depends.join(", ")));
    }
    for entry in &task.fields {
        let skip = matches!(
            entry.field,
            Some(
                Field::DependsOn | Field::Blocks | Field::Id | Field::Specialist | Field::Est | Field::Status
            )
        );
        if !skip && entry.carrier != Carrier::Bullet {
            let key = entry.field.map_or_else(|| entry.key.to_string(), |f| f.key().to_owned());
            fields.push((key, entry.value.clone()));
        }
    }
    NewTask {
        id: Some(id.clone()),
        title: task.title.clone(),
        status: (task.status != TaskStatus::Pending).then_some(task.status),
        specialist: task.specialist().map(str::to_owned),
        estimate: task.effort().estimate,
        fields,
        description: dedent(&task.description),
        children: Vec::new(),
    }
}

/// Removes the indentation that all lines share.
pub(super) fn dedent(text: &str) -> String {
    let depth = text
        .lines()
        .filter(|l| !l.trim().is_empty())
        .map(|l| l.len() - l.trim_start_matches([' ', '\t']).len())
        .min()
        .unwrap_or(0);
    let lines: Vec<&str> = text.lines().map(|l| l.get(depth..).unwrap_or("").trim_end()).collect();
    lines.join("\n").trim_matches('\n').to_owned()
}
