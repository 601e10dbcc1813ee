//! The three products of a dense layer by the library's kernels. The forward product adds the bias, and the weight
//! gradient sums the bias' gradient: both belong to a layer and cost this side a little that the peers do not pay.

use crate::exec;
use crate::protocol::{Case, Result};
use crate::rounds::{Round, products};
use mlp_train::model::tensor::product::{forward, input_gradient, weight_gradient};
use mlp_train::model::tensor::{
    Activation, Exec, MatrixView, MatrixViewMut, Purpose, Streams, Values,
};

/// A matrix that begins at a cache line, as those of a training do.
struct Aligned {
    rows: usize,
    cols: usize,
    values: Values,
}

impl Aligned {
    fn zeros(rows: usize, cols: usize) -> Aligned {
        Aligned { rows, cols, values: Values::zeros(rows * cols) }
    }
    /// Values between 0 and 1.
    fn random(exec: &Exec, rows: usize, cols: usize, index: u32) -> Aligned {
        let mut matrix = Aligned::zeros(rows, cols);
        let stream = &mut Streams::new(1).at(Purpose::Demo, 0, index);
        stream.fill_uniform(exec, 0.0, 1.0, &mut matrix.values);
        matrix
    }
    fn view(&self) -> MatrixView<'_> {
        MatrixView::from_slice(&self.values, self.rows, self.cols)
    }
    fn view_mut(&mut self) -> MatrixViewMut<'_> {
        MatrixViewMut::from_slice(&mut self.values, self.rows, self.cols)
    }
}

/// A layer of `ins` inputs and `outs` outputs under a batch of `n` examples.
pub fn set_up(case: &Case) -> Result<(Round, String)> {
    let exec = exec(case)?;
    let (n, ins, outs) = (case.number("batch")?, case.number("inputs")?, case.number("outputs")?);
    let w = Aligned::random(&exec, outs, ins, 0);
    let (x, dz) = (Aligned::random(&exec, ins, n, 1), Aligned::random(&exec, outs, n, 2));
    let (mut y, mut dx, mut dw) =
        (Aligned::zeros(outs, n), Aligned::zeros(ins, n), Aligned::zeros(outs, ins));
    let (b, mut db) = (vec![0.0; outs], vec![0.0; outs]);
    let note = exec.isa().name().to_string();
    let mut product: Box<dyn FnMut()> = match case.word("product")? {
        "forward" => Box::new(move || {
            forward(&exec, w.view(), &b, x.view(), Activation::Identity, None, y.view_mut());
        }),
        "input-gradient" => {
            Box::new(move || input_gradient(&exec, w.view(), dz.view(), dx.view_mut()))
        }
        "weight-gradient" => {
            Box::new(move || weight_gradient(&exec, dz.view(), x.view(), dw.view_mut(), &mut db))
        }
        other => return Err(format!("no product is called `{other}`").into()),
    };
    let round = products(move || {
        product();
        Ok(())
    });
    Ok((round, note))
}
