//! What a user of an exported file must know beside the weights, as named texts.

use mlp_model::data::TargetCoding;
use mlp_model::tensor::Activation;
use mlp_model::{LayerSpec, Model, NetworkSpec};

/// Version of what the exported files say of themselves.
pub(crate) const VERSION: u32 = 1;

/// Names and texts, in a fixed order. Lists are JSON.
pub(crate) fn facts(model: &Model) -> Result<Vec<(&'static str, String)>, serde_json::Error> {
    let mut facts = vec![
        ("format_version", VERSION.to_string()),
        ("task", model.task.name().to_owned()),
        ("architecture", sequential(model.network.spec())),
    ];
    match &model.pipeline.target {
        TargetCoding::Classes { name, labels } | TargetCoding::Labels { name, labels, .. } => {
            facts.push(("target", name.clone()));
            facts.push(("labels", serde_json::to_string(labels)?));
        }
        TargetCoding::Number { name, mean, deviation } => {
            facts.push(("target", name.clone()));
            facts.push(("target_mean", serde_json::to_string(mean)?));
            facts.push(("target_deviation", serde_json::to_string(deviation)?));
        }
    }
    match model.pipeline.picture_shape().filter(|_| model.pipeline.dense_width() == 0) {
        // A name for every pixel would be longer than many a network.
        Some(shape) => facts.push(("picture", serde_json::to_string(&shape)?)),
        None => facts.push(("inputs", serde_json::to_string(&model.pipeline.input_names())?)),
    }
    facts.push(("pipeline", serde_json::to_string(&model.pipeline)?));
    Ok(facts)
}

/// The network as one line of Python, for PyTorch.
pub(crate) fn sequential(spec: &NetworkSpec) -> String {
    let (mut modules, mut width) = (Vec::new(), spec.inputs);
    for layer in &spec.layers {
        match *layer {
            LayerSpec::Dense { outputs, activation } => {
                modules.push(format!("torch.nn.Linear({width}, {outputs})"));
                modules.extend(module(activation).map(|name| format!("torch.nn.{name}")));
                width = outputs;
            }
            LayerSpec::Dropout { rate } => modules.push(format!("torch.nn.Dropout({rate:?})")),
        }
    }
    format!("torch.nn.Sequential({})", modules.join(", "))
}

/// PyTorch's module for an activation. The identity has none: the parameters are numbered without it.
fn module(activation: Activation) -> Option<&'static str> {
    match activation {
        Activation::Identity => None,
        Activation::Logistic => Some("Sigmoid()"),
        Activation::Tanh => Some("Tanh()"),
        Activation::Relu => Some("ReLU()"),
        Activation::LeakyRelu => Some("LeakyReLU(0.01)"),
        Activation::Elu => Some("ELU()"),
        Activation::Selu => Some("SELU()"),
        Activation::Gelu => Some("GELU()"),
        Activation::Silu => Some("SiLU()"),
        Activation::Mish => Some("Mish()"),
        Activation::Softplus => Some("Softplus()"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_modules_of_pytorch_stand_where_the_parameters_say() {
        let spec = NetworkSpec {
            inputs: 4,
            layers: vec![
                LayerSpec::Dense { outputs: 6, activation: Activation::Tanh },
                LayerSpec::Dropout { rate: 0.25 },
                LayerSpec::Dense { outputs: 5, activation: Activation::Identity },
                LayerSpec::Dense { outputs: 1, activation: Activation::Identity },
            ],
        };
        let line = sequential(&spec);
        let modules: Vec<&str> = line
            .trim_start_matches("torch.nn.Sequential(")
            .trim_end_matches(')')
            .split(", torch.nn.")
            .collect();
        let network = spec.build().unwrap();
        let weights = network.slots().iter().filter(|slot| slot.cols > 1);
        for slot in weights {
            let place: usize = slot.name.split('.').next().unwrap().parse().unwrap();
            let shape = format!("Linear({}, {}", slot.cols, slot.rows);
            assert!(modules[place].contains(&shape), "{line}: module {place} is no {shape})");
        }
    }
}
