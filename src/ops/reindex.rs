use serde::Serialize;

use crate::workspace::Workspace;

use super::{ErrorCode, OpError, SCHEMA};

/// What bringing the index up to date amounted to.
#[derive(Clone, Debug, Serialize)]
pub struct ReindexView {
    /// Version of this shape.
    pub schema: u32,
    /// Session files found.
    pub sessions: usize,
    /// Sessions whose rows were written.
    pub changed: usize,
    /// Sessions that are gone.
    pub removed: usize,
}

/// Builds the index anew from nothing but the files.
pub fn from_scratch(workspace: &mut Workspace) -> Result<ReindexView, OpError> {
    let done = workspace.rebuild()?;
    workspace.refresh_local()?;
    Ok(ReindexView {
        schema: SCHEMA,
        sessions: done.sessions,
        changed: done.changed.len(),
        removed: done.removed.len(),
    })
}

/// Brings the index up to date; opening the workspace has done it already, so this counts.
pub fn incremental(workspace: &Workspace) -> Result<ReindexView, OpError> {
    let done = workspace.refresh()?;
    workspace.refresh_local()?;
    Ok(ReindexView {
        schema: SCHEMA,
        sessions: done.sessions,
        changed: done.changed.len(),
        removed: done.removed.len(),
    })
}

/// Compares the index with one that is built anew in memory; an error where they differ.
pub fn compare(workspace: &Workspace) -> Result<ReindexView, OpError> {
    let (kept, fresh) = workspace.compare_with_rebuild()?;
    if kept == fresh {
        return incremental(workspace);
    }
    let at = kept.lines().zip(fresh.lines()).position(|(a, b)| a != b);
    let line = at.unwrap_or_else(|| kept.lines().count().min(fresh.lines().count()));
    let show =
        |text: &str| text.lines().nth(line).unwrap_or("(nothing)").chars().take(300).collect::<String>();
    Err(OpError::new(ErrorCode::IndexDiffers, "the index differs from what a rebuild gives")
        .hint("run `plandown reindex --from-scratch`, and please report it")
        .with("index", show(&kept))
        .with("rebuilt", show(&fresh)))
}
