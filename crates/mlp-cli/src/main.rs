//! The `mlp` command: arguments in, exit code out. What each verb does stands in a module of its own.

mod args;
mod cache;
mod data;
mod evaluate;
mod explain;
mod export;
mod failure;
mod fetched;
mod input;
mod inspect;
mod interrupt;
mod learn;
mod options;
mod output;
mod parts;
mod predict;
mod progress;
mod report;
mod sets;
mod tour;
mod train;
mod words;

use args::{Cli, Command, DataCommand};
use clap::{CommandFactory, Parser};
use std::process::ExitCode;

fn main() -> ExitCode {
    mlp_data::picture::quiet_panics();
    let cli = Cli::parse_from(learn::args::arguments());
    let global = cli.global;
    let done = match cli.command {
        None => tour::run(&args::TourArgs::default(), &global),
        Some(Command::Tour(args)) => tour::run(&args, &global),
        Some(Command::Train(args)) => train::run(*args, &global),
        Some(Command::Evaluate(args)) => evaluate::run(&args, &global),
        Some(Command::Predict(args)) => predict::run(&args, &global),
        Some(Command::Explain(args)) => explain::run(&args, &global),
        Some(Command::Inspect(args)) => inspect::run(&args, &global),
        Some(Command::Export(args)) => export::run(&args, &global),
        Some(Command::Report(args)) => report::run(&args, &global),
        Some(Command::Learn(args)) => learn::run(&args, &global),
        Some(Command::Data(DataCommand::Draw(args))) => data::draw::run(&args, &global),
        Some(Command::Data(DataCommand::Inspect(args))) => data::inspect::run(&args, &global),
        Some(Command::Data(DataCommand::Split(args))) => data::split::run(&args, &global),
        Some(Command::Completions(args)) => {
            let mut bytes = Vec::new();
            clap_complete::generate(args.shell, &mut Cli::command(), "mlp", &mut bytes);
            output::raw(&bytes)
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => failure::report(&error, &global),
    }
}
