use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap, HashSet};

use serde_json::{Value, json};

use crate::disk::{self, Disk, Guard, SafeName};
use crate::text::ContentHash;

use super::conflict::Standing;
use super::{Conflict, Error, Workspace};

/// The conflicts there ever were here whose first line `wanted` lets pass, oldest first. A torn or foreign line is
/// left out. A storm leaves many of them: what is not wanted is not taken apart.
fn read(disk: &Disk, wanted: impl Fn(&str) -> bool) -> Result<Vec<Conflict>, disk::Error> {
    let mut found: Vec<Conflict> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    disk.each_record(&disk.layout().conflicts(), |line| {
        let Some((id, open)) = told(line) else { return };
        if !open {
            if let Some(conflict) = places.get(id.as_ref()).and_then(|at| found.get_mut(*at))
                && let Ok(value) = serde_json::from_str::<Value>(line)
            {
                let word = |key: &str| value[key].as_str().unwrap_or_default().to_owned();
                conflict.standing = Standing::Resolved { take: word("take"), by: word("by"), at: word("at") };
            }
        } else if wanted(line)
            && let Ok(value) = serde_json::from_str::<Value>(line)
            && let Some(conflict) = Conflict::read(&value)
        {
            places.insert(id.into_owned(), found.len());
            found.push(conflict);
        }
    })?;
    Ok(found)
}

/// The id in a line, and whether it opens a conflict rather than settles one. A line as we write it is not taken
/// apart for that.
fn told(line: &str) -> Option<(Cow<'_, str>, bool)> {
    const OPEN: &str = "open\"";
    let ours = || {
        let (id, rest) = line.strip_prefix("{\"id\":\"")?.split_once("\",\"status\":\"")?;
        // A torn line does not end in its time.
        let (_, time) = line.strip_suffix("\"}")?.rsplit_once(",\"at\":\"")?;
        let whole = time.len() < 64 && !id.contains(['"', '\\']) && !time.contains(['"', '\\']);
        whole.then_some((Cow::Borrowed(id), rest.strip_prefix(OPEN).is_some()))
    };
    ours().or_else(|| {
        let value: Value = serde_json::from_str(line).ok()?;
        let open = match value["status"].as_str()? {
            "open" => true,
            "resolved" => false,
            _ => return None,
        };
        Some((Cow::Owned(value["id"].as_str()?.to_owned()), open))
    })
}

/// Writes a conflict down, with its losing text beside the session while it is open. The same
/// conflict, still open, is not written a second time.
pub(super) fn open(
    disk: &Disk,
    guard: &Guard,
    conflict: &Conflict,
    losing: Option<&[u8]>,
) -> Result<(), disk::Error> {
    let place = conflict.place();
    if read(disk, |line| line.contains(&place))?.iter().any(|c| c.is_open() && c.is_same(conflict)) {
        return Ok(());
    }
    if let Some(losing) = losing.filter(|text| !text.is_empty()) {
        let session = SafeName::parse(&conflict.session)?;
        let path = disk.layout().conflict_file(&session, &SafeName::parse(&conflict.id)?);
        disk.write_view(guard, &path, &sibling(conflict, losing))?;
    }
    disk.append_record(guard, &disk.layout().conflicts(), &conflict.opening())
}

/// Writes down that a conflict was decided; the file beside the session goes.
pub(super) fn close(
    disk: &Disk,
    guard: &Guard,
    conflict: &Conflict,
    (take, by, at): (&str, &str, &str),
    revision: Option<ContentHash>,
) -> Result<(), disk::Error> {
    let line = json!({
        "id": conflict.id,
        "status": "resolved",
        "take": take,
        "resolution": revision.map(|h| h.hex()),
        "by": by,
        "at": at,
    });
    disk.append_record(guard, &disk.layout().conflicts(), &line.to_string())?;
    let session = SafeName::parse(&conflict.session)?;
    disk.remove_view(guard, &disk.layout().conflict_file(&session, &SafeName::parse(&conflict.id)?))
}

/// The file that shows a losing text: what it is about, then the text as it was.
fn sibling(conflict: &Conflict, losing: &[u8]) -> Vec<u8> {
    let subject = conflict.subject().replace(['"', '\\', '\n', '\r'], " ");
    let mut text = format!(
        "---\nplandown: conflict\nid: {}\nabout: \"{subject}\"\nkind: {}\nat: {}\n---\n\n",
        conflict.id, conflict.kind, conflict.at
    )
    .into_bytes();
    text.extend_from_slice(losing);
    if !text.ends_with(b"\n") {
        text.push(b'\n');
    }
    text
}

impl Workspace {
    /// Every conflict there ever was here, oldest first.
    pub fn conflicts(&self) -> Result<Vec<Conflict>, Error> {
        Ok(read(&self.disk, |_| true)?)
    }

    /// The directories of the sessions whose last save looks cut off, which nobody has decided about.
    pub fn cut_off(&self) -> Result<Vec<String>, Error> {
        let found = read(&self.disk, |line| line.contains(r#""kind":"truncation""#))?;
        let open = found.into_iter().filter(|c| c.is_open() && c.kind == "truncation");
        Ok(open.map(|c| c.session).collect())
    }

    /// How many conflicts are open.
    pub fn open_conflicts(&self) -> Result<usize, Error> {
        let mut open: HashSet<String> = HashSet::new();
        self.disk.each_record(&self.disk.layout().conflicts(), |line| match told(line) {
            Some((id, true)) => drop(open.insert(id.into_owned())),
            Some((id, false)) => drop(open.remove(id.as_ref())),
            None => {}
        })?;
        Ok(open.len())
    }

    /// The contents that open conflicts still need.
    pub(super) fn needed(&self) -> Result<BTreeSet<ContentHash>, Error> {
        let conflicts = self.conflicts()?;
        let open = conflicts.iter().filter(|c| c.is_open());
        Ok(open.flat_map(|c| [c.versions.0, Some(c.versions.1), Some(c.versions.2)]).flatten().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::disk::MemFs;
    use crate::merge::Side;
    use crate::workspace::conflict::About;
    use std::path::Path;
    use std::sync::Arc;
    use std::time::Duration;

    fn conflict(id: &str, what: &str) -> Conflict {
        Conflict {
            id: id.to_owned(),
            session: "plan".to_owned(),
            about: About::Task { id: None, title: "say \"status\":\"resolved\"".to_owned() },
            what: what.to_owned(),
            kind: "field".to_owned(),
            base: None,
            ours: Some("\"status\":\"open\"".to_owned()),
            theirs: None,
            versions: (None, ContentHash::of(b"1"), ContentHash::of(b"2")),
            clash: None,
            kept: Side::Theirs,
            ours_by: "a".to_owned(),
            theirs_by: "b".to_owned(),
            at: "2026-01-01T00:00:00Z".to_owned(),
            standing: Standing::Open,
        }
    }

    #[test]
    fn a_line_says_what_it_is_without_being_taken_apart() {
        let opening = conflict("c-1", "due").opening();
        assert!(matches!(told(&opening), Some((Cow::Borrowed("c-1"), true))), "{opening}");
        let spaced = opening.replacen("\"id\":", "\"id\": ", 1);
        assert!(matches!(told(&spaced), Some((Cow::Owned(id), true)) if id == "c-1"));
        for at in 1..opening.len() {
            assert_eq!(told(opening.get(..at).unwrap()), None, "torn after {at}");
        }
        assert_eq!(told("{\"id\":\"x\",\"status\":\"else\"}"), None);
        assert_eq!(told("{\"id\":\"x\",\"status\":\"resolved\"}"), Some(("x".into(), false)));
    }

    #[test]
    fn the_same_conflict_is_written_once_and_counted_while_it_is_open() {
        let fs = MemFs::new(Path::new("/w"));
        let disk = Disk::with_fs(Path::new("/w"), Arc::new(fs)).unwrap();
        disk.ensure_layout().unwrap();
        let guard = disk.lock(Duration::ZERO).unwrap();
        for (id, what) in [("c-1", "due"), ("c-2", "due"), ("c-3", "note")] {
            open(&disk, &guard, &conflict(id, what), None).unwrap();
        }
        let ids = |wanted: &str| -> Vec<(String, bool)> {
            let found = read(&disk, |line| line.contains(wanted)).unwrap();
            found.into_iter().map(|c| (c.id.clone(), c.is_open())).collect()
        };
        assert_eq!(ids(""), [("c-1".to_owned(), true), ("c-3".to_owned(), true)]);
        close(&disk, &guard, &conflict("c-1", "due"), ("ours", "me", "now"), None).unwrap();
        assert_eq!(ids("\"due\""), [("c-1".to_owned(), false)]);
        // What was settled may be in doubt again.
        open(&disk, &guard, &conflict("c-4", "due"), None).unwrap();
        assert_eq!(ids("\"due\"").len(), 2);
    }
}
