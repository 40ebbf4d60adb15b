use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::config::{Mode, SHIPPED_MODES, shipped_mode};
use crate::merge::{Side, lines};
use crate::text::unified_diff;
use crate::workspace::{ModePlace, OwnText, OwnWrite, ReadMode, Was};

use super::mode_view::{broken, mode_named, quoted, shown_path};
use super::{Context, Effect, ErrorCode, OpError, Operation, SCHEMA};

/// Offers what has changed in the shipped modes since they were copied; takes it where that is asked for.
pub struct ModeUpdate;

/// How to bring a mode and its newer shipped text together.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TakeMode {
    /// Both changes, line by line; nothing is written where they touch
    #[default]
    Merge,
    /// The shipped text; what was there is kept as a backup
    Shipped,
    /// What is there; the offer is not made again
    Mine,
}

/// Which modes.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ModeUpdateInput {
    /// File names; all that ship when left out
    pub modes: Vec<String>,
    /// `merge|shipped|mine`
    pub take: TakeMode,
}

/// What became of them.
#[derive(Clone, Debug, Serialize)]
pub struct ModeUpdates {
    /// Version of this shape.
    pub schema: u32,
    /// Whether a file is different now.
    pub changed: bool,
    /// One row a mode.
    pub modes: Vec<ModeUpdated>,
    /// How many.
    pub total: usize,
    /// How many could not be merged.
    pub conflicts: usize,
    /// What would change; only for a dry run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub diff: Option<String>,
}

/// One mode.
#[derive(Clone, Debug, Serialize)]
pub struct ModeUpdated {
    /// Its file name.
    pub mode: String,
    /// `current|updated|merged|conflict|kept|own`
    pub state: &'static str,
    /// The backup of what was there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backup: Option<String>,
    /// What to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

/// Whether the program has a newer text of a mode than the one it was copied from, and the file does
/// not have it.
pub(super) fn is_due(cx: &Context<'_>, read: &ReadMode) -> bool {
    let Some(shipped) = shipped_mode(&read.file.name).filter(|f| f.name == read.file.name) else {
        return false;
    };
    let then = cx.workspace.own_text(&cx.workspace.shipped_then(shipped.name));
    then.is_some_and(|then| then.text != shipped.text) && read.text != shipped.text
}

impl Operation for ModeUpdate {
    const NAME: &'static str = "mode_update";
    const EFFECT: Effect = Effect::Writes;
    type Input = ModeUpdateInput;
    type Output = ModeUpdates;

    fn run(cx: &Context<'_>, input: ModeUpdateInput) -> Result<ModeUpdates, OpError> {
        let mut view = ModeUpdates {
            schema: SCHEMA,
            changed: false,
            modes: Vec::new(),
            total: 0,
            conflicts: 0,
            diff: None,
        };
        let names: Vec<String> = if input.modes.is_empty() {
            SHIPPED_MODES.iter().map(|f| f.name.to_owned()).collect()
        } else {
            input.modes.clone()
        };
        for name in &names {
            let file = mode_named(cx, name)?;
            if file.place == ModePlace::BuiltIn {
                if !input.modes.is_empty() {
                    view.modes.push(row(&file.name, "current"));
                }
                continue;
            }
            let read = cx.workspace.read_mode(&file);
            let updated = update(cx, &read, input.take, !input.modes.is_empty(), &mut view)?;
            view.conflicts += usize::from(updated.state == "conflict");
            view.modes.push(updated);
        }
        view.total = view.modes.len();
        Ok(view)
    }
}

fn row(mode: &str, state: &'static str) -> ModeUpdated {
    ModeUpdated { mode: mode.to_owned(), state, backup: None, hint: None }
}

fn update(
    cx: &Context<'_>,
    read: &ReadMode,
    take: TakeMode,
    is_named: bool,
    view: &mut ModeUpdates,
) -> Result<ModeUpdated, OpError> {
    let name = read.file.name.as_str();
    let Some(shipped) = shipped_mode(name).filter(|f| f.name == name) else { return Ok(row(name, "own")) };
    let then_path = cx.workspace.shipped_then(name);
    let then = cx.workspace.own_text(&then_path);
    if read.text == shipped.text {
        return Ok(row(name, "current"));
    }
    let known = then.as_ref().is_some_and(|then| then.text == shipped.text);
    // Where nobody knows what it was copied from, it is the user's; only a named one is replaced.
    if take != TakeMode::Shipped && (known || then.is_none()) || (known || then.is_none()) && !is_named {
        return Ok(row(name, if known { "current" } else { "own" }));
    }
    let base = then.as_ref().map_or("", |then| then.text.as_str());
    let (new, state) = match take {
        TakeMode::Mine => (read.text.clone(), "kept"),
        TakeMode::Shipped => (shipped.text.to_owned(), "updated"),
        TakeMode::Merge if read.text == base => (shipped.text.to_owned(), "updated"),
        TakeMode::Merge => {
            let merged = lines::merge(base, &read.text, shipped.text).ok();
            match merged.filter(lines::LineMerge::is_clean).map(|m| m.text(Side::Ours)) {
                Some(text) => (text, "merged"),
                None => {
                    let hint = format!(
                        "both sides changed the same lines: compare with `plandown --dry-run mode update {0} \
                         --take shipped`, then mend by hand and run `plandown mode update {0} --take mine`",
                        quoted(name)
                    );
                    return Ok(ModeUpdated { hint: Some(hint), ..row(name, "conflict") });
                }
            }
        }
    };
    let (_, findings) = Mode::parse(&new);
    if take != TakeMode::Mine && !Mode::is_usable(&findings) {
        let merged = ReadMode::of(read.file.clone(), OwnText::of(new.as_bytes()));
        return Err(broken(cx, &merged, &findings));
    }
    let path = shown_path(cx, &read.file);
    if cx.dry_run {
        view.diff.get_or_insert_default().push_str(&unified_diff(&path, &read.text, &new));
        view.changed |= new != read.text;
        return Ok(row(name, state));
    }
    let mut writes = Vec::new();
    let mut updated = row(name, state);
    if new != read.text {
        let copy = cx.workspace.mode_copy(&read.file)?;
        updated.backup = copy.as_ref().map(|c| cx.workspace.below_root(&c.path));
        writes.extend(copy);
        let was = read.hash.map_or(Was::Absent, Was::Hash);
        writes.push(OwnWrite::new(read.file.path.clone(), new, was));
        view.changed = true;
    }
    writes.push(OwnWrite::new(then_path, shipped.text, Was::Any));
    cx.workspace.write_own(&writes).map_err(|e| changed_meanwhile(e.into(), &path))?;
    Ok(updated)
}

/// The error where somebody saved the file while it was being replaced.
pub(super) fn changed_meanwhile(error: OpError, path: &str) -> OpError {
    if error.code == ErrorCode::Busy && error.message.contains("keeps changing") {
        return OpError::new(ErrorCode::StaleRevision, format!("`{path}` was saved meanwhile"))
            .hint("look at it, then try again; nothing was written");
    }
    error
}
