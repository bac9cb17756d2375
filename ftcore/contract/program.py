"""Everything that a backend must know to build a learner."""

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
        network: a neutral description (architecture and head), or a foreign module as it is.
        loss: the loss's definition; None where only `forward` is used.
        optimizer: the optimizer's definition; None where nothing is trained.
        clip_norm: global-norm clipping over the trainable parameters, or None.
        trainable: names of the parameters that are trained; None means every parameter.
        decay_exempt: names of the parameters that weight decay leaves alone.
        least_decayed_dimensions: it leaves those of fewer dimensions alone, too: what is known of a foreign module's
            parameters before they exist. `decays` is the decision, which a backend asks for.
        precision: "float32" or "float64" of everything; or "bfloat16" or "float16": the body's linear maps and
            attention products have operands and results rounded to it, and all else (parameters, optimizer state,
            residual sums, norms, softmax, head, loss) is float32. With float16 the loss is scaled
            (ftcore.contract.optimizers.loss_scaling), and the scale is part of the optimizer's state.
        seed: keys the dropout masks, together with the step.
        options: this backend's own options, as in `BackendInfo.options`.
        began_with: `Learner.options` of the run that goes on; {} of one that an earlier version began, which did not
            note them; None of a new run. Where an option leaves a choice to the backend, it makes the same one.
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
    began_with: Mapping[str, Any] | None = None

    def decays(self, name: str, shape: Sequence[int]) -> bool:
        """Return whether weight decay is for a parameter of this name and shape."""
        return name not in self.decay_exempt and len(shape) >= self.least_decayed_dimensions
