use super::{Ino, MemFs};
use crate::disk::FileKind;
use std::path::{Path, PathBuf};

/// A file that an editor has open for writing, wherever its name has gone meanwhile.
#[derive(Clone, Copy, Debug)]
pub struct Open(Ino);

/// What somebody does who knows nothing of our lock. None of it is counted, none of it fails, nothing is synced.
impl MemFs {
    /// The content at `path`, if there is a file.
    #[must_use]
    pub fn peek(&self, path: &Path) -> Option<Vec<u8>> {
        let state = self.state();
        state.inodes.get(state.names.get(path)?).map(|inode| inode.data.clone())
    }

    /// The paths of all files below `dir`.
    #[must_use]
    pub fn files(&self, dir: &Path) -> Vec<PathBuf> {
        let state = self.state();
        let is_file = |ino: &Ino| state.inodes.get(ino).is_some_and(|inode| inode.kind == FileKind::File);
        let inside = |(path, ino): &(&PathBuf, &Ino)| path.starts_with(dir) && is_file(ino);
        state.names.iter().filter(inside).map(|(path, _)| path.clone()).collect()
    }

    /// Saves in place: the same file gets another content. Creates it, with its directories, if it is missing.
    pub fn save_in_place(&self, path: &Path, bytes: &[u8]) {
        let known = self.state().names.contains_key(path);
        if !known {
            self.save_by_rename(path, b"");
        }
        let open = self.open(path);
        if let Some(open) = open {
            self.write_open(open, bytes);
            self.close(open);
        }
    }

    /// Saves by renaming a new file over the old one. Creates missing directories.
    pub fn save_by_rename(&self, path: &Path, bytes: &[u8]) {
        let mut state = self.state();
        for dir in path.ancestors().skip(1).collect::<Vec<_>>().into_iter().rev() {
            if !state.names.contains_key(dir) {
                let ino = state.add(FileKind::Dir, Vec::new(), 0o755);
                state.rename_all(vec![(dir.to_owned(), Some(ino))]);
            }
        }
        let ino = state.add(FileKind::File, bytes.to_vec(), 0o644);
        state.rename_all(vec![(path.to_owned(), Some(ino))]);
    }

    /// Lets time pass until everything is on the disk.
    pub fn sync_all(&self) {
        let mut state = self.state();
        state.pending.clear();
        state.on_disk = state.names.clone();
        for inode in state.inodes.values_mut() {
            inode.synced = inode.data.clone();
        }
    }

    /// Renames the file to a backup, as vim does before it creates the new one.
    pub fn move_away(&self, path: &Path, to: &Path) {
        let mut state = self.state();
        if let Some(ino) = state.names.get(path).copied() {
            state.rename_all(vec![(path.to_owned(), None), (to.to_owned(), Some(ino))]);
        }
    }

    /// Opens a file for writing and keeps it open.
    #[must_use]
    pub fn open(&self, path: &Path) -> Option<Open> {
        let mut state = self.state();
        let ino = state.names.get(path).copied()?;
        state.writers.insert(ino);
        Some(Open(ino))
    }

    /// Replaces the content of an open file.
    pub fn write_open(&self, open: Open, bytes: &[u8]) {
        let mut state = self.state();
        let at = state.now_ns;
        if let Some(inode) = state.inodes.get_mut(&open.0) {
            inode.data = bytes.to_vec();
            (inode.mtime_ns, inode.ctime_ns) = (at, at);
        }
    }

    /// Closes an open file.
    pub fn close(&self, open: Open) {
        self.state().writers.remove(&open.0);
    }
}
