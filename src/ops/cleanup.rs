use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Context, Effect, ErrorCode, OpError, Operation, SCHEMA};

/// Removes what the tool keeps and nobody needs any more.
pub struct Cleanup;

/// What, and whether really.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct CleanupInput {
    /// `snapshots` (old versions, long logs), `leftovers` (interrupted writes), `claims`, `all`
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
}

impl Operation for Cleanup {
    const NAME: &'static str = "cleanup";
    const EFFECT: Effect = Effect::Destroys;
    type Input = CleanupInput;
    type Output = CleanupView;

    fn run(cx: &Context<'_>, input: CleanupInput) -> Result<CleanupView, OpError> {
        let scope = input.scope.as_deref().unwrap_or("all");
        if !["all", "snapshots", "leftovers", "claims"].contains(&scope) {
            return Err(OpError::new(ErrorCode::InvalidInput, format!("`{scope}` is no scope"))
                .hint("use `snapshots`, `leftovers`, `claims` or `all`"));
        }
        let wanted = |what: &str| scope == "all" || scope == what;
        let apply = input.apply && !cx.dry_run;
        let mut view = CleanupView { schema: SCHEMA, applied: apply, ..CleanupView::default() };
        if wanted("leftovers") {
            view.leftovers = cx.workspace.disk().recovery_pending();
            if apply {
                cx.workspace.recover_all()?;
            }
        }
        if wanted("claims") {
            view.claims = super::claim::prune(cx, apply)?;
        }
        if wanted("snapshots") {
            let collected = cx.workspace.collect(apply)?;
            (view.snapshots, view.bytes, view.logs) = (collected.blobs, collected.bytes, collected.logs);
        }
        Ok(view)
    }
}
