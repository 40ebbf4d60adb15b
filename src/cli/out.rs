use std::borrow::Cow;
use std::fmt::Write as _;
use std::io::{self, Write};

use anstream::{AutoStream, ColorChoice};
use serde::Serialize;

/// Standard output and error of one run. A closed pipe ends the output quietly.
pub(super) struct Out {
    stdout: AutoStream<io::Stdout>,
    stderr: AutoStream<io::Stderr>,
    color: bool,
    quiet: bool,
    closed: bool,
    /// What is not yet written: a write for every line costs more than the answer.
    waiting: String,
}

/// Bytes of standard output that are written at once.
const ENOUGH: usize = 1 << 16;

impl Out {
    /// Output that colours as `choice` and the terminal say; `quiet` drops remarks.
    #[must_use]
    pub(super) fn new(choice: ColorChoice, quiet: bool) -> Self {
        let stdout = AutoStream::new(io::stdout(), choice);
        let color = stdout.current_choice() != ColorChoice::Never;
        Self {
            stdout,
            stderr: AutoStream::new(io::stderr(), choice),
            color,
            quiet,
            closed: false,
            waiting: String::new(),
        }
    }

    /// Whether standard output shows colours.
    #[must_use]
    pub(super) fn color(&self) -> bool {
        self.color
    }

    /// Writes one line to standard output.
    pub(super) fn line(&mut self, text: impl AsRef<str>) {
        self.text(&format!("{}\n", text.as_ref()));
    }

    /// Writes text to standard output as it is.
    pub(super) fn text(&mut self, text: &str) {
        if self.closed {
            return;
        }
        self.waiting.push_str(text);
        if self.waiting.len() >= ENOUGH {
            self.pass_on();
        }
    }

    fn pass_on(&mut self) {
        if !self.closed && self.stdout.write_all(self.waiting.as_bytes()).is_err() {
            self.closed = true;
        }
        self.waiting.clear();
    }

    /// Writes a remark to standard error, unless asked to be quiet.
    pub(super) fn note(&mut self, text: impl AsRef<str>) {
        if !self.quiet {
            self.flush();
            // Nobody is left to tell when standard error is closed.
            let _ = writeln!(self.stderr, "{}", text.as_ref());
        }
    }

    /// Writes an error's lines to standard error, always.
    pub(super) fn error(&mut self, text: &str) {
        self.flush();
        let _ = writeln!(self.stderr, "{text}");
    }

    /// Writes `value` as one JSON document on one line.
    pub(super) fn json(&mut self, value: &impl Serialize) {
        let text = serde_json::to_string(value).unwrap_or_else(|e| format!("{{\"error\":\"{e}\"}}"));
        self.line(escaped(&text));
    }

    /// Flushes what is buffered, for output that goes on.
    pub(super) fn flush(&mut self) {
        self.pass_on();
        if self.stdout.flush().is_err() {
            self.closed = true;
        }
    }

    /// Whether nobody reads standard output any more.
    #[must_use]
    pub(super) fn is_closed(&self) -> bool {
        self.closed
    }

    /// Flushes what is buffered.
    pub(super) fn finish(mut self) {
        self.flush();
    }
}

/// Text from a file or an argument, made harmless for a terminal.
#[must_use]
pub(super) fn shown(text: &str) -> Cow<'_, str> {
    crate::diagnostic::visible(text)
}

/// JSON that says the same without a character a terminal acts on: such characters stand only inside
/// strings, where they can be written as escapes.
#[must_use]
pub(super) fn escaped(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        if c.is_ascii() && c != '\u{7f}' || shown(c.encode_utf8(&mut [0; 4])).len() == c.len_utf8() {
            out.push(c);
        } else {
            // All of them lie in the first plane: four digits are enough. Writing to a String cannot fail.
            let _ = write!(out, "\\u{:04x}", u32::from(c));
        }
    }
    out
}

/// Columns of the terminal that standard output is, where the platform says.
#[must_use]
pub(super) fn terminal_width() -> Option<usize> {
    #[cfg(unix)]
    {
        let size = rustix::termios::tcgetwinsize(io::stdout()).ok()?;
        Some(usize::from(size.ws_col)).filter(|&w| w > 0)
    }
    #[cfg(not(unix))]
    None
}
