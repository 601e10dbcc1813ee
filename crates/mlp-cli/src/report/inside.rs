//! Sections on the inside of a model: what it looks at, its network, its nodes and weights.

use super::study::{Study, Tested, brief};
use mlp_model::{Model, Task};
use mlp_report::number::{figure, grouped, percent};
use mlp_report::{Bars, NetworkDrawing, Section, Table, WeightPictures};
use mlp_train::{LayerUnits, layer_units, permutation_importance, sample, weight_statistics};

const CAPTION: &str = "How much worse the model gets without what a column says; the thin bars go from the least to \
                       the greatest of three shuffles.";
/// Most bars of importance.
const BARS: usize = 20;
/// Rows on which nodes are watched.
const WATCHED: usize = 1_000;

/// Permutation importance of the columns of a table; nothing for pictures.
pub fn importance(model: &Model, tested: &Tested<'_>) -> Section {
    let mut section = Section::new("Which columns matter");
    let columns = model.pipeline.schema.fields.len();
    let features = model.pipeline.features().is_some();
    if model.pipeline.picture_shape().is_some() || columns == usize::from(features) {
        return section;
    }
    let rows = tested.session.rows(tested.part);
    let measured =
        permutation_importance(tested.exec, model, &tested.data.table, &tested.data.target, rows);
    let Ok((all, rows)) = measured else {
        section.text("Importance could not be measured: some shuffled rows have no finite answer.");
        return section;
    };
    let label = match model.task {
        Task::Regression => "root mean squared error gained when the column is shuffled",
        Task::Binary | Task::Multiclass => "accuracy lost when the column is shuffled",
        Task::Multilabel => "subset accuracy lost when the column is shuffled",
    };
    let mut bars = Bars::new("Permutation importance").label(label);
    if model.task != Task::Regression {
        bars = bars.percent();
    }
    for one in all.iter().take(BARS) {
        bars = bars.bar(brief(&one.column, 60), one.loss).ends(one.ends.0, one.ends.1);
    }
    section.figure(bars.svg(), CAPTION);
    let few = if all.len() > BARS {
        format!("; the {BARS} greatest of {}", grouped(all.len()))
    } else {
        String::new()
    };
    let unseen = match columns > all.len() {
        true => {
            format!(" Only the first {} of {} columns were measured.", all.len(), grouped(columns))
        }
        false => String::new(),
    };
    section.text(format!(
        "Measured on {} rows{few}. Columns that say the same share their importance between them.{unseen}",
        grouped(rows)
    ));
    section
}

/// The network drawn, and the weights of its first layer as pictures.
pub fn network(model: &Model) -> Section {
    // Principal components are drawn as the first layer, so that pictures of weights are of pixels.
    let unfolded = model.unfolded().ok().flatten();
    let model = unfolded.as_ref().unwrap_or(model);
    let mut section = Section::new("Network");
    let mut figures = vec![(
        NetworkDrawing::of(model).svg(),
        "Positive weights are blue, negative ones red, the wider the larger. Of large layers the first and last nodes \
         are drawn."
            .to_string(),
    )];
    if let Some(pictures) = WeightPictures::of(model) {
        let all = model.network.slots().iter().find(|slot| slot.decay).map_or(0, |slot| slot.rows);
        let few = match all > pictures.nodes.len() {
            true => format!(" The first {} of {} nodes.", pictures.nodes.len(), grouped(all)),
            false => String::new(),
        };
        let caption = format!(
            "First-layer weights, a picture a node: bright pixels raise it where it is blue and lower it where it is \
             red.{few}"
        );
        figures.push((pictures.svg("First-layer weights"), caption));
    }
    section.figures(figures);
    section
}

/// Figures of the nodes of the hidden layers, from so many rows.
pub fn units_table(layers: &[LayerUnits], rows: usize) -> Table {
    let mut table = Table::new([
        "hidden layer",
        "nodes",
        "activation",
        "mean",
        "deviation",
        "zeros",
        "dead",
        "saturated",
    ]);
    for l in layers {
        table.push([
            l.layer.to_string(),
            grouped(l.units),
            l.activation.name().to_string(),
            figure(l.mean),
            figure(l.deviation),
            percent(l.zeros),
            grouped(l.dead.len()),
            grouped(l.saturated.len()),
        ]);
    }
    table.caption(format!(
        "What the nodes answer to {} rows. Dead nodes answer every row alike; saturated ones stand within 1 % of an \
         end of their range on 95 % of the rows.",
        grouped(rows)
    ))
}

/// Figures of nodes and weights.
pub fn units(study: &Study<'_>) -> Section {
    let mut section = Section::new("Activations and weights");
    if let Some(tested) = &study.tested {
        let rows = sample(tested.session.rows(tested.part), WATCHED, study.model.record.seed);
        let layers = layer_units(tested.exec, study.model, &*tested.session.encoded, &rows);
        let layers = layers.unwrap_or_default();
        if !layers.is_empty() {
            section.table(units_table(&layers, rows.len()));
        }
    }
    let mut table =
        Table::new(["weights", "outputs × inputs", "mean", "deviation", "least", "greatest"]);
    for w in weight_statistics(study.model) {
        table.push([
            w.name.clone(),
            format!("{} × {}", grouped(w.shape.0), grouped(w.shape.1)),
            figure(w.mean),
            figure(w.deviation),
            figure(w.ends.0),
            figure(w.ends.1),
        ]);
    }
    section.table(table);
    section
}
