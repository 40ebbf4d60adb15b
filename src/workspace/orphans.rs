use std::collections::HashSet;
use std::path::{Path, PathBuf};

use crate::config::Setting;
use crate::disk::SafeName;
use crate::render::{self, Stamp, View};

use super::{Error, Workspace};

const DAY_NS: i64 = 86_400_000_000_000;

/// What belongs to nothing any more.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Orphans {
    /// Generated views that nobody edited and nobody asks for, below the root.
    pub views: Vec<String>,
    /// Histories of sessions that have been gone for long, below the root.
    pub histories: Vec<String>,
    /// Histories of sessions that are gone, but not for long.
    pub recent: usize,
}

impl Workspace {
    /// Looks for files of ours that belong to nothing any more.
    pub fn orphans(&self) -> Result<Orphans, Error> {
        let mut found = Orphans::default();
        let mut known: HashSet<String> = HashSet::new();
        for entry in self.disk.sessions()? {
            known.insert(entry.name.clone());
            if let Ok((name, _)) = &entry.state {
                for path in self.stray_views(name)? {
                    found.views.push(self.below_root(&path));
                }
            }
        }
        let layout = self.disk.layout();
        for (path, _) in self.disk.files_in(&layout.archives(), ".tar.zst")? {
            known.extend(stem(&path, ".tar.zst"));
        }
        let days = i64::try_from(self.settings.number(Setting::RetentionForeignDays)).unwrap_or(i64::MAX);
        let now = self.env.now_ms().saturating_mul(1_000_000);
        let old = now.saturating_sub(days.saturating_mul(DAY_NS));
        for (dir, suffix) in [(layout.logs(), ".log"), (layout.events_dir(), ".jsonl")] {
            for (path, stat) in self.disk.files_in(&dir, suffix)? {
                if stem(&path, suffix).is_none_or(|name| known.contains(&name)) {
                    continue;
                }
                if stat.mtime_ns < old {
                    found.histories.push(self.below_root(&path));
                } else {
                    found.recent += 1;
                }
            }
        }
        Ok(found)
    }

    /// Removes what [`Workspace::orphans`] found, and what is left empty by that.
    pub fn remove_orphans(&self, paths: &[String]) -> Result<(), Error> {
        let guard = self.lock()?;
        for path in paths {
            let at = path.split('/').fold(self.disk.layout().root().to_owned(), |dir, part| dir.join(part));
            // Somebody may have begun to write into a view since.
            if path.ends_with(".md") && !self.is_intact_view(&at) {
                continue;
            }
            self.disk.remove_view(&guard, &at)?;
            if let Some(dir) = at.parent().filter(|dir| !dir.starts_with(self.disk.layout().state())) {
                self.disk.remove_empty(&guard, dir)?;
            }
        }
        Ok(())
    }

    /// Files of the tool's own that nobody needs any more, below the root: indexes put aside, the index of
    /// archives where there are none, temp files of long ago. Removed where `apply` says so.
    pub fn strays(&self, apply: bool) -> Result<Vec<String>, Error> {
        // Where the file system tells no time, nothing is old.
        let now = self.disk.clock_ns().unwrap_or(0);
        let found =
            if apply { self.disk.remove_strays(&self.lock()?, now)? } else { self.disk.strays(now)? };
        Ok(found.iter().map(|path| self.below_root(path)).collect())
    }

    /// Intact views in a session's directory that the settings do not ask for, or whose group is gone.
    fn stray_views(&self, name: &SafeName) -> Result<Vec<PathBuf>, Error> {
        let dir = self.disk.layout().session_dir(name);
        let mut there = vec![dir.join("overview.md"), dir.join("artifacts").join("session_artifacts.md")];
        for folder in ["tasks", "task_groups", "specialists"] {
            there.extend(self.disk.files_below(&dir.join(folder))?);
        }
        there.retain(|path| self.is_intact_view(path));
        if there.is_empty() {
            return Ok(there);
        }
        let snapshot = self.snapshot(name)?;
        let seen = render::view_of(&snapshot.lifted.session, &snapshot.revision().hex(), self.now());
        let all = View::all(&seen);
        let wanted = all.iter().filter(|view| self.settings.has_view(view.word()));
        let wanted: HashSet<PathBuf> = wanted
            .map(|view| view.file(&seen).split('/').fold(dir.clone(), |dir, part| dir.join(part)))
            .collect();
        there.retain(|path| !wanted.contains(path));
        Ok(there)
    }

    fn is_intact_view(&self, path: &Path) -> bool {
        let text = self.disk.read_plain(path).ok();
        text.and_then(|file| Stamp::read(&String::from_utf8_lossy(&file.bytes))).is_some_and(|s| !s.is_edited)
    }
}

fn stem(path: &Path, suffix: &str) -> Option<String> {
    Some(path.file_name()?.to_str()?.strip_suffix(suffix)?.to_owned())
}
