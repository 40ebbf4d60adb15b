use super::{DateValue, Group, Priority, Progress, Section, SectionKind, SessionStatus, Task, TaskId, norm};

/// A `**Key**: value` line of the header, Key Metrics or footer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HeaderField {
    /// The key as written, without stars and colon.
    pub key: String,
    /// The value as written, trimmed.
    pub value: String,
}

/// One session file, understood.
///
/// A pure function of the file's bytes and its directory's name; equal sessions say the same.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Session {
    /// Identity: front matter `id`, else the directory's name.
    pub id: String,
    /// Address: the directory's name.
    pub directory: String,
    /// The H1 without emoji and `Session:`, else front matter `title`, else the id.
    pub name: String,
    /// The header's lines, in order.
    pub header: Vec<HeaderField>,
    /// Derived lines elsewhere (Key Metrics, footer), in order.
    pub metrics: Vec<HeaderField>,
    /// Top-level front-matter keys and their raw values, in order.
    pub front_matter: Vec<(String, String)>,
    /// Text between the title and the first section that is no header line, raw.
    pub preamble: String,
    /// All headings but the title, in order.
    pub sections: Vec<Section>,
    /// Groups in order; a parent stands before its children.
    pub groups: Vec<Group>,
    /// Tasks in order; a parent stands before its subtasks.
    pub tasks: Vec<Task>,
}

impl Session {
    /// The kind of a session that does not say one.
    pub const USUAL_KIND: &'static str = "project";

    /// The value of a header field (compared form of the key): the body's before the front
    /// matter's, placeholders and blanks skipped.
    #[must_use]
    pub fn fact(&self, key: &str) -> Option<&str> {
        let body = self.header.iter().find(|h| norm(&h.key) == key).map(|h| h.value.as_str());
        body.filter(|v| !is_blank(v)).or_else(|| self.front_matter_value(key))
    }

    /// The value of a top-level front-matter scalar (compared form of the key), unquoted.
    #[must_use]
    pub fn front_matter_value(&self, key: &str) -> Option<&str> {
        let values = self.front_matter_keys(key).filter_map(|i| self.front_matter.get(i));
        values.map(|(_, raw)| unquoted(raw)).find(|v| !is_blank(v))
    }

    /// Where a top-level front-matter key (compared form) stands, however it is spelt: the first
    /// such key, and behind it, for the identity, the first `session_id`.
    pub fn front_matter_keys(&self, key: &str) -> impl Iterator<Item = usize> + '_ {
        let other = (key == "id").then_some("session id");
        let names = [Some(key.to_owned()), other.map(str::to_owned)];
        let named = |name: String| self.front_matter.iter().position(|(k, _)| key_form(k) == name);
        names.into_iter().flatten().filter_map(named)
    }

    /// The written state; `None` where the file says nothing understandable.
    #[must_use]
    pub fn written_status(&self) -> Option<SessionStatus> {
        SessionStatus::parse(self.fact("status")?)
    }

    /// The state: as written, else active (a file that nobody closed is open for work).
    #[must_use]
    pub fn status(&self) -> SessionStatus {
        self.written_status().unwrap_or(SessionStatus::Active)
    }

    /// The mode's file or name.
    #[must_use]
    pub fn mode(&self) -> Option<&str> {
        let mode = self.fact("mode")?;
        match mode.rsplit_once('(').and_then(|(_, f)| f.strip_suffix(')')) {
            Some(file) if matches!(file.rsplit_once('.'), Some((_, "yaml" | "yml"))) => Some(file),
            _ => Some(mode),
        }
    }

    /// The session's priority.
    #[must_use]
    pub fn priority(&self) -> Option<Priority> {
        Priority::parse(self.fact("priority")?)
    }

    /// When it was created, as written.
    #[must_use]
    pub fn created(&self) -> Option<&str> {
        self.fact("created")
    }

    /// When it is due.
    #[must_use]
    pub fn due(&self) -> Option<DateValue> {
        DateValue::parse(self.fact("due")?)
    }

    /// What kind of work it is, in lower case; a session that does not say is a project.
    #[must_use]
    pub fn kind(&self) -> String {
        self.fact("type").map_or_else(|| Self::USUAL_KIND.to_owned(), str::to_lowercase)
    }

    /// Children of `parent` (or the root tasks), in order.
    pub fn children(&self, parent: Option<usize>) -> impl Iterator<Item = usize> + '_ {
        self.tasks.iter().enumerate().filter(move |(_, t)| t.parent == parent).map(|(i, _)| i)
    }

    /// The first task with this id, else one that once had it.
    #[must_use]
    pub fn task_by_id(&self, id: &TaskId) -> Option<usize> {
        self.tasks
            .iter()
            .position(|t| t.id.as_ref() == Some(id))
            .or_else(|| self.task_named_formerly(id.as_str()))
    }

    /// The first task that once had this id, whatever signs the tool it comes from puts into ids.
    #[must_use]
    pub fn task_named_formerly(&self, id: &str) -> Option<usize> {
        let wanted = id.trim().trim_start_matches('^').to_lowercase();
        self.tasks.iter().position(|t| t.former_ids().contains(&wanted))
    }

    /// The indices of `task` and everything below it: `task..end`, because a subtree is contiguous.
    #[must_use]
    pub fn subtree(&self, task: usize) -> std::ops::Range<usize> {
        let depth = self.tasks.get(task).map_or(0, |t| t.depth);
        let below = self.tasks.iter().skip(task + 1).take_while(|t| t.depth > depth).count();
        task..(task + 1 + below).min(self.tasks.len().max(task))
    }

    /// The group at `path` (compared form).
    #[must_use]
    pub fn group_by_path(&self, path: &str) -> Option<usize> {
        let wanted = norm(path);
        self.groups.iter().position(|g| norm(&g.path) == wanted).or_else(|| {
            let mut named = self.groups.iter().enumerate().filter(|(_, g)| norm(&g.name) == wanted);
            named.next().map(|(i, _)| i).filter(|_| named.next().is_none())
        })
    }

    /// Whether there is a section whose subsections are the groups. Without one, headings are
    /// groups while they hold tasks.
    #[must_use]
    pub fn has_task_section(&self) -> bool {
        self.sections.iter().any(|s| s.kind == SectionKind::TaskGroups)
    }

    /// Progress over all tasks, subtasks included.
    #[must_use]
    pub fn progress(&self) -> Progress {
        self.tasks.iter().map(|t| t.status).collect()
    }
}

/// The compared form of a front-matter key: `Session_ID` is `session id`. Stricter than [`norm`],
/// because a sign more makes another key of it for every other reader.
#[must_use]
pub fn key_form(key: &str) -> String {
    key.trim().to_lowercase().replace(['_', '-'], " ")
}

/// Blank, or a template placeholder such as `[timestamp]`.
fn is_blank(value: &str) -> bool {
    let value = value.trim();
    value.is_empty() || (value.starts_with('[') && value.ends_with(']') && !value.contains("::"))
}

fn unquoted(raw: &str) -> &str {
    let raw = raw.trim();
    for quote in ['"', '\''] {
        if let Some(inner) = raw.strip_prefix(quote).and_then(|r| r.strip_suffix(quote)) {
            return inner;
        }
    }
    raw
}

#[cfg(test)]
mod tests {
    use super::Session;

    #[test]
    fn keys_are_found_however_they_are_spelt() {
        let matter = |pairs: &[(&str, &str)]| Session {
            front_matter: pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect(),
            ..Session::default()
        };
        for key in ["id", "ID", "session_id", "session-id", "Session ID"] {
            let session = matter(&[("x", "y"), (key, "\"abc\"")]);
            assert_eq!(session.front_matter_value("id"), Some("abc"), "{key}");
            assert_eq!(session.front_matter_keys("id").next(), Some(1), "{key}");
        }
        let both = matter(&[("session_id", "b"), ("id", "a")]);
        assert_eq!(both.front_matter_value("id"), Some("a"));
        assert_eq!(both.front_matter_value("session id"), Some("b"));
        assert_eq!(matter(&[("id", "[id]"), ("session_id", "b")]).front_matter_value("id"), Some("b"));
        assert_eq!(matter(&[("Due-By", "x")]).front_matter_value("due by"), Some("x"));
        assert_eq!(matter(&[("uid", "x")]).front_matter_value("id"), None);
        assert_eq!(matter(&[("🙂 id", "x")]).front_matter_value("id"), None);
    }
}
