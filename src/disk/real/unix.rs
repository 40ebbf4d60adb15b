use super::now_ns;
use crate::disk::{DirEntry, FileKind, Fs, Held, Lease, Stat};
use rustix::fs::{AtFlags, CWD, FileType, Mode, OFlags, RawMode, RenameFlags};
use rustix::io::Errno;
use std::ffi::OsStr;
use std::fs::{File, TryLockError};
use std::io::{self, Read, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The file system of this machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct RealFs;

// `as` is what these need: the integer types of `struct stat` differ from platform to platform.
macro_rules! widen {
    ($value:expr, $to:ty) => {
        <$to>::try_from($value).unwrap_or_default()
    };
}

fn kind(file_type: FileType) -> FileKind {
    match file_type {
        FileType::RegularFile => FileKind::File,
        FileType::Directory => FileKind::Dir,
        FileType::Symlink => FileKind::Link,
        _ => FileKind::Other,
    }
}

fn describe(stat: &rustix::fs::Stat) -> Stat {
    let stamp = |secs: i64, nanos: i64| secs.saturating_mul(1_000_000_000).saturating_add(nanos);
    Stat {
        dev: widen!(stat.st_dev, u64),
        ino: widen!(stat.st_ino, u64),
        size: widen!(stat.st_size, u64),
        mtime_ns: stamp(widen!(stat.st_mtime, i64), widen!(stat.st_mtime_nsec, i64)),
        ctime_ns: stamp(widen!(stat.st_ctime, i64), widen!(stat.st_ctime_nsec, i64)),
        mode: widen!(Mode::from_raw_mode(stat.st_mode).bits(), u32),
        nlink: widen!(stat.st_nlink, u64),
        kind: kind(FileType::from_raw_mode(stat.st_mode)),
    }
}

fn mode_of(bits: u32) -> Mode {
    Mode::from_raw_mode(RawMode::try_from(bits & 0o7777).unwrap_or(0o600))
}

fn open_regular(path: &Path) -> io::Result<(File, Stat)> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC | OFlags::NOCTTY;
    let file = match rustix::fs::open(path, flags, Mode::empty()) {
        // A link; or a socket or an unplugged device, which cannot be opened at all.
        Err(Errno::LOOP | Errno::NXIO | Errno::OPNOTSUPP) => return Err(not_regular()),
        opened => File::from(opened?),
    };
    let stat = describe(&rustix::fs::fstat(&file)?);
    if stat.kind == FileKind::File { Ok((file, stat)) } else { Err(not_regular()) }
}

fn not_regular() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "not a regular file")
}

fn read_open(file: &mut File, stat: &Stat) -> io::Result<(Vec<u8>, Stat)> {
    let mut bytes = Vec::with_capacity(usize::try_from(stat.size).unwrap_or(0));
    file.read_to_end(&mut bytes)?;
    Ok((bytes, describe(&rustix::fs::fstat(&*file)?)))
}

impl Fs for RealFs {
    fn read(&self, path: &Path) -> io::Result<(Vec<u8>, Stat)> {
        let (mut file, stat) = open_regular(path)?;
        read_open(&mut file, &stat)
    }

    fn read_end(&self, path: &Path, most: u64) -> io::Result<(Vec<u8>, u64)> {
        let (mut file, stat) = open_regular(path)?;
        super::end_of(&mut file, stat.size, most)
    }

    #[cfg(target_os = "linux")]
    fn read_leased(&self, path: &Path) -> io::Result<(Vec<u8>, Stat, Lease)> {
        let (mut file, stat) = open_regular(path)?;
        let lease = super::lease::take(&file);
        let read = read_open(&mut file, &stat);
        if lease == Lease::Granted {
            super::lease::give_back(&file);
        }
        read.map(|(bytes, stat)| (bytes, stat, lease))
    }

    #[cfg(not(target_os = "linux"))]
    fn read_leased(&self, path: &Path) -> io::Result<(Vec<u8>, Stat, Lease)> {
        let (bytes, stat) = self.read(path)?;
        Ok((bytes, stat, Lease::Unsupported))
    }

    fn stat(&self, path: &Path) -> io::Result<Stat> {
        Ok(describe(&rustix::fs::lstat(path)?))
    }

    fn room(&self, path: &Path) -> Option<u64> {
        // What is kept for root is not counted, whoever asks.
        let of = rustix::fs::statvfs(path).ok()?;
        // A file system that has no size at all does not tell.
        if of.f_blocks == 0 || of.f_frsize == 0 {
            return None;
        }
        of.f_bavail.checked_mul(of.f_frsize)
    }

    fn canonical(&self, path: &Path) -> io::Result<PathBuf> {
        std::fs::canonicalize(path).map_err(|e| match Errno::from_io_error(&e) {
            Some(Errno::LOOP) => io::ErrorKind::NotFound.into(), // links in a circle lead nowhere
            _ => e,
        })
    }

    // Not through std, whose iterator panics when closing the directory fails.
    fn read_dir(&self, path: &Path) -> io::Result<Vec<DirEntry>> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC | OFlags::NONBLOCK;
        let dir = rustix::fs::open(path, flags, Mode::empty())?;
        let mut entries = Vec::new();
        for entry in rustix::fs::Dir::read_from(&dir)? {
            let entry = entry?;
            let name = OsStr::from_bytes(entry.file_name().to_bytes()).to_owned();
            if name == "." || name == ".." {
                continue;
            }
            let kind = match entry.file_type() {
                FileType::Unknown => match rustix::fs::statat(&dir, &name, AtFlags::SYMLINK_NOFOLLOW) {
                    Ok(stat) => kind(FileType::from_raw_mode(stat.st_mode)),
                    Err(_) => continue, // it went away meanwhile
                },
                known => kind(known),
            };
            entries.push(DirEntry { name, kind });
        }
        Ok(entries)
    }

    fn create(&self, path: &Path, bytes: &[u8], mode: u32) -> io::Result<()> {
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let mut file = File::from(rustix::fs::open(path, flags, mode_of(0o600))?);
        let written = (|| {
            rustix::fs::fchmod(&file, mode_of(mode))?; // past the umask: the mode to keep is exact
            file.write_all(bytes)?;
            file.sync_all()
        })();
        if written.is_err() {
            let _ = rustix::fs::unlink(path); // a half-written file is of no use; recovery removes it too
        }
        written
    }

    fn append_line(&self, path: &Path, line: &[u8], mode: u32) -> io::Result<()> {
        let flags = OFlags::RDWR | OFlags::APPEND | OFlags::CREATE | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let mut file = File::from(rustix::fs::open(path, flags, mode_of(mode))?);
        let size = file.metadata()?.size();
        let mut last = [b'\n'];
        if size > 0 {
            file.read_exact_at(&mut last, size - 1)?;
        }
        let whole = if last == [b'\n'] { line.to_vec() } else { [b"\n", line].concat() };
        if file.write(&whole)? != whole.len() {
            return Err(io::Error::from(io::ErrorKind::StorageFull));
        }
        file.sync_data()
    }

    fn sync_file(&self, path: &Path) -> io::Result<()> {
        open_regular(path)?.0.sync_all()
    }

    fn sync_dir(&self, path: &Path) -> io::Result<()> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let dir = rustix::fs::open(path, flags, Mode::empty())?;
        match rustix::fs::fsync(&dir) {
            Err(Errno::INVAL | Errno::NOTSUP) => Ok(()),
            done => Ok(done?),
        }
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        Ok(rustix::fs::rename(from, to)?)
    }

    #[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
    fn exchange(&self, a: &Path, b: &Path) -> io::Result<()> {
        match rustix::fs::renameat_with(CWD, a, CWD, b, RenameFlags::EXCHANGE) {
            Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => Err(io::ErrorKind::Unsupported.into()),
            done => Ok(done?),
        }
    }

    #[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple")))]
    fn exchange(&self, _: &Path, _: &Path) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    fn link(&self, from: &Path, to: &Path) -> io::Result<()> {
        Ok(rustix::fs::link(from, to)?)
    }

    fn unlink(&self, path: &Path) -> io::Result<()> {
        Ok(rustix::fs::unlink(path)?)
    }

    fn mkdir(&self, path: &Path, mode: u32) -> io::Result<()> {
        Ok(rustix::fs::mkdir(path, mode_of(mode))?)
    }

    fn rmdir(&self, path: &Path) -> io::Result<()> {
        Ok(rustix::fs::rmdir(path)?)
    }

    fn set_mode(&self, path: &Path, mode: u32) -> io::Result<()> {
        Ok(rustix::fs::chmod(path, mode_of(mode))?)
    }

    fn touch(&self, path: &Path) -> io::Result<()> {
        let now = rustix::fs::Timespec { tv_sec: 0, tv_nsec: rustix::fs::UTIME_NOW };
        let times = rustix::fs::Timestamps { last_access: now, last_modification: now };
        Ok(rustix::fs::utimensat(CWD, path, &times, AtFlags::SYMLINK_NOFOLLOW)?)
    }

    fn try_lock(&self, path: &Path) -> io::Result<Option<Held>> {
        let flags = OFlags::RDWR | OFlags::CREATE | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let file = File::from(rustix::fs::open(path, flags, mode_of(0o600))?);
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Ok(None),
            Err(TryLockError::Error(error)) => return Err(error),
        }
        // `git clean` may have removed the file, and another process made a new one, while we waited.
        let ours = describe(&rustix::fs::fstat(&file)?);
        let there = self.stat(path).ok();
        let same = there.is_some_and(|there| (there.dev, there.ino) == (ours.dev, ours.ino));
        Ok((same && ours.nlink > 0).then(|| Held(Box::new(file))))
    }

    fn now_ns(&self) -> i64 {
        now_ns()
    }

    fn sleep(&self, time: Duration) {
        std::thread::sleep(time);
    }
}
