use std::path::PathBuf;

use clap::builder::PossibleValuesParser;

use crate::diagnostic::Count;
use crate::ops::{ErrorCode, ImportFormat, ImportView, OpError, Wanted, import_plans, scan};

use super::app::App;
use super::paint::{FAINT, GOOD, STRONG, WARN, paint};
use super::table::{Cell, Table};
use super::{Answer, OK, shown};

/// Bring the plans of another tool in, each as a session of its own; nothing that is here is touched
#[derive(clap::Args, Debug)]
pub(super) struct Args {
    #[command(flatten)]
    what: What,
    /// List the older tool's stores below PATH and import nothing
    #[arg(long)]
    scan: bool,
    /// Import what was imported before a second time
    #[arg(long)]
    again: bool,
}

/// What is imported.
#[derive(clap::Args, Debug)]
pub(super) struct What {
    /// legacy, backlog, taskmaster, beads, todo.txt, taskwarrior, obsidian, openspec, speckit, markdown, plandown
    #[arg(value_name = "FORMAT", hide_possible_values = true, value_parser = formats())]
    format: String,
    /// The file or folder; `-` is standard input; the workspace's own folder when left out
    path: Option<PathBuf>,
    /// Zone of the clock the older tool ran by, where it wrote times without one
    #[arg(long, value_name = "+HH:MM", allow_hyphen_values = true)]
    legacy_offset: Option<String>,
}

fn formats() -> PossibleValuesParser {
    PossibleValuesParser::new(ImportFormat::ALL.map(|(word, _)| word))
}

impl What {
    /// The request, with paths made absolute.
    pub(super) fn wanted(&self, app: &App) -> Result<Wanted, OpError> {
        let format = ImportFormat::parse(&self.format)?;
        let from_stdin = self.path.as_ref().is_some_and(|p| p.as_os_str() == "-");
        let stdin = if from_stdin { Some(app.stdin()?.into_bytes()) } else { None };
        let path = self.path.as_ref().filter(|_| !from_stdin).map(|p| app.env.cwd().join(p));
        Ok(Wanted { format, path, stdin, offset: self.legacy_offset.clone() })
    }
}

pub(super) fn run(app: &mut App, args: &Args) -> Answer {
    let workspace = app.open()?;
    let cx = app.context(&workspace);
    if args.scan {
        if args.what.format != "legacy" {
            return Err(OpError::new(
                ErrorCode::InvalidInput,
                "only the older tool's stores can be looked for",
            )
            .hint("run `plandown import legacy --scan`"));
        }
        return scan_only(app, &scan(&cx, args.what.path.as_ref().map(|p| app.env.cwd().join(p)))?);
    }
    let wanted = args.what.wanted(app)?;
    let view = import_plans(&cx, &wanted, args.again)?;
    show(app, &view);
    Ok(OK)
}

fn scan_only(app: &mut App, view: &crate::ops::ScanView) -> Answer {
    if app.json() {
        app.out.json(view);
        return Ok(OK);
    }
    let mut table = Table::new(0, app.width());
    for store in &view.stores {
        table.row(vec![
            Cell::new(&store.path),
            Cell::styled(&store.generation, STRONG),
            Cell::new(Count(store.tasks, "task").to_string()),
            Cell::styled(store.problem.as_ref().unwrap_or(&store.last_write), FAINT),
        ]);
    }
    app.out.text(&table.render());
    if view.stores.is_empty() {
        app.out.note(format!("no store of the older tool below {}", shown(&view.root)));
    }
    Ok(OK)
}

/// Findings that are listed on a terminal; JSON has all.
const SHOWN: usize = 20;

/// Prints what an import brought, or would bring: sessions, every table, what to look at.
pub(super) fn show(app: &mut App, view: &ImportView) {
    if app.json() {
        app.out.json(view);
        return;
    }
    let verb = if view.import.is_some() { "imported" } else { "would import" };
    for session in &view.sessions {
        app.out.line(format!(
            "{} {}  {}, {}  {}",
            paint(GOOD, verb),
            shown(&session.name),
            Count(session.tasks, "task"),
            Count(session.groups, "group"),
            paint(FAINT, &shown(&session.path)),
        ));
    }
    let mut table = Table::new(0, app.width());
    let head = ["source", "table", "rows", "imported", "aside", ""];
    table.row(head.map(|h| Cell::styled(h, FAINT)).into());
    for row in &view.tables {
        let why =
            row.reasons.iter().map(|r| format!("{} {}", r.rows, r.reason)).collect::<Vec<_>>().join("; ");
        let why = if row.read == 0 { "empty".to_owned() } else { why };
        table.row(vec![
            Cell::new(&row.source),
            Cell::new(&row.table),
            Cell::new(row.read.to_string()),
            Cell::new(row.imported.to_string()),
            Cell::styled(row.aside.to_string(), if row.aside > 0 { WARN } else { FAINT }),
            Cell::styled(why, FAINT),
        ]);
    }
    app.out.text(&table.render());
    for copy in &view.copies {
        app.out.line(format!("{:<7} {} → {}", copy.state, shown(&copy.from), shown(&copy.to)));
    }
    if view.artifacts > 0 {
        app.out.line(format!("{} taken along as artifacts", Count(view.artifacts, "file")));
    }
    for finding in view.findings.iter().take(SHOWN) {
        let label = paint(WARN, finding.code);
        app.out.line(format!("{label} {}: {}", shown(&finding.place), shown(&finding.message)));
        if !finding.hint.is_empty() {
            app.out.line(paint(FAINT, &format!("  {}", finding.hint)));
        }
    }
    if view.findings.len() > SHOWN {
        app.out.line(format!("… and {} more; `--json` lists all", view.findings.len() - SHOWN));
    }
    if let Some(path) = &view.aside_path {
        app.out.line(format!("{} kept aside in {}", Count(view.aside, "row"), shown(path)));
    }
    match &view.import {
        Some(id) => app.out.note(format!("`plandown migrate rollback` takes import {id} back")),
        None => app.out.note("nothing was written"),
    }
}
