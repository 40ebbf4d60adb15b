use super::{MemFs, State, apply};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

/// What a power cut does to bytes that were not synced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loss {
    /// They arrived after all.
    Kept,
    /// They are gone: the file is as it was when last synced, empty if never.
    Gone,
    /// Half of what was appended arrived.
    Torn,
}

impl MemFs {
    /// The same files as another process sees them after this one was killed: nothing is lost, no lock is held.
    #[must_use]
    pub fn after_kill(&self) -> Self {
        let state = self.state();
        let all = state.pending.len();
        drop(state);
        self.survivor(all, Loss::Kept, false)
    }

    /// Every state in which the disk may be found after a power cut now: any prefix of the changes of names that
    /// were not synced, with the unsynced bytes kept, gone or torn.
    #[must_use]
    pub fn after_power_cut(&self) -> Vec<(String, Self)> {
        let pending = self.state().pending.len();
        let mut states = Vec::new();
        for kept in 0..=pending {
            for loss in [Loss::Kept, Loss::Gone, Loss::Torn] {
                states.push((
                    format!("{kept} of {pending} renamings, {loss:?}"),
                    self.survivor(kept, loss, true),
                ));
            }
        }
        states
    }

    fn survivor(&self, kept: usize, loss: Loss, settle: bool) -> Self {
        let state = self.state();
        let mut names = state.on_disk.clone();
        apply(&mut names, &state.pending[..kept]);
        let mut inodes = state.inodes.clone();
        for inode in inodes.values_mut().filter(|inode| inode.data != inode.synced) {
            match loss {
                Loss::Kept => {}
                Loss::Gone => inode.data = inode.synced.clone(),
                Loss::Torn if inode.data.starts_with(&inode.synced) => {
                    let half = usize::midpoint(inode.synced.len(), inode.data.len());
                    inode.data.truncate(half);
                }
                Loss::Torn => inode.data.truncate(inode.data.len() / 2),
            }
            if settle {
                inode.synced = inode.data.clone();
            }
        }
        let (on_disk, pending) =
            if settle { (names.clone(), Vec::new()) } else { (state.on_disk.clone(), state.pending.clone()) };
        Self(Arc::new(Mutex::new(State {
            inodes,
            names,
            on_disk,
            pending,
            writers: if settle { BTreeSet::new() } else { state.writers.clone() },
            locked: BTreeSet::new(),
            next_ino: state.next_ino,
            now_ns: state.now_ns + 3_000_000_000,
            calls: 0,
            fault: None,
            crash_at: None,
            lie_at: None,
            dead: false,
            hooks: BTreeMap::new(),
            exchanges: state.exchanges,
            leases: state.leases,
            trace: Vec::new(),
        })))
    }
}
