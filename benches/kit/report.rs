//! What came out: as a table for people, as JSON for programs.

use std::fmt::Write as _;
use std::time::Duration;

use super::measure::{Cost, median};

/// One job, measured.
pub(crate) struct Line {
    pub(crate) job: String,
    pub(crate) limit: Side,
    pub(crate) ours: Side,
    pub(crate) target: f64,
}

/// The medians of one side.
#[derive(Clone, Copy, Default)]
pub(crate) struct Side {
    pub(crate) wall: Duration,
    pub(crate) cpu: Duration,
    pub(crate) peak: u64,
}

impl Side {
    pub(crate) fn of(runs: &[Cost]) -> Self {
        Self {
            wall: median(runs.iter().map(|c| c.wall)),
            cpu: median(runs.iter().map(|c| c.cpu)),
            peak: median(runs.iter().map(|c| c.peak)),
        }
    }
}

fn ratio(ours: Duration, limit: Duration) -> f64 {
    ours.as_secs_f64() / limit.as_secs_f64().max(1e-9)
}

impl Line {
    fn ratios(&self) -> (f64, f64) {
        (ratio(self.ours.wall, self.limit.wall), ratio(self.ours.cpu, self.limit.cpu))
    }

    fn verdict(&self) -> &'static str {
        let (wall, cpu) = self.ratios();
        if self.target.is_infinite() {
            return "–";
        }
        if self.ours.cpu.is_zero() {
            return if wall <= self.target { "met" } else { "missed" };
        }
        match (wall <= self.target, cpu <= self.target) {
            (true, true) => "met",
            (true, false) => "met in time, not in CPU",
            (false, true) => "met in CPU, not in time",
            (false, false) => "missed",
        }
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        let side = |s: &Side| serde_json::json!({ "wall_ms": millis(s.wall), "cpu_ms": millis(s.cpu), "peak_bytes": s.peak });
        let (wall, cpu) = self.ratios();
        serde_json::json!({
            "job": self.job, "limit": side(&self.limit), "ours": side(&self.ours),
            "ratio": { "wall": wall, "cpu": cpu }, "target": self.target, "verdict": self.verdict(),
        })
    }
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

/// A quantity that is held against a number, not against another program.
pub(crate) struct Amount {
    pub(crate) what: String,
    pub(crate) ours: f64,
    pub(crate) target: f64,
    pub(crate) unit: &'static str,
    /// What was measured of others; empty where nothing was.
    pub(crate) others: &'static str,
}

impl Amount {
    fn verdict(&self) -> &'static str {
        if self.ours <= self.target { "met" } else { "missed" }
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::json!({
            "what": self.what, "ours": self.ours, "target": self.target, "unit": self.unit, "verdict": self.verdict(),
            "others": self.others,
        })
    }
}

/// Both as text.
pub(crate) fn table(lines: &[Line], amounts: &[Amount]) -> String {
    let mut out = String::new();
    let _ = writeln!(
        out,
        "{:<23}{:>19}  {:>19}  {:>13}  {:>7}  verdict",
        "job", "limit wall/cpu ms", "ours wall/cpu ms", "ratio w/cpu", "target"
    );
    for line in lines {
        let (wall, cpu) = line.ratios();
        // A call of a running server has no CPU time of its own.
        let both = |wall: f64, cpu: f64| {
            if line.ours.cpu.is_zero() { format!("{wall:.2} / –") } else { format!("{wall:.2} / {cpu:.2}") }
        };
        let pair = |s: &Side| both(millis(s.wall), millis(s.cpu));
        let _ = writeln!(
            out,
            "{:<23}{:>19}  {:>19}  {:>13}  {:>7}  {}",
            line.job,
            pair(&line.limit),
            pair(&line.ours),
            both(wall, cpu),
            if line.target.is_infinite() { "–".to_owned() } else { format!("≤ {}", line.target) },
            line.verdict()
        );
    }
    for amount in amounts {
        let _ = writeln!(
            out,
            "{:<42}{:>21}  {:>22}  {}",
            amount.what,
            format!("{:.2} {}", amount.ours, amount.unit),
            format!("≤ {} {}", amount.target, amount.unit),
            amount.verdict()
        );
        if !amount.others.is_empty() {
            let _ = writeln!(out, "    others: {}", amount.others);
        }
    }
    out
}
