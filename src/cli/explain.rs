use serde_json::json;

use crate::ops::explain;

use super::app::App;
use super::{Answer, OK};

/// Explain a diagnostic or error code: T103, status-contradiction, stale-revision
#[derive(clap::Args, Debug)]
pub(super) struct Args {
    /// Code or name; all are listed when left out
    code: Option<String>,
}

pub(super) fn run(app: &mut App, args: &Args) -> Answer {
    let json = app.json();
    let Some(code) = &args.code else {
        let all = explain::list();
        if json {
            app.out.json(&json!({ "schema": crate::ops::SCHEMA, "codes": all, "total": all.len() }));
        } else {
            for row in all {
                app.out.line(format!("{:<5} {:<8} {:<28} {}", row.code, row.severity, row.name, row.summary));
            }
        }
        return Ok(OK);
    };
    let page = explain::explain(code)?;
    if json {
        app.out.json(&page);
    } else {
        app.out.line(page.text.trim_end());
    }
    Ok(OK)
}
