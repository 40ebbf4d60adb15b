use crate::disk::SafeName;
use crate::index::{SessionFilter, SessionRow};
use crate::model::{SessionStatus, norm};

use super::{Error, Workspace};

/// Which session a request that names none is about.
#[derive(Clone, PartialEq, Debug)]
pub enum Selected {
    /// This one.
    One(Box<SessionRow>),
    /// None, because there is no session at all, or none that is open.
    None,
    /// Several could be meant: they all say Active, or are all open and none is active.
    Several(Vec<SessionRow>),
}

/// What a session's name stands for.
#[derive(Clone, PartialEq, Debug)]
pub enum Named {
    /// One session.
    One(Box<SessionRow>),
    /// Several begin like that, or have that name.
    Several(Vec<SessionRow>),
    /// No session; these names are near.
    None(Vec<String>),
}

impl Workspace {
    /// The session that is worked on: the local pointer, else the one file that says Active,
    /// else the only one that is open.
    pub fn selected(&self) -> Result<Selected, Error> {
        if let Some(name) = self.disk.active()?
            && let Some(row) = self.index().session(name.as_str())?
        {
            return Ok(Selected::One(Box::new(row)));
        }
        let mut rows = self.in_state(&[SessionStatus::Active])?;
        // A file that says nothing is open for work, but one that says Active goes before it.
        if rows.iter().any(|row| row.stated) {
            rows.retain(|row| row.stated);
        }
        if rows.len() > 1 {
            return Ok(Selected::Several(rows));
        }
        if let Some(row) = rows.into_iter().next() {
            return Ok(Selected::One(Box::new(row)));
        }
        let open: Vec<SessionStatus> = SessionStatus::ALL.into_iter().filter(|s| s.is_open()).collect();
        let mut rows = self.in_state(&open)?;
        Ok(match rows.len() {
            0 => Selected::None,
            1 => Selected::One(Box::new(rows.swap_remove(0))),
            _ => Selected::Several(rows),
        })
    }

    /// At most a few sessions in these states; enough to tell one from several.
    fn in_state(&self, statuses: &[SessionStatus]) -> Result<Vec<SessionRow>, Error> {
        let filter =
            SessionFilter { statuses: statuses.to_vec(), limit: Some(10), ..SessionFilter::default() };
        Ok(self.index().sessions(&filter)?.0)
    }

    /// Finds a session by directory, id, unique prefix of either, or name.
    pub fn named(&self, word: &str) -> Result<Named, Error> {
        let index = self.index();
        if let Some(row) = index.session(word)? {
            return Ok(Named::One(Box::new(row)));
        }
        let (rows, _) = index.sessions(&SessionFilter::default())?;
        drop(index);
        let mut found = meant(&rows, word, |r| [&r.directory, &r.identity, &r.name]);
        match found.len() {
            0 => {}
            1 => return Ok(Named::One(Box::new(found.swap_remove(0).clone()))),
            _ => return Ok(Named::Several(found.into_iter().cloned().collect())),
        }
        // Where the name says no more than the directory, one of them is enough.
        let names = rows.iter().flat_map(|r| {
            let name = Some(r.name.as_str()).filter(|n| norm(n) != norm(&r.directory));
            std::iter::once(r.directory.as_str()).chain(name)
        });
        let near = crate::diagnostic::did_you_mean(word, names);
        Ok(Named::None(near.into_iter().map(str::to_owned).collect()))
    }

    /// The directory of a row as a checked name.
    pub fn directory(&self, row: &SessionRow) -> Result<SafeName, Error> {
        Ok(SafeName::parse(&row.directory)?)
    }
}

/// The sessions that `word` means: by directory, else id, else name, else the beginning of directory or id.
/// `names` tells the three of a session.
pub fn meant<'a, T>(sessions: &'a [T], word: &str, names: impl Fn(&T) -> [&str; 3]) -> Vec<&'a T> {
    let wanted = norm(word);
    let tests: [&dyn Fn([&str; 3]) -> bool; 4] = [
        &|[directory, ..]| directory == word,
        &|[_, id, _]| id == word,
        &|[.., name]| !wanted.is_empty() && norm(name) == wanted,
        &|[directory, id, _]| !word.is_empty() && (directory.starts_with(word) || id.starts_with(word)),
    ];
    let found = tests.iter().map(|test| sessions.iter().filter(|s| test(names(s))).collect::<Vec<_>>());
    found.into_iter().find(|found| !found.is_empty()).unwrap_or_default()
}
