//! The composition root: the real environment in, an exit code out.

#![deny(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::process::ExitCode;
use std::sync::Arc;

use plandown::{cli, env::SystemEnv};

fn main() -> ExitCode {
    ExitCode::from(cli::run(Arc::new(SystemEnv::read()), std::env::args_os()))
}
