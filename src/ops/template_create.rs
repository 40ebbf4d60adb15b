use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::config::Template;
use crate::text::unified_diff;
use crate::workspace::{OwnText, OwnWrite, ReadTemplate, TemplateFile, TemplateKind, Was};

use super::mode_update::changed_meanwhile;
use super::template_view::{all_findings, broken, checked_name, template_named};
use super::{Context, Effect, ErrorCode, OpError, Operation, SCHEMA};

/// Makes a template in the workspace: a small one to go on from, or a copy of another one.
pub struct TemplateCreate;

/// The new template.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct TemplateCreateInput {
    /// Its name: `deploy`, or `session/lean` and `views/overview` to stand before a built-in one
    pub name: String,
    /// The template it is a copy of
    pub from: Option<String>,
    /// Its text instead
    pub text: Option<String>,
}

/// What was written or removed.
#[derive(Clone, Debug, Serialize)]
pub struct TemplateWritten {
    /// Version of this shape.
    pub schema: u32,
    /// Whether a file is different now.
    pub changed: bool,
    /// The template's name.
    pub template: String,
    /// Its path below the root.
    pub path: String,
    /// The copy of what was there before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kept: Option<String>,
    /// What would change, as a unified diff; only for a dry run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub diff: Option<String>,
}

const SKELETON: &str = "\
name: NAME
description: What it is for, in one sentence.
version: \"1.0.0\"

parameters:
  subject:
    type: string
    description: What it is about

tasks:
  - id: first
    title: \"Begin: {{subject}}\"
    estimate: 1h
  - id: second
    title: Finish it
    depends_on: [first]
";

impl Operation for TemplateCreate {
    const NAME: &'static str = "template_create";
    const EFFECT: Effect = Effect::Writes;
    type Input = TemplateCreateInput;
    type Output = TemplateWritten;

    fn run(cx: &Context<'_>, input: TemplateCreateInput) -> Result<TemplateWritten, OpError> {
        let name = checked_name(&input.name)?;
        let from = input.from.as_deref().map(|word| template_named(cx, word)).transpose()?;
        let base = from.map(|file| cx.workspace.read_template(&file));
        let ending =
            base.as_ref().and_then(|b| b.file.path.extension()).map(|e| e.to_string_lossy().into_owned());
        let mut file = place(cx, &name, &format!("x.{}", ending.as_deref().unwrap_or("yaml")))?;
        let text = match (input.text, base) {
            (Some(text), _) => text,
            (None, Some(base)) => {
                let crossed = (base.file.kind == TemplateKind::Task) != (file.kind == TemplateKind::Task);
                if crossed {
                    return Err(OpError::new(
                        ErrorCode::InvalidInput,
                        format!("`{}` and `{name}` make different things", base.file.name),
                    )
                    .hint("name a template of the same kind; run `plandown template list`"));
                }
                base.text
            }
            (None, None) => match file.kind {
                TemplateKind::Task => {
                    SKELETON.replace("NAME", &serde_json::Value::from(name.as_str()).to_string())
                }
                _ => crate::workspace::shipped_template(&file).map(|t| t.text).unwrap_or_default(),
            },
        };
        file.overrides = false;
        write(cx, file, &text, false)
    }
}

/// The file of a template of that name; what it is called with decides its form.
pub(super) fn place(cx: &Context<'_>, name: &str, source: &str) -> Result<TemplateFile, OpError> {
    let there = cx.workspace.template_files()?;
    if name.contains('/') {
        return there.into_iter().find(|f| f.name == name).ok_or_else(|| {
            OpError::new(ErrorCode::InvalidInput, format!("there is nothing that `{name}` would make")).hint(
                "session and view templates stand before the built-in ones; run `plandown template list`",
            )
        });
    }
    let ending = match Path::new(source).extension().and_then(|e| e.to_str()) {
        Some("json5") => "json5",
        Some("json") => "json",
        _ => "yaml",
    };
    let path = cx.workspace.disk().layout().templates().join("tasks").join(format!("{name}.{ending}"));
    // One that stands elsewhere, or in another form, is replaced where it stands.
    let own = there.into_iter().find(|f| f.name == name && !f.built_in);
    Ok(own.unwrap_or(TemplateFile {
        name: name.to_owned(),
        kind: TemplateKind::Task,
        path,
        built_in: true,
        overrides: false,
    }))
}

/// Writes a template that can be used. One that is there stays unless it may be replaced; then a copy
/// of it is kept.
pub(super) fn write(
    cx: &Context<'_>,
    file: TemplateFile,
    text: &str,
    replace: bool,
) -> Result<TemplateWritten, OpError> {
    let shown = cx.workspace.below_root(&file.path);
    let there = cx.workspace.own_text(&file.path);
    if there.is_some() && !replace {
        return Err(OpError::new(ErrorCode::AlreadyExists, format!("`{shown}` is there already"))
            .hint("edit it, or replace it with `plandown template install --force`")
            .with("path", shown));
    }
    let new =
        ReadTemplate::of(TemplateFile { built_in: false, ..file.clone() }, OwnText::of(text.as_bytes()));
    let findings = all_findings(cx, &new);
    if !Template::is_usable(&findings) {
        return Err(broken(cx, &new, &findings));
    }
    let changed = there.as_ref().is_none_or(|own| own.hash != new.hash);
    let mut view = TemplateWritten {
        schema: SCHEMA,
        changed,
        template: file.name.clone(),
        path: shown.clone(),
        kept: None,
        diff: None,
    };
    if cx.dry_run {
        let old = there.map(|own| own.text).unwrap_or_default();
        view.diff = Some(unified_diff(&shown, &old, text));
        return Ok(view);
    }
    if changed {
        let mut writes = Vec::new();
        let mut was = Was::Absent;
        if there.is_some() {
            let copy = copy(cx, &file)?;
            view.kept = Some(cx.workspace.below_root(&copy.path));
            was = Was::Hash(crate::text::ContentHash::of(&copy.bytes));
            writes.push(copy);
        }
        writes.push(OwnWrite::new(file.path, text, was));
        cx.workspace.write_own(&writes).map_err(|e| changed_meanwhile(e.into(), &shown))?;
    }
    Ok(view)
}

/// The write that keeps a template's file as it is now.
pub(super) fn copy(cx: &Context<'_>, file: &TemplateFile) -> Result<OwnWrite, OpError> {
    let disk = cx.workspace.disk();
    let bytes = disk.read_plain(&file.path)?.bytes;
    let (date, time) = cx.workspace.stamp();
    let name = file.path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    let folder = match file.kind {
        TemplateKind::Task => "tasks",
        TemplateKind::Session => "session",
        TemplateKind::View => "views",
    };
    let path = |number: usize| -> PathBuf {
        let number = if number == 1 { String::new() } else { format!("-{number}") };
        disk.layout().backups().join(format!("template_backup_{date}_{time}{number}_{folder}_{name}"))
    };
    let free = (1..).map(path).find(|path| !disk.exists(path));
    Ok(OwnWrite::new(free.unwrap_or_else(|| path(0)), bytes, Was::Absent))
}
