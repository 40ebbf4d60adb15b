//! What a user can ask for: one operation a file, its input and output the public contract.
//!
//! Plans changes and calls the workspace; never touches bytes, files or SQL itself, never prints.
//! Front ends decode an input, call, and encode the output.

mod context;
mod error;
pub mod explain;
mod lifecycle;
mod operation;
mod refusal;
mod rows;
mod task_add;
mod task_list;
mod task_list_text;
mod task_reference;
mod task_set_status;
mod task_show;
mod tasks_of_one_session;
mod view;

pub use crate::model::write_minutes;
pub use context::{Context, WriteView};
pub use error::{ErrorClass, ErrorCode, OpError};
pub use operation::{AnyOperation, Effect, Operation};
pub use task_add::{AddInput, TaskAdd};
pub use task_list::{ListInput, TaskList, TasksView};
pub use task_set_status::{StatusInput, TaskSetStatus};
pub use task_show::{ShowInput, TaskDetail, TaskShow};
pub use view::{DiagnosticView, GroupView, ProgressView, SCHEMA, SessionView, TaskView};
