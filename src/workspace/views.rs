use std::sync::Arc;

use crate::disk::{Kind, SafeName};
use crate::render::{self, Stamp, View};

use super::{Error, Workspace};

/// What refreshing the generated views of a session amounted to.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Views {
    /// Files that were written, below the root.
    pub written: Vec<String>,
    /// Copies of views that a person had edited, below the root.
    pub kept: Vec<String>,
    /// Views that could not be looked at and were left alone: code and message.
    pub left: Vec<(&'static str, String)>,
}

/// A view that is not as it should be.
struct Due {
    /// Below the session's directory.
    file: String,
    text: String,
    /// What a person made of it.
    edited: Option<Vec<u8>>,
}

impl Workspace {
    /// Brings the views that the settings ask for up to date. A view that says what it should is
    /// not written; one that a person edited is copied aside first; one in whose place a link or
    /// anything else stands is left alone.
    pub fn refresh_views(&self, directory: &SafeName) -> Result<Views, Error> {
        let mut done = Views::default();
        if self.views_are_current(directory)? {
            return Ok(done);
        }
        let mut seen = self.seen_by_views(directory)?;
        if self.due(directory, &seen, &mut done)?.is_empty() {
            return Ok(done);
        }
        // What was seen without the lock may be old by now: views edited, the plan written and its views with it.
        let guard = self.lock()?;
        if self.disk.read(directory)?.hash.hex() != seen.1 {
            seen = self.seen_by_views(directory)?;
        }
        done = Views::default();
        let dir = self.disk.layout().session_dir(directory);
        for due in self.due(directory, &seen, &mut done)? {
            if let Some(edited) = due.edited {
                // Two edits in one second are two edits.
                let now = self.now().to_string();
                let mut nth = 1;
                let mut kept = aside(&due.file, &now, nth);
                while self.disk.is_there(&dir.join(&kept))? {
                    nth += 1;
                    kept = aside(&due.file, &now, nth);
                }
                self.disk.write_generated(&guard, directory, &kept, &edited)?;
                done.kept.push(self.below_root(&dir.join(kept)));
            }
            self.disk.write_generated(&guard, directory, &due.file, due.text.as_bytes())?;
            done.written.push(self.below_root(&dir.join(due.file)));
        }
        Ok(done)
    }

    /// What views are made from, and its revision.
    fn seen_by_views(&self, directory: &SafeName) -> Result<(Arc<render::SessionView>, String), Error> {
        let snapshot = self.snapshot(directory)?;
        let revision = snapshot.revision().hex();
        let mut seen = render::view_of(&snapshot.lifted.session, &revision, self.now());
        "in sync".clone_into(&mut seen.sync_state);
        seen.artifacts = self.artifacts(directory)?;
        Ok((Arc::new(seen), revision))
    }

    /// The views that have to be written; what cannot be looked at goes to `done.left`.
    fn due(
        &self,
        directory: &SafeName,
        (seen, revision): &(Arc<render::SessionView>, String),
        done: &mut Views,
    ) -> Result<Vec<Due>, Error> {
        let mut due = Vec::new();
        for view in View::all(seen).into_iter().filter(|view| self.settings.has_view(view.word())) {
            let file = view.file(seen);
            let old = match self.disk.read_generated(directory, &file) {
                Ok(old) => old.map(|file| file.bytes),
                Err(error) => {
                    done.left.push((error.kind.code(), error.to_string()));
                    continue;
                }
            };
            let stamp = old.as_deref().map(stamp);
            if let Some(Some(stamp)) = &stamp
                && !stamp.is_edited
                && revision.starts_with(&stamp.revision)
            {
                continue;
            }
            let text = self.rendered(view, seen)?;
            let edited = old.filter(|_| stamp.is_some_and(|s| s.is_none_or(|s| s.is_edited)));
            due.push(Due { file, text, edited });
        }
        Ok(due)
    }

    fn rendered(&self, view: View, seen: &Arc<render::SessionView>) -> Result<String, Error> {
        let path = self.disk.layout().templates().join(view.template());
        let own = match self.disk.read_plain(&path) {
            Ok(file) => Some(String::from_utf8_lossy(&file.bytes).into_owned()),
            Err(error) if error.kind == Kind::NotFound => None,
            Err(error) => return Err(error.into()),
        };
        render::view(view, seen, own.as_deref())
            .map_err(|error| Error::Template { path, message: error.to_string() })
    }

    /// The overview of a session as `refresh_views` would write it; writes nothing.
    pub fn overview(&self, directory: &SafeName) -> Result<String, Error> {
        let snapshot = self.snapshot(directory)?;
        let revision = snapshot.revision().hex();
        let seen = Arc::new(render::view_of(&snapshot.lifted.session, &revision, self.now()));
        let Some(view) = View::all(&seen).into_iter().find(|view| view.word() == "overview") else {
            return Ok(String::new());
        };
        self.rendered(view, &seen)
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
        let is_current = |file: &str| {
            let text = self.disk.read_generated(directory, file).ok().flatten();
            text.and_then(|text| stamp(&text.bytes))
                .is_some_and(|stamp| !stamp.is_edited && revision.starts_with(&stamp.revision))
        };
        let wanted = View::FIXED.into_iter().filter(|view| self.settings.has_view(view.word()));
        Ok(wanted.filter_map(View::fixed_file).all(is_current))
    }

    /// A path below the root with `/` on every platform.
    #[must_use]
    pub fn below_root(&self, path: &std::path::Path) -> String {
        // What is elsewhere keeps its own name.
        let Ok(below) = path.strip_prefix(self.disk.layout().root()) else {
            return path.display().to_string();
        };
        let parts: Vec<_> = below.components().map(|c| c.as_os_str().to_string_lossy()).collect();
        parts.join("/")
    }
}

/// What a view says of itself. One that is no text any more was edited, by whatever means.
fn stamp(bytes: &[u8]) -> Option<Stamp> {
    std::str::from_utf8(bytes).ok().and_then(Stamp::read)
}

/// `overview.md` → `overview.edited-20260131T120000Z.md`, the second time `…Z-2.md`.
fn aside(file: &str, now: &str, nth: usize) -> String {
    let stem = file.strip_suffix(".md").unwrap_or(file);
    let stamp: String = now.chars().filter(char::is_ascii_alphanumeric).collect();
    let nth = if nth == 1 { String::new() } else { format!("-{nth}") };
    format!("{stem}.edited-{stamp}{nth}.md")
}
