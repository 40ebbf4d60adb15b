use std::fmt;

/// How grave a finding is. `check` exits 1 from [`Severity::Warning`] on.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
pub enum Severity {
    /// Worth knowing, never in the way.
    Hint,
    /// A fact about the file.
    Info,
    /// Probably not what was meant.
    Warning,
    /// The file or the item is read-only for the tool until it is mended.
    Error,
}

impl Severity {
    /// The word of the JSON contract.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Hint => "hint",
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// Who may mend a finding.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
pub enum Repair {
    /// `check --fix` does it.
    Safe,
    /// `check --unsafe-fixes` does it: look at the result.
    Unsafe,
    /// Only a person can tell.
    Manual,
}

/// What is known about a code without any text at hand.
#[derive(Clone, Copy, Debug)]
pub struct CodeInfo {
    /// `T103`.
    pub code: &'static str,
    /// `status-contradiction`; accepted wherever a code is named.
    pub name: &'static str,
    /// How grave.
    pub severity: Severity,
    /// The best repair any finding of this code can carry.
    pub repair: Repair,
    /// One line.
    pub summary: &'static str,
}

macro_rules! codes {
    ($($code:ident, $name:literal, $severity:ident, $repair:ident, $summary:literal;)*) => {
        /// Every diagnostic code, declared here and nowhere else.
        ///
        /// Families: F file, S front matter, H session header, L formatter damage, G groups,
        /// T tasks, I ids, D dependencies, R generated content, N notes, W writing,
        /// X workspace, M modes, templates and settings.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
        pub enum Code {
            $(#[doc = $summary] $code,)*
        }

        impl Code {
            /// All codes in the order of their declaration.
            pub const ALL: &'static [Self] = &[$(Self::$code,)*];

            /// What the code means.
            #[must_use]
            pub fn info(self) -> CodeInfo {
                match self {
                    $(Self::$code => CodeInfo {
                        code: stringify!($code),
                        name: $name,
                        severity: Severity::$severity,
                        repair: Repair::$repair,
                        summary: $summary,
                    },)*
                }
            }
        }
    };
}

codes! {
    F001, "invalid-utf8", Error, Manual, "the file is not UTF-8 and is indexed read-only";
    F002, "bom", Hint, Unsafe, "the file starts with a byte order mark";
    F003, "mixed-line-endings", Info, Unsafe, "the file mixes different line ends";
    F004, "control-characters", Warning, Unsafe, "the text holds NUL or other control characters";
    F005, "file-too-large", Error, Manual, "the file is over the size limit and is not parsed";
    F006, "conflict-markers", Error, Safe, "merge conflict markers are unresolved";
    F007, "nesting-too-deep", Error, Manual, "the text is nested too deeply or takes too long to parse";
    F008, "lone-cr", Warning, Unsafe, "lines end in a lone carriage return";
    F009, "empty-file", Info, Safe, "the file is empty";
    F010, "bidi-controls", Warning, Manual, "bidirectional control characters can make text look different from what it is";
    S101, "front-matter-unclosed", Warning, Manual, "the opening `---` is never closed, so no front matter is read";
    S102, "yaml-invalid", Warning, Manual, "the front matter is not valid YAML";
    S103, "yaml-duplicate-key", Warning, Manual, "a front matter key is given twice and the first one is used";
    S104, "yaml-anchor", Error, Manual, "anchors, aliases and tags are not allowed in front matter";
    S105, "front-matter-not-mapping", Info, Manual, "the text between the `---` lines is not a mapping and is read as body";
    S106, "yaml-value-not-editable", Warning, Manual, "the value is written in a style that plandown cannot edit";
    S107, "schema-unknown", Error, Manual, "the schema is unknown, so the file is read-only";
    S108, "front-matter-near-miss", Warning, Safe, "the first lines look like front matter but are not";
    S109, "front-matter-foreign", Info, Unsafe, "TOML and JSON front matter is not supported";
    S110, "front-matter-too-large", Error, Manual, "the front matter is too large or nested too deeply and is ignored";
    S111, "scalar-ambiguous", Info, Safe, "a plain value that YAML could read as a number or boolean is read literally";
    H201, "title-missing", Warning, Safe, "the file has no level-1 heading to take the name from";
    H202, "title-repeated", Warning, Manual, "the file has several level-1 headings and the first one is used";
    H203, "directory-renamed", Info, Safe, "the directory name differs from the session id";
    H204, "session-id-copied", Error, Safe, "the session id is already used by another session";
    H205, "header-differs", Warning, Safe, "front matter and body differ, and the body is used";
    H206, "session-status-unknown", Warning, Manual, "the session status is unknown";
    H207, "header-value-unreadable", Warning, Manual, "a date or number in the header is unreadable";
    H208, "placeholder", Info, Manual, "a template placeholder is not filled in";
    H209, "no-task-groups-section", Hint, Manual, "there is no Task Groups section, so headings with tasks serve as groups";
    H210, "header-field-repeated", Info, Manual, "a header field is repeated";
    L401, "heading-split", Warning, Safe, "a heading is split into several `#` lines";
    L402, "fence-broken", Warning, Unsafe, "a closing fence with an info string does not close the code block";
    L403, "bracket-escaped", Info, Safe, "the bracket of a field is escaped, and it is still read as a field";
    L404, "checkbox-escaped", Warning, Safe, "an escaped checkbox is not a task any more";
    L405, "heading-level-jump", Hint, Manual, "the heading level jumps by more than one";
    L406, "task-became-heading", Warning, Safe, "a line of `---` or `===` turned a task into a heading";
    G301, "group-repeated", Warning, Manual, "two groups have the same name";
    G302, "group-renamed", Info, Manual, "a group was renamed";
    G303, "group-empty", Hint, Manual, "the group has no tasks";
    G304, "group-outside-section", Warning, Safe, "a heading ends the Task Groups section too early";
    G305, "tasks-ungrouped", Info, Manual, "tasks stand before the first group";
    G306, "group-heading-mismatch", Hint, Safe, "the `Tasks in` heading does not match its group";
    T101, "checkbox-near-miss", Warning, Safe, "a near-miss checkbox is not a task";
    T102, "status-word-unknown", Info, Manual, "the status word is unknown and stays in the title";
    T103, "status-contradiction", Warning, Safe, "checkbox and status word contradict each other, and the checkbox is used";
    T104, "checkbox-symbol-unknown", Info, Manual, "the checkbox symbol is unknown and is read as pending";
    T105, "checkbox-no-space", Warning, Safe, "no space follows the checkbox, so GitHub shows no task";
    T106, "checkbox-is-link", Warning, Manual, "the checkbox is a link and not a task";
    T108, "title-empty", Warning, Manual, "the task has an empty title";
    T109, "task-title-repeated", Hint, Manual, "two tasks of a group have the same title";
    T110, "checkbox-outside-groups", Hint, Manual, "a checkbox outside Task Groups is a note and not a task";
    T111, "effort-unreadable", Warning, Manual, "the effort is unreadable";
    T112, "date-unreadable", Warning, Manual, "the date is unreadable";
    T113, "field-unknown", Hint, Manual, "the field is unknown and is kept as extra";
    T114, "field-repeated", Warning, Manual, "a field is given twice and only one is used";
    T115, "field-unclosed", Warning, Manual, "the bracket of a field is not closed";
    T116, "parent-done-child-open", Warning, Manual, "the parent is done while a child is open";
    T117, "parent-open-children-done", Hint, Safe, "all children are done while the parent is open";
    T118, "checkbox-in-container", Hint, Manual, "a checkbox in a quote, table or footnote is not a task";
    T119, "task-too-deep", Warning, Manual, "tasks are nested deeper than 8 levels";
    T120, "task-not-movable", Info, Manual, "the task can be ticked but not moved";
    T122, "text-lazily-in-task", Info, Safe, "the line that follows is read as part of the task";
    T123, "field-not-on-head", Hint, Safe, "the field is not on the first line of the task";
    T199, "checkbox-unverified", Warning, Manual, "the place of the checkbox cannot be verified, so the task is read-only";
    I501, "id-missing", Hint, Safe, "the task has no id";
    I502, "id-repeated", Error, Safe, "an id is used twice in the file";
    I503, "id-in-other-session", Info, Manual, "the id is also used in another session";
    I504, "ids-differ", Warning, Safe, "one task carries two different ids";
    I505, "id-not-last", Warning, Safe, "the `^id` is not at the end of the line";
    I506, "id-changed", Info, Unsafe, "the id of a task changed or vanished";
    D601, "dependency-unknown", Warning, Manual, "the dependency names an unknown task";
    D602, "dependency-by-title", Info, Safe, "the dependency is given by title instead of by id";
    D603, "dependency-ambiguous", Warning, Manual, "the title in the dependency fits several tasks";
    D604, "dependency-cycle", Error, Manual, "the dependencies form a cycle";
    D605, "dependency-on-self", Warning, Safe, "the task depends on itself or on its own parent";
    D606, "done-before-dependency", Info, Manual, "the task is done before its dependency";
    D607, "dependency-session-unknown", Warning, Manual, "the dependency names an unknown session";
    D608, "dependency-repeated", Hint, Safe, "the same dependency is stated twice";
    R701, "block-edited", Warning, Manual, "a generated block was edited by hand and is not refreshed";
    R702, "block-unclosed", Warning, Manual, "a generated block begins and never ends";
    R703, "block-unopened", Warning, Safe, "an end marker has no begin marker";
    R704, "blocks-overlap", Warning, Manual, "generated blocks overlap or nest";
    R705, "block-repeated", Warning, Manual, "two generated blocks have the same name and the first one is used";
    R706, "derived-free-text", Info, Manual, "a derived field holds free text and is left alone";
    R707, "derived-stale", Info, Safe, "a derived value is out of date";
    R708, "marker-in-code", Hint, Manual, "a marker inside code is ignored";
    R709, "block-unknown", Info, Manual, "the name of a generated block is unknown";
    N801, "section-unknown", Info, Manual, "an unknown section is indexed as notes";
    N802, "section-repeated", Info, Manual, "a reserved section appears twice, and both are read";
    W901, "splice-mismatch", Error, Manual, "an edit was refused because its result would not be what was planned";
    W902, "file-changed", Error, Safe, "the file changed on disk since it was read";
    W903, "value-changes-parsing", Warning, Safe, "the new value would be read as something else";
    X001, "permissions", Warning, Safe, "a private directory is open to other users";
    X002, "two-active-sessions", Warning, Manual, "two sessions say that they are active";
    X003, "conflict-open", Warning, Manual, "a conflict is open";
    X004, "view-edited", Warning, Manual, "a generated view was edited by hand";
    X005, "truncation-suspected", Warning, Manual, "the file looks cut off by an interrupted save";
    X006, "stale-save-pending", Info, Manual, "a save from an outdated editor buffer waits to be merged";
    X007, "recovery-pending", Info, Manual, "an interrupted write waits to be recovered";
    X008, "git-driver-missing", Warning, Manual, "the Git merge driver is declared but not configured";
    X009, "path-unreadable", Error, Manual, "a path cannot be read or is not a regular file";
    M001, "yaml-syntax", Error, Manual, "the YAML does not parse";
    M002, "key-unknown", Warning, Manual, "the key is unknown";
    M003, "role-missing", Warning, Manual, "a required role is missing";
    M004, "role-undefined", Warning, Manual, "a role is referenced but not defined";
    M005, "role-cycle", Error, Manual, "roles or templates refer to each other in a circle";
    M006, "limit-exceeded", Error, Manual, "a limit is exceeded";
    M007, "mode-fallback", Warning, Manual, "the mode is broken, so the default roles are used";
    M008, "template-parameter", Error, Manual, "a template parameter is missing or has the wrong type";
    M009, "value-invalid", Error, Manual, "a value has the wrong type or is out of range";
}

impl Code {
    /// Finds a code by `T103`, `t103` or `status-contradiction`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let wanted = text.trim();
        Self::ALL.iter().copied().find(|c| {
            let info = c.info();
            info.code.eq_ignore_ascii_case(wanted) || info.name.eq_ignore_ascii_case(wanted)
        })
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.info().code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn codes_and_names_are_unique_and_parse_back() {
        let names: HashSet<_> = Code::ALL.iter().map(|c| c.info().name).collect();
        assert_eq!(names.len(), Code::ALL.len());
        for code in Code::ALL {
            assert_eq!(Code::parse(code.info().code), Some(*code));
            assert_eq!(Code::parse(code.info().name), Some(*code));
        }
    }
}
