use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::config::Template;

use super::check::FileFindings;
use super::own_findings::{OwnFinding, own_findings, with_source};
use super::template_view::{all_findings, shown_path, template_named};
use super::{Context, Effect, OpError, Operation, SCHEMA};

/// Looks for what is wrong in templates.
pub struct TemplateValidate;

/// Which templates.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct TemplateValidateInput {
    /// Names; all of the workspace when left out
    pub templates: Vec<String>,
}

/// What was found.
#[derive(Clone, Debug, Serialize)]
pub struct TemplatesValidated {
    /// Version of this shape.
    pub schema: u32,
    /// One row a template.
    pub templates: Vec<TemplateValidated>,
    /// How many.
    pub total: usize,
    /// How many cannot be used; the command exits 1 where there is one.
    pub broken: usize,
    /// The findings with their texts, for rendering.
    #[serde(skip)]
    pub sources: Vec<FileFindings>,
}

/// One template.
#[derive(Clone, Debug, Serialize)]
pub struct TemplateValidated {
    /// Its name.
    pub template: String,
    /// Its path below the root.
    pub path: String,
    /// Whether it can be used.
    pub valid: bool,
    /// What is wrong with it.
    pub diagnostics: Vec<OwnFinding>,
}

impl Operation for TemplateValidate {
    const NAME: &'static str = "template_validate";
    const EFFECT: Effect = Effect::Reads;
    type Input = TemplateValidateInput;
    type Output = TemplatesValidated;

    fn run(cx: &Context<'_>, input: TemplateValidateInput) -> Result<TemplatesValidated, OpError> {
        let mut files = Vec::new();
        for word in &input.templates {
            files.push(template_named(cx, word)?);
        }
        if input.templates.is_empty() {
            files = cx.workspace.template_files()?;
            files.retain(|f| !f.built_in);
        }
        let mut view = TemplatesValidated {
            schema: SCHEMA,
            templates: Vec::new(),
            total: files.len(),
            broken: 0,
            sources: Vec::new(),
        };
        for file in files {
            let read = cx.workspace.read_template(&file);
            let findings = all_findings(cx, &read);
            let path = shown_path(cx, &file);
            let valid = Template::is_usable(&findings);
            view.broken += usize::from(!valid);
            view.templates.push(TemplateValidated {
                template: file.name,
                valid,
                diagnostics: own_findings(&path, &read.text, &findings),
                path: path.clone(),
            });
            view.sources.push(with_source(&path, &read.text, &findings));
        }
        Ok(view)
    }
}
