use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::check::workspace::{
    ActiveSession, Found, Identity, SessionIds, foreign_sessions, identities, several_active, shared_ids,
};
use crate::check::{self, Checked};
use crate::diagnostic::{Code, Diagnostic, Repair, Severity, page};
use crate::disk::{Problem, SafeName};
use crate::format::{Lifted, refilled};
use crate::text::{ContentHash, Excerpt, LineIndex, TextRange};
use crate::workspace::{Snapshot, on_every_core, session_path};

use super::{Context, DiagnosticView, Effect, ErrorCode, OpError, Operation, SCHEMA};

/// Looks for what is wrong in plans, and mends what is asked for.
pub struct Check;

/// What to look at, and how far to go.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct CheckInput {
    /// Sessions by id or directory, or paths of their files; all when left out
    pub paths: Vec<String>,
    /// Apply safe fixes
    pub fix: bool,
    /// Apply unsafe fixes too: look at the result
    pub unsafe_fixes: bool,
    /// Only these codes
    pub codes: Vec<String>,
    /// Leave out hints and infos
    pub warnings_only: bool,
    /// What is staged in Git instead of the files, and only what a commit would change
    pub staged: bool,
}

/// Findings, and what was mended.
#[derive(Clone, Debug, Serialize)]
pub struct CheckView {
    /// Version of this shape.
    pub schema: u32,
    /// By file and place.
    pub diagnostics: Vec<DiagnosticView>,
    /// How many.
    pub total: usize,
    /// How many of severity warning or error; the command exits 1 where there is one.
    pub failing: usize,
    /// Files looked at.
    pub files: usize,
    /// Hints and infos that were not asked for.
    #[serde(skip_serializing_if = "super::operation::is_zero")]
    pub left_out: usize,
    /// Fixes that were made.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fixed: Vec<FixView>,
    /// What fixing would change; only for a dry run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub diff: Option<String>,
    /// The findings with the texts they are about, for rendering.
    #[serde(skip)]
    pub sources: Vec<FileFindings>,
}

/// A fix that was made, or taken back.
#[derive(Clone, Debug, Serialize)]
pub struct FixView {
    /// `T103`
    pub code: String,
    /// What was done.
    pub title: String,
    /// The file.
    pub path: String,
    /// 1-based line before the fix.
    pub line: usize,
    /// Why it was taken back, where it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refused: Option<String>,
}

/// The findings of one file with its text.
#[derive(Clone, Debug)]
pub struct FileFindings {
    /// Below the root, with `/`.
    pub path: String,
    /// The file's text, as much of it as the findings are about; empty where it cannot be read.
    pub text: Excerpt,
    /// By place.
    pub findings: Vec<Diagnostic>,
    /// Hints and infos that were not asked for.
    pub left_out: usize,
}

/// Which findings are asked for.
struct Asked {
    codes: Option<Vec<Code>>,
    warnings_only: bool,
}

impl Asked {
    /// Keeps what is asked for, and counts what is only too light.
    fn keep(&self, file: &mut FileFindings) {
        let code = |d: &Diagnostic| self.codes.as_ref().is_none_or(|codes| codes.contains(&d.code));
        file.findings.retain(code);
        let all = file.findings.len();
        file.findings.retain(|d| !self.warnings_only || d.severity() >= Severity::Warning);
        file.left_out += all - file.findings.len();
    }
}

impl FileFindings {
    pub(super) fn new(path: String, text: String, findings: Vec<Diagnostic>) -> Self {
        Self { path, text: Excerpt::whole(text), findings, left_out: 0 }
    }

    /// Keeps what the findings are shown with: memory does not grow with the workspace.
    pub(super) fn keep_of(&mut self, snapshot: &Snapshot) {
        self.keep_of_lifted(&snapshot.lifted);
    }

    fn keep_of_lifted(&mut self, lifted: &Lifted) {
        let fixes = self.findings.iter().filter_map(|d| d.fix.as_ref()).flat_map(|f| &f.edits);
        let places = self.findings.iter().map(|d| d.span).chain(fixes.map(|e| e.range));
        self.text = Excerpt::of(lifted.document.text(), lifted.document.lines(), places);
    }
}

impl Operation for Check {
    const NAME: &'static str = "check";
    const EFFECT: Effect = Effect::Writes;
    type Input = CheckInput;
    type Output = CheckView;

    fn run(cx: &Context<'_>, input: CheckInput) -> Result<CheckView, OpError> {
        let asked_for = Asked { codes: codes(&input.codes)?, warnings_only: input.warnings_only };
        if input.staged && (input.fix || input.unsafe_fixes) {
            return Err(OpError::new(ErrorCode::InvalidInput, "what is staged cannot be mended in place")
                .hint("mend the files, then `git add` them"));
        }
        let directories = directories(cx, &input.paths)?;
        let mut view = CheckView {
            schema: SCHEMA,
            diagnostics: Vec::new(),
            total: 0,
            failing: 0,
            files: 0,
            left_out: 0,
            fixed: Vec::new(),
            diff: None,
            sources: Vec::new(),
        };
        if input.fix || input.unsafe_fixes {
            cx.fits_one(directories.len())?;
            let safety = if input.unsafe_fixes { Repair::Unsafe } else { Repair::Safe };
            for directory in &directories {
                mend(cx, directory, safety, asked_for.codes.as_deref(), &mut view)?;
            }
        }
        let mut files = if input.staged {
            let staged = super::check_staged::staged(cx)?;
            let asked = |name: &str| input.paths.is_empty() || directories.iter().any(|d| d.as_str() == name);
            let mut files = read_all(cx, &staged.texts, as_read, (&asked_for, true), &mut view.files)?;
            files.retain(|f| {
                let name = super::diff::directory(&f.path).unwrap_or_default();
                staged.changed.contains(name) && asked(name)
            });
            view.files = staged.changed.iter().filter(|name| asked(name)).count();
            files
        } else {
            let read = |d: &SafeName| {
                let read = cx.workspace.snapshot(d).map(|s| Cow::Owned(s.lifted)).map_err(|e| e.to_string());
                (d.to_string(), read)
            };
            read_all(cx, &directories, read, (&asked_for, false), &mut view.files)?
        };
        if !input.staged {
            problems(cx, &input.paths, &mut files)?;
            super::check_state::check_state(cx, &mut files)?;
            super::check_modes::check_modes(cx, &directories, &mut files)?;
        }
        let settings = settings(cx).filter(|_| !input.staged);
        files.extend(settings.filter(|_| input.paths.is_empty()));
        for file in &mut files {
            asked_for.keep(file);
            view.left_out += file.left_out;
            file.findings.sort_by_key(|d| (d.span.start, d.code));
        }
        files.retain(|f| !f.findings.is_empty());
        for file in &files {
            let lines = file.text.lines();
            view.diagnostics.extend(file.findings.iter().map(|d| diagnostic_view(&file.path, lines, d)));
            view.failing += file.findings.iter().filter(|d| d.severity() >= Severity::Warning).count();
        }
        view.total = view.diagnostics.len();
        view.sources = files;
        Ok(view)
    }
}

impl CheckView {
    /// The findings as GitHub workflow commands.
    #[must_use]
    pub fn github(&self) -> String {
        self.checked(check::github)
    }

    /// The findings as SARIF 2.1.0.
    #[must_use]
    pub fn sarif(&self) -> serde_json::Value {
        self.checked(|files| check::sarif(files, env!("CARGO_PKG_VERSION"), &page))
    }

    fn checked<T>(&self, say: impl FnOnce(&[Checked<'_>]) -> T) -> T {
        let texts: Vec<_> = self.sources.iter().map(|f| f.text.text()).collect();
        let files = self.sources.iter().zip(&texts);
        let files: Vec<_> =
            files.map(|(f, text)| Checked { path: &f.path, text, findings: &f.findings }).collect();
        say(&files)
    }
}

fn codes(words: &[String]) -> Result<Option<Vec<Code>>, OpError> {
    let mut codes = Vec::new();
    for word in words {
        codes.push(Code::parse(word).ok_or_else(|| {
            OpError::new(ErrorCode::InvalidInput, format!("no code `{word}`"))
                .hint("run `plandown explain` for all codes")
        })?);
    }
    Ok((!codes.is_empty()).then_some(codes))
}

/// The sessions that are meant: by id, directory, or path of the file or its directory.
pub(super) fn directories(cx: &Context<'_>, paths: &[String]) -> Result<Vec<SafeName>, OpError> {
    let entries = cx.workspace.entries()?;
    let all = entries.into_iter().filter_map(|e| e.state.ok().map(|(name, _)| name));
    if paths.is_empty() {
        return match &cx.session {
            Some(word) => Ok(vec![cx.workspace.directory(&cx.session_named(word)?)?]),
            None => Ok(all.collect()),
        };
    }
    let all: Vec<SafeName> = all.collect();
    let mut wanted = Vec::new();
    for path in paths {
        let trimmed = path.trim_end_matches('/').trim_end_matches("/session.md");
        let last = trimmed.rsplit(['/', '\\']).next().unwrap_or(trimmed);
        match all.iter().find(|name| name.as_str() == last) {
            Some(name) => wanted.push(name.clone()),
            None => wanted.push(cx.workspace.directory(&cx.session_named(path)?)?),
        }
    }
    Ok(wanted)
}

fn mend(
    cx: &Context<'_>,
    directory: &SafeName,
    safety: Repair,
    only: Option<&[Code]>,
    view: &mut CheckView,
) -> Result<(), OpError> {
    let Ok(snapshot) = cx.workspace.snapshot(directory) else { return Ok(()) };
    let mended = |snapshot: &Snapshot| -> Result<(Vec<FixView>, Option<Lifted>), OpError> {
        let also = workspace_fixes(cx, snapshot)?;
        let fixed = check::fix_also(&snapshot.lifted, safety, only, &also);
        let made = fixed.applied.iter().map(|f| (f.code, &f.title, f.line, None));
        let kept = fixed.refused.iter().map(|f| (f.code, &f.title, f.line, Some(f.why.clone())));
        let views = made.chain(kept).map(|(code, title, line, refused)| FixView {
            code: code.to_string(),
            title: title.clone(),
            path: snapshot.path.clone(),
            line,
            refused,
        });
        let views = views.collect();
        Ok((views, (fixed.text != snapshot.text()).then(|| refilled(fixed.lifted))))
    };
    // Where there is nothing to mend, nobody has to be waited for.
    let (mut views, new) = mended(&snapshot)?;
    if new.is_some() {
        let committed = cx.rewrite(directory, "check-fix", |now| {
            let (of_now, new) = mended(now)?;
            views = of_now;
            Ok(new)
        })?;
        if let Some(diff) = committed.diff {
            view.diff.get_or_insert_default().push_str(&diff);
        }
    }
    view.fixed.extend(views);
    Ok(())
}

/// Findings of this file that need other files to be seen, with their fixes.
fn workspace_fixes(cx: &Context<'_>, snapshot: &Snapshot) -> Result<Vec<Diagnostic>, OpError> {
    let mut ids = Vec::new();
    for entry in cx.workspace.entries()? {
        if let Ok((name, _)) = &entry.state
            && let Ok(other) = cx.workspace.head(name)
        {
            ids.push(Identity::of(&other));
        }
    }
    let own = |found: &Found| found.directory == snapshot.directory.as_str();
    Ok(identities(&ids).into_iter().filter(own).map(|f| f.diagnostic).collect())
}

/// A session's directory and what its text says, or why it cannot be read.
type Read<'a> = (String, Result<Cow<'a, Lifted>, String>);

fn as_read((directory, read): &(String, Result<Lifted, String>)) -> Read<'_> {
    (directory.clone(), read.as_ref().map(Cow::Borrowed).map_err(Clone::clone))
}

/// What is kept of a file that was looked at.
struct Looked {
    directory: String,
    file: FileFindings,
    /// What it has to do with other files; nothing where it cannot be read.
    between: Option<(ContentHash, Identity, Option<ActiveSession>, SessionIds)>,
}

/// The findings of every file, and those that only show between files. `whole` keeps texts that cannot be
/// read again.
fn read_all<'a, T: Sync>(
    cx: &Context<'_>,
    texts: &'a [T],
    read: impl Fn(&'a T) -> Read<'a> + Sync,
    (asked_for, whole): (&Asked, bool),
    count: &mut usize,
) -> Result<Vec<FileFindings>, OpError> {
    let (rows, _) = cx.workspace.index().sessions(&crate::index::SessionFilter::default())?;
    let known: BTreeSet<&str> =
        rows.iter().flat_map(|r| [r.directory.as_str(), r.identity.as_str()]).collect();
    let look = |text: &'a T| {
        let (directory, read) = read(text);
        let path = session_path(&directory);
        let lifted = match read {
            Ok(lifted) => lifted,
            Err(error) => {
                let finding = Diagnostic::new(Code::X009, TextRange::default(), error);
                let file = FileFindings::new(path, String::new(), vec![finding]);
                return Looked { directory, file, between: None };
            }
        };
        let lifted = lifted.as_ref();
        let mut findings = check::run(lifted);
        findings.extend(foreign_sessions(lifted, &known));
        let mut file = FileFindings::new(path, String::new(), findings);
        asked_for.keep(&mut file);
        if whole {
            file.text = Excerpt::whole(lifted.document.text().to_owned());
        } else if !file.findings.is_empty() {
            file.keep_of_lifted(lifted);
        }
        let revision = lifted.document.hash();
        let between = (revision, Identity::of(lifted), ActiveSession::of(lifted), SessionIds::of(lifted));
        Looked { directory, file, between: Some(between) }
    };
    let mut files: BTreeMap<String, FileFindings> = BTreeMap::new();
    let mut revisions: BTreeMap<String, ContentHash> = BTreeMap::new();
    let (mut ids, mut active, mut task_ids) = (Vec::new(), Vec::new(), Vec::new());
    for Looked { directory, file, between } in on_every_core(texts, look) {
        if let Some((revision, identity, is_active, of_tasks)) = between {
            *count += 1;
            revisions.insert(directory.clone(), revision);
            ids.push(identity);
            active.extend(is_active);
            task_ids.push(of_tasks);
        }
        files.insert(directory, file);
    }
    let pointer = cx.workspace.disk().active()?;
    let between = identities(&ids)
        .into_iter()
        .chain(shared_ids(&task_ids))
        .chain(several_active(&active, pointer.as_ref().map(SafeName::as_str)));
    let mut more: BTreeMap<String, Vec<Diagnostic>> = BTreeMap::new();
    for found in between {
        more.entry(found.directory).or_default().push(found.diagnostic);
    }
    for (directory, found) in more {
        let Some(file) = files.get_mut(&directory) else { continue };
        let own = file.findings.len();
        file.findings.extend(found);
        asked_for.keep(file);
        if whole || file.findings.len() == own {
            continue;
        }
        let now = SafeName::parse(&directory).ok().and_then(|name| cx.workspace.snapshot(&name).ok());
        match now.filter(|now| revisions.get(&directory) == Some(&now.revision())) {
            Some(now) => file.keep_of(&now),
            // The lines it is about are gone by now: the next look tells what is true then.
            None => file.findings.truncate(own),
        }
    }
    Ok(files.into_values().collect())
}

/// Session directories that cannot be read at all.
fn problems(cx: &Context<'_>, paths: &[String], files: &mut Vec<FileFindings>) -> Result<(), OpError> {
    if !paths.is_empty() {
        return Ok(());
    }
    for entry in cx.workspace.entries()? {
        let message = match entry.state {
            Ok(_) | Err(Problem::Missing) => continue,
            Err(Problem::NotRegular) => "`session.md` is not a regular file",
            Err(Problem::Unreadable) => "`session.md` cannot be read",
            Err(Problem::Outside) => "`session.md` is a link that leads outside the workspace",
            Err(Problem::Name) => "the directory's name is not safe on every platform",
        };
        let finding = Diagnostic::new(Code::X009, TextRange::default(), message);
        files.push(FileFindings::new(session_path(&entry.name), String::new(), vec![finding]));
    }
    Ok(())
}

fn settings(cx: &Context<'_>) -> Option<FileFindings> {
    let (text, findings) = cx.workspace.settings_source();
    let path = ".task_orchestrator/config.yaml".to_owned();
    (!findings.is_empty()).then(|| FileFindings::new(path, text.to_owned(), findings.to_vec()))
}

/// A finding as JSON.
pub(super) fn diagnostic_view(path: &str, lines: &LineIndex, d: &Diagnostic) -> DiagnosticView {
    let info = d.code.info();
    let at = lines.line_col(d.span.start);
    DiagnosticView {
        code: info.code.to_owned(),
        name: info.name.to_owned(),
        severity: info.severity.word().to_owned(),
        message: d.message.clone(),
        path: path.to_owned(),
        line: at.line,
        column: at.column,
        span: (d.span.start, d.span.end),
        fixable: d.is_fixable(),
    }
}
