//! What several verbs read: models, data sets, and the means to execute.

use crate::args::Global;
use crate::failure::usage;
use crate::fetched;
use crate::progress::Reading;
use anyhow::{Context, bail};
use mlp_data::{Dataset, OpenOptions, open, picture};
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

/// Opens a data set, with progress on the screen. A fetched set brings options, over which those given win.
pub fn data(
    exec: &Exec,
    global: &Global,
    name: &str,
    options: &OpenOptions,
) -> anyhow::Result<Dataset> {
    let (path, options) = fetched::resolved(name, options)?;
    let reading = Reading::new(global.quiet);
    let opened = mlp_data::open(exec, &path, &options, &reading);
    reading.done();
    opened.map_err(|error| match (error.to_string().contains(name), fetched::hint(name)) {
        (true, hint) if hint.is_empty() => error.into(),
        (true, hint) => anyhow::anyhow!("{error}{hint}"),
        (false, _) => anyhow::Error::new(error).context(name.to_string()),
    })
}

/// The data sets to answer.
pub type Sets<'a> = Box<dyn Iterator<Item = anyhow::Result<Dataset>> + 'a>;

/// Inputs to answer as data sets, one after another: pictures together, everything else one by one, `-` for a table on
/// standard input.
pub fn sets<'a>(
    exec: &'a Exec,
    global: &'a Global,
    inputs: &'a [PathBuf],
    options: &'a OpenOptions,
) -> anyhow::Result<Sets<'a>> {
    if options.picture_size.is_some() && inputs.iter().any(|input| is_picture(input)) {
        let reading = Reading::new(global.quiet);
        let data = picture::read_files(exec, inputs, options, &reading);
        reading.done();
        return Ok(Box::new(std::iter::once(data.map_err(Into::into))));
    }
    let one = move |input: &'a PathBuf| {
        if input.as_os_str() == "-" {
            let mut bytes = Vec::new();
            std::io::stdin().lock().read_to_end(&mut bytes).context("standard input")?;
            return Ok(open::from_bytes(exec, Path::new("standard input"), bytes, options)?);
        }
        let Some(name) = input.to_str() else {
            bail!("{}: a name that is not UTF-8; rename it", input.display());
        };
        data(exec, global, name, options)
    };
    Ok(Box::new(inputs.iter().map(one)))
}

/// Whether a picture model should read a path as pictures: any file but one of arrays, any folder with a picture in it.
fn is_picture(path: &Path) -> bool {
    if !path.is_file() {
        return path.is_dir() && picture::looks_like_pictures(path);
    }
    let mut start = Vec::new();
    let read = File::open(path).and_then(|file| file.take(4096).read_to_end(&mut start));
    read.is_err() || !open::holds_arrays(&start)
}

/// Whether a file is a model or a checkpoint, by its first bytes.
pub fn is_container(path: &Path) -> bool {
    let mut start = [0; 8];
    let read = File::open(path).and_then(|mut file| file.read_exact(&mut start));
    read.is_ok() && start == MAGIC
}
