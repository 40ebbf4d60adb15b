use std::collections::BTreeSet;

use crate::disk::{FileText, Kind, Log, SafeName};
use crate::text::ContentHash;

use super::super::{Error, Workspace};
use super::gather::Gathered;
use super::store::{Backup, BackupRequest};

/// Where the local histories lie, below `.task_orchestrator`.
const LOGS: (&str, &str) = (".state/log/", ".log");
const EVENTS: (&str, &str) = (".state/events/", ".jsonl");
const TEXTS: &str = ".state/base/";

impl Workspace {
    /// The same as [`Workspace::backup`], and in it these histories (paths below the root) with every text they
    /// name: what is needed to undo again once they are back.
    pub fn backup_with(&self, request: &BackupRequest<'_>, histories: &[String]) -> Result<Backup, Error> {
        let guard = self.lock()?;
        let mut gathered = self.gather(Some(&guard), &request.scope)?;
        self.gather_histories(histories, &mut gathered)?;
        drop(guard);
        let manifest = self.manifest_of(request, request.scope.word(), &gathered);
        self.store(None, manifest, &gathered.files)
    }

    fn gather_histories(&self, paths: &[String], found: &mut Gathered) -> Result<(), Error> {
        let home = self.below_root(self.disk.layout().home());
        let mut texts: BTreeSet<ContentHash> = BTreeSet::new();
        for path in paths {
            let Some(path) = path.strip_prefix(&home).map(|p| p.trim_start_matches('/')) else { continue };
            if session_of_history(path).is_none() {
                continue;
            }
            if let Some(file) = self.history_file(path, found)? {
                if path.ends_with(LOGS.1) {
                    let log = Log::parse(&file.bytes);
                    texts.extend(log.entries().iter().map(|entry| entry.hash));
                }
                found.files.push((path.to_owned(), file));
            }
        }
        for hash in texts {
            let hex = hash.hex();
            let path = format!("{TEXTS}{}/{hex}", &hex[..2]);
            if let Some(file) = self.history_file(&path, found)? {
                found.files.push((path, file));
            }
        }
        found.files.sort_by(|a, b| a.0.cmp(&b.0));
        Ok(())
    }

    fn history_file(&self, path: &str, found: &mut Gathered) -> Result<Option<FileText>, Error> {
        match self.disk.read_plain(&self.in_home(path)) {
            Ok(file) => Ok(Some(file)),
            Err(error) if error.kind == Kind::NotFound => Ok(None),
            Err(error) if matches!(error.kind, Kind::NotRegular | Kind::Outside | Kind::Denied) => {
                found.skipped.push((path.to_owned(), error.to_string()));
                Ok(None)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Why a file of a history may not be brought back: a log says what its plan's head is, so none is put beside
    /// a plan that goes on, and none takes the place of another.
    pub(super) fn history_stays(&self, path: &str, is_there: bool) -> Result<Option<String>, Error> {
        let session = session_of_history(path);
        let goes_on = session.map(|name| self.disk.is_there(&self.disk.layout().session_dir(&name)));
        if goes_on.transpose()?.unwrap_or(false) {
            return Ok(Some("a session of that name is there and has its own history".to_owned()));
        }
        Ok((is_there && is_of_a_history(path)).then(|| "it is there".to_owned()))
    }
}

/// The session whose history a path is.
pub(super) fn session_of_history(path: &str) -> Option<SafeName> {
    let name = |(dir, suffix): (&str, &str)| path.strip_prefix(dir)?.strip_suffix(suffix);
    SafeName::parse(name(LOGS).or_else(|| name(EVENTS))?).ok()
}

/// Whether a path is one of a history: a log, its events, or a text under its hash.
pub(super) fn is_of_a_history(path: &str) -> bool {
    let is_text = || {
        let (dir, name) = path.strip_prefix(TEXTS)?.split_once('/')?;
        let hash: ContentHash = name.parse().ok()?;
        Some(hash.hex() == name && name.starts_with(dir) && dir.len() == 2)
    };
    session_of_history(path).is_some() || is_text().unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_histories_and_texts_under_their_hash_are_taken() {
        let hex = ContentHash::of(b"x").hex();
        let text = format!("{TEXTS}{}/{hex}", &hex[..2]);
        for (path, is_one) in [
            (".state/log/gone.log", true),
            (".state/events/gone.jsonl", true),
            (text.as_str(), true),
            (&text.to_uppercase().replace(".STATE/BASE", ".state/base"), false),
            (".state/log/../lock.log", false),
            (".state/log/a/b.log", false),
            (".state/log/gone.txt", false),
            (".state/base/zz/abc", false),
            (".state/index.sqlite", false),
            (".state/lock", false),
        ] {
            assert_eq!(is_of_a_history(path), is_one, "{path}");
        }
    }
}
