use super::{Disk, Error, Held, Kind};
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Proof that this process, and in it this holder alone, may change the workspace. Released when dropped.
#[derive(Debug)]
pub struct Guard {
    gate: Gate,
    _lock: Held,
}

/// The half of the lock that keeps the threads of this process apart.
#[derive(Debug)]
struct Gate(Arc<AtomicBool>);

impl Gate {
    fn enter(flag: &Arc<AtomicBool>) -> Option<Self> {
        (!flag.swap(true, Ordering::Acquire)).then(|| Self(Arc::clone(flag)))
    }
}

impl Drop for Gate {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Release);
    }
}

const FIRST_PAUSE: Duration = Duration::from_micros(500);
const LONGEST_PAUSE: Duration = Duration::from_millis(10);

impl Disk {
    /// Takes the workspace's lock, creating the state directories if they are missing. Waits up to `timeout`,
    /// then gives up with kind `Busy`.
    pub fn lock(&self, timeout: Duration) -> Result<Guard, Error> {
        let path = self.layout.lock();
        self.ensure_state()?;
        let guard = self.wait_for(timeout, || {
            let Some(gate) = Gate::enter(&self.gate) else { return Ok(None) };
            match self.fs.try_lock(&path) {
                Ok(Some(lock)) => {
                    // A clean-up may have removed the directories while we waited for their lock.
                    self.ensure_state()?;
                    Ok(Some(Guard { gate, _lock: lock }))
                }
                Ok(None) => Ok(None),
                Err(e) if e.kind() == io::ErrorKind::NotFound => self.ensure_state().map(|()| None),
                Err(e) => Err(Error::writing("lock", &path, e)),
            }
        })?;
        guard.ok_or_else(|| Error::new(Kind::Busy, "lock", &path))
    }

    /// Tries again and again, with pauses that grow, until something comes of it or `timeout` is over.
    pub(super) fn wait_for<T>(
        &self,
        timeout: Duration,
        mut attempt: impl FnMut() -> Result<Option<T>, Error>,
    ) -> Result<Option<T>, Error> {
        let mut pause = FIRST_PAUSE;
        let mut waited = Duration::ZERO;
        loop {
            if let Some(done) = attempt()? {
                return Ok(Some(done));
            }
            if waited >= timeout {
                return Ok(None);
            }
            self.fs.sleep(pause);
            waited += pause;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// Refuses a guard that belongs to another workspace: a mistake of the caller's.
    pub(super) fn check_guard(&self, guard: &Guard) -> Result<(), Error> {
        if Arc::ptr_eq(&guard.gate.0, &self.gate) {
            Ok(())
        } else {
            Err(Error::new(Kind::Busy, "use another workspace's lock for", self.layout.root()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn a_second_holder_is_refused_until_the_first_lets_go() {
        let tmp = tempfile::tempdir().unwrap();
        let (one, other) = (Disk::open(tmp.path()).unwrap(), Disk::open(tmp.path()).unwrap());
        let guard = one.lock(Duration::ZERO).unwrap();
        for disk in [&one, &other] {
            assert_eq!(disk.lock(Duration::ZERO).unwrap_err().kind, Kind::Busy);
        }
        assert!(one.check_guard(&guard).is_ok());
        assert!(other.check_guard(&guard).is_err(), "a guard opens only its own workspace");
        drop(guard);
        other.lock(Duration::ZERO).unwrap();
        one.lock(Duration::ZERO).unwrap();
    }

    #[test]
    fn increments_from_many_threads_are_all_there() {
        let tmp = tempfile::tempdir().unwrap();
        let counter = tmp.path().join("n");
        fs::write(&counter, "0").unwrap();
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    let disk = Disk::open(tmp.path()).unwrap();
                    for _ in 0..25 {
                        let _guard = disk.lock(Duration::from_secs(60)).unwrap();
                        let n: u32 = fs::read_to_string(&counter).unwrap().parse().unwrap();
                        fs::write(&counter, (n + 1).to_string()).unwrap();
                    }
                });
            }
        });
        assert_eq!(fs::read_to_string(&counter).unwrap(), "100");
    }

    #[test]
    fn a_removed_state_directory_comes_back() {
        let tmp = tempfile::tempdir().unwrap();
        let disk = Disk::open(tmp.path()).unwrap();
        drop(disk.lock(Duration::ZERO).unwrap());
        fs::remove_dir_all(disk.layout().state()).unwrap();
        let _guard = disk.lock(Duration::ZERO).unwrap();
        assert!(disk.layout().tmp().is_dir());
    }
}
