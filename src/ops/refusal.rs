use crate::diagnostic::Code;
use crate::disk;
use crate::format::WriteError;
use crate::model::{GroupRef, Refusal, TaskKey};
use crate::workspace::{Error, NotFound};

use super::{ErrorCode, OpError};

impl From<disk::Error> for OpError {
    fn from(error: disk::Error) -> Self {
        use disk::Kind;
        let code = match error.kind {
            Kind::NotFound => ErrorCode::NotFound,
            Kind::ReadOnly => ErrorCode::ReadOnly,
            Kind::NoSpace => ErrorCode::NoSpace,
            Kind::Busy => ErrorCode::Busy,
            Kind::Outside => ErrorCode::Outside,
            Kind::Name => ErrorCode::InvalidInput,
            Kind::Exists => ErrorCode::AlreadyExists,
            Kind::Denied | Kind::NotRegular | Kind::Damaged | Kind::Io => ErrorCode::Unreadable,
        };
        Self::new(code, error.to_string())
            .hint(error.kind.hint())
            .with("path", error.path.display().to_string())
    }
}

impl From<Error> for OpError {
    fn from(error: Error) -> Self {
        let message = error.to_string();
        match error {
            Error::Disk(error) => error.into(),
            Error::Write { path, source } => refused(&path, source),
            Error::Stale { path, expected, found } => Self::new(ErrorCode::StaleRevision, message)
                .hint("read it again and repeat the change on what is there now")
                .with("path", path)
                .with("expected", expected)
                .with("revision", found.hex()),
            Error::Conflict(c) => Self::new(ErrorCode::Conflict, message)
                .hint("read it again; repeat the change without `if_match` if it is still right")
                .with("path", c.path)
                .with("task", c.task)
                .with("field", c.field)
                .with("base", c.base)
                .with("yours", c.yours)
                .with("theirs", c.theirs)
                .with("revision", c.found.hex()),
            Error::BaseUnknown { path, expected, found } => Self::new(ErrorCode::BaseUnknown, message)
                .hint("read it again and repeat the change on what is there now")
                .with("path", path)
                .with("expected", expected)
                .with("revision", found.hex()),
            Error::BasePruned { path, expected, found } => Self::new(ErrorCode::BasePruned, message)
                .hint("read it again and repeat the change on what is there now")
                .with("path", path)
                .with("expected", expected)
                .with("revision", found.hex()),
            Error::Apart { path, sides, .. } => {
                let [base, yours, theirs] = *sides;
                Self::new(ErrorCode::Conflict, message)
                    .hint("what came later touches the same place: change it by hand in an editor")
                    .with("path", path)
                    .with("base", base)
                    .with("yours", yours)
                    .with("theirs", theirs)
            }
            Error::NoConflict(_) => {
                Self::new(ErrorCode::NotFound, message).hint("run `plandown conflicts list --all`")
            }
            Error::Choice(_) => {
                Self::new(ErrorCode::InvalidInput, message).hint("run `plandown conflicts show ID`")
            }
            Error::NothingToDo(_) => Self::new(ErrorCode::NothingToUndo, message).hint("run `plandown log`"),
            Error::Unsettled { path } => Self::new(ErrorCode::Busy, message)
                .hint("save and close it in the editor, then try again")
                .with("path", path),
            Error::Indeterminate { path } => Self::new(ErrorCode::Indeterminate, message)
                .hint("look at the file, then run `plandown sync`")
                .with("path", path),
            Error::NoSession(_) => {
                Self::new(ErrorCode::SessionNotFound, message).hint("run `plandown session list --all`")
            }
            Error::Exists(_) => {
                Self::new(ErrorCode::AlreadyExists, message).hint("choose another name or `--id`")
            }
            Error::ImportExists(_) => {
                Self::new(ErrorCode::AlreadyExists, message).hint("run the import again")
            }
            Error::IndexDamaged(_) => Self::new(ErrorCode::IndexDamaged, message)
                .hint("run `plandown reindex --from-scratch`, look at the plan, then try again"),
            Error::IndexBusy => {
                Self::new(ErrorCode::Busy, message).hint("try again when the other command is done")
            }
            Error::Index(_) => {
                Self::new(ErrorCode::Internal, message).hint("run `plandown reindex --from-scratch`")
            }
            Error::Archive { path, .. } => {
                let hint = if path.contains("/backups/") {
                    "nothing was changed; run `plandown backup verify` and use one that is whole"
                } else {
                    "restore it from a backup: `plandown backup list`"
                };
                Self::new(ErrorCode::Damaged, message).hint(hint).with("path", path)
            }
            Error::Template { path, .. } => Self::new(ErrorCode::TemplateBroken, message)
                .hint(
                    "run `plandown template validate` for the place; mend it there, or go back to the built-in one \
                     with `plandown template delete`",
                )
                .with("path", path.display().to_string()),
        }
    }
}

fn refused(path: &str, error: WriteError) -> OpError {
    match error {
        WriteError::ReadOnly => OpError::new(
            ErrorCode::FileReadOnly,
            format!("`{path}` has errors that make it read-only for machine edits"),
        )
        .hint(format!("run `plandown check {path}` and mend what it shows")),
        WriteError::NotEditable { code, span, message } => {
            let hint = match code {
                Code::L402 => {
                    format!("run `plandown check --unsafe-fixes {path}`, or close the block by hand")
                }
                _ => format!("run `plandown explain {code}`"),
            };
            OpError::new(ErrorCode::NotEditable, format!("{message} in `{path}`"))
                .hint(hint)
                .with("diagnostic", code.info().code)
                .with("span", vec![span.start, span.end])
        }
        WriteError::Refused(refusal) => refusal_error(path, &refusal),
        WriteError::Mismatch { difference } => OpError::new(
            ErrorCode::SpliceMismatch,
            format!(
                "`{path}` was not changed: the edited text would not read back as planned ({difference})"
            ),
        )
        .hint(format!("make this change by hand in an editor; run `plandown explain {}`", Code::W901))
        .with("diagnostic", "W901"),
    }
}

fn refusal_error(path: &str, refusal: &Refusal) -> OpError {
    match refusal {
        Refusal::NoTask(key) => {
            let name = match key {
                TaskKey::Id(id) => id.to_string(),
                TaskKey::Nth(n) => format!("number {}", n + 1),
            };
            OpError::new(ErrorCode::TaskNotFound, format!("no task `{name}` in `{path}`"))
                .hint("run `plandown list --all`")
        }
        Refusal::NoGroup(group) => {
            let name = match group {
                GroupRef::Path(path) => path.clone(),
                GroupRef::Nth(n) => format!("number {}", n + 1),
                GroupRef::Ungrouped => "(ungrouped)".to_owned(),
            };
            OpError::new(ErrorCode::GroupNotFound, format!("no group `{name}` in `{path}`"))
                .hint("run `plandown group list`")
        }
        Refusal::Unwritable(message) => OpError::new(ErrorCode::InvalidInput, message.clone())
            .hint("use other words; run `plandown explain W903`"),
    }
}

impl From<crate::import::Error> for OpError {
    fn from(error: crate::import::Error) -> Self {
        use crate::import::Kind;
        let code = match error.kind {
            Kind::NotFound => ErrorCode::NotFound,
            Kind::NotADatabase => ErrorCode::NotADatabase,
            Kind::Damaged => ErrorCode::Damaged,
            Kind::Busy => ErrorCode::Busy,
            Kind::TooLarge => ErrorCode::TooLarge,
            Kind::TooDeep => ErrorCode::TooDeep,
            Kind::Syntax => ErrorCode::SourceSyntax,
            Kind::UnknownShape => ErrorCode::SourceUnknown,
            Kind::UnsafePath => ErrorCode::Outside,
            Kind::Io => ErrorCode::Unreadable,
        };
        Self::new(code, error.to_string()).hint(error.hint()).with("place", error.place)
    }
}

impl From<NotFound> for OpError {
    fn from(reason: NotFound) -> Self {
        match reason {
            NotFound::NotAWorkspace(dir) => Self::new(
                ErrorCode::NoWorkspace,
                format!("`{}` has no `.task_orchestrator` directory", dir.display()),
            )
            .hint(format!("run `plandown init --root {}`", dir.display())),
            NotFound::Nothing { from } => Self::new(
                ErrorCode::NoWorkspace,
                format!("no `.task_orchestrator` directory in `{}` or above", from.display()),
            )
            .hint("run `plandown init`, or name a directory with `--root`"),
            NotFound::Refused(dir) => Self::new(
                ErrorCode::RootRefused,
                format!("`{}` is never taken as a workspace by accident", dir.display()),
            )
            .hint(format!("name it if you mean it: `--root {}`", dir.display())),
        }
    }
}
