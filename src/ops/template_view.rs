use std::collections::HashMap;

use serde::Serialize;

use crate::config::{FamilyError, Template, resolve};
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::text::TextRange;
use crate::workspace::{ReadTemplate, TemplateFile, TemplateKind};

use super::own_findings::unusable;
use super::{Context, ErrorCode, OpError};

/// A template as JSON.
#[derive(Clone, Debug, Serialize)]
pub struct TemplateView {
    /// `bug`, `session/lean`, `views/overview`.
    pub template: String,
    /// `task|session|view`
    pub kind: &'static str,
    /// Its name for people.
    pub title: String,
    /// One sentence.
    pub description: String,
    /// A word to file it under.
    pub category: Option<String>,
    /// `built-in|workspace|override`
    pub source: &'static str,
    /// Its file below the root; absent for a built-in one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// `ok|warnings|broken`
    pub state: &'static str,
    /// How many parameters it has of its own.
    pub parameters: usize,
    /// How many tasks it has of its own.
    pub tasks: usize,
}

impl TemplateView {
    pub(super) fn of(cx: &Context<'_>, read: &ReadTemplate) -> Self {
        let worst = read.findings.iter().map(Diagnostic::severity).max();
        let file = &read.file;
        Self {
            template: file.name.clone(),
            kind: file.kind.word(),
            title: if read.template.name.is_empty() { file.name.clone() } else { read.template.name.clone() },
            description: read.template.description.clone(),
            category: read.template.category.clone(),
            source: match (file.built_in, file.overrides) {
                (true, _) => "built-in",
                (false, true) => "override",
                (false, false) => "workspace",
            },
            path: (!file.built_in).then(|| cx.workspace.below_root(&file.path)),
            state: match worst {
                Some(Severity::Error) => "broken",
                Some(Severity::Warning) => "warnings",
                _ => "ok",
            },
            parameters: read.template.parameters.len(),
            tasks: read.template.tasks.len(),
        }
    }
}

/// The path of a template as it is shown.
pub(super) fn shown_path(cx: &Context<'_>, file: &TemplateFile) -> String {
    if file.built_in { format!("built-in/{}", file.name) } else { cx.workspace.below_root(&file.path) }
}

/// The template that `word` names.
pub(super) fn template_named(cx: &Context<'_>, word: &str) -> Result<TemplateFile, OpError> {
    let bare = checked_name(word)?;
    let files = cx.workspace.template_files()?;
    let folded = bare.to_lowercase();
    let fits = |f: &&TemplateFile| f.name == bare || f.name.to_lowercase() == folded;
    if let Some(file) = files.iter().find(fits) {
        return Ok(file.clone());
    }
    let near = crate::diagnostic::did_you_mean(&bare, files.iter().map(|f| f.name.as_str()));
    let near = near.into_iter().map(str::to_owned).collect();
    let error = OpError::new(ErrorCode::NotFound, format!("no template `{bare}`"));
    Err(super::context::suggest(error, near, "run `plandown template list`"))
}

/// A template's name without folder and ending, where it is one.
pub(super) fn checked_name(word: &str) -> Result<String, OpError> {
    let mut bare = word.trim();
    for prefix in ["./", ".task_orchestrator/", "templates/", "tasks/"] {
        bare = bare.strip_prefix(prefix).unwrap_or(bare);
    }
    for ending in [".md.j2", ".yaml", ".yml", ".json5", ".json"] {
        bare = bare.strip_suffix(ending).unwrap_or(bare);
    }
    let own = bare.strip_prefix("session/").or_else(|| bare.strip_prefix("views/")).unwrap_or(bare);
    if own.is_empty() || crate::disk::SafeName::parse(own).is_err() || own.contains("..") {
        let shown: String = word.chars().take(60).collect();
        return Err(OpError::new(ErrorCode::InvalidInput, format!("`{shown}` is no template's name"))
            .hint("a template goes by its file name without ending; run `plandown template list`"));
    }
    Ok(bare.to_owned())
}

/// The error for a template that cannot be used.
pub(super) fn broken(cx: &Context<'_>, read: &ReadTemplate, findings: &[Diagnostic]) -> OpError {
    let path = shown_path(cx, &read.file);
    let hint = if read.file.overrides {
        format!(
            "mend it there, or go back to the built-in one: `plandown template delete {}`",
            read.file.name
        )
    } else {
        format!("mend it there; `plandown template validate {}` shows the lines", read.file.name)
    };
    unusable(ErrorCode::TemplateBroken, &path, &read.text, findings, &hint)
}

/// A task template joined with everything it extends.
pub(super) fn joined(cx: &Context<'_>, read: &ReadTemplate) -> Result<Template, Box<Diagnostic>> {
    let files = cx.workspace.template_files().unwrap_or_default();
    let mut wrong: HashMap<String, ()> = HashMap::new();
    let mut lookup = |name: &str| {
        let file = files.iter().find(|f| f.name == name && f.kind == TemplateKind::Task)?;
        // An override may extend what it stands before.
        let base = if file.path == read.file.path && file.overrides {
            crate::workspace::shipped_template(file)?
        } else {
            cx.workspace.read_template(file)
        };
        if !base.is_usable() {
            wrong.insert(name.to_owned(), ());
        }
        Some(base.template)
    };
    let mut own = read.template.clone();
    if own.extends.as_deref() == Some(own.id.as_str()) && read.file.overrides {
        own.id.push_str(" (here)");
    }
    let place = || {
        let at = read.text.find("extends").unwrap_or(0);
        let end = read.text.get(at..).and_then(|t| t.find('\n')).map_or(read.text.len(), |n| at + n);
        TextRange::new(at, end)
    };
    let found = resolve(own, &mut lookup);
    if let Some(name) = wrong.keys().next() {
        let message =
            format!("`{name}`, which it extends, is broken; run `plandown template validate {name}`");
        return Err(Box::new(Diagnostic::new(Code::M009, place(), message)));
    }
    match found {
        Ok(template) => Ok(Template { id: read.template.id.clone(), ..template }),
        Err(error) => {
            let span =
                if matches!(error, FamilyError::Broken { .. }) { TextRange::default() } else { place() };
            Err(Box::new(Diagnostic::new(error.code(), span, error.to_string())))
        }
    }
}

/// Everything that is wrong with a template: by itself, with what it extends, when it is filled.
pub(super) fn all_findings(cx: &Context<'_>, read: &ReadTemplate) -> Vec<Diagnostic> {
    let mut findings = read.findings.clone();
    if read.file.kind == TemplateKind::Task {
        if read.is_usable() {
            findings.extend(joined(cx, read).err().map(|d| *d));
        }
    } else {
        findings.extend(cx.workspace.try_template(read));
    }
    findings
}
