//! burn on `flex`, its backend for CPUs without native libraries, which took the place of `ndarray`, deprecated since
//! 0.22: its layers, losses and optimizers with their defaults, but for what the case says. Its other backend for CPUs,
//! `cpu`, compiles kernels by LLVM; it was not measured.

use crate::data::{self, epochs};
use crate::protocol::{Case, Result};
use crate::rounds::{ROWS, Round, calls, products};
use ::burn::module::Module;
use ::burn::nn::loss::{BinaryCrossEntropyLossConfig, CrossEntropyLossConfig, MseLoss, Reduction};
use ::burn::nn::{Initializer, Linear, LinearConfig};
use ::burn::optim::momentum::MomentumConfig;
use ::burn::optim::{AdamConfig, GradientsParams, SgdConfig};
use ::burn::tensor::activation::relu;
use ::burn::tensor::{Device, Distribution, Int, Tensor, TensorData};
use std::hint::black_box;

/// He-initialised weights and zero biases, rectified in between.
#[derive(Module, Debug)]
struct Network {
    layers: Vec<Linear>,
}

impl Network {
    fn new(case: &Case, device: &Device) -> Result<Network> {
        let mut sizes = vec![case.number("inputs")?];
        sizes.extend(case.numbers("hidden")?);
        sizes.push(case.number("outputs")?);
        let he = Initializer::KaimingNormal { gain: 2f64.sqrt(), fan_out_only: false };
        let layer = |pair: &[usize]| {
            let config = LinearConfig::new(pair[0], pair[1]).with_initializer(he.clone());
            let bias = Some(Initializer::Zeros.init([pair[1]], device));
            Linear { bias, ..config.init(device) }
        };
        Ok(Network { layers: sizes.windows(2).map(layer).collect() })
    }

    fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        let mut layers = self.layers.iter();
        let first = layers.next().map_or(x.clone(), |layer| layer.forward(x));
        layers.fold(first, |z, layer| layer.forward(relu(z)))
    }
}

/// Mean loss of a batch, from its logits and the indices of its rows.
type Loss = Box<dyn Fn(Tensor<2>, Tensor<1, Int>) -> Tensor<1>>;

/// The task's loss on targets that lie on the device as it wants them.
fn loss(task: &str, y: TensorData, device: &Device) -> Loss {
    let classes = |y| Tensor::<1, Int>::from_data(y, device);
    match task {
        "multiclass" => {
            let (y, loss) = (classes(y), CrossEntropyLossConfig::new().init(device));
            Box::new(move |z, rows| loss.forward(z, y.clone().select(0, rows)))
        }
        "binary" => {
            let (y, config) = (classes(y), BinaryCrossEntropyLossConfig::new());
            let loss = config.with_logits(true).init(device);
            Box::new(move |z, rows| loss.forward(z.squeeze_dim(1), y.clone().select(0, rows)))
        }
        _ => {
            let y = Tensor::<1>::from_data(y, device);
            Box::new(move |z, rows| {
                let y = y.clone().select(0, rows);
                MseLoss::new().forward(z.squeeze_dim(1), y, Reduction::Mean)
            })
        }
    }
}

pub fn train(case: &Case) -> Result<(Round, &'static str)> {
    let (data, device) = (data::load(case)?, Device::flex().autodiff());
    let loss = loss(case.word("task")?, TensorData::new(data.y, [data.rows]), &device);
    let x = Tensor::<2>::from_data(TensorData::new(data.x, [data.rows, data.inputs]), &device);
    let mut optimizer = match case.word("optimizer")? {
        "adam" => AdamConfig::new().with_epsilon(1e-8).init(),
        _ => {
            let momentum = MomentumConfig::new().with_momentum(0.9).with_dampening(0.0);
            SgdConfig::new().with_momentum(Some(momentum)).init()
        }
    };
    let rate: f64 = case.number("rate")?;
    let mut kept = Some(Network::new(case, &device)?);
    let step = move |rows: &[u32]| {
        let network = kept.take().ok_or("a step before it failed")?;
        let rows: Vec<i32> = rows.iter().map(|&row| row as i32).collect();
        let size = rows.len();
        let rows = Tensor::<1, Int>::from_data(TensorData::new(rows, [size]), &device);
        let x = x.clone().select(0, rows.clone());
        let loss = loss(network.forward(x), rows);
        let grads = GradientsParams::from_grads(loss.backward(), &network);
        kept = Some(optimizer.step(rate, network, grads));
        Ok(loss.into_scalar())
    };
    Ok((epochs(data.rows, case.number("batch")?, step)?, "flex with autodiff, eager"))
}

fn random(rows: usize, cols: usize, device: &Device) -> Tensor<2> {
    Tensor::random([rows, cols], Distribution::Default, device)
}

pub fn inference(case: &Case) -> Result<(Round, &'static str)> {
    let (rows, inputs, device) = (case.number("rows")?, case.number("inputs")?, Device::flex());
    let network = Network::new(case, &device)?;
    let calls_in = if rows == 1 { ROWS } else { 1 };
    let inputs: Vec<Tensor<2>> = (0..calls_in).map(|_| random(rows, inputs, &device)).collect();
    let call = move |x: &Tensor<2>| {
        black_box(network.forward(black_box(x.clone())));
        Ok(())
    };
    Ok((calls(rows, inputs, call), "flex without autodiff"))
}

pub fn gemm(case: &Case) -> Result<(Round, &'static str)> {
    let (n, ins, outs) = (case.number("batch")?, case.number("inputs")?, case.number("outputs")?);
    let device = Device::flex();
    let random = |rows, cols| random(rows, cols, &device);
    let (a, b) = match case.word("product")? {
        "forward" => (random(n, ins), random(ins, outs)),
        "input-gradient" => (random(n, outs), random(ins, outs).transpose()),
        _ => (random(n, ins).transpose(), random(n, outs)),
    };
    let product = move || {
        black_box(black_box(a.clone()).matmul(b.clone()));
        Ok(())
    };
    Ok((products(product), "Tensor::matmul on flex"))
}
