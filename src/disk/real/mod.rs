//! The file system of this machine.

#[cfg(not(unix))]
mod other;
#[cfg(unix)]
mod unix;

#[cfg(target_os = "linux")]
mod lease;

#[cfg(not(unix))]
pub use other::RealFs;
#[cfg(unix)]
pub use unix::RealFs;

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::time::{SystemTime, UNIX_EPOCH};

#[expect(clippy::disallowed_methods, reason = "the times of files can only be compared with this clock")]
fn now_ns() -> i64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| i64::try_from(since.as_nanos()).unwrap_or(i64::MAX))
}

/// The last bytes of an open file of that size, at most so many, and how many stand before them.
fn end_of(file: &mut File, size: u64, most: u64) -> io::Result<(Vec<u8>, u64)> {
    let before = size.saturating_sub(most);
    if before > 0 {
        file.seek(SeekFrom::Start(before))?;
    }
    let mut bytes = Vec::with_capacity(usize::try_from(size - before).unwrap_or(0));
    file.read_to_end(&mut bytes)?;
    Ok((bytes, before))
}
