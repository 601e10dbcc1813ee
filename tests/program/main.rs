//! Whole-program tests of the `mlp` binary: exit code, standard output, standard error and files, nothing inside.
//! One binary; helpers in `program` (running), `make` (inputs) and `training` (long-lived processes).

#![allow(clippy::print_stderr)]

mod bits;
mod browser;
mod cache;
mod checks;
mod config;
mod damaged;
mod disk;
mod drawings;
mod explain;
mod features;
mod fetched;
mod formats;
mod help;
mod interrupts;
mod json;
mod kills;
mod labels;
mod learn;
mod make;
mod pictures;
mod preprocessing;
mod program;
mod report;
mod splits;
mod tables;
mod tour;
mod training;
mod verbs;
