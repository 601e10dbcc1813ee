//! candle, as its own examples train: `candle_nn`'s layers and losses, its AdamW without decay; every loss and gradient
//! by its tensors. Its products are gemm's, by default; its feature `mkl`, which downloads Intel's library when built,
//! was not tried.

use crate::data::{self, epochs};
use crate::protocol::{Case, Result};
use crate::rounds::{ROWS, Round, calls, products};
use candle_core::backprop::GradStore;
use candle_core::{DType, Device, Module, Tensor, Var};
use candle_nn::{
    Activation, AdamW, Init, Linear, Optimizer, ParamsAdamW, Sequential, VarBuilder, VarMap, init,
    loss, seq,
};
use std::hint::black_box;

const CPU: &Device = &Device::Cpu;

/// He-initialised weights and zero biases, rectified in between.
fn network(case: &Case, vars: &VarBuilder) -> Result<Sequential> {
    let mut sizes = vec![case.number("inputs")?];
    sizes.extend(case.numbers("hidden")?);
    sizes.push(case.number("outputs")?);
    let mut network = seq();
    for (i, pair) in sizes.windows(2).enumerate() {
        let vars = vars.pp(i);
        let shape = (pair[1], pair[0]);
        let weight = vars.get_with_hints(shape, "weight", init::DEFAULT_KAIMING_NORMAL)?;
        let bias = vars.get_with_hints(pair[1], "bias", Init::Const(0.0))?;
        if i > 0 {
            network = network.add(Activation::Relu);
        }
        network = network.add(Linear::new(weight, Some(bias)));
    }
    Ok(network)
}

/// Mean loss of a batch: of logits (n × outputs) and classes (n), or numbers (n).
type Loss = fn(&Tensor, &Tensor) -> candle_core::Result<Tensor>;

fn squared_error(z: &Tensor, t: &Tensor) -> candle_core::Result<Tensor> {
    loss::mse(&z.squeeze(1)?, t)
}

/// max(z, 0) − z t + ln(1 + exp(−|z|)). candle's own takes the logarithm of a sigmoid, which ends in NaN.
fn logistic(z: &Tensor, t: &Tensor) -> candle_core::Result<Tensor> {
    let z = z.squeeze(1)?;
    let tail = (z.abs()?.neg()?.exp()? + 1.0)?.log()?;
    ((z.relu()? - (&z * t)?)? + tail)?.mean_all()
}

pub fn train(case: &Case) -> Result<(Round, &'static str)> {
    let (data, task) = (data::load(case)?, case.word("task")?);
    let (loss, kind): (Loss, _) = match task {
        "multiclass" => (loss::cross_entropy, DType::U32),
        "binary" => (logistic, DType::F32),
        _ => (squared_error, DType::F32),
    };
    let x = Tensor::from_vec(data.x, (data.rows, data.inputs), CPU)?;
    let y = Tensor::from_vec(data.y, data.rows, CPU)?.to_dtype(kind)?;
    let vars = VarMap::new();
    let network = network(case, &VarBuilder::from_varmap(&vars, DType::F32, CPU))?;
    let mut optimizer = Descent::new(case, vars.all_vars())?;
    let step = move |rows: &[u32]| {
        let rows = Tensor::from_slice(rows, rows.len(), CPU)?;
        let (x, y) = (x.index_select(&rows, 0)?, y.index_select(&rows, 0)?);
        let loss = loss(&network.forward(&x)?, &y)?;
        optimizer.step(&loss.backward()?)?;
        Ok(loss.to_scalar()?)
    };
    Ok((epochs(data.rows, case.number("batch")?, step)?, "candle_nn, eager"))
}

enum Descent {
    Adam(AdamW),
    /// candle's SGD has no momentum: this is written as its optimizers are. Parameters and velocities.
    Momentum(f64, Vec<(Var, Var)>),
}

impl Descent {
    fn new(case: &Case, vars: Vec<Var>) -> Result<Descent> {
        let lr = case.number("rate")?;
        if case.word("optimizer")? == "adam" {
            let params = ParamsAdamW { lr, weight_decay: 0.0, ..ParamsAdamW::default() };
            return Ok(Descent::Adam(AdamW::new(vars, params)?));
        }
        let zeros = |var: Var| Ok((var.clone(), Var::from_tensor(&var.zeros_like()?)?));
        Ok(Descent::Momentum(lr, vars.into_iter().map(zeros).collect::<Result<_>>()?))
    }

    fn step(&mut self, grads: &GradStore) -> candle_core::Result<()> {
        match self {
            Descent::Adam(adam) => adam.step(grads)?,
            Descent::Momentum(lr, vars) => {
                for (var, velocity) in vars {
                    if let Some(grad) = grads.get(var) {
                        let next = ((velocity.as_tensor() * 0.9)? + grad)?;
                        var.set(&(var.as_tensor() - (&next * *lr)?)?)?;
                        velocity.set(&next)?;
                    }
                }
            }
        }
        Ok(())
    }
}

fn random(rows: usize, cols: usize) -> candle_core::Result<Tensor> {
    Tensor::rand(0f32, 1f32, (rows, cols), CPU)
}

pub fn inference(case: &Case) -> Result<(Round, &'static str)> {
    let (rows, inputs) = (case.number("rows")?, case.number("inputs")?);
    // Constants: a network of variables would keep a graph of every call.
    let vars = VarMap::new();
    network(case, &VarBuilder::from_varmap(&vars, DType::F32, CPU))?;
    let constants = vars.data().lock().map_err(|_| "another thread failed")?.clone();
    let constants = constants.into_iter().map(|(key, var)| (key, var.as_detached_tensor()));
    let network = network(case, &VarBuilder::from_tensors(constants.collect(), DType::F32, CPU))?;
    let calls_in = if rows == 1 { ROWS } else { 1 };
    let inputs: Vec<Tensor> =
        (0..calls_in).map(|_| random(rows, inputs)).collect::<candle_core::Result<_>>()?;
    let call = move |x: &Tensor| {
        black_box(network.forward(black_box(x))?);
        Ok(())
    };
    Ok((calls(rows, inputs, call), "candle_nn, without variables"))
}

pub fn gemm(case: &Case) -> Result<(Round, &'static str)> {
    let (n, ins, outs) = (case.number("batch")?, case.number("inputs")?, case.number("outputs")?);
    let (x, w, dz) = (random(n, ins)?, random(ins, outs)?, random(n, outs)?);
    let (a, b) = match case.word("product")? {
        "forward" => (x, w),
        "input-gradient" => (dz, w.t()?),
        _ => (x.t()?, dz),
    };
    let product = move || {
        black_box(black_box(&a).matmul(&b)?);
        Ok(())
    };
    Ok((products(product), "Tensor::matmul"))
}
