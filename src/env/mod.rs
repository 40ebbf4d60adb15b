//! Everything a run is told from outside: the time, fresh identifiers, environment variables, where it
//! runs and for whom.
//!
//! Read once, at the start of `main`, and handed down by reference; no other room asks the system for any
//! of it. Never touches files. Invariant: what a [`FixedEnv`] answers depends only on what it was built
//! from and on the questions asked before, so a run under it can be repeated byte for byte.

mod fixed;
#[expect(clippy::disallowed_methods, reason = "this is where the system is asked")]
mod system;

use crate::model::Timestamp;
use std::path::{Path, PathBuf};

pub use fixed::FixedEnv;
pub use system::SystemEnv;

/// What a run may ask about the world outside its files.
pub trait Env: Send + Sync {
    /// The time of day. Wall clock: it may jump, so nothing is ordered by it.
    fn now(&self) -> Timestamp {
        Timestamp::from_unix(self.now_ms().div_euclid(1000))
    }

    /// The time of day in milliseconds since 1970.
    fn now_ms(&self) -> i64;

    /// 64 fresh random bits. Not a secret: good for jitter and short names, not for keys.
    fn random_u64(&self) -> u64;

    /// A fresh version 7 UUID (36 characters, lower case, sortable by time of creation).
    fn uuid_v7(&self) -> String;

    /// An environment variable as it was when the process started; `None` if unset or not Unicode.
    fn var(&self, name: &str) -> Option<&str>;

    /// The directory the process was started in.
    fn cwd(&self) -> &Path;

    /// The user's home directory, if the environment names one.
    fn home(&self) -> Option<&Path>;

    /// The file of the running program, where the system tells.
    fn exe(&self) -> Option<PathBuf> {
        None
    }

    /// The user's name, `unknown` if the environment has none.
    fn user(&self) -> &str;
}
