use std::path::Path;

use crate::config::SHIPPED_MODES;
use crate::disk::Disk;

use super::Error;

/// What `init` made; empty where everything was there.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Initialized {
    /// Files and directories that were made, below the root.
    pub created: Vec<String>,
}

const IGNORED: &str = "\
# plandown: what can be made again, and what is private to this checkout
.state/
backups/
exports/
sessions/*/overview.md
sessions/*/*.edited-*.md
sessions/*/tasks/
sessions/*/task_groups/
sessions/*/specialists/
sessions/*/artifacts/session_artifacts.md
";

impl Initialized {
    /// Makes the layout of a workspace at `root`. Nothing that is there is ever overwritten.
    pub fn at(root: &Path, with_gitignore: bool) -> Result<Self, Error> {
        let disk = Disk::open(root)?;
        let layout = disk.layout().clone();
        let mut done = Self::default();
        if !disk.exists(layout.home()) {
            done.created.push(".task_orchestrator/".to_owned());
        }
        disk.ensure_layout()?;
        let guard = disk.lock(std::time::Duration::from_secs(10))?;
        let mut put = |path: &Path, name: String, text: &str| -> Result<(), Error> {
            if !disk.exists(path) {
                disk.write_view(&guard, path, text.as_bytes())?;
                done.created.push(name);
            }
            Ok(())
        };
        if with_gitignore {
            put(&layout.gitignore(), ".task_orchestrator/.gitignore".to_owned(), IGNORED)?;
        }
        // A directory with role files of the user's own is left as it is.
        if disk.files_in(&layout.roles(), ".yaml")?.is_empty() {
            for mode in SHIPPED_MODES {
                put(
                    &layout.roles().join(mode.name),
                    format!(".task_orchestrator/roles/{}", mode.name),
                    mode.text,
                )?;
            }
        }
        Ok(done)
    }
}
