"""Runs and trains a user's own torch.nn.Module without changing it."""

import inspect
import random
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from ftcore.contract import TOKEN_INPUTS, Batch, Program, seeds
from ftcore.errors import ModelError
from ftcore_torch.activations import Activations
from ftcore_torch.precision import ROUNDED, products


class ForeignNetwork:
    """A module that is called with its inputs and trained in place."""

    def __init__(self, module: nn.Module, precision: str) -> None:
        self.root = module
        self._precision = precision

    @property
    def couples_examples(self) -> bool:
        """Whether a layer's result for one example depends on the others (batch normalization)."""
        return any(isinstance(layer, nn.modules.batchnorm._BatchNorm) for layer in self.root.modules())

    def parameters_by_name(self) -> Mapping[str, nn.Parameter]:
        """Return every parameter under its name in the module."""
        return dict(self.root.named_parameters())

    def buffers_by_name(self) -> Mapping[str, Tensor]:
        """Return every persistent buffer under its name in the module."""
        saved = set(self.root.state_dict(keep_vars=True))
        return {name: value for name, value in self.root.named_buffers() if name in saved}

    @contextmanager
    def draws(self, program: Program, step: int, number: int, batch: Batch) -> Iterator[None]:
        """Make draws depend only on seed, step and micro-batch, and restore the user's generator afterwards."""
        devices = [parameter.device for parameter in self.root.parameters() if parameter.device.type == "cuda"][:1]
        with torch.random.fork_rng(devices):
            torch.manual_seed(seeds.key(program.seed, "dropout", step, number) % 2**63)
            yield

    def compute(self, inputs: Mapping[str, Tensor], hidden_states: bool = False) -> Activations:
        """Call the module: one array or a list by position, a dict by keyword."""
        with products(self._precision, next(iter(inputs.values())).device):
            output = self._call(inputs)
        logits = _logits(output)
        return Activations(logits.float() if logits.dtype in ROUNDED.values() else logits)

    def _call(self, inputs: Mapping[str, Tensor]) -> Any:
        if set(inputs) == {"inputs"}:
            return self.root(inputs["inputs"])
        if all(name.isdigit() for name in inputs):
            return self.root(*(inputs[name] for name in sorted(inputs, key=int)))
        return self.root(**inputs)


def _logits(output: Any) -> Tensor:
    """Return the logits [examples, outputs] in a module's output."""
    if isinstance(output, Mapping):
        output = output.get("logits")
    elif not isinstance(output, Tensor):
        output = getattr(output, "logits", output[0] if isinstance(output, tuple | list) and output else None)
    if not isinstance(output, Tensor):
        raise ModelError("the module must return a tensor, a tuple that starts with one, or an object with .logits")
    if not torch.is_floating_point(output):
        raise ModelError(f"the module must return logits of a floating type, not {output.dtype}")
    return output.unsqueeze(-1) if output.ndim == 1 else output


def token_inputs(module: nn.Module) -> dict[str, str]:
    """Return which token inputs forward takes: the ones that it names, or one array for the ids."""
    parameters = inspect.signature(module.forward).parameters
    kinds = [parameter.kind for parameter in parameters.values()]
    if "input_ids" in parameters or inspect.Parameter.VAR_KEYWORD in kinds:
        named = TOKEN_INPUTS if "input_ids" not in parameters else [one for one in TOKEN_INPUTS if one in parameters]
        return {name: name for name in named}
    required = [one.name for one in parameters.values() if one.default is one.empty]
    if len(required) != 1:
        raise ModelError(
            f"model.module: forward of {type(module).__name__} takes {', '.join(parameters) or 'nothing'}: call its "
            f"parameters {', '.join(TOKEN_INPUTS)} (only the ones that it needs), or let it take one array"
        )
    return {"input_ids": "inputs"}


def seed_draws(seed: int) -> None:
    """Seed the generators of PyTorch, NumPy and Python."""
    torch.manual_seed(seed % 2**63)
    np.random.seed(seed % 2**32)
    random.seed(seed)
