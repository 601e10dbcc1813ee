//! A model whose pipeline ends in principal components, as one whose network begins with them.

use crate::{LayerSpec, Model, ModelError};
use mlp_data::Pipeline;
use mlp_tensor::Activation;

impl Model {
    /// The model with its projection as the first layer of the network, one without activation: a
    /// network of what the columns become, which gives the same answers to the bit. For exports and
    /// explanations, which are in terms of the columns. `None` for a model without a projection.
    ///
    /// # Errors
    /// As [`Model::new`].
    pub fn unfolded(&self) -> Result<Option<Model>, ModelError> {
        let Some(projection) = &self.pipeline.projection else { return Ok(None) };
        let mut spec = self.network.spec().clone();
        spec.inputs = projection.inputs;
        let (outputs, activation) = (projection.outputs, Activation::Identity);
        spec.layers.insert(0, LayerSpec::Dense { outputs, activation });
        let parts: [&[f32]; 3] = [&projection.weights, &projection.biases, &self.params.values];
        let values = parts.concat();
        let pipeline = Pipeline { projection: None, ..self.pipeline.clone() };
        let record = self.record.clone();
        Model::new(pipeline, spec.build()?, values, self.task, record).map(Some)
    }
}
