use std::ops::Range;

use crate::model::{TaskStatus, field_named};

/// Longest title that is written on the head line, in bytes; more moves to the description.
const MAX_TITLE: usize = 400;

/// Deepest run of list and quote markers on one line that is kept as structure.
const MAX_MARKERS: usize = 8;

/// Widest indentation of a list item that is kept as structure, in columns.
const MAX_INDENT: usize = 32;

/// A title as it can stand on a head line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TitleLine {
    /// The text.
    pub(crate) text: String,
    /// Whether the full title has to go to the description too.
    pub(crate) moved: bool,
    /// Whether signs of the format were put into code.
    pub(crate) escaped: bool,
}

/// Makes one line of any title that reads back as the same title where a line can carry it.
pub(crate) fn title(raw: &str, fallback: &str) -> TitleLine {
    let mut text = one_line(raw);
    let mut moved = raw.trim().lines().filter(|l| !l.trim().is_empty()).count() > 1;
    if text.is_empty() {
        let text = one_line(fallback);
        return TitleLine {
            text: if text.is_empty() { "untitled".to_owned() } else { text },
            moved,
            escaped: false,
        };
    }
    if moved {
        text = one_line(raw.trim().lines().next().unwrap_or(""));
    }
    if text.len() > MAX_TITLE {
        text = shortened(&text, MAX_TITLE);
        moved = true;
    }
    let dangers = hazards(&text);
    if dangers.is_empty() {
        return TitleLine { text, moved, escaped: false };
    }
    if has_open_code(&text) {
        text = text.replace('`', "'");
        moved = true;
    }
    let mut out = String::with_capacity(text.len() + 2 * dangers.len());
    let mut at = 0;
    for danger in hazards(&text) {
        out.push_str(text.get(at..danger.start).unwrap_or(""));
        let inner = text.get(danger.clone()).unwrap_or("");
        out.push('`');
        // A code span cannot hold its own delimiter.
        out.push_str(&inner.replace('`', "'"));
        out.push('`');
        at = danger.end;
    }
    out.push_str(text.get(at..).unwrap_or(""));
    TitleLine { text: out, moved, escaped: true }
}

/// What [`title`] was given, from what stands in the file.
pub(crate) fn title_back(written: &str) -> String {
    let mut out = String::with_capacity(written.len());
    let mut at = 0;
    for span in code_spans(written) {
        let inner = written.get(span.start + 1..span.end - 1).unwrap_or("");
        let own = hazards(inner).first().is_some_and(|h| h.start == 0 && h.end == inner.len());
        out.push_str(written.get(at..span.start).unwrap_or(""));
        out.push_str(if own { inner } else { written.get(span.clone()).unwrap_or("") });
        at = span.end;
    }
    out.push_str(written.get(at..).unwrap_or(""));
    out
}

/// Whether a title would be read differently if nothing came behind it but an id.
pub(crate) fn needs_tail(title: &str) -> bool {
    let word_inside = title.match_indices('(').any(|(at, _)| {
        title
            .get(at + 1..)
            .and_then(|r| r.split_once(')'))
            .is_some_and(|(w, _)| TaskStatus::parse(w).is_some())
    });
    let last = title.rsplit(' ').next().unwrap_or("");
    word_inside || last.starts_with('^') || title.ends_with([',', '\\', ')'])
}

/// One line without control characters, trimmed.
pub(crate) fn one_line(raw: &str) -> String {
    let spaced: String = raw
        .chars()
        .map(|c| if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}') { ' ' } else { c })
        .collect();
    spaced.trim().to_owned()
}

/// `text`, or where it has more than `max` bytes its beginning at a word boundary with an ellipsis.
pub(crate) fn shortened(text: &str, max: usize) -> String {
    if text.len() <= max {
        return text.to_owned();
    }
    let mut end = max.saturating_sub(3).min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let head = text.get(..end).unwrap_or("");
    let head = match head.rfind(' ') {
        Some(space) if space > max / 2 => head.get(..space).unwrap_or(head),
        _ => head,
    };
    format!("{head}…")
}

const DATE_AND_ID_SIGNS: &[char] = &[
    '📅', '📆', '🗓', '⏳', '⌛', '🛫', '➕', '✅', '❌', '🔺', '⏫', '🔼', '🔽', '⏬', '🆔', '⛔', '🔁', '🏁',
];

/// Parts of a title, outside code, that would be read as fields or ids.
fn hazards(text: &str) -> Vec<Range<usize>> {
    let masked = code_spans(text);
    let mut found: Vec<Range<usize>> = Vec::new();
    let mut skip_to = 0;
    for (at, c) in text.char_indices() {
        if at < skip_to || masked.iter().any(|m| m.contains(&at)) {
            continue;
        }
        let rest = text.get(at..).unwrap_or("");
        let len = match c {
            '[' | '(' => field_len(rest, c),
            '{' if rest.starts_with("{#") => rest.find('}').map(|n| n + 1),
            '<' if rest.starts_with("<!--") => rest.find("-->").map(|n| n + 3),
            '^' if text.get(..at).is_none_or(|b| b.is_empty() || b.ends_with(' ')) => {
                let len = rest.find(' ').unwrap_or(rest.len());
                rest.get(1..len).is_some_and(is_drawn_id).then_some(len)
            }
            c if DATE_AND_ID_SIGNS.contains(&c) => {
                let behind = rest.get(c.len_utf8()..).unwrap_or("");
                Some(c.len_utf8() + if behind.starts_with('\u{fe0f}') { 3 } else { 0 })
            }
            _ => None,
        };
        if let Some(len) = len {
            skip_to = at + len;
            // A backslash before it would escape the code sign.
            let before = text.get(..at).unwrap_or("");
            let start = before.trim_end_matches('\\').len();
            match found.last_mut() {
                Some(last) if last.end >= start => last.end = skip_to,
                _ => found.push(start..skip_to),
            }
        }
    }
    found
}

fn is_drawn_id(id: &str) -> bool {
    let rest = id.strip_prefix("t-").or_else(|| id.strip_prefix("T-"));
    rest.is_some_and(|r| r.len() == 6 && r.bytes().all(|b| b.is_ascii_alphanumeric()))
}

/// The length of `[key:: value]` at the start of `rest`, or up to `::` where it is never closed.
fn field_len(rest: &str, open: char) -> Option<usize> {
    let close = if open == '[' { ']' } else { ')' };
    let colons = rest.find("::")?;
    let key = rest.get(1..colons)?.trim_start_matches('\\');
    let is_key = key.starts_with(char::is_alphabetic)
        && key.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | ' '));
    if !is_key {
        return None;
    }
    let mut depth = 0_usize;
    for (at, c) in rest.char_indices() {
        if c == open {
            depth += 1;
        } else if c == close {
            depth = depth.saturating_sub(1);
            if depth == 0 {
                return Some(at + 1);
            }
        }
    }
    Some(colons + 2)
}

/// Code spans with one or more backticks, delimiters included.
fn code_spans(text: &str) -> Vec<Range<usize>> {
    let runs = backtick_runs(text);
    let (mut spans, mut at) = (Vec::new(), 0);
    while let Some(open) = runs.get(at) {
        match runs.iter().skip(at + 1).position(|r| r.len() == open.len()) {
            Some(n) => {
                let close = &runs[at + 1 + n];
                spans.push(open.start..close.end);
                at += n + 2;
            }
            None => at += 1,
        }
    }
    spans
}

fn has_open_code(text: &str) -> bool {
    let spans = code_spans(text);
    backtick_runs(text).iter().any(|r| !spans.iter().any(|s| s.contains(&r.start)))
}

fn backtick_runs(text: &str) -> Vec<Range<usize>> {
    let mut runs: Vec<Range<usize>> = Vec::new();
    for (at, _) in text.match_indices('`') {
        let before = text.get(..at).unwrap_or("");
        let is_escaped = (before.len() - before.trim_end_matches('\\').len()) % 2 == 1;
        if is_escaped {
            continue;
        }
        match runs.last_mut() {
            Some(last) if last.end == at => last.end += 1,
            _ => runs.push(at..at + 1),
        }
    }
    runs
}

/// A value that can stand in `[key:: value]`.
pub(crate) fn value(raw: &str) -> String {
    let mut text = one_line(raw).replace('`', "'");
    let mut depth = 0_i64;
    let balanced = text.chars().all(|c| {
        depth += i64::from(c == '[') - i64::from(c == ']');
        depth >= 0
    }) && depth == 0;
    if !balanced {
        text = text.replace('[', "(").replace(']', ")");
    }
    text.trim_end_matches('\\').trim().to_owned()
}

/// One word of a comma list.
pub(crate) fn list_word(raw: &str) -> String {
    value(raw)
        .replace([',', '"'], " ")
        .replace(['[', ']'], " ")
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}

/// A key that can stand before `::`; `None` where nothing of it can.
pub(crate) fn key(raw: &str) -> Option<String> {
    let kept: String =
        raw.chars().map(|c| if c.is_alphanumeric() || matches!(c, '_' | '-') { c } else { '-' }).collect();
    let kept = kept.trim_matches('-').trim_start_matches(|c: char| !c.is_alphabetic());
    let short: String = kept.chars().take(30).collect();
    (!short.is_empty()).then_some(short)
}

/// A heading's text: one line that an ATX heading gives back.
pub(crate) fn heading(raw: &str, fallback: &str) -> String {
    let line = one_line(raw.trim().lines().next().unwrap_or(""));
    let line = if line.len() > 200 { shortened(&line, 200) } else { line };
    let line = if line.is_empty() { fallback.to_owned() } else { line };
    let bare = line.trim_end_matches('#');
    match line.len() - bare.len() {
        0 => line,
        _ if !bare.is_empty() && !bare.ends_with(' ') => line,
        n => format!("{bare}\\{}", "#".repeat(n)),
    }
}

/// What [`heading`] was given, from what stands in the file.
pub(crate) fn heading_back(written: &str) -> String {
    let bare = written.trim_end_matches('#');
    match bare.strip_suffix('\\') {
        Some(rest) if bare.len() < written.len() => format!("{rest}{}", &written[bare.len()..]),
        _ => written.to_owned(),
    }
}

/// Text that can stand inside a list item without becoming tasks, fields or anything behind it.
pub(crate) fn body(raw: &str) -> String {
    let clean: String = raw
        .replace("\r\n", "\n")
        .chars()
        .map(|c| if c == '\r' { '\n' } else { c })
        .filter(|c| !c.is_control() || matches!(c, '\n' | '\t'))
        .collect();
    let clean = clean.trim_end();
    let mut out = String::with_capacity(clean.len());
    let mut fence: Option<Fence> = None;
    let lines: Vec<&str> = clean.split('\n').skip_while(|l| l.trim().is_empty()).collect();
    for (n, line) in lines.iter().enumerate() {
        if let Some(open) = fence.filter(|f| f.is_left_by(line)) {
            out.push_str(&open.closing());
            out.push('\n');
            fence = None;
        }
        let inside = fence.is_some();
        fence = fence_after(fence, line);
        if inside || fence.is_some() {
            out.push_str(line);
        } else {
            let below = lines.get(n + 1..).unwrap_or_default();
            out.push_str(&plain_line(line, below));
        }
        out.push('\n');
    }
    if let Some(open) = fence {
        out.push_str(&open.closing());
    }
    out.truncate(out.trim_end().len());
    out
}

/// What [`body`] was given, from what stands in the file.
pub(crate) fn body_back(written: &str) -> String {
    let mut fence = None;
    let lines = written.lines().map(|line| {
        let inside = fence.is_some();
        fence = fence_after(fence, line);
        if inside || fence.is_some() {
            return line.to_owned();
        }
        let (lead, rest) = behind_markers(line);
        let back = rest
            .strip_prefix("\\[")
            .filter(|r| is_checkbox_rest(r) || is_box_label(r))
            .map(|r| format!("[{r}"))
            .or_else(|| {
                let bare = rest.strip_prefix('\\')?;
                ["<", "```", "~~~"].iter().any(|m| bare.starts_with(m)).then(|| bare.to_owned())
            })
            .or_else(|| {
                let (key, behind) = rest.strip_prefix("__")?.split_once("__:")?;
                field_named(key).map(|_| format!("**{key}**:{behind}"))
            });
        back.map_or_else(|| line.to_owned(), |b| format!("{lead}{b}"))
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// An open code fence.
#[derive(Clone, Copy, Debug)]
struct Fence {
    sign: char,
    len: usize,
    indent: usize,
}

impl Fence {
    /// Whether a line may stand outside the list item that the fence stands in, which then ends
    /// without a closing line.
    fn is_left_by(&self, line: &str) -> bool {
        self.indent > 0 && !line.trim().is_empty() && indent_of(line) < self.indent
    }

    fn closing(&self) -> String {
        " ".repeat(self.indent).chars().chain(std::iter::repeat_n(self.sign, self.len)).collect()
    }
}

/// Columns of blanks at the beginning; a tab reaches to the next multiple of four.
fn indent_of(line: &str) -> usize {
    let blanks = line.chars().take_while(|c| matches!(c, ' ' | '\t'));
    blanks.fold(0, |at, c| if c == '\t' { (at / 4 + 1) * 4 } else { at + 1 })
}

/// The fence that is open behind a line. One behind a list or quote marker is not looked at:
/// [`plain_line`] escapes it.
fn fence_after(fence: Option<Fence>, line: &str) -> Option<Fence> {
    let text = line.trim_start();
    let indent = indent_of(line);
    let Some(sign) = text.chars().next().filter(|c| matches!(c, '`' | '~')) else { return fence };
    let len = text.chars().take_while(|c| *c == sign).count();
    let info = text.get(len..).unwrap_or("");
    match fence {
        Some(open) => {
            let closes =
                sign == open.sign && len >= open.len && info.trim().is_empty() && indent < open.indent + 4;
            if closes { None } else { fence }
        }
        None if len >= 3 && !(sign == '`' && info.contains('`')) => Some(Fence { sign, len, indent }),
        None => None,
    }
}

/// Splits a line behind its indentation and list and quote markers.
fn behind_markers(line: &str) -> (&str, &str) {
    let mut at = line.len() - line.trim_start().len();
    while let Some(len) = marker_len(line.get(at..).unwrap_or("")) {
        at += len;
    }
    line.split_at(at.min(line.len()))
}

/// The length of one list or quote marker with the blanks behind it.
fn marker_len(text: &str) -> Option<usize> {
    let sign = match text.bytes().next()? {
        b'>' => 1,
        b'-' | b'*' | b'+' => 1,
        b'0'..=b'9' => {
            let digits = text.bytes().take_while(u8::is_ascii_digit).count();
            matches!(text.as_bytes().get(digits), Some(b'.' | b')')).then_some(digits + 1)?
        }
        _ => return None,
    };
    let behind = text.get(sign..)?;
    let blanks = behind.len() - behind.trim_start_matches([' ', '\t']).len();
    (blanks > 0 || behind.is_empty() || text.starts_with('>')).then_some(sign + blanks)
}

fn is_checkbox_rest(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next().is_some()
        && chars.next() == Some(']')
        && chars.next().is_none_or(|c| matches!(c, ' ' | '\t'))
}

/// Whether `[` and this define or begin a link called like a checkbox: it would turn every
/// checkbox of the file into a link.
fn is_box_label(text: &str) -> bool {
    let label = text.split(']').next().unwrap_or(text);
    let closed = text.len() > label.len();
    let is_defined = !closed || text.get(label.len() + 1..).is_some_and(|t| t.starts_with(':'));
    is_defined && label.trim().trim_start_matches('\\').chars().count() <= 1
}

fn plain_line(line: &str, below: &[&str]) -> String {
    let indent = line.len() - line.trim_start().len();
    let (mut lead, text) = behind_markers(line);
    let mut markers = 0;
    let mut at = indent;
    while let Some(len) = marker_len(line.get(at..).unwrap_or("")) {
        markers += 1;
        at += len;
    }
    if markers > MAX_MARKERS || (markers > 0 && indent > MAX_INDENT) {
        return format!("\\{}", line.trim_start());
    }
    // A deep indentation alone is code, or nothing.
    if indent > MAX_INDENT && markers == 0 {
        lead = lead.get(..MAX_INDENT).unwrap_or(lead);
    }
    let is_box =
        text.strip_prefix('[').is_some_and(|r| (markers > 0 && is_checkbox_rest(r)) || is_box_label(r));
    if is_box {
        return format!("{lead}\\{text}");
    }
    if markers > 0
        && let Some((key, behind)) = text.strip_prefix("**").and_then(|t| t.split_once("**"))
    {
        let (key, behind) = match key.strip_suffix(':') {
            Some(key) => (key, Some(behind)),
            None => (key, behind.trim_start().strip_prefix(':')),
        };
        if let (Some(behind), Some(_)) = (behind, field_named(key)) {
            return format!("{lead}__{key}__:{behind}");
        }
    }
    if markers > 0 && (text.starts_with("```") || text.starts_with("~~~")) {
        return format!("{lead}\\{text}");
    }
    if opens_long_html(text, below) || text.starts_with("<!-- plandown:") {
        return format!("{lead}\\{text}");
    }
    format!("{lead}{text}")
}

/// Whether a line may open an HTML block in which other text would be no Markdown any more: one
/// that only its own end closes and that end is not on the line, or one with text before the next
/// blank line that is no tag.
fn opens_long_html(line: &str, below: &[&str]) -> bool {
    if !line.starts_with('<') {
        return false;
    }
    let lower = line.to_ascii_lowercase();
    let ends: &[(&str, &str)] = &[
        ("<!--", "-->"),
        ("<?", "?>"),
        ("<![cdata[", "]]>"),
        ("<!", ">"),
        ("<script", "</script>"),
        ("<pre", "</pre>"),
        ("<style", "</style>"),
        ("<textarea", "</textarea>"),
    ];
    if let Some((open, end)) = ends.iter().find(|(open, _)| lower.starts_with(open)) {
        return !lower.get(open.len()..).unwrap_or("").contains(end);
    }
    let mut block = below.iter().map(|l| l.trim_start()).take_while(|l| !l.is_empty());
    block.any(|l| !l.starts_with('<'))
}

/// Text that can stand right below a heading: as it is where it is harmless, else as a quote.
pub(crate) fn quoted(raw: &str) -> (String, bool) {
    let text = body(raw);
    let mut fence = None;
    let mut harmless = !text.starts_with("**");
    for line in text.lines() {
        let inside = fence.is_some();
        fence = fence_after(fence, line);
        if inside {
            harmless &= !is_conflict_marker(line);
            continue;
        }
        let start = line.trim_start();
        let is_rule = !start.is_empty() && start.chars().all(|c| matches!(c, '-' | '=' | ' '));
        let is_markup =
            start.starts_with(['#', '<', '>']) || start.starts_with("[^") || start.starts_with("  ");
        harmless &= !is_rule && !is_markup && !is_conflict_marker(line);
    }
    if harmless {
        return (text, false);
    }
    let lines = text.lines().map(|l| if l.is_empty() { ">".to_owned() } else { format!("> {l}") });
    (lines.collect::<Vec<_>>().join("\n"), true)
}

fn is_conflict_marker(line: &str) -> bool {
    ["<<<<<<<", "=======", ">>>>>>>", "|||||||"].iter().any(|m| line.starts_with(m))
}

/// What [`quoted`] was given, from what stands in the file.
pub(crate) fn unquoted(written: &str) -> String {
    let all_quoted = !written.is_empty() && written.lines().all(|l| l.starts_with('>'));
    if !all_quoted {
        return body_back(written);
    }
    let lines = written.lines().map(|l| l.strip_prefix("> ").or_else(|| l.strip_prefix('>')).unwrap_or(l));
    body_back(&lines.collect::<Vec<_>>().join("\n"))
}

/// Lines without the blanks that all of them begin with.
pub(crate) fn dedented(text: &str) -> String {
    let blanks = |l: &str| l.len() - l.trim_start_matches([' ', '\t']).len();
    let common = text.lines().filter(|l| !l.trim().is_empty()).map(blanks).min().unwrap_or(0);
    let lines = text.lines().map(|l| l.get(common..).unwrap_or("").trim_end_matches('\r'));
    let joined = lines.collect::<Vec<_>>().join("\n");
    joined.trim_start_matches('\n').trim_end().to_owned()
}
