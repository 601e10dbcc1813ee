//! A trained model: everything that prediction needs, and its file.

use crate::container::{self, Section};
use crate::{LayerSpec, ModelError, Network, NetworkSpec, Params, Task, TrainRecord, codec, file};
use mlp_data::{Pipeline, TargetCoding};
use mlp_tensor::Values;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// A pipeline, a network with its parameters, a task and the record of its training.
#[derive(Debug)]
pub struct Model {
    /// Fitted preprocessing.
    pub pipeline: Pipeline,
    /// The layers.
    pub network: Network,
    /// Their parameters.
    pub params: Params,
    /// What is predicted.
    pub task: Task,
    /// How it came about.
    pub record: TrainRecord,
}

/// The section of a pipeline's projection.
const PROJECTION: &str = "pca";

/// The metadata section.
#[derive(Serialize, Deserialize)]
struct Meta {
    pipeline: Pipeline,
    network: NetworkSpec,
    task: Task,
    record: TrainRecord,
}

impl Model {
    /// Puts the parts together.
    ///
    /// # Errors
    /// [`ModelError::Network`] if sizes do not agree, the task does not suit the target, or a
    /// parameter is not finite.
    pub fn new(
        pipeline: Pipeline,
        network: Network,
        values: impl Into<Values>,
        task: Task,
        record: TrainRecord,
    ) -> Result<Model, ModelError> {
        let params = Params { values: values.into(), slots: network.slots().to_vec() };
        let model = Model { pipeline, network, params, task, record };
        model.check().map_err(|what| ModelError::Network { what })?;
        Ok(model)
    }

    /// What makes a model usable.
    fn check(&self) -> Result<(), String> {
        let Model { pipeline, network, params, task, .. } = self;
        let outputs = task.outputs(self.labels().len());
        if pipeline.width() != network.inputs() || outputs != network.outputs() {
            return Err(format!(
                "the network maps {} inputs to {} outputs; the data needs {} to {outputs}",
                network.inputs(),
                network.outputs(),
                pipeline.width(),
            ));
        }
        let suits = match (&pipeline.target, task) {
            (TargetCoding::Number { .. }, task) => *task == Task::Regression,
            (TargetCoding::Labels { .. }, task) => *task == Task::Multilabel,
            (TargetCoding::Classes { .. }, Task::Regression | Task::Multilabel) => false,
            (TargetCoding::Classes { labels, .. }, Task::Binary) => labels.len() == 2,
            (TargetCoding::Classes { labels, .. }, Task::Multiclass) => labels.len() >= 2,
        };
        if !suits {
            return Err(format!("the task {} does not suit the target", task.name()));
        }
        let (values, parameters) = (&params.values, network.parameters());
        if values.len() != parameters {
            return Err(format!("{} values for {parameters} parameters", values.len()));
        }
        match values.iter().position(|v| !v.is_finite()) {
            Some(i) => Err(format!("parameter {i} is not a finite number")),
            None => Ok(()),
        }
    }

    /// The labels of the classes; none for regression.
    pub fn labels(&self) -> &[String] {
        self.pipeline.target.labels()
    }

    /// Widths of the hidden layers.
    pub fn hidden(&self) -> Vec<usize> {
        let mut widths: Vec<usize> = (self.network.spec().layers.iter())
            .filter_map(|layer| match layer {
                LayerSpec::Dense { outputs, .. } => Some(*outputs),
                LayerSpec::Dropout { .. } => None,
            })
            .collect();
        widths.pop();
        widths
    }

    /// The bytes of the model file: a function of the model alone.
    ///
    /// # Errors
    /// As [`Model::new`]: no file is made that could not be read again.
    pub fn to_bytes(&self) -> Result<Vec<u8>, ModelError> {
        self.check().map_err(|what| ModelError::Network { what })?;
        let meta = codec::encode(&Meta {
            pipeline: self.pipeline.clone(),
            network: self.network.spec().clone(),
            task: self.task,
            record: self.record.clone(),
        })?;
        let weights = container::float_bytes(&self.params.values);
        let projection = self.pipeline.projection.as_ref().map(codec::encode).transpose()?;
        let mut sections = vec![
            Section { tag: "meta", bytes: &meta },
            Section { tag: "weights", bytes: &weights },
        ];
        // Only where there is one: files of all other models keep their bytes.
        sections.extend(projection.iter().map(|bytes| Section { tag: PROJECTION, bytes }));
        Ok(container::write(&sections))
    }

    /// Reads a model; any bytes give one or an error, in memory bounded by their number.
    ///
    /// # Errors
    /// [`ModelError::Malformed`] with the byte where it was noticed.
    pub fn from_bytes(bytes: &[u8]) -> Result<Model, ModelError> {
        let sections = container::read(bytes)?;
        let (meta, at) = sections.get("meta")?;
        let mut meta: Meta = codec::decode(meta, at)?;
        if let Some((bytes, at)) = sections.find(PROJECTION) {
            meta.pipeline.projection = Some(codec::decode(bytes, at)?);
        }
        let semantic = |e: String| ModelError::malformed(at, e);
        meta.pipeline.check().map_err(|e| semantic(e.to_string()))?;
        let (weights, weights_at) = sections.get("weights")?;
        // Before anything is allocated for the network: its size must be that of the section.
        let parameters = meta.network.check().map_err(|e| semantic(e.to_string()))?;
        if parameters.checked_mul(4) != Some(weights.len()) {
            let what = format!("{} bytes for {parameters} weights of 4", weights.len());
            return Err(ModelError::malformed(weights_at, what));
        }
        let values = sections.floats("weights")?;
        if let Some(i) = values.iter().position(|v| !v.is_finite()) {
            let what = format!("weight {i} is not a finite number");
            return Err(ModelError::malformed(weights_at + 4 * i, what));
        }
        let network = meta.network.build()?;
        Model::new(meta.pipeline, network, values, meta.task, meta.record)
            .map_err(|e| semantic(e.to_string()))
    }

    /// Writes the file atomically and returns its SHA-256.
    ///
    /// # Errors
    /// As [`Model::to_bytes`] and [`file::write_atomic`].
    pub fn save(&self, path: &Path) -> Result<String, ModelError> {
        let bytes = self.to_bytes()?;
        file::write_atomic(path, &bytes)?;
        Ok(container::sha256_hex(&bytes))
    }

    /// Reads a file.
    ///
    /// # Errors
    /// As [`file::read`] and [`Model::from_bytes`].
    pub fn load(path: &Path) -> Result<Model, ModelError> {
        Model::from_bytes(&file::read(path)?)
    }
}
