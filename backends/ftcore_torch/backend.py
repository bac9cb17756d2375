"""Implements the backend protocol for PyTorch."""

import importlib.metadata
import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ftcore.contract import BackendInfo, Learner, PrepareProduct, Program, checked_options
from ftcore.contract.network import EncoderDecoder, Network, Transformer
from ftcore.errors import BackendError

if TYPE_CHECKING:
    import torch

OPTIONS: dict[str, Any] = {"threads": None, "attention": "sdpa", "compile": False, "products": "auto"}
COMPILERS = ("g++", "clang++")
"""Compilers that torch.compile uses for loops on the CPU."""
WAITING = {"OMP_WAIT_POLICY": "PASSIVE", "GOMP_SPINCOUNT": "3000"}
"""OpenMP's threads spin for up to about 0.1 ms while they wait, then sleep. If they sleep at once, a step on two idle
cores takes a quarter longer; if they spin as long as by default, one beside another process takes seven times as long.
"""
PRECISIONS = ("float32", "float64", "bfloat16", "float16")


class TorchBackend:
    """The PyTorch backend."""

    name = "torch"
    requires = ("torch", "transformers")

    def __init__(self) -> None:
        # The variables are read when torch is imported, so they have no effect if torch is already imported.
        if not WAITING.keys() & os.environ.keys():
            os.environ.update(WAITING)

    def info(self) -> BackendInfo:
        """Return versions, devices and capabilities."""
        import torch

        from ftcore_torch.overrides import overrides

        return BackendInfo(
            name=self.name,
            versions={package: importlib.metadata.version(package) for package in ("torch", "transformers")},
            devices=["cuda", "cpu"] if torch.cuda.is_available() else ["cpu"],
            precisions=PRECISIONS,
            options=OPTIONS,
            step_modes={"eager": {}},
            overrides=overrides(),
        )

    @staticmethod
    def recognises(module: object) -> bool:
        """Return whether `module` is a torch.nn.Module that is not a Keras model on PyTorch."""
        torch, keras = sys.modules.get("torch"), sys.modules.get("keras")
        if keras is not None and isinstance(module, keras.Model):
            return False
        return torch is not None and isinstance(module, torch.nn.Module)

    @staticmethod
    def load_weights(module: Any, path: Path) -> Sequence[str]:
        """Load a file's tensors into a torch.nn.Module, each exactly once; return notes for the user."""
        from ftcore_torch.weights import load_weights

        return load_weights(module, path)

    @staticmethod
    def token_inputs(module: Any) -> Mapping[str, str]:
        """Return which token inputs a torch.nn.Module's forward takes, by keyword or as one array."""
        from ftcore_torch.foreign import token_inputs

        return token_inputs(module)

    @staticmethod
    def prepare_for_code(seed: int, threads: int | None) -> None:
        """Seed the generators of PyTorch, NumPy and Python; `build` sets the threads."""
        from ftcore_torch.foreign import seed_draws

        seed_draws(seed)

    def matrix_products(self, threads: int | None) -> Mapping[str, PrepareProduct]:
        """Return PyTorch's own library and, if available, oneDNN."""
        from ftcore_torch.matrix_products import prepared

        return prepared(threads)

    def build(self, program: Program, device: str = "auto") -> Learner:
        """Build a learner; its parameters are undefined until `load_tensors`, except a foreign module's."""
        import torch

        from ftcore_torch.denormals import flushed_denormals
        from ftcore_torch.learner import TorchLearner
        from ftcore_torch.memory import keep_freed_pages
        from ftcore_torch.network import build_network

        options = _options(program)
        options["products"] = _products(program, options["products"])
        keep_freed_pages()
        if options["threads"] is not None:
            torch.set_num_threads(options["threads"])
        # TensorFloat-32 keeps 10 bits of a product, but the contract's bounds need float32.
        torch.backends.cuda.matmul.allow_tf32 = False
        torch.backends.cudnn.allow_tf32 = False
        if program.precision not in PRECISIONS:
            raise BackendError(f"precision {program.precision!r} is not supported; allowed: {', '.join(PRECISIONS)}")
        with flushed_denormals():
            network = build_network(program.network, program.precision, options)
            return TorchLearner(network, program, _device(device), options)


def _options(program: Program) -> dict[str, Any]:
    options = checked_options("torch", program.options, OPTIONS)
    if options["attention"] not in ("sdpa", "eager"):
        raise BackendError(f"backend.torch.attention is sdpa or eager, not {options['attention']!r}")
    if not isinstance(options["compile"], bool):
        raise BackendError(f"backend.torch.compile is true or false, not {options['compile']!r}")
    if options["compile"] and not any(map(shutil.which, COMPILERS)):
        raise BackendError(f"backend.torch.compile needs a C++ compiler ({' or '.join(COMPILERS)}): install one")
    return options | {"compile": options["compile"] and not program.few_steps}


def _products(program: Program, asked: Any) -> str:
    """Return the library of a network's linear maps; networks without a transformers body use PyTorch's own."""
    from ftcore_torch import matrix_products

    found = matrix_products.resolve(asked, program.began_with)
    network = program.network
    of_transformers = isinstance(network, Network) and isinstance(
        network.architecture.body, Transformer | EncoderDecoder
    )
    return found if of_transformers else matrix_products.own()


def _device(name: str) -> "torch.device":
    import torch

    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
        # A device without values, such as meta, would fail at the first number that is read from it.
        torch.ones(1, device=device).item()
    except (RuntimeError, AssertionError) as error:
        reason, known = str(error).splitlines()[0], "cuda, cpu" if torch.cuda.is_available() else "cpu"
        raise BackendError(
            f"device {name!r} cannot be used: PyTorch has {known} here; or device: auto ({reason})"
        ) from error
    return device
