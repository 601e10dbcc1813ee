//! Step 8: the trained network answers for the dog of step 5, and the answer is explained.

use super::guide::{Guide, Told};
use crate::explain::{self, Explained};
use crate::learn::pen::{Pen, wrap};
use crate::train::{Done, Job};
use mlp_report::Raster;
use serde_json::json;
use std::path::Path;

/// Pixels of the pictures on the screen, each way.
const SIDE: usize = 18;

/// Answers and explains.
pub fn tell(guide: &mut Guide, job: &Job<'_>, done: &Done, dog: &Path) -> anyhow::Result<()> {
    guide.step(|pen| {
        let explained = explain::picture(job, &done.model, dog)?;
        let screen = screen(&explained, pen);
        Ok((Told { screen, sections: vec![explained.section], json: json!({"answer": explained.json}) }, ()))
    })
}

fn screen(explained: &Explained, pen: Pen) -> String {
    let mut lines = vec![pen.bold(&explained.answer), String::new()];
    match (&explained.picture, pen.coloured()) {
        (Some((picture, overlay)), true) => {
            lines.push(pen.dim("the drawing, and the pixels for (blue) and against (red)"));
            lines.extend(pixels(picture, overlay, pen));
        }
        _ => lines.push(explained.letters.clone()),
    }
    lines.push(String::new());
    lines.push(wrap(&explained.sum, ""));
    lines.join("\n")
}

/// Two pictures side by side, in coloured blocks.
fn pixels(left: &Raster, right: &Raster, pen: Pen) -> Vec<String> {
    let (left, right) = (left.thumbnail(SIDE), right.thumbnail(SIDE));
    let row = |picture: &Raster, y: usize| -> String {
        let pixel = |x: usize| {
            let [r, g, b, _] = picture.at(x, y);
            pen.pixel([r, g, b])
        };
        (0..picture.width()).map(pixel).collect()
    };
    (0..left.height()).map(|y| format!("  {}    {}", row(&left, y), row(&right, y))).collect()
}
