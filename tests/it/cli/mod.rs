//! The commands as a person and a program meet them: through the real binary, one promise a test.

mod archive;
mod changes;
mod first_steps;
mod names;
mod reads;
mod refusals;
mod session_type;
pub(crate) mod shapes;
mod views;
