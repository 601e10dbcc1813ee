//! What is read by the cases of ingestion: folders of pictures from `--data`, unpacked once where they are archives,
//! and tables generated once.

use super::cases::Source;
use super::data::{Data, SplitMix64};
use anyhow::{Context, Result, bail};
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Columns of a table.
const COLUMNS: usize = 20;

/// The folder or the table.
///
/// # Errors
/// What is not there, by the names it could have; an archive that cannot be unpacked.
pub fn find(source: Source, given: Option<&Path>, scratch: &Path) -> Result<Data> {
    let scratch = scratch.join("data");
    match source {
        Source::Csv(rows) => {
            let path = scratch.join(format!("{rows}-rows.csv"));
            if !path.is_file() {
                whole(&path, |part| table(part, rows))?;
            }
            Ok(Data { path, what: "generated numbers and words" })
        }
        Source::Photos => {
            let path = pictures(given, &["photos", "cats-dogs-photos"], &scratch)?;
            Ok(Data { path, what: "photographs of cats and dogs" })
        }
        _ => {
            let path = pictures(given, &["cifar", "cifar10-train-jpeg"], &scratch)?;
            Ok(Data { path, what: "CIFAR-10" })
        }
    }
}

/// A folder of one of these names in `--data`, or an archive.
fn pictures(given: Option<&Path>, names: &[&str], scratch: &Path) -> Result<PathBuf> {
    let tried: Vec<String> = names
        .iter()
        .flat_map(|name| ["", ".tar", ".tar.gz"].map(|end| format!("{name}{end}")))
        .collect();
    let Some(given) = given else { bail!("needs --data DIR with {}", tried.join(" or ")) };
    let found = tried.iter().map(|name| given.join(name)).find(|path| path.exists());
    let Some(found) = found else {
        bail!("--data {}: there is no {}", given.display(), tried.join(" or "));
    };
    if found.is_dir() {
        return found.canonicalize().with_context(|| found.display().to_string());
    }
    let folder = scratch.join(names[0]);
    if !folder.is_dir() {
        whole(&folder, |part| unpack(&found, part))?;
    }
    Ok(folder)
}

/// Makes a file or folder under another name and renames it once it is whole.
fn whole(path: &Path, make: impl FnOnce(&Path) -> Result<()>) -> Result<()> {
    let part = path.with_extension("part");
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
    }
    if part.is_dir() {
        fs::remove_dir_all(&part).with_context(|| part.display().to_string())?;
    }
    make(&part)?;
    fs::rename(&part, path).with_context(|| path.display().to_string())
}

fn unpack(archive: &Path, folder: &Path) -> Result<()> {
    fs::create_dir(folder).with_context(|| folder.display().to_string())?;
    let mut command = Command::new("tar");
    command.arg("-xf").arg(archive).arg("-C").arg(folder);
    let status = command.status().context("tar cannot be started")?;
    if !status.success() {
        bail!("{}: tar cannot unpack it", archive.display());
    }
    Ok(())
}

/// Numbers with six digits after the point, whole numbers, and words, in turn; the last column says which class.
fn table(path: &Path, rows: usize) -> Result<()> {
    let write = || {
        let (mut file, mut random) = (BufWriter::new(File::create(path)?), SplitMix64(3));
        let names: Vec<String> = (1..COLUMNS).map(|i| format!("x{i}")).collect();
        writeln!(file, "{},class", names.join(","))?;
        for _ in 0..rows {
            for column in 1..COLUMNS {
                match column % 5 {
                    0 => write!(file, "word{},", random.next() % 50)?,
                    1 => write!(file, "{},", random.next() % 10_000)?,
                    _ => write!(file, "{:.6},", 200.0 * random.unit() - 100.0)?,
                }
            }
            writeln!(file, "{}", ["yes", "no"][(random.next() % 2) as usize])?;
        }
        file.flush()
    };
    write().with_context(|| path.display().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_named() {
        let scratch = std::env::temp_dir().join(format!("bench-files-{}", std::process::id()));
        let error = |given| find(Source::Photos, given, &scratch).err().unwrap().to_string();
        assert!(error(None).starts_with("needs --data DIR with photos or photos.tar"));
        let nowhere = Path::new("/nowhere");
        assert!(error(Some(nowhere)).contains("/nowhere: there is no photos or photos.tar"));
    }

    #[test]
    fn tables_are_made_once_and_are_rectangular() {
        let scratch = std::env::temp_dir().join(format!("bench-table-{}", std::process::id()));
        let path = find(Source::Csv(7), None, &scratch).unwrap().path;
        let text = fs::read_to_string(&path).unwrap();
        fs::remove_dir_all(&scratch).unwrap();
        assert_eq!(text.lines().count(), 8);
        assert!(text.lines().all(|line| line.split(',').count() == COLUMNS), "{text}");
    }
}
