//! How long it takes from a save to the right index while a watcher runs.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::corpus::session_file;
use super::measure::Cost;
use super::report::{Line, Side};
use super::run::{Bench, changed};

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

/// The name of the job.
pub(crate) const JOB: &str = "watch, save to index";
/// How long a file is quiet before a watcher believes it: waited for by both sides.
const SETTLE: Duration = Duration::from_millis(100);

/// The settle time and the limit's sync of one changed file, against a running `plandown watch`.
pub(crate) fn measured(bench: &Bench, runs: usize) -> Outcome<Line> {
    let session = bench.corpus.sessions.first().ok_or("no session")?;
    let task = &bench.corpus.free.iter().find(|(_, s)| s == session).ok_or("no task")?.0;
    let mut child = Command::new(bench.program())
        .args(["watch", "--until-eof", "--json", "--root"])
        .arg(&bench.ours)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()?;
    let mut events = BufReader::new(child.stdout.take().ok_or("no pipe")?).lines();
    let mut wait_for = |wanted: &str| -> Outcome<()> {
        for line in events.by_ref() {
            if serde_json::from_str::<Value>(&line?)?["event"] == wanted {
                return Ok(());
            }
        }
        Err(format!("the watcher ended before `{wanted}`").into())
    };
    wait_for("watching")?;
    let mut costs = (Vec::new(), Vec::new());
    for n in 0..runs {
        let save = |root| -> Outcome<()> {
            let path = session_file(root, session);
            let text = changed(&fs::read_to_string(&path)?, task, &format!("watched{n}"));
            Ok(fs::write(path, text)?)
        };
        save(&bench.limit)?;
        let sync = bench.run_limit(&["sync".to_owned()])?;
        costs.0.push(Cost { wall: SETTLE + sync.wall, ..Cost::default() });
        let started = Instant::now();
        save(&bench.ours)?;
        wait_for("changed")?;
        costs.1.push(Cost { wall: started.elapsed(), ..Cost::default() });
    }
    drop(child.stdin.take());
    child.wait()?;
    let (limit, ours) = (Side::of(&costs.0), Side::of(&costs.1));
    Ok(Line { job: JOB.to_owned(), limit, ours, target: 1.2 })
}
