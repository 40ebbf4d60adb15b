use serde::Serialize;

use crate::disk::SafeName;
use crate::index::{Event, What};

use super::{Context, OpError};

/// So many of each kind are shown.
const INTERACTIONS: usize = 50;
const ERRORS: usize = 20;
const METRICS: usize = 60;

/// What happened to a session here: local history, which is gone where `.state` is.
#[derive(Clone, Debug, Default, Serialize)]
pub struct HappenedView {
    /// How many things were done.
    pub interactions: usize,
    /// How often it changed its state.
    pub transitions: usize,
    /// How many writes were refused or failed.
    pub errors: usize,
    /// What was done, newest last, the last 50.
    pub recent: Vec<DoneRow>,
    /// What went wrong, newest last, the last 20.
    pub failures: Vec<FailureRow>,
    /// What was measured, newest last, the last 60.
    pub metrics: Vec<MetricRow>,
}

/// Something that was done.
#[derive(Clone, Debug, Serialize)]
pub struct DoneRow {
    /// When.
    pub at: Option<String>,
    /// By whom.
    pub by: Option<String>,
    /// What, in kebab-case.
    pub action: String,
    /// The state it brought, where it changed the session's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
}

/// A write that was refused or failed.
#[derive(Clone, Debug, Serialize)]
pub struct FailureRow {
    /// When.
    pub at: Option<String>,
    /// For whom.
    pub by: Option<String>,
    /// The code of the error.
    pub code: String,
    /// One sentence.
    pub message: String,
    /// What was to be done, in kebab-case.
    pub action: Option<String>,
}

/// A number of one day.
#[derive(Clone, Debug, Serialize)]
pub struct MetricRow {
    /// The day.
    pub at: Option<String>,
    /// `writes`, `edits` of people, `completions`: writes that completed tasks
    pub name: String,
    /// How many.
    pub value: f64,
    /// Of what.
    pub unit: Option<String>,
}

impl HappenedView {
    /// Whether nothing ever happened here.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.interactions + self.errors + self.metrics.len() == 0
    }
}

/// What happened to a session.
pub(super) fn history(cx: &Context<'_>, session: &SafeName) -> Result<HappenedView, OpError> {
    let mut view = HappenedView::default();
    for Event { at, actor: by, what, .. } in cx.workspace.happened(session)? {
        match what {
            What::Interaction { action, .. } => {
                view.interactions += 1;
                view.recent.push(DoneRow { at, by, action, to: None });
            }
            // Comes right behind the interaction that brought it.
            What::Transition { to, .. } => {
                view.transitions += 1;
                if let Some(last) = view.recent.last_mut() {
                    last.to = Some(to);
                }
            }
            What::Failure { code, message, context } => {
                view.errors += 1;
                view.failures.push(FailureRow { at, by, code, message, action: context });
            }
            What::Metric { name, value, unit } => view.metrics.push(MetricRow { at, name, value, unit }),
        }
    }
    newest(&mut view.recent, INTERACTIONS);
    newest(&mut view.failures, ERRORS);
    newest(&mut view.metrics, METRICS);
    Ok(view)
}

fn newest<T>(rows: &mut Vec<T>, most: usize) {
    rows.drain(..rows.len().saturating_sub(most));
}
