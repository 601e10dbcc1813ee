//! Step 8: the trained network answers for the dog of step 5, and the answer is explained as `mlp explain` does.

use super::guide::{Guide, Told};
use crate::explain::answer::{Answer, Row};
use crate::explain::nearest::Beside;
use crate::explain::subject::Subject;
use crate::explain::{page, tell as words};
use crate::learn::pen::{Pen, wrap};
use crate::train::{Done, Job};
use mlp_data::picture::read_files;
use mlp_data::{OpenOptions, Quiet, Target};
use mlp_model::explain::Asked;
use mlp_report::number::{figure, grouped};
use mlp_report::saliency_overlay;
use serde_json::json;
use std::path::Path;

/// Most pixels of a picture on the screen, each way.
const SIDE: usize = 36;

/// Answers and explains.
pub fn tell(guide: &mut Guide, job: &Job<'_>, done: &Done, dog: &Path) -> anyhow::Result<()> {
    guide.step(|pen| Ok((told(job, done, dog, pen)?, ())))
}

fn told(job: &Job<'_>, done: &Done, dog: &Path, pen: Pen) -> anyhow::Result<Told> {
    let (exec, model) = (&job.exec, &done.model);
    let options = OpenOptions { strict: true, ..model.pipeline.open_options() };
    let data = read_files(exec, &[dog.to_owned()], &options, &Quiet)?;
    let encoded = model.pipeline.encode(&data.table, &Target::None)?;
    let Some(prediction) = model.predict(exec, &encoded, &[0])?.pop() else {
        anyhow::bail!("{}: it holds no picture", dog.display());
    };
    let name = dog.file_name().unwrap_or(dog.as_os_str()).to_string_lossy().into_owned();
    let x = encoded.all_inputs(exec, &[0])?;
    let subject = Subject::new(model, false);
    let row = Row { data: &data, row: 0, name, x, prediction };
    let mut answer = Answer::new(&subject, row, Asked::Predicted);
    let beside = Beside::trained(job, model)?;
    answer.alike = beside.alike(exec, model, (&encoded, 0), &answer)?;
    Ok(Told {
        screen: screen(&subject, &answer, &beside, pen),
        sections: vec![page::answer(&subject, &answer, Some(&beside.which))],
        json: json!({"answer": answer.json(&subject)}),
    })
}

fn screen(subject: &Subject<'_>, answer: &Answer<'_>, beside: &Beside, pen: Pen) -> String {
    let title = format!("{}: {}", answer.name, words::prediction(subject, answer));
    let mut lines = vec![pen.bold(&title), String::new()];
    if let (Some(picture), Some(values)) = (&answer.picture, &answer.explanation.pixels) {
        if pen.coloured() {
            lines.push(
                pen.dim("what the network sees, and the pixels for (blue) and against (red)"),
            );
            let overlay = saliency_overlay(picture, values);
            let [left, right] = [picture, &overlay].map(|p| pen.picture(&p.thumbnail(SIDE)));
            let pairs = left.iter().zip(right);
            lines.extend(pairs.map(|(left, right)| format!("  {left}   {right}")));
        } else {
            lines.extend(words::beside(picture, values));
        }
    }
    let parts = &answer.explanation.inputs;
    let sum = format!(
        "base {} + contributions {} = {}; the network's own logit is {}: {} of the way is left over by {} steps",
        figure(parts.base),
        figure(answer.sum()),
        figure(parts.base + answer.sum()),
        figure(parts.output),
        words::left_over(answer),
        grouped(parts.steps)
    );
    lines.extend([String::new(), wrap(&sum, "")]);
    let same = answer.alike.iter().filter(|one| one.agrees == Some(true)).count();
    let alike = format!(
        "{same} of the {} drawings most like it to the last hidden layer, among {}, show a {}.",
        answer.alike.len(),
        beside.from,
        answer.explanation.class.map_or("", |class| subject.model.labels()[class].as_str())
    );
    lines.extend([String::new(), wrap(&alike, "")]);
    lines.join("\n")
}
