use crate::config::Setting;
use crate::format::fresh_blocks;
use crate::model::{Change, Session, apply_all, key_form};

use super::{Snapshot, Workspace};

impl Workspace {
    /// `changes`, and at their end the refresh of generated blocks where the file has such, and of derived
    /// values where it wants to be kept fresh: it says `template: full` in its front matter, or the settings
    /// say so for all files.
    ///
    /// Changes that change nothing are no reason to touch a file.
    pub(super) fn refreshed(&self, snapshot: &Snapshot, changes: &[Change]) -> Vec<Change> {
        let lifted = &snapshot.lifted;
        let mut all = changes.to_vec();
        let keeps_fresh = self.keeps_fresh() || wants_fresh(&lifted.session);
        if !keeps_fresh && lifted.map.generated.is_empty() {
            return all;
        }
        let Some(after) = apply_all(&lifted.session, changes).ok().filter(|after| *after != lifted.session)
        else {
            return all;
        };
        if keeps_fresh {
            all.push(Change::RefreshDerived { now: Some(self.now()) });
        }
        let blocks = fresh_blocks(lifted, &after);
        if !blocks.is_empty() {
            all.push(Change::RefreshBlocks { blocks });
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
    session.front_matter.iter().any(|(key, value)| key_form(key) == "template" && is_full(value))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use super::*;
    use crate::diagnostic::Code;
    use crate::disk::SafeName;
    use crate::env::FixedEnv;
    use crate::format::{Lifted, write};
    use crate::model::{GroupRef, NewTask, Place, Position, SessionStatus, TaskKey, TaskStatus, Timestamp};
    use crate::render::SessionTemplate;
    use crate::workspace::{Error, Initialized, NewSession, Plan, Request};

    struct Project {
        _dir: tempfile::TempDir,
        workspace: Workspace,
        name: SafeName,
    }

    fn project() -> Project {
        let dir = tempfile::tempdir().unwrap();
        Initialized::at(dir.path(), false).unwrap();
        let now = Timestamp::parse("2026-01-31T12:30:45Z").unwrap();
        let env = FixedEnv::new(now, Duration::ZERO, 1);
        let workspace = Workspace::open(dir.path(), Arc::new(env)).unwrap();
        Project { _dir: dir, workspace, name: SafeName::parse("demo").unwrap() }
    }

    fn made_from(workspace: &Workspace, name: &SafeName, template: SessionTemplate) -> Lifted {
        let file = crate::render::NewSession {
            id: "demo".into(),
            name: "Demo".into(),
            description: "Words.".into(),
            mode: None,
            created: "2025-06-09".into(),
            priority: None,
            status: SessionStatus::Active,
        };
        workspace.compose(name, &NewSession { file, template, facts: Vec::new() }).unwrap()
    }

    fn tasks() -> Change {
        let task =
            |title: &str, status| NewTask { title: title.into(), status: Some(status), ..NewTask::default() };
        let tasks = vec![task("one", TaskStatus::Completed), task("two", TaskStatus::InProgress)];
        Change::AddTasks { place: Place::Group(GroupRef::Path("Core".into()), Position::Last), tasks }
    }

    fn stale(lifted: &Lifted) -> usize {
        crate::check::run(lifted).iter().filter(|d| d.code == Code::R707).count()
    }

    /// Writes `text` and then `changes`; what the file says before and after.
    fn after(p: &Project, lifted: &Lifted, changes: &[Change]) -> (String, String) {
        p.workspace.create_session(&p.name, lifted, "me", "test").unwrap();
        let request = Request {
            directory: &p.name,
            what: "test",
            by: "me",
            if_match: None,
            dry_run: false,
            told: None,
        };
        let plan = |_: &Snapshot| Ok::<_, Error>(Plan { changes: changes.to_vec(), output: () });
        let done = p.workspace.transact(&request, plan).unwrap();
        (lifted.document.text().to_owned(), done.after.document.text().to_owned())
    }

    #[test]
    fn a_file_of_the_full_template_is_kept_fresh() {
        let p = project();
        let lifted = made_from(&p.workspace, &p.name, SessionTemplate::Full);
        let (_, text) = after(&p, &lifted, &[tasks()]);
        for line in [
            "**Progress**: 50% (1/2 tasks)",
            "- **Total Tasks**: 2",
            "- **Completed**: 1 (50%)",
            "- **In Progress**: 1",
            "**Last Updated**: 2026-01-31",
            "**Created**: 2025-06-09",
        ] {
            assert!(text.contains(line), "{line}\n{text}");
        }
        assert_eq!(stale(&p.workspace.understand(text.as_bytes(), "demo")), 0);
    }

    #[test]
    fn other_files_change_where_that_was_asked() {
        let text = "# T\n\n**Progress**: 0% (0/1 tasks)  \n**Last Updated**: 2025-06-09\n\n- [ ] a\n";
        let tick = [Change::SetStatus { task: TaskKey::Nth(0), to: TaskStatus::Completed }];
        let p = project();
        let (before, now) = after(&p, &p.workspace.understand(text.as_bytes(), "demo"), &tick);
        assert_eq!(now, before.replace("[ ]", "[x]"));
        for key in ["auto_refresh: true", "session_template: full"] {
            let mut p = project();
            p.workspace.settings = crate::config::Settings::parse(&format!("{key}\n")).0;
            let (_, now) = after(&p, &p.workspace.understand(text.as_bytes(), "demo"), &tick);
            assert!(now.contains("100% (1/1 task") && now.contains("2026-01-31"), "{key}: {now}");
        }
    }

    #[test]
    fn a_change_that_changes_nothing_leaves_the_file() {
        let p = project();
        let text = "---\ntemplate: full\n---\n\n# T\n\n**Last Updated**: 2025-06-09\n\n- [x] a\n";
        let again = [Change::SetStatus { task: TaskKey::Nth(0), to: TaskStatus::Completed }];
        let (before, now) = after(&p, &p.workspace.understand(text.as_bytes(), "demo"), &again);
        assert_eq!(now, before);
    }

    #[test]
    fn what_is_refreshed_is_not_stale() {
        let p = project();
        let sink = include_bytes!("../../fixtures/sessions/kitchen-sink/session.md");
        let sink = p.workspace.understand(sink, "demo");
        let full = made_from(&p.workspace, &p.name, SessionTemplate::Full);
        let filled = write(&full, &[tasks()]).unwrap().lifted;
        assert!(stale(&filled) > 0);
        let ticked = Change::SetStatus { task: TaskKey::Nth(0), to: TaskStatus::OnHold };
        let ticked = write(&sink, &[ticked]).unwrap().lifted;
        assert!(stale(&ticked) > 0);
        for lifted in [sink, filled, ticked] {
            let fresh = write(&lifted, &[Change::RefreshDerived { now: None }]).unwrap();
            assert_eq!(stale(&fresh.lifted), 0);
        }
    }
}
