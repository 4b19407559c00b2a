"""A fitted network in the format ONNX, in which it predicts without Python.

The graph is put together as plain data; the package onnx only writes it down.
"""

import json
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import DTypeLike, NDArray
from sklearn.base import is_classifier

from sklearn_init._text import show
from sklearn_init._version import __version__
from sklearn_init.activations import (
    ACTIVATIONS,
    LEAKY_SLOPE,
    SELU_ALPHA,
    SELU_SCALE,
    SQRT_2,
    Activation,
)

if TYPE_CHECKING:
    import onnx

OPSET, IR_VERSION = 15, 8
"""Versions of the operators and of the format that are of 2021, so that old runtimes read them."""

EXP_IS_LARGE = 20.0
"""From here on, ``exp(z) + 1`` is ``exp(z)`` in float32, which is still far from overflow."""


WeightsAndBiases: TypeAlias = tuple[list[NDArray], list[NDArray]]
"""One array per layer each."""


class Node(NamedTuple):
    """One operation; values go by their names."""

    operator: str
    inputs: list[str]
    output: str
    attributes: dict[str, Any]


class Output(NamedTuple):
    """One output of the model; `shape` is that of a row."""

    name: str
    dtype: DTypeLike
    shape: tuple[int, ...]


class Graph:
    """Operations in their order, and the constants they read."""

    def __init__(self) -> None:
        self.nodes: list[Node] = []
        self.constants: dict[str, NDArray] = {}

    def add(self, operator: str, *inputs: Any, **attributes: Any) -> str:
        """Append an operation on values and numbers; return the name of its result."""
        names = [x if isinstance(x, str) else self._add_number(x) for x in inputs]
        output = f"{operator.lower()}_{len(self.nodes)}"
        self.nodes.append(Node(operator, names, output, attributes))
        return output

    def add_constant(self, name: str, array: NDArray) -> str:
        """Add a constant and return its name."""
        self.constants[name] = array
        return name

    def rename(self, value: str, name: str) -> str:
        """Rename the result of the last operation, which nothing has read yet."""
        assert value == self.nodes[-1].output
        self.nodes[-1] = self.nodes[-1]._replace(output=name)
        return name

    def _add_number(self, number: Any) -> str:
        dtype = np.float32 if isinstance(number, float) else np.int64
        return self.add_constant(str(number), np.array(number, dtype))


Write = Callable[[Graph, str], str]
"""Adds an activation of a value to a graph, and returns the name of the result."""


def _one(operator: str, *numbers: float, **attributes: float) -> Write:
    return lambda graph, z: graph.add(operator, z, *numbers, **attributes)


def _identity(graph: Graph, z: str) -> str:
    return z


def _gelu(graph: Graph, z: str) -> str:
    erf = graph.add("Erf", graph.add("Div", z, SQRT_2))
    return graph.add("Mul", z, graph.add("Mul", graph.add("Add", erf, 1.0), 0.5))


def _silu(graph: Graph, z: str) -> str:
    return graph.add("Mul", z, graph.add("Sigmoid", z))


def _mish(graph: Graph, z: str) -> str:
    # tanh(softplus(z)) = n / (n + 2), where n = w (w + 2) and w = exp(z)
    w = graph.add("Exp", graph.add("Min", z, EXP_IS_LARGE))
    n = graph.add("Mul", w, graph.add("Add", w, 2.0))
    return graph.add("Mul", z, graph.add("Div", n, graph.add("Add", n, 2.0)))


def _softplus(graph: Graph, z: str) -> str:
    # the operator of this name may overflow: its definition is log(exp(z) + 1)
    decay = graph.add("Exp", graph.add("Neg", graph.add("Abs", z)))
    rest = graph.add("Log", graph.add("Add", decay, 1.0))
    return graph.add("Add", graph.add("Relu", z), rest)


HIDDEN: dict[str, Write] = {
    "identity": _identity,
    "logistic": _one("Sigmoid"),
    "tanh": _one("Tanh"),
    "relu": _one("Relu"),
    "leaky_relu": _one("LeakyRelu", alpha=LEAKY_SLOPE),
    "elu": _one("Elu", alpha=1.0),
    "selu": _one("Selu", alpha=SELU_ALPHA, gamma=SELU_SCALE),
    "gelu": _gelu,
    "silu": _silu,
    "mish": _mish,
    "softplus": _softplus,
    "softsign": _one("Softsign"),
    "sine": _one("Sin"),
    "hard_tanh": _one("Clip", -1.0, 1.0),
    "arctan": _one("Atan"),
}
"""How the activations of the table are written."""

OUTPUT: dict[str, Write] = {
    "identity": _identity,
    "exp": _one("Exp"),
    "logistic": _one("Sigmoid"),
    "softmax": _one("Softmax", axis=1),
}
"""How output activations are written, by scikit-learn's names."""


def to_onnx(
    estimator: Any, activations: Sequence[Activation], networks: Sequence[WeightsAndBiases]
) -> "onnx.ModelProto":
    """Return a fitted estimator as an ONNX model.

    Parameters
    ----------
    estimator : InitMLPClassifier or InitMLPRegressor
    activations : sequence of Activation
        One per hidden layer.
    networks : sequence of (list of ndarray, list of ndarray)
        Weights and biases of the networks whose predictions are averaged.

    Raises
    ------
    ImportError
        If onnx is not installed.
    ValueError
        If an activation is the user's, or a weight is not finite in float32.
    """
    try:
        import onnx  # noqa: F401
    except ImportError as error:
        raise ImportError("to_onnx needs onnx: pip install onnx") from error
    graph = Graph()
    prediction = add_prediction(graph, estimator, activations, networks)
    add_outputs = add_classification if is_classifier(estimator) else add_regression
    return make_model(graph, add_outputs(graph, prediction, estimator), estimator)


def add_prediction(
    graph: Graph,
    estimator: Any,
    activations: Sequence[Activation],
    networks: Sequence[WeightsAndBiases],
) -> str:
    """Add the mean over the kept networks, of shape (n_samples, n_outputs); return its name."""
    writes = [*map(find_hidden, activations), OUTPUT[estimator.out_activation_]]
    kept = estimator.kept_restarts_
    if len(networks) == 1:
        return add_network(graph, "", *networks[0], writes)
    outputs = [
        add_network(graph, f"restart{index}_", *network, writes)
        for index, network in zip(kept, networks, strict=True)
    ]
    return graph.add("Mean", *outputs)


def find_hidden(activation: Activation) -> Write:
    """Return how an activation is written; one of the user may have a name of the table."""
    if ACTIVATIONS.get(activation.name) != activation:
        raise ValueError(
            f"activation={show(activation)} is not of the table, and to_onnx cannot read its "
            f"code: fit with one of {', '.join(map(repr, HIDDEN))}, or write the network with "
            "ONNX's operators yourself, from coefs_ and intercepts_."
        )
    return HIDDEN[activation.name]


def add_network(
    graph: Graph, prefix: str, weights: list[NDArray], biases: list[NDArray], writes: list[Write]
) -> str:
    """Add one network and return the name of its output."""
    a = "X"
    for layer, (W, b, write) in enumerate(zip(weights, biases, writes, strict=True)):
        coefs = graph.add_constant(f"{prefix}coefs_{layer}", to_float32(W))
        intercepts = graph.add_constant(f"{prefix}intercepts_{layer}", to_float32(b))
        a = write(graph, graph.add("Gemm", a, coefs, intercepts))
    return a


def to_float32(array: NDArray) -> NDArray:
    """Return weights as float32."""
    with np.errstate(over="ignore"):
        array = np.asarray(array).astype(np.float32)
    if not np.isfinite(array).all():
        raise ValueError(
            "coefs_ or intercepts_ are not finite in float32, in which the ONNX model computes: "
            "scale X and y, and fit again."
        )
    return array


def add_regression(graph: Graph, prediction: str, estimator: Any) -> list[Output]:
    """Add the output of a regressor."""
    return [Output(graph.rename(prediction, "variable"), np.float32, (estimator.n_outputs_,))]


def add_classification(graph: Graph, prediction: str, estimator: Any) -> list[Output]:
    """Add the outputs of a classifier."""
    n_columns = max(estimator.n_outputs_, 2)
    if estimator.n_outputs_ == 1:
        other = graph.add("Sub", 1.0, prediction)
        prediction = graph.add("Concat", other, prediction, axis=1)
    probabilities = graph.rename(prediction, "probabilities")
    columns = Output(probabilities, np.float32, (n_columns,))
    if estimator.out_activation_ == "logistic" and estimator.n_outputs_ > 1:  # several labels
        label = graph.add("Where", graph.add("Greater", probabilities, 0.5), 1, 0)
        return [Output(graph.rename(label, "label"), np.int64, (n_columns,)), columns]
    classes = convert_classes(estimator.classes_)
    index = graph.add("ArgMax", probabilities, axis=1, keepdims=0)
    label = graph.add("Gather", graph.add_constant("classes_", classes), index)
    return [Output(graph.rename(label, "label"), classes.dtype, ()), columns]


def convert_classes(classes: NDArray) -> NDArray:
    """Return classes in a type of ONNX: strings as objects, and integers as int64 if that can."""
    if classes.dtype.kind in "iu" and np.can_cast(classes.dtype, np.int64):
        return classes.astype(np.int64)
    return classes if classes.dtype.kind in "biuf" else classes.astype(object)


def make_model(graph: Graph, outputs: list[Output], estimator: Any) -> "onnx.ModelProto":
    """Write a graph down."""
    from onnx import helper, numpy_helper

    def describe(name: str, dtype: DTypeLike, shape: tuple[int, ...]) -> Any:
        kind = helper.np_dtype_to_tensor_dtype(np.dtype(dtype))
        return helper.make_tensor_value_info(name, kind, (None, *shape))

    nodes = [
        helper.make_node(operator, inputs, [output], name=output, **attributes)
        for operator, inputs, output, attributes in graph.nodes
    ]
    model = helper.make_model(
        helper.make_graph(
            nodes,
            type(estimator).__name__,
            [describe("X", np.float32, (estimator.n_features_in_,))],
            [describe(*output) for output in outputs],
            [numpy_helper.from_array(array, name) for name, array in graph.constants.items()],
        ),
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=IR_VERSION,
        producer_name="sklearn_init",
        producer_version=__version__,
    )
    if hasattr(estimator, "feature_names_in_"):
        names = json.dumps(estimator.feature_names_in_.tolist())
        helper.set_model_props(model, {"feature_names": names})
    return model
