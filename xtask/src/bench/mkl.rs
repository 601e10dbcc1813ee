//! MKL without its bias: it runs AVX2 kernels on processors that are not Intel's, whatever they can do. A library that
//! answers its question `mkl_serv_intel_cpu_true` with yes, loaded before it, makes it look at what the processor can.

use super::host;
use std::path::{Path, PathBuf};
use std::process::Command;

const SOURCE: &str = "int mkl_serv_intel_cpu_true(void) { return 1; }\n";

/// Builds the library in `folder`, or says why not.
pub fn library(folder: &Path) -> Result<PathBuf, String> {
    if !cfg!(all(target_os = "linux", target_arch = "x86_64")) {
        return Err("MKL can be told what to run on x86-64 Linux only".into());
    }
    if host::processor().contains("Intel") {
        return Err("MKL needs no help on an Intel processor".into());
    }
    let (source, library) = (folder.join("mkl.c"), folder.join("libmklcpu.so"));
    std::fs::write(&source, SOURCE).map_err(|error| error.to_string())?;
    let mut command = Command::new("gcc");
    command.args(["-shared", "-fPIC", "-o"]).arg(&library).arg(&source);
    match command.output() {
        Ok(output) if output.status.success() => Ok(library),
        Ok(output) => Err(format!("gcc failed: {}", String::from_utf8_lossy(&output.stderr))),
        Err(error) => Err(format!("gcc cannot be started: {error}")),
    }
}
