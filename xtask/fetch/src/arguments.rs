//! The command line of `fetch-data`.

use std::path::PathBuf;
use std::time::Duration;

/// What `--help` shows.
pub const HELP: &str = "\
Fetches public data sets into data/NAME; after it, `mlp train NAME` works.

  cargo xtask fetch-data NAME…     fetch these sets
  cargo xtask fetch-data --all     fetch every set
  cargo xtask fetch-data --list    name, size, licence and what it is of each set

  --dir DIR      the data folder [default: data]
  --from DIR     take the files from this folder instead of the net: as published, packed anew or unpacked
  --mirror URL   ask below this address first: URL/NAME/FILE, then URL/FILE
  --offline      never open a connection
  --verify       compare what is there with the sums taken when it was laid down; without names, every set that is there
  --quiet, -q    say nothing but errors and results

Proxies are taken from http_proxy, https_proxy, all_proxy and no_proxy. An interrupted fetch goes on where it was.
Exit codes: 0 done, 1 failed, 2 wrong usage.
";

/// What is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Arguments {
    /// Sets.
    pub names: Vec<String>,
    /// Every set.
    pub all: bool,
    /// Show the help.
    pub help: bool,
    /// Show the sets.
    pub list: bool,
    /// Compare what is there.
    pub verify: bool,
    /// Never open a connection.
    pub offline: bool,
    /// Say nothing but errors and results.
    pub quiet: bool,
    /// The data folder.
    pub dir: Option<PathBuf>,
    /// A folder with files.
    pub from: Option<PathBuf>,
    /// An address that is asked first.
    pub mirror: Option<String>,
    /// Another catalogue, for tests.
    pub catalogue: Option<PathBuf>,
    /// For how long nothing may come, and a third of it before the second round; for tests.
    pub stall: Option<Duration>,
}

impl Arguments {
    /// Reads the words of a command line.
    ///
    /// # Errors
    /// What is wrong with them.
    pub fn parse(words: impl IntoIterator<Item = String>) -> Result<Arguments, String> {
        let mut words = words.into_iter();
        let mut found = Arguments::default();
        while let Some(word) = words.next() {
            let (flag, given) = match word.split_once('=') {
                Some((flag, value)) if flag.starts_with("--") => (flag, Some(value.to_owned())),
                _ => (&*word, None),
            };
            let takes = matches!(flag, "--dir" | "--from" | "--mirror" | "--catalogue" | "--stall");
            if takes {
                let value = given.or_else(|| words.next()).filter(|value| !value.is_empty());
                let value = value.ok_or_else(|| format!("{flag} needs a value"))?;
                found.set(flag, value)?;
                continue;
            }
            if given.is_some() {
                return Err(format!("{flag} takes no value"));
            }
            match flag {
                "--all" => found.all = true,
                "--help" | "-h" | "help" => found.help = true,
                "--list" => found.list = true,
                "--verify" => found.verify = true,
                "--offline" => found.offline = true,
                "--quiet" | "-q" => found.quiet = true,
                _ if flag.starts_with('-') => {
                    return Err(format!(
                        "there is no option {flag}: see cargo xtask fetch-data --help"
                    ));
                }
                _ if found.names.contains(&word) => {}
                _ => found.names.push(word),
            }
        }
        found.check()?;
        Ok(found)
    }

    fn set(&mut self, flag: &str, value: String) -> Result<(), String> {
        match flag {
            "--dir" => self.dir = Some(value.into()),
            "--from" => self.from = Some(value.into()),
            "--catalogue" => self.catalogue = Some(value.into()),
            "--mirror" if !value.starts_with("http://") && !value.starts_with("https://") => {
                return Err(format!(
                    "--mirror {value}: give an address that begins with https:// or http://"
                ));
            }
            "--mirror" => self.mirror = Some(value),
            _ => {
                let seconds = value.parse().ok().and_then(|s| Duration::try_from_secs_f64(s).ok());
                self.stall = Some(seconds.ok_or_else(|| format!("{flag} {value}: give seconds"))?);
            }
        }
        Ok(())
    }

    fn check(&self) -> Result<(), String> {
        if self.help || self.list {
            return Ok(());
        }
        if self.all && !self.names.is_empty() {
            return Err("give names or --all, not both".into());
        }
        if self.names.is_empty() && !self.all && !self.verify {
            return Err("name a set, or --all; --list shows them".into());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Arguments, String> {
        Arguments::parse(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn a_command_line_is_understood() {
        let found = parse("mnist --dir=d adult --from f --offline mnist -q").unwrap();
        assert_eq!(found.names, ["mnist", "adult"]);
        assert_eq!((found.dir, found.from), (Some("d".into()), Some("f".into())));
        assert!(found.offline && found.quiet && !found.all);
        assert!(parse("--list").unwrap().list && parse("--verify").unwrap().verify);
        assert_eq!(parse("a --stall 0.5").unwrap().stall, Some(Duration::from_millis(500)));
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (line, why) in [
            ("", "name a set, or --all"),
            ("--all mnist", "not both"),
            ("mnist --dir", "--dir needs a value"),
            ("mnist --dir=", "--dir needs a value"),
            ("mnist --offline=yes", "takes no value"),
            ("mnist --force", "no option --force"),
            ("mnist --mirror ftp://a", "begins with https://"),
            ("mnist --stall soon", "give seconds"),
        ] {
            assert!(parse(line).unwrap_err().contains(why), "{line}");
        }
    }
}
