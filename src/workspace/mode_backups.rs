use std::collections::HashMap;
use std::path::PathBuf;

use crate::config::Setting;
use crate::disk::Stat;
use crate::model::Timestamp;

use super::{Error, ModeFile, ModePlace, OwnWrite, ReadMode, Was, Workspace};

const PREFIX: &str = "mode_backup_";
const DAY: i64 = 86_400;

/// A copy of a mode in `backups/`: `mode_backup_20260131_120000_research.yaml`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ModeBackup {
    /// Its file name.
    pub name: String,
    /// Where it is.
    pub path: PathBuf,
    /// The mode's file name.
    pub of: String,
    /// When it was made: `20260131_120000`, and a number where two were made in one second.
    pub made: (String, u32),
    /// Bytes.
    pub bytes: u64,
}

impl ModeBackup {
    fn read(path: PathBuf, stat: &Stat) -> Option<Self> {
        let name = path.file_name()?.to_str()?.to_owned();
        let rest = name.strip_prefix(PREFIX)?;
        let (stamp, rest) = rest.split_at_checked(15)?;
        let (date, time) = stamp.split_once('_')?;
        let digits = |text: &str, len: usize| text.len() == len && text.bytes().all(|b| b.is_ascii_digit());
        if !digits(date, 8) || !digits(time, 6) {
            return None;
        }
        let (number, of) = rest.split_once('_')?;
        let number = match number.strip_prefix('-') {
            Some(n) => n.parse().ok()?,
            None if number.is_empty() => 1,
            None => return None,
        };
        let (of, made) = (of.to_owned(), (stamp.to_owned(), number));
        Some(Self { bytes: stat.size, name, of, made, path })
    }

    /// Its age in whole days; none where its name tells no moment there ever was.
    fn days_before(&self, now: Timestamp) -> Option<u64> {
        let part = |from: usize, len: usize| self.made.0.get(from..from + len);
        let (year, month, day) = (part(0, 4)?, part(4, 2)?, part(6, 2)?);
        let (hour, minute, second) = (part(9, 2)?, part(11, 2)?, part(13, 2)?);
        let made = Timestamp::parse(&format!("{year}-{month}-{day}T{hour}:{minute}:{second}Z"))?;
        u64::try_from(now.unix().saturating_sub(made.unix()) / DAY).ok()
    }

    /// The copy as a mode of its own.
    #[must_use]
    pub fn file(&self) -> ModeFile {
        ModeFile { name: self.of.clone(), place: ModePlace::Roles, path: self.path.clone() }
    }
}

impl Workspace {
    /// The copies of modes, newest first; of one mode where it is named.
    pub fn mode_backups(&self, of: Option<&str>) -> Result<Vec<ModeBackup>, Error> {
        let mut found = Vec::new();
        for suffix in [".yaml", ".yml"] {
            for (path, stat) in self.disk.files_in(&self.disk.layout().backups(), suffix)? {
                found.extend(ModeBackup::read(path, &stat).filter(|b| of.is_none_or(|of| b.of == of)));
            }
        }
        found.sort_by(|a, b| b.made.cmp(&a.made).then_with(|| a.name.cmp(&b.name)));
        Ok(found)
    }

    /// The newest copy of a mode that can be used.
    pub fn newest_good_backup(&self, of: &str) -> Result<Option<(ModeBackup, ReadMode)>, Error> {
        for backup in self.mode_backups(Some(of))? {
            let read = self.read_mode(&backup.file());
            if read.is_usable() {
                return Ok(Some((backup, read)));
            }
        }
        Ok(None)
    }

    /// The copies older than `days`, newest first; the setting `retention.mode_backup_days` where left
    /// out. Of each mode the newest one stays, and the newest one that a session could work by.
    pub fn outdated_mode_backups(&self, days: Option<u64>) -> Result<Vec<(ModeBackup, u64)>, Error> {
        let days = days.unwrap_or_else(|| self.settings.number(Setting::RetentionModeBackupDays));
        let now = self.now();
        let mut has_good: HashMap<String, bool> = HashMap::new();
        let mut outdated = Vec::new();
        for backup in self.mode_backups(None)? {
            let is_newest = !has_good.contains_key(&backup.of);
            let good = has_good.entry(backup.of.clone()).or_default();
            let is_newest_good = !*good && self.read_mode(&backup.file()).is_usable();
            *good |= is_newest_good;
            let age = backup.days_before(now).filter(|age| *age > days);
            if let (Some(age), false) = (age, is_newest || is_newest_good) {
                outdated.push((backup, age));
            }
        }
        Ok(outdated)
    }

    /// Removes copies of modes.
    pub fn remove_mode_backups(&self, backups: &[ModeBackup]) -> Result<(), Error> {
        let guard = self.lock()?;
        for backup in backups {
            self.disk.remove_view(&guard, &backup.path)?;
        }
        Ok(())
    }

    /// The write that keeps a file as it is now; `None` where its newest copy has the same bytes, or
    /// nothing is there.
    pub fn mode_copy(&self, file: &ModeFile) -> Result<Option<OwnWrite>, Error> {
        if file.place == ModePlace::BuiltIn {
            return Ok(None);
        }
        let bytes = self.disk.read_plain(&file.path)?;
        let copies = self.mode_backups(Some(&file.name))?;
        if let Some(newest) = copies.first()
            && self.disk.read_plain(&newest.path).is_ok_and(|copy| copy.hash == bytes.hash)
        {
            return Ok(None);
        }
        let (date, time) = self.stamp();
        let stamp = format!("{date}_{time}");
        let same = copies.iter().filter(|b| b.made.0 == stamp).map(|b| b.made.1).max();
        let number = same.map_or(String::new(), |n| format!("-{}", n + 1));
        let name = format!("{PREFIX}{stamp}{number}_{}", file.name);
        Ok(Some(OwnWrite::new(self.disk.layout().backups().join(name), bytes.bytes, Was::Absent)))
    }

    /// The time in two groups of digits: `20260131`, `120000`.
    #[must_use]
    pub fn stamp(&self) -> (String, String) {
        let now = self.now().to_string();
        let (date, time) = now.split_once('T').unwrap_or((&now, ""));
        let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect();
        (digits(date), digits(time))
    }
}
