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
        let mut lists = Vec::new();
        for entry in cx.workspace.entries()? {
            let Ok((name, _)) = entry.state else { continue };
            if let Some(word) = &cx.session
                && cx.session_named(word)?.directory != name.as_str()
            {
                continue;
            }
            let versions = cx.workspace.history(&name)?;
            lists.push(versions.iter().rev().map(|v| StepView::of(name.as_str(), v)).collect());
        }
        let mut steps = by_time(lists);
        let total = steps.len();
        steps.truncate(input.limit.unwrap_or(usize::MAX));
        Ok(HistoryView { schema: SCHEMA, steps, total })
    }
}

/// Brings the steps of several sessions into one order, newest first. The steps of one session stay in
/// the order of its log, whatever their clocks said: each counts as no newer than the one before it.
fn by_time(lists: Vec<Vec<StepView>>) -> Vec<StepView> {
    let mut keyed = Vec::new();
    for list in lists {
        let mut newest: Option<String> = None;
        for step in list {
            let at = newest.filter(|n| *n < step.at).unwrap_or_else(|| step.at.clone());
            newest = Some(at.clone());
            keyed.push((at, step));
        }
    }
    keyed.sort_by(|(a, _), (b, _)| b.cmp(a));
    keyed.into_iter().map(|(_, step)| step).collect()
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
            Ok(done) => cx.said(done),
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

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(session: &str, times: &[u32]) -> Vec<StepView> {
        let step = |(i, at): (usize, &u32)| StepView {
            id: format!("{session}{i}"),
            session: session.to_owned(),
            at: format!("2026-01-01T00:00:{at:02}Z"),
            by: String::new(),
            what: String::new(),
            before: None,
            revision: String::new(),
            noticed: false,
            undo_of: None,
            redo_of: None,
            undone: false,
        };
        times.iter().enumerate().map(step).collect()
    }

    fn order(lists: Vec<Vec<StepView>>) -> Vec<String> {
        by_time(lists).into_iter().map(|s| s.id).collect()
    }

    #[test]
    fn steps_of_several_sessions_stand_in_one_order() {
        let lists = vec![steps("a", &[9, 6, 3]), steps("b", &[8, 5, 2]), steps("c", &[7, 4, 1])];
        assert_eq!(order(lists), ["a0", "b0", "c0", "a1", "b1", "c1", "a2", "b2", "c2"]);
    }

    #[test]
    fn a_clock_that_went_back_does_not_turn_a_log_around() {
        // The older step of `a` claims a later time than the newer one.
        assert_eq!(order(vec![steps("a", &[4, 9]), steps("b", &[5, 3])]), ["b0", "a0", "a1", "b1"]);
    }
}
