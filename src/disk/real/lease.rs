#![expect(unsafe_code, reason = "no safe wrapper of F_SETLEASE exists; two libc calls without pointers")]

use crate::disk::Lease;
use std::fs::File;
use std::os::fd::AsRawFd;
use std::sync::Once;

/// Asks the kernel to hold writers back from `file` until it is closed or [`give_back`] is called.
pub(super) fn take(file: &File) -> Lease {
    static QUIET: Once = Once::new();
    // A writer that opens the file while we hold the lease sends us SIGIO, which kills by default.
    // SAFETY: setting a signal to "ignored" installs no handler and touches no memory of ours.
    QUIET.call_once(|| unsafe {
        libc::signal(libc::SIGIO, libc::SIG_IGN);
    });
    if set(file, libc::F_RDLCK) {
        return Lease::Granted;
    }
    match std::io::Error::last_os_error().raw_os_error() {
        Some(libc::EAGAIN) => Lease::Writer,
        _ => Lease::Unsupported,
    }
}

/// Lets writers in again.
pub(super) fn give_back(file: &File) {
    set(file, libc::F_UNLCK);
}

fn set(file: &File, kind: libc::c_int) -> bool {
    // SAFETY: `file` keeps the descriptor open for the whole call, and F_SETLEASE takes a plain integer.
    unsafe { libc::fcntl(file.as_raw_fd(), libc::F_SETLEASE, kind) == 0 }
}
