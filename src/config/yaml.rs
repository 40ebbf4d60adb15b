use serde_yaml::Value;

use super::places::Places;
use crate::diagnostic::{Code, Diagnostic};
use crate::text::{LineIndex, TextRange};

/// At most this many findings are kept for one file: a person mends the first ones first.
const MAX_FINDINGS: usize = 100;

/// Deepest nesting that is handed to the YAML library.
const MAX_DEPTH: usize = 64;

/// One YAML file while it is read: its text, its value, and what was wrong with it.
pub(super) struct Source<'a> {
    text: &'a str,
    places: Option<Places>,
    /// What was found, in the order it was found.
    pub(super) findings: Vec<Diagnostic>,
}

impl<'a> Source<'a> {
    /// Reads `text`; `None` as value where it is not YAML or over a limit (the finding says so).
    pub(super) fn read(text: &'a str, max_bytes: usize) -> (Self, Option<Value>) {
        let mut this = Self { text, places: None, findings: Vec::new() };
        match parse(text, max_bytes) {
            Ok(value) => (this, Some(value)),
            Err(finding) => {
                this.findings.push(finding);
                (this, None)
            }
        }
    }

    /// A source without a value: for texts in another syntax that are reported in the same way.
    pub(super) fn unread(text: &'a str) -> Self {
        Self { text, places: Some(Places::none(text)), findings: Vec::new() }
    }

    /// The place of a value, or of the nearest enclosing one that can be located.
    pub(super) fn place(&mut self, path: &[&str]) -> TextRange {
        let text = self.text;
        self.places.get_or_insert_with(|| Places::of(text)).nearest(path)
    }

    /// Reports a finding about the value at `path`.
    pub(super) fn report(&mut self, code: Code, path: &[&str], message: impl Into<String>) {
        if self.findings.len() < MAX_FINDINGS {
            let span = self.place(path);
            self.findings.push(Diagnostic::new(code, span, message));
        }
    }
}

/// Parses YAML behind a guard.
///
/// Refused before the library sees them: texts over `max_bytes` and nesting that would take it
/// quadratic time (M006), and aliases, which can make a small text a huge value (M006).
pub(super) fn parse(text: &str, max_bytes: usize) -> Result<Value, Diagnostic> {
    guard(text, max_bytes)?;
    let body = text.strip_prefix('\u{feff}').unwrap_or(text);
    let shift = text.len() - body.len();
    match serde_yaml::from_str::<Value>(body) {
        Ok(value) => Ok(value),
        Err(error) if body.trim().is_empty() || error.to_string().starts_with("EOF") => Ok(Value::Null),
        Err(error) => {
            let at = error.location().map_or(0, |l| offset(body, l.line(), l.column()));
            let message = error.to_string();
            // The place is in the span; the library repeats it in words.
            let message = message.split(" at line ").next().unwrap_or(&message).trim().to_owned();
            let end = at + body.get(at..).and_then(|t| t.chars().next()).map_or(0, char::len_utf8);
            let span = TextRange::new(at, end).shifted(shift);
            Err(Diagnostic::new(Code::M001, span, format!("this is not valid YAML: {message}")))
        }
    }
}

/// Byte offset of a 1-based line and a 1-based column in characters.
fn offset(text: &str, line: usize, column: usize) -> usize {
    let lines = LineIndex::new(text);
    let start = lines.start(line.saturating_sub(1));
    let rest = text.get(start..).unwrap_or("");
    start + rest.chars().take(column.saturating_sub(1)).map(char::len_utf8).sum::<usize>()
}

fn guard(text: &str, max_bytes: usize) -> Result<(), Diagnostic> {
    let limit = |at: usize, len: usize, message: String| {
        Err(Diagnostic::new(Code::M006, (at..at + len).into(), message))
    };
    if text.len() > max_bytes {
        let (size, max) = (text.len() / 1024, max_bytes / 1024);
        return limit(0, 0, format!("the file has {size} KiB; at most {max} KiB are read"));
    }
    if let Some(at) = too_deep(text) {
        return limit(at, 1, format!("nested deeper than {MAX_DEPTH} levels"));
    }
    if let Some(span) = first_alias(text) {
        let name = span.of(text);
        return limit(span.start, span.len(), format!("`{name}` repeats another value; write the value out"));
    }
    Ok(())
}

/// Where brackets or `- - -` runs nest too deep. Brackets in prose count too: a text with more
/// than [`MAX_DEPTH`] brackets that are never closed again is nobody's settings.
fn too_deep(text: &str) -> Option<usize> {
    let mut depth = 0usize;
    let (mut run, mut leading) = (0usize, true);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'\n' | b'\r' => (run, leading) = (0, true),
            b'-' | b'?' | b':' if leading => run += 1,
            b' ' | b'\t' => {}
            _ => leading = false,
        }
        match byte {
            b'[' | b'{' => depth += 1,
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > MAX_DEPTH || (run > MAX_DEPTH && text.as_bytes().get(at + 1) == Some(&b' ')) {
            return Some(at);
        }
    }
    None
}

/// The first `*name` for which an `&name` stands anywhere: more than YAML would see, never less.
fn first_alias(text: &str) -> Option<TextRange> {
    let anchors: std::collections::HashSet<&str> = tokens(text, b'&').map(|r| &r.of(text)[1..]).collect();
    if anchors.is_empty() {
        return None;
    }
    tokens(text, b'*').find(|r| anchors.contains(&r.of(text)[1..]))
}

/// Every `<sign>name` whose name could be one of YAML's.
fn tokens(text: &str, sign: u8) -> impl Iterator<Item = TextRange> + '_ {
    let ends = |c: char| c.is_whitespace() || matches!(c, ',' | '[' | ']' | '{' | '}');
    let bytes = text.as_bytes();
    // A name never begins right behind another sign; without this, signs alone would be quadratic.
    let is_start = move |at: usize| bytes[at] == sign && (at == 0 || !matches!(bytes[at - 1], b'&' | b'*'));
    let starts = (0..bytes.len()).filter(move |&at| is_start(at));
    starts.filter_map(move |at| {
        // Long enough for any name, short enough to keep a text of nothing but signs linear.
        let name: usize =
            text[at + 1..].chars().take(256).take_while(|&c| !ends(c)).map(char::len_utf8).sum();
        // A key `*name:` ends before its colon.
        let name = text[at + 1..at + 1 + name].trim_end_matches(':').len();
        (name > 0).then(|| TextRange::new(at, at + 1 + name))
    })
}

/// A value as one line of YAML, for keys that are kept without being understood.
pub(super) fn written(value: &Value) -> String {
    serde_yaml::to_string(value).unwrap_or_default().trim_end().to_owned()
}

/// What a value is, for messages.
pub(super) fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "nothing",
        Value::Bool(_) => "a truth value",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Sequence(_) => "a list",
        Value::Mapping(_) => "a mapping",
        Value::Tagged(_) => "a tagged value",
    }
}

/// A scalar as text: numbers and truth values count as what they look like.
pub(super) fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(s) => Some(s.clone()),
        Value::Number(n) => Some(n.to_string()),
        Value::Bool(b) => Some(b.to_string()),
        _ => None,
    }
}

/// A list of scalars; a single scalar counts as a list of one.
pub(super) fn texts_of(value: &Value) -> Option<Vec<String>> {
    match value {
        Value::Sequence(items) => items.iter().map(text_of).collect(),
        Value::Null => Some(Vec::new()),
        one => Some(vec![text_of(one)?]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Result<(), (Code, usize)>) {
        let got = parse(text, 1 << 20).map(|_| ()).map_err(|d| (d.code, d.span.start));
        assert_eq!(got, expected, "{:?}", text.chars().take(60).collect::<String>());
    }

    #[test]
    fn good_and_bad_texts() {
        check("", Ok(()));
        check("\u{feff}a: 1", Ok(()));
        check("# only a comment\n", Ok(()));
        check("text: see *emphasis* & more", Ok(()));
        check("a: b: c", Err((Code::M001, 4)));
        check("ü: 1\nb: [1, 2", Err((Code::M001, 14)));
        check("a: 1\na: 2", Err((Code::M001, 0)));
        check("a: &x 1\nb: *x", Err((Code::M006, 11)));
        check("a: &x [1]\n*x : 2", Err((Code::M006, 10)));
        check("a: &x 1\nb: {*x: 2}", Err((Code::M006, 12)));
    }

    #[test]
    fn attacks_are_refused_before_they_cost_anything() {
        check(&"[".repeat(500_000), Err((Code::M006, MAX_DEPTH)));
        check(&"{a: ".repeat(200_000), Err((Code::M006, 4 * MAX_DEPTH)));
        check(&"- ".repeat(200_000), Err((Code::M006, 2 * MAX_DEPTH)));
        check(&"a: 1\n".repeat(3_000_000), Err((Code::M006, 0)));
        check(&"*".repeat(1 << 20), Err((Code::M001, 1)));
        assert!(parse(&"&*".repeat(1 << 19), 1 << 20).is_err());
        let deep: Vec<String> = (0..1400).map(|i| format!("{}a:", " ".repeat(i))).collect();
        assert!(parse(&deep.join("\n"), 1 << 20).is_err());
        let laughs = (1..9).fold("a0: &a0 [x]\n".to_owned(), |t, i| {
            let refs = vec![format!("*a{}", i - 1); 10].join(",");
            format!("{t}a{i}: &a{i} [{refs}]\n")
        });
        assert_eq!(parse(&laughs, 1 << 20).unwrap_err().code, Code::M006);
    }

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]
        #[test]
        fn any_text_gives_an_answer(text in "[-a-c:*&|>'\"{}\\[\\] #\n\t,é0-9!%?]{0,80}") {
            if let Err(finding) = parse(&text, 1 << 20) {
                proptest::prop_assert!(text.get(finding.span.start..finding.span.end).is_some());
            }
        }
    }
}
