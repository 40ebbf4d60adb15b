use super::{Disk, Error, FileKind, FileText, SafeName};

impl Disk {
    /// Every regular file below a session's directory: its path there with `/`, and its content, sorted. Links are
    /// left out.
    pub fn session_files(&self, session: &SafeName) -> Result<Vec<(String, FileText)>, Error> {
        let dir = self.layout.session_dir(session);
        let mut files = Vec::new();
        for (path, kind) in self.tree(&dir)? {
            if kind == FileKind::File {
                let below = path.strip_prefix(&dir).unwrap_or(&path);
                let parts: Vec<_> = below.components().map(|c| c.as_os_str().to_string_lossy()).collect();
                files.push((parts.join("/"), self.read_at(&path)?));
            }
        }
        files.sort_by(|a, b| a.0.cmp(&b.0));
        Ok(files)
    }
}
