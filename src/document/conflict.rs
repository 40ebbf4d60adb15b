use crate::text::{LineIndex, TextRange};

/// One region between conflict markers, as whole lines (0-based, inclusive).
#[derive(Clone, Debug)]
pub(super) struct Hunk {
    /// The lines of the markers themselves.
    pub markers: Vec<usize>,
    pub first: usize,
    pub last: usize,
}

/// Finds `<<<<<<< `, `=======`, `>>>>>>> ` at column 0 in this order.
pub(super) fn scan(text: &str, lines: &LineIndex) -> Vec<Hunk> {
    let mut hunks = Vec::new();
    if !text.contains("<<<<<<<") {
        return hunks;
    }
    let mut open: Option<(Hunk, bool)> = None;
    for line in 0..lines.count() {
        let content = lines.content(text, line).of(text);
        // A byte-order mark stands before the first line, not in it.
        let content = if line == 0 { content.strip_prefix('\u{feff}').unwrap_or(content) } else { content };
        if is_marker(content, "<<<<<<<") {
            open = Some((Hunk { markers: vec![line], first: line, last: line }, false));
            continue;
        }
        let Some((hunk, separated)) = &mut open else { continue };
        if content.trim_end() == "=======" || is_marker(content, "|||||||") {
            *separated |= content.starts_with('=');
            hunk.markers.push(line);
        } else if *separated && is_marker(content, ">>>>>>>") {
            hunk.markers.push(line);
            hunk.last = line;
            hunks.extend(open.take().map(|(h, _)| h));
        }
    }
    hunks
}

fn is_marker(line: &str, marker: &str) -> bool {
    line.strip_prefix(marker).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
}

/// `body` with the marker lines blanked, byte for byte as long, so that they are neither task
/// text nor setext underlines.
pub(super) fn blanked(text: &str, body: TextRange, lines: &LineIndex, hunks: &[Hunk]) -> String {
    let mut out = String::with_capacity(body.len());
    let mut at = body.start;
    for line in hunks.iter().flat_map(|h| &h.markers) {
        let content = lines.content(text, *line);
        let start = content.start.max(at);
        if content.end <= at {
            continue;
        }
        out.push_str(TextRange::new(at, start).of(text));
        out.extend(std::iter::repeat_n(' ', content.end - start));
        at = content.end;
    }
    out.push_str(TextRange::new(at, body.end).of(text));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[(usize, usize)]) {
        let lines = LineIndex::new(text);
        let hunks = scan(text, &lines);
        assert_eq!(hunks.iter().map(|h| (h.first, h.last)).collect::<Vec<_>>(), expected, "{text:?}");
        let body = TextRange::new(0, text.len());
        assert_eq!(blanked(text, body, &lines, &hunks).len(), text.len());
    }

    #[test]
    fn only_complete_hunks_in_order() {
        check("a\n<<<<<<< HEAD\nx\n=======\ny\n>>>>>>> b\nz\n", &[(1, 5)]);
        check("<<<<<<< a\r\n||||||| b\r\n=======\r\n>>>>>>> c\r\n", &[(0, 3)]);
        check("\u{feff}<<<<<<< a\n=======\n>>>>>>> b\n", &[(0, 2)]);
        for none in [
            "x\n\u{feff}<<<<<<< a\n=======\n>>>>>>> b\n",
            "<<<<<<< a\n\u{feff}=======\n>>>>>>> b\n",
            "\u{feff}\u{feff}<<<<<<< a\n=======\n>>>>>>> b\n",
        ] {
            check(none, &[]);
        }
        for none in ["a\n=======\n", "<<<<<<< a\n>>>>>>> b\n=======\n", " <<<<<<< a\n=======\n>>>>>>> b\n"] {
            check(none, &[]);
        }
    }
}
