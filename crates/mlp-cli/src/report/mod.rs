//! `mlp report`: the page of a run made anew, or several runs beside each other. What the page of a training holds:
//! `training`; comparisons: `compare`.

mod classes;
mod compare;
mod inside;
mod labels;
mod numbers;
pub mod pictures;
mod predictions;
mod setup;
mod study;
mod training;

pub use classes::confusion_section as confusion;
pub use inside::network as network_section;
pub use inside::units_table;
pub use predictions::section as predictions;
pub use study::{Study, Tested, brief};
pub use training::{figures as learning_curves, page};

use crate::args::{Global, ReportArgs};
use crate::failure::usage;
use crate::input;
use crate::options::Options;
use crate::output::{self, say};
use crate::tour;
use crate::train::{self, CONFIG, REPORT};
use anyhow::{Context, bail};
use mlp_model::{Model, file};
use mlp_report::Page;
use serde_json::json;
use std::path::{Path, PathBuf};

/// The page of a comparison, unless another name is given.
const COMPARISON: &str = "comparison.html";

/// A run on the disk.
struct Run {
    name: String,
    folder: PathBuf,
    model: Model,
    sha: String,
    options: Options,
}

/// Runs the verb.
pub fn run(args: &ReportArgs, global: &Global) -> anyhow::Result<()> {
    if args.png.is_some() {
        pictures::available("--png")?;
    }
    let runs: Vec<Run> = args.runs.iter().map(|path| Run::open(path)).collect::<Result<_, _>>()?;
    let (page, out) = match &runs[..] {
        [] => return Err(usage("name a run folder, or several to compare")),
        // The page of a tour has that name; that of its training has another.
        [run] if tour::is_tour(&run.folder) => (run.page(global)?, run.folder.join(tour::TRAINING)),
        [run] => (run.page(global)?, run.folder.join(REPORT)),
        several => (compare::page(several), PathBuf::from(COMPARISON)),
    };
    let out = args.out.clone().unwrap_or(out);
    if input::is_container(&out) {
        let show = out.display();
        return Err(usage(format!("{show} is a model or a checkpoint; choose another --out")));
    }
    let html = page.html();
    file::write_atomic(&out, html.as_bytes())
        .context("the report cannot be written; choose another --out")?;
    let pictures = match &args.png {
        Some(folder) => pictures::write(&page, folder)?,
        None => Vec::new(),
    };
    tell(global, &runs, &out, html.len(), &pictures)
}

fn tell(
    global: &Global,
    runs: &[Run],
    out: &Path,
    bytes: usize,
    pictures: &[PathBuf],
) -> anyhow::Result<()> {
    if global.json {
        let show = |path: &Path| path.display().to_string();
        return output::json(&json!({
            "report": show(out),
            "bytes": bytes,
            "runs": runs.iter().map(|run| show(&run.folder)).collect::<Vec<_>>(),
            "pictures": pictures.iter().map(|path| show(path)).collect::<Vec<_>>(),
        }));
    }
    if !global.quiet {
        say(&format!("{}: {}", out.display(), output::bytes(bytes)));
        if let Some(folder) = pictures.first().and_then(|path| path.parent()) {
            let many = output::count(pictures.len(), "picture", "pictures");
            say(&format!("{}: {many}", folder.display()));
        }
    }
    Ok(())
}

impl Run {
    fn open(path: &Path) -> anyhow::Result<Run> {
        let show = path.display();
        if !path.join(CONFIG).is_file() {
            bail!(
                "{show} is no run folder: it has no {CONFIG}; give the folder that `mlp train` named"
            );
        }
        let bytes = file::read(&input::model_path(path)).with_context(|| {
            format!("{show} has no model yet; go on with it: mlp train --resume {show}")
        })?;
        let model = Model::from_bytes(&bytes).with_context(|| show.to_string())?;
        let sha = mlp_model::container::sha256_hex(&bytes);
        let options = Options::read(&path.join(CONFIG))?;
        let full = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let name =
            full.file_name().map_or_else(|| show.to_string(), |n| n.to_string_lossy().into());
        Ok(Run { name, folder: path.to_owned(), model, sha, options })
    }

    /// The page of this run: with its data, if they are still where they were; else what the model alone tells.
    fn page(&self, global: &Global) -> anyhow::Result<Page> {
        let study = |lacking: Option<String>| Study {
            model: &self.model,
            sha: &self.sha,
            options: self.options.clone(),
            lacking,
            tested: None,
        };
        let job = match train::reopen(global, &self.options) {
            Ok(job) => job,
            Err(error) => {
                let why = format!("The data cannot be read any more ({error:#}).");
                if !global.quiet {
                    say(&why);
                }
                return Ok(page(&study(Some(why))));
            }
        };
        if job.session.fingerprint != self.model.record.fingerprint {
            let why = "The data are not those of the training any more.".to_string();
            if !global.quiet {
                say(&why);
            }
            return Ok(page(&study(Some(why))));
        }
        let evaluation = job.session.evaluate(&job.exec, &self.model, job.reported_part())?;
        let tested = Tested::new(&job, &self.model, evaluation)?;
        Ok(page(&Study { tested: Some(tested), ..study(None) }))
    }
}
