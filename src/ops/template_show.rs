use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::config::{ParamKind, Parameter, TemplateTask};
use crate::workspace::TemplateKind;

use super::check::FileFindings;
use super::own_findings::{OwnFinding, own_findings, with_source};
use super::template_view::{TemplateView, all_findings, joined, shown_path, template_named};
use super::{Context, Effect, OpError, Operation, SCHEMA};

/// Shows a template: what it wants to be told, what it makes, its text.
pub struct TemplateShow;

/// Which template.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TemplateShowInput {
    /// Its name
    pub template: String,
}

/// A template with everything it says.
#[derive(Clone, Debug, Serialize)]
pub struct TemplateDetail {
    /// Version of this shape.
    pub schema: u32,
    /// The template.
    #[serde(flatten)]
    pub template: TemplateView,
    /// The template it goes on from.
    pub extends: Option<String>,
    /// What it wants to be told, with what it inherits.
    pub asks: Vec<ParameterView>,
    /// The tasks it makes, with what it inherits; placeholders as written.
    pub makes: Vec<TemplateTaskView>,
    /// What is wrong with it.
    pub diagnostics: Vec<OwnFinding>,
    /// Its text.
    pub text: String,
    /// The findings with their text, for rendering.
    #[serde(skip)]
    pub sources: Vec<FileFindings>,
}

/// A parameter.
#[derive(Clone, Debug, Serialize)]
pub struct ParameterView {
    /// Its name.
    pub name: String,
    /// `string|number|boolean|enum|list`
    pub kind: &'static str,
    /// One line.
    pub description: String,
    /// Whether it must be given.
    pub required: bool,
    /// What it is otherwise.
    pub default: Option<String>,
    /// The words of an enum.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<String>,
    /// The regular expression that a value must match.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pattern: Option<String>,
}

/// A task of a template.
#[derive(Clone, Debug, Serialize)]
pub struct TemplateTaskView {
    /// Its name inside the template.
    pub id: String,
    /// One line.
    pub title: String,
    /// 0 for a root task.
    pub depth: usize,
    /// Who does it.
    pub specialist: Option<String>,
    /// How long it takes.
    pub estimate: Option<String>,
    /// What comes before.
    pub depends_on: Vec<String>,
    /// The condition it stands under.
    pub when: Option<String>,
    /// The list it is made for each item of.
    pub for_each: Option<String>,
}

impl From<&Parameter> for ParameterView {
    fn from(p: &Parameter) -> Self {
        Self {
            name: p.name.clone(),
            kind: p.kind.word(),
            description: p.description.clone(),
            required: p.required && p.default.is_none(),
            default: p.default.as_ref().map(ToString::to_string),
            values: if let ParamKind::Enum(words) = &p.kind { words.clone() } else { Vec::new() },
            pattern: p.pattern.as_ref().map(|pattern| pattern.text().to_owned()),
        }
    }
}

fn tasks(all: &[TemplateTask]) -> Vec<TemplateTaskView> {
    let mut depths: Vec<usize> = Vec::with_capacity(all.len());
    let mut views = Vec::with_capacity(all.len());
    for task in all {
        // A parent stands before its subtasks.
        let depth = task.parent.and_then(|p| depths.get(p)).map_or(0, |d| d + 1);
        depths.push(depth);
        views.push(TemplateTaskView {
            id: task.id.clone(),
            title: task.title.clone(),
            depth,
            specialist: task.specialist.clone(),
            estimate: task.estimate.clone(),
            depends_on: task.depends_on.clone(),
            when: task.when.clone(),
            for_each: task.for_each.clone(),
        });
    }
    views
}

impl Operation for TemplateShow {
    const NAME: &'static str = "template_show";
    const EFFECT: Effect = Effect::Reads;
    type Input = TemplateShowInput;
    type Output = TemplateDetail;

    fn run(cx: &Context<'_>, input: TemplateShowInput) -> Result<TemplateDetail, OpError> {
        let read = cx.workspace.read_template(&template_named(cx, &input.template)?);
        let findings = all_findings(cx, &read);
        let path = shown_path(cx, &read.file);
        let whole = match read.file.kind {
            TemplateKind::Task => joined(cx, &read).unwrap_or_else(|_| read.template.clone()),
            _ => read.template.clone(),
        };
        Ok(TemplateDetail {
            schema: SCHEMA,
            template: TemplateView::of(cx, &read),
            extends: read.template.extends.clone(),
            asks: whole.parameters.iter().map(ParameterView::from).collect(),
            makes: tasks(&whole.tasks),
            diagnostics: own_findings(&path, &read.text, &findings),
            sources: vec![with_source(&path, &read.text, &findings)],
            text: read.text,
        })
    }
}
