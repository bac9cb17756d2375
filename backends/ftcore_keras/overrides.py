"""Lists the Keras and TensorFlow defaults that the contract replaces, read from the installed packages."""

import inspect
from typing import Any

import keras

from ftcore.contract import Override
from ftcore.contract.optimizers import EPSILON, Adam, AdamW


def _default(function: Any, argument: str) -> str:
    return str(inspect.signature(function).parameters[argument].default)


def overrides() -> list[Override]:
    """Return one row for each default that this backend replaces."""
    return [*_optimizer_rows(), *_step_rows(), *_layer_rows(), *_parameter_rows(), *_process_rows()]


def _optimizer_rows() -> list[Override]:
    optimizers = keras.optimizers
    return [
        Override(
            "Adam's epsilon",
            f"{_default(optimizers.Adam, 'epsilon')}, added before the bias correction",
            f"{Adam().epsilon}, added to the square root of the corrected second moment",
            "with equal epsilon, a gradient of 1e-8 moves a weight by 0.06 of what PyTorch does",
        ),
        Override(
            "AdamW's weight decay",
            f"{_default(optimizers.AdamW, 'weight_decay')}, of every variable",
            f"{AdamW().weight_decay}, biases and norms by 0",
            "the role of a parameter decides about decay, the same on every backend",
        ),
        Override(
            "Adam's weight decay",
            f"decoupled (weight_decay={_default(optimizers.Adam, 'weight_decay')} unless given)",
            "coupled: added to the gradient",
            "Adam and AdamW are two optimizers, as in PyTorch",
        ),
        Override(
            "Adam's bias correction",
            "1 - beta ** step in float32: wrong by 1e-5 at the first step",
            "in float64, whatever the precision",
            "the first losses of two backends would differ",
        ),
        Override(
            "SGD's momentum",
            f"velocity holds the learning rate (momentum={_default(optimizers.SGD, 'momentum')})",
            "velocity does not hold the learning rate",
            "the two differ as soon as a schedule changes the learning rate",
        ),
    ]


def _step_rows() -> list[Override]:
    return [
        Override(
            "gradient clipping",
            f"clipnorm={_default(keras.optimizers.Adam, 'clipnorm')}; if given, it clips each weight separately",
            f"global norm over the trained parameters, scale = min(1, c / (norm + {EPSILON}))",
            "one definition for every backend",
        ),
        Override(
            "loss over micro-batches",
            f"reduction={_default(keras.losses.CategoricalCrossentropy, 'reduction')!r}: the mean of each micro-batch",
            "sum of weighted losses / sum of weights over the global batch",
            "splitting a step must not change the gradient",
        ),
        Override(
            "a loss that is not finite",
            "the step is taken and every weight becomes NaN",
            "the step changes nothing; the graph decides this",
            "a step is taken completely or not at all",
        ),
    ]


def _layer_rows() -> list[Override]:
    layers = keras.layers
    return [
        Override(
            "LayerNormalization's epsilon",
            _default(layers.LayerNormalization, "epsilon"),
            "the config's (BERT: 1e-12)",
            "the checkpoint was trained with this value",
        ),
        Override(
            "batch normalization",
            f"momentum={_default(layers.BatchNormalization, 'momentum')}, "
            f"epsilon={_default(layers.BatchNormalization, 'epsilon')}; the running variance divides by n",
            "the description's (ResNet: a batch's share is 0.1, epsilon 1e-5); the running variance divides by n - 1",
            "evaluation after training would differ from PyTorch's",
        ),
        Override(
            "padding of convolutions with a stride",
            'padding="same" puts an odd row or column at the end',
            "equal on both sides",
            "otherwise the checkpoint's filters would see the image shifted by one pixel",
        ),
        Override(
            "GELU",
            f"keras.activations.gelu(approximate={_default(keras.activations.gelu, 'approximate')}); "
            "keras.ops.gelu has float32 constants, wrong by 1e-9 in float64",
            "what the config says, erf or tanh, with constants of the tensor's own type",
            "only then can float64 show that two programs compute the same",
        ),
        Override(
            "attention",
            "keras.ops.dot_product_attention has float32 constants, wrong by 1e-8 in float64",
            "written out, with constants of the tensor's own type",
            "only then can float64 show that two programs compute the same",
        ),
    ]


def _parameter_rows() -> list[Override]:
    layers = keras.layers
    return [
        Override(
            "new linear layers",
            f"Dense: {_default(layers.Dense, 'kernel_initializer')}",
            "normal, mean 0, the config's initializer_range; bias 0; drawn by the core with NumPy",
            "both backends start from the same head",
        ),
        Override(
            "new embeddings",
            f"Embedding: {_default(layers.Embedding, 'embeddings_initializer')}",
            "normal, mean 0, the config's initializer_range; the padding row is 0; drawn by the core with NumPy",
            "both backends start from the same values",
        ),
        Override(
            "kernels in saved files",
            "[inputs, outputs]",
            "[outputs, inputs], as in the checkpoint; transposed when tensors are read and written",
            "one file for every backend",
        ),
    ]


def _process_rows() -> list[Override]:
    return [
        Override(
            "dropout masks",
            f"one seed generator per layer (seed={_default(keras.layers.Dropout, 'seed')}), whose state must be saved",
            "a function of (seed, step, example, position); for a user's own module of (seed, step, micro-batch)",
            "every backend drops the same elements, and a resumed run repeats the uninterrupted run",
        ),
        Override(
            "float type",
            f"keras.config.floatx() is {keras.config.floatx()!r} for every layer",
            "the spec's precision, given to each layer",
            "learners of different precision can live in one process",
        ),
        Override(
            "matrix products on a processor without AVX-512",
            "Eigen's",
            "oneDNN's (TF_ENABLE_ONEDNN_OPTS=1, unless the environment says otherwise)",
            "the same result within rounding, and faster",
        ),
        Override(
            "TensorFloat-32 on CUDA",
            "allowed",
            "off",
            "products of 10 bits are too coarse for the contract's bounds",
        ),
    ]
