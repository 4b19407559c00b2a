"""Other libraries: all restarts at once, as one network with a further axis.

They start from the weights that ours starts from and take the same batches, so their losses must
be ours. What is timed of them is the training alone, without the draw of the weights, the
shuffling, the transfer of the data, and the compilation; our own time is that of a whole `fit`.
"""

import importlib.util
import os
from functools import cache

import numpy as np

from sklearn_init import InitMLPClassifier

ALPHA, RATE, BETA_1, BETA_2, EPSILON = 1e-4, 1e-3, 0.9, 0.999, 1e-8
"""The defaults of scikit-learn's MLP."""


def is_installed(module):
    return importlib.util.find_spec(module) is not None


def draw_weights(problem):
    """Return ``(weights, biases)`` per layer, with a first axis for the restarts."""
    estimator = InitMLPClassifier(
        **problem.parameters, n_restarts=problem.n_restarts, dtype=str(problem.X.dtype)
    ).initialize(problem.X, problem.y)
    starts = [estimator.restart(index) for index in range(problem.n_restarts)]
    weights = zip(*(start.initial_coefs_ for start in starts), strict=True)
    biases = zip(*(start.initial_intercepts_ for start in starts), strict=True)
    return [(np.stack(W), np.stack(b)) for W, b in zip(weights, biases, strict=True)]


def draw_orders(problem):
    """Return the order of the rows in every epoch, as the main stream draws it."""
    main = np.random.RandomState(problem.parameters["random_state"])
    for fan_in, fan_out in zip(problem.sizes, problem.sizes[1:], strict=False):
        main.uniform(size=fan_in * fan_out + fan_out)
    orders = [np.arange(len(problem.X))]
    for _ in range(problem.n_epochs):
        orders.append(orders[-1][main.permutation(len(problem.X))])
    return orders[1:]


def jax_vmap(problem):
    """JAX: an epoch is a jitted scan over batches, mapped over the restarts."""
    # read when JAX is imported; it makes as many threads as the process has cores then
    os.environ.setdefault(
        "XLA_FLAGS", "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
    )
    import jax

    jax.config.update("jax_enable_x64", True)
    epoch = _jax_epoch(problem.batch_size, len(problem.sizes) - 1)
    X, y = jax.device_put(problem.X), jax.device_put(problem.indicator)
    orders = [jax.device_put(order) for order in draw_orders(problem)]
    weights = jax.device_put(draw_weights(problem))

    def train():
        copy, zeros = jax.numpy.copy, jax.numpy.zeros_like
        tree_map, losses = jax.tree.map, []
        state = tree_map(copy, weights), tree_map(zeros, weights), tree_map(zeros, weights), 0
        for order in orders:
            state, loss = epoch(state, X, y, order)
            losses.append(loss)
        jax.block_until_ready(state)
        return np.stack(losses, axis=1)

    return train


@cache
def _jax_epoch(batch_size, n_layers):
    import jax
    from jax import lax
    from jax import numpy as jnp

    def loss(network, X, y):
        for W, b in network[:-1]:
            X = jnp.maximum(X @ W + b, 0)
        W, b = network[-1]
        z = X @ W + b
        if y.shape[1] == 1:
            log_loss = (jnp.logaddexp(0, z) - y * z).sum()
        else:
            log_loss = -(y * jax.nn.log_softmax(z)).sum()
        return (log_loss + ALPHA / 2 * sum((W * W).sum() for W, _ in network)) / len(y)

    def adam(network, first, second, t, grad):
        rate = RATE * jnp.sqrt(1 - BETA_2**t) / (1 - BETA_1**t)
        first = jax.tree.map(lambda m, g: BETA_1 * m + (1 - BETA_1) * g, first, grad)
        second = jax.tree.map(lambda v, g: BETA_2 * v + (1 - BETA_2) * g * g, second, grad)

        def move(theta, m, v):
            return theta - rate.astype(theta.dtype) * m / (jnp.sqrt(v) + EPSILON)

        return jax.tree.map(move, network, first, second), first, second, t

    def epoch(state, X, y, order):
        def step(state, rows):
            network, first, second, t = state
            value, grad = jax.value_and_grad(loss)(network, X[rows], y[rows])
            return adam(network, first, second, t + 1, grad), value * len(rows)

        n_full = len(order) // batch_size * batch_size
        state, losses = lax.scan(step, state, order[:n_full].reshape(-1, batch_size))
        total = losses.sum()
        if n_full < len(order):
            state, last = step(state, order[n_full:])
            total += last
        return state, total / len(order)

    axes = (0, 0, 0, None)
    mapped = jax.vmap(epoch, in_axes=(axes, None, None, None), out_axes=(axes, 0))
    return jax.jit(mapped, donate_argnums=0)


def torch_stacked(problem):
    """PyTorch, eager: the backward pass is written out, as autograd is slower here."""
    import torch

    torch.set_num_threads(1)
    X, y = torch.from_numpy(problem.X), torch.from_numpy(problem.indicator)
    orders = [torch.from_numpy(order) for order in draw_orders(problem)]
    network = [
        (torch.from_numpy(W), torch.from_numpy(b)[:, None]) for W, b in draw_weights(problem)
    ]

    @torch.inference_mode()
    def train():
        stack = _TorchStack(network)
        curves = []
        for order in orders:
            batches = order.split(problem.batch_size)
            losses = sum(len(rows) * stack.step(X[rows], y[rows]) for rows in batches)
            curves.append(losses / len(order))
        return torch.stack(curves, 1).numpy()

    return train


class _TorchStack:
    """Networks side by side; all their numbers lie in one tensor, and so do the moments."""

    def __init__(self, network):
        import torch

        self.torch = torch
        self.shapes = [t.shape[1:] for layer in zip(*network, strict=True) for t in layer]
        self.n_weights = sum(W[0].numel() for W, _ in network)
        flat = [t.flatten(1) for layer in zip(*network, strict=True) for t in layer]
        self.theta = torch.cat(flat, 1)
        self.grad, self.first, self.second, self.root = (
            torch.zeros_like(self.theta) for _ in range(4)
        )
        self.weights, self.biases = self._views(self.theta)
        self.weight_grads, self.bias_grads = self._views(self.grad)
        self.t = 0

    def _views(self, rows):
        parts = rows.split([shape.numel() for shape in self.shapes], 1)
        views = [part.unflatten(1, shape) for part, shape in zip(parts, self.shapes, strict=True)]
        return views[: len(views) // 2], views[len(views) // 2 :]

    def step(self, X, y):
        """Take a step of adam; return the losses before it, one per network."""
        torch, n = self.torch, len(X)
        a = [X.expand(len(self.theta), -1, -1)]
        for W, b in zip(self.weights[:-1], self.biases[:-1], strict=True):
            a.append(torch.baddbmm(b, a[-1], W).relu_())
        z = torch.baddbmm(self.biases[-1], a[-1], self.weights[-1])
        if y.shape[1] == 1:
            losses = (torch.nn.functional.softplus(z) - y * z).sum((1, 2))
            delta = z.sigmoid_().sub_(y)
        else:
            log_p = torch.log_softmax(z, 2)
            losses = -(log_p * y).sum((1, 2))
            delta = log_p.exp_().sub_(y)
        losses.add_(self.theta[:, : self.n_weights].square().sum(1), alpha=ALPHA / 2)
        self._backward(a, delta.div_(n))
        self.grad[:, : self.n_weights].add_(self.theta[:, : self.n_weights], alpha=ALPHA / n)
        self._adam()
        return losses / n

    def _backward(self, a, delta):
        torch = self.torch
        for layer in reversed(range(len(a))):
            torch.bmm(a[layer].mT, delta, out=self.weight_grads[layer])
            torch.sum(delta, 1, keepdim=True, out=self.bias_grads[layer])
            if layer > 0:
                delta = torch.bmm(delta, self.weights[layer].mT).mul_(a[layer] > 0)

    def _adam(self):
        self.t += 1
        rate = RATE * (1 - BETA_2**self.t) ** 0.5 / (1 - BETA_1**self.t)
        self.first.lerp_(self.grad, 1 - BETA_1)
        self.second.mul_(BETA_2).addcmul_(self.grad, self.grad, value=1 - BETA_2)
        self.torch.sqrt(self.second, out=self.root).add_(EPSILON)
        self.theta.addcdiv_(self.first, self.root, value=-rate)
