use crate::disk::{SafeName, Stat};
use crate::document::{self, Limits};
use crate::format::{self, Lifted};
use crate::text::ContentHash;

use super::{Error, Workspace};

/// A session's file at one moment, understood. What an operation may look at.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// The session's directory.
    pub directory: SafeName,
    /// Path of the file below the root, with `/`.
    pub path: String,
    /// The text, what it says and where.
    pub lifted: Lifted,
    /// The stamps of the file.
    pub stat: Stat,
}

impl Snapshot {
    /// The file's revision.
    #[must_use]
    pub fn revision(&self) -> ContentHash {
        self.lifted.document.hash()
    }

    /// The file's text.
    #[must_use]
    pub fn text(&self) -> &str {
        self.lifted.document.text()
    }
}

impl Workspace {
    /// Reads a session's file as it is now.
    pub fn snapshot(&self, directory: &SafeName) -> Result<Snapshot, Error> {
        let file = self.disk.read(directory)?;
        let lifted = self.understand(&file.bytes, directory.as_str());
        Ok(Snapshot {
            directory: directory.clone(),
            path: session_path(directory.as_str()),
            lifted,
            stat: file.stat,
        })
    }

    /// Parses and lifts bytes as the session `directory`.
    #[must_use]
    pub fn understand(&self, bytes: &[u8], directory: &str) -> Lifted {
        let (document, found) = document::parse(bytes, self.limits());
        format::lift(document, found, directory)
    }

    /// The limits of the settings.
    #[must_use]
    pub fn limits(&self) -> Limits {
        let max = self.settings.number(crate::config::Setting::MaxFileBytes);
        Limits { max_bytes: usize::try_from(max).unwrap_or(usize::MAX), ..Limits::default() }
    }
}

/// Path of a session's file below the root, with `/` on every platform.
#[must_use]
pub fn session_path(directory: &str) -> String {
    format!(".task_orchestrator/sessions/{directory}/session.md")
}
