//! Rules on plans that people and agents really wrote: the repository's own, and those that lie
//! beside it; where they do not, the tests say so.

use plandown::check::{fix, run};
use plandown::diagnostic::{Diagnostic, Repair, Severity};
use plandown::document::{Limits, parse};
use plandown::format::{Lifted, lift};

use crate::common::plans;

fn read(text: &str) -> Lifted {
    let (document, found) = parse(text.as_bytes(), Limits::default());
    lift(document, found, "real")
}

fn grave(findings: &[Diagnostic]) -> usize {
    findings.iter().filter(|d| d.severity() >= Severity::Warning).count()
}

/// Whatever the line ends: findings have sound places, safe fixes bring no warning, and fixing
/// twice is fixing once.
#[test]
fn rules_and_fixes_hold_on_real_plans() {
    for path in plans() {
        let text = std::fs::read_to_string(&path).unwrap();
        for text in [text.clone(), text.replace('\n', "\r\n"), format!("\u{feff}{text}")] {
            let lifted = read(&text);
            let before = run(&lifted);
            for d in &before {
                assert!(text.get(d.span.start..d.span.end).is_some(), "{}: {d:?}", path.display());
            }
            let safe = fix(&lifted, Repair::Safe, None);
            assert!(grave(&safe.findings) <= grave(&before), "{}", path.display());
            assert_eq!(fix(&safe.lifted, Repair::Safe, None).text, safe.text, "{}", path.display());
            let all = fix(&lifted, Repair::Unsafe, None);
            assert_eq!(fix(&all.lifted, Repair::Unsafe, None).text, all.text, "{}", path.display());
        }
    }
}
