use super::{Priority, norm};

/// A task group: a heading under which tasks are filed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Group {
    /// The heading's text.
    pub name: String,
    /// The names from the outermost group down, joined by `/`: `Backend/API`.
    pub path: String,
    /// The enclosing group.
    pub parent: Option<usize>,
    /// The heading's level, 1–6.
    pub level: u8,
    /// `**Key**: value` lines right below the heading: (key as written, value).
    pub header: Vec<(String, String)>,
    /// Text between the header and the first task or subheading, raw.
    pub description: String,
}

impl Group {
    fn header(&self, key: &str) -> Option<&str> {
        self.header.iter().find(|(k, _)| norm(k) == key).map(|(_, v)| v.as_str())
    }

    /// What the group is about, mostly a specialist's name.
    #[must_use]
    pub fn focus(&self) -> Option<&str> {
        self.header("focus").filter(|v| !v.is_empty())
    }

    /// The default for tasks that carry no priority of their own.
    #[must_use]
    pub fn priority(&self) -> Option<Priority> {
        Priority::parse(self.header("priority")?)
    }
}
