use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Context, Effect, ErrorCode, OpError, Operation, SCHEMA};

/// Removes what the tool keeps and nobody needs any more.
pub struct Cleanup;

/// What, and whether really.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct CleanupInput {
    /// `snapshots` (old versions, long logs), `leftovers` (interrupted writes), `claims` (nobody keeps them),
    /// `views` (nobody asks for them), `histories` (of sessions long gone), `locks` (indexes put aside, old
    /// temporary files), `all`
    #[serde(alias = "cleanup_scope")]
    pub scope: Option<String>,
    /// Really; otherwise it is only counted
    pub apply: bool,
}

/// What was, or would be, removed.
#[derive(Clone, Debug, Default, Serialize)]
pub struct CleanupView {
    /// Version of this shape.
    pub schema: u32,
    /// Whether it was done.
    pub applied: bool,
    /// Versions of sessions that are past what the settings keep.
    pub snapshots: usize,
    /// Bytes they take.
    pub bytes: u64,
    /// Version logs that are too long.
    pub logs: usize,
    /// Claims that expired, or whose task is done, cancelled or gone.
    pub claims: usize,
    /// Whether interrupted writes wait to be finished.
    pub leftovers: bool,
    /// Generated views that nobody edited and nobody asks for.
    pub views: Vec<String>,
    /// Histories of sessions that have been gone for long.
    pub histories: Vec<String>,
    /// Files of the tool's own that nobody holds: indexes put aside, temporary files of a day ago or more.
    pub locks: Vec<String>,
    /// The backup that was taken before, with the histories; versions past what the settings keep are not in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backup: Option<String>,
}

/// What a cleanup can be limited to.
pub const CLEANUP_SCOPES: [&str; 7] =
    ["snapshots", "leftovers", "claims", "views", "histories", "locks", "all"];

impl Operation for Cleanup {
    const NAME: &'static str = "cleanup";
    const EFFECT: Effect = Effect::Destroys;
    type Input = CleanupInput;
    type Output = CleanupView;

    fn run(cx: &Context<'_>, input: CleanupInput) -> Result<CleanupView, OpError> {
        let scope = input.scope.as_deref().unwrap_or("all");
        if !CLEANUP_SCOPES.contains(&scope) {
            return Err(OpError::new(ErrorCode::InvalidInput, format!("`{scope}` is no scope"))
                .hint(format!("use {}", crate::diagnostic::List(&CLEANUP_SCOPES, "or"))));
        }
        let asked = |word: &str| scope == "all" || scope == word;
        let apply = input.apply && !cx.dry_run;
        let mut view = CleanupView { schema: SCHEMA, applied: apply, ..CleanupView::default() };
        if asked("claims") {
            view.claims = super::claim::prune(cx, false)?;
        }
        let orphans = cx.workspace.orphans()?;
        if asked("views") {
            view.views = orphans.views;
        }
        if asked("histories") {
            view.histories = orphans.histories;
        }
        if asked("leftovers") {
            view.leftovers = cx.workspace.disk().recovery_pending();
        }
        if asked("snapshots") {
            let found = cx.workspace.collect(false)?;
            (view.snapshots, view.bytes, view.logs) = (found.blobs, found.bytes, found.logs);
        }
        if asked("locks") {
            view.locks = cx.workspace.strays(false)?;
        }
        if !apply {
            return Ok(view);
        }
        let removes = view.snapshots + view.logs + view.views.len() + view.histories.len() > 0;
        if removes {
            let scope = crate::workspace::BackupScope::Everything;
            view.backup = Some(super::backup_create::before_with(cx, scope, "cleanup", &view.histories)?);
        }
        if view.leftovers {
            cx.workspace.recover_all()?;
        }
        if view.claims > 0 {
            view.claims = super::claim::prune(cx, true)?;
        }
        cx.workspace.remove_orphans(&[view.views.clone(), view.histories.clone()].concat())?;
        if !view.locks.is_empty() {
            view.locks = cx.workspace.strays(true)?;
        }
        if asked("snapshots") {
            let done = cx.workspace.collect(true)?;
            (view.snapshots, view.bytes, view.logs) = (done.blobs, done.bytes, done.logs);
        }
        Ok(view)
    }
}
