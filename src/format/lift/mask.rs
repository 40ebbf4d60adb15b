use std::collections::HashMap;

use crate::text::{Signs, TextRange};

/// Stretches of a paragraph in which nothing is recognised: code spans, HTML tags and comments,
/// link destinations, URLs.
#[derive(Clone, Debug, Default)]
pub(super) struct Mask {
    ranges: Vec<TextRange>,
    /// HTML comments, which may carry an id.
    pub comments: Vec<TextRange>,
}

impl Mask {
    /// Whether the byte `at` is hidden.
    pub(super) fn hides(&self, at: usize) -> bool {
        let i = self.ranges.partition_point(|r| r.end <= at);
        self.ranges.get(i).is_some_and(|r| r.contains(at))
    }

    /// Whether any byte of `range` is hidden.
    pub(super) fn touches(&self, range: TextRange) -> bool {
        let i = self.ranges.partition_point(|r| r.end <= range.start);
        self.ranges.get(i).is_some_and(|r| r.start < range.end)
    }

    /// Reads the paragraph at `range`.
    pub(super) fn of(text: &str, range: TextRange) -> Self {
        let bytes = &text.as_bytes()[..range.end.min(text.len())];
        let mut mask = Self::default();
        if !may_hide(range.of(text).as_bytes()) {
            return mask;
        }
        let closers = last_runs(bytes, range.start);
        let mut no_comment_end = false;
        let mut at = range.start;
        while let Some(&byte) = bytes.get(at) {
            let end = match byte {
                b'\\' if bytes.get(at + 1).is_some_and(u8::is_ascii_punctuation) => {
                    at += 2;
                    continue;
                }
                b'`' => {
                    let run = run_at(bytes, at);
                    if let Some(end) = closing_run(bytes, at + run, run, &closers) {
                        Some(end)
                    } else {
                        at += run;
                        continue;
                    }
                }
                b'<' if bytes[at..].starts_with(b"<!--") && !no_comment_end => {
                    let end = text.get(at + 4..range.end).and_then(|t| t.find("-->")).map(|n| at + 4 + n + 3);
                    no_comment_end = end.is_none();
                    mask.comments.extend(end.map(|end| TextRange::new(at, end)));
                    end
                }
                b'<' => tag_end(bytes, at),
                b']' if bytes.get(at + 1) == Some(&b'(') => destination_end(bytes, at + 1),
                b'h' if bytes[at..].starts_with(b"http://") || bytes[at..].starts_with(b"https://") => {
                    let stop = bytes[at..]
                        .iter()
                        .position(|b| b.is_ascii_whitespace() || matches!(b, b'<' | b'[' | b'`'));
                    Some(stop.map_or(bytes.len(), |n| at + n))
                }
                _ => None,
            };
            match end {
                Some(end) => {
                    let start = if byte == b']' { at + 1 } else { at };
                    mask.ranges.push(TextRange::new(start, end));
                    at = end;
                }
                None => at += 1,
            }
        }
        mask
    }
}

/// The bytes that hidden stretches begin with or near.
const MAY_HIDE: Signs = Signs::new(b"`<]/");

/// Whether there is anything that could begin a hidden stretch: asked of every line, nearly always
/// in vain.
fn may_hide(bytes: &[u8]) -> bool {
    let signs = bytes.iter().enumerate().filter(|(_, byte)| MAY_HIDE.has(**byte));
    signs.into_iter().any(|(at, byte)| match byte {
        b']' => bytes.get(at + 1) == Some(&b'('),
        b'/' => at > 0 && bytes[at - 1] == b':',
        _ => true,
    })
}

fn run_at(bytes: &[u8], at: usize) -> usize {
    bytes[at..].iter().take_while(|b| **b == b'`').count()
}

/// Where the last run of each length stands, so that a missing partner costs nothing.
fn last_runs(bytes: &[u8], from: usize) -> HashMap<usize, usize> {
    let mut last = HashMap::new();
    let mut at = from;
    while at < bytes.len() {
        if bytes[at] == b'`' {
            let run = run_at(bytes, at);
            last.insert(run, at);
            at += run;
        } else {
            at += 1;
        }
    }
    last
}

fn closing_run(bytes: &[u8], from: usize, run: usize, last: &HashMap<usize, usize>) -> Option<usize> {
    if last.get(&run).is_none_or(|&at| at < from) {
        return None;
    }
    let mut at = from;
    while at < bytes.len() {
        if bytes[at] == b'`' {
            let len = run_at(bytes, at);
            at += len;
            if len == run {
                return Some(at);
            }
        } else {
            at += 1;
        }
    }
    None
}

fn tag_end(bytes: &[u8], at: usize) -> Option<usize> {
    if !bytes.get(at + 1).is_some_and(|b| b.is_ascii_alphabetic() || matches!(b, b'/' | b'!' | b'?')) {
        return None;
    }
    let mut quote = None;
    for (i, &byte) in bytes.iter().enumerate().skip(at + 1).take(1024) {
        match (quote, byte) {
            (Some(q), b) if q == b => quote = None,
            (Some(_), _) => {}
            (None, b'"' | b'\'') => quote = Some(byte),
            (None, b'>') => return Some(i + 1),
            (None, b'<' | b'[' | b'`') => return None,
            _ => {}
        }
    }
    None
}

/// The end of `(…)` behind a link text; destinations beyond 1 KiB are not looked for.
fn destination_end(bytes: &[u8], open: usize) -> Option<usize> {
    let mut depth = 0_usize;
    for (i, &byte) in bytes.iter().enumerate().skip(open).take(1024) {
        match byte {
            b'(' => depth += 1,
            b')' if depth == 1 => return Some(i + 1),
            b')' => depth -= 1,
            b'\n' | b'\r' => return None,
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, hidden: &[&str]) {
        let mask = Mask::of(text, TextRange::new(0, text.len()));
        let got: Vec<_> = mask.ranges.iter().map(|r| r.of(text)).collect();
        assert_eq!(got, hidden, "{text:?}");
    }

    #[test]
    fn nothing_is_read_in_there() {
        check("a `b` ``c`d`` e`", &["`b`", "``c`d``"]);
        check("a \\`b` c", &[]);
        check("a `b\nc` d", &["`b\nc`"]);
        check("<a href=\"[due:: x]\"> b", &["<a href=\"[due:: x]\">"]);
        check("a < b and 1 <2> c", &[]);
        check("[t](u(a:: b)) x", &["(u(a:: b))"]);
        check("<!-- id: a --> <!-- b", &["<!-- id: a -->"]);
        check("see https://a.b/(c::d) x", &["https://a.b/(c::d)"]);
    }
}
