//! Inference: logits of one row, call by call, or of many rows in one call.

use crate::exec;
use crate::protocol::{Case, Result};
use crate::rounds::{ROWS, Round, calls};
use mlp_train::model::tensor::{Activation, Purpose, Streams, Weights};
use mlp_train::model::{Mode, NetworkSpec, RowNetwork};
use std::hint::black_box;

pub fn set_up(case: &Case) -> Result<(Round, String)> {
    let exec = exec(case)?;
    let (inputs, outputs) = (case.number("inputs")?, case.number("outputs")?);
    let rows: usize = case.number("rows")?;
    let spec = NetworkSpec::mlp(inputs, &case.numbers("hidden")?, Activation::Relu, 0.0, outputs);
    let network = spec.build()?;
    let streams = Streams::new(1);
    let params = network.init(&streams);
    let mut x = vec![0.0; inputs * if rows == 1 { ROWS } else { rows }];
    streams.at(Purpose::Demo, 0, 0).fill_uniform(&exec, 0.0, 1.0, &mut x);
    let inputs: Vec<Vec<f32>> = x.chunks_exact(inputs * rows).map(<[f32]>::to_vec).collect();
    let mut work = network.workspace(rows);
    let note = exec.isa().name().to_string();
    let weights = match case.word("weights") {
        Ok("16") if rows == 1 => Weights::Bits16,
        Ok(_) => return Err("weights of 16 bits answer one row a call".into()),
        _ => Weights::F32,
    };
    let mut single = (rows == 1).then(|| RowNetwork::new(&network, &params.values, weights));
    let call = move |x: &Vec<f32>| {
        let (x, mode) = (black_box(x.as_slice()), Mode::Infer);
        black_box(match &mut single {
            Some(single) => single.forward(&exec, x),
            None => network.forward(&exec, &params.values, x, rows, mode, &mut work),
        });
        Ok(())
    };
    Ok((calls(rows, inputs, call), note))
}
