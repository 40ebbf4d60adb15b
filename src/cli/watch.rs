use std::io::Read;
use std::time::Duration;

use crate::diagnostic::Count;
use crate::ops::{Patience, SCHEMA, WatchEvent, Watching, patience};
use crate::watch::{Pace, Stopper, Wake, Watch};

use super::app::App;
use super::paint::{BAD, FAINT, GOOD, paint};
use super::{Answer, OK, shown};

/// Keep index and views fresh while files change; one line for every change
///
/// A plan is written only where a save from an outdated buffer must be merged: new tasks get their ids, and
/// generated blocks their text, from the next command that writes, or from `plandown sync`.
#[derive(clap::Args, Debug)]
pub(super) struct Args {
    /// Closed sessions too, and the views of all
    #[arg(long)]
    all: bool,
    /// Look every two seconds instead of listening (network file systems)
    #[arg(long)]
    poll: bool,
    /// Stop when standard input ends
    #[arg(long)]
    until_eof: bool,
}

/// Longest time without a look, whatever the platform reports.
const BACKSTOP: Duration = Duration::from_secs(5);

pub(super) fn run(app: &mut App, args: &Args) -> Answer {
    let workspace = app.open()?;
    let cx = app.context(&workspace);
    let layout = workspace.disk().layout();
    // Listening begins before the first look, so that nothing falls between them.
    let Patience { quiet, longest, views } = patience(&cx);
    let pace = Pace { quiet, longest, backstop: BACKSTOP };
    let mut watch = Watch::start(layout.home(), &layout.sessions(), pace, args.poll);
    stop_on_signals(&watch.stopper());
    if args.until_eof {
        stop_at_end_of_input(watch.stopper());
    }
    let mut watching = Watching::new(&cx, args.all)?;
    if app.json() {
        let sessions = watching.sessions();
        let polling = watch.why_polling();
        let begun = serde_json::json!(
            { "schema": SCHEMA, "event": "watching", "sessions": sessions, "polling": polling }
        );
        app.out.json(&begun);
    } else {
        let polling = watch.why_polling().map(|why| format!(", looking every two seconds: {why}"));
        app.out.line(format!(
            "watching {}{}",
            Count(watching.sessions(), "session"),
            polling.unwrap_or_default()
        ));
    }
    app.out.flush();
    loop {
        match watch.next(watching.has_stale_views().then_some(views)) {
            Wake::Stop => break,
            Wake::Idle => show(app, &watching.write_views()),
            Wake::Look => {
                let looked = watching.look()?;
                show(app, &looked.events);
                let taken = watching.take_in();
                show(app, &taken.events);
                if looked.again || taken.again {
                    watch.again();
                } else if !looked.events.is_empty() {
                    watch.stirred();
                }
            }
        }
        if app.out.is_closed() {
            break;
        }
    }
    if app.json() {
        app.out.json(&serde_json::json!({ "schema": SCHEMA, "event": "stopped" }));
    } else {
        app.out.note("stopped");
    }
    Ok(OK)
}

/// Shows events at once: whoever reads them waits for them.
fn show(app: &mut App, events: &[WatchEvent]) {
    for event in events {
        if app.json() {
            app.out.json(event);
            continue;
        }
        let line = event.line();
        let (word, rest) = line.split_once(' ').unwrap_or((&line, ""));
        let style = match word {
            "removed" | "unreadable" | "conflict" | "warning" | "unrecorded" => BAD,
            "views" => FAINT,
            _ => GOOD,
        };
        app.out.line(format!("{} {}", paint(style, word), shown(rest)));
    }
    app.out.flush();
}

fn stop_at_end_of_input(stopper: Stopper) {
    std::thread::spawn(move || {
        let mut nothing = [0_u8; 256];
        while std::io::stdin().lock().read(&mut nothing).is_ok_and(|n| n > 0) {}
        stopper.stop();
    });
}

/// Without a way to hear signals the process is simply ended by them, which loses nothing.
fn stop_on_signals(stopper: &Stopper) {
    let stopper = stopper.clone();
    let (listening, heard) = std::sync::mpsc::channel::<()>();
    std::thread::spawn(move || {
        let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else { return };
        runtime.block_on(async {
            #[cfg(unix)]
            {
                use tokio::signal::unix::{SignalKind, signal};
                let (Ok(mut interrupt), Ok(mut terminate)) =
                    (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
                else {
                    return;
                };
                drop(listening);
                tokio::select! {
                    _ = interrupt.recv() => {}
                    _ = terminate.recv() => {}
                }
            }
            #[cfg(not(unix))]
            {
                drop(listening);
                if tokio::signal::ctrl_c().await.is_err() {
                    return;
                }
            }
            stopper.stop();
        });
    });
    // Ends when the other side lets go: it listens now, or cannot.
    let _ = heard.recv();
}
