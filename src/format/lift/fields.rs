use crate::model::{DateValue, Field, TaskId, field_named};
use crate::text::{Signs, TextRange};

use super::mask::Mask;

/// A field found in one line.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Found {
    /// The known field, or `None` for a key of the user's own.
    pub field: Option<Field>,
    /// All bytes with brackets and backslashes, or emoji and value.
    pub whole: TextRange,
    /// The key's bytes (the emoji's for an emoji).
    pub key: TextRange,
    /// The value's bytes, trimmed.
    pub value: TextRange,
    /// Whether a backslash stands before its opening bracket.
    pub escaped: bool,
    /// Whether it is an emoji field.
    pub emoji: bool,
}

/// Fields of one line, in order, and `[key::` that is never closed.
#[derive(Clone, Debug, Default)]
pub(super) struct Scan {
    pub found: Vec<Found>,
    pub unclosed: Vec<TextRange>,
}

/// Longest key that is taken for one, in bytes.
const MAX_KEY: usize = 40;

/// Finds the fields in `range`, which lies within one line.
pub(super) fn scan(text: &str, range: TextRange, mask: &Mask) -> Scan {
    let mut out = Scan::default();
    let slice = range.of(text);
    if has_separator(slice) {
        brackets(text, range, mask, &mut out);
    }
    if !slice.is_ascii() {
        emoji(text, range, mask, &mut out);
        out.found.sort_by_key(|f| f.whole.start);
    }
    out
}

/// Whether there is a `::`: a colon is found much faster than two of them.
fn has_separator(mut line: &str) -> bool {
    while let Some((_, behind)) = line.split_once(':') {
        if behind.starts_with(':') {
            return true;
        }
        line = behind;
    }
    false
}

fn brackets(text: &str, range: TextRange, mask: &Mask, out: &mut Scan) {
    let bytes = text.as_bytes();
    let mut resume = range.start;
    for (at, close) in openers(bytes, range, mask) {
        let open = bytes[at];
        if at < resume || is_wiki_bracket(bytes, range, at) {
            continue;
        }
        let Some((key, value_start)) = key_at(text, range, at + 1) else { continue };
        let field = field_named(key.of(text));
        let spaced = matches!(bytes.get(value_start), Some(b' ' | b'\t'));
        let Some(close) = close else {
            if open == b'[' && (field.is_some() || spaced) {
                out.unclosed.push(TextRange::new(at, value_start));
            }
            resume = value_start;
            continue;
        };
        let is_link = open == b'[' && bytes.get(close + 1) == Some(&b'(');
        if is_link || (field.is_none() && !spaced) {
            continue;
        }
        let escaped = is_escaped(bytes, range.start, at);
        let mut value_end = close;
        if is_escaped(bytes, value_start, close) {
            value_end -= 1;
        }
        let mut value = TextRange::new(value_start, value_end).trimmed(text);
        if value.is_empty() {
            value = TextRange::empty(value_start);
        }
        let whole = TextRange::new(at - usize::from(escaped), close + 1);
        out.found.push(Found { field, whole, key, value, escaped, emoji: false });
        resume = close + 1;
    }
}

/// Whether an odd number of backslashes stands right before `at`.
fn is_escaped(bytes: &[u8], from: usize, at: usize) -> bool {
    bytes[from..at].iter().rev().take_while(|b| **b == b'\\').count() % 2 == 1
}

fn is_wiki_bracket(bytes: &[u8], range: TextRange, at: usize) -> bool {
    bytes[at] == b'[' && (bytes.get(at + 1) == Some(&b'[') || (at > range.start && bytes[at - 1] == b'['))
}

const BRACKETS: Signs = Signs::new(b"[]()");

/// Where the brackets of `range` that are not hidden open, in order, and where they close, if they do.
fn openers(bytes: &[u8], range: TextRange, mask: &Mask) -> Vec<(usize, Option<usize>)> {
    let mut openers: Vec<(usize, Option<usize>)> = Vec::new();
    let (mut square, mut round) = (Vec::new(), Vec::new());
    let line = bytes.get(range.start..range.end).unwrap_or_default();
    let brackets = line.iter().enumerate().filter(|(_, b)| BRACKETS.has(**b));
    for (n, byte) in brackets {
        let at = range.start + n;
        let (stack, opens) = match byte {
            b'[' => (&mut square, true),
            b']' => (&mut square, false),
            b'(' => (&mut round, true),
            _ => (&mut round, false),
        };
        if mask.hides(at) {
            continue;
        }
        if opens {
            stack.push(openers.len());
            openers.push((at, None));
        } else if let Some(opener) = stack.pop().and_then(|n| openers.get_mut(n)) {
            opener.1 = Some(at);
        }
    }
    openers
}

/// A key and the position behind its `::`.
fn key_at(text: &str, range: TextRange, start: usize) -> Option<(TextRange, usize)> {
    let rest = text.get(start..range.end)?;
    if !rest.starts_with(char::is_alphabetic) {
        return None;
    }
    let len = rest.find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '-' | ' ')))?;
    if len > MAX_KEY || !rest[len..].starts_with("::") {
        return None;
    }
    let key = TextRange::new(start, start + len).trimmed(text);
    Some((key, start + len + 2))
}

/// What Obsidian's emoji stand for.
fn emoji_field(c: char) -> Option<Field> {
    Some(match c {
        '📅' | '📆' | '🗓' => Field::Due,
        '⏳' | '⌛' => Field::Scheduled,
        '🛫' => Field::Start,
        '➕' => Field::Created,
        '✅' => Field::Completion,
        '❌' => Field::Cancelled,
        '🆔' => Field::Id,
        '⛔' => Field::DependsOn,
        '🔺' | '⏫' | '🔼' | '🔽' | '⏬' => Field::Priority,
        _ => return None,
    })
}

fn emoji(text: &str, range: TextRange, mask: &Mask, out: &mut Scan) {
    let brackets = out.found.len();
    let mut skip = range.start;
    for (n, c) in range.of(text).char_indices() {
        let at = range.start + n;
        let Some(field) = emoji_field(c) else { continue };
        let before = out.found[..brackets].partition_point(|f| f.whole.end <= at);
        let is_inside = out.found[..brackets].get(before).is_some_and(|f| f.whole.contains(at));
        if at < skip || mask.hides(at) || is_inside {
            continue;
        }
        let key = TextRange::new(at, at + c.len_utf8());
        // A variation selector may follow the emoji.
        let rest = TextRange::new(key.end, range.end).of(text);
        let behind = key.end + rest.len() - rest.trim_start_matches('\u{fe0f}').len();
        let (value, end) = if field == Field::Priority {
            (key, behind)
        } else {
            let start = TextRange::new(behind, range.end).trimmed(text).start;
            let value = emoji_value(text, TextRange::new(start, range.end), field);
            if value.is_empty() {
                continue;
            }
            (value, value.end)
        };
        skip = end;
        let whole = TextRange::new(at, end);
        out.found.push(Found { field: Some(field), whole, key, value, escaped: false, emoji: true });
    }
}

fn emoji_value(text: &str, rest: TextRange, field: Field) -> TextRange {
    let slice = rest.of(text);
    let is_id = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    let len = match field {
        Field::Id => slice.find(|c| !is_id(c)).unwrap_or(slice.len()),
        Field::DependsOn => {
            let run = slice.find(|c: char| !is_id(c) && !matches!(c, ',' | ' ')).unwrap_or(slice.len());
            // Words are separated by commas; the first blank that no comma precedes ends the list.
            let mut end = 0;
            for part in slice[..run].split_inclusive(',') {
                let word = part.trim_start();
                let word_len = word.find(|c| !is_id(c)).unwrap_or(word.len());
                if word_len == 0 {
                    break;
                }
                end = part.as_ptr() as usize - slice.as_ptr() as usize + part.len() - word.len() + word_len;
                if word[word_len..].trim_start() != "," {
                    break;
                }
            }
            end
        }
        _ => {
            let word = slice.find(char::is_whitespace).unwrap_or(slice.len());
            if DateValue::parse(&slice[..word]).is_some() || looks_like_date(&slice[..word]) {
                word
            } else {
                0
            }
        }
    };
    TextRange::new(rest.start, rest.start + len)
}

fn looks_like_date(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_digit()) && word.contains('-')
}

/// Whether the value of an `[id:: …]` can be an id.
pub(super) fn is_id(value: &str) -> bool {
    TaskId::parse(value).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[(&str, &str)]) {
        let range = TextRange::new(0, text.len());
        let found = scan(text, range, &Mask::of(text, range)).found;
        let got: Vec<_> = found.iter().map(|f| (f.key.of(text), f.value.of(text))).collect();
        assert_eq!(got, expected, "{text:?}");
        for f in found {
            assert!(f.whole.covers(f.key) && f.whole.covers(f.value), "{text:?}");
        }
    }

    #[test]
    fn brackets_are_read_wherever_a_renderer_would() {
        check("a [due:: 2025-06-18]  (priority::high)", &[("due", "2025-06-18"), ("priority", "high")]);
        check("[dependsOn:: a, [[x/session#^t-b]]]", &[("dependsOn", "a, [[x/session#^t-b]]")]);
        check("\\[due:: nope\\] x", &[("due", "nope")]);
        check("[Depends on:: a]", &[("Depends on", "a")]);
        check("[mood:: fine] [Foo::bar] (std::vec)", &[("mood", "fine")]);
        check("`[due:: a]` [due:: b](url) [[due:: c]] [t](u(due:: d))", &[]);
        check("[due:: x", &[]);
        check("[due:: a [b]", &[]);
        check("[ [due:: a]", &[("due", "a")]);
        check("[due::]", &[("due", "")]);
    }

    #[test]
    fn emoji_of_obsidian() {
        check("x 📅 2025-07-01 ⏫", &[("📅", "2025-07-01"), ("⏫", "⏫")]);
        check("x 🆔 dcf64c ⛔ dcf64c,0h17ye", &[("🆔", "dcf64c"), ("⛔", "dcf64c,0h17ye")]);
        check("x ⛔ a, b rest", &[("⛔", "a, b")]);
        check("📅 tomorrow", &[]);
        check("⏫\u{fe0f} 📅\u{fe0f} 2025-07-01", &[("⏫", "⏫"), ("📅", "2025-07-01")]);
    }

    #[test]
    fn unclosed() {
        let text = "a [due:: 2025 b [x:: y";
        let range = TextRange::new(0, text.len());
        let scan = scan(text, range, &Mask::default());
        assert_eq!(scan.unclosed.iter().map(|r| r.of(text)).collect::<Vec<_>>(), ["[due::", "[x::"]);
    }
}
