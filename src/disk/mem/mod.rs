//! A file system in memory, for tests of everything above [`super::Fs`].
//!
//! Counts every call, so a test can fail or "kill the process" at each of them, or let an editor act just before
//! it. Knows what has been synced: after a power cut, [`MemFs::after_power_cut`] gives every state the disk may be
//! in. Its clock moves by a microsecond per call and by what is slept; nothing ever waits.

mod calls;
mod editor;
mod power;

use super::{FileKind, Lease};
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub use editor::Open;
pub use power::Loss;

type Ino = u64;
type Hook = Box<dyn FnOnce(&MemFs) + Send>;

/// A file system in memory. Clones are the same one.
#[derive(Clone)]
pub struct MemFs(Arc<Mutex<State>>);

#[derive(Clone)]
struct Inode {
    kind: FileKind,
    data: Vec<u8>,
    synced: Vec<u8>,
    mode: u32,
    mtime_ns: i64,
    ctime_ns: i64,
}

/// A change of names, all of it or nothing: it is certainly on the disk when all directories in it are synced.
#[derive(Clone)]
struct Renaming {
    set: Vec<(PathBuf, Option<Ino>)>,
    unsynced: BTreeSet<PathBuf>,
}

#[derive(Clone, Copy)]
struct Fault {
    at: u64,
    kind: io::ErrorKind,
    sticky: bool,
}

struct State {
    inodes: BTreeMap<Ino, Inode>,
    names: BTreeMap<PathBuf, Ino>,
    on_disk: BTreeMap<PathBuf, Ino>,
    pending: Vec<Renaming>,
    writers: BTreeSet<Ino>,
    locked: BTreeSet<PathBuf>,
    next_ino: Ino,
    now_ns: i64,
    calls: u64,
    fault: Option<Fault>,
    crash_at: Option<u64>,
    lie_at: Option<u64>,
    dead: bool,
    hooks: BTreeMap<u64, Hook>,
    exchanges: bool,
    leases: bool,
    trace: Vec<String>,
}

impl MemFs {
    /// An empty file system with one directory, `root`.
    #[must_use]
    pub fn new(root: &Path) -> Self {
        let mut state = State {
            inodes: BTreeMap::new(),
            names: BTreeMap::new(),
            on_disk: BTreeMap::new(),
            pending: Vec::new(),
            writers: BTreeSet::new(),
            locked: BTreeSet::new(),
            next_ino: 1,
            now_ns: 1_760_000_000_000_000_000,
            calls: 0,
            fault: None,
            crash_at: None,
            lie_at: None,
            dead: false,
            hooks: BTreeMap::new(),
            exchanges: true,
            leases: true,
            trace: Vec::new(),
        };
        for dir in root.ancestors().collect::<Vec<_>>().into_iter().rev() {
            let ino = state.add(FileKind::Dir, Vec::new(), 0o755);
            state.names.insert(dir.to_owned(), ino);
        }
        state.on_disk = state.names.clone();
        Self(Arc::new(Mutex::new(state)))
    }

    /// How many calls there have been.
    #[must_use]
    pub fn calls(&self) -> u64 {
        self.state().calls
    }

    /// Every call so far, for a failing test's message.
    #[must_use]
    pub fn trace(&self) -> Vec<String> {
        self.state().trace.clone()
    }

    /// Makes call number `at` (counted from 1) fail, and every later one too if `sticky`.
    pub fn fail_at(&self, at: u64, kind: io::ErrorKind, sticky: bool) {
        self.state().fault = Some(Fault { at, kind, sticky });
    }

    /// Lets every call succeed again.
    pub fn heal(&self) {
        self.state().fault = None;
    }

    /// Kills the process at call number `at`, just before it takes effect: this and all later calls fail.
    pub fn kill_at(&self, at: u64) {
        self.state().crash_at = Some(at);
    }

    /// Makes call number `at`, a sync, report success without having synced anything.
    pub fn lie_at(&self, at: u64) {
        self.state().lie_at = Some(at);
    }

    /// Whether the process was killed.
    #[must_use]
    pub fn is_dead(&self) -> bool {
        self.state().dead
    }

    /// Lets somebody else act just before call number `at` takes effect.
    pub fn before(&self, at: u64, act: impl FnOnce(&Self) + Send + 'static) {
        self.state().hooks.insert(at, Box::new(act));
    }

    /// Whether two files can be exchanged here.
    pub fn set_exchanges(&self, supported: bool) {
        self.state().exchanges = supported;
    }

    /// Whether leases can be had here.
    pub fn set_leases(&self, supported: bool) {
        self.state().leases = supported;
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn add(&mut self, kind: FileKind, data: Vec<u8>, mode: u32) -> Ino {
        let ino = self.next_ino;
        self.next_ino += 1;
        let at = self.now_ns;
        let inode = Inode { kind, data, synced: Vec::new(), mode, mtime_ns: at, ctime_ns: at };
        self.inodes.insert(ino, inode);
        ino
    }

    fn lease(&self, ino: Ino) -> Lease {
        match (self.leases, self.writers.contains(&ino)) {
            (false, _) => Lease::Unsupported,
            (true, true) => Lease::Writer,
            (true, false) => Lease::Granted,
        }
    }

    /// Changes names in one step; what is not synced may not survive a power cut.
    fn rename_all(&mut self, set: Vec<(PathBuf, Option<Ino>)>) {
        let unsynced = set.iter().filter_map(|(path, _)| Some(path.parent()?.to_owned())).collect();
        for (path, ino) in &set {
            match ino {
                Some(ino) => {
                    self.names.insert(path.clone(), *ino);
                    let at = self.now_ns;
                    self.inodes.entry(*ino).and_modify(|inode| inode.ctime_ns = at);
                }
                None => {
                    self.names.remove(path);
                }
            }
        }
        self.pending.push(Renaming { set, unsynced });
    }
}

fn apply(names: &mut BTreeMap<PathBuf, Ino>, renamings: &[Renaming]) {
    for (path, ino) in renamings.iter().flat_map(|renaming| &renaming.set) {
        match ino {
            Some(ino) => names.insert(path.clone(), *ino),
            None => names.remove(path),
        };
    }
}
