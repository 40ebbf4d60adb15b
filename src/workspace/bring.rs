use std::path::{Path, PathBuf};

use crate::disk::{FileKind, Guard, Kind, SafeName};
use crate::format::{self, Lifted};
use crate::import::ScratchDir;
use crate::model::Change;
use crate::text::ContentHash;

use super::bring_journal::TakeBack;
use super::install::cause;
use super::{Error, Workspace, session_path};

/// A session that is about to be brought in, complete.
#[derive(Clone, Debug)]
pub struct Arrival {
    /// The directory it gets; nothing is there.
    pub directory: SafeName,
    /// The bytes of its `session.md`.
    pub bytes: Vec<u8>,
    /// What they say.
    pub lifted: Lifted,
    /// Further files: paths below its directory with `/`, and their bytes.
    pub files: Vec<(String, Vec<u8>)>,
}

/// Everything that one import brings.
#[derive(Clone, Debug)]
pub struct Shipment<'a> {
    /// The import's id: the name of its directory below `.state/imports`.
    pub import: &'a str,
    /// Who asked for it.
    pub by: &'a str,
    /// The sessions.
    pub arrivals: &'a [Arrival],
    /// Files for `.task_orchestrator` itself: paths below it with `/`, and their bytes.
    pub copies: &'a [(String, Vec<u8>)],
    /// Files kept with the import's record.
    pub kept: &'a [(String, Vec<u8>)],
    /// The record while the import is under way, and the one that says it is done.
    pub records: [&'a [u8]; 2],
}

/// What an import had put somewhere, as its record says.
#[derive(Clone, Debug)]
pub struct Trace {
    /// The session's directory.
    pub directory: SafeName,
    /// The revision it was brought with.
    pub revision: String,
    /// Its further files with their hashes.
    pub files: Vec<(String, String)>,
}

pub(super) const RECORD: &str = "record.json";

impl Workspace {
    /// Runs `work` with a private directory for copies, under the lock, and removes it afterwards.
    pub fn with_scratch<T>(&self, work: impl FnOnce(&mut ScratchDir<'_>) -> T) -> Result<T, Error> {
        let guard = self.lock()?;
        let scratch = self.disk.scratch(&guard)?;
        Ok(work(&mut ScratchDir::new(self.disk.fs(), scratch.path())))
    }

    /// What a session would say after changes, without writing it.
    pub fn changed(&self, lifted: &Lifted, changes: &[Change], directory: &str) -> Result<Lifted, Error> {
        format::write(lifted, changes)
            .map(|written| written.lifted)
            .map_err(|source| Error::Write { path: session_path(directory), source })
    }

    /// A name for a new import that no other has.
    pub fn free_import(&self) -> Result<String, Error> {
        let stamp: String = self.now().to_string().chars().filter(char::is_ascii_alphanumeric).collect();
        let mut name = stamp.clone();
        let mut n = 2;
        while self.disk.is_there(&self.disk.layout().imports().join(&name))? {
            name = format!("{stamp}-{n}");
            n += 1;
        }
        Ok(name)
    }

    /// Brings everything in, under one lock: a journal of what will go again first, then the record, files before the
    /// plans they belong to. What fails on the way is taken out again, now or by whoever takes the lock next; when the
    /// journal goes, all of it is there.
    pub fn bring_in(&self, shipment: &Shipment<'_>) -> Result<(), Error> {
        self.disk.ensure_layout()?;
        self.disk.ensure_private(&self.disk.layout().imports())?;
        let guard = self.lock()?;
        for arrival in shipment.arrivals {
            if self.disk.name_taken(&arrival.directory)? {
                return Err(Error::Exists(arrival.directory.to_string()));
            }
        }
        // What is there already, as by another import of this second, is not ours to take away.
        let home = self.disk.layout().imports().join(shipment.import);
        if self.disk.is_there(&home)? {
            return Err(Error::ImportExists(shipment.import.to_owned()));
        }
        for (path, _) in shipment.copies {
            if self.disk.is_there(&below(self.disk.layout().home(), path))? {
                return Err(Error::Exists(path.clone()));
            }
        }
        let back = TakeBack {
            import: shipment.import.to_owned(),
            traces: shipment.arrivals.iter().map(Trace::of).collect(),
            copies: shipment.copies.iter().map(|(path, bytes)| (path.clone(), hex(bytes))).collect(),
            kept: shipment.kept.iter().map(|(name, _)| name.clone()).collect(),
            record: None,
        };
        if let Err(error) = self
            .begin_import(&guard, &back)
            .and_then(|()| self.unload(&guard, shipment))
            .and_then(|()| self.end_import(&guard))
        {
            self.finish_import(&guard)?;
            return Err(error);
        }
        for arrival in shipment.arrivals {
            self.index_written(&arrival.lifted, &arrival.directory);
        }
        Ok(())
    }

    fn unload(&self, guard: &Guard, shipment: &Shipment<'_>) -> Result<(), Error> {
        let home = self.disk.layout().imports().join(shipment.import);
        for (name, bytes) in shipment.kept {
            self.disk.write_view(guard, &below(&home, name), bytes)?;
        }
        self.disk.write_view(guard, &home.join(RECORD), shipment.records[0])?;
        for (path, bytes) in shipment.copies {
            self.disk.write_view(guard, &below(self.disk.layout().home(), path), bytes)?;
        }
        for arrival in shipment.arrivals {
            let dir = self.disk.layout().session_dir(&arrival.directory);
            for (path, bytes) in &arrival.files {
                self.disk.write_view(guard, &below(&dir, path), bytes)?;
            }
            let mut cause = cause(self.env(), "import", shipment.by);
            cause.more.insert("import".to_owned(), shipment.import.to_owned());
            self.put_new(guard, &arrival.directory, &arrival.bytes, &cause)?;
        }
        Ok(self.disk.write_view(guard, &home.join(RECORD), shipment.records[1])?)
    }

    /// The records of all imports, oldest first: (id, bytes).
    pub fn imports(&self) -> Result<Vec<(String, Vec<u8>)>, Error> {
        let home = self.disk.layout().imports();
        let mut found = Vec::new();
        for entry in self.disk.fs().read_dir(&home).unwrap_or_default() {
            let Some(name) = entry.name.to_str().filter(|_| entry.kind == FileKind::Dir) else { continue };
            match self.disk.read_plain(&home.join(name).join(RECORD)) {
                Ok(file) => found.push((name.to_owned(), file.bytes)),
                Err(error) if error.kind == Kind::NotFound => {}
                Err(error) => return Err(error.into()),
            }
        }
        // Those of one second by their numbers, of which the tenth is no text after the second.
        found.sort_by_cached_key(|(id, _)| {
            let (stamp, n) = id.split_once('-').unwrap_or((id, "1"));
            (stamp.to_owned(), n.parse().unwrap_or(u64::MAX))
        });
        Ok(found)
    }

    /// What is no longer as the import brought it; empty where it can be taken out without losing anything.
    pub fn touched_since(&self, traces: &[Trace]) -> Result<Vec<String>, Error> {
        let mut touched = Vec::new();
        for trace in traces {
            let dir = self.disk.layout().session_dir(&trace.directory);
            if !self.disk.is_there(&dir)? {
                continue;
            }
            for (path, file) in self.disk.session_files(&trace.directory)? {
                let known = if path == crate::disk::SESSION_FILE {
                    file.hash.hex() == trace.revision
                } else {
                    trace.files.iter().any(|(p, h)| *p == path && *h == file.hash.hex())
                };
                let is_view = || {
                    let text = String::from_utf8_lossy(&file.bytes);
                    crate::render::Stamp::read(&text).is_some_and(|stamp| !stamp.is_edited)
                };
                if !known && !is_view() {
                    touched.push(format!(".task_orchestrator/sessions/{}/{path}", trace.directory));
                }
            }
        }
        Ok(touched)
    }

    /// Takes out what an import brought, and writes its record anew. Returns the paths that were removed.
    pub fn take_out(
        &self,
        import: &str,
        traces: &[Trace],
        copies: &[(String, String)],
        record: &[u8],
    ) -> Result<Vec<String>, Error> {
        let guard = self.lock()?;
        let back = TakeBack {
            import: import.to_owned(),
            traces: traces.to_vec(),
            copies: copies.to_vec(),
            kept: Vec::new(),
            record: Some(String::from_utf8_lossy(record).into_owned()),
        };
        // Begun, it is finished by the next one at the latest.
        self.begin_import(&guard, &back)?;
        let removed = self.take_away(&guard, &back)?;
        self.end_import(&guard)?;
        drop(guard);
        self.refresh()?;
        Ok(removed)
    }

    pub(super) fn remove_traces(
        &self,
        guard: &Guard,
        traces: &[Trace],
        copies: &[(String, String)],
    ) -> Result<Vec<String>, Error> {
        let mut removed = Vec::new();
        let active = self.disk.active()?;
        for trace in traces {
            let dir = self.disk.layout().session_dir(&trace.directory);
            if self.disk.is_there(&dir)? && self.touched_since(std::slice::from_ref(trace))?.is_empty() {
                self.disk.remove_session(guard, &trace.directory)?;
                removed.push(format!("sessions/{}", trace.directory));
                if active.as_ref() == Some(&trace.directory) {
                    self.disk.set_active(guard, None)?;
                }
            }
        }
        for (path, hash) in copies {
            let at = below(self.disk.layout().home(), path);
            let is_ours = match self.disk.read_plain(&at) {
                Ok(file) => file.hash.hex() == *hash,
                // It may be there still; the journal stays until it has gone.
                Err(error) if matches!(error.kind, Kind::Io | Kind::Denied) => return Err(error.into()),
                Err(_) => false,
            };
            if is_ours {
                self.disk.remove_view(guard, &at)?;
                removed.push(path.clone());
                if let Some(dir) = at.parent() {
                    self.disk.remove_empty(guard, dir)?;
                }
            }
        }
        Ok(removed)
    }
}

impl Trace {
    /// What `arrival` leaves behind.
    #[must_use]
    pub fn of(arrival: &Arrival) -> Self {
        Self {
            directory: arrival.directory.clone(),
            revision: hex(&arrival.bytes),
            files: arrival.files.iter().map(|(path, bytes)| (path.clone(), hex(bytes))).collect(),
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    ContentHash::of(bytes).hex()
}

/// A path written with `/`, below `dir`.
pub(super) fn below(dir: &Path, path: &str) -> PathBuf {
    path.split('/').fold(dir.to_owned(), |dir, part| dir.join(part))
}
