//! Picture folders, read as a user of the crate reads them. The pictures are made here, by
//! `image`'s encoders.
#![cfg(feature = "image")]

mod formats;
mod help;
mod hostile;
mod layouts;
mod reduced;
mod resize;
