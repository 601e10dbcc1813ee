//! One picture explained, for those who show it in their own way.

use super::answer::{Answer, Row};
use super::nearest::Beside;
use super::subject::Subject;
use super::{page, tell};
use crate::train::Job;
use mlp_data::picture::read_files;
use mlp_data::{OpenOptions, Quiet, Target};
use mlp_model::Model;
use mlp_model::explain::Asked;
use mlp_report::{Raster, Section, saliency_overlay};
use mlp_report::number::{figure, grouped};
use serde_json::Value;
use std::path::Path;

/// An explained picture.
pub struct Explained {
    /// The answer in words.
    pub answer: String,
    /// How base and contributions add up, in words.
    pub sum: String,
    /// The picture as the network sees it, and with its contributions over it.
    pub picture: Option<(Raster, Raster)>,
    /// The same in letters.
    pub letters: String,
    /// For a page.
    pub section: Section,
    /// For scripts: as `mlp explain --json` gives an answer.
    pub json: Value,
}

/// Answers for the picture in a file by the model of a training, and explains the answer.
///
/// # Errors
/// A file that cannot be read as a picture; a model of other data.
pub fn picture(job: &Job<'_>, model: &Model, path: &Path) -> anyhow::Result<Explained> {
    let exec = &job.exec;
    let options = OpenOptions { strict: true, ..model.pipeline.open_options() };
    let data = read_files(exec, &[path.to_owned()], &options, &Quiet)?;
    let encoded = model.pipeline.encode(&data.table, &Target::None)?;
    let Some(prediction) = model.predict(exec, &encoded, &[0])?.pop() else {
        anyhow::bail!("{}: it holds no picture", path.display());
    };
    let subject = Subject::new(model, false);
    let x = encoded.all_inputs(exec, &[0])?;
    let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
    let row = Row { data: &data, row: 0, name, x, prediction };
    let mut answer = Answer::new(&subject, row, Asked::Predicted);
    let beside = Beside::trained(job, model)?;
    answer.alike = beside.alike(exec, model, (&encoded, 0), &answer)?;
    let parts = &answer.explanation.inputs;
    let pixels = answer.explanation.pixels.as_ref();
    let pictures = answer.picture.clone().zip(pixels);
    let letters = pictures.as_ref().map_or_else(String::new, |(picture, pixels)| {
        tell::beside(picture, pixels).join("\n")
    });
    Ok(Explained {
        answer: format!("{}: {}", answer.name, tell::prediction(&subject, &answer)),
        sum: format!(
            "base {} + contributions {} = {}; the network's own logit is {}: {} of the way is left over by {} steps",
            figure(parts.base),
            figure(answer.sum()),
            figure(parts.base + answer.sum()),
            figure(parts.output),
            tell::left_over(&answer),
            grouped(parts.steps)
        ),
        picture: pictures.map(|(picture, pixels)| {
            let overlay = saliency_overlay(&picture, pixels);
            (picture, overlay)
        }),
        letters,
        section: page::answer(&subject, &answer, Some(&beside.which)),
        json: answer.json(&subject),
    })
}
