use crate::ops::WriteView;

use super::app::App;
use super::paint::{BAD, FAINT, GOOD, LIVE, WARN, paint};
use super::tasks::one_line;

/// Prints the answer of a write: the tasks it was about, a diff for a dry run.
pub(super) fn show(app: &mut App, view: &WriteView) {
    if app.json() {
        app.out.json(view);
        return;
    }
    if let Some(diff) = &view.diff {
        show_diff(app, diff);
        return;
    }
    for task in &view.tasks {
        app.out.line(one_line(task));
    }
    for name in &view.removed {
        app.out.line(format!("{} {}", paint(BAD, "removed"), super::shown(name)));
    }
    if !view.changed {
        app.out.note("nothing to change");
    }
    if let Some(warning) = &view.warning {
        warn(app, warning);
    }
}

/// Says on the side what did not keep a write from happening.
pub(super) fn warn(app: &mut App, warning: &str) {
    app.out.note(format!("{}: {}", paint(WARN, "warning"), super::shown(warning)));
}

/// Prints a unified diff, coloured.
pub(super) fn show_diff(app: &mut App, diff: &str) {
    for line in diff.split_inclusive('\n') {
        let style = match line.as_bytes().first() {
            Some(b'+') => GOOD,
            Some(b'-') => BAD,
            Some(b'@') => LIVE,
            _ => FAINT,
        };
        let text = super::shown(line.trim_end_matches(['\n', '\r'])).into_owned();
        let text = if app.out.color() { paint(style, &text) } else { text };
        app.out.line(text);
    }
}
