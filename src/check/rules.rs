use crate::diagnostic::{Code, Diagnostic};
use crate::format::Lifted;

use super::context::Context;

/// One rule: the code it finds, and how.
pub(super) struct Rule {
    /// The code of its findings; its file is named like it.
    pub code: Code,
    /// Whether it runs unasked.
    pub on: bool,
    /// Adds its findings.
    pub run: fn(&Context<'_>, &mut Vec<Diagnostic>),
}

macro_rules! rules {
    ($($code:ident $module:ident $on:literal;)*) => {
        /// All rules. Codes that are not here are found while reading, or over the workspace.
        pub(super) const RULES: &[Rule] =
            &[$(Rule { code: Code::$code, on: $on, run: super::$module::run },)*];
        #[cfg(test)]
        const FILES: &[&str] = &[$(stringify!($module),)*];
    };
}

rules! {
    L402 fence_broken true;
    L404 checkbox_escaped true;
    L405 heading_level_jump true;
    L406 task_became_heading true;
    G301 group_repeated true;
    G303 group_empty true;
    G304 group_outside_section true;
    G306 group_heading_mismatch true;
    T109 task_title_repeated true;
    T110 checkbox_outside_groups true;
    T116 parent_done_child_open true;
    T117 parent_open_children_done true;
    D601 dependency_unknown true;
    D602 dependency_by_title true;
    D603 dependency_ambiguous true;
    D604 dependency_cycle true;
    D605 dependency_on_self true;
    D606 done_before_dependency true;
    D608 dependency_repeated true;
    R706 derived_free_text true;
    R707 derived_stale true;
    N801 section_unknown false;
    N802 section_repeated true;
}

/// Everything that can be told from one file: the findings of reading and of all rules that run
/// unasked, by place, then by code.
#[must_use]
pub fn run(lifted: &Lifted) -> Vec<Diagnostic> {
    run_also(lifted, &[])
}

/// As [`run`], with rules that run only when they are asked for (N801).
#[must_use]
pub fn run_also(lifted: &Lifted, asked: &[Code]) -> Vec<Diagnostic> {
    let cx = Context::of(lifted);
    let mut found = lifted.diagnostics.clone();
    for rule in RULES.iter().filter(|r| r.on || asked.contains(&r.code)) {
        (rule.run)(&cx, &mut found);
    }
    if !lifted.document.is_writable() {
        // In a file that is read-only as a whole, only what lifts that may be mended.
        found.iter_mut().filter(|d| !d.code.info().code.starts_with('F')).for_each(|d| d.fix = None);
    }
    found.sort_by_key(|d| (d.span.start, d.span.end, d.code.info().code));
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Files of this room that are no rules.
    const OTHERS: &[&str] = &[
        "mod",
        "context",
        "fix",
        "properties",
        "reference",
        "report",
        "rules",
        "testing",
        "trial",
        "workspace",
    ];

    #[test]
    #[expect(clippy::disallowed_methods, reason = "a test that looks at the sources")]
    fn every_file_is_in_the_list_and_is_named_like_its_code() {
        let here = concat!(env!("CARGO_MANIFEST_DIR"), "/src/check");
        let mut files: Vec<String> = std::fs::read_dir(here)
            .unwrap()
            .map(|f| f.unwrap().file_name().into_string().unwrap())
            .filter_map(|f| f.strip_suffix(".rs").map(str::to_owned))
            .filter(|f| !OTHERS.contains(&f.as_str()))
            .collect();
        files.sort();
        let mut listed: Vec<String> = FILES.iter().map(|&f| f.to_owned()).collect();
        listed.sort();
        assert_eq!(files, listed);
        for (rule, file) in RULES.iter().zip(FILES) {
            assert_eq!(rule.code.info().name.replace('-', "_"), *file);
        }
    }
}
