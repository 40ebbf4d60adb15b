use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};

use crate::disk::{Entry, Log, Mark, SafeName};
use crate::index::{Event, What};

use super::{Error, Workspace};

/// A history of refusals longer than this loses its older half.
const LONG: u64 = 256 << 10;

impl Workspace {
    /// Notes in a session's local history that a write was refused or failed. Best effort: a workspace that
    /// cannot be written to, or is busy, has other worries.
    pub fn note_failure(&self, session: &SafeName, by: &str, what: &str, (code, message): (&str, &str)) {
        let line = json!({
            "at": self.now().to_string(), "by": by, "kind": "error", "what": what, "code": code, "message": message,
        });
        let _ = self.append_event(session, &line.to_string());
    }

    fn append_event(&self, session: &SafeName, line: &str) -> Result<(), Error> {
        let layout = self.disk.layout();
        if !self.disk.exists(&layout.session_file(session)) {
            return Ok(());
        }
        let guard = self.disk.lock(Duration::from_millis(50))?;
        let path = layout.events(session);
        self.disk.ensure_private(&layout.events_dir())?;
        if self.disk.stat(&path).is_ok_and(|stat| stat.size > LONG) {
            let lines = self.records(&path)?;
            let rest = lines[lines.len() / 2..].iter().fold(String::new(), |all, line| all + line + "\n");
            self.disk.write_view(&guard, &path, rest.as_bytes())?;
        }
        Ok(self.disk.append_record(&guard, &path, line)?)
    }

    fn records(&self, path: &Path) -> Result<Vec<String>, Error> {
        let mut lines = Vec::new();
        self.disk.each_record(path, |line| lines.push(line.to_owned()))?;
        Ok(lines)
    }

    /// What happened to a session, oldest first: a function of its version log and of `.state/events`.
    pub fn happened(&self, session: &SafeName) -> Result<Vec<Event>, Error> {
        let log = self.disk.log(session)?;
        Ok(self.happened_in(session, &log))
    }

    /// The same with a version log that was read already.
    pub(super) fn happened_in(&self, session: &SafeName, log: &Log) -> Vec<Event> {
        let mut found: Vec<Event> =
            log.live().enumerate().flat_map(|(nth, entry)| of_entry(session.as_str(), nth, entry)).collect();
        found.extend(measured(session.as_str(), log));
        let lines = self.records(&self.disk.layout().events(session)).unwrap_or_default();
        found.extend(lines.iter().enumerate().filter_map(|(nth, line)| of_line(session.as_str(), nth, line)));
        found
    }
}

/// What a line of the log says happened.
fn of_entry(session: &str, nth: usize, entry: &Entry) -> Vec<Event> {
    if entry.mark == Mark::Observed {
        return Vec::new();
    }
    let fact = |key: &str| entry.facts.get(key).cloned();
    let action = fact("what").unwrap_or_default();
    let to = match action.as_str() {
        "session-create" | "session-activate" => Some("active"),
        "session-pause" => Some("paused"),
        "session-complete" => Some("completed"),
        "session-cancel" => Some("cancelled"),
        _ => None,
    };
    let event =
        |what: What| Event { id: format!("{session}:{nth:06}"), at: fact("at"), actor: fact("by"), what };
    let details = json!({ "revision": entry.hash.hex(), "op": fact("op") });
    let done = What::Interaction { action, task: fact("task"), details: Some(details.to_string()) };
    let turned = to.map(|to| What::Transition { from: None, to: to.to_owned(), reason: fact("reason") });
    std::iter::once(done).chain(turned).map(event).collect()
}

/// What a log amounts to, day by day: writes of the tool, edits of people, writes that completed tasks.
fn measured(session: &str, log: &Log) -> Vec<Event> {
    let mut days: BTreeMap<(String, &str), u32> = BTreeMap::new();
    for entry in log.live() {
        let Some(day) = entry.facts.get("at").and_then(|at| at.get(..10)) else { continue };
        let mut count = |name| *days.entry((day.to_owned(), name)).or_default() += 1;
        match entry.mark {
            Mark::Written => count("writes"),
            Mark::Accepted => count("edits"),
            Mark::Observed | Mark::Cancelled => {}
        }
        if entry.facts.get("what").is_some_and(|what| what == "task-complete") {
            count("completions");
        }
    }
    let metric = |((day, name), n): ((String, &str), u32)| Event {
        id: format!("{session}:{day}:{name}"),
        at: Some(day),
        actor: None,
        what: What::Metric { name: name.to_owned(), value: f64::from(n), unit: Some("per day".to_owned()) },
    };
    days.into_iter().map(metric).collect()
}

/// A line of the local history; one that is damaged or of another kind says nothing.
fn of_line(session: &str, nth: usize, line: &str) -> Option<Event> {
    let line: Value = serde_json::from_str(line).ok()?;
    let text = |key: &str| line[key].as_str().map(str::to_owned);
    let what = match line["kind"].as_str()? {
        "error" => What::Failure { code: text("code")?, message: text("message")?, context: text("what") },
        "metric" => What::Metric { name: text("name")?, value: line["value"].as_f64()?, unit: text("unit") },
        _ => return None,
    };
    Some(Event { id: format!("{session}:e{nth:06}"), at: text("at"), actor: text("by"), what })
}
