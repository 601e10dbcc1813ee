//! The way of a user: fetch a set, train on its name. With the `mlp` program, which is built if it is not there.

use crate::make::{Place, catalogue, entry, gzip, said, sha256};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The program beside the one that is tested.
fn mlp() -> PathBuf {
    let folder = Path::new(env!("CARGO_BIN_EXE_fetch-data")).parent().unwrap();
    let path = folder.join(format!("mlp{}", std::env::consts::EXE_SUFFIX));
    if !path.is_file() {
        let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        command.args(["build", "--quiet", "--package", "mlp-cli"]);
        if folder.ends_with("release") {
            command.arg("--release");
        }
        assert!(command.status().unwrap().success(), "mlp cannot be built");
    }
    path
}

/// Pictures of 6×6 and their labels as MNIST ships: a bright upper or lower half.
fn idx(count: u32) -> [Vec<u8>; 2] {
    let mut images = vec![0, 0, 8, 3];
    let mut labels = vec![0, 0, 8, 1];
    [count, 6, 6].iter().for_each(|n| images.extend(n.to_be_bytes()));
    labels.extend(count.to_be_bytes());
    for row in 0..count {
        let label = row % 2;
        labels.push(label as u8);
        let shade = |pixel: u32| if (pixel < 18) == (label == 0) { 200 } else { 20 };
        images.extend((0..36).map(|pixel| (shade(pixel) + (row * 7 + pixel * 3) % 19) as u8));
    }
    [images, labels]
}

#[test]
fn a_fetched_set_is_trained_on_by_its_name() {
    let place = Place::new();
    let url = ["http://127.0.0.1:9/x".to_string()];
    let mut files = Vec::new();
    for (part, count) in [("train", 160), ("t10k", 40)] {
        let [images, labels] = idx(count);
        for (name, content) in [("images-idx3", images), ("labels-idx1", labels)] {
            let name = format!("{part}-{name}-ubyte.gz");
            let more = format!("kind = 'gzip'\ncontent-sha256 = '{}'", sha256(&content));
            files.push(entry(&name, &gzip(&content, 9), &url, &more));
            // Packed anew.
            place.write(&format!("have/{name}"), gzip(&content, 1));
        }
    }
    place.write("c.toml", catalogue("mnist", "data = '.', epochs = 12", &files));
    let run = |words: &[&str]| {
        let mut command = Command::new(mlp());
        command.args(words).current_dir(place.dir.path()).output().unwrap()
    };
    said(
        &run(&["train", "mnist"]),
        1,
        &["`mnist` is not there; fetch it: cargo xtask fetch-data mnist"],
    );
    place.run(&["--catalogue", "c.toml", "--from", "have", "mnist"], 0, &["next: mlp train mnist"]);
    let text = said(&run(&["train", "mnist", "--valid", "0", "--hidden", "8", "--json"]), 0, &[]);
    for fragment in [r#""run":"runs/mnist""#, r#""epochs":12,"#, r#""examples":40,"#] {
        assert!(text.contains(fragment), "lacks {fragment}: {text}");
    }
    said(
        &run(&["evaluate", "runs/mnist", "mnist", "--part", "test"]),
        0,
        &["100.0 %", "40 examples"],
    );
}
