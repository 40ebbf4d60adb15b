use std::borrow::Cow;
use std::fmt::Write as _;

/// The text as it may be shown on a terminal: characters that a terminal would act on
/// instead of showing are spelled out.
///
/// C0 controls and DEL become `^[`, `^@`, `^?`; C1 controls, bidirectional controls, line and
/// paragraph separators and the zero-width no-break space become `\u{202e}`. Tabs and line ends
/// (`\n`, `\r\n`) stay, so do all letters, emoji and the joiners inside emoji sequences.
/// Texts without such characters are borrowed, not copied.
///
/// Every text that comes from a file or a file name goes through here before it is printed.
#[must_use]
pub fn visible(text: &str) -> Cow<'_, str> {
    if !text.chars().any(acts) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if c == '\r' && chars.peek() == Some(&'\n') {
            out.push(c);
        } else {
            push_visible(&mut out, c);
        }
    }
    Cow::Owned(out)
}

/// Appends the harmless form of `c`.
pub(super) fn push_visible(out: &mut String, c: char) {
    if !acts(c) {
        out.push(c);
    } else if c.is_ascii() {
        // The caret form: the letter 64 places away, so ESC is ^[ and DEL is ^?.
        out.push('^');
        out.push(char::from(c as u8 ^ 0x40));
    } else {
        // Writing to a String cannot fail.
        let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
    }
}

/// Whether a terminal acts on `c` instead of showing it.
fn acts(c: char) -> bool {
    match c {
        '\t' | '\n' => false,
        '\u{61c}'
        | '\u{200e}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2066}'..='\u{2069}'
        | '\u{feff}' => true,
        _ => c.is_control(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(visible(text), expected);
    }

    #[test]
    fn controls_are_spelled_out() {
        check("a\u{1b}[31mred", "a^[[31mred");
        check("\0\u{7}\u{7f}", "^@^G^?");
        check("\u{9b}31m", "\\u{9b}31m");
        check("\u{feff}# Title", "\\u{feff}# Title");
        check("pay \u{202e}txt.exe\u{202c}", "pay \\u{202e}txt.exe\\u{202c}");
        check("\u{2066}\u{2069}\u{200e}\u{200f}\u{61c}", "\\u{2066}\\u{2069}\\u{200e}\\u{200f}\\u{61c}");
        check("a\u{2028}b\u{2029}", "a\\u{2028}b\\u{2029}");
    }

    #[test]
    fn a_lone_carriage_return_cannot_overwrite_the_line() {
        check("good\rbad", "good^Mbad");
        check("a\r\nb\n", "a\r\nb\n");
        check("a\r\r\n", "a^M\r\n");
        check("a\u{7}\r\n", "a^G\r\n");
    }

    #[test]
    fn texts_of_all_scripts_are_borrowed() {
        let texts = [
            "",
            "a\tb\n",
            "👩\u{200d}💻 👨\u{200d}👩\u{200d}👧 🏳\u{fe0f}\u{200d}🌈",
            "שלום 日本語 می\u{200c}خواهم",
        ];
        for text in texts {
            assert!(matches!(visible(text), Cow::Borrowed(same) if same == text));
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn nothing_that_acts_is_left_and_twice_is_once(text in any::<String>()) {
            let once = visible(&text);
            prop_assert!(!once.replace("\r\n", "\n").chars().any(acts));
            prop_assert_eq!(visible(&once), once.as_ref());
        }
    }
}
