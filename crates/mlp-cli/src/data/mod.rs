//! `mlp data`: a module for each of its verbs.

pub mod draw;
pub mod inspect;
pub mod split;
