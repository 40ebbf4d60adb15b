use std::collections::HashMap;

use rusqlite::{OptionalExtension, Row, params, params_from_iter, types::Value};

use super::super::record::NoteKind;
use super::super::search_queue::FIRST_NOTE;
use super::super::{Index, Result};
use super::places::Places;
use super::scope::{Conditions, Scope};
use super::terms::{Terms, scan_from};

/// Of a common word only the newest hits are weighed against each other.
const WEIGHED: i64 = 2_000;
/// So many sessions are named in the expression itself; more are looked up row by row.
const NAMED: usize = 64;

/// What to search in.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct SearchFilter {
    /// In which sessions.
    pub scope: Scope,
    /// Kinds of text; empty: all.
    pub kinds: Vec<HitKind>,
    /// At most so many hits; 0 is 20.
    pub limit: usize,
}

/// What was found.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
pub enum HitKind {
    /// A task.
    Task,
    /// Other text.
    Note(NoteKind),
}

impl HitKind {
    /// The word of JSON.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Task => "task",
            Self::Note(kind) => kind.word(),
        }
    }
}

/// Text and the byte ranges in it that were found.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Marked {
    /// The text.
    pub text: String,
    /// Start and end of each found part.
    pub marks: Vec<(usize, usize)>,
}

impl Marked {
    /// Takes text with found parts between U+0002 and U+0003.
    fn of(raw: &str) -> Self {
        let mut marked = Self::default();
        let mut start = None;
        for c in raw.chars() {
            match c {
                '\u{2}' => start = Some(marked.text.len()),
                '\u{3}' => marked.marks.extend(start.take().map(|s| (s, marked.text.len()))),
                c => marked.text.push(c),
            }
        }
        marked
    }
}

/// Title and snippet of rows, with found parts between U+0002 and U+0003.
type Marks = HashMap<i64, (String, String)>;

/// One hit.
#[derive(Clone, PartialEq, Debug)]
pub struct Hit {
    /// What it is.
    pub kind: HitKind,
    /// The session's directory.
    pub directory: String,
    /// A task's key.
    pub key: Option<String>,
    /// A task's id.
    pub id: Option<String>,
    /// A task's state.
    pub status: Option<String>,
    /// A task's group.
    pub group: Option<String>,
    /// The title or heading.
    pub title: Marked,
    /// A piece of the text around the first find; empty where only the title was found.
    pub snippet: Marked,
    /// 1-based; 0 where unknown.
    pub line: i64,
    /// Higher is better; comparable within one answer only.
    pub score: f64,
}

const TASK: &str = "SELECT t.session_id, t.task_id, t.id, t.status, t.task_group, t.chunk, t.line_in_chunk, \
    'task', t.title FROM tasks AS t WHERE t.rowid = ?1";
const NOTE: &str = "SELECT n.session_id, NULL, NULL, NULL, NULL, n.chunk, n.line, n.kind, n.title \
    FROM notes AS n WHERE n.id = ?1";

impl Index {
    /// The best hits for what a person typed: all words, the last one as a beginning where it has
    /// three letters or more; accents and case do not matter; `"…"` is a phrase. Titles count more.
    ///
    /// Where no word matches, or in scripts without blanks between words, the titles of the newest
    /// 20,000 tasks are compared as they stand.
    ///
    /// # Errors
    /// [`super::super::Error`] where the index cannot be read.
    pub fn search(&self, query: &str, filter: &SearchFilter) -> Result<Vec<Hit>> {
        let terms = Terms::of(query);
        let limit = if filter.limit == 0 { 20 } else { filter.limit };
        let mut found: Vec<(i64, f64)> = Vec::new();
        let mut marks = HashMap::new();
        // Whole words first: a beginning brings together all words that begin so, which is slow
        // where they are common, and then nobody misses it.
        for begun in [false, true] {
            if terms.is_empty() || found.len() >= limit || (begun && !terms.is_begun()) {
                continue;
            }
            let (expression, rows) = self.matches(&terms, "", " AND ", begun, filter, limit)?;
            let rows: Vec<_> = rows.into_iter().filter(|(row, _)| !marks.contains_key(row)).collect();
            self.mark(&expression, begun, &rows, &mut marks)?;
            found.extend(rows);
        }
        found.truncate(limit);
        let tasks_wanted = filter.kinds.is_empty() || filter.kinds.contains(&HitKind::Task);
        if found.len() < limit && tasks_wanted && (found.is_empty() || terms.unspaced()) {
            for row in self.containing(&terms, &filter.scope, limit)? {
                if found.len() < limit && !found.iter().any(|(known, _)| *known == row) {
                    found.push((row, 0.0));
                }
            }
        }
        self.hits(&found, &marks, &terms)
    }

    /// Rows that match, best first, and the expression that found them.
    pub(super) fn matches(
        &self,
        terms: &Terms,
        columns: &str,
        joined: &str,
        begun: bool,
        filter: &SearchFilter,
        limit: usize,
    ) -> Result<(String, Vec<(i64, f64)>)> {
        let (sessions, few) = self.session_numbers(&filter.scope)?;
        if few && sessions.is_empty() {
            return Ok((String::new(), Vec::new()));
        }
        let expression = terms.expression(columns, joined, begun, if few { &sessions } else { &[] });
        let mut all = Conditions::default();
        all.add("search MATCH ?", [expression.clone().into()]);
        if !few {
            let column = format!(
                "(CASE WHEN search.rowid < {FIRST_NOTE} THEN (SELECT t.session_id FROM tasks AS t WHERE \
                 t.rowid = search.rowid) ELSE (SELECT n.session_id FROM notes AS n WHERE n.id = search.rowid) END)"
            );
            filter.scope.limit(&column, &mut all);
        }
        kinds(&filter.kinds, &mut all);
        let sql = format!(
            "SELECT id, score FROM (SELECT search.rowid AS id, -bm25(search, 4.0, 1.0, 0.0) AS score FROM search{} \
             ORDER BY search.rowid DESC LIMIT {WEIGHED}) ORDER BY score DESC, id LIMIT {}",
            all.sql(),
            super::super::hash::int(limit)
        );
        let mut rows = self.conn.prepare_cached(&sql)?;
        let rows = rows.query_map(params_from_iter(&all.values), |r| Ok((r.get(0)?, r.get(1)?)))?;
        let rows = rows.collect::<rusqlite::Result<_>>()?;
        Ok((expression, rows))
    }

    /// The numbers of the sessions in scope, and whether they are few enough to be named.
    fn session_numbers(&self, scope: &Scope) -> Result<(Vec<i64>, bool)> {
        if *scope == Scope::All {
            return Ok((Vec::new(), false));
        }
        let mut all = Conditions::default();
        scope.limit("s.session_id", &mut all);
        let sql = format!("SELECT s.number FROM sessions AS s{} LIMIT {}", all.sql(), NAMED + 1);
        let mut numbers = self.conn.prepare_cached(&sql)?;
        let numbers = numbers.query_map(params_from_iter(&all.values), |r| r.get(0))?;
        let numbers: Vec<i64> = numbers.collect::<rusqlite::Result<_>>()?;
        let few = numbers.len() <= NAMED;
        Ok((numbers, few))
    }

    /// Tasks among the newest whose title holds the text as it stands.
    pub(super) fn containing(&self, terms: &Terms, scope: &Scope, limit: usize) -> Result<Vec<i64>> {
        if terms.plain.is_empty() {
            return Ok(Vec::new());
        }
        let mut all = Conditions::default();
        all.add("t.rowid > ?", [scan_from(&self.conn)?.into()]);
        all.add("t.title LIKE ? ESCAPE '\\'", [terms.pattern().into()]);
        scope.limit("t.session_id", &mut all);
        let sql = format!(
            "SELECT t.rowid FROM tasks AS t{} ORDER BY t.rowid DESC LIMIT {}",
            all.sql(),
            super::super::hash::int(limit)
        );
        let mut rows = self.conn.prepare_cached(&sql)?;
        let rows = rows.query_map(params_from_iter(&all.values), |r| r.get(0))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// Where the words stand in these rows.
    fn mark(&self, expression: &str, begun: bool, rows: &[(i64, f64)], marks: &mut Marks) -> Result<()> {
        const SELECT: &str = "SELECT search.rowid, highlight(search, 0, char(2), char(3)), \
            snippet(search, 1, char(2), char(3), '…', 16) FROM search WHERE search MATCH ?";
        let mut put = |row: &Row<'_>| {
            let (title, snippet): (String, Option<String>) = (row.get(1)?, row.get(2)?);
            marks.insert(row.get(0)?, (title, snippet.unwrap_or_default()));
            Ok(())
        };
        if begun {
            // Every start of such a search is dear: once for all rows.
            let places = vec!["?"; rows.len()].join(", ");
            let sql = format!("{SELECT} AND +search.rowid IN ({places})");
            let values = std::iter::once(Value::from(expression.to_owned()));
            let values = values.chain(rows.iter().map(|(row, _)| Value::from(*row)));
            let mut all = self.conn.prepare_cached(&sql)?;
            let mut all = all.query(params_from_iter(values))?;
            while let Some(row) = all.next()? {
                put(row)?;
            }
            return Ok(());
        }
        let mut one = self.conn.prepare_cached(&format!("{SELECT} AND search.rowid = ?"))?;
        for (row, _) in rows {
            one.query_row(params![expression, row], |r| put(r)).optional()?;
        }
        Ok(())
    }

    fn hits(&self, found: &[(i64, f64)], marks: &Marks, terms: &Terms) -> Result<Vec<Hit>> {
        let mut task = self.conn.prepare_cached(TASK)?;
        let mut note = self.conn.prepare_cached(NOTE)?;
        let mut hits: Vec<(Hit, Option<i64>)> = Vec::with_capacity(found.len());
        for &(row, score) in found {
            let (statement, kind) = if row < FIRST_NOTE {
                (&mut task, HitKind::Task)
            } else {
                (&mut note, HitKind::Note(NoteKind::Note))
            };
            let (mut hit, chunk) = statement.query_row([row], |r| hit(r, kind, score))?;
            if let Some((title, snippet)) = marks.get(&row) {
                hit.title = Marked::of(title);
                hit.snippet = Marked::of(snippet);
                if hit.snippet.marks.is_empty() && kind == HitKind::Task {
                    hit.snippet = Marked::default();
                }
            } else if let Some(at) = hit.title.text.find(&terms.plain) {
                hit.title.marks.push((at, at + terms.plain.len()));
            }
            hits.push((hit, chunk));
        }
        let chunks = hits.iter().filter_map(|(h, c)| Some((h.directory.as_str(), (*c)?)));
        let places = Places::of(&self.conn, chunks)?;
        for (hit, chunk) in &mut hits {
            hit.line += places.get(&hit.directory, *chunk).0;
        }
        Ok(hits.into_iter().map(|(hit, _)| hit).collect())
    }
}

fn kinds(kinds: &[HitKind], all: &mut Conditions) {
    let notes: Vec<Value> = kinds
        .iter()
        .filter_map(|k| if let HitKind::Note(kind) = k { Some(kind.word().to_owned().into()) } else { None })
        .collect();
    let tasks = kinds.contains(&HitKind::Task);
    if tasks && notes.is_empty() {
        all.add(&format!("search.rowid < {FIRST_NOTE}"), []);
    } else if !notes.is_empty() {
        let marks = vec!["?"; notes.len()].join(", ");
        let of_kind = format!("(SELECT n.kind FROM notes AS n WHERE n.id = search.rowid) IN ({marks})");
        if tasks {
            all.add(&format!("(search.rowid < {FIRST_NOTE} OR {of_kind})"), notes);
        } else {
            all.add(&format!("search.rowid >= {FIRST_NOTE}"), []);
            all.add(&of_kind, notes);
        }
    }
}

fn hit(row: &Row<'_>, kind: HitKind, score: f64) -> rusqlite::Result<(Hit, Option<i64>)> {
    let word: String = row.get(7)?;
    let kind = NoteKind::ALL
        .into_iter()
        .find(|k| kind != HitKind::Task && k.word() == word)
        .map_or(kind, HitKind::Note);
    let hit = Hit {
        kind,
        directory: row.get(0)?,
        key: row.get(1)?,
        id: row.get(2)?,
        status: row.get(3)?,
        group: row.get(4)?,
        title: Marked { text: row.get(8)?, marks: Vec::new() },
        snippet: Marked::default(),
        line: row.get(6)?,
        score,
    };
    Ok((hit, row.get(5)?))
}
