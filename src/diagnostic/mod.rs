//! What is wrong with a text, where, and what would mend it: plain data and words.
//!
//! Finds nothing itself, prints nothing. Every code is declared once, in [`Code`].

mod code;
mod explain;
mod fix;
mod snippet;
mod visible;
mod words;

pub use code::{Code, CodeInfo, Repair, Severity};
pub use explain::page;
pub use fix::{Diagnostic, Fix};
pub use snippet::render;
pub use visible::visible;
pub use words::{Count, List, did_you_mean};
