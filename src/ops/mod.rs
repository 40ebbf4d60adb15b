//! What a user can ask for: one operation a file, its input and output the public contract.
//!
//! Plans changes and calls the workspace; never touches bytes, files or SQL itself, never prints.
//! Front ends decode an input, call, and encode the output.

mod context;
mod error;
pub mod explain;
mod operation;
mod refusal;
mod view;

pub use context::Context;
pub use error::{ErrorClass, ErrorCode, OpError};
pub use operation::{AnyOperation, Effect, Operation};
pub use view::{DiagnosticView, GroupView, ProgressView, SCHEMA, SessionView, TaskView};
