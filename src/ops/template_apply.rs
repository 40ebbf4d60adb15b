use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::config::{ParamValue, Params, expand};
use crate::diagnostic::Code;
use crate::model::{Change, NewTask};
use crate::workspace::{Plan, TemplateKind};

use super::context::{WriteView, locate};
use super::draw_ids::Drawing;
use super::mode_rules::Rules;
use super::task_add::place;
use super::template_view::{all_findings, broken, joined, template_named};
use super::{AddInput, Context, Effect, ErrorCode, OpError, Operation};

/// Adds the tasks of a template: all of them in one write, or none.
pub struct TemplateApply;

/// Which template, what it is told, where its tasks go.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct TemplateApplyInput {
    /// Its name
    pub template: String,
    /// Its parameters by name
    pub parameters: Map<String, Value>,
    /// Group path; made where it is not there
    pub group: Option<String>,
    /// Make its root tasks subtasks of this task
    pub parent: Option<String>,
    /// Put them right before this task
    pub before: Option<String>,
    /// Put them right after this task
    pub after: Option<String>,
    /// Put them before all others
    pub first: bool,
}

impl Operation for TemplateApply {
    const NAME: &'static str = "template_apply";
    const EFFECT: Effect = Effect::Writes;
    type Input = TemplateApplyInput;
    type Output = WriteView;

    fn run(cx: &Context<'_>, input: TemplateApplyInput) -> Result<WriteView, OpError> {
        let mut tasks = filled(cx, &input)?;
        let at = AddInput {
            group: input.group,
            parent: input.parent,
            before: input.before,
            after: input.after,
            first: input.first,
            ..AddInput::default()
        };
        let anchor = [&at.parent, &at.before, &at.after].into_iter().find_map(Option::as_deref);
        let anchor = anchor.map(|word| cx.task_to_change(word)).transpose()?;
        let directory = match &anchor {
            Some(row) => row.directory.clone(),
            None => cx.session()?.directory,
        };
        let rules = Rules::of_directory(cx, &directory);
        if let Some(rules) = &rules {
            rules.dress(&mut tasks);
        }
        let ids = super::task_add::all_ids(&tasks);
        let mut remark = None;
        let view = cx.write_tasks(&directory, "template-apply", |snapshot| {
            let session = &snapshot.lifted.session;
            let anchor = anchor.as_ref().map(|row| locate(session, row)).transpose()?;
            let place = place(session, &at, anchor);
            remark = rules.as_ref().and_then(|rules| rules.too_deep(session, &place, &tasks));
            let change = Change::AddTasks { place, tasks: tasks.clone() };
            Ok(Plan { changes: vec![change], output: ids.clone() })
        })?;
        Ok(view.remarked(remark))
    }
}

/// The tasks that the template makes of what it is told.
fn filled(cx: &Context<'_>, input: &TemplateApplyInput) -> Result<Vec<NewTask>, OpError> {
    let read = cx.workspace.read_template(&template_named(cx, &input.template)?);
    let name = &read.file.name;
    if read.file.kind != TemplateKind::Task {
        return Err(OpError::new(ErrorCode::InvalidInput, format!("`{name}` makes no tasks"))
            .hint("run `plandown template list --kind task`"));
    }
    let template = match joined(cx, &read) {
        Ok(template) if read.is_usable() => template,
        _ => return Err(broken(cx, &read, &all_findings(cx, &read))),
    };
    let params: Params = input.parameters.iter().filter_map(|(k, v)| Some((k.clone(), param(v)?))).collect();
    let mut ids = Drawing::new(cx);
    let tasks = expand(&template, &params, &mut || ids.draw()).map_err(|error| {
        let code = if matches!(error.code, Code::M008 | Code::M006) {
            ErrorCode::InvalidInput
        } else {
            ErrorCode::TemplateBroken
        };
        OpError::new(code, error.message)
            .hint(format!("run `plandown template show {name}` for its parameters"))
            .with("diagnostic", error.code.info().code)
            .with("template", name.clone())
    })?;
    ids.end()?;
    if tasks.is_empty() {
        return Err(OpError::new(
            ErrorCode::InvalidInput,
            format!("`{name}` makes no task of these parameters"),
        )
        .hint(format!("run `plandown template show {name}` for its conditions")));
    }
    Ok(tasks)
}

/// A value as a parameter; nothing counts as not given.
fn param(value: &Value) -> Option<ParamValue> {
    Some(match value {
        Value::Null => return None,
        Value::String(text) => ParamValue::Text(text.clone()),
        Value::Bool(flag) => ParamValue::Flag(*flag),
        Value::Number(n) => ParamValue::Number(n.as_f64()?),
        Value::Array(items) => ParamValue::List(
            items.iter().map(|i| i.as_str().map_or_else(|| i.to_string(), str::to_owned)).collect(),
        ),
        Value::Object(_) => ParamValue::Text(value.to_string()),
    })
}
