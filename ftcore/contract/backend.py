"""Defines the protocols of a backend and of a learner, which every backend implements."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from ftcore.contract.batch import Batch
from ftcore.contract.outputs import Outputs, Want
from ftcore.contract.program import Program
from ftcore.contract.step import Step, StepResult

PrepareProduct = Callable[[np.ndarray, np.ndarray], Callable[[], object]]
"""Maps float32 [rows, inner] and [inner, columns] to a function that multiplies them and waits for the result."""


@dataclass(frozen=True)
class Override:
    """One framework default that this backend replaces to meet the contract (`ftcore doctor --semantics`)."""

    subject: str
    framework_default: str
    contract: str
    why: str


@dataclass(frozen=True)
class BackendInfo:
    """What a backend is and can do.

    Attributes:
        name: the registered name.
        versions: package name to version.
        devices: names that `Backend.build` accepts, the preferred device first.
        precisions: values of the spec's `precision` that it supports.
        options: the names and defaults of the spec's `backend.NAME` options.
        step_modes: the options that choose each way of compiling a step; conformance runs them all.
        overrides: framework defaults that it replaces.
    """

    name: str
    versions: Mapping[str, str]
    devices: Sequence[str]
    precisions: Sequence[str]
    options: Mapping[str, Any]
    step_modes: Mapping[str, Mapping[str, Any]]
    overrides: Sequence[Override]


class Decoding(Protocol):
    """Sequences that are being generated, with their key-value cache."""

    @property
    def logits(self) -> np.ndarray:
        """Logits of the token after each prompt, float [rows, outputs]."""
        ...

    def next(self, tokens: np.ndarray, order: np.ndarray | None = None) -> np.ndarray:
        """Append a token to each sequence, and return the logits of the next token.

        Args:
            tokens: int32 [sequences].
            order: int [sequences], the index of the previous sequence that each one continues; the number of
                sequences may change. None if each continues itself.

        Returns:
            float [sequences, outputs].
        """
        ...


class Learner(Protocol):
    """One network with its loss and optimizer; a process may have several learners."""

    @property
    def options(self) -> Mapping[str, Any]:
        """Every option of the backend by name, with the value that this learner was built with.

        Where an option leaves a choice to the backend, the value is the choice. environment.json records the options.
        """
        ...

    @property
    def couples_examples(self) -> bool:
        """Whether a training example's result depends on the others of its batch, as with batch normalization.

        The core then gives each step as one batch.
        """
        ...

    def train_step(self, step: Step) -> StepResult:
        """Train on one global batch; a step that is not finite changes nothing, see `StepResult.finite`."""
        ...

    def gradients(self, step: Step) -> Mapping[str, np.ndarray]:
        """Return each trained parameter's gradient in its own shape, before clipping; dropout is off."""
        ...

    def forward(self, batch: Batch, want: Want) -> Outputs:
        """Compute outputs without training; dropout is off."""
        ...

    def decoding(self, inputs: Mapping[str, np.ndarray]) -> Decoding:
        """Begin generation after prompts; dropout is off, and the parameters must not change meanwhile.

        Args:
            inputs: for a decoder, `input_ids` and `attention_mask`, int32 [rows, length], padded on the left; for an
                encoder-decoder, the same of the encoder, padded on the right, and `decoder_input_ids`, int32
                [rows, target length], without padding.

        Raises:
            BackendError: the network is not a language model that generates text.
        """
        ...

    def tensors(self) -> Mapping[str, np.ndarray]:
        """Return copies of parameters and buffers by checkpoint name, each in its own shape and layout."""
        ...

    def load_tensors(self, tensors: Mapping[str, np.ndarray]) -> None:
        """Replace every parameter and buffer; each array has its own shape.

        Raises:
            ModelError: a tensor is missing or unexpected, or has another shape.
        """
        ...

    def optimizer_state(self) -> Mapping[str, np.ndarray]:
        """Return the optimizer's state: "SLOT/PARAMETER" of the same shape, and "step", a scalar.

        Any backend can continue from it.
        """
        ...

    def load_optimizer_state(self, state: Mapping[str, np.ndarray]) -> None:
        """Replace the optimizer's state by one from this or another backend, as in `Learner.optimizer_state`."""
        ...


class Backend(Protocol):
    """A framework that builds and trains the networks of programs."""

    name: str
    requires: tuple[str, ...]
    """Top-level packages that must be installed."""

    def info(self) -> BackendInfo:
        """Return versions, devices and capabilities."""
        ...

    @staticmethod
    def recognises(module: object) -> bool:
        """Return whether `module` is a network of this framework, without importing the framework."""
        ...

    @staticmethod
    def load_weights(module: Any, path: Path) -> Sequence[str]:
        """Load a file's tensors into a foreign module, each exactly once, without running any code of the file.

        Returns:
            Notes for the user.

        Raises:
            ModelError: the file's format is none that this framework's modules have, or its tensors do not fit.
        """
        ...

    @staticmethod
    def token_inputs(module: Any) -> Mapping[str, str]:
        """Return which inputs of a token network a foreign module takes, and the module's names for them.

        Raises:
            ModelError: it takes other inputs.
        """
        ...

    @staticmethod
    def prepare_for_code(seed: int, threads: int | None) -> None:
        """Set up the process before a user's code builds a foreign module.

        Args:
            seed: seed of the generators from which the code draws initial parameters.
            threads: CPU threads; None means every core.
        """
        ...

    def matrix_products(self, threads: int | None) -> Mapping[str, PrepareProduct]:
        """Return by name the libraries that multiply float32 matrices on a CPU, to measure a machine's speed.

        Args:
            threads: CPU threads; None means every core.
        """
        ...

    def build(self, program: Program, device: str = "auto") -> Learner:
        """Build a learner; its parameters are undefined until `load_tensors`, except a foreign module's.

        Raises:
            BackendError: the device, precision, option or network is not supported; the message lists what is.
        """
        ...
