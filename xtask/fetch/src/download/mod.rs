//! One file from several mirrors: rounds with growing pauses, going on where a connection was cut, nothing taken
//! that has not the size and the SHA-256 of the catalogue. A single request: `request`; proxies: `proxy`.
//!
//! A mirror that says no (403, 404, an HTML page, another size, another sum) is not asked again. One that is
//! busy or fails (429, 5xx, no answer, cut) is asked again in the next round. What came so far is kept in the
//! file of the name `.part`: all mirrors hold the same bytes, so any of them may give the rest.

mod proxy;
mod request;

pub use request::{Client, Patience};

use crate::catalogue::Source;
use crate::screen::Bar;
use crate::{hash, trouble};
use anyhow::{Context, Result, bail};
use request::{Answer, Head};
use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How often all mirrors are asked without getting further.
const ROUNDS: u32 = 4;
/// How often they are asked at all.
const MAX_ROUNDS: u32 = 500;
/// Cuts in a row after which a mirror rests, although each time something came.
const CUTS: u32 = 20;
/// A mirror that asks to come back later than this is left alone.
const PATIENT: Duration = Duration::from_secs(60);

/// Why a mirror did not give the file.
enum Miss {
    /// It has it not.
    Gone(String),
    /// It may have it later; when, if it said so.
    Later(String, Option<Duration>),
    /// The connection broke midway.
    Cut(String),
    /// Nothing more came, or hardly anything.
    Stuck(String),
    /// The fault is not the mirror's: the disk is full, the folder read-only.
    Here(anyhow::Error),
}

struct Mirror<'a> {
    url: &'a str,
    why: String,
    gone: bool,
    not_before: Option<Instant>,
}

/// Downloads a file to `to`, by way of `to` with `.part` at its end.
///
/// # Errors
/// No mirror gives it: what each of them said. A disk that does not take it.
pub fn download(
    client: &Client,
    source: &Source,
    urls: &[String],
    to: &Path,
    bar: &Bar,
) -> Result<()> {
    let mut part = Part::open(to, source)?;
    let mut mirrors: Vec<Mirror<'_>> = urls.iter().map(|url| Mirror::new(url)).collect();
    let mut round = 0;
    for _ in 0..MAX_ROUNDS {
        let had = part.length;
        for mirror in mirrors.iter_mut().filter(|mirror| !mirror.gone) {
            if mirror.not_before.is_some_and(|when| when > Instant::now()) {
                continue;
            }
            if mirror.ask(client, &mut part, bar)? {
                return part.finish(to);
            }
            bar.note(&format!("{}: {}", request::host(mirror.url), mirror.why));
        }
        round = if part.length > had { 1 } else { round + 1 };
        if round == ROUNDS || mirrors.iter().all(|mirror| mirror.gone) {
            break;
        }
        std::thread::sleep(pause(&mirrors, client.patience.back_off * 2u32.pow(round - 1)));
    }
    let said: Vec<String> = mirrors.iter().map(|m| format!("\n  {}: {}", m.url, m.why)).collect();
    bail!(
        "{} cannot be fetched from any of its addresses; try again later, name another with --mirror URL, or fetch it \
         yourself and give its folder with --from DIR:{}",
        source.name,
        said.concat()
    )
}

/// How long to wait: until the first mirror wants to be asked again, those that did not say when after `usual`.
fn pause(mirrors: &[Mirror<'_>], usual: Duration) -> Duration {
    let due = mirrors.iter().filter(|mirror| !mirror.gone).map(|mirror| {
        mirror.not_before.map_or(usual, |when| when.saturating_duration_since(Instant::now()))
    });
    due.min().unwrap_or(usual)
}

impl<'a> Mirror<'a> {
    fn new(url: &'a str) -> Mirror<'a> {
        Mirror { url, why: String::new(), gone: false, not_before: None }
    }

    /// Whether it gave the file.
    fn ask(&mut self, client: &Client, part: &mut Part<'_>, bar: &Bar) -> Result<bool> {
        self.not_before = None;
        for _ in 0..CUTS {
            let had = part.length;
            match part.attempt(client, self.url, bar) {
                Ok(()) => return Ok(true),
                Err(Miss::Here(error)) => return Err(error),
                Err(Miss::Gone(why)) => (self.why, self.gone) = (why, true),
                Err(Miss::Later(why, after)) => {
                    self.gone = after.is_some_and(|after| after > PATIENT);
                    self.not_before = after.and_then(|after| Instant::now().checked_add(after));
                    self.why = why;
                }
                Err(Miss::Stuck(why)) => self.why = why,
                Err(Miss::Cut(why)) => {
                    self.why = why;
                    if part.length > had {
                        continue;
                    }
                }
            }
            break;
        }
        Ok(false)
    }
}

/// What came so far.
struct Part<'a> {
    source: &'a Source,
    path: PathBuf,
    file: File,
    length: u64,
    /// The address and the validator of the answer that it began with: what `If-Range` needs.
    from: Option<(String, String)>,
    /// Whether it is of one answer, which alone has to answer for its sum.
    whole: bool,
}

impl<'a> Part<'a> {
    fn open(to: &Path, source: &'a Source) -> Result<Part<'a>> {
        let path = beside(to, ".part");
        let file =
            OpenOptions::new().create(true).truncate(false).read(true).write(true).open(&path);
        let file = file.map_err(|error| trouble::on_disk(error, &path, source.bytes))?;
        let length = file.metadata().with_context(|| path.display().to_string())?.len();
        let mut part = Part { source, path, file, length, from: None, whole: false };
        if let Ok(text) = std::fs::read_to_string(beside(to, ".from")) {
            part.from = text.split_once('\n').map(|(url, tag)| (url.into(), tag.trim().into()));
        }
        Ok(part)
    }

    fn here(&self, error: std::io::Error) -> Miss {
        Miss::Here(trouble::on_disk(error, &self.path, self.source.bytes))
    }

    /// Forgets what came beyond so many bytes.
    fn cut(&mut self, length: u64) -> Result<(), Miss> {
        self.file.set_len(length).map_err(|error| self.here(error))?;
        self.length = length;
        Ok(())
    }

    /// One request, and what it brings.
    fn attempt(&mut self, client: &Client, url: &str, bar: &Bar) -> Result<(), Miss> {
        if self.length > self.source.bytes {
            self.cut(0)?;
        }
        if self.length < self.source.bytes {
            let tag = self.from.as_ref().filter(|(from, _)| from == url).map(|(_, tag)| &**tag);
            let answer = client.get(url, self.length, tag).map_err(refused)?;
            self.take(url, answer, bar)?;
        } else {
            self.whole = false;
        }
        self.check()
    }

    /// The body of an answer, behind what is there.
    fn take(&mut self, url: &str, mut answer: Answer, bar: &Bar) -> Result<(), Miss> {
        let start = expected(&answer.head, self.length, self.source.bytes)?;
        if start == 0 {
            self.cut(0)?;
            self.begin(url, &answer.head);
        }
        self.whole = start == 0;
        self.file.seek(SeekFrom::Start(start)).map_err(|error| self.here(error))?;
        bar.at(self.length);
        let mut pace = Pace::new(answer.stall);
        let mut block = vec![0; hash::BLOCK];
        loop {
            let count = match answer.body.read(&mut block) {
                Ok(0) if self.length == 0 => {
                    return Err(Miss::Later("an empty answer".into(), None));
                }
                Ok(0) if self.length < self.source.bytes => {
                    return Err(Miss::Cut(self.so_far("the connection ended")));
                }
                Ok(0) => return Ok(()),
                Ok(count) => count,
                Err(error) if request::is_timeout(&error) => {
                    return Err(Miss::Stuck(self.so_far("nothing more came")));
                }
                Err(error) => {
                    return Err(Miss::Cut(self.so_far(&format!("the connection broke ({error})"))));
                }
            };
            if self.length == 0 && is_html(&block[..count]) {
                return Err(Miss::Gone("an HTML page".into()));
            }
            if self.length + count as u64 > self.source.bytes {
                self.cut(0)?;
                return Err(Miss::Gone(format!("more than {} bytes", self.source.bytes)));
            }
            self.file.write_all(&block[..count]).map_err(|error| self.here(error))?;
            self.length += count as u64;
            bar.at(self.length);
            if !pace.keeps(count) {
                return Err(Miss::Stuck(self.so_far("hardly anything comes")));
            }
        }
    }

    /// Notes what a later request needs to ask for the rest of the same.
    fn begin(&mut self, url: &str, head: &Head) {
        let tag = head.tag.clone().filter(|tag| !tag.starts_with("W/"));
        self.from = tag.map(|tag| (url.to_owned(), tag));
        let path = self.path.with_extension("from");
        // Without it the rest is asked for unconditionally, and the sum tells.
        let _ = match &self.from {
            Some((url, tag)) => std::fs::write(path, format!("{url}\n{tag}\n")),
            None => std::fs::remove_file(path),
        };
    }

    fn so_far(&self, why: &str) -> String {
        format!("{why} after {} of {} bytes", self.length, self.source.bytes)
    }

    /// Whether all of it is what the catalogue says.
    fn check(&mut self) -> Result<(), Miss> {
        self.file.seek(SeekFrom::Start(0)).map_err(|error| self.here(error))?;
        let sum = hash::of(&mut self.file).map_err(|error| self.here(error))?;
        if sum == self.source.sha256 {
            return Ok(());
        }
        self.cut(0)?;
        let why = format!("the SHA-256 is {sum}, not {}", self.source.sha256);
        // Of several answers any may be at fault: once more from the start.
        Err(if self.whole { Miss::Gone(why) } else { Miss::Later(why, Some(Duration::ZERO)) })
    }

    /// Gives it its name.
    fn finish(self, to: &Path) -> Result<()> {
        drop(self.file);
        std::fs::rename(&self.path, to).with_context(|| self.path.display().to_string())?;
        let _ = std::fs::remove_file(self.path.with_extension("from"));
        Ok(())
    }
}

/// `FILE.part`.
fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

/// Where an answer begins in the file; or why it is none.
fn expected(head: &Head, had: u64, bytes: u64) -> Result<u64, Miss> {
    let gone = |why: String| Err(Miss::Gone(why));
    match head.status {
        200 | 206 => {}
        // The file there is not longer than what came from elsewhere.
        416 => return gone(format!("has no bytes after {had} (416)")),
        408 | 425 | 429 | 500.. => {
            let why = format!("answers {}", head.status);
            return Err(Miss::Later(why, head.retry_after));
        }
        status => return gone(format!("answers {status}")),
    }
    if head.html {
        return gone("an HTML page".into());
    }
    let start = match (head.status, head.range) {
        (206, Some((start, total))) if start == had && total.is_none_or(|total| total == bytes) => {
            start
        }
        (206, Some((_, Some(total)))) if total != bytes => {
            return gone(format!("a file of {total} bytes, where {bytes} are expected"));
        }
        (206, _) => return gone("another part of the file than was asked for".into()),
        _ => 0,
    };
    match head.length {
        Some(0) => Err(Miss::Later("an empty answer".into(), None)),
        Some(length) if start + length != bytes => {
            gone(format!("a file of {} bytes, where {bytes} are expected", start + length))
        }
        _ => Ok(start),
    }
}

/// A request without an answer.
fn refused(why: String) -> Miss {
    Miss::Later(why, None)
}

/// Whether a file begins as pages do. No data set does.
fn is_html(start: &[u8]) -> bool {
    let start = start.trim_ascii_start();
    let begins = |with: &str| {
        start.get(..with.len()).is_some_and(|s| s.eq_ignore_ascii_case(with.as_bytes()))
    };
    begins("<!doctype html") || begins("<html")
}

/// Bytes a second below which a mirror is taken to be stuck.
const CRAWL: u64 = 512;

/// Watches that a body keeps coming: single bytes would pass the limit of a single read.
struct Pace {
    stall: Duration,
    since: Instant,
    bytes: u64,
}

impl Pace {
    fn new(stall: Duration) -> Pace {
        Pace { stall, since: Instant::now(), bytes: 0 }
    }

    fn keeps(&mut self, count: usize) -> bool {
        self.bytes += count as u64;
        let time = self.since.elapsed();
        if time < self.stall {
            return true;
        }
        let enough = self.bytes as f64 >= CRAWL as f64 * time.as_secs_f64();
        (self.since, self.bytes) = (Instant::now(), 0);
        enough
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(status: u16) -> Head {
        Head { status, ..Head::default() }
    }

    #[test]
    fn answers_are_told_apart() {
        let why = |head: Head| match expected(&head, 10, 100) {
            Ok(start) => format!("from {start}"),
            Err(Miss::Gone(why)) => format!("gone: {why}"),
            Err(Miss::Later(why, after)) => format!("later: {why} {after:?}"),
            Err(_) => unreachable!(),
        };
        let range = |start, total| Some((start, total));
        assert_eq!(why(Head { length: Some(100), ..head(200) }), "from 0");
        assert_eq!(
            why(Head { range: range(10, Some(100)), length: Some(90), ..head(206) }),
            "from 10"
        );
        assert_eq!(why(Head { range: range(10, None), ..head(206) }), "from 10");
        assert!(why(Head { range: range(9, Some(100)), ..head(206) }).contains("another part"));
        assert!(why(Head { range: range(10, Some(99)), ..head(206) }).contains("of 99 bytes"));
        assert!(
            why(Head { range: range(10, Some(100)), length: Some(89), ..head(206) })
                .contains("of 99 bytes")
        );
        assert!(why(head(206)).starts_with("gone"));
        assert!(why(Head { length: Some(99), ..head(200) }).contains("gone: a file of 99 bytes"));
        assert!(why(Head { html: true, ..head(200) }).contains("gone: an HTML page"));
        for status in [301, 400, 401, 403, 404, 410, 416, 451] {
            assert!(why(head(status)).starts_with("gone"), "{status}");
        }
        for status in [408, 429, 500, 502, 503, 599] {
            assert!(why(head(status)).starts_with("later"), "{status}");
        }
    }

    #[test]
    fn pages_are_known_by_their_beginning() {
        assert!(is_html(b"\n <!DOCTYPE html><html>") && is_html(b"<HTML>"));
        assert!(!is_html(b"5.1,3.5\n") && !is_html(b"<") && !is_html(b""));
    }
}
