"""scikit-learn's MLP on f32 inputs, without regularisation and early stopping."""

import warnings

import numpy as np
import sklearn
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier, MLPRegressor

import common
import numpy_peer

warnings.filterwarnings("ignore", category=ConvergenceWarning)


def versions():
    return f"scikit-learn {sklearn.__version__}, {numpy_peer.versions()}"


def build(case, **options):
    kind = MLPRegressor if case["task"] == "regression" else MLPClassifier
    return kind(hidden_layer_sizes=case["widths"], activation="relu", alpha=0.0, random_state=1, **options)


def train(_idiom, case):
    x, y = common.load(case)
    solver = {"adam": "adam", "momentum": "sgd"}[case["optimizer"]]
    model = build(
        case,
        solver=solver,
        learning_rate_init=case["rate"],
        momentum=0.9,
        nesterovs_momentum=False,
        batch_size=case["batch"],
        warm_start=True,
        tol=0.0,
        n_iter_no_change=10**9,
    )

    def run(count):
        model.set_params(max_iter=count)
        model.fit(x, y)
        # Its squared error is halved.
        return model.loss_ * (2 if case["task"] == "regression" else 1)

    return common.epochs(case, run), f"fit with warm_start; {numpy_peer.kernel()}"


def inference(_idiom, case):
    case = {**case, "task": "multiclass"}
    model = build(case, max_iter=1)
    x = common.random(100, case["inputs"])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.fit(x, np.arange(100) % case["outputs"])
    return common.calls(case, common.inference_inputs(case), model.predict_proba), numpy_peer.kernel()


SET_UP = {"train": train, "inference": inference}
