//! The plan itself: sessions, groups, tasks, their words, rules and changes.
//!
//! Knows no bytes, no Markdown, no files. Tasks and groups live in flat arenas in
//! document order and name each other by index; nothing here recurses on input depth.
//! Nothing here is serializable: the JSON shapes belong to `ops`.

mod adoption;
mod apply;
mod block_hash;
mod block_text;
mod change;
mod date;
mod derived;
mod diff;
mod effort;
mod field;
mod graph;
mod group;
mod id;
mod norm;
mod pairing;
mod priority;
mod progress;
mod section;
mod session;
mod session_status;
mod status;
mod task;
mod timestamp;

pub(crate) use adoption::adopted_ids;
pub use apply::{
    EntryHome, FieldStep, HeaderPlace, NewGroup, Planted, Refusal, Replay, Slot, StatusForm, apply,
    apply_all, entry_home, field_steps, fresh_value, groups_beside, header_places, needs_task_section,
    new_group, new_group_level, planted, priority_emoji, requoted, sibling_has_tail, slot, status_form,
    task_section_at, task_section_title, tasks_heading_wanted,
};
pub use block_hash::{block_hash, is_block_hash};
pub use block_text::{BLOCK_NAMES, block_text};
pub use change::{Change, GroupRef, HeaderKey, NewTask, NotesSection, Place, Position, TaskKey};
pub use date::DateValue;
pub use derived::{Scope, Totals, counts_tasks, expected, is_derived, matches_grammar, touched};
pub use diff::{Named, PlanChange, PlanDiff, diff, plan_diff};
pub use effort::{Effort, parse_minutes, write_minutes};
pub use field::{FIELDS, Field, FieldKind, FieldSpec, MergePolicy, canonical_key, field_named};
pub use graph::{Edge, Graph, Names, Readiness, Target, Unready};
pub use group::Group;
pub(crate) use id::split_list;
pub use id::{TaskId, TaskRef, adoption_id, random_task_id, slug};
pub use norm::norm;
pub use pairing::{Pairing, longest_run, pair_tasks};
pub use priority::Priority;
pub use progress::Progress;
pub use section::{Section, SectionKind};
pub use session::{HeaderField, Session, key_form};
pub use session_status::SessionStatus;
pub use status::TaskStatus;
pub use task::{Carrier, FieldEntry, Tail, Task, TaskFacts};
pub use timestamp::Timestamp;
