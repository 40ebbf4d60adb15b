use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::document::parse;
use crate::format::{Lifted, lift};
use crate::git::{Entry, Git, Stage};
use crate::model::plan_diff;

use super::git_resolve::SESSIONS;
use super::{Context, Effect, ErrorCode, OpError, Operation, PlanChangeView, SCHEMA};

/// Says what differs between two versions of plans: tasks, fields and text instead of lines.
pub struct Diff;

/// Which versions.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct DiffInput {
    /// `REV` (against the files), `A..B`, `A...B`; the last commit when left out
    pub revision: Option<String>,
    /// What is staged instead of the files
    pub staged: bool,
}

/// What differs.
#[derive(Clone, Debug, Default, Serialize)]
pub struct DiffView {
    /// Version of this shape.
    pub schema: u32,
    /// The older version.
    pub from: String,
    /// The newer version.
    pub to: String,
    /// Sessions that differ.
    pub sessions: Vec<SessionDiffView>,
    /// How many.
    pub total: usize,
}

/// What differs in one session.
#[derive(Clone, Debug, Serialize)]
pub struct SessionDiffView {
    /// The session's id.
    pub session: String,
    /// Its name.
    pub name: String,
    /// Path of the file below the root, with `/`.
    pub path: String,
    /// `added`, `removed`, `changed`, or `layout` where only the way of writing differs.
    pub state: &'static str,
    /// In the order of the plan.
    pub changes: Vec<PlanChangeView>,
}

/// Texts by path, and what they are called.
struct Version {
    name: String,
    files: BTreeMap<String, Vec<u8>>,
}

impl Operation for Diff {
    const NAME: &'static str = "diff";
    const EFFECT: Effect = Effect::Reads;
    type Input = DiffInput;
    type Output = DiffView;

    fn run(cx: &Context<'_>, input: DiffInput) -> Result<DiffView, OpError> {
        let git = super::git_install::repository(cx)?;
        let asked = input.revision.as_deref().map(str::trim).filter(|r| !r.is_empty());
        let (from, to) = match asked.and_then(|r| r.split_once("..")) {
            Some(_) if input.staged => {
                return Err(OpError::new(
                    ErrorCode::InvalidInput,
                    "two revisions leave nothing staged to compare",
                ));
            }
            Some((a, b)) => {
                let head = |r: &str| if r.is_empty() { "HEAD".to_owned() } else { r.to_owned() };
                match b.strip_prefix('.') {
                    Some(b) => {
                        let (a, b) = (head(a), head(b));
                        let base = git.merge_base(&a, &b)?.ok_or_else(|| unknown(&format!("{a}...{b}")))?;
                        (revision(&git, &base)?, revision(&git, &b)?)
                    }
                    None => (revision(&git, &head(a))?, revision(&git, &head(b))?),
                }
            }
            None => {
                let from = match asked {
                    Some(rev) => revision(&git, rev)?,
                    // Before the first commit everything is new.
                    None if git.tree("HEAD")?.is_none() => {
                        Version { name: "nothing".to_owned(), files: BTreeMap::new() }
                    }
                    None => revision(&git, "HEAD")?,
                };
                (from, if input.staged { staged(&git)? } else { worktree(cx)? })
            }
        };
        let only = cx.session.as_deref().map(|word| cx.session_named(word)).transpose()?;
        let mut sessions = compare(cx, &from, &to);
        if let Some(only) = only {
            sessions.retain(|s| s.path == only.path);
        }
        Ok(DiffView { schema: SCHEMA, from: from.name, to: to.name, total: sessions.len(), sessions })
    }
}

fn unknown(revision: &str) -> OpError {
    OpError::new(ErrorCode::NotFound, format!("Git knows no revision `{revision}`"))
        .hint("run `git log --oneline` for those it knows")
}

fn revision(git: &Git, revision: &str) -> Result<Version, OpError> {
    let tree = git.tree(revision)?.ok_or_else(|| unknown(revision))?;
    Ok(Version { name: revision.to_owned(), files: texts(git, git.files_of(&tree, SESSIONS)?)? })
}

fn staged(git: &Git) -> Result<Version, OpError> {
    Ok(Version { name: "staged".to_owned(), files: texts(git, git.staged(SESSIONS)?)? })
}

fn worktree(cx: &Context<'_>) -> Result<Version, OpError> {
    let mut files = BTreeMap::new();
    for entry in cx.workspace.entries()? {
        if let Ok((name, _)) = &entry.state
            && let Ok(file) = cx.workspace.disk().read(name)
        {
            files.insert(crate::workspace::session_path(name.as_str()), file.bytes);
        }
    }
    Ok(Version { name: "files".to_owned(), files })
}

/// The contents of the sessions' files among `entries`; of an unmerged file, ours.
pub(super) fn texts(git: &Git, entries: Vec<Entry>) -> Result<BTreeMap<String, Vec<u8>>, OpError> {
    let wanted: Vec<Entry> = entries
        .into_iter()
        .filter(|e| matches!(e.stage, Stage::Merged | Stage::Ours) && directory(&e.path).is_some())
        .collect();
    let objects: Vec<&str> = wanted.iter().map(|e| e.object.as_str()).collect();
    let contents = git.contents(&objects)?;
    Ok(wanted.iter().map(|e| e.path.clone()).zip(contents).collect())
}

/// The session's directory of a path that is a session's file.
pub(super) fn directory(path: &str) -> Option<&str> {
    let name = path.strip_prefix(SESSIONS)?.strip_prefix('/')?.strip_suffix("/session.md")?;
    (!name.contains('/')).then_some(name)
}

fn compare(cx: &Context<'_>, from: &Version, to: &Version) -> Vec<SessionDiffView> {
    let understand = |path: &str, bytes: &[u8]| -> Lifted {
        let (document, found) = parse(bytes, cx.workspace.limits());
        lift(document, found, directory(path).unwrap_or_default())
    };
    let read = |version: &Version, other: &Version| -> BTreeMap<String, Lifted> {
        let differs = version.files.iter().filter(|(path, bytes)| other.files.get(*path) != Some(bytes));
        differs.map(|(path, bytes)| (path.clone(), understand(path, bytes))).collect()
    };
    let (mut old, new) = (read(from, to), read(to, from));
    let mut views = Vec::new();
    for (path, after) in &new {
        // A directory may have got another name; the session in it is the same.
        let moved = || {
            let mut same =
                old.iter().filter(|(p, l)| l.session.id == after.session.id && !new.contains_key(*p));
            same.next().map(|(p, _)| p.clone())
        };
        let from = if old.contains_key(path) { Some(path.clone()) } else { moved() };
        let before = from.and_then(|p| old.remove(&p));
        let changes = match &before {
            Some(before) => plan_diff(&before.session, &after.session),
            None => plan_diff(&nothing(after), &after.session),
        };
        let state = match &before {
            None => "added",
            Some(_) if changes.is_empty() => "layout",
            Some(_) => "changed",
        };
        views.push(view(path, after, state, &changes));
    }
    for (path, before) in &old {
        let changes = plan_diff(&before.session, &nothing(before));
        views.push(view(path, before, "removed", &changes));
    }
    views.sort_by(|a, b| a.path.cmp(&b.path));
    views
}

/// The same session without anything in it.
fn nothing(of: &Lifted) -> crate::model::Session {
    crate::model::Session {
        id: of.session.id.clone(),
        directory: of.session.directory.clone(),
        name: of.session.name.clone(),
        ..crate::model::Session::default()
    }
}

fn view(path: &str, lifted: &Lifted, state: &'static str, diff: &crate::model::PlanDiff) -> SessionDiffView {
    SessionDiffView {
        session: lifted.session.id.clone(),
        name: lifted.session.name.clone(),
        path: path.to_owned(),
        state,
        changes: diff.changes.iter().map(PlanChangeView::from).collect(),
    }
}
