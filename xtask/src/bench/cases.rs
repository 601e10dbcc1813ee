//! The cases: shapes, data and hyper-parameters, as words that every program understands.

use super::stats::Measure;
use std::path::Path;

/// What is timed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Matrix products.
    Gemm,
    /// Whole epochs.
    Train,
    /// Forward passes.
    Inference,
    /// Files to pictures and columns in memory.
    Ingest,
}

impl Kind {
    /// In the order of the tables.
    pub const ALL: [Kind; 4] = [Kind::Gemm, Kind::Train, Kind::Inference, Kind::Ingest];

    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Gemm => "gemm",
            Kind::Train => "train",
            Kind::Inference => "inference",
            Kind::Ingest => "ingest",
        }
    }
}

/// The data of a training, or what is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// MNIST's training pictures, or generated ones of their shape.
    Mnist,
    /// 10,000 generated pictures of 32 × 32 × 3 bytes in two classes.
    Pictures,
    /// 100,000 generated rows of 20 numbers, and a number to predict.
    Numbers,
    /// Photographs in class folders.
    Photos,
    /// CIFAR-10's 50,000 training pictures as JPEG files in class folders.
    Cifar,
    /// A generated CSV file of so many rows of 20 columns.
    Csv(usize),
}

/// One thing to measure.
#[derive(Clone, Debug)]
pub struct Case {
    /// What is timed.
    pub kind: Kind,
    /// Short and unique.
    pub name: String,
    /// In words.
    pub title: String,
    /// What a round's value is.
    pub measure: Measure,
    /// Where data come from.
    pub source: Option<Source>,
    words: Vec<(&'static str, String)>,
}

impl Case {
    /// The line that sets it up.
    pub fn words(&self, threads: usize, data: Option<&Path>) -> String {
        let mut line = format!("case\tkind={}\tthreads={threads}", self.kind.word());
        for (key, value) in &self.words {
            line.push_str(&format!("\t{key}={value}"));
        }
        if let Some(data) = data {
            line.push_str(&format!("\tdata={}", data.display()));
        }
        line
    }
}

/// Every case.
pub fn all() -> Vec<Case> {
    let mut cases = products();
    cases.extend(trainings());
    cases.extend(inferences());
    cases.extend(ingests());
    cases
}

/// Rows are the largest multiple of the batch, for compiled loops take whole batches only; of T4 a quarter, which is
/// long enough.
fn trainings() -> Vec<Case> {
    use Source::{Mnist, Numbers, Pictures};
    vec![
        training("T1", [784, 10], "100", "adam", 200, 60_000, Mnist),
        training("T2", [784, 10], "512,256", "adam", 128, 59_904, Mnist),
        training("T3", [784, 10], "512,256", "momentum", 32, 60_000, Mnist),
        training("T4", [784, 10], "2048,2048", "adam", 512, 15_360, Mnist),
        training("T5", [3072, 1], "1024,512", "adam", 64, 9_984, Pictures),
        training("T6", [20, 1], "64,64", "adam", 256, 99_840, Numbers),
    ]
}

fn training(
    name: &str,
    [inputs, outputs]: [usize; 2],
    hidden: &str,
    optimizer: &str,
    batch: usize,
    rows: usize,
    source: Source,
) -> Case {
    let (task, loss) = match source {
        Source::Mnist => ("multiclass", "cross-entropy"),
        Source::Pictures => ("binary", "logistic"),
        _ => ("regression", "squared error"),
    };
    let (rate, method) = match optimizer {
        "adam" => ("0.001", "Adam"),
        _ => ("0.01", "SGD with momentum"),
    };
    let title =
        format!("{inputs}-{}-{outputs}, {loss}, {method}, batch {batch}", hidden.replace(',', "-"));
    let words = [
        ("inputs", inputs.to_string()),
        ("hidden", hidden.into()),
        ("outputs", outputs.to_string()),
        ("task", task.into()),
        ("optimizer", optimizer.into()),
        ("rate", rate.into()),
        ("batch", batch.to_string()),
        ("rows", rows.to_string()),
    ];
    let (kind, measure) = (Kind::Train, Measure::Rate);
    Case { kind, name: name.into(), title, measure, source: Some(source), words: words.into() }
}

/// Squares, and the layers of T2 and T4: examples × inputs × outputs.
fn products() -> Vec<Case> {
    let mut cases = vec![
        product("1024", 1024, 1024, 1024, "forward"),
        product("2048", 2048, 2048, 2048, "forward"),
    ];
    let layers = [
        ("T2-1", [128, 784, 512]),
        ("T2-2", [128, 512, 256]),
        ("T4-1", [512, 784, 2048]),
        ("T4-2", [512, 2048, 2048]),
    ];
    for (layer, [batch, inputs, outputs]) in layers {
        for kind in ["forward", "input-gradient", "weight-gradient"] {
            cases.push(product(&format!("{layer}-{kind}"), batch, inputs, outputs, kind));
        }
    }
    cases
}

fn product(name: &str, batch: usize, inputs: usize, outputs: usize, product: &str) -> Case {
    let (rows, depth, cols) = match product {
        "forward" => (batch, inputs, outputs),
        "input-gradient" => (batch, outputs, inputs),
        _ => (inputs, batch, outputs),
    };
    let words = [
        ("batch", batch.to_string()),
        ("inputs", inputs.to_string()),
        ("outputs", outputs.to_string()),
        ("product", product.into()),
    ];
    Case {
        kind: Kind::Gemm,
        name: name.into(),
        title: format!("{} {rows} × {depth} × {cols}", product.replace('-', " ")),
        measure: Measure::Gflops(2.0 * (batch * inputs * outputs) as f64),
        source: None,
        words: words.into(),
    }
}

fn inferences() -> Vec<Case> {
    vec![
        inference("row", 784, "512,256", 10, 1),
        row_of_16_bits(),
        inference("rows", 784, "512,256", 10, 10_000),
        inference("small-row", 30, "16", 1, 1),
    ]
}

fn inference(name: &str, inputs: usize, hidden: &str, outputs: usize, rows: usize) -> Case {
    let measure = if rows == 1 { Measure::Micros } else { Measure::Rate };
    let what = if rows == 1 { "one row a call".into() } else { format!("{rows} rows a call") };
    let words = [
        ("inputs", inputs.to_string()),
        ("hidden", hidden.into()),
        ("outputs", outputs.to_string()),
        ("rows", rows.to_string()),
    ];
    Case {
        kind: Kind::Inference,
        name: name.into(),
        title: format!("{inputs}-{}-{outputs}, {what}", hidden.replace(',', "-")),
        measure,
        source: None,
        words: words.into(),
    }
}

/// The same with this project's weights in 16 bits; the peers have theirs in 32, as they come.
fn row_of_16_bits() -> Case {
    let mut case = inference("row-16-bit", 784, "512,256", 10, 1);
    case.title.push_str(", this project's weights of 16 bits");
    case.words.push(("weights", "16".into()));
    case
}

/// Pictures are cut to their middle square.
fn ingests() -> Vec<Case> {
    let case = |name: &str, title: &str, source: Source, size: Option<u32>| Case {
        kind: Kind::Ingest,
        name: name.into(),
        title: title.into(),
        measure: Measure::Rate,
        source: Some(source),
        words: size.map(|side| ("size", side.to_string())).into_iter().collect(),
    };
    vec![
        case("photos", "photographs to 64 × 64 RGB", Source::Photos, Some(64)),
        case("photos-180", "photographs to 180 × 180 RGB", Source::Photos, Some(180)),
        case("cifar", "50,000 JPEG files of 32 × 32 RGB", Source::Cifar, Some(32)),
        case("csv", "1,000,000 rows × 20 columns", Source::Csv(1_000_000), None),
        case("inspect", "50,000 rows × 20 columns", Source::Csv(50_000), None),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_rows_are_whole_batches() {
        let cases = all();
        for (i, case) in cases.iter().enumerate() {
            assert!(!cases[..i].iter().any(|other| other.name == case.name), "{}", case.name);
            let number = |key| {
                let word = case.words.iter().find(|(k, _)| *k == key);
                word.map_or(1, |(_, value)| value.parse::<usize>().unwrap())
            };
            let whole = case.kind != Kind::Train || number("rows") % number("batch") == 0;
            assert!(whole, "{}", case.name);
        }
    }

    #[test]
    fn a_case_is_one_line() {
        let line = trainings()[0].words(2, Some(Path::new("/a b")));
        assert_eq!(
            line,
            "case\tkind=train\tthreads=2\tinputs=784\thidden=100\toutputs=10\ttask=multiclass\t\
             optimizer=adam\trate=0.001\tbatch=200\trows=60000\tdata=/a b"
        );
    }
}
