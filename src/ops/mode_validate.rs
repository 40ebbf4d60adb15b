use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::config::shipped_mode;
use crate::workspace::{ModePlace, OwnText, ReadMode};

use super::check::FileFindings;
use super::mode_view::{mode_named, shown_path};
use super::own_findings::{OwnFinding, own_findings, with_source};
use super::{Context, Effect, OpError, Operation, SCHEMA};

/// Looks for what is wrong in modes; brings broken ones back where that is asked for.
pub struct ModeValidate;

/// Which modes.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ModeValidateInput {
    /// File names; all of the workspace when left out
    pub modes: Vec<String>,
    /// Bring broken ones back: from the newest good copy, else as shipped
    pub repair: bool,
}

/// What was found.
#[derive(Clone, Debug, Serialize)]
pub struct ModesValidated {
    /// Version of this shape.
    pub schema: u32,
    /// One row a mode.
    pub modes: Vec<ModeValidated>,
    /// How many.
    pub total: usize,
    /// How many no session can work by; the command exits 1 where there is one.
    pub broken: usize,
    /// Whether a file is different now.
    pub changed: bool,
    /// What repairing would change; only for a dry run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub diff: Option<String>,
    /// The findings with their texts, for rendering.
    #[serde(skip)]
    pub sources: Vec<FileFindings>,
}

/// One mode.
#[derive(Clone, Debug, Serialize)]
pub struct ModeValidated {
    /// Its file name.
    pub mode: String,
    /// Its path below the root.
    pub path: String,
    /// Whether a session can work by it.
    pub valid: bool,
    /// Whether it is YAML at all.
    pub syntax_valid: bool,
    /// The roles of the orchestrator's list, and all others.
    pub specialist_roles: Vec<String>,
    /// Roles beside them.
    pub custom_roles: Vec<String>,
    /// What is wrong with it, or was.
    pub diagnostics: Vec<OwnFinding>,
    /// What it was brought back from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub repaired: Option<String>,
    /// The copy of what was there before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kept: Option<String>,
    /// What to do where it is broken.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

impl Operation for ModeValidate {
    const NAME: &'static str = "mode_validate";
    const EFFECT: Effect = Effect::Writes;
    type Input = ModeValidateInput;
    type Output = ModesValidated;

    fn run(cx: &Context<'_>, input: ModeValidateInput) -> Result<ModesValidated, OpError> {
        let mut files = Vec::new();
        for word in &input.modes {
            files.push(mode_named(cx, word)?);
        }
        if files.is_empty() {
            files = cx.workspace.mode_files()?;
            files.retain(|f| f.place != ModePlace::BuiltIn);
        }
        let mut view = ModesValidated {
            schema: SCHEMA,
            modes: Vec::new(),
            total: files.len(),
            broken: 0,
            changed: false,
            diff: None,
            sources: Vec::new(),
        };
        for file in files {
            let read = cx.workspace.read_mode(&file);
            let mut row = validated(cx, &read);
            if input.repair && !read.is_usable() {
                repair(cx, &read, &mut row, &mut view)?;
            }
            view.broken += usize::from(!row.valid);
            if !read.findings.is_empty() {
                view.sources.push(with_source(&row.path, &read.text, &read.findings));
            }
            view.modes.push(row);
        }
        Ok(view)
    }
}

fn validated(cx: &Context<'_>, read: &ReadMode) -> ModeValidated {
    let path = shown_path(cx, &read.file);
    let listed = read.mode.role("task_orchestrator").map(|o| o.specialist_roles.clone()).unwrap_or_default();
    let is_listed = |name: &&str| listed.iter().any(|(n, _)| n == name);
    let (specialists, custom): (Vec<&str>, Vec<&str>) = read.mode.specialists().partition(is_listed);
    let names = |list: Vec<&str>| list.into_iter().map(str::to_owned).collect();
    let valid = read.is_usable();
    let hint = (!valid).then(|| {
        let name = super::mode_view::quoted(&read.file.name);
        format!("mend it at the places shown, or run `plandown mode validate {name} --repair`")
    });
    ModeValidated {
        mode: read.file.name.clone(),
        valid,
        syntax_valid: !read.findings.iter().any(|d| d.code == crate::diagnostic::Code::M001),
        specialist_roles: names(specialists),
        custom_roles: names(custom),
        diagnostics: own_findings(&path, &read.text, &read.findings),
        path,
        repaired: None,
        kept: None,
        hint,
    }
}

/// The newest good copy, else the text that ships; a mode with neither stays as it is.
fn repair(
    cx: &Context<'_>,
    read: &ReadMode,
    row: &mut ModeValidated,
    view: &mut ModesValidated,
) -> Result<(), OpError> {
    let name = &read.file.name;
    let (from, good) = match cx.workspace.newest_good_backup(name)? {
        Some((copy, good)) => (copy.name, good),
        None => match shipped_mode(name).filter(|f| f.name == *name) {
            Some(f) => {
                ("shipped".to_owned(), ReadMode::of(read.file.clone(), OwnText::of(f.text.as_bytes())))
            }
            None => {
                row.hint = Some(
                    "there is no good copy of it, and none ships with the program: mend it by hand, or choose \
                     another one with `plandown mode select`"
                        .to_owned(),
                );
                return Ok(());
            }
        },
    };
    let done = super::mode_restore::put(cx, &read.file, &good, from)?;
    if let Some(diff) = done.diff {
        view.diff.get_or_insert_default().push_str(&diff);
        return Ok(());
    }
    view.changed |= done.changed;
    row.valid = true;
    row.hint = None;
    row.repaired = Some(done.from);
    row.kept = done.kept;
    Ok(())
}
