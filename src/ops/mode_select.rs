use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::config::{HistoryEntry, ModeBinding, SHIPPED_MODES, append_history};
use crate::disk::{Kind, SafeName};
use crate::index::SessionRow;
use crate::model::{Change, HeaderKey};
use crate::text::unified_diff;
use crate::workspace::{BoundBy, BoundMode, Error, ModePlace, OwnWrite, Plan, ReadMode, Was};

use super::mode_show::binding_path;
use super::mode_view::{broken, mode_named};
use super::{Context, Effect, OpError, Operation, SCHEMA};

/// How often the records beside the plan are made anew; whoever is in the way has got done with his.
const ATTEMPTS: usize = 32;

/// Lets a session work by a mode from now on.
pub struct ModeSelect;

/// Which mode.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ModeSelectInput {
    /// File name, with or without ending
    pub mode: String,
}

/// What a session works by now.
#[derive(Clone, Debug, Serialize)]
pub struct ModeSelected {
    /// Version of this shape.
    pub schema: u32,
    /// Whether anything is different now.
    pub changed: bool,
    /// The session's id.
    pub session: String,
    /// The mode's file name.
    pub mode: String,
    /// The mode before.
    pub previous: Option<String>,
    /// Whom work is given to.
    pub specialists: Vec<String>,
    /// Complexity of tasks that state none.
    pub default_complexity: Option<String>,
    /// Whether new tasks get a specialist by the rules.
    pub auto_task_routing: bool,
    /// Where a built-in mode was copied to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub copied: Option<String>,
    /// The copies that were kept of the modes before and after.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub backups: Vec<String>,
    /// What would change, as a unified diff; only for a dry run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub diff: Option<String>,
    /// Something that did not keep it from happening.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub warning: Option<String>,
}

impl Operation for ModeSelect {
    const NAME: &'static str = "mode_select";
    const EFFECT: Effect = Effect::Writes;
    type Input = ModeSelectInput;
    type Output = ModeSelected;

    fn run(cx: &Context<'_>, input: ModeSelectInput) -> Result<ModeSelected, OpError> {
        let row = cx.session()?;
        let read = cx.workspace.read_mode(&mode_named(cx, &input.mode)?);
        if !read.is_usable() {
            return Err(broken(cx, &read, &read.findings));
        }
        bind(cx, &row, &read, "user_request")
    }
}

/// Binds a session to a mode that can be used: header, binding, history, and copies of both modes.
pub(super) fn bind(
    cx: &Context<'_>,
    row: &SessionRow,
    read: &ReadMode,
    reason: &str,
) -> Result<ModeSelected, OpError> {
    let before = cx.workspace.bound_mode(row)?;
    let name = read.file.name.clone();
    let mut view = ModeSelected {
        schema: SCHEMA,
        changed: false,
        session: row.identity.clone(),
        mode: name.clone(),
        previous: (before.by != BoundBy::Default).then(|| before.wanted.clone()),
        specialists: read.mode.specialists().map(str::to_owned).collect(),
        default_complexity: read.mode.configuration.default_complexity.clone(),
        auto_task_routing: read.mode.configuration.auto_task_routing,
        copied: None,
        backups: Vec::new(),
        diff: None,
        warning: None,
    };
    let header_fits = row.mode.as_deref().is_none_or(|stated| stated == name);
    let bound = before.binding.as_ref().is_some_and(|b| b.mode_file == name);
    if bound && header_fits && read.file.place != ModePlace::BuiltIn {
        return Ok(view);
    }
    view.changed = true;
    view.copied = copy_in(cx, read).first().map(|w| cx.workspace.below_root(&w.path));
    // What can be refused comes before the plan is touched.
    let mut writes = beside(cx, row, &before, read, reason)?;
    let mut diff = String::new();
    let mut in_header = false;
    if !header_fits {
        // A plan that says no mode is not made to say one.
        let changes = vec![Change::SetHeader { key: HeaderKey::Mode, value: Some(name.clone()) }];
        match cx.write(&row.directory, "mode-select", |_| Ok(Plan { changes: changes.clone(), output: () })) {
            Ok(committed) => {
                in_header = committed.changed && !cx.dry_run;
                diff.push_str(committed.diff.as_deref().unwrap_or(""));
            }
            Err(error) if error.code.class() == super::ErrorClass::Refused && cx.if_match.is_none() => {
                view.warning =
                    Some(format!("the header of the plan still says another mode: {}", error.message));
            }
            Err(error) => return Err(error),
        }
    }
    if cx.dry_run {
        let path = binding_path(&row.directory);
        let new = writes.last().map(|f| String::from_utf8_lossy(&f.bytes).into_owned()).unwrap_or_default();
        diff.push_str(&unified_diff(&path, &before.source.text, &new));
        view.diff = Some(diff);
        return Ok(view);
    }
    for left in (0..ATTEMPTS).rev() {
        match cx.workspace.write_own(&writes) {
            Ok(()) => break,
            // Another process has bound a session meanwhile: its lines stay, and ours come behind them.
            Err(Error::Unsettled { .. } | Error::Exists(_)) if left > 0 => {
                writes = beside(cx, row, &before, read, reason)?;
            }
            // The header alone binds as well.
            Err(error) if in_header => {
                view.warning = Some(format!("the history of modes does not say so: {error}"));
                return Ok(view);
            }
            Err(error) => return Err(error.into()),
        }
    }
    let backups = cx.workspace.disk().layout().backups();
    let kept = writes.iter().filter(|w| w.path.starts_with(&backups));
    view.backups = kept.map(|w| cx.workspace.below_root(&w.path)).collect();
    Ok(view)
}

/// What is written beside the plan: copies of both modes, the history and, last, the binding.
fn beside(
    cx: &Context<'_>,
    row: &SessionRow,
    before: &BoundMode,
    read: &ReadMode,
    reason: &str,
) -> Result<Vec<OwnWrite>, OpError> {
    let mut writes = copy_in(cx, read);
    writes.retain(|write| write.was != Was::Absent || !cx.workspace.disk().exists(&write.path));
    let mut copies = vec![before.broken.as_ref().unwrap_or(&before.used)];
    if before.used.file.name != read.file.name {
        copies.push(read);
    }
    for mode in copies.into_iter().filter(|m| m.is_usable()) {
        writes.extend(cx.workspace.mode_copy(&mode.file)?);
    }
    let from = (before.by != BoundBy::Default).then(|| before.wanted.clone());
    writes.extend(records(cx, row, read, from, reason)?);
    Ok(writes)
}

/// Writes down which mode a session begins with. A workspace without modes of its own is given those
/// that ship, as `init` would.
pub(super) fn begin(cx: &Context<'_>, row: &SessionRow, read: &ReadMode) -> Result<(), OpError> {
    let mut writes = Vec::new();
    let roles = cx.workspace.disk().layout().roles();
    if read.file.place == ModePlace::BuiltIn && cx.workspace.disk().files_in(&roles, ".yaml")?.is_empty() {
        for shipped in SHIPPED_MODES {
            let at = roles.join(shipped.name);
            if !cx.workspace.disk().exists(&at) {
                writes.push(OwnWrite::new(at, shipped.text, Was::Absent));
                writes.push(OwnWrite::new(cx.workspace.shipped_then(shipped.name), shipped.text, Was::Any));
            }
        }
    } else {
        writes.extend(copy_in(cx, read));
    }
    writes.extend(records(cx, row, read, None, "session_initialization")?);
    Ok(cx.workspace.write_own(&writes)?)
}

/// The writes that bring a built-in mode into the workspace.
fn copy_in(cx: &Context<'_>, read: &ReadMode) -> Vec<OwnWrite> {
    if read.file.place != ModePlace::BuiltIn {
        return Vec::new();
    }
    let then = cx.workspace.shipped_then(&read.file.name);
    vec![
        OwnWrite::new(read.file.path.clone(), read.text.clone(), Was::Absent),
        OwnWrite::new(then, read.text.clone(), Was::Any),
    ]
}

/// The history with one entry more, and the binding.
pub(super) fn records(
    cx: &Context<'_>,
    row: &SessionRow,
    read: &ReadMode,
    from: Option<String>,
    reason: &str,
) -> Result<Vec<OwnWrite>, OpError> {
    let now = cx.workspace.now().to_string();
    let entry = HistoryEntry {
        timestamp: now.clone(),
        from_mode: from,
        to_mode: read.file.name.clone(),
        session_id: row.identity.clone(),
        reason: reason.to_owned(),
        success: true,
    };
    let (_, own, findings) = cx.workspace.mode_history();
    let path = cx.workspace.mode_history_path();
    let mut writes = Vec::new();
    let absent = if cx.workspace.disk().exists(&path) { Was::Any } else { Was::Absent };
    let was = own.hash.map_or(absent, Was::Hash);
    let old = if findings.is_empty() {
        own.text.as_str()
    } else {
        // What cannot be read as a history is put aside whole, and a new one begun.
        let (date, time) = cx.workspace.stamp();
        let aside = path.with_file_name(format!("mode_history.{date}_{time}.yaml"));
        // What cannot even be read cannot be put aside, and is not written over.
        let bytes = cx.workspace.disk().read_plain(&path)?.bytes;
        writes.push(OwnWrite::new(aside, bytes, Was::Absent));
        ""
    };
    writes.push(OwnWrite::new(path, append_history(old, &entry), was));
    let binding = ModeBinding {
        session_id: row.identity.clone(),
        mode_file: read.file.name.clone(),
        bound_at: now,
        status: "active".to_owned(),
    };
    let at = cx.workspace.disk().layout().mode_binding(&SafeName::parse(&row.directory)?);
    let text = binding.to_yaml(&read.mode);
    let was = match cx.workspace.disk().read_plain(&at) {
        Ok(own) => {
            if has_more(&own.bytes, &text) {
                let (date, time) = cx.workspace.stamp();
                let name = format!("mode_binding_{}_{date}_{time}.yaml", row.directory);
                let aside = cx.workspace.disk().layout().backups().join(name);
                writes.push(OwnWrite::new(aside, own.bytes.clone(), Was::Absent));
            }
            Was::Hash(own.hash)
        }
        Err(error) if error.kind == Kind::NotFound => Was::Absent,
        Err(error) => return Err(error.into()),
    };
    writes.push(OwnWrite::new(at, text, was));
    Ok(writes)
}

/// Whether a binding says more than one of ours would: a comment, another key, or no text at all.
fn has_more(own: &[u8], ours: &str) -> bool {
    let key = |line: &str| line.split_once(':').map_or(line, |(key, _)| key).trim_end().to_owned();
    let known: Vec<String> = ours.lines().map(key).collect();
    // The names in its lists are the mode's, and another mode has others.
    let is_name = |line: &str| line.trim_start().starts_with("- ") && !line.contains(" #");
    let more = |own: &str| own.lines().any(|line| !is_name(line) && !known.contains(&key(line)));
    std::str::from_utf8(own).map_or(true, more)
}
