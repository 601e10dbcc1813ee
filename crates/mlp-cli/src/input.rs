//! What several verbs read: models, data sets, and the means to execute.

use crate::args::Global;
use crate::failure::usage;
use crate::progress::Reading;
use anyhow::{Context, bail};
use mlp_data::{Dataset, OpenOptions};
use mlp_model::container::MAGIC;
use mlp_model::{Model, container};
use mlp_tensor::{Exec, Isa};
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

/// More threads than any machine has cores are a slip, and take a system down.
const MAX_THREADS: usize = 1024;

/// Threads and instruction set as asked for.
pub fn exec(global: &Global) -> anyhow::Result<Exec> {
    let isa = match &global.isa {
        None => None,
        Some(word) => Some(Isa::from_name(word).ok_or_else(|| {
            usage(format!("--isa {word}: must be portable, avx2, avx512 or neon"))
        })?),
    };
    if let Some(n) = global.threads.filter(|n| !(1..=MAX_THREADS).contains(n)) {
        return Err(usage(format!("--threads {n}: must be at least 1 and at most {MAX_THREADS}")));
    }
    Ok(Exec::new(isa, global.threads)?)
}

/// The model file that is meant: a run folder stands for the model in it.
pub fn model_path(path: &Path) -> PathBuf {
    if path.is_dir() { path.join("model.mlp") } else { path.to_owned() }
}

/// Reads a model.
pub fn model(path: &Path) -> anyhow::Result<Model> {
    let path = model_path(path);
    let at = || path.display().to_string();
    let bytes = mlp_model::file::read(&path).with_context(at)?;
    let model = Model::from_bytes(&bytes).with_context(at);
    if model.is_err() && container::read(&bytes).is_ok_and(|s| s.get("state").is_ok()) {
        bail!("{} is a checkpoint of a training; give the model.mlp beside it", path.display());
    }
    model
}

/// Opens a data set, with progress on the screen.
pub fn data(
    exec: &Exec,
    global: &Global,
    name: &str,
    options: &OpenOptions,
) -> anyhow::Result<Dataset> {
    let reading = Reading::new(global.quiet);
    let opened = mlp_data::open(exec, name, options, &reading);
    reading.done();
    opened.map_err(|error| match error.to_string().contains(name) {
        true => error.into(),
        false => anyhow::Error::new(error).context(name.to_string()),
    })
}

/// Whether a file is a model or a checkpoint, by its first bytes.
pub fn is_container(path: &Path) -> bool {
    let mut start = [0; 8];
    let read = File::open(path).and_then(|mut file| file.read_exact(&mut start));
    read.is_ok() && start == MAGIC
}
