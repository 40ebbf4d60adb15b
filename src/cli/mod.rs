//! The command line: arguments in, one operation called, lines or JSON out.
//!
//! Holds no rule, no status name, no query: what a command means is said in `ops`.
//! The only room, beside `main`, that prints.

mod again;
mod app;
mod backup;
mod block;
mod check;
mod claim;
mod conflicts;
mod daily;
mod diff;
mod edit;
mod explain;
mod export;
mod git;
mod globals;
mod group;
mod history;
mod import;
mod list;
mod mcp;
mod migrate;
mod mode;
mod out;
mod paint;
mod root;
mod session;
mod sessions;
mod show;
mod status_verbs;
mod table;
mod task;
mod tasks;
mod template;
mod tree;
mod uninstall;
mod upkeep;
mod watch;
mod words;
mod write;

use std::ffi::OsString;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use clap::error::ErrorKind;

use crate::env::Env;
use crate::ops::{ErrorCode, OpError, Remarks, SCHEMA};
use again::may_run_again;
use app::App;
use out::{Out, shown};
use paint::{BAD, LIVE, STRONG, paint};
use tree::{Command, parse};

/// What a command answers with: its exit code.
type Answer = Result<u8, OpError>;

const OK: u8 = 0;

/// Runs one command line and returns the exit code of the process.
pub fn run(env: Arc<dyn Env>, args: impl IntoIterator<Item = OsString>) -> u8 {
    let args: Vec<OsString> = args.into_iter().collect();
    let cli = match parse(&args) {
        Ok(cli) => cli,
        Err(error) => return usage(&error, args.iter().any(|a| a == "--json")),
    };
    let out = Out::new(cli.globals.color.into(), cli.globals.quiet);
    let mut app = App { env, globals: cli.globals, out, remarks: Remarks::default() };
    let mut done = guarded(&mut app, cli.command);
    let again = match &done {
        Err(error) if error.code == ErrorCode::IndexDamaged => app.heal(),
        // Who only looks needs nothing but the index; the next time it is one of his own, if need be.
        Err(error) => error.code == ErrorCode::Busy,
        Ok(_) => false,
    };
    // Asking again is free; a change is only made again by who wants it.
    if let Some(cli) = parse(&args).ok().filter(|cli| again && may_run_again(cli.command.as_ref())) {
        done = guarded(&mut app, cli.command);
    }
    let remarks = app.remarks.take();
    // An error as JSON is all there is on standard error.
    if let (true, Err(error)) = (app.json(), &mut done) {
        *error = error.clone().remarked(remarks);
    } else {
        remarks.iter().for_each(|remark| write::warn(&mut app, remark));
    }
    let code = match done {
        Ok(code) => code,
        Err(error) => {
            report(&mut app, &error);
            error.code.class().exit_code()
        }
    };
    app.out.finish();
    code
}

/// Runs a command; a panic is answered like any other error.
fn guarded(app: &mut App, command: Option<Command>) -> Answer {
    catch_unwind(AssertUnwindSafe(|| dispatch(app, command))).unwrap_or_else(|_| {
        Err(OpError::new(
            ErrorCode::Internal,
            "plandown stopped at a bug of its own; no plan is half written",
        )
        .hint("please report it with the lines above"))
    })
}

fn dispatch(app: &mut App, command: Option<Command>) -> Answer {
    match command {
        None => daily::status(app, &daily::StatusArgs::default()),
        Some(Command::Status(args)) => daily::status(app, &args),
        Some(Command::Init(args)) => upkeep::init(app, args),
        Some(Command::Next(args)) => daily::next(app, args),
        Some(Command::List(args)) => list::run(app, args),
        Some(Command::Show(args)) => show::run(app, args),
        Some(Command::Add(args)) => task::add(app, *args),
        Some(Command::Start(args)) => status_verbs::run(app, args, "in_progress"),
        Some(Command::Done(args)) => status_verbs::run(app, args, "completed"),
        Some(Command::Task(args)) => task::run(app, *args),
        Some(Command::Group(args)) => group::run(app, args),
        Some(Command::Session(args)) => session::run(app, args),
        Some(Command::Deps(args)) => upkeep::deps(app, args),
        Some(Command::Search(args)) => daily::search(app, args),
        Some(Command::Related(args)) => daily::related(app, args),
        Some(Command::Browse(args)) => daily::browse(app, &args),
        Some(Command::Note(args)) => daily::note(app, args),
        Some(Command::Decision(args)) => daily::decision(app, args),
        Some(Command::Sync(args)) => daily::sync(app, &args),
        Some(Command::Claim(args)) => claim::run(app, args),
        Some(Command::Release(args)) => claim::release(app, args),
        Some(Command::Diff(args)) => diff::run(app, args),
        Some(Command::Watch(args)) => watch::run(app, &args),
        Some(Command::Git(args)) => git::run(app, args),
        Some(Command::Template(args)) => template::run(app, args),
        Some(Command::Mode(args)) => mode::run(app, args),
        Some(Command::Conflicts(args)) => conflicts::run(app, args),
        Some(Command::Block(args)) => block::run(app, args),
        Some(Command::Log(args)) => history::log(app, &args),
        Some(Command::Undo(args)) => history::undo(app, &args),
        Some(Command::Redo(args)) => history::redo(app, &args),
        Some(Command::Backup(args)) => backup::run(app, args),
        Some(Command::Cleanup(args)) => history::cleanup(app, args),
        Some(Command::Check(args)) => check::run(app, args),
        Some(Command::Explain(args)) => explain::run(app, &args),
        Some(Command::Reindex(args)) => upkeep::reindex(app, &args),
        Some(Command::Doctor(args)) => upkeep::doctor(app, &args),
        Some(Command::Config(args)) => upkeep::config(app, &args),
        Some(Command::Root(args)) => root::run(app, &args),
        Some(Command::Completions(args)) => upkeep::completions(app, &args),
        Some(Command::Man(args)) => upkeep::man(app, &args),
        Some(Command::Import(args)) => import::run(app, &args),
        Some(Command::Migrate(args)) => migrate::run(app, &args),
        Some(Command::Export(args)) => export::run(app, args),
        Some(Command::Uninstall(args)) => uninstall::run(app, &args),
        Some(Command::Mcp(args)) => mcp::run(app, args),
    }
}

fn report(app: &mut App, error: &OpError) {
    if app.json() {
        let document = serde_json::json!({ "schema": SCHEMA, "error": error.to_json() });
        app.out.error(&out::escaped(&document.to_string()));
        return;
    }
    let label = paint(BAD.bold(), &format!("error[{}]", error.code.word()));
    app.out.error(&format!("{label}{} {}", paint(STRONG, ":"), shown(&error.message)));
    if let Some(hint) = &error.hint {
        app.out.error(&format!("{}: {}", paint(LIVE, "help"), shown(hint)));
    }
}

fn usage(error: &clap::Error, json: bool) -> u8 {
    let shows = matches!(
        error.kind(),
        ErrorKind::DisplayHelp
            | ErrorKind::DisplayVersion
            | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
    );
    if json && !shows {
        let text = error.to_string();
        let message = text.lines().next().unwrap_or("").trim_start_matches("error: ").to_owned();
        let error = OpError::new(ErrorCode::InvalidInput, message).hint("run `plandown --help`");
        let mut out = Out::new(anstream::ColorChoice::Never, false);
        let document = serde_json::json!({ "schema": SCHEMA, "error": error.to_json() });
        out.error(&out::escaped(&document.to_string()));
    } else {
        let plain = error.render().to_string();
        let harmless = shown(&plain);
        if harmless == plain {
            // A closed pipe is no reason to fail.
            let _ = error.print();
        } else {
            // An argument that would speak to the terminal: better without colours.
            Out::new(anstream::ColorChoice::Never, false).error(&harmless);
        }
    }
    u8::try_from(error.exit_code()).unwrap_or(2)
}
