use super::view::BESIDE;
use super::{Disk, SafeName};
use crate::text::ContentHash;
use std::path::{Path, PathBuf};

/// What a temp file is for, told by its name alone, so that any later process can finish or undo it:
/// `<pid>-<n>.<new>.<expected>.<session>` in `.state/tmp`, or `.plandown-tmp-<pid>-<n>.<new>.<expected>` beside
/// the session's file where the state lies on another file system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Intent {
    pub(super) ticket: String,
    pub(super) new: ContentHash,
    /// `None`: the session is to be created.
    pub(super) expected: Option<ContentHash>,
    pub(super) session: SafeName,
}

const ABSENT: &str = "absent";

impl Intent {
    pub(super) fn file_name(&self) -> String {
        let expected = self.expected.map_or_else(|| ABSENT.to_owned(), |hash| hash.hex());
        format!("{}.{}.{expected}.{}", self.ticket, self.new, self.session)
    }

    pub(super) fn beside_name(&self) -> String {
        let expected = self.expected.map_or_else(|| ABSENT.to_owned(), |hash| hash.hex());
        format!("{BESIDE}{}.{}.{expected}", self.ticket, self.new)
    }

    /// Reads a name in `.state/tmp`.
    pub(super) fn parse(name: &str) -> Option<Self> {
        let mut parts = name.splitn(4, '.');
        let (ticket, new, expected) = (parts.next()?, parts.next()?, parts.next()?);
        Self::build(ticket, new, expected, SafeName::parse(parts.next()?).ok()?)
    }

    /// Reads a name in the directory of `session`.
    pub(super) fn parse_beside(name: &str, session: &SafeName) -> Option<Self> {
        let mut parts = name.strip_prefix(BESIDE)?.split('.');
        let (ticket, new, expected) = (parts.next()?, parts.next()?, parts.next()?);
        if parts.next().is_some() { None } else { Self::build(ticket, new, expected, session.clone()) }
    }

    fn build(ticket: &str, new: &str, expected: &str, session: SafeName) -> Option<Self> {
        let expected = if expected == ABSENT { None } else { Some(expected.parse().ok()?) };
        Some(Self { ticket: ticket.to_owned(), new: new.parse().ok()?, expected, session })
    }
}

/// A displaced file that is kept while somebody may still be writing into it. Its name begins with the hash of
/// the content that is safe to forget: `<hash>.<pid>-<n>.<session>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Kept {
    pub(super) safe: ContentHash,
    pub(super) ticket: String,
    pub(super) session: SafeName,
}

impl Kept {
    pub(super) fn parse(name: &str) -> Option<Self> {
        let mut parts = name.splitn(3, '.');
        let (safe, ticket) = (parts.next()?.parse().ok()?, parts.next()?.to_owned());
        Some(Self { safe, ticket, session: SafeName::parse(parts.next()?).ok()? })
    }

    pub(super) fn path(&self, disk: &Disk) -> PathBuf {
        disk.layout.quarantine().join(format!("{}.{}.{}", self.safe, self.ticket, self.session))
    }
}

/// The last component of `path` as text; empty if it is not Unicode.
pub(super) fn name_of(path: &Path) -> &str {
    path.file_name().and_then(|name| name.to_str()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_what_was_meant_and_fit_a_file_system() {
        let intent = Intent {
            ticket: "4194304-123456".to_owned(),
            new: ContentHash::of(b"new"),
            expected: Some(ContentHash::of(b"old")),
            session: SafeName::parse(&"v1.2".repeat(25)).unwrap(),
        };
        let name = intent.file_name();
        assert!(name.len() <= 255, "{}", name.len());
        assert_eq!(Intent::parse(&name), Some(intent.clone()));
        assert_eq!(Intent::parse_beside(&intent.beside_name(), &intent.session), Some(intent.clone()));
        let create = Intent { expected: None, ..intent };
        assert_eq!(Intent::parse(&create.file_name()), Some(create.clone()));
        assert_eq!(Intent::parse("12-3.part"), None);
        assert_eq!(Intent::parse_beside(".plandown-tmp-12-3.part", &create.session), None);
        let kept = Kept { safe: create.new, ticket: create.ticket, session: create.session };
        assert_eq!(Kept::parse(&format!("{}.{}.{}", kept.safe, kept.ticket, kept.session)), Some(kept));
    }
}
