//! Three versions of one plan, for the merge: twenty titles changed on each side.

use std::fs;
use std::io;
use std::path::Path;

use super::corpus::{Corpus, Shape, make as make_corpus, session_file};
use super::run::changed;

/// Tasks of the plan that is merged, at most.
const TASKS: usize = 10_000;
/// Titles that each side changes.
const CHANGES: usize = 20;

/// Where one version stands below a workspace's root.
pub(crate) fn file(side: &str) -> String {
    format!("merge/{side}.md")
}

/// Writes `base`, `ours`, `theirs` and `fresh` (a copy of `ours`, which a merge overwrites).
pub(crate) fn make(shape: Shape, roots: &[&Path]) -> io::Result<()> {
    let shape = Shape { sessions: 1, tasks: TASKS.min(shape.sessions * shape.tasks), ..shape };
    let dir = tempfile::tempdir()?;
    let corpus = make_corpus(shape, &[dir.path()])?;
    let Some(session) = corpus.sessions.first() else { return Ok(()) };
    let base = fs::read_to_string(session_file(dir.path(), session))?;
    let sides = [
        ("ours", side(&base, &corpus, 0, "ours")),
        ("fresh", side(&base, &corpus, 0, "ours")),
        ("theirs", side(&base, &corpus, 1, "theirs")),
        ("base", base),
    ];
    for root in roots {
        fs::create_dir_all(root.join("merge"))?;
        for (name, text) in &sides {
            fs::write(root.join(file(name)), text)?;
        }
    }
    Ok(())
}

/// Every second task of the beginning, from `first` on, has a word more in its title.
fn side(base: &str, corpus: &Corpus, first: usize, word: &str) -> String {
    let tasks = corpus.free.iter().skip(first).step_by(2).take(CHANGES);
    tasks.fold(base.to_owned(), |text, (task, _)| changed(&text, task, word))
}
