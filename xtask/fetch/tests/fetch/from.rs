//! Files fetched elsewhere: `--from`; and what is told of what is there: `--verify`, `--list`.

use crate::make::{Place, bytes, catalogue, entry, gzip, origin, set, sha256};
use std::path::Path;
use xtask_fetch::obtain::Origin;

fn from(folder: &Path) -> Origin {
    Origin { from: Some(folder.to_owned()), ..origin() }
}

#[test]
fn a_file_is_known_by_its_content() {
    let content = bytes(5000);
    let published = gzip(&content, 9);
    let more = format!("kind = 'gzip'\ncontent-sha256 = '{}'", sha256(&content));
    // No server is there: nothing may be asked.
    let url = ["http://127.0.0.1:9/x".to_string()];
    let set = set(&[entry("f-idx3.gz", &published, &url, &more)]);
    let table = |name: &'static str, file: &[u8]| (name, file.to_vec());
    for (name, file) in [
        table("f-idx3.gz", &published),
        table("set/f-idx3.gz", &published),
        table("f-idx3.gz", &gzip(&content, 1)),
        table("f-idx3", &content),
        table("f-idx3.gz", &content),
        // By its size, whatever a browser called it.
        table("f-idx3 (1).gz", &published),
    ] {
        let place = Place::new();
        place.write(&format!("have/{name}"), file);
        place
            .store
            .fetch(&set, &from(&place.path("have")))
            .unwrap_or_else(|e| panic!("{name}: {e:#}"));
        assert_eq!(place.read("data/set/f-idx3"), content, "{name}");
        assert!(place.path("have").join(name).exists(), "the user's file stays");
    }
    let mut other = content.clone();
    other[7] ^= 1;
    for (name, file, why) in [
        ("f-idx3.gz", gzip(&other, 9), "its content has the SHA-256"),
        ("f-idx3.gz", published[..published.len() - 9].to_vec(), "cannot be unpacked"),
        ("f-idx3", other, "its content has the SHA-256"),
        ("g", content, "holds no f-idx3.gz of"),
    ] {
        let place = Place::new();
        place.write(&format!("have/{name}"), file);
        let error =
            format!("{:#}", place.store.fetch(&set, &from(&place.path("have"))).unwrap_err());
        assert!(error.contains(why), "{error}");
        assert!(!place.path("data/set").exists());
    }
}

#[test]
fn tables_are_laid_down_readable() {
    let table = b"|comment\n1, a.\n2, b.\n";
    let more = "to = 't.csv'\ntable = { columns = ['n', 'w'], skip-lines = 1, strip-end = '.' }";
    let url = ["http://127.0.0.1:9/x".to_string()];
    let set = set(&[entry("t.data", table, &url, more)]);
    let place = Place::new();
    place.write("have/t.data", table);
    place.store.fetch(&set, &from(&place.path("have"))).unwrap();
    assert_eq!(place.read("data/set/t.csv"), b"n,w\n1, a\n2, b\n");
    assert_eq!(place.store.verify(&set).unwrap(), Vec::<String>::new());
}

#[test]
fn what_was_changed_is_found() {
    let file = bytes(5000);
    let url = ["http://127.0.0.1:9/x".to_string()];
    let place = Place::new();
    let text = catalogue("set", "data = '.'", &[entry("f.bin", &file, &url, "")]);
    place.write("c.toml", text);
    place.write("have/f.bin", &file);
    let words = |more: &'static str| ["--catalogue", "c.toml", more];
    place.run(
        &["--catalogue", "c.toml", "--verify", "set"],
        1,
        &["data/set is not there: cargo xtask"],
    );
    place.run(&words("--verify"), 0, &["no set is in data"]);
    place.run(
        &["--catalogue", "c.toml", "--from", "have", "set"],
        0,
        &["set: in data/set", "next: mlp train set"],
    );
    place.run(&words("set"), 0, &["already in data/set"]);
    place.run(&words("--verify"), 0, &["set: as it was laid down"]);
    place.run(&words("--list"), 0, &["5.0 kB  none  a set  (there)"]);
    let mut changed = file.clone();
    changed[9] ^= 1;
    place.write("data/set/f.bin", &changed);
    place.run(
        &words("--verify"),
        1,
        &["data/set/f.bin: the SHA-256 is", "remove data/set and fetch set again"],
    );
    // A list that was changed with it does not hide that.
    place.write("data/set/files.sha256", format!("{}  f.bin\n", sha256(&changed)));
    place.run(&words("--verify"), 1, &["does not say of f.bin what the catalogue says"]);
    std::fs::remove_file(place.path("data/set/f.bin")).unwrap();
    place.run(&words("--verify"), 1, &["data/set/f.bin"]);
}

#[test]
fn wrong_usage_and_foreign_folders_are_told() {
    let place = Place::new();
    place.run(&[], 2, &["name a set, or --all"]);
    place.run(&["--nonsense"], 2, &["no option --nonsense"]);
    place.run(&["mnits"], 1, &["there is no set `mnits`; there are mnist, "]);
    place.run(&["mnist", "--from", "nowhere"], 1, &["--from nowhere: there is no such folder"]);
    place.write("data/wine/mine.txt", "mine");
    place.run(&["wine", "--offline"], 1, &["data/wine is there, but was not made by fetch-data"]);
    assert_eq!(place.read("data/wine/mine.txt"), b"mine");
    place.write("file", "");
    place.run(&["wine", "--offline", "--dir", "file"], 1, &["file/.fetch/wine"]);
}
