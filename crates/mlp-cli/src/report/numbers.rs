//! The section of a report on numbers: predicted against true, residuals.

use super::study::{Tested, brief};
use mlp_model::Model;
use mlp_report::number::figure;
use mlp_report::{Axis, Fact, Point, Section, histogram, predicted_and_true, residuals};

/// Most points of a plot.
const POINTS: usize = 2_000;

/// The section.
pub fn section(model: &Model, tested: &Tested<'_>) -> Section {
    let mut section = Section::new("Predictions and residuals");
    let pairs = tested.numbers();
    let what = brief(model.pipeline.target.name(), 40);
    let every = pairs.len().div_ceil(POINTS).max(1);
    // The sample is in the order of the rows, which may be sorted: every so manieth is spread over all of it.
    let drawn: Vec<Point> = pairs.iter().copied().step_by(every).collect();
    let left: Vec<f64> = pairs.iter().map(|(t, y)| t - y).filter(|v| v.is_finite()).collect();
    let mean = left.iter().sum::<f64>() / left.len().max(1) as f64;
    let mut sizes: Vec<f64> = left.iter().map(|v| v.abs()).collect();
    sizes.sort_by(f64::total_cmp);
    let quantile = |share: f64| {
        let at = ((sizes.len() as f64 * share) as usize).min(sizes.len().saturating_sub(1));
        sizes.get(at).copied().unwrap_or(f64::NAN)
    };
    section.facts([
        Fact::new("mean residual", figure(mean)).note("true − predicted; far from 0 is a bias"),
        Fact::new("half are nearer than", figure(quantile(0.5))).note("median absolute error"),
        Fact::new("90 % are nearer than", figure(quantile(0.9))),
        Fact::new("the farthest", figure(quantile(1.0))),
    ]);
    section.figures([
        (
            predicted_and_true("Predicted and true values", &what, &drawn),
            "On the dashed line the prediction is exact.",
        ),
        (
            residuals("Residuals by prediction", &what, &drawn),
            "A pattern here is something that the model has not learnt.",
        ),
    ]);
    let groups = [(String::new(), left)];
    section.figure(
        histogram("Residuals", Axis::new("true − predicted"), &groups, false),
        "How the residuals spread.",
    );
    if drawn.len() < pairs.len() {
        section.text(format!("One in {every} rows is drawn; the figures are of all of them."));
    }
    if let Some(words) = tested.sampled() {
        section.text(words);
    }
    section
}
