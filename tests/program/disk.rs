//! Folders that cannot be written, and disks that are full: found before the training where that is possible, told
//! with the path, and never leaving half a file.
#![cfg(unix)]

use crate::make;
use crate::program::{Place, Run};
use std::process::{Command, Stdio};

/// Root may write everywhere, so the paths are such as nobody can create.
#[test]
fn a_folder_that_cannot_be_written_is_found_before_training() {
    let place = Place::new();
    place.write("file", "text");
    place.write("full/file", "text");
    // The data does not exist either: what is said first was looked at first.
    for (out, code, fragments) in [
        ("file/run", 1, &["file/run", "cannot be written", "--out"][..]),
        ("file", 2, &["file", "not an empty folder", "--out"]),
        ("full", 2, &["full", "not an empty folder", "--out"]),
        ("/proc/run", 1, &["/proc/run", "cannot be written", "--out"]),
        ("", 2, &["--out"]),
        ("/", 2, &["--out"]),
        ("..", 2, &["--out"]),
    ] {
        if out.starts_with("/proc") && !cfg!(target_os = "linux") {
            continue;
        }
        place.check(&["train", "nowhere", "--out", out], code, fragments);
    }
    place.good(&["train", "iris", "--epochs", "1", "--out", "run"]);
    place.check(&["train", "iris", "--out", "run"], 2, &["already holds a run", "--resume run"]);
    for out in ["file/model.onnx", "nowhere/model.onnx", "full"] {
        let said = [out, "cannot be written", "--out"];
        place.check(&["export", "run", "--to", "onnx", "--out", out], 1, &said);
    }
}

/// An existing empty folder may become the run folder.
#[test]
fn an_empty_folder_is_used() {
    let place = Place::new();
    std::fs::create_dir(place.path("run")).expect("a folder");
    place.good(&["train", "iris", "--epochs", "1", "--out", "run/"]);
    assert_eq!(place.list("."), ["run"]);
    assert_eq!(place.list("run"), crate::program::RUN_FILES);
    place.good(&["train", "iris", "--epochs", "1", "--out", "deep/er/run"]);
    assert_eq!(place.list("deep/er"), ["run"]);
}

/// Runs `mlp` with files limited to `blocks` of 512 bytes, as on a disk that fills up.
fn limited(place: &Place, blocks: usize, args: &[&str]) -> Run {
    let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" \"$@\"");
    let mut command = Command::new("sh");
    command.arg("-c").arg(script).arg(crate::program::binary()).args(args);
    command.current_dir(place.root()).stdin(Stdio::null());
    Run::of(command)
}

#[test]
fn files_that_cannot_grow() {
    let place = Place::new();
    let train = ["train", "digits", "--hidden", "64", "--epochs", "3", "--checkpoint-every", "0"];
    let undisturbed = [&train[..], &["--out", "good"]].concat();
    place.good(&undisturbed);
    let model = place.read("good/model.mlp");
    // Too little for the first checkpoint: no run folder comes to be.
    let out = |name: &'static str| [&train[..], &["--out", name]].concat();
    limited(&place, 40, &out("a"))
        .said(1, &["a: the run folder cannot be written", "split.csv", "File too large"]);
    assert_eq!(place.list("."), ["good"]);
    // Enough for the first, too little for those with a best epoch beside the current one: the run can be resumed.
    let first = place.read("good/last.ckpt").len();
    let run = limited(&place, first * 9 / 10 / 512, &out("b"));
    run.said(1, &["b/last.ckpt", "File too large"]);
    assert_eq!(place.list("."), ["b", "good"], "{run}");
    assert!(!place.list("b").iter().any(|name| name.ends_with(".tmp")), "{run}");
    place.good(&["train", "--resume", "b"]);
    assert!(place.read("b/model.mlp") == model, "another model after a full disk");
    let run = limited(&place, 4, &["export", "good", "--to", "json"]);
    run.said(1, &["good/model.json", "File too large", "--out"]);
    assert_eq!(place.list("good"), crate::program::RUN_FILES);
}

/// A disk of 300 kB that really fills up, where the system lets one be mounted.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk() {
    let place = Place::new();
    std::fs::create_dir(place.path("disk")).expect("a folder");
    let mount = "mount -t tmpfs -o size=300k tmpfs disk";
    let train = "train digits --hidden 96,96 --epochs 3 --checkpoint-every 0 --quiet";
    let script = format!(
        "{mount} || exit 99; \"$0\" {train} --out disk/run; echo \"exit $?\"; ls -A disk disk/run; \
         mv disk/run run; \"$0\" train --resume run --quiet; echo \"exit $?\""
    );
    let mut command = Command::new("unshare");
    let namespace: &[&str] = &["--user", "--map-root-user", "--mount"];
    command.args(namespace).args(["sh", "-c", &script, crate::program::binary()]);
    command.current_dir(place.root()).stdin(Stdio::null());
    let run = match command.output() {
        Ok(output) => Run::new("a full disk".into(), output),
        Err(e) => return eprintln!("SKIPPED a full disk: unshare: {e}"),
    };
    if !run.out.contains("exit ") {
        return eprintln!("SKIPPED a full disk, which cannot be mounted here: {}", run.err.trim());
    }
    run.said(0, &["error: disk/run/", "No space left on device"]);
    let parts: Vec<&str> = run.out.split("exit ").collect();
    assert!(parts[1].starts_with("1\n") && parts[2].starts_with("0\n"), "{run}");
    assert!(parts[1].contains("last.ckpt") && !parts[1].contains(".tmp"), "{run}");
    let args = train.split(' ').chain(["--out", "good"]).collect::<Vec<_>>();
    place.good(&args);
    assert!(place.read("run/model.mlp") == place.read("good/model.mlp"), "another model: {run}");
}

/// A network that the machine has no memory for is refused, not tried.
#[cfg(target_os = "linux")]
#[test]
fn too_little_memory_is_found_before_training() {
    let place = Place::new();
    let script = "ulimit -v 3000000; exec \"$0\" train iris --hidden 30000,30000 --out run";
    let mut command = Command::new("sh");
    command.args(["-c", script, crate::program::binary()]).current_dir(place.root());
    let run = Run::of(command);
    run.said(1, &["900,270,003 parameters", "memory", "--hidden"]);
    assert_eq!(place.list("."), [""; 0], "{run}");
}

#[test]
fn predictions_need_no_disk_at_all() {
    let place = Place::new();
    place.write("t.csv", make::table(60));
    place.good(&["train", "t.csv", "--epochs", "1", "--out", "run"]);
    let run = limited(&place, 0, &["predict", "run", "t.csv"]);
    run.said(0, &[]);
    assert_eq!(run.out.lines().count(), 60);
}
