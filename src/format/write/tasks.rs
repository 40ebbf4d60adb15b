use super::WriteError;
use super::groups::new_home;
use super::head::tail_text;
use super::pen::{Pen, not_editable};
use crate::diagnostic::Code;
use crate::format::TaskSpan;
use crate::model::{
    GroupRef, NewTask, Place, SectionKind, Slot, Task, needs_task_section, new_group, planted,
    sibling_has_tail, slot,
};
use crate::text::TextRange;

/// How the lines of new tasks look.
#[derive(Clone, Debug)]
struct Style {
    prefix: String,
    bullet: Bullet,
    gap: String,
}

#[derive(Clone, Debug)]
enum Bullet {
    Sign(char),
    /// The next number, by how much it grows, and the sign behind it.
    Number(u64, u64, char),
}

/// Where whole lines go, and how they are set apart from what is there.
pub(super) struct Spot {
    /// A line's start, or the text's end.
    pub at: usize,
    /// Blank lines before the first new line.
    pub before: usize,
    /// Blank lines behind the last new line.
    pub after: usize,
    /// Blank lines between new siblings.
    pub between: usize,
    /// What the lines begin with.
    pub prefix: String,
}

pub(super) fn add(pen: &mut Pen<'_>, place: &Place, tasks: &[NewTask]) -> Result<(), WriteError> {
    if tasks.is_empty() {
        return Ok(());
    }
    if let Place::Group(GroupRef::Path(path), position) = place {
        let (spot, mut block) = new_home(pen, &new_group(pen.session(), path, position)?);
        let style =
            Style { prefix: String::new(), bullet: Bullet::Sign(usual_bullet(pen, None)), gap: " ".into() };
        block.push_str(&render(pen, &planted(tasks, false)?, &style, spot.between));
        put(pen, &spot, &block);
        return Ok(());
    }
    let slot = slot(pen.session(), place)?;
    let new = planted(tasks, sibling_has_tail(pen.session(), &slot))?;
    if needs_task_section(pen.session(), &slot) {
        let lines = render(pen, &new, &plain_style(String::new()), 0);
        super::groups::add_task_section(pen, &lines);
        return Ok(());
    }
    let spot = spot(pen, &slot)?;
    let style = style(pen, &slot, &spot)?;
    let block = render(pen, &new, &style, spot.between);
    put(pen, &spot, &block);
    Ok(())
}

/// Splices `block` in at `spot`, with its blank lines.
pub(super) fn put(pen: &mut Pen<'_>, spot: &Spot, block: &str) {
    let block = spaced(pen, spot, block);
    pen.insert_lines(spot.at, &block);
}

pub(super) fn spaced(pen: &Pen<'_>, spot: &Spot, block: &str) -> String {
    let eol = pen.eol();
    let before = if pen.apart > 1 { spot.before.max(1) } else { spot.before };
    let after = if pen.apart > 0 && pen.is_text_at(spot.at) { spot.after.max(1) } else { spot.after };
    format!("{}{block}{}", eol.repeat(before), eol.repeat(after))
}

/// Finds the line at which a task at `slot` begins.
pub(super) fn spot(pen: &Pen<'_>, slot: &Slot) -> Result<Spot, WriteError> {
    let spans = &pen.lifted.map.tasks;
    let span = |i: usize| &spans[i];
    if let Some(previous) = slot.previous {
        let (_, place) = pen.task(previous)?;
        let rhythm = rhythm(pen, slot);
        let prefix = pen.prefix(place);
        return Ok(Spot { at: place.lines.end, before: rhythm, after: 0, between: rhythm, prefix });
    }
    if let Some(next) = slot.next {
        let (_, place) = pen.movable(next)?;
        let rhythm = rhythm(pen, slot);
        let prefix = pen.prefix(place);
        return Ok(Spot { at: place.lines.start, before: 0, after: rhythm, between: rhythm, prefix });
    }
    if let Some(parent) = slot.parent {
        let (_, place) = pen.task(parent)?;
        let mut prefix = pen.below(place);
        if uses_tabs(pen) && !prefix.contains('\t') {
            prefix = pen.prefix(place) + "\t";
        }
        return Ok(Spot { at: span(parent).lines.end, before: 0, after: 0, between: 0, prefix });
    }
    match empty_home(pen, slot) {
        Some(own) => Ok(spot_below(pen, own)),
        None if slot.group.is_none() && pen.session().sections.is_empty() => Ok(top(pen)),
        None => Err(not_editable(Code::G305, TextRange::default(), "there is no group to put the task into")),
    }
}

/// Behind the text that a heading has below it.
pub(super) fn spot_below(pen: &Pen<'_>, own: TextRange) -> Spot {
    let at = pen.content_end(own);
    let heading_only = pen.line_of(at.saturating_sub(1)) == pen.line_of(own.start);
    let tight = heading_only && pen.apart == 0 && lists_touch_headings(pen);
    Spot { at, before: usize::from(!tight), after: 0, between: 0, prefix: String::new() }
}

/// Behind all text of a file without sections.
fn top(pen: &Pen<'_>) -> Spot {
    let (body, end) = (pen.document().body(), pen.footer());
    let text = TextRange::new(body.start, end.max(body.start));
    let (at, before) = if text.of(pen.text()).trim().is_empty() {
        (text.end, usize::from(text.is_empty() && body.start > '\u{feff}'.len_utf8()))
    } else {
        (pen.content_end(text), 1)
    };
    let after = usize::from(pen.is_text_at(at));
    Spot { at, before, after, between: 0, prefix: String::new() }
}

/// The heading with the text below it that the first task of a group goes under.
fn empty_home(pen: &Pen<'_>, slot: &Slot) -> Option<TextRange> {
    let map = &pen.lifted.map;
    let section = match slot.group.and_then(|g| map.groups.get(g)) {
        Some(group) => Some(group.tasks_heading.unwrap_or(group.section)),
        None => pen.session().sections.iter().position(|s| s.kind == SectionKind::TaskGroups),
    };
    let span = section.and_then(|s| map.sections.get(s))?;
    Some(TextRange::new(span.heading.whole.start, span.own.end.max(span.heading.whole.end)))
}

/// Whether lists of tasks stand right below their headings in this file.
pub(super) fn lists_touch_headings(pen: &Pen<'_>) -> bool {
    let above = |t: &TaskSpan| {
        let line = pen.document().lines().content(pen.text(), t.first_line.checked_sub(1)?);
        Some(line.of(pen.text()).trim_start_matches('\u{feff}').starts_with('#'))
    };
    pen.lifted.map.tasks.iter().any(|t| above(t) == Some(true))
}

fn uses_tabs(pen: &Pen<'_>) -> bool {
    let mut nested = pen.session().tasks.iter().zip(&pen.lifted.map.tasks).filter(|(t, _)| t.depth > 0);
    nested.next().is_some_and(|(_, span)| pen.prefix(span).contains('\t'))
}

/// Blank lines between the last tasks that stand outside of others.
pub(super) fn usual_rhythm(pen: &Pen<'_>) -> usize {
    let tasks = &pen.session().tasks;
    let roots: Vec<usize> = (0..tasks.len()).filter(|&i| tasks[i].parent.is_none()).collect();
    let pairs = roots.windows(2).rev().filter(|p| tasks[p[0]].group == tasks[p[1]].group);
    pairs.map(|p| blanks_between(pen, p[0], p[1])).find_map(|b| b).unwrap_or(0)
}

/// Blank lines between the siblings beside `slot`.
fn rhythm(pen: &Pen<'_>, slot: &Slot) -> usize {
    let siblings: Vec<usize> = {
        let tasks = &pen.session().tasks;
        let beside = |i: &usize| {
            tasks[*i].parent == slot.parent && (slot.parent.is_some() || tasks[*i].group == slot.group)
        };
        let back = (0..slot.at.min(tasks.len())).rev().filter(beside).take(2);
        let mut found: Vec<usize> = back.collect();
        found.reverse();
        found.extend((slot.at..tasks.len()).filter(beside).take(2));
        found
    };
    siblings.windows(2).find_map(|pair| blanks_between(pen, pair[0], pair[1])).unwrap_or(0)
}

/// The number of blank lines between two siblings of one list; `None` where more lies between.
pub(super) fn blanks_between(pen: &Pen<'_>, a: usize, b: usize) -> Option<usize> {
    let (a, b) = (&pen.lifted.map.tasks[a], &pen.lifted.map.tasks[b]);
    let blocks = pen.document().blocks();
    let same_list = blocks.get(a.block)?.parent == blocks.get(b.block)?.parent;
    let from = a.last_line + 1;
    (same_list && from <= b.first_line && (from..b.first_line).all(|l| pen.is_blank(l)))
        .then(|| b.first_line - from)
}

fn style(pen: &Pen<'_>, slot: &Slot, spot: &Spot) -> Result<Style, WriteError> {
    let Some(model) = slot.previous.or(slot.next) else {
        let bullet = usual_bullet(pen, slot.parent);
        return Ok(Style { prefix: spot.prefix.clone(), bullet: Bullet::Sign(bullet), gap: " ".into() });
    };
    let (_, span) = pen.task(model)?;
    let marker = span.marker.of(pen.text());
    let bullet = match (marker.parse::<char>(), number(marker)) {
        (_, Some((n, sign))) => {
            let step = ordinal_step(pen, slot, model, n);
            let first = if slot.previous.is_some() { n.saturating_add(step) } else { n };
            Bullet::Number(first, step, sign)
        }
        (Ok(sign), None) => Bullet::Sign(sign),
        (Err(_), None) => Bullet::Sign('-'),
    };
    Ok(Style { prefix: spot.prefix.clone(), bullet, gap: pen.gap(span).to_owned() })
}

fn plain_style(prefix: String) -> Style {
    Style { prefix, bullet: Bullet::Sign('-'), gap: " ".into() }
}

/// The bullet of the nearest task: the parent's own, else the last one's in the file.
fn usual_bullet(pen: &Pen<'_>, parent: Option<usize>) -> char {
    let sign = |span: &TaskSpan| span.marker.of(pen.text()).parse::<char>().ok();
    let spans = &pen.lifted.map.tasks;
    let near = parent.and_then(|p| sign(&spans[p]));
    near.or_else(|| spans.iter().rev().find_map(sign)).unwrap_or('-')
}

fn number(marker: &str) -> Option<(u64, char)> {
    let sign = marker.chars().last().filter(|c| matches!(c, '.' | ')'))?;
    Some((marker.strip_suffix(sign)?.parse().ok()?, sign))
}

/// 0 where the list repeats its number (`1. 1. 1.`), else 1.
fn ordinal_step(pen: &Pen<'_>, slot: &Slot, model: usize, n: u64) -> u64 {
    let tasks = &pen.session().tasks;
    let before =
        (0..model).rev().find(|&i| tasks[i].parent == slot.parent && tasks[i].group == tasks[model].group);
    let other = before.and_then(|i| number(pen.lifted.map.tasks[i].marker.of(pen.text())));
    u64::from(other.is_none_or(|(o, _)| o != n))
}

/// The lines of new tasks.
fn render(pen: &Pen<'_>, new: &[Task], style: &Style, between: usize) -> String {
    let mut out = String::new();
    let mut prefixes: Vec<String> = Vec::new();
    let mut ordinal = 0;
    for (i, task) in new.iter().enumerate() {
        let depth = task.depth as usize;
        let (marker, prefix) = match &style.bullet {
            Bullet::Number(first, step, sign) if depth == 0 => {
                (format!("{}{sign}", first.saturating_add(step * ordinal)), style.prefix.clone())
            }
            Bullet::Sign(sign) if depth == 0 => (sign.to_string(), style.prefix.clone()),
            Bullet::Sign(sign) => (sign.to_string(), prefixes[depth - 1].clone()),
            Bullet::Number(..) => ("-".to_owned(), prefixes[depth - 1].clone()),
        };
        if depth == 0 {
            ordinal += 1;
            if i > 0 {
                out.push_str(&pen.eol().repeat(between));
            }
        }
        let tabs = prefix.contains('\t') || style.gap.contains('\t');
        let step = if tabs { "\t".to_owned() } else { " ".repeat(marker.len() + style.gap.len()) };
        let below = format!("{prefix}{step}");
        out.push_str(&prefix);
        out.push_str(&marker);
        out.push_str(&style.gap);
        out.push_str(&head(task));
        out.push_str(pen.eol());
        if !task.description.trim().is_empty() {
            out.push_str(&pen.indented(&task.description, &below));
        }
        prefixes.truncate(depth);
        prefixes.push(below);
    }
    out
}

fn head(task: &Task) -> String {
    let mut line = format!("[{}] {}", task.symbol, task.title);
    if let Some(tail) = &task.tail {
        line.push_str(&tail_text(tail));
    }
    for field in &task.fields {
        for part in ["  [", &field.key, ":: ", &field.value, "]"] {
            line.push_str(part);
        }
    }
    if let Some(id) = &task.id {
        line.push_str(" ^");
        line.push_str(id.as_str());
    }
    line
}
