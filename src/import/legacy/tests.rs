use std::path::{Path, PathBuf};

use rusqlite::Connection;

use super::*;
use crate::disk::{FileKind, Fs, RealFs, Stat};
use crate::import::{Ids, Memory, OnDisk, ScratchDir, settle, split_archived, to_markdown};
use crate::model::{Field, TaskId, TaskStatus, random_task_id};
use crate::text::ContentHash;

/// Real databases, where they lie beside the project; says so where they do not.
fn fixture(name: &str) -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let found = root.ancestors().map(|a| a.join("shared/fixtures/legacy").join(name));
    let found = found.into_iter().find(|p| RealFs.stat(p).is_ok());
    if found.is_none() {
        #[expect(clippy::print_stderr, reason = "a skipped test must be seen")]
        {
            eprintln!("skipped: no fixture `{name}` beside the project");
        }
    }
    found
}

/// Hash and stat of every file below a folder.
fn state(dir: &Path) -> Vec<(PathBuf, ContentHash, Stat)> {
    let (mut all, mut stack) = (Vec::new(), vec![dir.to_owned()]);
    while let Some(dir) = stack.pop() {
        for entry in RealFs.read_dir(&dir).unwrap() {
            let path = dir.join(entry.name);
            if entry.kind == FileKind::Dir {
                stack.push(path);
            } else {
                let (bytes, stat) = RealFs.read(&path).unwrap();
                all.push((path, ContentHash::of(&bytes), stat));
            }
        }
    }
    all.sort_by(|a, b| a.0.cmp(&b.0));
    all
}

fn read_dir(dir: &Path, options: &Options) -> Result<Import, Error> {
    let temp = tempfile::tempdir().unwrap();
    let mut scratch = ScratchDir::new(&RealFs, temp.path());
    read(&OnDisk::new(&RealFs, dir, 64 << 20), &mut scratch, options)
}

fn settled(mut import: Import) -> Import {
    let mut n = 0;
    let mut draw = || {
        n += 1;
        random_task_id(n)
    };
    settle(&mut import, &mut Ids { is_taken: &|_| false, draw: &mut draw });
    import
}

/// Imports a fixture and holds that nothing of it has changed.
fn real(name: &str) -> Option<Import> {
    let dir = fixture(name)?;
    let before = state(&dir);
    let import = read_dir(&dir, &Options::default()).unwrap();
    assert_eq!(state(&dir), before, "the original has changed");
    Some(settled(import))
}

fn id_of(import: &Import, old: &str) -> TaskId {
    import.report.ids.iter().find(|m| m.old == old).unwrap().new.clone()
}

#[test]
fn a_real_l2_database() {
    let Some(import) = real("L2-v1.4.0") else { return };
    let draft = &import.drafts[0];
    assert_eq!(draft.groups.len(), 1);
    assert_eq!(draft.groups[0].path, "Build login");
    let titles: Vec<_> = draft.tasks.iter().map(|t| t.title.as_str()).collect();
    assert_eq!(titles, ["Design auth", "Impl"]);
    assert_eq!(draft.tasks[0].status, TaskStatus::Completed);
    assert!(draft.tasks[0].description.contains("full results text"));
    assert_eq!(draft.tasks[0].aliases, ["architect_ffa842"]);
    // The dependency was a title.
    assert_eq!(draft.tasks[1].depends_on, [id_of(&import, "architect_ffa842").to_string()]);
    assert!(import.report.has(Remark::DependencyByTitle));
    assert!(import.report.has(Remark::MixedClocks));
    assert_eq!(draft.artifacts[0].named, "docs/design.md");
}

#[test]
fn a_real_l4_database_whose_rows_lie_in_the_wal() {
    let Some(import) = real("L4-v1.8.0-wal") else { return };
    let draft = &import.drafts[0];
    let titles: Vec<_> = draft.tasks.iter().map(|t| t.title.as_str()).collect();
    assert_eq!(titles, ["Design auth", "Implement (phase 1)", "Document"]);
    assert_eq!(draft.tasks[0].estimate, Some(120));
    assert_eq!(draft.tasks[1].depends_on, [id_of(&import, "architect_a1").to_string()]);
    // The pointer dangled; the metadata knew the file.
    assert!(import.report.has(Remark::ArtifactRepaired));
    let file = draft.artifacts[0].file.as_deref().unwrap();
    assert!(file.ends_with("architect_a1/mirrored/src/auth.rs_artifact_b41bf93a.md"), "{file}");
    assert_eq!(import.copies.len(), 1);
    assert_eq!(import.copies[0].to, "roles/project_roles.yaml");
    let history = import.report.tables().into_iter().find(|t| t.table == "migration_history").unwrap();
    assert_eq!((history.read, history.imported, history.aside), (17, 0, 17));
    assert_eq!(import.aside.len(), import.report.tables().iter().map(|t| t.aside).sum::<usize>());
    assert!(import.report.tables().iter().any(|t| t.table == "task_archives" && t.read == 0));
}

#[test]
fn a_real_l5_store_beside_an_empty_older_one() {
    let Some(mut import) = real("L5-head-wal") else { return };
    let draft = &import.drafts[0];
    assert_eq!(draft.groups[0].path, "Build login ✓");
    let (root, child) = (&draft.tasks[0], &draft.tasks[1]);
    assert_eq!((root.title.as_str(), child.title.as_str()), ("Build login ✓", "Impl"));
    // The metadata was JSON in a JSON string.
    assert_eq!((root.estimate, root.field(Field::Due)), (Some(120), Some("2025-09-01")));
    assert_eq!(root.specialist.as_deref(), Some("architect"));
    assert_eq!((child.parent, child.archived), (Some(0), true));
    assert_eq!(child.depends_on, [id_of(&import, "task_bb17659b").to_string()]);
    assert!(child.description.contains("task_ba0734fa_artifact_8252ed7f.txt"));
    assert_eq!(import.copies.iter().filter(|c| c.to.starts_with("templates/")).count(), 6);

    let parent = id_of(&import, "task_bb17659b");
    split_archived(&mut import);
    let [live, archive] = &import.drafts[..] else { panic!("{}", import.drafts.len()) };
    assert_eq!((live.tasks.len(), archive.tasks.len()), (1, 1));
    assert_eq!(archive.tasks[0].depends_on, [format!("legacy-task-session#{parent}")]);
    assert_eq!(archive.id, "legacy-task-session-archive");
}

#[test]
fn a_scan_names_what_is_where() {
    let Some(dir) = fixture("") else { return };
    let temp = tempfile::tempdir().unwrap();
    let mut scratch = ScratchDir::new(&RealFs, temp.path());
    let found = scan(&OnDisk::new(&RealFs, &dir, 64 << 20), &mut scratch);
    let told: Vec<_> = found.iter().map(|c| (c.generation.as_str(), c.tasks)).collect();
    assert_eq!(told, [("L2", 2), ("L4", 3), ("L5", 0), ("L5", 2)]);
    assert!(found.iter().all(|c| c.problem.is_none()));
    assert!(found[0].last_write.starts_with("2026-11-20 07:12"));
}

const L4: &str = "
CREATE TABLE task_breakdowns(parent_task_id VARCHAR, description TEXT, complexity VARCHAR, context TEXT, created_at DATETIME, workspace_id VARCHAR);
CREATE TABLE subtasks(task_id VARCHAR PRIMARY KEY, parent_task_id VARCHAR, title VARCHAR, description TEXT, specialist_type VARCHAR, dependencies JSON, estimated_effort VARCHAR, status VARCHAR, results TEXT, artifacts JSON, file_operations_count INTEGER, verification_status VARCHAR, created_at DATETIME, completed_at DATETIME, workspace_id VARCHAR);
CREATE TABLE task_archives(id INTEGER PRIMARY KEY, original_task_id VARCHAR, parent_task_id VARCHAR, archive_reason VARCHAR, archived_data JSON, artifact_references JSON, created_at DATETIME);
CREATE TABLE architectural_decisions(decision_id VARCHAR, decision_number INTEGER, subtask_id VARCHAR, title VARCHAR, category VARCHAR, status VARCHAR, context TEXT, decision TEXT, rationale TEXT, risks JSON, timestamp DATETIME);
INSERT INTO task_breakdowns VALUES('task_1','Build it\nall of it','complex','ctx','2025-06-08 02:17:14.1',NULL);
INSERT INTO subtasks VALUES('a-1','task_1','First','do','architect','null','2 hours','completed','done','\"one.md\"',0,'pending','2025-06-08 02:17:14','2025-06-08 07:17:14',NULL);
INSERT INTO subtasks VALUES('../../etc/passwd','task_1','Second','do','coder','[\"a-1\",\"nobody\"]','ages','active',NULL,NULL,0,'pending','2025-06-08 02:17:15',NULL,NULL);
INSERT INTO subtasks VALUES('lost','gone','Third','do','coder','','Unknown','strange',NULL,'[]',0,'pending','2025-06-08 02:17:16',NULL,NULL);
INSERT INTO task_archives VALUES(1,'old_1','task_1','stale','{\"title\":\"Old one\",\"description\":\"was here\",\"status\":\"completed\"}',NULL,'2025-06-09');
INSERT INTO architectural_decisions VALUES('d1',1,'a-1','Use PKCE','security','accepted','why','PKCE everywhere','safer','[\"none\"]','2025-06-08');
";

const L5: &str = "
CREATE TABLE tasks(id TEXT PRIMARY KEY, session_id TEXT, parent_task_id TEXT, type TEXT, status TEXT, title TEXT, description TEXT, metadata TEXT, created_at TEXT, updated_at TEXT, completed_at TEXT);
CREATE TABLE task_dependencies(task_id TEXT, dependency_id TEXT, created_at TEXT);
INSERT INTO tasks VALUES('p',NULL,'q','standard','pending','P','','{}','2025-01-01T00:00:00',NULL,NULL);
INSERT INTO tasks VALUES('q',NULL,'p','bug','in_progress','Q','','\"{\\\"complexity\\\":\\\"trivial\\\"}\"','2025-01-01T00:00:01',NULL,NULL);
INSERT INTO tasks VALUES('a-1',NULL,NULL,'standard','pending','Another first','','null','2025-01-01T00:00:02',NULL,NULL);
INSERT INTO task_dependencies VALUES('a-1','q','2025');
";

const L6: &str = "
CREATE TABLE generic_tasks(task_id TEXT PRIMARY KEY, parent_task_id TEXT, title TEXT, description TEXT, task_type TEXT, status TEXT, complexity TEXT, estimated_effort TEXT, actual_effort TEXT, specialist_type TEXT, assigned_to TEXT, context TEXT, results TEXT, summary TEXT, created_at TEXT, completed_at TEXT, due_date TEXT, deleted_at TEXT);
CREATE TABLE task_attributes(attribute_id INTEGER, task_id TEXT, attribute_name TEXT, attribute_value TEXT);
CREATE TABLE task_dependencies(dependency_id INTEGER, dependent_task_id TEXT, prerequisite_task_id TEXT);
CREATE TABLE task_events(event_id INTEGER, task_id TEXT);
INSERT INTO generic_tasks VALUES('g1',NULL,'G one','','standard','completed','simple','1 day','3h','tester','ana','{\"k\":1}','res','sum','2025-01-01 00:00:00','2025-01-02 00:00:00','2025-02-01',NULL);
INSERT INTO generic_tasks VALUES('g2',NULL,'G two','','standard','pending',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,'2025-01-01 00:00:01',NULL,NULL,'2025-03-01');
INSERT INTO task_attributes VALUES(1,'g1','sprint','7');
INSERT INTO task_dependencies VALUES(1,'g2','g1');
INSERT INTO task_dependencies VALUES(2,'gone','g1');
INSERT INTO task_events VALUES(1,'g1');
";

fn database_at(path: &Path, sql: &str) -> Connection {
    let connection = Connection::open(path).unwrap();
    connection.execute_batch(sql).unwrap();
    connection
}

/// A project with one database file, closed cleanly or left open with its rows in the `-wal`.
fn imported(name: &str, sql: &str, in_wal: bool) -> Import {
    let temp = tempfile::tempdir().unwrap();
    let prelude = if in_wal { "PRAGMA journal_mode=WAL; PRAGMA wal_autocheckpoint=0;" } else { "" };
    let connection = database_at(&temp.path().join(name), &format!("{prelude}{sql}"));
    let open = if in_wal {
        Some(connection)
    } else {
        connection.close().unwrap();
        None
    };
    let before = state(temp.path());
    let import = read_dir(temp.path(), &Options::default()).unwrap();
    assert_eq!(state(temp.path()), before);
    drop(open);
    settled(import)
}

#[test]
fn breakdowns_cleanly_closed_and_in_the_wal() {
    let closed = imported("task_orchestrator.db", L4, false);
    let mut open = imported("task_orchestrator.db", L4, true);
    open.report.findings.retain(|f| f.remark != Remark::LiveSource);
    assert_eq!(closed, open);

    let draft = &closed.drafts[0];
    assert_eq!(draft.groups[0].path, "Build it");
    assert!(draft.groups[0].description.contains("all of it") && draft.groups[0].description.contains("ctx"));
    assert_eq!(
        draft.tasks.iter().map(|t| t.title.as_str()).collect::<Vec<_>>(),
        ["First", "Second", "Third", "Old one"]
    );
    let [first, second, third, old] = &draft.tasks[..] else { panic!() };
    // A block id stays; one that could be a path becomes an alias and nothing else.
    assert_eq!(first.id, TaskId::parse("a-1"));
    assert_eq!(second.aliases, ["../../etc/passwd"]);
    assert_eq!(second.depends_on, ["a-1", "\"nobody\""]);
    assert_eq!((second.status, second.extra("source-effort")), (TaskStatus::InProgress, Some("ages")));
    assert_eq!((third.status, third.extra("source-status")), (TaskStatus::Pending, Some("strange")));
    assert_eq!(third.extra("legacy-parent"), Some("gone"));
    assert!(old.archived && old.description.contains("was here"));
    assert!(draft.decisions[0].contains("PKCE everywhere") && draft.decisions[0].contains("safer"));
    for remark in
        [Remark::UnresolvedDependency, Remark::EffortUnreadable, Remark::StatusUnknown, Remark::ParentMissing]
    {
        assert!(closed.report.has(remark), "{remark:?}");
    }
    assert!(to_markdown(draft).contains("- [ ] Second (In Progress) - coder"));
}

#[test]
fn one_table_of_tasks_with_a_circle_of_parents() {
    let import = imported("tasks.sqlite", L5, false);
    let draft = &import.drafts[0];
    assert_eq!(draft.tasks.len(), 3);
    assert!(import.report.has(Remark::ParentCycle));
    let q = draft.tasks.iter().find(|t| t.title == "Q").unwrap();
    assert_eq!((q.field(Field::Complexity), q.extra("type")), (Some("simple"), Some("bug")));
    let first = draft.tasks.iter().find(|t| t.title == "Another first").unwrap();
    assert_eq!(first.depends_on, ["q"]);
}

#[test]
fn generic_tasks() {
    let import = imported("orchestrator.db", L6, false);
    let [one, two] = &import.drafts[0].tasks[..] else { panic!() };
    assert_eq!((one.estimate, one.actual), (Some(480), Some(180)));
    assert_eq!((one.extra("sprint"), one.extra("assigned-to")), (Some("7"), Some("ana")));
    assert!(one.description.contains("res") && one.description.contains("sum"));
    assert_eq!((two.archived, two.status), (true, TaskStatus::Cancelled));
    assert_eq!(two.depends_on, ["g1"]);
    let tables = import.report.tables();
    let count = |name: &str| tables.iter().find(|t| t.table == name).map(|t| (t.imported, t.aside)).unwrap();
    assert_eq!(count("task_dependencies"), (1, 1));
    assert_eq!(count("task_events"), (0, 1));
}

#[test]
fn several_stores_are_joined_without_losing_or_doubling() {
    let temp = tempfile::tempdir().unwrap();
    database_at(&temp.path().join("task_orchestrator.db"), L4);
    let again = "INSERT INTO tasks VALUES('lost',NULL,NULL,'standard','completed','Third','do','null','2025-01-01T00:00:03',NULL,NULL);";
    database_at(
        &temp.path().join("tasks.sqlite"),
        &format!("{L5}{}", again.replace("'Third','do'", "'Third',''")),
    );
    let import = settled(read_dir(temp.path(), &Options::default()).unwrap());
    let draft = &import.drafts[0];
    let named = |title: &str| draft.tasks.iter().filter(|t| t.title == title).count();
    assert_eq!((named("First"), named("Another first"), named("Third")), (1, 1, 1));
    assert!(import.report.has(Remark::DuplicateId));
    assert!(import.aside.iter().any(|a| a.json.contains("\"lost\"")));
    let ids: std::collections::BTreeSet<_> = draft.tasks.iter().map(|t| t.id.clone().unwrap()).collect();
    assert_eq!(ids.len(), draft.tasks.len());
}

#[test]
fn json_stores_of_one_version() {
    let file = r#"{"version":"1.0","parent_task_id":"task_9","description":"Plan","complexity":"simple","context":"","created_at":"2025-05-01T10:00:00","subtasks":[{"task_id":"s1","title":"One","description":"d","specialist_type":"tester","dependencies":[],"estimated_effort":"1 hour","status":"completed","results":"ok","artifacts":[],"created_at":"2025-05-01T10:00:00","completed_at":"2025-05-01T11:00:00"}, 7]}"#;
    let source = Memory::default()
        .with(".task_orchestrator/tasks/active/task_9.json", file)
        .with(
            ".task_orchestrator/tasks/archive/task_8.json",
            file.replace("task_9", "task_8").replace("s1", "s2"),
        )
        .with(".task_orchestrator/tasks/active/broken.json", "{\"parent")
        .with(".task_orchestrator/api_keys.json", "{\"key\":\"secret\"}");
    let temp = tempfile::tempdir().unwrap();
    let import =
        settled(read(&source, &mut ScratchDir::new(&RealFs, temp.path()), &Options::default()).unwrap());
    let draft = &import.drafts[0];
    assert_eq!(
        draft.tasks.iter().map(|t| (t.old_id.as_str(), t.archived)).collect::<Vec<_>>(),
        [("s1", false), ("s2", true)]
    );
    assert!(import.report.has(Remark::BrokenFile) && import.report.has(Remark::SecretSkipped));
    assert!(import.aside.iter().any(|a| a.json.contains("parent")));
    assert!(!format!("{import:?}").contains("\"secret\""));
}

#[track_caller]
fn check_refused(name: &str, bytes: &[u8], kind: Kind) {
    let temp = tempfile::tempdir().unwrap();
    let mut scratch = ScratchDir::new(&RealFs, temp.path());
    let source = Memory::default().with(name, bytes);
    let options = Options { only: Some(name.to_owned()), offset: None };
    let error = read(&source, &mut scratch, &options).unwrap_err();
    assert_eq!(error.kind, kind, "{error}");
    assert!(error.to_string().contains(name) && !error.hint().is_empty());
}

#[test]
fn what_is_no_store_is_refused_with_its_place() {
    check_refused("task_orchestrator.db", b"hello, this is text", Kind::NotADatabase);
    check_refused("tasks.sqlite", b"", Kind::UnknownShape);
    let mut torn = b"SQLite format 3\0".to_vec();
    torn.resize(5000, 0xff);
    check_refused("tasks.sqlite", &torn, Kind::NotADatabase);
    let temp = tempfile::tempdir().unwrap();
    let mut scratch = ScratchDir::new(&RealFs, temp.path());
    let error = read(&Memory::default(), &mut scratch, &Options::default()).unwrap_err();
    assert_eq!(error.code(), "source-unknown");
}

#[test]
fn a_damaged_database_is_told_from_a_good_one() {
    let temp = tempfile::tempdir().unwrap();
    let path = temp.path().join("task_orchestrator.db");
    let row = format!("INSERT INTO task_breakdowns VALUES('b','{}','x','','2025','');", "y".repeat(200));
    let many = row.repeat(400);
    database_at(&path, &format!("{L4}BEGIN;{many}COMMIT;")).close().unwrap();
    let (mut bytes, _) = RealFs.read(&path).unwrap();
    let end = bytes.len();
    bytes[end - 9000..end - 5000].fill(0xee);
    check_refused("task_orchestrator.db", &bytes, Kind::Damaged);
}

#[test]
fn a_locked_database_gives_its_last_committed_state() {
    let temp = tempfile::tempdir().unwrap();
    let connection = database_at(&temp.path().join("task_orchestrator.db"), L4);
    connection.execute_batch("BEGIN EXCLUSIVE; DELETE FROM subtasks;").unwrap();
    let import = read_dir(temp.path(), &Options::default()).unwrap();
    assert_eq!(import.drafts[0].tasks.len(), 4);
}

/// A file that is different whenever it is read.
struct Restless(std::cell::Cell<u8>);

impl Source for Restless {
    fn list(&self, _: &str) -> Result<Vec<crate::import::Entry>, Error> {
        Ok(vec![crate::import::Entry { name: "tasks.sqlite".to_owned(), is_dir: false }])
    }

    fn read(&self, _: &str) -> Result<Vec<u8>, Error> {
        self.0.set(self.0.get().wrapping_add(1));
        Ok(vec![self.0.get()])
    }
}

#[test]
fn a_database_that_never_rests_is_busy() {
    let temp = tempfile::tempdir().unwrap();
    let mut scratch = ScratchDir::new(&RealFs, temp.path());
    let options = Options { only: Some("tasks.sqlite".to_owned()), offset: None };
    let error = read(&Restless(0.into()), &mut scratch, &options).unwrap_err();
    assert_eq!((error.code(), error.place.as_str()), ("busy", "tasks.sqlite"));
}
