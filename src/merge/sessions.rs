use super::checks;
use super::conflict::{Conflict, ConflictKind, Entity, Note};
use super::keys::Keys;
use super::lines;
use super::piece::{self, Clash, Markers, Piece, Side};
use super::place::Places;
use super::tree::Tree;
use super::weave::{Weaver, Woven, line_end};
use crate::document::{Limits, parse};
use crate::format::{Lifted, derived_is_fresh, fresh_blocks, lift, reread, write};
use crate::model::Change;
use crate::text::Eol;

/// Three versions of a session file as one.
#[derive(Clone, Debug)]
pub struct Merged {
    /// The merged text; where the sides disagree, with the text of the side that was to stay.
    pub text: String,
    /// What the sides disagree about; empty for a clean merge.
    pub conflicts: Vec<Conflict>,
    /// What was settled and should be said.
    pub notes: Vec<Note>,
    pieces: Vec<Piece>,
}

impl Merged {
    /// Whether the sides came together.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.conflicts.is_empty()
    }

    /// The merged text with the conflicts between markers, around whole lines. The text of a clean
    /// merge has none.
    #[must_use]
    pub fn with_markers(&self, markers: &Markers<'_>) -> String {
        if piece::clashes(&self.pieces).next().is_none() {
            return self.text.clone();
        }
        piece::with_markers(&self.pieces, markers)
    }

    /// The places of the text in which the sides disagree, in order.
    pub fn clashes(&self) -> impl Iterator<Item = &Clash> {
        piece::clashes(&self.pieces)
    }

    /// The text with `text` (whole lines) in the `nth` clash and `stays` in the others. `None` where there is no
    /// such clash.
    #[must_use]
    pub fn choosing(&self, nth: usize, text: &str, stays: Side) -> Option<String> {
        let mut pieces = self.pieces.clone();
        let mut clashes = pieces.iter_mut().filter(|p| matches!(p, Piece::Clash(_)));
        *clashes.nth(nth)? = Piece::Text(text.to_owned());
        Some(piece::text(&pieces, stays))
    }

    /// The text with `stays` in every clash, as the pieces have it: nothing derived is made anew.
    #[must_use]
    pub fn as_pieces(&self, stays: Side) -> String {
        piece::text(&self.pieces, stays)
    }

    fn plain(text: &str) -> Self {
        Self { text: text.to_owned(), conflicts: Vec::new(), notes: Vec::new(), pieces: Vec::new() }
    }
}

/// Merges three texts of one session, found in the directory named `directory`. `stays` is the
/// side whose text stays in the file where the sides disagree.
#[must_use]
pub fn texts<T: AsRef<str>>(base: T, ours: T, theirs: T, directory: &str, stays: Side) -> Merged {
    if let Some(text) = shortcut(base.as_ref(), ours.as_ref(), theirs.as_ref()) {
        return Merged::plain(text);
    }
    // What is understood holds its text itself; those that were given are not held beside it.
    let (document, found) = parse(base.as_ref().as_bytes(), Limits::default());
    drop(base);
    let base = lift(document, found, directory);
    let read = |text: T| reread(text.as_ref(), &base);
    let (ours, theirs) = (read(ours), read(theirs));
    sessions(&base, &ours, &theirs, stays)
}

/// Merges three versions of a session: by task and field first, prose by lines and words, what is
/// derived made anew. Deterministic, and total: what does not come together is a conflict.
///
/// Where plain lines merge cleanly into a sound plan, that is the result. Inputs that hold conflict
/// markers or cannot be written to are merged as plain lines, and said so.
#[must_use]
pub fn sessions(base: &Lifted, ours: &Lifted, theirs: &Lifted, stays: Side) -> Merged {
    let [b, o, t] = [base, ours, theirs].map(|l| l.document.text());
    if let Some(text) = shortcut(b, o, t) {
        return Merged::plain(text);
    }
    if let Some(eol) = one_changed_line_ends([base, ours, theirs]) {
        let directory = &ours.session.directory;
        let [b, o, t] = [b, o, t].map(|text| text.replace("\r\n", "\n"));
        let mut merged = texts(&b, &o, &t, directory, stays);
        merged.end_lines_with(eol);
        return merged;
    }
    let (merged, read) = run([base, ours, theirs], stays);
    refreshed(merged, read, [ours, theirs])
}

fn shortcut<'t>(base: &'t str, ours: &'t str, theirs: &'t str) -> Option<&'t str> {
    if ours == theirs || base == theirs { Some(ours) } else { (base == ours).then_some(theirs) }
}

/// The merged text, and what was read from it where it was.
fn run(inputs: [&Lifted; 3], stays: Side) -> (Merged, Option<Lifted>) {
    let [b, o, t] = inputs.map(|l| l.document.text());
    if inputs.iter().any(|l| !l.document.is_writable()) {
        let mut merged = as_lines([b, o, t], stays, "an input holds conflict markers or cannot be read");
        merged.conflicts.push(Conflict {
            entity: Entity::Session,
            what: "text".to_owned(),
            kind: ConflictKind::Markers,
            base: None,
            ours: None,
            theirs: None,
        });
        return (merged, None);
    }
    let Ok(plain) = lines::merge(b, o, t) else {
        return (too_long([b, o, t], stays), None);
    };
    let trees = inputs.map(Tree::of);
    let trees = [&trees[0], &trees[1], &trees[2]];
    let keys = Keys::of(trees, inputs);
    let places = Places::of(trees, &keys);
    if plain.is_clean() {
        let text = plain.text(stays);
        let merged = reread(&text, inputs[1]);
        let (least, most) =
            places.as_ref().map_or((0, usize::MAX), |p| checks::expected_tasks(trees, inputs, &keys, p));
        if (least..=most).contains(&merged.session.tasks.len())
            && merged.document.is_writable()
            && checks::no_new_twins(inputs, &merged)
            && checks::states_agree(inputs, &merged)
        {
            return (Merged::plain(&text), Some(merged));
        }
    }
    // Two sides that are woven take room enough.
    drop(plain);
    let Some(places) = places else {
        return (as_lines([b, o, t], stays, "tasks were moved below each other by both sides"), None);
    };
    let woven = Weaver { trees, lifted: inputs, keys: &keys, places: &places }.run();
    sound(woven, inputs, trees, &[places.revived, places.moved_and_deleted].concat(), stays).map_or_else(
        |because| (as_lines([b, o, t], stays, because), None),
        |(merged, read)| (merged, Some(read)),
    )
}

/// Reads the woven text again and sees whether it is what was planned; else says what is not.
fn sound(
    woven: Woven,
    inputs: [&Lifted; 3],
    trees: [&Tree<'_>; 3],
    revived: &[usize],
    stays: Side,
) -> Result<(Merged, Lifted), &'static str> {
    let text = final_line_end(piece::text(&woven.pieces, stays), inputs);
    let merged = reread(&text, inputs[1]);
    let failed = if !merged.document.is_writable() {
        Some("merged by task, the file could not be written to")
    } else if woven.conflicts.is_empty() && merged.session.tasks.len() != woven.tasks {
        Some("merged by task, the file had another number of tasks")
    } else if !checks::no_new_twins(inputs, &merged) {
        Some("merged by task, an id stood twice")
    } else if !checks::states_agree(inputs, &merged) {
        Some("merged by task, a task had another state")
    } else if !checks::lines_are_kept(
        trees,
        &Tree::of(&merged),
        &text,
        revived,
        piece::clashes(&woven.pieces),
    ) {
        Some("merged by task, a line was lost or came back")
    } else {
        None
    };
    if let Some(because) = failed {
        return Err(because);
    }
    let Woven { pieces, conflicts, notes, .. } = woven;
    Ok((Merged { text, conflicts, notes, pieces }, merged))
}

/// A final line end is there or not, as the side has it that changed it; a side without any text has no say.
fn final_line_end(mut text: String, inputs: [&Lifted; 3]) -> String {
    let [b, o, t] = inputs.map(|l| l.document.text().ends_with('\n'));
    let [_, no_ours, no_theirs] = inputs.map(|l| l.document.text().is_empty());
    let wanted = if no_ours || (b == o && !no_theirs) { t } else { o };
    if wanted && !text.is_empty() && !text.ends_with('\n') {
        text.push_str(line_end(inputs).as_str());
    } else if !wanted && text.ends_with('\n') {
        text.pop();
        if text.ends_with('\r') {
            text.pop();
        }
    }
    text
}

/// The whole file as plain lines.
fn as_lines([base, ours, theirs]: [&str; 3], stays: Side, because: &'static str) -> Merged {
    let Ok(merged) = lines::merge_prose(base, ours, theirs) else {
        return too_long([base, ours, theirs], stays);
    };
    let conflict = |c: &Clash| Conflict {
        entity: Entity::Session,
        what: "text".to_owned(),
        kind: ConflictKind::Prose,
        base: Some(c.base.clone()),
        ours: Some(c.ours.clone()),
        theirs: Some(c.theirs.clone()),
    };
    Merged {
        text: merged.text(stays),
        conflicts: merged.conflicts().map(conflict).collect(),
        notes: vec![Note::PlainLines { because }],
        pieces: merged.into_pieces(),
    }
}

fn too_long([base, ours, theirs]: [&str; 3], stays: Side) -> Merged {
    let [base, ours, theirs] = [base, ours, theirs].map(str::to_owned);
    let conflict = Conflict {
        entity: Entity::Session,
        what: "text".to_owned(),
        kind: ConflictKind::TooLong,
        base: Some(base.clone()),
        ours: Some(ours.clone()),
        theirs: Some(theirs.clone()),
    };
    let pieces = vec![Piece::Clash(Clash { base, ours, theirs, keeps: None })];
    Merged { text: piece::text(&pieces, stays), conflicts: vec![conflict], notes: Vec::new(), pieces }
}

/// The line end to write, where exactly one side changed all of them.
fn one_changed_line_ends([base, ours, theirs]: [&Lifted; 3]) -> Option<Eol> {
    let only = |l: &Lifted| match l.document.lines().eol_counts() {
        (0, 0, 0) => Some(None),
        (_, 0, 0) => Some(Some(Eol::Lf)),
        (0, _, 0) => Some(Some(Eol::CrLf)),
        _ => None,
    };
    let (b, o, t) = (only(base)?, only(ours)?, only(theirs)?);
    // A side that was emptied changed no line ends.
    let b = b.unwrap_or(Eol::Lf);
    let (o, t) = (o.unwrap_or(b), t.unwrap_or(b));
    (b != o || b != t).then_some(if b == o { t } else { o })
}

/// Brings derived lines and generated blocks up to date, where a side had kept them so.
fn refreshed(mut merged: Merged, read: Option<Lifted>, sides: [&Lifted; 2]) -> Merged {
    let has_derived = sides.into_iter().any(derived_is_fresh);
    let has_blocks = sides.iter().any(|l| !l.map.generated.is_empty())
        && sides.iter().any(|l| fresh_blocks(l, &l.session).is_empty());
    if !has_derived && !has_blocks {
        return merged;
    }
    let mut lifted = read.unwrap_or_else(|| reread(&merged.text, sides[0]));
    if has_derived && !derived_is_fresh(&lifted) {
        lifted = merged.write(lifted, &[Change::RefreshDerived { now: None }]);
    }
    if has_blocks {
        let blocks = fresh_blocks(&lifted, &lifted.session);
        merged.write(lifted, &[Change::RefreshBlocks { blocks }]);
    }
    merged
}

impl Merged {
    /// Makes the changes, where they can be made; what the text says then.
    fn write(&mut self, lifted: Lifted, changes: &[Change]) -> Lifted {
        let Ok(written) = write(&lifted, changes) else { return lifted };
        written.lifted.document.text().clone_into(&mut self.text);
        written.lifted
    }

    fn end_lines_with(&mut self, eol: Eol) {
        if eol == Eol::CrLf {
            let turn = |text: &mut String| *text = text.replace('\n', "\r\n");
            turn(&mut self.text);
            for piece in &mut self.pieces {
                match piece {
                    Piece::Text(t) => turn(t),
                    Piece::Clash(c) => [&mut c.base, &mut c.ours, &mut c.theirs].into_iter().for_each(turn),
                }
            }
        }
    }
}
