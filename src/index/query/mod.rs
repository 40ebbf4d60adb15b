//! Questions: plain SQL, plain answers, nothing computed that a row can hold.

mod beside;
mod dependencies;
mod diagnostics;
mod lookup;
mod places;
mod scope;
mod search;
mod sessions;
mod taken;
mod tasks;
mod terms;

pub use beside::Beside;
pub use dependencies::{Blocker, DependencyRow, Why};
pub use diagnostics::{DiagnosticFilter, DiagnosticRow};
pub use lookup::Lookup;
pub use scope::Scope;
pub use search::{Hit, HitKind, Marked, SearchFilter};
pub use sessions::{Counts, GroupRow, SessionFilter, SessionRow};
pub use tasks::{Order, TaskFilter, TaskRow};
