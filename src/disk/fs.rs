use std::any::Any;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// What stands at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FileKind {
    /// A regular file.
    File,
    /// A directory.
    Dir,
    /// A symbolic link.
    Link,
    /// A pipe, a socket, a device.
    Other,
}

/// What the file system says of a path without opening it. Equal stamps are a hint that the content is
/// equal, never a proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Stat {
    /// Device number; 0 where the platform has none.
    pub dev: u64,
    /// Inode number; 0 where the platform has none. Git reuses them: not an identity of the file.
    pub ino: u64,
    /// Length in bytes.
    pub size: u64,
    /// Time of the last change of content, nanoseconds since 1970.
    pub mtime_ns: i64,
    /// Time of the last change of the inode, nanoseconds since 1970; 0 where the platform has none.
    pub ctime_ns: i64,
    /// Permission bits (`0o7777`).
    pub mode: u32,
    /// Number of names the inode has.
    pub nlink: u64,
    /// What it is.
    pub kind: FileKind,
}

/// One name in a directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DirEntry {
    /// The name, without its directory.
    pub name: std::ffi::OsString,
    /// What it is, not following links.
    pub kind: FileKind,
}

/// Whether a file was certainly not open for writing while it was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lease {
    /// Nobody had it open for writing.
    Granted,
    /// Somebody has it open for writing.
    Writer,
    /// This file system or platform cannot tell.
    Unsupported,
}

/// A lock that is held until this is dropped.
pub struct Held(pub Box<dyn Any + Send + Sync>);

impl fmt::Debug for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Held")
    }
}

/// Everything this program asks of a file system, one call per step that can fail or be interrupted.
///
/// No call follows a link in the last component. A call that refuses because something else than a regular
/// file stands at the path reports `InvalidData`.
pub trait Fs: Send + Sync {
    /// Reads a whole regular file, never blocking on a pipe, and says what it was at that moment.
    fn read(&self, path: &Path) -> io::Result<(Vec<u8>, Stat)>;

    /// The last bytes of a regular file, at most so many, and how many stand before them.
    fn read_end(&self, path: &Path, most: u64) -> io::Result<(Vec<u8>, u64)>;

    /// Reads like [`Fs::read`], holding a lease that keeps writers out meanwhile, where there are leases.
    fn read_leased(&self, path: &Path) -> io::Result<(Vec<u8>, Stat, Lease)>;

    /// What stands at `path`; a link is described itself.
    fn stat(&self, path: &Path) -> io::Result<Stat>;

    /// How many bytes may still be written where `path` is; `None` where that cannot be told.
    fn room(&self, path: &Path) -> Option<u64> {
        let _ = path;
        None
    }

    /// The path with every link followed; an error if something on the way is missing.
    fn canonical(&self, path: &Path) -> io::Result<PathBuf>;

    /// The names in a directory, in no order, without `.` and `..`.
    fn read_dir(&self, path: &Path) -> io::Result<Vec<DirEntry>>;

    /// Creates a file that must not exist, writes it and syncs its data to the device.
    fn create(&self, path: &Path, bytes: &[u8], mode: u32) -> io::Result<()>;

    /// Appends in one write and syncs the data; creates the file if it is missing. A file whose last byte is
    /// not a line feed (a torn write) gets one first.
    fn append_line(&self, path: &Path, line: &[u8], mode: u32) -> io::Result<()>;

    /// Syncs a file's data, whoever wrote it, to the device.
    fn sync_file(&self, path: &Path) -> io::Result<()>;

    /// Syncs a directory's entries to the device. Where that is impossible by design it is a success.
    fn sync_dir(&self, path: &Path) -> io::Result<()>;

    /// Renames, replacing what is at `to`.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Swaps two existing files atomically; `Unsupported` where the file system cannot.
    fn exchange(&self, a: &Path, b: &Path) -> io::Result<()>;

    /// Gives the file at `from` a second name that must not exist.
    fn link(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Removes a file's name.
    fn unlink(&self, path: &Path) -> io::Result<()>;

    /// Creates one directory.
    fn mkdir(&self, path: &Path, mode: u32) -> io::Result<()>;

    /// Removes an empty directory.
    fn rmdir(&self, path: &Path) -> io::Result<()>;

    /// Sets permission bits, where the platform has them.
    fn set_mode(&self, path: &Path, mode: u32) -> io::Result<()>;

    /// Sets the time of the last change to now.
    fn touch(&self, path: &Path) -> io::Result<()>;

    /// Tries once to lock `path` (created with mode 0600 if missing) against all other processes; `None` if
    /// it is taken, or if the path was replaced while it was being locked.
    fn try_lock(&self, path: &Path) -> io::Result<Option<Held>>;

    /// The time, in nanoseconds since 1970.
    fn now_ns(&self) -> i64;

    /// Waits.
    fn sleep(&self, time: Duration);
}
