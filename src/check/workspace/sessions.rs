use std::collections::{BTreeSet, HashMap};

use crate::diagnostic::{Code, Diagnostic, List, did_you_mean};
use crate::format::Lifted;
use crate::model::{Session, SessionStatus, TaskRef, key_form, norm};
use crate::text::TextRange;

use super::super::reference;
use super::Found;

/// The task ids of one session.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SessionIds {
    /// The directory's name.
    pub directory: String,
    /// The ids one behind the other: there may be a million of them in a workspace.
    ids: String,
    /// Where each of them ends in there, and its place in the file.
    places: Vec<(u32, TextRange)>,
}

impl SessionIds {
    /// Those of `lifted`.
    #[must_use]
    pub fn of(lifted: &Lifted) -> Self {
        let mut this =
            Self { directory: lifted.session.directory.clone(), ids: String::new(), places: Vec::new() };
        for (task, place) in lifted.session.tasks.iter().zip(&lifted.map.tasks) {
            if let Some(id) = &task.id {
                this.ids.push_str(id.as_str());
                let end = u32::try_from(this.ids.len()).unwrap_or(u32::MAX);
                this.places.push((end, place.ids.first().map_or(place.head, |i| i.id)));
            }
        }
        this.ids.shrink_to_fit();
        this.places.shrink_to_fit();
        this
    }

    /// Ids with their places, in the order of the text.
    fn ids(&self) -> impl Iterator<Item = (&str, TextRange)> {
        let mut start = 0;
        self.places.iter().map(move |(end, span)| {
            let id = TextRange::new(start, *end as usize).of(&self.ids);
            start = *end as usize;
            (id, *span)
        })
    }
}

/// I503: an id that a task of an earlier session has too. Ids need to be unique in a file only;
/// across sessions the pair of both is the name.
#[must_use]
pub fn shared_ids(sessions: &[SessionIds]) -> Vec<Found> {
    let mut first: HashMap<&str, u32> = HashMap::new();
    let mut found = Vec::new();
    for (number, session) in (0..).zip(sessions) {
        for (id, span) in session.ids() {
            let owner = *first.entry(id).or_insert(number);
            if let Some(owner) = sessions.get(owner as usize).filter(|_| owner != number) {
                let message = format!("id `{id}` is also used in session `{}`", owner.directory);
                let diagnostic = Diagnostic::new(Code::I503, span, message);
                found.push(Found { directory: session.directory.clone(), diagnostic });
            }
        }
    }
    found
}

/// D607: dependencies on sessions that are not there. `known` holds ids and directory names.
#[must_use]
pub fn foreign_sessions(lifted: &Lifted, known: &BTreeSet<&str>) -> Vec<Diagnostic> {
    let text = lifted.document.text();
    let mut found = Vec::new();
    for reference in reference::all(lifted) {
        let TaskRef::Id { session: Some(session), .. } = &reference.written else { continue };
        let own = [&lifted.session.id, &lifted.session.directory].contains(&session);
        if own || known.contains(session.as_str()) {
            continue;
        }
        let near = did_you_mean(session, known.iter().copied().take(10_000));
        let hint =
            if near.is_empty() { String::new() } else { format!("; did you mean {}?", List(&near, "or")) };
        let message = format!("session `{session}` not found (`{}`){hint}", reference.span.of(text));
        found.push(Diagnostic::new(Code::D607, reference.span, message));
    }
    found
}

/// A session whose file says that it is active.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ActiveSession {
    /// The directory's name.
    pub directory: String,
    /// Where the file says so.
    pub span: TextRange,
}

impl ActiveSession {
    /// `Some` where the file itself says `Active`; a file that says nothing does not count.
    #[must_use]
    pub fn of(lifted: &Lifted) -> Option<Self> {
        let session: &Session = &lifted.session;
        if session.written_status() != Some(SessionStatus::Active) {
            return None;
        }
        let says = |value: &str| SessionStatus::parse(value) == Some(SessionStatus::Active);
        let body = session.header.iter().zip(&lifted.map.header);
        let body = body.filter(|(f, _)| norm(&f.key) == "status" && says(&f.value)).map(|(_, p)| p.value);
        let matter =
            lifted.map.front_matter.iter().filter(|k| key_form(&k.name) == "status").map(|k| k.value);
        let span = body.chain(matter).next().unwrap_or_default();
        Some(Self { directory: session.directory.clone(), span })
    }
}

/// X002: more than one session says that it is active. The local pointer decides which one is;
/// the others are reported. Without a pointer to one of them, all are.
#[must_use]
pub fn several_active(active: &[ActiveSession], pointer: Option<&str>) -> Vec<Found> {
    if active.len() < 2 {
        return Vec::new();
    }
    let chosen = pointer.filter(|p| active.iter().any(|a| a.directory == *p));
    let others = active.iter().filter(|a| chosen != Some(a.directory.as_str()));
    others
        .map(|session| {
            let message = match chosen {
                Some(chosen) => format!("`{}` says it is active, but `{chosen}` is", session.directory),
                None => format!(
                    "`{}` is one of {} sessions that say they are active",
                    session.directory,
                    active.len()
                ),
            };
            let diagnostic = Diagnostic::new(Code::X002, session.span, message);
            Found { directory: session.directory.clone(), diagnostic }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::testing::read;

    fn words(found: &[Found]) -> Vec<(&str, &str)> {
        found.iter().map(|f| (f.directory.as_str(), f.diagnostic.message.as_str())).collect()
    }

    #[test]
    fn one_id_in_two_sessions() {
        let ids = SessionIds::of(&read("# P\n\n## G\n\n- [ ] a ^t-a\n- [ ] b\n- [ ] c ^t-c\n"));
        let other =
            SessionIds { directory: "z".into(), ..SessionIds::of(&read("# P\n\n## G\n\n- [ ] a ^t-a\n")) };
        assert_eq!(words(&shared_ids(&[ids, other])), [("z", "id `t-a` is also used in session `plan`")]);
    }

    #[test]
    fn sessions_that_are_not_there() {
        let text = "# P\n\n## G\n\n- [ ] a  [dependsOn:: auth#t-a, kitchn#t-b, plan#t-c] ^t-c\n";
        let found = foreign_sessions(&read(text), &BTreeSet::from(["auth", "kitchen"]));
        let got: Vec<&str> = found.iter().map(|d| d.message.as_str()).collect();
        assert_eq!(got, ["session `kitchn` not found (`kitchn#t-b`); did you mean `kitchen`?"]);
        assert_eq!(found[0].span.of(text), "kitchn#t-b");
    }

    #[test]
    fn the_pointer_decides_who_is_active() {
        let text = "# P\n\n**Status**: Active\n";
        let a = ActiveSession::of(&read(text)).unwrap();
        assert_eq!(a.span.of(text), "Active");
        assert_eq!(ActiveSession::of(&read("# P\n")), None);
        let b = ActiveSession { directory: "b".into(), ..a.clone() };
        assert!(several_active(std::slice::from_ref(&a), None).is_empty());
        assert_eq!(
            words(&several_active(&[a.clone(), b.clone()], Some("plan"))),
            [("b", "`b` says it is active, but `plan` is")]
        );
        assert_eq!(several_active(&[a, b], Some("gone")).len(), 2);
    }
}
