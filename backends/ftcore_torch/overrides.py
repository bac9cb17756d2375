"""Lists the PyTorch defaults that the contract replaces, read from the installed packages."""

import inspect
from typing import Any

import torch

from ftcore.contract import Override
from ftcore.contract.optimizers import EPSILON, AdamW


def _default(function: Any, argument: str) -> str:
    return str(inspect.signature(function).parameters[argument].default)


def overrides() -> list[Override]:
    """Return one row for each default that this backend replaces."""
    return [*_training_rows(), *_process_rows(), _pooler_row()]


def _training_rows() -> list[Override]:
    return [
        Override(
            "weight decay of biases and norms",
            f"AdamW decays every parameter by {_default(torch.optim.AdamW, 'weight_decay')}",
            f"AdamW decays by {AdamW().weight_decay}, biases and norms by 0",
            "the role of a parameter decides about decay, the same on every backend",
        ),
        Override(
            "new linear layers",
            "torch.nn.Linear draws uniformly, scaled by its inputs",
            "normal, mean 0, the config's initializer_range; bias 0; drawn by the core with NumPy",
            "both backends start from the same head",
        ),
        Override(
            "loss over micro-batches",
            f"reduction={_default(torch.nn.CrossEntropyLoss, 'reduction')!r}: the mean of each micro-batch",
            "sum of weighted losses / sum of weights over the global batch",
            "splitting a step must not change the gradient",
        ),
        Override(
            "gradient clipping",
            "none unless called; clip_grad_norm_ adds 1e-6 to the norm",
            f"global norm over the trained parameters, scale = min(1, c / (norm + {EPSILON}))",
            "one definition for every backend",
        ),
    ]


def _process_rows() -> list[Override]:
    return [
        Override(
            "dropout masks",
            "one generator for the process, whose state must be saved",
            "a function of (seed, step, example, position); for a user's own module of (seed, step, micro-batch)",
            "every backend drops the same elements, and a resumed run repeats the uninterrupted run",
        ),
        Override(
            "denormal numbers",
            "kept",
            "0 within a learner's calls, as in TensorFlow; the caller's own setting is restored",
            "they do not change any sum, and they are slow on the processor",
        ),
        Override(
            "float32 linear maps on a CPU",
            "MKL, which uses half the vector width of processors that are not Intel's",
            "MKL on Intel's processors, oneDNN on AMD's; backend.torch.products: mkl or onednn is the user's choice",
            "oneDNN is up to twice as fast on AMD processors with AVX-512, MKL a fifth faster on Intel's with AMX",
        ),
        Override(
            "TensorFloat-32 convolutions on CUDA",
            "allowed",
            "off",
            "products of 10 bits are too coarse for the contract's bounds",
        ),
    ]


def _pooler_row() -> Override:
    return Override(
        "the pooler of a BERT without pooling: pooler",
        "transformers draws or loads it but does not use it",
        "left out",
        "a parameter that does not affect the loss is not part of the run",
    )
