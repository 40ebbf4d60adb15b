//! The seeds' tables, columns and indexes are all there.

use crate::index::Index;

const TABLES: &[(&str, &str)] = &[
    (
        "sessions",
        "session_id name description session_type mode_file status project_root_path \
        markdown_file_path priority_level total_tasks completed_tasks progress_percentage \
        estimated_completion_date created_at activated_at last_activity_at completed_at archived_at",
    ),
    ("active_session", "id session_id activated_at context_data"),
    (
        "tasks",
        "task_id session_id parent_task_id root_task_id task_group level hierarchy_path \
        position_in_group title description specialist_type complexity_level status progress_percentage \
        estimated_effort actual_effort depends_on blocks related_tasks markdown_section \
        file_operations_count verification_status created_at started_at completed_at last_updated_at",
    ),
    (
        "session_modes",
        "mode_id mode_name yaml_file_path yaml_content_hash description specialist_roles \
        default_complexity auto_task_routing is_valid last_validated_at validation_errors created_at \
        updated_at",
    ),
    ("session_mode_bindings", "session_id mode_id bound_at binding_context"),
    (
        "task_groups",
        "group_id session_id group_name description parent_group_id group_level \
        position_in_session specialist_focus estimated_effort priority_level total_tasks completed_tasks \
        progress_percentage markdown_section created_at updated_at",
    ),
    (
        "markdown_sync_state",
        "sync_id session_id markdown_file_path last_db_to_md_sync last_md_to_db_sync \
        sync_status db_content_hash md_content_hash last_conflict_resolution file_monitor_active \
        last_file_modification",
    ),
    ("orchestration_sessions", "session_id name"),
    ("session_state_transitions", "transition_id session_id"),
    ("session_context_data", "session_id"),
    ("session_artifacts", "artifact_id session_id"),
    ("session_performance_metrics", "metric_id session_id"),
    ("session_error_logs", "error_id session_id"),
    ("session_user_interactions", "interaction_id session_id"),
    ("files", "path session kind size mtime_ns"),
];

/// The seeds' indexes: table and columns, to which ours may add.
const INDEXES: &[(&str, &str, &str)] = &[
    ("idx_sessions_status", "sessions", "status"),
    ("idx_sessions_priority", "sessions", "priority_level"),
    ("idx_sessions_activity", "sessions", "last_activity_at"),
    ("idx_tasks_session", "tasks", "session_id"),
    ("idx_tasks_hierarchy", "tasks", "session_id hierarchy_path"),
    ("idx_tasks_status", "tasks", "session_id status"),
    ("idx_tasks_group", "tasks", "session_id task_group"),
    ("idx_tasks_parent", "tasks", "parent_task_id"),
    ("idx_task_groups_session", "task_groups", "session_id"),
    ("idx_task_groups_parent", "task_groups", "parent_group_id"),
    ("idx_markdown_sync_session", "markdown_sync_state", "session_id"),
    ("idx_markdown_sync_status", "markdown_sync_state", "sync_status"),
];

fn names(index: &Index, sql: &str, name: &str) -> Vec<String> {
    let mut statement = index.conn.prepare(sql).unwrap();
    let rows = statement.query_map([name], |r| r.get(0)).unwrap();
    rows.collect::<rusqlite::Result<_>>().unwrap()
}

#[test]
fn columns_begin_as_in_the_seeds() {
    let index = Index::in_memory().unwrap();
    for (table, columns) in TABLES {
        let real = names(&index, "SELECT name FROM pragma_table_info(?1) ORDER BY cid", table);
        let wanted: Vec<&str> = columns.split_whitespace().collect();
        assert_eq!(real.get(..wanted.len()).unwrap_or_default(), wanted, "{table}");
    }
}

#[test]
fn indexes_begin_as_in_the_seeds() {
    let index = Index::in_memory().unwrap();
    for (name, table, columns) in INDEXES {
        let on = names(&index, "SELECT tbl_name FROM sqlite_schema WHERE type = 'index' AND name = ?1", name);
        assert_eq!(on, [*table]);
        let real = names(&index, "SELECT name FROM pragma_index_info(?1) ORDER BY seqno", name);
        let wanted: Vec<&str> = columns.split_whitespace().collect();
        assert_eq!(real.get(..wanted.len()).unwrap_or_default(), wanted, "{name}");
    }
}

#[test]
fn tables_are_strict_and_constraints_hold() {
    let index = super::make::index(&[("a", " |One|t-a")]);
    let loose = names(
        &index,
        "SELECT name FROM pragma_table_list WHERE schema = ?1 AND type = 'table' AND strict = 0 \
         AND name NOT LIKE 'sqlite%'",
        "main",
    );
    assert_eq!(loose, [""; 0]);
    for wrong in [
        "UPDATE sessions SET priority_level = 6",
        "UPDATE sessions SET progress_percentage = 100.5",
        "UPDATE sessions SET total_tasks = 'many'",
        "UPDATE tasks SET level = -1",
        "UPDATE tasks SET estimated_effort = -1",
        "UPDATE tasks SET session_id = 'nowhere'",
        "UPDATE tasks SET parent_task_id = 'nobody'",
        "INSERT INTO active_session (id, session_id) VALUES (2, 'a')",
    ] {
        assert!(index.conn.execute(wrong, []).is_err(), "{wrong}");
    }
}
