"""The rungs of the suite in order; each depends on those before it, and states its tolerance."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from ftcore.conformance.measure import Measured
from ftcore.conformance.rungs import (
    accumulation,
    curve,
    dropout,
    families,
    forward,
    gradients,
    learning_rates,
    loss_scaling,
    losses,
    not_finite,
    optimizers,
    order,
    packing,
    padding,
    signatures,
    state,
    tensors,
    trainable,
)
from ftcore.conformance.subject import Subject


@dataclass(frozen=True)
class Rung:
    """One rung.

    Attributes:
        name: short, unique.
        rows: measures one subject.
        per: "mode" to run for every precision and step mode, "precision" if it takes no step, "backend" to run once.
    """

    name: str
    rows: Callable[[Subject], Iterator[Measured]]
    per: Literal["backend", "precision", "mode"] = "mode"


FAMILIES = Rung("families", families.rows, "precision")
RUNGS = (
    Rung("signatures", signatures.rows, "backend"),
    Rung("tensors", tensors.rows, "precision"),
    Rung("losses", losses.rows),
    Rung("forward", forward.rows),
    Rung("gradients", gradients.rows),
    Rung("optimizers", optimizers.rows),
    Rung("learning rates", learning_rates.rows),
    Rung("order", order.rows),
    Rung("accumulation", accumulation.rows),
    Rung("not finite", not_finite.rows),
    Rung("loss scaling", loss_scaling.rows, "backend"),
    Rung("trainable", trainable.rows),
    Rung("curve", curve.rows),
    Rung("state", state.rows),
    Rung("dropout", dropout.rows),
    Rung("padding", padding.rows),
    Rung("packing", packing.rows),
    FAMILIES,
)
