/// What a heading stands for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum SectionKind {
    /// Session Overview.
    Overview,
    /// Key Metrics: derived fields, and whatever a person adds.
    KeyMetrics,
    /// The section whose subsections are the groups.
    TaskGroups,
    /// A group.
    Group,
    /// A heading inside a group, such as `Tasks in X`; transparent.
    GroupPart,
    /// Session Notes.
    Notes,
    /// Decisions Made.
    Decisions,
    /// Key Learnings.
    Learnings,
    /// Next Steps.
    NextSteps,
    /// Change Log.
    ChangeLog,
    /// Anything else: kept, indexed as notes.
    Other,
}

impl SectionKind {
    /// The kind a reserved heading (in its compared form) stands for.
    #[must_use]
    pub fn reserved(norm: &str) -> Option<Self> {
        Some(match norm {
            "session overview" | "overview" => Self::Overview,
            "key metrics" => Self::KeyMetrics,
            "session notes" | "notes" => Self::Notes,
            "decisions made" | "decisions" => Self::Decisions,
            "key learnings" | "learnings" => Self::Learnings,
            "next steps" => Self::NextSteps,
            "change log" | "changelog" => Self::ChangeLog,
            _ => return None,
        })
    }

    /// Whether a heading (in its compared form) opens the task section.
    #[must_use]
    pub fn is_task_section(norm: &str) -> bool {
        matches!(norm, "task groups" | "tasks" | "task list" | "todo")
    }
}

/// A heading and the text below it up to the next heading.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Section {
    /// The heading's text.
    pub title: String,
    /// 1–6.
    pub level: u8,
    /// What it stands for.
    pub kind: SectionKind,
    /// The text that belongs to no task, raw, up to the next heading.
    pub body: String,
}
