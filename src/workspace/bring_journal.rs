use serde_json::{Value, json};
use std::path::PathBuf;

use crate::disk::{Guard, Kind, SafeName};

use super::bring::{RECORD, Trace, below};
use super::mediator::Mediator;
use super::{Error, Strategy, Workspace};

/// What has to go for an import to be taken back.
pub(super) struct TakeBack {
    /// The import's id.
    pub(super) import: String,
    pub(super) traces: Vec<Trace>,
    /// Files of `.task_orchestrator` itself, with their hashes.
    pub(super) copies: Vec<(String, String)>,
    /// Files beside the record.
    pub(super) kept: Vec<String>,
    /// The record as it is afterwards; none where the import is forgotten altogether.
    pub(super) record: Option<String>,
}

/// An import that was interrupted and is taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TakenBack {
    /// The import's id.
    pub import: String,
    /// What was removed, below `.task_orchestrator`.
    pub removed: Vec<String>,
}

impl Workspace {
    /// Lies where half done writes lie, so that everybody sees that something waits.
    fn import_journal(&self) -> PathBuf {
        self.disk.layout().tmp().join("import.json")
    }

    /// Writes down what will go again if this process does not come to an end. Before an import begins, and before it
    /// is rolled back: until [`Workspace::end_import`], whoever takes the lock next takes it back.
    pub(super) fn begin_import(&self, guard: &Guard, back: &TakeBack) -> Result<(), Error> {
        let pairs = |all: &[(String, String)]| all.iter().map(|(p, h)| json!([p, h])).collect::<Vec<_>>();
        let sessions: Vec<Value> = back
            .traces
            .iter()
            .map(|t| {
                json!({
                    "directory": t.directory.as_str(), "revision": t.revision, "files": pairs(&t.files),
                })
            })
            .collect();
        let text = json!({
            "schema": 1, "import": back.import, "sessions": sessions, "copies": pairs(&back.copies),
            "kept": back.kept, "record": back.record,
        });
        Ok(self.disk.write_view(guard, &self.import_journal(), text.to_string().as_bytes())?)
    }

    /// From here on the import, or its rollback, is complete.
    pub(super) fn end_import(&self, guard: &Guard) -> Result<(), Error> {
        Ok(self.disk.remove_view(guard, &self.import_journal())?)
    }

    /// Takes an import back whose process did not come to its end; `None` where there is none.
    pub fn take_back_interrupted(&self) -> Result<Option<TakenBack>, Error> {
        if !self.disk.is_there(&self.import_journal())? {
            return Ok(None);
        }
        let guard = self.disk.lock(super::open::wait(&self.settings))?;
        let taken = self.finish_import(&guard)?;
        drop(guard);
        self.refresh()?;
        Ok(taken)
    }

    /// The same under a lock that is held. What somebody has worked on since stays.
    pub(super) fn finish_import(&self, guard: &Guard) -> Result<Option<TakenBack>, Error> {
        let text = match self.disk.read_plain(&self.import_journal()) {
            Ok(file) => file.bytes,
            Err(error) if error.kind == Kind::NotFound => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let mediator = Mediator::new(&self.disk, self.env(), Strategy::Merge);
        self.disk.recover(guard, None, &mediator)?;
        // A journal is whole or not there; one that says nothing has nothing to take back.
        let Some(back) = read(&text) else {
            self.end_import(guard)?;
            return Ok(None);
        };
        let removed = self.take_away(guard, &back)?;
        self.end_import(guard)?;
        Ok(Some(TakenBack { import: back.import, removed }))
    }

    /// Removes what an import brought and brings its record to what it is then.
    pub(super) fn take_away(&self, guard: &Guard, back: &TakeBack) -> Result<Vec<String>, Error> {
        let removed = self.remove_traces(guard, &back.traces, &back.copies)?;
        let home = self.disk.layout().imports().join(&back.import);
        if let Some(record) = &back.record {
            self.disk.write_view(guard, &home.join(RECORD), record.as_bytes())?;
            return Ok(removed);
        }
        for name in &back.kept {
            let path = below(&home, name);
            self.disk.remove_view(guard, &path)?;
            // Roles and templates lie in folders of their own.
            let mut dir = path.parent();
            while let Some(empty) = dir.filter(|d| *d != home && d.starts_with(&home)) {
                self.disk.remove_empty(guard, empty)?;
                dir = empty.parent();
            }
        }
        self.disk.remove_view(guard, &home.join(RECORD))?;
        self.disk.remove_empty(guard, &home)?;
        Ok(removed)
    }
}

fn read(text: &[u8]) -> Option<TakeBack> {
    let value: Value = serde_json::from_slice(text).ok()?;
    let words = |value: &Value| -> Option<Vec<String>> {
        value.as_array()?.iter().map(|w| Some(w.as_str()?.to_owned())).collect()
    };
    let pairs = |value: &Value| -> Option<Vec<(String, String)>> {
        let pair = |pair: &Value| {
            let path = pair[0].as_str().filter(|path| stays_inside(path))?;
            Some((path.to_owned(), pair[1].as_str()?.to_owned()))
        };
        value.as_array()?.iter().map(pair).collect()
    };
    let trace = |value: &Value| {
        Some(Trace {
            directory: SafeName::parse(value["directory"].as_str()?).ok()?,
            revision: value["revision"].as_str()?.to_owned(),
            files: pairs(&value["files"])?,
        })
    };
    Some(TakeBack {
        import: SafeName::parse(value["import"].as_str()?).ok()?.to_string(),
        traces: value["sessions"].as_array()?.iter().map(trace).collect::<Option<_>>()?,
        copies: pairs(&value["copies"])?,
        kept: words(&value["kept"])?.into_iter().filter(|name| stays_inside(name)).collect(),
        record: value["record"].as_str().map(str::to_owned),
    })
}

/// A journal is a file, and a file can say anything.
fn stays_inside(path: &str) -> bool {
    path.split('/').all(|part| !matches!(part, "" | "." | "..") && !part.contains(['\\', ':', '\0']))
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn a_journal_leads_nowhere_else() {
        let journal = |path: &str| {
            format!(
                r#"{{"schema":1,"import":"i","sessions":[{{"directory":"a","revision":"0","files":[]}}],"copies":[["{path}","0"]],"kept":[],"record":null}}"#
            )
        };
        assert!(read(journal("roles/a.yaml").as_bytes()).is_some());
        for path in ["../a", "a/../../b", "/etc/passwd", "c:a", "a//b"] {
            assert!(read(journal(path).as_bytes()).is_none(), "{path}");
        }
        assert!(read(journal("a").replace("\"a\",\"rev", "\"../a\",\"rev").as_bytes()).is_none());
        assert!(read(b"{}").is_none() && read(b"[").is_none());
    }
}
