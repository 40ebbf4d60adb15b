use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::config::HistoryEntry;
use crate::workspace::ReadMode;

use super::check::FileFindings;
use super::mode_view::{ModeView, bound, mode_named, shown_path};
use super::own_findings::{OwnFinding, own_findings, with_source};
use super::{Context, Effect, ErrorCode, OpError, Operation, SCHEMA};

/// Shows a mode: its roles, its rules, what is wrong with it; or what one role is told.
pub struct ModeShow;

/// Which mode.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ModeShowInput {
    /// File name, with or without ending; the session's when left out
    pub mode: Option<String>,
    /// Only this role, with the text it is told
    pub role: Option<String>,
}

/// A mode with everything it says.
#[derive(Clone, Debug, Serialize)]
pub struct ModeDetail {
    /// Version of this shape.
    pub schema: u32,
    /// The mode.
    #[serde(flatten)]
    pub mode: ModeView,
    /// What it changes by default.
    pub configuration: ModeDefaults,
    /// Which words bring a task to whom.
    pub routing: Vec<RuleView>,
    /// Its roles.
    pub roles: Vec<RoleView>,
    /// What is wrong with it.
    pub diagnostics: Vec<OwnFinding>,
    /// Its copies in `backups/`, newest first.
    pub backups: Vec<String>,
    /// How the session came to it, oldest first; only for the session's own.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub history: Vec<ModeStep>,
    /// Why it stands in for the one that the session is bound to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fallback: Option<String>,
    /// What the role is told, where one was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prompt: Option<String>,
    /// The findings with their texts, for rendering.
    #[serde(skip)]
    pub sources: Vec<FileFindings>,
}

/// A mode's defaults.
#[derive(Clone, Debug, Serialize)]
pub struct ModeDefaults {
    /// Complexity of tasks that state none.
    pub default_complexity: Option<String>,
    /// Whether new tasks get a specialist by the rules.
    pub auto_task_routing: bool,
    /// Deepest nesting of subtasks it plans with.
    pub max_subtask_depth: u32,
}

/// A routing rule.
#[derive(Clone, Debug, Serialize)]
pub struct RuleView {
    /// Its class.
    pub class: String,
    /// Its own words; empty for a class whose words are known.
    pub keywords: Vec<String>,
    /// Who does it.
    pub specialist: Option<String>,
    /// Who looks at it afterwards.
    pub secondary_review: Vec<String>,
    /// Steps of complexity added.
    pub complexity_boost: i64,
    /// Whether its tasks may be worked on at once.
    pub parallel: bool,
}

/// A role.
#[derive(Clone, Debug, Serialize)]
pub struct RoleView {
    /// Its name.
    pub name: String,
    /// What it is.
    pub definition: String,
    /// What it is good at.
    pub expertise: Vec<String>,
    /// How it goes about its work.
    pub approach: Vec<String>,
    /// What it hands over.
    pub output_format: Option<String>,
}

/// One change of a session's mode.
#[derive(Clone, Debug, Serialize)]
pub struct ModeStep {
    /// When.
    pub at: String,
    /// The mode before.
    pub from: Option<String>,
    /// The mode after.
    pub to: String,
    /// Why.
    pub reason: String,
}

impl From<HistoryEntry> for ModeStep {
    fn from(e: HistoryEntry) -> Self {
        Self { at: e.timestamp, from: e.from_mode, to: e.to_mode, reason: e.reason }
    }
}

impl Operation for ModeShow {
    const NAME: &'static str = "mode_show";
    const EFFECT: Effect = Effect::Reads;
    type Input = ModeShowInput;
    type Output = ModeDetail;

    fn run(cx: &Context<'_>, input: ModeShowInput) -> Result<ModeDetail, OpError> {
        let bound = bound(cx)?;
        let current = bound.as_ref().map(|b| b.used.file.name.clone());
        let (read, mut fallback, mut own) = match (&input.mode, bound) {
            (Some(word), _) => (cx.workspace.read_mode(&mode_named(cx, word)?), None, Vec::new()),
            (None, None) => (cx.workspace.fallback_mode()?, None, Vec::new()),
            (None, Some(b)) => {
                let binding = cx.session().ok().map(|row| binding_path(&row.directory)).unwrap_or_default();
                let mut own = vec![with_source(&binding, &b.source.text, &b.findings)];
                own.extend(
                    b.broken.iter().map(|r| with_source(&shown_path(cx, &r.file), &r.text, &r.findings)),
                );
                (b.used, b.fallback, own)
            }
        };
        own.retain(|f| !f.findings.is_empty());
        let is_current = current.as_deref() == Some(read.file.name.as_str());
        let prompt = input.role.as_ref().map(|role| prompt(&read, role)).transpose()?;
        if input.mode.is_some() && !is_current {
            fallback = None;
        }
        let path = shown_path(cx, &read.file);
        own.push(with_source(&path, &read.text, &read.findings));
        let diagnostics =
            own.iter().flat_map(|f| own_findings(&f.path, &f.text.text(), &f.findings)).collect::<Vec<_>>();
        own.retain(|f| !f.findings.is_empty());
        let session = cx.session().ok().map(|row| row.identity).filter(|_| is_current);
        let history = session.map_or_else(Vec::new, |id| {
            let (entries, ..) = cx.workspace.mode_history();
            entries.into_iter().filter(|e| e.session_id == id).map(ModeStep::from).collect()
        });
        let backups = cx.workspace.mode_backups(Some(&read.file.name))?.into_iter().map(|b| b.name).collect();
        let wanted = |name: &str| input.role.as_ref().is_none_or(|r| r.eq_ignore_ascii_case(name));
        let roles = read.mode.roles.iter().filter(|r| wanted(&r.name)).map(|r| RoleView {
            name: r.name.clone(),
            definition: r.definition.clone(),
            expertise: r.expertise.clone(),
            approach: r.approach.clone(),
            output_format: r.output_format.clone(),
        });
        let routing = read.mode.routing.iter().map(|r| RuleView {
            class: r.class.clone(),
            keywords: r.keywords.clone(),
            specialist: r.required_specialist.clone(),
            secondary_review: r.secondary_review.clone(),
            complexity_boost: r.complexity_boost,
            parallel: r.parallel_execution,
        });
        let configuration = &read.mode.configuration;
        Ok(ModeDetail {
            schema: SCHEMA,
            mode: ModeView::of(cx, &read, is_current),
            configuration: ModeDefaults {
                default_complexity: configuration.default_complexity.clone(),
                auto_task_routing: configuration.auto_task_routing,
                max_subtask_depth: configuration.max_subtask_depth,
            },
            routing: routing.collect(),
            roles: roles.collect(),
            diagnostics,
            backups,
            history,
            fallback,
            prompt,
            sources: own,
        })
    }
}

/// The path of a session's binding below the root.
pub(super) fn binding_path(directory: &str) -> String {
    format!(".task_orchestrator/sessions/{directory}/mode_binding.yaml")
}

fn prompt(read: &ReadMode, role: &str) -> Result<String, OpError> {
    if let Some(role) = read.mode.role(role.trim()) {
        return Ok(read.mode.prompt(role));
    }
    let near = crate::diagnostic::did_you_mean(role, read.mode.roles.iter().map(|r| r.name.as_str()));
    let near = near.into_iter().map(str::to_owned).collect();
    let name = &read.file.name;
    let error = OpError::new(ErrorCode::NotFound, format!("no role `{role}` in the mode `{name}`"));
    Err(super::context::suggest(error, near, "run `plandown mode show`"))
}
