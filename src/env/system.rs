use super::Env;
use std::collections::BTreeMap;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

/// The real world, variables and directories as they were when it was read.
#[derive(Debug)]
pub struct SystemEnv {
    vars: BTreeMap<String, String>,
    cwd: PathBuf,
    home: Option<PathBuf>,
    user: String,
    keys: RandomState,
    drawn: AtomicU64,
}

impl SystemEnv {
    /// Reads the process's surroundings. An unreadable current directory becomes `.`; variables that are
    /// not Unicode are left out.
    #[must_use]
    pub fn read() -> Self {
        let vars: BTreeMap<String, String> = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect();
        let set = |name: &str| vars.get(name).filter(|value| !value.is_empty()).cloned();
        let user = set("USER").or_else(|| set("LOGNAME")).or_else(|| set("USERNAME"));
        Self {
            cwd: std::env::current_dir().unwrap_or_else(|_| PathBuf::from(".")),
            home: set("HOME").or_else(|| set("USERPROFILE")).map(PathBuf::from),
            user: user.unwrap_or_else(|| "unknown".to_owned()),
            keys: RandomState::new(),
            drawn: AtomicU64::new(0),
            vars,
        }
    }
}

impl Env for SystemEnv {
    fn now_ms(&self) -> i64 {
        match SystemTime::now().duration_since(UNIX_EPOCH) {
            Ok(after) => i64::try_from(after.as_millis()).unwrap_or(i64::MAX),
            Err(before) => i64::try_from(before.duration().as_millis()).map_or(i64::MIN, |millis| -millis),
        }
    }

    fn random_u64(&self) -> u64 {
        let mut hasher = self.keys.build_hasher();
        hasher.write_u64(self.drawn.fetch_add(1, Ordering::Relaxed));
        hasher.finish()
    }

    fn uuid_v7(&self) -> String {
        uuid::Uuid::now_v7().to_string()
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
        std::env::current_exe().ok()
    }

    fn user(&self) -> &str {
        &self.user
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_differ_and_ids_sort_by_creation() {
        let env = SystemEnv::read();
        assert_ne!(env.random_u64(), env.random_u64());
        let ids: Vec<String> = (0..50).map(|_| env.uuid_v7()).collect();
        assert!(ids.is_sorted(), "{ids:?}");
        assert!(ids.iter().all(|id| id.len() == 36 && id.as_bytes()[14] == b'7'), "{ids:?}");
    }

    #[test]
    fn the_clock_is_in_milliseconds_of_this_century() {
        let now = SystemEnv::read().now_ms();
        assert!((1_700_000_000_000..4_100_000_000_000).contains(&now), "{now}");
    }

    #[test]
    fn an_unset_variable_is_none() {
        assert_eq!(SystemEnv::read().var("PLANDOWN_SURELY_UNSET"), None);
    }
}
