use super::files::parent;
use super::{Disk, Error, FileKind, FileText, Guard, Kind, SESSION_FILE, SafeName};

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

    /// The same for who is about to remove the directory: an error where something in it is no regular file, or has
    /// no name that can be written down, because it would be lost.
    pub fn all_session_files(&self, session: &SafeName) -> Result<Vec<(String, FileText)>, Error> {
        for (path, kind) in self.tree(&self.layout.session_dir(session))? {
            if !matches!(kind, FileKind::File | FileKind::Dir) {
                return Err(Error::new(Kind::NotRegular, "pack", &path));
            }
            if path.to_str().is_none() {
                return Err(Error::new(Kind::Name, "pack", &path));
            }
        }
        self.session_files(session)
    }

    /// Puts a file back into a session's directory, with its mode; `below` it with `/`. The plan itself has
    /// [`Disk::replace`].
    pub fn put_back(
        &self,
        guard: &Guard,
        session: &SafeName,
        below: &str,
        bytes: &[u8],
        mode: u32,
    ) -> Result<(), Error> {
        self.check_guard(guard)?;
        let path = self.without_links(self.layout.session_dir(session), below)?;
        if below.eq_ignore_ascii_case(SESSION_FILE) {
            return Err(Error::new(Kind::Outside, "write", &path));
        }
        self.make_dirs(parent(&path), 0o755)?;
        self.install_as(&path, bytes, mode)
    }

    /// Gives a session's file the permission bits it had.
    pub fn put_mode_back(&self, guard: &Guard, session: &SafeName, mode: u32) -> Result<(), Error> {
        self.check_guard(guard)?;
        let path = self.layout.session_file(session);
        self.fs.set_mode(&path, mode).map_err(|e| Error::writing("change", &path, e))
    }
}
