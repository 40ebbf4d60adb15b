use super::{Disk, Error, FileKind, Kind, SESSION_FILE, SafeName, Stat};
use std::collections::HashSet;
use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};

/// A directory under `sessions/`.
#[derive(Clone, Debug)]
pub struct SessionEntry {
    /// The directory's name as it can be shown.
    pub name: String,
    /// Where the session's bytes are: links inside the workspace are followed.
    pub path: PathBuf,
    /// The name to read and write it by and the stamps of its file, or why it cannot be read.
    pub state: Result<(SafeName, Stat), Problem>,
}

/// Why a session's directory has no readable `session.md`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Problem {
    /// There is no `session.md` in it.
    Missing,
    /// `session.md` is a directory, a pipe or a device.
    NotRegular,
    /// The file system refuses to look.
    Unreadable,
    /// It is a link that leaves the workspace or leads nowhere.
    Outside,
    /// The directory's name is not safe on every platform.
    Name,
}

impl SessionEntry {
    /// The name to read it by. One that could not be looked at is read, too: that succeeds, or says why not.
    #[must_use]
    pub fn to_read(&self) -> Option<SafeName> {
        match &self.state {
            Ok((name, _)) => Some(name.clone()),
            Err(Problem::Unreadable) => SafeName::parse(&self.name).ok(),
            Err(_) => None,
        }
    }
}

/// The names in a directory, by which most of what is not there can be told without asking for each.
#[derive(Clone, Debug, Default)]
pub struct Names(HashSet<OsString>);

impl Names {
    /// Whether a file in that directory has to be asked for. Some file systems find a name by other letters than it
    /// was listed with.
    #[must_use]
    pub fn may_have(&self, path: &Path) -> bool {
        path.file_name().is_none_or(|name| !name.is_ascii() || self.0.contains(&name.to_ascii_lowercase()))
    }
}

impl Disk {
    /// Every directory under `sessions/`, sorted by name, with the stamps of its file: one directory read and
    /// one stat per session, nothing is opened. Plain files and names with a leading dot are left out.
    pub fn sessions(&self) -> Result<Vec<SessionEntry>, Error> {
        let dir = self.layout.sessions();
        let entries = match self.fs.read_dir(&dir) {
            Ok(entries) => entries,
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(e) => return Err(Error::reading("list", &dir, e)),
        };
        let mut sessions: Vec<SessionEntry> = entries
            .into_iter()
            .filter(|entry| matches!(entry.kind, FileKind::Dir | FileKind::Link))
            .filter(|entry| !entry.name.as_encoded_bytes().starts_with(b"."))
            .map(|entry| {
                let name = entry.name.to_string_lossy().into_owned();
                let safe = entry.name.to_str().and_then(|name| SafeName::parse(name).ok());
                let Some(safe) = safe else {
                    let path = dir.join(&entry.name).join(SESSION_FILE);
                    return SessionEntry { name, path, state: Err(Problem::Name) };
                };
                let mut path = self.layout.session_file(&safe);
                let state = self.look(&safe, entry.kind, &mut path).map(|stat| (safe, stat));
                SessionEntry { name, path, state }
            })
            .collect();
        sessions.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(sessions)
    }

    fn look(&self, name: &SafeName, kind: FileKind, path: &mut PathBuf) -> Result<Stat, Problem> {
        let mut found = self.fs.stat(path).map_err(|e| problem(&e));
        let linked = |stat: &Stat| stat.kind == FileKind::Link;
        if kind == FileKind::Link || found.as_ref().is_ok_and(linked) {
            *path = self.session_path(name).map_err(|error| match error.kind {
                Kind::Outside => Problem::Outside,
                _ => Problem::Unreadable,
            })?;
            found = self.fs.stat(path).map_err(|e| problem(&e));
        }
        found.and_then(|stat| if stat.kind == FileKind::File { Ok(stat) } else { Err(Problem::NotRegular) })
    }

    /// The regular files of a directory of the user's (`notes/`, `roles/`, …) whose name ends in `suffix`, sorted,
    /// with their stamps. A missing directory is empty; links, directories and dot files are left out.
    pub fn files_in(&self, dir: &Path, suffix: &str) -> Result<Vec<(PathBuf, Stat)>, Error> {
        let entries = match self.fs.read_dir(dir) {
            Ok(entries) => entries,
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(e) => return Err(Error::reading("list", dir, e)),
        };
        let mut files = Vec::new();
        for entry in entries {
            let name = entry.name.to_string_lossy();
            if entry.kind != FileKind::File || name.starts_with('.') || !name.ends_with(suffix) {
                continue;
            }
            let path = dir.join(&entry.name);
            if let Ok(stat) = self.fs.stat(&path) {
                files.push((path, stat)); // one that went away meanwhile is simply not there
            }
        }
        files.sort_by(|a, b| a.0.cmp(&b.0));
        Ok(files)
    }

    /// What stands in a directory; nothing where there is none.
    pub fn listed(&self, dir: &Path) -> Result<Names, Error> {
        match self.fs.read_dir(dir) {
            Ok(entries) => Ok(Names(entries.iter().map(|entry| entry.name.to_ascii_lowercase()).collect())),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(Names::default()),
            Err(e) => Err(Error::reading("list", dir, e)),
        }
    }

    /// The user's notes of a session, sorted.
    pub fn notes(&self, session: &SafeName) -> Result<Vec<(PathBuf, Stat)>, Error> {
        self.files_in(&self.layout.notes(session), ".md")
    }
}

fn problem(error: &io::Error) -> Problem {
    match error.kind() {
        io::ErrorKind::NotFound => Problem::Missing,
        io::ErrorKind::NotADirectory => Problem::NotRegular,
        _ => Problem::Unreadable,
    }
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::symlink;

    #[test]
    fn the_walk_names_what_is_wrong_with_each_directory() {
        let tmp = tempfile::tempdir().unwrap();
        let outside = tempfile::tempdir().unwrap();
        let root = tmp.path();
        let sessions = root.join(".task_orchestrator/sessions");
        for name in ["good", "missing", "dir/session.md", "dangling", "escaping", "linked", "nul"] {
            fs::create_dir_all(sessions.join(name)).unwrap();
        }
        fs::write(sessions.join("good/session.md"), "text").unwrap();
        fs::write(sessions.join("nul/session.md"), "text").unwrap();
        fs::write(root.join("PLAN.md"), "plan").unwrap();
        fs::write(outside.path().join("session.md"), "secret").unwrap();
        symlink("nowhere", sessions.join("dangling/session.md")).unwrap();
        symlink(outside.path().join("session.md"), sessions.join("escaping/session.md")).unwrap();
        symlink(outside.path(), sessions.join("escaping-dir")).unwrap();
        symlink("../../../PLAN.md", sessions.join("linked/session.md")).unwrap();
        symlink("good", sessions.join("linked-dir")).unwrap();
        fs::create_dir(sessions.join("pipe")).unwrap();
        rustix::fs::mknodat(
            rustix::fs::CWD,
            sessions.join("pipe/session.md"),
            rustix::fs::FileType::Fifo,
            rustix::fs::Mode::RUSR,
            0,
        )
        .unwrap();
        fs::write(sessions.join("README.md"), "not a session").unwrap();
        fs::create_dir(sessions.join(".hidden")).unwrap();

        let disk = Disk::open(root).unwrap();
        let found: Vec<(String, Result<u64, Problem>)> = disk
            .sessions()
            .unwrap()
            .into_iter()
            .map(|entry| (entry.name, entry.state.map(|(_, stat)| stat.size)))
            .collect();
        let expected = [
            ("dangling", Err(Problem::Outside)),
            ("dir", Err(Problem::NotRegular)),
            ("escaping", Err(Problem::Outside)),
            ("escaping-dir", Err(Problem::Outside)),
            ("good", Ok(4)),
            ("linked", Ok(4)),
            ("linked-dir", Ok(4)),
            ("missing", Err(Problem::Missing)),
            ("nul", Err(Problem::Name)),
            ("pipe", Err(Problem::NotRegular)),
        ];
        assert_eq!(found, expected.map(|(name, state)| (name.to_owned(), state)));
    }

    #[test]
    fn reading_follows_inside_and_refuses_outside_pipes_and_the_state() {
        let tmp = tempfile::tempdir().unwrap();
        let root = tmp.path();
        let sessions = root.join(".task_orchestrator/sessions");
        fs::create_dir_all(root.join(".task_orchestrator/.state")).unwrap();
        fs::write(root.join(".task_orchestrator/.state/index.sqlite"), "db").unwrap();
        fs::write(root.join("PLAN.md"), "plan").unwrap();
        let link = |name: &str, target: &str| {
            fs::create_dir_all(sessions.join(name)).unwrap();
            symlink(target, sessions.join(name).join("session.md")).unwrap();
            SafeName::parse(name).unwrap()
        };
        let disk = Disk::open(root).unwrap();
        let read = |name: &SafeName| disk.read(name).map(|file| file.bytes).map_err(|e| e.kind);
        assert_eq!(read(&link("in", "../../../PLAN.md")), Ok(b"plan".to_vec()));
        assert_eq!(read(&link("out", "/etc/hostname")), Err(Kind::Outside));
        assert_eq!(read(&link("state", "../../.state/index.sqlite")), Err(Kind::Outside));
        assert_eq!(read(&SafeName::parse("none").unwrap()), Err(Kind::NotFound));
        assert_eq!(disk.read_plain(&sessions).map_err(|e| e.kind).err(), Some(Kind::NotRegular));
        let direct = disk.read_plain(&sessions.join("in/session.md")).map_err(|e| e.kind);
        assert_eq!(direct.err(), Some(Kind::NotRegular), "a plain read follows nothing");
    }

    #[test]
    fn notes_are_the_regular_markdown_files() {
        let tmp = tempfile::tempdir().unwrap();
        let notes = tmp.path().join(".task_orchestrator/sessions/a/notes");
        fs::create_dir_all(notes.join("deep.md")).unwrap();
        for name in ["b.md", "a.md", ".c.md", "d.txt"] {
            fs::write(notes.join(name), name).unwrap();
        }
        symlink("/etc/hostname", notes.join("e.md")).unwrap();
        let disk = Disk::open(tmp.path()).unwrap();
        let found = disk.notes(&SafeName::parse("a").unwrap()).unwrap();
        let names: Vec<_> =
            found.iter().map(|(path, _)| path.file_name().unwrap().to_str().unwrap()).collect();
        assert_eq!(names, ["a.md", "b.md"]);
        let there = disk.listed(&notes).unwrap();
        let asked = ["a.md", "A.MD", "f.md", "ü.md"].map(|name| there.may_have(&notes.join(name)));
        assert_eq!(asked, [true, true, false, true]);
        assert!(!disk.listed(&notes.join("none")).unwrap().may_have(&notes.join("none/a.md")));
    }
}
