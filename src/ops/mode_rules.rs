use serde::Serialize;

use crate::config::{Mode, Route, boosted};
use crate::index::{SessionRow, TaskRow};
use crate::model::{Field, NewTask, Place, Session, field_named};

use super::Context;

/// What the mode of a session says about one of its tasks.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct TaskRoute {
    /// The task's id, else its title.
    pub task: String,
    /// The mode's file name.
    pub mode: String,
    /// The class it falls into.
    pub class: String,
    /// Who should do it.
    pub specialist: Option<String>,
    /// Who should look at it afterwards.
    pub secondary_review: Vec<String>,
    /// How hard it counts as.
    pub complexity: String,
    /// Whether the task itself says so.
    pub complexity_stated: bool,
}

/// The rules that a session's tasks are made by.
pub(super) struct Rules {
    name: String,
    mode: Mode,
}

/// What a complexity is boosted from where a mode names none.
const USUAL: &str = "moderate";

impl Rules {
    /// The rules of a session; `None` where it is bound to no mode. A mode that cannot be read is no
    /// reason to refuse anything: the default stands in for it.
    pub(super) fn of(cx: &Context<'_>, row: &SessionRow) -> Option<Self> {
        let bound = cx.workspace.ruling_mode(row).ok()??;
        Some(Self { name: bound.used.file.name, mode: bound.used.mode })
    }

    /// The same by the session's directory.
    pub(super) fn of_directory(cx: &Context<'_>, directory: &str) -> Option<Self> {
        let row = cx.workspace.index().session(directory).ok()??;
        Self::of(cx, &row)
    }

    /// Gives tasks without a specialist the one that their words ask for, with everything below them.
    pub(super) fn dress(&self, tasks: &mut [NewTask]) {
        if !self.mode.configuration.auto_task_routing {
            return;
        }
        let mut todo: Vec<&mut NewTask> = tasks.iter_mut().collect();
        while let Some(task) = todo.pop() {
            if task.specialist.is_none() {
                let route = self.mode.route(&format!("{}\n{}", task.title, task.description));
                self.apply(task, route);
            }
            todo.extend(task.children.iter_mut());
        }
    }

    fn apply(&self, task: &mut NewTask, route: Route) {
        let Some(specialist) = route.specialist else { return };
        task.specialist = Some(specialist);
        let has = |task: &NewTask, field| task.fields.iter().any(|(k, _)| field_named(k) == Some(field));
        if route.complexity_boost != 0 && !has(task, Field::Complexity) {
            let complexity = boosted(self.complexity(), route.complexity_boost).to_owned();
            task.fields.push((Field::Complexity.key().to_owned(), complexity));
        }
        let reviewed = task.fields.iter().any(|(k, _)| crate::model::canonical_key(k) == "review");
        if !route.secondary_review.is_empty() && !reviewed {
            task.fields.push(("review".to_owned(), route.secondary_review.join(", ")));
        }
    }

    fn complexity(&self) -> &str {
        self.mode.configuration.default_complexity.as_deref().unwrap_or(USUAL)
    }

    /// What the mode says about a task that is there.
    pub(super) fn route(&self, row: &TaskRow) -> TaskRoute {
        let route = self.mode.route(&format!("{}\n{}", row.title, row.description));
        let stated = row.complexity.clone().filter(|c| !c.trim().is_empty());
        let complexity_stated = stated.is_some();
        let complexity =
            stated.unwrap_or_else(|| boosted(self.complexity(), route.complexity_boost).to_owned());
        TaskRoute {
            task: row.id.clone().unwrap_or_else(|| row.title.clone()),
            mode: self.name.clone(),
            class: route.class,
            specialist: row.specialist.clone().or(route.specialist),
            secondary_review: route.secondary_review,
            complexity,
            complexity_stated,
        }
    }

    /// Whether work of this specialist is wanted: it is theirs, or nobody's and the rules say so.
    pub(super) fn suits(&self, row: &TaskRow, specialist: &str) -> bool {
        match &row.specialist {
            Some(name) => name.eq_ignore_ascii_case(specialist),
            None => self.route(row).specialist.is_some_and(|name| name.eq_ignore_ascii_case(specialist)),
        }
    }

    /// A remark where tasks would be nested deeper than the mode plans with.
    pub(super) fn too_deep(&self, session: &Session, place: &Place, tasks: &[NewTask]) -> Option<String> {
        let above = match place {
            Place::Under(key, _) => {
                let at = match key {
                    crate::model::TaskKey::Id(id) => session.task_by_id(id),
                    crate::model::TaskKey::Nth(n) => Some(*n),
                };
                let depth = |task: usize| {
                    std::iter::successors(session.tasks.get(task), |t| session.tasks.get(t.parent?)).count()
                };
                at.map_or(0, depth)
            }
            Place::Group(..) => 0,
        };
        let mut deepest = 0;
        let mut todo: Vec<(&NewTask, usize)> = tasks.iter().map(|t| (t, above)).collect();
        while let Some((task, depth)) = todo.pop() {
            deepest = deepest.max(depth);
            todo.extend(task.children.iter().map(|c| (c, depth + 1)));
        }
        let most = usize::try_from(self.mode.configuration.max_subtask_depth).unwrap_or(usize::MAX);
        (deepest > most).then(|| {
            format!(
                "subtasks go {deepest} levels deep here; the mode `{}` plans with at most {most}",
                self.name
            )
        })
    }
}
