use super::WriteError;
use super::lines;
use super::pen::Pen;
use crate::format::SectionSpan;
use crate::model::{
    GroupRef, SectionKind, groups_beside, new_group_level, norm, task_section_at, task_section_title,
    tasks_heading_wanted,
};
use crate::text::TextRange;

pub(super) fn add(pen: &mut Pen<'_>, name: &str, header: &[(String, String)]) -> Result<(), WriteError> {
    let own = name.trim();
    let level = new_group_level(pen.session(), own)?;
    let eol = pen.eol();
    let mut block = format!("{} {own}{eol}", "#".repeat(level.into()));
    if !header.is_empty() {
        block.push_str(eol);
    }
    let hard_break = header_break(pen);
    for (i, (key, value)) in header.iter().enumerate() {
        let style = if i + 1 < header.len() { hard_break.as_str() } else { "" };
        block.extend(["**", key.trim(), "**: ", value.trim(), style, eol]);
    }
    if level < 6 && tasks_heading_wanted(pen.session()) {
        block.extend([eol, &"#".repeat(usize::from(level) + 1), " Tasks in ", own, eol]);
    }
    let home = pen.session().sections.iter().position(|s| s.kind == SectionKind::TaskGroups);
    match home.and_then(|h| pen.lifted.map.sections.get(h)) {
        Some(span) => {
            let at = pen.content_end(whole(span));
            put_block(pen, at, &block);
        }
        None => add_task_section(pen, &block),
    }
    Ok(())
}

/// How header lines of groups are broken in this file.
fn header_break(pen: &Pen<'_>) -> String {
    let mut blocks = pen.lifted.map.groups.iter().map(|g| &g.header).filter(|h| h.len() > 1);
    match blocks.next().and_then(|h| h.first()) {
        Some(line) => line.hard_break.of(pen.text()).to_owned(),
        None => "  ".to_owned(),
    }
}

/// The heading's first byte to the section's end.
fn whole(span: &SectionSpan) -> TextRange {
    TextRange::new(span.heading.whole.start, span.whole.end.max(span.heading.whole.end))
}

/// Puts a block between blank lines.
pub(super) fn put_block(pen: &mut Pen<'_>, at: usize, block: &str) {
    let eol = pen.eol();
    let before = if at == 0 || pen.text()[..at].trim_end_matches('\u{feff}').is_empty() { "" } else { eol };
    let after = if pen.is_text_at(at) { eol } else { "" };
    pen.insert_lines(at, &format!("{before}{block}{after}"));
}

/// Writes the task section, with `content` below its heading.
pub(super) fn add_task_section(pen: &mut Pen<'_>, content: &str) {
    let (at, title) = (task_section_at(pen.session()), task_section_title(pen.session()));
    let eol = pen.eol();
    let block = format!("## {title}{eol}{eol}{content}");
    put_section(pen, at, &block);
}

/// Puts whole sections before the section with index `at`, or at the end of the text.
pub(super) fn put_section(pen: &mut Pen<'_>, at: usize, block: &str) {
    let end = match pen.lifted.map.sections.get(at) {
        Some(next) => pen.line_start(pen.line_of(next.heading.whole.start)),
        None => pen.footer(),
    };
    let body = pen.document().body();
    let end = end.max(body.start);
    let text = TextRange::new(body.start, end).of(pen.text());
    let at = if text.trim().is_empty() { end } else { pen.content_end(TextRange::new(body.start, end)) };
    put_block(pen, at, block);
}

pub(super) fn rename(pen: &mut Pen<'_>, group: usize, name: &str) {
    let map = &pen.lifted.map;
    let old = &pen.session().groups[group].name;
    let Some(section) = map.groups.get(group).map(|g| g.section) else { return };
    let name = name.trim();
    if let Some(span) = map.sections.get(section) {
        pen.replace(place_of(pen, span, old), name);
    }
    let part = (section + 1..map.sections.len())
        .take_while(|&k| pen.session().sections[k].kind == SectionKind::GroupPart)
        .find(|&k| norm(&pen.session().sections[k].title).starts_with("tasks in "));
    if let Some(span) = part.and_then(|p| map.sections.get(p)) {
        let content = span.heading.content;
        if content.of(pen.text()).ends_with(old.as_str()) {
            pen.replace(TextRange::new(content.end - old.len(), content.end), name);
        }
    }
}

/// The bytes of a heading that are the group's name.
fn place_of(pen: &Pen<'_>, span: &SectionSpan, name: &str) -> TextRange {
    let content = span.heading.content;
    match content.of(pen.text()).find(name) {
        Some(at) => TextRange::new(content.start + at, content.start + at + name.len()),
        None => content,
    }
}

pub(super) fn set_field(pen: &mut Pen<'_>, group: usize, label: &str, value: Option<&str>) {
    let Some(span) = pen.lifted.map.groups.get(group) else { return };
    let label = label.trim();
    let there = pen.session().groups[group].header.iter().position(|(k, _)| norm(k) == norm(label));
    match (there, value.map(str::trim)) {
        (Some(i), Some(value)) => lines::set(pen, &span.header[i], value),
        (Some(i), None) => lines::remove(pen, &span.header, i),
        (None, Some(value)) if !span.header.is_empty() => lines::push(pen, &span.header, label, value),
        (None, Some(value)) => {
            let Some(section) = pen.lifted.map.sections.get(span.section) else { return };
            let at = pen.line_start(pen.line_of(section.heading.whole.end) + 1);
            let eol = pen.eol();
            put_block(pen, at, &format!("**{label}**: {value}{eol}"));
        }
        (None, None) => {}
    }
}

/// A group's lines without blank lines at the end, and where the blank lines before it begin.
fn unit(pen: &Pen<'_>, group: usize) -> Option<(usize, TextRange)> {
    let span = pen.lifted.map.sections.get(pen.lifted.map.groups.get(group)?.section)?;
    let line = pen.line_of(span.heading.whole.start);
    let blanks = pen.line_start(pen.blanks_before(line));
    Some((blanks, TextRange::new(pen.line_start(line), pen.content_end(whole(span)))))
}

pub(super) fn delete(pen: &mut Pen<'_>, group: usize) {
    if let Some((blanks, lines)) = unit(pen, group) {
        let range = pen.whole_lines(blanks, lines.end);
        pen.delete(range.start, range.end);
    }
}

pub(super) fn relocate(pen: &mut Pen<'_>, group: usize, before: Option<usize>) {
    let siblings = groups_beside(pen.session(), group);
    let Some(rank) = siblings.iter().position(|&g| g == group) else { return };
    let target = before.and_then(|b| siblings.iter().position(|&g| g == b)).unwrap_or(siblings.len());
    if target == rank || target == rank + 1 {
        return;
    }
    let Some((blanks, lines)) = unit(pen, group) else { return };
    let separator = TextRange::new(blanks, lines.start).of(pen.text()).to_owned();
    let mut block = lines.of(pen.text()).to_owned();
    if !block.ends_with(['\n', '\r']) {
        block.push_str(pen.eol());
    }
    if let Some((_, next)) = siblings.get(target).and_then(|&g| unit(pen, g)) {
        pen.insert_lines(next.start, &format!("{block}{separator}"));
    } else {
        let last = siblings.last().and_then(|&g| unit(pen, g));
        let at = last.map_or(lines.end, |(_, l)| l.end);
        pen.insert_lines(at, &format!("{separator}{block}"));
    }
    let range = pen.whole_lines(blanks, lines.end);
    pen.delete(range.start, range.end);
}

/// The index of a localized group key.
pub(super) fn index(key: &GroupRef) -> Result<usize, WriteError> {
    match key {
        GroupRef::Nth(n) => Ok(*n),
        _ => Err(crate::model::Refusal::NoGroup(key.clone()).into()),
    }
}
