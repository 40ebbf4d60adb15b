use anstyle::{AnsiColor, Style};

/// Wraps `text` in a style; `anstream` strips it again where no colours are wanted. Nothing stays nothing,
/// so that trailing blanks can be cut.
#[must_use]
pub(super) fn paint(style: Style, text: &str) -> String {
    if text.is_empty() {
        return String::new();
    }
    format!("{style}{text}{style:#}")
}

/// Bold, for headings.
pub(super) const STRONG: Style = Style::new().bold();
/// Dim, for ids and paths.
pub(super) const FAINT: Style = Style::new().dimmed();
/// Red, for errors and blocked work.
pub(super) const BAD: Style = AnsiColor::Red.on_default();
/// Yellow, for warnings and waiting work.
pub(super) const WARN: Style = AnsiColor::Yellow.on_default();
/// Green, for done work.
pub(super) const GOOD: Style = AnsiColor::Green.on_default();
/// Cyan, for work in progress and hints.
pub(super) const LIVE: Style = AnsiColor::Cyan.on_default();

/// The style a task or session state is shown in.
#[must_use]
pub(super) fn of_status(status: &str) -> Style {
    match status {
        "completed" => GOOD,
        "in_progress" | "in_review" | "active" => LIVE,
        "blocked" | "failed" | "error" => BAD,
        "on_hold" | "paused" => WARN,
        "cancelled" | "archived" => FAINT,
        _ => Style::new(),
    }
}

/// The checkbox a state is shown as.
#[must_use]
pub(super) fn checkbox(status: &str) -> &'static str {
    match status {
        "completed" => "[x]",
        "cancelled" => "[-]",
        "in_progress" => "[/]",
        "in_review" => "[?]",
        "on_hold" => "[>]",
        "blocked" | "failed" => "[!]",
        _ => "[ ]",
    }
}
