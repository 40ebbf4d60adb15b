//! What is kept and shown beside the plans: backups, archives, the overview. Without targets: they are held against the
//! plain tools, which promise less.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::branches::file;
use super::corpus::{RARE, session_file};
use super::measure::{Cost, run};
use super::report::{Line, Side};
use super::run::{Bench, Outcome};

const JOBS: [&str; 4] = ["backup", "restore", "search, archived", "render the overview"];

fn words(line: &str) -> Vec<String> {
    line.split_whitespace().map(str::to_owned).collect()
}

/// A line of shell in the limit's copy.
fn shell(bench: &Bench, line: &str) -> Outcome<Cost> {
    let mut command = Command::new("sh");
    let cost = run(command.current_dir(&bench.limit).args(["-c", line]), "")?;
    if cost.code == Some(0) {
        Ok(cost)
    } else {
        Err(format!("`{line}` ended with {:?}: {}", cost.code, cost.err).into())
    }
}

/// One run of a job on both sides.
fn once(bench: &Bench, job: &str, n: usize) -> Outcome<(Cost, Cost)> {
    let ours = |line: &str| bench.run_ours(&words(line), "");
    match job {
        "backup" => Ok((
            shell(bench, "tar -cf - .task_orchestrator/sessions | zstd -q -f -o backup.tar.zst")?,
            ours(&format!("backup create --scope sessions --name kit{n}"))?,
        )),
        "restore" => {
            for root in [&bench.limit, &bench.ours] {
                fs::remove_dir_all(root.join(".task_orchestrator/sessions"))?;
            }
            Ok((
                shell(bench, "zstd -dcq backup.tar.zst | tar -xf -")?,
                ours(&format!("backup restore kit{n}"))?,
            ))
        }
        "search, archived" => Ok((
            shell(bench, &format!("zstd -dcq archive.tar.zst | grep -a -i -c -w {RARE} || true"))?,
            ours(&format!("search --archived {RARE} --limit 20"))?,
        )),
        _ => {
            // A workspace of its own, whose only plan is the one that is merged elsewhere: 10,000 tasks.
            let cost = bench.run_limit(&["overview".to_owned()])?;
            let root = bench.ours.join("large");
            let view = session_file(&root, "large").with_file_name("overview.md");
            let rendered = |root: &Path| {
                bench.run_ours(&[words("sync --root"), vec![root.display().to_string()]].concat(), "")
            };
            if !view.exists() {
                fs::create_dir_all(view.parent().ok_or("no parent")?)?;
                fs::copy(bench.ours.join(file("base")), session_file(&root, "large"))?;
                rendered(&root)?;
            }
            fs::remove_file(&view)?;
            let ours = rendered(&root)?;
            fs::metadata(&view)?;
            Ok((cost, ours))
        }
    }
}

/// All of it, as rows of the report.
pub(crate) fn measured(bench: &Bench, runs: usize, wanted: &dyn Fn(&str) -> bool) -> Outcome<Vec<Line>> {
    let jobs: Vec<&str> = JOBS.into_iter().filter(|job| wanted(job)).collect();
    let there = |tool| Command::new(tool).arg("--version").output().is_ok_and(|o| o.status.success());
    if jobs.is_empty() {
        return Ok(Vec::new());
    }
    if !there("tar") || !there("zstd") {
        eprintln!("SKIPPED: backup, restore, archived search: no tar or no zstd on this machine");
        return Ok(Vec::new());
    }
    if jobs.contains(&"search, archived") {
        // A copy of a session goes to the archive on both sides, so that all plans stay.
        let first = bench.corpus.sessions.first().ok_or("no session")?;
        let copy = session_file(&bench.ours, "kept-away");
        fs::create_dir_all(copy.parent().ok_or("no parent")?)?;
        let text = fs::read_to_string(session_file(&bench.ours, first))?;
        let renamed = text.replacen(&format!("id: {first}"), "id: kept-away", 1);
        fs::write(&copy, renamed.replacen("status: active", "status: completed", 1))?;
        bench.run_ours(&words("session archive kept-away"), "")?;
        shell(
            bench,
            &format!("tar -cf - .task_orchestrator/sessions/{first} | zstd -q -f -o archive.tar.zst"),
        )?;
    }
    let mut lines = Vec::new();
    for job in jobs {
        let mut costs = (Vec::new(), Vec::new());
        for n in 0..runs {
            let (limit, ours) = once(bench, job, n)?;
            costs.0.push(limit);
            costs.1.push(ours);
        }
        let (limit, ours) = (Side::of(&costs.0), Side::of(&costs.1));
        lines.push(Line { job: job.to_owned(), limit, ours, target: f64::INFINITY });
    }
    Ok(lines)
}
