use std::path::Path;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::disk::Guard;
use crate::git::{Git, Trial, trial_merge};
use crate::text::unified_diff;

use super::{Context, Effect, ErrorCode, OpError, Operation, SCHEMA};

/// The line that hands session files to the driver and keeps Git from converting their line ends.
pub(super) const ATTRIBUTES: &str =
    ".task_orchestrator/sessions/*/session.md merge=plandown diff=plandown -text";
const FILE: &str = ".gitattributes";
const DRIVER: &str = "merge.plandown.driver";

/// Git settings of this clone: they cannot be committed.
const SETTINGS: &[(&str, &str)] = &[
    ("merge.plandown.name", "plandown: tasks and fields instead of lines"),
    (DRIVER, "plandown git merge-driver %O %A %B %L %P %S %X %Y"),
    ("merge.plandown.recursive", "binary"),
    ("diff.plandown.textconv", "plandown git textconv"),
    ("diff.plandown.xfuncname", r"^(#{1,6} .*|[[:space:]]*- \[.\] .*)$"),
];

const HOOK: &str = "\
# >>> plandown >>>
if command -v plandown >/dev/null 2>&1; then plandown check --staged || exit 1; fi
# <<< plandown <<<
";
const SHEBANG: &str = "#!/bin/sh\n";

/// Sets Git up for plans: merge driver, readable diffs, and a hook where asked for.
pub struct GitInstall;
/// Takes back what `GitInstall` did.
pub struct GitUninstall;

/// What to set up.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct GitInstallInput {
    /// Also check staged plans before every commit
    pub hooks: bool,
}

/// What to take back.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct GitUninstallInput {}

/// What was done.
#[derive(Clone, Debug, Default, Serialize)]
pub struct GitInstallView {
    /// Version of this shape.
    pub schema: u32,
    /// Whether anything is different now.
    pub changed: bool,
    /// Files that were written or removed.
    pub files: Vec<String>,
    /// Git settings that were made or taken back.
    pub settings: Vec<String>,
    /// What would change, as a unified diff; only for a dry run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub diff: Option<String>,
    /// Something that did not keep it from happening.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub warning: Option<String>,
}

impl Operation for GitInstall {
    const NAME: &'static str = "git_install";
    const EFFECT: Effect = Effect::Writes;
    type Input = GitInstallInput;
    type Output = GitInstallView;

    fn run(cx: &Context<'_>, input: GitInstallInput) -> Result<GitInstallView, OpError> {
        let git = repository(cx)?;
        let guard = if cx.dry_run { None } else { Some(cx.workspace.lock()?) };
        let mut view = GitInstallView { schema: SCHEMA, ..GitInstallView::default() };
        let path = cx.workspace.disk().layout().root().join(FILE);
        let old = text(cx, &path)?;
        if !is_declared(old.as_deref().unwrap_or_default()) {
            let new = with_line(old.as_deref());
            write(cx, guard.as_ref(), &path, old.as_deref(), Some(&new), &mut view)?;
        }
        for (key, value) in SETTINGS {
            if git.setting(key)?.as_deref() != Some(*value) {
                view.settings.push((*key).to_owned());
                if guard.is_some() {
                    git.set(key, value)?;
                }
            }
        }
        if input.hooks {
            let path = git.hook("pre-commit")?;
            let old = text(cx, &path)?;
            if let Some(old) = old.as_deref()
                && !is_shell(old)
            {
                return Err(OpError::new(
                    ErrorCode::NotEditable,
                    format!("`{}` is not a shell script", cx.workspace.below_root(&path)),
                )
                .hint("call `plandown check --staged` from it yourself"));
            }
            if !old.as_deref().is_some_and(|t| t.contains(HOOK)) {
                let mut new = old.clone().unwrap_or_else(|| SHEBANG.to_owned());
                if !new.ends_with('\n') {
                    new.push('\n');
                }
                if let Some(last) = new.lines().rfind(|l| !l.trim().is_empty())
                    && ["exit", "exec"].iter().any(|w| last.split_whitespace().next() == Some(w))
                {
                    view.warning = Some(format!(
                        "`{}` ends with `{}`; move the lines of plandown before it",
                        cx.workspace.below_root(&path),
                        last.trim()
                    ));
                }
                new.push_str(HOOK);
                write(cx, guard.as_ref(), &path, old.as_deref(), Some(&new), &mut view)?;
            }
        }
        view.changed = guard.is_some() && !(view.files.is_empty() && view.settings.is_empty());
        Ok(view)
    }
}

impl Operation for GitUninstall {
    const NAME: &'static str = "git_uninstall";
    const EFFECT: Effect = Effect::Writes;
    type Input = GitUninstallInput;
    type Output = GitInstallView;

    fn run(cx: &Context<'_>, _: GitUninstallInput) -> Result<GitInstallView, OpError> {
        let git = repository(cx)?;
        let guard = if cx.dry_run { None } else { Some(cx.workspace.lock()?) };
        let mut view = GitInstallView { schema: SCHEMA, ..GitInstallView::default() };
        let path = cx.workspace.disk().layout().root().join(FILE);
        if let Some(old) = text(cx, &path)?
            && let Some(new) = without_line(&old)
        {
            write(cx, guard.as_ref(), &path, Some(&old), new.as_deref(), &mut view)?;
        }
        for (key, _) in SETTINGS {
            let there = if guard.is_some() { git.unset(key)? } else { git.setting(key)?.is_some() };
            if there {
                view.settings.push((*key).to_owned());
            }
        }
        let path = git.hook("pre-commit")?;
        if let Some(old) = text(cx, &path)?
            && old.contains(HOOK)
        {
            let new = old.replacen(HOOK, "", 1);
            let new = (new != SHEBANG).then_some(new);
            write(cx, guard.as_ref(), &path, Some(&old), new.as_deref(), &mut view)?;
        }
        view.changed = guard.is_some() && !(view.files.is_empty() && view.settings.is_empty());
        Ok(view)
    }
}

/// The repository that the workspace belongs to.
pub(super) fn repository(cx: &Context<'_>) -> Result<Git, OpError> {
    let root = cx.workspace.disk().layout().root();
    let git = Git::at(root);
    if git.is_worktree() {
        return Ok(git);
    }
    // Tells a missing program from a missing repository.
    git.call(&["--version"], &[])?;
    Err(OpError::new(ErrorCode::NotFound, format!("`{}` is in no Git repository", root.display()))
        .hint("run `git init` first"))
}

impl From<crate::git::Error> for OpError {
    fn from(error: crate::git::Error) -> Self {
        Self::new(ErrorCode::GitFailed, error.to_string()).hint(error.hint())
    }
}

fn text(cx: &Context<'_>, path: &Path) -> Result<Option<String>, OpError> {
    if !cx.workspace.disk().exists(path) {
        return Ok(None);
    }
    let bytes = crate::disk::read_given(path)?.bytes;
    String::from_utf8(bytes).map(Some).map_err(|_| {
        OpError::new(ErrorCode::Unreadable, format!("`{}` is not UTF-8", cx.workspace.below_root(path)))
            .hint("convert it first")
    })
}

fn write(
    cx: &Context<'_>,
    guard: Option<&Guard>,
    path: &Path,
    old: Option<&str>,
    new: Option<&str>,
    view: &mut GitInstallView,
) -> Result<(), OpError> {
    let name = cx.workspace.below_root(path);
    match guard {
        None => {
            let diff = unified_diff(&name, old.unwrap_or_default(), new.unwrap_or_default());
            view.diff.get_or_insert_default().push_str(&diff);
        }
        Some(guard) => {
            let disk = cx.workspace.disk();
            match new {
                Some(text) if path.ends_with("pre-commit") => {
                    disk.write_program(guard, path, text.as_bytes())?;
                }
                Some(text) => disk.write_asked(guard, path, text.as_bytes())?,
                None => disk.remove_asked(guard, path)?,
            }
        }
    }
    view.files.push(name);
    Ok(())
}

fn is_shell(text: &str) -> bool {
    let Some(first) = text.lines().next().and_then(|l| l.strip_prefix("#!")) else {
        return text.trim().is_empty();
    };
    let words = first.split([' ', '/']);
    words.into_iter().any(|w| matches!(w, "sh" | "bash" | "dash" | "zsh" | "ksh"))
}

fn is_declared(text: &str) -> bool {
    text.lines().any(|line| line.trim_end() == ATTRIBUTES)
}

/// The text with our line. A text without final line end stays without one, and so does an empty one:
/// that is how taking the line out again gives back the same bytes.
fn with_line(old: Option<&str>) -> String {
    match old {
        None => format!("{ATTRIBUTES}\n"),
        Some(old) if old.ends_with('\n') => format!("{old}{ATTRIBUTES}\n"),
        Some(old) => format!("{old}\n{ATTRIBUTES}"),
    }
}

/// The text without our line; `Some(None)` where nothing else was in the file, `None` where the line is not there.
#[expect(clippy::option_option, reason = "nothing to do, no file left, or this text")]
fn without_line(text: &str) -> Option<Option<String>> {
    let whole = format!("{ATTRIBUTES}\n");
    if text == whole {
        return Some(None);
    }
    if let Some(old) = text.strip_suffix(&format!("\n{ATTRIBUTES}"))
        && !old.ends_with('\n')
    {
        return Some(Some(old.to_owned()));
    }
    let mut out = String::with_capacity(text.len());
    let mut found = false;
    for line in text.split_inclusive('\n') {
        if line.trim_end() == ATTRIBUTES {
            found = true;
        } else {
            out.push_str(line);
        }
    }
    found.then_some(Some(out))
}

/// How Git is set up for plans in this clone.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Wiring {
    /// No repository, or no Git.
    NoGit,
    /// Plans are merged as plain lines.
    Plain,
    /// The driver is declared in a tracked file, but this clone knows none.
    DeclaredOnly,
    /// It is set up, but a trial did not work.
    Broken(String),
    /// It is set up and was seen to work.
    Works,
}

const TRIAL: [&str; 3] = [
    "# Trial\n\n## Task Groups\n\n### A\n\n- [ ] One <!-- id: t-aaaaaa -->\n- [ ] Two <!-- id: t-bbbbbb -->\n",
    "# Trial\n\n## Task Groups\n\n### A\n\n- [x] One <!-- id: t-aaaaaa -->\n- [ ] Two <!-- id: t-bbbbbb -->\n",
    "# Trial\n\n## Task Groups\n\n### A\n\n- [ ] One <!-- id: t-aaaaaa -->\n- [x] Two <!-- id: t-bbbbbb -->\n",
];

/// Looks at the wiring and tries it with a throw-away merge that plain lines could not do.
pub(super) fn wiring(cx: &Context<'_>) -> Result<Wiring, OpError> {
    let root = cx.workspace.disk().layout().root();
    let git = Git::at(root);
    if !git.is_worktree() {
        return Ok(Wiring::NoGit);
    }
    let declared = is_declared(&text(cx, &root.join(FILE))?.unwrap_or_default());
    let Some(driver) = git.setting(DRIVER)?.filter(|_| declared) else {
        return Ok(if declared { Wiring::DeclaredOnly } else { Wiring::Plain });
    };
    let guard = cx.workspace.lock()?;
    let scratch = cx.workspace.disk().scratch(&guard)?;
    let trial = Trial {
        driver: &driver,
        attributes: &format!("{ATTRIBUTES}\n"),
        path: ".task_orchestrator/sessions/trial/session.md",
        texts: TRIAL,
    };
    let expected = TRIAL[1].replace("[ ]", "[x]");
    Ok(match trial_merge(scratch.path(), &trial) {
        Ok(bytes) if bytes == expected.as_bytes() => Wiring::Works,
        Ok(_) => Wiring::Broken("a trial merge gave another text than it should".to_owned()),
        Err(error) => Wiring::Broken(format!("a trial merge failed: {error}")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(before: Option<&str>, with: &str) {
        let text = with_line(before);
        assert_eq!(text, with.replace('@', ATTRIBUTES));
        assert!(is_declared(&text));
        assert_eq!(without_line(&text), Some(before.map(str::to_owned)));
    }

    #[test]
    fn the_line_is_put_in_and_taken_out_byte_for_byte() {
        check(None, "@\n");
        check(Some(""), "\n@");
        check(Some("*.png binary\n"), "*.png binary\n@\n");
        check(Some("*.png binary"), "*.png binary\n@");
        check(Some("a\r\n"), "a\r\n@\n");
        assert_eq!(without_line("*.png binary\n"), None);
        let between = format!("a\n{ATTRIBUTES}\nb\n");
        assert_eq!(without_line(&between), Some(Some("a\nb\n".to_owned())));
    }

    #[test]
    fn only_shell_scripts_get_lines() {
        for yes in ["#!/bin/sh\n", "#!/usr/bin/env bash\nx", ""] {
            assert!(is_shell(yes), "{yes:?}");
        }
        for no in ["#!/usr/bin/env python3\n", "print(1)\n"] {
            assert!(!is_shell(no), "{no:?}");
        }
    }
}
