//! What may be typed: the command tree, and reading a command line by it.

use std::ffi::OsString;
use std::mem::ManuallyDrop;

use clap::{Args as _, Command as Tree, CommandFactory, FromArgMatches, Parser, Subcommand};

use super::globals::Globals;
use super::{
    backup, block, check, claim, conflicts, daily, diff, explain, export, git, group, history, import, list,
    mcp, migrate, mode, root, session, show, status_verbs, task, template, uninstall, upkeep, watch,
};

const AFTER_HELP: &str = "\
Exit codes: 0 ok · 1 findings, conflicts or nothing to do · 2 usage · 3 not a workspace
            4 not found · 5 refused (stale revision, lock, transition) · 70 internal

Plans are Markdown files: .task_orchestrator/sessions/<id>/session.md. Edit them with anything.";

/// A project plan in Markdown that behaves like a database
#[derive(Parser, Debug)]
#[command(name = "plandown", version, max_term_width = 100, after_help = AFTER_HELP)]
pub(super) struct Cli {
    #[command(flatten)]
    pub(super) globals: Globals,
    #[command(subcommand)]
    pub(super) command: Option<Command>,
}

/// The commands, each by the word that is typed, and the tree that holds one of them alone.
macro_rules! commands {
    ($($(#[$about:meta])* $word:literal $name:ident($args:ty),)*) => {
        #[derive(Subcommand, Debug)]
        pub(super) enum Command {
            $($(#[$about])* #[command(name = $word)] $name($args),)*
        }

        fn alone(word: &str) -> Option<Tree> {
            match word {
                $($word => Some(<$args>::augment_args(Tree::new($word))),)*
                _ => None,
            }
        }

        #[cfg(test)]
        const WORDS: &[&str] = &[$($word),*];
    };
}

commands! {
    "init" Init(upkeep::InitArgs),
    "status" Status(daily::StatusArgs),
    "next" Next(daily::Next),
    "list" List(list::Args),
    "show" Show(show::Args),
    "add" Add(Box<task::Add>),
    /// Mark tasks as in progress
    "start" Start(status_verbs::Args),
    /// Mark tasks as completed
    "done" Done(status_verbs::Args),
    "task" Task(Box<task::Args>),
    "group" Group(group::Args),
    "session" Session(session::Args),
    "deps" Deps(upkeep::DepsArgs),
    "search" Search(daily::SearchArgs),
    "related" Related(daily::RelatedArgs),
    "browse" Browse(daily::BrowseArgs),
    "note" Note(daily::NoteArgs),
    "decision" Decision(daily::DecisionArgs),
    "sync" Sync(daily::SyncArgs),
    "claim" Claim(claim::Args),
    "release" Release(claim::ReleaseArgs),
    "watch" Watch(watch::Args),
    "diff" Diff(diff::Args),
    "git" Git(git::Args),
    "conflicts" Conflicts(conflicts::Args),
    "block" Block(block::Args),
    "mode" Mode(mode::Args),
    "template" Template(template::Args),
    "log" Log(history::LogArgs),
    "undo" Undo(history::UndoArgs),
    "redo" Redo(history::RedoArgs),
    "backup" Backup(backup::Args),
    "cleanup" Cleanup(history::CleanupArgs),
    "check" Check(check::Args),
    "explain" Explain(explain::Args),
    "reindex" Reindex(upkeep::ReindexArgs),
    "doctor" Doctor(upkeep::DoctorArgs),
    "config" Config(upkeep::ConfigArgs),
    "root" Root(root::Args),
    "completions" Completions(upkeep::CompletionsArgs),
    "man" Man(upkeep::ManArgs),
    "import" Import(import::Args),
    "migrate" Migrate(migrate::Args),
    "export" Export(export::Args),
    "uninstall" Uninstall(uninstall::Args),
    "mcp" Mcp(mcp::Args),
}

/// The whole command tree, for help, completions and manual pages.
pub(super) fn command() -> Tree {
    Cli::command()
}

/// Reads a command line.
///
/// Building the whole tree is a third of what a short command costs, so a tree of the one command that seems to be meant
/// is tried first. What that understands, the whole tree understands alike; all else is asked of the whole.
pub(super) fn parse(args: &[OsString]) -> Result<Cli, clap::Error> {
    let read = |tree: Tree| {
        // The tree is not taken apart again: that is a tenth of what a short command costs.
        let mut tree = ManuallyDrop::new(tree);
        Cli::from_arg_matches(&tree.try_get_matches_from_mut(args)?)
    };
    match narrow(args).map(read) {
        Some(Ok(cli)) => Ok(cli),
        _ => read(command()),
    }
}

/// The options of every command and the first command among the arguments.
fn narrow(args: &[OsString]) -> Option<Tree> {
    let one = args.iter().skip(1).find_map(|arg| alone(arg.to_str()?))?;
    Some(Globals::augment_args(Tree::new("plandown")).subcommand(one))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn a_command_alone_is_understood_as_in_the_whole_tree() {
        let whole = command();
        let names: Vec<&str> = whole.get_subcommands().map(Tree::get_name).collect();
        assert_eq!(names, WORDS);
        let args = |line: &str| line.split(' ').map(OsString::from).collect::<Vec<_>>();
        for line in [
            "plandown list",
            "plandown -s demo list --json --limit 20",
            "plandown list -s list",
            "plandown --json task set t-1 priority=high -s x",
            "plandown session create Name --dry-run",
            "plandown done one two",
            "plandown add -- -x",
            "plandown show list",
        ] {
            let all = Cli::from_arg_matches(&command().try_get_matches_from(args(line)).unwrap()).unwrap();
            let mut tree = narrow(&args(line)).unwrap();
            let one = Cli::from_arg_matches(&tree.try_get_matches_from_mut(args(line)).unwrap()).unwrap();
            assert_eq!(format!("{one:?}"), format!("{all:?}"), "{line}");
        }
        // What only the whole tree knows.
        assert!(matches!(parse(&args("plandown -s list next")).unwrap().command, Some(Command::Next(_))));
        for line in [
            "plandown list --help",
            "plandown help list",
            "plandown --version list",
            "plandown lst",
            "plandown list --bad",
        ] {
            let all = command().try_get_matches_from(args(line)).unwrap_err().to_string();
            assert_eq!(parse(&args(line)).unwrap_err().to_string(), all, "{line}");
        }
    }

    /// An argument of a command that has the name of a global one would silently take its place.
    #[test]
    fn no_argument_shadows_a_global_one() {
        let root = command();
        root.clone().debug_assert();
        let globals: HashSet<String> =
            root.get_arguments().filter(|a| a.is_global_set()).map(|a| a.get_id().to_string()).collect();
        assert!(globals.contains("session"));
        let mut todo: Vec<_> = root.get_subcommands().cloned().collect();
        while let Some(command) = todo.pop() {
            for arg in command.get_arguments() {
                assert!(!globals.contains(arg.get_id().as_str()), "{} {}", command.get_name(), arg.get_id());
            }
            todo.extend(command.get_subcommands().cloned());
        }
    }
}
