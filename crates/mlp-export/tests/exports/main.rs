//! Every export read back by something that did not write it: other crates, and other languages where installed.

#![allow(missing_docs)]

mod json;
mod models;
mod onnx;
mod python;
mod safetensors;
