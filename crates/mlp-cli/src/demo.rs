//! `mlp` alone: the whole way on the embedded digits, in seconds.

use crate::args::{Global, TrainArgs};
use crate::options::Options;
use crate::output::say;
use crate::train;
use crate::words::Hidden;

/// Trains on the digits.
pub fn run(global: &Global) -> anyhow::Result<()> {
    if !global.quiet && !global.json {
        say(
            "training on 1,797 handwritten digits that come with this program; `mlp --help` shows what else it does",
        );
        say("");
    }
    let options =
        Options { hidden: Some(Hidden(vec![64, 32])), epochs: Some(40), ..Options::default() };
    let args = TrainArgs {
        data: Some("digits".into()),
        resume: None,
        config: None,
        dry_run: false,
        options,
    };
    train::run(args, global)
}
