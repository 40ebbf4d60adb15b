use crate::disk::SafeName;
use crate::git::Git;

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
        Git::at(self.disk.layout().root()).has_version(&session_path(directory.as_str()), bytes)
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
