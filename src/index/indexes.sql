CREATE INDEX idx_sessions_status ON sessions (status);
CREATE INDEX idx_sessions_priority ON sessions (priority_level);
CREATE INDEX idx_sessions_activity ON sessions (last_activity_at);

-- `chunk` at the end gives document order without a sort.
CREATE INDEX idx_tasks_session ON tasks (session_id, chunk);
CREATE INDEX idx_tasks_hierarchy ON tasks (session_id, hierarchy_path);
CREATE INDEX idx_tasks_status ON tasks (session_id, status, chunk);
CREATE INDEX idx_tasks_group ON tasks (session_id, task_group, chunk);
CREATE INDEX idx_tasks_parent ON tasks (parent_task_id);

CREATE INDEX idx_task_groups_session ON task_groups (session_id);
CREATE INDEX idx_task_groups_parent ON task_groups (parent_group_id);

CREATE INDEX idx_markdown_sync_session ON markdown_sync_state (session_id);
CREATE INDEX idx_markdown_sync_status ON markdown_sync_state (sync_status);

-- ours
CREATE INDEX idx_sessions_identity ON sessions (identity);
CREATE INDEX idx_tasks_root ON tasks (root_task_id) WHERE root_task_id IS NOT NULL;
CREATE INDEX idx_tasks_id ON tasks (id) WHERE id IS NOT NULL;
CREATE INDEX idx_tasks_unadopted ON tasks (session_id) WHERE id IS NULL;
CREATE INDEX idx_tasks_ready ON tasks (urgency, ifnull(due, '~'), session_id, chunk) WHERE ready > 0;
CREATE INDEX idx_tasks_ready_here ON tasks (session_id, urgency, ifnull(due, '~'), chunk) WHERE ready > 0;
CREATE INDEX idx_tasks_ready_if ON tasks (session_id) WHERE ready = 2;
CREATE INDEX idx_aliases_alias ON aliases (alias);
CREATE INDEX idx_dependencies_target ON dependencies (target_task) WHERE target_task IS NOT NULL;
CREATE INDEX idx_dependencies_foreign ON dependencies (target_id) WHERE state = 'foreign';
CREATE INDEX idx_diagnostics_chunk ON diagnostics (session_id, chunk);
CREATE INDEX idx_notes_session ON notes (session_id);
CREATE INDEX idx_files_session ON files (session);
CREATE INDEX idx_mode_bindings_mode ON session_mode_bindings (mode_id);
CREATE INDEX idx_transitions_session ON session_state_transitions (session_id);
CREATE INDEX idx_artifacts_session ON session_artifacts (session_id);
CREATE INDEX idx_metrics_session ON session_performance_metrics (session_id);
CREATE INDEX idx_error_logs_session ON session_error_logs (session_id);
CREATE INDEX idx_interactions_session ON session_user_interactions (session_id);
