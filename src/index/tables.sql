-- The cache of the plan. Every row is derived from a file; people may read it, only plandown writes it.

CREATE TABLE meta (key TEXT PRIMARY KEY NOT NULL, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

-- Sessions: one row per session directory, which is the key; `identity` is the id its file states.
CREATE TABLE sessions (
  session_id TEXT PRIMARY KEY NOT NULL,
  name TEXT NOT NULL,
  description TEXT,
  session_type TEXT DEFAULT 'project',
  mode_file TEXT,
  status TEXT DEFAULT 'active',
  project_root_path TEXT,
  markdown_file_path TEXT,
  priority_level INTEGER DEFAULT 3,
  total_tasks INTEGER DEFAULT 0,
  completed_tasks INTEGER DEFAULT 0,
  progress_percentage REAL DEFAULT 0.0,
  estimated_completion_date TEXT,
  created_at TEXT DEFAULT CURRENT_TIMESTAMP,
  activated_at TEXT,
  last_activity_at TEXT DEFAULT CURRENT_TIMESTAMP,
  completed_at TEXT,
  archived_at TEXT,
  -- ours
  identity TEXT NOT NULL,
  number INTEGER NOT NULL UNIQUE,
  priority INTEGER,
  stated INTEGER NOT NULL DEFAULT 1,
  first_line INTEGER NOT NULL DEFAULT 0,
  first_offset INTEGER NOT NULL DEFAULT 0,
  tags TEXT,
  findings INTEGER NOT NULL DEFAULT 0,
  digest INTEGER NOT NULL DEFAULT 0,
  CHECK (priority_level BETWEEN 1 AND 5),
  CHECK (progress_percentage BETWEEN 0.0 AND 100.0)
) STRICT;

CREATE TABLE active_session (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  session_id TEXT NOT NULL,
  activated_at TEXT DEFAULT CURRENT_TIMESTAMP,
  context_data TEXT,
  FOREIGN KEY (session_id) REFERENCES sessions (session_id) ON DELETE CASCADE
) STRICT;

-- Tasks: `task_id` is `<directory>#<row id>`. Where a task stands is kept relative to its chunk:
-- line = lines of the chunks before it + line_in_chunk; position_in_group likewise counts
-- from the start of the chunk (which never spans two groups).
CREATE TABLE tasks (
  task_id TEXT PRIMARY KEY NOT NULL,
  session_id TEXT NOT NULL,
  parent_task_id TEXT,
  root_task_id TEXT,
  task_group TEXT,
  level INTEGER DEFAULT 0,
  hierarchy_path TEXT,
  position_in_group INTEGER DEFAULT 0,
  title TEXT NOT NULL,
  description TEXT,
  specialist_type TEXT,
  complexity_level TEXT DEFAULT 'moderate',
  status TEXT DEFAULT 'pending',
  progress_percentage REAL DEFAULT 0.0,
  estimated_effort INTEGER,
  actual_effort INTEGER,
  depends_on TEXT,
  blocks TEXT,
  related_tasks TEXT,
  markdown_section TEXT,
  file_operations_count INTEGER DEFAULT 0,
  verification_status TEXT DEFAULT 'pending',
  created_at TEXT DEFAULT CURRENT_TIMESTAMP,
  started_at TEXT,
  completed_at TEXT,
  last_updated_at TEXT DEFAULT CURRENT_TIMESTAMP,
  -- ours
  id TEXT,
  group_id TEXT,
  chunk INTEGER NOT NULL,
  line_in_chunk INTEGER NOT NULL,
  priority INTEGER,
  urgency INTEGER NOT NULL DEFAULT 3,
  due TEXT,
  estimate_minutes INTEGER,
  actual_minutes INTEGER,
  tags TEXT,
  extra TEXT,
  ready INTEGER NOT NULL DEFAULT 0,
  waits INTEGER NOT NULL DEFAULT 0,
  content INTEGER NOT NULL DEFAULT 0,
  FOREIGN KEY (session_id) REFERENCES sessions (session_id) ON DELETE CASCADE,
  FOREIGN KEY (parent_task_id) REFERENCES tasks (task_id) ON DELETE CASCADE,
  FOREIGN KEY (root_task_id) REFERENCES tasks (task_id) ON DELETE CASCADE,
  CHECK (level >= 0),
  CHECK (progress_percentage BETWEEN 0.0 AND 100.0),
  CHECK (estimated_effort >= 0),
  CHECK (actual_effort >= 0)
) STRICT;

CREATE TABLE session_modes (
  mode_id TEXT PRIMARY KEY NOT NULL,
  mode_name TEXT NOT NULL,
  yaml_file_path TEXT NOT NULL,
  yaml_content_hash TEXT,
  description TEXT,
  specialist_roles TEXT,
  default_complexity TEXT DEFAULT 'moderate',
  auto_task_routing INTEGER DEFAULT FALSE CHECK (auto_task_routing IN (0, 1)),
  is_valid INTEGER DEFAULT TRUE CHECK (is_valid IN (0, 1)),
  last_validated_at TEXT DEFAULT CURRENT_TIMESTAMP,
  validation_errors TEXT,
  created_at TEXT DEFAULT CURRENT_TIMESTAMP,
  updated_at TEXT DEFAULT CURRENT_TIMESTAMP,
  UNIQUE (yaml_file_path)
) STRICT;

CREATE TABLE session_mode_bindings (
  session_id TEXT NOT NULL,
  mode_id TEXT NOT NULL,
  bound_at TEXT DEFAULT CURRENT_TIMESTAMP,
  binding_context TEXT,
  PRIMARY KEY (session_id, mode_id),
  FOREIGN KEY (session_id) REFERENCES sessions (session_id) ON DELETE CASCADE,
  FOREIGN KEY (mode_id) REFERENCES session_modes (mode_id) ON DELETE CASCADE
) STRICT;

-- Groups: names repeat under different parents (and by accident under one), so the seeds'
-- UNIQUE (session_id, group_name) became unique by path and occurrence.
CREATE TABLE task_groups (
  group_id TEXT PRIMARY KEY NOT NULL,
  session_id TEXT NOT NULL,
  group_name TEXT NOT NULL,
  description TEXT,
  parent_group_id TEXT,
  group_level INTEGER DEFAULT 0,
  position_in_session INTEGER DEFAULT 0,
  specialist_focus TEXT,
  estimated_effort INTEGER DEFAULT 0,
  priority_level INTEGER DEFAULT 3,
  total_tasks INTEGER DEFAULT 0,
  completed_tasks INTEGER DEFAULT 0,
  progress_percentage REAL DEFAULT 0.0,
  markdown_section TEXT,
  created_at TEXT DEFAULT CURRENT_TIMESTAMP,
  updated_at TEXT DEFAULT CURRENT_TIMESTAMP,
  -- ours
  path TEXT NOT NULL,
  occurrence INTEGER NOT NULL DEFAULT 1,
  priority INTEGER,
  estimate_minutes INTEGER NOT NULL DEFAULT 0,
  in_progress_tasks INTEGER NOT NULL DEFAULT 0,
  content INTEGER NOT NULL DEFAULT 0,
  FOREIGN KEY (session_id) REFERENCES sessions (session_id) ON DELETE CASCADE,
  FOREIGN KEY (parent_group_id) REFERENCES task_groups (group_id) ON DELETE CASCADE,
  CHECK (group_level >= 0),
  CHECK (priority_level BETWEEN 1 AND 5),
  CHECK (progress_percentage BETWEEN 0.0 AND 100.0),
  UNIQUE (session_id, path, occurrence)
) STRICT;

CREATE TABLE markdown_sync_state (
  sync_id TEXT PRIMARY KEY NOT NULL,
  session_id TEXT NOT NULL,
  markdown_file_path TEXT NOT NULL,
  last_db_to_md_sync TEXT,
  last_md_to_db_sync TEXT,
  sync_status TEXT DEFAULT 'synchronized',
  db_content_hash TEXT,
  md_content_hash TEXT,
  last_conflict_resolution TEXT,
  file_monitor_active INTEGER DEFAULT TRUE CHECK (file_monitor_active IN (0, 1)),
  last_file_modification TEXT,
  FOREIGN KEY (session_id) REFERENCES sessions (session_id) ON DELETE CASCADE,
  UNIQUE (session_id, markdown_file_path)
) STRICT;

CREATE TABLE session_state_transitions (
  transition_id TEXT PRIMARY KEY NOT NULL,
  session_id TEXT NOT NULL REFERENCES sessions (session_id) ON DELETE CASCADE,
  from_state TEXT,
  to_state TEXT NOT NULL,
  actor TEXT,
  reason TEXT,
  occurred_at TEXT
) STRICT;

CREATE TABLE session_context_data (
  session_id TEXT NOT NULL REFERENCES sessions (session_id) ON DELETE CASCADE,
  context_key TEXT NOT NULL,
  context_value TEXT,
  updated_at TEXT,
  PRIMARY KEY (session_id, context_key)
) STRICT;

CREATE TABLE session_artifacts (
  artifact_id TEXT PRIMARY KEY NOT NULL,
  session_id TEXT NOT NULL REFERENCES sessions (session_id) ON DELETE CASCADE,
  path TEXT NOT NULL,
  kind TEXT,
  title TEXT,
  task TEXT,
  size INTEGER,
  content_hash TEXT,
  created_at TEXT
) STRICT;

CREATE TABLE session_performance_metrics (
  metric_id TEXT PRIMARY KEY NOT NULL,
  session_id TEXT NOT NULL REFERENCES sessions (session_id) ON DELETE CASCADE,
  metric_name TEXT NOT NULL,
  metric_value REAL,
  unit TEXT,
  recorded_at TEXT
) STRICT;

CREATE TABLE session_error_logs (
  error_id TEXT PRIMARY KEY NOT NULL,
  session_id TEXT NOT NULL REFERENCES sessions (session_id) ON DELETE CASCADE,
  code TEXT NOT NULL,
  message TEXT NOT NULL,
  context TEXT,
  occurred_at TEXT
) STRICT;

CREATE TABLE session_user_interactions (
  interaction_id TEXT PRIMARY KEY NOT NULL,
  session_id TEXT NOT NULL REFERENCES sessions (session_id) ON DELETE CASCADE,
  actor TEXT,
  action TEXT NOT NULL,
  task TEXT,
  details TEXT,
  occurred_at TEXT
) STRICT;

CREATE VIEW orchestration_sessions AS SELECT * FROM sessions;

-- What was read, and how its file looked then.
CREATE TABLE files (
  path TEXT PRIMARY KEY NOT NULL,
  session TEXT,
  kind TEXT NOT NULL,
  size INTEGER NOT NULL,
  mtime_ns INTEGER NOT NULL,
  ctime_ns INTEGER NOT NULL,
  inode INTEGER NOT NULL,
  dev INTEGER NOT NULL,
  hash BLOB NOT NULL,
  parser_version INTEGER NOT NULL,
  hashed_at_ns INTEGER NOT NULL
) STRICT;

-- Runs of neighbouring tasks of one group; `ord` is sparse and only its order means anything.
CREATE TABLE chunks (
  session_id TEXT NOT NULL REFERENCES sessions (session_id) ON DELETE CASCADE,
  ord INTEGER NOT NULL,
  first TEXT NOT NULL,
  tasks INTEGER NOT NULL,
  lines INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  digest INTEGER NOT NULL,
  findings INTEGER NOT NULL,
  PRIMARY KEY (session_id, ord)
) STRICT, WITHOUT ROWID;

-- Tasks per session and state; state `ready` counts what could be begun (2: if other sessions allow).
CREATE TABLE task_counts (
  session_id TEXT NOT NULL REFERENCES sessions (session_id) ON DELETE CASCADE,
  state TEXT NOT NULL,
  tasks INTEGER NOT NULL,
  PRIMARY KEY (session_id, state)
) STRICT, WITHOUT ROWID;

-- `task_id` waits for the target. `inherited` rows repeat what an ancestor waits for elsewhere.
CREATE TABLE dependencies (
  task_id TEXT NOT NULL REFERENCES tasks (task_id) ON DELETE CASCADE,
  ord INTEGER NOT NULL,
  via TEXT NOT NULL CHECK (via IN ('depends_on', 'blocks', 'inherited')),
  written TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('local', 'foreign', 'unknown', 'ambiguous')),
  target_task TEXT,
  target_session TEXT,
  target_id TEXT,
  PRIMARY KEY (task_id, ord)
) STRICT, WITHOUT ROWID;

-- Ids that tasks once had.
CREATE TABLE aliases (
  task_id TEXT NOT NULL REFERENCES tasks (task_id) ON DELETE CASCADE,
  alias TEXT NOT NULL,
  PRIMARY KEY (task_id, alias)
) STRICT, WITHOUT ROWID;

-- Findings; `chunk` NULL: before the first task, counted from the start of the file.
CREATE TABLE diagnostics (
  id INTEGER PRIMARY KEY,
  session_id TEXT NOT NULL REFERENCES sessions (session_id) ON DELETE CASCADE,
  chunk INTEGER,
  code TEXT NOT NULL,
  severity INTEGER NOT NULL,
  message TEXT NOT NULL,
  line INTEGER NOT NULL,
  col INTEGER NOT NULL,
  start INTEGER NOT NULL,
  length INTEGER NOT NULL,
  fixable INTEGER NOT NULL
) STRICT;

-- Text that is no task. Ids begin at 2^40, so that tasks and notes share one search index.
CREATE TABLE notes (
  id INTEGER PRIMARY KEY,
  session_id TEXT NOT NULL REFERENCES sessions (session_id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  ord INTEGER NOT NULL,
  kind TEXT NOT NULL,
  title TEXT NOT NULL,
  body TEXT NOT NULL,
  chunk INTEGER,
  line INTEGER NOT NULL,
  content INTEGER NOT NULL
) STRICT;

-- What is searched. `scope` is one word per session (its number after U+E000, which nobody types),
-- so that a search in one session need not look at the hits in others.
CREATE VIEW search_rows AS
  SELECT t.rowid AS id, t.title AS title, coalesce(t.description, '') AS body,
    (SELECT char(57344) || s.number FROM sessions AS s WHERE s.session_id = t.session_id) AS scope
    FROM tasks AS t
  UNION ALL
  SELECT n.id, n.title, n.body,
    (SELECT char(57344) || s.number FROM sessions AS s WHERE s.session_id = n.session_id) FROM notes AS n;

CREATE VIRTUAL TABLE search USING fts5 (
  title, body, scope,
  content = 'search_rows', content_rowid = 'id',
  tokenize = 'unicode61 remove_diacritics 2'
);

-- What a reference to another session's task names now: by directory, else by identity.
CREATE VIEW foreign_dependencies AS
  SELECT d.task_id AS task_id, d.ord AS ord, s.session_id AS directory, coalesce(
      (SELECT t.task_id FROM tasks AS t
        WHERE t.task_id = s.session_id || '#' || d.target_id AND t.id = d.target_id),
      (SELECT t.task_id FROM aliases AS a JOIN tasks AS t ON t.task_id = a.task_id
        WHERE a.alias = d.target_id AND t.session_id = s.session_id ORDER BY t.task_id LIMIT 1)) AS target
    FROM dependencies AS d LEFT JOIN sessions AS s ON s.session_id = coalesce(
      (SELECT o.session_id FROM sessions AS o WHERE o.session_id = d.target_session),
      (SELECT o.session_id FROM sessions AS o WHERE o.identity = d.target_session
        ORDER BY o.session_id LIMIT 1))
    WHERE d.state = 'foreign';
