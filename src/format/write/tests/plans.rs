//! The whole catalogue on real plans, on the seeds and on texts made to be nasty.

use std::path::Path;

use super::catalogue::{Tally, run};

#[expect(clippy::disallowed_methods, reason = "tests read the texts they are about")]
fn texts(folder: &Path) -> Vec<(String, String)> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut texts: Vec<_> = entries
        .flatten()
        .filter_map(|e| {
            let name = e.file_name().to_string_lossy().into_owned();
            let known = e.path().extension().is_some_and(|x| x == "md" || x == "txt");
            Some((name, std::fs::read_to_string(e.path()).ok()?)).filter(|_| known)
        })
        .collect();
    texts.sort();
    texts
}

#[expect(clippy::print_stdout, reason = "what was skipped or refused is to be seen")]
fn all(folder: &str, every: usize) {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let texts = texts(&here.join(folder));
    if texts.is_empty() {
        println!("skipped: no texts in {folder}");
        return;
    }
    let mut tally = Tally::default();
    for (name, text) in &texts {
        let known = tally.wrong.len();
        run(text, &mut tally, every);
        if !text.contains('\r') {
            run(&text.replace('\n', "\r\n"), &mut tally, 1);
            run(&format!("\u{feff}{text}"), &mut tally, 1);
        }
        tally.wrong[known..].iter_mut().for_each(|w| w.insert_str(0, &format!("{name}: ")));
    }
    println!("{} texts, {:#?}, {} moves not undone", texts.len(), tally.counts, tally.moves_not_undone);
    assert!(tally.wrong.is_empty(), "{}", tally.wrong.join("\n"));
}

#[test]
fn every_operation_on_nasty_texts() {
    all("fixtures/nasty", 4);
}

#[test]
fn every_operation_on_seeds() {
    all(concat!("../", "shared/seeds"), 2);
}

#[test]
fn every_operation_on_real_plans() {
    all(concat!("../", "shared/fixtures/plans"), 2);
}
