use std::path::{Path, PathBuf};

use crate::config::SHIPPED_MODES;
use crate::disk::Disk;

use super::Error;

/// What `init` made; empty where everything was there.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Initialized {
    /// Files and directories that were made, below the root.
    pub created: Vec<String>,
}

pub(super) const IGNORED: &str = "\
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
        let missing = missing(&disk, with_gitignore)?;
        let done = Self::of(&disk, &missing);
        disk.ensure_layout()?;
        let guard = disk.lock(std::time::Duration::from_secs(10))?;
        for (path, text) in &missing {
            // Somebody else may have been quicker.
            if !disk.is_there(path)? {
                disk.write_view(&guard, path, text.as_bytes())?;
            }
        }
        Ok(done)
    }

    /// What [`Initialized::at`] would make; makes nothing.
    pub fn would_be(root: &Path, with_gitignore: bool) -> Result<Self, Error> {
        let disk = Disk::open(root)?;
        let missing = missing(&disk, with_gitignore)?;
        Ok(Self::of(&disk, &missing))
    }

    fn of(disk: &Disk, missing: &[(PathBuf, &str)]) -> Self {
        let home = (!disk.exists(disk.layout().home())).then(|| ".task_orchestrator/".to_owned());
        let below = |path: &Path| {
            let below = path.strip_prefix(disk.layout().root()).unwrap_or(path);
            below.components().map(|c| c.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
        };
        let files = missing.iter().map(|(path, _)| below(path));
        Self { created: home.into_iter().chain(files).collect() }
    }
}

/// The files of a workspace that are not there, with what they say.
fn missing(disk: &Disk, with_gitignore: bool) -> Result<Vec<(PathBuf, &'static str)>, Error> {
    let layout = disk.layout();
    let mut wanted = Vec::new();
    if with_gitignore {
        wanted.push((layout.gitignore(), IGNORED));
    }
    // A directory with role files of the user's own is left as it is.
    if disk.files_in(&layout.roles(), ".yaml")?.is_empty() {
        wanted.extend(SHIPPED_MODES.iter().map(|mode| (layout.roles().join(mode.name), mode.text)));
        // What they said when they were copied, so that later ones can be merged with what became of them.
        let then = SHIPPED_MODES.iter().map(|mode| (super::modes::shipped_then(disk, mode.name), mode.text));
        wanted.extend(then);
    }
    let mut missing = Vec::new();
    for (path, text) in wanted {
        if !disk.is_there(&path)? {
            missing.push((path, text));
        }
    }
    Ok(missing)
}
