use std::path::PathBuf;

use crate::archive::{self, ArchiveError, Effort, Entry, Limits};
use crate::config::Setting;
use crate::disk::{FileText, Guard, SafeName};
use crate::model::{Timestamp, slug};
use crate::text::ContentHash;

use super::super::{Error, Workspace};
use super::gather::{BackupScope, Gathered, may_be_restored, session_of};
use super::manifest::{Kept, Manifest};

const SUFFIX: &str = ".tar.zst";
const MANIFEST: &str = "manifest.json";
const OTHER_FILES: &str = "its files are not those of its manifest";
/// More than the largest workspace that is planned for; a bomb stops here.
const LIMITS: Limits = Limits { files: 200_000, bytes: 2 << 30 };
const DAY: i64 = 86_400;
/// `20260131T120000Z`.
const STAMP: usize = 16;

/// A backup to be taken.
#[derive(Clone, Debug)]
pub struct BackupRequest<'a> {
    /// Of what.
    pub scope: BackupScope,
    /// What the person calls it.
    pub name: Option<&'a str>,
    /// Who asks.
    pub by: &'a str,
    /// What it is taken before, where nobody asked for it.
    pub before: Option<&'a str>,
}

/// Whether a backup can be used.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Health {
    /// Its seal holds.
    Sealed,
    /// Every file in it was unpacked and has the hash that the manifest states.
    Proven,
    /// It is not what was written; why.
    Damaged(String),
}

/// A backup as it lies there.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Backup {
    /// Its name: the file without the ending.
    pub id: String,
    /// The file, below the root.
    pub path: String,
    /// Bytes of the file.
    pub stored: u64,
    /// What it says about itself; `None` where it is damaged.
    pub manifest: Option<Manifest>,
    /// Whether it can be used.
    pub health: Health,
}

/// A backup that retention would remove, and why.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Outdated {
    /// Which.
    pub backup: Backup,
    /// Why, as a few words.
    pub why: String,
}

impl Workspace {
    /// What a backup would hold; takes no lock and writes nothing.
    pub fn backup_preview(&self, request: &BackupRequest<'_>) -> Result<Manifest, Error> {
        let gathered = self.gather(None, &request.scope)?;
        Ok(self.manifest_of(request, request.scope.word(), &gathered))
    }

    /// Takes a backup: reads under the lock, packs without it, proves what came out, then puts it in place in one
    /// step.
    pub fn backup(&self, request: &BackupRequest<'_>) -> Result<Backup, Error> {
        self.backup_with(request, &[])
    }

    pub(super) fn manifest_of(
        &self,
        request: &BackupRequest<'_>,
        scope: &str,
        gathered: &Gathered,
    ) -> Manifest {
        let label = request.name.map_or_else(|| request.scope.label(), slug);
        self.described(scope, &label, (request.name, request.by, request.before), gathered)
    }

    /// The manifest of files that were read.
    pub(super) fn described(
        &self,
        scope: &str,
        label: &str,
        (name, by, before): (Option<&str>, &str, Option<&str>),
        gathered: &Gathered,
    ) -> Manifest {
        let created = self.now().to_string();
        let stamp: String = created.chars().filter(char::is_ascii_alphanumeric).collect();
        let label: String = label.chars().take(40).collect();
        let mut sessions: Vec<String> =
            gathered.files.iter().filter_map(|(path, _)| session_of(path)).map(str::to_owned).collect();
        sessions.dedup();
        let files = gathered.files.iter().map(|(path, file)| Kept {
            path: path.clone(),
            size: u64::try_from(file.bytes.len()).unwrap_or(u64::MAX),
            mode: file.stat.mode,
            hash: file.hash,
        });
        Manifest {
            id: format!("{stamp}-{label}"),
            name: name.map(str::to_owned),
            created,
            by: by.to_owned(),
            before: before.map(str::to_owned),
            scope: scope.to_owned(),
            sessions,
            files: files.collect(),
            absent: Vec::new(),
            skipped: gathered.skipped.clone(),
        }
    }

    /// Packs, proves and writes a backup. `guard` where the lock is held already.
    pub(super) fn store(
        &self,
        guard: Option<&Guard>,
        mut manifest: Manifest,
        files: &[(String, FileText)],
    ) -> Result<Backup, Error> {
        self.disk.ensure_private(&self.disk.layout().backups())?;
        let wanted = manifest.id.clone();
        for n in 2.. {
            let sealed = self.packed(&manifest, files)?;
            let own;
            let guard = if let Some(guard) = guard {
                guard
            } else {
                own = self.lock()?;
                &own
            };
            let path = self.backup_path(&manifest.id)?;
            if self.disk.is_there(&path)? {
                // Another one of the same second.
                manifest.id = format!("{wanted}-{n}");
                continue;
            }
            self.disk.write_view(guard, &path, &sealed)?;
            return Ok(Backup {
                id: manifest.id.clone(),
                path: self.below_root(&path),
                stored: u64::try_from(sealed.len()).unwrap_or(u64::MAX),
                manifest: Some(manifest),
                health: Health::Proven,
            });
        }
        Err(Error::Exists(wanted))
    }

    fn packed(&self, manifest: &Manifest, files: &[(String, FileText)]) -> Result<Vec<u8>, Error> {
        let broken = |message: String| Error::Archive { path: format!("backups/{}", manifest.id), message };
        let head = manifest.write();
        let head = (MANIFEST, head.as_slice(), 0o600);
        let rest = files.iter().map(|(path, file)| (path.as_str(), file.bytes.as_slice(), file.stat.mode));
        let all = std::iter::once(head).chain(rest);
        let archive = archive::pack_with(all, Effort::Quick).map_err(|e| broken(e.to_string()))?;
        let digest = ContentHash::of(&archive);
        let sealed = archive::seal(archive, digest.as_bytes());
        // Nothing counts as a backup that has not been read back.
        prove(&sealed, |_| {}).map_err(broken)?;
        Ok(sealed)
    }

    /// Every backup, newest first. Seals are looked at, contents are not.
    pub fn backups(&self) -> Result<Vec<Backup>, Error> {
        let mut found = Vec::new();
        for (path, stat) in self.disk.files_in(&self.disk.layout().backups(), SUFFIX)? {
            let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
            let id = name.trim_end_matches(SUFFIX).to_owned();
            let (manifest, health) = match self.disk.read_plain(&path) {
                Ok(file) => match glance(&file.bytes) {
                    Ok(manifest) => (Some(manifest), Health::Sealed),
                    Err(why) => (None, Health::Damaged(why)),
                },
                Err(error) => (None, Health::Damaged(error.to_string())),
            };
            let path = self.below_root(&path);
            // A name begins with the second; within it the file system knows.
            let age = (id.chars().take(STAMP).collect::<String>(), stat.mtime_ns);
            found.push((age, Backup { id, path, stored: stat.size, manifest, health }));
        }
        found.sort_by(|a, b| b.0.cmp(&a.0));
        Ok(found.into_iter().map(|(_, backup)| backup).collect())
    }

    /// Unpacks a backup and compares every file with its manifest; the health says what came of it.
    pub fn verify_backup(&self, backup: &Backup) -> Result<Backup, Error> {
        let mut backup = backup.clone();
        let file = self.disk.read_plain(&self.backup_path(&backup.id)?)?;
        (backup.manifest, backup.health) = match prove(&file.bytes, |_| {}) {
            Ok(manifest) => (Some(manifest), Health::Proven),
            Err(message) => (None, Health::Damaged(message)),
        };
        Ok(backup)
    }

    /// Everything in a backup, proven; an error where anything is not as it was written.
    pub(super) fn unpacked_backup(&self, id: &str) -> Result<(Manifest, Vec<Entry>), Error> {
        let path = self.backup_path(id)?;
        let file = self.disk.read_plain(&path)?;
        let mut entries = Vec::new();
        let manifest = prove(&file.bytes, |entry| entries.push(entry))
            .map_err(|message| Error::Archive { path: self.below_root(&path), message })?;
        Ok((manifest, entries))
    }

    /// The backups past what is kept: by age, then by count. The newest usable one always stays, and so do damaged
    /// ones, of which nobody knows what they were. With `asked` those that a person asked for
    /// are among them.
    pub fn outdated_backups(&self, count: u64, days: u64, asked: bool) -> Result<Vec<Outdated>, Error> {
        let now = self.now().unix();
        let all: Vec<Backup> = self.backups()?.into_iter().filter(|b| b.manifest.is_some()).collect();
        let mut outdated = Vec::new();
        let mut kept = 0_u64;
        for (nth, backup) in all.into_iter().enumerate() {
            let Some(manifest) = &backup.manifest else { continue };
            let age = Timestamp::parse(&manifest.created).map_or(0, |at| now.saturating_sub(at.unix()));
            let age = u64::try_from(age / DAY).unwrap_or(0);
            if manifest.before.is_none() && !asked {
                continue;
            }
            let why = if nth == 0 {
                None
            } else if age > days {
                Some(format!("{age} days old"))
            } else {
                (kept >= count).then(|| format!("{count} newer ones are kept"))
            };
            match why {
                Some(why) => outdated.push(Outdated { backup, why }),
                None => kept += 1,
            }
        }
        Ok(outdated)
    }

    /// How many backups, for how many days, the settings say.
    #[must_use]
    pub fn backup_retention(&self) -> (u64, u64) {
        (self.settings.number(Setting::RetentionBackups), self.settings.number(Setting::RetentionBackupDays))
    }

    /// Removes backups.
    pub fn remove_backups(&self, backups: &[Backup]) -> Result<(), Error> {
        let guard = self.lock()?;
        for backup in backups {
            self.disk.remove_view(&guard, &self.backup_path(&backup.id)?)?;
        }
        Ok(())
    }

    fn backup_path(&self, id: &str) -> Result<PathBuf, Error> {
        let name = SafeName::parse(id)?;
        Ok(self.disk.layout().backups().join(format!("{name}{SUFFIX}")))
    }
}

/// The archive behind a seal that holds.
fn unsealed(sealed: &[u8]) -> Result<&[u8], String> {
    let (archive, digest) = archive::unseal(sealed).map_err(|e| e.to_string())?;
    if *ContentHash::of(archive).as_bytes() != digest {
        return Err("its content is not what was written".to_owned());
    }
    Ok(archive)
}

fn manifest_in(entry: Option<&Entry>) -> Result<Manifest, String> {
    let entry = entry.filter(|entry| entry.path == MANIFEST);
    entry.and_then(|entry| Manifest::read(&entry.bytes)).ok_or_else(|| "it has no manifest".to_owned())
}

fn glance(sealed: &[u8]) -> Result<Manifest, String> {
    let first = archive::first(unsealed(sealed)?, LIMITS).map_err(|e| e.to_string())?;
    manifest_in(first.as_ref())
}

/// Unpacks and compares everything.
fn prove(sealed: &[u8], mut then: impl FnMut(Entry)) -> Result<Manifest, String> {
    let mut manifest: Option<Manifest> = None;
    let mut nth = 0;
    let untrue = ArchiveError::Untrue;
    archive::each(unsealed(sealed)?, LIMITS, |entry| {
        let Some(manifest) = &manifest else {
            manifest = Some(manifest_in(Some(&entry)).map_err(untrue)?);
            return Ok(());
        };
        let file = manifest.files.get(nth).filter(|file| file.path == entry.path);
        let file = file.ok_or_else(|| untrue(OTHER_FILES.to_owned()))?;
        let size = u64::try_from(entry.bytes.len()).unwrap_or(u64::MAX);
        if file.size != size || ContentHash::of(&entry.bytes) != file.hash {
            return Err(untrue(format!("`{}` in it is not what was backed up", file.path)));
        }
        nth += 1;
        then(entry);
        Ok(())
    })
    .map_err(|e| e.to_string())?;
    let manifest = manifest.map_or_else(|| manifest_in(None), Ok)?;
    if nth != manifest.files.len() {
        return Err(OTHER_FILES.to_owned());
    }
    let paths = manifest.files.iter().map(|f| &f.path).chain(manifest.absent.iter().map(|(path, _)| path));
    if let Some(path) = paths.into_iter().find(|path| !may_be_restored(path)) {
        return Err(format!("it holds `{path}`, which no backup of ours does"));
    }
    Ok(manifest)
}
