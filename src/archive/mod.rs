//! A directory's files as one compressed text, and back: tar in zstd.
//!
//! Touches no file system. What comes out of an archive is checked before anybody sees it: plain
//! files with relative names only, no links, no devices, bounded in number and size. A seal behind
//! an archive tells a damaged one from a whole one before it is unpacked; other tools pass over it.

mod pack;
mod seal;
mod unpack;
mod zipped;

pub use pack::{Effort, pack, pack_with};
pub use seal::{seal, unseal};
pub use unpack::{ArchiveError, Limits, each, first, is_portable, unpack, unpack_within};
pub use zipped::zip;

/// A file in an archive.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Entry {
    /// Relative, with `/`, without `.` and `..`.
    pub path: String,
    /// Every byte.
    pub bytes: Vec<u8>,
    /// Permission bits.
    pub mode: u32,
}

#[cfg(test)]
mod tests;
