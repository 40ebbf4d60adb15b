use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap, HashSet};

use crate::disk::SafeName;
use crate::format;
use crate::import::{
    Draft, Fate, Ids, Import, Remark, Report, Source, settle, split_archived, to_markdown_with,
};
use crate::model::{Change, HeaderKey, TaskId, TaskKey, random_task_id, slug};
use crate::workspace::Arrival;

use super::import_record::Replay;
use super::import_source::{Wanted, read};
use super::{Context, OpError};

/// Everything an import would do, with nothing done yet.
pub(super) struct Planned {
    /// The drafts that became sessions, in the order of `arrivals`.
    pub(super) drafts: Vec<Draft>,
    pub(super) arrivals: Vec<Arrival>,
    /// Files for `.task_orchestrator` itself, and what becomes of each.
    pub(super) copies: Vec<Copied>,
    /// Rows kept aside, a line of JSON each.
    pub(super) aside: String,
    pub(super) report: Report,
    pub(super) replay: Replay,
}

/// A role or template of the source.
pub(super) struct Copied {
    pub(super) from: String,
    pub(super) to: String,
    pub(super) bytes: Vec<u8>,
    /// `copied`, `same` (it is there already) or `kept` (another file of that name is there).
    pub(super) state: &'static str,
}

/// Answers where ids come from: the workspace, or what was answered the first time.
struct Answers<'a> {
    cx: &'a Context<'a>,
    before: Option<&'a Replay>,
    taken: RefCell<BTreeSet<String>>,
    drawn: RefCell<Vec<String>>,
    /// Why the index could not be asked, where it could not.
    failed: RefCell<Option<OpError>>,
}

impl Answers<'_> {
    fn is_taken(&self, id: &TaskId) -> bool {
        if let Some(before) = self.before {
            return before.taken.iter().any(|t| t == id.as_str());
        }
        // An answer of an index that has failed means nothing; any ends the search for an id that is free.
        if self.failed.borrow().is_some() {
            return false;
        }
        let taken = self.cx.workspace.index().id_is_taken(id.as_str()).unwrap_or_else(|error| {
            *self.failed.borrow_mut() = Some(error.into());
            false
        });
        if taken {
            self.taken.borrow_mut().insert(id.to_string());
        }
        taken
    }

    fn draw(&self) -> TaskId {
        let mut drawn = self.drawn.borrow_mut();
        let known = self.before.and_then(|b| b.drawn.get(drawn.len())).and_then(|id| TaskId::parse(id));
        let id = known.unwrap_or_else(|| random_task_id(self.cx.workspace.env().random_u64()));
        drawn.push(id.to_string());
        id
    }
}

/// Reads a source and plans every byte that would be written. `before` repeats the answers of an earlier plan.
pub(super) fn plan(cx: &Context<'_>, wanted: &Wanted, before: Option<&Replay>) -> Result<Planned, OpError> {
    read(cx, wanted, |mut import, source| {
        let answers = Answers {
            cx,
            before,
            taken: RefCell::default(),
            drawn: RefCell::default(),
            failed: RefCell::default(),
        };
        let directories = name_drafts(cx, &mut import, before)?;
        for task in import.drafts.iter_mut().flat_map(|d| &mut d.tasks) {
            // An export of ours brings ids along; they hold only while nobody here has them.
            if task.id.as_ref().is_some_and(|id| answers.is_taken(id)) {
                task.id = None;
            }
        }
        let mut artifacts = link_artifacts(&mut import);
        let mut draw = || answers.draw();
        settle(&mut import, &mut Ids { is_taken: &|id| answers.is_taken(id), draw: &mut draw });
        split_archived(&mut import);
        let mut arrivals = Vec::with_capacity(import.drafts.len());
        let Import { drafts, copies, aside, mut report } = import;
        for draft in &drafts {
            let files = artifacts.remove(&draft.id).unwrap_or_default();
            let files = read_files(source, files, &mut report);
            arrivals.push(arrival(&answers, draft, files, &mut report)?);
        }
        let copies =
            copies.into_iter().filter_map(|c| copied(cx, source, c.from, &c.to, &mut report)).collect();
        let aside = aside.iter().map(aside_line).collect();
        if let Some(error) = answers.failed.into_inner() {
            return Err(error);
        }
        let replay = Replay {
            directories,
            taken: answers.taken.into_inner().into_iter().collect(),
            drawn: answers.drawn.into_inner(),
        };
        Ok(Planned { drafts, arrivals, copies, aside, report, replay })
    })
}

/// Gives every draft a directory that is free, with room for the session of its archived tasks beside it.
fn name_drafts(
    cx: &Context<'_>,
    import: &mut Import,
    before: Option<&Replay>,
) -> Result<Vec<String>, OpError> {
    let mut given: HashSet<String> = HashSet::new();
    let mut names = Vec::new();
    for (i, draft) in import.drafts.iter_mut().enumerate() {
        let known = before.and_then(|b| b.directories.get(i)).cloned();
        let name = match known {
            Some(name) => name,
            None => free_name(cx, draft, &given)?,
        };
        given.insert(name.to_lowercase());
        given.insert(format!("{name}-archive").to_lowercase());
        draft.id.clone_from(&name);
        names.push(name);
    }
    Ok(names)
}

fn free_name(cx: &Context<'_>, draft: &Draft, given: &HashSet<String>) -> Result<String, OpError> {
    let mut wanted = draft.id.trim().to_owned();
    if let Some(bytes) = &draft.verbatim {
        // A session file of ours says itself what it is called.
        let session = cx.workspace.understand(bytes, &slug(&wanted)).session;
        wanted = session.id;
    }
    if wanted.len() > 80 || SafeName::parse(&wanted).is_err() {
        wanted = slug(&wanted);
    }
    if SafeName::parse(&wanted).is_err() {
        // `nul` and its like are names of devices somewhere.
        wanted = format!("plan-{wanted}");
    }
    let archived = draft.tasks.iter().any(|t| t.archived);
    let mut name = wanted.clone();
    let mut n = 2;
    loop {
        let taken = |name: &str| -> Result<bool, OpError> {
            Ok(given.contains(&name.to_lowercase())
                || cx.workspace.disk().name_taken(&SafeName::parse(name)?)?)
        };
        let free = !taken(&name)? && (!archived || !taken(&format!("{name}-archive"))?);
        if free {
            return Ok(name);
        }
        name = format!("{wanted}-{n}");
        n += 1;
    }
}

/// Where files of the source go below their session's directory: by draft, (from, to).
type Files = HashMap<String, Vec<(String, String)>>;

/// Plans where artifact files go, and names the new places in the texts that link to them.
fn link_artifacts(import: &mut Import) -> Files {
    let mut files = Files::new();
    let listed = import.report.rows.iter().filter(|r| r.fate == Fate::File && &*r.table == "artifact files");
    let listed: Vec<String> = listed.map(|r| r.source.to_string()).collect();
    for (n, draft) in import.drafts.iter_mut().enumerate() {
        let linked = draft.artifacts.iter().filter_map(|a| a.file.clone());
        let mut seen = HashSet::new();
        // A source with artifacts is one session: what nobody links to goes with the first.
        let all = linked.chain(if n == 0 { listed.clone() } else { Vec::new() });
        let pairs: Vec<(String, String)> =
            all.filter(|f| seen.insert(f.clone())).map(|from| (from.clone(), artifact_path(&from))).collect();
        let new: HashMap<&str, &str> = pairs.iter().map(|(f, t)| (f.as_str(), t.as_str())).collect();
        let by_task: HashMap<String, Vec<&str>> =
            draft.artifacts.iter().fold(HashMap::new(), |mut map, a| {
                if let Some(file) = &a.file {
                    map.entry(a.task.clone()).or_insert_with(Vec::new).push(file.as_str());
                }
                map
            });
        for task in &mut draft.tasks {
            for from in by_task.get(&task.old_id).into_iter().flatten() {
                if let Some(to) = new.get(from) {
                    let (old, new) = (format!("`{}`", from.replace('`', "'")), format!("`{to}`"));
                    task.description = task.description.replace(&old, &new);
                }
            }
        }
        if !pairs.is_empty() {
            files.insert(draft.id.clone(), pairs);
        }
    }
    files
}

/// `.task_orchestrator/artifacts/a/b.md` → `artifacts/a/b.md`, every part a name that is safe everywhere.
fn artifact_path(from: &str) -> String {
    let tail = from.rfind("artifacts/").and_then(|at| from.get(at + 10..)).unwrap_or(from);
    let parts = tail.split('/').filter(|p| !p.is_empty()).map(|part| {
        if SafeName::parse(part).is_ok() && part != crate::disk::SESSION_FILE {
            return part.to_owned();
        }
        let harmless = |c: char| if c.is_alphanumeric() || matches!(c, '-' | '_' | '.') { c } else { '_' };
        let safe: String = part.chars().map(harmless).take(60).collect();
        format!("_{safe}_")
    });
    format!("artifacts/{}", parts.collect::<Vec<_>>().join("/"))
}

fn read_files(
    source: &dyn Source,
    files: Vec<(String, String)>,
    report: &mut Report,
) -> Vec<(String, Vec<u8>)> {
    let mut seen = HashSet::new();
    let mut read = Vec::new();
    for (from, to) in files {
        match source.read(&from) {
            Ok(bytes) if seen.insert(to.to_lowercase()) => read.push((to, bytes)),
            Ok(_) => report.find(Remark::ArtifactMissing, &from, format!("another file is called `{to}`")),
            Err(error) => report.find(Remark::ArtifactMissing, &from, error.detail),
        }
    }
    read
}

fn copied(
    cx: &Context<'_>,
    source: &dyn Source,
    from: String,
    to: &str,
    report: &mut Report,
) -> Option<Copied> {
    let is_safe = to.split('/').all(|part| SafeName::parse(part).is_ok());
    let bytes = match source.read(&from) {
        Ok(bytes) if is_safe => bytes,
        Ok(_) => {
            report.find(Remark::BrokenFile, &from, "its name is not safe on every platform");
            return None;
        }
        Err(error) => {
            report.find(Remark::BrokenFile, &from, error.detail);
            return None;
        }
    };
    let at = to.split('/').fold(cx.workspace.disk().layout().home().to_owned(), |dir, part| dir.join(part));
    let state = match cx.workspace.disk().read_plain(&at) {
        Ok(file) if file.bytes == bytes => "same",
        Ok(_) => "kept",
        Err(_) if cx.workspace.disk().exists(&at) => "kept",
        Err(_) => "copied",
    };
    Some(Copied { from, to: to.to_owned(), bytes, state })
}

fn aside_line(aside: &crate::import::Aside) -> String {
    let row: serde_json::Value =
        serde_json::from_str(&aside.json).unwrap_or_else(|_| aside.json.clone().into());
    let line = serde_json::json!({ "source": aside.source, "table": aside.table, "row": row });
    format!("{line}\n")
}

/// Writes a draft as the file it becomes.
fn arrival(
    answers: &Answers<'_>,
    draft: &Draft,
    files: Vec<(String, Vec<u8>)>,
    report: &mut Report,
) -> Result<Arrival, OpError> {
    let directory = SafeName::parse(&draft.id)?;
    let workspace = answers.cx.workspace;
    let Some(original) = &draft.verbatim else {
        let text = to_markdown_with(draft, report);
        let lifted = workspace.understand(text.as_bytes(), directory.as_str());
        for difference in crate::import::verify(draft, &lifted.session).into_iter().take(100) {
            let message = format!(
                "{} reads back as `{}` instead of `{}`",
                difference.what, difference.session, difference.source
            );
            report.find(Remark::ValueChanged, difference.place, message);
        }
        return Ok(Arrival { directory, bytes: text.into_bytes(), lifted, files });
    };
    let lifted = workspace.understand(original, directory.as_str());
    let changes = adoption(answers, &lifted, directory.as_str());
    if changes.is_empty() {
        return Ok(Arrival { directory, bytes: original.clone(), lifted, files });
    }
    match workspace.changed(&lifted, &changes, directory.as_str()) {
        Ok(lifted) => {
            let bytes = lifted.document.text().as_bytes().to_vec();
            Ok(Arrival { directory, bytes, lifted, files })
        }
        Err(error) => {
            let message = format!("the file comes over as it is, without ids: {error}");
            report.find(Remark::BrokenFile, directory.as_str(), message);
            Ok(Arrival { directory, bytes: original.clone(), lifted, files })
        }
    }
}

/// What adoption adds to a file that is kept: ids where there are none, others where they are taken.
fn adoption(answers: &Answers<'_>, lifted: &format::Lifted, directory: &str) -> Vec<Change> {
    let session = &lifted.session;
    let mut changes = Vec::new();
    let stated = session.front_matter_value("id").is_some();
    if stated && session.id != directory {
        changes.push(Change::SetHeader { key: HeaderKey::Id, value: Some(directory.to_owned()) });
    }
    for (n, task) in session.tasks.iter().enumerate() {
        if task.id.as_ref().is_some_and(|id| answers.is_taken(id)) {
            changes.push(Change::ReplaceId { task: TaskKey::Nth(n), id: answers.draw() });
        }
    }
    for (n, id) in format::adoption(lifted) {
        if session.tasks.get(n).is_some_and(|t| t.id.is_none()) {
            let id = if answers.is_taken(&id) { answers.draw() } else { id };
            changes.push(Change::AssignId { task: TaskKey::Nth(n), id });
        }
    }
    changes
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use super::*;
    use crate::env::FixedEnv;
    use crate::model::Timestamp;
    use crate::workspace::{Initialized, Workspace};

    /// It said of every id that it is taken, and another one was looked for without end.
    #[test]
    fn an_index_that_cannot_be_asked_ends_the_search_for_free_ids() {
        let dir = tempfile::tempdir().unwrap();
        Initialized::at(dir.path(), false).unwrap();
        let env = FixedEnv::new(Timestamp::from_unix(0), Duration::from_secs(1), 1);
        let workspace = Workspace::open(dir.path(), Arc::new(env)).unwrap();
        let other = rusqlite::Connection::open(workspace.disk().layout().index()).unwrap();
        other.execute_batch("DROP TABLE aliases").unwrap();
        let cx = Context {
            workspace: &workspace,
            session: None,
            by: "me".into(),
            dry_run: false,
            if_match: None,
            remarks: crate::ops::Remarks::default(),
        };
        let answers = Answers {
            cx: &cx,
            before: None,
            taken: RefCell::default(),
            drawn: RefCell::default(),
            failed: RefCell::default(),
        };
        assert!(!answers.is_taken(&answers.draw()));
        assert!(answers.failed.into_inner().is_some());
    }
}
