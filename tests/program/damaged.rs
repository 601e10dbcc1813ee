//! Damaged model files and checkpoints: every one is refused by name and byte, none is half believed.

use crate::make::randoms;
use crate::program::Place;

/// A folder with a trained run.
fn trained() -> Place {
    let place = Place::new();
    place.good(&["train", "iris", "--hidden", "4", "--epochs", "2", "--out", "run"]);
    place
}

/// The model is refused by every verb that reads one.
#[track_caller]
fn refused(place: &Place, bytes: &[u8], fragments: &[&str]) {
    place.write("bad.mlp", bytes);
    let fragments = [&["bad.mlp: byte "], fragments].concat();
    place.check(&["evaluate", "bad.mlp", "iris"], 1, &fragments);
    place.check(&["predict", "bad.mlp", "iris"], 1, &fragments);
    place.check(&["export", "bad.mlp", "--to", "json"], 1, &fragments);
}

#[test]
fn truncated_models() {
    let place = trained();
    let model = place.read("run/model.mlp");
    for keep in [0, 1, 7, 8, 31, 64, model.len() / 2, model.len() - 33, model.len() - 1] {
        refused(&place, &model[..keep], &[]);
    }
    let longer = [&model[..], b"x"].concat();
    refused(&place, &longer, &[]);
}

#[test]
fn flipped_bits() {
    let place = trained();
    let model = place.read("run/model.mlp");
    let mut random = randoms(3);
    // The header bit by bit, and bits all over the rest: each by a program of its own.
    let header = (0..64).map(|bit| bit * 7 % 512);
    let rest = (0..100).map(|_| (random() * (model.len() * 8) as f64) as usize);
    for bit in header.chain(rest).collect::<Vec<_>>() {
        let mut bytes = model.clone();
        bytes[bit / 8] ^= 1 << (bit % 8);
        place.write("bad.mlp", &bytes);
        let run = place.run(&["predict", "bad.mlp", "iris"]);
        assert_eq!(run.out, "", "bit {bit}: {run}");
        run.said(1, &["bad.mlp: byte "]);
    }
}

#[test]
fn other_files_than_models() {
    let place = trained();
    refused(
        &place,
        b"# no model but a text, long enough to be one, and longer still, and on and on",
        &[],
    );
    refused(&place, &vec![0; 4096], &[]);
    let zeros = std::path::Path::new("/dev/zero");
    if zeros.exists() {
        place.check(&["predict", "/dev/zero", "iris"], 1, &["/dev/zero"]);
    }
    // A checkpoint is no model, and says so.
    for verb in [&["predict", "run/last.ckpt", "iris"][..], &["inspect", "run/last.ckpt"]] {
        place.check(verb, 1, &["run/last.ckpt", "checkpoint", "model.mlp"]);
    }
}

#[test]
fn damaged_checkpoints() {
    let place = trained();
    let good = place.read("run/last.ckpt");
    let resume = ["train", "--resume", "run"];
    let mut random = randoms(4);
    for i in 0..30 {
        let mut bytes = good.clone();
        match i {
            0 => bytes.clear(),
            1..10 => bytes.truncate((random() * good.len() as f64) as usize),
            _ => bytes[(random() * good.len() as f64) as usize] ^= 1 << (i % 8),
        }
        place.write("run/last.ckpt", &bytes);
        place.check(&resume, 1, &["run/last.ckpt: byte "]);
    }
    std::fs::remove_file(place.path("run/last.ckpt")).expect("removed");
    place.check(&resume, 1, &["run/last.ckpt", "No such file"]);
    place.write("run/last.ckpt", place.read("run/model.mlp"));
    place.check(&resume, 1, &["run/last.ckpt"]);
    place.write("run/last.ckpt", &good);
    place.good(&resume);
    place.write("run/config.toml", "data = \"iris\"\nhiden = 3\n");
    place.check(&resume, 2, &["run/config.toml", "hiden", "`hidden`"]);
}

#[test]
fn data_of_another_kind_than_the_model() {
    let place = trained();
    crate::make::pictures(&place, "colours", 4);
    place.write("prices.csv", crate::make::prices(20));
    place.check(&["predict", "run", "colours"], 1, &["colours"]);
    place.check(&["evaluate", "run", "colours"], 1, &["colours"]);
    place.check(&["predict", "run", "colours/red/0.png"], 1, &["colours/red/0.png"]);
    place.check(&["predict", "run", "prices.csv"], 1, &["prices.csv", "sepal_length"]);
    place.check(&["predict", "run", "digits"], 1, &["digits"]);
    place.good(&["train", "colours", "--epochs", "1", "--out", "pictures"]);
    place.check(&["predict", "pictures", "prices.csv"], 1, &["prices.csv"]);
    place.check(&["evaluate", "pictures", "iris"], 1, &["iris"]);
    place.check(&["predict", "pictures", "nowhere.png"], 1, &["nowhere.png"]);
}
