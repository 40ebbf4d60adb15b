use super::{Hook, Ino, Inode, MemFs, State, apply};
use crate::disk::{DirEntry, FileKind, Fs, Held, Lease, Stat};
use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::MutexGuard;
use std::time::Duration;

impl MemFs {
    /// Begins a call: counts it, lets somebody else act first, then fails or dies where the test wants it.
    fn call(&self, what: &str, path: &Path) -> io::Result<MutexGuard<'_, State>> {
        let hook: Option<Hook> = {
            let mut state = self.state();
            if state.dead {
                return Err(io::Error::other("the process was killed"));
            }
            state.calls += 1;
            state.now_ns += 1000;
            let at = state.calls;
            state.trace.push(format!("{at} {what} {}", path.display()));
            state.hooks.remove(&at)
        };
        if let Some(hook) = hook {
            hook(self);
        }
        let mut state = self.state();
        if state.crash_at == Some(state.calls) {
            state.dead = true;
            state.locked.clear();
            return Err(io::Error::other("the process was killed"));
        }
        match state.fault {
            Some(fault) if state.calls == fault.at || (fault.sticky && state.calls > fault.at) => {
                Err(fault.kind.into())
            }
            _ => Ok(state),
        }
    }
}

impl State {
    fn find(&self, path: &Path) -> io::Result<Ino> {
        self.names.get(path).copied().ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn inode(&mut self, path: &Path) -> io::Result<&mut Inode> {
        let ino = self.find(path)?;
        self.inodes.get_mut(&ino).ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn file(&mut self, path: &Path) -> io::Result<&mut Inode> {
        let inode = self.inode(path)?;
        if inode.kind == FileKind::File { Ok(inode) } else { Err(io::ErrorKind::InvalidData.into()) }
    }

    fn sync(&mut self, path: &Path) -> io::Result<()> {
        let honest = self.lie_at != Some(self.calls);
        let file = self.file(path)?;
        if honest {
            file.synced = file.data.clone();
        }
        Ok(())
    }

    /// Puts on the disk what is certain by now, and what that is built on; the rest may still come or not.
    fn commit(&mut self) {
        let mut touched: BTreeSet<PathBuf> = BTreeSet::new();
        let mut certain = Vec::new();
        for at in (0..self.pending.len()).rev() {
            let renaming = &self.pending[at];
            let needed = renaming.set.iter().any(|(path, _)| touched.contains(path));
            if needed || renaming.unsynced.is_empty() {
                for (path, _) in &renaming.set {
                    touched.insert(path.clone());
                    touched.extend(path.parent().map(Path::to_owned));
                }
                certain.push(at);
            }
        }
        for at in &certain {
            self.pending[*at].unsynced.clear();
        }
        let (done, rest) = std::mem::take(&mut self.pending).into_iter().partition(|r| r.unsynced.is_empty());
        self.pending = rest;
        apply(&mut self.on_disk, &done);
    }

    /// Refuses a new name whose directory is missing, or that exists.
    fn vacant(&self, path: &Path) -> io::Result<()> {
        if self.names.contains_key(path) {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        self.find(path.parent().unwrap_or(path)).map(|_| ())
    }

    fn describe(&self, ino: Ino) -> io::Result<Stat> {
        let inode = self.inodes.get(&ino).ok_or(io::ErrorKind::NotFound)?;
        Ok(Stat {
            dev: 1,
            ino,
            size: inode.data.len() as u64,
            mtime_ns: inode.mtime_ns,
            ctime_ns: inode.ctime_ns,
            mode: inode.mode,
            nlink: self.names.values().filter(|&&named| named == ino).count() as u64,
            kind: inode.kind,
        })
    }

    fn below(&self, dir: &Path) -> Vec<(PathBuf, Ino)> {
        let inside = |path: &&PathBuf| path.starts_with(dir) && path.as_path() != dir;
        self.names.keys().filter(inside).map(|path| (path.clone(), self.names[path])).collect()
    }
}

impl Fs for MemFs {
    fn read(&self, path: &Path) -> io::Result<(Vec<u8>, Stat)> {
        let mut state = self.call("read", path)?;
        let data = state.file(path)?.data.clone();
        let ino = state.find(path)?;
        Ok((data, state.describe(ino)?))
    }

    fn read_end(&self, path: &Path, most: u64) -> io::Result<(Vec<u8>, u64)> {
        let mut state = self.call("read_end", path)?;
        let data = &state.file(path)?.data;
        let before = data.len().saturating_sub(usize::try_from(most).unwrap_or(usize::MAX));
        Ok((data[before..].to_vec(), before as u64))
    }

    fn read_leased(&self, path: &Path) -> io::Result<(Vec<u8>, Stat, Lease)> {
        let mut state = self.call("read_leased", path)?;
        let data = state.file(path)?.data.clone();
        let ino = state.find(path)?;
        Ok((data, state.describe(ino)?, state.lease(ino)))
    }

    fn stat(&self, path: &Path) -> io::Result<Stat> {
        let state = self.call("stat", path)?;
        state.describe(state.find(path)?)
    }

    fn canonical(&self, path: &Path) -> io::Result<PathBuf> {
        self.call("canonical", path)?.find(path).map(|_| path.to_owned())
    }

    fn read_dir(&self, path: &Path) -> io::Result<Vec<DirEntry>> {
        let mut state = self.call("read_dir", path)?;
        if state.inode(path)?.kind != FileKind::Dir {
            return Err(io::ErrorKind::NotADirectory.into());
        }
        let direct = |(child, ino): (PathBuf, Ino)| {
            let kind = state.inodes.get(&ino)?.kind;
            (child.parent() == Some(path))
                .then(|| DirEntry { name: child.file_name().unwrap_or_default().into(), kind })
        };
        Ok(state.below(path).into_iter().filter_map(direct).collect())
    }

    // Three steps, between which a process can be killed: the name, the bytes, the sync.
    fn create(&self, path: &Path, bytes: &[u8], mode: u32) -> io::Result<()> {
        {
            let mut state = self.call("create", path)?;
            state.vacant(path)?;
            let ino = state.add(FileKind::File, Vec::new(), mode);
            state.rename_all(vec![(path.to_owned(), Some(ino))]);
        }
        self.call("write", path)?.file(path)?.data = bytes.to_vec();
        self.call("fsync", path)?.sync(path)
    }

    fn append_line(&self, path: &Path, line: &[u8], mode: u32) -> io::Result<()> {
        {
            let mut state = self.call("append", path)?;
            if !state.names.contains_key(path) {
                state.vacant(path)?;
                let ino = state.add(FileKind::File, Vec::new(), mode);
                state.rename_all(vec![(path.to_owned(), Some(ino))]);
            }
            let at = state.now_ns;
            let file = state.file(path)?;
            if file.data.last().is_some_and(|&last| last != b'\n') {
                file.data.push(b'\n');
            }
            file.data.extend_from_slice(line);
            file.mtime_ns = at;
        }
        self.call("fdatasync", path)?.sync(path)
    }

    fn sync_file(&self, path: &Path) -> io::Result<()> {
        self.call("sync_file", path)?.sync(path)
    }

    fn sync_dir(&self, path: &Path) -> io::Result<()> {
        let mut state = self.call("sync_dir", path)?;
        state.find(path)?;
        if state.lie_at == Some(state.calls) {
            return Ok(());
        }
        for renaming in &mut state.pending {
            renaming.unsynced.remove(path);
        }
        state.commit();
        Ok(())
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut state = self.call("rename", to)?;
        let ino = state.find(from)?;
        state.find(to.parent().unwrap_or(to))?;
        let mut set = vec![(from.to_owned(), None), (to.to_owned(), Some(ino))];
        for (path, ino) in state.below(from) {
            let inside = path.strip_prefix(from).map_or_else(|_| path.clone(), |rest| to.join(rest));
            set.push((path, None));
            set.push((inside, Some(ino)));
        }
        state.rename_all(set);
        Ok(())
    }

    fn exchange(&self, a: &Path, b: &Path) -> io::Result<()> {
        let mut state = self.call("exchange", b)?;
        if !state.exchanges {
            return Err(io::ErrorKind::Unsupported.into());
        }
        let (at_a, at_b) = (state.find(a)?, state.find(b)?);
        state.rename_all(vec![(a.to_owned(), Some(at_b)), (b.to_owned(), Some(at_a))]);
        Ok(())
    }

    fn link(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut state = self.call("link", to)?;
        let ino = state.find(from)?;
        state.vacant(to)?;
        state.rename_all(vec![(to.to_owned(), Some(ino))]);
        Ok(())
    }

    fn unlink(&self, path: &Path) -> io::Result<()> {
        let mut state = self.call("unlink", path)?;
        state.find(path)?;
        state.rename_all(vec![(path.to_owned(), None)]);
        Ok(())
    }

    fn mkdir(&self, path: &Path, mode: u32) -> io::Result<()> {
        let mut state = self.call("mkdir", path)?;
        state.vacant(path)?;
        let ino = state.add(FileKind::Dir, Vec::new(), mode);
        state.rename_all(vec![(path.to_owned(), Some(ino))]);
        Ok(())
    }

    fn rmdir(&self, path: &Path) -> io::Result<()> {
        let mut state = self.call("rmdir", path)?;
        state.find(path)?;
        if !state.below(path).is_empty() {
            return Err(io::ErrorKind::DirectoryNotEmpty.into());
        }
        state.rename_all(vec![(path.to_owned(), None)]);
        Ok(())
    }

    fn set_mode(&self, path: &Path, mode: u32) -> io::Result<()> {
        self.call("set_mode", path)?.inode(path)?.mode = mode;
        Ok(())
    }

    fn touch(&self, path: &Path) -> io::Result<()> {
        let mut state = self.call("touch", path)?;
        let at = state.now_ns;
        state.inode(path)?.mtime_ns = at;
        Ok(())
    }

    fn try_lock(&self, path: &Path) -> io::Result<Option<Held>> {
        let mut state = self.call("try_lock", path)?;
        if !state.names.contains_key(path) {
            state.vacant(path)?;
            let ino = state.add(FileKind::File, Vec::new(), 0o600);
            state.rename_all(vec![(path.to_owned(), Some(ino))]);
        }
        let free = state.locked.insert(path.to_owned());
        drop(state);
        Ok(free.then(|| Held(Box::new(MemLock(self.clone(), path.to_owned())))))
    }

    fn now_ns(&self) -> i64 {
        self.state().now_ns
    }

    fn sleep(&self, time: Duration) {
        let nanos = i64::try_from(time.as_nanos()).unwrap_or(i64::MAX);
        let mut state = self.state();
        state.now_ns = state.now_ns.saturating_add(nanos);
    }
}

struct MemLock(MemFs, PathBuf);

impl Drop for MemLock {
    fn drop(&mut self) {
        self.0.state().locked.remove(&self.1);
    }
}
