use std::collections::BTreeMap;

use super::door::{Client, Door};
use super::resources;
use crate::ops::{OpError, Operation, SessionList, SessionListInput};

/// What subscribers were told last, and how things are now.
#[derive(Debug, Default)]
pub(super) struct Watched {
    /// Address → the text it had, as a fingerprint.
    stamps: BTreeMap<String, u64>,
    /// Session → revision.
    sessions: BTreeMap<String, String>,
    active: Option<String>,
}

/// What is different since the last look.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Changes {
    /// Addresses whose text is another one.
    pub updated: Vec<String>,
    /// Whether sessions came or went.
    pub list_changed: bool,
}

impl Watched {
    /// Starts to watch an address.
    pub(super) fn add(&mut self, door: &Door, client: &Client, uri: &str) {
        if self.sessions.is_empty() {
            let _ = self.look(door, client);
        }
        self.stamps.insert(uri.to_owned(), stamp(door, client, uri));
    }

    /// Stops watching an address.
    pub(super) fn remove(&mut self, uri: &str) {
        self.stamps.remove(uri);
    }

    /// Looks at the files: cheap where no file has changed.
    pub(super) fn look(&mut self, door: &Door, client: &Client) -> Changes {
        let mut changes = Changes::default();
        // A workspace that cannot be read just now is looked at again next time.
        let Ok((sessions, active)) = revisions(door, client) else { return changes };
        if sessions == self.sessions && active == self.active {
            return changes;
        }
        changes.list_changed = !sessions.keys().eq(self.sessions.keys());
        self.sessions = sessions;
        self.active = active;
        for (uri, last) in &mut self.stamps {
            let now = stamp(door, client, uri);
            if std::mem::replace(last, now) != now {
                changes.updated.push(uri.clone());
            }
        }
        changes
    }
}

type Revisions = (BTreeMap<String, String>, Option<String>);

fn revisions(door: &Door, client: &Client) -> Result<Revisions, OpError> {
    door.with(client, |cx| {
        let view = SessionList::run(cx, SessionListInput::default())?;
        Ok((view.sessions.into_iter().map(|s| (s.path, s.revision)).collect(), view.active))
    })
}

/// A number that is another one when the text at an address is another one. The file's revision,
/// the last line of a task, does not count: its other tasks are not this one.
fn stamp(door: &Door, client: &Client, uri: &str) -> u64 {
    use std::hash::{DefaultHasher, Hash as _, Hasher as _};
    let text = match resources::read(door, client, uri) {
        Ok(Some((_, text))) => text,
        Ok(None) => String::new(),
        Err(error) => error.to_string(),
    };
    let mut hasher = DefaultHasher::new();
    text.lines().filter(|l| !l.starts_with("rev ")).for_each(|l| l.hash(&mut hasher));
    hasher.finish()
}
