//! `mlp learn`: every step with its own numbers, as text, JSON, page and picture; and what is refused.

use crate::make;
use crate::program::{Place, Run, keys};
use crate::report::check_page;
use serde_json::Value;

/// The numbers of an array.
fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().expect("an array").iter().map(|v| v.as_f64().expect("a number")).collect()
}

fn near(value: &Value, known: f64, tolerance: f64) {
    let got = value.as_f64().expect("a number");
    assert!((got - known).abs() <= tolerance, "{got} for {known}");
}

/// A step's page and picture, which must be whole; and its text, which must fit 80 columns.
#[track_caller]
fn shown(place: &Place, args: &[&str], sections: &[&str]) -> (Run, String) {
    let all = [args, &["--html", "page.html", "--plot", "plot.svg"]].concat();
    let run = place.good(&all);
    for line in run.out.lines() {
        assert!(line.chars().count() <= 80, "a line of more than 80 columns: {line}");
    }
    for file in ["page.html", "plot.svg"] {
        assert!(run.err.contains(file), "{run}");
    }
    let html = place.text("page.html");
    check_page(&html, sections);
    assert!(html.matches("<svg").count() >= 1 && place.text("plot.svg").starts_with("<svg"));
    (run, html)
}

#[test]
fn steps_are_listed() {
    let place = Place::new();
    let list = place.good(&["learn"]).out;
    let steps = ["line", "plane", "equations", "trace", "image", "playground", "gradcheck"];
    for step in steps {
        let lines = list.lines().filter(|l| l.trim_start().starts_with(step)).count();
        assert_eq!(lines, 1, "{step} in\n{list}");
        let help = place.good(&["learn", step, "--help"]).out;
        assert!(
            help.contains("--html") && help.lines().all(|l| l.chars().count() <= 100),
            "{help}"
        );
        assert!(!help.contains("--break"), "{help}");
    }
    let json = place.good(&["learn", "--json"]).json();
    let names: Vec<&str> =
        json.as_array().unwrap().iter().map(|s| s["step"].as_str().unwrap()).collect();
    assert_eq!(names, steps);
    place.check(&["learn", "lines"], 2, &["lines", "line"]);
}

#[test]
fn a_line_is_fitted_in_both_ways() {
    let place = Place::new();
    let args = ["learn", "line", "--points", "0,1", "1,3", "2,5"];
    let json = place.good(&[&args[..], &["--json"]].concat()).json();
    for way in ["closed_form", "descent"] {
        near(&json[way]["w1"], 2.0, 1e-6);
        near(&json[way]["w0"], 1.0, 1e-6);
    }
    near(&json["loss"], 0.0, 1e-12);
    near(&json["r2"], 1.0, 1e-12);
    let (run, html) = shown(&place, &args, &["A line: y = w1·x + w0"]);
    for text in [&run.out, &html] {
        assert!(text.contains("closed form") && text.contains("gradient descent"), "{text}");
    }
    assert!(run.out.contains("2.000000000   1.000000000"), "{run}");
    assert!(html.contains("y = 2·x + 1"));
    // Years, where x is standardised for the descent; and points with minus signs.
    let years = ["learn", "line", "--points", "1990,5", "2000,7", "2010,8.8", "2020,11", "--json"];
    let json = place.good(&years).json();
    assert_eq!(json["descent"]["standardised"], true);
    near(&json["closed_form"]["w1"], 0.198, 1e-9);
    near(&json["descent"]["w0"], -389.04, 1e-4);
    let minus = ["learn", "line", "--json", "--points", "-1,-2", "-.5,-1e0", "1,2"];
    near(&place.good(&minus).json()["descent"]["w1"], 2.0, 1e-6);
    let one_word = ["learn", "line", "--points", "0,0 2,-2; 4,-4", "--json"];
    near(&place.good(&one_word).json()["closed_form"]["w1"], -1.0, 1e-9);
}

#[test]
fn the_line_that_comes_along() {
    let place = Place::new();
    let json = place.good(&["learn", "line", "--json"]).json();
    // By hand: mean of x 1.75, of y 4.55, Σ(x−x̄)(y−ȳ) = 21.15, Σ(x−x̄)² = 10.5.
    near(&json["closed_form"]["w1"], 21.15 / 10.5, 1e-12);
    near(&json["closed_form"]["w0"], 4.55 - 1.75 * 21.15 / 10.5, 1e-12);
    assert!(json["difference"].as_f64().unwrap() < 1e-6);
    assert_eq!(json["points"].as_array().unwrap().len(), 8);
}

#[test]
fn points_without_a_line_are_refused() {
    let place = Place::new();
    let cases: [(&[&str], &[&str]); 9] = [
        (&["0,1"], &["at least two"]),
        (&["3,1", "3,2"], &["all x are 3", "different x"]),
        (&["1e12,1", "1000000000000.00001,2"], &["different x"]),
        (&["0,nan", "1,2"], &["0,nan", "not a finite number"]),
        (&["0,inf", "1,2"], &["not a finite number"]),
        (&["0,1", "1;2"], &["1: give a point as x,y"]),
        (&["0,1", "1,2,3"], &["1,2,3", "x,y"]),
        (&["0,1e300", "1,2"], &["1e300", "unit"]),
        (&["0,1", "a,b"], &["a,b", "x,y"]),
    ];
    for (points, said) in cases {
        place.check(&[&["learn", "line", "--points"], points].concat(), 2, said);
    }
    place.check(&["learn", "line", "--plot", "p.pdf"], 2, &["--plot", ".svg"]);
    place.check(&["learn", "line", "--html", "no/page.html"], 1, &["no/page.html"]);
    if cfg!(not(feature = "png")) {
        place.check(&["learn", "line", "--plot", "p.png"], 1, &["--plot", "--features png"]);
    }
}

#[test]
fn a_plane_has_the_known_coefficients() {
    let place = Place::new();
    let json = place.good(&["learn", "plane", "--json"]).json();
    // R's `summary(lm(Volume ~ Girth + Height, trees))`.
    let known = [
        ("(intercept)", -57.9877, 8.6382, -6.713),
        ("girth", 4.7082, 0.2643, 17.816),
        ("height", 0.3393, 0.1302, 2.607),
    ];
    let coefficients = json["coefficients"].as_array().unwrap();
    assert_eq!(coefficients.len(), 3);
    for (c, (name, value, error, t)) in coefficients.iter().zip(known) {
        assert_eq!(c["name"], name);
        near(&c["value"], value, 6e-5);
        near(&c["standard_error"], error, 6e-5);
        near(&c["t"], t, 6e-4);
        near(&c["descent"], c["value"].as_f64().unwrap(), 1e-6);
    }
    near(&json["r2"], 0.948, 5e-4);
    assert!(json["rows"] == 31 && json["descent"]["converged"] == true);
    let (run, html) =
        shown(&place, &["learn", "plane"], &["Many variables: y = w1·x1 + … + wD·xD + w0"]);
    for text in [&run.out, &html] {
        assert!(text.contains("girth") && text.contains("4.7081"), "{text}");
    }
    // A table of one's own.
    place.write("t.csv", "a,b,y\n0,1,3\n1,0,7\n2,2,5\n3,1,9\n5,4,7\n");
    let json = place.good(&["learn", "plane", "t.csv", "--target", "y", "--json"]).json();
    for (c, known) in json["coefficients"].as_array().unwrap().iter().zip([5.0, 2.0, -2.0]) {
        near(&c["value"], known, 1e-4);
        near(&c["descent"], known, 1e-4);
    }
    place.check(&["learn", "plane", "iris"], 1, &["iris", "species"]);
    place.check(&["learn", "plane", "t.csv", "--target", "z"], 1, &["z"]);
    place.check(&["learn", "plane", "nowhere.csv"], 1, &["nowhere.csv"]);
}

#[test]
fn every_node_has_its_equation() {
    let place = Place::new();
    let json = place.good(&["learn", "equations", "--json"]).json();
    let nodes = json["nodes"].as_array().unwrap();
    assert_eq!((nodes.len(), json["parameters"].as_u64()), (13, Some(79)));
    assert_eq!(nodes[0]["symbols"], "n1l1 = tanh(w1·x1 + w2·x2 + w3·x3 + w4·x4 + b)");
    assert_eq!(nodes[12]["name"], "y");
    let (run, html) =
        shown(&place, &["learn", "equations"], &["A network: every node an equation"]);
    let (flat_run, flat_html) = (run.out.replace("\n      ", " "), html);
    for node in nodes {
        for key in ["symbols", "numbers"] {
            let words = node[key].as_str().unwrap();
            assert!(flat_run.contains(words), "{words} in {flat_run}");
            assert!(flat_html.contains(words), "{words} is not on the page");
        }
        // What is written are the weights.
        for weight in numbers(&node["weights"]) {
            let written = format!("{:.2}·", weight.abs());
            assert!(node["numbers"].as_str().unwrap().contains(&written), "{written} {node}");
        }
    }
    let other = place.good(&["learn", "equations", "--json", "--seed", "2"]).json();
    assert_ne!(other["nodes"], json["nodes"]);
    let wide = ["learn", "equations", "--inputs", "20", "--hidden", "3", "--activation", "relu"];
    assert!(place.good(&wide).out.contains("…"));
    place.check(&["learn", "equations", "--inputs", "0"], 2, &["inputs"]);
    place.check(&["learn", "equations", "--hidden", "100"], 2, &["--hidden 100"]);
    place.check(&["learn", "equations", "--activation", "tan"], 2, &["tan", "tanh"]);
}

#[test]
fn a_trace_gives_the_digits_of_a_calculator() {
    let place = Place::new();
    let args = ["learn", "trace", "--input", "1,0.5,-1,2", "--activation", "relu", "--seed", "3"];
    let trace = place.good(&[&args[..], &["--json"]].concat()).json();
    let equations = ["learn", "equations", "--activation", "relu", "--seed", "3", "--json"];
    let nodes = place.good(&equations).json()["nodes"].clone();
    // The first layer by hand, from the equations.
    let x = [1.0, 0.5, -1.0, 2.0];
    for (n, node) in nodes.as_array().unwrap().iter().take(6).enumerate() {
        let sum: f64 = numbers(&node["weights"]).iter().zip(x).map(|(w, x)| w * x).sum();
        let z = sum + node["bias"].as_f64().unwrap();
        near(&trace["layers"][0]["z"][n], z, 1e-9);
        near(&trace["layers"][0]["y"][n], z.max(0.0), 1e-9);
    }
    // The step by hand: loss and its derivative from the output, the last bias from both.
    let (y, step) = (trace["exact"][0].as_f64().unwrap(), &trace["step"]);
    near(&step["loss"], (y - 1.0) * (y - 1.0), 1e-12);
    near(&step["dy"][0], 2.0 * (y - 1.0), 1e-12);
    let last = &step["layers"][2];
    near(&last["new_biases"][0], last["biases"][0].as_f64().unwrap() - 0.02 * (y - 1.0), 1e-12);
    assert!(step["loss_after"].as_f64() < step["loss"].as_f64());
    near(&trace["output"], y, 1e-3);
    // Nested linear combinations are one.
    let collapse = &trace["collapse"];
    near(&collapse["nested"], collapse["single"].as_f64().unwrap(), 1e-12);
    let sum: f64 = numbers(&collapse["weights"][0]).iter().zip(x).map(|(w, x)| w * x).sum();
    near(&collapse["single"], sum + collapse["biases"][0].as_f64().unwrap(), 1e-12);
    let sections = ["A forward pass", "One training step", "Nested linear combinations"];
    let (run, html) = shown(&place, &args, &sections);
    for text in [run.out.replace("\n      ", " "), html] {
        let output = format!("= {:.4}", trace["output"].as_f64().unwrap()).replace('-', "−");
        let words = ["n1l1 = relu(", &output, "2·(y − t)", "dz = Σ w·dz above × slope"];
        words.iter().for_each(|words| assert!(text.contains(words), "{words} in {text}"));
    }
}

#[test]
fn inputs_that_cannot_be_traced_are_refused() {
    let place = Place::new();
    for (input, said) in
        [("1,x", "--input x"), ("", "--input"), ("nan", "--input nan"), ("1e9", "1e9")]
    {
        place.check(&["learn", "trace", "--input", input], 2, &[said, "give numbers"]);
    }
    place.good(&["learn", "trace", "--input", "-1,2", "--target", "-2", "--hidden", "none"]);
    place.check(&["learn", "trace", "--target", "inf"], 2, &["--target"]);
    place.check(&["learn", "trace", "--learning-rate", "0"], 2, &["--learning-rate"]);
}

#[test]
fn a_picture_is_an_array() {
    let place = Place::new();
    // Red rises by 5 a column, the rest is as given.
    place.write("dog.png", make::png(40, 20, [10, 60, 200], 5));
    let args = ["learn", "image", "dog.png", "--size", "20x20", "--neuron", "--seed", "4"];
    let json = place.good(&[&args[..], &["--json"]].concat()).json();
    assert_eq!(json["shape"], serde_json::json!([20, 20, 3]));
    assert_eq!(json["found"], serde_json::json!([40, 20]));
    assert_eq!(
        (json["inputs"].as_u64(), json["neuron"]["weights"].as_u64()),
        (Some(400), Some(400))
    );
    let y = json["neuron"]["y"].as_f64().unwrap();
    near(&json["neuron"]["probability"], 1.0 / (1.0 + mlp_tensor::math::exp(-y)), 1e-12);
    let again = place.good(&[&args[..], &["--json"]].concat()).json();
    assert_eq!(again, json);
    let other = ["learn", "image", "dog.png", "--size", "20", "--neuron", "--seed", "5", "--json"];
    assert_ne!(place.good(&other).json()["neuron"]["y"], json["neuron"]["y"]);
    for (channel, i) in [("red", 0), ("green", 1), ("blue", 2)] {
        let args = ["learn", "image", "dog.png", "--channel", channel, "--size", "40x20", "--json"];
        let one = place.good(&args).json();
        assert_eq!(one["corner"][0][0], one["first_pixel"][i], "{channel}");
        assert!(one["neuron"].is_null());
    }
    let (run, html) =
        shown(&place, &args, &["A picture as an array of numbers", "A neuron that looks at it"]);
    for text in [run.out, html] {
        assert!(text.contains("400") && text.contains("OpenCV"), "{text}");
    }
    let default = place.good(&["learn", "image", "dog.png", "--json"]).json();
    assert_eq!(default["inputs"], 32_400);
}

#[test]
fn what_is_no_picture_is_refused() {
    let place = Place::new();
    place.write("note.txt", "no picture");
    place.write("cut.png", &make::png(40, 20, [10, 60, 200], 5)[..60]);
    place.write("folder/x", "");
    place.check(&["learn", "image", "note.txt"], 1, &["note.txt", "not a picture"]);
    place.check(&["learn", "image", "cut.png"], 1, &["cut.png", "PNG"]);
    place.check(&["learn", "image", "nowhere.png"], 1, &["nowhere.png"]);
    place.check(&["learn", "image", "folder"], 2, &["folder", "one picture"]);
    place.check(&["learn", "image", "note.txt", "--size", "0x4"], 2, &["0x4"]);
    place.check(&["learn", "image", "note.txt", "--channel", "alpha"], 2, &["alpha", "red"]);
    place.check(&["learn", "image"], 2, &["FILE"]);
}

#[test]
fn every_problem_of_the_playground_is_solved() {
    let place = Place::new();
    for (problem, most) in [("circle", 0.75), ("xor", 0.75), ("gauss", 1.0), ("spiral", 0.75)] {
        let args = ["learn", "playground", problem, "--hidden", "8,8"];
        let json = place.good(&[&args[..], &["--json"]].concat()).json();
        let accuracy = json["test_accuracy"].as_f64().unwrap();
        assert!(accuracy >= 0.95, "{problem}: {accuracy}");
        let linear = json["linear_accuracy"].as_f64().unwrap();
        assert!(linear <= most, "{problem}: a line solves {linear}");
        assert_eq!(json["surfaces"], serde_json::json!([1, 50, 100, 400]));
        assert_eq!(json["history"].as_array().unwrap().last().unwrap()["test_accuracy"], accuracy);
        let solve = if problem == "gauss" { "a line can" } else { "no line can" };
        let title = format!("A problem that {solve} solve: {problem}");
        let (run, html) = shown(&place, &args, &[&title]);
        assert!(run.err.contains("epoch  400"), "{run}");
        assert_eq!(html.matches("<figcaption").count(), 5);
    }
    let noisy = ["learn", "playground", "xor", "--noise", "0.3", "--seed", "9", "--json"];
    assert_eq!(place.good(&noisy).out, place.good(&noisy).out);
    place.check(&["learn", "playground", "moons"], 2, &["moons", "spiral"]);
    place.check(&["learn", "playground", "xor", "--noise", "2"], 2, &["--noise 2", "0.5"]);
    place.check(&["learn", "playground", "xor", "--learning-rate=-1"], 2, &["learning-rate"]);
    place.check(&["learn", "playground", "xor", "--count", "3"], 2, &["40"]);
}

#[test]
fn gradients_are_those_of_differences() {
    let place = Place::new();
    let quick = ["--epochs", "2", "--quiet"];
    let hidden = ["--hidden", "12,8", "--activation", "tanh"];
    place.good(&[&["train", "iris", "--out", "run"], &quick[..], &hidden[..]].concat());
    let json = place.good(&["learn", "gradcheck", "run", "--data", "iris", "--json"]).json();
    // 4·12 + 12 + 12·8 + 8 + 8·3 + 3
    assert_eq!((json["parameters"].as_u64(), json["checked"].as_u64()), (Some(191), Some(191)));
    assert!(json["passes"] == true && json["data"] == "iris" && json["examples"] == 4);
    assert!(json["worst"]["error"].as_f64().unwrap() < 1e-3, "{json}");
    assert_eq!(
        keys(&json["worst"]),
        ["difference", "error", "gradient", "input", "output", "slot"]
    );
    let (run, _) =
        shown(&place, &["learn", "gradcheck", "run"], &["Gradients against finite differences"]);
    assert!(run.out.contains("all 191 gradients agree"), "{run}");
    // One that is broken on purpose, in each slot.
    for slot in json["slots"].as_array().unwrap().iter().map(|s| s["slot"].as_str().unwrap()) {
        let run = place.run(&["learn", "gradcheck", "run", "--break", slot]);
        run.said(1, &["1 gradient is broken", &format!("the worst, {slot}[")]);
        let run = place.run(&["learn", "gradcheck", "run", "--break", slot, "--json"]);
        let json = run.json();
        assert!(run.code == Some(1) && json["passes"] == false && json["worst"]["slot"] == slot);
    }
    // A large one is sampled, and says so; numbers as target; relu, whose kinks are left out.
    place.write("p.csv", make::prices(120));
    let large = ["train", "p.csv", "--target", "price", "--hidden", "180,120", "--out", "large"];
    place.good(&[&large[..], &quick].concat());
    let json = place.good(&["learn", "gradcheck", "large", "--data", "p.csv", "--json"]).json();
    assert!(json["checked"].as_u64() < json["parameters"].as_u64());
    assert!(json["directions"].as_array().unwrap().len() == 8 && json["passes"] == true, "{json}");
    assert!(place.good(&["learn", "gradcheck", "large"]).out.contains("The network is large"));
    place.run(&["learn", "gradcheck", "large", "--break", "0.bias"]).said(1, &["0.bias["]);
    place.check(&["learn", "gradcheck", "run", "--break", "9.weight"], 2, &["9.weight", "0.bias"]);
    place.check(&["learn", "gradcheck", "nowhere.mlp"], 1, &["nowhere.mlp"]);
    place.check(&["learn", "gradcheck", "run", "--data", "digits"], 1, &["digits"]);
    place.check(&["learn", "gradcheck", "run", "--html", "run/model.mlp"], 2, &["is a model"]);
}
