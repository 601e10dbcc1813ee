//! Public data sets, fetched safely: what `cargo xtask fetch-data` does. The catalogue says what a set is made
//! of ([`catalogue`]); files come from mirrors or a folder and are compared with its SHA-256 (`obtain`,
//! `download`), unpacked into a folder in the making (`unpack`, `lay`), and get their name at once ([`fetch`]).
//! Arguments: [`arguments`].
//!
//! A crate of its own, since it brings TLS, which the checks of `cargo xtask tidy` must not wait for.

#![allow(clippy::print_stderr)]

pub mod arguments;
pub mod catalogue;
pub mod download;
pub mod fetch;
mod hash;
mod lay;
pub mod obtain;
pub mod screen;
mod table;
mod trouble;
pub mod unpack;
