use std::collections::HashMap;

use super::keys::{OURS, THEIRS};
use crate::format::TaskSpan;
use crate::model::{Carrier, Field, MergePolicy, Task, TaskId, TaskStatus, canonical_key, split_list};
use crate::text::TextRange;

/// What a part of a task's head line is.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
enum Slot {
    Marker,
    Box,
    Bracket,
    Title(usize),
    Word,
    Specialist,
    Effort,
    Field(Option<Field>, String, usize),
    Id(usize),
    Trail,
}

impl Slot {
    fn is_status(&self) -> bool {
        matches!(self, Self::Box | Self::Word | Self::Field(Some(Field::Status), ..))
    }

    fn name(&self) -> String {
        match self {
            Self::Box | Self::Word => "status".to_owned(),
            Self::Title(_) => "title".to_owned(),
            Self::Specialist => "specialist".to_owned(),
            Self::Effort => "effort".to_owned(),
            Self::Field(Some(f), ..) => f.key().to_owned(),
            Self::Field(None, key, _) => key.clone(),
            Self::Id(_) => "id".to_owned(),
            Self::Marker | Self::Bracket | Self::Trail => "text".to_owned(),
        }
    }
}

/// A part of a head line: what stands before it, its bytes, and where in them its value is.
#[derive(Clone, Copy, Debug)]
struct Part<'a> {
    lead: &'a str,
    text: &'a str,
    at: TextRange,
}

impl<'a> Part<'a> {
    fn value(&self) -> &'a str {
        self.at.of(self.text)
    }
}

/// A head line taken apart; together the parts are exactly its bytes.
pub(super) struct Head<'a> {
    parts: Vec<(Slot, Part<'a>)>,
    by_slot: HashMap<Slot, Part<'a>>,
    status: TaskStatus,
}

impl<'a> Head<'a> {
    /// `head` are the head's lines with indent and line end, beginning at byte `at` of `text`.
    pub(super) fn of(text: &'a str, task: &Task, span: &TaskSpan, at: usize, head: &str) -> Self {
        let whole = TextRange::new(span.start, at + head.len());
        let content_end = at + head.trim_end_matches(['\n', '\r']).len();
        let mut places: Vec<(TextRange, Slot, TextRange)> = vec![
            (TextRange::new(span.start, span.symbol.start), Slot::Marker, TextRange::empty(span.start)),
            (span.symbol, Slot::Box, span.symbol),
        ];
        let mut taken: HashMap<String, usize> = HashMap::new();
        let mut nth = |name: String| {
            let n = taken.entry(name).or_insert(0);
            *n += 1;
            *n - 1
        };
        let mut inner: Vec<TextRange> = Vec::new();
        for (entry, field) in task.fields.iter().zip(&span.fields) {
            if matches!(field.carrier, Carrier::Inline | Carrier::Emoji) && whole.covers(field.whole) {
                let name = entry.field.map_or_else(|| canonical_key(&entry.key), |f| f.key().to_owned());
                let slot = Slot::Field(entry.field, name.clone(), nth(name));
                places.push((field.whole, slot, field.value));
                inner.push(field.whole);
            }
        }
        for id in span.ids.iter().filter(|id| whole.covers(id.whole)) {
            places.push((id.whole, Slot::Id(nth("^".to_owned())), id.id));
            inner.push(id.whole);
        }
        if let Some(word) = span.word {
            let before = TextRange::new(span.tail.start, word.start).of(text);
            let behind = TextRange::new(word.end, content_end).of(text);
            let start = before.rfind('(').map_or(word.start, |n| span.tail.start + n);
            let end = behind.find(')').map_or(word.end, |n| word.end + n + 1);
            places.push((TextRange::new(start, end), Slot::Word, word));
            let mut from = end;
            for (part, slot) in [(span.specialist, Slot::Specialist), (span.effort, Slot::Effort)] {
                if let Some(part) = part {
                    let gap = TextRange::new(from, part.start).of(text);
                    let start = gap.rfind('-').map_or(part.start, |n| from + n);
                    places.push((TextRange::new(start, part.end), slot, part));
                    from = part.end;
                }
            }
        }
        inner.retain(|r| span.title.covers(*r));
        inner.sort();
        let mut from = span.title.start;
        let mut titles = 0;
        for end in inner.iter().map(|r| (r.start, r.end)).chain([(span.title.end, span.title.end)]) {
            let piece = TextRange::new(from, end.0).trimmed_of(text, char::is_whitespace);
            if !piece.is_empty() {
                places.push((piece, Slot::Title(titles), piece));
                titles += 1;
            }
            from = end.1;
        }
        places.sort_by_key(|(r, ..)| (r.start, r.end));
        let mut parts = Vec::new();
        let mut end = span.start;
        for (range, slot, value) in places {
            if range.start < end {
                continue;
            }
            if slot != Slot::Marker && slot != Slot::Box && parts.len() == 2 {
                // What closes the checkbox, with the blank behind it.
                let close = TextRange::new(end, span.head.start.clamp(end, range.start.max(end)));
                let at = TextRange::default();
                parts.push((Slot::Bracket, Part { lead: "", text: close.of(text), at }));
                end = close.end;
            }
            let lead = TextRange::new(end, range.start).of(text);
            let inside = |at: usize| at.clamp(range.start, range.end) - range.start;
            let at = TextRange::new(inside(value.start), inside(value.end));
            parts.push((slot, Part { lead, text: range.of(text), at }));
            end = range.end;
        }
        let trail = TextRange::new(end, whole.end).of(text);
        parts.push((Slot::Trail, Part { lead: "", text: trail, at: TextRange::default() }));
        let by_slot = parts.iter().cloned().collect();
        Self { parts, by_slot, status: task.status }
    }

    /// The line with another id, its own kept as an alias.
    pub(super) fn renamed(&self, id: &TaskId, old: &TaskId) -> String {
        let mut out = String::new();
        for (slot, part) in &self.parts {
            out.push_str(part.lead);
            if *slot == Slot::Id(0) {
                if !out.ends_with([' ', '\t']) {
                    out.push(' ');
                }
                out.extend(["[formerly:: ", old.as_str(), "] "]);
                out.push_str(&with_value(part.text, part.at, id.as_str()));
            } else {
                out.push_str(part.text);
            }
        }
        out
    }

    fn write(&self) -> String {
        self.parts.iter().flat_map(|(_, p)| [p.lead, p.text]).collect()
    }
}

/// `text` with another value in the place `at`. A value that was empty gets its blank.
pub(super) fn with_value(text: &str, at: TextRange, value: &str) -> String {
    let (before, behind) = (text.get(..at.start).unwrap_or(text), text.get(at.end..).unwrap_or(""));
    let gap = if at.is_empty() && !value.is_empty() && !before.ends_with([' ', '\t']) { " " } else { "" };
    [before, gap, value, behind].concat()
}

/// Two values of one field of a head line.
pub(super) struct Disagreement {
    pub(super) what: String,
    pub(super) base: Option<String>,
    pub(super) ours: Option<String>,
    pub(super) theirs: Option<String>,
}

/// A merged head line, unindented; `ours` and `theirs` differ where the sides disagree.
pub(super) struct MergedHead {
    pub(super) ours: String,
    pub(super) theirs: String,
    pub(super) disagreements: Vec<Disagreement>,
}

/// Merges field by field. State (checkbox, word, field) is one field.
pub(super) fn merge(heads: [Option<&Head<'_>>; 3]) -> MergedHead {
    let [base, ours, theirs] = heads;
    let (Some(ours), Some(theirs)) = (ours, theirs) else {
        let text = ours.or(theirs).or(base).map_or(String::new(), Head::write);
        return MergedHead { ours: text.clone(), theirs: text, disagreements: Vec::new() };
    };
    let mut disagreements = Vec::new();
    let status = status_from(base, ours, theirs);
    if status.is_none() {
        let word = |h: &Head<'_>| Some(h.status.key().to_owned());
        disagreements.push(Disagreement {
            what: "status".to_owned(),
            base: base.and_then(word),
            ours: word(ours),
            theirs: word(theirs),
        });
    }
    let mut order: Vec<&Slot> = ours.parts.iter().map(|(s, _)| s).filter(|s| **s != Slot::Trail).collect();
    let mut previous: Option<&Slot> = None;
    for (slot, _) in theirs.parts.iter().filter(|(s, _)| *s != Slot::Trail) {
        if !order.contains(&slot) {
            let at = previous.and_then(|p| order.iter().position(|s| *s == p)).map_or(0, |at| at + 1);
            order.insert(at, slot);
        }
        previous = Some(slot);
    }
    order.push(&Slot::Trail);
    let (mut left, mut right) = (String::new(), String::new());
    for slot in order {
        let [b, o, t] = [base, Some(ours), Some(theirs)].map(|h| h.and_then(|h| h.by_slot.get(slot)));
        let lead = o.or(t).map_or("", |p| p.lead);
        let decided = if slot.is_status() {
            match status {
                Some(OURS) => Ok(o.map(|p| p.text.to_owned())),
                Some(_) => Ok(t.map(|p| p.text.to_owned())),
                None => Err(()),
            }
        } else {
            decide(slot, b, o, t)
        };
        let put = |out: &mut String, text: Option<&str>| {
            if let Some(text) = text {
                out.push_str(lead);
                out.push_str(text);
            }
        };
        if let Ok(text) = decided {
            put(&mut left, text.as_deref());
            put(&mut right, text.as_deref());
            continue;
        }
        put(&mut left, o.map(|p| p.text));
        put(&mut right, t.map(|p| p.text));
        if !slot.is_status() {
            let value = |p: Option<&Part<'_>>| p.map(|p| p.value().to_owned());
            disagreements.push(Disagreement {
                what: slot.name(),
                base: value(b),
                ours: value(o),
                theirs: value(t),
            });
        }
    }
    MergedHead { ours: left, theirs: right, disagreements }
}

/// Whose state counts; `None` where both changed it, differently.
fn status_from(base: Option<&Head<'_>>, ours: &Head<'_>, theirs: &Head<'_>) -> Option<usize> {
    let form = |h: &Head<'_>| {
        let mut parts: Vec<(String, String)> = h
            .parts
            .iter()
            .filter(|(s, _)| s.is_status())
            .map(|(s, p)| (format!("{s:?}"), p.text.to_owned()))
            .collect();
        parts.sort();
        parts
    };
    let Some(base) = base else {
        return (ours.status == theirs.status).then_some(OURS);
    };
    let (b, o, t) = (form(base), form(ours), form(theirs));
    if o == t || b == t || ours.status == theirs.status {
        Some(if b == o { THEIRS } else { OURS })
    } else if b == o || ours.status == base.status {
        Some(THEIRS)
    } else if theirs.status == base.status {
        Some(OURS)
    } else {
        None
    }
}

fn decide(
    slot: &Slot,
    b: Option<&Part<'_>>,
    o: Option<&Part<'_>>,
    t: Option<&Part<'_>>,
) -> Result<Option<String>, ()> {
    let pick = |p: Option<&Part<'_>>| Ok(p.map(|p| p.text.to_owned()));
    let views: [for<'a> fn(&Part<'a>) -> &'a str; 2] = [|p| p.text, |p| p.value()];
    for view in views {
        let [base, ours, theirs] = [b, o, t].map(|p| p.map(view));
        if ours == theirs || base == theirs {
            return pick(o);
        }
        if base == ours {
            return pick(t);
        }
    }
    let (Some(o), Some(t)) = (o, t) else { return Err(()) };
    match slot {
        Slot::Field(Some(f), ..) if f.spec().merge == MergePolicy::Set => {
            let value = merge_sets(b.map_or("", Part::value), o.value(), t.value());
            Ok(Some(with_value(o.text, o.at, &value)))
        }
        Slot::Field(Some(f), ..) if is_record(*f) => pick(Some(if t.value() > o.value() { t } else { o })),
        Slot::Marker | Slot::Bracket | Slot::Trail => Ok(Some(o.text.to_owned())),
        _ => Err(()),
    }
}

/// Moments that are written down once something has happened: the later one counts.
fn is_record(field: Field) -> bool {
    matches!(field, Field::Created | Field::Started | Field::Completion | Field::Cancelled)
}

/// Three comma lists as one: additions and removals of both sides count; in the order of ours.
pub(super) fn merge_sets(base: &str, ours: &str, theirs: &str) -> String {
    let key = |word: &str| word.trim().trim_start_matches(['#', '^']).to_lowercase();
    let words =
        |list: &str| split_list(list).into_iter().map(key).filter(|w| !w.is_empty()).collect::<Vec<_>>();
    let (b, o, t) = (words(base), words(ours), words(theirs));
    let kept = split_list(ours).into_iter().filter(|w| t.contains(&key(w)) || !b.contains(&key(w)));
    let added = split_list(theirs).into_iter().filter(|w| !o.contains(&key(w)) && !b.contains(&key(w)));
    kept.chain(added).map(str::trim).filter(|w| !w.is_empty()).collect::<Vec<_>>().join(", ")
}
