use crate::config::{ArtifactNote, read_artifacts};
use crate::disk::{FileText, SafeName};
use crate::render::{ArtifactView, Stamp};

use super::{Error, Workspace};

const NOTES: &str = "artifacts.yaml";

impl Workspace {
    /// The files below a session's `artifacts`, with what `artifacts.yaml` says about them. Generated views are none.
    pub fn artifacts(&self, directory: &SafeName) -> Result<Vec<ArtifactView>, Error> {
        let dir = self.disk.layout().artifacts(directory);
        let notes = self.disk.read_plain(&dir.join(NOTES)).ok();
        let notes =
            notes.map(|file| read_artifacts(&String::from_utf8_lossy(&file.bytes))).unwrap_or_default();
        let mut found = Vec::new();
        for path in self.disk.files_below(&dir)? {
            let below = path.strip_prefix(&dir).unwrap_or(&path);
            let parts: Vec<_> = below.components().map(|c| c.as_os_str().to_string_lossy()).collect();
            let name = parts.join("/");
            if name == NOTES || (name.ends_with(".md") && self.is_view(&path)) {
                continue;
            }
            let path_in_session = format!("artifacts/{name}");
            let note = notes.iter().find(|n| n.path == path_in_session || n.path == name);
            let ArtifactNote { kind, about, task, .. } = note.cloned().unwrap_or_default();
            let size = self.disk.stat(&path)?.size;
            found.push(ArtifactView { path: path_in_session, kind, description: about, task, size });
        }
        Ok(found)
    }

    fn is_view(&self, path: &std::path::Path) -> bool {
        let text = self.disk.read_plain(path).ok();
        text.is_some_and(|file| Stamp::read(&String::from_utf8_lossy(&file.bytes)).is_some())
    }

    /// Every file of a session, but for views that can be made again.
    pub fn own_files(&self, directory: &SafeName) -> Result<Vec<(String, FileText)>, Error> {
        let mut files = self.disk.session_files(directory)?;
        files.retain(|(path, file)| {
            let is_view = path.ends_with(".md")
                && Stamp::read(&String::from_utf8_lossy(&file.bytes)).is_some_and(|stamp| !stamp.is_edited);
            !is_view && !path.split('/').next_back().is_some_and(|name| name.starts_with(".plandown-tmp-"))
        });
        if !files.iter().any(|(path, _)| path == crate::disk::SESSION_FILE) {
            // The plan is a link.
            files.push((crate::disk::SESSION_FILE.to_owned(), self.disk.read(directory)?));
        }
        Ok(files)
    }
}
