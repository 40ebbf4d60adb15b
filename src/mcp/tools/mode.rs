use std::fmt::Write as _;

use serde_json::Value;

use super::super::param::{Kind, Param};
use super::super::tool::{Call, Does, Tool};
use super::super::words::{self, line};
use super::Answer;
use crate::ops::{
    ErrorCode, ModeBackupCreate, ModeBackupInput, ModeCreate, ModeCreateInput, ModeList, ModeListInput,
    ModeRestore, ModeRestoreInput, ModeSelect, ModeSelectInput, ModeValidate, ModeValidateInput,
    NewRoleInput, OpError, Operation, TemplateApply, TemplateApplyInput,
};

const ROLE: &[Param] =
    &[Param::text("role_name").must(), Param::text("prompt").must(), Param::text("description").unlisted()];

pub(super) const TOOLS: &[Tool] = &[
    Tool {
        name: "mode_select",
        title: "Select a mode",
        doc: "Binds the session to a mode.",
        does: Does::Settles,
        core: false,
        params: &[
            Param::text("mode").must(),
            // What they ask for is always done: a broken mode is never bound, a built-in one copied.
            Param::flag("validate_first").unlisted(),
            Param::flag("auto_copy_if_missing").unlisted(),
            Param::flag("backup_current").unlisted(),
        ],
        call: select,
    },
    Tool {
        name: "mode_list",
        title: "List modes",
        doc: "Lists modes.",
        does: Does::Reads,
        core: false,
        params: &[
            Param::flag("include_invalid").unlisted(),
            Param::flag("show_details").unlisted(),
            Param::flag("scan_config_directory").unlisted(),
        ],
        call: list,
    },
    Tool {
        name: "mode_validate",
        title: "Validate modes",
        doc: "Findings with line and column.",
        does: Does::Settles,
        core: false,
        params: &[Param::text("mode"), Param::flag("repair").unlisted()],
        call: validate,
    },
    Tool {
        name: "mode_create",
        title: "Create a mode",
        doc: "Creates a mode from another one.",
        does: Does::Writes,
        core: false,
        params: &[
            Param::text("name").must(),
            Param::text("from"),
            Param::new("custom_roles", Kind::Objects(ROLE)).unlisted(),
            Param::text("description").unlisted(),
            Param::new("mode_settings", Kind::Object).unlisted(),
        ],
        call: create,
    },
    Tool {
        name: "mode_backup",
        title: "Back up a mode",
        doc: "Copies a mode into backups.",
        does: Does::Settles,
        core: false,
        params: &[
            Param::text("mode"),
            Param::text("backup_name").unlisted(),
            Param::flag("include_session_binding").unlisted(),
        ],
        call: backup,
    },
    Tool {
        name: "mode_restore",
        title: "Restore a mode",
        doc: "Restores a mode, from its newest copy unless told.",
        does: Does::Settles,
        core: false,
        params: &[
            Param::text("mode"),
            Param::text("backup"),
            Param::flag("select").unlisted(),
            Param::flag("restore_session_binding").unlisted(),
        ],
        call: restore,
    },
    Tool {
        name: "task_template_apply",
        title: "Apply a template",
        doc: "Adds a template's tasks at once.",
        does: Does::Writes,
        core: false,
        params: &[
            Param::text("template").must(),
            Param::new("parameters", Kind::Object),
            Param::text("group").unlisted(),
            Param::text("parent").unlisted(),
            Param::text("before").unlisted(),
            Param::text("after").unlisted(),
            Param::flag("first").unlisted(),
        ],
        call: apply,
    },
];

fn select(call: &Call<'_>) -> Answer {
    let view = ModeSelect::run(&call.cx, ModeSelectInput { mode: call.args.must("mode") })?;
    let word = if view.changed { "ok" } else { "unchanged" };
    let mut out = format!(
        "{word} {} · mode {} (was {})\nspecialists: {}",
        view.session,
        line(&view.mode),
        line(view.previous.as_deref().unwrap_or("none")),
        names(&view.specialists)
    );
    words::tail(&mut out, view.diff.as_deref(), view.warning.as_deref());
    Ok(out)
}

fn list(call: &Call<'_>) -> Answer {
    let usable = call.args.switch("include_invalid") == Some(false);
    let view = ModeList::run(&call.cx, ModeListInput { usable })?;
    let mut out = format!("{} modes · * is the session's", view.total);
    for mode in &view.modes {
        let mark = if mode.current { "*" } else { "" };
        let _ = write!(out, "\n{mark}{} · {} · {}", line(&mode.mode), mode.state, names(&mode.specialists));
    }
    if let Some(why) = &view.fallback {
        let _ = write!(out, "\n{}; the default roles stand in for it", line(why));
    }
    Ok(out)
}

fn validate(call: &Call<'_>) -> Answer {
    let modes = call.args.text("mode").into_iter().collect();
    let view = ModeValidate::run(&call.cx, ModeValidateInput { modes, repair: call.args.flag("repair") })?;
    let mut out = format!("{} modes, {} broken", view.total, view.broken);
    for mode in &view.modes {
        let _ = write!(out, "\n{} · {}", line(&mode.mode), if mode.valid { "valid" } else { "broken" });
        if let Some(from) = &mode.repaired {
            let _ = write!(out, " · repaired from {}", line(from));
        }
        for d in mode.diagnostics.iter().take(20) {
            let f = &d.finding;
            let _ = write!(
                out,
                "\n  {} {}:{}:{} {} ({})",
                f.code,
                line(&f.path),
                f.line,
                f.column,
                line(&f.message),
                line(&d.hint)
            );
        }
    }
    words::tail(&mut out, view.diff.as_deref(), None);
    Ok(out)
}

fn create(call: &Call<'_>) -> Answer {
    let args = &call.args;
    let mut roles = Vec::new();
    for role in args.objects("custom_roles") {
        let (name, prompt) = (role.must("role_name"), role.must("prompt"));
        roles.push(NewRoleInput { name, prompt, description: role.text("description") });
    }
    let settings = args.object("mode_settings");
    let known = ["default_complexity", "auto_task_routing", "max_subtask_depth"];
    if let Some(other) = settings.keys().find(|k| !known.contains(&k.as_str())) {
        return Err(OpError::new(ErrorCode::InvalidInput, format!("`mode_settings` knows no `{other}`"))
            .hint(format!("it takes {}", known.join(", "))));
    }
    let input = ModeCreateInput {
        name: args.must("name"),
        from: args.text("from"),
        description: args.text("description"),
        roles,
        default_complexity: settings.get("default_complexity").and_then(Value::as_str).map(str::to_owned),
        auto_task_routing: settings.get("auto_task_routing").and_then(Value::as_bool),
        max_subtask_depth: settings
            .get("max_subtask_depth")
            .and_then(Value::as_u64)
            .and_then(|n| u32::try_from(n).ok()),
    };
    let view = ModeCreate::run(&call.cx, input)?;
    let mut out = format!("ok {} · from {}", line(&view.mode.mode), line(&view.from));
    words::tail(&mut out, view.diff.as_deref(), None);
    Ok(out)
}

fn backup(call: &Call<'_>) -> Answer {
    // A copy is found again by its name, which says of which mode and when; it holds that file alone.
    let asked = ["backup_name", "include_session_binding"];
    let asked = [call.args.text(asked[0]).map(|_| asked[0]), call.args.flag(asked[1]).then_some(asked[1])];
    if let Some(name) = asked.into_iter().flatten().next() {
        let error = OpError::new(ErrorCode::InvalidInput, format!("`mode_backup` has no `{name}`"));
        return Err(error.hint("leave it out, or use `backup_create` with scope `modes` or `all`").into());
    }
    let modes = call.args.text("mode").into_iter().collect();
    let view = ModeBackupCreate::run(&call.cx, ModeBackupInput { modes, all: false })?;
    Ok(match view.backups.first() {
        Some(copy) => format!("ok {} · {}", line(&copy.mode), line(&copy.backup)),
        None => "unchanged: the newest copy is the same".to_owned(),
    })
}

fn restore(call: &Call<'_>) -> Answer {
    let args = &call.args;
    let input = ModeRestoreInput {
        mode: args.text("mode"),
        backup: args.text("backup"),
        select: args.flag("select") || args.flag("restore_session_binding"),
    };
    let view = ModeRestore::run(&call.cx, input)?;
    let word = if view.changed { "ok" } else { "unchanged" };
    let mut out = format!("{word} {} · from {}", line(&view.mode), line(&view.from));
    if let Some(kept) = &view.kept {
        let _ = write!(out, "\nkept before: {}", line(kept));
    }
    words::tail(&mut out, view.diff.as_deref(), None);
    Ok(out)
}

fn apply(call: &Call<'_>) -> Answer {
    let args = &call.args;
    let input = TemplateApplyInput {
        template: args.must("template"),
        parameters: args.object("parameters"),
        group: args.text("group"),
        parent: args.text("parent"),
        before: args.text("before"),
        after: args.text("after"),
        first: args.flag("first"),
    };
    Ok(super::plan::added(&TemplateApply::run(&call.cx, input)?, &[]))
}

fn names(all: &[String]) -> String {
    all.iter().map(|n| line(n)).collect::<Vec<_>>().join(", ")
}
