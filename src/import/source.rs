use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use super::{Error, Kind};
use crate::disk::{FileKind, Fs};

/// One name in a folder of a source.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    /// The name alone.
    pub name: String,
    /// Whether it is a folder. Links, pipes and devices are not listed.
    pub is_dir: bool,
}

/// A folder that is imported from. Paths are relative to it, parts separated by `/`, never `..`.
pub trait Source {
    /// The names in a folder (empty for the source itself), sorted.
    fn list(&self, dir: &str) -> Result<Vec<Entry>, Error>;

    /// All bytes of a file.
    fn read(&self, path: &str) -> Result<Vec<u8>, Error>;

    /// Remembers that something was not looked at, and why.
    fn leave(&self, _path: &str, _why: &'static str) {}
}

/// Where private copies of databases may be put, and opened, and left for the caller to remove.
pub trait Scratch {
    /// Writes a file of a new name, and others beside it that are called like it with a suffix
    /// (`-wal`); returns the first one's path.
    fn put(&mut self, bytes: &[u8], beside: &[(&str, &[u8])]) -> Result<PathBuf, Error>;
}

/// A source in memory.
#[derive(Clone, Debug, Default)]
pub struct Memory(pub BTreeMap<String, Vec<u8>>);

impl Memory {
    /// Adds a file.
    #[must_use]
    pub fn with(mut self, path: &str, bytes: impl Into<Vec<u8>>) -> Self {
        self.0.insert(path.to_owned(), bytes.into());
        self
    }
}

impl Source for Memory {
    fn list(&self, dir: &str) -> Result<Vec<Entry>, Error> {
        let mut all: Vec<Entry> = Vec::new();
        for path in self.0.keys() {
            let below = if dir.is_empty() {
                Some(path.as_str())
            } else {
                path.strip_prefix(dir).and_then(|p| p.strip_prefix('/'))
            };
            let Some(below) = below else { continue };
            let (name, is_dir) = below.split_once('/').map_or((below, false), |(d, _)| (d, true));
            let entry = Entry { name: name.to_owned(), is_dir };
            if all.last() != Some(&entry) && !all.contains(&entry) {
                all.push(entry);
            }
        }
        if all.is_empty() && !dir.is_empty() {
            return Err(Error::new(Kind::NotFound, dir, "no such folder"));
        }
        all.sort();
        Ok(all)
    }

    fn read(&self, path: &str) -> Result<Vec<u8>, Error> {
        self.0.get(path).cloned().ok_or_else(|| Error::new(Kind::NotFound, path, "no such file"))
    }
}

/// A source on the file system: a folder.
pub struct OnDisk<'a> {
    fs: &'a dyn Fs,
    root: PathBuf,
    max_bytes: u64,
    left: RefCell<BTreeMap<String, &'static str>>,
}

impl<'a> OnDisk<'a> {
    /// The folder `root`; files over `max_bytes` are refused.
    #[must_use]
    pub fn new(fs: &'a dyn Fs, root: &Path, max_bytes: u64) -> Self {
        Self { fs, root: root.to_owned(), max_bytes, left: RefCell::default() }
    }

    /// What was not looked at, and why.
    #[must_use]
    pub fn left(&self) -> Vec<(String, &'static str)> {
        self.left.borrow().iter().map(|(path, why)| (path.clone(), *why)).collect()
    }

    fn path(&self, path: &str) -> Result<PathBuf, Error> {
        let mut full = self.root.clone();
        for part in path.split('/').filter(|p| !p.is_empty()) {
            if part == "." || part == ".." || part.contains(['\\', '\0', ':']) {
                return Err(Error::new(Kind::UnsafePath, path, "the path leads out of the folder"));
            }
            full.push(part);
        }
        Ok(full)
    }
}

fn failed(path: &Path, error: &io::Error) -> Error {
    let kind = match error.kind() {
        io::ErrorKind::NotFound => Kind::NotFound,
        io::ErrorKind::ResourceBusy | io::ErrorKind::WouldBlock => Kind::Busy,
        _ => Kind::Io,
    };
    Error::new(kind, path.display().to_string(), error.to_string().to_lowercase())
}

impl Source for OnDisk<'_> {
    fn list(&self, dir: &str) -> Result<Vec<Entry>, Error> {
        let path = self.path(dir)?;
        let mut all = Vec::new();
        for entry in self.fs.read_dir(&path).map_err(|e| failed(&path, &e))? {
            let name = entry.name.to_string_lossy().into_owned();
            let why = match entry.kind {
                FileKind::Link => "it is a link",
                FileKind::Other => "it is neither a file nor a folder",
                FileKind::File | FileKind::Dir if entry.name.to_str().is_none() => "its name is not Unicode",
                FileKind::File | FileKind::Dir => {
                    all.push(Entry { name, is_dir: entry.kind == FileKind::Dir });
                    continue;
                }
            };
            self.leave(&join(dir, &name), why);
        }
        all.sort();
        Ok(all)
    }

    fn leave(&self, path: &str, why: &'static str) {
        // Tools fill such folders with links of their own.
        let is_hidden = |part: &str| matches!(part, "node_modules" | ".git" | ".venv");
        let above = path.rsplit_once('/').map_or("", |(dir, _)| dir);
        if !above.split('/').any(is_hidden) {
            self.left.borrow_mut().insert(path.to_owned(), why);
        }
    }

    fn read(&self, path: &str) -> Result<Vec<u8>, Error> {
        let path = self.path(path)?;
        let size = self.fs.stat(&path).map_err(|e| failed(&path, &e))?.size;
        if size > self.max_bytes {
            let detail = format!("the file has {size} bytes, over the limit of {}", self.max_bytes);
            return Err(Error::new(Kind::TooLarge, path.display().to_string(), detail));
        }
        self.fs.read(&path).map(|(bytes, _)| bytes).map_err(|e| failed(&path, &e))
    }
}

/// A private directory that exists already and is empty.
pub struct ScratchDir<'a> {
    fs: &'a dyn Fs,
    dir: PathBuf,
    /// What was put there, for the caller to remove.
    pub files: Vec<PathBuf>,
}

impl<'a> ScratchDir<'a> {
    /// Puts files into `dir`.
    #[must_use]
    pub fn new(fs: &'a dyn Fs, dir: &Path) -> Self {
        Self { fs, dir: dir.to_owned(), files: Vec::new() }
    }
}

impl Scratch for ScratchDir<'_> {
    fn put(&mut self, bytes: &[u8], beside: &[(&str, &[u8])]) -> Result<PathBuf, Error> {
        let name = format!("copy-{}.sqlite", self.files.len());
        for (suffix, bytes) in std::iter::once(&("", bytes)).chain(beside) {
            let path = self.dir.join(format!("{name}{suffix}"));
            self.fs.create(&path, bytes, 0o600).map_err(|e| failed(&path, &e))?;
            self.files.push(path);
        }
        Ok(self.dir.join(name))
    }
}

/// What stands in a folder; one that is there and cannot be listed the source remembers.
pub(crate) fn entries(source: &dyn Source, dir: &str) -> Vec<Entry> {
    source.list(dir).unwrap_or_else(|error| {
        if error.kind != Kind::NotFound {
            source.leave(dir, "the folder cannot be listed");
        }
        Vec::new()
    })
}

/// All files below `dir`, with their paths, at most `max` of them; what is left out the source remembers.
pub(crate) fn walk(source: &dyn Source, dir: &str, max: usize) -> Vec<String> {
    let (mut files, mut stack) = (Vec::new(), vec![(dir.to_owned(), 0)]);
    while let Some((dir, depth)) = stack.pop() {
        for entry in entries(source, &dir) {
            let path = join(&dir, &entry.name);
            if files.len() >= max {
                source.leave(&path, "the folder holds too many files");
            } else if !entry.is_dir {
                files.push(path);
            } else if depth < 12 {
                stack.push((path, depth + 1));
            } else {
                source.leave(&path, "the folder lies too deep");
            }
        }
        if files.len() >= max {
            break;
        }
    }
    files.sort();
    files
}

/// `dir/name`, or `name` at the top.
pub(crate) fn join(dir: &str, name: &str) -> String {
    if dir.is_empty() { name.to_owned() } else { format!("{dir}/{name}") }
}

/// Whether a name ends in `.extension`, in any case.
pub(crate) fn is_a(extension: &str, name: &str) -> bool {
    name.rsplit_once('.').is_some_and(|(stem, e)| !stem.is_empty() && e.eq_ignore_ascii_case(extension))
}
