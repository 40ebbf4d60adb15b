//! Projects of other tools, as large as the corpus and at most of 100,000 tasks: what imports read.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use rusqlite::Connection;
use serde_json::{Value, json};

use super::lift::lift;

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

/// How a source is laid out, and so how it is read by somebody who wants nothing but its tasks.
#[derive(Clone, Copy)]
enum Kind {
    /// One JSON text with the tasks in the list at this pointer.
    Json(&'static str),
    /// A JSON object a line.
    JsonLines,
    /// A task a line, in words.
    Lines,
    /// One Markdown file, or a folder of them, in folders or not.
    Markdown,
    /// A database with a row a task.
    Sqlite,
    /// A folder with a file a task, its facts in front matter.
    FileEach,
}

/// A format that is imported.
pub(crate) struct Format {
    /// The job's name.
    pub(crate) job: &'static str,
    /// The word on the command line.
    pub(crate) word: &'static str,
    /// The file or folder that is imported.
    pub(crate) path: &'static str,
    kind: Kind,
    make: fn(&Path, usize) -> Outcome<()>,
}

const fn row(
    job: &'static str,
    word: &'static str,
    path: &'static str,
    kind: Kind,
    make: fn(&Path, usize) -> Outcome<()>,
) -> Format {
    Format { job, word, path, kind, make }
}

/// Every format that can be imported.
pub(crate) const SOURCES: [Format; 11] = [
    row("import, Task Master", "taskmaster", "old/tasks.json", Kind::Json("/master/tasks"), task_master),
    row("import, Taskwarrior", "taskwarrior", "old/export.json", Kind::Json(""), taskwarrior),
    row("import, plandown", "plandown", "old/plan.json", Kind::Json("/sessions/0/tasks"), plandown),
    row("import, beads", "beads", "old/issues.jsonl", Kind::JsonLines, beads),
    row("import, todo.txt", "todo.txt", "old/todo.txt", Kind::Lines, todo_txt),
    row("import, Markdown", "markdown", "old/launch.md", Kind::Markdown, markdown),
    row("import, Obsidian", "obsidian", "old/vault", Kind::Markdown, obsidian),
    row("import, OpenSpec", "openspec", "old/openspec-project", Kind::Markdown, openspec),
    row("import, spec-kit", "speckit", "old/speckit-project", Kind::Markdown, speckit),
    row("import, legacy SQLite", "legacy", "old/store", Kind::Sqlite, legacy),
    row("import, Backlog.md", "backlog", "old/project", Kind::FileEach, backlog),
];

pub(crate) const MOST: usize = 100_000;
/// Tasks of one file where a project has several.
const A_FILE: usize = 500;

/// Lays all of them out below `root`.
pub(crate) fn make(root: &Path, tasks: usize) -> Outcome<()> {
    for format in &SOURCES {
        let path = root.join(format.path);
        fs::create_dir_all(path.parent().unwrap_or(root))?;
        (format.make)(&path, tasks.min(MOST))?;
    }
    Ok(())
}

/// The number of the task that waits for none or for the one before it.
fn before(n: usize) -> usize {
    n.saturating_sub(1).max(1)
}

fn title(n: usize) -> String {
    format!("Imported step {n}")
}

fn objects(count: usize, object: impl Fn(usize) -> Value) -> Vec<Value> {
    (1..=count).map(object).collect()
}

fn task_master(path: &Path, count: usize) -> Outcome<()> {
    let tasks = objects(
        count,
        |n| json!({"id": n, "title": title(n), "status": "pending", "dependencies": [before(n)], "description": "What is to be done."}),
    );
    Ok(fs::write(path, json!({"master": {"tasks": tasks}}).to_string())?)
}

fn taskwarrior(path: &Path, count: usize) -> Outcome<()> {
    let uuid = |n: usize| format!("00000000-0000-4000-8000-{n:012}");
    let tasks = objects(count, |n| {
        json!({"uuid": uuid(n), "description": title(n), "status": "pending", "project": format!("part{}", n % 50),
            "priority": "M", "entry": "20260102T030405Z", "depends": [uuid(before(n))]})
    });
    Ok(fs::write(path, Value::from(tasks).to_string())?)
}

fn plandown(path: &Path, count: usize) -> Outcome<()> {
    let tasks = objects(count, |n| {
        json!({"id": format!("t-{n:06}"), "title": title(n), "status": "pending", "group": 0,
            "fields": [["priority", "high"]], "description": "What is to be done."})
    });
    let session = json!({"id": "moved", "name": "Moved", "groups": [{"path": "Steps"}], "tasks": tasks});
    Ok(fs::write(path, json!({"schema": 1, "format": "plandown-export", "sessions": [session]}).to_string())?)
}

fn beads(path: &Path, count: usize) -> Outcome<()> {
    let mut lines = String::new();
    for n in 1..=count {
        let issue = json!({"id": format!("bd-{n}"), "title": title(n), "description": "What is to be done.",
            "status": "open", "priority": 2, "issue_type": "task", "created_at": "2026-01-02T03:04:05Z",
            "dependencies": [{"issue_id": format!("bd-{n}"), "depends_on_id": format!("bd-{}", before(n)), "type": "blocks"}]});
        writeln!(lines, "{issue}")?;
    }
    Ok(fs::write(path, lines)?)
}

fn todo_txt(path: &Path, count: usize) -> Outcome<()> {
    let mut lines = String::new();
    for n in 1..=count {
        writeln!(lines, "(B) 2026-01-02 {} +part{} @home id:a{n} dep:a{}", title(n), n % 50, before(n))?;
    }
    Ok(fs::write(path, lines)?)
}

fn markdown(path: &Path, count: usize) -> Outcome<()> {
    let mut plan = "# Launch\n\n".to_owned();
    for n in 1..=count {
        writeln!(plan, "- [ ] {} [priority:: high]", title(n))?;
    }
    Ok(fs::write(path, plan)?)
}

/// Files of so many tasks each, a line a task.
fn files(
    count: usize,
    file: impl Fn(usize) -> PathBuf,
    head: &str,
    line: impl Fn(usize) -> String,
) -> Outcome<()> {
    for first in (1..=count).step_by(A_FILE) {
        let path = file(first / A_FILE + 1);
        let mut text = format!("# Part {}\n\n{head}", first / A_FILE + 1);
        (first..(first + A_FILE).min(count + 1)).for_each(|n| text.push_str(&line(n)));
        fs::create_dir_all(path.parent().unwrap_or(&path))?;
        fs::write(path, text)?;
    }
    Ok(())
}

fn obsidian(path: &Path, count: usize) -> Outcome<()> {
    files(
        count,
        |f| path.join(format!("Notes/Part {f}.md")),
        "",
        |n| format!("- [ ] {} ⏫ 📅 2026-03-04 🆔 a{n} ⛔ a{}\n", title(n), before(n)),
    )
}

fn openspec(path: &Path, count: usize) -> Outcome<()> {
    let file = |f| path.join(format!("openspec/changes/part-{f}/tasks.md"));
    files(count, file, "## 1. Implementation\n\n", |n| format!("- [ ] 1.{n} {}\n", title(n)))
}

fn speckit(path: &Path, count: usize) -> Outcome<()> {
    let file = |f| path.join(format!("specs/{f:03}-part/tasks.md"));
    files(count, file, "## Phase 1: Setup\n\n", |n| {
        format!("- [ ] T{n:03} [P] {} in src/part.rs\n", title(n))
    })
}

fn legacy(path: &Path, count: usize) -> Outcome<()> {
    fs::create_dir_all(path)?;
    let mut store = Connection::open(path.join("tasks.sqlite"))?;
    let rows = store.transaction()?;
    rows.execute_batch(
        "CREATE TABLE tasks (id TEXT PRIMARY KEY, session_id TEXT, parent_task_id TEXT, type TEXT, status TEXT, \
         title TEXT, description TEXT, metadata TEXT, created_at TEXT, updated_at TEXT, completed_at TEXT)",
    )?;
    for n in 1..=count {
        rows.prepare_cached(
            "INSERT INTO tasks VALUES (?1, NULL, NULL, 'standard', 'pending', ?2, 'What is to be done.', '{}', \
             '2026-01-02T03:04:05', NULL, NULL)",
        )?
        .execute((format!("task_{n}"), title(n)))?;
    }
    Ok(rows.commit()?)
}

fn backlog(path: &Path, count: usize) -> Outcome<()> {
    let folder = path.join("backlog/tasks");
    fs::create_dir_all(&folder)?;
    for n in 1..=count {
        let text = format!(
            "---\nid: TASK-{n}\ntitle: {}\nstatus: To Do\nassignee: []\nlabels: []\n\
             dependencies: [TASK-{}]\nordinal: {n}000\n---\n\n## Description\n\nWhat is to be done.\n",
            title(n),
            before(n)
        );
        fs::write(folder.join(format!("task-{n} - Imported-step-{n}.md")), text)?;
    }
    Ok(())
}

/// Reads one and says how many tasks it holds: with the same crates, and nothing else is done.
pub(crate) fn read(root: &Path, word: &str) -> Outcome<String> {
    let format = SOURCES.iter().find(|f| f.word == word).ok_or("no such source")?;
    let path = root.join(format.path);
    let count = match format.kind {
        Kind::Json(list) => {
            let json: Value = serde_json::from_slice(&fs::read(path)?)?;
            json.pointer(list).and_then(Value::as_array).map_or(0, Vec::len)
        }
        Kind::JsonLines => {
            let text = fs::read_to_string(path)?;
            let all: Result<Vec<Value>, _> = text.lines().map(serde_json::from_str).collect();
            all?.len()
        }
        Kind::Lines => fs::read_to_string(path)?.lines().filter(|l| l.split(' ').count() > 3).count(),
        Kind::Markdown => {
            let mut count = 0;
            for entry in walkdir::WalkDir::new(path) {
                let entry = entry?;
                if entry.file_type().is_file() {
                    count += lift(&fs::read_to_string(entry.path())?).len();
                }
            }
            count
        }
        Kind::Sqlite => rows(&path.join("tasks.sqlite"))?,
        Kind::FileEach => {
            let mut count = 0;
            for entry in fs::read_dir(path.join("backlog/tasks"))? {
                let text = fs::read_to_string(entry?.path())?;
                let keys: Vec<_> =
                    text.lines().skip(1).take_while(|l| *l != "---").map(|l| l.split_once(": ")).collect();
                count += usize::from(keys.len() > 3);
            }
            count
        }
    };
    Ok(count.to_string())
}

fn rows(path: &Path) -> Outcome<usize> {
    let store = Connection::open(path)?;
    let mut select = store.prepare("SELECT * FROM tasks")?;
    let columns = select.column_count();
    let mut rows = select.query([])?;
    let mut all = Vec::new();
    while let Some(row) = rows.next()? {
        let row: Result<Vec<_>, _> = (0..columns).map(|c| row.get::<_, rusqlite::types::Value>(c)).collect();
        all.push(row?);
    }
    Ok(all.len())
}
