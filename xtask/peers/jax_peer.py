"""JAX: the whole epoch in one `lax.scan`, or a jitted step a batch. Data lie on the device."""

import functools

import jax
import jax.numpy as jnp
import jaxlib
import numpy as np

import common


def versions():
    return f"JAX {jax.__version__}, jaxlib {jaxlib.__version__}"


def forward(params, x):
    for w, b in params[:-1]:
        x = jax.nn.relu(x @ w + b)
    w, b = params[-1]
    return x @ w + b


def loss_of(task):
    def loss(params, x, y):
        z = forward(params, x)
        if task == "multiclass":
            return -jnp.mean(jnp.take_along_axis(jax.nn.log_softmax(z), y[:, None], axis=1))
        z = z[:, 0]
        if task == "binary":
            return jnp.mean(jnp.logaddexp(0.0, z) - y * z)
        return jnp.mean((z - y) ** 2)

    return loss


def start(case):
    params = jax.tree.map(jnp.asarray, common.weights(case))
    zeros = jax.tree.map(jnp.zeros_like, params)
    return (params, zeros, jax.tree.map(jnp.zeros_like, params), jnp.zeros((), jnp.int32))


def update(case, state, grads):
    """Adam (Kingma and Ba 2015), or momentum as PyTorch has it."""
    params, m, v, t = state
    rate, t = case["rate"], t + 1
    if case["optimizer"] == "momentum":
        m = jax.tree.map(lambda m, g: 0.9 * m + g, m, grads)
        return jax.tree.map(lambda p, m: p - rate * m, params, m), m, v, t
    m = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, m, grads)
    v = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, v, grads)
    time = t.astype(jnp.float32)
    first, second = 1 - 0.9**time, 1 - 0.999**time
    step = lambda p, m, v: p - rate * (m / first) / (jnp.sqrt(v / second) + 1e-8)
    return jax.tree.map(step, params, m, v), m, v, t


def train(idiom, case):
    x, y = common.load(case)
    x, y = jnp.asarray(x), jnp.asarray(y.astype(np.int32) if case["task"] == "multiclass" else y)
    batch, rows = case["batch"], case["rows"]
    grad = jax.value_and_grad(loss_of(case["task"]))

    def step(state, rows_of_batch, x, y):
        loss, grads = grad(state[0], x[rows_of_batch], y[rows_of_batch])
        return update(case, state, grads), loss

    random, state = np.random.default_rng(1), start(case)

    @functools.partial(jax.jit, donate_argnums=0)
    def epoch(state, order, x, y):
        return jax.lax.scan(lambda state, rows: step(state, rows, x, y), state, order)

    one = jax.jit(step, donate_argnums=0)

    def run(count):
        nonlocal state
        for _ in range(count):
            order = random.permutation(rows).astype(np.int32).reshape(-1, batch)
            if idiom == "jax-scan":
                state, losses = epoch(state, order, x, y)
            else:
                losses = []
                for rows_of_batch in order:
                    state, loss = one(state, rows_of_batch, x, y)
                    losses.append(loss)
        jax.block_until_ready(state)
        return np.mean(np.asarray(losses))

    return common.epochs(case, run), "donated buffers, shuffled outside, gathered inside of the compiled step"


def gemm(_idiom, case):
    # The transposition belongs to the compiled product, as it does in a network's step.
    a, b = common.product_inputs(case)
    kind = case["product"]
    if kind == "input-gradient":
        call, factors = jax.jit(lambda a, b: a @ b.T), (a, np.ascontiguousarray(b.T))
    elif kind == "weight-gradient":
        call, factors = jax.jit(lambda a, b: a.T @ b), (np.ascontiguousarray(a.T), b)
    else:
        call, factors = jax.jit(jnp.matmul), (a, b)
    a, b = (jnp.asarray(factor) for factor in factors)
    return common.products(lambda: call(a, b).block_until_ready()), "jit"


def inference(_idiom, case):
    params = jax.tree.map(jnp.asarray, common.weights(case))
    call = jax.jit(lambda x: forward(params, x))
    inputs = [jnp.asarray(x) for x in common.inference_inputs(case)]
    return common.calls(case, inputs, lambda x: call(x).block_until_ready()), "jit, weights as constants, arrays on the device"


SET_UP = {"train": train, "gemm": gemm, "inference": inference}
