use serde_json::json;

use crate::ops::SCHEMA;
use crate::workspace::{Via, discover};

use super::app::App;
use super::{Answer, OK};

/// Print the workspace's root directory
#[derive(clap::Args, Debug)]
pub(super) struct Args {
    /// Say how it was found
    #[arg(long)]
    explain: bool,
}

pub(super) fn run(app: &mut App, args: &Args) -> Answer {
    let found = discover(app.env.as_ref(), app.globals.root.as_deref(), None)?;
    let root = found.root.display().to_string();
    let why = match found.via {
        Via::Flag => "named by `--root`".to_owned(),
        Via::Variable => "named by `PLANDOWN_ROOT`".to_owned(),
        Via::Request => "named by the request".to_owned(),
        Via::Ancestor => format!(
            "the nearest directory with `.task_orchestrator` from `{}` upwards",
            app.env.cwd().display()
        ),
        Via::Marker(marker) => format!("the nearest directory with `{marker}`"),
        Via::Current => "the current directory".to_owned(),
    };
    if app.json() {
        app.out.json(&json!({ "schema": SCHEMA, "root": root, "why": why }));
    } else {
        app.out.line(super::shown(&root));
        if args.explain {
            app.out.line(why);
        }
    }
    Ok(OK)
}
