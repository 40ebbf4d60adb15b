use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use crate::disk;
use crate::git::Git;
use crate::merge::{self, Conflict, Entity, Markers, Note, Side};

/// What Git tells a merge driver.
#[derive(Clone, Debug)]
pub struct DriverInput<'a> {
    /// The common ancestor's file; empty where both sides added it.
    pub base: &'a Path,
    /// The file of the branch that is checked out; the result goes here.
    pub ours: &'a Path,
    /// The file of the branch that comes in.
    pub theirs: &'a Path,
    /// How long conflict markers are.
    pub marker_size: usize,
    /// The path in the worktree, where Git says it.
    pub path: Option<&'a str>,
    /// Names for base, ours, theirs, where Git says them.
    pub labels: [Option<&'a str>; 3],
}

/// What became of a merge.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DriverView {
    /// Whether the sides came together; otherwise there are markers in the file.
    pub clean: bool,
    /// What a person should know, one sentence each.
    pub remarks: Vec<String>,
}

/// Merges three files into the second. Total: whatever goes wrong, a plain merge with markers stands in
/// for the structural one, and the answer is a conflict.
///
/// Looks at nothing but the three files, so it works outside of any workspace.
#[must_use]
pub fn merge_driver(input: &DriverInput<'_>) -> DriverView {
    let structural = catch_unwind(AssertUnwindSafe(|| structural(input)));
    match structural {
        Ok(Ok((text, view))) => match disk::replace_given(input.ours, text.as_bytes()) {
            Ok(()) => view,
            Err(error) => DriverView { clean: false, remarks: vec![error.to_string()] },
        },
        Ok(Err(why)) => plain(input, &why),
        Err(_) => plain(input, "the structural merge failed, which is a bug"),
    }
}

fn labels<'a>(input: &DriverInput<'a>) -> [&'a str; 3] {
    [0, 1, 2].map(|i| input.labels[i].unwrap_or(["base", "ours", "theirs"][i]))
}

fn structural(input: &DriverInput<'_>) -> Result<(String, DriverView), String> {
    let read = |path: &Path| -> Result<String, String> {
        let bytes = disk::read_given(path).map_err(|e| e.to_string())?.bytes;
        String::from_utf8(bytes).map_err(|_| "a version is not UTF-8".to_owned())
    };
    let [base, ours, theirs] = [read(input.base)?, read(input.ours)?, read(input.theirs)?];
    let merged = merge::texts(base, ours, theirs, directory(input.path), Side::Ours);
    let [base, ours, theirs] = labels(input);
    let markers = Markers { size: input.marker_size, ours, base, theirs, diff3: true };
    let clean = merged.is_clean();
    let text = if clean { merged.text.clone() } else { merged.with_markers(&markers) };
    let what = input.path.unwrap_or("the plan");
    let mut remarks: Vec<String> = merged.notes.iter().map(|n| format!("{what}: {}", note(n))).collect();
    remarks.extend(merged.conflicts.iter().map(|c| format!("{what}: {}", conflict(c))));
    Ok((text, DriverView { clean, remarks }))
}

/// The name of the session's directory, which stands in for an id that the file does not state.
pub(super) fn directory(path: Option<&str>) -> &str {
    path.and_then(|p| p.rsplit('/').nth(1)).unwrap_or("session")
}

/// The merge that Git itself would make, with markers.
fn plain(input: &DriverInput<'_>, why: &str) -> DriverView {
    let files = [input.base, input.ours, input.theirs];
    let mut remarks = vec![format!("merged as plain lines: {why}")];
    if let Err(error) = Git::at(Path::new(".")).merge_file(files, labels(input), input.marker_size) {
        remarks.push(error.to_string());
        if let Err(error) = both_whole(input) {
            remarks.push(error.to_string());
        }
    }
    DriverView { clean: false, remarks }
}

/// The last resort: both versions whole, between markers.
fn both_whole(input: &DriverInput<'_>) -> Result<(), disk::Error> {
    let read = |path: &Path| disk::read_given(path).map(|f| f.bytes);
    let (base, ours, theirs) =
        (read(input.base).unwrap_or_default(), read(input.ours)?, read(input.theirs).unwrap_or_default());
    let mut out = Vec::new();
    let [base_name, ours_name, theirs_name] = labels(input);
    for (mark, label, text) in [
        (b'<', ours_name, &ours),
        (b'|', base_name, &base),
        (b'=', "", &theirs),
        (b'>', theirs_name, &Vec::new()),
    ] {
        out.extend(std::iter::repeat_n(mark, input.marker_size));
        if !label.is_empty() {
            out.push(b' ');
            out.extend_from_slice(label.as_bytes());
        }
        out.push(b'\n');
        out.extend_from_slice(text);
        if out.last() != Some(&b'\n') {
            out.push(b'\n');
        }
    }
    disk::replace_given(input.ours, &out)
}

/// A conflict in one sentence.
pub(super) fn conflict(conflict: &Conflict) -> String {
    use merge::ConflictKind as K;
    let about = entity(&conflict.entity);
    match conflict.kind {
        K::Field => format!("both sides changed {} of {about}", conflict.what),
        K::Prose => format!("both sides changed the text of {about}"),
        K::DeleteModify => format!("one side deleted {about}, the other changed it"),
        K::Markers => "a version holds conflict markers or cannot be read; merged as plain lines".to_owned(),
        K::TooLong => "a version is too long to be merged".to_owned(),
    }
}

/// Something that was settled, in one sentence.
pub(super) fn note(note: &Note) -> String {
    match note {
        Note::MovedTwice(what) => format!("both sides moved {}; it stands where ours put it", entity(what)),
        Note::MovedAndDeleted(what) => {
            format!("one side moved {}, the other deleted it; it was kept", entity(what))
        }
        Note::NewId { task, old, new } => {
            format!("both sides gave the id `{old}` to a new task; {} is `{new}` now", entity(task))
        }
        Note::PlainLines { because } => format!("merged as plain lines: {because}"),
    }
}

fn entity(entity: &Entity) -> String {
    match entity {
        Entity::Session => "the session's header".to_owned(),
        Entity::Section(title) => format!("section `{title}`"),
        Entity::Task { id: Some(id), title } => format!("task `{id}` ({title})"),
        Entity::Task { id: None, title } => format!("task `{title}`"),
    }
}
