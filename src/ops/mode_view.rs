use serde::Serialize;

use crate::diagnostic::{Diagnostic, Severity};
use crate::workspace::{BoundMode, ModeFile, ModePlace, ReadMode};

use super::own_findings::unusable;
use super::{Context, ErrorCode, OpError};

/// A mode as JSON.
#[derive(Clone, Debug, Serialize)]
pub struct ModeView {
    /// Its file name.
    pub mode: String,
    /// Its name for people.
    pub title: String,
    /// One sentence.
    pub description: Option<String>,
    /// `roles|custom|project|built-in`
    pub place: &'static str,
    /// Its file below the root; absent for a built-in one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// `ok|warnings|broken`
    pub state: &'static str,
    /// Findings of severity error.
    pub errors: usize,
    /// Findings of severity warning.
    pub warnings: usize,
    /// Whom work is given to.
    pub specialists: Vec<String>,
    /// Whether the session works by it.
    pub current: bool,
    /// Whether the program has a newer text of it than the one it was copied from.
    pub update: bool,
}

impl ModeView {
    pub(super) fn of(cx: &Context<'_>, read: &ReadMode, current: bool) -> Self {
        let count = |severity| read.findings.iter().filter(|d| d.severity() == severity).count();
        let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
        let built_in = read.file.place == ModePlace::BuiltIn;
        Self {
            mode: read.file.name.clone(),
            title: read.mode.title(&read.file.name),
            description: read.mode.metadata.description.clone(),
            place: read.file.place.word(),
            path: (!built_in).then(|| cx.workspace.below_root(&read.file.path)),
            state: match (errors, warnings) {
                (0, 0) => "ok",
                (0, _) => "warnings",
                _ => "broken",
            },
            errors,
            warnings,
            specialists: read.mode.specialists().map(str::to_owned).collect(),
            current,
            update: !built_in && super::mode_update::is_due(cx, read),
        }
    }
}

/// The path of a mode as it is shown.
pub(super) fn shown_path(cx: &Context<'_>, file: &ModeFile) -> String {
    match file.place {
        ModePlace::BuiltIn => format!("built-in/{}", file.name),
        _ => cx.workspace.below_root(&file.path),
    }
}

/// The mode that `word` names.
pub(super) fn mode_named(cx: &Context<'_>, word: &str) -> Result<ModeFile, OpError> {
    let bare = ["./", ".task_orchestrator/", "roles/", "custom_modes/"]
        .iter()
        .fold(word.trim(), |word, prefix| word.strip_prefix(prefix).unwrap_or(word));
    let is_path =
        bare.contains(['/', '\\', ':']) || bare.starts_with('.') || bare.chars().any(char::is_control);
    if bare.is_empty() || is_path || bare.len() > 200 {
        let shown: String = bare.chars().take(60).collect();
        return Err(OpError::new(ErrorCode::InvalidInput, format!("`{shown}` is no mode's name"))
            .hint("a mode goes by its file name in `.task_orchestrator/roles`; run `plandown mode list`"));
    }
    if let Some(file) = cx.workspace.mode_named(bare)? {
        return Ok(file);
    }
    let files = cx.workspace.mode_files()?;
    let near = crate::diagnostic::did_you_mean(bare, files.iter().map(|f| f.name.as_str()));
    let near = near.into_iter().map(str::to_owned).collect();
    let error = OpError::new(ErrorCode::NotFound, format!("no mode `{bare}`"));
    Err(super::context::suggest(error, near, "run `plandown mode list`"))
}

/// The error for a mode that no session can work by.
pub(super) fn broken(cx: &Context<'_>, read: &ReadMode, findings: &[Diagnostic]) -> OpError {
    let path = shown_path(cx, &read.file);
    let hint = format!(
        "mend it there, or take a good copy: `plandown mode validate {} --repair`",
        quoted(&read.file.name)
    );
    unusable(ErrorCode::ModeBroken, &path, &read.text, findings, &hint)
}

/// The mode of the call's session; the default where there is no session.
pub(super) fn bound(cx: &Context<'_>) -> Result<Option<BoundMode>, OpError> {
    match cx.session() {
        Ok(row) => Ok(Some(cx.workspace.bound_mode(&row)?)),
        // Modes can be looked at before there is a plan.
        Err(error) if error.code == ErrorCode::NoSession && cx.session.is_none() => Ok(None),
        Err(error) => Err(error),
    }
}

/// A word as it is typed in a shell.
pub(super) fn quoted(word: &str) -> String {
    if word.contains(' ') { format!("'{word}'") } else { word.to_owned() }
}
