use std::sync::Arc;

use super::Document;
use crate::diagnostic::Diagnostic;
use crate::text::{ContentHash, LineIndex, TextRange};

/// How much of a text is taken in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// Largest file that is parsed, in bytes.
    pub max_bytes: usize,
    /// Deepest nesting of containers that is taken as structure.
    pub max_depth: u16,
}

impl Default for Limits {
    fn default() -> Self {
        Self { max_bytes: 32 << 20, max_depth: 64 }
    }
}

/// Parses a file's bytes. Total: whatever the bytes are, a document comes out.
///
/// Reports the findings of family F; the others are the business of `format`.
#[must_use]
pub fn parse(bytes: &[u8], limits: Limits) -> (Document, Vec<Diagnostic>) {
    let _ = limits;
    let text: Arc<str> = String::from_utf8_lossy(bytes).into();
    let document = Document {
        hash: ContentHash::of(bytes),
        lines: LineIndex::new(&text),
        front_matter: None,
        body: TextRange::new(0, text.len()),
        blocks: Vec::new(),
        writable: true,
        text,
    };
    (document, Vec::new())
}
