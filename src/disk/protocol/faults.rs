use super::Process;
use crate::disk::{Cause, Expected, Fs, Kind, Replaced, SafeName};
use std::io::ErrorKind;
use std::time::Duration;

const ERRORS: [ErrorKind; 5] = [
    ErrorKind::Other,
    ErrorKind::StorageFull,
    ErrorKind::ReadOnlyFilesystem,
    ErrorKind::PermissionDenied,
    ErrorKind::Interrupted,
];

#[test]
fn an_error_at_every_call_is_told_and_leaves_old_or_new() {
    let first = Process::first();
    let old = first.text();
    for kind in ERRORS {
        for sticky in [false, true] {
            for at in 1.. {
                let fs = first.fs.after_kill();
                let process = Process::on(&fs);
                fs.fail_at(fs.calls() + at, kind, sticky);
                let done = process.add("one");
                let reached = fs.calls() >= at;
                fs.heal();
                let context = format!("{kind:?} at {at}, sticky {sticky}");
                let text = process.text();
                assert!(text == old || text == format!("{old}one\n"), "{context}: {text:?}");
                if done.is_ok() {
                    assert!(text.contains("one\n"), "{context}: acknowledged, but not there");
                }
                let needed: &[&str] = if done.is_ok() { &["one"] } else { &[] };
                fs.sleep(Duration::from_secs(3));
                process.check(needed, &["one"], &context);
                if !reached {
                    break;
                }
            }
        }
    }
}

#[test]
fn a_full_disk_is_said_and_nothing_is_changed() {
    let process = Process::first();
    let old = process.text();
    let guard = process.disk.lock(Duration::ZERO).unwrap();
    let expected = Expected::Hash(crate::text::ContentHash::of(old.as_bytes()));
    process.fs.fail_at(process.fs.calls() + 8, ErrorKind::StorageFull, true);
    let refused = process.disk.replace(&guard, &process.name, b"new\n", expected, &Cause::new("test"));
    assert_eq!(refused.unwrap_err().kind, Kind::NoSpace);
    assert_eq!(process.text(), old);
}

#[test]
fn a_creation_killed_at_every_call_leaves_nothing_or_a_whole_session() {
    let first = Process::first();
    let name = SafeName::parse("new").unwrap();
    for at in 1..80 {
        let fs = first.fs.after_kill();
        let process = Process::on(&fs);
        fs.kill_at(fs.calls() + at);
        let created = process.disk.lock(Duration::ZERO).and_then(|guard| {
            process.disk.replace(&guard, &name, b"new\n", Expected::Absent, &Cause::new("create"))
        });
        let acknowledged = matches!(created, Ok(Replaced::Done(_)));
        let mut states = vec![("kill".to_owned(), fs.after_kill())];
        states.extend(fs.after_power_cut());
        for (state, fs) in states {
            let next = Process::on(&fs);
            next.sync().unwrap();
            let text = fs.peek(&next.disk.layout().session_file(&name));
            let whole = text.as_deref() == Some(b"new\n");
            assert!(whole || (!acknowledged && text.is_none()), "call {at}, {state}: {text:?}");
            assert!(!next.disk.recovery_pending(), "call {at}, {state}");
            let head = next.disk.log(&name).unwrap().head();
            assert_eq!(head.is_some(), whole, "call {at}, {state}: the log says what the path says");
        }
    }
}

#[test]
fn without_exchange_the_promises_to_ourselves_hold() {
    let first = Process::first();
    for at in 1..120 {
        let fs = first.fs.after_kill();
        fs.set_exchanges(false);
        let process = Process::on(&fs);
        fs.kill_at(fs.calls() + at);
        let acknowledged = process.add("one").is_ok();
        let mut states = vec![("kill".to_owned(), fs.after_kill())];
        states.extend(fs.after_power_cut());
        for (state, fs) in states {
            let needed: &[&str] = if acknowledged { &["one"] } else { &[] };
            Process::on(&fs).check(needed, &["one"], &format!("killed at {at}, {state}"));
        }
    }
}

#[test]
fn without_leases_time_settles_and_everything_else_holds() {
    let first = Process::first();
    let mine = format!("{}mine\n", first.text());
    for at in 1..80 {
        let fs = first.fs.after_kill();
        fs.set_leases(false);
        let process = Process::on(&fs);
        let (file, text) = (process.file(), mine.clone());
        fs.before(fs.calls() + at, move |fs| fs.save_in_place(&file, text.as_bytes()));
        let acknowledged = process.add("one").is_ok();
        let needed: &[&str] = if acknowledged { &["one", "mine"] } else { &["mine"] };
        process.check(if at < 60 { needed } else { &["one"] }, &["one", "mine"], &format!("saved at {at}"));
    }
}
