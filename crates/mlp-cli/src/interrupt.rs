//! Ctrl-C and SIGTERM: the first asks a training to stop after its step and save, the second ends the program at once.

use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

static ASKED: AtomicUsize = AtomicUsize::new(0);
static TRAINING: AtomicBool = AtomicBool::new(false);
/// A folder that is no run yet, and those made above it; removed when the program is ended before it is one.
static UNFINISHED: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// Installs the handler; only a first call does.
pub fn install() {
    // A second installation, or a system without signals, leaves the default: to end at once.
    let _ = ctrlc::set_handler(|| {
        let before = ASKED.fetch_add(1, Ordering::SeqCst);
        if before > 0 || !TRAINING.load(Ordering::SeqCst) {
            if let Ok(folders) = UNFINISHED.lock() {
                remove(&folders);
            }
            std::process::exit(130);
        }
    });
}

/// Whether a stop was asked for.
pub fn asked() -> bool {
    ASKED.load(Ordering::SeqCst) > 0
}

/// Says that from now on (or no longer) there is a state worth saving.
pub fn training(on: bool) {
    TRAINING.store(on, Ordering::SeqCst);
}

/// Names the folders to remove when ended early, or none.
pub fn unfinished(folders: Vec<PathBuf>) {
    if let Ok(mut place) = UNFINISHED.lock() {
        *place = folders;
    }
}

/// Removes the first folder with what is in it, and the others if they are empty then.
pub fn remove(folders: &[PathBuf]) {
    // What cannot be removed is not there, or somebody else's by now.
    if let Some((first, above)) = folders.split_first() {
        let _ = std::fs::remove_dir_all(first);
        above.iter().for_each(|folder| drop(std::fs::remove_dir(folder)));
    }
}
