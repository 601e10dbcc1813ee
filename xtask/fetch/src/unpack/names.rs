//! Names inside of archives: which may become files, and which are not wanted.

use std::path::PathBuf;

/// Folders in folders, at most.
const MAX_DEPTH: usize = 16;
/// Bytes of a part of a name, at most: the limit of common file systems.
const MAX_PART: usize = 255;

/// Where a file of an archive goes.
#[derive(Debug, PartialEq, Eq)]
pub enum Place {
    /// Below the folder that is unpacked into.
    Here(PathBuf),
    /// Left out: junk of desktops, or outside of the part that is kept.
    Nowhere,
}

/// Where a name goes, if only what is below the folder `below` is kept.
///
/// # Errors
/// What is wrong with the name, to be put after it.
pub fn place(name: &[u8], below: Option<&str>) -> Result<Place, &'static str> {
    let Ok(name) = std::str::from_utf8(name) else { return Err("is no UTF-8") };
    if name.starts_with('/') {
        return Err("is an absolute path");
    }
    // A drive or a stream to Windows, and its separator.
    if name.contains(['\\', ':']) || name.contains(char::is_control) {
        return Err("has a character that has no place in a name");
    }
    let mut parts: Vec<&str> = Vec::new();
    for part in name.split('/') {
        match part {
            "" | "." => {}
            ".." => return Err("leads out of the folder"),
            _ if part.len() > MAX_PART => return Err("is too long"),
            _ => parts.push(part),
        }
    }
    if parts.len() > MAX_DEPTH {
        return Err("lies in too many folders");
    }
    if parts.iter().any(|part| is_junk(part)) {
        return Ok(Place::Nowhere);
    }
    let kept = match below {
        None => &parts[..],
        Some(below) => match parts.split_first() {
            Some((first, rest)) if *first == below => rest,
            _ => return Ok(Place::Nowhere),
        },
    };
    Ok(if kept.is_empty() { Place::Nowhere } else { Place::Here(kept.iter().collect()) })
}

/// What desktops leave behind.
fn is_junk(part: &str) -> bool {
    let part = part.to_ascii_lowercase();
    part.starts_with("._")
        || matches!(&*part, "thumbs.db" | "desktop.ini" | ".ds_store" | "__macosx")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_lead_elsewhere_are_refused() {
        for (name, why) in [
            (&b"../a"[..], "leads out"),
            (b"a/../../b", "leads out"),
            (b"a/..", "leads out"),
            (b"/etc/passwd", "absolute"),
            (b"..\\a", "no place"),
            (b"C:/a", "no place"),
            (b"a\0b", "no place"),
            (b"a\nb", "no place"),
            (b"a\xFF", "no UTF-8"),
            (&[b'a'; 256], "too long"),
            (&b"a/".repeat(17), "too many folders"),
        ] {
            assert!(place(name, None).unwrap_err().contains(why), "{name:?}");
            // Also where they would not be kept.
            assert!(place(name, Some("elsewhere")).is_err(), "{name:?}");
        }
    }

    #[test]
    fn what_is_kept_goes_below_the_folder() {
        let here = |path: &str| Ok(Place::Here(PathBuf::from(path)));
        assert_eq!(place(b"./a//b.jpg", None), here("a/b.jpg"));
        assert_eq!(place("ä/1.jpg".as_bytes(), None), here("ä/1.jpg"));
        assert_eq!(place(b"Pet/Cat/1.jpg", Some("Pet")), here("Cat/1.jpg"));
        assert_eq!(place(b"readme", Some("Pet")), Ok(Place::Nowhere));
        assert_eq!(place(b"Pet/", Some("Pet")), Ok(Place::Nowhere));
        for junk in [&b"Cat/Thumbs.db"[..], b"__MACOSX/a", b"a/._b", b".DS_Store", b"", b"."] {
            assert_eq!(place(junk, None), Ok(Place::Nowhere), "{junk:?}");
        }
    }
}
