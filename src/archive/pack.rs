use std::io;

use super::Entry;

/// How hard to compress.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Effort {
    /// For what is kept for long: plans are small, and this costs little more than the default.
    Thorough,
    /// For whole workspaces: as `zstd` does when nobody says anything.
    Quick,
}

impl Effort {
    fn level(self) -> i32 {
        match self {
            Self::Thorough => 9,
            Self::Quick => 3,
        }
    }
}

/// Packs files in the order given. Times are left out, so equal files give equal archives.
pub fn pack(entries: &[Entry]) -> io::Result<Vec<u8>> {
    pack_with(entries.iter().map(|e| (e.path.as_str(), e.bytes.as_slice(), e.mode)), Effort::Thorough)
}

/// The same with another effort, of files that stay where they are: path, bytes, permission bits.
pub fn pack_with<'a>(
    files: impl IntoIterator<Item = (&'a str, &'a [u8], u32)>,
    effort: Effort,
) -> io::Result<Vec<u8>> {
    let mut tar = tar::Builder::new(zstd::Encoder::new(Vec::new(), effort.level())?);
    for (path, bytes, mode) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
        header.set_mode(mode & 0o777);
        header.set_entry_type(tar::EntryType::Regular);
        tar.append_data(&mut header, path, bytes)?;
    }
    tar.into_inner()?.finish()
}
