use super::SafeName;
use crate::text::ContentHash;
use std::path::{Path, PathBuf};

/// The directory that holds everything of a workspace.
pub const HOME: &str = ".task_orchestrator";
/// The source of truth of a session.
pub const SESSION_FILE: &str = "session.md";

/// Where things are below a workspace's root. Paths are built here and nowhere else; whatever comes from
/// outside enters as a [`SafeName`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    root: PathBuf,
    home: PathBuf,
    state: PathBuf,
}

impl Layout {
    /// The layout of the workspace at `root` (the directory that contains `.task_orchestrator`).
    #[must_use]
    pub fn new(root: &Path) -> Self {
        let home = root.join(HOME);
        Self { root: root.to_owned(), state: home.join(".state"), home }
    }

    /// The workspace's root.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// `.task_orchestrator`.
    #[must_use]
    pub fn home(&self) -> &Path {
        &self.home
    }

    /// The ignore file of `.task_orchestrator`.
    #[must_use]
    pub fn gitignore(&self) -> PathBuf {
        self.home.join(".gitignore")
    }

    /// The settings.
    #[must_use]
    pub fn config(&self) -> PathBuf {
        self.home.join("config.yaml")
    }

    /// The directory of all sessions.
    #[must_use]
    pub fn sessions(&self) -> PathBuf {
        self.home.join("sessions")
    }

    /// The directory of one session.
    #[must_use]
    pub fn session_dir(&self, name: &SafeName) -> PathBuf {
        below(&self.home, &["sessions", name.as_str()])
    }

    /// A session's source of truth.
    #[must_use]
    pub fn session_file(&self, name: &SafeName) -> PathBuf {
        below(&self.home, &["sessions", name.as_str(), SESSION_FILE])
    }

    /// The generated overview of a session.
    #[must_use]
    pub fn overview(&self, name: &SafeName) -> PathBuf {
        self.session_dir(name).join("overview.md")
    }

    /// The losing text of an open conflict of a session.
    #[must_use]
    pub fn conflict_file(&self, name: &SafeName, conflict: &SafeName) -> PathBuf {
        self.session_dir(name).join(format!("session.conflict-{conflict}.md"))
    }

    /// The user's own notes of a session.
    #[must_use]
    pub fn notes(&self, name: &SafeName) -> PathBuf {
        self.session_dir(name).join("notes")
    }

    /// What a session produced: files of the user, and what is known about them.
    #[must_use]
    pub fn artifacts(&self, name: &SafeName) -> PathBuf {
        below(&self.home, &["sessions", name.as_str(), "artifacts"])
    }

    /// Which mode a session is bound to.
    #[must_use]
    pub fn mode_binding(&self, name: &SafeName) -> PathBuf {
        below(&self.home, &["sessions", name.as_str(), "mode_binding.yaml"])
    }

    /// Role configurations.
    #[must_use]
    pub fn roles(&self) -> PathBuf {
        self.home.join("roles")
    }

    /// Modes: the user's own.
    #[must_use]
    pub fn custom_modes(&self) -> PathBuf {
        self.home.join("custom_modes")
    }

    /// The active mode and its history.
    #[must_use]
    pub fn modes(&self) -> PathBuf {
        self.home.join("modes")
    }

    /// Overrides of the built-in templates.
    #[must_use]
    pub fn templates(&self) -> PathBuf {
        self.home.join("templates")
    }

    /// Archived sessions.
    #[must_use]
    pub fn archives(&self) -> PathBuf {
        self.home.join("archives")
    }

    /// Exports.
    #[must_use]
    pub fn exports(&self) -> PathBuf {
        self.home.join("exports")
    }

    /// Backups of sessions and modes.
    #[must_use]
    pub fn backups(&self) -> PathBuf {
        self.home.join("backups")
    }

    /// The local, ignored state.
    #[must_use]
    pub fn state(&self) -> &Path {
        &self.state
    }

    /// Locked by whoever makes the index's file or moves it away; its time is what the file system's clock said last.
    #[must_use]
    pub fn index_lock(&self) -> PathBuf {
        self.state.join("index.sqlite-lock")
    }

    /// The rebuildable index.
    #[must_use]
    pub fn index(&self) -> PathBuf {
        self.state.join("index.sqlite")
    }

    /// The rebuildable index of the sessions in long-term storage; made when somebody asks for them.
    #[must_use]
    pub fn archive_index(&self) -> PathBuf {
        self.state.join("archives.sqlite")
    }

    /// The leases of claimed tasks, where Git's common directory cannot hold them.
    #[must_use]
    pub fn claims(&self) -> PathBuf {
        self.state.join("claims.sqlite")
    }

    /// The file every writer locks.
    #[must_use]
    pub fn lock(&self) -> PathBuf {
        self.state.join("lock")
    }

    /// Files being written; their names are the intent journal.
    #[must_use]
    pub fn tmp(&self) -> PathBuf {
        self.state.join("tmp")
    }

    /// Files that were taken out of the way, kept until nobody can be writing into them.
    #[must_use]
    pub fn quarantine(&self) -> PathBuf {
        self.state.join("quarantine")
    }

    /// The directory of the snapshots.
    #[must_use]
    pub fn blobs(&self) -> PathBuf {
        self.state.join("base")
    }

    /// The snapshot of one content.
    #[must_use]
    pub fn blob(&self, hash: &ContentHash) -> PathBuf {
        let hex = hash.hex();
        self.blobs().join(&hex[..2]).join(hex)
    }

    /// The directory of the version logs.
    #[must_use]
    pub fn logs(&self) -> PathBuf {
        self.state.join("log")
    }

    /// A session's version log.
    #[must_use]
    pub fn log(&self, session: &SafeName) -> PathBuf {
        named(below(&self.state, &["log", session.as_str()]), ".log")
    }

    /// The directory of the event histories.
    #[must_use]
    pub fn events_dir(&self) -> PathBuf {
        self.state.join("events")
    }

    /// A session's local event history, one JSON object per line.
    #[must_use]
    pub fn events(&self, session: &SafeName) -> PathBuf {
        named(below(&self.state, &["events", session.as_str()]), ".jsonl")
    }

    /// The history of conflicts, one JSON object per line.
    #[must_use]
    pub fn conflicts(&self) -> PathBuf {
        self.state.join("conflicts.jsonl")
    }

    /// What imports brought, and what is needed to take it back: one directory each.
    #[must_use]
    pub fn imports(&self) -> PathBuf {
        self.state.join("imports")
    }

    /// Which sessions were found at rest; only there to save work.
    #[must_use]
    pub fn rest(&self) -> PathBuf {
        self.state.join("rest")
    }

    /// This worktree's pointer to the active session.
    #[must_use]
    pub fn active(&self) -> PathBuf {
        self.state.join("active")
    }
}

/// The path of something below a directory, with room for an ending: a sweep makes several for every session.
pub(super) fn below(base: &Path, parts: &[&str]) -> PathBuf {
    let room: usize = parts.iter().map(|part| part.len() + 1).sum();
    let mut path = PathBuf::with_capacity(base.as_os_str().len() + room + ENDING);
    path.push(base);
    path.extend(parts);
    path
}

const ENDING: usize = 8;

fn named(mut path: PathBuf, ending: &str) -> PathBuf {
    path.as_mut_os_string().push(ending);
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_of_a_session_and_the_state_is_below_the_home() {
        let layout = Layout::new(Path::new("/w"));
        let name = SafeName::parse("login").unwrap();
        let hash = ContentHash::of(b"x");
        let hex = hash.hex();
        let below = |path: PathBuf| path.strip_prefix("/w/.task_orchestrator").unwrap().to_owned();
        assert_eq!(below(layout.session_file(&name)), Path::new("sessions/login/session.md"));
        assert_eq!(
            below(layout.conflict_file(&name, &SafeName::parse("c1").unwrap())),
            Path::new("sessions/login/session.conflict-c1.md")
        );
        assert_eq!(below(layout.blob(&hash)), Path::new(".state/base").join(&hex[..2]).join(&hex));
        assert_eq!(below(layout.log(&name)), Path::new(".state/log/login.log"));
        assert_eq!(below(layout.events(&name)), Path::new(".state/events/login.jsonl"));
        assert_eq!(below(layout.artifacts(&name)), Path::new("sessions/login/artifacts"));
        assert_eq!(below(layout.mode_binding(&name)), Path::new("sessions/login/mode_binding.yaml"));
        assert_eq!(below(layout.lock()), Path::new(".state/lock"));
    }
}
