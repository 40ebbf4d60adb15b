use crate::text::TextRange;

/// The beginning of a list item, read from its bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ItemStart {
    /// The list marker: `-`, `12.`.
    pub marker: TextRange,
    /// Where the item's content begins: behind the blanks (and line ends) after the marker.
    pub content: usize,
    /// The symbol between the brackets, where the content begins with a checkbox.
    pub symbol: Option<(char, TextRange)>,
    /// Whether a blank or the line's end follows the checkbox.
    pub spaced: bool,
}

impl ItemStart {
    /// Whether the bytes are exactly marker, blanks, `[`, one character, `]`, blank or line end.
    #[must_use]
    pub fn is_checkbox(&self) -> bool {
        self.symbol.is_some() && self.spaced
    }
}

/// Reads the list marker at `start` and what follows it; `None` where there is no marker.
#[must_use]
pub fn item_start(text: &str, start: usize) -> Option<ItemStart> {
    let bytes = text.as_bytes();
    let mut at = start;
    match *bytes.get(at)? {
        b'-' | b'*' | b'+' => at += 1,
        b'0'..=b'9' => {
            while bytes.get(at).is_some_and(u8::is_ascii_digit) && at - start < 10 {
                at += 1;
            }
            if at - start > 9 || !matches!(bytes.get(at), Some(b'.' | b')')) {
                return None;
            }
            at += 1;
        }
        _ => return None,
    }
    let marker = TextRange::new(start, at);
    while matches!(bytes.get(at), Some(b' ' | b'\t' | b'\r' | b'\n')) {
        at += 1;
    }
    let mut found = ItemStart { marker, content: at, symbol: None, spaced: false };
    if at == marker.end || bytes.get(at) != Some(&b'[') {
        return Some(found);
    }
    let symbol_at = at + 1;
    let Some(symbol) = text[symbol_at..].chars().next().filter(|c| !matches!(c, '\n' | '\r')) else {
        return Some(found);
    };
    let close = symbol_at + symbol.len_utf8();
    if bytes.get(close) == Some(&b']') {
        found.symbol = Some((symbol, TextRange::new(symbol_at, close)));
        found.spaced = matches!(bytes.get(close + 1), None | Some(b' ' | b'\t' | b'\r' | b'\n'));
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<char>) {
        let found = item_start(text, 0).filter(ItemStart::is_checkbox);
        assert_eq!(found.and_then(|f| f.symbol).map(|(c, _)| c), expected, "{text:?}");
        if let Some((c, at)) = found.and_then(|f| f.symbol) {
            assert_eq!(at.of(text), c.to_string());
        }
    }

    #[test]
    fn checkboxes() {
        for (text, symbol) in [
            ("- [ ] a", ' '),
            ("* [x]", 'x'),
            ("+\t[日]\ta", '日'),
            ("-\n  [x] a", 'x'),
            ("123456789) [-] a", '-'),
            ("1. [😀] a", '😀'),
        ] {
            check(text, Some(symbol));
        }
        for text in [
            "- [x]a",
            "-[ ] a",
            "- []",
            "- [  ] a",
            "- [x]\u{a0}a",
            "- &#91; ] a",
            "- [&#120;] a",
            "[ ] a",
            "1234567890. [ ] a",
            "- [a]: /u",
            "- \\[ ] x",
            "- [",
            "- [x",
            "",
        ] {
            check(text, None);
        }
    }
}
