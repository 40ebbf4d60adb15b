use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::text::unified_diff;
use crate::workspace::{About, Conflict, Standing, Take};

use super::{Context, Effect, ErrorCode, OpError, Operation, SCHEMA};

/// A conflict, for people and programs.
#[derive(Clone, Debug, Serialize)]
pub struct ConflictView {
    /// Names it.
    pub id: String,
    /// `open` or `resolved`
    pub status: &'static str,
    /// The session's directory.
    pub session: String,
    /// The task, where it is about one that has an id.
    pub task: Option<String>,
    /// One line: what it is about.
    pub subject: String,
    /// The field's key, `title`, `status`, or `text`.
    pub what: String,
    /// `field|prose|delete_modify|markers|too_long|revert|stale|no_base|truncation|git`
    pub kind: String,
    /// What it was.
    pub base: Option<String>,
    /// What the tool made of it.
    pub ours: Option<String>,
    /// What was in the file.
    pub theirs: Option<String>,
    /// Whose text is in the file: `ours` or `theirs`.
    pub kept: &'static str,
    /// Who made ours.
    pub ours_by: String,
    /// Who made theirs.
    pub theirs_by: String,
    /// When it was noticed.
    pub at: String,
    /// What was decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub take: Option<String>,
    /// Who decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resolved_by: Option<String>,
    /// When.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resolved_at: Option<String>,
    /// What ours would change in the file, as a unified diff; only for `show`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub diff: Option<String>,
}

impl From<&Conflict> for ConflictView {
    fn from(c: &Conflict) -> Self {
        let (take, resolved_by, resolved_at) = match &c.standing {
            Standing::Open => (None, None, None),
            Standing::Resolved { take, by, at } => (Some(take.clone()), Some(by.clone()), Some(at.clone())),
        };
        Self {
            id: c.id.clone(),
            status: if c.is_open() { "open" } else { "resolved" },
            session: c.session.clone(),
            task: if let About::Task { id, .. } = &c.about { id.clone() } else { None },
            subject: c.subject(),
            what: c.what.clone(),
            kind: c.kind.clone(),
            base: c.base.clone(),
            ours: c.ours.clone(),
            theirs: c.theirs.clone(),
            kept: if c.kept == crate::merge::Side::Ours { "ours" } else { "theirs" },
            ours_by: c.ours_by.clone(),
            theirs_by: c.theirs_by.clone(),
            at: c.at.clone(),
            take,
            resolved_by,
            resolved_at,
            diff: None,
        }
    }
}

/// Lists conflicts.
pub struct ConflictList;

/// Which ones.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ConflictListInput {
    /// Those that were resolved too
    pub all: bool,
}

/// Conflicts, oldest first.
#[derive(Clone, Debug, Serialize)]
pub struct ConflictsView {
    /// Version of this shape.
    pub schema: u32,
    /// Oldest first.
    pub conflicts: Vec<ConflictView>,
    /// How many.
    pub total: usize,
    /// How many of them are open.
    pub open: usize,
}

impl Operation for ConflictList {
    const NAME: &'static str = "conflict_list";
    const EFFECT: Effect = Effect::Reads;
    type Input = ConflictListInput;
    type Output = ConflictsView;

    fn run(cx: &Context<'_>, input: ConflictListInput) -> Result<ConflictsView, OpError> {
        let only = cx.session.as_deref().map(|word| cx.session_named(word)).transpose()?;
        let mut all = cx.workspace.conflicts()?;
        all.retain(|c| only.as_ref().is_none_or(|row| row.directory == c.session));
        let open = all.iter().filter(|c| c.is_open()).count();
        all.retain(|c| input.all || c.is_open());
        let conflicts: Vec<ConflictView> = all.iter().map(ConflictView::from).collect();
        Ok(ConflictsView { schema: SCHEMA, total: conflicts.len(), conflicts, open })
    }
}

/// Shows one conflict.
pub struct ConflictShow;

/// Which one.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ConflictShowInput {
    /// Its id, or a unique beginning or end of it
    pub id: String,
}

/// One conflict.
#[derive(Clone, Debug, Serialize)]
pub struct ConflictDetail {
    /// Version of this shape.
    pub schema: u32,
    /// The conflict.
    pub conflict: ConflictView,
}

impl Operation for ConflictShow {
    const NAME: &'static str = "conflict_show";
    const EFFECT: Effect = Effect::Reads;
    type Input = ConflictShowInput;
    type Output = ConflictDetail;

    fn run(cx: &Context<'_>, input: ConflictShowInput) -> Result<ConflictDetail, OpError> {
        let conflict = cx.workspace.conflict(&input.id)?;
        let mut view = ConflictView::from(&conflict);
        let disk = cx.workspace.disk();
        let (theirs, ours) = (disk.blob_find(&conflict.versions.2)?, disk.blob_find(&conflict.versions.1)?);
        if let (true, Some(theirs), Some(ours)) = (conflict.is_whole(), theirs, ours) {
            let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
            let path = crate::workspace::session_path(&conflict.session);
            view.diff = Some(unified_diff(&path, &text(&theirs), &text(&ours)));
        }
        Ok(ConflictDetail { schema: SCHEMA, conflict: view })
    }
}

/// Decides a conflict.
pub struct ConflictResolve;

/// Which one, and how.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ConflictResolveInput {
    /// Its id, or a unique beginning or end of it
    pub id: String,
    /// `ours` (the tool's change), `theirs` (what was in the file), `both`, `base`
    pub take: Option<String>,
    /// Instead: this value or text
    pub text: Option<String>,
    /// Make the tool's change again although the conflict was decided already
    pub reapply: bool,
}

/// What was decided.
#[derive(Clone, Debug, Serialize)]
pub struct ConflictResolved {
    /// Version of this shape.
    pub schema: u32,
    /// Whether the file is different now.
    pub changed: bool,
    /// The session's directory.
    pub session: String,
    /// The file's revision now.
    pub revision: String,
    /// The conflict.
    pub conflict: ConflictView,
    /// How many conflicts are still open.
    pub open: usize,
    /// What would change, as a unified diff; only for a dry run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub diff: Option<String>,
}

impl Operation for ConflictResolve {
    const NAME: &'static str = "conflict_resolve";
    const EFFECT: Effect = Effect::Writes;
    type Input = ConflictResolveInput;
    type Output = ConflictResolved;

    fn run(cx: &Context<'_>, input: ConflictResolveInput) -> Result<ConflictResolved, OpError> {
        let take = match (input.take.as_deref(), input.text) {
            _ if input.reapply => Take::Ours,
            (None, Some(text)) => Take::Text(text),
            (Some(word), None) => word.parse().map_err(|()| {
                OpError::new(ErrorCode::InvalidInput, format!("`{word}` is no side of a conflict"))
                    .hint("take `ours`, `theirs`, `both` or `base`, or give a text")
            })?,
            _ => {
                return Err(OpError::new(ErrorCode::InvalidInput, "say what to take, or give a text")
                    .hint("run `plandown conflicts resolve ID --take ours|theirs|both|base`"));
            }
        };
        let conflict = cx.workspace.conflict(&input.id)?;
        if !conflict.is_open() && !input.reapply {
            return Err(OpError::new(
                ErrorCode::AlreadyExists,
                format!("conflict `{}` is resolved", conflict.id),
            )
            .hint("run `plandown conflicts reapply ID` to make the tool's change after all"));
        }
        let done = cx.workspace.resolve(&conflict, &take, &cx.by, cx.dry_run)?;
        let now = cx.workspace.conflict(&conflict.id)?;
        Ok(ConflictResolved {
            schema: SCHEMA,
            changed: done.changed,
            session: conflict.session.clone(),
            revision: done.revision().hex(),
            conflict: ConflictView::from(&now),
            open: cx.workspace.open_conflicts()?,
            diff: done.diff,
        })
    }
}
