use crate::ops::{
    Browse, ClaimNext, Deps, Diff, Doctor, Effect, History, Operation, Related, Search, Status, Sync,
    TaskList, TaskNext, TaskShow,
};

use super::tree::Command;

/// Whether a command may be run twice: its operation only looks, or brings to rest what is not.
pub(super) fn may_run_again(command: Option<&Command>) -> bool {
    effect(command).is_some_and(|effect| matches!(effect, Effect::Reads | Effect::Settles))
}

/// What a command does to the plan, as its operation says; `None` for one that has several, or none.
fn effect(command: Option<&Command>) -> Option<Effect> {
    Some(match command {
        None | Some(Command::Status(_)) => Status::EFFECT,
        Some(Command::Next(args)) if args.claims() => ClaimNext::EFFECT,
        Some(Command::Next(_)) => TaskNext::EFFECT,
        Some(Command::List(_)) => TaskList::EFFECT,
        Some(Command::Show(_)) => TaskShow::EFFECT,
        Some(Command::Deps(_)) => Deps::EFFECT,
        Some(Command::Search(_)) => Search::EFFECT,
        Some(Command::Related(_)) => Related::EFFECT,
        Some(Command::Browse(_)) => Browse::EFFECT,
        Some(Command::Log(_)) => History::EFFECT,
        Some(Command::Diff(_)) => Diff::EFFECT,
        Some(Command::Doctor(_)) => Doctor::EFFECT,
        Some(Command::Sync(_)) => Sync::EFFECT,
        // No operation: it brings the index in line with the files.
        Some(Command::Reindex(_)) => Effect::Settles,
        Some(_) => return None,
    })
}
