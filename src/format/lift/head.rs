use crate::model::Field;
use crate::text::{BLANKS, TextRange};

use super::super::{IdCarrier, IdSpan};
use super::fields::{self, Found, Scan};
use super::ids;
use super::mask::Mask;
use super::tail::{self, Tail};

/// The first line of a task, taken apart.
#[derive(Clone, Debug)]
pub(super) struct Head {
    /// From the title's first to its last byte.
    pub title: TextRange,
    /// The title without what stands inside it.
    pub title_text: String,
    pub tail: Tail,
    /// Fields other than ids, in order.
    pub fields: Vec<Found>,
    /// Ids in order of the text.
    pub ids: Vec<IdSpan>,
    pub unclosed: Vec<TextRange>,
    /// Where a new field goes: behind everything but a block id at the end.
    pub field_at: usize,
}

/// Splits fields that carry an id from the others.
pub(super) fn part_ids(text: &str, scan: Scan) -> (Vec<Found>, Vec<IdSpan>, Vec<TextRange>) {
    let is_id = |f: &Found| f.field == Some(Field::Id) && fields::is_id(f.value.of(text));
    let (ids, fields): (Vec<_>, Vec<_>) = scan.found.into_iter().partition(is_id);
    let ids = ids.into_iter().map(|f| IdSpan { whole: f.whole, id: f.value, carrier: IdCarrier::Field });
    (fields, ids.collect(), scan.unclosed)
}

/// Takes the head at `range` apart.
pub(super) fn read(text: &str, range: TextRange, mask: &Mask) -> Head {
    let (mut fields, mut ids, unclosed) = part_ids(text, fields::scan(text, range, mask));
    let known = ids.clone();
    for id in ids::scan(text, range, mask) {
        let field = fields.get(fields.partition_point(|f| f.whole.end <= id.whole.start)).map(|f| f.whole);
        let other = known.get(known.partition_point(|i| i.whole.end <= id.whole.start)).map(|i| i.whole);
        if !field.into_iter().chain(other).any(|w| w.covers(id.whole)) {
            ids.push(id);
        }
    }
    ids.sort_by_key(|i| i.whole.start);
    let mut pieces: Vec<(TextRange, bool)> = fields
        .iter()
        .map(|f| (f.whole, f.emoji && f.field == Some(Field::Priority)))
        .chain(ids.iter().map(|i| (i.whole, false)))
        .collect();
    pieces.sort_by_key(|(r, _)| r.start);

    // What stands at the end, one by one.
    let mut end = range.end;
    let mut inside = pieces.len();
    while let Some((piece, _)) = inside.checked_sub(1).and_then(|i| pieces.get(i)) {
        let before = TextRange::new(range.start, end).of(text).trim_end_matches(BLANKS);
        let before = if inside < pieces.len() {
            before.trim_end_matches(',').trim_end_matches(BLANKS)
        } else {
            before
        };
        if range.start + before.len() != piece.end {
            break;
        }
        end = piece.start;
        inside -= 1;
    }
    let rest = TextRange::new(range.start, end).trimmed(text);
    // A priority sign in the middle of a sentence is decoration.
    pieces.truncate(inside);
    let inside_end = rest.end;
    fields.retain(|f| !(f.emoji && f.field == Some(Field::Priority) && f.whole.start < inside_end));
    pieces.retain(|(_, sign)| !sign);

    let behind_pieces = pieces.last().map_or(rest.start, |(p, _)| p.end);
    let mut tail = tail::read(text, rest, mask);
    if let Tail::Some(t) = &tail
        && t.whole.start < behind_pieces
    {
        tail = Tail::None;
    }
    let title_end = if let Tail::Some(t) = &tail { t.whole.start } else { rest.end };

    let mut segments = Vec::new();
    let mut at = rest.start;
    for (piece, _) in &pieces {
        segments.push(TextRange::new(at, piece.start).trimmed(text));
        at = piece.end;
    }
    segments.push(TextRange::new(at, title_end).trimmed(text));
    segments.retain(|s| !s.is_empty());
    let title = match (segments.first(), segments.last()) {
        (Some(first), Some(last)) => TextRange::new(first.start, last.end),
        _ => TextRange::empty(range.start),
    };
    let title_text = segments.iter().map(|s| s.of(text)).collect::<Vec<_>>().join(" ");

    let block_id = ids.iter().find(|i| i.carrier == IdCarrier::Block && i.whole.end == range.end);
    let field_at =
        TextRange::new(range.start, block_id.map_or(range.end, |i| i.whole.start)).trimmed(text).end;
    Head { title, title_text, tail, fields, ids, unclosed, field_at: field_at.max(range.start) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, title: &str, word: Option<&str>, fields: &[&str], ids: &[&str]) {
        let range = TextRange::new(0, text.len());
        let head = read(text, range, &Mask::of(text, range));
        let got_word = if let Tail::Some(t) = &head.tail { Some(t.word.of(text)) } else { None };
        assert_eq!(head.title_text, title, "{text:?}");
        assert_eq!(got_word, word, "{text:?}");
        assert_eq!(head.fields.iter().map(|f| f.value.of(text)).collect::<Vec<_>>(), fields, "{text:?}");
        assert_eq!(head.ids.iter().map(|i| i.id.of(text)).collect::<Vec<_>>(), ids, "{text:?}");
    }

    #[test]
    fn heads() {
        check("do the thing", "do the thing", None, &[], &[]);
        check(
            "a (Pending) - dev - 3h  [due:: 2025-06-18]  [priority:: high] ^t-a",
            "a",
            Some("Pending"),
            &["2025-06-18", "high"],
            &["t-a"],
        );
        check("a [due:: 2025-06-18], [x:: y]", "a", None, &["2025-06-18", "y"], &[]);
        check("do [due:: 2025-06-18] this (Done)", "do this", Some("Done"), &["2025-06-18"], &[]);
        check("a (Pending) [due:: 2025-06-18] b", "a (Pending) b", None, &["2025-06-18"], &[]);
        check("up ⏫ we go", "up ⏫ we go", None, &[], &[]);
        check("a 📅 2025-07-01 ⏫ ^b", "a", None, &["2025-07-01", "⏫"], &["b"]);
        check("a [id:: t-1] ^t-2", "a", None, &[], &["t-1", "t-2"]);
        check("a ^t-4k2m9p more", "a more", None, &[], &["t-4k2m9p"]);
        check("[due:: 2025-06-18]", "", None, &["2025-06-18"], &[]);
        check("", "", None, &[], &[]);
    }
}
