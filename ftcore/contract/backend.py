"""The protocols of a backend and of a learner: the whole contract."""

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
"""float32 [rows, inner] and [inner, columns] to a function that multiplies them, and returns when it is done."""


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
        devices: names that `Backend.build` accepts, the preferred one first.
        precisions: values of the spec's `precision` that it carries out.
        options: the names and defaults of the spec's `backend.NAME` options.
        step_modes: for each way of compiling a step, the options that choose it; conformance runs all.
        overrides: the framework defaults that it replaces.
    """

    name: str
    versions: Mapping[str, str]
    devices: Sequence[str]
    precisions: Sequence[str]
    options: Mapping[str, Any]
    step_modes: Mapping[str, Mapping[str, Any]]
    overrides: Sequence[Override]


class Decoding(Protocol):
    """Sequences that are being written, with what the network keeps of their tokens: the key-value cache."""

    @property
    def logits(self) -> np.ndarray:
        """Of the token after each prompt, float [rows, outputs]."""
        ...

    def next(self, tokens: np.ndarray, order: np.ndarray | None = None) -> np.ndarray:
        """Append a token to each sequence, and return the logits of the one after it.

        Args:
            tokens: int32 [sequences].
            order: int [sequences], for each the one before that it goes on, of which there may be more or fewer; None
                where each goes on itself.

        Returns:
            float [sequences, outputs].
        """
        ...


class Learner(Protocol):
    """One network with its loss and optimizer. Several may live in one process."""

    @property
    def options(self) -> Mapping[str, Any]:
        """Every option of the backend, by name, with the value that this learner was built with.

        Where an option leaves a choice to the backend, it is what was chosen. environment.json holds them.
        """
        ...

    @property
    def couples_examples(self) -> bool:
        """Whether an example's result in training depends on the others of its batch: there is batch normalization.

        The core then gives each step as one batch.
        """
        ...

    def train_step(self, step: Step) -> StepResult:
        """Train on one global batch: all or nothing, see `StepResult.finite`."""
        ...

    def gradients(self, step: Step) -> Mapping[str, np.ndarray]:
        """Return the gradient of each trained parameter in its own shape, before clipping; dropout is off."""
        ...

    def forward(self, batch: Batch, want: Want) -> Outputs:
        """Compute without training: dropout off."""
        ...

    def decoding(self, inputs: Mapping[str, np.ndarray]) -> Decoding:
        """Begin to write after prompts, dropout off; the parameters must stay as they are meanwhile.

        Args:
            inputs: of a decoder `input_ids` and `attention_mask`, int32 [rows, length], padded on the left; of an
                encoder-decoder those of the encoder, padded on the right, and `decoder_input_ids`, int32 [rows, target
                length], without padding.

        Raises:
            BackendError: the network is no language model that writes.
        """
        ...

    def tensors(self) -> Mapping[str, np.ndarray]:
        """Return copies of parameters and buffers under the checkpoint's names, each of its own shape and layout."""
        ...

    def load_tensors(self, tensors: Mapping[str, np.ndarray]) -> None:
        """Replace every parameter and buffer, each of its own shape.

        Raises:
            ModelError: one is missing, unexpected or of another shape.
        """
        ...

    def optimizer_state(self) -> Mapping[str, np.ndarray]:
        """Return the optimizer's state: "SLOT/PARAMETER" of the same shape, and "step", a scalar.

        Any backend can go on from it.
        """
        ...

    def load_optimizer_state(self, state: Mapping[str, np.ndarray]) -> None:
        """Replace the optimizer's state by one as `optimizer_state` gives it, here or on another backend."""
        ...


class Backend(Protocol):
    """A framework that carries out programs."""

    name: str
    requires: tuple[str, ...]
    """Top-level packages that must be installed."""

    def info(self) -> BackendInfo:
        """Return versions, devices and capabilities."""
        ...

    @staticmethod
    def recognises(module: object) -> bool:
        """Return whether `module` is a network of this framework; the framework is not imported for it."""
        ...

    @staticmethod
    def load_weights(module: Any, path: Path) -> Sequence[str]:
        """Put a file's tensors into a foreign module, each exactly once, running nothing of the file.

        Returns:
            Notes for the user.

        Raises:
            ModelError: the file is not of a form that this framework's modules have, or does not fit.
        """
        ...

    @staticmethod
    def token_inputs(module: Any) -> Mapping[str, str]:
        """Return which inputs of a token network a foreign module is given, and under which names it takes them.

        Raises:
            ModelError: it takes others.
        """
        ...

    @staticmethod
    def prepare_for_code(seed: int, threads: int | None) -> None:
        """Set up the process before a user's code builds a foreign module.

        Args:
            seed: of the generators from which the code draws initial parameters.
            threads: CPU threads; None: every core.
        """
        ...

    def matrix_products(self, threads: int | None) -> Mapping[str, PrepareProduct]:
        """Return the libraries that multiply float32 matrices on a CPU, by name, to measure what a machine can do.

        Args:
            threads: CPU threads; None: every core.
        """
        ...

    def build(self, program: Program, device: str = "auto") -> Learner:
        """Build a learner; its parameters are undefined until `load_tensors`, except a foreign module's.

        Raises:
            BackendError: the device, precision, option or network is not supported; says which are.
        """
        ...
