use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::index::{HitKind, Index, Marked, NoteKind, Scope, SearchFilter};

use super::{Context, Effect, ErrorCode, OpError, Operation, SCHEMA};

/// Finds words in tasks, notes and decisions.
pub struct Search;

/// What to look for, and where.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SearchInput {
    /// Words; all must be there. `"two words"` is a phrase
    pub query: String,
    /// `active` (the selected session), `all`, `archived` (what is in long-term storage)
    pub scope: Option<String>,
    /// `tasks`, `notes`, `decisions`, `all` (these three), `artifacts` (files that came out of the work), `history` (what
    /// was done, and what was refused)
    pub within: Option<String>,
    /// At most so many; 20 unless told
    pub limit: Option<usize>,
}

/// Finds, best first.
#[derive(Clone, Debug, Serialize)]
pub struct SearchView {
    /// Version of this shape.
    pub schema: u32,
    /// The finds.
    pub results: Vec<HitView>,
    /// How many are shown.
    pub total: usize,
    /// How many more there are in long-term storage, up to the limit; only looked for where there was room.
    #[serde(skip_serializing_if = "super::operation::is_zero")]
    pub in_archives: usize,
    /// Archives that cannot be read, one sentence each.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub broken: Vec<String>,
}

/// One find.
#[derive(Clone, Debug, Default, Serialize)]
pub struct HitView {
    /// `task`, `note`, `decision`, `learning`, `overview`, `group`, `session`, `change_log`, `artifact`, `interaction`,
    /// `transition`, `error`
    pub kind: String,
    /// A task's id.
    pub id: Option<String>,
    /// The session's id.
    pub session: String,
    /// A task's group.
    pub group: Option<String>,
    /// A task's state.
    pub status: Option<String>,
    /// The title or heading.
    pub title: String,
    /// Byte ranges of what was found in the title.
    pub title_marks: Vec<(usize, usize)>,
    /// A piece of the text around the first find.
    pub snippet: String,
    /// Byte ranges of what was found in the snippet.
    pub snippet_marks: Vec<(usize, usize)>,
    /// Below the root, with `/`.
    pub path: String,
    /// The name to restore the session by, where `path` is its archive.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub archived: Option<String>,
    /// 1-based; 0 where unknown.
    pub line: i64,
}

impl Operation for Search {
    const NAME: &'static str = "search";
    const EFFECT: Effect = Effect::Reads;
    type Input = SearchInput;
    type Output = SearchView;

    fn run(cx: &Context<'_>, input: SearchInput) -> Result<SearchView, OpError> {
        if input.query.trim().is_empty() {
            return Err(
                OpError::new(ErrorCode::InvalidInput, "there is nothing to search for").hint("give a word")
            );
        }
        let scope = match input.scope.as_deref() {
            Some("active" | "active_session") => Scope::session(cx.session()?.directory),
            Some("archived" | "archived_sessions") => Scope::Archived,
            Some("all" | "all_sessions") => Scope::All,
            None if cx.session.is_some() => Scope::session(cx.session()?.directory),
            None => Scope::All,
            Some(other) => {
                return Err(OpError::new(ErrorCode::InvalidInput, format!("`{other}` is no scope"))
                    .hint("use `active`, `all`, or `archived`"));
            }
        };
        let kinds = match input.within.as_deref() {
            None | Some("all") => Vec::new(),
            Some("tasks") => vec![HitKind::Task],
            Some("decisions") => vec![HitKind::Note(NoteKind::Decision)],
            Some("notes") => {
                let other = |k: &NoteKind| *k != NoteKind::Decision;
                NoteKind::ALL.into_iter().filter(other).map(HitKind::Note).collect()
            }
            Some("artifacts") => return beside(cx, &input, &scope, false),
            Some("history") => return beside(cx, &input, &scope, true),
            Some(other) => {
                return Err(OpError::new(ErrorCode::InvalidInput, format!("`{other}` is no kind of text"))
                    .hint("use `tasks`, `notes`, `decisions`, `artifacts`, `history`, or `all`"));
            }
        };
        let limit = input.limit.filter(|&n| n > 0).unwrap_or(20);
        let filter = SearchFilter { scope, kinds, limit };
        let mut results = found(&cx.workspace.index(), &input.query, &filter, false)?;
        let (mut in_archives, mut broken) = (0, Vec::new());
        // A session that was named is the only one that is meant.
        let elsewhere = input.scope.is_none() || !matches!(filter.scope, Scope::Sessions(_));
        if elsewhere && results.len() < limit && cx.workspace.archive_count()? > 0 {
            let archives = cx.workspace.archives()?;
            let rest = SearchFilter { scope: Scope::All, limit: limit - results.len(), ..filter.clone() };
            let hits = found(&archives.index, &input.query, &rest, true)?;
            if filter.scope == Scope::Archived {
                broken = super::session_archive::broken(&archives);
                results.extend(hits);
            } else {
                in_archives = hits.len();
            }
        }
        Ok(SearchView { schema: SCHEMA, total: results.len(), results, in_archives, broken })
    }
}

/// What an index knows; `archived` where its sessions are in long-term storage.
fn found(index: &Index, query: &str, filter: &SearchFilter, archived: bool) -> Result<Vec<HitView>, OpError> {
    let hits = index.search(query, filter)?;
    let mut results = Vec::with_capacity(hits.len());
    for hit in hits {
        let session = index.session(&hit.directory)?;
        let (title, title_marks) = parts(hit.title);
        let (snippet, snippet_marks) = parts(hit.snippet);
        results.push(HitView {
            kind: hit.kind.word().to_owned(),
            id: hit.id,
            session: session.as_ref().map_or_else(|| hit.directory.clone(), |s| s.identity.clone()),
            group: hit.group,
            status: hit.status,
            title,
            title_marks,
            snippet,
            snippet_marks,
            path: session.map(|s| s.path).unwrap_or_default(),
            archived: archived.then_some(hit.directory),
            line: hit.line,
        });
    }
    Ok(results)
}

/// Finds in what lies beside the plans, which is looked at only when it is asked for.
fn beside(
    cx: &Context<'_>,
    input: &SearchInput,
    scope: &Scope,
    history: bool,
) -> Result<SearchView, OpError> {
    cx.workspace.refresh_local()?;
    let limit = input.limit.filter(|&n| n > 0).unwrap_or(20);
    let index = cx.workspace.index();
    let mut results = Vec::new();
    for row in index.search_beside(&input.query, scope, history, limit)? {
        let session = index.session(&row.directory)?;
        let home = session.as_ref().and_then(|s| s.path.strip_suffix(crate::disk::SESSION_FILE));
        let path = row.path.map(|path| format!("{}{path}", home.unwrap_or_default()));
        results.push(HitView {
            kind: row.kind,
            session: session.as_ref().map_or_else(|| row.directory.clone(), |s| s.identity.clone()),
            path: path.unwrap_or_else(|| session.as_ref().map(|s| s.path.clone()).unwrap_or_default()),
            title: row.title,
            snippet: row.text,
            ..HitView::default()
        });
    }
    Ok(SearchView { schema: SCHEMA, total: results.len(), results, in_archives: 0, broken: Vec::new() })
}

fn parts(marked: Marked) -> (String, Vec<(usize, usize)>) {
    (marked.text, marked.marks)
}
