use std::path::PathBuf;

use serde::Serialize;

use super::template_view::{shown_path, template_named};
use super::{Context, ErrorCode, OpError, SCHEMA};

/// A template's text, or where it was written to.
#[derive(Clone, Debug, Serialize)]
pub struct TemplateExported {
    /// Version of this shape.
    pub schema: u32,
    /// Whether a file was written.
    pub changed: bool,
    /// The template's name.
    pub template: String,
    /// Where it came from.
    pub path: String,
    /// The file that was written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// Its text, where no file was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

/// Gives a template away: as text, or as a file that is not there yet.
pub fn template_export(
    cx: &Context<'_>,
    template: &str,
    out: Option<PathBuf>,
    force: bool,
) -> Result<TemplateExported, OpError> {
    let read = cx.workspace.read_template(&template_named(cx, template)?);
    let mut view = TemplateExported {
        schema: SCHEMA,
        changed: false,
        template: read.file.name.clone(),
        path: shown_path(cx, &read.file),
        file: None,
        text: None,
    };
    let Some(mut out) = out else {
        view.text = Some(read.text);
        return Ok(view);
    };
    if cx.workspace.disk().fs().read_dir(&out).is_ok() {
        out.push(read.file.path.file_name().unwrap_or_default());
    }
    view.file = Some(out.display().to_string());
    if !cx.dry_run {
        let bytes = if read.file.built_in {
            read.text.into_bytes()
        } else {
            cx.workspace.disk().read_plain(&read.file.path)?.bytes
        };
        cx.workspace.write_exports(&[(out, bytes)], force).map_err(|e| match e {
            crate::workspace::Error::Exists(path) => {
                OpError::new(ErrorCode::AlreadyExists, format!("`{path}` is there already"))
                    .hint("use `--force` to overwrite it")
                    .with("path", path)
            }
            other => other.into(),
        })?;
        view.changed = true;
    }
    Ok(view)
}
