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
    F001, "invalid-utf8", Error, Manual, "not UTF-8: \"invalid UTF-8 at byte N; file is indexed read-only\"";
    F002, "bom", Hint, Unsafe, "BOM present";
    F003, "mixed-line-endings", Info, Unsafe, "mixed line endings (n LF, m CRLF)";
    F004, "control-characters", Warning, Unsafe, "NUL or control characters";
    F005, "file-too-large", Error, Manual, "file over the size limit, not parsed";
    F006, "conflict-markers", Error, Safe, "unresolved merge conflict markers";
    F007, "nesting-too-deep", Error, Manual, "nesting > 64 or parse deadline hit";
    F008, "lone-cr", Warning, Unsafe, "lone CR line endings";
    F009, "empty-file", Info, Safe, "empty file";
    F010, "bidi-controls", Warning, Manual, "bidirectional control characters (spoofed text)";
    S101, "front-matter-unclosed", Warning, Manual, "opening `---` never closed; no front matter read";
    S102, "yaml-invalid", Warning, Manual, "invalid YAML: \"<lib message>\"; known keys still read";
    S103, "yaml-duplicate-key", Warning, Manual, "duplicate key `k`; first used";
    S104, "yaml-anchor", Error, Manual, "anchors/aliases/tags not allowed here";
    S105, "front-matter-not-mapping", Info, Manual, "not a mapping; treated as body (thematic breaks)";
    S106, "yaml-value-not-editable", Warning, Manual, "value style of `k` not editable (block scalar, flow root, multi-line)";
    S107, "schema-unknown", Error, Manual, "unknown `schema: X`; read-only";
    S108, "front-matter-near-miss", Warning, Safe, "looks like front matter but is not (blank line/space before, `----`)";
    S109, "front-matter-foreign", Info, Unsafe, "TOML/JSON front matter not supported";
    S110, "front-matter-too-large", Error, Manual, "front matter > 16 KiB or nested too deep; ignored";
    S111, "scalar-ambiguous", Info, Safe, "ambiguous plain scalar (`no`, `0012`, `1e5`) for text key; read literally";
    H201, "title-missing", Warning, Safe, "no H1; name taken from id";
    H202, "title-repeated", Warning, Manual, "several H1; first used";
    H203, "directory-renamed", Info, Safe, "directory `d` ≠ id `i` (renamed?)";
    H204, "session-id-copied", Error, Safe, "id already used by `other/session.md` (copy?)";
    H205, "header-differs", Warning, Safe, "`status` differs: front matter \"x\", body \"y\"; body used";
    H206, "session-status-unknown", Warning, Manual, "unknown session status \"x\"";
    H207, "header-value-unreadable", Warning, Manual, "unreadable date/number for `k`";
    H208, "placeholder", Info, Manual, "template placeholder not filled in";
    H209, "no-task-groups-section", Hint, Manual, "no Task Groups section; headings with tasks used as groups";
    H210, "header-field-repeated", Info, Manual, "header field repeated";
    L401, "heading-split", Warning, Safe, "heading split into `#` lines; read as level n";
    L402, "fence-broken", Warning, Unsafe, "closing fence has an info string; code block runs to line n and hides k headings, m checkboxes";
    L403, "bracket-escaped", Info, Safe, "escaped field bracket `\\[k::`; still read as field";
    L404, "checkbox-escaped", Warning, Safe, "escaped checkbox `\\[/]`, `\\[-]`, `\\[ ]`: not a task any more";
    L405, "heading-level-jump", Hint, Manual, "heading level jumps (H2→H4)";
    L406, "task-became-heading", Warning, Safe, "task became a heading (`---`/`===` under it)";
    G301, "group-repeated", Warning, Manual, "two groups named \"X\" (norm-equal)";
    G302, "group-renamed", Info, Manual, "group renamed \"X\" → \"Y\"";
    G303, "group-empty", Hint, Manual, "group has no tasks";
    G304, "group-outside-section", Warning, Safe, "level-2 heading ends Task Groups; k checkboxes after it are orphaned";
    G305, "tasks-ungrouped", Info, Manual, "task list before the first group; filed under \"(ungrouped)\"";
    G306, "group-heading-mismatch", Hint, Safe, "`#### Tasks in X` does not match group \"Y\"";
    T101, "checkbox-near-miss", Warning, Safe, "near-miss checkbox: `[]`, `[x]text`, `[ x]`, `-[ ]`, `[ ]` + NBSP";
    T102, "status-word-unknown", Info, Manual, "unknown status word \"(Foo)\"; kept in title";
    T103, "status-contradiction", Warning, Safe, "checkbox `[x]` contradicts \"(Pending)\"; checkbox used";
    T104, "checkbox-symbol-unknown", Info, Manual, "unknown checkbox symbol `[!]`; read as pending";
    T105, "checkbox-no-space", Warning, Safe, "no space after checkbox; not a task on GitHub";
    T106, "checkbox-is-link", Warning, Manual, "`[x]` resolves to a link (`[x]: …` defined); not a task";
    T108, "title-empty", Warning, Manual, "empty title";
    T109, "task-title-repeated", Hint, Manual, "same title twice in group";
    T110, "checkbox-outside-groups", Hint, Manual, "checkbox outside Task Groups is a note, not a task";
    T111, "effort-unreadable", Warning, Manual, "bad effort \"3 weeks-ish\"";
    T112, "date-unreadable", Warning, Manual, "bad date";
    T113, "field-unknown", Hint, Manual, "unknown field `foo`; kept as extra";
    T114, "field-repeated", Warning, Manual, "field given twice; \"v1\" used";
    T115, "field-unclosed", Warning, Manual, "unclosed `[k:: …`";
    T116, "parent-done-child-open", Warning, Manual, "parent done, child \"Y\" open";
    T117, "parent-open-children-done", Hint, Safe, "all children done, parent open";
    T118, "checkbox-in-container", Hint, Manual, "checkbox in quote/table/footnote is not a task";
    T119, "task-too-deep", Warning, Manual, "nesting deeper than 8 task levels";
    T120, "task-not-movable", Info, Manual, "not movable (several items on one line / inside a container)";
    T122, "text-lazily-in-task", Info, Safe, "following text is lazily part of this task";
    T123, "field-not-on-head", Hint, Safe, "field not on the head line (other tools will not see it)";
    T199, "checkbox-unverified", Warning, Manual, "checkbox position cannot be verified (entity/ref-def); item read-only";
    I501, "id-missing", Hint, Safe, "task has no id";
    I502, "id-repeated", Error, Safe, "id used twice in this file; 2nd treated as new (*item only)";
    I503, "id-in-other-session", Info, Manual, "id also used in session \"s\"";
    I504, "ids-differ", Warning, Safe, "two different ids on one task";
    I505, "id-not-last", Warning, Safe, "`^id` not at end of line";
    I506, "id-changed", Info, Unsafe, "id changed or vanished since last index (title \"…\" had `t-a`)";
    D601, "dependency-unknown", Warning, Manual, "unknown task \"t-x\" (did you mean …)";
    D602, "dependency-by-title", Info, Safe, "reference by title; resolves to `t-x`";
    D603, "dependency-ambiguous", Warning, Manual, "title reference ambiguous (n matches)";
    D604, "dependency-cycle", Error, Manual, "cycle t-a → t-b → t-a";
    D605, "dependency-on-self", Warning, Safe, "depends on itself / on its own parent";
    D606, "done-before-dependency", Info, Manual, "done before its dependency \"…\"";
    D607, "dependency-session-unknown", Warning, Manual, "session \"s\" not found";
    D608, "dependency-repeated", Hint, Safe, "edge stated twice (dependsOn and blocks)";
    R701, "block-edited", Warning, Manual, "generated block \"n\" was edited by hand; not refreshed (adopt / regen --keep)";
    R702, "block-unclosed", Warning, Manual, "begin without end";
    R703, "block-unopened", Warning, Safe, "end without begin";
    R704, "blocks-overlap", Warning, Manual, "blocks overlap or nest";
    R705, "block-repeated", Warning, Manual, "two blocks named \"n\"; first used";
    R706, "derived-free-text", Info, Manual, "derived field holds free text; left alone";
    R707, "derived-stale", Info, Safe, "derived value stale (25 % → 33 %)";
    R708, "marker-in-code", Hint, Manual, "marker inside code; ignored";
    R709, "block-unknown", Info, Manual, "unknown block name (newer version?)";
    N801, "section-unknown", Info, Manual, "unknown section \"X\" indexed as notes";
    N802, "section-repeated", Info, Manual, "reserved section appears twice; both read";
    W901, "splice-mismatch", Error, Manual, "edit refused: re-parse differs from plan (what differed)";
    W902, "file-changed", Error, Safe, "file changed on disk since read; retry";
    W903, "value-changes-parsing", Warning, Safe, "new value would change parsing (e.g. title \"(Pending)\", field value with `]`)";
    X001, "permissions", Warning, Safe, "permissions of a private directory are too open";
    X002, "two-active-sessions", Warning, Manual, "two sessions say Active; the local pointer decides";
    X003, "conflict-open", Warning, Manual, "a conflict is open";
    X004, "view-edited", Warning, Manual, "a generated view was edited by hand; the edit is kept aside";
    X005, "truncation-suspected", Warning, Manual, "the file looks truncated by an interrupted save";
    X006, "stale-save-pending", Info, Manual, "a save from an older editor buffer waits to be merged";
    X007, "recovery-pending", Info, Manual, "an interrupted write waits to be recovered";
    X008, "git-driver-missing", Warning, Manual, "the merge driver is declared in .gitattributes but not configured";
    X009, "path-unreadable", Error, Manual, "a path cannot be read, or is not a regular file";
    M001, "yaml-syntax", Error, Manual, "the YAML does not parse";
    M002, "key-unknown", Warning, Manual, "unknown key";
    M003, "role-missing", Warning, Manual, "a required role is missing";
    M004, "role-undefined", Warning, Manual, "a role is referenced but not defined";
    M005, "role-cycle", Error, Manual, "roles or templates refer to each other in a circle";
    M006, "limit-exceeded", Error, Manual, "a limit is exceeded";
    M007, "mode-fallback", Warning, Manual, "the mode is broken; the default roles are used";
    M008, "template-parameter", Error, Manual, "a template parameter is missing or of the wrong type";
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
