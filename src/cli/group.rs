use clap::Subcommand;

use crate::ops::{
    GroupCreate, GroupCreateInput, GroupDelete, GroupDeleteInput, GroupList, GroupListInput, GroupMoveTasks,
    GroupMoveTasksInput, GroupOrganize, GroupOrganizeInput, GroupRename, GroupRenameInput, GroupsWritten,
    Operation,
};

use super::app::App;
use super::sessions::group_table;
use super::{Answer, OK, write};

/// Task groups: create, list, rename, organize, move-tasks, delete
#[derive(clap::Args, Debug)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Make a group
    Create {
        /// Its name
        name: String,
        /// Path of the group it goes into
        #[arg(long, value_name = "PATH")]
        parent: Option<String>,
        /// What it is about, mostly a specialist
        #[arg(long, value_name = "NAME")]
        focus: Option<String>,
        /// Default for its tasks: urgent, high, medium, low, someday
        #[arg(long, value_name = "WORD")]
        priority: Option<String>,
    },
    /// List groups with their progress
    List,
    /// Rename a group
    Rename {
        /// Path or unique name
        group: String,
        /// The new name of its last part
        name: String,
    },
    /// Put groups into another order; those not named follow
    Organize {
        /// Paths or unique names
        #[arg(required = true, value_delimiter = ',')]
        order: Vec<String>,
    },
    /// Move tasks into a group, which is made where it is not there
    MoveTasks {
        /// Path or unique name
        group: String,
        /// Ids, unique prefixes or titles
        #[arg(required = true)]
        tasks: Vec<String>,
    },
    /// Remove a group
    Delete {
        /// Path or unique name
        group: String,
        /// Move its tasks to this group first
        #[arg(long, value_name = "PATH")]
        move_to: Option<String>,
        /// Remove its tasks with it
        #[arg(long)]
        force: bool,
    },
}

pub(super) fn run(app: &mut App, args: Args) -> Answer {
    let workspace = app.open()?;
    let cx = app.context(&workspace);
    let view = match args.command {
        Command::Create { name, parent, focus, priority } => {
            GroupCreate::run(&cx, GroupCreateInput { name, parent, focus, priority })?
        }
        Command::Rename { group, name } => GroupRename::run(&cx, GroupRenameInput { group, name })?,
        Command::Organize { order } => GroupOrganize::run(&cx, GroupOrganizeInput { order })?,
        Command::Delete { group, move_to, force } => {
            GroupDelete::run(&cx, GroupDeleteInput { group, move_to, force })?
        }
        Command::MoveTasks { group, tasks } => {
            let view = GroupMoveTasks::run(&cx, GroupMoveTasksInput { group, tasks })?;
            write::show(app, &view);
            return Ok(OK);
        }
        Command::List => {
            let view = GroupList::run(&cx, GroupListInput {})?;
            if app.json() {
                app.out.json(&view);
            } else {
                let width = app.width();
                app.out.text(&group_table(&view.groups, width));
            }
            return Ok(OK);
        }
    };
    show(app, &view);
    Ok(OK)
}

fn show(app: &mut App, view: &GroupsWritten) {
    if app.json() {
        app.out.json(view);
    } else if let Some(diff) = &view.diff {
        write::show_diff(app, diff);
    } else {
        let width = app.width();
        app.out.text(&group_table(&view.groups, width));
        if !view.changed {
            app.out.note("nothing to change");
        }
    }
}
