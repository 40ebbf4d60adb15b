use std::path::PathBuf;

use schemars::JsonSchema;
use serde::Deserialize;

use crate::diagnostic::Diagnostic;
use crate::disk::read_given;
use crate::text::unified_diff;
use crate::workspace::{OwnText, TemplateKind};

use super::mode_update::changed_meanwhile;
use super::own_findings::unusable;
use super::template_create::{TemplateWritten, copy, place, write};
use super::template_view::{checked_name, template_named};
use super::{Context, Effect, ErrorCode, OpError, Operation, SCHEMA};

/// Takes a template from a file into the workspace.
pub struct TemplateInstall;

/// Which file.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct TemplateInstallInput {
    /// The file; an absolute path, or one from the workspace's root
    pub file: PathBuf,
    /// The template's name; the file's when left out
    pub name: Option<String>,
    /// Replace one that is there; a copy of it is kept
    pub force: bool,
}

impl Operation for TemplateInstall {
    const NAME: &'static str = "template_install";
    const EFFECT: Effect = Effect::Writes;
    type Input = TemplateInstallInput;
    type Output = TemplateWritten;

    fn run(cx: &Context<'_>, input: TemplateInstallInput) -> Result<TemplateWritten, OpError> {
        let path = cx.workspace.disk().layout().root().join(&input.file);
        let shown = input.file.display().to_string();
        let own = OwnText::of(&read_given(&path)?.bytes);
        if let Some(finding) = &own.refused {
            let findings: &[Diagnostic] = std::slice::from_ref(finding);
            return Err(unusable(ErrorCode::TemplateBroken, &shown, &own.text, findings, "save it as UTF-8"));
        }
        let file_name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        let name = match &input.name {
            Some(name) => checked_name(name)?,
            None => {
                let bare = checked_name(&file_name)?;
                // `lean.md.j2` can only be the session's.
                let text = cx.workspace.template_files()?.into_iter().find(|f| {
                    file_name.ends_with(".md.j2")
                        && f.kind != TemplateKind::Task
                        && f.path.file_name().is_some_and(|n| n.to_string_lossy() == file_name)
                });
                text.map_or(bare, |f| f.name)
            }
        };
        let mut file = place(cx, &name, &file_name)?;
        file.overrides = false;
        write(cx, file, &own.text, input.force)
    }
}

/// Removes a template of the workspace; a copy of it is kept. A built-in one of its name counts again.
pub struct TemplateDelete;

/// Which template.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TemplateDeleteInput {
    /// Its name
    pub template: String,
}

impl Operation for TemplateDelete {
    const NAME: &'static str = "template_delete";
    const EFFECT: Effect = Effect::Destroys;
    type Input = TemplateDeleteInput;
    type Output = TemplateWritten;

    fn run(cx: &Context<'_>, input: TemplateDeleteInput) -> Result<TemplateWritten, OpError> {
        let file = template_named(cx, &input.template)?;
        if file.built_in {
            return Err(OpError::new(
                ErrorCode::InvalidInput,
                format!("`{}` is in the program and cannot be removed", file.name),
            )
            .hint("templates of the workspace can be; run `plandown template list`"));
        }
        let shown = cx.workspace.below_root(&file.path);
        let mut view = TemplateWritten {
            schema: SCHEMA,
            changed: true,
            template: file.name.clone(),
            path: shown.clone(),
            kept: None,
            diff: None,
        };
        let kept = copy(cx, &file)?;
        if cx.dry_run {
            view.diff = Some(unified_diff(&shown, &String::from_utf8_lossy(&kept.bytes), ""));
            return Ok(view);
        }
        view.kept = Some(cx.workspace.below_root(&kept.path));
        let hash = crate::text::ContentHash::of(&kept.bytes);
        cx.workspace.write_own(&[kept])?;
        cx.workspace.remove_own(&file.path, hash).map_err(|e| changed_meanwhile(e.into(), &shown))?;
        Ok(view)
    }
}
