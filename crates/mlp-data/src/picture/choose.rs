//! Size and channels where they were not asked for, from the pictures' headers.

use super::decode::{self, Head};
use super::layout::Listing;
use crate::open::{Channels, PictureOptions};
use crate::{DataError, OpenOptions};
use mlp_tensor::Exec;

/// Pictures of one equal size keep it up to this side; others become squares of it.
const SIDE: u32 = 64;
/// Sides asked for, at most.
const MAX_ASKED: u32 = 8_192;
/// Headers read before asking again whether they still matter.
const AT_ONCE: usize = 64;

/// What the headers have said so far.
struct Seen {
    size: Option<(u32, u32)>,
    equal_and_small: bool,
    grey: bool,
}

impl Seen {
    fn add(&mut self, head: &Head, side: u32) {
        let size = head.upright();
        self.equal_and_small &= *self.size.get_or_insert(size) == size;
        self.equal_and_small &= size.0.max(size.1) <= side;
        self.grey &= head.grey;
    }
}

/// Settles every option, and says in the listing's notes what was chosen.
pub(super) fn choose(
    exec: &Exec,
    listing: &mut Listing,
    options: &OpenOptions,
) -> Result<PictureOptions, DataError> {
    if let Some((w, h)) = options.picture_size
        && (w.min(h) == 0 || w.max(h) > MAX_ASKED)
    {
        return Err(DataError::unusable(format!(
            "pictures cannot be brought to {w}x{h} pixels; sides are 1 to {MAX_ASKED}"
        )));
    }
    let (ask_size, ask_grey) = (options.picture_size.is_none(), options.channels.is_none());
    let side = options.picture_side.unwrap_or(SIDE);
    let seen = look(exec, listing, side, [ask_size, ask_grey]);
    let notes = &mut listing.notes;
    let size = match (options.picture_size, seen.size) {
        (Some(size), _) => size,
        (None, Some(size)) if seen.equal_and_small => size,
        _ => (side, side),
    };
    let grey = ask_grey && seen.grey && seen.size.is_some();
    if grey {
        notes.push(
            "every picture is grey, so one channel is read (--channels rgb for three)".into(),
        );
    }
    if ask_size && seen.size.is_some() {
        let (w, h) = size;
        notes.push(match seen.equal_and_small {
            true => format!("every picture has {w}×{h} pixels and keeps them"),
            false => format!("pictures are brought to {w}×{h} pixels (--size for another size)"),
        });
    }
    let channels = if grey { Channels::Grey } else { Channels::Rgb };
    Ok(PictureOptions {
        size,
        resize: options.resize.unwrap_or_default(),
        channels: options.channels.unwrap_or(channels),
        background: options.background.unwrap_or([255; 3]),
    })
}

/// Reads headers, in order, until they cannot change the choice any more. Unreadable ones do not
/// count.
fn look(exec: &Exec, listing: &Listing, side: u32, [ask_size, ask_grey]: [bool; 2]) -> Seen {
    let mut seen = Seen { size: None, equal_and_small: true, grey: true };
    for some in listing.items.chunks(AT_ONCE) {
        let open = (ask_size && seen.equal_and_small) || (ask_grey && seen.grey);
        if !open {
            break;
        }
        let head = |i: usize| (listing.read)(&some[i].path).and_then(|bytes| decode::head(&bytes));
        let heads = exec.map(some.len(), head);
        heads.into_iter().flatten().for_each(|head| seen.add(&head, side));
    }
    seen
}
