use super::replay::one_line;
use super::{Refusal, Replay, tree};
use crate::model::{Group, Section, SectionKind, Session, norm};

/// The section of the `n`th group.
#[must_use]
pub fn group_section(session: &Session, group: usize) -> Option<usize> {
    let mut groups = session.sections.iter().enumerate().filter(|(_, s)| s.kind == SectionKind::Group);
    groups.nth(group).map(|(i, _)| i)
}

/// One past the last section that lies below section `i`.
pub(super) fn section_end(session: &Session, i: usize) -> usize {
    let level = session.sections[i].level;
    let below = session.sections[i + 1..].iter().take_while(|s| s.level > level).count();
    i + 1 + below
}

/// Where a new group called `name` goes: (its own name, the group it lies in, the heading's level).
///
/// `Backend/API` lies in `Backend` where there is such a group.
///
/// # Errors
/// [`Refusal::Unwritable`] where the name is taken, or an empty group could not be read as one.
pub fn new_group_home<'a>(session: &Session, name: &'a str) -> Result<(&'a str, Option<usize>, u8), Refusal> {
    let name = name.trim();
    one_line(name, "group's name")?;
    if norm(name).is_empty() {
        return Err(Refusal::unwritable("a group's name needs a letter or a digit"));
    }
    if !tree::has_task_section(session) && !session.groups.is_empty() {
        return Err(Refusal::unwritable(
            "the headings of this file are groups only while they hold tasks, so an empty one cannot be added",
        ));
    }
    let nested = name.rsplit_once('/').and_then(|(path, own)| {
        let parent = session.groups.iter().position(|g| norm(&g.path) == norm(path))?;
        Some((own.trim(), Some(parent)))
    });
    let (own, parent) = nested.filter(|(own, _)| !norm(own).is_empty()).unwrap_or((name, None));
    if session.groups.iter().any(|g| g.parent == parent && norm(&g.name) == norm(own)) {
        return Err(Refusal::unwritable(format!("there is a group `{own}` already")));
    }
    let level = match parent {
        Some(p) => session.groups[p].level + 1,
        None => session.groups.iter().find(|g| g.parent.is_none()).map_or_else(
            || {
                let section = session.sections.iter().find(|s| s.kind == SectionKind::TaskGroups);
                section.map_or(3, |s| s.level + 1)
            },
            |g| g.level,
        ),
    };
    if level > 6 { Err(Refusal::unwritable("groups cannot be nested deeper")) } else { Ok((own, parent, level)) }
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
    (i + 1..end)
        .take_while(|&k| session.sections[k].kind != SectionKind::Group)
        .find(|&k| session.sections[k].kind == SectionKind::GroupPart && is_tasks_in(&session.sections[k].title))
}

fn is_tasks_in(title: &str) -> bool {
    norm(title).starts_with("tasks in ")
}

pub(super) fn header_line(label: &str, value: &str) -> String {
    format!("**{label}**: {value}")
}

pub(super) fn add(replay: &mut Replay, name: &str, header: &[(String, String)]) -> Result<(), Refusal> {
    let (own, parent, level) = new_group_home(&replay.session, name)?;
    let with_heading = level < 6 && tasks_heading_wanted(&replay.session);
    let session = &mut replay.session;
    let home = match parent {
        Some(p) => group_section(session, p),
        None => session.sections.iter().position(|s| s.kind == SectionKind::TaskGroups),
    };
    let home = home.unwrap_or_else(|| tree::add_task_section(session));
    let at = section_end(session, home);
    let lines: Vec<String> = header.iter().map(|(k, v)| header_line(k.trim(), v.trim())).collect();
    let body = lines.join("\n");
    let mut new = vec![Section { title: own.to_owned(), level, kind: SectionKind::Group, body }];
    if with_heading {
        let title = format!("Tasks in {own}");
        let kind = SectionKind::GroupPart;
        new.push(Section { title, level: level + 1, kind, body: String::new() });
    }
    session.sections.splice(at..at, new);
    let index = session.sections[..at].iter().filter(|s| s.kind == SectionKind::Group).count();
    let path = parent.map_or(own.to_owned(), |p| format!("{}/{own}", session.groups[p].path));
    let header = header.iter().map(|(k, v)| (k.trim().to_owned(), v.trim().to_owned())).collect();
    let group = Group { name: own.to_owned(), path, parent, level, header, description: String::new() };
    for g in &mut session.groups {
        g.parent = g.parent.map(|p| if p >= index { p + 1 } else { p });
    }
    for t in &mut session.tasks {
        t.group = t.group.map(|g| if g >= index { g + 1 } else { g });
    }
    session.groups.insert(index, group);
    replay.groups.insert(index, None);
    Ok(())
}

pub(super) fn rename(replay: &mut Replay, group: usize, name: &str) -> Result<(), Refusal> {
    let session = &mut replay.session;
    let name = one_line(name, "group's name")?;
    let (old, parent) = (session.groups[group].name.clone(), session.groups[group].parent);
    let mut others = session.groups.iter().enumerate().filter(|(i, g)| *i != group && g.parent == parent);
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

/// Parents stand before their children, so one pass is enough.
fn repath(session: &mut Session) {
    for i in 0..session.groups.len() {
        let path = match session.groups[i].parent {
            Some(p) if p < i => format!("{}/{}", session.groups[p].path, session.groups[i].name),
            _ => session.groups[i].name.clone(),
        };
        session.groups[i].path = path;
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
    let Some(section) = group_section(session, group) else { return Ok(()) };
    let header = &mut session.groups[group].header;
    let there = header.iter().position(|(k, _)| norm(k) == norm(&label));
    let body = &mut session.sections[section].body;
    match (there, value) {
        (Some(i), Some(value)) => {
            set_body_line(body, &header[i].0, &header[i].1, Some(&value));
            header[i].1 = value;
        }
        (Some(i), None) => {
            let (key, old) = header.remove(i);
            set_body_line(body, &key, &old, None);
        }
        (None, Some(value)) => {
            let line = header_line(&label, &value);
            let (last, after) = match header.last() {
                Some((k, v)) => (find_body_line(body, k, v), true),
                None => (Some(0), false),
            };
            let at = last.map_or(0, |l| l + usize::from(after));
            let mut lines: Vec<&str> = body.lines().collect();
            lines.insert(at.min(lines.len()), &line);
            *body = lines.join("\n");
            header.push((label, value));
        }
        (None, None) => {}
    }
    Ok(())
}

/// The line of `body` that says `**key**: value`.
fn find_body_line(body: &str, key: &str, value: &str) -> Option<usize> {
    body.lines().position(|l| {
        let star = l.find("**").and_then(|s| l[s + 2..].trim_start().strip_prefix(key));
        star.is_some_and(|rest| rest.trim_start_matches(['*', ':', ' ', '\t']).starts_with(value))
    })
}

/// Changes or removes the `**key**: value` line of a body. Total: no such line, no change.
pub(super) fn set_body_line(body: &mut String, key: &str, old: &str, new: Option<&str>) -> bool {
    let Some(at) = find_body_line(body, key, old) else { return false };
    let lines: Vec<String> = body
        .lines()
        .enumerate()
        .filter_map(|(n, line)| {
            if n != at {
                return Some(line.to_owned());
            }
            let new = new?;
            let from = line.find(key)? + key.len();
            let colon = from + line[from..].find(':')?;
            let start = if old.is_empty() { line.trim_end().len() } else { colon + line[colon..].find(old)? };
            let gap = if old.is_empty() { " " } else { "" };
            Some(format!("{}{gap}{new}{}", &line[..start], &line[start + old.len()..]))
        })
        .collect();
    *body = lines.join("\n");
    true
}

/// Removes groups `first..end` from the arena; their tasks must be gone.
fn drop_groups(replay: &mut Replay, first: usize, end: usize) {
    let session = &mut replay.session;
    session.groups.drain(first..end);
    replay.groups.drain(first..end);
    let shift = |i: usize| if i >= end { i - (end - first) } else { i };
    for g in &mut session.groups {
        g.parent = g.parent.map(shift);
    }
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
    replay.moved();
}

/// Moves a group with everything in it before a sibling, or behind the last one.
pub(super) fn relocate(replay: &mut Replay, group: usize, before: Option<usize>) -> Result<(), Refusal> {
    let session = &mut replay.session;
    let (end, parent) = (group_end(session, group), session.groups[group].parent);
    let target = match before {
        Some(b) if session.groups[b].parent != parent => {
            return Err(Refusal::unwritable("a group moves among the groups beside it"));
        }
        Some(b) => b,
        None => {
            let mut last = group;
            for (i, g) in session.groups.iter().enumerate() {
                if g.parent == parent {
                    last = i;
                }
            }
            group_end(session, last)
        }
    };
    if (group..=end).contains(&target) {
        return Ok(());
    }
    let Some(section) = group_section(session, group) else { return Ok(()) };
    let stop = section_end(session, section);
    let to_section = match group_section(session, target) {
        Some(s) if before.is_some() => s,
        _ => group_section(session, target - 1).map_or(stop, |s| {
            // Behind the last sibling and everything in it.
            let mut s = s;
            while session.sections[s].level > session.sections[section].level && s > 0 {
                s -= 1;
            }
            section_end(session, s)
        }),
    };
    rotate(&mut session.sections, section..stop, to_section);
    // New order of groups, then of tasks by group.
    let mut order: Vec<usize> = (0..session.groups.len()).collect();
    rotate(&mut order, group..end, target);
    let mut new_of = vec![0; order.len()];
    order.iter().enumerate().for_each(|(new, &old)| new_of[old] = new);
    session.groups = order.iter().map(|&old| session.groups[old].clone()).collect();
    replay.groups = order.iter().map(|&old| replay.groups[old]).collect();
    for g in &mut session.groups {
        g.parent = g.parent.map(|p| new_of[p]);
    }
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
    if tree::has_task_section(&replay.session) {
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
            replay.session.sections[section].kind = SectionKind::Other;
        }
        drop_groups(replay, group, group + 1);
    }
}
