//! The examples on the pages behind `plandown explain` have the findings they stand for, and
//! where a fix exists, it works.

use std::collections::BTreeSet;

use plandown::check::workspace::foreign_sessions;
use plandown::check::{fix, run_also};
use plandown::diagnostic::{Code, Repair, page};
use plandown::document::{Limits, parse};
use plandown::format::{Lifted, lift};

/// The code block of a page fenced as `markdown`: a whole session file.
fn example(code: Code) -> Option<String> {
    let mut lines = page(code).lines();
    let opening = lines.find(|l| l.trim_start_matches('`') == "markdown" && l.starts_with("```"))?;
    let fence = opening.trim_end_matches("markdown");
    Some(lines.take_while(|l| *l != fence).flat_map(|l| [l, "\n"]).collect())
}

fn read(text: &str) -> Lifted {
    let (document, found) = parse(text.as_bytes(), Limits::default());
    lift(document, found, "example")
}

#[test]
fn every_example_has_its_finding() {
    let (mut wrong, mut seen) = (Vec::new(), 0);
    for &code in Code::ALL {
        let Some(text) = example(code) else { continue };
        seen += 1;
        let lifted = read(&text);
        let mut before = run_also(&lifted, &[code]);
        before.extend(foreign_sessions(&lifted, &BTreeSet::from(["payments"])));
        before.retain(|d| d.code == code);
        if before.is_empty() {
            wrong.push(format!("{code}: not found in its example\n{text}"));
        } else if before.iter().any(|d| d.fix.is_some()) {
            let fixed = fix(&lifted, Repair::Unsafe, Some(&[code]));
            if fixed.applied.is_empty() {
                wrong.push(format!("{code}: not fixed, {:?}\n{text}", fixed.refused));
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {seen}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(seen > 50, "only {seen} pages have an example");
}
