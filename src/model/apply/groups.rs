use super::replay::one_line;
use super::{NewGroup, Refusal, Replay, tree};
use crate::model::{Group, Section, SectionKind, Session, norm};

/// The section of the `n`th group.
#[must_use]
pub(super) fn group_section(session: &Session, group: usize) -> Option<usize> {
    let mut groups = session.sections.iter().enumerate().filter(|(_, s)| s.kind == SectionKind::Group);
    groups.nth(group).map(|(i, _)| i)
}

/// One past the last section that lies below section `i`.
pub(super) fn section_end(session: &Session, i: usize) -> usize {
    let level = session.sections[i].level;
    let below = session.sections[i + 1..].iter().take_while(|s| s.level > level).count();
    i + 1 + below
}

/// The level of the heading that a new group called `name` gets.
///
/// # Errors
/// [`Refusal::Unwritable`] where the name is taken, or an empty group could not be read as one.
pub fn new_group_level(session: &Session, name: &str) -> Result<u8, Refusal> {
    let name = one_line(name, "group's name")?;
    if norm(&name).is_empty() {
        return Err(Refusal::unwritable("a group's name needs a letter or a digit"));
    }
    if !session.has_task_section() && !session.groups.is_empty() {
        return Err(Refusal::unwritable(
            "the headings of this file are groups only while they hold tasks, so an empty one cannot be added",
        ));
    }
    if session.groups.iter().any(|g| norm(&g.path) == norm(&name)) {
        return Err(Refusal::unwritable(format!("there is a group `{name}` already")));
    }
    let section = session.sections.iter().find(|s| s.kind == SectionKind::TaskGroups);
    match section.map_or(3, |s| s.level + 1) {
        7.. => Err(Refusal::unwritable("groups cannot be nested deeper")),
        level => Ok(level),
    }
}

/// Whether groups of this file have a `Tasks in …` heading, so that a new one gets one too.
#[must_use]
pub fn tasks_heading_wanted(session: &Session) -> bool {
    let with = |g: usize| group_section(session, g).is_some_and(|s| tasks_heading(session, s).is_some());
    session.groups.len().checked_sub(1).is_some_and(with)
}

/// The `Tasks in …` heading of the group in section `i`.
fn tasks_heading(session: &Session, i: usize) -> Option<usize> {
    let end = section_end(session, i);
    (i + 1..end).take_while(|&k| session.sections[k].kind != SectionKind::Group).find(|&k| {
        session.sections[k].kind == SectionKind::GroupPart && is_tasks_in(&session.sections[k].title)
    })
}

fn is_tasks_in(title: &str) -> bool {
    norm(title).starts_with("tasks in ")
}

pub(super) fn add(replay: &mut Replay, name: &str, header: &[(String, String)]) -> Result<(), Refusal> {
    let title = name.trim().to_owned();
    let level = new_group_level(&replay.session, &title)?;
    let tasks_heading = level < 6 && tasks_heading_wanted(&replay.session);
    let session = &mut replay.session;
    let home = session.sections.iter().position(|s| s.kind == SectionKind::TaskGroups);
    let home = home.unwrap_or_else(|| tree::add_task_section(session));
    let section = section_end(session, home);
    let new = NewGroup { section, is_there: false, behind: Some(home), level, title, tasks_heading };
    insert(replay, new, header);
    Ok(())
}

/// Makes a group; returns its index.
pub(super) fn insert(replay: &mut Replay, new: NewGroup, header: &[(String, String)]) -> usize {
    let session = &mut replay.session;
    let section =
        |title: String, level: u8, kind: SectionKind| Section { title, level, kind, body: String::new() };
    let (at, name) = (new.section, new.title);
    let mut header: Vec<(String, String)> =
        header.iter().map(|(k, v)| (k.trim().to_owned(), v.trim().to_owned())).collect();
    if new.is_there {
        session.sections[at].kind = SectionKind::Group;
        header = take_header(&mut session.sections[at].body);
    } else {
        let mut sections = vec![section(name.clone(), new.level, SectionKind::Group)];
        if new.tasks_heading {
            sections.push(section(format!("Tasks in {name}"), new.level + 1, SectionKind::GroupPart));
        }
        session.sections.splice(at..at, sections);
    }
    let index = session.sections[..at].iter().filter(|s| s.kind == SectionKind::Group).count();
    let path = name.clone();
    let group = Group { name, path, parent: None, level: new.level, header, description: String::new() };
    for t in &mut session.tasks {
        t.group = t.group.map(|g| if g >= index { g + 1 } else { g });
    }
    session.groups.insert(index, group);
    replay.groups.insert(index, None);
    repath(session);
    index
}

/// Takes the `**Key**: value` lines off the beginning of a heading's text, where its first
/// paragraph consists of them: they are a group's header.
fn take_header(body: &mut String) -> Vec<(String, String)> {
    let end = body.find("\n\n").unwrap_or(body.len());
    let fields: Option<Vec<_>> = body[..end].lines().map(header_field).collect();
    let Some(fields) = fields.filter(|f| !f.is_empty()) else { return Vec::new() };
    *body = body[end..].trim_start_matches('\n').to_owned();
    fields
}

/// Reads `**Key**: value` and `**Key:** value`, a hard break at the end left out.
fn header_field(line: &str) -> Option<(String, String)> {
    let (key, value) = line.trim().strip_prefix("**")?.split_once("**")?;
    let (key, value) = match key.strip_suffix(':') {
        Some(key) => (key, value),
        None => (key, value.strip_prefix(':')?),
    };
    let value = value.strip_suffix('\\').unwrap_or(value);
    Some((key.trim().to_owned(), value.trim().to_owned()))
}

pub(super) fn rename(replay: &mut Replay, group: usize, name: &str) -> Result<(), Refusal> {
    let session = &mut replay.session;
    let name = one_line(name, "group's name")?;
    let old = session.groups[group].name.clone();
    let mut others = session.groups.iter().enumerate().filter(|(i, _)| *i != group);
    if norm(&name).is_empty() || others.any(|(_, g)| norm(&g.name) == norm(&name)) {
        return Err(Refusal::unwritable(format!("a group cannot be called `{name}` here")));
    }
    if let Some(section) = group_section(session, group) {
        if let Some(part) = tasks_heading(session, section) {
            let title = &mut session.sections[part].title;
            if title.ends_with(&old) {
                title.truncate(title.len() - old.len());
                title.push_str(&name);
            }
        }
        let title = &mut session.sections[section].title;
        *title = title.replacen(&old, &name, 1);
    }
    session.groups[group].name = name;
    repath(session);
    Ok(())
}

/// Reads the nesting of groups anew: below a task section by their names (`Backend/API` lies in
/// a `Backend` that stands before it), else by the levels of their headings.
fn repath(session: &mut Session) {
    let by_name = session.has_task_section();
    let places: Vec<usize> = (0..session.groups.len()).filter_map(|g| group_section(session, g)).collect();
    for i in 0..session.groups.len() {
        let name = session.groups[i].name.clone();
        let parent = if by_name {
            let outer = name.rsplit_once('/').map(|(outer, _)| norm(outer)).filter(|o| !o.is_empty());
            outer.and_then(|o| session.groups[..i].iter().position(|g| norm(&g.path) == o))
        } else {
            (0..i).rev().find(|&k| {
                places.get(k).zip(places.get(i)).is_some_and(|(a, b)| section_end(session, *a) > *b)
            })
        };
        let outer = parent.filter(|_| !by_name).and_then(|p| session.groups.get(p)).map(|g| g.path.clone());
        let group = &mut session.groups[i];
        group.parent = parent;
        group.path = outer.map_or_else(|| name.clone(), |outer| format!("{outer}/{name}"));
    }
}

pub(super) fn set_field(
    session: &mut Session,
    group: usize,
    label: &str,
    value: Option<&str>,
) -> Result<(), Refusal> {
    let label = one_line(label, "label")?;
    let value = value.map(|v| one_line(v, "value")).transpose()?;
    let header = &mut session.groups[group].header;
    let there = header.iter().position(|(k, _)| norm(k) == norm(&label));
    match (there, value) {
        (Some(i), Some(value)) => header[i].1 = value,
        (Some(i), None) => {
            header.remove(i);
        }
        (None, Some(value)) => header.push((label, value)),
        (None, None) => {}
    }
    Ok(())
}

/// Removes groups `first..end` from the arena; their tasks must be gone.
fn drop_groups(replay: &mut Replay, first: usize, end: usize) {
    let session = &mut replay.session;
    session.groups.drain(first..end);
    replay.groups.drain(first..end);
    let shift = |i: usize| if i >= end { i - (end - first) } else { i };
    for t in &mut session.tasks {
        t.group = t.group.map(shift);
    }
}

fn group_end(session: &Session, group: usize) -> usize {
    let Some(section) = group_section(session, group) else { return group + 1 };
    let end = section_end(session, section);
    let below = session.sections[section..end].iter().filter(|s| s.kind == SectionKind::Group).count();
    group + below
}

pub(super) fn delete(replay: &mut Replay, group: usize) {
    let end = group_end(&replay.session, group);
    if let Some(section) = group_section(&replay.session, group) {
        let stop = section_end(&replay.session, section);
        replay.session.sections.drain(section..stop);
    }
    let gone = |t: &crate::model::Task| t.group.is_some_and(|g| (group..end).contains(&g));
    let first = replay.session.tasks.iter().position(gone).unwrap_or(0);
    let count = replay.session.tasks.iter().filter(|t| gone(t)).count();
    replay.session.tasks.drain(first..first + count);
    replay.tasks.drain(first..first + count);
    for t in &mut replay.session.tasks {
        t.parent = t.parent.map(|p| if p >= first + count { p - count } else { p });
    }
    drop_groups(replay, group, end);
    repath(&mut replay.session);
    replay.moved();
}

/// The groups among which `group` can be moved: those of its level.
#[must_use]
pub fn groups_beside(session: &Session, group: usize) -> Vec<usize> {
    let level = session.groups.get(group).map(|g| g.level);
    (0..session.groups.len()).filter(|&i| Some(session.groups[i].level) == level).collect()
}

/// Moves a group with everything in it before another one, or behind the last one.
pub(super) fn relocate(replay: &mut Replay, group: usize, before: Option<usize>) -> Result<(), Refusal> {
    let session = &mut replay.session;
    let beside = groups_beside(session, group);
    if before.is_some_and(|b| !beside.contains(&b)) {
        return Err(Refusal::unwritable("a group moves among the groups of its level"));
    }
    let end = group_end(session, group);
    let last = beside.last().copied().unwrap_or(group);
    let target = before.unwrap_or_else(|| group_end(session, last));
    if (group..=end).contains(&target) {
        return Ok(());
    }
    let Some(section) = group_section(session, group) else { return Ok(()) };
    let stop = section_end(session, section);
    let to_section = match before {
        Some(b) => group_section(session, b),
        None => group_section(session, last).map(|s| section_end(session, s)),
    };
    rotate(&mut session.sections, section..stop, to_section.unwrap_or(stop));
    // New order of groups, then of tasks by group.
    let mut order: Vec<usize> = (0..session.groups.len()).collect();
    rotate(&mut order, group..end, target);
    let mut new_of = vec![0; order.len()];
    order.iter().enumerate().for_each(|(new, &old)| new_of[old] = new);
    session.groups = order.iter().map(|&old| session.groups[old].clone()).collect();
    replay.groups = order.iter().map(|&old| replay.groups[old]).collect();
    let mut tasks: Vec<usize> = (0..session.tasks.len()).collect();
    tasks.sort_by_key(|&i| session.tasks[i].group.map(|g| new_of[g]));
    let mut new_task = vec![0; tasks.len()];
    tasks.iter().enumerate().for_each(|(new, &old)| new_task[old] = new);
    session.tasks = tasks.iter().map(|&old| session.tasks[old].clone()).collect();
    replay.tasks = tasks.iter().map(|&old| replay.tasks[old]).collect();
    for t in &mut session.tasks {
        t.parent = t.parent.map(|p| new_task[p]);
        t.group = t.group.map(|g| new_of[g]);
    }
    repath(session);
    replay.moved();
    Ok(())
}

/// Moves `range` so that it stands before what is at `to` now; `to` lies outside the range.
fn rotate<T>(items: &mut [T], range: std::ops::Range<usize>, to: usize) {
    if to <= range.start {
        items[to..range.end].rotate_right(range.len());
    } else if to >= range.end {
        items[range.start..to].rotate_left(range.len());
    }
}

/// In a file without a task section a heading is a group only while a task stands below it.
pub(super) fn prune(replay: &mut Replay) {
    if replay.session.has_task_section() {
        return;
    }
    for group in (0..replay.session.groups.len()).rev() {
        if replay.session.tasks.iter().any(|t| t.group == Some(group)) {
            continue;
        }
        if let Some(section) = group_section(&replay.session, group) {
            let stop = section_end(&replay.session, section);
            for s in &mut replay.session.sections[section..stop] {
                if s.kind == SectionKind::GroupPart {
                    s.kind = SectionKind::Other;
                }
            }
            let header = &replay.session.groups[group].header;
            let mut body: Vec<String> = header.iter().map(|(k, v)| format!("**{k}**: {v}")).collect();
            if !body.is_empty() {
                body.push(String::new());
            }
            let section = &mut replay.session.sections[section];
            section.kind = SectionKind::Other;
            body.push(std::mem::take(&mut section.body));
            section.body = body.join("\n");
        }
        drop_groups(replay, group, group + 1);
    }
    repath(&mut replay.session);
}
