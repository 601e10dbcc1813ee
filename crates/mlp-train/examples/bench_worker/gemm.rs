//! The three products of a dense layer by the library's kernels. The forward product adds the bias, and the weight
//! gradient sums the bias' gradient: both belong to a layer and cost this side a little that the peers do not pay.

use crate::exec;
use crate::protocol::{Case, Result};
use crate::rounds::{Round, products};
use mlp_train::model::tensor::product::{forward, input_gradient, weight_gradient};
use mlp_train::model::tensor::{Activation, Exec, Matrix, Purpose, Streams};

/// Values between 0 and 1.
fn random(exec: &Exec, rows: usize, cols: usize, index: u32) -> Matrix {
    let mut matrix = Matrix::zeros(rows, cols);
    Streams::new(1).at(Purpose::Demo, 0, index).fill_uniform(exec, 0.0, 1.0, matrix.as_mut_slice());
    matrix
}

/// A layer of `ins` inputs and `outs` outputs under a batch of `n` examples.
pub fn set_up(case: &Case) -> Result<(Round, String)> {
    let exec = exec(case)?;
    let (n, ins, outs) = (case.number("batch")?, case.number("inputs")?, case.number("outputs")?);
    let w = random(&exec, outs, ins, 0);
    let (x, dz) = (random(&exec, ins, n, 1), random(&exec, outs, n, 2));
    let (mut y, mut dx, mut dw) =
        (Matrix::zeros(outs, n), Matrix::zeros(ins, n), Matrix::zeros(outs, ins));
    let (b, mut db) = (vec![0.0; outs], vec![0.0; outs]);
    let note = exec.isa().name().to_string();
    let mut product: Box<dyn FnMut()> = match case.word("product")? {
        "forward" => Box::new(move || {
            forward(
                &exec,
                w.as_view(),
                &b,
                x.as_view(),
                Activation::Identity,
                None,
                y.as_view_mut(),
            );
        }),
        "input-gradient" => {
            Box::new(move || input_gradient(&exec, w.as_view(), dz.as_view(), dx.as_view_mut()))
        }
        "weight-gradient" => Box::new(move || {
            weight_gradient(&exec, dz.as_view(), x.as_view(), dw.as_view_mut(), &mut db)
        }),
        other => return Err(format!("no product is called `{other}`").into()),
    };
    let round = products(move || {
        product();
        Ok(())
    });
    Ok((round, note))
}
