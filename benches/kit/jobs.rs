//! What is measured: for every job what the limit does, what the product does, and the target.

use super::corpus::{COMMON, Corpus, RARE};

/// One run of a job on both sides.
#[derive(Debug, Default)]
pub(crate) struct Step {
    /// First put a word into this task's line, on both sides: `(session, task, word)`.
    pub(crate) change: Option<(String, String, String)>,
    pub(crate) limit: Vec<String>,
    pub(crate) ours: Vec<String>,
    /// What the product reads from its standard input.
    pub(crate) input: String,
    /// Whether our side is to be put back first: a merge overwrites it.
    pub(crate) merges: bool,
    /// What the product does afterwards, unmeasured, so that the next run finds the same.
    pub(crate) after: Vec<String>,
}

/// A job and how often the limit's cost it may have.
pub(crate) struct Job {
    pub(crate) name: &'static str,
    /// At most so many times the limit at S and M, and at L and XL.
    pub(crate) target: (f64, f64),
    /// Whether an unmeasured run comes first.
    pub(crate) warm: bool,
    pub(crate) step: Box<dyn Fn(usize) -> Step>,
}

fn words(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_owned).collect()
}

/// A job that is the same in every run.
fn same(name: &'static str, k: f64, limit: &str, ours: &str) -> Job {
    let (limit, ours) = (words(limit), words(ours));
    let step = move |_| Step { limit: limit.clone(), ours: ours.clone(), ..Step::default() };
    Job { name, target: (k, k), warm: true, step: Box::new(step) }
}

/// The merge driver, as Git calls it.
fn merge() -> Job {
    let ours = ["base", "ours", "theirs"].map(super::branches::file).join(" ");
    let (limit, ours) = (words(&format!("merge {ours}")), words(&format!("git merge-driver {ours}")));
    let step = move |_| Step { limit: limit.clone(), ours: ours.clone(), merges: true, ..Step::default() };
    Job { name: "merge driver", target: (2.5, 2.5), warm: false, step: Box::new(step) }
}

/// An import against reading its source alone; it is taken back each time.
fn import(format: &super::sources::Format) -> Job {
    let (word, path) = (format.word, format.path);
    let (limit, ours) = (words(&format!("read {word}")), words(&format!("import {word} {path}")));
    let after = words("migrate rollback");
    let step =
        move |_| Step { limit: limit.clone(), ours: ours.clone(), after: after.clone(), ..Step::default() };
    let target = (f64::INFINITY, f64::INFINITY);
    Job { name: format.job, target, warm: false, step: Box::new(step) }
}

/// All jobs, those that change nothing first.
pub(crate) fn all(corpus: &Corpus, one_large_file: bool) -> Vec<Job> {
    let session = corpus.sessions.first().cloned().unwrap_or_default();
    let free: Vec<String> =
        corpus.free.iter().filter(|(_, s)| *s == session).map(|(id, _)| id.clone()).collect();
    let task = free.first().cloned().unwrap_or_default();
    let waiting = corpus.with_dependencies.clone().map_or_else(|| task.clone(), |(id, _)| id);
    let take = {
        let free = free.clone();
        move |n: usize| free.get(n % free.len().max(1)).cloned().unwrap_or_default()
    };
    let mut jobs = vec![
        same("start", 2.5, "start", "--version"),
        Job { target: (2.0, 1.5), warm: false, ..same("reindex", 2.0, "reindex", "reindex --from-scratch") },
        same("sync, nothing changed", 2.0, "noop", "sync"),
        same("list", 2.0, &format!("list {session}"), &format!("list --limit 20 -s {session}")),
        same("next", 2.0, "next", "next -n 20 --all-sessions"),
        same("show", 2.0, &format!("show {task}"), &format!("show {task}")),
        same("deps", 2.0, &format!("deps {waiting}"), &format!("deps --task {waiting}")),
        same(
            "search, rare word",
            2.0,
            &format!("search {RARE}"),
            &format!("search {RARE} --scope all --limit 20"),
        ),
        same(
            "search, common word",
            2.0,
            &format!("search {COMMON}"),
            &format!("search {COMMON} --scope all --limit 20"),
        ),
        Job { warm: false, ..same("check", 2.0, "check", "check --quiet") },
        merge(),
    ];
    jobs.extend(super::sources::SOURCES.iter().map(import));
    let name = if one_large_file { "sync, one changed line" } else { "sync, one changed file" };
    let limit = if one_large_file { "line" } else { "sync" };
    jobs.push(Job {
        name,
        target: (2.0, 2.0),
        warm: true,
        step: Box::new({
            let (session, take) = (session.clone(), take.clone());
            move |n| Step {
                change: Some((session.clone(), take(n), format!("changed{n}"))),
                limit: words(limit),
                ours: words("sync"),
                ..Step::default()
            }
        }),
    });
    jobs.push(Job {
        name: "tick one task",
        target: (1.8, 1.6),
        warm: false,
        step: Box::new({
            let (session, free) = (session.clone(), free.clone());
            move |n| {
                // From the end: the other jobs use those at the beginning.
                let id = free.iter().rev().nth(n).cloned().unwrap_or_default();
                Step {
                    limit: vec!["edit".into(), format!("{session}/{id}")],
                    ours: words(&format!("done {id} -s {session}")),
                    ..Step::default()
                }
            }
        }),
    });
    // Two jobs without a target: how much of one edit is not the file system's, and what a claim costs.
    jobs.push(Job {
        name: "edit, against fsync",
        target: (f64::INFINITY, f64::INFINITY),
        warm: false,
        step: Box::new({
            let (session, task) = (session.clone(), task.clone());
            move |n| Step {
                limit: vec!["replace".into(), session.clone()],
                ours: words(&format!("task set {task} priority={} -s {session}", 1 + n % 2)),
                ..Step::default()
            }
        }),
    });
    jobs.push(Job {
        name: "claim a task",
        target: (f64::INFINITY, f64::INFINITY),
        warm: false,
        step: Box::new(move |_| Step {
            limit: vec!["claim".into()],
            ours: words("next --claim --all-sessions"),
            ..Step::default()
        }),
    });
    let adding = move |count: usize| {
        let (session, take) = (session.clone(), take.clone());
        move |n: usize| {
            let before = take(n / 2);
            let title = format!("Thousandfold{n}");
            let mut limit = vec!["edit".into(), format!("{session}/{before}")];
            limit.extend([count.to_string(), title.clone(), format!("b-{count}x{n}")]);
            let what = if count == 1 { format!("{title}0") } else { "-".to_owned() };
            let input: String = (0..count).map(|i| format!("- {title} {i}\n")).collect();
            let ours = words(&format!("add {what} --before {before} -s {session}"));
            Step { limit, ours, input: if count == 1 { String::new() } else { input }, ..Step::default() }
        }
    };
    let (one, many) = (adding(1), adding(1000));
    jobs.push(Job { name: "add one task", target: (1.8, 1.6), warm: false, step: Box::new(one) });
    jobs.push(Job { name: "add 1,000 tasks", target: (3.0, 3.0), warm: false, step: Box::new(many) });
    jobs
}
