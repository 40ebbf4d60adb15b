use std::fmt::Write as _;

use crate::model::{Field, TaskStatus, write_minutes};

use super::{Draft, DraftTask, Remark, Report, safe};

/// Writes a draft as a complete `session.md`.
///
/// Call [`super::settle`] before: tasks without ids are written without them. Archived tasks are
/// written like all others; [`super::split_archived`] moves them to a session of their own.
#[must_use]
pub fn to_markdown(draft: &Draft) -> String {
    to_markdown_with(draft, &mut Report::default())
}

/// Like [`to_markdown`], noting in `report` whatever could not be written as it was.
#[must_use]
pub fn to_markdown_with(draft: &Draft, report: &mut Report) -> String {
    if let Some(bytes) = &draft.verbatim {
        return String::from_utf8_lossy(bytes).into_owned();
    }
    let mut out = front_matter(draft);
    let _ = writeln!(out, "\n# 📋 Session: {}\n", safe::heading(&draft.name, &draft.id));
    header(&mut out, draft);
    out.push_str("## 📊 Session Overview\n\n");
    block(&mut out, &draft.description, "overview", report);
    out.push_str("## 🎯 Task Groups\n\n");
    tasks(&mut out, draft, report);
    out.push_str("## 📝 Session Notes\n\n");
    entries(&mut out, &draft.notes);
    out.push_str("### Decisions Made\n\n");
    entries(&mut out, &draft.decisions);
    out.push_str("### Key Learnings\n\n");
    entries(&mut out, &draft.learnings);
    out.push_str("### Next Steps\n\n");
    entries(&mut out, &draft.next_steps);
    out.truncate(out.trim_end().len());
    out.push('\n');
    out
}

fn front_matter(draft: &Draft) -> String {
    let mut out = format!("---\nschema: plandown/1\nid: {}\n", plain_or_quoted(&draft.id));
    if !draft.tags.is_empty() {
        let words: Vec<String> = draft.tags.iter().map(|t| plain_or_quoted(t)).collect();
        let _ = writeln!(out, "tags: [{}]", words.join(", "));
    }
    for (key, value) in &draft.extra {
        if let Some(key) = safe::key(key) {
            let _ = writeln!(out, "{key}: {}", plain_or_quoted(value));
        }
    }
    out.push_str("---\n");
    out
}

/// A YAML scalar on one line that reads back as this text.
fn plain_or_quoted(raw: &str) -> String {
    let text = safe::one_line(raw);
    let is_word = text.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_'))
        && text.starts_with(char::is_alphabetic)
        && !matches!(
            text.to_lowercase().as_str(),
            "true" | "false" | "null" | "yes" | "no" | "on" | "off" | "y" | "n"
        );
    if is_word { text } else { format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")) }
}

fn header(out: &mut String, draft: &Draft) {
    let mut lines: Vec<(&str, String)> = Vec::new();
    let mut add = |key, value: Option<String>| {
        if let Some(value) = value.map(|v| safe::one_line(&v)).filter(|v| !v.is_empty()) {
            lines.push((key, value));
        }
    };
    add("Status", draft.status.map(crate::model::SessionStatus::word));
    add("Mode", draft.mode.clone());
    add("Created", draft.created.clone());
    add("Priority", draft.priority.map(|p| p.word().to_owned()));
    add("Due", draft.due.clone());
    add("Type", draft.kind.clone());
    field_lines(out, &lines);
}

fn field_lines(out: &mut String, lines: &[(&str, String)]) {
    for (i, (key, value)) in lines.iter().enumerate() {
        let end = if i + 1 == lines.len() { "\n\n" } else { "  \n" };
        let _ = write!(out, "**{key}**: {value}{end}");
    }
}

fn block(out: &mut String, text: &str, place: &str, report: &mut Report) {
    let (text, was_quoted) = safe::quoted(text);
    if text.is_empty() {
        return;
    }
    if was_quoted {
        report.find(Remark::TextEscaped, place, "the text holds Markdown structure and stands in a quote");
    }
    let _ = writeln!(out, "{text}\n");
}

fn entries(out: &mut String, entries: &[String]) {
    let mut any = false;
    for entry in entries {
        let text = safe::body(entry);
        for (i, line) in text.lines().enumerate() {
            any = true;
            let lead = match (i, line.is_empty()) {
                (0, _) => "- ",
                (_, true) => "",
                _ => "  ",
            };
            // Blanks behind the marker would move the item's text column.
            let line = if i == 0 { line.trim_start() } else { line };
            // With the marker before it, a line of dashes would be a rule.
            let is_rule = i == 0 && line.chars().all(|c| matches!(c, '-' | ' ' | '\t'));
            let escape = if is_rule { "\\" } else { "" };
            let _ = writeln!(out, "{lead}{escape}{line}");
        }
    }
    if any {
        out.push('\n');
    }
}

fn tasks(out: &mut String, draft: &Draft, report: &mut Report) {
    let mut below: Vec<Vec<usize>> = vec![Vec::new(); draft.tasks.len()];
    let mut roots: Vec<Vec<usize>> = vec![Vec::new(); draft.groups.len() + 1];
    for (i, task) in draft.tasks.iter().enumerate() {
        match task.parent.filter(|&p| p < draft.tasks.len()) {
            Some(parent) => below[parent].push(i),
            None => roots[task.group.map_or(0, |g| (g + 1).min(draft.groups.len()))].push(i),
        }
    }
    let mut groups = roots.into_iter();
    subtrees(out, draft, groups.next().unwrap_or_default(), &below, report);
    for (group, roots) in draft.groups.iter().zip(groups) {
        let _ = writeln!(out, "### {}\n", safe::heading(&group.path, "Tasks"));
        let lines: Vec<(&str, String)> = group
            .header
            .iter()
            .map(|(k, v)| (k.as_str(), safe::one_line(v)))
            .filter(|(k, v)| !v.is_empty() && !k.contains(['*', '\n', ':']))
            .collect();
        field_lines(out, &lines);
        block(out, &group.description, &group.path, report);
        subtrees(out, draft, roots, &below, report);
    }
}

/// Writes tasks with everything below them, without recursion.
fn subtrees(out: &mut String, draft: &Draft, roots: Vec<usize>, below: &[Vec<usize>], report: &mut Report) {
    if roots.is_empty() {
        return;
    }
    let mut stack: Vec<(usize, usize)> = roots.into_iter().rev().map(|r| (r, 0)).collect();
    // A parent cycle that nobody settled must not run forever.
    let mut left = draft.tasks.len();
    while let Some((at, depth)) = stack.pop() {
        let Some(task) = draft.tasks.get(at).filter(|_| left > 0) else { continue };
        left -= 1;
        one_task(out, task, depth, report);
        stack.extend(below[at].iter().rev().map(|&c| (c, depth + 1)));
    }
    out.push('\n');
}

fn one_task(out: &mut String, task: &DraftTask, depth: usize, report: &mut Report) {
    let place = task.id.as_ref().map_or_else(|| task.old_id.clone(), ToString::to_string);
    let title = safe::title(&task.title, &task.old_id);
    let pad = "  ".repeat(depth);
    let symbol = if task.status.is_open() { ' ' } else { 'x' };
    let _ = write!(out, "{pad}- [{symbol}] {}", title.text);
    let mut fields: Vec<String> = Vec::new();
    tail(out, task, &title.text, &mut fields);
    fields_of(task, &place, &mut fields, report);
    for field in &fields {
        let _ = write!(out, "  {field}");
    }
    if let Some(id) = &task.id {
        let _ = write!(out, " ^{id}");
    }
    out.push('\n');
    let mut text = String::new();
    if title.moved {
        report.find(
            Remark::TitleMoved,
            &place,
            "the title is not one short line; all of it is in the description",
        );
        super::draft::push_paragraph(&mut text, &task.title);
    } else if title.escaped {
        report.find(Remark::TitleEscaped, &place, "the title holds signs of the format; they stand in code");
    }
    super::draft::push_paragraph(&mut text, &task.description);
    let text = safe::body(&text);
    if !text.is_empty() {
        out.push('\n');
        for line in text.lines() {
            let _ = if line.is_empty() { writeln!(out) } else { writeln!(out, "{pad}  {line}") };
        }
        out.push('\n');
    }
}

/// ` (In Progress) - dev - 3h`, left out where it says nothing.
fn tail(out: &mut String, task: &DraftTask, title: &str, fields: &mut Vec<String>) {
    let done = task.status == TaskStatus::Completed;
    let specialist = task.specialist.as_deref().map(safe::one_line).filter(|s| !s.is_empty());
    let in_tail = specialist.as_deref().filter(|s| is_tail_specialist(s));
    let effort = match (task.estimate, task.actual) {
        (Some(est), Some(actual)) => Some(format!("{}/{}", write_minutes(est), write_minutes(actual))),
        (Some(est), None) if done => Some(format!("{}/?", write_minutes(est))),
        (Some(est), None) => Some(write_minutes(est)),
        (None, Some(actual)) if done => Some(write_minutes(actual)),
        (None, Some(actual)) => {
            fields.push(format!("[actual:: {}]", write_minutes(actual)));
            None
        }
        (None, None) => None,
    };
    let says_something = !matches!(task.status, TaskStatus::Pending | TaskStatus::Completed)
        || in_tail.is_some()
        || effort.is_some()
        || safe::needs_tail(title);
    if says_something {
        let _ = write!(out, " ({})", task.status.word());
        for part in in_tail.into_iter().chain(effort.as_deref()) {
            let _ = write!(out, " - {part}");
        }
    }
    if let Some(specialist) = specialist.filter(|s| !is_tail_specialist(s)) {
        fields.push(written("specialist", &safe::value(&specialist)));
    }
}

fn is_tail_specialist(word: &str) -> bool {
    let fits = word.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-'));
    fits && crate::model::Effort::parse_tail(word, false).is_none()
}

fn fields_of(task: &DraftTask, place: &str, fields: &mut Vec<String>, report: &mut Report) {
    if !task.depends_on.is_empty() {
        fields.push(format!("[{}:: {}]", Field::DependsOn.key(), task.depends_on.join(", ")));
    }
    for (key, raw) in &task.fields {
        let value = safe::value(raw);
        let Some(key) = safe::key(key).filter(|_| !value.is_empty()) else { continue };
        if value != raw.trim() {
            let message = format!("`{key}` cannot be written as it was; it is `{value}` now");
            report.find(Remark::ValueChanged, place, message);
        }
        fields.push(written(&key, &value));
    }
    let aliases: Vec<String> =
        task.aliases.iter().map(|a| safe::list_word(a)).filter(|a| !a.is_empty()).collect();
    if !aliases.is_empty() {
        fields.push(format!("[{}:: {}]", Field::Formerly.key(), aliases.join(", ")));
    }
}

/// `[key:: value]`, with a blank where the value ends in an address: its end reaches to the next
/// blank, bracket included.
fn written(key: &str, value: &str) -> String {
    let last = value.rsplit(' ').next().unwrap_or("");
    let blank = if last.contains("://") || last.contains("www.") || last.contains('@') { " " } else { "" };
    format!("[{key}:: {value}{blank}]")
}
