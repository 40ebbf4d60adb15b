use super::groups::put_section;
use super::pen::Pen;
use super::tasks::{Spot, put};
use crate::document::{Block, BlockKind};
use crate::model::{EntryHome, NotesSection, entry_home};
use crate::text::TextRange;

/// Appends a list item behind the last one of a section, or begins its list.
pub(super) fn append(pen: &mut Pen<'_>, section: NotesSection, text: &str) {
    match entry_home(pen.session(), section) {
        EntryHome::Section(i) => append_to(pen, i, text),
        EntryHome::New { at, sections } => {
            let eol = pen.eol();
            let headings =
                sections.iter().map(|s| format!("{} {}{eol}", "#".repeat(s.level.into()), s.title));
            let block = headings.collect::<Vec<_>>().join(eol);
            let entry = entry(pen, text, "", "-", " ");
            put_section(pen, at, &format!("{block}{eol}{entry}"));
        }
    }
}

fn append_to(pen: &mut Pen<'_>, section: usize, text: &str) {
    let Some(span) = pen.lifted.map.sections.get(section) else { return };
    let end = span.own.end.min(pen.footer().max(span.own.start));
    let own = TextRange::new(span.own.start, end);
    let blocks = pen.document().blocks();
    let inside = |b: &&Block| own.covers(b.range) && b.parent.is_none();
    let list = blocks.iter().rposition(|b| inside(&b) && matches!(b.kind, BlockKind::List { .. }));
    let Some(list) = list else {
        let whole = TextRange::new(span.heading.whole.start, end.max(span.heading.whole.end));
        let at = pen.content_end(whole);
        let block = entry(pen, text, "", "-", " ");
        put(pen, &Spot { at, before: 1, after: 0, between: 0, prefix: String::new() }, &block);
        return;
    };
    let items: Vec<&Block> =
        blocks[list..blocks[list].end].iter().filter(|b| b.parent == Some(list)).collect();
    let Some(last) = items.last() else { return };
    let before = match items.len() {
        0 | 1 => 0,
        n => items[n - 1].first_line - items[n - 2].last_line - 1,
    };
    let line = TextRange::new(pen.line_start(last.first_line), last.range.start).of(pen.text());
    let raw = last.range.of(pen.text());
    let marker_len = raw.find([' ', '\t', '\n', '\r']).unwrap_or(raw.len());
    let marker = next_marker(&raw[..marker_len]);
    let gap = &raw[marker_len..raw.len() - raw[marker_len..].trim_start_matches([' ', '\t']).len()];
    let gap = if gap.is_empty() || gap.len() > 4 { " " } else { gap };
    let prefix = line.trim_start_matches('\u{feff}');
    let block = entry(pen, text, prefix, &marker, gap);
    let at = pen.line_start(last.last_line + 1);
    put(pen, &Spot { at, before, after: 0, between: 0, prefix: String::new() }, &block);
}

/// The same bullet, or the next number.
fn next_marker(marker: &str) -> String {
    let number = marker.strip_suffix(['.', ')']).and_then(|n| n.parse::<u64>().ok());
    match (number, marker.chars().last()) {
        (Some(n), Some(sign)) => format!("{}{sign}", n.saturating_add(1)),
        _ => marker.to_owned(),
    }
}

fn entry(pen: &Pen<'_>, text: &str, prefix: &str, marker: &str, gap: &str) -> String {
    let mut lines = text.trim().lines();
    let first = format!("{prefix}{marker}{gap}{}{}", lines.next().unwrap_or(""), pen.eol());
    let below = if gap.contains('\t') {
        format!("{prefix}\t")
    } else {
        format!("{prefix}{}", " ".repeat(marker.len() + gap.len()))
    };
    let rest = lines.collect::<Vec<_>>().join("\n");
    if rest.is_empty() { first } else { first + &pen.indented(&rest, &below) }
}
