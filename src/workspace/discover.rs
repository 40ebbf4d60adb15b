use std::path::{Path, PathBuf};

use crate::disk::{Disk, HOME};
use crate::env::Env;

/// What marks the top of a project: version control first, then build files of any language.
pub const PROJECT_MARKERS: &[&str] = &[
    ".git",
    ".hg",
    ".jj",
    "Cargo.toml",
    "package.json",
    "pyproject.toml",
    "setup.py",
    "requirements.txt",
    "go.mod",
    "pom.xml",
    "build.gradle",
    "build.gradle.kts",
    "Gemfile",
    "composer.json",
    "mix.exs",
    "CMakeLists.txt",
    "Makefile",
    "deno.json",
    "README.md",
];

/// How a root was found.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Via {
    /// `--root`
    Flag,
    /// `PLANDOWN_ROOT`
    Variable,
    /// The request's `working_directory`.
    Request,
    /// The nearest ancestor with `.task_orchestrator`.
    Ancestor,
    /// The nearest ancestor with a project marker (only `init` looks for it).
    Marker(&'static str),
    /// The current directory, because nothing else was found (only for `init`).
    Current,
}

/// A root and why it is the one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Found {
    /// The directory that holds (or will hold) `.task_orchestrator`.
    pub root: PathBuf,
    /// How it was found.
    pub via: Via,
}

/// Why there is no root.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum NotFound {
    /// A directory was named, but holds no `.task_orchestrator`, or does not exist.
    NotAWorkspace(PathBuf),
    /// Nothing from here upwards.
    Nothing {
        /// Where the search began.
        from: PathBuf,
    },
    /// Only the home directory or the file system's root has one; they are never taken by accident.
    Refused(PathBuf),
}

/// Finds the workspace for a command: flag, then variable, then the request's directory, then
/// the nearest ancestor of the current directory.
pub fn discover(env: &dyn Env, flag: Option<&Path>, request: Option<&Path>) -> Result<Found, NotFound> {
    let named =
        [(flag.map(Path::to_owned), Via::Flag), (env.var("PLANDOWN_ROOT").map(PathBuf::from), Via::Variable)];
    if let Some((Some(dir), via)) = named.into_iter().find(|(dir, _)| dir.is_some()) {
        let root = absolute(env, &dir);
        return if has(&root, HOME) { Ok(Found { root, via }) } else { Err(NotFound::NotAWorkspace(root)) };
    }
    let from = request.map_or_else(|| env.cwd().to_owned(), |dir| absolute(env, dir));
    let via = if request.is_some() { Via::Request } else { Via::Ancestor };
    let mut refused = None;
    for dir in from.ancestors() {
        if !has(dir, HOME) {
            continue;
        }
        if is_too_high(env, dir) && dir != from {
            refused = Some(dir.to_owned());
            continue;
        }
        return Ok(Found { root: dir.to_owned(), via });
    }
    Err(refused.map_or(NotFound::Nothing { from }, NotFound::Refused))
}

/// Finds where `init` puts a new workspace: flag, variable, an existing workspace, the nearest
/// ancestor with a project marker, the current directory.
pub fn discover_for_init(env: &dyn Env, flag: Option<&Path>) -> Result<Found, NotFound> {
    match discover(env, flag, None) {
        Ok(found) => return Ok(found),
        Err(NotFound::NotAWorkspace(root)) => {
            let via = if flag.is_some() { Via::Flag } else { Via::Variable };
            return Ok(Found { root, via });
        }
        Err(NotFound::Nothing { .. } | NotFound::Refused(_)) => {}
    }
    let from = env.cwd().to_owned();
    for dir in from.ancestors().filter(|dir| !is_too_high(env, dir)) {
        if let Some(marker) = PROJECT_MARKERS.iter().find(|m| has(dir, m)) {
            return Ok(Found { root: dir.to_owned(), via: Via::Marker(marker) });
        }
    }
    if is_too_high(env, &from) {
        return Err(NotFound::Refused(from));
    }
    Ok(Found { root: from, via: Via::Current })
}

/// The home directory and the root of the file system.
fn is_too_high(env: &dyn Env, dir: &Path) -> bool {
    dir.parent().is_none() || env.home() == Some(dir)
}

fn absolute(env: &dyn Env, dir: &Path) -> PathBuf {
    if dir.is_absolute() { dir.to_owned() } else { env.cwd().join(dir) }
}

fn has(dir: &Path, name: &str) -> bool {
    Disk::open(dir).is_ok_and(|disk| disk.exists(&dir.join(name)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::env::FixedEnv;
    use crate::model::Timestamp;
    use std::time::Duration;

    fn env(cwd: &Path) -> FixedEnv {
        FixedEnv::new(Timestamp::from_unix(0), Duration::ZERO, 1).with_cwd(cwd)
    }

    #[expect(clippy::disallowed_methods, reason = "tests lay out real directories")]
    fn dirs(root: &Path, names: &[&str]) {
        for name in names {
            std::fs::create_dir_all(root.join(name)).unwrap();
        }
    }

    #[test]
    fn the_nearest_workspace_wins_and_home_never_by_accident() {
        let tmp = tempfile::tempdir().unwrap();
        let home = tmp.path().canonicalize().unwrap();
        dirs(&home, &[".task_orchestrator", "p/.task_orchestrator", "p/src", "q/src"]);
        let inside = env(&home.join("p/src")).with_home(&home);
        assert_eq!(discover(&inside, None, None).unwrap().root, home.join("p"));
        let outside = env(&home.join("q/src")).with_home(&home);
        assert_eq!(discover(&outside, None, None), Err(NotFound::Refused(home.clone())));
        assert_eq!(discover(&outside, Some(Path::new("../../p")), None).unwrap().via, Via::Flag);
        let variable = outside.with_var("PLANDOWN_ROOT", &home.display().to_string());
        assert_eq!(discover(&variable, None, None), Ok(Found { root: home, via: Via::Variable }));
    }

    #[test]
    fn init_goes_to_the_top_of_the_project() {
        let tmp = tempfile::tempdir().unwrap();
        let root = tmp.path().canonicalize().unwrap();
        dirs(&root, &["p/.git", "p/a/b"]);
        let found = discover_for_init(&env(&root.join("p/a/b")), None).unwrap();
        assert_eq!(found, Found { root: root.join("p"), via: Via::Marker(".git") });
    }
}
