use crate::config::Setting;
use crate::model::{Change, Session, apply_all, norm};

use super::{Snapshot, Workspace};

impl Workspace {
    /// `changes`, and at their end the refresh of derived values, where the file wants to be kept
    /// fresh: it says `template: full` in its front matter, or the settings say so for all files.
    ///
    /// Changes that change nothing are no reason to touch a file.
    pub(super) fn refreshed(&self, snapshot: &Snapshot, changes: &[Change]) -> Vec<Change> {
        let session = &snapshot.lifted.session;
        let mut all = changes.to_vec();
        if (self.keeps_fresh() || wants_fresh(session))
            && apply_all(session, changes).is_ok_and(|after| after != *session)
        {
            all.push(Change::RefreshDerived { blocks: Vec::new(), now: Some(self.now()) });
        }
        all
    }

    fn keeps_fresh(&self) -> bool {
        self.settings.is(Setting::AutoRefresh) || self.settings.word(Setting::SessionTemplate) == "full"
    }
}

/// Whether the file was made from the template that shows derived values.
fn wants_fresh(session: &Session) -> bool {
    let is_full = |value: &str| value.trim().trim_matches(['"', '\'']) == "full";
    session.front_matter.iter().any(|(key, value)| norm(key) == "template" && is_full(value))
}
