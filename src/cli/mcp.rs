use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use clap::{Subcommand, ValueEnum};
use serde_json::json;

use super::app::App;
use super::out::shown;
use super::write::show_diff;
use super::{Answer, OK};
use crate::mcp::{self, ClientFile, Door, HOSTS, Http, Profile, TokenRow, add_server};
use crate::ops::{ErrorCode, OpError, SCHEMA};
use crate::text::unified_diff;
use crate::workspace::discover;

/// Serve the plan to agents over the Model Context Protocol
#[derive(clap::Args, Debug)]
#[command(args_conflicts_with_subcommands = true)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    serve: Serve,
}

#[derive(clap::Args, Debug)]
struct Serve {
    /// Which tools to list; the setting `mcp.profile` when left out
    #[arg(long, value_enum, value_name = "NAME")]
    profile: Option<Listed>,
    /// Serve over HTTP instead of standard input and output: `127.0.0.1:PORT`, or just the port
    #[arg(long, value_name = "ADDR", value_parser = address)]
    http: Option<SocketAddr>,
    /// Demand the bearer token that this environment variable holds
    #[arg(long, value_name = "VAR", requires = "http")]
    token_env: Option<String>,
    /// Print the address on standard output once requests are taken
    #[arg(long, requires = "http")]
    print_url: bool,
}

/// `7700`, `:7700`, `127.0.0.1:7700`, `[::1]:7700`
fn address(text: &str) -> Result<SocketAddr, String> {
    let local = |port: u16| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    if let Ok(port) = text.trim_start_matches(':').parse() {
        return Ok(local(port));
    }
    text.replacen("localhost", "127.0.0.1", 1).parse().map_err(|_| "write it as 127.0.0.1:7700".to_owned())
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
    /// Print (or write) what a program needs to find this server
    Config {
        /// Which program
        #[arg(long, value_parser = clap::builder::PossibleValuesParser::new(HOSTS), value_name = "NAME")]
        client: String,
        /// Enter it into the program's configuration file, or bring our entry there up to date; everything
        /// else there stays, and the file as it was is kept in `backups/`
        #[arg(long)]
        write: bool,
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

pub(super) fn run(app: &mut App, args: Args) -> Answer {
    match args.command {
        None => serve(app, &args.serve),
        Some(Command::Tools { profile, tokens }) => {
            tools(app, profile.into(), tokens);
            Ok(OK)
        }
        Some(Command::Config { client, write }) => config(app, &client, write),
    }
}

fn config(app: &mut App, client: &str, write: bool) -> Answer {
    let root = discover(app.env.as_ref(), app.globals.root.as_deref(), None)?.root;
    let Some(file) = ClientFile::of(app.env.as_ref(), client, &root) else {
        return Err(OpError::new(ErrorCode::InvalidInput, format!("`{client}` is not known")));
    };
    let path = file.path.display().to_string();
    let (mut diff, mut kept) = (None, None);
    if write {
        let workspace = app.open_at(&root)?;
        let text = workspace.read_config_of_others(&file.path)?.unwrap_or_default();
        let edited = add_server(&file, &text).inspect_err(|_| app.out.note(file.snippet()))?;
        if let Some(edited) = edited {
            diff = Some(unified_diff(&path, &String::from_utf8_lossy(&text), &edited));
            if !app.globals.dry_run {
                kept = workspace.write_config_of_others(&file.path, &text, &edited)?;
            }
        }
    }
    let (changed, dry_run) = (diff.is_some(), app.globals.dry_run);
    let kept = kept.map(|path| path.display().to_string());
    if app.json() {
        app.out.json(&json!({
            "schema": SCHEMA, "client": client, "path": path, "changed": changed,
            "config": { file.key: { "plandown": file.entry } },
            "diff": diff.filter(|_| dry_run), "backup": kept,
        }));
    } else if write {
        let word = match (changed, dry_run) {
            (true, true) => "would be written",
            (true, false) => "written",
            (false, _) => "has it already",
        };
        app.out.line(format!("{}: {word}", shown(&path)));
        if let Some(kept) = kept {
            app.out.note(format!("as it was before: {}", shown(&kept)));
        }
        if let Some(diff) = diff.filter(|_| dry_run) {
            show_diff(app, &diff);
        }
    } else {
        app.out.note(format!("# {}", shown(&path)));
        app.out.text(&file.snippet());
    }
    Ok(OK)
}

fn serve(app: &mut App, args: &Serve) -> Answer {
    let globals = &app.globals;
    let profile = args.profile.map(Profile::from);
    let door = Door::new(Arc::clone(&app.env), globals.root.clone(), globals.session.clone(), profile);
    match args.http {
        None => mcp::serve_stdio(door)?,
        Some(address) => serve_http(app, args, door, address)?,
    }
    Ok(OK)
}

fn serve_http(app: &mut App, args: &Serve, door: Door, address: SocketAddr) -> Result<(), OpError> {
    let mut http = Http { address, token: None };
    if let Some(name) = &args.token_env {
        let token = app.env.var(name).map(str::trim).filter(|t| !t.is_empty());
        let token = token.ok_or_else(|| {
            OpError::new(ErrorCode::InvalidInput, format!("the variable `{name}` holds no token"))
                .hint("set it to a long random text")
        })?;
        http.token = Some(token.to_owned());
    } else if !http.is_local() {
        let token = mcp::fresh_token(app.env.as_ref());
        app.out.error(&format!("clients must send the header `Authorization: Bearer {token}`"));
        http.token = Some(token);
    }
    if !http.is_local() {
        app.out.error("the connection is not encrypted: put a TLS proxy in front of it, or use a tunnel");
    }
    let (out, print) = (&mut app.out, args.print_url);
    mcp::serve_http(door, &http, |url| {
        if print {
            out.line(url);
            out.flush();
        } else {
            out.note(format!("serving on {url}"));
        }
    })
}

fn tools(app: &mut App, profile: Profile, tokens: bool) {
    let rows = TokenRow::of(profile);
    let total: usize = rows.iter().map(|r| r.tokens).sum();
    if app.json() {
        let tools: Vec<_> = rows.iter().map(|r| json!({ "name": r.name, "tokens": r.tokens })).collect();
        app.out.json(&json!({
            "schema": SCHEMA, "profile": profile.word(), "tools": tools,
            "total": rows.len(), "tokens": total, "estimate": true,
        }));
        return;
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
}
