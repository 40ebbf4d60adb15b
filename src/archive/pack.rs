use std::io;

use super::Entry;

/// How hard to compress; plans are small, and 9 costs little more than the default.
const LEVEL: i32 = 9;

/// Packs files in the order given. Times are left out, so equal files give equal archives.
pub fn pack(entries: &[Entry]) -> io::Result<Vec<u8>> {
    let mut tar = tar::Builder::new(zstd::Encoder::new(Vec::new(), LEVEL)?);
    for entry in entries {
        let mut header = tar::Header::new_gnu();
        header.set_size(u64::try_from(entry.bytes.len()).unwrap_or(u64::MAX));
        header.set_mode(entry.mode & 0o777);
        header.set_entry_type(tar::EntryType::Regular);
        tar.append_data(&mut header, &entry.path, entry.bytes.as_slice())?;
    }
    tar.into_inner()?.finish()
}
