use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::git::{Entry, Git, Stage};
use crate::merge::{self, Markers, Side};
use crate::workspace::Snapshot;

use super::git_merge::{conflict, note};
use super::{Context, Effect, OpError, Operation, SCHEMA};

/// The folder of all sessions below a workspace's root.
pub(super) const SESSIONS: &str = ".task_orchestrator/sessions";

/// Finishes merges of plans that were made without the driver.
pub struct GitResolve;

/// Which plans.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct GitResolveInput {
    /// Sessions by id or directory, or paths of their files; all when left out
    pub paths: Vec<String>,
}

/// What became of them.
#[derive(Clone, Debug, Default, Serialize)]
pub struct GitResolveView {
    /// Version of this shape.
    pub schema: u32,
    /// Whether any file is different now.
    pub changed: bool,
    /// Files that held markers or waited for a merge.
    pub files: Vec<ResolvedView>,
    /// How many of them still hold conflicts.
    pub open: usize,
    /// What would change, as a unified diff; only for a dry run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub diff: Option<String>,
}

/// One file.
#[derive(Clone, Debug, Serialize)]
pub struct ResolvedView {
    /// Below the root, with `/`.
    pub path: String,
    /// `merged`, `conflict`, or `by hand` where a person had resolved it already.
    pub state: &'static str,
    /// What the sides still disagree about.
    pub conflicts: Vec<String>,
    /// What was settled and should be known.
    pub remarks: Vec<String>,
}

impl Operation for GitResolve {
    const NAME: &'static str = "git_resolve";
    const EFFECT: Effect = Effect::Writes;
    type Input = GitResolveInput;
    type Output = GitResolveView;

    fn run(cx: &Context<'_>, input: GitResolveInput) -> Result<GitResolveView, OpError> {
        let git = Git::at(cx.workspace.disk().layout().root());
        let mut unmerged = unmerged(&git)?;
        let mut view = GitResolveView { schema: SCHEMA, ..GitResolveView::default() };
        let directories = super::check::directories(cx, &input.paths)?;
        cx.fits_one(directories.len())?;
        for directory in directories {
            let Ok(snapshot) = cx.workspace.snapshot(&directory) else { continue };
            let stages = unmerged.remove(&snapshot.path);
            let Some((file, text)) = resolve(&git, &snapshot, stages.as_ref())? else { continue };
            let mut found = Some(file);
            if text != snapshot.text() {
                let committed = cx.rewrite(&directory, "git-resolve", |now| {
                    // Somebody may have finished it by hand meanwhile.
                    let of_now = resolve(&git, now, stages.as_ref())?;
                    let (file, text) = of_now.unzip();
                    found = file;
                    Ok(text.map(|text| cx.workspace.understand(text.as_bytes(), directory.as_str())))
                })?;
                view.changed |= committed.changed && !cx.dry_run;
                if let Some(diff) = committed.diff {
                    view.diff.get_or_insert_default().push_str(&diff);
                }
            }
            let Some(file) = found else { continue };
            if !cx.dry_run && stages.is_some() && file.conflicts.is_empty() {
                git.stage(&snapshot.path)?;
            }
            view.open += usize::from(!file.conflicts.is_empty());
            view.files.push(file);
        }
        Ok(view)
    }
}

/// The three versions of a path that Git could not bring together.
type Stages = [Option<String>; 3];

/// What Git's staging area still holds in several versions, by path.
fn unmerged(git: &Git) -> Result<BTreeMap<String, Stages>, OpError> {
    let mut found: BTreeMap<String, Stages> = BTreeMap::new();
    if !git.is_worktree() {
        return Ok(found);
    }
    for Entry { path, object, stage } in git.staged(SESSIONS)? {
        let at = match stage {
            Stage::Merged => continue,
            Stage::Base => 0,
            Stage::Ours => 1,
            Stage::Theirs => 2,
        };
        if path.ends_with("/session.md") {
            found.entry(path).or_default()[at] = Some(object);
        }
    }
    Ok(found)
}

/// Merges one file; `None` where there is nothing to resolve.
fn resolve(
    git: &Git,
    snapshot: &Snapshot,
    stages: Option<&Stages>,
) -> Result<Option<(ResolvedView, String)>, OpError> {
    let text = snapshot.lifted.document.text();
    let hunks = Hunks::of(text);
    let stages = match stages {
        Some(objects) => Some(contents(git, objects)?),
        None => None,
    };
    if hunks.count == 0 && stages.is_none() {
        return Ok(None);
    }
    let path = snapshot.path.clone();
    // A version that one side deleted is no text to merge with: what the other side has, stays.
    let [base, ours, theirs] = match (&stages, hunks.count) {
        (Some([base, Some(ours), Some(theirs)]), _) => {
            let base = base.clone().unwrap_or_default();
            let untouched = text == ours
                || hunks.count > 0
                    && is_untouched(&hunks, [&base, ours, theirs], snapshot.directory.as_str());
            if untouched {
                [base, ours.clone(), theirs.clone()]
            } else if hunks.count > 0 {
                [base, hunks.ours.clone(), hunks.theirs.clone()]
            } else {
                let by_hand =
                    ResolvedView { path, state: "by hand", conflicts: Vec::new(), remarks: Vec::new() };
                return Ok(Some((by_hand, text.to_owned())));
            }
        }
        (_, 0) => {
            let remark = "one branch deleted the session, the other changed it; \
                          keep it with `git add` or remove it with `git rm`";
            let file = ResolvedView {
                path,
                state: "conflict",
                conflicts: vec![remark.to_owned()],
                remarks: Vec::new(),
            };
            return Ok(Some((file, text.to_owned())));
        }
        (_, _) => [hunks.base.clone(), hunks.ours.clone(), hunks.theirs.clone()],
    };
    let merged = merge::texts(&base, &ours, &theirs, snapshot.directory.as_str(), Side::Ours);
    let [our_name, base_name, their_name] = hunks.labels;
    let markers = Markers {
        ours: named(our_name, "ours"),
        base: named(base_name, "base"),
        theirs: named(their_name, "theirs"),
        ..Markers::default()
    };
    let clean = merged.is_clean();
    let file = ResolvedView {
        path,
        state: if clean { "merged" } else { "conflict" },
        conflicts: merged.conflicts.iter().map(conflict).collect(),
        remarks: merged.notes.iter().map(note).collect(),
    };
    let text = if clean { merged.text } else { merged.with_markers(&markers) };
    Ok(Some((file, text)))
}

fn contents(git: &Git, objects: &Stages) -> Result<[Option<String>; 3], OpError> {
    let wanted: Vec<&str> = objects.iter().flatten().map(String::as_str).collect();
    let mut texts = git.contents(&wanted)?.into_iter();
    let mut out = [None, None, None];
    for (slot, object) in out.iter_mut().zip(objects) {
        if object.is_some() {
            *slot = texts.next().map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        }
    }
    Ok(out)
}

/// Whether the markers stand as Git or our driver left them, so that Git's versions say everything. The driver's are
/// around what is in doubt only: what it brought together outside of them would hide that from a second merge.
fn is_untouched(hunks: &Hunks<'_>, [base, ours, theirs]: [&str; 3], directory: &str) -> bool {
    let same = |o: &str, t: &str| o == hunks.ours && t == hunks.theirs;
    if merge::lines::merge(base, ours, theirs).is_ok_and(|m| same(&m.text(Side::Ours), &m.text(Side::Theirs)))
    {
        return true;
    }
    let left = merge::texts(base, ours, theirs, directory, Side::Ours).with_markers(&Markers::default());
    let left = Hunks::of(&left);
    same(&left.ours, &left.theirs)
}

/// A text with conflict markers, taken apart into the versions it holds.
struct Hunks<'t> {
    base: String,
    ours: String,
    theirs: String,
    /// Behind the first markers: ours, base, theirs.
    labels: [&'t str; 3],
    count: usize,
}

impl<'t> Hunks<'t> {
    /// Outside of the markers all versions are the same. Where the markers do not show the base, it
    /// counts as empty: then both sides have added what they say.
    fn of(text: &'t str) -> Self {
        let mut found = Self {
            base: String::new(),
            ours: String::new(),
            theirs: String::new(),
            labels: [""; 3],
            count: 0,
        };
        let lines: Vec<&str> = text.split_inclusive('\n').collect();
        let mut at = 0;
        while let Some(line) = lines.get(at) {
            let Some(hunk) = hunk(&lines[at..]) else {
                for version in [&mut found.base, &mut found.ours, &mut found.theirs] {
                    version.push_str(line);
                }
                at += 1;
                continue;
            };
            found.ours.extend(lines[at + 1..at + hunk.base.unwrap_or(hunk.middle)].iter().copied());
            if let Some(base) = hunk.base {
                found.base.extend(lines[at + base + 1..at + hunk.middle].iter().copied());
            }
            found.theirs.extend(lines[at + hunk.middle + 1..at + hunk.end].iter().copied());
            if found.count == 0 {
                let base = hunk.base.map_or("", |base| label(lines[at + base]));
                found.labels = [label(line), base, label(lines[at + hunk.end])];
            }
            found.count += 1;
            at += hunk.end + 1;
        }
        found
    }
}

/// Where the markers of a conflict are, counted from its first line.
struct Hunk {
    base: Option<usize>,
    middle: usize,
    end: usize,
}

fn hunk(lines: &[&str]) -> Option<Hunk> {
    if !is_marker(lines.first()?, '<') {
        return None;
    }
    let (mut base, mut middle) = (None, None);
    for (at, line) in lines.iter().enumerate().skip(1) {
        match middle {
            _ if is_marker(line, '<') => return None,
            None if is_marker(line, '|') => base = base.or(Some(at)),
            None if line.trim_end() == "=======" => middle = Some(at),
            Some(middle) if is_marker(line, '>') => return Some(Hunk { base, middle, end: at }),
            _ => {}
        }
    }
    None
}

fn is_marker(line: &str, sign: char) -> bool {
    let rest = line.trim_end_matches(['\n', '\r']).trim_start_matches(sign);
    let signs = line.chars().take_while(|c| *c == sign).count();
    signs == 7 && (rest.is_empty() || rest.starts_with(' '))
}

fn label(line: &str) -> &str {
    line.trim_end().trim_start_matches(['<', '|', '>']).trim_start()
}

fn named<'a>(label: &'a str, otherwise: &'a str) -> &'a str {
    if label.is_empty() { otherwise } else { label }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, count: usize, versions: [&str; 3]) {
        let hunks = Hunks::of(text);
        assert_eq!(
            (hunks.count, [&*hunks.base, &*hunks.ours, &*hunks.theirs]),
            (count, versions),
            "{text:?}"
        );
    }

    #[test]
    fn markers_are_taken_apart() {
        check("a\n", 0, ["a\n"; 3]);
        check("a\n<<<<<<< HEAD\nx\n=======\ny\n>>>>>>> b\nz\n", 1, ["a\nz\n", "a\nx\nz\n", "a\ny\nz\n"]);
        check("<<<<<<< o\nx\n||||||| b\nw\n=======\n>>>>>>> t\n", 1, ["w\n", "x\n", ""]);
        check("<<<<<<< o\r\nx\r\n=======\r\ny\r\n>>>>>>> t\r\n", 1, ["", "x\r\n", "y\r\n"]);
        let unfinished = "<<<<<<< o\nx\n=======\n";
        check(unfinished, 0, [unfinished; 3]);
        assert_eq!(Hunks::of("<<<<<<< HEAD\n=======\n>>>>>>> my branch\n").labels, ["HEAD", "", "my branch"]);
    }
}
