//! A child process and what it cost.

use std::io::{self, Write as _};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// What one run cost and said.
#[derive(Clone, Debug, Default)]
pub(crate) struct Cost {
    pub(crate) wall: Duration,
    /// User and system time of all its threads; zero where the system does not tell.
    pub(crate) cpu: Duration,
    /// Largest resident memory in bytes; zero where the system does not tell.
    pub(crate) peak: u64,
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// Runs a command to its end with `input`, keeping what it prints.
pub(crate) fn run(command: &mut Command, input: &str) -> io::Result<Cost> {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let started = Instant::now();
    let mut child = command.spawn()?;
    let stdin = child.stdin.take();
    let stderr = child.stderr.take();
    let stdout = child.stdout.take();
    let mut cost = Cost::default();
    std::thread::scope(|scope| -> io::Result<()> {
        // A program that never reads its input closes it: that is its business.
        scope.spawn(move || stdin.map(|mut pipe| pipe.write_all(input.as_bytes())));
        let errors = scope.spawn(move || read(stderr));
        cost.out = read(stdout)?;
        cost.err = errors.join().unwrap_or_else(|_| Ok(String::new()))?;
        Ok(())
    })?;
    wait(&mut child, &mut cost)?;
    cost.wall = started.elapsed();
    Ok(cost)
}

fn read(pipe: Option<impl io::Read>) -> io::Result<String> {
    let mut bytes = Vec::new();
    if let Some(mut pipe) = pipe {
        pipe.read_to_end(&mut bytes)?;
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(unix)]
fn wait(child: &mut std::process::Child, cost: &mut Cost) -> io::Result<()> {
    let pid = libc::pid_t::try_from(child.id()).map_err(io::Error::other)?;
    let mut status = 0;
    #[expect(unsafe_code, reason = "no safe call tells what a finished child used")]
    // SAFETY: `rusage` is plain numbers, for which all zeroes are valid; both pointers are to
    // locals that outlive the call; `pid` is a child of ours that nobody else waits for.
    let used = unsafe {
        let mut used: libc::rusage = std::mem::zeroed();
        while libc::wait4(pid, &raw mut status, 0, &raw mut used) < 0 {
            let error = io::Error::last_os_error();
            if error.kind() != io::ErrorKind::Interrupted {
                return Err(error);
            }
        }
        used
    };
    let time = |t: libc::timeval| {
        Duration::from_secs(u64::try_from(t.tv_sec).unwrap_or(0))
            + Duration::from_micros(u64::try_from(t.tv_usec).unwrap_or(0))
    };
    cost.cpu = time(used.ru_utime) + time(used.ru_stime);
    let unit = if cfg!(target_os = "macos") { 1 } else { 1024 };
    cost.peak = u64::try_from(used.ru_maxrss).unwrap_or(0) * unit;
    cost.code = libc::WIFEXITED(status).then(|| libc::WEXITSTATUS(status));
    Ok(())
}

#[cfg(not(unix))]
fn wait(child: &mut std::process::Child, cost: &mut Cost) -> io::Result<()> {
    cost.code = child.wait()?.code();
    Ok(())
}

/// The middle value; zero of nothing.
pub(crate) fn median<T: Ord + Copy + Default>(values: impl IntoIterator<Item = T>) -> T {
    let mut sorted: Vec<T> = values.into_iter().collect();
    sorted.sort_unstable();
    sorted.get(sorted.len() / 2).copied().unwrap_or_default()
}
