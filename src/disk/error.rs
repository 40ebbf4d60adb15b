use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// Why a file could not be had or written, in the classes a caller can act on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Nothing is there.
    NotFound,
    /// The file system, or its permissions, refuse the write.
    ReadOnly,
    /// The file system refuses the read.
    Denied,
    /// The device is full, or the quota used up.
    NoSpace,
    /// Somebody else holds the lock, or keeps writing.
    Busy,
    /// The path leads out of the workspace, or into a place that is not a plan's.
    Outside,
    /// A directory, a pipe or a device stands where a file belongs.
    NotRegular,
    /// The name cannot be a file name on every platform.
    Name,
    /// Something is already there.
    Exists,
    /// Our own stored bytes are not what their name says.
    Damaged,
    /// Anything else the system reports.
    Io,
}

impl Kind {
    /// The stable code that users and machines see.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::NotFound => "not-found",
            Self::ReadOnly => "read-only",
            Self::Denied => "permission-denied",
            Self::NoSpace => "no-space",
            Self::Busy => "busy",
            Self::Outside => "outside",
            Self::NotRegular => "not-regular",
            Self::Name => "unsafe-name",
            Self::Exists => "exists",
            Self::Damaged => "damaged",
            Self::Io => "io",
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn hint(self) -> &'static str {
        match self {
            Self::NotFound => "run `plandown session list` to see what exists",
            Self::ReadOnly => "make the directory writable for this user, then try again",
            Self::Denied => "make the file readable for this user, then try again",
            Self::NoSpace => "free some space, then try again; nothing was changed",
            Self::Busy => "try again in a moment",
            Self::Outside => "replace the link by the file, or move its target into the workspace",
            Self::NotRegular => "move it away and put a regular file in its place",
            Self::Name => "use letters, digits, `-`, `_` and `.`, at most 100 bytes, not starting with a dot",
            Self::Exists => "choose another name",
            Self::Damaged | Self::Io => "run `plandown doctor`",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotFound => "it does not exist",
            Self::ReadOnly => "it is read-only here",
            Self::Denied => "permission denied",
            Self::NoSpace => "no space left",
            Self::Busy => "it is in use",
            Self::Outside => "it leads outside the workspace",
            Self::NotRegular => "it is not a regular file",
            Self::Name => "the name is not safe on every platform",
            Self::Exists => "it exists already",
            Self::Damaged => "the stored bytes are damaged",
            Self::Io => "the system reports an error",
        })
    }
}

/// A refused or failed file operation: what was tried, where, and why not.
#[derive(Debug, thiserror::Error)]
#[error("cannot {action} `{}`: {kind}", path.display())]
pub struct Error {
    /// The file or directory.
    pub path: PathBuf,
    /// The verb: `read`, `write`, `lock`, …
    pub action: &'static str,
    /// The class.
    pub kind: Kind,
    /// What the system said, if it was asked.
    #[source]
    pub source: Option<io::Error>,
}

impl Error {
    /// A refusal of our own, without a system error behind it.
    #[must_use]
    pub fn new(kind: Kind, action: &'static str, path: &Path) -> Self {
        Self { path: path.to_owned(), action, kind, source: None }
    }

    /// Wraps what the system said while reading.
    pub(crate) fn reading(action: &'static str, path: &Path, source: io::Error) -> Self {
        let kind = match classify(&source) {
            Kind::ReadOnly => Kind::Denied,
            other => other,
        };
        Self { path: path.to_owned(), action, kind, source: Some(source) }
    }

    /// Wraps what the system said while changing something.
    pub(crate) fn writing(action: &'static str, path: &Path, source: io::Error) -> Self {
        Self { path: path.to_owned(), action, kind: classify(&source), source: Some(source) }
    }
}

/// The class of a system error. `InvalidData` is how [`super::Fs`] says "not a regular file".
fn classify(error: &io::Error) -> Kind {
    match error.kind() {
        io::ErrorKind::NotFound => Kind::NotFound,
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => Kind::ReadOnly,
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => {
            Kind::NoSpace
        }
        io::ErrorKind::ResourceBusy | io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => Kind::Busy,
        io::ErrorKind::InvalidData | io::ErrorKind::IsADirectory | io::ErrorKind::NotADirectory => {
            Kind::NotRegular
        }
        io::ErrorKind::AlreadyExists => Kind::Exists,
        io::ErrorKind::InvalidFilename => Kind::Name,
        _ => Kind::Io,
    }
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(errno: i32, writing: Kind, reading: Kind) {
        let path = Path::new("a/session.md");
        assert_eq!(Error::writing("write", path, io::Error::from_raw_os_error(errno)).kind, writing);
        assert_eq!(Error::reading("read", path, io::Error::from_raw_os_error(errno)).kind, reading);
    }

    #[test]
    fn every_class_of_errno_is_told_apart() {
        check(libc::ENOENT, Kind::NotFound, Kind::NotFound);
        check(libc::EACCES, Kind::ReadOnly, Kind::Denied);
        check(libc::EPERM, Kind::ReadOnly, Kind::Denied);
        check(libc::EROFS, Kind::ReadOnly, Kind::Denied);
        check(libc::ENOSPC, Kind::NoSpace, Kind::NoSpace);
        check(libc::EDQUOT, Kind::NoSpace, Kind::NoSpace);
        check(libc::EBUSY, Kind::Busy, Kind::Busy);
        check(libc::EEXIST, Kind::Exists, Kind::Exists);
        check(libc::EISDIR, Kind::NotRegular, Kind::NotRegular);
        check(libc::EIO, Kind::Io, Kind::Io);
        check(libc::ESTALE, Kind::Io, Kind::Io);
    }

    #[test]
    fn the_sentence_names_verb_path_and_reason() {
        let error = Error::new(Kind::Outside, "write", Path::new("a/session.md"));
        assert_eq!(error.to_string(), "cannot write `a/session.md`: it leads outside the workspace");
        assert_eq!(error.kind.code(), "outside");
    }
}
