//! The older, database-first tool: every generation of its storage, by what is there.

mod artifacts;
mod breakdowns;
mod collect;
mod json_store;
mod sqlite;
mod tasks;

use serde_json::Value;

use super::draft::CopyFile;
use super::source::{Scratch, Source, entries, is_a, join, walk};
use super::{Error, Fate, Import, Kind, Remark, json, safe};
use artifacts::Shelf;
use collect::Collector;
use sqlite::Database;

/// How to read what the older tool left.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Only this file, instead of every store in the folder.
    pub only: Option<String>,
    /// Offset of the clock that wrote local times without a zone: `+02:00`.
    pub offset: Option<String>,
}

/// A store of the older tool, as a scan finds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The file or folder, relative to where the scan began.
    pub path: String,
    /// Which generation: `L0`–`L6`, or several joined by `+`.
    pub generation: String,
    /// How many tasks it holds.
    pub tasks: usize,
    /// The latest time it mentions, as written.
    pub last_write: String,
    /// Why it could not be read.
    pub problem: Option<String>,
}

/// Where databases can lie, newest generation first: what is in two of them is taken from the first.
const DATABASES: &[&str] = &[
    "tasks.sqlite",
    "workspace.db",
    "orchestrator.db",
    "task_orchestrator.db",
    "tasks.db",
    "databases/operational/tasks.db",
];

/// Tables that hold the older tool's own bookkeeping, and what to say of them.
const BOOKKEEPING: &[(&str, &str)] = &[
    ("lock_tracking", "locks of processes that are gone"),
    ("migration_history", "history of the older database's own shape"),
    ("schema_migrations", "history of the older database's own shape"),
    ("file_operations", "history of file operations"),
    ("file_verifications", "history of file operations"),
    ("decision_evolution", "links between decisions"),
    ("maintenance_operations", "history of maintenance"),
    ("project_health_metrics", "derived figures"),
    ("stale_task_tracking", "derived figures"),
    ("task_lifecycle", "history of states"),
    ("task_events", "history of events"),
    ("task_templates", "templates kept in the database"),
    ("legacy_task_mapping", "history of the older database's own shape"),
    ("workspaces", "folders of the older tool"),
    ("workspace_tasks", "folders of the older tool"),
    ("workspace_artifacts", "folders of the older tool"),
    ("workspace_configurations", "settings of the older tool"),
];

/// Reads all stores in a folder (a project, its `.task_orchestrator`, or where a database lies)
/// into one session, with everything that is left over listed.
///
/// # Errors
/// Where a database named alone cannot be read, or nothing of the older tool is there. A broken
/// store beside a good one is a finding, not an error.
pub fn read(source: &dyn Source, scratch: &mut dyn Scratch, options: &Options) -> Result<Import, Error> {
    let homes = homes(source)?;
    let mut import = Import::default();
    // Folders beside a `.task_orchestrator` are the project's own.
    let own = homes.get(..1).unwrap_or_default();
    let shelf = Shelf::read(source, own, &mut import.report);
    let mut all = Collector::new(shelf, options.offset.clone());
    all.report = import.report;
    let mut stores = 0;
    for path in databases(source, &homes, options) {
        match sqlite::load(source, scratch, &path) {
            Ok(db) => stores += usize::from(database(&mut all, &path, &db)),
            Err(error) if options.only.is_some() => return Err(error),
            Err(error) => {
                all.report.find(Remark::BrokenFile, &path, format!("{} ({})", error.detail, error.code()));
            }
        }
    }
    for home in homes.iter().filter(|_| options.only.is_none()) {
        sessions(&mut all, source, home);
        if own.contains(home) {
            stores += json_store::import(&mut all, source, home);
            import.copies.extend(files(&mut all, source, home));
        }
    }
    if stores == 0 {
        let broken = all.report.findings.iter().find(|f| f.remark == Remark::BrokenFile);
        return Err(match broken {
            Some(finding) => Error::new(Kind::Damaged, finding.place.clone(), finding.message.clone()),
            None => Error::new(
                Kind::UnknownShape,
                options.only.clone().unwrap_or_else(|| ".".to_owned()),
                "nothing here was written by the older tool",
            ),
        });
    }
    import.drafts = vec![all.draft];
    import.aside = all.aside;
    import.report = all.report;
    Ok(import)
}

/// The folder itself and its `.task_orchestrator`.
fn homes(source: &dyn Source) -> Result<Vec<String>, Error> {
    let entries = source.list("")?;
    let mut homes = vec![String::new()];
    homes.extend(entries.into_iter().filter(|e| e.is_dir && e.name == ".task_orchestrator").map(|e| e.name));
    homes.reverse();
    Ok(homes)
}

fn databases(source: &dyn Source, homes: &[String], options: &Options) -> Vec<String> {
    if let Some(only) = &options.only {
        return vec![only.clone()];
    }
    let mut found = Vec::new();
    for name in DATABASES {
        for home in homes {
            let path = join(home, name);
            let (dir, file) = path.rsplit_once('/').unwrap_or(("", &path));
            let there = entries(source, dir);
            if there.iter().any(|e| !e.is_dir && e.name == file) {
                found.push(path.clone());
            }
        }
    }
    found
}

/// Imports one database; `false` where it holds nothing of the older tool.
fn database(all: &mut Collector, path: &str, db: &Database) -> bool {
    if db.has_wal {
        let message = "the newest rows lie in its `-wal` file; they were read too";
        all.report.find(Remark::LiveSource, path, message);
    }
    for (name, table) in db.tables.iter().filter(|(_, t)| t.odd > 0) {
        let message = format!("{} values are not UTF-8; what is none in them was replaced", table.odd);
        all.report.find(Remark::BrokenFile, format!("{path}#{name}"), message);
    }
    let mut known = false;
    if tasks::fits(db) {
        tasks::import(all, path, db);
        known = true;
    }
    if breakdowns::fits(db) {
        breakdowns::import(all, path, db);
        known = true;
    }
    let told = all.report.rows.iter().filter(|r| *r.source == *path).map(|r| r.table.to_string());
    let told: std::collections::BTreeSet<String> =
        told.chain(all.report.empty.iter().filter(|(s, _)| s == path).map(|(_, t)| t.clone())).collect();
    for (name, table) in db.tables.iter().filter(|(n, _)| !told.contains(*n)) {
        let reason =
            BOOKKEEPING.iter().find(|(n, _)| n == name).map_or("a table of another program", |(_, r)| *r);
        all.table_aside(path, name, &table.rows, reason);
    }
    known
}

/// Session files of the last version say only when and where it was started.
fn sessions(all: &mut Collector, source: &dyn Source, home: &str) {
    for entry in entries(source, home) {
        let path = join(home, &entry.name);
        if entry.name == "api_keys.json" {
            all.report.find(Remark::SecretSkipped, &path, "a file with keys was not read");
            all.report.row(&path, "files", &entry.name, Fate::Aside("secrets are never imported".to_owned()));
            continue;
        }
        let is_session = entry.name.starts_with("session_") && is_a("json", &entry.name);
        if entry.is_dir || !(is_session || entry.name == ".active_session") {
            continue;
        }
        let Ok(Value::Object(data)) = source.read(&path).and_then(|b| json::parse(&b, &path)) else {
            all.report.find(Remark::BrokenFile, &path, "the session file is no JSON object");
            all.report.row(&path, "session files", &entry.name, Fate::Aside("the file is broken".to_owned()));
            continue;
        };
        let id = safe::one_line(&json::get(&data, "session_id"));
        let dir = safe::one_line(&json::get(&data, "working_directory"));
        all.draft.notes.push(format!("The older tool called this session `{id}`, in `{dir}`."));
        if let Some(at) = data.get("created_at").and_then(Value::as_f64) {
            #[expect(clippy::cast_possible_truncation, reason = "seconds since 1970; the cast saturates")]
            let created = crate::model::Timestamp::from_unix(at as i64).date();
            if all.draft.created.as_ref().is_none_or(|c| *c > created) {
                all.draft.created = Some(created);
            }
        }
        all.report.row(&path, "session files", &entry.name, Fate::Part("note"));
    }
}

/// Roles and templates, to be copied as they are.
fn files(all: &mut Collector, source: &dyn Source, home: &str) -> Vec<CopyFile> {
    let mut copies = Vec::new();
    let mut copy = |all: &mut Collector, from: String, to: String, table: &str| {
        all.report.row(&from, table, &to, Fate::File);
        copies.push(CopyFile { from, to });
    };
    for entry in entries(source, home) {
        let is_yaml = is_a("yaml", &entry.name) || is_a("yml", &entry.name);
        if !entry.is_dir && is_yaml && entry.name.contains("_roles.") {
            copy(all, join(home, &entry.name), format!("roles/{}", entry.name), "role files");
        }
    }
    for (folder, table) in [("roles", "role files"), ("templates", "template files")] {
        for from in walk(source, &join(home, folder), 10_000) {
            let to = from.strip_prefix(home).unwrap_or(&from).trim_start_matches('/').to_owned();
            copy(all, from, to, table);
        }
    }
    copies
}

/// Looks through a folder and everything below it for stores of the older tool.
#[must_use]
pub fn scan(source: &dyn Source, scratch: &mut dyn Scratch) -> Vec<Candidate> {
    let mut found = Vec::new();
    let mut stack = vec![(String::new(), 0)];
    let mut looked_at = 0;
    while let Some((dir, depth)) = stack.pop() {
        looked_at += 1;
        for entry in entries(source, &dir) {
            let path = join(&dir, &entry.name);
            let is_dead_end = matches!(
                entry.name.as_str(),
                "node_modules" | ".git" | "target" | ".venv" | "__pycache__" | ".state"
            );
            if entry.is_dir {
                if !is_dead_end && depth < 8 && looked_at < 50_000 {
                    stack.push((path, depth + 1));
                }
            } else if DATABASES.iter().any(|d| d.rsplit('/').next() == Some(&entry.name)) {
                found.extend(candidate(source, scratch, path));
            }
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

fn candidate(source: &dyn Source, scratch: &mut dyn Scratch, path: String) -> Option<Candidate> {
    let mut one =
        Candidate { path, generation: String::new(), tasks: 0, last_write: String::new(), problem: None };
    match sqlite::load(source, scratch, &one.path) {
        Ok(db) => {
            one.generation = generation(&db)?;
            for name in ["subtasks", "tasks", "generic_tasks"] {
                for row in db.tables.get(name).map(|t| t.rows.as_slice()).unwrap_or_default() {
                    one.tasks += 1;
                    for column in ["created_at", "updated_at", "completed_at"] {
                        one.last_write = one.last_write.max(row.text(column).replacen('T', " ", 1));
                    }
                }
            }
        }
        Err(error) => one.problem = Some(format!("{} ({})", error.detail, error.code())),
    }
    Some(one)
}

/// The generations whose tables a database holds.
fn generation(db: &Database) -> Option<String> {
    let mut names = Vec::new();
    if breakdowns::fits(db) {
        let has = |t: &str, c: &[&str]| db.shaped(t, c).is_some();
        names.push(if has("subtasks", &["workspace_id"]) {
            "L4"
        } else if has("subtasks", &["file_operations_count"]) || has("file_operations", &[]) {
            "L3"
        } else if has("lock_tracking", &[]) {
            "L2"
        } else {
            "L0"
        });
    }
    if db.shaped("tasks", &["id", "type", "metadata"]).is_some() {
        names.push("L5");
    }
    if db.shaped("generic_tasks", &["task_id"]).is_some() {
        names.push("L6");
    }
    (!names.is_empty()).then(|| names.join("+"))
}

#[cfg(test)]
mod tests;
