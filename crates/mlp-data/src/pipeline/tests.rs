//! Laws of encoding.
