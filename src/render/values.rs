use std::fmt;
use std::sync::Arc;

use minijinja::value::{Object, ObjectRepr, Value};

use super::safe;
use super::session::{capital, code};
use super::view_of::{ArtifactView, GroupView, LogView, SessionView, SpecialistView, TaskView};
use crate::model::{Priority, Progress, TaskStatus, write_minutes};

/// A session, or one thing in it, as a template sees it: values are made when they are asked for,
/// and every text is already safe where the shipped templates put it.
#[derive(Clone)]
pub(super) struct Seen {
    view: Arc<SessionView>,
    what: What,
}

#[derive(Clone, Copy)]
enum What {
    Session,
    /// The session together with the one group that the view is about.
    OneGroup(usize),
    Group(usize),
    Task(usize),
    Specialist(usize),
    Artifact(usize),
    Log(usize),
}

impl fmt::Debug for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.what {
            What::Session | What::OneGroup(_) => "session",
            What::Group(_) => "group",
            What::Task(_) => "task",
            What::Specialist(_) => "specialist",
            What::Artifact(_) => "artifact",
            What::Log(_) => "log entry",
        })
    }
}

impl Object for Seen {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let key = key.as_str()?;
        let view = &*self.view;
        match self.what {
            What::Session => self.session(key),
            What::OneGroup(g) if key == "group" => view.groups.get(g).map(|_| self.one(What::Group(g))),
            What::OneGroup(_) => self.session(key),
            What::Group(i) => self.group(view.groups.get(i)?, key),
            What::Task(i) => self.task(view.tasks.get(i)?, key),
            What::Specialist(i) => self.specialist(view.specialists.get(i)?, key),
            What::Artifact(i) => artifact(view.artifacts.get(i)?, key),
            What::Log(i) => log(view.log.get(i)?, key),
        }
    }
}

impl Seen {
    /// The values of a view; with the group that it is about, where it is about one.
    pub(super) fn root(view: Arc<SessionView>, group: Option<usize>) -> Value {
        let what = group.map_or(What::Session, What::OneGroup);
        Value::from_object(Self { view, what })
    }

    fn one(&self, what: What) -> Value {
        Value::from_object(Self { view: Arc::clone(&self.view), what })
    }

    fn tasks(&self, filter: impl Fn(&TaskView) -> bool) -> Value {
        let tasks = self.view.tasks.iter().enumerate().filter(|(_, t)| filter(t));
        tasks.map(|(i, _)| self.one(What::Task(i))).collect()
    }

    fn session(&self, key: &str) -> Option<Value> {
        let v = &*self.view;
        Some(match key {
            "id" => code(&v.id).into(),
            "name" => safe::heading(&v.name).into(),
            "status" => v.status.word().into(),
            "mode" => line(v.mode.as_deref()),
            "created" => line(v.created.as_deref()),
            "priority" => priority(v.priority),
            "due" => line(v.due.as_deref()),
            "revision" => {
                v.revision.chars().filter(char::is_ascii_hexdigit).take(12).collect::<String>().into()
            }
            "path" => code(&format!("sessions/{}/session.md", v.directory)).into(),
            "now" => v.now.minute().into(),
            "today" => v.now.date().into(),
            "sync_state" => safe::field(&v.sync_state).into(),
            "overview" => safe::block(&v.overview).into(),
            "notes" => safe::block(&v.notes).into(),
            "decisions" => safe::block(&v.decisions).into(),
            "learnings" => safe::block(&v.learnings).into(),
            "next_steps" => safe::block(&v.next_steps).into(),
            "changes" => safe::block(&v.changes).into(),
            "groups" => (0..v.groups.len()).map(|i| self.one(What::Group(i))).collect(),
            "tasks" => self.tasks(|_| true),
            "ungrouped" => self.tasks(|t| t.group.is_none()),
            "active" => self.tasks(|t| matches!(t.status, TaskStatus::InProgress | TaskStatus::InReview)),
            "ready" => self.tasks(|t| t.is_ready && t.status == TaskStatus::Pending),
            "waiting" => self.tasks(is_waiting),
            "overdue" => self.tasks(|t| t.is_overdue),
            "completed" => self.tasks(|t| t.status == TaskStatus::Completed),
            "cancelled" => self.tasks(|t| t.status == TaskStatus::Cancelled),
            "unassigned" => self.tasks(|t| t.specialist.is_none() && t.status.is_open()),
            "specialists" => (0..v.specialists.len()).map(|i| self.one(What::Specialist(i))).collect(),
            "critical_path" => v.critical_path.iter().map(|&i| self.one(What::Task(i))).collect(),
            "artifacts" => (0..v.artifacts.len()).map(|i| self.one(What::Artifact(i))).collect(),
            "log" => (0..v.log.len()).map(|i| self.one(What::Log(i))).collect(),
            "estimate_left" => {
                minutes(v.tasks.iter().filter(|t| t.status.is_open()).filter_map(|t| t.estimate))
            }
            "spent" => minutes(v.tasks.iter().filter_map(|t| t.actual)),
            "waiting_count" => v.tasks.iter().filter(|t| is_waiting(t)).count().into(),
            "ready_count" => {
                v.tasks.iter().filter(|t| t.is_ready && t.status == TaskStatus::Pending).count().into()
            }
            _ => return progress(v.progress, key),
        })
    }

    fn group(&self, group: &GroupView, key: &str) -> Option<Value> {
        Some(match key {
            "name" => safe::heading(&group.name).into(),
            "path" => safe::heading(&group.path).into(),
            "depth" => group.depth.into(),
            "focus" => line(group.focus.as_deref()),
            "priority" => priority(group.priority),
            "description" => safe::no_boxes(&safe::block(&group.description)).into(),
            "tasks" => group.tasks.iter().map(|&i| self.one(What::Task(i))).collect(),
            _ => return progress(group.progress, key),
        })
    }

    fn task(&self, task: &TaskView, key: &str) -> Option<Value> {
        Some(match key {
            "id" => line(task.id.as_deref()),
            "title" => safe::line(&task.title).into(),
            "status" => task.status.word().into(),
            "state" => task.status.key().into(),
            "is_open" => task.status.is_open().into(),
            "is_ready" => task.is_ready.into(),
            "is_overdue" => task.is_overdue.into(),
            "specialist" => line(task.specialist.as_deref()),
            "estimate" => task.estimate.map_or(Value::from(()), |m| write_minutes(m).into()),
            "actual" => task.actual.map_or(Value::from(()), |m| write_minutes(m).into()),
            "priority" => priority(task.priority),
            "due" => line(task.due.as_deref()),
            "depth" => task.depth.into(),
            "indent" => "  ".repeat(usize::try_from(task.depth).unwrap_or(0).min(64)).into(),
            "group" => {
                let group = task.group.and_then(|g| self.view.groups.get(g));
                line(group.map(|g| g.path.as_str()))
            }
            "blockers" => task.blockers.iter().map(|b| safe::line(b)).collect(),
            "line" => task_line(task).into(),
            _ => return None,
        })
    }

    fn specialist(&self, who: &SpecialistView, key: &str) -> Option<Value> {
        Some(match key {
            "name" => safe::heading(&who.name).into(),
            "estimate" => write_minutes(who.estimate).into(),
            "actual" => write_minutes(who.actual).into(),
            // Spent against estimated time, where both are known.
            "accuracy" => match who.compared {
                (0, _) => Value::from(()),
                (estimate, actual) => format!("{}%", u64::from(actual) * 100 / u64::from(estimate)).into(),
            },
            "tasks" => who.tasks.iter().map(|&i| self.one(What::Task(i))).collect(),
            "open_tasks" => {
                let open =
                    who.tasks.iter().filter(|&&i| self.view.tasks.get(i).is_some_and(|t| t.status.is_open()));
                open.map(|&i| self.one(What::Task(i))).collect()
            }
            _ => return progress(who.progress, key),
        })
    }
}

fn is_waiting(task: &TaskView) -> bool {
    task.status.is_open() && (task.status == TaskStatus::Blocked || !task.blockers.is_empty())
}

fn progress(progress: Progress, key: &str) -> Option<Value> {
    Some(match key {
        "progress" => progress.phrase().into(),
        "percent" => progress.percent().into(),
        "total" => progress.total.into(),
        "completed_count" => progress.completed.into(),
        "in_progress_count" => progress.in_progress.into(),
        "open_count" => (progress.total - progress.completed).into(),
        _ => return None,
    })
}

fn artifact(artifact: &ArtifactView, key: &str) -> Option<Value> {
    Some(match key {
        "path" => code(&artifact.path).replace('|', "\\|").into(),
        "kind" => artifact.kind.as_deref().map_or(Value::from(()), |k| safe::cell(k).into()),
        "description" => artifact.description.as_deref().map_or(Value::from(()), |d| safe::cell(d).into()),
        "task" => artifact.task.as_deref().map_or(Value::from(()), |t| safe::cell(t).into()),
        "size" => size(artifact.size).into(),
        _ => return None,
    })
}

fn log(entry: &LogView, key: &str) -> Option<Value> {
    Some(match key {
        "when" => safe::line(&entry.when).into(),
        "who" => safe::line(&entry.who).into(),
        "what" => safe::line(&entry.what).into(),
        _ => return None,
    })
}

fn line(text: Option<&str>) -> Value {
    text.map(safe::field).filter(|t| !t.is_empty()).map_or(Value::from(()), Value::from)
}

fn priority(priority: Option<Priority>) -> Value {
    priority.map_or(Value::from(()), |p| capital(p.word()).into())
}

fn minutes(all: impl Iterator<Item = u32>) -> Value {
    write_minutes(all.fold(0, u32::saturating_add)).into()
}

fn size(bytes: u64) -> String {
    match bytes {
        0..=1023 => format!("{bytes} B"),
        1024..=1_048_575 => format!("{} KiB", bytes / 1024),
        _ => format!("{} MiB", bytes >> 20),
    }
}

/// `- [ ] Title (In Progress) - specialist - 3h/4h`, without indent.
fn task_line(task: &TaskView) -> String {
    let mark = if task.status.is_open() { ' ' } else { 'x' };
    let mut line = format!("- [{mark}] {} ({})", safe::line(&task.title), task.status.word());
    if let Some(who) = &task.specialist {
        line.push_str(" - ");
        line.push_str(&safe::line(who));
    }
    let effort = match (task.estimate, task.actual) {
        (Some(e), Some(a)) => format!("{}/{}", write_minutes(e), write_minutes(a)),
        (Some(one), None) | (None, Some(one)) => write_minutes(one),
        (None, None) => return line,
    };
    line.push_str(" - ");
    line.push_str(&effort);
    line
}
