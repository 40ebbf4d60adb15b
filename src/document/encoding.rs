use crate::diagnostic::{Code, Diagnostic, Fix};
use crate::text::{Edit, Eol, LineIndex, TextRange};

/// Findings about the bytes themselves: byte-order mark, line ends, control characters.
pub(super) fn findings(text: &str, lines: &LineIndex) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    if text.starts_with('\u{feff}') {
        let mark = TextRange::new(0, '\u{feff}'.len_utf8());
        let fix = Fix::unsafe_("remove the byte-order mark", vec![Edit::delete(mark)]);
        found.push(Diagnostic::new(Code::F002, mark, "the file begins with a byte-order mark").with_fix(fix));
    }
    line_ends(text, lines, &mut found);
    characters(text, &mut found);
    found
}

fn line_ends(text: &str, lines: &LineIndex, found: &mut Vec<Diagnostic>) {
    let (lf, crlf, cr) = lines.eol_counts();
    let wanted = match lines.dominant_eol() {
        Eol::Cr => Eol::Lf,
        other => other,
    };
    if lf > 0 && crlf > 0 {
        let edits = rewrites(text, lines, |eol| eol != wanted && eol != Eol::Cr, wanted);
        if let Some(first) = edits.first() {
            let message = format!("mixed line ends ({lf} LF, {crlf} CRLF)");
            let finding = Diagnostic::new(Code::F003, first.range, message);
            found.push(finding.with_fix(Fix::unsafe_("use one kind of line end", edits)));
        }
    }
    if cr > 0 {
        let edits = rewrites(text, lines, |eol| eol == Eol::Cr, wanted);
        if let Some(first) = edits.first() {
            let message = format!("{cr} lone CR used as line end");
            let finding = Diagnostic::new(Code::F008, first.range, message);
            found.push(finding.with_fix(Fix::unsafe_("replace lone CR", edits)));
        }
    }
}

fn rewrites(text: &str, lines: &LineIndex, is_wrong: impl Fn(Eol) -> bool, to: Eol) -> Vec<Edit> {
    let mut edits = Vec::new();
    for line in 0..lines.count() {
        let (full, content) = (lines.full(line), lines.content(text, line));
        let range = TextRange::new(content.end, full.end);
        let eol = match range.of(text) {
            "\n" => Eol::Lf,
            "\r\n" => Eol::CrLf,
            "\r" => Eol::Cr,
            _ => continue,
        };
        if is_wrong(eol) {
            edits.push(Edit::replace(range, to.as_str()));
        }
    }
    edits
}

fn characters(text: &str, found: &mut Vec<Diagnostic>) {
    let mut control: Vec<Edit> = Vec::new();
    let mut bidi: Option<(TextRange, usize)> = None;
    let bytes = text.as_bytes();
    // Stretches without any such byte, nearly all, are passed in one step.
    let is_plain = |byte: &u8| (32..127).contains(byte) || matches!(byte, b'\t' | b'\n' | b'\r');
    let suspicious = bytes
        .chunks(64)
        .enumerate()
        .filter(|(_, chunk)| !chunk.iter().fold(true, |plain, byte| plain & is_plain(byte)));
    for (at, byte) in suspicious.flat_map(|(n, chunk)| (n * 64..).zip(chunk)) {
        match byte {
            0..=8 | 11 | 12 | 14..=31 | 127 => control.push(Edit::delete(TextRange::new(at, at + 1))),
            // U+202A–202E and U+2066–2069 are E2 80 AA–AE and E2 81 A6–A9.
            0xE2 if matches!(
                (bytes.get(at + 1), bytes.get(at + 2)),
                (Some(0x80), Some(0xAA..=0xAE)) | (Some(0x81), Some(0xA6..=0xA9))
            ) =>
            {
                let (_, count) = bidi.get_or_insert((TextRange::new(at, at + 3), 0));
                *count += 1;
            }
            _ => {}
        }
    }
    if let Some(first) = control.first() {
        let message = format!("control characters in the text ({} in all)", control.len());
        let finding = Diagnostic::new(Code::F004, first.range, message);
        found.push(finding.with_fix(Fix::unsafe_("remove control characters", control)));
    }
    if let Some((at, count)) = bidi {
        let message =
            format!("bidirectional control characters can make text look different ({count} in all)");
        found.push(Diagnostic::new(Code::F010, at, message));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Edits;

    #[track_caller]
    fn check(text: &str, expected: &[(Code, Option<&str>)]) {
        let found = findings(text, &LineIndex::new(text));
        let got: Vec<_> = found
            .iter()
            .map(|d| {
                let fixed =
                    d.fix.as_ref().map(|f| Edits::new(text, f.edits.clone()).unwrap().apply(text).unwrap());
                (d.code, fixed)
            })
            .collect();
        let expected: Vec<_> = expected.iter().map(|(c, f)| (*c, f.map(str::to_owned))).collect();
        assert_eq!(got, expected, "{text:?}");
    }

    #[test]
    fn each_finding_once_with_its_fix() {
        check("a\nb\n", &[]);
        check("\u{feff}a", &[(Code::F002, Some("a"))]);
        check("a\r\nb\nc\r\n", &[(Code::F003, Some("a\r\nb\r\nc\r\n"))]);
        check("a\rb\r", &[(Code::F008, Some("a\nb\n"))]);
        check("a\0b\u{7f}\n", &[(Code::F004, Some("ab\n"))]);
        check("a\u{202e}b\u{2066}\n", &[(Code::F010, None)]);
    }
}
