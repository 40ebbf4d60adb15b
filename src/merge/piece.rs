/// One of the two sides of a merge.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum Side {
    /// The tool's pending change; in a Git merge, the branch that is checked out.
    Ours,
    /// What is in the file; in a Git merge, the other branch.
    Theirs,
}

/// A place where the sides could not be brought together: whole lines.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Clash {
    /// What stood there.
    pub base: String,
    /// What ours made of it.
    pub ours: String,
    /// What theirs made of it.
    pub theirs: String,
    /// The side whose text stays whatever is asked for (a modified task against its deletion).
    pub keeps: Option<Side>,
}

/// A stretch of a merged text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Piece {
    Text(String),
    Clash(Clash),
}

/// How conflicts are drawn into a text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Markers<'a> {
    /// How many `<` a marker has; git's `%L`.
    pub size: usize,
    /// Behind `<<<<<<<`.
    pub ours: &'a str,
    /// Behind `|||||||`.
    pub base: &'a str,
    /// Behind `>>>>>>>`.
    pub theirs: &'a str,
    /// Whether the base is shown too.
    pub diff3: bool,
}

impl Default for Markers<'_> {
    fn default() -> Self {
        Self { size: 7, ours: "ours", base: "base", theirs: "theirs", diff3: true }
    }
}

/// The text with `stays`' version in every conflict.
pub(super) fn text(pieces: &[Piece], stays: Side) -> String {
    let mut out = String::new();
    for piece in pieces {
        match piece {
            Piece::Text(t) => push_lines(&mut out, t),
            Piece::Clash(c) => push_lines(
                &mut out,
                match c.keeps.unwrap_or(stays) {
                    Side::Ours => &c.ours,
                    Side::Theirs => &c.theirs,
                },
            ),
        }
    }
    out
}

/// The text with every conflict drawn between markers.
pub(super) fn with_markers(pieces: &[Piece], markers: &Markers<'_>) -> String {
    let mut out = String::new();
    let crlf = |p: &Piece| match p {
        Piece::Text(t) => t.contains("\r\n"),
        Piece::Clash(c) => [&c.base, &c.ours, &c.theirs].iter().any(|t| t.contains("\r\n")),
    };
    let eol = if pieces.iter().any(crlf) { "\r\n" } else { "\n" };
    for piece in pieces {
        match piece {
            Piece::Text(t) => push_lines(&mut out, t),
            Piece::Clash(c) => {
                let mut part = |mark: char, label: &str, text: &str| {
                    if !out.is_empty() && !out.ends_with('\n') {
                        out.push_str(eol);
                    }
                    out.extend(std::iter::repeat_n(mark, markers.size.max(1)));
                    if !label.is_empty() {
                        out.push(' ');
                        out.push_str(label);
                    }
                    out.push_str(eol);
                    out.push_str(text);
                };
                part('<', markers.ours, &c.ours);
                if markers.diff3 {
                    part('|', markers.base, &c.base);
                }
                part('=', "", &c.theirs);
                part('>', markers.theirs, "");
            }
        }
    }
    out
}

/// Appends whole lines: a text without final line end gets one as soon as something follows.
pub(super) fn push_lines(out: &mut String, lines: &str) {
    if !lines.is_empty() && !out.is_empty() && !out.ends_with(['\n', '\r']) {
        out.push_str(if out.contains("\r\n") { "\r\n" } else { "\n" });
    }
    out.push_str(lines);
}

/// Appends a piece; neighbouring texts become one.
pub(super) fn push(pieces: &mut Vec<Piece>, piece: Piece) {
    match (pieces.last_mut(), piece) {
        (_, Piece::Text(t)) if t.is_empty() => {}
        (Some(Piece::Text(before)), Piece::Text(t)) => before.push_str(&t),
        (_, piece) => pieces.push(piece),
    }
}

pub(super) fn clashes(pieces: &[Piece]) -> impl Iterator<Item = &Clash> {
    pieces.iter().filter_map(|p| match p {
        Piece::Clash(c) => Some(c),
        Piece::Text(_) => None,
    })
}
