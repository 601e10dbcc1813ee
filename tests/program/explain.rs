//! `mlp explain`: answers taken apart, in letters, as JSON and as a page, and what is refused.

use crate::make;
use crate::program::{Place, keys};
use serde_json::Value;

/// A table model, a picture model and a model of numbers: `kinds`, `colours` and `prices`.
fn models(place: &Place) {
    place.write("things.csv", make::table(120));
    place.write("prices.csv", make::prices(120));
    make::pictures(place, "photos", 12);
    for (data, out, f) in [
        ("things.csv", "kinds", "relu"),
        ("photos", "colours", "relu"),
        ("prices.csv", "prices", "tanh"),
    ] {
        let small = ["--hidden", "6,4", "--dropout", "0", "--epochs", "40", "--lr", "0.01"];
        let small = [&small[..], &["--activation", f, "--quiet", "--out", out]].concat();
        place.good(&[&["train", data], &small[..]].concat());
    }
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("no number: {value}"))
}

/// Five digits, as pages and terminals show them.
fn figure(value: f64) -> String {
    let magnitude: i32 = format!("{value:e}").rsplit('e').next().unwrap().parse().unwrap();
    assert!((-4..=3).contains(&magnitude), "choose another example than {value}");
    format!("{value:.*}", (4 - magnitude).max(0) as usize).replace('-', "−")
}

/// Base and contributions give the output, and columns the contributions.
#[track_caller]
fn adds_up(answer: &Value) {
    let explained = &answer["explanation"];
    let [base, sum, output, residual] =
        ["base", "sum", "output", "residual"].map(|key| number(&explained[key]));
    assert!((output - base - sum - residual).abs() < 1e-9, "{explained}");
    let way = (output - base).abs();
    assert!(way > 0.0 && residual.abs() <= 0.01 * way, "{explained}");
    let columns = explained["columns"].as_array().unwrap();
    let of = |value: &Value| number(&value["contribution"]);
    assert!((columns.iter().map(of).sum::<f64>() - sum).abs() < 1e-9, "{explained}");
    for column in columns {
        let inputs = column["inputs"].as_array().unwrap();
        if !inputs.is_empty() {
            assert!((inputs.iter().map(of).sum::<f64>() - of(column)).abs() < 1e-9, "{column}");
        }
    }
    if let Some(pixels) = explained["pixels"]["contributions"].as_array() {
        assert!((pixels.iter().map(number).sum::<f64>() - sum).abs() < 1e-9);
    }
}

#[test]
fn answers_add_up_and_are_those_of_predict() {
    let place = Place::new();
    models(&place);
    place.write("new.csv", "wild,colour,length,width\ntrue,red,9.5,3.5\nfalse,blue,0.5,0.5\n");
    let document = place.good(&["explain", "kinds", "new.csv", "--json"]).json();
    assert_eq!(
        keys(&document),
        [
            "answers",
            "equations",
            "equations_left_out",
            "inputs",
            "labels",
            "layers",
            "parameters",
            "symbols",
            "target",
            "task",
            "units"
        ]
    );
    let predicted = place.good(&["predict", "kinds", "new.csv", "--json"]).lines();
    let answers = document["answers"].as_array().unwrap();
    assert_eq!(answers.len(), 2);
    for (answer, predicted) in answers.iter().zip(&predicted) {
        for key in ["input", "label", "probability", "probabilities"] {
            assert_eq!(answer[key], predicted[key]);
        }
        assert_eq!(
            keys(&answer["explanation"]),
            [
                "base", "baseline", "class", "columns", "output", "pixels", "residual", "steps",
                "sum"
            ]
        );
        adds_up(answer);
        // The logit of the class that is named, and the end of the traced pass, up to its digits.
        let output = number(&answer["explanation"]["output"]);
        let p = number(&answer["probability"]);
        assert!((p - mlp_tensor::math::logistic(output)).abs() < 1e-5, "{p} of {output}");
        let layers = answer["trace"]["layers"].as_array().unwrap();
        let end = number(&layers[2]["y"][0]);
        assert!((end.abs() - output).abs() < 0.01, "{end} for {output}");
    }
    let names: Vec<&str> = answers[0]["explanation"]["columns"]
        .as_array()
        .unwrap()
        .iter()
        .map(|column| column["column"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["length", "width", "colour", "wild"], "every column once");
}

#[test]
fn other_classes_and_numbers_are_explained_too() {
    let place = Place::new();
    models(&place);
    let first = |more: &[&str]| {
        let args = ["explain", "kinds", "things.csv", "--rows", "1", "--json"];
        place.good(&[&args[..], more].concat()).json()["answers"][0].clone()
    };
    let named = first(&[]);
    let class = if named["label"] == "big" { "small" } else { "big" };
    let other = first(&["--class", class]);
    assert_eq!((&other["label"], &other["explanation"]["class"]), (&named["label"], &class.into()));
    // Two classes share one logit.
    let [one, two] = [&other, &named].map(|a| number(&a["explanation"]["output"]));
    assert_eq!(one, -two);

    let numbers =
        place.good(&["explain", "prices", "prices.csv", "--rows", "2,4-5", "--json"]).json();
    let answers = numbers["answers"].as_array().unwrap();
    let inputs: Vec<&str> = answers.iter().map(|a| a["input"].as_str().unwrap()).collect();
    assert_eq!(inputs, ["row 2", "row 4", "row 5"]);
    for answer in answers {
        adds_up(answer);
        let off = number(&answer["prediction"]) - number(&answer["explanation"]["output"]);
        assert!(off.abs() < 1e-3, "in the target's unit: {answer}");
    }
}

#[test]
fn the_terminal_shows_an_answer_and_its_sum() {
    let place = Place::new();
    models(&place);
    let run =
        place.good(&["explain", "kinds", "things.csv", "--rows", "7", "--data", "things.csv"]);
    for words in ["input       row 7", "answer      ", "explained   the logit of", "contribution"] {
        assert!(run.out.contains(words), "`{words}`: {run}");
    }
    for words in ["forward pass", "bias", "logistic(", "nearest examples", "training rows"] {
        assert!(run.out.contains(words), "`{words}`: {run}");
    }
    assert!(run.out.lines().all(|line| line.chars().count() < 80), "too wide: {run}");
    let json = place.good(&["explain", "kinds", "things.csv", "--rows", "7", "--json"]).json();
    let parts = &json["answers"][0]["explanation"];
    let base = format!("base {:.4} ", number(&parts["base"])).replace('-', "−");
    assert!(run.out.contains(&base), "`{base}`: {run}");

    let run = place.good(&["explain", "colours", "photos/red/1.png"]);
    for words in ["the logit of red", "what its parts contribute", "8×8", "a picture of one colour"]
    {
        assert!(run.out.contains(words) || words == "8×8", "`{words}`: {run}");
    }
    let run = place.good(&["explain", "kinds", "things.csv"]);
    run.said(0, &["the first 5 of 120 rows"]);
    assert_eq!(run.out.matches("forward pass").count(), 5);
    let rows = b"length,width,colour,wild\n9.5,3.5,red,true\n";
    let run = place.run_with_input(&["explain", "kinds", "-", "--quiet"], rows);
    run.said(0, &[]);
    assert!(run.out.contains("answer      big") && run.err.is_empty(), "{run}");
}

#[test]
fn a_model_alone_shows_its_equations_and_nodes() {
    let place = Place::new();
    models(&place);
    let run = place.good(&["explain", "prices"]);
    assert!(run.out.contains("n1l1 = tanh(w1·x1 + w2·x2 + b)"), "{run}");
    assert!(run.out.contains("x1 = a: (a − ") && run.out.contains("… 3 more nodes"), "{run}");
    let full = place.good(&["explain", "prices", "--full"]);
    assert!(full.out.contains("n6l1 = tanh(") && !full.out.contains("more nodes"), "{full}");
    let json =
        place.good(&["explain", "prices", "--full", "--json", "--data", "prices.csv"]).json();
    let equations = json["equations"].as_array().unwrap();
    assert_eq!((equations.len(), number(&json["equations_left_out"])), (11, 0.0));
    assert_eq!(json["answers"], serde_json::json!([]));
    let units = json["units"]["layers"].as_array().unwrap();
    assert_eq!(units.iter().map(|l| number(&l["nodes"])).collect::<Vec<_>>(), [6.0, 4.0]);
    let run = place.good(&["explain", "prices", "--data", "prices.csv"]);
    assert!(run.out.contains("hidden layer") && run.out.contains("dead"), "{run}");
}

#[test]
fn a_training_row_is_nearest_to_itself() {
    let place = Place::new();
    models(&place);
    let args = ["explain", "kinds", "things.csv", "--data", "things.csv", "--json", "--rows"];
    let near = |row: &str| {
        let json = place.good(&[&args[..], &[row]].concat()).json();
        json["answers"][0]["nearest"][0].clone()
    };
    let name = near("7")["row"].as_str().unwrap().to_string();
    let itself = near(name.strip_prefix("row ").unwrap());
    assert_eq!((itself["row"].as_str(), itself["distance"].as_f64()), (Some(&*name), Some(0.0)));
}

#[test]
fn the_page_holds_the_numbers_of_json() {
    let place = Place::new();
    models(&place);
    for (model, input, data) in
        [("kinds", "things.csv", "things.csv"), ("colours", "photos/red/1.png", "photos")]
    {
        let mut args =
            vec!["explain", model, input, "--data", data, "--html", "page.html", "--json"];
        if input.ends_with("csv") {
            args.extend(["--rows", "3"]);
        }
        let json = place.good(&args).json();
        let html = place.text("page.html");
        assert!(html.starts_with("<!doctype html>") && html.ends_with("</html>\n"), "a whole page");
        for word in ["<script", "http:", "https:", "<link", "<iframe", "@import", "url(", "NaN"] {
            assert!(!html.contains(word), "{word} in the page");
        }
        for title in ["Network", "Equations", "Dead and saturated nodes"] {
            assert!(html.contains(&format!("<h2>{title}</h2>")), "{title}");
        }
        let explained = &json["answers"][0]["explanation"];
        for key in ["base", "output"] {
            let wanted = figure(number(&explained[key]));
            assert!(
                html.contains(&format!("<dd>{wanted}</dd>")),
                "{key} {wanted} is not in the page"
            );
        }
        let nearest = json["answers"][0]["nearest"].as_array().unwrap();
        let distances: Vec<f64> = nearest.iter().map(|near| number(&near["distance"])).collect();
        assert!(distances.len() == 6 && distances.is_sorted(), "{distances:?}");
        assert!(nearest.iter().all(|near| html.contains(near["row"].as_str().unwrap())));
        assert!(nearest.iter().all(|near| near["label"] == json["answers"][0]["label"]));
        assert_eq!(html.contains("<img"), model == "colours", "thumbnails of pictures");
        assert_eq!(html.contains("Contribution of every pixel"), model == "colours");
        assert!(!html.contains(&place.root().display().to_string()), "a path of this machine");
    }
    place.good(&["explain", "prices", "--html", "page.html", "--quiet"]);
    assert!(place.text("page.html").contains("A model of"));
}

#[test]
fn what_cannot_be_explained_is_refused() {
    let place = Place::new();
    models(&place);
    place.check(&["explain", "things.csv"], 1, &["things.csv"]);
    place.check(&["explain", "nowhere"], 1, &["nowhere"]);
    let classes = ["--class violet", "the model's classes are big, small"];
    place.check(&["explain", "kinds", "things.csv", "--class", "violet"], 2, &classes);
    place.check(&["explain", "prices", "prices.csv", "--class", "big"], 2, &["predicts a number"]);
    place.check(
        &["explain", "kinds", "things.csv", "--rows", "121"],
        2,
        &["--rows 121", "120 rows"],
    );
    place.check(&["explain", "kinds", "things.csv", "--rows", "0"], 2, &["`0` is no row"]);
    place.check(&["explain", "kinds", "--rows", "1"], 2, &["INPUTS"]);
    place.write("lacking.csv", "length,colour,wild\n1,red,true\n");
    place.check(&["explain", "kinds", "lacking.csv"], 1, &["width"]);
    place.write("words.csv", "length,width,colour,wild\nlong,1,red,true\n");
    place.check(&["explain", "kinds", "words.csv"], 1, &["length"]);
    place.write("bad.png", "no picture");
    place.check(&["explain", "colours", "bad.png"], 1, &["bad.png"]);
    place.check(&["explain", "kinds", "things.csv", "--data", "photos"], 1, &["photos"]);
    let over = ["explain", "kinds", "--html", "kinds/model.mlp"];
    place.check(&over, 2, &["is a model", "another --html"]);
    place.check(&["explain", "kinds", "--html", "no/where.html"], 1, &["another --html"]);
}
