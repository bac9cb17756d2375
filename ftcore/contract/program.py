"""Defines a program: everything that a backend must know to build a learner."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ftcore.contract.losses import Loss
from ftcore.contract.network import Module, Network
from ftcore.contract.optimizers import Optimizer


@dataclass(frozen=True)
class Program:
    """Everything a backend must know to build a learner.

    Attributes:
        network: a neutral description (architecture and head), or a foreign module.
        loss: the loss's definition; None if only `forward` is used.
        optimizer: the optimizer's definition; None if nothing is trained.
        clip_norm: global-norm clipping over the trainable parameters, or None.
        trainable: names of the parameters that are trained; None means every parameter.
        decay_exempt: names of the parameters without weight decay.
        least_decayed_dimensions: parameters with fewer dimensions also have no weight decay; this rule also covers a
            foreign module's parameters before they exist. A backend asks `decays` for the decision.
        precision: "float32" or "float64" for everything; or "bfloat16" or "float16": operands and results of the
            body's linear maps and attention products are rounded to it, and all else (parameters, optimizer state,
            residual sums, norms, softmax, head, loss) is float32. With float16 the loss is scaled
            (ftcore.contract.optimizers.loss_scaling), and the scale is part of the optimizer's state.
        seed: with the step, determines the dropout masks.
        options: this backend's own options, see `BackendInfo.options`.
        few_steps: whether only a few steps are taken, so that it does not pay to compile them.
        began_with: `Learner.options` of the run that is resumed; {} if an earlier version, which did not record
            them, started it; None for a new run. The backend repeats the choices that an option leaves to it.
    """

    network: Network | Module
    loss: Loss | None = None
    optimizer: Optimizer | None = None
    clip_norm: float | None = None
    trainable: frozenset[str] | None = None
    decay_exempt: frozenset[str] = frozenset()
    least_decayed_dimensions: int = 0
    precision: str = "float32"
    seed: int = 0
    options: Mapping[str, Any] = field(default_factory=dict)
    few_steps: bool = False
    began_with: Mapping[str, Any] | None = None

    def decays(self, name: str, shape: Sequence[int]) -> bool:
        """Return whether weight decay applies to a parameter of this name and shape."""
        return name not in self.decay_exempt and len(shape) >= self.least_decayed_dimensions
