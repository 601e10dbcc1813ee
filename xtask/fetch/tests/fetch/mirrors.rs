//! Mirrors that misbehave: the next one serves, a wrong file never lands, what came is not asked for again.

use crate::make::{Place, bytes, entry, origin, set, tar_gz};
use crate::server::{Act, Server, tag};
use std::time::{Duration, Instant};
use xtask_fetch::fetch::Outcome;
use xtask_fetch::obtain::Origin;

const SIZE: usize = 300_000;

/// Fetches a file of which these servers are the mirrors.
fn fetch(place: &Place, file: &[u8], mirrors: &[&Server]) -> Result<(), String> {
    let urls: Vec<String> = mirrors.iter().map(|server| server.at("f.bin")).collect();
    let set = set(&[entry("f.bin", file, &urls, "")]);
    let outcome = place.store.fetch(&set, &origin()).map_err(|error| format!("{error:#}"))?;
    assert_eq!(outcome, Outcome::Fetched);
    assert_eq!(place.read("data/set/f.bin"), file);
    assert_eq!(place.store.verify(&set).unwrap(), Vec::<String>::new());
    // Nothing but the set and its lock is left.
    let left = [".fetch/set.lock", "set/dataset.toml", "set/f.bin", "set/files.sha256"];
    assert_eq!(place.tree(), left);
    Ok(())
}

#[test]
fn where_a_mirror_fails_the_next_one_serves() {
    let file = bytes(SIZE);
    let gone = Server::new(&file, &[Act::Status(404, "")]);
    let loops = Act::Redirect("/again".into());
    for (act, most) in [
        (Act::Status(403, ""), 1),
        (Act::Status(404, ""), 1),
        (Act::Status(410, ""), 1),
        (Act::Status(429, ""), 1),
        (Act::Status(503, "Retry-After: 3600\r\n"), 1),
        (Act::Status(500, ""), 1),
        (Act::Html, 1),
        (Act::HtmlUnsaid, 1),
        (Act::Empty, 1),
        (Act::Short, 1),
        (Act::WrongByte, 1),
        (Act::Redirect(gone.at("f.bin")), 1),
        (Act::Cut(0), 1),
        // It goes on where it was, until nothing more comes.
        (Act::ShortUnsaid, 30),
        (Act::Stall(1000), 1),
        (loops, 30),
    ] {
        let bad = Server::new(&file, std::slice::from_ref(&act));
        let good = Server::new(&file, &[Act::Good]);
        let started = Instant::now();
        fetch(&Place::new(), &file, &[&bad, &good]).unwrap_or_else(|why| panic!("{act:?}: {why}"));
        let asked = bad.asked().len();
        assert!((1..=most).contains(&asked), "{act:?}: asked {asked} times");
        assert_eq!(good.asked().len(), 1, "{act:?}");
        assert!(good.asked()[0].agent.starts_with("mlp-fetch-data/"), "{:?}", good.asked());
        assert!(started.elapsed() < Duration::from_secs(10), "{act:?}");
    }
}

#[test]
fn a_wrong_file_never_lands() {
    let file = bytes(SIZE);
    let wrong = Server::new(&file, &[Act::WrongByte]);
    let short = Server::new(&file, &[Act::Short]);
    let place = Place::new();
    let why = fetch(&place, &file, &[&wrong, &short]).unwrap_err();
    for fragment in
        ["f.bin cannot be fetched", "the SHA-256 is", "a file of 150000 bytes, where 300000"]
    {
        assert!(why.contains(fragment), "{why}");
    }
    assert!(!place.path("data/set").exists());
    // The next one does not go on from wrong bytes.
    let good = Server::new(&file, &[Act::Good]);
    fetch(&place, &file, &[&good]).unwrap();
    assert_eq!(good.asked()[0].start, 0);
}

#[test]
fn what_came_is_not_asked_for_again() {
    let file = bytes(SIZE);
    let acts = [Act::Cut(100_000), Act::Cut(50_000), Act::Good];
    let server = Server::new(&file, &acts);
    fetch(&Place::new(), &file, &[&server]).unwrap();
    let asked = server.asked();
    let starts: Vec<usize> = asked.iter().map(|request| request.start).collect();
    assert_eq!(starts, [0, 100_000, 150_000]);
    assert_eq!(server.sent(), SIZE);
    // Only if it is still the same.
    let conditions: Vec<&str> = asked.iter().map(|request| &*request.if_range).collect();
    assert_eq!(conditions, ["", &tag(&file), &tag(&file)]);
}

#[test]
fn a_server_without_ranges_begins_anew() {
    let file = bytes(SIZE);
    let server = Server::new(&file, &[Act::Cut(100_000), Act::IgnoreRange]);
    fetch(&Place::new(), &file, &[&server]).unwrap();
    assert_eq!(server.asked()[1].start, 100_000);
    assert_eq!(server.sent(), SIZE + 100_000);
}

#[test]
fn another_mirror_gives_the_rest() {
    let file = bytes(SIZE);
    let first = Server::new(&file, &[Act::Cut(120_000), Act::Status(403, "")]);
    let second = Server::new(&file, &[Act::Good]);
    fetch(&Place::new(), &file, &[&first, &second]).unwrap();
    assert_eq!((second.asked()[0].start, second.sent()), (120_000, SIZE - 120_000));
    assert_eq!(second.asked()[0].if_range, "", "the tag is another server's");
}

#[test]
fn wrong_bytes_of_one_mirror_do_not_spoil_another() {
    let file = bytes(SIZE);
    let other = bytes(SIZE - 1);
    let mut wrong = other.clone();
    wrong.push(0);
    let first = Server::new(&wrong, &[Act::Cut(120_000), Act::Status(404, "")]);
    let second = Server::new(&file, &[Act::Good]);
    fetch(&Place::new(), &file, &[&first, &second]).unwrap();
    let starts: Vec<usize> = second.asked().iter().map(|request| request.start).collect();
    assert_eq!(starts, [120_000, 0]);
}

#[test]
fn a_busy_mirror_is_asked_again_when_it_says() {
    let file = bytes(1000);
    let busy = Act::Status(503, "Retry-After: 1\r\n");
    let server = Server::new(&file, &[busy, Act::Status(502, ""), Act::Good]);
    let started = Instant::now();
    fetch(&Place::new(), &file, &[&server]).unwrap();
    assert_eq!(server.asked().len(), 3);
    let waited = started.elapsed();
    assert!((Duration::from_secs(1)..Duration::from_secs(5)).contains(&waited), "{waited:?}");
}

#[test]
fn a_crawling_mirror_is_left() {
    let file = bytes(SIZE);
    let crawling = Server::new(&file, &[Act::Crawl]);
    let good = Server::new(&file, &[Act::Good]);
    let started = Instant::now();
    let place = Place::new();
    let urls = [crawling.at("f"), good.at("f")];
    let set = set(&[entry("f.bin", &file, &urls, "")]);
    place.store.fetch(&set, &origin()).unwrap();
    assert!(started.elapsed() < Duration::from_secs(12), "{:?}", started.elapsed());
    assert!(good.asked()[0].start > 0, "what crawled here is kept");
}

#[test]
fn redirects_are_followed_with_the_part_that_is_asked_for() {
    let file = bytes(SIZE);
    let real = Server::new(&file, &[Act::Cut(100_000), Act::Good]);
    let door = Server::new(&file, &[Act::Redirect(real.at("elsewhere/f.bin"))]);
    fetch(&Place::new(), &file, &[&door]).unwrap();
    assert_eq!(real.asked()[1].start, 100_000);
    assert_eq!(real.asked()[1].path, "elsewhere/f.bin");
}

#[test]
fn a_mirror_of_the_user_is_asked_first() {
    let file = bytes(1000);
    let published = Server::new(&file, &[Act::Good]);
    let own = Server::new(&file, &[Act::Status(404, ""), Act::Good]);
    let set = set(&[entry("f.bin", &file, &[published.at("x")], "")]);
    let mirror = Some(format!("{}/pub/", own.url));
    Place::new().store.fetch(&set, &Origin { mirror, ..origin() }).unwrap();
    let paths: Vec<String> = own.asked().into_iter().map(|request| request.path).collect();
    assert_eq!(paths, ["pub/set/f.bin", "pub/f.bin"]);
    assert!(published.asked().is_empty());
}

#[test]
fn offline_opens_no_connection_and_uses_what_is_complete() {
    let (first, second) = (bytes(1000), tar_gz(&[("a/b", b"b")]));
    let server = Server::new(&first, &[Act::Good]);
    let missing = Server::new(&second, &[Act::Status(404, "")]);
    let set = set(&[
        entry("f.bin", &first, &[server.at("f.bin")], ""),
        entry("g.tar.gz", &second, &[missing.at("g")], "kind = 'tar-gz'"),
    ]);
    let place = Place::new();
    let offline = Origin { offline: true, ..origin() };
    let why = place.store.fetch(&set, &offline).unwrap_err().to_string();
    assert!(why.contains("f.bin is not there, and --offline"), "{why}");
    assert!(server.asked().is_empty());
    // One of two files comes; the second time it is not asked for.
    assert!(place.store.fetch(&set, &origin()).is_err());
    let good = Server::new(&second, &[Act::Good]);
    let set = crate::make::set(&[
        entry("f.bin", &first, &[server.at("f.bin")], ""),
        entry("g.tar.gz", &second, &[good.at("g")], "kind = 'tar-gz'"),
    ]);
    assert_eq!(place.store.fetch(&set, &origin()).unwrap(), Outcome::Fetched);
    assert_eq!((server.asked().len(), place.read("data/set/a/b")), (1, b"b".to_vec()));
    assert_eq!(place.store.fetch(&set, &offline).unwrap(), Outcome::Already);
}
