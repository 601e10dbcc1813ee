//! Explanations as sections of a page.

use super::answer::Answer;
use super::nearest::Alike;
use super::subject::Subject;
use super::{tell, trace, whole};
use crate::output::percent;
use crate::report::{brief, network_section, units_table};
use crate::sets;
use mlp_model::Prediction;
use mlp_model::explain::baseline;
use mlp_report::number::{self, grouped};
use mlp_report::{Bars, Fact, NetworkDrawing, Page, Section, Table, Text, Thumbnail, saliency};
use mlp_train::LayerUnits;

/// Bars of a chart.
const BARS: usize = 25;
/// A network with no wider layer is drawn with its numbers in it.
const SMALL: usize = 12;

/// The page: answers first, then the model.
pub fn page(
    subject: &Subject<'_>,
    answers: &[Answer<'_>],
    units: Option<&(Vec<LayerUnits>, usize)>,
    which: Option<&str>,
) -> Page {
    let target = subject.model.pipeline.target.name();
    let mut page = Page::new(match answers {
        [] => format!("A model of {}", brief(target, 60)),
        [one] => title(subject, one),
        many => format!("{} answers explained", grouped(many.len())),
    });
    let widths: Vec<String> = (std::iter::once(subject.model.network.inputs()))
        .chain(subject.explainer.network.layers.iter().map(|layer| layer.biases.len()))
        .map(grouped)
        .collect();
    page.lead(format!(
        "A network of {} nodes with {} parameters.",
        widths.join(" – "),
        grouped(subject.model.network.parameters())
    ));
    for one in answers {
        page.section(answer(subject, one, which));
    }
    page.section(network_section(subject.model));
    page.section(equations(subject));
    if let Some((layers, rows)) = units {
        page.section(nodes(layers, *rows));
    }
    page.footer(format!("Written by mlp {}.", env!("CARGO_PKG_VERSION")));
    page
}

/// What a page with one answer is called.
fn title(subject: &Subject<'_>, answer: &Answer<'_>) -> String {
    let (labels, name) = (subject.model.labels(), brief(&answer.name, 60));
    match &answer.prediction {
        Prediction::Number(value) => {
            let target = brief(subject.model.pipeline.target.name(), 40);
            format!("Why {name} has {target} {}", figure(*value))
        }
        Prediction::Labels { .. } => match answer.explanation.class {
            Some(label) if answer.prediction.named().contains(&label) => {
                format!("Why {name} has the label {}", brief(&labels[label], 40))
            }
            label => {
                let label = label.map_or("", |label| labels[label].as_str());
                format!("Why {name} has not the label {}", brief(label, 40))
            }
        },
        Prediction::Class { index, .. } => match answer.explanation.class {
            Some(class) if class != *index => {
                let (class, index) = (brief(&labels[class], 30), brief(&labels[*index], 30));
                format!("Why {name} is taken for {index}, not {class}")
            }
            _ => format!("Why {name} is taken for {}", brief(&labels[*index], 40)),
        },
    }
}

/// A figure with a true minus sign.
fn figure(value: f64) -> String {
    number::figure(value).replace('-', "−")
}

/// An answer: figures, contributions, the pass, examples alike.
pub fn answer(subject: &Subject<'_>, answer: &Answer<'_>, which: Option<&str>) -> Section {
    let mut section = Section::new(brief(&answer.name, 80));
    section.facts(facts(subject, answer));
    let against = baseline(&subject.model.pipeline);
    section.text(Text::ticked(&format!(
        "Integrated gradients share out the way of {} from its value at the baseline ({against}) to its value here \
         among the inputs.",
        answer.explained(subject)
    )));
    contributions(&mut section, subject, answer);
    section.text(format!(
        "Base {} and contributions {} add up to {}; the network's own is {}: {} of the way is left over by {} steps.",
        figure(answer.explanation.inputs.base),
        figure(answer.sum()),
        figure(answer.explanation.inputs.base + answer.sum()),
        figure(answer.explanation.inputs.output),
        tell::left_over(answer),
        grouped(answer.explanation.inputs.steps)
    ));
    nearest(&mut section, &answer.alike, which);
    section.heading("The forward pass");
    if let Some(drawing) = drawing(subject, answer) {
        section.figure(
            drawing.svg(),
            "Every node with its answer; positive weights are blue, negative ones red, the wider the larger.",
        );
    }
    section.text(trace::rules(&answer.trace));
    let mut inner = Section::new("Number by number");
    inner.code(trace::text(subject, &answer.trace, answer.output(subject)));
    section.details(inner);
    section
}

fn facts(subject: &Subject<'_>, answer: &Answer<'_>) -> Vec<Fact> {
    let parts = &answer.explanation.inputs;
    let (labels, target) = (subject.model.labels(), subject.model.pipeline.target.name());
    let first = match &answer.prediction {
        Prediction::Number(value) => Fact::new(brief(target, 30), figure(*value)),
        Prediction::Labels { probabilities, .. } => {
            let fact =
                Fact::new("answer", brief(&sets::named(subject.model, &answer.prediction), 30));
            match answer.explanation.class {
                Some(label) => {
                    let label_ = brief(&labels[label], 20);
                    fact.note(format!("{label_} with {}", percent(probabilities[label])))
                }
                None => fact,
            }
        }
        Prediction::Class { index, probabilities } => {
            let note = format!("with {}", percent(probabilities[*index]));
            Fact::new("answer", brief(&labels[*index], 30)).note(note)
        }
    };
    let unit = match answer.explanation.class {
        Some(class) => format!("logit of {}", brief(&labels[class], 20)),
        None => "output".into(),
    };
    vec![
        first,
        Fact::new("base", figure(parts.base)).note(format!("{unit} at the baseline")),
        Fact::new("contributions", figure(answer.sum())).note("of all inputs together"),
        Fact::new(unit, figure(parts.output))
            .note(format!("{} left over", tell::left_over(answer))),
    ]
}

/// A bar a column, or an overlay on the picture.
fn contributions(section: &mut Section, subject: &Subject<'_>, answer: &Answer<'_>) {
    let mut figures = Vec::new();
    if let (Some(picture), Some(pixels)) = (&answer.picture, &answer.explanation.pixels) {
        figures.push((
            saliency("Contribution of every pixel", picture, pixels),
            "Pixels that raise the answer are blue, those that lower it red, on the picture in grey. A pixel may \
             count by being dark as well as by being bright.",
        ));
    }
    let columns = &answer.explanation.columns;
    if answer.picture.is_none() || columns.len() > 1 {
        let order = answer.order();
        let unit = match answer.explanation.class {
            Some(class) => {
                format!("contribution to the logit of {}", subject.model.labels()[class])
            }
            None => format!("contribution to {}", subject.model.pipeline.target.name()),
        };
        let mut bars = Bars::new("Contribution of every column").signed().label(unit);
        for &i in order.iter().take(subject.most(BARS)) {
            let name = format!("{} = {}", brief(&columns[i].name, 30), brief(&answer.cells[i], 12));
            bars = bars.bar(name, columns[i].value);
        }
        let caption = match order.len() > subject.most(BARS) {
            true => "The largest contributions of columns; the others are not drawn.",
            false => "What every column adds to the base, or takes from it.",
        };
        figures.push((bars.svg(), caption));
    }
    section.figures(figures);
}

fn nearest(section: &mut Section, alike: &[Alike], which: Option<&str>) {
    let Some(which) = which else { return };
    section.heading("The nearest examples");
    section.text(format!("Those that the network takes for most alike: by {which}."));
    let thumbnail = |one: &Alike| {
        let truth = one.truth.clone().unwrap_or_else(|| "no label".into());
        Some(Thumbnail {
            picture: one.picture.clone()?,
            alternative: format!("{}, {truth}", brief(&one.name, 60)),
            lines: vec![
                brief(&truth, 30),
                format!("distance {}", figure(one.distance)),
                brief(&one.name, 60),
            ],
            right: one.agrees,
        })
    };
    let pictures: Vec<Thumbnail> = alike.iter().filter_map(thumbnail).collect();
    if !pictures.is_empty() {
        section.thumbnails(pictures);
        return;
    }
    let columns = alike.first().map_or(Vec::new(), |one| one.cells.clone());
    let names = columns.into_iter().map(|(name, _)| brief(&name, 30));
    let mut table =
        Table::new(["row", "distance", "true"].map(String::from).into_iter().chain(names));
    for one in alike {
        let truth = brief(one.truth.as_deref().unwrap_or("–"), 30);
        let first = [brief(&one.name, 40), figure(one.distance), truth];
        table.push(first.into_iter().chain(one.cells.iter().map(|(_, cell)| cell.clone())));
    }
    section.table(table);
}

/// The network with its numbers, where it is small.
fn drawing(subject: &Subject<'_>, answer: &Answer<'_>) -> Option<NetworkDrawing> {
    let layers = answer.trace.layers.iter().map(|layer| &layer.y);
    let all: Vec<Vec<f64>> = (std::iter::once(&answer.trace.inputs).chain(layers))
        .map(|values| values.iter().map(|v| v.value()).collect())
        .collect();
    let small = all.iter().all(|values| values.len() <= SMALL);
    small.then(|| NetworkDrawing::of(subject.model).numbers(all))
}

/// The equations, and what stands in them.
pub fn equations(subject: &Subject<'_>) -> Section {
    let mut section = Section::new("Equations");
    section.text(
        "A node adds up its weighted inputs and its bias, and passes the sum through its activation: n2l1 is node 2 \
         of layer 1.",
    );
    section.code(whole::equations(subject, false));
    section.text(Text::new().plain("Then ").plain(subject.answer()).plain("."));
    let most = subject.most(whole::MEANINGS);
    let mut table = Table::new(["in the equations", "input", "made of it"]);
    let meanings = subject.meanings(most.saturating_add(1));
    for meaning in meanings.iter().take(most) {
        let cells = [meaning.symbol.clone(), brief(&meaning.name, 60), brief(&meaning.how, 80)];
        table.push(cells);
    }
    let more = meanings.len() > most;
    section.table(match more {
        true => table.caption(format!(
            "The first {most} of {} inputs.",
            grouped(subject.model.network.inputs())
        )),
        false => table,
    });
    section
}

/// What the hidden nodes do.
pub fn nodes(layers: &[LayerUnits], rows: usize) -> Section {
    let mut section = Section::new("Dead and saturated nodes");
    if layers.is_empty() {
        section.text("There is no hidden layer.");
        return section;
    }
    section.table(units_table(layers, rows));
    let mut names = Vec::new();
    for l in layers {
        for (word, nodes) in [("Dead", &l.dead), ("Saturated", &l.saturated)] {
            if !nodes.is_empty() {
                names.push(format!("{word}: {}", whole::node_names(l.layer, nodes)));
            }
        }
    }
    if !names.is_empty() {
        section.list(names);
    }
    section
}
