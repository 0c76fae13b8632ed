//! Ctrl-C: an interrupted run removes what it had begun to write and ends at once with 130.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The exit code of an interrupted run: 128 and the number of the signal, as shells have it.
const INTERRUPTED: i32 = 130;

/// What is being written and not yet under its final name. A writer holds the lock, so that an
/// interruption finds nothing half removed and half made again.
static UNFINISHED: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// What is said as the process ends: what goes on elsewhere.
static LAST_WORDS: Mutex<String> = Mutex::new(String::new());

/// Says something as an interruption ends the process.
pub(crate) fn say(words: &str) {
    words.clone_into(&mut LAST_WORDS.lock().unwrap_or_else(PoisonError::into_inner));
}

/// Takes the lock; a panic elsewhere leaves the list as good as it was.
pub(crate) fn hold() -> MutexGuard<'static, Vec<PathBuf>> {
    UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// From now on an interruption removes what is unfinished and ends the process.
pub(crate) fn watch() {
    // Without a handler the default stays: the process ends and leaves its temporary file, hidden and never mistaken.
    let _ = ctrlc::set_handler(|| {
        let unfinished = hold();
        for path in unfinished.iter() {
            remove(path);
        }
        let words = LAST_WORDS.lock().unwrap_or_else(PoisonError::into_inner);
        if !words.is_empty() {
            // Standard error is closed: there is no place left to report to.
            let _ = writeln!(std::io::stderr().lock(), "{words}");
        }
        // Still holding the lock: nothing is written between the removal and the end.
        std::process::exit(INTERRUPTED);
    });
}

/// Removes a file or a folder, if it is there.
pub(crate) fn remove(path: &Path) {
    let _ = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
}
