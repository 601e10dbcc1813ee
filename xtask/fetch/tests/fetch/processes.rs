//! The program as processes: two at once, killed ones, and behind a proxy.

use crate::make::{Place, bytes, catalogue, entry, said, tar_gz};
use crate::server::{Act, Server};
use std::process::Stdio;
use std::time::{Duration, Instant};

/// Waits for something, not for ever.
#[track_caller]
fn wait_until(what: &str, is: impl Fn() -> bool) {
    let until = Instant::now() + Duration::from_secs(20);
    while !is() {
        assert!(Instant::now() < until, "{what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn two_processes_do_not_clash() {
    let file = bytes(200_000);
    let server = Server::new(&file, &[Act::Slow(50_000), Act::Good]);
    let place = Place::new();
    let files = [entry("f.bin", &file, &[server.at("f")], "")];
    place.write("c.toml", catalogue("set", "data = '.'", &files));
    let start = || {
        let mut command = place.command(&["--catalogue", "c.toml", "set"]);
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    };
    let children: Vec<_> = (0..3).map(|_| start()).collect();
    let outputs: Vec<_> = children.into_iter().map(|c| c.wait_with_output().unwrap()).collect();
    let texts: Vec<String> = outputs.iter().map(|output| said(output, 0, &["data/set"])).collect();
    let fetched = texts.iter().filter(|text| text.contains("set: in data/set")).count();
    let waited =
        texts.iter().filter(|text| text.contains("another process is fetching it")).count();
    assert_eq!((fetched, server.asked().len()), (1, 1), "{texts:?}");
    assert!(waited >= 1, "{texts:?}");
    assert_eq!(place.read("data/set/f.bin"), file);
}

#[test]
fn a_killed_download_goes_on() {
    let file = bytes(300_000);
    let server = Server::new(&file, &[Act::Stall(110_000), Act::Good]);
    let place = Place::new();
    let files = [entry("f.bin", &file, &[server.at("f")], "")];
    place.write("c.toml", catalogue("set", "data = '.'", &files));
    let words = ["--catalogue", "c.toml", "set", "--quiet"];
    let mut child = place.command(&words).spawn().unwrap();
    let part = place.path("data/.fetch/set/f.bin.part");
    wait_until("a part", || std::fs::metadata(&part).is_ok_and(|part| part.len() == 110_000));
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(!place.path("data/set").exists());
    place.run(&words, 0, &["set: in data/set"]);
    let starts: Vec<usize> = server.asked().iter().map(|request| request.start).collect();
    assert_eq!(starts, [0, 110_000]);
    assert_eq!(server.sent(), file.len());
    assert_eq!(place.read("data/set/f.bin"), file);
}

#[test]
fn killed_unpacking_leaves_nothing_half_made() {
    let names: Vec<String> = (0..1500).map(|i| format!("set/c{}/{i}.jpg", i % 2)).collect();
    let content = bytes(2000);
    let files: Vec<(&str, &[u8])> = names.iter().map(|name| (&**name, &content[..])).collect();
    let archive = tar_gz(&files);
    let place = Place::new();
    let more = "kind = 'tar-gz'\nbelow = 'set'";
    let url = ["http://127.0.0.1:9/x".to_string()];
    place.write(
        "c.toml",
        catalogue("set", "data = '.'", &[entry("a.tar.gz", &archive, &url, more)]),
    );
    place.write("have/a.tar.gz", &archive);
    let words = ["--catalogue", "c.toml", "--from", "have", "set", "--quiet"];
    let (mut killed, mut half) = (0, 0);
    for round in 0..8 {
        let mut child = place.command(&words).stdout(Stdio::null()).spawn().unwrap();
        let unpacking = place.path("data/.fetch/set/unpacking/c0");
        wait_until("unpacking", || unpacking.exists() || child_is_done(&place));
        std::thread::sleep(Duration::from_millis(round * 3));
        let _ = child.kill();
        killed += usize::from(!child.wait().unwrap().success());
        half += usize::from(unpacking.exists());
        // Whole or not there.
        if place.path("data/set").exists() {
            place.run(&["--catalogue", "c.toml", "--verify", "set"], 0, &["as it was laid down"]);
            std::fs::remove_dir_all(place.path("data/set")).unwrap();
        }
    }
    assert!(killed > 0 && half > 0, "no kill came within the unpacking");
    place.run(&words, 0, &["set: in data/set"]);
    place.run(&["--catalogue", "c.toml", "--verify", "set"], 0, &["as it was laid down"]);
    // The files, two beside them, the lock: nothing of the killed ones.
    assert_eq!(place.tree().len(), names.len() + 3);
}

fn child_is_done(place: &Place) -> bool {
    place.path("data/set/dataset.toml").exists()
}

/// With files limited to 100 blocks of 512 bytes, as on a disk that fills up.
#[test]
#[cfg(unix)]
fn a_full_disk_is_told_and_the_next_fetch_goes_on() {
    let file = bytes(300_000);
    let server = Server::new(&file, &[Act::Good]);
    let place = Place::new();
    let files = [entry("f.bin", &file, &[server.at("f")], "")];
    place.write("c.toml", catalogue("set", "data = '.'", &files));
    let words = ["--catalogue", "c.toml", "set", "--quiet"];
    let mut limited = std::process::Command::new("sh");
    limited.args(["-c", "trap '' XFSZ; ulimit -f 100; exec \"$0\" \"$@\""]);
    limited.arg(env!("CARGO_BIN_EXE_fetch-data")).args(words).current_dir(place.dir.path());
    let output = limited.output().unwrap();
    said(&output, 1, &["data/.fetch/set/f.bin.part: ", "300 kB are needed", "--dir"]);
    assert!(!place.path("data/set").exists());
    place.run(&words, 0, &["set: in data/set"]);
    assert_eq!(server.asked()[1].start, 51_200);
    assert_eq!(place.read("data/set/f.bin"), file);
}

#[test]
fn the_proxy_of_the_environment_is_used() {
    let file = bytes(1000);
    let proxy = Server::new(&file, &[Act::Good]);
    let place = Place::new();
    // A name that no server of names knows: only the proxy can be asked.
    let files = [entry("f.bin", &file, &["http://host.invalid/f.bin".to_string()], "")];
    place.write("c.toml", catalogue("set", "data = '.'", &files));
    let mut command = place.command(&["--catalogue", "c.toml", "set", "--stall", "5"]);
    command.env("http_proxy", &proxy.url).env_remove("no_proxy").env_remove("NO_PROXY");
    said(&command.output().unwrap(), 0, &["set: in data/set"]);
    assert_eq!(proxy.asked().len(), 1);
}
