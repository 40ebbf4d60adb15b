use super::{Disk, FileKind};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long a running Git command is waited for.
const PATIENCE: Duration = Duration::from_secs(2);
const PAUSE: Duration = Duration::from_millis(5);

impl Disk {
    /// The directory in which Git keeps this worktree's index: `.git` at the root or above it, or where a `.git`
    /// file points to. Found by looking, no process is started.
    #[must_use]
    pub fn git_dir(&self) -> Option<PathBuf> {
        self.layout.root().ancestors().find_map(|dir| {
            let dot = dir.join(".git");
            match self.fs.stat(&dot).ok()?.kind {
                FileKind::Dir => Some(dot),
                FileKind::File => {
                    let (bytes, _) = self.fs.read(&dot).ok()?;
                    let target = std::str::from_utf8(&bytes).ok()?.strip_prefix("gitdir:")?.trim().to_owned();
                    Some(dir.join(Path::new(&target)))
                }
                FileKind::Link => self.fs.canonical(&dot).ok(),
                FileKind::Other => None,
            }
        })
    }

    /// The directory that all worktrees of the clone share.
    #[must_use]
    pub fn git_common_dir(&self) -> Option<PathBuf> {
        let own = self.git_dir()?;
        match self.fs.read(&own.join("commondir")) {
            Ok((bytes, _)) => Some(own.join(std::str::from_utf8(&bytes).ok()?.trim())),
            Err(_) => Some(own),
        }
    }

    /// Where this workspace is in its worktree, with `/`; empty at the top and outside of Git.
    #[must_use]
    pub fn place_in_worktree(&self) -> String {
        let root = self.layout.root();
        let top = root.ancestors().find(|dir| self.fs.stat(&dir.join(".git")).is_ok());
        let below = top.and_then(|top| root.strip_prefix(top).ok()).unwrap_or(Path::new(""));
        below.components().map(|c| c.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
    }

    /// Whether a Git command is changing this worktree right now.
    #[must_use]
    pub fn git_is_writing(&self) -> bool {
        self.git_dir().is_some_and(|dir| self.fs.stat(&dir.join("index.lock")).is_ok())
    }

    /// Waits up to two seconds for a running Git command. False if it is still running then: a left-over lock, or
    /// a very long command; the write goes ahead and says so.
    #[must_use]
    pub fn wait_for_git(&self) -> bool {
        let Some(lock) = self.git_dir().map(|dir| dir.join("index.lock")) else { return true };
        let mut waited = Duration::ZERO;
        while self.fs.stat(&lock).is_ok() {
            if waited >= PATIENCE {
                return false;
            }
            self.fs.sleep(PAUSE);
            waited += PAUSE;
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn a_git_command_is_noticed_in_a_clone_and_in_a_worktree() {
        let tmp = tempfile::tempdir().unwrap();
        let (clone, tree) = (tmp.path().join("clone"), tmp.path().join("tree"));
        fs::create_dir_all(clone.join(".git/worktrees/tree")).unwrap();
        fs::create_dir_all(clone.join("sub")).unwrap();
        fs::create_dir_all(&tree).unwrap();
        fs::write(tree.join(".git"), "gitdir: ../clone/.git/worktrees/tree\n").unwrap();
        let busy = |root: &Path| Disk::open(root).unwrap().git_is_writing();
        assert!(!busy(&clone) && !busy(&tree));
        fs::write(clone.join(".git/worktrees/tree/index.lock"), "").unwrap();
        assert!(!busy(&clone) && busy(&tree), "a worktree has an index of its own");
        fs::write(clone.join(".git/index.lock"), "").unwrap();
        assert!(busy(&clone) && busy(&clone.join("sub")));
    }
}
