use serde_json::{Value, json};
use std::path::PathBuf;

use crate::disk::{Expected, FileText, Guard, Kind, Replaced, SESSION_FILE};
use crate::render::Stamp;
use crate::text::ContentHash;

use super::super::mediator::Mediator;
use super::super::{Error, Strategy, Workspace};
use super::gather::{may_be_restored, plan_of};
use super::plan::Step;

/// One file of a restore that is under way.
pub(super) struct Line {
    pub(super) path: String,
    pub(super) old: Option<ContentHash>,
    pub(super) new: Option<ContentHash>,
    pub(super) mode: u32,
}

impl Workspace {
    /// Lies where half done writes lie, so that everybody sees that something waits.
    fn restore_journal(&self) -> PathBuf {
        self.disk.layout().tmp().join("restore.json")
    }

    /// Writes down what is about to be written. Every content is a snapshot by then.
    pub(super) fn begin_restore(&self, guard: &Guard, backup: &str, steps: &[&Step]) -> Result<(), Error> {
        let mut lines = Vec::new();
        for step in steps {
            for bytes in step.bytes.iter().chain(step.was.as_ref().map(|file| &file.bytes)) {
                self.disk.blob_put(guard, bytes)?;
            }
            let hex = |hash: Option<ContentHash>| hash.map(|h| h.hex());
            lines.push(json!({
                "path": step.planned.path,
                "old": hex(step.old_hash()),
                "new": hex(step.new_hash()),
                "mode": step.mode,
            }));
        }
        let text = json!({"schema": 1, "backup": backup, "files": lines}).to_string();
        Ok(self.disk.write_view(guard, &self.restore_journal(), text.as_bytes())?)
    }

    pub(super) fn end_restore(&self, guard: &Guard) -> Result<(), Error> {
        Ok(self.disk.remove_view(guard, &self.restore_journal())?)
    }

    /// Finishes a restore whose process did not. What somebody changed in the meantime stays theirs; what cannot be
    /// written now is tried again by the next writer.
    pub(in super::super) fn finish_restore(&self, guard: &Guard) -> Result<(), Error> {
        let text = match self.disk.read_plain(&self.restore_journal()) {
            Ok(file) => file.bytes,
            Err(error) if error.kind == Kind::NotFound => return Ok(()),
            Err(error) => return Err(error.into()),
        };
        let mediator = Mediator::new(&self.disk, self.env(), Strategy::Merge);
        self.disk.recover(guard, None, &mediator)?;
        let (backup, lines) = read(&text).unwrap_or_default();
        for line in lines {
            let now = match plan_of(&line.path) {
                Some(name) => self.disk.read(&name),
                None => self.disk.read_plain(&self.in_home(&line.path)),
            };
            let now = match now {
                Ok(file) => Some(file.hash),
                Err(error) if error.kind == Kind::NotFound => None,
                Err(error) => return Err(error.into()),
            };
            if now != line.old || now == line.new {
                continue;
            }
            let bytes = line.new.map(|hash| self.disk.blob_get(&hash)).transpose()?;
            self.put(guard, &line, bytes.as_deref(), &backup, &mediator)?;
        }
        self.end_restore(guard)
    }

    /// Brings one file from its old to its new content. False where it was not the old one any more.
    pub(super) fn put(
        &self,
        guard: &Guard,
        line: &Line,
        bytes: Option<&[u8]>,
        backup: &str,
        mediator: &Mediator<'_>,
    ) -> Result<bool, Error> {
        let Some(name) = plan_of(&line.path) else {
            let at = self.in_home(&line.path);
            let now = match self.disk.read_still(&at) {
                Ok(file) => Some(file.hash),
                Err(error) if error.kind == Kind::NotFound => None,
                Err(error) => return Err(error.into()),
            };
            if now != line.old {
                return Ok(false);
            }
            if let Some(bytes) = bytes {
                self.disk.write_view(guard, &at, bytes)?;
                self.disk.give_mode(guard, &at, line.mode)?;
            } else {
                self.disk.remove_view(guard, &at)?;
                if let Some(dir) = at.parent() {
                    self.disk.remove_empty(guard, dir)?;
                }
            }
            return Ok(true);
        };
        let Some(bytes) = bytes else {
            // Whatever else a person has put there keeps the session.
            let is_view = |file: &FileText| {
                Stamp::read(&String::from_utf8_lossy(&file.bytes)).is_some_and(|stamp| !stamp.is_edited)
            };
            let files = self.disk.session_files(&name)?;
            let plan = files.iter().find(|(path, _)| path == SESSION_FILE);
            let is_alone = files.iter().all(|(path, file)| path == SESSION_FILE || is_view(file));
            if plan.map(|(_, file)| file.hash) != line.old || !is_alone {
                return Ok(false);
            }
            self.disk.remove_session(guard, &name)?;
            if self.disk.active()?.as_ref() == Some(&name) {
                self.disk.set_active(guard, None)?;
            }
            return Ok(true);
        };
        let expected = line.old.map_or(Expected::Absent, Expected::Hash);
        let mut cause = mediator.our_cause("backup-restore");
        cause.more.insert("backup".to_owned(), backup.to_owned());
        match self.disk.replace_merging(guard, &name, bytes, expected, &cause, mediator)? {
            Replaced::Done(_) | Replaced::Displaced(_) => Ok(true),
            Replaced::Changed(_) => Ok(false),
            Replaced::Indeterminate(_) => {
                Err(Error::Indeterminate { path: super::super::session_path(name.as_str()) })
            }
        }
    }
}

fn read(text: &[u8]) -> Option<(String, Vec<Line>)> {
    let value: Value = serde_json::from_slice(text).ok()?;
    let hash = |value: &Value| match value {
        Value::Null => Some(None),
        Value::String(hex) => hex.parse().ok().map(Some),
        _ => None,
    };
    let line = |value: &Value| {
        let path = value["path"].as_str().filter(|path| may_be_restored(path))?.to_owned();
        let mode = u32::try_from(value["mode"].as_u64()?).ok()?;
        Some(Line { path, old: hash(&value["old"])?, new: hash(&value["new"])?, mode })
    };
    let lines = value["files"].as_array()?.iter().map(line).collect::<Option<Vec<_>>>()?;
    Some((value["backup"].as_str()?.to_owned(), lines))
}
