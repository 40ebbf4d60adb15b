//! Plans out of a number: the same sizes and seed give the same bytes, everywhere.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// What to make.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shape {
    pub(crate) sessions: usize,
    pub(crate) tasks: usize,
    /// Sessions of a hundred that are written with CRLF.
    pub(crate) crlf: u64,
    pub(crate) seed: u64,
}

/// Once in the corpus.
pub(crate) const NEEDLE: &str = "needlehaystack";
/// In one of a thousand titles, and in the first.
pub(crate) const RARE: &str = "quicksilver";
/// In one of seven titles.
pub(crate) const COMMON: &str = "deploy";

/// What was made, and what may be asked of it.
#[derive(Debug, Default)]
pub(crate) struct Corpus {
    pub(crate) sessions: Vec<String>,
    pub(crate) tasks: usize,
    pub(crate) bytes: u64,
    pub(crate) rare: usize,
    /// Open tasks without subtasks and dependencies, with their session's directory.
    pub(crate) free: Vec<(String, String)>,
    pub(crate) with_dependencies: Option<(String, String)>,
}

impl Corpus {
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::json!([
            self.sessions,
            self.tasks,
            self.bytes,
            self.rare,
            self.free,
            self.with_dependencies
        ])
    }

    pub(crate) fn from_json(text: &str) -> Option<Self> {
        let all: serde_json::Value = serde_json::from_str(text).ok()?;
        let number = |at: usize| all[at].as_u64();
        let word = |v: &serde_json::Value| v.as_str().map(str::to_owned);
        let pair = |v: &serde_json::Value| Some((word(&v[0])?, word(&v[1])?));
        Some(Self {
            sessions: all[0].as_array()?.iter().map(word).collect::<Option<_>>()?,
            tasks: usize::try_from(number(1)?).ok()?,
            bytes: number(2)?,
            rare: usize::try_from(number(3)?).ok()?,
            free: all[4].as_array()?.iter().map(pair).collect::<Option<_>>()?,
            with_dependencies: pair(&all[5]),
        })
    }
}

/// The directory of a session below a workspace's root.
pub(crate) fn session_file(root: &Path, session: &str) -> PathBuf {
    root.join(".task_orchestrator/sessions").join(session).join("session.md")
}

/// Writes a corpus into every one of `roots`.
pub(crate) fn make(shape: Shape, roots: &[&Path]) -> io::Result<Corpus> {
    let words = vocabulary();
    let mut corpus = Corpus::default();
    for number in 0..shape.sessions {
        let (name, text) = Session::new(shape, number, &words).write(&mut corpus);
        for root in roots {
            let path = session_file(root, &name);
            fs::create_dir_all(path.parent().unwrap_or(root))?;
            fs::write(&path, &text)?;
        }
        corpus.bytes += text.len() as u64;
        corpus.sessions.push(name);
    }
    Ok(corpus)
}

/// Steele, Lea and Flood's mixer: small, fast, the same on every machine.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let a = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let b = (a ^ (a >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        b ^ (b >> 31)
    }

    fn below(&mut self, n: usize) -> usize {
        usize::try_from(self.next() % n.max(1) as u64).unwrap_or(0)
    }

    fn percent(&mut self, p: usize) -> bool {
        self.below(100) < p
    }

    fn of<'a>(&mut self, list: &[&'a str]) -> &'a str {
        list[self.below(list.len())]
    }

    /// Small numbers often, large ones seldom.
    fn skewed(&mut self, n: usize) -> usize {
        let r = self.below(n);
        if self.percent(70) { self.below(r / 8 + 1) } else { r }
    }
}

fn vocabulary() -> Vec<String> {
    const PLAIN: &str = "review measure split rename verify release index session report the a of for and to with \
        from before after parser client table schema cache token secret invoice ledger branch package image volume \
        budget timeout window stream buffer alert owner deadline milestone risk draft heading paragraph link anchor \
        watcher journal keyboard dialog contrast focus preview query filter locale timezone reminder proxy cluster";
    let mut words: Vec<String> = PLAIN.split_whitespace().map(str::to_owned).collect();
    let mut random = Random(7);
    while words.len() < 9_000 {
        let mut word = String::new();
        for _ in 0..2 + random.below(3) {
            word.push_str(random.of(&["b", "d", "f", "gr", "k", "l", "m", "n", "p", "r", "st", "t", "v"]));
            word.push_str(random.of(&["a", "e", "i", "o", "u", "ai", "ou"]));
        }
        words.push(word);
    }
    words
}

struct Session<'a> {
    shape: Shape,
    number: usize,
    random: Random,
    words: &'a [String],
    out: String,
}

const ROLES: &[&str] = &["architect", "implementer", "tester", "reviewer", "writer", "researcher"];
const GROUPS: &[&str] =
    &["Research", "Design", "Backend", "Frontend", "Data", "Quality", "Launch", "Operations"];
const TAGS: &[&str] = &["api", "ui", "db", "docs", "perf", "mobile", "ops", "legal"];
const PRIORITIES: &[&str] = &["urgent", "high", "medium", "medium", "low"];

impl<'a> Session<'a> {
    fn new(shape: Shape, number: usize, words: &'a [String]) -> Self {
        let random = Random(shape.seed ^ (number as u64).wrapping_mul(0x00d1_342f_1cce_b5ab));
        Self { shape, number, random, words, out: String::with_capacity(shape.tasks * 280) }
    }

    fn words(&mut self, n: usize) -> String {
        let mut text = String::new();
        for _ in 0..n {
            let word = if self.random.percent(2) {
                COMMON
            } else {
                &self.words[self.random.skewed(self.words.len())]
            };
            if !text.is_empty() {
                text.push(' ');
            }
            text.push_str(word);
        }
        if let Some(first) = text.get_mut(..1) {
            first.make_ascii_uppercase();
        }
        text
    }

    /// Ids look drawn, and no two are the same: an odd factor permutes the numbers below 2^30.
    fn id(&self, task: usize) -> String {
        const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
        let n = (self.number * self.shape.tasks + task) as u64;
        let mixed = n.wrapping_mul(0x2545_f491) & 0x3fff_ffff;
        let digits = (0..6).rev().map(|d| char::from(ALPHABET[((mixed >> (d * 5)) & 31) as usize]));
        format!("t-{}", digits.collect::<String>())
    }

    fn write(mut self, corpus: &mut Corpus) -> (String, String) {
        let name = format!("plan-{:05}", self.number);
        let title = self.words(4);
        let status = if self.number == 0 { "active" } else { "paused" };
        let _ = write!(
            self.out,
            "---\nid: {name}\ntitle: {title}\nstatus: {status}\ncreated: 2026-01-05T09:00:00Z\n---\n\n# {title}\n\n"
        );
        let intro = self.words(60);
        let _ = write!(self.out, "{intro}.\n\n");
        let groups = (self.shape.tasks / 20).clamp(1, GROUPS.len());
        let mut done: HashMap<usize, bool> = HashMap::new();
        let mut next = 0;
        for (g, group) in GROUPS.iter().enumerate().take(groups) {
            let _ = write!(self.out, "## {group}\n\n");
            let end = self.shape.tasks * (g + 1) / groups;
            while next < end {
                next = self.tree(next, end, &name, &mut done, corpus);
            }
            self.out.push('\n');
        }
        self.out.push_str("## Notes\n\n");
        for _ in 0..3 + self.shape.tasks / 60 {
            let note = self.words(20);
            let _ = writeln!(self.out, "- {note}.");
        }
        corpus.tasks += next;
        let crlf = self.number as u64 % 100 < self.shape.crlf && self.shape.sessions > 1;
        let text = if crlf { self.out.replace('\n', "\r\n") } else { self.out };
        (name, text)
    }

    /// A task and what is below it; a parent is done where all below it is.
    fn tree(
        &mut self,
        first: usize,
        end: usize,
        name: &str,
        done: &mut HashMap<usize, bool>,
        corpus: &mut Corpus,
    ) -> usize {
        let below = if self.random.percent(40) { 1 + self.random.below(3) } else { 0 };
        let last = (first + below).min(end - 1);
        let mut depth = 0;
        let all_done = self.random.percent(35);
        for n in first..=last {
            depth = if n == first { 0 } else { 1 + self.random.below(depth.min(2) + 1) };
            let is_done = all_done || (n > first && n == last && self.random.percent(45));
            done.insert(n, is_done);
            self.task(n, depth, is_done, n == last, name, corpus);
        }
        last + 1
    }

    fn task(&mut self, n: usize, depth: usize, done: bool, leaf: bool, name: &str, corpus: &mut Corpus) {
        let id = self.id(n);
        let length = 4 + self.random.below(6);
        let mut title = self.words(length);
        if n == 0 || self.random.below(1000) == 0 {
            title = format!("{title} {RARE}");
            corpus.rare += 1;
        }
        if n + 1 == self.shape.tasks && self.number == self.shape.sessions / 2 {
            title = format!("{title} {NEEDLE}");
        }
        let (mark, word) = if done { ('x', "Completed") } else { (' ', "Pending") };
        let indent = "  ".repeat(depth);
        let role = self.random.of(ROLES);
        let _ = write!(self.out, "{indent}- [{mark}] {title} ({word}) - {role}");
        if self.random.percent(50) {
            let hours = 1 + self.random.below(8);
            let _ = write!(self.out, " - {hours}h");
        }
        let priority = self.random.of(PRIORITIES);
        let _ = write!(self.out, "  [priority:: {priority}]");
        if self.random.percent(35) {
            let (month, day) = (1 + self.random.below(12), 1 + self.random.below(28));
            let _ = write!(self.out, "  [due:: 2026-{month:02}-{day:02}]");
        }
        let waits = n > 4 && !done && self.random.percent(25);
        if waits {
            let back = 1 + self.random.below(n.min(40));
            let on = self.id(n - back);
            let _ = write!(self.out, "  [dependsOn:: {on}]");
            corpus.with_dependencies.get_or_insert_with(|| (id.clone(), name.to_owned()));
        } else if !done && leaf && corpus.free.len() < 400 {
            corpus.free.push((id.clone(), name.to_owned()));
        }
        if self.random.percent(80) {
            let tag = self.random.of(TAGS);
            let _ = write!(self.out, "  [tags:: {tag}]");
        }
        let _ = writeln!(self.out, " ^{id}");
        if self.random.percent(50) {
            let length = 15 + self.random.below(40);
            let prose = self.words(length);
            let _ = write!(self.out, "\n{indent}  {prose}.\n\n");
        }
    }
}
