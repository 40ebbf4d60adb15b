use crate::text::ContentHash;

/// The hash of a generated block's inner text that a formatter's run does not change: the first
/// 8 hex digits over the text without blank lines, blanks at both ends of lines, list markers
/// and escapes, whatever its line ends.
#[must_use]
pub fn block_hash(inner: &str) -> String {
    let lines: Vec<String> = inner.split(['\n', '\r']).map(normal_line).filter(|l| !l.is_empty()).collect();
    let mut hash = ContentHash::of(lines.join("\n").as_bytes()).hex();
    hash.truncate(8);
    hash
}

/// Whether `hash`, as a marker states it, is that of this inner text.
#[must_use]
pub fn is_block_hash(hash: &str, inner: &str) -> bool {
    hash.eq_ignore_ascii_case(&block_hash(inner))
}

fn normal_line(line: &str) -> String {
    let mut line = line.trim();
    let mut out = String::with_capacity(line.len());
    if let Some(rest) = line.strip_prefix(['*', '+', '-']).filter(|r| r.starts_with([' ', '\t'])) {
        out.push('-');
        line = rest;
    } else {
        let digits = line.bytes().take_while(u8::is_ascii_digit).count();
        let rest =
            line[digits..].strip_prefix(['.', ')']).filter(|r| digits > 0 && r.starts_with([' ', '\t']));
        if let Some(rest) = rest {
            out.push_str("1.");
            line = rest;
        }
    }
    let line = line.strip_suffix('\\').unwrap_or(line);
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\\' if chars.peek().is_some_and(char::is_ascii_punctuation) => {}
            ' ' | '\t' => {
                if !out.ends_with(' ') {
                    out.push(' ');
                }
            }
            _ => out.push(c),
        }
    }
    out.truncate(out.trim_end().len());
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formatters_do_not_change_the_hash() {
        let plain = block_hash("* a  b\n\n2) c\\\n[k:: v]\n");
        for same in
            ["- a b\n1. c\n\\[k:: v\\]\n", "\r\n  + a b  \r\n1. c  \r\n[k:: v]", "* a\tb\r7) c\r[k:: v]"]
        {
            assert_eq!(block_hash(same), plain, "{same:?}");
        }
        assert_ne!(block_hash("- a c\n1. c\n[k:: v]\n"), plain);
        assert_eq!(plain.len(), 8);
    }
}
