use super::Process;
use proptest::prelude::*;

/// One thing that happens, at some call of the tool.
#[derive(Clone, Debug)]
struct Event {
    after: u64,
    act: Act,
}

#[derive(Clone, Debug)]
enum Act {
    /// The editor loads the file.
    Load,
    /// The editor saves what it loaded, with one more line.
    Save { in_place: bool },
    /// The tool's process is killed.
    Kill,
}

fn event() -> impl Strategy<Value = Event> {
    let act = prop_oneof![
        2 => Just(Act::Load),
        3 => any::<bool>().prop_map(|in_place| Act::Save { in_place }),
        2 => Just(Act::Kill),
    ];
    (1..120_u64, act).prop_map(|(after, act)| Event { after, act })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, ..ProptestConfig::default() })]

    // Nothing here waits between a save and the next: the editor's own overwriting of what it never loaded is
    // kept apart by letting it load before each save.
    #[test]
    fn any_order_of_edits_saves_and_kills_keeps_every_line(events in proptest::collection::vec(event(), 1..8)) {
        let first = Process::first();
        let mut process = first;
        let mut needed: Vec<String> = Vec::new();
        let mut known: Vec<String> = Vec::new();
        let mut buffer = process.text();
        for (n, event) in events.iter().enumerate() {
            let tool = format!("tool {n}");
            known.push(tool.clone());
            let mut saved = None;
            match &event.act {
                Act::Load => buffer = process.text(),
                Act::Save { in_place } => {
                    let line = format!("person {n}");
                    buffer.push_str(&line);
                    buffer.push('\n');
                    let (text, file, in_place) = (buffer.clone(), process.file(), *in_place);
                    process.fs.before(process.fs.calls() + event.after, move |fs| {
                        if in_place {
                            fs.save_in_place(&file, text.as_bytes());
                        } else {
                            fs.save_by_rename(&file, text.as_bytes());
                        }
                    });
                    saved = Some((process.fs.calls() + event.after, line));
                }
                Act::Kill => process.fs.kill_at(process.fs.calls() + event.after),
            }
            if process.add(&tool).is_ok() {
                needed.push(tool);
            }
            if let Some((at, line)) = saved {
                known.push(line.clone());
                if process.fs.calls() >= at {
                    needed.push(line);
                } else {
                    buffer = process.text(); // it never came to that save
                }
            }
            process = Process::on(&process.fs.after_kill());
            process.sync().unwrap();
        }
        let all = |lines: &[String]| lines.iter().map(String::clone).collect::<Vec<_>>();
        let (needed, known) = (all(&needed), all(&known));
        let needed: Vec<&str> = needed.iter().map(String::as_str).collect();
        let known: Vec<&str> = known.iter().map(String::as_str).collect();
        process.check(&needed, &known, &format!("{events:?}"));
    }
}
