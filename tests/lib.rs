//! Whole-program tests live in `program/`.
