/// One thing that a workspace can set.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
pub enum Setting {
    /// Which views are generated.
    Views,
    /// The template of new session files.
    SessionTemplate,
    /// The mode of new sessions.
    DefaultMode,
    /// Whether ticks write dates.
    RecordDates,
    /// Whether writes refresh derived values.
    AutoRefresh,
    /// Hours of a working day.
    DayHours,
    /// Largest file that is read.
    MaxFileBytes,
    /// How long a writer waits for the lock.
    LockTimeoutMs,
    /// What becomes of a stale save.
    SyncStale,
    /// Whether files carry their revision.
    SyncRevMarker,
    /// Quiet time before changes are taken in.
    WatchQuietMs,
    /// Longest wait for quiet.
    WatchMaxMs,
    /// Quiet time before views are written.
    WatchViewQuietMs,
    /// Items shown on a terminal.
    ListLimit,
    /// How long a claim lasts.
    ClaimTtlMinutes,
    /// When open work counts as stale.
    StaleHours,
    /// Which tools the MCP server lists.
    McpProfile,
    /// Versions kept per session.
    RetentionVersions,
    /// Days that every snapshot is kept.
    RetentionSnapshotDays,
    /// Days that foreign texts are kept.
    RetentionForeignDays,
    /// Largest store of snapshots.
    RetentionSnapshotMb,
    /// Backups kept.
    RetentionBackups,
    /// Days that backups are kept.
    RetentionBackupDays,
    /// Days that backups of modes are kept.
    RetentionModeBackupDays,
}

/// What a setting's value looks like.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SettingKind {
    /// `true` or `false`.
    Bool,
    /// A whole number in this range.
    Int(u64, u64),
    /// A number of bytes in this range, written `33554432` or `32 MiB`.
    Bytes(u64, u64),
    /// One of these words.
    Word(&'static [&'static str]),
    /// Some of these words.
    Words(&'static [&'static str]),
    /// The name of a file in `roles/`.
    FileName,
}

/// Everything that is known about a setting; nobody else spells its key.
#[derive(Clone, Copy, Debug)]
pub struct SettingSpec {
    /// Which.
    pub setting: Setting,
    /// Its key; `sync.stale` is `stale` inside `sync`.
    pub key: &'static str,
    /// The shape of its value.
    pub kind: SettingKind,
    /// The default, as it would be written.
    pub default: &'static str,
    /// One line for the manual.
    pub doc: &'static str,
}

use Setting as S;
use SettingKind as K;

const fn row(
    setting: Setting,
    key: &'static str,
    kind: SettingKind,
    default: &'static str,
    doc: &'static str,
) -> SettingSpec {
    SettingSpec { setting, key, kind, default, doc }
}

/// The words of `views`.
pub(super) const VIEW_WORDS: &[&str] =
    &["overview", "tasks", "task_groups", "specialists", "artifacts", "all", "none"];

/// Ten years, for settings counted in days.
const YEARS: u64 = 3650;

/// All settings, in the order of [`Setting`].
///
/// Beside these there is `diagnostics.CODE` for every diagnostic code: `off`, `hint`, `info`,
/// `warning`, `error` or `default`.
pub const SETTINGS: &[SettingSpec] = &[
    row(S::Views, "views", K::Words(VIEW_WORDS), "[overview]", "generated views beside a session file"),
    row(
        S::SessionTemplate,
        "session_template",
        K::Word(&["lean", "full"]),
        "lean",
        "template of new session files",
    ),
    row(
        S::DefaultMode,
        "default_mode",
        K::FileName,
        "default_roles.yaml",
        "mode of sessions created without one",
    ),
    row(S::RecordDates, "record_dates", K::Bool, "false", "write start and completion dates on ticked tasks"),
    row(
        S::AutoRefresh,
        "auto_refresh",
        K::Bool,
        "false",
        "bring derived values (counts, progress, last update) of every session file up to date with each write to it; files of the full template always are",
    ),
    row(S::DayHours, "day_hours", K::Int(1, 24), "8", "hours of work in 1d"),
    row(
        S::MaxFileBytes,
        "max_file_bytes",
        K::Bytes(1 << 10, 1 << 30),
        "33554432",
        "largest session file that is read",
    ),
    row(
        S::LockTimeoutMs,
        "lock_timeout_ms",
        K::Int(0, 600_000),
        "10000",
        "how long a write waits for another one to finish",
    ),
    row(
        S::SyncStale,
        "sync.stale",
        K::Word(&["merge", "ask"]),
        "merge",
        "what becomes of a save from an editor that had not seen a newer write",
    ),
    row(S::SyncRevMarker, "sync.rev_marker", K::Bool, "false", "keep the last revision inside session files"),
    row(
        S::WatchQuietMs,
        "watch.quiet_ms",
        K::Int(10, 60_000),
        "100",
        "quiet time before changed files are taken in",
    ),
    row(S::WatchMaxMs, "watch.max_ms", K::Int(10, 600_000), "1000", "longest wait while files keep changing"),
    row(
        S::WatchViewQuietMs,
        "watch.view_quiet_ms",
        K::Int(0, 600_000),
        "5000",
        "quiet time before generated views are written",
    ),
    row(S::ListLimit, "list.limit", K::Int(1, 1_000_000), "20", "items of a list on a terminal"),
    row(
        S::ClaimTtlMinutes,
        "claims.ttl_minutes",
        K::Int(1, 525_600),
        "60",
        "how long a claim lasts without a heartbeat",
    ),
    row(
        S::StaleHours,
        "cleanup.stale_hours",
        K::Int(1, 24 * YEARS),
        "24",
        "age at which untouched work in progress counts as stale",
    ),
    row(
        S::McpProfile,
        "mcp.profile",
        K::Word(&["core", "full", "legacy"]),
        "full",
        "which tools the MCP server lists",
    ),
    row(
        S::RetentionVersions,
        "retention.versions",
        K::Int(1, 100_000),
        "64",
        "versions of each session that can always be undone",
    ),
    row(
        S::RetentionSnapshotDays,
        "retention.snapshot_days",
        K::Int(0, YEARS),
        "7",
        "days that every version is kept",
    ),
    row(
        S::RetentionForeignDays,
        "retention.foreign_days",
        K::Int(0, YEARS),
        "30",
        "days that texts saved by other programs are kept",
    ),
    row(
        S::RetentionSnapshotMb,
        "retention.snapshot_mb",
        K::Int(1, 1 << 20),
        "256",
        "size at which old versions give way, in MiB",
    ),
    row(S::RetentionBackups, "retention.backups", K::Int(1, 100_000), "20", "backups kept at most"),
    row(
        S::RetentionBackupDays,
        "retention.backup_days",
        K::Int(0, YEARS),
        "90",
        "days that backups are kept",
    ),
    row(
        S::RetentionModeBackupDays,
        "retention.mode_backup_days",
        K::Int(0, YEARS),
        "30",
        "days that `backup cleanup` keeps copies of modes; the newest of each stays",
    ),
];

impl Setting {
    /// The setting's row.
    #[must_use]
    pub fn spec(self) -> &'static SettingSpec {
        // SETTINGS is in the order of the enum; a test holds it.
        &SETTINGS[self as usize]
    }

    /// Finds a setting by its key.
    #[must_use]
    pub fn named(key: &str) -> Option<Self> {
        SETTINGS.iter().find(|s| s.key == key).map(|s| s.setting)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_stand_in_the_order_of_the_enum() {
        for (i, row) in SETTINGS.iter().enumerate() {
            assert_eq!(row.setting as usize, i, "{}", row.key);
            assert_eq!(Setting::named(row.key), Some(row.setting));
            assert!(row.key.split('.').count() <= 2, "{}: at most one section", row.key);
        }
    }
}
