//! The files of a folder of pictures as they are, before they are brought to one shape: sizes,
//! formats, colours. Only headers are looked at.

use super::{decode, layout};
use crate::{DataError, OpenOptions};
use mlp_tensor::Exec;
use std::collections::BTreeMap;
use std::path::Path;

/// What the headers say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Survey {
    /// Pixels across and down, turned upright, with how many files; the most frequent first.
    pub sizes: Vec<((u32, u32), usize)>,
    /// `JPEG`, `PNG` …, likewise.
    pub formats: Vec<(&'static str, usize)>,
    /// Files without colour.
    pub grey: usize,
    /// Files with colour.
    pub colour: usize,
    /// Files, of either kind, that can be transparent.
    pub alpha: usize,
    /// Files that their camera says to turn or mirror.
    pub turned: usize,
    /// Files whose header cannot be read.
    pub unreadable: usize,
}

/// Looks at the files that [`super::read_folder`] reads with the same options.
///
/// # Errors
/// Those of [`super::read_folder`] that concern the folder itself.
pub fn survey(exec: &Exec, path: &Path, options: &OpenOptions) -> Result<Survey, DataError> {
    let listing = layout::list(exec, path, options)?;
    let look = |i: usize| {
        let bytes = (listing.read)(&listing.items[i].path).ok()?;
        Some((decode::format(&bytes).and_then(decode::name)?, decode::head(&bytes).ok()?))
    };
    let mut found = Survey::default();
    let (mut sizes, mut formats) = (BTreeMap::new(), BTreeMap::new());
    for head in exec.map(listing.items.len(), look) {
        let Some((format, head)) = head else {
            found.unreadable += 1;
            continue;
        };
        *sizes.entry(head.upright()).or_insert(0) += 1;
        *formats.entry(format).or_insert(0) += 1;
        found.grey += usize::from(head.grey);
        found.colour += usize::from(!head.grey);
        found.alpha += usize::from(head.alpha);
        found.turned += usize::from(head.is_turned());
    }
    found.sizes = most_first(sizes);
    found.formats = most_first(formats);
    Ok(found)
}

fn most_first<K: Ord>(counts: BTreeMap<K, usize>) -> Vec<(K, usize)> {
    let mut all: Vec<(K, usize)> = counts.into_iter().collect();
    // Stable: of equals the lesser first.
    all.sort_by_key(|(_, n)| std::cmp::Reverse(*n));
    all
}
