use super::now_ns;
use crate::disk::{DirEntry, FileKind, Fs, Held, Lease, Stat};
use std::fs::{self, File, Metadata, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};

/// The file system of this machine, on a platform without Unix calls: no exchange, no leases, no modes.
#[derive(Clone, Copy, Debug, Default)]
pub struct RealFs;

fn kind(meta: &Metadata) -> FileKind {
    let file_type = meta.file_type();
    if file_type.is_symlink() {
        FileKind::Link
    } else if file_type.is_dir() {
        FileKind::Dir
    } else if file_type.is_file() {
        FileKind::File
    } else {
        FileKind::Other
    }
}

fn describe(meta: &Metadata) -> Stat {
    let modified = meta.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    let mode = if meta.permissions().readonly() { 0o444 } else { 0o644 };
    Stat {
        dev: 0,
        ino: 0,
        size: meta.len(),
        mtime_ns: modified.map_or(0, |since| i64::try_from(since.as_nanos()).unwrap_or(i64::MAX)),
        ctime_ns: 0,
        mode,
        nlink: 1,
        kind: kind(meta),
    }
}

fn open_regular(path: &Path) -> io::Result<File> {
    if kind(&fs::symlink_metadata(path)?) == FileKind::File {
        return File::open(path);
    }
    Err(io::Error::new(io::ErrorKind::InvalidData, "not a regular file"))
}

impl Fs for RealFs {
    fn read(&self, path: &Path) -> io::Result<(Vec<u8>, Stat)> {
        let mut file = open_regular(path)?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        Ok((bytes, describe(&file.metadata()?)))
    }

    fn read_end(&self, path: &Path, most: u64) -> io::Result<(Vec<u8>, u64)> {
        let mut file = open_regular(path)?;
        let size = file.metadata()?.len();
        super::end_of(&mut file, size, most)
    }

    fn read_leased(&self, path: &Path) -> io::Result<(Vec<u8>, Stat, Lease)> {
        let (bytes, stat) = self.read(path)?;
        Ok((bytes, stat, Lease::Unsupported))
    }

    fn stat(&self, path: &Path) -> io::Result<Stat> {
        Ok(describe(&fs::symlink_metadata(path)?))
    }

    fn canonical(&self, path: &Path) -> io::Result<PathBuf> {
        fs::canonicalize(path)
    }

    fn read_dir(&self, path: &Path) -> io::Result<Vec<DirEntry>> {
        fs::read_dir(path)?
            .map(|entry| {
                let entry = entry?;
                Ok(DirEntry { name: entry.file_name(), kind: kind(&entry.metadata()?) })
            })
            .collect()
    }

    fn create(&self, path: &Path, bytes: &[u8], _: u32) -> io::Result<()> {
        let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
        let written = file.write_all(bytes).and_then(|()| file.sync_all());
        if written.is_err() {
            drop(file);
            let _ = fs::remove_file(path); // a half-written file is of no use; recovery removes it too
        }
        written
    }

    fn append_line(&self, path: &Path, line: &[u8], _: u32) -> io::Result<()> {
        let mut file = OpenOptions::new().read(true).append(true).create(true).open(path)?;
        let mut last = [b'\n'];
        if file.metadata()?.len() > 0 {
            file.seek(SeekFrom::End(-1))?;
            file.read_exact(&mut last)?;
        }
        let whole = if last == [b'\n'] { line.to_vec() } else { [b"\n", line].concat() };
        if file.write(&whole)? != whole.len() {
            return Err(io::Error::from(io::ErrorKind::StorageFull));
        }
        file.sync_data()
    }

    fn sync_file(&self, path: &Path) -> io::Result<()> {
        OpenOptions::new().write(true).open(path)?.sync_all()
    }

    // A directory cannot be opened for syncing here; the file system orders its own entries.
    fn sync_dir(&self, _: &Path) -> io::Result<()> {
        Ok(())
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn exchange(&self, _: &Path, _: &Path) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    fn link(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::hard_link(from, to)
    }

    fn unlink(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }

    fn mkdir(&self, path: &Path, _: u32) -> io::Result<()> {
        fs::create_dir(path)
    }

    fn rmdir(&self, path: &Path) -> io::Result<()> {
        fs::remove_dir(path)
    }

    fn set_mode(&self, _: &Path, _: u32) -> io::Result<()> {
        Ok(())
    }

    fn touch(&self, path: &Path) -> io::Result<()> {
        OpenOptions::new().write(true).open(path)?.set_modified(std::time::SystemTime::now())
    }

    fn try_lock(&self, path: &Path) -> io::Result<Option<Held>> {
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Held(Box::new(file)))),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    fn now_ns(&self) -> i64 {
        now_ns()
    }

    fn sleep(&self, time: Duration) {
        std::thread::sleep(time);
    }
}
