//! Explanations: what is said of a network is what it computes.

mod answers;
mod integrated;
mod paper;
