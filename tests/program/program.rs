//! Running the binary in a folder of its own, and looking at what it said and left. What it is fed stands in `make`.

use serde_json::Value;
use std::ffi::OsStr;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// The files that a run folder may hold, sorted.
pub const RUN_FILES: [&str; 6] =
    ["config.toml", "last.ckpt", "metrics.csv", "model.mlp", "report.html", "split.csv"];

/// The binary.
pub fn binary() -> &'static str {
    env!("CARGO_BIN_EXE_mlp")
}

/// A temporary folder in which the binary runs; gone afterwards.
pub struct Place {
    dir: tempfile::TempDir,
}

/// What a run of the binary gave.
pub struct Run {
    /// How it was called, for messages.
    pub call: String,
    /// Exit code; `None` after a signal.
    pub code: Option<i32>,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

impl Place {
    pub fn new() -> Place {
        Place { dir: tempfile::tempdir().expect("a temporary folder") }
    }

    /// On a file system in memory where there is one: for many writes, whose way to the disk no kill can tell.
    pub fn in_memory() -> Place {
        let memory = Path::new("/dev/shm");
        match tempfile::tempdir_in(memory) {
            Ok(dir) => Place { dir },
            Err(_) => Place::new(),
        }
    }

    pub fn root(&self) -> &Path {
        self.dir.path()
    }

    pub fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.root().join(name)
    }

    /// Writes a file, and the folders above it.
    pub fn write(&self, name: impl AsRef<Path>, bytes: impl AsRef<[u8]>) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("folders");
        std::fs::write(&path, bytes).expect("a file");
    }

    pub fn read(&self, name: impl AsRef<Path>) -> Vec<u8> {
        let path = self.path(name);
        std::fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
    }

    pub fn text(&self, name: impl AsRef<Path>) -> String {
        String::from_utf8(self.read(name)).expect("text")
    }

    /// Everything below the folder, sorted; folders end in `/`.
    pub fn tree(&self) -> Vec<String> {
        fn walk(folder: &Path, root: &Path, names: &mut Vec<String>) {
            for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
                let path = entry.path();
                let name = path.strip_prefix(root).expect("below").display().to_string();
                if path.is_dir() && !path.is_symlink() {
                    names.push(name + "/");
                    walk(&path, root, names);
                } else {
                    names.push(name);
                }
            }
        }
        let mut names = Vec::new();
        walk(self.root(), self.root(), &mut names);
        names.sort();
        names
    }

    /// The names in a folder, sorted.
    pub fn list(&self, folder: &str) -> Vec<String> {
        let entries = std::fs::read_dir(self.path(folder)).expect("a folder");
        let name = |e: std::fs::DirEntry| e.file_name().to_string_lossy().into_owned();
        let mut names: Vec<String> = entries.flatten().map(name).collect();
        names.sort();
        names
    }

    /// A command of the binary in this folder, with nothing of the caller's environment that could colour it.
    pub fn command<S: AsRef<OsStr>>(&self, args: &[S]) -> Command {
        let mut command = Command::new(binary());
        command.args(args).current_dir(self.root()).env_remove("NO_COLOR").env("TERM", "dumb");
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    pub fn run<S: AsRef<OsStr>>(&self, args: &[S]) -> Run {
        Run::of(self.command(args))
    }

    pub fn run_with_input(&self, args: &[&str], input: &[u8]) -> Run {
        let mut command = self.command(args);
        let mut child = command.stdin(Stdio::piped()).spawn().expect("the binary starts");
        let mut stdin = child.stdin.take().expect("a pipe");
        // A program that refuses early closes its end; that is for the caller to see.
        let _ = stdin.write_all(input);
        drop(stdin);
        Run::new(format!("{command:?}"), child.wait_with_output().expect("output"))
    }

    /// Runs what must succeed.
    #[track_caller]
    pub fn good(&self, args: &[&str]) -> Run {
        let run = self.run(args);
        assert_eq!(run.code, Some(0), "{run}");
        run
    }

    /// Checks exit code and fragments of standard error, and that a failure left no trace behind.
    #[track_caller]
    pub fn check(&self, args: &[&str], code: i32, fragments: &[&str]) -> Run {
        let before = self.tree();
        let run = self.run(args);
        run.said(code, fragments);
        if code != 0 {
            assert_eq!(self.tree(), before, "files came or went: {run}");
            assert_eq!(run.out, "", "a failure has no results: {run}");
        }
        run
    }

    /// SHA-256 of a file, in hexadecimal.
    pub fn sha256(&self, name: impl AsRef<Path>) -> String {
        sha256(&self.read(name))
    }
}

/// SHA-256 in hexadecimal.
pub fn sha256(bytes: &[u8]) -> String {
    use sha2::Digest;
    sha2::Sha256::digest(bytes).iter().map(|b| format!("{b:02x}")).collect()
}

impl Run {
    pub fn of(mut command: Command) -> Run {
        let output = command.output().expect("the binary starts");
        Run::new(format!("{command:?}"), output)
    }

    pub fn new(call: String, output: Output) -> Run {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("output in UTF-8");
        let (out, err) = (text(output.stdout), text(output.stderr));
        Run { call, code: output.status.code(), out, err }
    }

    /// Checks exit code and fragments of standard error; nothing may ever look like a panic.
    #[track_caller]
    pub fn said(&self, code: i32, fragments: &[&str]) {
        assert_eq!(self.code, Some(code), "{self}");
        for fragment in fragments {
            assert!(self.err.contains(fragment), "`{fragment}` is not said: {self}");
        }
        for never in ["panicked", "RUST_BACKTRACE", "\x1b["] {
            assert!(!self.err.contains(never), "`{never}` is said: {self}");
            assert!(!self.out.contains(never), "`{never}` is said: {self}");
        }
        if code == 1 {
            assert_eq!(self.err.matches("error: ").count(), 1, "{self}");
        }
    }

    /// The one JSON document on standard output.
    #[track_caller]
    pub fn json(&self) -> Value {
        assert_eq!(self.out.lines().count(), 1, "one line of JSON: {self}");
        serde_json::from_str(&self.out).unwrap_or_else(|e| panic!("{e}: {self}"))
    }

    /// The JSON lines on standard output.
    #[track_caller]
    pub fn lines(&self) -> Vec<Value> {
        let parse = |l| serde_json::from_str(l).unwrap_or_else(|e| panic!("{e}: {self}"));
        self.out.lines().map(parse).collect()
    }
}

impl std::fmt::Display for Run {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}\nexit {:?}\n--- out\n{}--- err\n{}", self.call, self.code, self.out, self.err)
    }
}

/// The keys of a JSON object, sorted.
pub fn keys(value: &Value) -> Vec<&str> {
    let mut keys: Vec<&str> =
        value.as_object().into_iter().flatten().map(|(k, _)| k.as_str()).collect();
    keys.sort();
    keys
}
