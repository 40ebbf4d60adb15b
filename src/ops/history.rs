use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::disk::SafeName;
use crate::workspace::{Committed, Stepped, Version};

use super::{Context, Effect, ErrorCode, OpError, Operation, SCHEMA};

/// One step in a session's history.
#[derive(Clone, Debug, Serialize)]
pub struct StepView {
    /// Names the step.
    pub id: String,
    /// The session's directory.
    pub session: String,
    /// When.
    pub at: String,
    /// Who; `human` for an edit that was noticed in the file.
    pub by: String,
    /// What happened, in kebab-case.
    pub what: String,
    /// The revision before.
    pub before: Option<String>,
    /// The revision after.
    pub revision: String,
    /// Whether somebody else wrote it, and the tool only noticed.
    pub noticed: bool,
    /// The step this one undoes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub undo_of: Option<String>,
    /// The undo this one takes back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub redo_of: Option<String>,
    /// Whether it was undone, and not redone.
    pub undone: bool,
}

impl StepView {
    fn of(session: &str, v: &Version) -> Self {
        Self {
            id: v.id.clone(),
            session: session.to_owned(),
            at: v.at.clone(),
            by: v.by.clone(),
            what: v.what.clone(),
            before: v.before.map(|h| h.hex()),
            revision: v.after.hex(),
            noticed: v.noticed,
            undo_of: v.undo_of.clone(),
            redo_of: v.redo_of.clone(),
            undone: v.undone,
        }
    }
}

/// Lists who changed what, and when.
pub struct History;

/// How far back.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct HistoryInput {
    /// At most so many, the newest
    pub limit: Option<usize>,
}

/// Steps, newest first.
#[derive(Clone, Debug, Serialize)]
pub struct HistoryView {
    /// Version of this shape.
    pub schema: u32,
    /// Newest first; those of several sessions by the time they tell.
    pub steps: Vec<StepView>,
    /// How many there are.
    pub total: usize,
}

impl Operation for History {
    const NAME: &'static str = "log";
    const EFFECT: Effect = Effect::Reads;
    type Input = HistoryInput;
    type Output = HistoryView;

    fn run(cx: &Context<'_>, input: HistoryInput) -> Result<HistoryView, OpError> {
        let mut steps = Vec::new();
        for entry in cx.workspace.entries()? {
            let Ok((name, _)) = entry.state else { continue };
            if let Some(word) = &cx.session
                && cx.session_named(word)?.directory != name.as_str()
            {
                continue;
            }
            let versions = cx.workspace.history(&name)?;
            steps.extend(versions.iter().rev().map(|v| StepView::of(name.as_str(), v)));
        }
        // Stable: the steps of one session stay in the order of its log.
        if cx.session.is_none() {
            steps.sort_by(
                |a, b| if a.session == b.session { std::cmp::Ordering::Equal } else { b.at.cmp(&a.at) },
            );
        }
        let total = steps.len();
        steps.truncate(input.limit.unwrap_or(usize::MAX));
        Ok(HistoryView { schema: SCHEMA, steps, total })
    }
}

/// Undoes the newest steps of a session, hand edits too.
pub struct Undo;

/// Takes the newest undos back.
pub struct Redo;

/// How many.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct UndoInput {
    /// How many steps; one when left out
    pub steps: Option<usize>,
}

/// What was undone or redone.
#[derive(Clone, Debug, Serialize)]
pub struct UndoView {
    /// Version of this shape.
    pub schema: u32,
    /// Whether the file is different now.
    pub changed: bool,
    /// The session's directory.
    pub session: String,
    /// The file's revision now.
    pub revision: String,
    /// The steps, in the order they were undone or redone.
    pub steps: Vec<StepView>,
    /// What would change, as a unified diff; only for a dry run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub diff: Option<String>,
}

type Step = fn(&Context<'_>, &SafeName) -> Result<Committed<Stepped>, OpError>;

fn walk(cx: &Context<'_>, input: &UndoInput, step: Step) -> Result<UndoView, OpError> {
    let row = cx.session()?;
    let directory = cx.workspace.directory(&row)?;
    let mut view = UndoView {
        schema: SCHEMA,
        changed: false,
        session: row.directory.clone(),
        revision: row.revision.hex(),
        steps: Vec::new(),
        diff: None,
    };
    let wanted = input.steps.unwrap_or(1);
    // A rehearsal changes nothing, so it sees one step only.
    for _ in 0..if cx.dry_run { wanted.min(1) } else { wanted } {
        let done = match step(cx, &directory) {
            Ok(done) => done,
            // What was undone before stays undone; that nothing more is left is no failure then.
            Err(error) if error.code == ErrorCode::NothingToUndo && !view.steps.is_empty() => break,
            Err(error) => return Err(error),
        };
        view.changed |= done.changed;
        view.revision = done.revision().hex();
        view.steps.push(StepView::of(&row.directory, &done.output.step));
        view.diff = done.diff;
    }
    Ok(view)
}

impl Operation for Undo {
    const NAME: &'static str = "undo";
    const EFFECT: Effect = Effect::Writes;
    type Input = UndoInput;
    type Output = UndoView;

    fn run(cx: &Context<'_>, input: UndoInput) -> Result<UndoView, OpError> {
        walk(cx, &input, |cx, directory| Ok(cx.workspace.undo(directory, &cx.by, cx.dry_run)?))
    }
}

impl Operation for Redo {
    const NAME: &'static str = "redo";
    const EFFECT: Effect = Effect::Writes;
    type Input = UndoInput;
    type Output = UndoView;

    fn run(cx: &Context<'_>, input: UndoInput) -> Result<UndoView, OpError> {
        walk(cx, &input, |cx, directory| Ok(cx.workspace.redo(directory, &cx.by, cx.dry_run)?))
    }
}
