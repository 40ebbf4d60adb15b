use super::{Error, FileKind, Fs, Kind, Layout, RealFs, SESSION_FILE, SafeName, Stat};
use crate::text::ContentHash;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// A file's content at one moment, with the hash that names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileText {
    /// Every byte of the file.
    pub bytes: Vec<u8>,
    /// The hash of `bytes`: the file's revision.
    pub hash: ContentHash,
    /// What the file system said when the bytes had been read.
    pub stat: Stat,
}

impl FileText {
    pub(super) fn new(bytes: Vec<u8>, stat: Stat) -> Self {
        Self { hash: ContentHash::of(&bytes), bytes, stat }
    }
}

/// One workspace's files. Cheap to clone; every clone shares the same lock.
#[derive(Clone)]
pub struct Disk {
    pub(super) fs: Arc<dyn Fs>,
    pub(super) layout: Layout,
    pub(super) gate: Arc<AtomicBool>,
    counter: Arc<AtomicU64>,
    pid: u32,
}

impl std::fmt::Debug for Disk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Disk").field("root", &self.layout.root()).finish_non_exhaustive()
    }
}

impl Disk {
    /// The workspace at `root` on this machine's file system. `root` must exist; links in it are followed once,
    /// here.
    pub fn open(root: &Path) -> Result<Self, Error> {
        Self::with_fs(root, Arc::new(RealFs))
    }

    /// The workspace at `root` on another file system.
    pub fn with_fs(root: &Path, fs: Arc<dyn Fs>) -> Result<Self, Error> {
        let root = fs.canonical(root).map_err(|e| Error::reading("open", root, e))?;
        Ok(Self {
            layout: Layout::new(&root),
            gate: Arc::default(),
            // Not from zero: a later process with our number must not repeat our names.
            counter: Arc::new(AtomicU64::new(fs.now_ns().unsigned_abs() / 1000 % 1_000_000)),
            fs,
            pid: std::process::id(),
        })
    }

    /// Where things are.
    #[must_use]
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// Whether there is a `.task_orchestrator` directory here.
    #[must_use]
    pub fn is_workspace(&self) -> bool {
        self.fs.stat(self.layout.home()).is_ok_and(|stat| stat.kind == FileKind::Dir)
    }

    /// Whether something is seen at `path`; a link counts as itself. Not for deciding whether to write there: what
    /// cannot be looked at is not seen ([`Disk::is_there`]).
    #[must_use]
    pub fn exists(&self, path: &Path) -> bool {
        self.fs.stat(path).is_ok()
    }

    /// Whether something stands at `path`; an error where that cannot be told.
    pub fn is_there(&self, path: &Path) -> Result<bool, Error> {
        match self.fs.stat(path) {
            Ok(_) => Ok(true),
            Err(e) if matches!(e.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => Ok(false),
            Err(e) => Err(Error::reading("look at", path, e)),
        }
    }

    /// Reads a session's file as it is at this moment, following one link inside the workspace.
    pub fn read(&self, session: &SafeName) -> Result<FileText, Error> {
        self.read_at(&self.session_path(session)?)
    }

    /// Reads any regular file that the caller has a path of, without following a link in its last component.
    pub fn read_plain(&self, path: &Path) -> Result<FileText, Error> {
        self.read_at(path)
    }

    /// What the file system says of `path`, without following a link.
    pub fn stat(&self, path: &Path) -> Result<Stat, Error> {
        self.fs.stat(path).map_err(|e| Error::reading("read", path, e))
    }

    pub(super) fn read_at(&self, path: &Path) -> Result<FileText, Error> {
        let (bytes, stat) = self.fs.read(path).map_err(|e| Error::reading("read", path, e))?;
        Ok(FileText::new(bytes, stat))
    }

    /// Where a session's bytes really are. A link (the file, or its directory) is followed if it stays inside
    /// the workspace's root and out of `.git` and `.state`; otherwise it is an error of kind `Outside`. A
    /// missing file is not an error: it may be about to be created.
    pub fn session_path(&self, session: &SafeName) -> Result<PathBuf, Error> {
        let dir = self.layout.session_dir(session);
        let dir = match self.fs.stat(&dir) {
            Ok(stat) if stat.kind == FileKind::Link => self.follow(&dir)?,
            _ => dir,
        };
        let file = dir.join(SESSION_FILE);
        match self.fs.stat(&file) {
            Ok(stat) if stat.kind == FileKind::Link => self.follow(&file),
            _ => Ok(file),
        }
    }

    /// The target of the link at `path`, if a plan may be kept there.
    pub(super) fn follow(&self, path: &Path) -> Result<PathBuf, Error> {
        let outside = |source| Error { source, ..Error::new(Kind::Outside, "follow", path) };
        let target = self.fs.canonical(path).map_err(|e| match e.kind() {
            io::ErrorKind::NotFound => outside(Some(e)),
            _ => Error::reading("follow", path, e),
        })?;
        let inside = target.starts_with(self.layout.root())
            && !target.starts_with(self.layout.state())
            && !target.components().any(|part| part.as_os_str() == ".git");
        if inside { Ok(target) } else { Err(outside(None)) }
    }

    /// The unique beginning of a temp file's name: `<pid>-<n>`.
    pub(super) fn ticket(&self) -> String {
        format!("{}-{}", self.pid, self.counter.fetch_add(1, Ordering::Relaxed))
    }

    /// Creates a directory and its missing parents below `.task_orchestrator`, private ones with mode 0700.
    pub(super) fn make_dirs(&self, dir: &Path, mode: u32) -> Result<(), Error> {
        if self.fs.stat(dir).is_ok() {
            return Ok(());
        }
        let inside = dir.strip_prefix(self.layout.root()).unwrap_or(Path::new(""));
        let mut at = self.layout.root().to_owned();
        for part in inside.components() {
            let parent = at.clone();
            at.push(part);
            match self.fs.mkdir(&at, mode) {
                Ok(()) => self.sync_dir(&parent)?,
                Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {}
                Err(_) if self.fs.stat(&at).is_ok() => {} // exists, on a read-only file system
                Err(e) => return Err(Error::writing("create", &at, e)),
            }
        }
        Ok(())
    }

    pub(super) fn sync_dir(&self, dir: &Path) -> Result<(), Error> {
        self.fs.sync_dir(dir).map_err(|e| Error::writing("sync", dir, e))
    }

    /// Reads a file of ours that may be missing.
    pub(super) fn read_optional(&self, path: &Path) -> Result<Option<Vec<u8>>, Error> {
        match self.fs.read(path) {
            Ok((bytes, _)) => Ok(Some(bytes)),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(e) => Err(Error::reading("read", path, e)),
        }
    }
}

/// The directory that holds `path`.
pub(super) fn parent(path: &Path) -> &Path {
    path.parent().unwrap_or(path)
}
