//! Templates filled with values: new session files and generated views.
//!
//! Reads and writes no file: an override's text is passed in, the result is returned. A template
//! can look at the values it is given and at nothing else: no file, no clock, no environment, no
//! other template. It cannot run away: what it may say is checked before it runs (no arithmetic, no
//! text building, no calls), its steps and its output are limited while it runs. No value can
//! break the structure of the file it is put into.

mod engine;
mod page;
mod safe;
mod sandbox;
mod session;
mod shipped;
mod stamp;
mod values;
mod view;
mod view_of;

pub use engine::RenderError;
pub use page::page;
pub use session::{NewSession, SessionTemplate, session};
pub use shipped::{SHIPPED_TEMPLATES, ShippedTemplate, shipped_template, validate_template};
pub use stamp::Stamp;
pub use view::{View, view};
pub use view_of::{ArtifactView, GroupView, LogView, SessionView, SpecialistView, TaskView, view_of};
