//! The same plan in the programs that people use today, side by side: those that are on this machine.
//!
//! The plan is ours, exported to each; every program lists, searches, ticks and adds in its own way. What a program
//! knows more or less than ours is not weighed.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::corpus::RARE;
use super::measure::{Cost, median, run};
use super::options::Options;
use super::run::{Bench, Outcome};

/// A program, its tasks that are open by what it calls them, and what is typed for each job.
struct Peer {
    name: &'static str,
    dir: PathBuf,
    open: Vec<String>,
    /// Job and words; `{}` is an open task, another one each time.
    jobs: Vec<(&'static str, Vec<String>)>,
    env: Vec<(&'static str, PathBuf)>,
}

const JOBS: [&str; 5] = ["start", "list", "search", "tick", "add"];

fn words(lines: [&str; 5]) -> Vec<(&'static str, Vec<String>)> {
    let split = |line: &str| line.split_whitespace().map(str::to_owned).collect();
    JOBS.into_iter().zip(lines.map(split)).collect()
}

fn is_there(program: &str, version: &str) -> bool {
    let asked = Command::new(program).arg(version).stdout(Stdio::null()).stderr(Stdio::null()).status();
    let there = asked.is_ok_and(|s| s.success());
    if !there {
        eprintln!("SKIPPED: no {program} on this machine");
    }
    there
}

/// Writes our plan in another program's format into `dir`.
fn export(bench: &Bench, format: &str, dir: &Path) -> Outcome<()> {
    fs::create_dir_all(dir)?;
    let out = format!("{}/", dir.display());
    bench.run_ours(&["export", "--all", "--format", format, "--out", &out].map(str::to_owned), "")?;
    Ok(())
}

/// The only file or directory in a directory.
fn only(dir: &Path) -> Outcome<PathBuf> {
    let mut entries = fs::read_dir(dir)?;
    Ok(entries.next().ok_or("nothing was exported")??.path())
}

fn ours(bench: &Bench) -> Peer {
    let session = bench.corpus.sessions.first().cloned().unwrap_or_default();
    let of = |line: &str| line.replace("{s}", &session);
    Peer {
        name: "plandown",
        dir: bench.ours.clone(),
        open: bench.corpus.free.iter().rev().map(|(id, _)| id.clone()).collect(),
        jobs: words([
            "--version",
            &of("list --open --all -s {s}"),
            &format!("search {RARE} --scope all"),
            &of("done {} -s {s}"),
            &of("add Another -s {s}"),
        ]),
        env: Vec::new(),
    }
}

fn backlog(bench: &Bench, dir: &Path) -> Outcome<Peer> {
    export(bench, "backlog", dir)?;
    let dir = only(dir)?;
    let tasks = if dir.join("backlog").is_dir() { dir.join("backlog/tasks") } else { dir.join("tasks") };
    let mut open = Vec::new();
    for entry in fs::read_dir(&tasks)? {
        let text = fs::read_to_string(entry?.path())?;
        let value = |key: &str| {
            text.lines().find_map(|l| l.strip_prefix(key)).map(|v| v.trim().trim_matches('"').to_owned())
        };
        if value("status:").is_some_and(|s| s.contains("To Do")) {
            open.extend(value("id:"));
        }
    }
    let jobs = words([
        "--version",
        "task list --plain",
        &format!("search {RARE} --plain"),
        "task edit {} -s Done --plain",
        "task create Another --plain",
    ]);
    Ok(Peer { name: "backlog", dir, open, jobs, env: Vec::new() })
}

fn taskwarrior(bench: &Bench, dir: &Path) -> Outcome<Peer> {
    export(bench, "taskwarrior", &dir.join("out"))?;
    let file = only(&dir.join("out"))?;
    let tasks: serde_json::Value = serde_json::from_str(&fs::read_to_string(&file)?)?;
    let pending = tasks.as_array().into_iter().flatten().filter(|t| t["status"] == "pending");
    let open = pending.filter_map(|t| t["uuid"].as_str()).map(str::to_owned).collect();
    let settings = dir.join("taskrc");
    fs::write(
        &settings,
        format!("data.location={}\nconfirmation=no\nverbose=nothing\n", dir.join("data").display()),
    )?;
    fs::create_dir_all(dir.join("data"))?;
    let jobs = words(["--version", "list", &format!("/{RARE}/ list"), "{} done", "add Another"]);
    let peer = Peer { name: "task", dir: dir.to_owned(), open, jobs, env: vec![("TASKRC", settings)] };
    command(&peer, &["import".to_owned(), file.display().to_string()]).stdout(Stdio::null()).status()?;
    Ok(peer)
}

fn todo_txt(bench: &Bench, dir: &Path) -> Outcome<Peer> {
    export(bench, "todo.txt", &dir.join("out"))?;
    let text = fs::read_to_string(only(&dir.join("out"))?)?;
    fs::write(dir.join("todo.txt"), &text)?;
    let settings = dir.join("config");
    fs::write(
        &settings,
        format!(
            "export TODO_DIR={0}\nexport TODO_FILE={0}/todo.txt\nexport DONE_FILE={0}/done.txt\nexport REPORT_FILE={0}/report.txt\n",
            dir.display()
        ),
    )?;
    let open =
        text.lines().enumerate().filter(|(_, l)| !l.starts_with("x ")).map(|(n, _)| (n + 1).to_string());
    let jobs = words(["shorthelp", "ls", &format!("ls {RARE}"), "-A do {}", "add Another"]);
    // Done tasks stay where they are, so that numbers do too.
    Ok(Peer {
        name: "todo-txt",
        dir: dir.to_owned(),
        open: open.collect(),
        jobs,
        env: vec![("TODOTXT_CFG_FILE", settings)],
    })
}

fn command(peer: &Peer, words: &[String]) -> Command {
    let mut command = Command::new(peer.name);
    command.current_dir(&peer.dir).args(words).env("NO_COLOR", "1");
    for (name, value) in &peer.env {
        command.env(name, value);
    }
    command
}

/// The medians of a job.
fn measured_job(bench: &Bench, peer: &Peer, nth: usize, runs: usize) -> Outcome<Cost> {
    let mut costs: Vec<Cost> = Vec::new();
    let (job, line) = &peer.jobs[nth];
    // The first run is not counted.
    for n in 0..=runs {
        let task = peer.open.get(n + 2).ok_or("too few open tasks")?;
        let line: Vec<String> = line.iter().map(|w| w.replace("{}", task)).collect();
        let cost = if peer.name == "plandown" {
            bench.run_ours(&line, "")?
        } else {
            run(command(peer, &line).stdin(Stdio::null()), "")?
        };
        if cost.code != Some(0) {
            return Err(
                format!("{} {job} ended with {:?}: {}{}", peer.name, cost.code, cost.out, cost.err).into()
            );
        }
        if n > 0 {
            costs.push(cost);
        }
    }
    Ok(Cost {
        wall: median(costs.iter().map(|c| c.wall)),
        cpu: median(costs.iter().map(|c| c.cpu)),
        peak: median(costs.iter().map(|c| c.peak)),
        ..Cost::default()
    })
}

/// Measures every program that is there and prints a table.
pub(crate) fn measured(options: &Options) -> Outcome<()> {
    let temporary = tempfile::Builder::new().prefix("peers").tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
    let bench = Bench::new(options, temporary.path())?;
    bench.run_ours(&["sync".to_owned()], "")?;
    let dir = temporary.path();
    let mut peers = vec![ours(&bench)];
    if is_there("backlog", "--version") {
        peers.push(backlog(&bench, &dir.join("backlog"))?);
    }
    if is_there("task", "--version") {
        peers.push(taskwarrior(&bench, &dir.join("taskwarrior"))?);
    }
    if is_there("todo-txt", "shorthelp") {
        peers.push(todo_txt(&bench, &dir.join("todo"))?);
    }
    println!(
        "{} tasks; {} runs each, medians: wall ms / CPU ms / peak MiB",
        bench.corpus.tasks, options.runs
    );
    print!("{:<12}", "");
    JOBS.iter().for_each(|job| print!("{job:>24}"));
    println!();
    for peer in &peers {
        print!("{:<12}", peer.name);
        for nth in 0..JOBS.len() {
            let cost = measured_job(&bench, peer, nth, options.runs)?;
            let millis = |t: std::time::Duration| t.as_secs_f64() * 1e3;
            let peak = cost.peak as f64 / f64::from(1 << 20);
            print!("{:>24}", format!("{:.1} / {:.1} / {peak:.0}", millis(cost.wall), millis(cost.cpu)));
        }
        println!();
    }
    Ok(())
}
