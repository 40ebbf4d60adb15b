use crate::text::TextRange;

use super::super::{FrontMatterKey, ScalarStyle};
use super::Reader;

/// The value of `key` without quotes.
pub(super) fn scalar<'a>(text: &'a str, key: &FrontMatterKey) -> &'a str {
    let raw = key.value.of(text);
    match key.style {
        ScalarStyle::Single | ScalarStyle::Double => raw.get(1..raw.len().saturating_sub(1)).unwrap_or(""),
        ScalarStyle::Plain => raw,
        _ => "",
    }
}

pub(super) fn read(reader: &mut Reader<'_>) -> Vec<FrontMatterKey> {
    let (text, document) = (reader.text, reader.document);
    let Some(found) = document.front_matter() else { return Vec::new() };
    let lines = document.lines();
    let mut keys: Vec<FrontMatterKey> = Vec::new();
    let first = lines.line_of(found.inner.start);
    let last = lines.line_of(found.inner.end);
    for line in first..last {
        let content = lines.content(text, line);
        let slice = content.of(text);
        let belongs = slice.starts_with([' ', '\t']) || slice.starts_with("- ") || slice == "-";
        if belongs {
            if let Some(key) = keys.last_mut().filter(|_| !slice.trim().is_empty()) {
                key.continue_with(text, content, lines.full(line).end);
            }
            continue;
        }
        keys.extend(key_line(text, content, lines.full(line)));
    }
    super::guard::check(reader, &mut keys, *found);
    keys
}

impl FrontMatterKey {
    fn continue_with(&mut self, text: &str, content: TextRange, end: usize) {
        self.lines.end = end;
        let slice = content.of(text);
        let inner = slice.trim_start_matches([' ', '\t']);
        if inner.starts_with('#') {
            return;
        }
        let start = content.end - inner.len();
        let is_entry = inner.starts_with("- ") || inner == "-";
        let stop = start + inner.trim_end_matches([' ', '\t']).len();
        if self.value.is_empty() {
            self.style = if is_entry { ScalarStyle::BlockList } else { ScalarStyle::Opaque };
            self.value = TextRange::new(start, stop);
        } else {
            if self.style != ScalarStyle::BlockList || !is_entry {
                self.style = ScalarStyle::Opaque;
            }
            self.value.end = stop;
        }
    }
}

/// `key: value` at the start of a line.
fn key_line(text: &str, content: TextRange, lines: TextRange) -> Option<FrontMatterKey> {
    let slice = content.of(text);
    if slice.is_empty() || slice.starts_with(['#', '?', '{', '[', '&', '*', '!', '|', '>', '%', '@', '`']) {
        return None;
    }
    let (key, colon) = if let Some(quote) = slice.chars().next().filter(|c| matches!(c, '"' | '\'')) {
        let close = slice[1..].find(quote)? + 1;
        let colon = close + 1 + slice[close + 1..].find(':')?;
        slice[close + 1..colon].trim().is_empty().then_some(())?;
        (TextRange::new(content.start + 1, content.start + close), colon)
    } else {
        let is_end = |n: usize| slice[n + 1..].is_empty() || slice[n + 1..].starts_with([' ', '\t']);
        let colon = slice.match_indices(':').map(|(n, _)| n).find(|n| is_end(*n))?;
        let key = slice[..colon].trim_end();
        (TextRange::new(content.start, content.start + key.len()), colon)
    };
    if key.is_empty() {
        return None;
    }
    let (value, style) = value_at(text, TextRange::new(content.start + colon + 1, content.end));
    Some(FrontMatterKey { name: key.of(text).to_owned(), key, value, lines, style })
}

fn value_at(text: &str, rest: TextRange) -> (TextRange, ScalarStyle) {
    let slice = rest.of(text);
    let value = slice.trim_start_matches([' ', '\t']);
    let start = rest.end - value.len();
    let empty = (TextRange::empty(rest.start), ScalarStyle::Plain);
    let Some(first) = value.chars().next().filter(|c| *c != '#') else { return empty };
    let len_of = |style, len: usize| {
        let behind = value[len..].trim_start_matches([' ', '\t']);
        let is_clean = behind.is_empty() || (behind.starts_with('#') && behind.len() < value.len() - len);
        let style = if is_clean { style } else { ScalarStyle::Opaque };
        (TextRange::new(start, start + if is_clean { len } else { value.trim_end().len() }), style)
    };
    match first {
        '"' | '\'' => match quoted_len(value, first) {
            Some(len) => len_of(if first == '"' { ScalarStyle::Double } else { ScalarStyle::Single }, len),
            None => (TextRange::new(start, start + value.trim_end().len()), ScalarStyle::Opaque),
        },
        '[' => match flow_len(value) {
            Some(len) => len_of(ScalarStyle::FlowList, len),
            None => (TextRange::new(start, start + value.trim_end().len()), ScalarStyle::Opaque),
        },
        _ => {
            let comment =
                value.match_indices('#').map(|(n, _)| n).find(|&n| value[..n].ends_with([' ', '\t']));
            let len = value[..comment.unwrap_or(value.len())].trim_end().len();
            let is_opaque = matches!(first, '{' | '|' | '>' | '&' | '*' | '!' | '@' | '`' | '%');
            let style = if is_opaque { ScalarStyle::Opaque } else { ScalarStyle::Plain };
            (TextRange::new(start, start + len), style)
        }
    }
}

/// Length of a quoted scalar with its quotes, where it ends on this line.
fn quoted_len(value: &str, quote: char) -> Option<usize> {
    let bytes = value.as_bytes();
    let mut at = 1;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' if quote == '"' => at += 1,
            b'\'' if quote == '\'' && bytes.get(at + 1) == Some(&b'\'') => at += 1,
            b if char::from(b) == quote => return Some(at + 1),
            _ => {}
        }
        at += 1;
    }
    None
}

/// Length of `[…]` without nested maps, where it ends on this line.
fn flow_len(value: &str) -> Option<usize> {
    let mut quote: Option<char> = None;
    let mut depth = 0_usize;
    for (n, c) in value.char_indices() {
        match (quote, c) {
            (Some(q), c) if q == c => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(c),
            (None, '{') => return None,
            (None, '[') => depth += 1,
            (None, ']') if depth == 1 => return Some(n + 1),
            (None, ']') => depth -= 1,
            _ => {}
        }
    }
    None
}

/// The front matter's values as YAML types them, for keys that are not ours.
///
/// # Errors
/// One sentence: what the YAML library says, or why it was not asked.
pub fn foreign_keys(inner: &str) -> Result<serde_json::Value, String> {
    super::guard::typed(inner)
}
