use super::Env;
use crate::model::Timestamp;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

/// A world for tests and reproducible runs: each look at the clock moves it one step, identifiers come
/// from a seed.
#[derive(Debug)]
pub struct FixedEnv {
    next: AtomicI64,
    step: i64,
    state: AtomicU64,
    vars: BTreeMap<String, String>,
    cwd: PathBuf,
    home: Option<PathBuf>,
    user: String,
    exe: Option<PathBuf>,
}

impl FixedEnv {
    /// A clock that first shows `start` and then moves by `step` at every look; random numbers from `seed`.
    /// The current directory is `/`, there is no home, the user is `tester`, no variable is set.
    #[must_use]
    pub fn new(start: Timestamp, step: Duration, seed: u64) -> Self {
        Self {
            next: AtomicI64::new(start.unix().saturating_mul(1000)),
            step: i64::try_from(step.as_millis()).unwrap_or(i64::MAX),
            state: AtomicU64::new(seed),
            vars: BTreeMap::new(),
            cwd: PathBuf::from("/"),
            home: None,
            user: "tester".to_owned(),
            exe: None,
        }
    }

    /// The same world with one more environment variable.
    #[must_use]
    pub fn with_var(mut self, name: &str, value: &str) -> Self {
        self.vars.insert(name.to_owned(), value.to_owned());
        self
    }

    /// The same world, standing in `cwd`.
    #[must_use]
    pub fn with_cwd(mut self, cwd: impl Into<PathBuf>) -> Self {
        self.cwd = cwd.into();
        self
    }

    /// The same world with a home directory.
    #[must_use]
    pub fn with_home(mut self, home: impl Into<PathBuf>) -> Self {
        self.home = Some(home.into());
        self
    }

    /// The same world, run from that file.
    #[must_use]
    pub fn with_exe(mut self, exe: impl Into<PathBuf>) -> Self {
        self.exe = Some(exe.into());
        self
    }

    /// The same world with another user.
    #[must_use]
    pub fn with_user(mut self, user: &str) -> Self {
        user.clone_into(&mut self.user);
        self
    }
}

impl Env for FixedEnv {
    fn now_ms(&self) -> i64 {
        self.next.fetch_add(self.step, Ordering::Relaxed)
    }

    // splitmix64: every seed gives a full-length sequence, and one atomic addition is all its state.
    fn random_u64(&self) -> u64 {
        const STEP: u64 = 0x9e37_79b9_7f4a_7c15;
        let mut z = self.state.fetch_add(STEP, Ordering::Relaxed).wrapping_add(STEP);
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn uuid_v7(&self) -> String {
        let mut random = [0; 10];
        let bits = [self.random_u64().to_be_bytes(), self.random_u64().to_be_bytes()].concat();
        random.copy_from_slice(&bits[..10]);
        let millis = u64::try_from(self.now_ms()).unwrap_or(0);
        uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid().to_string()
    }

    fn var(&self, name: &str) -> Option<&str> {
        self.vars.get(name).map(String::as_str)
    }

    fn cwd(&self) -> &Path {
        &self.cwd
    }

    fn home(&self) -> Option<&Path> {
        self.home.as_deref()
    }

    fn exe(&self) -> Option<PathBuf> {
        self.exe.clone()
    }

    fn user(&self) -> &str {
        &self.user
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn env(seed: u64) -> FixedEnv {
        FixedEnv::new(Timestamp::from_unix(1_760_000_000), Duration::from_secs(1), seed)
    }

    #[test]
    fn the_clock_moves_one_step_per_look() {
        let env = env(1);
        assert_eq!([env.now().unix(), env.now().unix()], [1_760_000_000, 1_760_000_001]);
    }

    #[test]
    fn equal_seeds_answer_alike_and_others_do_not() {
        let three = |env: FixedEnv| [env.uuid_v7(), env.random_u64().to_string(), env.uuid_v7()];
        assert_eq!(three(env(7)), three(env(7)));
        assert_ne!(three(env(7)), three(env(8)));
    }

    #[test]
    fn ids_carry_the_time_and_the_version() {
        let id = env(7).uuid_v7();
        assert!(id.starts_with("0199c82c-c000-7"), "{id}");
    }

    #[test]
    fn what_was_set_is_answered() {
        let env = env(1).with_var("A", "b").with_cwd("/c").with_home("/h").with_user("u");
        assert_eq!((env.var("A"), env.var("B")), (Some("b"), None));
        assert_eq!((env.cwd(), env.home(), env.user()), (Path::new("/c"), Some(Path::new("/h")), "u"));
    }
}
