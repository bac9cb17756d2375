"""What is being tested: one backend at one precision, stepping in one mode."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ftcore.backend import Backend, Batch, Learner, Program
from ftcore.conformance import batches
from ftcore.conformance.bounds import BOUNDS, Bounds
from ftcore.conformance.references import References
from ftcore.losses import Loss
from ftcore.models.network import Network
from ftcore.optimizers import SGD, Optimizer


@dataclass(frozen=True)
class Subject:
    """One backend at one precision, stepping in one mode.

    Attributes:
        backend: the one under test.
        device: passed to `Backend.build`.
        precision: "float32" or "float64".
        mode: a key of `BackendInfo.step_modes`.
        options: the backend options of that mode.
        references: what transformers computes for the BERT cases.
    """

    backend: Backend
    device: str
    precision: str
    mode: str
    options: Mapping[str, Any]
    references: References

    @property
    def bounds(self) -> Bounds:
        """The bounds of this precision."""
        return BOUNDS[self.precision]

    @property
    def dtype(self) -> np.dtype[Any]:
        """The NumPy type of this precision."""
        return np.dtype(self.precision)

    def build(
        self,
        network: Network,
        tensors: Mapping[str, np.ndarray],
        loss: Loss | None = None,
        optimizer: Optimizer | None = None,
        **more: Any,
    ) -> Learner:
        """Return a learner with these parameters; `more` are further fields of Program."""
        program = Program(
            network, loss, optimizer or SGD(), precision=self.precision, options=dict(self.options), **more
        )
        learner = self.backend.build(program, self.device)
        learner.load_tensors({name: value.astype(self.dtype) for name, value in tensors.items()})
        return learner

    def features(self, values: np.ndarray, labels: np.ndarray, weights: np.ndarray | None = None) -> Batch:
        """Return a batch of ready features in this precision; see `batches.features`."""
        return batches.features(values.astype(self.dtype), labels, weights)
