/// A fact that a task can carry beside its title, state and place.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
pub enum Field {
    /// Name inside the session.
    Id,
    /// Tasks that must be done before.
    DependsOn,
    /// Tasks that wait for this one.
    Blocks,
    /// Tasks worth knowing.
    Related,
    /// How urgent.
    Priority,
    /// When it must be done.
    Due,
    /// When work may begin.
    Start,
    /// When it is planned.
    Scheduled,
    /// When it was written.
    Created,
    /// When work began.
    Started,
    /// When it was done.
    Completion,
    /// When it was given up.
    Cancelled,
    /// Estimated effort.
    Est,
    /// Real effort.
    Actual,
    /// Who or what role does it.
    Specialist,
    /// How hard.
    Complexity,
    /// Whether it was checked.
    Verified,
    /// Per cent done, by hand.
    Progress,
    /// The state, as a field.
    Status,
    /// Words to find it by.
    Tags,
    /// Ids it once had.
    Formerly,
}

/// What shape a field's value has.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FieldKind {
    /// A block id.
    Id,
    /// Task references, comma-separated.
    Refs,
    /// A priority word.
    Priority,
    /// A date.
    Date,
    /// An amount of work.
    Effort,
    /// One of a few words.
    Word(&'static [&'static str]),
    /// `\d+%`.
    Percent,
    /// Words, comma-separated.
    Set,
    /// Anything.
    Text,
}

/// How two changes of one field are brought together.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum MergePolicy {
    /// One value: two different changes conflict.
    Scalar,
    /// A set: additions and removals of both sides count.
    Set,
}

/// Everything that is known about a field; nobody else spells its key.
#[derive(Clone, Copy, Debug)]
pub struct FieldSpec {
    /// Which.
    pub field: Field,
    /// The spelling that is written.
    pub key: &'static str,
    /// Spellings that are read; compared by letters and digits only.
    pub aliases: &'static [&'static str],
    /// The shape of its value.
    pub kind: FieldKind,
    /// How it merges.
    pub merge: MergePolicy,
    /// One line for the manual.
    pub doc: &'static str,
}

const fn row(
    field: Field,
    key: &'static str,
    aliases: &'static [&'static str],
    kind: FieldKind,
    merge: MergePolicy,
    doc: &'static str,
) -> FieldSpec {
    FieldSpec { field, key, aliases, kind, merge, doc }
}

use FieldKind as K;
use MergePolicy::{Scalar, Set};

/// All fields, in the order of [`Field`].
pub const FIELDS: &[FieldSpec] = &[
    row(Field::Id, "id", &[], K::Id, Scalar, "the task's name inside its session; written as ^id"),
    row(
        Field::DependsOn,
        "dependsOn",
        &["depends", "depends on", "depends_on", "after", "blockedBy", "blocked by"],
        K::Refs,
        Set,
        "tasks that must be done before this one",
    ),
    row(Field::Blocks, "blocks", &[], K::Refs, Set, "tasks that wait for this one"),
    row(Field::Related, "related", &["related tasks"], K::Refs, Set, "tasks worth knowing"),
    row(Field::Priority, "priority", &["prio"], K::Priority, Scalar, "urgent, high, medium, low or someday"),
    row(Field::Due, "due", &["due date"], K::Date, Scalar, "when it must be done"),
    row(Field::Start, "start", &["start date"], K::Date, Scalar, "when work may begin"),
    row(Field::Scheduled, "scheduled", &[], K::Date, Scalar, "when it is planned"),
    row(Field::Created, "created", &[], K::Date, Scalar, "when it was written"),
    row(Field::Started, "started", &[], K::Date, Scalar, "when work began"),
    row(Field::Completion, "completion", &["done", "completed"], K::Date, Scalar, "when it was done"),
    row(Field::Cancelled, "cancelled", &["canceled"], K::Date, Scalar, "when it was given up"),
    row(
        Field::Est,
        "est",
        &["estimate", "effort", "estimated"],
        K::Effort,
        Scalar,
        "estimated effort: 90m, 3h, 2d",
    ),
    row(Field::Actual, "actual", &[], K::Effort, Scalar, "real effort"),
    row(Field::Specialist, "specialist", &["owner", "assignee"], K::Text, Scalar, "who or what role does it"),
    row(
        Field::Complexity,
        "complexity",
        &[],
        K::Word(&["simple", "moderate", "complex", "very_complex"]),
        Scalar,
        "simple, moderate, complex or very_complex",
    ),
    row(
        Field::Verified,
        "verified",
        &["verification", "verification_status"],
        K::Word(&["pending", "passed", "failed", "skipped"]),
        Scalar,
        "pending, passed, failed or skipped",
    ),
    row(Field::Progress, "progress", &[], K::Percent, Scalar, "per cent done, by hand"),
    row(Field::Status, "status", &["state"], K::Text, Scalar, "the state, as a field"),
    row(Field::Tags, "tags", &["tag", "labels"], K::Set, Set, "words to find it by"),
    row(
        Field::Formerly,
        "formerly",
        &["alias", "aliases"],
        K::Set,
        Set,
        "ids the task once had; they keep resolving",
    ),
];

impl Field {
    /// The field's row.
    #[must_use]
    pub fn spec(self) -> &'static FieldSpec {
        // FIELDS is in the order of the enum; a test holds it.
        &FIELDS[self as usize]
    }

    /// The spelling that is written.
    #[must_use]
    pub fn key(self) -> &'static str {
        self.spec().key
    }
}

/// What two spellings of a key are compared by: letters and digits, lower-cased.
#[must_use]
pub fn canonical_key(raw: &str) -> String {
    raw.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Finds a field by any of its spellings.
#[must_use]
pub fn field_named(raw: &str) -> Option<Field> {
    // Nearly every key is written as we write it; no spelling of one field is that of another.
    if let Some(same) = FIELDS.iter().find(|s| s.key == raw) {
        return Some(same.field);
    }
    FIELDS
        .iter()
        .find(|s| same_key(s.key, raw) || s.aliases.iter().any(|a| same_key(a, raw)))
        .map(|s| s.field)
}

/// Whether two spellings have the same [`canonical_key`], without making it.
fn same_key(a: &str, b: &str) -> bool {
    fn letters(s: &str) -> impl Iterator<Item = char> {
        s.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase)
    }
    letters(a).eq(letters(b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_stand_in_the_order_of_the_enum() {
        for (i, row) in FIELDS.iter().enumerate() {
            assert_eq!(row.field as usize, i, "{}", row.key);
            assert_eq!(field_named(row.key), Some(row.field));
        }
        assert_eq!(field_named("Depends On"), Some(Field::DependsOn));
        assert_eq!(field_named("sprint"), None);
    }
}
