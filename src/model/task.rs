use std::borrow::Cow;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use super::{DateValue, Effort, Field, Priority, TaskId, TaskRef, TaskStatus, id::split_list};

/// Where on a task a field stands. Earlier variants win over later ones.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
pub enum Carrier {
    /// `[due:: 2025-06-18]` or `(due:: …)` on the head line.
    Inline,
    /// The same on a later line of the head paragraph.
    Continuation,
    /// `- **Due**: 2025-06-18` below the task.
    Bullet,
    /// `📅 2025-06-18`.
    Emoji,
}

/// One field as written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FieldEntry {
    /// The known field, or `None` for a key of the user's own.
    pub field: Option<Field>,
    /// The key as written; the canonical key for an emoji.
    pub key: Cow<'static, str>,
    /// The value as written, trimmed.
    pub value: String,
    /// Where it stands.
    pub carrier: Carrier,
}

impl FieldEntry {
    /// A key as it is kept: that of a known field, spelt as we spell it, takes no room of its own.
    #[must_use]
    pub fn key_of(field: Option<Field>, written: &str) -> Cow<'static, str> {
        match field.map(Field::key) {
            Some(key) if key == written => Cow::Borrowed(key),
            _ => Cow::Owned(written.to_owned()),
        }
    }
}

/// The tail of a head line: ` (In Progress) - backend_dev - 3h/4h`.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Tail {
    /// The status word as written, without brackets.
    pub word: String,
    /// The specialist as written.
    pub specialist: Option<String>,
    /// The effort as written.
    pub effort: Option<String>,
}

/// One task as it stands in the file: its place, and what it says, which versions of a plan share.
///
/// `parent` and `group` are indices into the session's arenas. Typed facts are read from the
/// carriers on demand, so that two tasks are equal exactly when they say the same.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Task {
    /// What it says; changing it leaves the other versions that share it as they are.
    pub facts: Arc<TaskFacts>,
    /// The group it is filed under; `None` before the first group.
    pub group: Option<usize>,
    /// The task it is a part of.
    pub parent: Option<usize>,
    /// 0 for a root task.
    pub depth: u32,
}

/// What a task says, wherever it stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TaskFacts {
    /// Its id; `None` until adopted.
    pub id: Option<TaskId>,
    /// The title without tail, fields and id.
    pub title: String,
    /// The checkbox symbol as written.
    pub symbol: char,
    /// The state, after checkbox and words were weighed.
    pub status: TaskStatus,
    /// The tail, where there is one.
    pub tail: Option<Tail>,
    /// All fields in the order of the text.
    pub fields: Vec<FieldEntry>,
    /// The lines below the head that belong to no subtask, raw.
    pub description: String,
}

impl Deref for Task {
    type Target = TaskFacts;

    fn deref(&self) -> &TaskFacts {
        &self.facts
    }
}

impl DerefMut for Task {
    fn deref_mut(&mut self) -> &mut TaskFacts {
        Arc::make_mut(&mut self.facts)
    }
}

impl TaskFacts {
    /// A root task in no group that says this.
    #[must_use]
    pub fn alone(self) -> Task {
        Task { facts: Arc::new(self), group: None, parent: None, depth: 0 }
    }

    /// The value of a field by precedence: inline, then continuation, bullet, emoji.
    #[must_use]
    pub fn field(&self, field: Field) -> Option<&str> {
        self.fields
            .iter()
            .filter(|e| e.field == Some(field))
            .min_by_key(|e| e.carrier)
            .map(|e| e.value.as_str())
    }

    /// Fields of the user's own, in order.
    pub fn extra(&self) -> impl Iterator<Item = (&str, &str)> {
        self.fields.iter().filter(|e| e.field.is_none()).map(|e| (&*e.key, e.value.as_str()))
    }

    fn refs(&self, field: Field) -> Vec<TaskRef> {
        let mut refs = Vec::new();
        for entry in self.fields.iter().filter(|e| e.field == Some(field)) {
            for r in TaskRef::parse_list(&entry.value) {
                if !refs.contains(&r) {
                    refs.push(r);
                }
            }
        }
        refs
    }

    fn set(&self, field: Field) -> Vec<String> {
        let mut words: Vec<String> = Vec::new();
        for entry in self.fields.iter().filter(|e| e.field == Some(field)) {
            for word in split_list(&entry.value) {
                let word = word.trim().trim_start_matches('#');
                if !word.is_empty() && !words.iter().any(|w| w == word) {
                    words.push(word.to_owned());
                }
            }
        }
        words
    }

    /// Tasks that must be done before, as written.
    #[must_use]
    pub fn depends_on(&self) -> Vec<TaskRef> {
        self.refs(Field::DependsOn)
    }

    /// Tasks that wait for this one, as written.
    #[must_use]
    pub fn blocks(&self) -> Vec<TaskRef> {
        self.refs(Field::Blocks)
    }

    /// Related tasks, as written.
    #[must_use]
    pub fn related(&self) -> Vec<TaskRef> {
        self.refs(Field::Related)
    }

    /// Tags without `#`.
    #[must_use]
    pub fn tags(&self) -> Vec<String> {
        self.set(Field::Tags)
    }

    /// Ids the task once had.
    #[must_use]
    pub fn aliases(&self) -> Vec<TaskId> {
        self.set(Field::Formerly).iter().filter_map(|w| TaskId::parse(w)).collect()
    }

    /// The same as words, lower-cased: ids of other tools hold signs that no block id can.
    #[must_use]
    pub fn former_ids(&self) -> Vec<String> {
        self.set(Field::Formerly).iter().map(|w| w.trim_start_matches('^').to_lowercase()).collect()
    }

    /// Who does it: field before tail.
    #[must_use]
    pub fn specialist(&self) -> Option<&str> {
        self.field(Field::Specialist).or_else(|| self.tail.as_ref()?.specialist.as_deref())
    }

    /// The task's own priority (a group's is only a default).
    #[must_use]
    pub fn priority(&self) -> Option<Priority> {
        Priority::parse(self.field(Field::Priority)?)
    }

    /// When it is due.
    #[must_use]
    pub fn due(&self) -> Option<DateValue> {
        DateValue::parse(self.field(Field::Due)?)
    }

    /// Estimated and real effort: fields before tail, each on its own.
    #[must_use]
    pub fn effort(&self) -> Effort {
        let tail = self.tail.as_ref().and_then(|t| {
            let done = TaskStatus::parse(&t.word) == Some(TaskStatus::Completed);
            Effort::parse_tail(t.effort.as_deref()?, done)
        });
        let tail = tail.unwrap_or_default();
        let minutes = |f| self.field(f).and_then(super::parse_minutes);
        Effort {
            estimate: minutes(Field::Est).or(tail.estimate),
            actual: minutes(Field::Actual).or(tail.actual),
        }
    }
}
