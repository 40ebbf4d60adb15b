//! A document understood as a session: pure reading.
//!
//! Never fails, never changes a byte; whatever is not understood stays text, with a finding where
//! a person should look. Every stored place re-reads to the value that was stored.

mod adoption;
mod earlier;
mod fields;
mod front_matter;
mod generated;
mod groups;
mod guard;
mod head;
mod header;
mod header_checks;
mod headings;
mod ids;
mod lines;
mod mask;
mod near_front_matter;
mod near_miss;
mod prose;
mod status;
mod tail;
mod task_checks;
mod tasks;

use crate::diagnostic::{Code, Diagnostic, Fix};
use crate::document::{Document, FrontMatter, parse_after, split_front_matter};
use crate::model::Session;
use crate::text::{Edit, TextRange};

use super::SourceMap;
use earlier::Earlier;

pub use adoption::{adoption, readoption};
pub use front_matter::foreign_keys;
pub use generated::may_have_blocks;

/// A document understood as a session.
#[derive(Clone, Debug)]
pub struct Lifted {
    /// The text with its outline.
    pub document: Document,
    /// What it says.
    pub session: Session,
    /// Where it says it.
    pub map: SourceMap,
    /// What is wrong with it: everything that can be told from this one file.
    pub diagnostics: Vec<Diagnostic>,
}

/// What the parts of the reading share.
pub(super) struct Reader<'a> {
    text: &'a str,
    document: &'a Document,
    found: Vec<Diagnostic>,
}

impl Reader<'_> {
    fn report(&mut self, code: Code, span: TextRange, message: impl Into<String>) {
        self.found.push(Diagnostic::new(code, span, message));
    }

    fn report_fix(&mut self, code: Code, span: TextRange, message: impl Into<String>, fix: Fix) {
        self.found.push(Diagnostic::new(code, span, message).with_fix(fix));
    }

    /// The line end to write where the text has none of its own to copy.
    fn eol(&self) -> &'static str {
        self.document.lines().dominant_eol().as_str()
    }
}

/// Understands `document`, found in the session directory named `directory`.
///
/// Total: whatever is not understood stays text, with a finding where a person should look.
#[must_use]
pub fn lift(document: Document, found: Vec<Diagnostic>, directory: &str) -> Lifted {
    lift_after(document, found, directory, None)
}

/// The same, faster where tasks stand in an earlier version, too.
fn lift_after(
    document: Document,
    found: Vec<Diagnostic>,
    directory: &str,
    mut earlier: Option<Earlier<'_>>,
) -> Lifted {
    let text = document.text();
    let mut reader = Reader { text, document: &document, found };
    let mut map = SourceMap::default();
    let mut session = Session { directory: directory.to_owned(), ..Session::default() };

    map.front_matter = front_matter::read(&mut reader);
    session.front_matter =
        map.front_matter.iter().map(|k| (k.name.clone(), prose::unix_lines(k.value.of(text)))).collect();
    let id = {
        let keys = session.front_matter_keys("id").filter_map(|i| map.front_matter.get(i));
        let mut ids = keys.map(|key| front_matter::scalar(text, key));
        ids.find(|v| !v.is_empty() && !header::is_placeholder(v)).unwrap_or(directory).to_owned()
    };
    session.id = id;

    let (title, outline) = headings::read(&mut reader);
    let mut layout = groups::read(&reader, title.as_ref(), &outline, &mut session, &mut map);
    header::read(&mut reader, title.as_ref(), &outline, &mut session, &mut map);
    tasks::read(&mut reader, &mut layout, &mut earlier, &mut session, &mut map);
    groups::headers(&reader, &mut session, &mut map);
    prose::fill(&reader, title.as_ref(), &mut session, &map);
    generated::read(&mut reader, &mut map);
    near_miss::read(&mut reader);
    header_checks::read(&mut reader, title.as_ref(), &layout, &session, &map);
    adoption::propose(&mut reader, &session, &map);

    let mut diagnostics = reader.found;
    for finding in diagnostics.iter_mut().filter(|d| d.code == Code::F009) {
        let edit = Edit::insert(0, format!("# {}\n", session.name));
        finding.fix = Some(Fix::safe("begin with a title", vec![edit]));
    }
    diagnostics.sort_by_key(|d| (d.span.start, d.span.end));
    let unknown_schema = diagnostics.iter().any(|d| d.code == Code::S107);
    let document = if unknown_schema { document.into_read_only() } else { document };
    Lifted { document, session, map, diagnostics }
}

/// Reads a later text of the session that `before` is.
#[must_use]
pub fn reread(text: &str, before: &Lifted) -> Lifted {
    let (document, found, kept) = parse_after(text.as_bytes(), before.document.limits(), &before.document);
    lift_after(document, found, &before.session.directory, Some(Earlier::of(before, kept)))
}

/// The block between `---` lines that is no mapping, and therefore was left in the body.
fn rules_around_text(document: &Document) -> Option<FrontMatter> {
    split_front_matter(document.text()).filter(|_| document.front_matter().is_none())
}

#[cfg(test)]
mod tests;
