//! One file from several mirrors: rounds with growing pauses, going on where a connection was cut, nothing taken
//! that has not the size and the SHA-256 of the catalogue. What came so far: `part`; what an answer is good for:
//! `answer`; a single request: `request`; proxies: `proxy`.
//!
//! A mirror that says no (403, 404, an HTML page, another size, another sum) is not asked again. One that is busy or
//! fails (429, 5xx, no answer, cut) is asked again in the next round. What came so far is kept in the file of the
//! name `.part`: all mirrors hold the same bytes, so any of them may give the rest.

mod answer;
mod part;
mod proxy;
mod request;

pub use request::{Client, Patience};

use crate::catalogue::Source;
use crate::screen::Bar;
use anyhow::{Result, bail};
use part::Part;
use std::path::Path;
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
