use super::{Fs, MemFs, Process};
use std::path::Path;

/// How an editor saves.
#[derive(Clone, Copy, Debug)]
enum Save {
    InPlace,
    ByRename,
    /// Renames the old file away, then creates the new one.
    Vim,
}

const SAVES: [Save; 3] = [Save::InPlace, Save::ByRename, Save::Vim];

fn save(fs: &MemFs, file: &Path, how: Save, text: &str) {
    match how {
        Save::InPlace => fs.save_in_place(file, text.as_bytes()),
        Save::ByRename => fs.save_by_rename(file, text.as_bytes()),
        Save::Vim => {
            fs.move_away(file, &file.with_extension("md~"));
            fs.save_by_rename(file, text.as_bytes());
        }
    }
}

/// How many calls an undisturbed `add` makes.
fn calls_of_one_add(first: &Process) -> u64 {
    let fs = first.fs.after_kill();
    let process = Process::on(&fs);
    let before = fs.calls();
    process.add("one").unwrap();
    fs.calls() - before
}

#[test]
fn killed_at_every_call_it_is_the_old_text_or_the_new_one() {
    let first = Process::first();
    let total = calls_of_one_add(&first);
    assert!(total > 30, "{total} calls");
    for at in 1..=total {
        let fs = first.fs.after_kill();
        let process = Process::on(&fs);
        fs.kill_at(fs.calls() + at);
        let acknowledged = process.add("one").is_ok();
        let text = process.text();
        let old = String::from_utf8(first.fs.peek(&first.file()).unwrap()).unwrap();
        assert!(text == old || text == format!("{old}one\n"), "call {at}: {text:?}");
        let next = Process::on(&fs.after_kill());
        next.add("two").unwrap_or_else(|e| panic!("call {at}: {e}"));
        let needed: &[&str] = if acknowledged { &["one", "two"] } else { &["two"] };
        next.check(needed, &["one", "two"], &format!("killed at {at}: {:#?}", fs.trace()));
    }
}

#[test]
fn killed_again_during_recovery_nothing_is_lost_either() {
    let first = Process::first();
    let total = calls_of_one_add(&first);
    for at in (1..=total).step_by(3) {
        let fs = first.fs.after_kill();
        let process = Process::on(&fs);
        fs.kill_at(fs.calls() + at);
        let acknowledged = process.add("one").is_ok();
        for again in 1..40 {
            let fs = fs.after_kill();
            let second = Process::on(&fs);
            fs.kill_at(fs.calls() + again);
            let _ = second.sync();
            let third = Process::on(&fs.after_kill());
            third.add("two").unwrap();
            let needed: &[&str] = if acknowledged { &["one", "two"] } else { &["two"] };
            third.check(needed, &["one", "two"], &format!("killed at {at}, recovery at {again}"));
        }
    }
}

#[test]
fn a_power_cut_at_every_call_loses_no_acknowledged_edit_and_tears_nothing() {
    let first = Process::first();
    let total = calls_of_one_add(&first);
    for at in 1..=total + 1 {
        let fs = first.fs.after_kill();
        let process = Process::on(&fs);
        fs.kill_at(fs.calls() + at);
        let acknowledged = process.add("one").is_ok();
        assert!(acknowledged || at <= total, "call {at}");
        for (state, fs) in fs.after_power_cut() {
            let next = Process::on(&fs);
            let needed: &[&str] = if acknowledged { &["one"] } else { &[] };
            next.check(needed, &["one"], &format!("power cut at {at}, {state}"));
        }
    }
}

#[test]
fn a_save_before_any_call_of_a_write_that_is_killed_at_any_later_call_is_kept() {
    let first = Process::first();
    let total = calls_of_one_add(&first);
    let mine = format!("{}mine\n", first.text());
    for how in SAVES {
        for save_at in 1..=total {
            // A merge makes the operation about twice as long.
            for kill_at in (save_at..=2 * total + 10).step_by(13).chain([u64::MAX]) {
                let fs = first.fs.after_kill();
                let process = Process::on(&fs);
                let (now, file, text) = (fs.calls(), process.file(), mine.clone());
                fs.before(now + save_at, move |fs| save(fs, &file, how, &text));
                fs.kill_at(now.saturating_add(kill_at));
                let acknowledged = process.add("one").is_ok();
                let next = Process::on(&fs.after_kill());
                let needed: &[&str] = if acknowledged { &["one", "mine"] } else { &["mine"] };
                next.check(needed, &["one", "mine"], &format!("{how:?} at {save_at}, killed at {kill_at}"));
            }
        }
    }
}

/// The negative control: every sync of a write is there because without it an acknowledged edit, a kept content or
/// the history can be lost.
#[test]
fn each_sync_of_a_write_is_needed() {
    let first = Process::first();
    // Half of this save, which is what a power cut may leave of it, looks like a save of its own.
    let rest = "y".repeat(first.text().len() + "mine\n".len() - 1);
    let lines = ["one", "mine", rest.as_str()];
    let start = || {
        let fs = first.fs.after_power_cut().pop().map(|(_, fs)| fs).unwrap();
        fs.save_by_rename(&first.file(), format!("{}mine\n{rest}\n", first.text()).as_bytes());
        fs.sleep(std::time::Duration::from_secs(3));
        Process::on(&fs)
    };
    let honest = start();
    let before = honest.fs.calls();
    honest.add("one").unwrap();
    let syncs: Vec<(u64, String)> = honest
        .fs
        .trace()
        .into_iter()
        .filter(|call| call.contains("sync"))
        .filter_map(|call| Some((call.split(' ').next()?.parse().ok()?, call)))
        .filter(|(at, _)| *at > before)
        .collect();
    assert!(syncs.len() >= 8, "{syncs:?}");
    let last_log = syncs.iter().rposition(|(_, call)| call.contains("fdatasync"));
    for (n, (at, call)) in syncs.into_iter().enumerate() {
        // A new directory's name comes with what is in it, in this model; and the last line of the log takes the
        // earlier ones along.
        if call.ends_with("/base") || (call.contains("fdatasync") && Some(n) != last_log) {
            continue;
        }
        let cut = |process: &Process, needed: &[&str]| {
            let mut states = process.fs.after_power_cut().into_iter();
            states.any(|(_, fs)| {
                let next = Process::on(&fs);
                // A retry recognises its operation by the log.
                let forgotten = next.disk.log(&next.name).is_ok_and(|log| log.find_op("one").is_none());
                next.problem(needed, &lines).is_some() || (needed.contains(&"one") && forgotten)
            })
        };
        let process = start();
        process.fs.lie_at(at);
        process.add("one").unwrap();
        let end = process.fs.calls();
        // Harm after the acknowledgement, or, if everything was quiet before, at a cut in the middle.
        let harmed = cut(&process, &lines)
            || (at..end).any(|kill| {
                let process = start();
                process.fs.sync_all();
                process.fs.lie_at(at);
                process.fs.kill_at(kill);
                let _ = process.add("one");
                cut(&process, &["mine", &rest])
            });
        assert!(harmed, "nothing notices when this sync does nothing: {call}");
    }
}
