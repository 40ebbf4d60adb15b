//! Small sessions out of a few words.

use crate::index::{FileRecord, Index, Layout, SessionRecord, row_ids};
use crate::model::{
    Carrier, Field, FieldEntry, Group, HeaderField, Section, SectionKind, Session, Task, TaskFacts, TaskId,
    TaskStatus,
};
use crate::text::{ContentHash, LineIndex};

/// A session whose text is one task per line: `[dots]status|title|id|field=value;…`, groups
/// as `# path`, notes as `> heading: text`, facts as `@ key=value`; a dot per level of subtask. Statuses by symbol: ` `, `x`, `/`, `-`.
pub(super) fn session(directory: &str, text: &str) -> Session {
    let mut session = Session {
        id: directory.to_owned(),
        directory: directory.to_owned(),
        name: format!("The {directory}"),
        ..Session::default()
    };
    let mut open: Vec<usize> = Vec::new();
    for line in text.lines() {
        if let Some(path) = line.strip_prefix("# ") {
            let parent =
                path.rsplit_once('/').and_then(|(p, _)| session.groups.iter().position(|g| g.path == p));
            session.groups.push(Group {
                name: path.rsplit('/').next().unwrap_or(path).to_owned(),
                path: path.to_owned(),
                parent,
                level: 3,
                header: Vec::new(),
                description: String::new(),
            });
            open.clear();
            continue;
        }
        if let Some(note) = line.strip_prefix("> ") {
            let (title, body) = note.split_once(": ").unwrap_or((note, ""));
            let kind = if title == "Decisions" { SectionKind::Decisions } else { SectionKind::Other };
            session.sections.push(Section { title: title.into(), level: 2, kind, body: body.into() });
            continue;
        }
        if let Some((key, value)) = line.strip_prefix("@ ").and_then(|l| l.split_once('=')) {
            session.header.push(HeaderField { key: key.into(), value: value.into() });
            continue;
        }
        let depth = line.len() - line.trim_start_matches('.').len();
        open.truncate(depth);
        let mut parts = line[depth..].split('|');
        let symbol = parts.next().and_then(|s| s.chars().next()).unwrap_or(' ');
        let title = parts.next().unwrap_or_default().to_owned();
        let id = parts.next().and_then(TaskId::parse);
        let fields = parts.next().unwrap_or_default();
        let fields = fields.split(';').filter_map(|f| f.split_once('=')).map(|(key, value)| FieldEntry {
            field: crate::model::field_named(key),
            key: key.to_owned().into(),
            value: value.to_owned(),
            carrier: Carrier::Inline,
        });
        session.tasks.push(Task {
            group: session.groups.len().checked_sub(1),
            parent: open.last().copied(),
            depth: u32::try_from(open.len()).unwrap(),
            ..TaskFacts {
                id,
                title,
                symbol,
                status: TaskStatus::of_symbol(symbol).unwrap_or(TaskStatus::Pending),
                tail: None,
                fields: fields.collect(),
                description: String::new(),
            }
            .alone()
        });
        open.push(session.tasks.len() - 1);
    }
    for task in &mut session.tasks {
        let description = task.field(Field::Complexity).map(str::to_owned);
        task.description = description.unwrap_or_default();
    }
    session
}

/// The record of such a session, with its real lines.
pub(super) fn record(directory: &str, text: &str) -> SessionRecord {
    let session = session(directory, text);
    let (mut at, mut tasks, mut sections) = (0, Vec::new(), Vec::new());
    for line in text.split_inclusive('\n') {
        match line.get(..2) {
            Some("> ") => sections.push(at),
            Some("# " | "@ ") => {}
            _ => tasks.push(at),
        }
        at += line.len();
    }
    let lines = LineIndex::new(text);
    let layout = Layout { tasks: &tasks, sections: &sections, lines: &lines };
    let diagnostics: Vec<_> = session
        .tasks
        .iter()
        .zip(&tasks)
        .filter(|(task, _)| task.id.is_none())
        .map(|(_, &at)| {
            let span = crate::text::TextRange::empty(at);
            crate::diagnostic::Diagnostic::new(crate::diagnostic::Code::I501, span, "task has no id")
        })
        .collect();
    let file = FileRecord {
        path: format!("sessions/{directory}/session.md"),
        hash: ContentHash::of(text.as_bytes()),
        parser_version: 1,
        ..FileRecord::default()
    };
    SessionRecord::of(&session, &row_ids(&session), layout, &diagnostics, file)
}

/// An index of these sessions.
pub(super) fn index(sessions: &[(&str, &str)]) -> Index {
    let mut index = Index::in_memory().unwrap();
    put(&mut index, sessions);
    index
}

/// Writes these sessions in one batch; returns how many rows were touched.
pub(super) fn put(index: &mut Index, sessions: &[(&str, &str)]) -> u64 {
    let before = index.conn.total_changes();
    let mut batch = index.begin().unwrap();
    for (directory, text) in sessions {
        batch.replace(&record(directory, text)).unwrap();
    }
    batch.commit().unwrap();
    index.conn.total_changes() - before
}
