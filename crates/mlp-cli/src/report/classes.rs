//! Sections of a report on classes: confusion, figures of each class, curves, calibration.

use super::study::{Tested, brief};
use mlp_model::Model;
use mlp_report::number::{grouped, percent};
use mlp_report::{
    Axis, Fact, Matrix, Point, Section, Svg, Table, curves, histogram, precision_recall,
    reliability, roc,
};
use mlp_train::Confusion;

/// Most classes that have a row, a curve or a histogram of their own.
const ROWS: usize = 50;
const CURVES: usize = 5;
const HISTOGRAMS: usize = 12;
/// Most confused pairs that are listed.
const PAIRS: usize = 10;
/// Longest label.
const LABEL: usize = 40;

/// All of them.
pub fn sections(model: &Model, tested: &Tested<'_>) -> Vec<Section> {
    let labels: Vec<String> = model.labels().iter().map(|l| brief(l, LABEL)).collect();
    let mut sections = Vec::new();
    sections.extend(confusion_section(model, tested));
    sections.push(thresholds(&labels, tested));
    sections.push(calibration(&labels, tested));
    sections
}

/// Which classes were taken for which.
pub fn confusion_section(model: &Model, tested: &Tested<'_>) -> Option<Section> {
    let labels: Vec<String> = model.labels().iter().map(|l| brief(l, LABEL)).collect();
    tested.evaluation.confusion.as_ref().map(|counts| confusion(&labels, counts))
}

fn confusion(labels: &[String], confusion: &Confusion) -> Section {
    let mut section = Section::new("Confusion");
    let matrix =
        Matrix::confusion("Confusion of true and predicted classes", labels, &confusion.counts);
    let caption =
        "How many examples of each true class (rows) were taken for each class (columns).";
    // Small tables hold counts and shares, large ones neither.
    match labels.len() {
        0..=6 | 21.. => section.figure(matrix.svg(), caption),
        _ => {
            let shares = matrix.clone().shares().svg();
            let other = "The same as shares of each true class, in per cent.";
            section.figures([(matrix.svg(), caption), (shares, other)])
        }
    };
    section.table(each_class(labels, confusion));
    let mut pairs: Vec<(u64, usize, usize)> = Vec::new();
    for (t, row) in confusion.counts.iter().enumerate() {
        pairs.extend(
            row.iter().enumerate().filter(|(p, n)| *p != t && **n > 0).map(|(p, n)| (*n, t, p)),
        );
    }
    // The most frequent first, equals in the order of the labels.
    pairs.sort_by_key(|&(n, t, p)| (std::cmp::Reverse(n), t, p));
    section.heading("Most confused");
    if pairs.is_empty() {
        section.text("No example was taken for another class.");
        return section;
    }
    let mut table = Table::new(["true", "predicted", "examples", "share of the true class"]);
    for &(n, t, p) in pairs.iter().take(PAIRS) {
        let all = confusion.counts[t].iter().sum::<u64>().max(1) as f64;
        table.push([labels[t].clone(), labels[p].clone(), grouped(n), percent(n as f64 / all)]);
    }
    section.table(table);
    section
}

/// Precision, recall and F1 of each class; of very many, of those with the least F1.
fn each_class(labels: &[String], confusion: &Confusion) -> Table {
    let counts = &confusion.counts;
    let mut rows: Vec<(f64, usize, [String; 5])> = Vec::new();
    for (c, label) in labels.iter().enumerate() {
        let right = counts[c][c] as f64;
        let truth = counts[c].iter().sum::<u64>();
        let predicted = counts.iter().map(|row| row[c]).sum::<u64>();
        let share = |of: f64| if of > 0.0 { percent(right / of) } else { "–".into() };
        let f1 = 2.0 * right / (truth + predicted).max(1) as f64;
        let cells = [
            label.clone(),
            grouped(truth),
            share(predicted as f64),
            share(truth as f64),
            percent(f1),
        ];
        rows.push((f1, c, cells));
    }
    let all = rows.len();
    if all > ROWS {
        rows.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        rows.truncate(ROWS);
    }
    let mut table = Table::new(["class", "examples", "precision", "recall", "F1"]);
    rows.into_iter().for_each(|row| {
        table.push(row.2);
    });
    match all > ROWS {
        true => table.caption(format!("The {ROWS} classes of {} with the least F1.", grouped(all))),
        false => table,
    }
}

/// Area below a curve of rising x.
fn area(curve: &[Point]) -> f64 {
    curve.windows(2).map(|p| (p[1].0 - p[0].0) * (p[1].1 + p[0].1) / 2.0).sum()
}

/// ROC and precision–recall: of the second of two classes, of each of a few classes or labels, of the hardest of many.
pub fn thresholds(labels: &[String], tested: &Tested<'_>) -> Section {
    let mut section = Section::new("ROC and precision–recall");
    let two = labels.len() == 2 && tested.evaluation.confusion.is_some();
    let wanted: Vec<usize> = if two { vec![1] } else { (0..labels.len()).collect() };
    let mut all = Vec::new();
    for class in wanted {
        let scores = tested.probabilities(class);
        let positive = tested.positive(class);
        let roc = curves::roc(&scores, &positive);
        if let (false, Some((precision, average))) =
            (roc.is_empty(), curves::precision_recall(&scores, &positive))
        {
            let share = positive.iter().filter(|p| **p).count() as f64 / positive.len() as f64;
            all.push((area(&roc), class, roc, precision, average, share));
        }
    }
    if all.is_empty() {
        return section;
    }
    let classes = all.len();
    all.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    all.truncate(CURVES);
    let (mut left, mut right) = (Vec::new(), Vec::new());
    for (auc, class, roc, precision, average, _) in &all {
        left.push((format!("{}, AUC {auc:.4}", labels[*class]), roc.clone()));
        right.push((format!("{}, AP {average:.4}", labels[*class]), precision.clone()));
    }
    let chance = two.then(|| all[0].5);
    section.figures([
        (
            roc_svg(&left),
            "How many of a class are found (upwards) at the price of how many false alarms.",
        ),
        (
            precision_recall("Precision and recall", &right, chance),
            "How many of those named are right (upwards) when so many of the class are found.",
        ),
    ]);
    if !two {
        let which = match classes > CURVES {
            true => {
                format!("The {CURVES} with the least area under the curve, of {classes}. ")
            }
            false => String::new(),
        };
        section.text(match tested.evaluation.confusion {
            Some(_) => format!("{which}Each class against all others."),
            None => format!("{which}Each label by itself."),
        });
    }
    if let Some(words) = tested.sampled() {
        section.text(words);
    }
    section
}

fn roc_svg(curves: &[(String, Vec<Point>)]) -> Svg {
    roc("ROC curve", curves)
}

fn calibration(labels: &[String], tested: &Tested<'_>) -> Section {
    let mut section = Section::new("Calibration and scores");
    let (truth, named) = (tested.classes(), tested.named());
    let confidence: Vec<f64> = named.iter().map(|n| n.1).collect();
    let right: Vec<bool> = named.iter().zip(&truth).map(|(n, t)| n.0 == *t).collect();
    let (bins, error) = curves::calibration(&confidence, &right);
    let mean = confidence.iter().sum::<f64>() / confidence.len().max(1) as f64;
    let accuracy = right.iter().filter(|r| **r).count() as f64 / right.len().max(1) as f64;
    section.facts([
        Fact::new("expected calibration error", percent(error))
            .note("how far confidence and accuracy lie apart"),
        Fact::new("mean confidence", percent(mean)).note(format!("accuracy {}", percent(accuracy))),
    ]);
    let scores = match labels.len() {
        2 => by_class(labels, tested, &truth),
        _ => by_rightness(&confidence, &right),
    };
    section.figures([
        (
            reliability("Reliability diagram", &bins),
            "How often answers of a confidence are right; below the diagonal the model is too sure of itself. Bars \
             are 95 % intervals.",
        ),
        scores,
    ]);
    if labels.len() > 2 && labels.len() <= HISTOGRAMS {
        let mut each = Section::new("Scores of each class");
        each.figures((0..labels.len()).map(|class| one_class(labels, class, tested, &truth)));
        section.details(each);
    }
    if let Some(words) = tested.sampled() {
        section.text(words);
    }
    section
}

fn probability(of: &str) -> Axis {
    Axis::new(format!("probability of {of}")).percent().range(0.0, 1.0)
}

fn by_class(labels: &[String], tested: &Tested<'_>, truth: &[usize]) -> (Svg, &'static str) {
    let p = tested.probabilities(1);
    let of =
        |class: usize| p.iter().zip(truth).filter(|(_, t)| **t == class).map(|(p, _)| *p).collect();
    let groups: Vec<(String, Vec<f64>)> =
        (0..2).map(|c| (format!("truly {}", labels[c]), of(c))).collect();
    let svg = histogram("Scores by true class", probability(&labels[1]), &groups, true);
    (svg, "Which probabilities the examples of each true class are given.")
}

fn by_rightness(confidence: &[f64], right: &[bool]) -> (Svg, &'static str) {
    let of = |wanted: bool| {
        confidence.iter().zip(right).filter(|(_, r)| **r == wanted).map(|(p, _)| *p).collect()
    };
    let groups =
        [("right answers".to_string(), of(true)), ("wrong answers".to_string(), of(false))];
    let svg = histogram(
        "Confidence of right and wrong answers",
        probability("the class named"),
        &groups,
        true,
    );
    (svg, "How sure the model is where it is right, and where it is wrong.")
}

fn one_class(
    labels: &[String],
    class: usize,
    tested: &Tested<'_>,
    truth: &[usize],
) -> (Svg, String) {
    let p = tested.probabilities(class);
    let of = |own: bool| {
        p.iter().zip(truth).filter(|(_, t)| (**t == class) == own).map(|(p, _)| *p).collect()
    };
    let groups =
        [(format!("truly {}", labels[class]), of(true)), ("others".to_string(), of(false))];
    let title = format!("Scores of {}", labels[class]);
    (histogram(&title, probability(&labels[class]), &groups, true), String::new())
}
