use std::collections::HashMap;

use crate::document::BlockKind;
use crate::model::{Group, Section, SectionKind, Session, norm};
use crate::text::TextRange;

use super::super::{GroupSpan, LineSpan, SectionSpan, SourceMap};
use super::headings::Heading;
use super::{Reader, header, prose};

/// Which section is what: the frame that tasks are filed into.
pub(super) struct Layout {
    /// Starts of the stretches that tasks may stand in, ascending, with what they belong to.
    stretches: Vec<(usize, Stretch)>,
    /// Whether there is a section whose subsections are the groups.
    pub has_task_section: bool,
}

/// What a stretch of the body means for the tasks in it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Stretch {
    /// Before the first section, or under the title.
    Top,
    /// Right below the heading of the task section.
    Ungrouped,
    /// In a group.
    Group(usize),
    /// In a section that would become a group if a task stood in it (an index into sections).
    Candidate(usize),
    /// Checkboxes here are notes.
    Notes,
}

impl Layout {
    /// What the byte `at` belongs to.
    pub(super) fn at(&self, at: usize) -> Stretch {
        let i = self.stretches.partition_point(|(start, _)| *start <= at);
        i.checked_sub(1).and_then(|i| self.stretches.get(i)).map_or(Stretch::Top, |(_, s)| *s)
    }
}

/// Fills sections and, where there is a task section, its groups. Without one, the groups are
/// the sections that turn out to hold tasks.
pub(super) fn read(
    reader: &Reader<'_>,
    title: Option<&Heading>,
    headings: &[Heading],
    session: &mut Session,
    map: &mut SourceMap,
) -> Layout {
    let text = reader.text;
    let names: Vec<String> = headings.iter().map(|h| norm(h.span.content.of(text))).collect();
    let has_task_section = names.iter().any(|n| SectionKind::is_task_section(n));
    let mut layout = Layout { stretches: Vec::new(), has_task_section };
    let mut by_path = HashMap::new();
    // Level of the task section that is open, and its open group.
    let mut open: Option<(u8, Option<usize>)> = None;
    for (i, heading) in headings.iter().enumerate() {
        let title = &prose::one_line(heading.span.content.of(text));
        if open.is_some_and(|(level, _)| heading.level <= level) {
            open = None;
        }
        let (kind, stretch) = match &mut open {
            Some((level, group)) => {
                let starts = heading.level == *level + 1
                    || group.is_none_or(|g| session.groups.get(g).is_none_or(|g| heading.level <= g.level));
                if starts {
                    *group = Some(session.groups.len());
                    let parent = named_parent(&by_path, title);
                    by_path.entry(names[i].clone()).or_insert(session.groups.len());
                    add_group(session, map, i, title, heading.level, parent);
                }
                let stretch = group.map_or(Stretch::Ungrouped, Stretch::Group);
                (if starts { SectionKind::Group } else { SectionKind::GroupPart }, stretch)
            }
            None if SectionKind::is_task_section(&names[i]) => {
                open = Some((heading.level, None));
                (SectionKind::TaskGroups, Stretch::Ungrouped)
            }
            None => match SectionKind::reserved(&names[i]) {
                Some(kind) => (kind, Stretch::Notes),
                None if has_task_section => (SectionKind::Other, Stretch::Notes),
                None => (SectionKind::Other, Stretch::Candidate(i)),
            },
        };
        if kind == SectionKind::GroupPart
            && names[i].starts_with("tasks in")
            && let Stretch::Group(g) = stretch
            && let Some(span) = map.groups.get_mut(g)
        {
            span.tasks_heading.get_or_insert(i);
        }
        layout.stretches.push((heading.line_start, stretch));
        session.sections.push(Section {
            title: title.to_owned(),
            level: heading.level,
            kind,
            body: String::new(),
        });
        map.sections.push(SectionSpan { heading: heading.span, own: heading.own, whole: heading.whole });
    }
    if let Some(title) = title {
        let at = layout.stretches.partition_point(|(start, _)| *start < title.line_start);
        layout.stretches.insert(at, (title.line_start, Stretch::Top));
    }
    layout
}

/// The group that `Backend/API` nests under, where a group `Backend` stands before it.
fn named_parent(by_path: &HashMap<String, usize>, title: &str) -> Option<usize> {
    let (outer, _) = title.rsplit_once('/')?;
    by_path.get(&norm(outer)).copied()
}

fn add_group(
    session: &mut Session,
    map: &mut SourceMap,
    section: usize,
    title: &str,
    level: u8,
    parent: Option<usize>,
) {
    session.groups.push(Group {
        name: title.to_owned(),
        path: title.to_owned(),
        parent,
        level,
        header: Vec::new(),
        description: String::new(),
    });
    map.groups.push(GroupSpan { section, header: Vec::new(), tasks_heading: None });
}

/// Makes section `section` a group because a task stands in it; returns the group.
pub(super) fn make_implicit(
    layout: &mut Layout,
    session: &mut Session,
    map: &mut SourceMap,
    section: usize,
) -> usize {
    let group = session.groups.len();
    let Some(own) = session.sections.get_mut(section) else { return 0 };
    own.kind = SectionKind::Group;
    let (title, level) = (own.title.clone(), own.level);
    let at = map.sections.get(section).map_or(0, |s| s.own.start);
    let encloses = |g: &GroupSpan| {
        map.sections.get(g.section).is_some_and(|s| g.section != section && s.whole.contains(at))
    };
    // Later groups lie deeper: the last enclosing one is the nearest.
    let parent = map.groups.iter().rposition(encloses);
    add_group(session, map, section, &title, level, parent);
    if let Some(outer) = parent.and_then(|p| session.groups.get(p)).map(|p| p.path.clone())
        && let Some(own) = session.groups.last_mut()
    {
        own.path = format!("{outer}/{title}");
    }
    let here = layout.stretches.partition_point(|(start, _)| *start <= at);
    if let Some((_, stretch)) = here.checked_sub(1).and_then(|i| layout.stretches.get_mut(i)) {
        *stretch = Stretch::Group(group);
    }
    group
}

/// Reads the `**Key**: value` paragraph right below each group's heading.
fn header_of(reader: &Reader<'_>, section: &SectionSpan) -> Vec<LineSpan> {
    let blocks = reader.document.blocks();
    let first = blocks.partition_point(|b| b.range.start < section.own.start);
    match blocks.get(first) {
        Some(b)
            if b.parent.is_none() && b.range.start < section.own.end && b.kind == BlockKind::Paragraph =>
        {
            header::field_lines(reader, b).unwrap_or_default()
        }
        _ => Vec::new(),
    }
}

/// Fills the headers of all groups.
pub(super) fn headers(reader: &Reader<'_>, session: &mut Session, map: &mut SourceMap) {
    let text = reader.text;
    for (group, span) in session.groups.iter_mut().zip(&mut map.groups) {
        let Some(section) = map.sections.get(span.section) else { continue };
        span.header = header_of(reader, section);
        group.header =
            span.header.iter().map(|l| (l.key.of(text).to_owned(), l.value.of(text).to_owned())).collect();
    }
}

/// The part of a group's own text that is neither header nor tasks, up to the first task.
pub(super) fn description_range(
    section: &SectionSpan,
    header: &[LineSpan],
    first_task: Option<usize>,
) -> TextRange {
    let start = header.last().map_or(section.own.start, |l| l.line.end);
    let end = first_task.unwrap_or(section.own.end).min(section.own.end);
    TextRange::new(start, end)
}
