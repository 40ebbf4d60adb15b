use std::ffi::OsStr;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Why Git did not answer.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no program `git`.
    #[error("`git` cannot be started: {0}")]
    Absent(io::Error),
    /// It said no.
    #[error("`git {command}` failed: {message}")]
    Failed {
        /// The subcommand.
        command: String,
        /// Its exit code, where it was not killed.
        code: Option<i32>,
        /// What it printed on standard error, on one line.
        message: String,
    },
}

impl Error {
    /// What one can do about it.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Absent(_) => "install Git, or add it to `PATH`",
            Self::Failed { .. } => "run the same `git` command by hand to see more",
        }
    }
}

/// Variables by which a calling Git tells which repository it works on; an own repository must not
/// hear them.
const INHERITED: &[&str] = &[
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_PREFIX",
    "GIT_NAMESPACE",
    "GIT_CONFIG",
    "GIT_CONFIG_PARAMETERS",
    "GIT_CONFIG_COUNT",
    "GIT_ATTR_SOURCE",
    "GIT_TEMPLATE_DIR",
];

/// Exit code (none for one that was killed), standard output, standard error.
pub type Answer = (Option<i32>, Vec<u8>, Vec<u8>);

/// Git, called in one directory.
#[derive(Clone, Debug)]
pub struct Git {
    dir: PathBuf,
    alone: bool,
}

impl Git {
    /// Git in the repository that `dir` belongs to. Heeds what a calling Git says, as in a hook.
    #[must_use]
    pub fn at(dir: &Path) -> Self {
        Self { dir: dir.to_owned(), alone: false }
    }

    /// Git in `dir` without anything that a caller, the user or the system has set.
    #[must_use]
    pub fn alone(dir: &Path) -> Self {
        Self { dir: dir.to_owned(), alone: true }
    }

    /// The directory it is called in.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    fn command<S: AsRef<OsStr>>(&self, args: &[S]) -> Command {
        let mut command = Command::new("git");
        command.args(args).current_dir(&self.dir);
        command.env("LC_ALL", "C").env("GIT_TERMINAL_PROMPT", "0").env("GIT_OPTIONAL_LOCKS", "0");
        if self.alone {
            for name in INHERITED {
                command.env_remove(name);
            }
            let nothing = if cfg!(windows) { "NUL" } else { "/dev/null" };
            command.env("GIT_CONFIG_GLOBAL", nothing).env("GIT_CONFIG_NOSYSTEM", "1");
        }
        command
    }

    /// Runs a command and returns what it printed.
    ///
    /// # Errors
    /// [`Error`] where Git is not there or ends with anything but 0.
    pub fn run<S: AsRef<OsStr>>(&self, args: &[S]) -> Result<Vec<u8>, Error> {
        self.run_with(args, &[])
    }

    /// Runs a command that reads `input`.
    ///
    /// # Errors
    /// [`Error`] where Git is not there or ends with anything but 0.
    pub fn run_with<S: AsRef<OsStr>>(&self, args: &[S], input: &[u8]) -> Result<Vec<u8>, Error> {
        let (code, stdout, stderr) = self.call(args, input)?;
        if code == Some(0) {
            return Ok(stdout);
        }
        let command = args.first().map(|a| a.as_ref().to_string_lossy().into_owned()).unwrap_or_default();
        let text = String::from_utf8_lossy(&stderr);
        let lines: Vec<&str> = text.lines().map(str::trim).filter(|l| !l.is_empty()).collect();
        let message = if lines.is_empty() { "it gave no reason".to_owned() } else { lines.join("; ") };
        Err(Error::Failed { command, code, message })
    }

    /// Runs a command whose failure is an answer: exit code, standard output, standard error.
    ///
    /// # Errors
    /// [`Error::Absent`] where Git cannot be started.
    pub fn call<S: AsRef<OsStr>>(&self, args: &[S], input: &[u8]) -> Result<Answer, Error> {
        let mut command = self.command(args);
        command.stdin(if input.is_empty() { Stdio::null() } else { Stdio::piped() });
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().map_err(Error::Absent)?;
        let stdin = child.stdin.take();
        // Fed from aside: Git may answer before it has read everything.
        let output = std::thread::scope(|scope| {
            if let Some(mut stdin) = stdin {
                let feed = move || {
                    // A Git that does not want all of it says so by its exit code.
                    let _ = stdin.write_all(input);
                };
                if let Err(error) = std::thread::Builder::new().spawn_scoped(scope, feed) {
                    let _ = child.kill();
                    let _ = child.wait();
                    return Err(error);
                }
            }
            child.wait_with_output()
        })
        .map_err(Error::Absent)?;
        Ok((output.status.code(), output.stdout, output.stderr))
    }
}
