//! The reading as a whole: the example sessions, and every finding on the smallest text that has it.

mod after;
mod examples;
mod findings;
