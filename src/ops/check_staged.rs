use std::collections::BTreeSet;

use crate::document::parse;
use crate::format::{Lifted, lift};

use super::diff::{directory, texts};
use super::git_resolve::SESSIONS;
use super::{Context, OpError};

/// What a commit would contain.
pub(super) struct Staged {
    /// Every session's directory and text.
    pub texts: Vec<(String, Result<Lifted, String>)>,
    /// Directories of sessions that the commit would change.
    pub changed: BTreeSet<String>,
}

/// Reads the sessions as they are in Git's staging area, whatever the files say.
pub(super) fn staged(cx: &Context<'_>) -> Result<Staged, OpError> {
    let git = super::git_install::repository(cx)?;
    let changed = git.staged_changes(SESSIONS)?;
    let changed = changed.iter().filter_map(|path| directory(path)).map(str::to_owned).collect();
    let files = texts(&git, git.staged(SESSIONS)?)?;
    let understood = files.iter().filter_map(|(path, bytes)| {
        let name = directory(path)?;
        let (document, found) = parse(bytes, cx.workspace.limits());
        Some((name.to_owned(), Ok(lift(document, found, name))))
    });
    Ok(Staged { texts: understood.collect(), changed })
}
