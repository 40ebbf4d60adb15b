//! Lays a corpus out twice, lets limit and product take turns, and says how they compare.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::branches::file;
use super::corpus::{Corpus, Shape, make as make_corpus, session_file};
use super::jobs::{Job, Step, all};
use super::measure::{Cost, run};
use super::options::Options;
use super::report::{Amount, Line, Side, table};

pub(crate) type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

/// `make SESSIONS TASKS CRLF SEED ROOT…`, in a process of its own: what making takes must not
/// count as memory of the programs that are measured later.
pub(crate) fn make(arguments: &[String]) -> Outcome<()> {
    let [sessions, tasks, crlf, seed, roots @ ..] = arguments else {
        return Err("make SESSIONS TASKS CRLF SEED ROOT…".into());
    };
    let shape = Shape {
        sessions: sessions.parse()?,
        tasks: tasks.parse()?,
        crlf: crlf.parse()?,
        seed: seed.parse()?,
    };
    let roots: Vec<&Path> = roots.iter().map(Path::new).collect();
    super::branches::make(shape, &roots)?;
    for root in &roots {
        super::sources::make(root, shape.sessions * shape.tasks)?;
    }
    println!("{}", make_corpus(shape, &roots)?.json());
    Ok(())
}

/// The two copies and who works on them.
pub(crate) struct Bench {
    pub(crate) limit: PathBuf,
    pub(crate) ours: PathBuf,
    pub(crate) corpus: Corpus,
    program: PathBuf,
}

impl Bench {
    pub(crate) fn new(options: &Options, dir: &Path) -> Outcome<Self> {
        let (limit, ours) = (dir.join("limit"), dir.join("ours"));
        let Shape { sessions, tasks, crlf, seed } = options.shape;
        let numbers = [sessions.to_string(), tasks.to_string(), crlf.to_string(), seed.to_string()];
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("make").args(numbers).arg(&limit).arg(&ours);
        let made = succeeded("make", run(&mut command, "")?, &[0])?;
        let corpus = Corpus::from_json(&made.out).ok_or("the corpus was not made")?;
        Ok(Self { limit, ours, corpus, program: options.ours.clone() })
    }

    pub(crate) fn program(&self) -> &Path {
        &self.program
    }

    pub(crate) fn run_limit(&self, arguments: &[String]) -> Outcome<Cost> {
        let (job, rest) = arguments.split_first().ok_or("no job")?;
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("limit").arg(job).arg(&self.limit).args(rest);
        succeeded(job, run(&mut command, "")?, &[0])
    }

    pub(crate) fn run_ours(&self, arguments: &[String], input: &str) -> Outcome<Cost> {
        let mut command = Command::new(&self.program);
        command
            .args(arguments)
            .current_dir(&self.ours)
            .env_remove("PLANDOWN_ROOT")
            .env_remove("PLANDOWN_SESSION");
        // The check may have findings.
        let codes: &[i32] = if arguments.first().is_some_and(|a| a == "check") { &[0, 1] } else { &[0] };
        succeeded(&arguments.join(" "), run(&mut command, input)?, codes)
    }

    fn step(&self, step: &Step, ours_first: bool) -> Outcome<(Cost, Cost)> {
        if let Some((session, task, word)) = &step.change {
            for root in [&self.limit, &self.ours] {
                let path = session_file(root, session);
                fs::write(&path, changed(&fs::read_to_string(&path)?, task, word))?;
            }
        }
        if step.merges {
            fs::copy(self.ours.join(file("fresh")), self.ours.join(file("ours")))?;
        }
        if ours_first {
            let ours = self.run_ours(&step.ours, &step.input)?;
            return Ok((self.run_limit(&step.limit)?, ours));
        }
        Ok((self.run_limit(&step.limit)?, self.run_ours(&step.ours, &step.input)?))
    }

    fn job(&self, job: &Job, runs: usize, large: bool) -> Outcome<(Line, u64)> {
        let mut costs = (Vec::new(), Vec::new());
        let first = usize::from(!job.warm);
        for n in first..=runs {
            let step = (job.step)(n);
            let (limit, ours) = self.step(&step, n % 2 == 1)?;
            if !step.after.is_empty() {
                self.run_ours(&step.after, "")?;
            }
            if n > 0 {
                costs.0.push(limit);
                costs.1.push(ours);
            }
        }
        let peak = costs.1.iter().map(|c| c.peak).max().unwrap_or(0);
        let target = if large { job.target.1 } else { job.target.0 };
        let (limit, ours) = (Side::of(&costs.0), Side::of(&costs.1));
        Ok((Line { job: job.name.to_owned(), limit, ours, target }, peak))
    }
}

pub(crate) fn changed(text: &str, task: &str, word: &str) -> String {
    let Some(at) = text.find(&format!(" ^{task}")) else { return text.to_owned() };
    let line = text[..at].rfind('\n').map_or(0, |n| n + 1);
    let title = text[line..].find("] ").map_or(at, |n| line + n + 2);
    format!("{}{word} {}", &text[..title], &text[title..])
}

fn succeeded(what: &str, cost: Cost, codes: &[i32]) -> Outcome<Cost> {
    if cost.code.is_some_and(|c| codes.contains(&c)) {
        return Ok(cost);
    }
    Err(format!("`{what}` ended with {:?}: {}", cost.code, cost.err.trim()).into())
}

/// Measures and prints.
pub(crate) fn measured(options: &Options) -> Outcome<()> {
    let temporary = tempfile::Builder::new().prefix("kit").tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
    let dir = options.dir.clone().unwrap_or_else(|| temporary.path().to_owned());
    let bench = Bench::new(options, &dir)?;
    let report = whole(&bench, options)?;
    if options.json {
        println!("{}", serde_json::to_string_pretty(&report.json(options, &bench.corpus))?);
    } else {
        let corpus = &bench.corpus;
        println!(
            "size {}: {} sessions, {} tasks, {} bytes; {} runs each, medians; load before: {}",
            options.size,
            corpus.sessions.len(),
            corpus.tasks,
            corpus.bytes,
            options.runs,
            report.load
        );
        print!("{}", table(&report.lines, &report.amounts));
    }
    Ok(())
}

struct Report {
    lines: Vec<Line>,
    amounts: Vec<Amount>,
    load: String,
}

impl Report {
    fn json(&self, options: &Options, corpus: &Corpus) -> serde_json::Value {
        serde_json::json!({
            "size": options.size, "runs": options.runs, "load": self.load,
            "sessions": corpus.sessions.len(), "tasks": corpus.tasks, "bytes": corpus.bytes,
            "jobs": self.lines.iter().map(Line::json).collect::<Vec<_>>(),
            "amounts": self.amounts.iter().map(Amount::json).collect::<Vec<_>>(),
        })
    }
}

fn whole(bench: &Bench, options: &Options) -> Outcome<Report> {
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split_whitespace().next().unwrap_or("unknown").to_owned();
    let large = options.shape.sessions * options.shape.tasks > 50_000;
    // Everything is indexed once, and what only a first run writes is written.
    bench.run_limit(&["reindex".to_owned()])?;
    bench.run_ours(&["sync".to_owned()], "")?;
    let (mut lines, mut peaks) = (Vec::new(), Vec::new());
    let mut size = None;
    for job in all(&bench.corpus, options.shape.sessions == 1 && large) {
        if !options.only.is_empty() && !options.only.iter().any(|o| job.name.starts_with(o.as_str())) {
            continue;
        }
        let (line, peak) = bench.job(&job, options.runs, large)?;
        if options.runs > 1 {
            eprintln!("{} done", job.name);
        }
        peaks.push((peak, job.name));
        lines.push(line);
        // Before jobs that add to the text.
        if job.name == "reindex" {
            size = Some(fs::metadata(bench.ours.join(".task_orchestrator/.state/index.sqlite"))?.len());
        }
    }
    lines.extend(super::agents::measured(bench, options.runs, &|name| {
        options.only.is_empty() || options.only.iter().any(|o| name.starts_with(o.as_str()))
    })?);
    lines.extend(super::keeping::measured(bench, options.runs, &|name| {
        options.only.is_empty() || options.only.iter().any(|o| name.starts_with(o.as_str()))
    })?);
    if options.only.is_empty() || options.only.iter().any(|o| super::watching::JOB.starts_with(o.as_str())) {
        lines.push(super::watching::measured(bench, options.runs)?);
    }
    let megabytes = |bytes: u64| bytes as f64 / f64::from(1 << 20);
    let text = megabytes(bench.corpus.bytes);
    let mut amounts = super::agents::tokens();
    amounts.extend(super::agents::answers(bench)?);
    if let Some((peak, job)) = peaks.iter().max() {
        let target = match (large, options.shape.sessions) {
            (false, _) => 30.0,
            (true, 1) => 24.0 * text,
            (true, _) => 200.0,
        };
        let what = format!("peak memory ({job})");
        amounts.push(Amount { what, ours: megabytes(*peak), target, unit: "MiB", others: "" });
    }
    if let Some(size) = size {
        let ours = megabytes(size) / text;
        amounts.push(Amount {
            what: "index against text".to_owned(),
            ours,
            target: 2.0,
            unit: "×",
            others: "",
        });
    }
    Ok(Report { lines, amounts, load })
}

/// Every job once on the smallest corpus: both sides must have done the same work.
#[cfg(unix)]
pub(crate) fn tested() -> Outcome<()> {
    let dir = tempfile::tempdir()?;
    let options = Options { runs: 1, ..Options::of_size("S").ok_or("no size S")? };
    let bench = Bench::new(&options, dir.path())?;
    super::same::before(&bench)?;
    let report = whole(&bench, &options)?;
    super::same::after(&bench)?;
    let (jobs, rows) =
        (report.lines.len(), report.json(&options, &bench.corpus)["jobs"].as_array().map_or(0, Vec::len));
    if !(34..=38).contains(&jobs)
        || rows != jobs
        || !table(&report.lines, &report.amounts).contains("tick one task")
    {
        return Err(format!("{jobs} jobs, {rows} in JSON").into());
    }
    println!("kit: {jobs} jobs ran on {} tasks; limit and product agree", bench.corpus.tasks);
    Ok(())
}
