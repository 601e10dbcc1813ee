//! `cargo xtask fetch-data`: words in, sets in the data folder, exit code out.

#![allow(clippy::print_stdout, clippy::print_stderr)]

use anyhow::Result;
use std::path::Path;
use std::process::ExitCode;
use xtask_fetch::arguments::{Arguments, HELP};
use xtask_fetch::catalogue::{Catalogue, Set};
use xtask_fetch::download::{Client, Patience};
use xtask_fetch::fetch::{Outcome, Store};
use xtask_fetch::obtain::Origin;
use xtask_fetch::screen::size;

fn main() -> ExitCode {
    let arguments = match Arguments::parse(std::env::args().skip(1)) {
        Ok(arguments) => arguments,
        Err(wrong) => {
            eprintln!("error: {wrong}");
            return ExitCode::from(2);
        }
    };
    match run(&arguments) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Whether all went well; what did not has been said.
fn run(arguments: &Arguments) -> Result<bool> {
    if arguments.help {
        print!("{HELP}");
        return Ok(true);
    }
    let catalogue = match &arguments.catalogue {
        Some(path) => Catalogue::read(path)?,
        None => Catalogue::own()?,
    };
    let dir = arguments.dir.clone().unwrap_or_else(|| "data".into());
    let store = Store { dir, quiet: arguments.quiet };
    if arguments.list {
        list(&catalogue, &store);
        return Ok(true);
    }
    let named = arguments.names.iter().map(|name| catalogue.set(name));
    let mut sets: Vec<&Set> = named.collect::<Result<_>>()?;
    if arguments.all {
        sets = catalogue.sets.iter().collect();
    }
    if arguments.verify {
        return verify(&catalogue, &store, sets);
    }
    let mut patience = Patience::default();
    if let Some(stall) = arguments.stall {
        patience = Patience { stall, back_off: stall / 3 };
    }
    let origin = Origin {
        from: arguments.from.clone(),
        offline: arguments.offline,
        mirror: arguments.mirror.clone(),
        client: Client { patience },
    };
    let mut good = true;
    for set in sets {
        match store.fetch(set, &origin) {
            Ok(outcome) => fetched(set, &store, outcome),
            // The other sets may still be had.
            Err(error) => {
                eprintln!("error: {}: {error:#}", set.name);
                good = false;
            }
        }
    }
    Ok(good)
}

fn fetched(set: &Set, store: &Store, outcome: Outcome) {
    let folder = store.folder(set);
    let show = folder.display();
    match outcome {
        Outcome::Already => println!("{}: already in {show}", set.name),
        Outcome::Fetched => println!("{}: in {show}", set.name),
    }
    if !store.quiet && outcome == Outcome::Fetched {
        let by = if store.dir == Path::new("data") && !set.inside {
            set.name.clone()
        } else {
            show.to_string()
        };
        eprintln!("next: mlp train {by}");
    }
}

fn list(catalogue: &Catalogue, store: &Store) {
    let width = |text: &dyn Fn(&Set) -> usize| catalogue.sets.iter().map(text).max().unwrap_or(0);
    let name = width(&|set| set.name.len());
    let licence = width(&|set| set.licence.chars().count());
    for set in &catalogue.sets {
        let there = if store.has(set) { "  (there)" } else { "" };
        let (bytes, about) = (size(set.bytes()), &set.about);
        println!("{:<name$}  {bytes:>9}  {:<licence$}  {about}{there}", set.name, set.licence);
    }
}

fn verify(catalogue: &Catalogue, store: &Store, named: Vec<&Set>) -> Result<bool> {
    let there = || catalogue.sets.iter().filter(|set| store.has(set)).collect();
    let sets: Vec<&Set> = if named.is_empty() { there() } else { named };
    if sets.is_empty() {
        println!("no set is in {}", store.dir.display());
    }
    let mut good = true;
    for set in sets {
        let wrong = match store.verify(set) {
            Ok(wrong) => wrong,
            Err(error) => vec![format!("{error:#}")],
        };
        for line in &wrong {
            eprintln!("error: {}: {line}", set.name);
        }
        match wrong.is_empty() {
            true => println!("{}: as it was laid down", set.name),
            false => {
                let folder = store.folder(set);
                eprintln!("remove {} and fetch {} again", folder.display(), set.name);
                good = false;
            }
        }
    }
    Ok(good)
}
