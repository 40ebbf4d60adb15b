use std::collections::HashSet;
use std::io::Read;
use std::path::Component;

use super::Entry;

/// What an archive may hold.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// Files.
    pub files: usize,
    /// Bytes it may unpack to.
    pub bytes: u64,
}

impl Default for Limits {
    /// More than one session ever has.
    fn default() -> Self {
        Self { files: 10_000, bytes: 1 << 30 }
    }
}

/// Why an archive is not unpacked. Nothing of it is used then.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// It is no archive of ours, or torn.
    #[error("it cannot be read: {0}")]
    Unreadable(#[from] std::io::Error),
    /// A name that is absolute, climbs out, or is no text.
    #[error("it holds the unsafe name `{0}`")]
    UnsafeName(String),
    /// A link, a directory with content of its own, a device.
    #[error("`{0}` in it is no plain file")]
    NotAFile(String),
    /// The same name twice.
    #[error("it holds `{0}` twice")]
    Repeated(String),
    /// More files or bytes than an archive of plans ever has.
    #[error("it is larger than {} files or {} bytes", .0.files, .0.bytes)]
    TooLarge(Limits),
    /// Something in it is not what it is said to be.
    #[error("{0}")]
    Untrue(String),
    /// The seal at its end is missing or torn.
    #[error("its end is missing")]
    Unsealed,
}

/// Reads all files of an archive, or nothing.
pub fn unpack(archive: &[u8]) -> Result<Vec<Entry>, ArchiveError> {
    unpack_within(archive, Limits::default())
}

/// The same with other limits.
pub fn unpack_within(archive: &[u8], limits: Limits) -> Result<Vec<Entry>, ArchiveError> {
    read(archive, limits, usize::MAX)
}

/// Reads the first file of an archive, and no further.
pub fn first(archive: &[u8], limits: Limits) -> Result<Option<Entry>, ArchiveError> {
    Ok(read(archive, limits, 1)?.pop())
}

/// Hands every file of an archive on, one after the other, so that never more than one is held. What was handed on is
/// worth nothing where this ends in an error.
pub fn each(
    archive: &[u8],
    limits: Limits,
    mut then: impl FnMut(Entry) -> Result<(), ArchiveError>,
) -> Result<(), ArchiveError> {
    visit(archive, limits, usize::MAX, &mut then)
}

/// Whether a path can stand in an archive: relative, plain, and meaning the same on every platform.
#[must_use]
pub fn is_portable(path: &str) -> bool {
    safe_path(path.as_bytes()).is_ok()
}

fn read(archive: &[u8], limits: Limits, most: usize) -> Result<Vec<Entry>, ArchiveError> {
    let mut entries: Vec<Entry> = Vec::new();
    visit(archive, limits, most, &mut |entry| {
        entries.push(entry);
        Ok(())
    })?;
    Ok(entries)
}

fn visit(
    archive: &[u8],
    limits: Limits,
    most: usize,
    then: &mut dyn FnMut(Entry) -> Result<(), ArchiveError>,
) -> Result<(), ArchiveError> {
    // The limit stands before the decompressor's output, so a bomb stops at it.
    let limited = zstd::Decoder::new(archive)?.take(limits.bytes.saturating_add(1));
    let mut tar = tar::Archive::new(limited);
    let mut seen = HashSet::new();
    let mut total = 0_u64;
    for entry in tar.entries()?.take(most) {
        let mut entry = entry?;
        let path = safe_path(&entry.path_bytes())?;
        if !entry.header().entry_type().is_file() {
            return Err(ArchiveError::NotAFile(path));
        }
        total = total.saturating_add(entry.size());
        if seen.len() >= limits.files || total > limits.bytes {
            return Err(ArchiveError::TooLarge(limits));
        }
        if !seen.insert(path.clone()) {
            return Err(ArchiveError::Repeated(path));
        }
        let mode = entry.header().mode()? & 0o777;
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes)?;
        then(Entry { path, bytes, mode })?;
    }
    Ok(())
}

fn safe_path(raw: &[u8]) -> Result<String, ArchiveError> {
    let name = || String::from_utf8_lossy(raw).into_owned();
    let text = std::str::from_utf8(raw).map_err(|_| ArchiveError::UnsafeName(name()))?;
    let plain = std::path::Path::new(text).components().all(|c| matches!(c, Component::Normal(_)));
    let odd = |c: char| c.is_control() || matches!(c, '\\' | ':');
    if text.is_empty() || !plain || text.contains("//") || text.ends_with('/') || text.chars().any(odd) {
        return Err(ArchiveError::UnsafeName(name()));
    }
    Ok(text.to_owned())
}
