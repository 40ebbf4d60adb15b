use super::WriteError;
use super::lines;
use super::pen::Pen;
use super::tasks::{Spot, lists_touch_headings, spot_below, usual_rhythm};
use crate::format::SectionSpan;
use crate::model::{
    GroupRef, NewGroup, SectionKind, groups_beside, new_group_level, norm, task_section_at,
    task_section_title, tasks_heading_wanted,
};
use crate::text::TextRange;

pub(super) fn add(pen: &mut Pen<'_>, name: &str, header: &[(String, String)]) -> Result<(), WriteError> {
    let title = name.trim().to_owned();
    let level = new_group_level(pen.session(), &title)?;
    let tasks_heading = level < 6 && tasks_heading_wanted(pen.session());
    let home = pen.session().sections.iter().position(|s| s.kind == SectionKind::TaskGroups);
    let new = NewGroup { section: 0, is_there: false, behind: home, level, title, tasks_heading };
    let block = head_of(pen, &new, header);
    match home.and_then(|h| pen.lifted.map.sections.get(h)) {
        Some(span) => {
            let at = pen.content_end(whole(span));
            put_block(pen, at, &block);
        }
        None => add_task_section(pen, &block),
    }
    Ok(())
}

/// The lines that a new group begins with: heading, header, and `Tasks in …` where others have it.
fn head_of(pen: &Pen<'_>, new: &NewGroup, header: &[(String, String)]) -> String {
    let eol = pen.eol();
    let mut block = heading(pen, new);
    if !header.is_empty() {
        block.push_str(eol);
    }
    let hard_break = header_break(pen);
    for (i, (key, value)) in header.iter().enumerate() {
        let style = if i + 1 < header.len() { hard_break.as_str() } else { "" };
        block.extend(["**", key.trim(), "**: ", value.trim(), style, eol]);
    }
    if new.tasks_heading {
        block.extend([eol, &"#".repeat(usize::from(new.level) + 1), " Tasks in ", &new.title, eol]);
    }
    block
}

/// The last group on the level of a new one: what the new one is written like.
fn model_of<'a>(pen: &Pen<'a>, level: u8) -> Option<&'a SectionSpan> {
    let groups = pen.session().groups.iter().zip(&pen.lifted.map.groups);
    let span = groups.rev().find(|(g, _)| g.level == level)?.1;
    pen.lifted.map.sections.get(span.section)
}

/// The heading of a new group: underlined or closed with `#` where the last one is.
fn heading(pen: &Pen<'_>, new: &NewGroup) -> String {
    let (eol, title) = (pen.eol(), &new.title);
    let model = model_of(pen, new.level).map(|m| m.heading).filter(|h| !h.split);
    let whole = model.map_or("", |h| h.whole.of(pen.text()));
    if !whole.is_empty() && !whole.starts_with('#') && new.level <= 2 {
        let sign = if new.level == 1 { "=" } else { "-" };
        return format!("{title}{eol}{}{eol}", sign.repeat(title.chars().count().max(3)));
    }
    let behind = model.map_or("", |h| TextRange::new(h.content.end, h.whole.end).of(pen.text()).trim());
    let closing = if !behind.is_empty() && behind.bytes().all(|b| b == b'#') {
        format!(" {behind}")
    } else {
        String::new()
    };
    format!("{} {title}{closing}{eol}", "#".repeat(new.level.into()))
}

/// Where the first tasks of a new group go, and the lines that come before them.
pub(super) fn new_home(pen: &Pen<'_>, new: &NewGroup) -> (Spot, String) {
    let map = &pen.lifted.map;
    let there = map.sections.get(new.section).filter(|_| new.is_there);
    if let Some(span) = there {
        let own = TextRange::new(span.heading.whole.start, span.own.end.max(span.heading.whole.end));
        return (spot_below(pen, own), String::new());
    }
    let at = match new.behind.and_then(|b| map.sections.get(b)) {
        Some(span) => pen.content_end(whole(span)),
        None => section_place(pen, new.section),
    };
    let model = model_of(pen, new.level).map(|span| pen.line_of(span.heading.whole.start));
    let spaced = model.filter(|line| !is_empty_before(pen, pen.line_start(*line)));
    let mut before = spaced.map_or(1, |line| line - pen.blanks_before(line));
    let mut head = head_of(pen, new, &[]);
    if !head.starts_with('#') {
        before = before.max(1);
    }
    if pen.apart > 0 || !lists_touch_headings(pen) {
        head.push_str(pen.eol());
    }
    if is_empty_before(pen, at) {
        before = 0;
    }
    let after = if pen.is_text_at(at) { before } else { 0 };
    let between = usual_rhythm(pen);
    (Spot { at, before, after, between, prefix: String::new() }, head)
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
    let before = if is_empty_before(pen, at) { "" } else { eol };
    let after = if pen.is_text_at(at) { eol } else { "" };
    pen.insert_lines(at, &format!("{before}{block}{after}"));
}

fn is_empty_before(pen: &Pen<'_>, at: usize) -> bool {
    pen.text()[..at].trim_end_matches('\u{feff}').is_empty()
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
    let at = section_place(pen, at);
    put_block(pen, at, block);
}

/// Where the text before the section with index `section` ends, or the text as a whole.
fn section_place(pen: &Pen<'_>, section: usize) -> usize {
    let end = match pen.lifted.map.sections.get(section) {
        Some(next) => pen.line_start(pen.line_of(next.heading.whole.start)),
        None => pen.footer(),
    };
    let body = pen.document().body();
    let end = end.max(body.start);
    let text = TextRange::new(body.start, end).of(pen.text());
    if text.trim().is_empty() { end } else { pen.content_end(TextRange::new(body.start, end)) }
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
