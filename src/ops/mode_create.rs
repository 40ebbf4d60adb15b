use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::config::{COMPLEXITIES, DEFAULT_MODE, NewMode, NewRole, is_mode_file_name};
use crate::diagnostic::List;
use crate::text::unified_diff;
use crate::workspace::{ModeFile, ModePlace, OwnText, OwnWrite, ReadMode, Was};

use super::mode_view::{ModeView, broken, mode_named};
use super::task_add::one_line;
use super::{Context, Effect, ErrorCode, OpError, Operation, SCHEMA};

/// Makes a mode out of another one.
pub struct ModeCreate;

/// The new mode.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ModeCreateInput {
    /// Its name; the file is called like it
    pub name: String,
    /// The mode it is made of; the default roles when left out
    pub from: Option<String>,
    /// One sentence
    pub description: Option<String>,
    /// Roles that come on top
    pub roles: Vec<NewRoleInput>,
    /// `simple|moderate|complex|very_complex`
    pub default_complexity: Option<String>,
    /// Whether new tasks get a specialist by the rules
    pub auto_task_routing: Option<bool>,
    /// Deepest nesting of subtasks
    pub max_subtask_depth: Option<u32>,
}

/// A role.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct NewRoleInput {
    /// Letters, digits, `_`
    pub name: String,
    /// What it is told it is
    pub prompt: String,
    /// One line about it
    pub description: Option<String>,
}

/// What was made.
#[derive(Clone, Debug, Serialize)]
pub struct ModeCreated {
    /// Version of this shape.
    pub schema: u32,
    /// Whether a file was made.
    pub changed: bool,
    /// The mode.
    #[serde(flatten)]
    pub mode: ModeView,
    /// The mode it was made of.
    pub from: String,
    /// What would be written; only for a dry run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub diff: Option<String>,
}

impl Operation for ModeCreate {
    const NAME: &'static str = "mode_create";
    const EFFECT: Effect = Effect::Writes;
    type Input = ModeCreateInput;
    type Output = ModeCreated;

    fn run(cx: &Context<'_>, input: ModeCreateInput) -> Result<ModeCreated, OpError> {
        let title = one_line(&input.name)?;
        let name = file_name(&title)?;
        if cx.workspace.mode_files()?.iter().any(|f| f.name.eq_ignore_ascii_case(&name)) {
            return Err(OpError::new(ErrorCode::AlreadyExists, format!("there is a mode `{name}` already"))
                .hint("choose another name, or edit its file"));
        }
        let base = cx.workspace.read_mode(&mode_named(cx, input.from.as_deref().unwrap_or(DEFAULT_MODE))?);
        if !base.is_usable() {
            return Err(broken(cx, &base, &base.findings));
        }
        let path = cx.workspace.disk().layout().roles().join(&name);
        let shown = cx.workspace.below_root(&path);
        let new = new_mode(title.trim_end_matches(".yaml").trim_end_matches(".yml"), &input, &base)?;
        let text = new.text(&base.text).map_err(|e| {
            OpError::new(
                ErrorCode::NotEditable,
                format!("`{}` cannot be made another mode: {e}", base.file.name),
            )
            .hint(format!("copy it to `{shown}` and edit it by hand"))
        })?;
        let file = ModeFile { name, place: ModePlace::Roles, path };
        let made = ReadMode::of(file, OwnText::of(text.as_bytes()));
        if !made.is_usable() {
            return Err(broken(cx, &made, &made.findings));
        }
        let diff = cx.dry_run.then(|| unified_diff(&shown, "", &text));
        if !cx.dry_run {
            cx.workspace.write_own(&[OwnWrite::new(made.file.path.clone(), text, Was::Absent)])?;
        }
        let mode = ModeView::of(cx, &made, false);
        Ok(ModeCreated { schema: SCHEMA, changed: true, mode, from: base.file.name, diff })
    }
}

/// `My mode` is `my_mode.yaml`; a name with an ending is taken as it is.
fn file_name(title: &str) -> Result<String, OpError> {
    let has_ending = [".yaml", ".yml"].iter().any(|e| title.ends_with(e));
    let name = if has_ending {
        title.to_owned()
    } else {
        format!("{}.yaml", title.to_lowercase().replace(' ', "_"))
    };
    if is_mode_file_name(&name) && crate::disk::SafeName::parse(&name).is_ok() {
        return Ok(name);
    }
    let shown: String = name.chars().take(60).collect();
    Err(OpError::new(ErrorCode::InvalidInput, format!("`{shown}` cannot be a mode's file name"))
        .hint("use letters, digits, `_`, `-` and blanks, without a path"))
}

fn new_mode(title: &str, input: &ModeCreateInput, base: &ReadMode) -> Result<NewMode, OpError> {
    if let Some(word) = input.default_complexity.as_deref().filter(|w| !COMPLEXITIES.contains(w)) {
        return Err(OpError::new(ErrorCode::InvalidInput, format!("`{word}` is no complexity"))
            .hint(format!("use {}", List(COMPLEXITIES, "or"))));
    }
    let mut roles: Vec<NewRole> = Vec::new();
    for role in &input.roles {
        let there = base.mode.role(&role.name).is_some() || roles.iter().any(|r| r.name == role.name);
        if there {
            return Err(OpError::new(
                ErrorCode::AlreadyExists,
                format!("the mode has a role `{}` already", role.name),
            )
            .hint("choose another name, or change the role in the file afterwards"));
        }
        if role.prompt.trim().is_empty() {
            return Err(OpError::new(
                ErrorCode::InvalidInput,
                format!("the role `{}` is told nothing", role.name),
            )
            .hint("say what it is: `--role NAME=TEXT`"));
        }
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
        if role.name.is_empty() || !role.name.chars().all(is_name) {
            return Err(OpError::new(ErrorCode::InvalidInput, format!("`{}` is no role's name", role.name))
                .hint("use letters, digits and `_`"));
        }
        roles.push(NewRole {
            name: role.name.clone(),
            definition: role.prompt.clone(),
            description: role.description.clone(),
        });
    }
    Ok(NewMode {
        title: title.to_owned(),
        description: input.description.as_deref().map(one_line).transpose()?,
        default_complexity: input.default_complexity.clone(),
        auto_task_routing: input.auto_task_routing,
        max_subtask_depth: input.max_subtask_depth,
        roles,
    })
}
