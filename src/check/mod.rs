//! Rules over a lifted session: what is odd in a plan, where, and what would mend it.
//!
//! One rule per file, named like its code; [`run`] adds their findings to those of reading.
//! Nothing here reads or writes a file, and no rule changes how a session is understood.
//! Invariant: [`fix`] gives back text only after it was parsed and checked again; a fix whose
//! finding stays, or that brings a new warning, is taken back.

mod context;
mod fix;
mod reference;
mod report;
mod rules;
mod trial;
pub mod workspace;

mod checkbox_escaped;
mod checkbox_outside_groups;
mod dependency_ambiguous;
mod dependency_by_title;
mod dependency_cycle;
mod dependency_on_self;
mod dependency_repeated;
mod dependency_unknown;
mod derived_free_text;
mod derived_stale;
mod done_before_dependency;
mod fence_broken;
mod group_empty;
mod group_heading_mismatch;
mod group_outside_section;
mod group_repeated;
mod heading_level_jump;
mod parent_done_child_open;
mod parent_open_children_done;
mod section_repeated;
mod section_unknown;
mod task_became_heading;
mod task_title_repeated;

pub use fix::{Applied, Fixed, Refused, fix, fix_also};
pub use report::{Checked, github, sarif};
pub use rules::{run, run_also};

#[cfg(test)]
mod properties;
#[cfg(test)]
mod testing;
