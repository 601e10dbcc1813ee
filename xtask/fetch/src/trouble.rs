//! Errors of the disk, with what to do.

use std::io::{Error, ErrorKind};
use std::path::Path;

/// An error of writing, with the remedy where there is one; `bytes` are needed.
pub fn on_disk(error: Error, path: &Path, bytes: u64) -> anyhow::Error {
    let show = path.display();
    let remedy = remedy(error.kind(), bytes);
    let message = error.to_string();
    anyhow::Error::new(error).context(format!("{show}: {message}{remedy}"))
}

fn remedy(kind: ErrorKind, bytes: u64) -> String {
    match kind {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => format!(
            "; {} are needed: make room and call again, which goes on from here, or choose another disk with --dir",
            crate::screen::size(bytes)
        ),
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => {
            "; choose a folder that can be written to with --dir".into()
        }
        _ => String::new(),
    }
}

/// The same for an error that may come from the disk, somewhere in its chain, unless that was said.
pub fn explained(error: anyhow::Error, bytes: u64) -> anyhow::Error {
    if error.to_string().contains("--dir") {
        return error;
    }
    let kind = error.chain().find_map(|cause| Some(cause.downcast_ref::<Error>()?.kind()));
    match kind.map(|kind| remedy(kind, bytes)).filter(|remedy| !remedy.is_empty()) {
        Some(remedy) => {
            let message = format!("{error:#}{remedy}");
            error.context(message)
        }
        None => error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_named_with_what_is_needed() {
        let error = on_disk(ErrorKind::StorageFull.into(), Path::new("data/a.part"), 170_052_171);
        let text = error.to_string();
        assert!(text.starts_with("data/a.part: ") && text.contains("170 MB are needed"), "{text}");
        assert!(remedy(ErrorKind::PermissionDenied, 1).contains("--dir"));
        let inside = anyhow::Error::from(Error::from(ErrorKind::StorageFull)).context("a.zip");
        assert!(explained(inside, 5).to_string().contains("5 bytes are needed"));
        let once = on_disk(ErrorKind::StorageFull.into(), Path::new("a"), 7);
        assert_eq!(explained(once, 5).to_string().matches("--dir").count(), 1);
        assert_eq!(explained(anyhow::anyhow!("x"), 5).to_string(), "x");
    }
}
