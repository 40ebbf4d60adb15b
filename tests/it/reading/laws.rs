//! What must hold for whatever was read.

use plandown::diagnostic::Diagnostic;
use plandown::document::{BlockKind, Limits, parse};
use plandown::format::{IdCarrier, Lifted, LineSpan, lift};
use plandown::model::{TaskId, norm};
use plandown::text::{Edits, TextRange};

/// Reads `bytes` as the tool does.
pub(crate) fn read(bytes: &[u8]) -> Lifted {
    let (document, found) = parse(bytes, Limits::default());
    lift(document, found, "here")
}

struct Places<'a> {
    text: &'a str,
}

impl Places<'_> {
    #[track_caller]
    fn at(&self, range: TextRange) -> &str {
        let found = self.text.get(range.start..range.end);
        found.unwrap_or_else(|| panic!("{range:?} does not fit {:?}", self.text))
    }

    #[track_caller]
    fn same(&self, range: TextRange, value: &str) {
        assert_eq!(self.at(range), value, "{range:?} in {:?}", self.text);
    }

    fn line(&self, span: &LineSpan, key: &str, value: &str) {
        self.same(span.key, key);
        self.same(span.value, value);
        assert!(
            span.line.covers(span.key) && span.line.covers(span.value) && span.line.covers(span.hard_break)
        );
    }
}

/// Every place is sound, re-reads to what was stored, and lies where it belongs.
pub(crate) fn check(lifted: &Lifted) {
    let p = Places { text: lifted.document.text() };
    blocks(lifted, &p);
    let (session, map) = (&lifted.session, &lifted.map);
    assert_eq!(session.header.len(), map.header.len());
    assert_eq!(session.metrics.len(), map.metrics.len());
    assert_eq!(session.sections.len(), map.sections.len());
    assert_eq!(session.groups.len(), map.groups.len());
    assert_eq!(session.tasks.len(), map.tasks.len());
    for (field, span) in
        session.header.iter().zip(&map.header).chain(session.metrics.iter().zip(&map.metrics))
    {
        p.line(span, &field.key, &field.value);
    }
    for (name, key) in session.front_matter.iter().map(|(n, _)| n).zip(&map.front_matter) {
        p.same(key.key, name);
        assert!(key.lines.covers(key.key) && key.lines.covers(key.value), "{:?}", p.text);
    }
    for (section, span) in session.sections.iter().zip(&map.sections) {
        let title: Vec<_> = p.at(span.heading.content).split_whitespace().collect();
        assert_eq!(title, section.title.split_whitespace().collect::<Vec<_>>());
        p.at(span.whole);
        assert!(span.whole.covers(span.own) && span.whole.covers(span.heading.whole), "{:?}", p.text);
        assert!((1..=6).contains(&section.level));
    }
    for (i, (group, span)) in session.groups.iter().zip(&map.groups).enumerate() {
        assert_eq!(session.sections[span.section].title, group.name);
        assert!(group.parent.is_none_or(|g| g < i));
        for ((key, value), line) in group.header.iter().zip(&span.header) {
            p.line(line, key, value);
        }
    }
    for i in 0..session.tasks.len() {
        task(lifted, &p, i);
    }
    for found in &lifted.diagnostics {
        diagnostic(&p, found);
    }
}

fn blocks(lifted: &Lifted, p: &Places<'_>) {
    let blocks = lifted.document.blocks();
    for (i, block) in blocks.iter().enumerate() {
        p.at(block.range);
        assert!(block.first_line <= block.last_line && i < block.end && block.end <= blocks.len());
        if let Some(parent) = block.parent {
            assert!(parent < i && block.end <= blocks[parent].end);
            let outer = &blocks[parent];
            assert!(outer.range.covers(block.range), "{outer:?} {block:?} in {:?}", p.text);
            assert!(outer.first_line <= block.first_line && block.last_line <= outer.last_line);
        }
        if let Some(next) = blocks.get(block.end) {
            assert!(block.last_line < next.first_line, "{block:?} {next:?} in {:?}", p.text);
        }
        match block.kind {
            BlockKind::TaskItem { symbol, at, verified: true } => p.same(at, &symbol.to_string()),
            BlockKind::Heading { content, .. } => assert!(block.range.covers(content)),
            _ => {}
        }
    }
}

fn task(lifted: &Lifted, p: &Places<'_>, i: usize) {
    let (task, span) = (&lifted.session.tasks[i], &lifted.map.tasks[i]);
    p.same(span.symbol, &task.symbol.to_string());
    for range in [span.marker, span.head, span.title, span.tail, span.symbol] {
        p.at(range);
        assert!(span.lines.covers(range), "{range:?} {:?} in {:?}", span.lines, p.text);
    }
    assert!(span.head.covers(span.title) && (span.tail.is_empty() || span.head.covers(span.tail)));
    // Nothing is left out of a title but what is lifted out of it.
    let written: String = p.at(span.title).split_whitespace().collect();
    let kept: String = task.title.split_whitespace().collect();
    let inside = span.fields.iter().map(|f| f.whole).chain(span.ids.iter().map(|i| i.whole));
    let lifted_out: usize = inside
        .filter(|r| span.title.covers(*r))
        .map(|r| p.at(r).split_whitespace().map(str::len).sum::<usize>())
        .sum();
    assert!(written.len() <= kept.len() + lifted_out, "{written:?} {kept:?} in {:?}", p.text);
    if let Some(tail) = &task.tail {
        p.same(span.word.unwrap(), &tail.word);
        assert_eq!(span.specialist.map(|r| p.at(r)), tail.specialist.as_deref());
        assert_eq!(span.effort.map(|r| p.at(r)), tail.effort.as_deref());
    }
    assert_eq!(task.fields.len(), span.fields.len());
    for (entry, place) in task.fields.iter().zip(&span.fields) {
        p.same(place.value, &entry.value);
        p.at(place.key);
        assert!(place.whole.covers(place.key) && place.whole.covers(place.value));
        assert!(span.lines.covers(place.whole), "{place:?} in {:?}", p.text);
    }
    for id in &span.ids {
        assert!(id.whole.covers(id.id) && span.lines.covers(id.whole));
        assert!(TaskId::parse(p.at(id.id)).is_some(), "{:?}", p.text);
        assert!(id.carrier != IdCarrier::Block || p.at(id.whole).starts_with('^'));
    }
    if let Some(id) = &task.id {
        assert_eq!(TaskId::parse(p.at(span.ids[0].id)).as_ref(), Some(id));
    }
    for range in &span.description {
        assert!(!range.is_empty() && span.lines.covers(*range));
    }
    if let Some(parent) = task.parent {
        assert!(parent < i && lifted.session.tasks[parent].depth + 1 == task.depth);
        assert!(lifted.session.subtree(parent).contains(&i), "{:?}", p.text);
        assert!(lifted.map.tasks[parent].lines.covers(span.lines), "{:?}", p.text);
    } else {
        assert_eq!(task.depth, 0);
    }
    assert!(task.group.is_none_or(|g| g < lifted.session.groups.len()));
}

fn diagnostic(p: &Places<'_>, found: &Diagnostic) {
    p.at(found.span);
    assert!(!found.message.is_empty());
    if let Some(fix) = &found.fix {
        let edits = Edits::new(p.text, fix.edits.clone());
        assert!(edits.as_ref().is_ok_and(|e| !e.is_empty()), "{found:?} in {:?}", p.text);
    }
}

/// The same words with another line end or a byte-order mark say the same.
pub(crate) fn check_encodings(text: &str) {
    if text.starts_with('\u{feff}') || text.contains('\r') {
        return;
    }
    let plain = read(text.as_bytes()).session;
    let crlf = text.replace('\n', "\r\n");
    assert_eq!(read(crlf.as_bytes()).session, plain, "CRLF {text:?}");
    let marked = format!("\u{feff}{text}");
    assert_eq!(read(marked.as_bytes()).session, plain, "BOM {text:?}");
}

/// Lines that read as checkboxes to a person.
pub(crate) fn looks_like_checkbox(line: &str) -> bool {
    let line = line.trim_start();
    line.strip_prefix("- ").is_some_and(|r| ["[ ]", "[x]"].iter().any(|c| r.starts_with(c)))
        && !norm(line).is_empty()
}
