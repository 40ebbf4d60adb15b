use rusqlite::ErrorCode;

/// Why the index could not do something. None of these touches the plan: it is in the files.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Another process holds the index for longer than was waited.
    #[error("the index is in use by another process")]
    Busy,
    /// The file is no index, or its pages contradict each other. Move it aside and rebuild.
    #[error("the index is damaged: {why}")]
    Damaged {
        /// What SQLite noticed.
        why: String,
    },
    /// Anything else: no space, no permission, a limit.
    #[error("the index cannot be used: {0}")]
    Sqlite(rusqlite::Error),
}

impl Error {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Busy => "index-busy",
            Self::Damaged { .. } => "index-damaged",
            Self::Sqlite(_) => "index-unusable",
        }
    }

    /// What one can do about it.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Busy => "try again when the other command is done",
            Self::Damaged { .. } => "run `plandown reindex --from-scratch`",
            Self::Sqlite(_) => "check free space and permissions of `.task_orchestrator/.state`",
        }
    }
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        let damaged = |why: &dyn std::fmt::Display| Self::Damaged { why: why.to_string() };
        match &error {
            rusqlite::Error::SqliteFailure(failure, _) => match failure.code {
                ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => Self::Busy,
                // The schema was checked when the index was opened: a missing table or a value that
                // breaks a constraint means that rows are not what they were.
                ErrorCode::DatabaseCorrupt
                | ErrorCode::NotADatabase
                | ErrorCode::SystemIoFailure
                | ErrorCode::Unknown
                | ErrorCode::ConstraintViolation
                | ErrorCode::TypeMismatch => damaged(&error),
                _ => Self::Sqlite(error),
            },
            rusqlite::Error::InvalidColumnType(..)
            | rusqlite::Error::FromSqlConversionFailure(..)
            | rusqlite::Error::IntegralValueOutOfRange(..)
            | rusqlite::Error::Utf8Error(..) => damaged(&error),
            _ => Self::Sqlite(error),
        }
    }
}

/// What the index's functions return.
pub type Result<T> = std::result::Result<T, Error>;
