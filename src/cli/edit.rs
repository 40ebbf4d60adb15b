use crate::ops::{Check, CheckInput, Operation, SessionShow, SessionShowInput, ShowInput, TaskShow};

use super::app::App;
use super::{Answer, OK, check};

/// Opens a session's file in the editor, then takes in and checks what was saved.
pub(super) fn session(app: &mut App, session: Option<String>) -> Answer {
    let workspace = app.open()?;
    let view = SessionShow::run(&app.context(&workspace), SessionShowInput { session })?;
    open_and_check(app, &view.session.path, &view.session.id, None)
}

/// Opens a session's file at a task.
pub(super) fn task(app: &mut App, task: &str) -> Answer {
    let workspace = app.open()?;
    let view = TaskShow::run(&app.context(&workspace), ShowInput { task: task.to_owned() })?;
    open_and_check(app, &view.path, &view.task.session, Some(view.task.line))
}

fn open_and_check(app: &mut App, path: &str, session: &str, line: Option<u32>) -> Answer {
    let root = app.open()?.disk().layout().root().to_owned();
    app.editor(&root.join(path), line)?;
    let workspace = app.open()?;
    let input = CheckInput { paths: vec![session.to_owned()], warnings_only: true, ..CheckInput::default() };
    let view = Check::run(&app.context(&workspace), input)?;
    check::show_text(app, &view);
    Ok(OK)
}
