use serde::Serialize;
use serde_json::Value;

use crate::model::{Named, PlanChange, TaskStatus};

/// One thing that differs between two versions of a plan, as JSON.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct PlanChangeView {
    /// `task_added`, `task_removed`, `task_moved`, `title`, `id`, `status`, `field`, `description`,
    /// `group_added`, `group_removed`, `group_renamed`, `group_field`, `name`, `header`, `prose`
    pub kind: &'static str,
    /// The task it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task: Option<TaskName>,
    /// The group or section it is about, or where a task is filed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// The field or header line it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// What it was.
    pub from: Value,
    /// What it is.
    pub to: Value,
}

/// A task as people name it.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct TaskName {
    /// Its id; `null` until adopted.
    pub id: Option<String>,
    /// Its title.
    pub title: String,
}

impl From<&Named> for TaskName {
    fn from(named: &Named) -> Self {
        Self { id: named.id.as_ref().map(ToString::to_string), title: named.title.clone() }
    }
}

fn text(value: impl Into<String>) -> Value {
    Value::String(value.into())
}

fn optional(value: Option<&String>) -> Value {
    value.map_or(Value::Null, |v| text(v.as_str()))
}

impl PlanChangeView {
    fn new(kind: &'static str, from: Value, to: Value) -> Self {
        Self { kind, task: None, place: None, key: None, from, to }
    }

    fn task(self, task: &Named) -> Self {
        Self { task: Some(task.into()), ..self }
    }

    fn place(self, place: &str) -> Self {
        Self { place: Some(place.to_owned()), ..self }
    }

    fn key(self, key: &str) -> Self {
        Self { key: Some(key.to_owned()), ..self }
    }

    /// The change in one line: `+ One (pending) in Backend`.
    #[must_use]
    pub fn line(&self) -> String {
        let task = self.task.as_ref().map_or_else(String::new, |t| match &t.id {
            Some(id) => format!("{id} {}", t.title),
            None => t.title.clone(),
        });
        let place = self.place.as_deref().unwrap_or_default();
        let key = self.key.as_deref().unwrap_or_default();
        let filed = if place.is_empty() { String::new() } else { format!(" in {place}") };
        let word = |v: &Value| match v {
            Value::String(s) if !s.is_empty() => first_line(s),
            _ => "nothing".to_owned(),
        };
        let (from, to) = (word(&self.from), word(&self.to));
        let plain = |s: &str| s.replace('_', " ");
        match self.kind {
            "task_added" => format!("+ {task} ({}){filed}", plain(&to)),
            "task_removed" => format!("- {task} ({}){filed}", plain(&from)),
            "task_moved" if self.from == self.to => format!("~ {task}: other place{filed}"),
            "task_moved" => format!("~ {task}: {from} → {to}"),
            "title" => format!("~ {task}: was called {from}"),
            "id" => format!("~ {task}: id was {from}"),
            "status" => format!("~ {task}: {} → {}", plain(&from), plain(&to)),
            "field" => format!("~ {task}: {key} {from} → {to}"),
            "description" => format!("~ {task}: other text"),
            "group_added" => format!("+ group {place}"),
            "group_removed" => format!("- group {place}"),
            "group_renamed" => format!("~ group {from} → {to}"),
            "group_field" => format!("~ group {place}: {key} {from} → {to}"),
            "name" => format!("~ name: {from} → {to}"),
            "header" => format!("~ {key}: {from} → {to}"),
            _ if self.from.is_null() => format!("+ text of {place}"),
            _ if self.to.is_null() => format!("- text of {place}"),
            _ if place.is_empty() => "~ text below the title".to_owned(),
            _ => format!("~ text of {place}"),
        }
    }
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().to_owned()
}

impl From<&PlanChange> for PlanChangeView {
    fn from(change: &PlanChange) -> Self {
        use PlanChange as P;
        let new = Self::new;
        let state = |status: &TaskStatus| text(status.key());
        match change {
            P::SessionRenamed { from, to } => new("name", text(from), text(to)),
            P::Header { key, from, to } => {
                new("header", optional(from.as_ref()), optional(to.as_ref())).key(key.key())
            }
            P::GroupAdded { path } => new("group_added", Value::Null, text(path)).place(path),
            P::GroupRemoved { path } => new("group_removed", text(path), Value::Null).place(path),
            P::GroupRenamed { from, to } => new("group_renamed", text(from), text(to)).place(to),
            P::GroupField { path, label, from, to } => {
                new("group_field", optional(from.as_ref()), optional(to.as_ref())).place(path).key(label)
            }
            P::Added { task, place, status } => {
                new("task_added", Value::Null, state(status)).task(task).place(place)
            }
            P::Removed { task, place, status } => {
                new("task_removed", state(status), Value::Null).task(task).place(place)
            }
            P::Moved { task, from, to } => new("task_moved", text(from), text(to)).task(task).place(to),
            P::Renamed { task, from } => new("title", text(from), text(&task.title)).task(task),
            P::Identified { task, from } => {
                let id = |id: Option<String>| id.map_or(Value::Null, Value::String);
                let to = id(task.id.as_ref().map(ToString::to_string));
                new("id", id(from.as_ref().map(ToString::to_string)), to).task(task)
            }
            P::Status { task, from, to } => new("status", state(from), state(to)).task(task),
            P::Field { task, key, from, to } => {
                new("field", optional(from.as_ref()), optional(to.as_ref())).task(task).key(key)
            }
            P::Description { task, from, to } => new("description", text(from), text(to)).task(task),
            P::Prose { section, from, to } => {
                new("prose", optional(from.as_ref()), optional(to.as_ref())).place(section)
            }
        }
    }
}
