use std::fmt;

/// Why a source could not be read at all, in the classes a caller can act on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Nothing is there.
    NotFound,
    /// The file is no SQLite database.
    NotADatabase,
    /// It is one, but SQLite calls it malformed.
    Damaged,
    /// Somebody keeps writing to it.
    Busy,
    /// It is over a size limit.
    TooLarge,
    /// It is nested too deeply.
    TooDeep,
    /// It ends early, or is not written in its format.
    Syntax,
    /// It is well-formed but holds nothing of what this importer knows.
    UnknownShape,
    /// The path leads out of the source.
    UnsafePath,
    /// Anything else the system reports.
    Io,
}

impl Kind {
    /// The stable code that users and machines see.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::NotFound => "not-found",
            Self::NotADatabase => "not-a-database",
            Self::Damaged => "damaged",
            Self::Busy => "busy",
            Self::TooLarge => "too-large",
            Self::TooDeep => "too-deep",
            Self::Syntax => "source-syntax",
            Self::UnknownShape => "source-unknown",
            Self::UnsafePath => "outside",
            Self::Io => "io",
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn hint(self) -> &'static str {
        match self {
            Self::NotFound => "name the file or folder to import, or run `plandown import legacy --scan`",
            Self::NotADatabase => "name the `.db` or `.sqlite` file that the older tool wrote",
            Self::Damaged => "run `sqlite3 FILE .recover` into a new file and import that one",
            Self::Busy => "stop the program that writes to it, then try again",
            Self::TooLarge => "split the file, then import the parts",
            Self::TooDeep => "the file is nested deeper than any plan: look at what wrote it",
            Self::Syntax => "mend or re-export the file at the place named, then try again",
            Self::UnknownShape => "run `plandown import --help` to see which formats are read",
            Self::UnsafePath => "name a path inside the folder that is imported",
            Self::Io => "make the file readable for this user, then try again",
        }
    }
}

/// A source that was not read. Nothing has changed anywhere.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct Error {
    /// The class.
    pub kind: Kind,
    /// The file, with line and column or table where they are known.
    pub place: String,
    /// What is wrong, in lower case.
    pub detail: String,
}

impl Error {
    /// An error of class `kind` at `place`.
    #[must_use]
    pub fn new(kind: Kind, place: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { kind, place: place.into(), detail: detail.into() }
    }

    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.kind.code()
    }

    /// What to do about it.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        self.kind.hint()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot import `{}`: {}", self.place, self.detail)
    }
}
