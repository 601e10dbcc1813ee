//! What is fetched: bytes, archives, catalogues; and a data folder that goes away.

use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest, Sha256};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::Duration;
use xtask_fetch::catalogue::{Catalogue, Set};
use xtask_fetch::download::{Client, Patience};
use xtask_fetch::fetch::Store;
use xtask_fetch::obtain::Origin;

/// Bytes that do not repeat.
pub fn bytes(count: usize) -> Vec<u8> {
    let mut random = Random(count as u64 + 1);
    (0..count).map(|_| random.next() as u8).collect()
}

/// xorshift64*, Vigna 2016.
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 16
    }

    pub fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }
}

pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

pub fn gzip(bytes: &[u8], level: u32) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::new(level));
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// A tar archive under gzip.
pub fn tar_gz(files: &[(&str, &[u8])]) -> Vec<u8> {
    gzip(&tar(files), 6)
}

pub fn tar(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (name, bytes) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        builder.append_data(&mut header, name, *bytes).unwrap();
    }
    builder.into_inner().unwrap()
}

pub fn zip(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    for (name, bytes) in files {
        writer.start_file(*name, options).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// A file of a catalogue; `more` are further lines.
pub fn entry(name: &str, bytes: &[u8], urls: &[String], more: &str) -> String {
    let urls: Vec<String> = urls.iter().map(|url| format!("'{url}'")).collect();
    format!(
        "[[set.file]]\nname = '{name}'\nurls = [{}]\nbytes = {}\nsha256 = '{}'\n{more}\n",
        urls.join(", "),
        bytes.len(),
        sha256(bytes)
    )
}

/// A catalogue of one set.
pub fn catalogue(name: &str, options: &str, files: &[String]) -> String {
    format!(
        "[[set]]\nname = '{name}'\nabout = 'a set'\nlicence = 'none'\nhomepage = 'http://a'\ncitation = 'nobody'\n\
         options = {{ {options} }}\n{}",
        files.concat()
    )
}

/// The set of a catalogue of one.
pub fn set(files: &[String]) -> Set {
    Catalogue::parse(&catalogue("set", "data = '.'", files)).unwrap().sets.remove(0)
}

/// Asks without much patience.
pub fn origin() -> Origin {
    let patience =
        Patience { stall: Duration::from_millis(400), back_off: Duration::from_millis(20) };
    Origin { client: Client { patience }, ..Origin::default() }
}

/// A temporary folder to fetch into.
pub struct Place {
    pub dir: tempfile::TempDir,
    pub store: Store,
}

impl Place {
    pub fn new() -> Place {
        let dir = tempfile::tempdir().unwrap();
        let store = Store { dir: dir.path().join("data"), quiet: true };
        Place { dir, store }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }

    pub fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// Everything below the data folder that is a file, sorted.
    pub fn tree(&self) -> Vec<String> {
        let mut names = Vec::new();
        walk(&self.store.dir, &self.store.dir, &mut names);
        names.sort();
        names
    }

    /// The program, in this folder, without a proxy.
    pub fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_fetch-data"));
        command.args(words).current_dir(self.dir.path()).stdin(std::process::Stdio::null());
        for name in ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"] {
            command.env_remove(name);
        }
        command
    }

    #[track_caller]
    pub fn run(&self, words: &[&str], code: i32, fragments: &[&str]) -> String {
        said(&self.command(words).output().unwrap(), code, fragments)
    }
}

/// Both streams of a program that must end so and say this.
#[track_caller]
pub fn said(output: &Output, code: i32, fragments: &[&str]) -> String {
    let text = [&output.stdout[..], &output.stderr].concat();
    let text = String::from_utf8_lossy(&text).into_owned();
    assert_eq!(output.status.code(), Some(code), "{text}");
    for fragment in fragments {
        assert!(text.contains(fragment), "lacks `{fragment}`: {text}");
    }
    text
}

fn walk(folder: &Path, root: &Path, names: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        match path.is_dir() {
            true => walk(&path, root, names),
            false => names.push(path.strip_prefix(root).unwrap().display().to_string()),
        }
    }
}
