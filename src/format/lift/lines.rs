use crate::text::{BLANKS, TextRange};

use super::super::LineSpan;

/// Reads `**Key**: value` or `**Key:** value`, `content` being a line's content (behind its list
/// marker, if any) and `line` the whole line with its line end.
pub(super) fn field_line(text: &str, content: TextRange, line: TextRange) -> Option<LineSpan> {
    let start = content.trimmed(text).start;
    let rest = TextRange::new(start, content.end).of(text);
    let inner = rest.strip_prefix("**")?;
    let close = inner.find("**").filter(|&n| n > 0)?;
    let (key, behind) = (&inner[..close], &inner[close + 2..]);
    let key_start = start + 2;
    let (key_len, value_start) = if let Some(key) = key.strip_suffix(':') {
        (key.len(), key_start + close + 2)
    } else {
        let value = behind.trim_start_matches(BLANKS).strip_prefix(':')?;
        (close, content.end - value.len())
    };
    let key = TextRange::new(key_start, key_start + key_len).trimmed(text);
    if key.is_empty() || key.of(text).contains('*') {
        return None;
    }
    let mut value = TextRange::new(value_start, content.end).trimmed(text);
    if value.is_empty() {
        value = TextRange::empty(value_start);
    }
    if value.of(text).ends_with('\\') {
        value = TextRange::new(value.start, value.end - 1).trimmed(text);
    }
    Some(LineSpan { line, key, value, hard_break: TextRange::new(value.end, content.end) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(line: &str, expected: Option<(&str, &str, &str)>) {
        let whole = TextRange::new(0, line.len());
        let found = field_line(line, whole, whole);
        let got = found.map(|f| (f.key.of(line), f.value.of(line), f.hard_break.of(line)));
        assert_eq!(got, expected, "{line:?}");
    }

    #[test]
    fn field_lines() {
        check("**Status**: Active  ", Some(("Status", "Active", "  ")));
        check("**Status:** Active\\", Some(("Status", "Active", "\\")));
        check("  **Last Updated** : x", Some(("Last Updated", "x", "")));
        check("**Progress**:40%", Some(("Progress", "40%", "")));
        check("**Status**:", Some(("Status", "", "")));
        for none in ["Status: x", "**bold** text", "****: x", "**a", "**a** b: c", "*a*: b", ""] {
            check(none, None);
        }
    }
}
