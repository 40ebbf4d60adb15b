use crate::diagnostic::{Code, Fix};
use crate::document::BlockKind;
use crate::model::{BLOCK_NAMES, is_block_hash};
use crate::text::{BLANKS, Edit, TextRange};

use super::super::{BlockMarker, GeneratedBlock, SourceMap};
use super::Reader;

const PREFIX: &str = "<!-- plandown:";

/// Whether there can be generated blocks in a text; told without reading it as Markdown.
#[must_use]
pub fn may_have_blocks(text: &[u8]) -> bool {
    // Bytes that are no UTF-8 are taken for other characters, never for these.
    let mut rest = text;
    while let Some(at) = rest.iter().position(|&b| b == b'<') {
        if rest[at..].starts_with(PREFIX.as_bytes()) {
            return true;
        }
        rest = &rest[at + 1..];
    }
    false
}

struct Marker<'a> {
    begins: bool,
    name: &'a str,
    hash: TextRange,
    content: TextRange,
    line: TextRange,
}

fn marker(text: &str, content: TextRange, line: TextRange) -> Option<Marker<'_>> {
    let slice = content.of(text).trim_matches(BLANKS);
    let inner = slice.strip_prefix(PREFIX)?.strip_suffix("-->")?.trim_end();
    let (verb, rest) = inner.split_once(' ')?;
    let begins = match verb {
        "begin" => true,
        "end" => false,
        _ => return None,
    };
    let mut words = rest.split_whitespace();
    let name = words.next()?;
    let hash = words.find_map(|w| w.strip_prefix("h=")).filter(|h| begins && h.len() == 8);
    let place = |h: &str| {
        let start = content.start + (h.as_ptr() as usize - content.of(text).as_ptr() as usize);
        TextRange::new(start, start + h.len())
    };
    let start = content.start + (slice.as_ptr() as usize - content.of(text).as_ptr() as usize);
    let content = TextRange::new(start, start + slice.len());
    Some(Marker { begins, name, hash: hash.map_or(TextRange::empty(content.end), place), content, line })
}

/// Finds the generated blocks and everything that is wrong with their markers.
pub(super) fn read(reader: &mut Reader<'_>, map: &mut SourceMap) {
    let (text, lines, body) = (reader.text, reader.document.lines(), reader.document.body());
    if !body.of(text).contains(PREFIX) {
        return;
    }
    let code: Vec<TextRange> = reader
        .document
        .blocks()
        .iter()
        .filter(|b| matches!(b.kind, BlockKind::Fenced { .. } | BlockKind::Indented))
        .map(|b| TextRange::new(lines.start(b.first_line), lines.start(b.last_line + 1)))
        .collect();
    let mut open: Option<(Marker<'_>, bool)> = None;
    for line in lines.line_of(body.start)..lines.count() {
        let content = lines.content(text, line);
        let content = TextRange::new(content.start.max(body.start), content.end);
        let whole = TextRange::new(content.start, lines.full(line).end);
        let Some(found) = marker(text, content, whole) else { continue };
        let inside = code.partition_point(|c| c.end <= found.content.start);
        if code.get(inside).is_some_and(|c| c.contains(found.content.start)) {
            reader.report(Code::R708, found.content, "marker inside code; ignored");
            continue;
        }
        if found.begins {
            if let Some((_, tainted)) = &mut open {
                *tainted = true;
                let message = format!("block `{}` begins inside another one", found.name);
                reader.report(Code::R704, found.content, message);
            } else {
                if !BLOCK_NAMES.contains(&found.name) {
                    let message = format!("unknown block `{}`; made by a newer version?", found.name);
                    reader.report(Code::R709, found.content, message);
                }
                open = Some((found, false));
            }
            continue;
        }
        match open.take() {
            Some((begin, tainted)) if begin.name == found.name => {
                if !tainted {
                    close(reader, map, &begin, &found);
                }
            }
            other => {
                if other.as_ref().is_some_and(|(_, tainted)| *tainted) {
                    let message = format!("block `{}` ends inside another one", found.name);
                    reader.report(Code::R704, found.content, message);
                } else {
                    let fix = Fix::safe("remove the marker", vec![Edit::delete(found.line)]);
                    let message = format!("block `{}` ends without having begun", found.name);
                    reader.report_fix(Code::R703, found.content, message, fix);
                }
                open = other;
            }
        }
    }
    if let Some((begin, _)) = open {
        reader.report(Code::R702, begin.content, format!("block `{}` never ends", begin.name));
    }
}

fn close(reader: &mut Reader<'_>, map: &mut SourceMap, begin: &Marker<'_>, end: &Marker<'_>) {
    let whole = TextRange::new(begin.content.start, end.content.end);
    if map.generated.iter().any(|b| b.name == begin.name) {
        let message = format!("a second block `{}`; the first one is used", begin.name);
        reader.report(Code::R705, whole, message);
        return;
    }
    let inner = TextRange::new(begin.line.end, end.line.start);
    let pristine = is_block_hash(begin.hash.of(reader.text), inner.of(reader.text));
    if !pristine {
        let message = format!("generated block `{}` was edited by hand; it is not refreshed", begin.name);
        reader.report(Code::R701, whole, message);
    }
    map.generated.push(GeneratedBlock {
        name: begin.name.to_owned(),
        begin: BlockMarker { line: begin.line, hash: begin.hash },
        end: BlockMarker { line: end.line, hash: TextRange::empty(end.line.start) },
        inner,
        pristine,
    });
}
