//! Odd data: nothing, one point, values that are no numbers, huge ones. Every picture stays legible, none panics.

use mlp_report::curves::{calibration, precision_recall as pr, roc as roc_curve};
use mlp_report::*;
use proptest::prelude::*;

#[track_caller]
fn check(svg: &Svg) -> String {
    let text = svg.file();
    let document = roxmltree::Document::parse(&text).unwrap_or_else(|e| panic!("{e}\n{text}"));
    for node in document.descendants() {
        // Base64 may hold any word.
        for attribute in node.attributes().filter(|a| a.name() != "href") {
            let value = attribute.value();
            assert!(!value.contains("NaN") && !value.contains("inf"), "{value} in {node:?}");
        }
    }
    let (width, height) = svg.size();
    assert!(
        width > 0.0 && width < 3000.0 && height > 0.0 && height < 10_000.0,
        "{width} × {height}"
    );
    text
}

fn of_points(points: &[Point]) -> Vec<Svg> {
    let plot = |axis: fn(&str) -> Axis| {
        Plot::new("odd")
            .x(axis("x"))
            .y(axis("y"))
            .points("p", points.to_vec())
            .line("l", points.to_vec())
            .svg()
    };
    let grid = Grid::sample((0.0, 0.0), (1.0, 1.0), (3, 3), |x, y| {
        points.first().map_or(f64::NAN, |p| p.0 * x + p.1 * y)
    });
    let values: Vec<f64> = points.iter().flat_map(|p| [p.0, p.1]).collect();
    let triples = || points.iter().map(|p| (p.0, p.1, p.1));
    let bars =
        values.iter().fold(Bars::new("odd").signed(), |bars, v| bars.bar("b", *v).error(v / 2.0));
    vec![
        plot(|l| Axis::new(l)),
        plot(|l| Axis::new(l).log()),
        plot(|l| Axis::new(l).zero().whole()),
        plot(|l| Axis::new(l).percent().tight()),
        Plot::new("odd").errors("e", triples()).band("b", triples()).bins("n", triples()).svg(),
        predicted_and_true("odd", "y", points),
        residuals("odd", "y", points),
        histogram("odd", Axis::new("v"), &[("all".into(), values.clone())], false),
        learning_curve("odd", Axis::new("loss").log(), &[("training", points.to_vec())], Some(1.0)),
        surface("odd", ("x", "y"), &grid, &[("p".into(), points.to_vec())]),
        bowl("odd", ("x", "y"), &grid, points),
        bars.svg(),
        logistic_gauge("odd", values.first().copied().unwrap_or(0.0)),
    ]
}

#[test]
fn no_values_are_said_to_be_none() {
    for svg in of_points(&[]).iter().take(9) {
        assert!(check(svg).contains("no values to draw"), "{}", svg.file());
    }
    for svg in of_points(&[(f64::NAN, 1.0), (2.0, f64::INFINITY)]).iter().take(3) {
        assert!(check(svg).contains("no values to draw"));
    }
    check(&Matrix::confusion("none", &[], &[]).svg());
    check(&Bars::new("none").svg());
    check(&strip("none", &[]));
    check(&picture_row("none", &[]));
    check(&WeightPictures { width: 28, height: 28, nodes: Vec::new() }.svg("none"));
    check(&roc("none", &[]));
    check(&precision_recall("none", &[], None));
    check(&reliability("none", &[]));
    check(&NetworkDrawing::new("none", 0).svg());
}

#[test]
fn one_point_stands_in_the_middle_of_a_scale() {
    for svg in of_points(&[(3.0, 7.0)]) {
        check(&svg);
    }
    let one =
        Plot::new("one").x(Axis::new("x")).y(Axis::new("y")).points("p", [(3.0, 7.0)]).svg().file();
    assert!(one.contains(">3.0<") || one.contains(">3<"), "{one}");
}

#[test]
fn a_class_may_be_called_anything() {
    let names =
        ["<script>alert(1)</script>".to_string(), "a\" onload=\"x".into(), "]]>&amp;\u{0}".into()];
    let counts = vec![vec![1, 2, 3]; 3];
    let matrix = Matrix::confusion("<b>", &names, &counts);
    let drawing =
        NetworkDrawing::new("<b>", 3).layer(3, &[0.5; 9], "<i>").names(&names).answers(&names);
    let mut bars = Bars::new("<b>").label("<i>");
    let mut plot =
        Plot::new("<b>").x(Axis::new("<i>")).y(Axis::new("<i>")).label("<i>", (0.0, 0.0));
    for name in &names {
        bars = bars.bar(name, 1.0).words(name);
        plot = plot.line(name, [(0.0, 0.0), (1.0, 1.0)]).level(name, 0.5);
    }
    for svg in [matrix.svg(), matrix.shares().svg(), drawing.svg(), bars.svg(), plot.svg()] {
        let text = check(&svg);
        for markup in ["<script", "<b>", "<i>", "onload=\"x"] {
            assert!(!text.contains(markup), "{markup} in {text}");
        }
    }
}

#[test]
fn very_many_of_everything_stay_small() {
    let names: Vec<String> = (0..2_000).map(|i| format!("class {i}")).collect();
    let counts: Vec<Vec<u64>> =
        (0..2_000).map(|t| (0..2_000).map(|p| u64::from(t == p)).collect()).collect();
    let points: Vec<Point> = (0..100_000).map(|i| (f64::from(i), f64::from(i % 977))).collect();
    let bars = names.iter().fold(Bars::new("many"), |bars, name| bars.bar(name, 1.0));
    let all = [
        Matrix::confusion("many", &names, &counts).svg(),
        Plot::new("many").line("l", points).svg(),
        bars.svg(),
        NetworkDrawing::new("many", 5000)
            .layer(5000, &[], "relu")
            .layer(3000, &[], "output")
            .answers(&names)
            .svg(),
        WeightPictures { width: 400, height: 400, nodes: vec![vec![0.5; 160_000]; 100] }
            .svg("many"),
        strip("many", &vec![7; 1_000_000]),
    ];
    for svg in all {
        let size = check(&svg).len();
        assert!(size < 200_000, "{}: {size} bytes", svg.title());
    }
}

fn any_value() -> impl Strategy<Value = f64> {
    prop_oneof![
        any::<f64>(),
        -10.0..10.0f64,
        prop::sample::select(vec![
            f64::NAN,
            f64::INFINITY,
            f64::NEG_INFINITY,
            f64::MAX,
            f64::MIN,
            0.0,
            -0.0,
            5e-324
        ]),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn any_values_give_pictures(points in prop::collection::vec((any_value(), any_value()), 0..40)) {
        for svg in of_points(&points) {
            check(&svg);
        }
        let values: Vec<f64> = points.iter().map(|p| p.0).collect();
        let truth: Vec<bool> = points.iter().map(|p| p.1 > 0.0).collect();
        check(&roc("odd", &[("c".into(), roc_curve(&values, &truth))]));
        let curve = pr(&values, &truth).map(|(curve, _)| curve).unwrap_or_default();
        check(&precision_recall("odd", &[("c".into(), curve)], Some(0.5)));
        check(&reliability("odd", &calibration(&values, &truth).0));
        let names: Vec<String> = (0..5).map(|i| i.to_string()).collect();
        check(&Matrix::values("odd", &names, &names, &values).svg());
        let weights: Vec<f32> = values.iter().map(|v| *v as f32).collect();
        check(&NetworkDrawing::new("odd", 3).layer(4, &weights, "tanh").numbers(vec![values.clone()]).svg());
        check(&WeightPictures { width: 4, height: 4, nodes: vec![weights] }.svg("odd"));
    }
}
