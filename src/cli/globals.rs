use std::path::PathBuf;

use anstream::ColorChoice;
use clap::{Args, ValueEnum};

/// When to colour.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, ValueEnum)]
pub enum Color {
    /// On a terminal that wants it (`NO_COLOR` and `CLICOLOR_FORCE` are heeded)
    #[default]
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

impl From<Color> for ColorChoice {
    fn from(color: Color) -> Self {
        match color {
            Color::Auto => Self::Auto,
            Color::Always => Self::Always,
            Color::Never => Self::Never,
        }
    }
}

/// Options that every command takes.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Options of every command")]
pub(super) struct Globals {
    /// Directory that holds `.task_orchestrator` [env: `PLANDOWN_ROOT`]
    #[arg(long, global = true, value_name = "DIR")]
    pub root: Option<PathBuf>,
    /// Session to work on: id, directory, unique prefix or name [env: `PLANDOWN_SESSION`]
    #[arg(long, short = 's', global = true, value_name = "ID")]
    pub session: Option<String>,
    /// Print one JSON document (errors too, on standard error)
    #[arg(long, global = true)]
    pub json: bool,
    /// Show what would change as a unified diff; write nothing
    #[arg(long, global = true)]
    pub dry_run: bool,
    /// Write only if the file still has this revision (12 hex digits or more)
    #[arg(long, global = true, value_name = "REV")]
    pub if_match: Option<String>,
    /// When to colour: auto, always, never
    #[arg(
        long,
        global = true,
        value_enum,
        default_value_t,
        value_name = "WHEN",
        hide_possible_values = true
    )]
    pub color: Color,
    /// Print results only, no remarks
    #[arg(long, short, global = true)]
    pub quiet: bool,
}
