use crate::text::TextRange;

/// The YAML block between `---` lines at the very top (behind a byte-order mark).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FrontMatter {
    /// Both delimiter lines and everything between them, line ends included.
    pub whole: TextRange,
    /// The lines between the delimiters, line ends included.
    pub inner: TextRange,
}

/// Finds the front matter: an opening line of exactly `---` (blanks may follow) and the first
/// line of exactly `---` or `...` after it. `None` where it is not there or never closed.
///
/// Purely a matter of lines: whether there is a mapping between them is [`FrontMatter::is_mapping`].
#[must_use]
pub fn split_front_matter(text: &str) -> Option<FrontMatter> {
    let start = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let (content, inner_start) = line_at(text, start)?;
    if content.trim_end_matches([' ', '\t']) != "---" {
        return None;
    }
    let mut at = inner_start;
    while let Some((content, next)) = line_at(text, at) {
        if matches!(content.trim_end_matches([' ', '\t']), "---" | "...") {
            let inner = TextRange::new(inner_start, at);
            return Some(FrontMatter { whole: TextRange::new(start, next), inner });
        }
        at = next;
    }
    None
}

impl FrontMatter {
    /// Whether the lines between the delimiters look like a YAML mapping, or are blank.
    /// Anything else is two thematic breaks around text.
    #[must_use]
    pub fn is_mapping(&self, text: &str) -> bool {
        let mut only_blank = true;
        for line in self.inner.of(text).split(['\n', '\r']) {
            let trimmed = line.trim();
            if trimmed.is_empty() || trimmed.starts_with('#') {
                continue;
            }
            let first = only_blank;
            only_blank = false;
            if first && trimmed.starts_with('{') {
                return true;
            }
            if !line.starts_with([' ', '\t']) && has_key(line) {
                return true;
            }
        }
        only_blank
    }
}

/// `key:` followed by a blank or the line's end, the key being one short phrase.
fn has_key(line: &str) -> bool {
    let quoted = line.starts_with(['"', '\'']);
    line.match_indices(':').any(|(at, _)| {
        let (key, rest) = (&line[..at], &line[at + 1..]);
        let key = key.trim_end();
        !key.is_empty()
            && (quoted
                || !key.starts_with(['-', '?', '[', '*', '#', '>', '|'])
                || key.len() > 1 && key.starts_with('?'))
            && (rest.is_empty() || rest.starts_with([' ', '\t']))
    })
}

/// The content of the line that starts at `at` and where the next one starts; `None` at the end.
fn line_at(text: &str, at: usize) -> Option<(&str, usize)> {
    let rest = text.get(at..).filter(|r| !r.is_empty())?;
    let bytes = rest.as_bytes();
    let Some(end) = bytes.iter().position(|b| matches!(b, b'\n' | b'\r')) else {
        return Some((rest, text.len()));
    };
    let eol = if bytes[end] == b'\r' && bytes.get(end + 1) == Some(&b'\n') { 2 } else { 1 };
    Some((&rest[..end], at + end + eol))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, inner: Option<&str>) {
        let found = split_front_matter(text);
        assert_eq!(found.map(|f| f.inner.of(text)), inner, "{text:?}");
    }

    #[test]
    fn delimiters() {
        check("---\na: 1\n---\nbody", Some("a: 1\n"));
        check("---\r\na: 1\r\n---\r\nbody", Some("a: 1\r\n"));
        check("\u{feff}---\na: 1\n---\n", Some("a: 1\n"));
        check("--- \t\na: 1\n---  \n", Some("a: 1\n"));
        check("---\na: 1\n...\n", Some("a: 1\n"));
        check("---\n---\n", Some(""));
        check("---\n---", Some(""));
        check("---\na: 1\n---foo\n---\nx\n---\r\n", Some("a: 1\n---foo\n"));
        check("---\ra: 1\r---\r", Some("a: 1\r"));
        for none in
            ["", "---", "---\n", "---\na: 1\n", "\n---\na: 1\n---\n", "----\na: 1\n----\n", " ---\n---\n"]
        {
            check(none, None);
        }
    }

    #[test]
    fn two_rules_are_no_mapping() {
        for (inner, expected) in [
            ("a: 1\n", true),
            ("", true),
            ("# note\n\n", true),
            ("{a: 1}\n", true),
            ("\nhello\n\n", false),
            ("- a: 1\n", false),
            ("http://x\n", false),
            ("\"a b\": 1\n", true),
        ] {
            let text = format!("---\n{inner}---\n");
            let found = split_front_matter(&text).unwrap();
            assert_eq!(found.is_mapping(&text), expected, "{inner:?}");
        }
    }
}
