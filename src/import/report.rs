use std::collections::BTreeMap;
use std::sync::Arc;

use crate::model::TaskId;

/// Something a person should know about one imported thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Remark {
    /// A dependency names nothing that was imported; it is kept as text.
    UnresolvedDependency,
    /// A dependency was found by title because it is no id.
    DependencyByTitle,
    /// A dependency's title fits several tasks; it is kept as text.
    AmbiguousDependency,
    /// A task depends on itself; the dependency is kept aside.
    SelfDependency,
    /// Two sources hold the same id.
    DuplicateId,
    /// A parent chain runs in a circle and was cut.
    ParentCycle,
    /// The parent does not exist; the task stands at the top of its group.
    ParentMissing,
    /// The task was nested too deeply and moved up.
    NestedTooDeep,
    /// The title did not fit on a line; its full text is in the description.
    TitleMoved,
    /// The title held signs of the file format and was put in code signs.
    TitleEscaped,
    /// A text would have changed the file's structure and was quoted or escaped.
    TextEscaped,
    /// A value cannot be written as it was and was changed.
    ValueChanged,
    /// A state is unknown; the task is pending and keeps the word.
    StatusUnknown,
    /// An effort is no amount of time; its text is kept.
    EffortUnreadable,
    /// A date cannot be read; its text is kept.
    DateUnreadable,
    /// A link to an artifact led nowhere and was repaired.
    ArtifactRepaired,
    /// A link to an artifact leads nowhere.
    ArtifactMissing,
    /// A file could not be read; what could be understood of it was imported.
    BrokenFile,
    /// A file with secrets was left alone.
    SecretSkipped,
    /// A link, a pipe, a folder too deep: it was not looked at.
    LeftAlone,
    /// Times were written in two clocks.
    MixedClocks,
    /// The source looks as if a program is still writing to it.
    LiveSource,
    /// Fields that this format cannot hold were kept in the description or as fields of their own.
    FieldKept,
}

impl Remark {
    /// The stable code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::UnresolvedDependency => "unresolved-dependency",
            Self::DependencyByTitle => "dependency-by-title",
            Self::AmbiguousDependency => "ambiguous-dependency",
            Self::SelfDependency => "self-dependency",
            Self::DuplicateId => "duplicate-id",
            Self::ParentCycle => "parent-cycle",
            Self::ParentMissing => "parent-missing",
            Self::NestedTooDeep => "nested-too-deep",
            Self::TitleMoved => "title-moved",
            Self::TitleEscaped => "title-escaped",
            Self::TextEscaped => "text-escaped",
            Self::ValueChanged => "value-changed",
            Self::StatusUnknown => "status-unknown",
            Self::EffortUnreadable => "effort-unreadable",
            Self::DateUnreadable => "date-unreadable",
            Self::ArtifactRepaired => "artifact-repaired",
            Self::ArtifactMissing => "artifact-missing",
            Self::BrokenFile => "broken-file",
            Self::SecretSkipped => "secret-skipped",
            Self::LeftAlone => "left-alone",
            Self::MixedClocks => "mixed-clocks",
            Self::LiveSource => "live-source",
            Self::FieldKept => "field-kept",
        }
    }

    /// What to do about it; empty where nothing needs doing.
    #[must_use]
    pub fn hint(self) -> &'static str {
        match self {
            Self::UnresolvedDependency | Self::AmbiguousDependency => {
                "name the task by id: `plandown task depend TASK ON`"
            }
            Self::SelfDependency => "remove it in the source, or leave it: nothing waits for it now",
            Self::DuplicateId => "compare both tasks and delete the one that is out of date",
            Self::ParentCycle | Self::ParentMissing | Self::NestedTooDeep => {
                "move it where it belongs: `plandown task move TASK --under PARENT`"
            }
            Self::TitleMoved | Self::TitleEscaped => {
                "give it a short title: `plandown task set TASK --title TEXT`"
            }
            Self::StatusUnknown => "set the state: `plandown task set TASK status=STATE`",
            Self::EffortUnreadable => "set it as 90m, 3h or 2d: `plandown task set TASK est=3h`",
            Self::DateUnreadable => "set it as YYYY-MM-DD: `plandown task set TASK due=DATE`",
            Self::ArtifactMissing => "look for the file in the old project and link it by hand",
            Self::BrokenFile => "mend the file and import again, or mend the task here",
            Self::LeftAlone => "import it by its own path if it belongs to the plan",
            Self::MixedClocks => "name the zone the older tool ran in: `--legacy-offset +02:00`",
            Self::LiveSource => "stop the older tool and import again to get what it writes from now on",
            Self::DependencyByTitle
            | Self::TextEscaped
            | Self::ValueChanged
            | Self::ArtifactRepaired
            | Self::SecretSkipped
            | Self::FieldKept => "",
        }
    }
}

/// One remark about one place in a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What kind.
    pub remark: Remark,
    /// File and row, line or key.
    pub place: String,
    /// One sentence in lower case.
    pub message: String,
}

/// What became of one row of a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It is a task.
    Task,
    /// It is a group.
    Group,
    /// It is a session.
    Session,
    /// It became part of something else: `dependency`, `decision`, `note`, `artifact`.
    Part(&'static str),
    /// It is listed for copying as a file.
    File,
    /// It is not in the plan, for this reason; its content is in [`super::Import::aside`].
    Aside(String),
}

/// One row (or file, or line) of a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The file.
    pub source: Arc<str>,
    /// The table, or the kind of thing.
    pub table: Arc<str>,
    /// What names the row there.
    pub key: String,
    /// What became of it.
    pub fate: Fate,
}

/// Counts of one table.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct TableCount {
    /// The file.
    pub source: String,
    /// The table.
    pub table: String,
    /// Rows that were read; 0 says that it is empty.
    pub read: usize,
    /// Rows that are in the plan, or listed for copying.
    pub imported: usize,
    /// Rows that are not.
    pub aside: usize,
    /// Why not, with how many rows.
    pub reasons: Vec<(String, usize)>,
}

/// Where a task or group of the source can be found now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mapping {
    /// The old id.
    pub old: String,
    /// The suggested id of the session it is in.
    pub session: String,
    /// Its id there.
    pub new: TaskId,
}

/// What an import did with everything it met. Nothing is left out silently.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Report {
    /// Every row.
    pub rows: Vec<Row>,
    /// Tables that held nothing: (file, table).
    pub empty: Vec<(String, String)>,
    /// Old ids and new ones.
    pub ids: Vec<Mapping>,
    /// What a person should know.
    pub findings: Vec<Finding>,
}

impl Report {
    /// Notes what became of one row.
    pub fn row(&mut self, source: &str, table: &str, key: impl Into<String>, fate: Fate) {
        let shared = |last: Option<&Arc<str>>, text: &str| {
            last.filter(|l| ***l == *text).map_or_else(|| text.into(), Arc::clone)
        };
        let last = self.rows.last();
        let (source, table) =
            (shared(last.map(|r| &r.source), source), shared(last.map(|r| &r.table), table));
        self.rows.push(Row { source, table, key: key.into(), fate });
    }

    /// Notes a table without rows.
    pub fn empty(&mut self, source: &str, table: &str) {
        self.empty.push((source.to_owned(), table.to_owned()));
    }

    /// Notes a remark.
    pub fn find(&mut self, remark: Remark, place: impl Into<String>, message: impl Into<String>) {
        self.findings.push(Finding { remark, place: place.into(), message: message.into() });
    }

    /// Counts by file and table, sorted.
    #[must_use]
    pub fn tables(&self) -> Vec<TableCount> {
        let mut counts: BTreeMap<(&str, &str), TableCount> = BTreeMap::new();
        for (source, table) in &self.empty {
            counts.entry((source, table)).or_default();
        }
        for row in &self.rows {
            let count = counts.entry((&row.source, &row.table)).or_default();
            count.read += 1;
            let Fate::Aside(reason) = &row.fate else {
                count.imported += 1;
                continue;
            };
            count.aside += 1;
            match count.reasons.iter_mut().find(|(r, _)| r == reason) {
                Some((_, n)) => *n += 1,
                None => count.reasons.push((reason.clone(), 1)),
            }
        }
        counts
            .into_iter()
            .map(|((source, table), count)| TableCount {
                source: source.to_owned(),
                table: table.to_owned(),
                ..count
            })
            .collect()
    }

    /// Whether a remark of this kind was made.
    #[must_use]
    pub fn has(&self, remark: Remark) -> bool {
        self.findings.iter().any(|f| f.remark == remark)
    }
}
