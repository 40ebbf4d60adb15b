use clap::Subcommand;
use clap::builder::PossibleValuesParser;

use crate::diagnostic::Count;
use crate::ops::{
    BackupCleanup, BackupCleanupInput, BackupCreate, BackupCreateInput, BackupList, BackupListInput,
    BackupRestore, BackupRestoreInput, BackupRestored, BackupVerify, BackupVerifyInput, BackupView,
    BackupsView, Operation,
};

use super::app::App;
use super::paint::{BAD, FAINT, GOOD, LIVE, STRONG, WARN, paint};
use super::{Answer, OK, shown};

/// Backups: create, list, verify, restore, cleanup
#[derive(clap::Args, Debug)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Take a backup of everything, or of less
    Create(Create),
    /// List backups, newest first
    List {
        /// Only those that hold this session's directory
        #[arg(long, value_name = "DIR")]
        of: Option<String>,
        /// created, size, name, scope
        #[arg(long, value_name = "ORDER")]
        sort: Option<String>,
    },
    /// Unpack backups and compare every file with its hash; exit 1 where one is damaged
    Verify {
        /// Ids, beginnings of them, names, or `latest`; all when left out
        backups: Vec<String>,
    },
    /// Bring files back; what they replace is backed up first
    Restore(Restore),
    /// Remove backups past what the settings keep; only names them without --apply
    Cleanup {
        /// Keep at most so many
        #[arg(long, value_name = "N")]
        keep: Option<u64>,
        /// Keep none that is older
        #[arg(long, value_name = "DAYS")]
        max_age_days: Option<u64>,
        /// Really
        #[arg(long)]
        apply: bool,
    },
}

#[derive(clap::Args, Debug)]
struct Create {
    /// Only this session: id, directory, unique prefix or name
    #[arg(id = "which", value_name = "SESSION")]
    session: Option<String>,
    /// session, sessions (all of them), modes, everything
    #[arg(long, value_name = "WHAT", hide_possible_values = true,
          value_parser = PossibleValuesParser::new(["session", "sessions", "modes", "everything"]))]
    scope: Option<String>,
    /// What to call it
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
}

#[derive(clap::Args, Debug)]
struct Restore {
    /// Id, beginning of it, name, or `latest`
    backup: String,
    /// Only these sessions, by directory
    #[arg(value_name = "SESSION")]
    sessions: Vec<String>,
    /// replace, merge (plans take in what only the backup has), skip-existing
    #[arg(long, value_name = "HOW", default_value = "replace", hide_possible_values = true,
          value_parser = PossibleValuesParser::new(["replace", "merge", "skip-existing"]))]
    strategy: String,
}

pub(super) fn run(app: &mut App, args: Args) -> Answer {
    match args.command.unwrap_or(Command::List { of: None, sort: None }) {
        Command::Create(new) => create(app, new),
        Command::List { of, sort } => {
            let workspace = app.open()?;
            let input = BackupListInput { session: of, sort, ..BackupListInput::default() };
            let view = BackupList::run(&app.context(&workspace), input)?;
            show(app, &view);
            Ok(OK)
        }
        Command::Verify { backups } => {
            let workspace = app.open()?;
            let view = BackupVerify::run(&app.context(&workspace), BackupVerifyInput { backups })?;
            show(app, &view);
            Ok(u8::from(view.damaged > 0))
        }
        Command::Restore(what) => restore(app, what),
        Command::Cleanup { keep, max_age_days, apply } => {
            let workspace = app.open()?;
            let input = BackupCleanupInput { keep, max_age_days, apply };
            let view = BackupCleanup::run(&app.context(&workspace), input)?;
            if app.json() {
                app.out.json(&view);
                return Ok(OK);
            }
            let verb = if view.applied { "removed" } else { "would remove" };
            for one in &view.backups {
                app.out.line(format!("{verb} {}: {}", paint(STRONG, &shown(&one.backup.id)), one.why));
            }
            for one in &view.mode_backups {
                app.out.line(format!("{verb} {}: {}", paint(STRONG, &shown(&one.backup)), one.why));
            }
            app.out.note(format!(
                "{} ({}), {} kept",
                Count(view.backups.len() + view.mode_backups.len(), "backup"),
                size(view.bytes),
                view.kept
            ));
            if !view.applied && view.backups.len() + view.mode_backups.len() > 0 {
                app.out.note("nothing was removed: add `--apply`");
            }
            Ok(OK)
        }
    }
}

fn create(app: &mut App, new: Create) -> Answer {
    let workspace = app.open()?;
    let input = BackupCreateInput { scope: new.scope, session: new.session, name: new.name };
    let view = BackupCreate::run(&app.context(&workspace), input)?;
    if app.json() {
        app.out.json(&view);
        return Ok(OK);
    }
    let b = &view.backup;
    if view.changed {
        app.out.line(format!("{} {}", paint(GOOD, "wrote"), shown(&b.path)));
        app.out.note(format!("{}, {} in {}", Count(b.files, "file"), size(b.bytes), size(b.stored_bytes)));
    } else {
        app.out.line(format!("would back up {} ({})", Count(b.files, "file"), size(b.bytes)));
    }
    for file in &view.skipped {
        app.out.note(format!("{} {}: {}", paint(WARN, "left out"), shown(&file.path), shown(&file.why)));
    }
    if !view.removed.is_empty() {
        app.out.note(format!("{} past their time removed", Count(view.removed.len(), "automatic backup")));
    }
    Ok(OK)
}

fn show(app: &mut App, view: &BackupsView) {
    if app.json() {
        app.out.json(view);
        return;
    }
    for backup in &view.backups {
        line(app, backup);
    }
    match view.total {
        0 => app.out.note("no backups: `plandown backup create`"),
        n => app.out.note(format!("{}, {}", Count(n, "backup"), size(view.total_bytes))),
    }
}

fn line(app: &mut App, b: &BackupView) {
    let state = match b.integrity {
        "damaged" => paint(BAD, "damaged"),
        word => paint(GOOD, &format!("{word:<7}")),
    };
    let mut text = format!("{state}  {}", paint(STRONG, &shown(&b.id)));
    if let Some(name) = &b.name {
        text.push_str(&format!("  “{}”", shown(name)));
    }
    if let Some(scope) = &b.scope {
        text.push_str(&format!("  {scope}, {}, {}", Count(b.files, "file"), size(b.stored_bytes)));
    }
    if let Some(before) = &b.before {
        text.push_str(&paint(FAINT, &format!("  before {}", shown(before))));
    }
    if let Some(problem) = &b.problem {
        text.push_str(&format!("  {}", shown(problem)));
    }
    app.out.line(text);
}

fn restore(app: &mut App, what: Restore) -> Answer {
    let workspace = app.open()?;
    let dry_run = app.globals.dry_run;
    let input =
        BackupRestoreInput { backup: what.backup, sessions: what.sessions, strategy: Some(what.strategy) };
    let view = BackupRestore::run(&app.context(&workspace), input)?;
    let code = u8::from(view.blocked > 0);
    if app.json() {
        app.out.json(&view);
    } else {
        restored(app, &view, dry_run);
    }
    Ok(code)
}

fn restored(app: &mut App, view: &BackupRestored, dry_run: bool) {
    for file in &view.files {
        let style = match file.action {
            "blocked" => BAD,
            "keep" => FAINT,
            "remove" => WARN,
            _ => LIVE,
        };
        let mut text = format!("{}  {}", paint(style, &format!("{:<7}", file.action)), shown(&file.path));
        if let Some(why) = &file.why {
            text.push_str(&paint(FAINT, &format!("  {}", shown(why))));
        }
        if let Some(tasks) = file.tasks {
            text.push_str(&format!("  {} back", Count(tasks, "task")));
        }
        app.out.line(text);
    }
    if view.same > 0 {
        app.out.note(format!("{} as in the backup already", Count(view.same, "file")));
    }
    if dry_run {
        app.out.note("nothing was changed");
    } else if let Some(before) = &view.before {
        app.out.note(format!("the way back: `plandown backup restore {}`", shown(&before.id)));
    } else {
        app.out.note("nothing to change");
    }
}

/// `1.2 MB`.
fn size(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["B", "KB", "MB", "GB"];
    let (mut whole, mut rest, mut unit) = (bytes, 0, 0);
    while whole >= 1024 && unit + 1 < UNITS.len() {
        (rest, whole) = (whole % 1024 * 10 / 1024, whole / 1024);
        unit += 1;
    }
    if unit == 0 || whole >= 10 {
        format!("{whole} {}", UNITS[unit])
    } else {
        format!("{whole}.{rest} {}", UNITS[unit])
    }
}
