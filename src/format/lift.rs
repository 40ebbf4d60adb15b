use crate::diagnostic::Diagnostic;
use crate::document::Document;
use crate::model::Session;

use super::SourceMap;

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

/// Understands `document`, found in the session directory named `directory`.
///
/// Total: whatever is not understood stays text, with a finding where a person should look.
#[must_use]
pub fn lift(document: Document, found: Vec<Diagnostic>, directory: &str) -> Lifted {
    let session = Session { id: directory.to_owned(), directory: directory.to_owned(), ..Session::default() };
    Lifted { document, session, map: SourceMap::default(), diagnostics: found }
}
