//! Files as slices of numbers, for data that may be larger than memory. Which files, and what is in them, is for others
//! to say.

#![allow(unsafe_code)]

use memmap2::Mmap;
#[cfg(unix)]
use memmap2::UncheckedAdvice;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

mod sealed {
    pub trait Sealed {}
}

/// Numbers without padding, of which any bytes are a value.
pub trait Plain: sealed::Sealed + Copy + Send + Sync + 'static {}

macro_rules! plain {
    ($($number:ty),*) => {
        $(impl sealed::Sealed for $number {}
        impl Plain for $number {})*
    };
}

plain!(u8, u32, f32, f64);

/// The bytes of numbers as they lie in memory, in the host's order.
pub fn bytes_of<T: Plain>(values: &[T]) -> &[u8] {
    let length = size_of_val(values);
    // SAFETY: `Plain` numbers have no padding, so all `length` bytes are initialised; they live as long as `values`.
    unsafe { std::slice::from_raw_parts(values.as_ptr().cast::<u8>(), length) }
}

/// The bytes of numbers, to be written.
pub fn bytes_of_mut<T: Plain>(values: &mut [T]) -> &mut [u8] {
    let length = size_of_val(values);
    // SAFETY: as in `bytes_of`; and any bytes are a `Plain` number.
    unsafe { std::slice::from_raw_parts_mut(values.as_mut_ptr().cast::<u8>(), length) }
}

/// A file that is read as if it were memory. Pages are fetched when they are touched, and count as the process's memory
/// until [`Mapped::forget`] or the system lets them go.
///
/// Whoever maps a file sees to it that nobody shortens it meanwhile: a touched page that is gone ends the process.
#[derive(Debug)]
pub struct Mapped {
    /// `None` for an empty file, which cannot be mapped.
    map: Option<Mmap>,
    path: PathBuf,
    /// Bytes noted as read since pages were last let go.
    noted: AtomicUsize,
}

/// Bytes that may have been read here and there before their pages are let go. Each may have brought a page or several.
const READ_BEFORE_FORGETTING: usize = 16 << 20;

impl Mapped {
    /// Maps a whole file, read-only.
    ///
    /// # Errors
    /// A file that cannot be opened or mapped.
    pub fn open(path: &Path) -> io::Result<Mapped> {
        let file = File::open(path)?;
        let map = match file.metadata()?.len() {
            0 => None,
            // SAFETY: the file belongs to a cache whose files are never changed in place, only made whole under another
            // name and removed; a removed file lives on while it is mapped.
            _ => Some(unsafe { Mmap::map(&file) }?),
        };
        Ok(Mapped { map, path: path.to_path_buf(), noted: AtomicUsize::new(0) })
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// All of it as numbers; bytes that do not fill one at the end are left out.
    pub fn as_slice<T: Plain>(&self) -> &[T] {
        let Some(map) = &self.map else { return &[] };
        // SAFETY: any bytes are a `Plain` number. A map starts at a page, which is aligned for every one of them.
        let (before, values, _) = unsafe { map.align_to::<T>() };
        debug_assert!(before.is_empty());
        values
    }

    /// Notes that some bytes here or there were read. From time to time their pages are let go, so
    /// that rows read in any order do not bring all of the file into memory.
    pub fn note_read(&self, bytes: usize) {
        if self.noted.fetch_add(bytes, Ordering::Relaxed) + bytes > READ_BEFORE_FORGETTING {
            self.noted.store(0, Ordering::Relaxed);
            self.forget();
        }
    }

    /// Lets the pages that were touched go from memory; they are fetched again when they are touched again. Only saves
    /// memory: where the system cannot do it, nothing happens.
    pub fn forget(&self) {
        #[cfg(unix)]
        if let Some(map) = &self.map {
            // SAFETY: the map is read-only and of a file, so a dropped page is read again with the same bytes.
            let _ = unsafe { map.unchecked_advise(UncheckedAdvice::DontNeed) };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(bytes: &[u8]) -> tempfile::TempPath {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), bytes).unwrap();
        file.into_temp_path()
    }

    #[test]
    fn numbers_come_back_and_survive_forgetting_and_removal() {
        let numbers: Vec<f64> = (0..100_000).map(|i| f64::from(i) * 0.1).collect();
        let path = file(bytes_of(&numbers));
        let mapped = Mapped::open(&path).unwrap();
        assert_eq!(mapped.as_slice::<f64>(), &numbers[..]);
        path.close().unwrap();
        mapped.forget();
        assert_eq!(mapped.as_slice::<f64>(), &numbers[..]);
    }

    #[test]
    fn an_empty_file_is_no_numbers_and_a_rest_is_left_out() {
        let path = file(&[]);
        assert!(Mapped::open(&path).unwrap().as_slice::<u32>().is_empty());
        let path = file(&[1, 0, 0, 0, 9]);
        assert_eq!(Mapped::open(&path).unwrap().as_slice::<u32>(), &[1u32.to_le()]);
    }
}
