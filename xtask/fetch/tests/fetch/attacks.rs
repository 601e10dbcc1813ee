//! Archives that attack: each is refused, with its name, and nothing of it stays. Their sums are right, so that
//! only the unpacking stands between them and the disk.

use crate::make::{Place, entry, gzip, origin, set, tar, tar_gz, zip};
use std::io::Write;
use tar::{EntryType, Header};
use xtask_fetch::obtain::Origin;

/// Fetches a set of this archive from a folder.
fn unpack(place: &Place, kind: &str, archive: &[u8], more: &str) -> Result<(), String> {
    let name = if kind == "zip" { "evil.zip" } else { "evil.tar.gz" };
    let url = ["http://127.0.0.1:9/x".to_string()];
    let set = set(&[entry(name, archive, &url, &format!("kind = '{kind}'\n{more}"))]);
    place.write(&format!("have/{name}"), archive);
    let from = Origin { from: Some(place.path("have")), ..origin() };
    place.store.fetch(&set, &from).map(drop).map_err(|error| format!("{error:#}"))
}

#[track_caller]
fn refused(kind: &str, archive: &[u8], why: &str) {
    let place = Place::new();
    let error = unpack(&place, kind, archive, "").unwrap_err();
    assert!(error.contains("evil.") && error.contains(why), "{why}: {error}");
    assert_eq!(place.tree(), [".fetch/set.lock"], "{why}");
    assert!(!place.path("data/set").exists() && !place.path("data/.fetch/set/unpacking").exists());
    let beside = std::fs::read_dir(place.dir.path()).unwrap().count();
    assert_eq!(beside, 2, "{why}: something lies beside the data folder");
}

/// A tar archive of one entry, with these bytes as its name.
fn named(name: &[u8], kind: EntryType) -> Vec<u8> {
    let mut header = Header::new_gnu();
    header.as_old_mut().name[..name.len()].copy_from_slice(name);
    header.set_entry_type(kind);
    header.set_size(if kind == EntryType::Regular { 3 } else { 0 });
    header.set_mode(0o777);
    header.set_link_name("../../../target").unwrap();
    header.set_cksum();
    let mut builder = tar::Builder::new(Vec::new());
    let body: &[u8] = if kind == EntryType::Regular { b"abc" } else { b"" };
    builder.append(&header, body).unwrap();
    gzip(&builder.into_inner().unwrap(), 6)
}

/// The archive with one name in place of another of the same length.
fn renamed(mut archive: Vec<u8>, from: &str, to: &str) -> Vec<u8> {
    assert_eq!(from.len(), to.len());
    for at in 0..archive.len() - from.len() {
        if archive[at..].starts_with(from.as_bytes()) {
            archive[at..at + to.len()].copy_from_slice(to.as_bytes());
        }
    }
    archive
}

#[test]
fn names_that_lead_out_are_refused() {
    for (name, why) in [
        ("../../a", "leads out"),
        ("x/../..", "leads out"),
        ("/tmp/ab", "absolute path"),
        ("..\\..\\a", "no place in a name"),
    ] {
        refused("tar-gz", &named(name.as_bytes(), EntryType::Regular), why);
        let archive = zip(&[("good", b"g"), (&"n".repeat(name.len()), b"abc")]);
        refused("zip", &renamed(archive, &"n".repeat(name.len()), name), why);
    }
    refused("tar-gz", &named(b"a\xFF", EntryType::Regular), "no UTF-8");
}

#[test]
fn links_and_devices_are_refused() {
    for (kind, why) in [
        (EntryType::Symlink, "is a link"),
        (EntryType::Link, "is a link"),
        (EntryType::Char, "is a device"),
        (EntryType::Block, "is a device"),
        (EntryType::Fifo, "is a device"),
        (EntryType::GNUSparse, "neither a file nor a folder"),
    ] {
        refused("tar-gz", &named(b"inside", kind), why);
    }
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    writer.add_symlink("link", "/etc/passwd", options).unwrap();
    writer.start_file("link/x", options).unwrap();
    writer.write_all(b"x").unwrap();
    refused("zip", &writer.finish().unwrap().into_inner(), "is a link or a device");
}

#[test]
fn names_that_occur_twice_are_refused() {
    refused("tar-gz", &tar_gz(&[("a", b"1"), ("a", b"2")]), "`a` is in it twice");
    refused("tar-gz", &tar_gz(&[("a", b"1"), ("A", b"2")]), "comes twice, or differs");
    refused("tar-gz", &tar_gz(&[("a", b"1"), ("a/b", b"2")]), "a");
    let archive = zip(&[("first", b"1"), ("other", b"2")]);
    refused("zip", &renamed(archive, "other", "first"), "`first` is in it twice");
}

#[test]
fn bombs_are_refused() {
    let zeros = vec![0; 30_000_000];
    refused("tar-gz", &tar_gz(&[("a", &zeros)]), "far too many bytes");
    refused("zip", &zip(&[("a", &zeros)]), "bytes come out of it");
    // What is not kept is not written, but read.
    let place = Place::new();
    let error = unpack(&place, "tar-gz", &tar_gz(&[("b/a", &zeros)]), "below = 'c'").unwrap_err();
    assert!(error.contains("far too many bytes"), "{error}");
    // The limit of the catalogue.
    let archive = tar_gz(&[("a", &[7; 5000])]);
    let error = unpack(&Place::new(), "tar-gz", &archive, "most-bytes = 4999").unwrap_err();
    assert!(error.contains("more than 4999 bytes come out"), "{error}");
    assert!(unpack(&Place::new(), "tar-gz", &archive, "most-bytes = 5000").is_ok());
    let mut long = Header::new_gnu();
    long.set_entry_type(EntryType::GNULongName);
    long.set_size(70_000);
    long.set_cksum();
    let archive = [long.as_bytes(), &vec![b'a'; 70_000][..], &[0; 2000]].concat();
    refused("tar-gz", &gzip(&archive, 6), "a name or header of 70000 bytes");
}

#[test]
fn archives_that_lie_are_refused() {
    // The header says more than is there.
    let mut lying = tar(&[("a", b"abc")]);
    let mut header = Header::new_gnu();
    header.as_mut_bytes().copy_from_slice(&lying[..512]);
    header.set_size(1 << 40);
    header.set_cksum();
    lying[..512].copy_from_slice(header.as_bytes());
    refused("tar-gz", &gzip(&lying, 6), "the archive ends within");
    refused("tar-gz", b"no archive at all", "evil.tar.gz");
    refused("tar-gz", &gzip(b"", 6), "no tar archive");
    refused("zip", b"PK\x03\x04", "damaged archive");
    // The sizes in the directory of a stored file.
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    let stored = options.compression_method(zip::CompressionMethod::Stored);
    writer.start_file("a", stored).unwrap();
    writer.write_all(b"abc").unwrap();
    let mut archive = writer.finish().unwrap().into_inner();
    let at = archive.windows(4).position(|w| w == b"PK\x01\x02").unwrap();
    archive[at + 24] = 2;
    refused("zip", &archive, "`a`");
}

#[test]
fn good_archives_are_laid_down_without_junk() {
    let long = format!("set/{}/{}.jpg", "d".repeat(90), "n".repeat(90));
    let files: &[(&str, &[u8])] = &[
        ("set/Cat/1.jpg", b"1"),
        ("set/Cat/Thumbs.db", b"junk"),
        ("set/._x", b"junk"),
        ("readme", b"outside"),
        (&long, b"2"),
    ];
    for (kind, archive) in [("tar-gz", tar_gz(files)), ("zip", zip(files))] {
        let place = Place::new();
        unpack(&place, kind, &archive, "below = 'set'").unwrap();
        let mut expected = [
            ".fetch/set.lock".to_string(),
            "set/Cat/1.jpg".into(),
            "set/dataset.toml".into(),
            long.clone(),
            "set/files.sha256".into(),
        ];
        expected.sort();
        assert_eq!(place.tree(), expected, "{kind}");
        assert!(
            unpack(&Place::new(), kind, &archive, "below = 'no'")
                .unwrap_err()
                .contains("nothing in it")
        );
    }
}
