//! A small HTTP server on loopback that does what it is told, request by request, and remembers what it was asked.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What is done with a request.
#[derive(Clone, Debug)]
pub enum Act {
    /// The file, or the part that is asked for.
    Good,
    /// A code, with header lines.
    Status(u16, &'static str),
    /// So many bytes of the answer, then the connection is closed.
    Cut(usize),
    /// The whole file, whatever part is asked for.
    IgnoreRange,
    /// As good, but one byte is another.
    WrongByte,
    /// As good, but half of it, with a length that fits.
    Short,
    /// Half of it without a length.
    ShortUnsaid,
    /// So many bytes, then nothing, with the connection open.
    Stall(usize),
    /// A byte at a time, slowly.
    Crawl,
    /// So many bytes every tenth of a second.
    Slow(usize),
    /// A page.
    Html,
    /// A page that does not say that it is one.
    HtmlUnsaid,
    /// Nothing.
    Empty,
    /// To another address.
    Redirect(String),
}

/// What was asked.
#[derive(Clone, Debug, Default)]
pub struct Request {
    pub path: String,
    /// The first byte of the part that is asked for.
    pub start: usize,
    pub if_range: String,
    pub agent: String,
    /// Bytes of the body that were sent.
    pub sent: usize,
}

#[derive(Clone)]
pub struct Server {
    pub url: String,
    log: Arc<Mutex<Vec<Request>>>,
}

impl Server {
    /// Serves the same file at every path; the last act is repeated.
    pub fn new(file: &[u8], acts: &[Act]) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let server = Server { url, log: Arc::default() };
        let (log, file, acts) = (Arc::clone(&server.log), file.to_vec(), acts.to_vec());
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (log, file, acts) = (Arc::clone(&log), file.clone(), acts.clone());
                // A client that leaves is no fault here.
                std::thread::spawn(move || drop(serve(stream, &file, &acts, &log)));
            }
        });
        server
    }

    pub fn at(&self, path: &str) -> String {
        format!("{}/{path}", self.url)
    }

    pub fn asked(&self) -> Vec<Request> {
        self.log.lock().unwrap().clone()
    }

    pub fn sent(&self) -> usize {
        self.asked().iter().map(|request| request.sent).sum()
    }
}

fn serve(
    stream: TcpStream,
    file: &[u8],
    acts: &[Act],
    log: &Mutex<Vec<Request>>,
) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut request = read(&mut reader)?;
    if request.path.starts_with("CONNECT") {
        (&stream).write_all(b"HTTP/1.1 200 OK\r\n\r\n")?;
        request = read(&mut reader)?;
    }
    let index = {
        let mut log = log.lock().unwrap();
        log.push(request.clone());
        log.len() - 1
    };
    let act = acts[index.min(acts.len() - 1)].clone();
    answer(&stream, &request, file, act, &|bytes| log.lock().unwrap()[index].sent += bytes)
}

fn read(reader: &mut impl BufRead) -> std::io::Result<Request> {
    let mut request = Request::default();
    let mut line = String::new();
    reader.read_line(&mut line)?;
    request.path = line.trim_start_matches("GET /").split(" HTTP").next().unwrap_or("").into();
    loop {
        line.clear();
        if reader.read_line(&mut line)? == 0 || line.trim().is_empty() {
            return Ok(request);
        }
        let (name, value) = line.split_once(':').unwrap_or_default();
        let value = value.trim();
        match &*name.to_ascii_lowercase() {
            "range" => {
                let start = value.trim_start_matches("bytes=").trim_end_matches('-');
                request.start = start.parse().unwrap();
            }
            "if-range" => request.if_range = value.into(),
            "user-agent" => request.agent = value.into(),
            _ => {}
        }
    }
}

/// The tag of what is served.
pub fn tag(file: &[u8]) -> String {
    format!("\"{}-{:?}\"", file.len(), file.first())
}

fn answer(
    mut stream: &TcpStream,
    request: &Request,
    file: &[u8],
    act: Act,
    sends: &dyn Fn(usize),
) -> std::io::Result<()> {
    let changed = !request.if_range.is_empty() && request.if_range != tag(file);
    let whole = matches!(act, Act::IgnoreRange) || changed;
    let start = if whole { 0 } else { request.start };
    let (status, more, mut body) = match &act {
        Act::Status(status, more) => (*status, (*more).to_string(), b"no".to_vec()),
        Act::Redirect(to) => (302, format!("Location: {to}\r\n"), Vec::new()),
        Act::Html | Act::HtmlUnsaid => (200, String::new(), b"<!DOCTYPE html><p>Sign in".to_vec()),
        Act::Empty => (200, String::new(), Vec::new()),
        _ if start >= file.len() => (416, String::new(), Vec::new()),
        _ if start > 0 => {
            let range =
                format!("Content-Range: bytes {start}-{}/{}\r\n", file.len() - 1, file.len());
            (206, range, file[start..].to_vec())
        }
        _ => (200, String::new(), file.to_vec()),
    };
    match act {
        Act::WrongByte => *body.last_mut().unwrap() ^= 1,
        Act::Short | Act::ShortUnsaid => body.truncate(body.len() / 2),
        _ => {}
    }
    let mut head =
        format!("HTTP/1.1 {status} X\r\nConnection: close\r\nETag: {}\r\n{more}", tag(file));
    if matches!(act, Act::Html) {
        head += "Content-Type: text/html; charset=utf-8\r\n";
    }
    if !matches!(act, Act::ShortUnsaid | Act::HtmlUnsaid) {
        head += &format!("Content-Length: {}\r\n", body.len());
    }
    stream.write_all(format!("{head}\r\n").as_bytes())?;
    let (block, pause) = match act {
        Act::Crawl => (1, 20),
        Act::Slow(bytes) => (bytes, 100),
        _ => (1 << 16, 0),
    };
    let end = match act {
        Act::Cut(bytes) | Act::Stall(bytes) => bytes.min(body.len()),
        _ => body.len(),
    };
    for part in body[..end].chunks(block) {
        sends(part.len());
        stream.write_all(part)?;
        std::thread::sleep(Duration::from_millis(pause));
    }
    if matches!(act, Act::Stall(_)) {
        std::thread::sleep(Duration::from_secs(5));
    }
    stream.flush()
}
