use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::template_view::TemplateView;
use super::{Context, Effect, ErrorCode, OpError, Operation, SCHEMA};

/// Lists the templates of tasks, session files and views.
pub struct TemplateList;

/// Which of them.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct TemplateListInput {
    /// `task|session|view`; all when left out
    pub kind: Option<String>,
}

/// Templates by kind and name.
#[derive(Clone, Debug, Serialize)]
pub struct TemplatesView {
    /// Version of this shape.
    pub schema: u32,
    /// The templates.
    pub templates: Vec<TemplateView>,
    /// How many.
    pub total: usize,
}

impl Operation for TemplateList {
    const NAME: &'static str = "template_list";
    const EFFECT: Effect = Effect::Reads;
    type Input = TemplateListInput;
    type Output = TemplatesView;

    fn run(cx: &Context<'_>, input: TemplateListInput) -> Result<TemplatesView, OpError> {
        if let Some(kind) = input.kind.as_deref().filter(|k| !["task", "session", "view"].contains(k)) {
            return Err(OpError::new(ErrorCode::InvalidInput, format!("`{kind}` is no kind of template"))
                .hint("use task, session or view"));
        }
        let files = cx.workspace.template_files()?;
        let wanted = files.iter().filter(|f| input.kind.as_deref().is_none_or(|k| k == f.kind.word()));
        let templates: Vec<TemplateView> =
            wanted.map(|file| TemplateView::of(cx, &cx.workspace.read_template(file))).collect();
        Ok(TemplatesView { schema: SCHEMA, total: templates.len(), templates })
    }
}
