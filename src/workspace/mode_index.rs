use std::path::PathBuf;

use crate::config::ModeBinding;
use crate::diagnostic::Severity;
use crate::disk::{SafeName, Stat};
use crate::index::{self, FileRecord, Index, is_clean};
use crate::text::{ContentHash, LineIndex};

use super::index::{PARSER_VERSION, file_stat};
use super::{Error, ModeFile, ModePlace, ReadMode, Workspace};

/// A file that says something about modes, as it lies there.
struct Lying {
    /// The session it binds; `None` for a mode.
    session: Option<String>,
    mode: Option<ModeFile>,
    at: PathBuf,
    path: String,
    stat: Stat,
}

impl Workspace {
    /// Brings what the index says about modes and bindings up to date with their files; `sessions` are those of the
    /// index: what binds one that cannot be read waits until it can.
    pub(super) fn refresh_modes(&self, index: &mut Index, sessions: &[String]) -> Result<(), Error> {
        let lying = self.mode_stamps(sessions)?;
        let seen = index.modes_seen()?;
        let is_known = |f: &Lying| {
            seen.get(&f.path)
                .is_some_and(|s| s.parser_version == PARSER_VERSION && is_clean(s, &file_stat(&f.stat)))
        };
        if lying.len() == seen.len() && lying.iter().all(is_known) {
            return Ok(());
        }
        // The clock before the stamps, as for sessions: what changes after them has later ones.
        let now = self.disk.clock_ns().unwrap_or(0);
        let lying = self.mode_stamps(sessions)?;
        let (mut modes, mut bindings, mut records) = (Vec::new(), Vec::new(), Vec::new());
        for file in lying {
            let hash = match (&file.mode, &file.session) {
                (Some(mode), _) => {
                    let read = self.read_mode(mode);
                    let hash = read.hash;
                    modes.push(self.mode_row(&read));
                    hash
                }
                (None, Some(session)) => {
                    let own = self.own_text(&file.at).unwrap_or_default();
                    let usable = own.refused.is_none();
                    let bound = usable.then(|| ModeBinding::parse(&own.text).0).flatten();
                    bindings.extend(bound.map(|b| (session.clone(), b)));
                    own.hash
                }
                (None, None) => continue,
            };
            let record = FileRecord {
                path: file.path,
                stat: file_stat(&file.stat),
                hash: hash.unwrap_or_else(|| ContentHash::of(b"")),
                parser_version: PARSER_VERSION,
                hashed_at_ns: now,
            };
            records.push((file.session, record));
        }
        let mut batch = index.begin()?;
        batch.modes(&modes)?;
        batch.forget_modes_seen()?;
        for name in sessions {
            let bound = bindings.iter().find(|(session, _)| session == name).map(|(_, b)| b);
            let at = bound.map(|b| b.bound_at.as_str()).filter(|at| !at.is_empty());
            batch.bind(name, bound.map(|b| b.mode_file.as_str()), at)?;
        }
        for (session, record) in &records {
            let kind = if session.is_some() { "binding" } else { "mode" };
            batch.touch(session.as_deref(), kind, record)?;
        }
        batch.commit()?;
        Ok(())
    }

    fn mode_stamps(&self, sessions: &[String]) -> Result<Vec<Lying>, Error> {
        let mut found = Vec::new();
        for mode in self.mode_files()?.into_iter().filter(|f| f.place != ModePlace::BuiltIn) {
            // One that went away meanwhile is simply not there.
            if let Ok(stat) = self.disk.stat(&mode.path) {
                let (at, path) = (mode.path.clone(), self.below_root(&mode.path));
                found.push(Lying { session: None, mode: Some(mode), at, path, stat });
            }
        }
        for name in sessions {
            let Ok(session) = SafeName::parse(name) else { continue };
            let at = self.disk.layout().mode_binding(&session);
            if let Ok(stat) = self.disk.stat(&at) {
                let path = self.below_root(&at);
                found.push(Lying { session: Some(name.clone()), mode: None, at, path, stat });
            }
        }
        Ok(found)
    }

    fn mode_row(&self, read: &ReadMode) -> index::Mode {
        let lines = LineIndex::new(&read.text);
        let errors = read.findings.iter().filter(|d| d.severity() >= Severity::Error).map(|d| {
            let at = lines.line_col(d.span.start);
            serde_json::json!({
                "code": d.code.info().code, "line": at.line, "column": at.column, "message": d.message,
            })
        });
        let errors: Vec<serde_json::Value> = errors.collect();
        let roles: Vec<&str> = read.mode.specialists().collect();
        index::Mode {
            id: read.file.name.clone(),
            name: read.mode.title(&read.file.name),
            path: self.below_root(&read.file.path),
            hash: read.hash.map(|h| format!("blake3:{}", h.hex())),
            description: read.mode.metadata.description.clone(),
            roles: Some(serde_json::json!(roles).to_string()),
            complexity: read.mode.configuration.default_complexity.clone(),
            routing: read.mode.configuration.auto_task_routing,
            valid: errors.is_empty(),
            errors: (!errors.is_empty()).then(|| serde_json::Value::Array(errors).to_string()),
        }
    }
}
