//! Reading: laws that hold for any bytes, for the fixtures and for plans that people wrote.

pub(crate) mod laws;
mod nasty;
mod oracle;
mod plans;
mod properties;
