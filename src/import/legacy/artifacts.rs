use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::super::source::{Source, is_a, join, walk};
use super::super::{Fate, Report, json};

/// Most files that are looked at below `artifacts/`.
const MAX_FILES: usize = 100_000;

/// A file that belongs to a task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Found {
    /// Relative to the source; always one that was listed.
    pub(super) path: String,
    pub(super) kind: String,
    pub(super) summary: String,
    /// Whether the pointer led elsewhere.
    pub(super) repaired: bool,
}

/// All artifact files of a project, and what their metadata says. Paths are only ever looked up
/// among the names that were listed, so no pointer can lead out.
#[derive(Debug, Default)]
pub(super) struct Shelf {
    homes: Vec<String>,
    files: BTreeSet<String>,
    /// What stands from `artifacts/` on → file.
    by_tail: BTreeMap<String, String>,
    /// Artifact id → file.
    by_id: BTreeMap<String, Found>,
    /// Task id → files, from the metadata and from file names.
    by_task: BTreeMap<String, Vec<Found>>,
}

impl Shelf {
    /// Looks through `HOME/artifacts` of each home.
    pub(super) fn read(source: &dyn Source, homes: &[String], report: &mut Report) -> Self {
        let mut shelf = Self { homes: homes.to_vec(), ..Self::default() };
        for home in homes {
            let dir = join(home, "artifacts");
            shelf.files.extend(walk(source, &dir, MAX_FILES));
        }
        let files: Vec<String> = shelf.files.iter().cloned().collect();
        shelf.by_tail = files.iter().filter_map(|f| Some((tail(f)?.to_owned(), f.clone()))).collect();
        for path in &files {
            let name = path.rsplit('/').next().unwrap_or(path);
            if name.ends_with("_metadata.json") {
                shelf.metadata(source, path, report);
            } else if let Some((task, _)) = name.split_once("_artifact_").filter(|_| is_a("txt", name)) {
                let found = Found {
                    path: path.clone(),
                    kind: String::new(),
                    summary: String::new(),
                    repaired: false,
                };
                shelf.by_task.entry(task.to_owned()).or_default().push(found);
            }
            report.row(path, "artifact files", name, Fate::File);
        }
        shelf
    }

    fn metadata(&mut self, source: &dyn Source, path: &str, report: &mut Report) {
        let parsed = source.read(path).and_then(|bytes| json::parse(&bytes, path));
        let Ok(Value::Object(data)) = parsed else {
            report.find(
                super::super::Remark::BrokenFile,
                path,
                "the artifact's metadata is not a JSON object",
            );
            return;
        };
        let id = json::get(&data, "artifact_id");
        let relative = json::get(&data, "relative_path").replace('\\', "/");
        let home = path.find("artifacts/").and_then(|at| path.get(..at + 9)).unwrap_or("");
        let beside = path.trim_end_matches("_metadata.json");
        let candidates = [format!("{home}/{relative}"), format!("{beside}.md"), format!("{beside}.txt")];
        let Some(file) = candidates.into_iter().find(|c| self.files.contains(c)) else { return };
        let found = Found {
            path: file,
            kind: json::get(&data, "artifact_type"),
            summary: json::get(&data, "summary"),
            repaired: false,
        };
        self.by_task.entry(json::get(&data, "task_id")).or_default().push(found.clone());
        self.by_id.insert(id, found);
    }

    /// The file that a pointer means: the one it names, else the one its metadata names.
    pub(super) fn resolve(&self, pointer: &str) -> Option<Found> {
        let clean = pointer.trim().replace('\\', "/");
        let below = tail(&clean).filter(|_| self.is_ours(&clean)).and_then(|t| self.by_tail.get(t));
        let direct = self.files.get(&clean).or(below);
        let name = clean.rsplit('/').next().unwrap_or(&clean);
        let id = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
        let known = self.by_id.get(id);
        if let Some(path) = direct {
            let (kind, summary) = known.map(|k| (k.kind.clone(), k.summary.clone())).unwrap_or_default();
            return Some(Found { path: path.clone(), kind, summary, repaired: false });
        }
        known.map(|k| Found { repaired: true, ..k.clone() })
    }

    /// Files that say themselves that they belong to the task.
    pub(super) fn files_of(&self, task: &str) -> Vec<Found> {
        self.by_task.get(task).cloned().unwrap_or_default()
    }

    /// Whether a pointer leads into the older tool's own folder.
    pub(super) fn is_ours(&self, pointer: &str) -> bool {
        pointer.contains(".task_orchestrator/artifacts/")
            || self.homes.iter().any(|h| !h.is_empty() && pointer.starts_with(h.as_str()))
    }
}

/// What stands from `artifacts/` on.
fn tail(path: &str) -> Option<&str> {
    path.rfind("artifacts/").and_then(|at| path.get(at..))
}
