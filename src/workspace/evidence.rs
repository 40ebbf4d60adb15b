use std::process::{Command, Stdio};

use crate::disk::SafeName;

use super::{Workspace, session_path};

impl Workspace {
    /// Whether Git put this content at the session's path: it is what HEAD, the index or the head
    /// before the last merge say, or HEAD was moved (not only by a commit) after our last record.
    pub(super) fn git_put_it_there(&self, directory: &SafeName, bytes: &[u8]) -> bool {
        let Some(git) = self.disk.git_dir() else { return false };
        let modified = |path: &std::path::Path| self.disk.stat(path).map(|s| s.mtime_ns).ok();
        let moves = git.join("logs").join("HEAD");
        let recorded = modified(&self.disk.layout().log(directory));
        if let (Some(moved), Some(recorded)) = (modified(&moves), recorded)
            && moved > recorded
            && let Ok(file) = self.disk.read_plain(&moves)
            && moved_files(&String::from_utf8_lossy(&file.bytes))
        {
            return true;
        }
        self.is_a_version_of_git(directory, bytes)
    }

    /// Asks Git for the objects it has at the path, and for the name of this content.
    fn is_a_version_of_git(&self, directory: &SafeName, bytes: &[u8]) -> bool {
        let path = session_path(directory.as_str());
        let mut hash = self.git(&["hash-object", "--stdin", "--no-filters"]);
        let Ok(mut child) = hash.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()
        else {
            return false;
        };
        if let Some(mut stdin) = child.stdin.take() {
            // A Git that does not read says nothing useful either.
            let _ = std::io::Write::write_all(&mut stdin, bytes);
        }
        let Ok(named) = child.wait_with_output() else { return false };
        let name = String::from_utf8_lossy(&named.stdout).trim().to_owned();
        if name.is_empty() {
            return false;
        }
        ["HEAD", "", "ORIG_HEAD"].into_iter().any(|revision| {
            let object = format!("{revision}:./{path}");
            let mut asked = self.git(&["rev-parse", "--verify", "--quiet", &object]);
            asked
                .stdin(Stdio::null())
                .stderr(Stdio::null())
                .output()
                .is_ok_and(|o| String::from_utf8_lossy(&o.stdout).trim() == name)
        })
    }

    /// A Git command in the root that runs nothing of the repository's: no monitor, no hook.
    fn git(&self, args: &[&str]) -> Command {
        let mut command = Command::new("git");
        command.arg("-C").arg(self.disk.layout().root());
        command.args(["-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null"]).args(args);
        command.env("GIT_OPTIONAL_LOCKS", "0");
        command
    }
}

/// Whether the last line of HEAD's history tells of something that changes files.
fn moved_files(reflog: &str) -> bool {
    let action = reflog.lines().next_back().and_then(|line| line.split_once('\t')).map_or("", |(_, a)| a);
    let commits = ["commit:", "commit (amend):", "commit (initial):", "Branch:", "branch:"];
    !action.is_empty() && !commits.iter().any(|c| action.starts_with(c))
}

#[cfg(test)]
mod tests {
    use super::moved_files;

    #[test]
    fn a_commit_moves_head_but_no_file() {
        let check = |action: &str, moved: bool| {
            let line = format!("0000 1111 A <a@b> 1760000000 +0000\t{action}\n");
            assert_eq!(moved_files(&line), moved, "{action}");
        };
        check("commit: one", false);
        check("commit (amend): one", false);
        check("checkout: moving from a to b", true);
        check("reset: moving to HEAD~", true);
        check("merge b: Fast-forward", true);
        check("commit (merge): Merge branch 'b'", true);
        check("pull: Fast-forward", true);
        assert!(!moved_files(""));
    }
}
