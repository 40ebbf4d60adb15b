use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::config::Settings;
use crate::diagnostic::Diagnostic;
use crate::disk::{Disk, Guard, Kind};
use crate::env::Env;
use crate::index::Index;
use crate::model::Timestamp;

use super::{Error, Refreshed, Swept};

/// An opened project.
pub struct Workspace {
    pub(super) env: Arc<dyn Env>,
    pub(super) disk: Disk,
    pub(super) index: Mutex<Index>,
    /// Why the index is only in memory, where it is.
    pub(super) detached: Option<String>,
    /// Whether the index is one of our own, because somebody holds the one on disk.
    pub(super) stands_in: AtomicBool,
    pub(super) remarks: Vec<String>,
    pub(super) settings: Settings,
    pub(super) settings_findings: Vec<Diagnostic>,
    pub(super) settings_text: String,
    /// What the last refresh found under `sessions/`, until somebody asks for it.
    pub(super) swept: Mutex<Swept>,
}

impl Workspace {
    /// Opens the project at `root` and brings its index up to date with the files.
    ///
    /// Writes nothing but its own state. Where even that cannot be written (a read-only
    /// checkout), the index lives in memory.
    pub fn open(root: &Path, env: Arc<dyn Env>) -> Result<Self, Error> {
        Self::open_with(Disk::open(root)?, env)
    }

    /// The same on a disk of the caller's: another file system.
    pub fn open_with(disk: Disk, env: Arc<dyn Env>) -> Result<Self, Error> {
        let mut workspace = Self::on(disk, env)?;
        workspace.refresh_or_rebuild()?;
        Ok(workspace)
    }

    /// As [`Workspace::open`], but leaves the index as it was found: for those who are about to
    /// build it anew.
    pub fn open_as_it_is(root: &Path, env: Arc<dyn Env>) -> Result<Self, Error> {
        Self::on(Disk::open(root)?, env)
    }

    fn on(disk: Disk, env: Arc<dyn Env>) -> Result<Self, Error> {
        let settings_text = match disk.read_plain(&disk.layout().config()) {
            Ok(file) => String::from_utf8_lossy(&file.bytes).into_owned(),
            Err(_) => String::new(),
        };
        let (settings, settings_findings) = Settings::parse(&settings_text);
        let wait = wait(&settings);
        let super::index::Attached { index, detached, stands_in, remarks } =
            super::index::attach(&disk, wait)?;
        Ok(Self {
            env,
            disk,
            index: Mutex::new(index),
            detached,
            stands_in: AtomicBool::new(stands_in),
            remarks,
            settings,
            settings_findings,
            settings_text,
            swept: Mutex::default(),
        })
    }

    /// Brings the index up to date. One that turns out damaged is put aside and built anew; where
    /// the disk takes no index, it goes on in memory.
    fn refresh_or_rebuild(&mut self) -> Result<(), Error> {
        match self.refresh_this() {
            Err(Error::IndexBusy) => {
                self.stand_in()?;
                self.refresh().map(|_| ())
            }
            Err(Error::IndexDamaged(why)) => {
                self.remarks.push(format!("the index was damaged ({why}) and is rebuilt"));
                self.heal()
            }
            Err(Error::Index(why)) => {
                let why = format!("the index is kept in memory: {why}");
                self.index = Mutex::new(Index::in_memory()?);
                self.remarks.push(why.clone());
                self.detached = Some(why);
                self.refresh().map(|_| ())
            }
            done => done.map(|_: Refreshed| ()),
        }
    }

    /// Puts a damaged index aside and builds a new one from the files.
    pub fn heal(&mut self) -> Result<(), Error> {
        // The connection is closed first: no platform lets an open file be renamed everywhere.
        self.index = Mutex::new(Index::in_memory()?);
        if self.detached.is_none() {
            super::aside::set_aside(&self.disk, None, wait(&self.settings));
            self.reattach()?;
        }
        self.refresh().map(|_| ())
    }

    /// Opens the index on disk anew.
    pub(super) fn reattach(&mut self) -> Result<(), Error> {
        let attached = super::index::attach(&self.disk, wait(&self.settings))?;
        self.detached = attached.detached;
        self.stands_in = AtomicBool::new(attached.stands_in);
        self.index = Mutex::new(attached.index);
        Ok(())
    }

    /// Whether the index is one of our own in memory, because somebody held the one on disk for
    /// longer than we wait.
    #[must_use]
    pub fn stands_in(&self) -> bool {
        self.stands_in.load(Ordering::Relaxed)
    }

    /// Files, paths and locks.
    #[must_use]
    pub fn disk(&self) -> &Disk {
        &self.disk
    }

    /// The settings.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The settings' text and what is wrong with it.
    #[must_use]
    pub fn settings_source(&self) -> (&str, &[Diagnostic]) {
        (&self.settings_text, &self.settings_findings)
    }

    /// Whether the settings are still those this was opened with, the workspace is still there, and
    /// its index is the shared one.
    #[must_use]
    pub fn is_current(&self) -> bool {
        let text = match self.disk.read_plain(&self.disk.layout().config()) {
            Ok(file) => String::from_utf8_lossy(&file.bytes).into_owned(),
            Err(_) => String::new(),
        };
        text == self.settings_text && self.disk.is_workspace() && !self.stands_in()
    }

    /// What a person should be told about opening: a rebuilt or detached index.
    #[must_use]
    pub fn remarks(&self) -> &[String] {
        &self.remarks
    }

    /// Why the index is not on disk, where it is not.
    #[must_use]
    pub fn detached(&self) -> Option<&str> {
        self.detached.as_deref()
    }

    /// The index, for queries.
    pub fn index(&self) -> MutexGuard<'_, Index> {
        // A panic elsewhere leaves the connection usable: transactions roll back when dropped.
        self.index.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The time of day.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.env.now()
    }

    /// The world outside.
    #[must_use]
    pub fn env(&self) -> &dyn Env {
        self.env.as_ref()
    }

    /// How many items a list shows on a terminal.
    #[must_use]
    pub fn list_limit(&self) -> usize {
        usize::try_from(self.settings.number(crate::config::Setting::ListLimit)).unwrap_or(usize::MAX)
    }

    /// Takes the workspace's lock. Whoever holds it finds no restore and no import half done.
    pub fn lock(&self) -> Result<Guard, Error> {
        let guard = self.disk.lock(wait(&self.settings))?;
        // One that cannot be finished now must not keep others from writing; its journal says that it waits.
        let _ = self.finish_restore(&guard);
        let _ = self.finish_import(&guard);
        Ok(guard)
    }

    /// Whether an error says that this directory cannot be written to.
    pub(super) fn is_read_only(error: &crate::disk::Error) -> bool {
        matches!(error.kind, Kind::ReadOnly | Kind::NoSpace)
    }
}

/// How long others are waited for.
pub(super) fn wait(settings: &Settings) -> Duration {
    Duration::from_millis(settings.number(crate::config::Setting::LockTimeoutMs))
}
