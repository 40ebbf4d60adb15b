use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use notify::event::{CreateKind, ModifyKind, RenameMode};
use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher};

use super::Pace;
use super::pace::Plan;

/// How often is looked where the platform reports nothing.
const POLL: Duration = Duration::from_secs(2);

/// Why the caller was woken.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Wake {
    /// Something may have changed.
    Look,
    /// It has been quiet for as long as was asked for.
    Idle,
    /// Somebody asked to stop.
    Stop,
}

enum Message {
    Stir,
    /// A directory came or got its name.
    Directory,
    Stop,
}

/// Asks a watch to stop, from another thread.
#[derive(Clone, Debug)]
pub struct Stopper(Sender<Message>);

impl Stopper {
    /// Asks. A watch that is gone already does not mind.
    pub fn stop(&self) {
        let _ = self.0.send(Message::Stop);
    }
}

/// Watches a directory and what is below one directory in it.
pub struct Watch {
    top: PathBuf,
    tree: PathBuf,
    pace: Pace,
    plan: Plan,
    began: Instant,
    send: Sender<Message>,
    receive: Receiver<Message>,
    watcher: Option<RecommendedWatcher>,
    why_polling: Option<String>,
}

impl std::fmt::Debug for Watch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Watch").field("tree", &self.tree).finish_non_exhaustive()
    }
}

impl Watch {
    /// Watches everything below `tree`, and `top` (the directory that holds it) for its coming and going.
    /// With `poll`, or where the platform cannot watch, it looks every two seconds instead.
    #[must_use]
    pub fn start(top: &Path, tree: &Path, pace: Pace, poll: bool) -> Self {
        let (send, receive) = channel();
        let mut watch = Self {
            top: top.to_owned(),
            tree: tree.to_owned(),
            pace,
            plan: Plan::default(),
            began: now(),
            send,
            receive,
            watcher: None,
            why_polling: poll.then(|| "asked to".to_owned()),
        };
        if !poll {
            watch.attach();
        }
        if watch.watcher.is_none() {
            watch.pace.backstop = watch.pace.backstop.min(POLL);
        }
        watch
    }

    /// Why it looks every two seconds instead of listening, where it does.
    #[must_use]
    pub fn why_polling(&self) -> Option<&str> {
        self.why_polling.as_deref()
    }

    /// Something by which another thread can stop it.
    #[must_use]
    pub fn stopper(&self) -> Stopper {
        Stopper(self.send.clone())
    }

    /// The caller found a change that was not reported.
    pub fn stirred(&mut self) {
        self.plan.stirred = self.elapsed();
    }

    /// The caller could not finish its look: once more after the quiet time.
    pub fn again(&mut self) {
        let now = self.elapsed();
        self.plan.stir(now);
    }

    /// Waits until it is worth looking, or until it has been quiet for `idle`.
    pub fn next(&mut self, idle: Option<Duration>) -> Wake {
        loop {
            let now = self.elapsed();
            let due = self.plan.due(&self.pace);
            let idle_at = idle.map(|idle| self.plan.stirred + idle).filter(|_| self.plan.dirty.is_none());
            if due <= now {
                self.plan.look(now);
                return Wake::Look;
            }
            if idle_at.is_some_and(|at| at <= now) {
                return Wake::Idle;
            }
            let until = idle_at.map_or(due, |at| at.min(due));
            match self.receive.recv_timeout(until.saturating_sub(now)) {
                Ok(Message::Stop) => return Wake::Stop,
                Ok(Message::Stir) => {
                    let now = self.elapsed();
                    self.plan.stir(now);
                }
                Ok(Message::Directory) => {
                    let now = self.elapsed();
                    self.plan.directory(now);
                    self.attach_tree();
                }
                // This watch holds a sender itself, so it never hangs up.
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {}
            }
        }
    }

    fn elapsed(&self) -> Duration {
        now().saturating_duration_since(self.began)
    }

    fn attach(&mut self) {
        let send = self.send.clone();
        let (top, tree) = (self.top.clone(), self.tree.clone());
        let handler = move |event: notify::Result<Event>| {
            if let Some(message) = hint(event, &top, &tree) {
                let _ = send.send(message);
            }
        };
        match notify::recommended_watcher(handler) {
            Ok(watcher) => self.watcher = Some(watcher),
            Err(error) => self.give_up(&error),
        }
        let watched = self.watcher.as_mut().map(|w| w.watch(&self.top, RecursiveMode::NonRecursive));
        match watched {
            Some(Err(error)) => self.give_up(&error),
            Some(Ok(())) => self.attach_tree(),
            None => {}
        }
    }

    /// Watches the tree, anew where it is another directory than before.
    fn attach_tree(&mut self) {
        let Some(watcher) = &mut self.watcher else { return };
        match watcher.watch(&self.tree, RecursiveMode::Recursive) {
            Ok(()) => {}
            // It will come, and then there is an event of the directory above.
            Err(error) if matches!(error.kind, notify::ErrorKind::PathNotFound) => {}
            Err(error) if is_missing(&error) => {}
            Err(error) => self.give_up(&error),
        }
    }

    fn give_up(&mut self, error: &notify::Error) {
        self.watcher = None;
        self.why_polling = Some(error.to_string());
        self.pace.backstop = self.pace.backstop.min(POLL);
    }
}

fn is_missing(error: &notify::Error) -> bool {
    matches!(&error.kind, notify::ErrorKind::Io(io) if io.kind() == std::io::ErrorKind::NotFound)
}

/// What an event is worth. Reading is no change (we read ourselves), and what happens beside the tree
/// only counts where it is the tree.
fn hint(event: notify::Result<Event>, top: &Path, tree: &Path) -> Option<Message> {
    // Lost events and errors say nothing about where.
    let Ok(event) = event else { return Some(Message::Stir) };
    if event.need_rescan() || event.paths.is_empty() {
        return Some(Message::Directory);
    }
    if matches!(event.kind, EventKind::Access(_)) {
        return None;
    }
    let concerns = |path: &PathBuf| path.starts_with(tree) || path == top;
    if !event.paths.iter().any(concerns) {
        return None;
    }
    let came = matches!(
        event.kind,
        EventKind::Create(CreateKind::Folder | CreateKind::Any | CreateKind::Other)
            | EventKind::Modify(ModifyKind::Name(RenameMode::To | RenameMode::Both | RenameMode::Any))
    );
    // A renamed file is told from a renamed directory by looking, which is not done here: the tree
    // itself and its direct children are directories, deeper ones have been created before.
    let is_directory = |path: &PathBuf| {
        matches!(event.kind, EventKind::Create(_)) || path == tree || path.parent() == Some(tree)
    };
    Some(if came && event.paths.iter().any(is_directory) { Message::Directory } else { Message::Stir })
}

#[expect(clippy::disallowed_methods, reason = "a stop watch between events, never the time of day")]
fn now() -> Instant {
    Instant::now()
}

#[cfg(test)]
mod tests {
    use super::*;
    use notify::event::{AccessKind, DataChange, Flag};

    #[track_caller]
    fn check(kind: EventKind, path: &str, expected: Option<bool>) {
        let event = Event::new(kind).add_path(PathBuf::from(path));
        let hint = hint(Ok(event), Path::new("/w"), Path::new("/w/s"));
        let directory = hint.map(|m| matches!(m, Message::Directory));
        assert_eq!(directory, expected, "{kind:?} {path}");
    }

    #[test]
    fn events_are_hints() {
        let written = EventKind::Modify(ModifyKind::Data(DataChange::Any));
        check(written, "/w/s/a/session.md", Some(false));
        check(written, "/w/other", None);
        check(EventKind::Access(AccessKind::Any), "/w/s/a/session.md", None);
        check(EventKind::Create(CreateKind::Folder), "/w/s/a", Some(true));
        check(EventKind::Create(CreateKind::File), "/w/s/a/session.md", Some(false));
        check(EventKind::Modify(ModifyKind::Name(RenameMode::To)), "/w/s/a", Some(true));
        check(EventKind::Modify(ModifyKind::Name(RenameMode::To)), "/w/s/a/session.md", Some(false));
        let lost = Event::new(EventKind::Other).set_flag(Flag::Rescan);
        assert!(matches!(hint(Ok(lost), Path::new("/w"), Path::new("/w/s")), Some(Message::Directory)));
        let error = notify::Error::generic("x");
        assert!(matches!(hint(Err(error), Path::new("/w"), Path::new("/w/s")), Some(Message::Stir)));
    }

    #[test]
    fn a_watch_can_be_stopped_and_says_when_it_is_quiet() {
        let dir = tempfile::tempdir().unwrap();
        let long = Duration::from_secs(600);
        let pace = Pace { quiet: Duration::ZERO, longest: long, backstop: long };
        let mut watch = Watch::start(dir.path(), &dir.path().join("s"), pace, false);
        assert_eq!(watch.next(Some(Duration::ZERO)), Wake::Idle);
        watch.again();
        assert_eq!(watch.next(None), Wake::Look);
        watch.stopper().stop();
        assert_eq!(watch.next(None), Wake::Stop);
    }
}
