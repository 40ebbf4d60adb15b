//! What reading a text may cost, counted in work and never in time: the same bytes are read in the
//! same way on every machine.

use std::cell::Cell;

/// Work that every text may take, and as much again for each of [`BYTES`].
const BASE: usize = 12 << 20;
const BYTES: usize = 1 << 20;
/// Steps between two questions of the parser whether it should stop.
const STEPS: usize = 256;

fn allowed(text: &str) -> usize {
    BASE.saturating_add(text.len().saturating_mul(BASE / BYTES))
}

/// Counts the parser's own steps.
pub(super) struct Steps {
    left: Cell<usize>,
}

impl Steps {
    pub(super) fn of(markdown: &str) -> Self {
        Self { left: Cell::new(allowed(markdown) / STEPS) }
    }

    /// Whether the parser has done more than its work; to be called once in so many steps.
    pub(super) fn are_over(&self) -> bool {
        let left = self.left.get();
        self.left.set(left.saturating_sub(1));
        left == 0
    }

    pub(super) fn left(&self) -> usize {
        self.left.get()
    }

    /// Goes back (or on) to so many.
    pub(super) fn set_left(&self, left: usize) {
        self.left.set(left);
    }
}

/// Counts the open containers that the parser walks through.
///
/// The one thing that it does not count itself: with every line it goes through the containers
/// that are open, also for a line of one byte, so that a deep list before many blank lines costs
/// their product. What is added up here is never less than what the parser will walk, and for
/// texts that people write it is a small multiple of their lines.
pub(super) struct Walks {
    left: usize,
}

impl Walks {
    pub(super) fn of(markdown: &str) -> Self {
        Self { left: allowed(markdown) }
    }

    /// Takes lines in, before which nothing is open that they go on with; what they cost, or `None` where the
    /// parser would do more than it may.
    pub(super) fn through<'l>(&self, lines: impl Iterator<Item = &'l str>) -> Option<usize> {
        let mut walked = 0;
        let mut open = Open::default();
        for line in lines {
            walked += open.walked(line);
            if walked > self.left {
                return None;
            }
        }
        Some(walked)
    }

    /// Takes off what a stretch costs; whether that was still there.
    pub(super) fn spend(&mut self, walked: usize) -> bool {
        let rest = self.left.checked_sub(walked);
        self.left = rest.unwrap_or(0);
        rest.is_some()
    }
}

/// Upper bounds of what is open behind a line.
#[derive(Default)]
struct Open {
    /// All containers.
    all: usize,
    /// Those that a blank line leaves open: none inside a quote.
    through_blank: usize,
    after_text: bool,
}

impl Open {
    /// Takes a line (its end may follow) in; how many containers are walked through for it.
    fn walked(&mut self, line: &str) -> usize {
        let start = Start::of(line);
        if start.is_blank {
            self.all = self.through_blank;
            self.after_text = false;
            return self.all;
        }
        // A container goes on for two columns of blanks or a quote mark; in a quoted blank line
        // all that is below the quote does.
        let quoted_blank = start.is_all && start.items == 0;
        let kept = if quoted_blank { self.all } else { self.all.min(start.columns / 2 + start.quotes) };
        let all = kept + start.items + start.quotes;
        let through = self.through_blank.min(start.columns / 2) + start.items_outside;
        // Behind text, a line may go on with the paragraph, and then everything stays open.
        let lazy = self.after_text;
        self.all = if lazy { all.max(self.all) } else { all };
        self.through_blank = if lazy { through.max(self.through_blank) } else { through };
        self.after_text = !quoted_blank || (lazy && start.columns > 3);
        self.all
    }
}

/// What a line begins with, as far as it may open or continue containers.
#[derive(Default)]
struct Start {
    /// Screen columns of blanks.
    columns: usize,
    quotes: usize,
    /// Markers of list items and footnotes.
    items: usize,
    /// Those before the first quote mark.
    items_outside: usize,
    /// Nothing else is on the line.
    is_all: bool,
    /// Nothing at all is.
    is_blank: bool,
}

impl Start {
    fn of(line: &str) -> Self {
        let mut start = Self::default();
        let bytes = line.as_bytes();
        let (mut at, mut column) = (0, 0);
        while let Some(byte) = bytes.get(at) {
            match byte {
                b' ' | b'\t' => {
                    let width = if *byte == b'\t' { 4 - column % 4 } else { 1 };
                    column += width;
                    start.columns += width;
                    at += 1;
                }
                b'\n' | b'\r' => break,
                b'>' => {
                    start.quotes += 1;
                    (at, column) = (at + 1, column + 1);
                }
                _ => {
                    let len = marker(&bytes[at..]);
                    if len == 0 {
                        break;
                    }
                    start.items += 1;
                    start.items_outside += usize::from(start.quotes == 0);
                    (at, column) = (at + len, column + len);
                }
            }
        }
        start.is_all = matches!(bytes.get(at), None | Some(b'\n' | b'\r'));
        start.is_blank = start.is_all && start.items + start.quotes == 0;
        start
    }
}

/// Length of the marker of a list item or footnote definition at the beginning of `rest`.
fn marker(rest: &[u8]) -> usize {
    let ends =
        |at: usize| matches!(rest.get(at), None | Some(b' ' | b'\t' | b'\x0b' | b'\x0c' | b'\n' | b'\r'));
    let digits = rest.iter().take_while(|b| b.is_ascii_digit()).count();
    match rest {
        [b'-' | b'*' | b'+', ..] if ends(1) => 1,
        [b'[', b'^', ..] => {
            let name = rest.iter().take_while(|b| !matches!(b, b']' | b' ' | b'\t' | b'\n' | b'\r')).count();
            if rest[name..].starts_with(b"]:") { name + 2 } else { 0 }
        }
        _ if (1..=9).contains(&digits)
            && matches!(rest.get(digits), Some(b'.' | b')'))
            && ends(digits + 1) =>
        {
            digits + 1
        }
        _ => 0,
    }
}
