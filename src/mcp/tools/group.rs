use super::super::param::Param;
use super::super::tool::{Call, Does, Tool};
use super::super::words::{self, rev};
use super::Answer;
use crate::ops::{
    GroupCreate, GroupCreateInput, GroupMoveTasks, GroupMoveTasksInput, GroupOrganize, GroupOrganizeInput,
    GroupsWritten, Operation,
};

pub(super) const TOOLS: &[Tool] = &[
    Tool {
        name: "task_group_create",
        title: "Create a group",
        doc: "Creates a task group.",
        does: Does::Writes,
        core: false,
        params: &[
            Param::text("name").must(),
            Param::text("parent"),
            Param::text("focus"),
            Param::text("priority").unlisted(),
            Param::flag("auto_task_routing").unlisted(),
        ],
        call: create,
    },
    Tool {
        name: "task_group_organize",
        title: "Order groups",
        doc: "Orders groups; the rest follow.",
        does: Does::Settles,
        core: false,
        params: &[Param::texts("order").must()],
        call: organize,
    },
    Tool {
        name: "group_move_tasks",
        title: "Move tasks to a group",
        doc: "Moves tasks into a group, made if needed.",
        does: Does::Settles,
        core: false,
        params: &[
            Param::texts("tasks").must(),
            Param::text("group").must(),
            Param::flag("preserve_dependencies").unlisted(),
            Param::flag("update_hierarchy_paths").unlisted(),
        ],
        call: move_tasks,
    },
];

fn create(call: &Call<'_>) -> Answer {
    let input = GroupCreateInput {
        name: call.args.must("name"),
        parent: call.args.text("parent"),
        focus: call.args.text("focus"),
        priority: call.args.text("priority"),
    };
    Ok(ack(&GroupCreate::run(&call.cx, input)?))
}

fn organize(call: &Call<'_>) -> Answer {
    Ok(ack(&GroupOrganize::run(&call.cx, GroupOrganizeInput { order: call.args.texts("order") })?))
}

fn move_tasks(call: &Call<'_>) -> Answer {
    let input = GroupMoveTasksInput { group: call.args.must("group"), tasks: call.args.texts("tasks") };
    Ok(words::ack(&GroupMoveTasks::run(&call.cx, input)?))
}

fn ack(view: &GroupsWritten) -> String {
    let paths: Vec<String> = view.groups.iter().map(|g| words::line(&g.path)).collect();
    let word = if view.changed { "ok" } else { "unchanged" };
    let mut out = format!("{word} · rev {}\ngroups: {}", rev(&view.revision), paths.join(", "));
    words::tail(&mut out, view.diff.as_deref(), None);
    out
}
