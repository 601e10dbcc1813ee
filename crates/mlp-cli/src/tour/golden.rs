//! The pictures of the tutorial against the files that someone has looked at. `UPDATE_GOLDEN=1` writes them anew;
//! look at them then.

use super::lessons;
use crate::learn::Lesson;
use crate::learn::args::Channel;
use crate::learn::equations::Equated;
use crate::learn::line::{Line, POINTS};
use crate::learn::picture::Picture;
use crate::learn::playground::Setup;
use mlp_data::Playground;
use mlp_report::Svg;
use mlp_tensor::Exec;
use std::path::PathBuf;

fn pictures() -> Vec<(&'static str, Svg)> {
    let exec = Exec::serial();
    let line = Line::fit(&POINTS).unwrap();
    let (small, traced) = lessons::small(1);
    let spiral = Setup::new(Playground::Spiral, 1).play(&exec, &mut |_| {}).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let dog = folder.path().join("dog.png");
    std::fs::write(&dog, lessons::dog()).unwrap();
    let neuron =
        Picture::read(&exec, &dog, (180, 180), Channel::Red).unwrap().with_neuron(&exec, 1);
    let of = |lesson: &dyn Lesson| lesson.picture().unwrap();
    vec![
        ("line", line.plot()),
        ("bowl", line.bowl()),
        ("network", of(&Equated::new(small))),
        ("pass", of(&traced)),
        ("spiral", of(&spiral)),
        ("gauge", of(&neuron)),
    ]
}

#[test]
fn pictures_are_as_they_were() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/pictures");
    let mut changed = Vec::new();
    for (name, svg) in pictures() {
        let (path, text) = (folder.join(format!("{name}.svg")), svg.file());
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(&path, &text).unwrap();
        }
        if std::fs::read_to_string(&path).unwrap_or_default() != text {
            changed.push(path.display().to_string());
        }
    }
    assert!(
        changed.is_empty(),
        "other pictures than these: {changed:#?}; UPDATE_GOLDEN=1 writes them anew"
    );
}

#[test]
fn the_tutorial_shows_every_picture() {
    let docs = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs");
    let text = std::fs::read_to_string(docs.join("tutorial.md")).unwrap();
    for entry in std::fs::read_dir(docs.join("pictures")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(text.contains(&format!("(pictures/{name})")), "{name} is shown nowhere: remove it");
    }
}
