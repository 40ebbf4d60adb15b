use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::config::shipped_mode;
use crate::text::unified_diff;
use crate::workspace::{ModeFile, ModePlace, OwnText, OwnWrite, ReadMode, Was};

use super::mode_update::changed_meanwhile;
use super::mode_view::{bound, broken, mode_named, shown_path};
use super::{Context, Effect, ErrorCode, OpError, Operation, SCHEMA};

/// Brings a mode back from a copy; what is there is kept as a copy first.
pub struct ModeRestore;

/// Which mode, from what.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ModeRestoreInput {
    /// File name; the session's mode when left out
    pub mode: Option<String>,
    /// The copy's file name, or `shipped`; the newest good copy when left out
    pub backup: Option<String>,
    /// Let the session work by it afterwards
    pub select: bool,
}

/// What was brought back.
#[derive(Clone, Debug, Serialize)]
pub struct ModeRestored {
    /// Version of this shape.
    pub schema: u32,
    /// Whether the file is different now.
    pub changed: bool,
    /// The mode's file name.
    pub mode: String,
    /// Its path below the root.
    pub path: String,
    /// The copy it came from, or `shipped`.
    pub from: String,
    /// The copy of what was there before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kept: Option<String>,
    /// The session that works by it now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session: Option<String>,
    /// What would change, as a unified diff; only for a dry run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub diff: Option<String>,
}

impl Operation for ModeRestore {
    const NAME: &'static str = "mode_restore";
    const EFFECT: Effect = Effect::Writes;
    type Input = ModeRestoreInput;
    type Output = ModeRestored;

    fn run(cx: &Context<'_>, input: ModeRestoreInput) -> Result<ModeRestored, OpError> {
        let (file, from, good) = source(cx, &input)?;
        if !good.is_usable() {
            return Err(broken(cx, &good, &good.findings));
        }
        let mut view = put(cx, &file, &good, from)?;
        if input.select {
            let row = cx.session()?;
            let read = ReadMode { file: present(&file), ..good };
            let done = super::mode_select::bind(cx, &row, &read, "restore")?;
            if let (Some(diff), Some(more)) = (view.diff.as_mut(), done.diff) {
                diff.push_str(&more);
            }
            view.changed |= done.changed;
            view.session = Some(done.session);
        }
        Ok(view)
    }
}

/// A mode's file once it is in the workspace.
fn present(file: &ModeFile) -> ModeFile {
    let place = if file.place == ModePlace::BuiltIn { ModePlace::Roles } else { file.place };
    ModeFile { place, ..file.clone() }
}

/// The mode that is meant, and what it is brought back from.
fn source(cx: &Context<'_>, input: &ModeRestoreInput) -> Result<(ModeFile, String, ReadMode), OpError> {
    let named = input.mode.as_deref();
    if let Some(backup) = input.backup.as_deref().filter(|b| *b != "shipped") {
        let name = backup.trim().rsplit(['/', '\\']).next().unwrap_or_default();
        let copies = cx.workspace.mode_backups(None)?;
        let Some(copy) = copies.iter().find(|c| c.name == name) else {
            let near = crate::diagnostic::did_you_mean(name, copies.iter().map(|c| c.name.as_str()));
            let near = near.into_iter().map(str::to_owned).collect();
            let error = OpError::new(ErrorCode::NotFound, format!("no backup `{name}` of a mode"));
            return Err(super::context::suggest(error, near, "run `plandown mode restore --list`"));
        };
        let file = match named {
            Some(word) => mode_named(cx, word)?,
            None => file_of(cx, &copy.of)?,
        };
        return Ok((file, copy.name.clone(), cx.workspace.read_mode(&copy.file())));
    }
    let file = match (named, bound(cx)?) {
        // A mode whose file is gone can be brought back by its name too.
        (Some(word), _) => match mode_named(cx, word) {
            Err(error) if error.code == ErrorCode::NotFound => gone(cx, word)?.ok_or(error)?,
            found => found?,
        },
        (None, Some(bound)) => match bound.broken {
            Some(read) => read.file,
            None => gone(cx, &bound.wanted)?.map_or_else(|| Ok(bound.used.file), Ok::<_, OpError>)?,
        },
        (None, None) => {
            return Err(OpError::new(ErrorCode::InvalidInput, "no mode was named")
                .hint("name one, as in `plandown mode restore research`"));
        }
    };
    if input.backup.is_none()
        && let Some((copy, read)) = cx.workspace.newest_good_backup(&file.name)?
    {
        return Ok((file, copy.name, read));
    }
    if input.backup.is_some()
        && let Some(shipped) = shipped_mode(&file.name)
    {
        let read = ReadMode::of(file.clone(), OwnText::of(shipped.text.as_bytes()));
        return Ok((file, "shipped".to_owned(), read));
    }
    let hint = match shipped_mode(&file.name) {
        Some(_) => "run it with `--from shipped` for the text that came with the program",
        None => "mend the file by hand; `plandown mode validate` shows where",
    };
    Err(OpError::new(ErrorCode::NotFound, format!("there is no good copy of `{}`", file.name)).hint(hint))
}

/// The file of a mode, there or not.
fn file_of(cx: &Context<'_>, name: &str) -> Result<ModeFile, OpError> {
    if !crate::config::is_mode_file_name(name) {
        return Err(OpError::new(ErrorCode::InvalidInput, format!("`{name}` is no mode's file name"))
            .hint("name the mode to bring back: `plandown mode restore MODE --from BACKUP`"));
    }
    let there = cx.workspace.mode_files()?.into_iter().find(|f| f.name == name);
    Ok(there.unwrap_or_else(|| ModeFile {
        name: name.to_owned(),
        place: ModePlace::BuiltIn,
        path: cx.workspace.disk().layout().roles().join(name),
    }))
}

/// The file of a mode that is not there any more but has copies.
fn gone(cx: &Context<'_>, word: &str) -> Result<Option<ModeFile>, OpError> {
    let copies = cx.workspace.mode_backups(None)?;
    let name = [word.to_owned(), format!("{word}.yaml"), format!("{word}.yml")]
        .into_iter()
        .find(|name| copies.iter().any(|c| c.of == *name));
    name.map(|name| file_of(cx, &name)).transpose()
}

/// Puts a good text in the place of a mode.
pub(super) fn put(
    cx: &Context<'_>,
    file: &ModeFile,
    good: &ReadMode,
    from: String,
) -> Result<ModeRestored, OpError> {
    let old = if file.place == ModePlace::BuiltIn { None } else { cx.workspace.own_text(&file.path) };
    let old_text = old.as_ref().map_or("", |o| o.text.as_str());
    let path = shown_path(cx, &present(file));
    // Compared by bytes: a text that was no UTF-8 is another one.
    let changed = match (&old, good.hash) {
        (Some(own), Some(hash)) => own.hash != Some(hash),
        _ => true,
    };
    let mut view = ModeRestored {
        schema: SCHEMA,
        changed,
        mode: file.name.clone(),
        path: path.clone(),
        from,
        kept: None,
        session: None,
        diff: None,
    };
    if cx.dry_run {
        view.diff = Some(unified_diff(&path, old_text, &good.text));
        return Ok(view);
    }
    if changed {
        let mut writes = Vec::new();
        let mut was = Was::Absent;
        if old.is_some() {
            let copy = cx.workspace.mode_copy(file)?;
            view.kept = copy.as_ref().map(|c| cx.workspace.below_root(&c.path));
            // What is not read (too large) is copied all the same: its hash is that of the copy.
            let hash = match &copy {
                Some(copy) => crate::text::ContentHash::of(&copy.bytes),
                None => cx.workspace.disk().read_plain(&file.path)?.hash,
            };
            was = Was::Hash(hash);
            writes.extend(copy);
        }
        writes.push(OwnWrite::new(file.path.clone(), good.text.clone(), was));
        cx.workspace.write_own(&writes).map_err(|e| changed_meanwhile(e.into(), &path))?;
    }
    Ok(view)
}
