use std::fmt::Write as _;

use super::super::param::{Kind, Param};
use super::super::tool::{Call, Does, Tool};
use super::super::words::{self, rev};
use super::Answer;
use crate::ops::{
    Operation, SessionArchive, SessionArchiveInput, SessionCreate, SessionCreateInput, SessionList,
    SessionListInput, SessionSet, SessionSetInput, SessionSetState, SessionShow, SessionShowInput,
    SessionStateInput, SessionStatus, SessionWritten, Status, StatusInput, StatusView,
};

const SESSION: Param = Param::text("session");

pub(super) const TOOLS: &[Tool] = &[
    Tool {
        name: "initialize_session",
        title: "Open or make a workspace",
        doc: "Opens the workspace, or makes one in working_directory.",
        does: Does::Settles,
        core: false,
        params: &[Param::text("working_directory")],
        call: get_status,
    },
    Tool {
        name: "get_status",
        title: "Where things stand",
        doc: "Active session, progress, work in progress, next tasks.",
        does: Does::Reads,
        core: true,
        params: &[Param::flag("include_completed").unlisted()],
        call: get_status,
    },
    Tool {
        name: "session_create",
        title: "Create a session",
        doc: "Creates a plan and makes it the active session.",
        does: Does::Writes,
        core: true,
        params: &[
            Param::text("name").must(),
            Param::text("description"),
            Param::flag("pause_current"),
            Param::flag("activate").unlisted(),
            Param::text("mode").unlisted(),
            Param::text("type").unlisted(),
            Param::text("priority").unlisted(),
            Param::text("id").unlisted(),
            Param::word("template", &["lean", "full"]).unlisted(),
            Param::flag("initial_backup").unlisted(),
        ],
        call: create,
    },
    Tool {
        name: "session_activate",
        title: "Activate a session",
        doc: "Makes a session the active one; pauses the other.",
        does: Does::Settles,
        core: false,
        params: &[
            SESSION.must(),
            Param::flag("force_deactivate_current").unlisted(),
            Param::flag("backup_current_state").unlisted(),
        ],
        call: |call| set_state(call, "active"),
    },
    Tool {
        name: "session_list",
        title: "List sessions",
        doc: "id · state · name · done/total.",
        does: Does::Reads,
        core: false,
        params: &[
            Param::texts("status"),
            Param::text("text"),
            Param::number("limit"),
            Param::text("cursor"),
            Param::flag("include_archived").unlisted(),
            Param::flag("include_completed").unlisted(),
            Param::word("sort_by", &["name", "progress", "created_at"]).unlisted(),
            Param::word("sort_order", &["asc", "desc"]).unlisted(),
        ],
        call: list,
    },
    Tool {
        name: "session_status",
        title: "Show a session",
        doc: "One session: groups, progress, next tasks.",
        does: Does::Reads,
        core: false,
        params: &[SESSION],
        call: show,
    },
    Tool {
        name: "session_suspend",
        title: "Pause a session",
        doc: "Pauses a session.",
        does: Does::Settles,
        core: false,
        params: &[SESSION, Param::flag("create_checkpoint").unlisted(), Param::text("reason").unlisted()],
        call: |call| set_state(call, "paused"),
    },
    Tool {
        name: "session_resume",
        title: "Resume a session",
        doc: "Resumes a paused session.",
        does: Does::Settles,
        core: false,
        params: &[
            SESSION.must(),
            Param::flag("restore_from_checkpoint").unlisted(),
            Param::flag("activate_after_resume").unlisted(),
        ],
        call: |call| set_state(call, "active"),
    },
    Tool {
        name: "session_complete",
        title: "Complete or cancel a session",
        doc: "Ends a session; force leaves tasks open.",
        does: Does::Settles,
        core: false,
        params: &[
            SESSION,
            Param::word("outcome", &["completed", "cancelled"]),
            Param::flag("force"),
            Param::text("final_summary").unlisted(),
            Param::flag("create_final_backup").unlisted(),
            Param::flag("validate_all_tasks").unlisted(),
        ],
        call: complete,
    },
    Tool {
        name: "session_set",
        title: "Set facts of a session",
        doc: "Sets type (any word), priority, due.",
        does: Does::Settles,
        core: false,
        params: &[SESSION, Param::new("set", Kind::Object).must()],
        call: set,
    },
    Tool {
        name: "session_archive",
        title: "Archive a session",
        doc: "Packs a finished session away.",
        does: Does::Settles,
        core: false,
        params: &[
            SESSION.must(),
            Param::text("export_format").unlisted(),
            Param::number("compression_level").unlisted(),
            Param::flag("include_artifacts").unlisted(),
        ],
        call: archive,
    },
];

fn get_status(call: &Call<'_>) -> Answer {
    let view = Status::run(&call.cx, StatusInput::default())?;
    Ok(status(&view))
}

/// Where things stand, in a few lines.
pub(in super::super) fn status(view: &StatusView) -> String {
    let mut out = String::new();
    match &view.active {
        Some(s) => {
            let _ = writeln!(out, "session {} · rev {}", words::session(s), rev(&s.revision));
        }
        None => out.push_str("no active session\n"),
    }
    if !view.groups.is_empty() {
        let groups = view.groups.iter();
        let groups: Vec<String> = groups
            .map(|g| format!("{} {}/{}", words::line(&g.path), g.progress.completed, g.progress.total))
            .collect();
        let _ = writeln!(out, "groups: {}", groups.join(", "));
    }
    let home = view.active.as_ref().map(|s| s.id.as_str());
    for (head, tasks) in [("in progress", &view.in_progress), ("next", &view.next)] {
        if !tasks.is_empty() {
            let _ = writeln!(out, "{head}:");
            for task in tasks {
                let _ = writeln!(out, "{}", words::task(task, home));
            }
        }
    }
    let _ = write!(out, "{} ready", view.ready);
    let found = &view.diagnostics;
    let facts = [
        (view.sync.unadopted, "without id (run sync)"),
        (view.sync.conflicts, "conflicts"),
        (view.sync.unreadable, "unreadable"),
        (found.error, "errors"),
        (found.warning, "warnings"),
    ];
    for (count, what) in facts.into_iter().filter(|(n, _)| *n > 0) {
        let _ = write!(out, " · {count} {what}");
    }
    if !view.others.is_empty() {
        let others: Vec<&str> = view.others.iter().map(|s| s.id.as_str()).collect();
        let _ = write!(out, "\nother open sessions: {}", others.join(", "));
    }
    if view.sessions == 0 {
        out.push_str("\nno session yet: session_create");
    }
    out
}

fn create(call: &Call<'_>) -> Answer {
    let args = &call.args;
    let input = SessionCreateInput {
        name: args.must("name"),
        id: args.text("id"),
        description: args.text("description"),
        mode: args.text("mode"),
        kind: args.text("type"),
        priority: args.text("priority"),
        template: args.text("template"),
        no_activate: !args.switch("activate").unwrap_or(true),
        pause_current: args.flag("pause_current"),
    };
    let activates = !input.no_activate;
    let written = SessionCreate::run(&call.cx, input)?;
    if activates {
        call.choose(&written);
    }
    Ok(ack(&written))
}

fn set_state(call: &Call<'_>, status: &str) -> Answer {
    let input = SessionStateInput {
        session: call.cx.session.clone(),
        status: status.to_owned(),
        force: call.args.flag("force"),
        note: call.args.text("final_summary").or_else(|| call.args.text("reason")),
    };
    let written = SessionSetState::run(&call.cx, input)?;
    if status == "active" {
        call.choose(&written);
    } else {
        call.leave(&written);
    }
    Ok(ack(&written))
}

fn complete(call: &Call<'_>) -> Answer {
    let outcome = call.args.text("outcome").unwrap_or_else(|| "completed".to_owned());
    set_state(call, &outcome)
}

fn set(call: &Call<'_>) -> Answer {
    let input = SessionSetInput { session: None, set: call.args.object("set") };
    Ok(ack(&SessionSet::run(&call.cx, input)?))
}

fn archive(call: &Call<'_>) -> Answer {
    // The archive is a tar file itself.
    let export = call.args.text("export_format").filter(|f| !matches!(f.as_str(), "tar.gz" | "tar.zst"));
    let input = SessionArchiveInput { session: call.cx.session.clone().unwrap_or_default(), export };
    let written = SessionArchive::run(&call.cx, input)?;
    call.leave(&written);
    let mut out = ack(&written);
    for file in &written.exported {
        let _ = write!(out, "\nexported {}", words::line(file));
    }
    Ok(out)
}

fn ack(written: &SessionWritten) -> String {
    let mut out = String::from(if written.changed { "ok" } else { "unchanged" });
    if let Some(session) = &written.session {
        let _ = write!(out, " {} {} · rev {}", session.id, session.status, rev(&session.revision));
    }
    if let Some(paused) = &written.paused {
        let _ = write!(out, " · paused {paused}");
    }
    words::tail(&mut out, written.diff.as_deref(), None);
    out
}

fn list(call: &Call<'_>) -> Answer {
    let page = words::Page::of(&call.args)?;
    let args = &call.args;
    let mut status = args.texts("status");
    if status.is_empty() && args.switch("include_completed") == Some(false) {
        status = SessionStatus::ALL.into_iter().filter(|s| s.is_open()).map(|s| s.key().to_owned()).collect();
    }
    let input = SessionListInput {
        status,
        text: args.text("text"),
        limit: Some(page.limit),
        offset: page.offset,
        archived: false,
        with_archived: args.flag("include_archived"),
        sort: args.text("sort_by"),
        reverse: args.text("sort_order").is_some_and(|o| o == "desc"),
    };
    let view = SessionList::run(&call.cx, input)?;
    let mut out = page.head(view.sessions.len(), view.total, "sessions");
    if let Some(active) = &view.active {
        let _ = write!(out, " · active {active}");
    }
    for session in &view.sessions {
        let _ = write!(out, "\n{}", words::session(session));
    }
    Ok(out)
}

fn show(call: &Call<'_>) -> Answer {
    let view = SessionShow::run(&call.cx, SessionShowInput { session: call.cx.session.clone() })?;
    let mut out = format!("{} · rev {}\n", words::session(&view.session), rev(&view.session.revision));
    for group in &view.groups {
        let _ = writeln!(
            out,
            "group {} {}/{}",
            words::line(&group.path),
            group.progress.completed,
            group.progress.total
        );
    }
    if !view.next.is_empty() {
        out.push_str("next:\n");
        for task in &view.next {
            let _ = writeln!(out, "{}", words::task(task, Some(&view.session.id)));
        }
    }
    if view.findings > 0 {
        let _ = writeln!(out, "{} findings (validate_integrity)", view.findings);
    }
    let facts = [
        (view.artifacts.len(), "artifacts"),
        (view.decisions.len(), "decisions"),
        (view.history.errors, "errors"),
    ];
    let facts: Vec<String> =
        facts.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{n} {what}")).collect();
    if !facts.is_empty() {
        let _ = writeln!(out, "{} (search)", facts.join(", "));
    }
    if let Some(text) = view.description.as_deref().filter(|t| !t.trim().is_empty()) {
        out.push_str(&words::quoted(&view.session.path, text, 2000));
    }
    Ok(out.trim_end().to_owned())
}
