use crate::text::{LineIndex, TextRange};

/// A key or list item found in block-style YAML.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    /// The enclosing entry.
    pub(super) parent: Option<usize>,
    /// The key, or `0`, `1`… for a list item.
    pub(super) name: String,
    /// Column of its first byte, 0-based.
    pub(super) indent: usize,
    /// The key, or the item's dash.
    pub(super) key: TextRange,
    /// The value on the key's line (and further lines, where it is quoted or in brackets) without
    /// a comment; empty where it stands below.
    pub(super) value: TextRange,
    /// End of its last line that is not blank and no comment, without the line end.
    pub(super) end: usize,
}

/// Where keys and values stand in a YAML text.
///
/// The YAML library keeps no places, so a small scanner of block style finds them again. It only
/// points: what it does not understand (keys inside brackets) has the place of what is around it.
#[derive(Clone, Debug)]
pub(super) struct Places {
    entries: Vec<Entry>,
    whole: TextRange,
}

impl Places {
    /// No places: everything is found at the first line.
    pub(super) fn none(text: &str) -> Self {
        Self { entries: Vec::new(), whole: first_line(text) }
    }

    /// Scans `text`. Total, linear in its length.
    pub(super) fn of(text: &str) -> Self {
        let mut scan = Scan { text, lines: LineIndex::new(text), open: Vec::new(), entries: Vec::new() };
        scan.run();
        Self { entries: scan.entries, whole: first_line(text) }
    }

    /// The entry at `path`.
    pub(super) fn find(&self, path: &[&str]) -> Option<&Entry> {
        let mut at = None;
        for name in path {
            at = Some(self.entries.iter().position(|e| e.parent == at && e.name == *name)?);
        }
        self.entries.get(at?)
    }

    /// The entries right inside `path`, in order.
    pub(super) fn children(&self, path: &[&str]) -> impl Iterator<Item = &Entry> {
        let owner = self.find(path).map(|e| e.key);
        self.entries.iter().filter(move |e| {
            let parent = e.parent.and_then(|p| self.entries.get(p)).map(|p| p.key);
            parent == owner && (owner.is_some() || path.is_empty())
        })
    }

    /// The place of the value at `path`: the value, else its key, else the nearest enclosing one.
    pub(super) fn nearest(&self, path: &[&str]) -> TextRange {
        let found = (1..=path.len()).rev().find_map(|n| self.find(&path[..n]));
        found.map_or(self.whole, |e| if e.value.is_empty() { e.key } else { e.value })
    }
}

fn first_line(text: &str) -> TextRange {
    TextRange::new(0, text.find(['\n', '\r']).unwrap_or(text.len()))
}

struct Open {
    indent: usize,
    /// A list; otherwise a key of a mapping.
    list: bool,
    /// The entry: the key, or the list's present item.
    entry: usize,
    items: usize,
}

struct Scan<'a> {
    text: &'a str,
    lines: LineIndex,
    open: Vec<Open>,
    entries: Vec<Entry>,
}

impl Scan<'_> {
    fn run(&mut self) {
        let mut line = 0;
        // Lines indented deeper than this belong to a text that began above.
        let mut inside: Option<usize> = None;
        while line < self.lines.count() {
            let content = self.lines.content(self.text, line);
            let raw = content.of(self.text);
            let raw = if line == 0 { raw.trim_start_matches('\u{feff}') } else { raw };
            let start = content.end - raw.len();
            let body = raw.trim_start_matches(' ');
            let indent = raw.len() - body.len();
            line += 1;
            if body.trim().is_empty() {
                continue;
            }
            if inside.is_some_and(|at| indent > at) {
                self.extend_to(content.start + content.of(self.text).trim_end().len());
                continue;
            }
            inside = None;
            let marker = indent == 0 && (body.starts_with("---") || body.starts_with("..."));
            if body.starts_with('#') || marker || body.starts_with('%') {
                continue;
            }
            let (below, end) = self.line(start, indent, content.end);
            inside = below;
            // A quoted text or brackets may have gone on over further lines.
            line = line.max(self.lines.line_of(end.saturating_sub(1).max(content.start)) + 1);
        }
    }

    /// Marks everything open as reaching `end`.
    fn extend_to(&mut self, end: usize) {
        for open in &self.open {
            if let Some(entry) = self.entries.get_mut(open.entry) {
                entry.end = entry.end.max(end);
            }
        }
    }

    /// Reads one line; returns the indent below which text goes on, and where the value ends.
    fn line(&mut self, start: usize, indent: usize, stop: usize) -> (Option<usize>, usize) {
        let mut at = start + indent;
        let mut owner = None;
        let mut dashes = 0;
        loop {
            let rest = &self.text[at..stop];
            let column = at - start;
            if dashes < 64 && (rest == "-" || rest.starts_with("- ")) {
                self.item(column, TextRange::new(at, at + 1));
                owner = Some(column);
                let gap = rest[1..].len() - rest[1..].trim_start_matches(' ').len();
                at += 1 + gap;
                dashes += 1;
                continue;
            }
            if let Some((name, key, colon)) = key_of(rest) {
                self.key(column, name, TextRange::new(at, at + key));
                owner = Some(column);
                let after = &rest[colon..];
                at += colon + after.len() - after.trim_start_matches([' ', '\t']).len();
            }
            break;
        }
        let (value, below) = value_of(self.text, at, stop);
        if owner.is_some()
            && let Some(open) = self.open.last()
            && let Some(entry) = self.entries.get_mut(open.entry)
        {
            entry.value = value;
        }
        let end = if value.is_empty() { at.min(stop) } else { value.end };
        let trimmed = self.text[..end].trim_end().len().max(start);
        self.extend_to(trimmed);
        (owner.filter(|_| below), end)
    }

    fn item(&mut self, indent: usize, dash: TextRange) {
        while self.open.last().is_some_and(|o| o.indent > indent) {
            self.open.pop();
        }
        let items = match self.open.last() {
            Some(o) if o.list && o.indent == indent => {
                let items = o.items + 1;
                self.open.pop();
                items
            }
            _ => 0,
        };
        self.push(indent, true, items.to_string(), dash, items);
    }

    fn key(&mut self, indent: usize, name: String, key: TextRange) {
        while self.open.last().is_some_and(|o| o.indent >= indent) {
            self.open.pop();
        }
        self.push(indent, false, name, key, 0);
    }

    fn push(&mut self, indent: usize, list: bool, name: String, key: TextRange, items: usize) {
        let parent = self.open.last().map(|o| o.entry);
        let value = TextRange::empty(key.end);
        self.open.push(Open { indent, list, entry: self.entries.len(), items });
        self.entries.push(Entry { parent, name, indent, key, value, end: key.end });
    }
}

/// The key at the start of `rest`: its name, its length as written, and where its colon ends.
fn key_of(rest: &str) -> Option<(String, usize, usize)> {
    let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''));
    let len = match quote {
        Some(q) => 2 + rest[1..].find(q)?,
        None if rest.starts_with(['[', '{', '|', '>', '#', '&', '*', '!', '?']) => return None,
        None => {
            let colon = rest.match_indices(':').map(|(i, _)| i);
            let mut ends =
                colon.filter(|&i| rest[i + 1..].is_empty() || rest[i + 1..].starts_with([' ', '\t']));
            let end = ends.next()?;
            if rest[..end].contains(" #") {
                return None;
            }
            rest[..end].trim_end().len()
        }
    };
    let blanks = rest[len..].len() - rest[len..].trim_start().len();
    let colon = len + blanks;
    let after = rest.get(colon..)?.strip_prefix(':')?;
    if !(after.is_empty() || after.starts_with([' ', '\t'])) {
        return None;
    }
    let name = if quote.is_some() { rest.get(1..len - 1)? } else { &rest[..len] };
    Some((name.to_owned(), len, colon + 1))
}

/// The value that begins at `at` on a line ending at `stop`, and whether deeper lines continue it.
fn value_of(text: &str, at: usize, stop: usize) -> (TextRange, bool) {
    let mut at = at;
    // Anchors and tags stand before the value.
    while let Some(rest) = text.get(at..stop).filter(|r| r.starts_with(['&', '!'])) {
        let token = rest.find([' ', '\t']).unwrap_or(rest.len());
        let gap = rest[token..].len() - rest[token..].trim_start().len();
        at += token + gap;
    }
    let rest = text.get(at..stop).unwrap_or("");
    let none = (TextRange::empty(at), false);
    match rest.chars().next() {
        None | Some('#') => none,
        Some('|' | '>') => (TextRange::new(at, at + rest.trim_end().len()), true),
        Some(q @ ('"' | '\'')) => (TextRange::new(at, quoted_end(text, at, q)), false),
        Some('[' | '{') => (TextRange::new(at, brackets_end(text, at)), false),
        Some(_) => {
            let plain = rest.match_indices('#').find(|(i, _)| rest[..*i].ends_with([' ', '\t']));
            let plain = &rest[..plain.map_or(rest.len(), |(i, _)| i)];
            (TextRange::new(at, at + plain.trim_end().len()), true)
        }
    }
}

/// Where a quoted text that begins at `at` ends, its closing quote included.
fn quoted_end(text: &str, at: usize, quote: char) -> usize {
    let mut chars = text[at + 1..].char_indices().peekable();
    while let Some((i, c)) = chars.next() {
        if c == '\\' && quote == '"' {
            chars.next();
        } else if c == quote {
            if quote == '\'' && chars.peek().is_some_and(|(_, n)| *n == '\'') {
                chars.next();
            } else {
                return at + 1 + i + 1;
            }
        }
    }
    text.len()
}

/// Where brackets that open at `at` are closed.
fn brackets_end(text: &str, at: usize) -> usize {
    let (mut depth, mut i) = (0usize, at);
    let bytes = text.as_bytes();
    while i < bytes.len() {
        match bytes[i] {
            b'[' | b'{' => depth += 1,
            b']' | b'}' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return i + 1;
                }
            }
            q @ (b'"' | b'\'') if matches!(bytes[i - 1], b' ' | b',' | b'[' | b'{' | b'\n' | b':') => {
                i = quoted_end(text, i, char::from(q));
                continue;
            }
            b'#' if matches!(bytes[i - 1], b' ' | b'\t' | b'\n') => {
                i += text[i..].find('\n').unwrap_or(text.len() - i);
                continue;
            }
            _ => {}
        }
        i += 1;
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "# head\nviews: [overview, 'a # b'] # why\nsync:\n  stale: ask\n  \"deep key\":\n    - one\n    - two: 2\n      three: 'x'\nlong: |\n  stale: no\n\n  # no comment\nplain: a\n  b: c\nitems:\n- x\n- - y\n  - z\nlast: \"q\n  : r\" # end\n";

    #[track_caller]
    fn check(path: &[&str], expected: &str) {
        let places = Places::of(TEXT);
        assert_eq!(places.nearest(path).of(TEXT), expected, "{path:?}: {places:#?}");
    }

    #[test]
    fn values_are_found() {
        check(&["views"], "[overview, 'a # b']");
        check(&["sync"], "sync");
        check(&["sync", "stale"], "ask");
        check(&["sync", "deep key", "0"], "one");
        check(&["sync", "deep key", "1", "two"], "2");
        check(&["sync", "deep key", "1", "three"], "'x'");
        check(&["long"], "|");
        check(&["long", "stale"], "|");
        check(&["plain"], "a");
        check(&["items", "0"], "x");
        check(&["items", "1", "1"], "z");
        check(&["last"], "\"q\n  : r\"");
        check(&["nowhere"], "# head");
    }

    #[test]
    fn an_entry_reaches_to_its_last_line() {
        let places = Places::of(TEXT);
        let end = |path: &[&str]| places.find(path).map(|e| TEXT[..e.end].rsplit('\n').next().unwrap());
        assert_eq!(end(&["sync"]), Some("      three: 'x'"));
        assert_eq!(end(&["views"]), Some("views: [overview, 'a # b']"));
        assert_eq!(end(&["items"]), Some("  - z"));
        assert_eq!(
            places.children(&["sync"]).map(|e| e.name.as_str()).collect::<Vec<_>>(),
            ["stale", "deep key"]
        );
    }

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig::with_cases(128))]
        #[test]
        fn any_text_is_scanned(text in "[-a-c:*&|>'\"{}\\[\\] #\n\t,é!%?]{0,120}") {
            for e in Places::of(&text).entries {
                proptest::prop_assert!(text.get(e.value.start..e.value.end).is_some());
                proptest::prop_assert!(text.get(e.key.start..e.key.end).is_some());
                proptest::prop_assert!(text.is_char_boundary(e.end));
            }
        }
    }
}
