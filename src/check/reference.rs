use crate::format::Lifted;
use crate::model::{Carrier, Field, Names, Target, TaskRef, split_list};
use crate::text::{Edit, TextRange};

/// One written reference to a task, with its place.
#[derive(Clone, Debug)]
pub(super) struct Reference {
    /// The task on whose lines it is written.
    pub task: usize,
    /// [`Field::DependsOn`] or [`Field::Blocks`].
    pub field: Field,
    /// As written.
    pub written: TaskRef,
    /// What it turns out to be.
    pub target: Target,
    /// Its bytes.
    pub span: TextRange,
    /// What takes it out of its list; with the last one, the field goes too.
    pub removal: Edit,
}

impl Reference {
    /// The edge it states, (the task that waits, what it waits for), where both are known here.
    pub(super) fn edge(&self) -> Option<(usize, usize)> {
        match (&self.target, self.field) {
            (&Target::Task(other), Field::Blocks) => Some((other, self.task)),
            (&Target::Task(other), _) => Some((self.task, other)),
            _ => None,
        }
    }
}

/// All `dependsOn` and `blocks` references of a session, in the order of the text.
pub(super) fn all(lifted: &Lifted) -> Vec<Reference> {
    let text = lifted.document.text();
    let names = Names::of(&lifted.session);
    let mut found = Vec::new();
    for (t, (task, place)) in lifted.session.tasks.iter().zip(&lifted.map.tasks).enumerate() {
        for (entry, span) in task.fields.iter().zip(&place.fields) {
            let Some(field @ (Field::DependsOn | Field::Blocks)) = entry.field else { continue };
            let value = span.value.of(text);
            let pieces = pieces(value, span.value.start);
            for (i, piece) in pieces.iter().enumerate() {
                let Some(written) = TaskRef::parse(piece.of(text)) else { continue };
                let target = names.resolve(&written);
                let removal = match (i, pieces.get(i + 1)) {
                    (0, Some(next)) => Edit::delete(TextRange::new(piece.start, next.start)),
                    (0, None) => Edit::delete(whole_field(text, span.whole, span.carrier)),
                    (i, _) => Edit::delete(TextRange::new(pieces[i - 1].end, piece.end)),
                };
                found.push(Reference { task: t, field, written, target, span: *piece, removal });
            }
        }
    }
    found
}

/// The trimmed parts of a comma list that begins at `start`; blank parts are left out.
fn pieces(value: &str, start: usize) -> Vec<TextRange> {
    let mut at = start;
    let mut found = Vec::new();
    for part in split_list(value) {
        let begin = at + (part.len() - part.trim_start().len());
        at += part.len() + 1;
        if !part.trim().is_empty() {
            found.push(TextRange::new(begin, begin + part.trim().len()));
        }
    }
    found
}

/// A field with the blanks before it; a bullet's whole line already is the field.
fn whole_field(text: &str, whole: TextRange, carrier: Carrier) -> TextRange {
    if carrier == Carrier::Bullet {
        return whole;
    }
    let before = text.get(..whole.start).unwrap_or("");
    TextRange::new(before.trim_end_matches([' ', '\t']).len(), whole.end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_of_a_list_know_their_places() {
        let text = r#"x: t-a ,  "a, b",, [[s#^t-c]]"#;
        let got: Vec<&str> = pieces(&text[3..], 3).into_iter().map(|p| p.of(text)).collect();
        assert_eq!(got, ["t-a", r#""a, b""#, "[[s#^t-c]]"]);
    }
}
