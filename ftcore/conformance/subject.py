"""The subject of a test: one backend with one precision and step mode."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ftcore.conformance import batches
from ftcore.conformance.bert import CASES, BertCase
from ftcore.conformance.bounds import BOUNDS, Bounds
from ftcore.conformance.families import FamilyCases
from ftcore.conformance.family_references import FamilyReferences, whole
from ftcore.conformance.references import References
from ftcore.contract import Backend, Batch, Learner, Program
from ftcore.contract.losses import Loss
from ftcore.contract.network import Network
from ftcore.contract.optimizers import SGD, Optimizer

Tensors = Mapping[str, np.ndarray]


@dataclass(frozen=True)
class MeasuredFamilies:
    """The families to measure, and their references from transformers."""

    cases: Sequence[FamilyCases]
    references: FamilyReferences


NO_FAMILIES = MeasuredFamilies((), FamilyReferences("", {}, whole))


@dataclass(frozen=True)
class Subject:
    """A backend with one precision and step mode.

    Attributes:
        backend: the backend under test.
        device: passed to `Backend.build`.
        precision: "float32" or "float64".
        mode: a key of `BackendInfo.step_modes`.
        options: the backend options of that mode.
        references: transformers' results for the BERT cases.
        thorough: whether to compile every case; only True in the first mode, because other modes compile the same
            networks in another way, and each compilation takes seconds.
        families: the families of the rung `families`.
    """

    backend: Backend
    device: str
    precision: str
    mode: str
    options: Mapping[str, Any]
    references: References
    thorough: bool = True
    families: MeasuredFamilies = NO_FAMILIES
    _shared: dict[str, tuple[Learner, Tensors, Tensors]] = field(default_factory=dict)

    @property
    def cases(self) -> Sequence[BertCase]:
        """The BERT cases to measure."""
        return CASES if self.thorough else CASES[:1]

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
        """Return a learner with these tensors, each of its own shape; `more` are further fields of Program."""
        program = Program(
            network, loss, optimizer or SGD(), precision=self.precision, options=dict(self.options), **more
        )
        learner = self.backend.build(program, self.device)
        # A count stays an integer.
        learner.load_tensors(
            {name: value.astype(self.dtype) if value.dtype.kind == "f" else value for name, value in tensors.items()}
        )
        return learner

    def shared(self, name: str, build: Callable[[], Learner]) -> Learner:
        """Return the learner of this name in its initial state; rungs share learners that are slow to compile."""
        if name not in self._shared:
            learner = build()
            self._shared[name] = learner, learner.tensors(), learner.optimizer_state()
        learner, tensors, state = self._shared[name]
        learner.load_tensors(tensors)
        learner.load_optimizer_state(state)
        return learner

    def bert(self, case: BertCase) -> Learner:
        """Return the shared learner of a case."""
        return self.shared(case.name, lambda: self.build(case.network(), case.tensors, case.loss))

    def features(self, values: np.ndarray, labels: np.ndarray, weights: np.ndarray | None = None) -> Batch:
        """Return a batch of features in this precision; for values, labels and weights see `batches.features`."""
        return batches.features(values.astype(self.dtype), labels, weights)
