use crate::model::{Progress, Session, TaskStatus, norm};
use crate::text::ContentHash;

/// The value that a derived field should have now; `None` where the key is not derived here or
/// the current value was written by a person.
///
/// `group` is the group whose header the field stands in. Only values of the generated shape are
/// ever replaced: `33% (2/6 tasks)`, `3`, `3 (23%)`, `` `id` `` and placeholders like `[count]`.
#[must_use]
pub fn derived_value(session: &Session, group: Option<usize>, key: &str, current: &str) -> Option<String> {
    let current = current.trim();
    let placeholder = current.starts_with('[') && current.ends_with(']') && !current.contains("::");
    let counted = |status: TaskStatus| {
        let count = tasks_of(session, group).filter(|s| *s == status).count();
        count_form(current, placeholder, count, progress(session, group).total)
    };
    match norm(key).as_str() {
        "progress" if placeholder || is_progress(current) => Some(progress(session, group).phrase()),
        "total tasks" => count_form(current, placeholder, progress(session, group).total, 0),
        "completed" => counted(TaskStatus::Completed),
        "in progress" => counted(TaskStatus::InProgress),
        "session id" if placeholder || current.starts_with('`') && current.ends_with('`') => {
            Some(format!("`{}`", session.id))
        }
        _ => None,
    }
}

/// The first 8 hex digits of the hash of a block's text, which formatters do not change: blanks
/// at both ends of lines, blank lines, list markers and backslashes do not count.
#[must_use]
pub fn block_hash(inner: &str) -> String {
    let lines: Vec<String> = inner.lines().map(normal_line).filter(|l| !l.is_empty()).collect();
    ContentHash::of(lines.join("\n").as_bytes()).hex().chars().take(8).collect()
}

fn normal_line(line: &str) -> String {
    let line = line.trim();
    let marked = match line.strip_prefix(['*', '+', '-']) {
        Some(rest) if rest.starts_with([' ', '\t']) => format!("-{rest}"),
        _ => {
            let rest = line.trim_start_matches(|c: char| c.is_ascii_digit());
            match rest.strip_prefix(['.', ')']) {
                Some(rest) if rest.starts_with([' ', '\t']) && !line.starts_with(['.', ')']) => {
                    format!("1.{rest}")
                }
                _ => line.to_owned(),
            }
        }
    };
    let marked = marked.strip_suffix('\\').unwrap_or(&marked);
    let mut out = String::with_capacity(marked.len());
    let mut chars = marked.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\\' if chars.peek().is_some_and(char::is_ascii_punctuation) => {}
            c if c.is_whitespace() => {
                if !out.ends_with(' ') {
                    out.push(' ');
                }
            }
            c => out.push(c),
        }
    }
    out.truncate(out.trim_end().len());
    out
}

fn tasks_of(session: &Session, group: Option<usize>) -> impl Iterator<Item = TaskStatus> + '_ {
    let path = group.and_then(|g| session.groups.get(g)).map(|g| format!("{}/", g.path));
    session
        .tasks
        .iter()
        .filter(move |t| match (&path, group) {
            (Some(path), Some(_)) => t.group.is_some_and(|own| {
                Some(own) == group
                    || session.groups.get(own).is_some_and(|g| g.path.starts_with(path.as_str()))
            }),
            _ => true,
        })
        .map(|t| t.status)
}

fn progress(session: &Session, group: Option<usize>) -> Progress {
    tasks_of(session, group).collect()
}

/// `33% (2/6 tasks)`.
fn is_progress(text: &str) -> bool {
    let parts = || {
        let (percent, rest) = text.split_once("% (")?;
        let (done, rest) = rest.split_once('/')?;
        let total = rest.strip_suffix(" tasks)").or_else(|| rest.strip_suffix(" task)"))?;
        Some([percent, done, total].into_iter().all(is_number))
    };
    parts().unwrap_or(false)
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

/// `3` or `3 (23%)`, in the shape of what is there.
fn count_form(current: &str, placeholder: bool, count: usize, total: usize) -> Option<String> {
    if placeholder || is_number(current) {
        return Some(count.to_string());
    }
    let (number, rest) = current.split_once(" (")?;
    let shaped = is_number(number) && rest.strip_suffix("%)").is_some_and(is_number);
    let percent = (count * 100).checked_div(total).unwrap_or(0);
    shaped.then(|| format!("{count} ({percent}%)"))
}

pub(super) fn refresh(session: &mut Session, blocks: &[(String, String)]) {
    let before = session.clone();
    for field in &mut session.header {
        if let Some(value) = derived_value(&before, None, &field.key, &field.value) {
            field.value = value;
        }
    }
    for field in &mut session.metrics {
        let Some(value) = derived_value(&before, None, &field.key, &field.value) else { continue };
        field.value = value;
    }
    for group in 0..session.groups.len() {
        for i in 0..session.groups[group].header.len() {
            let (key, old) = session.groups[group].header[i].clone();
            let Some(value) = derived_value(&before, Some(group), &key, &old) else { continue };
            session.groups[group].header[i].1 = value;
        }
    }
    for (name, inner) in blocks {
        let mut bodies: Vec<&mut String> = vec![&mut session.preamble];
        bodies.extend(session.sections.iter_mut().map(|s| &mut s.body));
        for body in bodies {
            if refill(body, name, inner) {
                break;
            }
        }
    }
}

/// Replaces the text of the block `name` where its hash says that nobody touched it.
fn refill(body: &mut String, name: &str, inner: &str) -> bool {
    let lines: Vec<&str> = body.lines().collect();
    let marks = |l: &&str, what: &str| {
        let words: Vec<&str> = l.split_whitespace().collect();
        words.len() >= 4 && words[0] == "<!--" && words[1] == what && words[2] == name
    };
    let Some(begin) = lines.iter().position(|l| marks(l, "plandown:begin")) else { return false };
    let Some(end) = lines.iter().position(|l| marks(l, "plandown:end")).filter(|e| *e > begin) else {
        return false;
    };
    let Some(at) = lines[begin].find(" h=") else { return false };
    let old = lines[begin].get(at + 3..at + 11).unwrap_or("");
    if old != block_hash(&lines[begin + 1..end].join("\n")) {
        return false;
    }
    let marker = lines[begin].replacen(old, &block_hash(inner), 1);
    let mut new: Vec<&str> = lines[..begin].to_vec();
    new.push(&marker);
    new.extend(inner.lines());
    new.extend(&lines[end..]);
    *body = new.join("\n");
    true
}
