//! A picture of every kind, from made-up data that are the same in every run.

use mlp_report::model::tensor::math;
use mlp_report::model::tensor::{Purpose, Stream, Streams};
use mlp_report::*;

fn stream(index: u32) -> Stream {
    Streams::new(1).at(Purpose::Demo, 0, index)
}

/// About normal: the sum of twelve uniform numbers.
fn normal(stream: &mut Stream) -> f64 {
    (0..12).map(|_| stream.uniform_f64()).sum::<f64>() - 6.0
}

fn labels(names: &[&str]) -> Vec<String> {
    names.iter().map(|n| n.to_string()).collect()
}

/// Every kind, with the name of its golden file.
pub fn all() -> Vec<(&'static str, Svg)> {
    let mut all = axes();
    all.extend(scores());
    all.extend(numbers());
    all.extend(surfaces());
    all.extend(networks());
    all.extend(pictures());
    all
}

fn axes() -> Vec<(&'static str, Svg)> {
    let mut s = stream(1);
    let points: Vec<Point> = (0..30)
        .map(|i| f64::from(i) / 3.0)
        .map(|x| (x, 1.5 * x + 2.0 + 1.5 * normal(&mut s)))
        .collect();
    let fitted = Plot::new("A line fitted to 30 points")
        .x(Axis::new("x"))
        .y(Axis::new("y"))
        .points("points", points.clone())
        .colour(Colour::Blue)
        .line("y = 1.50·x + 2.00", [(0.0, 2.0), (10.0, 17.0)])
        .colour(Colour::Red);
    let epochs = |start: f64, floor: f64, s: &mut Stream| -> Vec<Point> {
        (1..=40).map(f64::from).map(|e| (e, floor + start / e + 0.01 * s.uniform_f64())).collect()
    };
    let curves =
        [("training", epochs(0.9, 0.05, &mut s)), ("validation", epochs(0.8, 0.16, &mut s))];
    let bars = Plot::new("Accuracy over the size of the training part")
        .x(Axis::new("training examples").log())
        .y(Axis::new("accuracy").percent())
        .band("95 % interval", [(100.0, 0.61, 0.75), (1e3, 0.79, 0.85), (1e4, 0.9, 0.93)])
        .line("95 % interval", [(100.0, 0.68), (1e3, 0.82), (1e4, 0.915)])
        .errors("of five seeds", [(100.0, 0.64, 0.7), (1e3, 0.81, 0.84), (1e4, 0.91, 0.92)])
        .points("of five seeds", [(100.0, 0.67), (1e3, 0.825), (1e4, 0.915)]);
    vec![
        ("line", fitted.svg()),
        ("learning-curve", learning_curve("Loss", Axis::new("loss").log(), &curves, Some(31.0))),
        ("errors", bars.svg()),
        ("gauge", logistic_gauge("The logistic function", 1.3)),
    ]
}

/// Probabilities of the second class, and whether it is the second class.
fn answers(count: usize) -> (Vec<f64>, Vec<bool>) {
    let mut s = stream(2);
    let one = |i: usize, s: &mut Stream| {
        let truth = i.is_multiple_of(2);
        let z = if truth { 1.3 } else { -1.3 } + 1.6 * normal(s);
        (math::logistic(z), truth)
    };
    (0..count).map(|i| one(i, &mut s)).unzip()
}

fn scores() -> Vec<(&'static str, Svg)> {
    let (p, truth) = answers(600);
    let one = |name: &str, points| vec![(name.to_string(), points)];
    let (precision, average) = curves::precision_recall(&p, &truth).expect("positives");
    let confidence: Vec<f64> = p.iter().map(|p| p.max(1.0 - p)).collect();
    let right: Vec<bool> = p.iter().zip(&truth).map(|(p, t)| (*p > 0.5) == *t).collect();
    let (bins, _) = curves::calibration(&confidence, &right);
    let of = |class: bool| -> Vec<f64> {
        p.iter().zip(&truth).filter(|(_, t)| **t == class).map(|(p, _)| *p).collect()
    };
    let groups = [("cat".to_string(), of(false)), ("dog".to_string(), of(true))];
    let pets = labels(&["cat", "dog", "rabbit"]);
    let counts = vec![vec![180, 14, 6], vec![21, 160, 0], vec![2, 3, 95]];
    let digits: Vec<String> = (0..10).map(|d| d.to_string()).collect();
    let many = |n: usize| -> Vec<Vec<u64>> {
        let cell =
            |t: usize, p: usize| if t == p { 90 } else { (t * 7 + p * 3) as u64 % 11 / 8 * 5 };
        (0..n).map(|t| (0..n).map(|p| cell(t, p)).collect()).collect()
    };
    let names: Vec<String> = (0..60).map(|i| format!("class {i}")).collect();
    let probability = || Axis::new("probability of dog").percent().range(0.0, 1.0);
    vec![
        ("roc", roc("ROC curve", &one("dog, AUC 0.873", curves::roc(&p, &truth)))),
        (
            "precision-recall",
            precision_recall(
                "Precision and recall",
                &one(&format!("dog, AP {average:.3}"), precision),
                Some(0.5),
            ),
        ),
        ("reliability", reliability("Reliability", &bins)),
        ("histogram", histogram("Scores by class", probability(), &groups, true)),
        ("confusion", Matrix::confusion("Confusion", &pets, &counts).svg()),
        ("confusion-digits", Matrix::confusion("Confusion", &digits, &many(10)).svg()),
        ("confusion-shares", Matrix::confusion("Confusion", &digits, &many(10)).shares().svg()),
        ("confusion-many", Matrix::confusion("Confusion", &names, &many(60)).svg()),
    ]
}

fn numbers() -> Vec<(&'static str, Svg)> {
    let mut s = stream(3);
    let pairs: Vec<Point> = (0..300)
        .map(|_| (120_000.0 + 60_000.0 * normal(&mut s).abs(), normal(&mut s)))
        .map(|(t, error)| (t, t + 15_000.0 * error))
        .collect();
    let left: Vec<f64> = pairs.iter().map(|(t, y)| t - y).collect();
    let importance = Bars::new("Permutation importance")
        .label("accuracy lost when the column is shuffled")
        .percent()
        .bar("petal_length", 0.31)
        .ends(0.27, 0.35)
        .bar("petal_width", 0.224)
        .ends(0.2, 0.25)
        .bar("a column whose name is much too long to be shown", 0.011)
        .ends(0.0, 0.02)
        .bar("sepal_width", -0.002)
        .ends(-0.006, 0.002);
    let contributions = Bars::new("Contributions")
        .label("to the logit of `versicolor`")
        .signed()
        .bar("petal_length", 2.41)
        .bar("petal_width", -1.7)
        .bar("sepal_length", 0.31)
        .bar("base", -0.05)
        .colour(Colour::Grey);
    let names = labels(&["a", "b", "c", "d"]);
    let cells =
        [1.0, 0.8, -0.2, 0.0, 0.8, 1.0, -0.4, 0.1, -0.2, -0.4, 1.0, 0.33, 0.0, 0.1, 0.33, 1.0];
    vec![
        ("predicted", predicted_and_true("Predicted and true", "price", &pairs)),
        ("residuals", residuals("Residuals", "price", &pairs)),
        (
            "residual-histogram",
            histogram("Residuals", Axis::new("true − predicted"), &[(String::new(), left)], false),
        ),
        ("importance", importance.svg()),
        ("contributions", contributions.svg()),
        ("heat-map", Matrix::values("Correlations", &names, &names, &cells).svg()),
    ]
}

fn surfaces() -> Vec<(&'static str, Svg)> {
    let mut s = stream(4);
    let ring = |radius: f64, n: u32, s: &mut Stream| -> Vec<Point> {
        let point = |i: u32| {
            let angle = f64::from(i) * 2.0 / f64::from(n);
            let r = radius + 0.2 * normal(s);
            (r * math::cos_pi(angle), r * math::sin_pi(angle))
        };
        (0..n).map(point).collect()
    };
    let groups = [
        ("inside".to_string(), ring(0.8, 40, &mut s)),
        ("outside".to_string(), ring(2.2, 60, &mut s)),
    ];
    let grid = Grid::sample((-3.0, -3.0), (3.0, 3.0), (80, 80), |x, y| {
        math::logistic(4.0 * ((x * x + y * y).sqrt() - 1.5))
    });
    let loss = |a: f64, b: f64| 0.5 * a * a + 0.3 * a * b + 0.25 * b * b + 0.1;
    let bowl_grid = Grid::sample((-3.0, -3.0), (3.0, 3.0), (80, 80), loss);
    let mut path = vec![(2.5, 2.2)];
    for _ in 0..25 {
        let (a, b): Point = path[path.len() - 1];
        path.push((a - 0.4 * (a + 0.3 * b), b - 0.4 * (0.3 * a + 0.5 * b)));
    }
    vec![
        ("surface", surface("Inside or outside", ("x1", "x2"), &grid, &groups)),
        ("bowl", bowl("The loss is a bowl", ("w1", "w0"), &bowl_grid, &path)),
    ]
}

fn networks() -> Vec<(&'static str, Svg)> {
    let mut s = stream(5);
    let mut weights = |n: usize| -> Vec<f32> { (0..n).map(|_| 2.0 * s.uniform() - 1.0).collect() };
    let small = NetworkDrawing::new("The tutorial's network", 4)
        .layer(6, &weights(24), "tanh")
        .layer(6, &weights(36), "tanh")
        .layer(1, &weights(6), "logistic")
        .names(&labels(&["x1", "x2", "x3", "x4"]))
        .answers(&labels(&["y"]));
    let traced = small.clone().numbers(vec![
        vec![0.5, -1.0, 0.25, 2.0],
        vec![0.93, -0.12, 0.4, 0.77, -0.9, 0.01],
        vec![0.3, -0.2, 0.1, -0.999, 0.5, 0.25],
        vec![0.731],
    ]);
    let digits: Vec<String> = (0..10).map(|d| d.to_string()).collect();
    let large = NetworkDrawing::new("A network for digits", 784)
        .layer(64, &weights(784 * 64), "relu")
        .layer(32, &weights(64 * 32), "relu")
        .layer(10, &weights(320), "output")
        .answers(&digits);
    vec![("network", small.svg()), ("network-traced", traced.svg()), ("network-large", large.svg())]
}

fn pictures() -> Vec<(&'static str, Svg)> {
    let ball = |size: usize| {
        Raster::from_fn(size, size, |x, y| {
            let centred = |v: usize| (v as f64 + 0.5) / size as f64 * 2.0 - 1.0;
            let (x, y) = (centred(x), centred(y));
            let light = (1.0 - (x * x + y * y)).max(0.0).sqrt();
            [(60.0 + 190.0 * light) as u8, (40.0 + 120.0 * light) as u8, (200.0 * light) as u8, 255]
        })
    };
    let big = ball(60);
    let bytes: Vec<u8> = (0..3600).map(|i| big.at(i % 60, i / 60)[0]).collect();
    let node = |n: usize| -> Vec<f32> {
        let wave = |i: usize, by: usize| math::sin_pi((i * (by + 1)) as f64 / 14.0) as f32;
        (0..784).map(|p| wave(p % 28, n % 4) * wave(p / 28, n / 4)).collect()
    };
    let nodes: Vec<Vec<f32>> = (0..16).map(node).collect();
    let lit = |i: usize| f64::from(big.at(i % 60, i / 60)[0]) / 250.0;
    let parts: Vec<f64> = (0..3600)
        .map(|i| {
            lit(i) * math::sin_pi((i % 60) as f64 / 30.0) * math::cos_pi((i / 60) as f64 / 60.0)
        })
        .collect();
    let named = |size: usize| (ball(size), format!("{size} × {size}"));
    vec![
        ("pixels", PixelGrid::new("Twelve by twelve pixels", &ball(12)).channel(0).svg()),
        ("crop", PixelGrid::crop("An edge", &big, (2, 20), (6, 6)).channel(2).svg()),
        ("strip", strip("3,600 values", &bytes)),
        ("pictures", picture_row("One ball", &[named(60), named(20), named(8)])),
        ("weights", WeightPictures { width: 28, height: 28, nodes }.svg("First-layer weights")),
        ("saliency", saliency("What every pixel contributes", &big, &parts)),
    ]
}
