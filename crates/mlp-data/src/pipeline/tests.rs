//! What columns become, and laws of encoding.

use super::*;
use crate::{
    Batch, Column, DataError, Dataset, Examples, Part, PixelScaling, Plan, Split, Table, Target,
    Targets,
};
use mlp_tensor::Exec;
use proptest::prelude::*;

fn data(text: &str) -> Dataset {
    crate::csv::from_text("t.csv", text, &OpenOptions::default()).unwrap()
}

/// All rows train.
fn fit(data: &Dataset, plan: &Plan) -> Result<Pipeline, DataError> {
    plan.fit_dataset(data, &Split { parts: vec![Part::Train; data.len()] })
}

fn inputs(pipeline: &Pipeline, data: &Dataset) -> Vec<f32> {
    let encoded = pipeline.encode(&data.table, &data.target).unwrap();
    let rows: Vec<usize> = (0..data.len()).collect();
    encoded.all_inputs(&Exec::serial(), &rows).unwrap()
}

/// Forty rows that use every kind of column.
fn mixed() -> Dataset {
    let mut text = String::from("n,b,c,pair,id,same,name,y\n");
    for i in 0..40 {
        let n = if i == 7 { "?".into() } else { (i * i % 17).to_string() };
        let b = if i % 3 == 0 { "yes" } else { "no" };
        let c = ["red", "green", "blue", "red", "?"][i % 5];
        let c = if i == 39 { "mauve" } else { c };
        let pair = ["u", "v"][i % 2];
        text.push_str(&format!("{n},{b},{c},{pair},{},1,n{},{}\n", 100 + i, i * 7, i % 4));
    }
    data(&text)
}

#[test]
fn every_kind_of_column_has_its_inputs() {
    let data = mixed();
    let pipeline = fit(&data, &Plan::default()).unwrap();
    pipeline.check().unwrap();
    let names = pipeline.input_names();
    let expected = "n|n is missing|b|c=blue|c=green|c=red|c is rare|c is missing|pair=v";
    assert_eq!(names.join("|"), expected);
    assert_eq!(names.len(), pipeline.width());
    let dropped: Vec<&str> = pipeline.dropped.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(dropped, ["same", "name", "id"]);
    let x = inputs(&pipeline, &data);
    let row = |r: usize| &x[r * 9..(r + 1) * 9];
    assert_eq!(row(7)[1], 1.0);
    assert_eq!(row(0)[1..], [0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 0.0, -1.0]);
    assert_eq!(row(1)[1..], [0.0, -1.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0]);
    assert_eq!(row(4)[3..8], [0.0, 0.0, 0.0, 0.0, 1.0]);
    assert_eq!(row(39)[3..8], [0.0, 0.0, 0.0, 1.0, 0.0]);
}

#[test]
fn numbers_are_standardised_and_missing_ones_the_median() {
    let data = data("n,m,y\n1,5,a\n2,?,b\n6,5,a\n?,5,b\n");
    let pipeline = fit(&data, &Plan::default()).unwrap();
    let [Encoder::Number { median, mean, deviation, indicator: true }, _] =
        pipeline.encoders.as_slice()
    else {
        panic!("{:?}", pipeline.encoders)
    };
    assert_eq!((*median, *mean), (2.0, 3.0));
    assert!((deviation - (14.0f64 / 3.0).sqrt()).abs() < 1e-15);
    let x = inputs(&pipeline, &data);
    assert_eq!(x[4..8], [(-1.0 / deviation) as f32, 0.0, 0.0, 1.0]);
    assert_eq!(x[12..16], [(-1.0 / deviation) as f32, 1.0, 0.0, 0.0]);
}

#[test]
fn an_unseen_word_without_rare_bucket_is_zeros_and_counted() {
    let rows: String = (0..30).map(|i| format!("{},{}\n", ["p", "q", "r"][i % 3], i % 2)).collect();
    let train = data(&format!("c,y\n{rows}"));
    let pipeline = fit(&train, &Plan::default()).unwrap();
    assert_eq!(pipeline.input_names(), ["c=p", "c=q", "c=r"]);
    let new = crate::csv::from_text("new", "c\ns\nq\n", &pipeline.open_options()).unwrap();
    assert_eq!(inputs(&pipeline, &new), [0.0, 0.0, 0.0, 0.0, 1.0, 0.0]);
    let encoded = pipeline.encode(&new.table, &new.target).unwrap();
    assert_eq!(encoded.unseen, [("c".to_string(), 1)]);
}

#[test]
fn unseen_words_are_counted_and_go_to_the_rare_bucket() {
    let train = mixed();
    let pipeline = fit(&train, &Plan::default()).unwrap();
    let text = "n,b,c,pair\n1,yes,pink,u\n2,maybe,mauve,w\n3,1,pink,\n";
    let new = crate::csv::from_text("new", text, &pipeline.open_options()).unwrap();
    let encoded = pipeline.encode(&new.table, &new.target).unwrap();
    let expected = [("b", 1), ("c", 2), ("pair", 1)].map(|(name, n)| (name.to_string(), n));
    assert_eq!(encoded.unseen, expected);
    assert_eq!(encoded.targets, Targets::None);
    let x = inputs(&pipeline, &new);
    assert_eq!(x[2..9], [1.0, 0.0, 0.0, 0.0, 1.0, 0.0, -1.0]);
    assert_eq!(x[9 + 2..18], [0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0]);
    assert_eq!((x[18 + 2], x[18 + 8]), (1.0, 0.0));
}

#[test]
fn pixels_are_scaled_as_planned() {
    let shape = PictureShape { width: 2, height: 1, channels: 1 };
    let mut pictures = data("x,y\n1,a\n2,b\n");
    pictures.table = Table {
        schema: Schema {
            fields: vec![Field { name: "picture".into(), kind: Kind::Picture(shape) }],
        },
        columns: vec![Column::Pixels { shape, bytes: vec![0, 7, 255, 7].into() }],
        rows: 2,
    };
    let x = |pixels| {
        let pipeline = fit(&pictures, &Plan { pixels, ..Plan::default() }).unwrap();
        pipeline.check().unwrap();
        assert_eq!(pipeline.input_names(), ["picture[0,0]", "picture[0,1]"]);
        inputs(&pipeline, &pictures)
    };
    assert_eq!(x(PixelScaling::Unit), [0.0, 7.0 * (1.0 / 255.0), 1.0, 7.0 * (1.0 / 255.0)]);
    assert_eq!(x(PixelScaling::PerPixel), [-1.0, 0.0, 1.0, 0.0]);
    let standard = x(PixelScaling::Standard);
    let sum: f32 = standard.iter().sum();
    let squares: f32 = standard.iter().map(|v| v * v).sum();
    assert!(sum.abs() < 1e-6 && (squares - 4.0).abs() < 1e-5, "{standard:?}");
}

#[test]
fn numeric_targets_are_standardised_or_not() {
    let data = data("x,y\n1,0.5\n2,1.5\n3,1.0\n4,1.0\n");
    let targets = |scale_target| {
        let pipeline = fit(&data, &Plan { scale_target, ..Plan::default() }).unwrap();
        pipeline.encode(&data.table, &data.target).unwrap().targets
    };
    assert_eq!(targets(false), Targets::Numbers(vec![0.5, 1.5, 1.0, 1.0]));
    let Targets::Numbers(scaled) = targets(true) else { panic!() };
    assert!((scaled[0] + scaled[1]).abs() < 1e-6 && scaled[2] == 0.0);
    assert!((scaled[1] - 2.0f32.sqrt()).abs() < 1e-6);
}

#[test]
fn pictures_are_fitted_and_encoded_without_a_copy() {
    let all = crate::embedded::load("digits").unwrap().unwrap();
    let split = Split::new(&all, 0.1, 0.2, 3).unwrap();
    for pixels in [PixelScaling::Unit, PixelScaling::Standard, PixelScaling::PerPixel] {
        let plan = Plan { pixels, ..Plan::default() };
        let there = plan.fit_dataset(&all, &split).unwrap();
        let target = split.train_target(&all.target);
        let copied = plan.fit(&split.train_table(&all.table), &target).unwrap();
        assert_eq!(there.encoders, copied.encoders, "{pixels:?}");
        let encoded = there.encode(&all.table, &all.target).unwrap();
        let Column::Pixels { bytes, .. } = &all.table.columns[0] else { panic!() };
        assert!(std::ptr::eq(&**bytes, &*encoded.pixels.unwrap().bytes));
    }
}

#[test]
fn what_cannot_be_fitted_is_refused() {
    let refused = |text: &str| fit(&data(text), &Plan::default()).unwrap_err().to_string();
    assert!(refused("x,y\n1,a\n1,b\n").contains("`x`: every value is the same"));
    assert!(refused("x,y\n1,a\n2,a\n").contains("all training rows have the same `y`"));
    assert!(refused("x,y\n1e300,a\n-1e300,b\n").contains("column `x` are too large"));
    let mut none = data("x,y\n1,a\n2,b\n");
    none.target = Target::None;
    let message = fit(&none, &Plan::default()).unwrap_err().to_string();
    assert!(message.contains("no target"), "{message}");
}

#[test]
fn the_x_of_a_line_is_kept_though_it_numbers_the_rows() {
    let rows: String = (0..30).map(|i| format!("{i},{}.5\n", 2 * i)).collect();
    let pipeline = fit(&data(&format!("x,y\n{rows}")), &Plan::default()).unwrap();
    assert_eq!(pipeline.input_names(), ["x"]);
}

#[test]
fn a_lacking_column_or_another_kind_is_named() {
    let train = data("age,size,y\n1,2,a\n2,3,b\n");
    let pipeline = fit(&train, &Plan::default()).unwrap();
    let mut table = train.table.clone();
    table.schema.fields[0].name = "Age".into();
    let message = pipeline.encode(&table, &Target::None).unwrap_err().to_string();
    assert!(message.contains("`age`; nearest to `age`: `Age`"), "{message}");
    let words = data("age,size,y\nu,2,a\nv,3,b\n");
    let message = pipeline.encode(&words.table, &Target::None).unwrap_err().to_string();
    assert!(message.contains("column `age` holds words"), "{message}");
    let target = Target::Classes { name: "y".into(), labels: vec!["z".into()], codes: vec![0, 0] };
    let message = pipeline.encode(&train.table, &target).unwrap_err().to_string();
    assert!(message.contains("holds `z`, which is none of the model's classes `a`, `b`"));
}

#[test]
fn hostile_pipelines_are_refused() {
    let good = fit(&mixed(), &Plan::default()).unwrap();
    let with = |change: &dyn Fn(&mut Pipeline)| {
        let mut bad = good.clone();
        change(&mut bad);
        bad.check().unwrap_err().to_string()
    };
    let picture = |shape: PictureShape, n: usize| {
        with(&|p| {
            p.schema.fields[0].kind = Kind::Picture(shape);
            p.encoders[0] = Encoder::Pixels { mean: vec![0.0; n], deviation: vec![1.0; n] };
        })
    };
    let vast = PictureShape { width: u32::MAX, height: u32::MAX, channels: 3 };
    assert!(picture(vast, 1).contains("pictures of"));
    let small = PictureShape { width: 2, height: 2, channels: 3 };
    assert!(picture(small, 2).contains("2 means"));
    assert!(with(&|p| drop(p.encoders.pop())).contains("encoders for"));
    assert!(with(&|p| p.schema.fields[1].name = "n".into()).contains("two columns"));
    assert!(with(&|p| p.encoders.swap(0, 1)).contains("does not fit"));
    assert!(
        with(&|p| {
            let (mean, deviation) = (f64::NAN, 1.0);
            p.encoders[0] = Encoder::Number { median: 0.0, mean, deviation, indicator: false };
        })
        .contains("mean NaN")
    );
    assert!(
        with(&|p| {
            let levels = vec!["b".into(), "a".into()];
            p.encoders[2] = Encoder::Category { levels, rare: vec![], missing: false };
        })
        .contains("not sorted")
    );
    assert!(with(&|p| p.columns.clear()).contains("the place of dropped column"));
    assert!(with(&|p| p.columns[0] = "b".into()).contains("`b` is twice"));
    assert!(with(&|p| p.columns[7] = "z".into()).contains("`y` is not among the columns"));
    let labels = vec!["a".into(), "a".into()];
    let target = TargetCoding::Classes { name: "y".into(), labels };
    assert!(with(&|p| p.target = target.clone()).contains("2 classes, 1 different"));
}

proptest! {
    #[test]
    fn order_and_extra_columns_change_nothing(
        rows in prop::collection::vec((-5i8..5, 0u8..4, any::<bool>()), 8..60),
        turn in 0usize..4,
    ) {
        let cells = |r: &(i8, u8, bool)| {
            [r.0.to_string(), format!("w{}", r.1), r.2.to_string(), (r.1 % 2).to_string()]
        };
        let text = |turn: usize, extra: bool| {
            let mut header = ["n", "c", "b", "y"].map(String::from);
            header.rotate_left(turn);
            let mut text = header.join(",") + if extra { ",more\n" } else { "\n" };
            for row in &rows {
                let mut cells = cells(row);
                cells.rotate_left(turn);
                text += &(cells.join(",") + if extra { ",x\n" } else { "\n" });
            }
            text
        };
        let train = data(&text(0, false));
        let Ok(pipeline) = fit(&train, &Plan::default()) else { return Ok(()) };
        prop_assert!(pipeline.check().is_ok());
        let turned = text(turn, true);
        let other = crate::csv::from_text("t", &turned, &pipeline.open_options()).unwrap();
        let bits = |x: Vec<f32>| x.iter().map(|v| v.to_bits()).collect::<Vec<_>>();
        prop_assert_eq!(bits(inputs(&pipeline, &train)), bits(inputs(&pipeline, &other)));
        let targets = |d: &Dataset| pipeline.encode(&d.table, &d.target).unwrap().targets;
        prop_assert_eq!(targets(&train), targets(&other));
    }

    #[test]
    fn a_batch_is_its_rows_on_any_threads(
        rows in prop::collection::vec(0usize..40, 0..50),
        threads in 1usize..5,
    ) {
        let data = mixed();
        let pipeline = fit(&data, &Plan::default()).unwrap();
        let encoded = pipeline.encode(&data.table, &data.target).unwrap();
        let exec = Exec::new(None, Some(threads)).unwrap();
        let mut batch = Batch { x: vec![9.0; 7], ..Batch::new() };
        encoded.fill(&exec, &rows, &mut batch).unwrap();
        let all = inputs(&pipeline, &data);
        let expected: Vec<f32> =
            rows.iter().flat_map(|r| all[r * 9..(r + 1) * 9].iter().copied()).collect();
        prop_assert_eq!((batch.count, &batch.x), (rows.len(), &expected));
        let Targets::Classes(codes) = batch.targets else { panic!() };
        prop_assert!(rows.iter().zip(codes).all(|(r, c)| *r as u32 % 4 == c));
    }
}

#[test]
fn a_row_that_does_not_exist_is_an_error() {
    let data = mixed();
    let pipeline = fit(&data, &Plan::default()).unwrap();
    let encoded = pipeline.encode(&data.table, &data.target).unwrap();
    let failed = encoded.fill(&Exec::serial(), &[40], &mut Batch::new());
    assert!(failed.unwrap_err().to_string().contains("example 40 of 40"));
}

#[test]
fn rows_of_every_block_are_encoded_as_they_are_alone() {
    let mut text = String::from("n,when,word,flag,y\n");
    let rows = 70_000;
    for i in 0..rows {
        let when = format!("{}-{:02}-{:02}", 2000 + i / 5000, 1 + i / 700 % 12, 1 + i % 28);
        text +=
            &format!("{}.5,{when},{},{},{}\n", i % 97, ["u", "v", "w"][i % 3], i % 5 == 0, i % 2);
    }
    let data = data(&text);
    let pipeline = fit(&data, &Plan::default()).unwrap();
    assert!(pipeline.input_names().contains(&"when days".to_string()));
    let encoded = pipeline.encode(&data.table, &data.target).unwrap();
    let some: Vec<usize> = (0..rows).step_by(769).collect();
    let alone = pipeline.encode(&data.table.select(&some), &Target::None).unwrap();
    let all: Vec<usize> = (0..some.len()).collect();
    let exec = Exec::serial();
    assert_eq!(encoded.all_inputs(&exec, &some).unwrap(), alone.all_inputs(&exec, &all).unwrap());
}
