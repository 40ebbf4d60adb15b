use crate::disk::Disk;

/// Moves an index that cannot be used out of the way. Never removes it: another process may
/// still hold it. Where even that fails, the caller goes on in memory.
pub(super) fn set_aside(disk: &Disk) {
    let path = disk.layout().index();
    let stamp = disk.stat(&path).map_or(0, |stat| stat.mtime_ns);
    // A failed move shows when the index is opened again.
    let _ = disk.put_index_aside(&format!("bad-{stamp}"));
}
