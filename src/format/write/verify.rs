//! The comparison that every write has to pass.

use std::collections::HashMap;

use crate::diagnostic::{Code, Severity};
use crate::document::{Block, BlockKind};
use crate::format::Lifted;
use crate::model::{Change, HeaderKey, Session, Task, key_form};
use crate::text::{Edit, Edits};

/// Compares what the new text says with what was planned, and everything that was not touched
/// with what it was. The error names what differed first.
pub(super) fn compare(
    old: &Lifted,
    edits: &Edits,
    new: &Lifted,
    expected: &Session,
    changes: &[&Change],
) -> Result<(), String> {
    let got = &new.session;
    let same = |what: &str, a: &str, b: &str| {
        if a == b { Ok(()) } else { Err(format!("{what}: `{}` was planned, `{}` is read", clip(a), clip(b))) }
    };
    same("session id", &expected.id, &got.id)?;
    // A session without a title is called by its id.
    let another_id = changes.iter().any(|c| matches!(c, Change::SetHeader { key: HeaderKey::Id, .. }));
    if !(another_id && got.name == got.id) {
        same("session name", &expected.name, &got.name)?;
    }
    let pairs = |s: &Session| {
        let fields = s.header.iter().chain(&s.metrics);
        fields.map(|f| format!("{}: {}", f.key, f.value)).collect::<Vec<_>>().join("\n")
    };
    same("header", &pairs(expected), &pairs(got))?;
    let renames = changes.iter().any(|c| matches!(c, Change::RenameSession { .. }));
    let keys = |s: &Session| {
        let mine = s.front_matter.iter().filter(|(k, _)| !(renames && key_form(k) == "title"));
        mine.map(|(k, v)| format!("{k}: {v}")).collect::<Vec<_>>().join("\n")
    };
    same("front matter", &keys(expected), &keys(got))?;
    same("text under the title", &prose(&expected.preamble), &prose(&got.preamble))?;
    sections(expected, got)?;
    groups(expected, got)?;
    tasks(expected, got)?;
    frame(old, edits, new)?;
    findings(old, new)
}

fn clip(text: &str) -> String {
    text.chars().take(80).collect()
}

/// Prose by its lines that are not blank, without indentation; rules at the end belong to the
/// footer, which stands wherever the file ends.
fn prose(text: &str) -> String {
    let mut lines: Vec<&str> = text.lines().map(str::trim).filter(|l| !l.is_empty()).collect();
    let is_rule =
        |l: &&str| l.len() >= 3 && ['-', '*', '_'].iter().any(|c| l.chars().all(|k| k == *c || k == ' '));
    while lines.last().is_some_and(is_rule) {
        lines.pop();
    }
    lines.join("\n")
}

fn sections(expected: &Session, got: &Session) -> Result<(), String> {
    for (a, b) in expected.sections.iter().zip(&got.sections) {
        if (a.level, a.kind, &a.title) != (b.level, b.kind, &b.title) {
            return Err(format!("section `{}` was planned, `{}` is read", clip(&a.title), clip(&b.title)));
        }
        if a.body != b.body && entries(&a.body) != entries(&b.body) {
            return Err(format!("the text of section `{}` differs", clip(&a.title)));
        }
    }
    match (expected.sections.len(), got.sections.len()) {
        (a, b) if a == b => Ok(()),
        (a, b) => Err(format!("{a} sections were planned, {b} are read")),
    }
}

/// Prose with list markers made equal: a new entry takes the marker of the ones before it. The
/// ways to write a `**Key**: value` line count as one.
fn entries(body: &str) -> String {
    let lines = prose(body);
    let lines = lines.lines().map(|l| {
        if let Some((key, value)) = l.strip_prefix("**").and_then(|l| l.split_once("**")) {
            let value = value.strip_suffix('\\').unwrap_or(value).trim_start_matches(':').trim();
            return format!("**{}**: {value}", key.trim_end_matches(':'));
        }
        let digits = l.len() - l.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let marker = match l[digits..].strip_prefix(['.', ')']) {
            Some(rest) if digits > 0 => Some(rest),
            _ => l.strip_prefix(['-', '*', '+']),
        };
        marker
            .filter(|r| r.starts_with([' ', '\t']))
            .map_or(l.to_owned(), |r| format!("- {}", r.trim_start()))
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn groups(expected: &Session, got: &Session) -> Result<(), String> {
    for (a, b) in expected.groups.iter().zip(&got.groups) {
        if (&a.path, &a.name, a.level, a.parent) != (&b.path, &b.name, b.level, b.parent) {
            return Err(format!("group `{}` was planned, `{}` is read", clip(&a.path), clip(&b.path)));
        }
        if a.header != b.header {
            return Err(format!("the header of group `{}` differs", clip(&a.path)));
        }
    }
    match (expected.groups.len(), got.groups.len()) {
        (a, b) if a == b => Ok(()),
        (a, b) => Err(format!("{a} groups were planned, {b} are read")),
    }
}

fn tasks(expected: &Session, got: &Session) -> Result<(), String> {
    for (n, (a, b)) in expected.tasks.iter().zip(&got.tasks).enumerate() {
        if let Some(what) = difference(a, b) {
            return Err(format!("{what} of task {} `{}` differs", n + 1, clip(&a.title)));
        }
    }
    match (expected.tasks.len(), got.tasks.len()) {
        (a, b) if a == b => Ok(()),
        (a, b) => Err(format!("{a} tasks were planned, {b} are read")),
    }
}

fn difference(a: &Task, b: &Task) -> Option<&'static str> {
    if a == b {
        return None;
    }
    Some(match () {
        () if a.title != b.title => "the title",
        () if a.id != b.id => "the id",
        () if a.status != b.status => "the state",
        () if a.symbol != b.symbol => "the checkbox",
        () if a.tail != b.tail => "the tail",
        () if a.fields != b.fields => "a field",
        () if a.group != b.group => "the group",
        () if a.parent != b.parent || a.depth != b.depth => "the parent",
        () if prose(&a.description) != prose(&b.description) => "the description",
        () => return None,
    })
}

/// Every block that no splice touched must be read as the same block as before.
fn frame(old: &Lifted, edits: &Edits, new: &Lifted) -> Result<(), String> {
    // In order of their starts, as the old ones are looked for: hardly ever is one not where the last one was.
    let mut there: Vec<&Block> = new.document.blocks().iter().collect();
    there.sort_by_key(|b| b.range.start);
    let mut from = 0_usize;
    let splices = edits.as_slice();
    let (mut next, mut shift) = (0, 0_isize);
    for block in old.document.blocks() {
        if matches!(
            block.kind,
            BlockKind::List { .. } | BlockKind::Item | BlockKind::TaskItem { .. } | BlockKind::Quote
        ) {
            // Containers grow and shrink with what is in them, which is compared itself.
            continue;
        }
        // What is inserted in the middle of a line right before a block becomes part of it; whole
        // lines inserted before it do not.
        let lines = old.document.lines();
        let begins_line = lines.start(lines.line_of(block.range.start)) == block.range.start;
        let before =
            |e: &&Edit| e.range.end < block.range.start || (e.range.end == block.range.start && begins_line);
        while let Some(e) = splices.get(next).filter(before) {
            shift +=
                isize::try_from(e.insert.len()).unwrap_or(0) - isize::try_from(e.range.len()).unwrap_or(0);
            next += 1;
        }
        // A paragraph may also go on in what was inserted right below it.
        let end = match block.kind {
            BlockKind::Paragraph => lines.start(block.last_line + 1),
            _ => block.range.end,
        };
        if splices.get(next).is_some_and(|e| e.range.start <= end) {
            continue;
        }
        let start = block.range.start.checked_add_signed(shift).unwrap_or(usize::MAX);
        let text = block.range.of(old.document.text()).trim_end();
        if from.checked_sub(1).and_then(|before| there.get(before)).is_some_and(|b| b.range.start >= start) {
            from = there.partition_point(|b| b.range.start < start);
        }
        while there.get(from).is_some_and(|b| b.range.start < start) {
            from += 1;
        }
        let same = there[from..].iter().take_while(|b| b.range.start == start).any(|b| {
            std::mem::discriminant(&b.kind) == std::mem::discriminant(&block.kind)
                && b.range.of(new.document.text()).trim_end() == text
        });
        if !same {
            return Err(format!("`{}` is read as something else", clip(text)));
        }
    }
    Ok(())
}

/// No finding of severity warning or above may come with the edit, unless it is about the plan
/// itself rather than about how it is written down.
fn findings(old: &Lifted, new: &Lifted) -> Result<(), String> {
    let count = |lifted: &Lifted| {
        let mut counts: HashMap<Code, usize> = HashMap::new();
        for d in
            lifted.diagnostics.iter().filter(|d| d.severity() >= Severity::Warning && !is_planned(d.code))
        {
            *counts.entry(d.code).or_default() += 1;
        }
        counts
    };
    let before = count(old);
    // Nobody misses the title of an empty file; the first task in it is what makes that a finding.
    let was_empty = old.document.text().trim().is_empty();
    let grown = count(new)
        .into_iter()
        .filter(|(code, n)| *n > before.get(code).copied().unwrap_or(0))
        .filter(|(code, _)| !(was_empty && *code == Code::H201));
    let Some((code, _)) = grown.min_by_key(|(code, _)| *code) else { return Ok(()) };
    let message = new.diagnostics.iter().rfind(|d| d.code == code).map_or("", |d| d.message.as_str());
    Err(format!("it would bring the finding {code}: {message}"))
}

fn is_planned(code: Code) -> bool {
    // A title that is missing or stands twice: headings are compared one by one.
    matches!(
        code,
        Code::H201
            | Code::H202
            | Code::T116
            | Code::D601
            | Code::D603
            | Code::D604
            | Code::D605
            | Code::D607
            | Code::G301
    )
}
