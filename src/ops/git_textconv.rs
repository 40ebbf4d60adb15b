use std::fmt::Write as _;
use std::path::Path;

use crate::disk;
use crate::document::{Limits, parse};
use crate::format::lift;
use crate::model::{SectionKind, Session, Task};

use super::OpError;

/// A plan as a text that shows in `git diff` what changed: one line per task, whatever its layout.
///
/// A function of the file's bytes alone.
pub fn textconv(path: &Path) -> Result<String, OpError> {
    let bytes = disk::read_given(path)?.bytes;
    let (document, found) = parse(&bytes, Limits::default());
    Ok(rendered(&lift(document, found, "session").session))
}

fn rendered(session: &Session) -> String {
    let mut out = format!("# {}\n", session.name);
    for field in session.header.iter().filter(|f| !f.value.is_empty()) {
        let _ = writeln!(out, "{}: {}", field.key, field.value);
    }
    for (key, value) in &session.front_matter {
        let _ = writeln!(out, "{key}: {value}");
    }
    prose(&mut out, &session.preamble, "");
    for task in session.tasks.iter().filter(|t| t.group.is_none()) {
        line(&mut out, task);
    }
    let mut group = 0;
    for section in &session.sections {
        let _ = writeln!(out, "\n{} {}", "#".repeat(usize::from(section.level)), section.title);
        prose(&mut out, &section.body, "");
        if section.kind == SectionKind::Group {
            for task in session.tasks.iter().filter(|t| t.group == Some(group)) {
                line(&mut out, task);
            }
            group += 1;
        }
    }
    out
}

fn line(out: &mut String, task: &Task) {
    let indent = "  ".repeat(usize::try_from(task.depth).unwrap_or(0).min(40));
    let _ = write!(out, "{indent}- [{}] {} · {}", task.symbol, task.title, task.status.key());
    if let Some(tail) = &task.tail {
        for fact in [&tail.specialist, &tail.effort].into_iter().flatten() {
            let _ = write!(out, " · {fact}");
        }
    }
    for field in task.fields.iter().filter(|f| f.field != Some(crate::model::Field::Id)) {
        let _ = write!(out, " · {} {}", field.key, field.value);
    }
    if let Some(id) = &task.id {
        let _ = write!(out, " · {id}");
    }
    out.push('\n');
    prose(out, &task.description, &format!("{indent}    "));
}

fn prose(out: &mut String, text: &str, indent: &str) {
    for line in text.lines().filter(|l| !l.trim().is_empty()) {
        let _ = writeln!(out, "{indent}{}", if indent.is_empty() { line } else { line.trim() });
    }
}
