use crate::diagnostic::{Code, Fix};
use crate::text::{BLANKS, Edit, TextRange};

use super::{Reader, rules_around_text};

/// Findings about a file that has no front matter but looks as if it should.
pub(super) fn read(reader: &mut Reader<'_>) {
    let (text, document) = (reader.text, reader.document);
    if document.front_matter().is_some() {
        return;
    }
    if let Some(found) = rules_around_text(document) {
        let message = "text between two rules is no mapping; read as a part of the body";
        reader.report(Code::S105, found.whole, message);
        return;
    }
    let lines = document.lines();
    let start = document.body().start;
    let Some(line) = (0..lines.count().min(8)).find(|l| {
        let content = lines.content(text, *l);
        !TextRange::new(content.start.max(start), content.end).of(text).trim().is_empty()
    }) else {
        return;
    };
    let content = lines.content(text, line);
    let content = TextRange::new(content.start.max(start), content.end);
    let slice = content.of(text);
    let next = lines.content(text, line + 1).of(text);
    let has_key = next.split_once(':').is_some_and(|(k, v)| {
        !k.is_empty() && !k.contains(BLANKS) && !k.starts_with('-') && (v.is_empty() || v.starts_with(BLANKS))
    });
    let dashes = slice.trim_matches(BLANKS);
    if line == 0 && slice.trim_end_matches(BLANKS) == "---" {
        if has_key {
            reader.report(Code::S101, content, "front matter is never closed; none is read");
        }
    } else if slice.starts_with("+++") || dashes == "{" || is_other_language(slice) {
        reader.report(Code::S109, content, "front matter in another language than YAML is not read");
    } else if dashes.len() >= 3 && dashes.bytes().all(|b| b == b'-') && has_key {
        near_miss(reader, line, TextRange::new(start, content.end), dashes);
    }
}

/// `---toml`, `--- json`, `--- yaml`.
fn is_other_language(line: &str) -> bool {
    line.strip_prefix("---").is_some_and(|rest| matches!(rest.trim(), "toml" | "json" | "yaml"))
}

fn near_miss(reader: &mut Reader<'_>, line: usize, opener: TextRange, dashes: &str) {
    let (text, lines) = (reader.text, reader.document.lines());
    let message =
        "looks like front matter, but it is only one right at the top between lines of three dashes";
    let at = lines.content(text, line);
    let closing = (line + 1..lines.count()).find(|l| {
        let content = lines.content(text, *l).of(text).trim_end_matches(BLANKS);
        content == dashes || content == "---" || content == "..."
    });
    let Some(closing) = closing else {
        reader.report(Code::S108, at, message);
        return;
    };
    let edits = vec![Edit::replace(opener, "---"), Edit::replace(lines.content(text, closing), "---")];
    reader.report_fix(Code::S108, at, message, Fix::safe("make it front matter", edits));
}
