use std::str::FromStr;

use crate::disk::SafeName;
use crate::format::refilled;
use crate::merge::{self, Side};
use crate::model::{Change, HeaderKey, TaskId, TaskKey, TaskStatus};
use crate::text::ContentHash;

use super::conflict::{About, Conflict};
use super::transact::Draft;
use super::{Committed, Error, Request, Snapshot, Workspace, ledger};

/// How a conflict is decided.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Take {
    /// The tool's change.
    Ours,
    /// What was in the file.
    Theirs,
    /// Both texts, one after the other.
    Both,
    /// What it was before.
    Base,
    /// This.
    Text(String),
}

impl FromStr for Take {
    type Err = ();

    fn from_str(word: &str) -> Result<Self, ()> {
        Ok(match word {
            "ours" => Self::Ours,
            "theirs" => Self::Theirs,
            "both" => Self::Both,
            "base" => Self::Base,
            _ => return Err(()),
        })
    }
}

impl Take {
    fn word(&self) -> &'static str {
        match self {
            Self::Ours => "ours",
            Self::Theirs => "theirs",
            Self::Both => "both",
            Self::Base => "base",
            Self::Text(_) => "text",
        }
    }
}

impl Workspace {
    /// The conflict `word` names: its id or a unique part of it.
    pub fn conflict(&self, word: &str) -> Result<Conflict, Error> {
        let mut all = self.conflicts()?;
        if let Some(at) = all.iter().position(|c| c.id == word) {
            return Ok(all.swap_remove(at));
        }
        all.retain(|c| word.len() >= 4 && (c.id.starts_with(word) || c.id.ends_with(word)));
        match all.len() {
            1 => Ok(all.swap_remove(0)),
            _ => Err(Error::NoConflict(word.to_owned())),
        }
    }

    /// Decides a conflict: writes what was taken where it is not in the file already, as an ordinary
    /// change that can be undone, and keeps the record.
    pub fn resolve(
        &self,
        conflict: &Conflict,
        take: &Take,
        by: &str,
        dry_run: bool,
    ) -> Result<Committed<()>, Error> {
        let directory = SafeName::parse(&conflict.session)?;
        let request =
            Request { directory: &directory, what: "resolve", by, if_match: None, dry_run, told: None };
        let done = self.transact_text(&request, |snapshot| {
            let lifted = match self.by_change(conflict, take, snapshot)? {
                Some(changes) if changes.is_empty() => None,
                Some(changes) => Some(self.write(snapshot, &changes)?.lifted),
                None => {
                    let (kept, wanted) = self.versions_of(conflict, take)?;
                    if kept == wanted {
                        None
                    } else {
                        let now = self.disk.read(&directory)?.bytes;
                        Some(refilled(self.on_top(&directory, &kept, &wanted, &now, "resolve")?))
                    }
                }
            };
            Ok::<_, Error>(Draft { lifted, output: (), facts: vec![("resolves", conflict.id.clone())] })
        })?;
        if !dry_run && conflict.is_open() {
            let guard = self.lock()?;
            let at = self.now().to_string();
            let decision = (take.word(), by, at.as_str());
            ledger::close(&self.disk, &guard, conflict, decision, Some(done.revision()))?;
        }
        Ok(done)
    }

    /// The changes that set a field to what was taken; `None` where the conflict is about text.
    fn by_change(
        &self,
        conflict: &Conflict,
        take: &Take,
        snapshot: &Snapshot,
    ) -> Result<Option<Vec<Change>>, Error> {
        if conflict.kind != "field" {
            return Ok(None);
        }
        let wanted = match take {
            Take::Ours => conflict.ours.clone(),
            Take::Theirs => conflict.theirs.clone(),
            Take::Base => conflict.base.clone(),
            Take::Text(text) => Some(text.trim().to_owned()).filter(|t| !t.is_empty()),
            Take::Both => return Err(Error::Choice("a field cannot have both values".to_owned())),
        };
        let session = &snapshot.lifted.session;
        match &conflict.about {
            About::Task { id: Some(id), .. } => {
                let Some(id) = TaskId::parse(id) else { return Ok(None) };
                let Some(at) = session.task_by_id(&id) else { return Ok(None) };
                let task = TaskKey::Id(session.tasks[at].id.clone().unwrap_or(id));
                Ok(match conflict.what.as_str() {
                    "status" => match wanted.as_deref().and_then(TaskStatus::parse) {
                        Some(to) if session.tasks[at].status == to => Some(Vec::new()),
                        Some(to) => Some(vec![Change::SetStatus { task, to }]),
                        None => None,
                    },
                    "title" => wanted.map(|title| vec![Change::RenameTask { task, title }]),
                    "effort" | "text" | "id" => None,
                    key => Some(vec![Change::SetField { task, key: key.to_owned(), value: wanted }]),
                })
            }
            About::Session => {
                let keys = [HeaderKey::Status, HeaderKey::Mode, HeaderKey::Created, HeaderKey::Priority];
                let known = keys.into_iter().chain([HeaderKey::Due, HeaderKey::Type, HeaderKey::Tags]);
                let name = crate::model::norm(&conflict.what);
                let mut found = known.filter(|k| k.key() == name);
                Ok(found.next().map(|key| vec![Change::SetHeader { key, value: wanted }]))
            }
            _ => Ok(None),
        }
    }

    /// The whole file as it was kept, and as it would have been with what was taken.
    fn versions_of(&self, conflict: &Conflict, take: &Take) -> Result<(Vec<u8>, Vec<u8>), Error> {
        let text = |hash: &ContentHash| -> Result<Vec<u8>, Error> {
            self.disk.blob_find(hash)?.ok_or_else(|| {
                Error::Choice(format!("the texts of conflict `{}` are not kept any more", conflict.id))
            })
        };
        let (base, ours, theirs) = &conflict.versions;
        let (ours, theirs) = (text(ours)?, text(theirs)?);
        let kept = if conflict.kept == Side::Ours { &ours } else { &theirs };
        if conflict.is_whole() {
            let wanted = match take {
                Take::Ours => ours.clone(),
                Take::Theirs => theirs.clone(),
                Take::Text(text) => text.clone().into_bytes(),
                Take::Base | Take::Both => {
                    let message =
                        "this conflict is about a whole file: take `ours` or `theirs`, or give a text";
                    return Err(Error::Choice(message.to_owned()));
                }
            };
            return Ok((kept.clone(), wanted));
        }
        let base = base.as_ref().map(text).transpose()?.unwrap_or_default();
        let [b, o, t] = [&base, &ours, &theirs].map(|bytes| String::from_utf8_lossy(bytes));
        let merged = merge::texts(&b, &o, &t, &conflict.session, conflict.kept);
        let clash = conflict.clash.and_then(|nth| Some((nth, merged.clashes().nth(nth)?)));
        let Some((nth, clash)) = clash else {
            // Where the place cannot be told, the file that was kept is the only safe answer.
            if matches!(take, Take::Theirs) == (conflict.kept == Side::Theirs)
                && !matches!(take, Take::Text(_))
            {
                return Ok((kept.clone(), kept.clone()));
            }
            let message = format!("change `{}` by hand, then take what is in the file", conflict.subject());
            return Err(Error::Choice(message));
        };
        let wanted = match take {
            Take::Ours => clash.ours.clone(),
            Take::Theirs => clash.theirs.clone(),
            Take::Base => clash.base.clone(),
            Take::Both => format!("{}{}", lines(&clash.theirs), clash.ours),
            Take::Text(text) => lines(text),
        };
        let kept = merged.as_pieces(conflict.kept);
        let wanted = merged.choosing(nth, &wanted, conflict.kept).unwrap_or_else(|| kept.clone());
        Ok((kept.into_bytes(), wanted.into_bytes()))
    }
}

/// Whole lines.
fn lines(text: &str) -> String {
    if text.is_empty() || text.ends_with('\n') { text.to_owned() } else { format!("{text}\n") }
}
