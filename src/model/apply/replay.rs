use std::collections::HashMap;

use super::{Refusal, derived, emoji, fields, groups, header, notes, status, tree};
use crate::model::{
    Carrier, Change, Field, FieldEntry, GroupRef, Place, Position, Session, Task, TaskId, TaskKey,
    TaskStatus, field_named,
};

/// A session to which changes are applied one after the other, and which remembers where its
/// tasks and groups stood in the beginning.
#[derive(Clone, Debug)]
pub struct Replay {
    pub(super) session: Session,
    /// For each task its index in the beginning.
    pub(super) tasks: Vec<Option<usize>>,
    /// For each group its index in the beginning.
    pub(super) groups: Vec<Option<usize>>,
    ids: Option<HashMap<TaskId, usize>>,
}

impl Replay {
    /// Begins with `session`.
    #[must_use]
    pub fn new(session: &Session) -> Self {
        Self {
            session: session.clone(),
            tasks: (0..session.tasks.len()).map(Some).collect(),
            groups: (0..session.groups.len()).map(Some).collect(),
            ids: None,
        }
    }

    /// As it is now.
    #[must_use]
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// As it is in the end.
    #[must_use]
    pub fn into_session(self) -> Session {
        self.session
    }

    /// Makes one change.
    ///
    /// # Errors
    /// [`Refusal`]; then nothing has changed.
    pub fn apply(&mut self, change: &Change) -> Result<(), Refusal> {
        let change = self.localized(change)?;
        match &change {
            Change::SetStatus { task, to } => self.set_status(at(task)?, *to),
            Change::SetField { task, key, value } => self.set_field(at(task)?, key, value.as_deref())?,
            Change::AssignId { task, id } => {
                let i = at(task)?;
                if self.session.tasks[i].id.as_ref().is_some_and(|old| old != id) {
                    return Err(Refusal::unwritable("the task has an id already"));
                }
                self.put_id(i, id)?;
            }
            Change::ReplaceId { task, id } => self.replace_id(at(task)?, id)?,
            Change::RenameTask { task, title } => {
                let title = one_line(title, "title")?;
                self.session.tasks[at(task)?].title = title;
            }
            Change::SetDescription { task, text } => {
                text.clone_into(&mut self.session.tasks[at(task)?].description);
            }
            Change::AppendDescription { task, text } => {
                let description = &mut self.session.tasks[at(task)?].description;
                description.push('\n');
                description.push_str(text);
            }
            Change::AddTasks { place, tasks } => tree::add(self, place, tasks)?,
            Change::DeleteTask { task } => tree::delete(self, at(task)?),
            Change::MoveTask { task, to } => tree::relocate(self, at(task)?, to)?,
            Change::AddGroup { name, header } => groups::add(self, name, header)?,
            Change::RenameGroup { group, name } => groups::rename(self, group_at(group)?, name)?,
            Change::SetGroupField { group, label, value } => {
                groups::set_field(&mut self.session, group_at(group)?, label, value.as_deref())?;
            }
            Change::DeleteGroup { group } => groups::delete(self, group_at(group)?),
            Change::MoveGroup { group, before } => {
                groups::relocate(self, group_at(group)?, before.as_ref().map(group_at).transpose()?)?;
            }
            Change::SetHeader { key, value } => header::set(&mut self.session, *key, value.as_deref())?,
            Change::RenameSession { name } => header::rename(&mut self.session, &one_line(name, "name")?),
            Change::AppendEntry { section, text } => notes::append(&mut self.session, *section, text),
            Change::RefreshBlocks { blocks } => derived::refill_all(&mut self.session, blocks),
            Change::RefreshDerived { now } => derived::refresh(&mut self.session, *now),
        }
        Ok(())
    }

    /// The same change with every key by its place in the session as it is now. Only a group that
    /// tasks go into and that is not there yet stays named by its path.
    ///
    /// # Errors
    /// [`Refusal`] where a key names nothing any more.
    pub fn localized(&mut self, change: &Change) -> Result<Change, Refusal> {
        let mut change = change.clone();
        match &mut change {
            Change::SetStatus { task, .. }
            | Change::SetField { task, .. }
            | Change::AssignId { task, .. }
            | Change::ReplaceId { task, .. }
            | Change::RenameTask { task, .. }
            | Change::SetDescription { task, .. }
            | Change::AppendDescription { task, .. }
            | Change::DeleteTask { task } => self.locate(task)?,
            Change::MoveTask { task, to } => {
                self.locate(task)?;
                self.locate_place(to)?;
            }
            Change::AddTasks { place, .. } => self.locate_place(place)?,
            Change::RenameGroup { group, .. }
            | Change::SetGroupField { group, .. }
            | Change::DeleteGroup { group } => self.locate_group(group)?,
            Change::MoveGroup { group, before } => {
                self.locate_group(group)?;
                if let Some(before) = before {
                    self.locate_group(before)?;
                }
            }
            Change::AddGroup { .. }
            | Change::SetHeader { .. }
            | Change::RenameSession { .. }
            | Change::AppendEntry { .. }
            | Change::RefreshBlocks { .. }
            | Change::RefreshDerived { .. } => {}
        }
        Ok(change)
    }

    fn locate_place(&mut self, place: &mut Place) -> Result<(), Refusal> {
        let position = match place {
            Place::Group(group, position) => {
                match self.locate_group(group) {
                    // It is made with the change.
                    Err(Refusal::NoGroup(GroupRef::Path(_))) => {}
                    located => located?,
                }
                position
            }
            Place::Under(task, position) => {
                self.locate(task)?;
                position
            }
        };
        match position {
            Position::Before(task) | Position::After(task) => self.locate(task),
            Position::First | Position::Last => Ok(()),
        }
    }

    fn locate(&mut self, key: &mut TaskKey) -> Result<(), Refusal> {
        let found = match &*key {
            TaskKey::Nth(n) if self.tasks.get(*n) == Some(&Some(*n)) => Some(*n),
            TaskKey::Nth(n) => self.tasks.iter().position(|t| *t == Some(*n)),
            TaskKey::Id(id) => self.with_id(id).or_else(|| self.session.task_by_id(id)),
        };
        *key = TaskKey::Nth(found.ok_or_else(|| Refusal::NoTask(key.clone()))?);
        Ok(())
    }

    /// The task of this id. A thousand changes must not look at a thousand tasks each.
    fn with_id(&mut self, id: &TaskId) -> Option<usize> {
        let ids = self.ids.get_or_insert_with(|| {
            let mut ids = HashMap::new();
            for (i, task) in self.session.tasks.iter().enumerate() {
                if let Some(id) = &task.id {
                    ids.entry(id.clone()).or_insert(i);
                }
            }
            ids
        });
        ids.get(id).copied()
    }

    fn locate_group(&self, key: &mut GroupRef) -> Result<(), Refusal> {
        let found = match &*key {
            GroupRef::Ungrouped => return Ok(()),
            GroupRef::Nth(n) => self.groups.iter().position(|g| *g == Some(*n)),
            GroupRef::Path(path) => self.session.group_by_path(path),
        };
        *key = GroupRef::Nth(found.ok_or_else(|| Refusal::NoGroup(key.clone()))?);
        Ok(())
    }

    /// To be called whenever tasks come, go or get another id.
    pub(super) fn moved(&mut self) {
        self.ids = None;
    }

    fn set_status(&mut self, i: usize, to: TaskStatus) {
        let task = &mut self.session.tasks[i];
        let form = status::status_form(task, to);
        task.symbol = form.symbol;
        task.tail = form.tail;
        task.status = to;
        if let Some(value) = form.field {
            for entry in 0..task.fields.len() {
                if task.fields[entry].field == Some(Field::Status) {
                    set_entry(task, entry, &value);
                }
            }
        }
    }

    fn set_field(&mut self, i: usize, key: &str, value: Option<&str>) -> Result<(), Refusal> {
        let task = &mut self.session.tasks[i];
        match field_named(key) {
            Some(Field::Id) => return Err(Refusal::unwritable("an id is assigned or replaced, not set")),
            Some(Field::Status) => {
                let to = value.and_then(TaskStatus::parse);
                let to = to.ok_or_else(|| Refusal::unwritable("a state is one of the known words"))?;
                self.set_status(i, to);
                return Ok(());
            }
            _ => {}
        }
        let steps = fields::field_steps(task, key, value)?;
        run_steps(task, steps);
        Ok(())
    }

    fn put_id(&mut self, i: usize, id: &TaskId) -> Result<(), Refusal> {
        if self.with_id(id).is_some_and(|k| k != i) {
            return Err(Refusal::unwritable(format!("the id `{id}` names another task")));
        }
        let task = &mut self.session.tasks[i];
        for entry in task.fields.iter_mut().filter(|e| e.field == Some(Field::Id)) {
            id.as_str().clone_into(&mut entry.value);
        }
        if let Some(ids) = &mut self.ids {
            if let Some(old) = &task.id {
                ids.remove(old);
            }
            ids.insert(id.clone(), i);
        }
        task.id = Some(id.clone());
        Ok(())
    }

    fn replace_id(&mut self, i: usize, id: &TaskId) -> Result<(), Refusal> {
        let Some(old) = self.session.tasks[i].id.clone() else { return self.put_id(i, id) };
        if old == *id {
            return Ok(());
        }
        if self.with_id(id).is_some() {
            return Err(Refusal::unwritable(format!("the id `{id}` names another task")));
        }
        let task = &mut self.session.tasks[i];
        let mut aliases: Vec<String> = task.aliases().iter().map(ToString::to_string).collect();
        aliases.push(old.to_string());
        let steps = fields::field_steps(task, Field::Formerly.key(), Some(&aliases.join(", ")))?;
        run_steps(task, steps);
        self.put_id(i, id)
    }
}

fn run_steps(task: &mut Task, steps: Vec<fields::FieldStep>) {
    let mut gone = Vec::new();
    for step in steps {
        match step {
            fields::FieldStep::Set(i, value) => set_entry(task, i, &value),
            fields::FieldStep::Remove(i) => gone.push(i),
            fields::FieldStep::Tail(tail) => task.tail = Some(tail),
            fields::FieldStep::Insert(key, value) => {
                let on_head = |e: &FieldEntry| matches!(e.carrier, Carrier::Inline | Carrier::Emoji);
                let at = task.fields.iter().rposition(on_head).map_or(0, |p| p + 1);
                let field = field_named(&key);
                // Removals name indices before the insertion.
                for g in &mut gone {
                    *g += usize::from(*g >= at);
                }
                task.fields
                    .insert(at, FieldEntry { field, key: key.into(), value, carrier: Carrier::Inline });
            }
        }
    }
    gone.sort_unstable();
    for i in gone.into_iter().rev() {
        task.fields.remove(i);
    }
}

fn set_entry(task: &mut Task, i: usize, value: &str) {
    let entry = &mut task.fields[i];
    let emoji = emoji::priority_emoji(value)
        .filter(|_| entry.carrier == Carrier::Emoji && entry.field == Some(Field::Priority));
    emoji.unwrap_or(value).clone_into(&mut entry.value);
}

/// The index of a localized key.
pub(super) fn at(key: &TaskKey) -> Result<usize, Refusal> {
    match key {
        TaskKey::Nth(n) => Ok(*n),
        TaskKey::Id(_) => Err(Refusal::NoTask(key.clone())),
    }
}

pub(super) fn group_at(key: &GroupRef) -> Result<usize, Refusal> {
    match key {
        GroupRef::Nth(n) => Ok(*n),
        _ => Err(Refusal::NoGroup(key.clone())),
    }
}

/// `text` trimmed, refused where it is empty or spans lines.
pub(super) fn one_line(text: &str, what: &str) -> Result<String, Refusal> {
    let text = text.trim();
    if text.is_empty() || text.chars().any(char::is_control) {
        return Err(Refusal::unwritable(format!("a {what} is one line of text")));
    }
    Ok(text.to_owned())
}
