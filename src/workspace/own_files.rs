use std::path::{Path, PathBuf};

use crate::diagnostic::{Code, Diagnostic};
use crate::text::{ContentHash, TextRange};

use super::{Error, Workspace};

/// Files beyond this are not even read: no mode, template or binding comes near it.
const MAX_BYTES: u64 = 8 << 20;

/// A file of the user's as text.
#[derive(Clone, Debug, Default)]
pub struct OwnText {
    /// Its text; bytes that are no UTF-8 are replaced, a file over the limit is empty.
    pub text: String,
    /// Why it cannot be used as it is.
    pub refused: Option<Diagnostic>,
    /// The hash of its bytes, where they were read.
    pub hash: Option<ContentHash>,
}

/// What must be where a file is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Was {
    /// Nothing.
    Absent,
    /// These bytes.
    Hash(ContentHash),
    /// Anything: the file is only ours.
    Any,
}

/// A file to be written below `.task_orchestrator`.
#[derive(Clone, Debug)]
pub struct OwnWrite {
    /// Where.
    pub path: PathBuf,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// What it takes the place of.
    pub was: Was,
}

impl OwnWrite {
    /// Text for a place.
    pub fn new(path: impl Into<PathBuf>, text: impl Into<Vec<u8>>, was: Was) -> Self {
        Self { path: path.into(), bytes: text.into(), was }
    }
}

impl OwnText {
    /// Bytes as text.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        let hash = Some(ContentHash::of(bytes));
        match std::str::from_utf8(bytes) {
            Ok(text) => Self { text: text.to_owned(), refused: None, hash },
            Err(error) => {
                let at = error.valid_up_to();
                let message = format!("byte {at} is not UTF-8; save the file as UTF-8");
                // Replacing begins behind the good part, so the place is the same in both texts.
                let span = TextRange::new(at, at + '\u{fffd}'.len_utf8());
                let text = String::from_utf8_lossy(bytes).into_owned();
                Self { text, refused: Some(Diagnostic::new(Code::M001, span, message)), hash }
            }
        }
    }
}

impl Workspace {
    /// Reads a mode, template or binding. What cannot be read or understood as text has a finding;
    /// `None` where nothing is there.
    #[must_use]
    pub fn own_text(&self, path: &Path) -> Option<OwnText> {
        let unreadable = |message: String| {
            let finding = Diagnostic::new(Code::X009, TextRange::default(), message);
            Some(OwnText { refused: Some(finding), ..OwnText::default() })
        };
        match self.disk.stat(path) {
            Err(error) if error.kind == crate::disk::Kind::NotFound => return None,
            Err(error) => return unreadable(error.to_string()),
            Ok(stat) if stat.size > MAX_BYTES => {
                let message = format!(
                    "the file has {} KiB; it is not read beyond {} KiB",
                    stat.size / 1024,
                    MAX_BYTES / 1024
                );
                let finding = Diagnostic::new(Code::M006, TextRange::default(), message);
                return Some(OwnText { refused: Some(finding), ..OwnText::default() });
            }
            Ok(_) => {}
        }
        match self.disk.read_plain(path) {
            Ok(file) => Some(OwnText::of(&file.bytes)),
            Err(error) if error.kind == crate::disk::Kind::NotFound => None,
            Err(error) => unreadable(error.to_string()),
        }
    }

    /// Writes files of the user's or for the user, under the lock; nothing where one of them is not
    /// what it was when the write was planned.
    pub fn write_own(&self, files: &[OwnWrite]) -> Result<(), Error> {
        if files.is_empty() {
            return Ok(());
        }
        self.disk.ensure_layout()?;
        if files.iter().any(|f| f.path.starts_with(self.disk.layout().backups())) {
            self.disk.ensure_private(&self.disk.layout().backups())?;
        }
        let guard = self.lock()?;
        for file in files {
            match file.was {
                Was::Any => {}
                Was::Absent => {
                    if self.disk.is_there(&file.path)? {
                        return Err(Error::Exists(self.below_root(&file.path)));
                    }
                }
                Was::Hash(hash) => {
                    if self.disk.read_plain(&file.path)?.hash != hash {
                        return Err(Error::Unsettled { path: self.below_root(&file.path) });
                    }
                }
            }
        }
        for file in files {
            self.disk.write_view(&guard, &file.path, &file.bytes)?;
        }
        drop(guard);
        // What is written is written: trouble with the index is healed by the next command.
        let _ = self.refresh();
        Ok(())
    }

    /// Removes a file of the user's whose bytes were kept elsewhere before.
    pub fn remove_own(&self, path: &Path, was: ContentHash) -> Result<(), Error> {
        let guard = self.lock()?;
        if self.disk.read_plain(path)?.hash != was {
            return Err(Error::Unsettled { path: self.below_root(path) });
        }
        Ok(self.disk.remove_view(&guard, path)?)
    }
}
