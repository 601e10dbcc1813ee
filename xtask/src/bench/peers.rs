//! Who is measured: this project, the processor's own limit, and the peers, each with the environment it needs to be
//! at its best.

use super::cases::{Case, Kind, Source};
use super::measure::Entrant;
use super::options::Options;
use super::worker::Worker;
use super::{host, mkl, scratch, target};
use crate::run::root;
use Kind::{Gemm, Inference, Ingest, Train};
use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use std::process::Command;

/// A way to use a peer.
#[derive(Debug)]
struct Peer {
    /// For `--only`.
    key: &'static str,
    /// In the tables.
    name: &'static str,
    /// What the worker is told.
    idiom: &'static str,
    /// What it can do.
    kinds: &'static [Kind],
}

const fn peer(
    key: &'static str,
    name: &'static str,
    idiom: &'static str,
    kinds: &'static [Kind],
) -> Peer {
    Peer { key, name, idiom, kinds }
}

/// Keys that end so run on an MKL that takes this processor for one of Intel's.
const AVX512: &str = "-avx512";
/// The key of what needs another Pillow than the others: one in a folder of its name beside the `bin` of `--peers`.
const SIMD: &str = "pillow-simd";
/// Keys of those that read tables; the others that read files read pictures.
const TABLES: [&str; 3] = ["polars", "pyarrow", "pandas"];
/// Whose loop over batches is compiled, or is in Python.
const ALL: &[Kind] = &[Gemm, Train, Inference];

/// By `xtask/peers/worker.py`.
const PYTHON: [Peer; 22] = [
    peer("jax-scan", "JAX, epoch in `lax.scan`", "jax-scan", &[Train]),
    peer("jax-step", "JAX, jitted step", "jax-step", &[Train]),
    peer("jax", "JAX, jit", "jax", &[Gemm, Inference]),
    peer("tf-xla", "TensorFlow, XLA", "tf-xla", &[Train, Inference]),
    peer("tf-keras", "Keras `fit`, XLA", "tf-keras", &[Train]),
    peer("torch", "PyTorch, fused optimizer", "torch", ALL),
    peer("torch-default", "PyTorch, default optimizer", "torch-default", &[Train]),
    peer("torch-compile", "PyTorch, `torch.compile`", "torch-compile", &[Train, Inference]),
    peer("torch-avx512", "PyTorch, fused optimizer, AVX-512 MKL", "torch", ALL),
    peer(
        "torch-compile-avx512",
        "PyTorch, `torch.compile`, AVX-512 MKL",
        "torch-compile",
        &[Train, Inference],
    ),
    peer("sklearn", "scikit-learn", "sklearn", &[Train, Inference]),
    peer("onnxruntime", "onnxruntime", "onnxruntime", &[Inference]),
    peer("numpy", "NumPy", "numpy", &[Gemm, Inference]),
    peer("pillow-processes", "Pillow, processes", "pillow-processes", &[Ingest]),
    peer("pillow-threads", "Pillow, threads", "pillow-threads", &[Ingest]),
    peer(SIMD, "Pillow-SIMD, processes", "pillow-processes", &[Ingest]),
    peer("torchvision", "torchvision `ImageFolder`", "torchvision", &[Ingest]),
    peer("torchvision-io", "torchvision `decode_image`", "torchvision-io", &[Ingest]),
    peer("keras", "Keras `image_dataset_from_directory`", "keras", &[Ingest]),
    peer("polars", "polars", "polars", &[Ingest]),
    peer("pyarrow", "pyarrow", "pyarrow", &[Ingest]),
    peer("pandas", "pandas", "pandas", &[Ingest]),
];

/// By the crate `xtask/peers/rust`.
const RUST: [Peer; 2] =
    [peer("burn", "burn, `flex`", "burn", ALL), peer("candle", "candle", "candle", ALL)];

/// Programs that can be started.
pub struct Competitors {
    /// By what they run; only those that are asked for.
    ours: Vec<(Kind, PathBuf)>,
    peak: Option<PathBuf>,
    rust: Result<PathBuf, String>,
    python: Result<PathBuf, String>,
    /// The library that makes MKL use AVX-512, or why there is none.
    mkl: Result<PathBuf, String>,
    only: Vec<String>,
}

impl Competitors {
    /// Builds what must be built.
    ///
    /// # Errors
    /// This project does not compile, an unknown key after `--only`, a Python that cannot be started.
    pub fn build(options: &Options, cases: &[Case]) -> Result<Competitors> {
        let known: Vec<&str> = PYTHON.iter().chain(&RUST).map(|peer| peer.key).collect();
        if let Some(wrong) = options.only.iter().find(|key| !known.contains(&key.as_str())) {
            bail!("--only {wrong}: there is no such peer; there are {}", known.join(", "));
        }
        if let Some(python) = &options.python {
            let found = Command::new(python).args(["-c", "import numpy"]).output();
            let found = found.with_context(|| format!("--peers {}", python.display()))?;
            if !found.status.success() {
                bail!(
                    "--peers {}: it has no NumPy, see xtask/peers/requirements.txt",
                    python.display()
                );
            }
        }
        let asked: Vec<Kind> =
            Kind::ALL.into_iter().filter(|kind| cases.iter().any(|c| c.kind == *kind)).collect();
        let program = |kind: &Kind| match kind {
            Ingest => Ok((*kind, example("mlp-data", "ingest_worker")?)),
            _ => Ok((*kind, example("mlp-train", "bench_worker")?)),
        };
        let ours = asked.iter().map(program).collect::<Result<_>>()?;
        let peak = asked.contains(&Gemm).then(|| example("mlp-tensor", "peak")).transpose()?;
        let rust = match options.rust_peers {
            true => rust_peers(&root().join("xtask/peers/rust/Cargo.toml")),
            false => Err("not asked for with --rust-peers".into()),
        };
        Ok(Competitors {
            ours,
            peak,
            rust,
            python: options.python.clone().ok_or_else(|| "no --peers PYTHON was given".into()),
            mkl: mkl::library(&scratch()?),
            only: options.only.clone(),
        })
    }

    /// Starts everyone who can run the case, ours first.
    pub fn start(&self, case: &Case, threads: usize, line: &str) -> Result<Vec<Entrant>> {
        let mut field = Vec::new();
        let mut enter = |name: &str, key: &str, command: Result<Command, String>| {
            let log = scratch()?.join(format!("{key}.log"));
            let start = |mut command: Command| {
                environment(&mut command, threads);
                Worker::start(&mut command, line, &log).map_err(|error| format!("{error:#}"))
            };
            field.push(Entrant { name: name.into(), worker: command.and_then(start) });
            anyhow::Ok(())
        };
        let ours = self.ours.iter().find(|(kind, _)| *kind == case.kind);
        let ours = ours.map(|(_, program)| pinned(program, threads));
        enter("this project", "ours", ours.ok_or_else(|| "not built".into()))?;
        if let (Gemm, Some(peak)) = (case.kind, &self.peak) {
            enter(super::tables::PEAK, "peak", Ok(pinned(peak, threads)))?;
        }
        for peer in PYTHON.iter().filter(|peer| self.wanted(peer, case)) {
            enter(peer.name, peer.key, self.python_command(peer, threads))?;
        }
        for peer in RUST.iter().filter(|peer| self.wanted(peer, case)) {
            let command = self.rust.clone().map(|program| {
                let mut command = pinned(&program, threads);
                command.arg(peer.idiom);
                command
            });
            enter(peer.name, peer.key, command)?;
        }
        Ok(field)
    }

    fn wanted(&self, peer: &Peer, case: &Case) -> bool {
        let chosen = self.only.is_empty() || self.only.iter().any(|key| key == peer.key);
        let table = matches!(case.source, Some(Source::Csv(_)));
        let reads = case.kind != Ingest || table == TABLES.contains(&peer.key);
        peer.kinds.contains(&case.kind) && reads && chosen
    }

    fn python_command(&self, peer: &Peer, threads: usize) -> Result<Command, String> {
        let python = self.python.as_ref()?;
        let mut command = pinned(python, threads);
        if peer.key == SIMD {
            let folder = python.ancestors().nth(2).map(|venv| venv.join(SIMD));
            let folder = folder.filter(|folder| folder.is_dir());
            command.env("PYTHONPATH", folder.ok_or("not installed: xtask/peers/requirements.txt")?);
        }
        if peer.key.ends_with(AVX512) {
            command.env("LD_PRELOAD", self.mkl.as_ref()?);
        }
        command.arg(root().join("xtask/peers/worker.py")).arg(peer.idiom);
        Ok(command)
    }
}

/// A program on the first `threads` cores, where the system has `taskset`: some peers start as many threads as there
/// are cores, whatever they are told.
fn pinned(program: &Path, threads: usize) -> Command {
    if !host::has_taskset() || threads >= host::cores() {
        return Command::new(program);
    }
    let mut command = Command::new("taskset");
    command.arg("--cpu-list").arg(format!("0-{}", threads - 1)).arg(program);
    command
}

/// Numbers of threads for every library that reads one, and nothing that slows a peer down.
fn environment(command: &mut Command, threads: usize) {
    for (key, _) in std::env::vars_os() {
        let name = key.to_string_lossy();
        let tuning = [
            "OPENBLAS_",
            "OMP_",
            "MKL_",
            "KMP_",
            "GOMP_",
            "XLA_",
            "JAX_",
            "TF_",
            "TORCH",
            "CANDLE_",
            "POLARS_",
            "ARROW_",
        ];
        if tuning.iter().any(|start| name.starts_with(start)) {
            command.env_remove(&key);
        }
    }
    for key in ["OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "RAYON_NUM_THREADS"] {
        command.env(key, threads.to_string());
    }
    // candle's second pool, for what is no product: its threads spin on the cores of the first, which takes six times
    // as long on T2.
    command.env("CANDLE_NUM_THREADS", "1");
    if threads == 1 {
        command.env("XLA_FLAGS", "--xla_cpu_multi_thread_eigen=false");
    }
    command.env("JAX_PLATFORMS", "cpu").env("CUDA_VISIBLE_DEVICES", "");
}

fn cargo() -> Command {
    Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// An example of a member, optimised.
fn example(package: &str, name: &str) -> Result<PathBuf> {
    let mut command = cargo();
    command.args(["build", "--quiet", "--release", "--package", package, "--example", name]);
    let status = command.current_dir(root()).status().context("cargo cannot be started")?;
    if !status.success() {
        bail!("the example {name} of {package} does not compile");
    }
    let file = format!("{name}{}", std::env::consts::EXE_SUFFIX);
    Ok(target()?.join("release/examples").join(file))
}

/// The peers written in Rust, compiled for this very processor as their manuals advise, or why they cannot be: without
/// a network, for instance, or with a compiler older than theirs.
fn rust_peers(manifest: &Path) -> Result<PathBuf, String> {
    let folder = target().map_err(|error| format!("{error:#}"))?.join("rust-peers");
    eprintln!("building the peers written in Rust: minutes the first time");
    let mut command = cargo();
    command.args(["build", "--quiet", "--release", "--locked", "--manifest-path"]).arg(manifest);
    command.arg("--target-dir").arg(&folder).env("RUSTFLAGS", "-C target-cpu=native");
    let output = command.output().map_err(|error| format!("cargo cannot be started: {error}"))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        let error = said.lines().find(|line| line.starts_with("error"));
        let reason = format!("cannot be built: {}", error.unwrap_or("no reason given"));
        eprintln!("burn and candle {reason}\n{said}");
        return Err(reason);
    }
    Ok(folder.join(format!("release/rust-peers{}", std::env::consts::EXE_SUFFIX)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_unique_and_known_to_the_script() {
        let script = std::fs::read_to_string(root().join("xtask/peers/worker.py")).unwrap();
        let peers: Vec<&Peer> = PYTHON.iter().chain(&RUST).collect();
        for (i, peer) in peers.iter().enumerate() {
            assert!(!peers[..i].iter().any(|other| other.key == peer.key), "{peer:?}");
        }
        for peer in &PYTHON {
            assert!(script.contains(&format!("\"{}\":", peer.idiom)), "{peer:?}");
        }
    }

    #[test]
    fn idioms_are_known_to_the_crate() {
        let main = root().join("xtask/peers/rust/src/main.rs");
        let main = std::fs::read_to_string(main).unwrap();
        for peer in &RUST {
            for kind in peer.kinds {
                assert!(main.contains(&format!("(\"{}\", \"{}\")", peer.idiom, kind.word())));
            }
        }
    }

    #[test]
    fn peers_that_cannot_be_built_enter_with_the_reason() {
        let nowhere = root().join("xtask/peers/none/Cargo.toml");
        let reason = rust_peers(&nowhere).unwrap_err();
        assert!(reason.starts_with("cannot be built: error: "), "{reason}");
        let absent = |what: &str| Err(what.to_string());
        let competitors = Competitors {
            ours: Vec::new(),
            peak: Some(nowhere),
            rust: Err(reason.clone()),
            python: absent("no Python"),
            mkl: absent("no MKL"),
            only: Vec::new(),
        };
        for case in super::super::cases::all() {
            let field = competitors.start(&case, 1, "case").unwrap();
            for peer in RUST.iter().filter(|peer| peer.kinds.contains(&case.kind)) {
                let entrant = field.iter().find(|entrant| entrant.name == peer.name).unwrap();
                assert_eq!(entrant.worker.as_ref().err(), Some(&reason));
            }
        }
    }

    #[test]
    fn what_slows_peers_is_taken_away() {
        let mut command = Command::new("x");
        environment(&mut command, 2);
        let threads = command.get_envs().find(|(key, _)| *key == "OMP_NUM_THREADS");
        assert_eq!(threads.and_then(|(_, value)| value), Some("2".as_ref()));
        for key in ["OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"] {
            if std::env::var_os(key).is_some() {
                assert!(command.get_envs().any(|(k, value)| k == key && value.is_none()), "{key}");
            }
        }
    }
}
