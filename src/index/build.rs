use std::collections::HashSet;

use super::record::{
    DependencyRecord, DiagnosticRecord, FileRecord, GroupRecord, NoteKind, NoteRecord, Ready, SessionRecord,
    TargetRecord, TaskRecord, Via,
};
use crate::diagnostic::Diagnostic;
use crate::model::{
    Edge, Field, Graph, Priority, Readiness, Section, SectionKind, Session, Target, Task, TaskId, adopted_ids,
};
use crate::text::LineIndex;

/// Where things stand in the text; whatever is missing counts as line 0.
#[derive(Clone, Copy, Debug)]
pub struct Layout<'a> {
    /// Byte offset of each task's head line, in order.
    pub tasks: &'a [usize],
    /// Byte offset of each section's heading, in order.
    pub sections: &'a [usize],
    /// The text's lines.
    pub lines: &'a LineIndex,
}

impl SessionRecord {
    /// What the index keeps of `session`.
    ///
    /// `row_ids` name the rows, one per task, unique in the file: see [`row_ids`].
    #[must_use]
    pub fn of(
        session: &Session,
        row_ids: &[TaskId],
        layout: Layout<'_>,
        diagnostics: &[Diagnostic],
        file: FileRecord,
    ) -> Self {
        let graph = Graph::of(session);
        let readiness = graph.readiness(session);
        let tasks = session.tasks.iter().enumerate().map(|(i, task)| {
            let row_id = row_ids.get(i).map_or_else(|| format!("?{i}"), ToString::to_string);
            let offset = layout.tasks.get(i).map(|&at| layout.lines.start(layout.lines.line_of(at)));
            TaskRecord {
                line: offset.map_or(0, |at| line_number(layout.lines, at)),
                offset: wide(offset.unwrap_or(0)),
                ready: readiness.get(i).map_or(Ready::No, ready),
                dependencies: dependencies(i, task, &graph, readiness.get(i)),
                ..task_record(row_id, task)
            }
        });
        Self {
            directory: session.directory.clone(),
            identity: session.id.clone(),
            name: session.name.clone(),
            description: filled(&session.preamble),
            status: session.written_status(),
            mode: session.mode().map(str::to_owned),
            kind: session.kind(),
            priority: session.priority().map(Priority::level),
            created: session.created().map(str::to_owned),
            due: session.due().map(|d| d.to_string()),
            tags: session.fact("tags").and_then(filled),
            file,
            groups: session.groups.iter().map(group_record).collect(),
            tasks: tasks.collect(),
            notes: notes(session, layout),
            diagnostics: diagnostics.iter().map(|d| diagnostic_record(d, layout.lines)).collect(),
        }
    }
}

/// A name for the row of every task: its id, or, where it has none or repeats one, the id it
/// would be adopted under.
#[must_use]
pub fn row_ids(session: &Session) -> Vec<TaskId> {
    let mut used: HashSet<&TaskId> = HashSet::with_capacity(session.tasks.len());
    let own = session.tasks.iter().map(|t| t.id.as_ref().filter(|id| used.insert(id)).cloned());
    let mut ids: Vec<Option<TaskId>> = own.collect();
    if ids.iter().any(Option::is_none) {
        let used = used.into_iter().cloned().collect();
        for (task, id) in adopted_ids(session, ids.clone(), used) {
            ids[task] = Some(id);
        }
    }
    ids.into_iter().flatten().collect()
}

fn wide(n: usize) -> u64 {
    u64::try_from(n).unwrap_or(u64::MAX)
}

fn narrow(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

fn line_number(lines: &LineIndex, offset: usize) -> u32 {
    narrow(lines.line_of(offset) + 1)
}

fn filled(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

fn ready(readiness: &Readiness) -> Ready {
    match (readiness.is_ready_here(), readiness.foreign().next()) {
        (false, _) => Ready::No,
        (true, None) => Ready::Yes,
        (true, Some(_)) => Ready::IfForeign,
    }
}

fn group_record(group: &crate::model::Group) -> GroupRecord {
    GroupRecord {
        name: group.name.clone(),
        path: group.path.clone(),
        parent: group.parent,
        focus: group.focus().map(str::to_owned),
        priority: group.priority().map(Priority::level),
        description: group.description.trim().to_owned(),
    }
}

fn task_record(row_id: String, task: &Task) -> TaskRecord {
    let field = |f: Field| task.field(f).and_then(filled);
    let effort = task.effort();
    let words = |refs: Vec<crate::model::TaskRef>| refs.iter().map(ToString::to_string).collect();
    TaskRecord {
        row_id,
        id: task.id.as_ref().map(ToString::to_string),
        parent: task.parent,
        group: task.group,
        depth: task.depth,
        title: task.title.clone(),
        description: task.description.clone(),
        status: task.status,
        specialist: task.specialist().map(str::to_owned),
        priority: task.priority().map(Priority::level),
        due: task.due().map(|d| d.to_string()),
        estimate: effort.estimate,
        actual: effort.actual,
        complexity: field(Field::Complexity),
        verified: field(Field::Verified),
        progress: field(Field::Progress).and_then(|p| p.trim_end_matches('%').trim().parse().ok()),
        created: field(Field::Created),
        started: field(Field::Started),
        completed: field(Field::Completion),
        depends_on: words(task.depends_on()),
        blocks: words(task.blocks()),
        related: words(task.related()),
        tags: task.tags(),
        aliases: task.former_ids(),
        extra: extra(task),
        line: 0,
        offset: 0,
        ready: Ready::No,
        dependencies: Vec::new(),
    }
}

/// The user's own fields as a JSON object; of a key given twice the first one counts.
fn extra(task: &Task) -> Option<String> {
    let mut map = serde_json::Map::new();
    for (key, value) in task.extra() {
        map.entry(key).or_insert_with(|| value.into());
    }
    (!map.is_empty()).then(|| serde_json::Value::Object(map).to_string())
}

fn dependencies(
    i: usize,
    task: &Task,
    graph: &Graph,
    readiness: Option<&Readiness>,
) -> Vec<DependencyRecord> {
    let target = |edge: &Edge| match &edge.to {
        Target::Task(t) => TargetRecord::Task(*t),
        Target::Foreign { session, id } => {
            TargetRecord::Foreign { session: session.clone(), id: id.to_string() }
        }
        Target::Unknown => TargetRecord::Unknown,
        Target::Ambiguous(_) => TargetRecord::Ambiguous,
    };
    let mut all: Vec<DependencyRecord> = graph
        .dependencies(i)
        .map(|edge| DependencyRecord {
            via: if edge.via == Field::Blocks { Via::Blocks } else { Via::DependsOn },
            written: edge.written.to_string(),
            target: target(edge),
        })
        .collect();
    if task.parent.is_some() {
        for (session, id) in readiness.into_iter().flat_map(Readiness::foreign) {
            let target = TargetRecord::Foreign { session: session.to_owned(), id: id.to_string() };
            if !all.iter().any(|d| d.target == target) {
                all.push(DependencyRecord {
                    via: Via::Inherited,
                    written: format!("{session}#{id}"),
                    target,
                });
            }
        }
    }
    all
}

fn notes(session: &Session, layout: Layout<'_>) -> Vec<NoteRecord> {
    let about = NoteRecord {
        kind: NoteKind::Session,
        title: session.name.clone(),
        body: session.preamble.trim().to_owned(),
        line: 1,
    };
    let sections = session.sections.iter().enumerate().filter_map(|(i, section)| {
        let line = layout.sections.get(i).map_or(0, |&at| line_number(layout.lines, at));
        note(section, line)
    });
    std::iter::once(about).chain(sections).collect()
}

fn note(section: &Section, line: u32) -> Option<NoteRecord> {
    let kind = match section.kind {
        SectionKind::Overview => NoteKind::Overview,
        SectionKind::Group => NoteKind::Group,
        SectionKind::Decisions => NoteKind::Decision,
        SectionKind::Learnings => NoteKind::Learning,
        SectionKind::ChangeLog => NoteKind::ChangeLog,
        SectionKind::Notes | SectionKind::NextSteps | SectionKind::Other => NoteKind::Note,
        SectionKind::KeyMetrics | SectionKind::TaskGroups | SectionKind::GroupPart => return None,
    };
    let body = section.body.trim().to_owned();
    // A heading without text says nothing but its name; groups are found by theirs.
    (kind == NoteKind::Group || !body.is_empty()).then(|| NoteRecord {
        kind,
        title: section.title.clone(),
        body,
        line,
    })
}

fn diagnostic_record(diagnostic: &Diagnostic, lines: &LineIndex) -> DiagnosticRecord {
    let info = diagnostic.code.info();
    let place = lines.line_col(diagnostic.span.start);
    DiagnosticRecord {
        code: info.code.to_owned(),
        severity: info.severity as u8,
        message: diagnostic.message.clone(),
        line: narrow(place.line),
        column: narrow(place.column),
        start: wide(diagnostic.span.start),
        length: wide(diagnostic.span.len()),
        fixable: diagnostic.fix.is_some(),
    }
}
