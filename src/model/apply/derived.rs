use crate::model::{Scope, Session, Timestamp, Totals, block_hash, touched};

/// The value that should replace the one of a `**Key**: value` line: the counts and mirrors of
/// [`Totals::refreshed`], and the moment of the last change where `now` is told. `None` where
/// nothing is to be done.
#[must_use]
pub fn fresh_value(
    totals: &Totals<'_>,
    now: Option<Timestamp>,
    (key, value): (&str, &str),
    scope: Scope,
) -> Option<String> {
    totals.refreshed(key, value, scope).or_else(|| touched(key, value, now?))
}

pub(super) fn refresh(session: &mut Session, now: Option<Timestamp>) {
    let totals = Totals::of(session);
    let of_session = session.header.iter().chain(&session.metrics);
    let mut values: Vec<_> =
        of_session.map(|f| fresh_value(&totals, now, (&f.key, &f.value), Scope::Session)).collect();
    for (i, group) in session.groups.iter().enumerate() {
        let of_group = group.header.iter();
        values.extend(of_group.map(|(key, value)| fresh_value(&totals, now, (key, value), Scope::Group(i))));
    }
    let of_session = session.header.iter_mut().chain(&mut session.metrics).map(|f| &mut f.value);
    let of_groups = session.groups.iter_mut().flat_map(|g| g.header.iter_mut().map(|(_, value)| value));
    for (old, new) in of_session.chain(of_groups).zip(values) {
        if let Some(new) = new {
            *old = new;
        }
    }
}

pub(super) fn refill_all(session: &mut Session, blocks: &[(String, String)]) {
    for (name, inner) in blocks {
        let mut bodies: Vec<&mut String> = vec![&mut session.preamble];
        bodies.extend(session.sections.iter_mut().map(|s| &mut s.body));
        bodies.extend(session.tasks.iter_mut().map(|t| &mut t.description));
        for body in bodies {
            if refill(body, name, inner) {
                break;
            }
        }
    }
}

/// Replaces the text of the block `name` where its hash says that nobody touched it.
fn refill(body: &mut String, name: &str, inner: &str) -> bool {
    let lines: Vec<&str> = body.lines().collect();
    let marks = |l: &&str, what: &str| {
        let words: Vec<&str> = l.split_whitespace().collect();
        words.len() >= 4 && words[0] == "<!--" && words[1] == what && words[2] == name
    };
    let Some(begin) = lines.iter().position(|l| marks(l, "plandown:begin")) else { return false };
    let Some(end) = lines.iter().position(|l| marks(l, "plandown:end")).filter(|e| *e > begin) else {
        return false;
    };
    let Some(at) = lines[begin].find(" h=") else { return false };
    let old = lines[begin].get(at + 3..at + 11).unwrap_or("");
    if old != block_hash(&lines[begin + 1..end].join("\n")) {
        return false;
    }
    let marker = lines[begin].replacen(old, &block_hash(inner), 1);
    let mut new: Vec<&str> = lines[..begin].to_vec();
    new.push(&marker);
    new.extend(inner.lines());
    new.extend(&lines[end..]);
    *body = new.join("\n");
    true
}
