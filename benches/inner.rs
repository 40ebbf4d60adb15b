//! The inner loops, each alone: `cargo bench --bench inner`. Throughput is of the plan's text.
//!
//! One plan of 1,000 tasks, made by the kit's generator: the same bytes on every machine.

#[path = "kit/corpus.rs"]
#[expect(dead_code, reason = "the kit asks for more of a corpus")]
mod corpus;

use std::hint::black_box;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};

use plandown::document::{Limits, parse};
use plandown::format::{Lifted, lift, write};
use plandown::index::{FileRecord, FileStat, Index, Layout, SearchFilter, SessionRecord, row_ids};
use plandown::merge::{Side, sessions};
use plandown::model::{Change, TaskKey};

const TASKS: usize = 1_000;

fn plan() -> String {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let shape = corpus::Shape { sessions: 1, tasks: TASKS, crlf: 0, seed: 1 };
    let made = corpus::make(shape, &[dir.path()]).expect("a corpus");
    std::fs::read_to_string(corpus::session_file(dir.path(), &made.sessions[0])).expect("its plan")
}

fn lifted(text: &str) -> Lifted {
    let (document, found) = parse(text.as_bytes(), Limits::default());
    lift(document, found, "plan")
}

fn rename(lifted: &Lifted, nth: usize, title: &str) -> String {
    let change = Change::RenameTask { task: TaskKey::Nth(nth), title: title.to_owned() };
    write(lifted, &[change]).expect("a title can be changed").lifted.document.text().to_owned()
}

fn record(lifted: &Lifted) -> SessionRecord {
    let tasks: Vec<usize> = lifted.map.tasks.iter().map(|t| t.start).collect();
    let sections: Vec<usize> = lifted.map.sections.iter().map(|s| s.heading.whole.start).collect();
    let layout = Layout { tasks: &tasks, sections: &sections, lines: lifted.document.lines() };
    let file = FileRecord {
        path: "plan/session.md".to_owned(),
        stat: FileStat::default(),
        hash: lifted.document.hash(),
        parser_version: 1,
        hashed_at_ns: 0,
    };
    SessionRecord::of(&lifted.session, &row_ids(&lifted.session), layout, &[], file)
}

fn inner(c: &mut Criterion) {
    let text = plan();
    let base = lifted(&text);
    let mut group = c.benchmark_group("plan of 1,000 tasks");
    group.throughput(Throughput::Bytes(text.len() as u64));
    group.bench_function("parse", |b| b.iter(|| parse(black_box(text.as_bytes()), Limits::default())));
    group.bench_function("lift", |b| {
        b.iter_batched(
            || parse(text.as_bytes(), Limits::default()),
            |(document, found)| lift(document, found, "plan"),
            BatchSize::LargeInput,
        );
    });
    group.bench_function("splice and verify one title", |b| b.iter(|| rename(&base, TASKS / 2, "another")));
    let (ours, theirs) = (lifted(&rename(&base, 10, "ours")), lifted(&rename(&base, 900, "theirs")));
    group.bench_function("merge", |b| b.iter(|| sessions(&base, &ours, &theirs, Side::Ours)));
    let (before, after) = (record(&base), record(&ours));
    let mut index = Index::in_memory().expect("an index");
    let mut turn = false;
    group.bench_function("index one changed title", |b| {
        b.iter(|| {
            turn = !turn;
            let mut batch = index.begin().expect("a batch");
            batch.replace(if turn { &before } else { &after }).expect("replaced");
            batch.commit().expect("committed");
        });
    });
    for word in [corpus::RARE, corpus::COMMON] {
        group.bench_function(format!("search {word}"), |b| {
            b.iter(|| index.search(black_box(word), &SearchFilter::default()).expect("hits"));
        });
    }
    group.finish();
}

criterion_group!(benches, inner);
criterion_main!(benches);
