use std::sync::Arc;

use clap::{Subcommand, ValueEnum};
use serde_json::json;

use super::app::App;
use super::{Answer, OK};
use crate::mcp::{self, Door, Profile, TokenRow};
use crate::ops::SCHEMA;

/// Serve the plan to agents over the Model Context Protocol
#[derive(clap::Args, Debug)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Args {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    serve: Serve,
}

#[derive(clap::Args, Debug)]
struct Serve {
    /// Which tools to list
    #[arg(long, value_enum, default_value_t, value_name = "NAME")]
    profile: Listed,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// List the tools of a profile
    Tools {
        /// Which tools
        #[arg(long, value_enum, default_value_t, value_name = "NAME")]
        profile: Listed,
        /// Estimate what each costs a model
        #[arg(long)]
        tokens: bool,
    },
}

/// Which tools are listed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, ValueEnum)]
enum Listed {
    /// The ten that work on a plan needs
    Core,
    /// Every tool
    #[default]
    Full,
    /// Every tool, and those of the older tool under their own names
    Legacy,
}

impl From<Listed> for Profile {
    fn from(listed: Listed) -> Self {
        match listed {
            Listed::Core => Self::Core,
            Listed::Full => Self::Full,
            Listed::Legacy => Self::Legacy,
        }
    }
}

pub fn run(app: &mut App, args: Args) -> Answer {
    match args.command {
        None => serve(app, &args.serve),
        Some(Command::Tools { profile, tokens }) => tools(app, profile.into(), tokens),
    }
}

fn serve(app: &mut App, args: &Serve) -> Answer {
    let globals = &app.globals;
    let door =
        Door::new(Arc::clone(&app.env), globals.root.clone(), globals.session.clone(), args.profile.into());
    mcp::serve_stdio(door)?;
    Ok(OK)
}

fn tools(app: &mut App, profile: Profile, tokens: bool) -> Answer {
    let rows = TokenRow::of(profile);
    let total: usize = rows.iter().map(|r| r.tokens).sum();
    if app.json() {
        let tools: Vec<_> = rows.iter().map(|r| json!({ "name": r.name, "tokens": r.tokens })).collect();
        app.out.json(&json!({
            "schema": SCHEMA, "profile": profile.word(), "tools": tools,
            "total": rows.len(), "tokens": total, "estimate": true,
        }));
        return Ok(OK);
    }
    for row in &rows {
        if tokens {
            app.out.line(format!("{:>5}  {}", row.tokens, row.name));
        } else {
            app.out.line(&row.name);
        }
    }
    if tokens {
        app.out.line(format!("{total:>5}  {} tools, profile {} (estimate)", rows.len(), profile.word()));
    }
    Ok(OK)
}
