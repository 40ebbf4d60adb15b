//! Projects of other tools, as large as the corpus and at most of 100,000 tasks: what imports read.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use rusqlite::Connection;

use super::lift::lift;

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

/// Formats with the file or folder that is imported: a JSON file, lines, Markdown, SQLite, a folder of files.
pub(crate) const SOURCES: [(&str, &str); 5] = [
    ("taskmaster", "old/tasks.json"),
    ("todo.txt", "old/todo.txt"),
    ("markdown", "old/launch.md"),
    ("legacy", "old/store"),
    ("backlog", "old/project"),
];

const MOST: usize = 100_000;

/// Lays all of them out below `root`.
pub(crate) fn make(root: &Path, tasks: usize) -> Outcome<()> {
    let count = tasks.min(MOST);
    let folder = root.join("old/project/backlog/tasks");
    fs::create_dir_all(&folder)?;
    fs::create_dir_all(root.join("old/store"))?;
    let (mut lines, mut plan, mut json) =
        (String::new(), "# Launch\n\n".to_owned(), Vec::with_capacity(count));
    let mut store = Connection::open(root.join("old/store/tasks.sqlite"))?;
    let rows = store.transaction()?;
    rows.execute_batch(
        "CREATE TABLE tasks (id TEXT PRIMARY KEY, session_id TEXT, parent_task_id TEXT, type TEXT, status TEXT, \
         title TEXT, description TEXT, metadata TEXT, created_at TEXT, updated_at TEXT, completed_at TEXT)",
    )?;
    for n in 1..=count {
        let (before, title) = (n.saturating_sub(1).max(1), format!("Imported step {n}"));
        writeln!(lines, "(B) 2026-01-02 {title} +part{} @home id:a{n} dep:a{before}", n % 50)?;
        writeln!(plan, "- [ ] {title} [priority:: high]")?;
        json.push(serde_json::json!({
            "id": n, "title": title, "status": "pending", "dependencies": [before], "description": "What is to be done.",
        }));
        rows.prepare_cached(
            "INSERT INTO tasks VALUES (?1, NULL, NULL, 'standard', 'pending', ?2, 'What is to be done.', '{}', \
             '2026-01-02T03:04:05', NULL, NULL)",
        )?
        .execute((format!("task_{n}"), &title))?;
        let text = format!(
            "---\nid: TASK-{n}\ntitle: {title}\nstatus: To Do\nassignee: []\nlabels: []\n\
             dependencies: [TASK-{before}]\nordinal: {n}000\n---\n\n## Description\n\nWhat is to be done.\n"
        );
        fs::write(folder.join(format!("task-{n} - Imported-step-{n}.md")), text)?;
    }
    rows.commit()?;
    fs::write(root.join("old/todo.txt"), lines)?;
    fs::write(root.join("old/launch.md"), plan)?;
    fs::write(root.join("old/tasks.json"), serde_json::json!({"master": {"tasks": json}}).to_string())?;
    Ok(())
}

/// Reads one and says how many tasks it holds: with the same crates, and nothing else is done.
pub(crate) fn read(root: &Path, format: &str) -> Outcome<String> {
    let (_, path) = SOURCES.iter().find(|(f, _)| *f == format).ok_or("no such source")?;
    let path = root.join(path);
    let count = match format {
        "taskmaster" => {
            let json: serde_json::Value = serde_json::from_slice(&fs::read(path)?)?;
            json["master"]["tasks"].as_array().map_or(0, Vec::len)
        }
        "todo.txt" => fs::read_to_string(path)?.lines().filter(|l| l.split(' ').count() > 3).count(),
        "markdown" => lift(&fs::read_to_string(path)?).len(),
        "legacy" => {
            let store = Connection::open(path.join("tasks.sqlite"))?;
            let mut select = store.prepare("SELECT * FROM tasks")?;
            let columns = select.column_count();
            let mut rows = select.query([])?;
            let mut all = Vec::new();
            while let Some(row) = rows.next()? {
                let row: Result<Vec<_>, _> =
                    (0..columns).map(|c| row.get::<_, rusqlite::types::Value>(c)).collect();
                all.push(row?);
            }
            all.len()
        }
        _ => {
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
