use std::path::PathBuf;
use std::sync::Arc;

use crate::disk::SafeName;
use crate::render::{self, Stamp, View};

use super::{Error, Workspace};

/// What refreshing the generated views of a session amounted to.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Views {
    /// Files that were written, below the root.
    pub written: Vec<String>,
    /// Copies of views that a person had edited, below the root.
    pub kept: Vec<String>,
}

impl Workspace {
    /// Brings the views that the settings ask for up to date. A view that says what it should is
    /// not written; one that a person edited is copied aside first.
    pub fn refresh_views(&self, directory: &SafeName) -> Result<Views, Error> {
        let mut done = Views::default();
        if self.views_are_current(directory)? {
            return Ok(done);
        }
        let snapshot = self.snapshot(directory)?;
        let revision = snapshot.revision().hex();
        let mut seen = render::view_of(&snapshot.lifted.session, &revision, self.now());
        "in sync".clone_into(&mut seen.sync_state);
        seen.artifacts = self.artifacts(directory)?;
        let seen = Arc::new(seen);
        let wanted: Vec<View> =
            View::all(&seen).into_iter().filter(|view| self.settings.has_view(view.word())).collect();
        if wanted.is_empty() {
            return Ok(done);
        }
        let dir = self.disk.layout().session_dir(directory);
        let mut guard = None;
        for view in wanted {
            let path = dir.join(view.file(&seen));
            let old = self
                .disk
                .read_plain(&path)
                .ok()
                .map(|file| String::from_utf8_lossy(&file.bytes).into_owned());
            let stamp = old.as_deref().map(Stamp::read);
            if let Some(Some(stamp)) = &stamp
                && !stamp.is_edited
                && revision.starts_with(&stamp.revision)
            {
                continue;
            }
            let own_path = self.disk.layout().templates().join(view.template());
            let own =
                self.disk.read_plain(&own_path).ok().map(|f| String::from_utf8_lossy(&f.bytes).into_owned());
            let text = render::view(view, &seen, own.as_deref())
                .map_err(|error| Error::Template { path: own_path, message: error.to_string() })?;
            let guard = match &guard {
                Some(guard) => guard,
                None => guard.insert(self.lock()?),
            };
            let edited = old.as_deref().filter(|_| stamp.is_some_and(|s| s.is_none_or(|s| s.is_edited)));
            if let Some(edited) = edited {
                let kept = aside(&path, &self.now().to_string());
                self.disk.write_view(guard, &kept, edited.as_bytes())?;
                done.kept.push(self.below_root(&kept));
            }
            self.disk.write_view(guard, &path, text.as_bytes())?;
            done.written.push(self.below_root(&path));
        }
        Ok(done)
    }

    /// The overview of a session as `refresh_views` would write it; writes nothing.
    pub fn overview(&self, directory: &SafeName) -> Result<String, Error> {
        let snapshot = self.snapshot(directory)?;
        let revision = snapshot.revision().hex();
        let seen = Arc::new(render::view_of(&snapshot.lifted.session, &revision, self.now()));
        let Some(view) = View::all(&seen).into_iter().find(|view| view.word() == "overview") else {
            return Ok(String::new());
        };
        let own_path = self.disk.layout().templates().join(view.template());
        let own = self.disk.read_plain(&own_path).ok();
        let own = own.map(|file| String::from_utf8_lossy(&file.bytes).into_owned());
        render::view(view, &seen, own.as_deref())
            .map_err(|error| Error::Template { path: own_path, message: error.to_string() })
    }

    /// Whether every view that is asked for states the revision that the index has of the session,
    /// so that its file need not be read.
    fn views_are_current(&self, directory: &SafeName) -> Result<bool, Error> {
        // Which views groups have is told by the file alone.
        if self.settings.has_view(View::Group(0).word()) {
            return Ok(false);
        }
        let Some(row) = self.index().session(directory.as_str())? else { return Ok(false) };
        let revision = row.revision.hex();
        let dir = self.disk.layout().session_dir(directory);
        let is_current = |file: &str| {
            let text = self.disk.read_plain(&dir.join(file)).ok();
            let stamp = text.and_then(|text| Stamp::read(&String::from_utf8_lossy(&text.bytes)));
            stamp.is_some_and(|stamp| !stamp.is_edited && revision.starts_with(&stamp.revision))
        };
        let wanted = View::FIXED.into_iter().filter(|view| self.settings.has_view(view.word()));
        Ok(wanted.filter_map(View::fixed_file).all(is_current))
    }

    /// A path below the root with `/` on every platform.
    #[must_use]
    pub fn below_root(&self, path: &std::path::Path) -> String {
        let below = path.strip_prefix(self.disk.layout().root()).unwrap_or(path);
        let parts: Vec<_> = below.components().map(|c| c.as_os_str().to_string_lossy()).collect();
        parts.join("/")
    }
}

/// `overview.md` → `overview.edited-20260131T120000Z.md`.
fn aside(path: &std::path::Path, now: &str) -> PathBuf {
    let stem = path.file_stem().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default();
    let stamp: String = now.chars().filter(char::is_ascii_alphanumeric).collect();
    path.with_file_name(format!("{stem}.edited-{stamp}.md"))
}
