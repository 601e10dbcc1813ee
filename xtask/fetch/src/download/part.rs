//! What came of a file so far, in `FILE.part`: requests for the rest of it, and whether the whole is right. In
//! `FILE.from` stands what `If-Range` needs.

use super::Miss;
use super::answer::{expected, is_html};
use super::request::{self, Answer, Client, Head};
use crate::catalogue::Source;
use crate::screen::Bar;
use crate::{hash, trouble};
use anyhow::{Context, Result};
use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Bytes a second below which a mirror is taken to be stuck.
const CRAWL: u64 = 512;

/// What came so far.
pub(super) struct Part<'a> {
    source: &'a Source,
    path: PathBuf,
    file: File,
    /// Bytes.
    pub(super) length: u64,
    /// The address and the validator of the answer that it began with: what `If-Range` needs.
    from: Option<(String, String)>,
    /// Whether it is of one answer, which alone has to answer for its sum.
    whole: bool,
}

impl<'a> Part<'a> {
    pub(super) fn open(to: &Path, source: &'a Source) -> Result<Part<'a>> {
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
    pub(super) fn attempt(&mut self, client: &Client, url: &str, bar: &Bar) -> Result<(), Miss> {
        if self.length > self.source.bytes {
            self.cut(0)?;
        }
        if self.length < self.source.bytes {
            let tag = self.from.as_ref().filter(|(from, _)| from == url).map(|(_, tag)| &**tag);
            let answer = client.get(url, self.length, tag);
            let answer = answer.map_err(|why| Miss::Later(why, None))?;
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
    pub(super) fn finish(self, to: &Path) -> Result<()> {
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
