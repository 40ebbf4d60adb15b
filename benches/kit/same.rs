//! Whether limit and product did the same work: what makes their times comparable.

use std::fs;

use super::corpus::{RARE, session_file};
use super::lift::lift;
use super::run::Bench;

type Outcome = Result<(), Box<dyn std::error::Error>>;

/// Before anything is changed: both find every task, and every rare word.
pub(crate) fn before(bench: &Bench) -> Outcome {
    let corpus = &bench.corpus;
    let limit = bench.run_limit(&["reindex".to_owned()])?.out.trim().to_owned();
    equal("tasks by the limit", limit, corpus.tasks.to_string())?;
    equal(
        "tasks by the product",
        total(bench, "list --all-sessions --json --limit 1")?,
        corpus.tasks as u64,
    )?;
    for format in &super::sources::SOURCES {
        let read = bench.run_limit(&["read".to_owned(), format.word.to_owned()])?.out;
        let command = ["migrate", "plan", format.word, format.path, "--json"].map(str::to_owned);
        let planned: serde_json::Value = serde_json::from_str(&bench.run_ours(&command, "")?.out)?;
        let sessions = planned["sessions"].as_array().ok_or("nothing is planned")?;
        let tasks: u64 = sessions.iter().filter_map(|s| s["tasks"].as_u64()).sum();
        equal(format.job, read.trim().parse().ok(), Some(tasks))?;
        equal(format.job, read.trim().to_owned(), corpus.tasks.min(super::sources::MOST).to_string())?;
    }
    let hits = bench.run_limit(&["search".to_owned(), RARE.to_owned()])?.out.lines().count();
    equal("hits by the limit", hits, corpus.rare.min(20))?;
    equal(
        "hits by the product",
        total(bench, &format!("search {RARE} --scope all --json"))?,
        corpus.rare as u64,
    )
}

/// After all jobs: both plans have as many tasks, of which as many are done, and both indexes know.
pub(crate) fn after(bench: &Bench) -> Outcome {
    let (mut limit, mut ours) = ((0, 0), (0, 0));
    for session in &bench.corpus.sessions {
        for (root, sum) in [(&bench.limit, &mut limit), (&bench.ours, &mut ours)] {
            let text = fs::read_to_string(session_file(root, session))?;
            let rows = lift(&text);
            sum.0 += rows.len();
            sum.1 += rows.iter().filter(|r| r.status == "Completed").count();
        }
    }
    equal("tasks and done tasks in the files", limit, ours)?;
    equal("tasks added", limit.0, bench.corpus.tasks + 1001)?;
    equal("tasks in the index", total(bench, "list --all-sessions --json --limit 1")?, ours.0 as u64)?;
    let merged = fs::read_to_string(bench.ours.join(super::branches::file("ours")))?;
    let words = |word: &str| merged.matches(&format!("{word} ")).count() > 0;
    equal("both sides are in the merge", (words("ours"), words("theirs")), (true, true))?;
    bench.run_ours(&["reindex".to_owned(), "--check".to_owned()], "").map(|_| ())
}

fn total(bench: &Bench, command: &str) -> Result<u64, Box<dyn std::error::Error>> {
    let words: Vec<String> = command.split_whitespace().map(str::to_owned).collect();
    let answer: serde_json::Value = serde_json::from_str(&bench.run_ours(&words, "")?.out)?;
    Ok(answer["total"].as_u64().ok_or(format!("`{command}` gives no total"))?)
}

fn equal<T: PartialEq + std::fmt::Debug>(what: &str, one: T, other: T) -> Outcome {
    if one == other { Ok(()) } else { Err(format!("{what}: {one:?}, not {other:?}").into()) }
}
