use std::path::{Path, PathBuf};

use crate::archive::is_portable;
use crate::disk::{FileKind, FileText, Guard, Kind, SESSION_FILE, SafeName};
use crate::render::Stamp;

use super::super::{Error, Workspace};
use super::histories::is_of_a_history;

/// What a backup is of.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum BackupScope {
    /// One session's directory.
    Session(SafeName),
    /// Every session's directory.
    Sessions,
    /// Roles, modes and which session uses which.
    Modes,
    /// All of it: sessions, roles, modes, templates, settings, archives.
    Everything,
}

impl BackupScope {
    /// The word in a manifest.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Session(_) => "session",
            Self::Sessions => "sessions",
            Self::Modes => "modes",
            Self::Everything => "everything",
        }
    }

    /// What its file's name ends in.
    pub(super) fn label(&self) -> String {
        match self {
            Self::Session(name) => name.to_string(),
            other => other.word().to_owned(),
        }
    }
}

/// Files as they were at one moment.
#[derive(Default)]
pub(super) struct Gathered {
    /// Path below `.task_orchestrator` with `/`, and the file; sorted by path.
    pub(super) files: Vec<(String, FileText)>,
    /// What could not be read, and why.
    pub(super) skipped: Vec<(String, String)>,
}

/// The directories that hold modes.
const MODES: [&str; 3] = ["roles", "custom_modes", "modes"];
/// What else there is beside sessions and modes.
const REST: [&str; 2] = ["templates", "archives"];
const FILES: [&str; 2] = [".gitignore", "config.yaml"];
const BINDING: &str = "mode_binding.yaml";

impl Workspace {
    /// Reads everything in `scope`. The lock keeps this program's writers out; of others each file is
    /// one whole version of it.
    pub(super) fn gather(&self, guard: Option<&Guard>, scope: &BackupScope) -> Result<Gathered, Error> {
        let mut found = Gathered::default();
        match scope {
            BackupScope::Session(name) => {
                if !self.disk.is_there(&self.disk.layout().session_dir(name))? {
                    return Err(Error::NoSession(name.to_string()));
                }
                // Of one session the plan is what is asked for; of many, one must not keep the others out.
                match self.read_plan(guard, name) {
                    Err(error) if error.kind != Kind::NotFound => return Err(error.into()),
                    _ => self.gather_session(guard, name, &mut found)?,
                }
            }
            BackupScope::Sessions => self.gather_sessions(guard, &mut found)?,
            BackupScope::Modes => {
                for dir in MODES {
                    self.gather_below(dir, &mut found)?;
                }
                for name in self.session_directories()? {
                    self.gather_file(&format!("sessions/{name}/{BINDING}"), &mut found);
                }
            }
            BackupScope::Everything => {
                self.gather_sessions(guard, &mut found)?;
                for dir in MODES.iter().chain(&REST) {
                    self.gather_below(dir, &mut found)?;
                }
                for file in FILES {
                    self.gather_file(file, &mut found);
                }
            }
        }
        found.files.sort_by(|a, b| a.0.cmp(&b.0));
        Ok(found)
    }

    /// Every directory below `sessions` with a name that can be used, plan or not.
    fn session_directories(&self) -> Result<Vec<SafeName>, Error> {
        Ok(self.disk.sessions()?.iter().filter_map(|entry| SafeName::parse(&entry.name).ok()).collect())
    }

    fn gather_sessions(&self, guard: Option<&Guard>, found: &mut Gathered) -> Result<(), Error> {
        for entry in self.disk.sessions()? {
            match SafeName::parse(&entry.name) {
                Ok(name) => self.gather_session(guard, &name, found)?,
                Err(_) => found.skipped.push((
                    format!("sessions/{}", entry.name),
                    "its name is not safe on every platform".to_owned(),
                )),
            }
        }
        Ok(())
    }

    fn gather_session(
        &self,
        guard: Option<&Guard>,
        name: &SafeName,
        found: &mut Gathered,
    ) -> Result<(), Error> {
        let plan = format!("sessions/{name}/{SESSION_FILE}");
        match self.read_plan(guard, name) {
            Ok(file) => found.files.push((plan.clone(), file)),
            Err(error) if error.kind == Kind::NotFound => {}
            Err(error) => found.skipped.push((plan.clone(), error.to_string())),
        }
        let dir = self.disk.layout().session_dir(name);
        // A directory that is a link is only looked into where it stays inside.
        let is_link = self.disk.stat(&dir).is_ok_and(|stat| stat.kind == FileKind::Link);
        if is_link && self.disk.session_path(name).is_err() {
            return Ok(());
        }
        match self.disk.files_below(&dir) {
            Ok(files) => {
                for path in files {
                    let below = path.strip_prefix(&dir).unwrap_or(&path);
                    if below != Path::new(SESSION_FILE) {
                        self.take(&path, below, &format!("sessions/{name}/"), found);
                    }
                }
            }
            Err(error) => found.skipped.push((format!("sessions/{name}"), error.to_string())),
        }
        Ok(())
    }

    /// A plan when nobody is in the middle of saving it. One that is the recorded state is whole for sure.
    fn read_plan(&self, guard: Option<&Guard>, name: &SafeName) -> Result<FileText, crate::disk::Error> {
        let file = self.disk.read_still(&self.disk.session_path(name)?)?;
        let log = self.disk.log(name)?;
        let head = log.head();
        if head == Some(file.hash) {
            return Ok(file);
        }
        let text = head.map(|hash| self.disk.blob_find(&hash)).transpose()?.flatten();
        let file = self.disk.read_settled(name, text.as_deref())?.file;
        // An edit that nobody has taken in yet exists only in the file.
        if let Some(guard) = guard {
            self.disk.blob_put(guard, &file.bytes)?;
        }
        Ok(file)
    }

    fn gather_below(&self, dir: &str, found: &mut Gathered) -> Result<(), Error> {
        let home = self.disk.layout().home();
        let at = home.join(dir);
        for path in self.disk.files_below(&at)? {
            let below = path.strip_prefix(home).unwrap_or(&path).to_owned();
            self.take(&path, &below, "", found);
        }
        Ok(())
    }

    /// Takes a file where there is one; one that cannot be looked at is left out and does not keep the others out.
    fn gather_file(&self, path: &str, found: &mut Gathered) {
        let at = self.in_home(path);
        match self.disk.is_there(&at) {
            Ok(true) => self.take(&at, Path::new(path), "", found),
            Ok(false) => {}
            Err(error) => found.skipped.push((path.to_owned(), error.to_string())),
        }
    }

    /// Reads one file, unless it can be made again or could not be brought back.
    fn take(&self, path: &Path, below: &Path, prefix: &str, found: &mut Gathered) {
        let parts: Option<Vec<&str>> = below.components().map(|part| part.as_os_str().to_str()).collect();
        let shown = || format!("{prefix}{}", below.to_string_lossy());
        let Some(parts) = parts else {
            found.skipped.push((shown(), "its name is not UTF-8".to_owned()));
            return;
        };
        let name = format!("{prefix}{}", parts.join("/"));
        let file_name = parts.last().copied().unwrap_or_default();
        if file_name.starts_with(".plandown-tmp-") {
            return;
        }
        if !is_portable(&name) || file_name == SESSION_FILE {
            found.skipped.push((name, "a file of that name could not be brought back".to_owned()));
            return;
        }
        match self.disk.read_still(path) {
            Ok(file) => {
                let is_view = prefix.starts_with("sessions/")
                    && name.ends_with(".md")
                    && Stamp::read(&String::from_utf8_lossy(&file.bytes)).is_some_and(|s| !s.is_edited);
                if !is_view {
                    found.files.push((name, file));
                }
            }
            Err(error) if error.kind == Kind::NotFound => {}
            Err(error) => found.skipped.push((name, error.to_string())),
        }
    }

    /// A path below `.task_orchestrator` written with `/`.
    pub(super) fn in_home(&self, path: &str) -> PathBuf {
        path.split('/').fold(self.disk.layout().home().to_owned(), |dir, part| dir.join(part))
    }
}

/// Whether a restore may write to this path: the places of a backup, and nothing else.
pub(super) fn may_be_restored(path: &str) -> bool {
    let Some((top, rest)) = path.split_once('/') else { return FILES.contains(&path) };
    let is_nested_plan = |rest: &str| rest.split('/').next_back() == Some(SESSION_FILE);
    match top {
        ".state" => is_of_a_history(path),
        "sessions" => rest.split_once('/').is_some_and(|(name, rest)| {
            SafeName::parse(name).is_ok() && (rest == SESSION_FILE || !is_nested_plan(rest))
        }),
        top => (MODES.contains(&top) || REST.contains(&top)) && !is_nested_plan(rest),
    }
}

/// The session whose plan a path is.
pub(super) fn plan_of(path: &str) -> Option<SafeName> {
    let (name, rest) = path.strip_prefix("sessions/")?.split_once('/')?;
    SafeName::parse(name).ok().filter(|_| rest == SESSION_FILE)
}

/// The session whose directory a path is in.
pub(super) fn session_of(path: &str) -> Option<&str> {
    path.strip_prefix("sessions/")?.split('/').next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_restore_writes_to_the_places_of_a_backup_only() {
        for (path, allowed) in [
            ("sessions/a/session.md", true),
            ("sessions/a/notes/deep/x.md", true),
            ("sessions/a/notes/session.md", false),
            ("sessions/session.md", false),
            ("sessions/.x/session.md", false),
            ("sessions/../a/session.md", false),
            ("roles/a.yaml", true),
            ("roles/session.md", false),
            ("archives/a.tar.zst", true),
            ("config.yaml", true),
            (".gitignore", true),
            ("other.yaml", false),
            (".state/index.sqlite", false),
            (".state/log/a.log", true),
            ("backups/x.tar.zst", false),
            ("exports/x.json", false),
        ] {
            assert_eq!(may_be_restored(path), allowed, "{path}");
        }
        assert_eq!(plan_of("sessions/a/session.md").map(|n| n.to_string()), Some("a".to_owned()));
        assert_eq!(plan_of("sessions/a/x.md"), None);
        assert_eq!(session_of("sessions/a/x.md"), Some("a"));
    }
}
