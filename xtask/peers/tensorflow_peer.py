"""TensorFlow: the whole epoch as one XLA-compiled function, and Keras' `fit` as most people call it, with XLA."""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import tensorflow as tf

import common


def versions():
    return f"TensorFlow {tf.__version__}, Keras {keras.__version__}"


def threads(case):
    tf.config.threading.set_intra_op_parallelism_threads(case["threads"])
    tf.config.threading.set_inter_op_parallelism_threads(1)


def forward(params, x):
    for w, b in zip(params[:-2:2], params[1:-2:2]):
        x = tf.nn.relu(x @ w + b)
    return x @ params[-2] + params[-1]


def loss_of(task, z, y):
    if task == "multiclass":
        return tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=z))
    z = z[:, 0]
    if task == "binary":
        return tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(labels=y, logits=z))
    return tf.reduce_mean((z - y) ** 2)


def update(case, params, m, v, t, grads):
    rate, now = case["rate"], tf.cast(t, tf.float32)
    if case["optimizer"] == "momentum":
        m = [0.9 * m + g for m, g in zip(m, grads)]
        return [p - rate * m for p, m in zip(params, m)], m, v
    m = [0.9 * m + 0.1 * g for m, g in zip(m, grads)]
    v = [0.999 * v + 0.001 * g * g for v, g in zip(v, grads)]
    first, second = 1 - 0.9**now, 1 - 0.999**now
    return [p - rate * (m / first) / (tf.sqrt(v / second) + 1e-8) for p, m, v in zip(params, m, v)], m, v


def train_xla(case):
    x, y = common.load(case)
    x, y = tf.constant(x), tf.constant(y.astype(np.int32) if case["task"] == "multiclass" else y)
    rows, batch = case["rows"], case["batch"]
    params = [tf.constant(array) for layer in common.weights(case) for array in layer]
    zeros = [tf.zeros_like(p) for p in params]
    state = (params, zeros, list(zeros), tf.constant(0))

    @tf.function(jit_compile=True)
    def epoch(state, order, x, y):
        def step(i, params, m, v, t, total):
            chosen = order[i]
            with tf.GradientTape() as tape:
                tape.watch(params)
                loss = loss_of(case["task"], forward(params, tf.gather(x, chosen)), tf.gather(y, chosen))
            params, m, v = update(case, params, m, v, t + 1, tape.gradient(loss, params))
            return i + 1, params, m, v, t + 1, total + loss

        steps = rows // batch
        begin = (tf.constant(0), *state, tf.constant(0.0))
        _, *state, total = tf.while_loop(lambda i, *_: i < steps, step, begin, maximum_iterations=steps)
        return state, total / steps

    random = np.random.default_rng(1)

    def run(count):
        nonlocal state
        for _ in range(count):
            order = tf.constant(random.permutation(rows).astype(np.int32).reshape(-1, batch))
            state, loss = epoch(state, order, x, y)
        return loss.numpy()

    return common.epochs(case, run), "tf.function(jit_compile=True) of a whole epoch"


def build(case):
    layers = [keras.layers.Dense(width, "relu", kernel_initializer="he_normal") for width in case["widths"]]
    return keras.Sequential([keras.Input((case["inputs"],)), *layers, keras.layers.Dense(case["outputs"])])


def train_keras(case):
    x, y = common.load(case)
    losses = {
        "multiclass": keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        "binary": keras.losses.BinaryCrossentropy(from_logits=True),
        "regression": keras.losses.MeanSquaredError(),
    }
    adam = case["optimizer"] == "adam"
    optimizer = keras.optimizers.Adam(case["rate"], epsilon=1e-8) if adam else keras.optimizers.SGD(case["rate"], momentum=0.9)
    model = build(case)
    model.compile(optimizer, losses[case["task"]], jit_compile=True)
    fit = lambda count: model.fit(x, y, batch_size=case["batch"], epochs=count, shuffle=True, verbose=0)
    return common.epochs(case, lambda count: fit(count).history["loss"][-1]), "fit, jit_compile=True"


def train(idiom, case):
    threads(case)
    return (train_xla if idiom == "tf-xla" else train_keras)(case)


def inference(_idiom, case):
    threads(case)
    params = [tf.constant(array) for layer in common.weights(case) for array in layer]
    call = tf.function(lambda x: forward(params, x), jit_compile=True, reduce_retracing=False)
    inputs = [tf.constant(x) for x in common.inference_inputs(case)]
    return common.calls(case, inputs, lambda x: call(x).numpy()), "tf.function(jit_compile=True)"


SET_UP = {"train": train, "inference": inference}
