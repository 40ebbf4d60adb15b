use std::time::Duration;

use crate::disk::{Disk, Stat};

/// Moves an index that cannot be used out of the way. Never removes it: another process may
/// still hold it. Where even that fails, the caller goes on in memory. `bad`: the file that was
/// looked at; another one that stands there by now is somebody else's new index and stays.
pub(super) fn set_aside(disk: &Disk, bad: Option<Stat>, wait: Duration) {
    // A failed move shows when the index is opened again.
    let Ok(Some(_turn)) = disk.lock_index(wait) else { return };
    let there = disk.stat(&disk.layout().index()).ok();
    let file = |stat: Option<Stat>| stat.map(|s| (s.dev, s.ino));
    if bad.is_none() || file(bad) == file(there) {
        let stamp = there.map_or(0, |stat| stat.mtime_ns);
        let _ = disk.put_index_aside(&disk.layout().index(), &format!("bad-{stamp}"));
    }
}
