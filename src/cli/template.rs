use std::path::PathBuf;

use clap::Subcommand;
use serde_json::{Map, Value};

use crate::diagnostic::Count;
use crate::ops::{
    ErrorCode, OpError, Operation, TemplateApply, TemplateApplyInput, TemplateCreate, TemplateCreateInput,
    TemplateDelete, TemplateDeleteInput, TemplateDetail, TemplateInstall, TemplateInstallInput, TemplateList,
    TemplateListInput, TemplateShow, TemplateShowInput, TemplateValidate, TemplateValidateInput,
    TemplateWritten, template_export,
};

use super::app::App;
use super::mode::print_findings;
use super::paint::{BAD, FAINT, GOOD, STRONG, WARN, paint};
use super::table::{Cell, Table};
use super::{Answer, OK, shown, write};

/// Templates of tasks, session files and views: list, show, apply, create, validate, install, delete, export
#[derive(clap::Args, Debug)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// List templates; a workspace's own stand before the built-in ones of the same name
    List {
        /// Only these: task, session, view
        #[arg(long, value_name = "KIND")]
        kind: Option<String>,
    },
    /// Show what a template wants to be told and what it makes
    Show {
        /// Its name
        template: String,
    },
    Apply(Apply),
    /// Make a template in `.task_orchestrator/templates`
    Create {
        /// Its name: `deploy`, or `session/lean`, `views/overview` to stand before a built-in one
        name: String,
        /// Copy this template; a small one to go on from otherwise
        #[arg(long, value_name = "TEMPLATE")]
        from: Option<String>,
        /// Its text; `-` reads standard input
        #[arg(long, value_name = "TEXT", conflicts_with = "from")]
        text: Option<String>,
    },
    /// Look for what is wrong in templates; exit 1 where one is broken
    Validate {
        /// Names; all of the workspace when left out
        templates: Vec<String>,
    },
    /// Take a template from a file
    Install {
        /// The file: YAML, JSON5, or `….md.j2`
        file: PathBuf,
        /// Its name here; the file's when left out
        #[arg(long, value_name = "NAME")]
        name: Option<String>,
        /// Replace one that is there; a copy of it is kept
        #[arg(long)]
        force: bool,
    },
    /// Remove a template of the workspace; a copy of it is kept
    Delete {
        /// Its name
        template: String,
    },
    /// Print a template's text, or write it to a file
    Export {
        /// Its name
        template: String,
        /// File or folder
        #[arg(long, value_name = "PATH")]
        out: Option<PathBuf>,
        /// Overwrite what is there
        #[arg(long)]
        force: bool,
    },
}

/// Add the tasks of a template: all of them in one write, or none
#[derive(clap::Args, Debug)]
pub(super) struct Apply {
    /// Its name
    template: String,
    /// What it wants to be told; lists with commas. `plandown template show NAME` names them
    #[arg(value_name = "KEY=VALUE")]
    parameters: Vec<String>,
    /// Into this group, which is made where it is not there
    #[arg(long, short, value_name = "PATH")]
    group: Option<String>,
    /// As subtasks of this task
    #[arg(long, short, value_name = "TASK")]
    parent: Option<String>,
    /// Right before this task
    #[arg(long, value_name = "TASK", conflicts_with_all = ["parent", "group"])]
    before: Option<String>,
    /// Right after this task
    #[arg(long, value_name = "TASK", conflicts_with_all = ["parent", "group", "before"])]
    after: Option<String>,
    /// Before all others there
    #[arg(long, conflicts_with_all = ["before", "after"])]
    first: bool,
}

pub(super) fn run(app: &mut App, args: Args) -> Answer {
    match args.command {
        Command::List { kind } => list(app, kind),
        Command::Show { template } => show(app, template),
        Command::Apply(args) => apply(app, args),
        Command::Create { name, from, text } => {
            let text = text.map(|text| app.text(text)).transpose()?;
            let workspace = app.open()?;
            let input = TemplateCreateInput { name, from, text };
            let view = TemplateCreate::run(&app.context(&workspace), input)?;
            written(app, &view, "created");
            Ok(OK)
        }
        Command::Validate { templates } => validate(app, templates),
        Command::Install { file, name, force } => {
            let file = app.env.cwd().join(file);
            let workspace = app.open()?;
            let input = TemplateInstallInput { file, name, force };
            let view = TemplateInstall::run(&app.context(&workspace), input)?;
            written(app, &view, "installed");
            Ok(OK)
        }
        Command::Delete { template } => {
            let workspace = app.open()?;
            let view = TemplateDelete::run(&app.context(&workspace), TemplateDeleteInput { template })?;
            written(app, &view, "removed");
            Ok(OK)
        }
        Command::Export { template, out, force } => {
            let out = out.filter(|p| p.as_os_str() != "-").map(|p| app.env.cwd().join(p));
            let workspace = app.open()?;
            let view = template_export(&app.context(&workspace), &template, out, force)?;
            if app.json() {
                app.out.json(&view);
            } else if let Some(text) = &view.text {
                // The text itself is asked for, byte for byte.
                app.out.text(text);
            } else if let Some(file) = &view.file {
                let verb = if view.changed { "wrote" } else { "would write" };
                app.out.line(format!("{} {}", paint(GOOD, verb), shown(file)));
            }
            Ok(OK)
        }
    }
}

fn list(app: &mut App, kind: Option<String>) -> Answer {
    let workspace = app.open()?;
    let view = TemplateList::run(&app.context(&workspace), TemplateListInput { kind })?;
    if app.json() {
        app.out.json(&view);
        return Ok(OK);
    }
    let mut table = Table::new(4, app.width());
    for template in &view.templates {
        let style = match template.state {
            "ok" => FAINT,
            "warnings" => WARN,
            _ => BAD,
        };
        let state = if template.state == "ok" { template.source } else { template.state };
        let size =
            if template.kind == "task" { Count(template.tasks, "task").to_string() } else { "-".into() };
        table.row(vec![
            Cell::styled(&template.template, STRONG),
            Cell::new(template.kind),
            Cell::styled(state, style),
            Cell::new(size),
            Cell::styled(&template.description, FAINT),
        ]);
    }
    app.out.text(&table.render());
    Ok(OK)
}

fn show(app: &mut App, template: String) -> Answer {
    let workspace = app.open()?;
    let view = TemplateShow::run(&app.context(&workspace), TemplateShowInput { template })?;
    if app.json() {
        app.out.json(&view);
        return Ok(OK);
    }
    let t = &view.template;
    app.out.line(format!("{}  {}", paint(STRONG, &shown(&t.title)), paint(FAINT, &shown(&t.template))));
    if !t.description.is_empty() {
        app.out.line(shown(&t.description));
    }
    app.out.line(paint(FAINT, &shown(t.path.as_deref().unwrap_or("in the program"))));
    if let Some(base) = &view.extends {
        app.out.line(format!("extends {}", shown(base)));
    }
    if t.kind == "task" {
        print_task_template(app, &view);
    } else {
        app.out.text(&format!("\n{}", shown(&view.text)));
    }
    print_findings(app, &view.sources);
    Ok(OK)
}

fn print_task_template(app: &mut App, view: &TemplateDetail) {
    if !view.asks.is_empty() {
        app.out.line(format!("\n{}", paint(STRONG, "parameters")));
    }
    let mut table = Table::new(3, app.width());
    for p in &view.asks {
        let need = match (&p.default, p.required) {
            (Some(default), _) if default.is_empty() => "optional".to_owned(),
            (Some(default), _) => format!("default {default}"),
            (None, true) => "required".to_owned(),
            (None, false) => "optional".to_owned(),
        };
        let kind = if p.values.is_empty() { p.kind.to_owned() } else { p.values.join("|") };
        let kind = p.pattern.as_ref().map_or(kind.clone(), |pattern| format!("{kind} {pattern}"));
        table.row(vec![
            Cell::styled(&p.name, STRONG),
            Cell::new(kind),
            Cell::new(need),
            Cell::styled(&p.description, FAINT),
        ]);
    }
    app.out.text(&table.render());
    app.out.line(format!("\n{}", paint(STRONG, "tasks")));
    for task in &view.makes {
        let mut line = format!("{}{}", "  ".repeat(task.depth), shown(&task.title));
        if let Some(name) = &task.specialist {
            line = format!("{line}  @{}", shown(name));
        }
        if let Some(time) = &task.estimate {
            line = format!("{line}  ~{}", shown(time));
        }
        let mut more = Vec::new();
        if !task.depends_on.is_empty() {
            more.push(format!("after {}", task.depends_on.join(", ")));
        }
        more.extend(task.when.as_ref().map(|when| format!("when {when}")));
        more.extend(task.for_each.as_ref().map(|list| format!("for each of {list}")));
        if !more.is_empty() {
            line = format!("{line}  {}", paint(FAINT, &shown(&more.join(" · "))));
        }
        app.out.line(line);
    }
}

/// Adds the tasks of a template; also `task from-template`.
pub(super) fn apply(app: &mut App, args: Apply) -> Answer {
    let mut parameters: Map<String, Value> = Map::new();
    for word in args.parameters {
        let Some((key, value)) = word.split_once('=') else {
            return Err(OpError::new(ErrorCode::InvalidInput, format!("`{word}` is no parameter"))
                .hint("write it as KEY=VALUE"));
        };
        let value = Value::String(value.to_owned());
        match parameters.get_mut(key) {
            // Given several times, it is a list.
            Some(Value::Array(items)) => items.push(value),
            Some(first) => *first = Value::Array(vec![first.clone(), value]),
            None => {
                parameters.insert(key.to_owned(), value);
            }
        }
    }
    let input = TemplateApplyInput {
        template: args.template,
        parameters,
        group: args.group,
        parent: args.parent,
        before: args.before,
        after: args.after,
        first: args.first,
    };
    let workspace = app.open()?;
    let view = TemplateApply::run(&app.context(&workspace), input)?;
    write::show(app, &view);
    Ok(OK)
}

fn validate(app: &mut App, templates: Vec<String>) -> Answer {
    let workspace = app.open()?;
    let view = TemplateValidate::run(&app.context(&workspace), TemplateValidateInput { templates })?;
    if app.json() {
        app.out.json(&view);
        return Ok(u8::from(view.broken > 0));
    }
    print_findings(app, &view.sources);
    let checked = Count(view.total, "template");
    app.out.note(match view.broken {
        0 => format!("{checked} checked, all can be used"),
        n => format!("{checked} checked, {n} broken; `plandown explain CODE` says more"),
    });
    Ok(u8::from(view.broken > 0))
}

fn written(app: &mut App, view: &TemplateWritten, verb: &str) {
    if app.json() {
        app.out.json(view);
    } else if let Some(diff) = &view.diff {
        write::show_diff(app, diff);
    } else if view.changed {
        app.out.line(format!("{} {}", paint(GOOD, verb), shown(&view.path)));
        if let Some(kept) = &view.kept {
            app.out.note(format!("what was there is in {}", shown(kept)));
        }
    } else {
        app.out.note(format!("{} says that already", shown(&view.path)));
    }
}
