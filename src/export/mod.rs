//! A session of ours written in the formats of other tools, and in our own JSON.
//!
//! Writes no file: it returns paths with bytes, and says what the format could not carry. What a
//! format can carry comes back through the importer of the same name as it was.

mod backlog;
mod backlog_ids;
mod json;
mod taskwarrior;
mod todo_txt;

use crate::import::{Draft, to_markdown};

/// What can be exported to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// Our own JSON: everything.
    Json,
    /// A complete `session.md`.
    Markdown,
    /// `todo.txt`.
    TodoTxt,
    /// A `backlog` folder of Backlog.md.
    Backlog,
    /// An array for `task import`.
    Taskwarrior,
}

impl Format {
    /// All formats.
    pub const ALL: [Self; 5] = [Self::Json, Self::Markdown, Self::TodoTxt, Self::Backlog, Self::Taskwarrior];

    /// The word on the command line.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Markdown => "markdown",
            Self::TodoTxt => "todo.txt",
            Self::Backlog => "backlog",
            Self::Taskwarrior => "taskwarrior",
        }
    }

    /// Reads [`Format::word`].
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|f| f.word() == word.trim())
    }
}

/// Something that a format has no place for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lost {
    /// What: `description`, `decisions`.
    pub what: &'static str,
    /// How many of them.
    pub count: usize,
}

/// A session in another format.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Exported {
    /// Files with their relative paths.
    pub files: Vec<(String, Vec<u8>)>,
    /// What is not in them.
    pub lost: Vec<Lost>,
}

/// Writes a session ([`Draft::from_session`]) in another format.
#[must_use]
pub fn export(draft: &Draft, format: Format) -> Exported {
    let named;
    let draft = if draft.tasks.iter().all(|task| !id_of(task).is_empty()) {
        draft
    } else {
        named = with_ids(draft);
        &named
    };
    match format {
        Format::Json => Exported {
            files: vec![(format!("{}.json", draft.id), json::write(std::slice::from_ref(draft)))],
            lost: Vec::new(),
        },
        Format::Markdown => Exported {
            files: vec![(format!("{}.md", draft.id), to_markdown(draft).into_bytes())],
            lost: counted(&[("artifacts", draft.artifacts.len())]),
        },
        Format::TodoTxt => todo_txt::write(draft),
        Format::Backlog => backlog::write(draft),
        Format::Taskwarrior => taskwarrior::write(draft),
    }
}

/// Writes several sessions into one JSON text.
#[must_use]
pub fn export_json(drafts: &[Draft]) -> Vec<u8> {
    json::write(drafts)
}

fn counted(all: &[(&'static str, usize)]) -> Vec<Lost> {
    all.iter().filter(|(_, n)| *n > 0).map(|&(what, count)| Lost { what, count }).collect()
}

/// What no format of single tasks has a place for.
fn around_tasks(draft: &Draft) -> Vec<(&'static str, usize)> {
    vec![
        ("session overview", usize::from(!draft.description.trim().is_empty())),
        ("session status", usize::from(draft.status.is_some())),
        ("session mode", usize::from(draft.mode.is_some())),
        ("session dates", usize::from(draft.created.is_some()) + usize::from(draft.due.is_some())),
        ("session priority", usize::from(draft.priority.is_some())),
        ("session type", usize::from(draft.kind.is_some())),
        ("session tags", draft.tags.len()),
        ("session fields", draft.extra.len()),
        ("group headers", draft.groups.iter().map(|g| g.header.len()).sum()),
        ("empty groups", empty_groups(draft)),
        ("notes", draft.notes.len()),
        ("learnings", draft.learnings.len()),
        ("next steps", draft.next_steps.len()),
        ("artifacts", draft.artifacts.len()),
    ]
}

fn empty_groups(draft: &Draft) -> usize {
    (0..draft.groups.len()).filter(|g| !draft.tasks.iter().any(|t| t.group == Some(*g))).count()
}

/// The same with an id for every task. The caller gives those that adoption would give; what is still without one
/// must all the same not be taken for another task.
fn with_ids(draft: &Draft) -> Draft {
    let mut draft = draft.clone();
    let mut taken: std::collections::HashSet<String> = draft.tasks.iter().map(id_of).collect();
    let session = draft.id.clone();
    for task in &mut draft.tasks {
        let mut k = 0;
        while id_of(task).is_empty() {
            let id = crate::model::adoption_id(&session, "", &task.title, k);
            if taken.insert(id.to_string()) {
                task.id = Some(id);
            }
            k += 1;
        }
    }
    draft
}

/// The id a task is named by in an export.
fn id_of(task: &crate::import::DraftTask) -> String {
    task.id.as_ref().map_or_else(|| task.old_id.clone(), ToString::to_string)
}

#[cfg(test)]
mod tests;
