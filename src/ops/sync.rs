use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::disk::SafeName;
use crate::format;
use crate::model::{Change, TaskKey};
use crate::workspace::{Plan, Resting, Selected, Strategy};

use super::{Context, Effect, ErrorCode, OpError, Operation, SCHEMA};

/// Takes in what others did: finishes interrupted writes, takes in hand edits, repairs what outdated
/// buffers undid, gives ids to new tasks, refreshes views and index.
pub struct Sync;

/// How far to go.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SyncInput {
    /// Only these sessions: ids, directories, unique prefixes or names
    pub sessions: Vec<String>,
    /// Leave generated views alone
    pub no_views: bool,
    /// What to do where a save and the plan's state disagree: `merge|md-wins|db-wins|ask`; the
    /// setting `sync.stale` when left out
    pub strategy: Option<String>,
}

/// What was done.
#[derive(Clone, Debug, Default, Serialize)]
pub struct SyncView {
    /// Version of this shape.
    pub schema: u32,
    /// Whether any file is different now.
    pub changed: bool,
    /// Session files found.
    pub sessions: usize,
    /// Sessions whose edits by others are part of the plan's history now.
    pub taken_in: Vec<String>,
    /// Sessions whose file was written because a save had undone newer changes.
    pub repaired: Vec<String>,
    /// Ids of the conflicts that were opened.
    pub conflicts: Vec<String>,
    /// How many conflicts are open.
    pub open_conflicts: usize,
    /// Sessions whose hand-typed tasks got ids.
    pub adopted: Vec<AdoptedView>,
    /// Sessions whose generated blocks were brought up to date.
    pub blocks: Vec<String>,
    /// Generated files that were written.
    pub views: Vec<String>,
    /// Generated files that a person edited; the edit is kept beside them.
    pub kept_edits: Vec<String>,
    /// Sessions that could not be brought up to date, and why.
    pub skipped: Vec<SkippedView>,
    /// What would change, as a unified diff; only for a dry run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub diff: Option<String>,
}

/// A session whose tasks got ids.
#[derive(Clone, Debug, Serialize)]
pub struct AdoptedView {
    /// The session's id.
    pub session: String,
    /// How many tasks.
    pub tasks: usize,
    /// The file's revision now.
    pub revision: String,
}

/// A session that was left alone.
#[derive(Clone, Debug, Serialize)]
pub struct SkippedView {
    /// The session's directory.
    pub session: String,
    /// The error's code.
    pub code: &'static str,
    /// Why.
    pub message: String,
}

impl Operation for Sync {
    const NAME: &'static str = "sync";
    const EFFECT: Effect = Effect::Settles;
    type Input = SyncInput;
    type Output = SyncView;

    fn run(cx: &Context<'_>, input: SyncInput) -> Result<SyncView, OpError> {
        let mut named = Vec::new();
        for word in input.sessions.iter().chain(&cx.session) {
            named.push(cx.session_named(word)?.directory);
        }
        let mut view = SyncView { schema: SCHEMA, ..SyncView::default() };
        let only = (!named.is_empty()).then_some(named.as_slice());
        let mut resting = cx.workspace.resting();
        let mut stale = Vec::new();
        if cx.dry_run {
            let entries = cx.workspace.swept()?.entries;
            view.sessions = entries.len();
            for name in entries.into_iter().filter_map(|entry| Some(entry.state.ok()?.0)) {
                let is_asked = only.is_none_or(|only| only.iter().any(|o| o == name.as_str()));
                let lifted = is_asked.then(|| cx.workspace.snapshot(&name).ok()).flatten().map(|s| s.lifted);
                if lifted.is_some_and(|l| !format::fresh_blocks(&l, &l.session).is_empty()) {
                    stale.push(name.to_string());
                }
            }
        } else {
            stale = settle(cx, &input, only, &mut resting, &mut view)?;
        }
        let unadopted = cx.workspace.index().unadopted(only)?;
        let cut_off = cx.workspace.cut_off()?;
        // Half a line is no task to give an id to; what was cut off is decided first.
        let had_new: Vec<String> = unadopted.iter().map(|(directory, _)| directory.clone()).collect();
        for (directory, _) in unadopted.into_iter().filter(|(d, _)| !cut_off.contains(d)) {
            match adopt(cx, &directory) {
                Ok(Some((adopted, diff))) => {
                    view.changed |= diff.is_none();
                    if let Some(diff) = diff {
                        view.diff.get_or_insert_default().push_str(&diff);
                    }
                    view.adopted.push(adopted);
                }
                Ok(None) => {}
                // One session's trouble is no reason to leave the others.
                Err(error) => view.skipped.push(SkippedView {
                    session: directory,
                    code: error.code.word(),
                    message: error.message,
                }),
            }
        }
        // What gives ids to a file's tasks makes its blocks again too.
        stale.retain(|d| !(cx.dry_run && had_new.contains(d)));
        for directory in stale {
            match refill(cx, &directory) {
                Ok((false, _)) => {}
                Ok((true, diff)) => {
                    view.changed |= diff.is_none();
                    if let Some(diff) = diff {
                        view.diff.get_or_insert_default().push_str(&diff);
                    }
                    view.blocks.push(directory);
                }
                Err(error) => view.skipped.push(SkippedView {
                    session: directory,
                    code: error.code.word(),
                    message: error.message,
                }),
            }
        }
        if !input.no_views && !cx.dry_run {
            let sessions = match only {
                Some(named) => named.to_vec(),
                None => match cx.workspace.selected()? {
                    Selected::One(row) => vec![row.directory.clone()],
                    _ => Vec::new(),
                },
            };
            for directory in sessions {
                let written = match cx.workspace.refresh_views(&SafeName::parse(&directory)?) {
                    // A template of the user's that is broken leaves its view as it was, and nothing else.
                    Err(error @ crate::workspace::Error::Template { .. }) => {
                        let error = OpError::from(error);
                        let (code, message) = (error.code.word(), error.message);
                        view.skipped.push(SkippedView { session: directory, code, message });
                        continue;
                    }
                    written => written?,
                };
                view.changed |= !written.written.is_empty();
                view.views.extend(written.written);
                view.kept_edits.extend(written.kept);
                view.skipped.extend(written.left.into_iter().map(|(code, message)| SkippedView {
                    session: directory.clone(),
                    code,
                    message,
                }));
            }
        }
        // Where no history went on there is nothing more to let go of than last time.
        if !cx.dry_run && only.is_none() && resting.moved() {
            cx.workspace.collect_when_due(&mut resting)?;
            cx.workspace.remember(&resting)?;
        }
        if !cx.dry_run {
            if !view.adopted.is_empty() || !view.blocks.is_empty() {
                resting.forget_stamps();
            }
            cx.workspace.refresh_local_after(&resting)?;
        }
        view.open_conflicts = cx.workspace.open_conflicts()?;
        Ok(view)
    }
}

/// Brings the sessions to rest, before anything else is done to them; answers whose blocks are stale.
fn settle(
    cx: &Context<'_>,
    input: &SyncInput,
    only: Option<&[String]>,
    resting: &mut Resting,
    view: &mut SyncView,
) -> Result<Vec<String>, OpError> {
    let mut stale = Vec::new();
    let strategy = match input.strategy.as_deref() {
        None => None,
        Some(word) => Some(Strategy::parse(word).ok_or_else(|| {
            OpError::new(ErrorCode::InvalidInput, format!("`{word}` is no strategy"))
                .hint("use `merge`, `md-wins`, `db-wins` or `ask`")
        })?),
    };
    // The index was just compared with the files, so it knows every file's revision.
    let swept = if cx.workspace.disk().leftovers_pending() {
        cx.workspace.recover_all()?;
        cx.workspace.sweep()?
    } else {
        cx.workspace.swept()?
    };
    view.sessions = swept.entries.len();
    for entry in &swept.entries {
        let Some(name) = entry.to_read() else { continue };
        if only.is_some_and(|only| !only.iter().any(|o| o == name.as_str())) {
            continue;
        }
        if let Some(revision) = swept.revision(name.as_str())
            && cx.workspace.is_at_rest(resting, &name, revision)?
        {
            continue;
        }
        match cx.workspace.take_in_session(&name, strategy) {
            Ok(taken) => {
                resting.settle(&name, taken.rest);
                if taken.settled {
                    view.taken_in.push(name.to_string());
                }
                if taken.repaired {
                    view.changed = true;
                    view.repaired.push(name.to_string());
                }
                view.conflicts.extend(taken.conflicts);
                if taken.stale_blocks {
                    stale.push(name.to_string());
                }
            }
            // One session's trouble is no reason to leave the others.
            Err(error) => {
                let error = OpError::from(error);
                let (code, message) = (error.code.word(), error.message);
                view.skipped.push(SkippedView { session: name.to_string(), code, message });
            }
        }
    }
    Ok(stale)
}

/// Brings the generated blocks of a session up to date; nothing else of it. Answers whether
/// they were stale, and the diff of a dry run.
fn refill(cx: &Context<'_>, directory: &str) -> Result<(bool, Option<String>), OpError> {
    let committed = cx.write(directory, "refresh-blocks", |snapshot| {
        let blocks = format::fresh_blocks(&snapshot.lifted, &snapshot.lifted.session);
        let changes = if blocks.is_empty() { Vec::new() } else { vec![Change::RefreshBlocks { blocks }] };
        Ok(Plan { changes, output: () })
    })?;
    Ok((committed.changed, committed.diff))
}

/// Gives every task without an id the one that its words give on every clone.
fn adopt(cx: &Context<'_>, directory: &str) -> Result<Option<(AdoptedView, Option<String>)>, OpError> {
    let committed = cx.write(directory, "adopt", |snapshot| {
        let session = &snapshot.lifted.session;
        let ids = format::adoption(&snapshot.lifted);
        let without: Vec<_> = ids.into_iter().filter(|(task, _)| session.tasks[*task].id.is_none()).collect();
        let changes =
            without.iter().map(|(task, id)| Change::AssignId { task: TaskKey::Nth(*task), id: id.clone() });
        Ok(Plan { changes: changes.collect(), output: without.len() })
    })?;
    let revision = committed.revision().hex();
    let session = committed.after.session.id.clone();
    let adopted = AdoptedView { session, tasks: committed.output, revision };
    Ok(committed.changed.then_some((adopted, committed.diff)))
}
