//! What a user can ask for: one operation a file, its input and output the public contract.
//!
//! Plans changes and calls the workspace; never touches bytes, files or SQL itself, never prints.
//! Front ends decode an input, call, and encode the output.

mod backup_cleanup;
mod backup_create;
mod backup_list;
mod backup_restore;
mod block;
mod browse;
mod check;
mod check_modes;
mod check_staged;
mod check_state;
mod claim;
mod cleanup;
mod conflicts;
mod context;
mod deps;
mod diff;
mod doctor;
mod draw_ids;
mod error;
/// The pages about diagnostic and error codes.
pub mod explain;
mod export;
mod export_page;
mod field_values;
mod git_install;
mod git_merge;
mod git_resolve;
mod git_textconv;
mod group_change;
mod group_create;
mod group_list;
mod history;
mod import;
mod import_plan;
mod import_record;
mod import_source;
mod init;
mod lifecycle;
mod migrate;
mod mode_backup;
mod mode_create;
mod mode_list;
mod mode_restore;
mod mode_rules;
mod mode_select;
mod mode_show;
mod mode_update;
mod mode_validate;
mod mode_view;
mod notes;
mod operation;
mod own_findings;
mod plan_change_view;
mod refusal;
/// The index against the files.
pub mod reindex;
mod related;
mod rows;
mod search;
mod session_archive;
mod session_change;
mod session_create;
mod session_history;
mod session_list;
mod session_set;
mod session_state;
/// The settings of a workspace.
pub mod settings;
mod status;
mod sync;
mod task_add;
mod task_batch;
mod task_delete;
mod task_depend;
mod task_list;
mod task_list_text;
mod task_move;
mod task_next;
mod task_reference;
mod task_set;
mod task_set_status;
mod task_show;
mod task_split;
mod task_tree;
mod tasks_of_one_session;
mod template_apply;
mod template_create;
mod template_export;
mod template_install;
mod template_list;
mod template_show;
mod template_validate;
mod template_view;
mod uninstall;
mod view;
mod watch;

pub use crate::model::{BLOCK_NAMES, SessionStatus, write_minutes};
pub use backup_cleanup::{
    BackupCleanup, BackupCleanupInput, BackupCleanupView, OutdatedBackup, OutdatedModeBackup,
};
pub use backup_create::{BackupCreate, BackupCreateInput, BackupTaken, SkippedFile};
pub use backup_list::{
    BackupList, BackupListInput, BackupVerify, BackupVerifyInput, BackupView, BackupsView,
};
pub use backup_restore::{BackupRestore, BackupRestoreInput, BackupRestored, RestoredFile};
pub use block::{BlockAdopt, BlockAdoptInput, BlockRegen, BlockRegenInput, BlockView};
pub use browse::{Browse, BrowseInput, BrowseView, SessionBranch};
pub use check::{Check, CheckInput, CheckView, FileFindings, FixView};
pub use claim::{ClaimAction, ClaimInput, ClaimNext, ClaimNextInput, ClaimView, ClaimedView, TaskClaim};
pub use cleanup::{CLEANUP_SCOPES, Cleanup, CleanupInput, CleanupView};
pub use conflicts::{
    ConflictDetail, ConflictList, ConflictListInput, ConflictResolve, ConflictResolveInput, ConflictResolved,
    ConflictShow, ConflictShowInput, ConflictView, ConflictsView,
};
pub use context::{Context, Remarks, WriteView, asked_session};
pub use deps::{Deps, DepsInput, DepsView, EdgeView, NodeView};
pub use diff::{Diff, DiffInput, DiffView, SessionDiffView};
pub use doctor::{Doctor, DoctorInput, DoctorRow, DoctorView};
pub use error::{ErrorClass, ErrorCode, OpError};
pub use export::{EXPORT_FORMATS, ExportInput, ExportView, LostView, export as export_plans};
pub use git_install::{GitInstall, GitInstallInput, GitInstallView, GitUninstall, GitUninstallInput};
pub use git_merge::{DriverInput, DriverView, merge_driver};
pub use git_resolve::{GitResolve, GitResolveInput, GitResolveView, ResolvedView};
pub use git_textconv::textconv;
pub use group_change::{
    GroupDelete, GroupDeleteInput, GroupMoveTasks, GroupMoveTasksInput, GroupOrganize, GroupOrganizeInput,
    GroupRename, GroupRenameInput,
};
pub use group_create::{GroupCreate, GroupCreateInput, GroupsWritten};
pub use group_list::{GroupList, GroupListInput, GroupsView};
pub use history::{History, HistoryInput, HistoryView, Redo, StepView, Undo, UndoInput, UndoView};
pub use import::{
    CopyView, FindingView, IdView, ImportView, ImportedSession, ReasonView, TableView, import as import_plans,
};
pub use import_source::{CandidateView, ImportFormat, ScanView, Wanted, scan};
pub use init::{InitInput, InitView, init};
pub use migrate::{
    DifferenceView, RollbackView, VerifyView, rollback as migrate_rollback, verify as migrate_verify,
};
pub use mode_backup::{ModeBackupCreate, ModeBackupInput, ModeBackupView, ModeBackupsView, mode_backups};
pub use mode_create::{ModeCreate, ModeCreateInput, ModeCreated, NewRoleInput};
pub use mode_list::{ModeList, ModeListInput, ModesView};
pub use mode_restore::{ModeRestore, ModeRestoreInput, ModeRestored};
pub use mode_rules::TaskRoute;
pub use mode_select::{ModeSelect, ModeSelectInput, ModeSelected};
pub use mode_show::{ModeDefaults, ModeDetail, ModeShow, ModeShowInput, ModeStep, RoleView, RuleView};
pub use mode_update::{ModeUpdate, ModeUpdateInput, ModeUpdated, ModeUpdates, TakeMode};
pub use mode_validate::{ModeValidate, ModeValidateInput, ModeValidated, ModesValidated};
pub use mode_view::ModeView;
pub use notes::{NoteAdd, NoteInput, NoteWritten};
pub use operation::{AnyOperation, Effect, Operation};
pub use own_findings::OwnFinding;
pub use plan_change_view::{PlanChangeView, TaskName};
pub use related::{Related, RelatedInput, RelatedTask, RelatedView};
pub use search::{HitView, Search, SearchInput, SearchView};
pub use session_archive::{SessionArchive, SessionArchiveInput, SessionRestore};
pub use session_change::{
    SessionDelete, SessionDeleteInput, SessionRename, SessionRenameId, SessionRenameIdInput,
    SessionRenameInput,
};
pub use session_create::{SessionCreate, SessionCreateInput, SessionWritten};
pub use session_history::{DoneRow, FailureRow, HappenedView, MetricRow};
pub use session_list::{
    ArtifactRow, SessionDetail, SessionList, SessionListInput, SessionShow, SessionShowInput, SessionsView,
};
pub use session_set::{SessionSet, SessionSetInput};
pub use session_state::{SessionSetState, SessionStateInput};
pub use status::{DiagnosticCounts, Status, StatusInput, StatusView, SyncState};
pub use sync::{AdoptedView, SkippedView, Sync, SyncInput, SyncView};
pub use task_add::{AddInput, TaskAdd};
pub use task_batch::{BatchInput, BatchUpdate, TaskBatch};
pub use task_delete::{DeleteInput, TaskDelete};
pub use task_depend::{DependInput, TaskDepend};
pub use task_list::{ListInput, TaskList, TasksView};
pub use task_move::{MoveInput, TaskMove};
pub use task_next::{NextInput, NextView, TaskNext, WaitingView, nothing_ready};
pub use task_set::{SetInput, TaskSet, TextReplace};
pub use task_set_status::{StatusInput as TaskStatusInput, TaskSetStatus};
pub use task_show::{ShowInput, TaskDetail, TaskShow};
pub use task_split::{SplitInput, TaskSplit};
pub use task_tree::{TaskTree, TreeInput, TreeTask};
pub use template_apply::{TemplateApply, TemplateApplyInput};
pub use template_create::{TemplateCreate, TemplateCreateInput, TemplateWritten};
pub use template_export::{TemplateExported, template_export};
pub use template_install::{TemplateDelete, TemplateDeleteInput, TemplateInstall, TemplateInstallInput};
pub use template_list::{TemplateList, TemplateListInput, TemplatesView};
pub use template_show::{ParameterView, TemplateDetail, TemplateShow, TemplateShowInput, TemplateTaskView};
pub use template_validate::{TemplateValidate, TemplateValidateInput, TemplateValidated, TemplatesValidated};
pub use template_view::TemplateView;
pub use uninstall::{UninstallView, uninstall};
pub use view::{DiagnosticView, GroupView, ProgressView, SCHEMA, SessionView, TaskView};
pub use watch::{Looked, Patience, WatchEvent, Watching, patience};

/// Every operation that works on an opened workspace, for front ends that call by name.
pub const REGISTRY: &[AnyOperation] = &[
    AnyOperation::of::<BackupCleanup>(),
    AnyOperation::of::<BackupCreate>(),
    AnyOperation::of::<BackupList>(),
    AnyOperation::of::<BackupRestore>(),
    AnyOperation::of::<BackupVerify>(),
    AnyOperation::of::<Browse>(),
    AnyOperation::of::<Check>(),
    AnyOperation::of::<ClaimNext>(),
    AnyOperation::of::<Cleanup>(),
    AnyOperation::of::<ConflictList>(),
    AnyOperation::of::<ConflictResolve>(),
    AnyOperation::of::<ConflictShow>(),
    AnyOperation::of::<Deps>(),
    AnyOperation::of::<Diff>(),
    AnyOperation::of::<Doctor>(),
    AnyOperation::of::<GitInstall>(),
    AnyOperation::of::<GitResolve>(),
    AnyOperation::of::<GitUninstall>(),
    AnyOperation::of::<GroupCreate>(),
    AnyOperation::of::<GroupDelete>(),
    AnyOperation::of::<GroupList>(),
    AnyOperation::of::<GroupMoveTasks>(),
    AnyOperation::of::<GroupOrganize>(),
    AnyOperation::of::<GroupRename>(),
    AnyOperation::of::<History>(),
    AnyOperation::of::<ModeBackupCreate>(),
    AnyOperation::of::<ModeCreate>(),
    AnyOperation::of::<ModeList>(),
    AnyOperation::of::<ModeRestore>(),
    AnyOperation::of::<ModeSelect>(),
    AnyOperation::of::<ModeShow>(),
    AnyOperation::of::<ModeUpdate>(),
    AnyOperation::of::<ModeValidate>(),
    AnyOperation::of::<NoteAdd>(),
    AnyOperation::of::<Redo>(),
    AnyOperation::of::<Related>(),
    AnyOperation::of::<Search>(),
    AnyOperation::of::<SessionArchive>(),
    AnyOperation::of::<SessionCreate>(),
    AnyOperation::of::<SessionDelete>(),
    AnyOperation::of::<SessionList>(),
    AnyOperation::of::<SessionRename>(),
    AnyOperation::of::<SessionRenameId>(),
    AnyOperation::of::<SessionRestore>(),
    AnyOperation::of::<SessionSet>(),
    AnyOperation::of::<SessionSetState>(),
    AnyOperation::of::<SessionShow>(),
    AnyOperation::of::<Status>(),
    AnyOperation::of::<Sync>(),
    AnyOperation::of::<TaskAdd>(),
    AnyOperation::of::<TaskBatch>(),
    AnyOperation::of::<TaskClaim>(),
    AnyOperation::of::<TaskDelete>(),
    AnyOperation::of::<TaskDepend>(),
    AnyOperation::of::<TaskList>(),
    AnyOperation::of::<TaskMove>(),
    AnyOperation::of::<TaskNext>(),
    AnyOperation::of::<TaskSet>(),
    AnyOperation::of::<TaskSetStatus>(),
    AnyOperation::of::<TaskShow>(),
    AnyOperation::of::<TaskSplit>(),
    AnyOperation::of::<TaskTree>(),
    AnyOperation::of::<TemplateApply>(),
    AnyOperation::of::<TemplateCreate>(),
    AnyOperation::of::<TemplateDelete>(),
    AnyOperation::of::<TemplateInstall>(),
    AnyOperation::of::<TemplateList>(),
    AnyOperation::of::<TemplateShow>(),
    AnyOperation::of::<TemplateValidate>(),
    AnyOperation::of::<Undo>(),
];
