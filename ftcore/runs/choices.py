"""Turns the choices of a spec into objects: loss, optimizer, device, and options of the backend."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from ftcore.contract import Backend
from ftcore.contract.losses import LOSSES, Loss
from ftcore.contract.optimizers import OPTIMIZERS, Optimizer
from ftcore.errors import SpecError
from ftcore.helpers import did_you_mean


def optimizer_of(spec: Any) -> Optimizer:
    """Return the definition of a spec's `optimizer` part."""
    return OPTIMIZERS[spec.name](**spec.model_dump(exclude={"name"}))


def options_of(spec: Any, backend: str) -> dict[str, Any]:
    """Return a spec's options for one backend, with the common option `threads` (None: all cores)."""
    return {"threads": spec.threads, **getattr(spec, "backend", {}).get(backend, {})}


def device_of(spec: Any, backend: Backend) -> str:
    """Return the device that a spec runs on."""
    return backend.info().devices[0] if spec.device == "auto" else str(spec.device)


def resolve_loss(spec: Any, labels: Sequence[str], targets: np.ndarray) -> Loss:
    """Return the loss definition of a spec's `loss` part.

    Args:
        spec: the `loss` part: a name and the fields of that loss.
        labels: the labels in order.
        targets: targets of the training rows for `balanced`, int32 [rows] or float32 [rows, outputs].
    """
    fields = spec.model_dump(exclude={"name"})
    for name in ("class_weights", "positive_weights"):
        if fields.get(name) is not None:
            fields[name] = _per_output(fields[name], f"loss.{name}", labels, targets)
            _check_learns(fields[name], f"loss.{name}", labels, targets)
    return LOSSES[spec.name](**fields)


def _per_output(
    given: str | dict[str, float] | list[float], field: str, labels: Sequence[str], targets: np.ndarray
) -> tuple[float, ...]:
    if isinstance(given, str):
        return _balanced(targets, len(labels))
    if isinstance(given, list):
        if len(given) != len(labels):
            raise SpecError(f"{field}: {len(given)} numbers for {len(labels)} labels: {', '.join(labels)}")
        return tuple(given)
    for label in given:
        if label not in labels:
            raise SpecError(
                f"{field}: unknown label {label!r}{did_you_mean(label, labels)}; known: {', '.join(labels)}"
            )
    return tuple(given.get(label, 1.0) for label in labels)


def _check_learns(weights: tuple[float, ...], field: str, labels: Sequence[str], targets: np.ndarray) -> None:
    """Raise SpecError if no row of train has a weight above 0, so that nothing can be learned."""
    found = np.unique(targets) if targets.ndim == 1 else np.arange(len(labels))
    if not any(weights[index] > 0 for index in found.tolist()):
        given = ", ".join(f"{labels[index]}: {weights[index]:g}" for index in found.tolist())
        raise SpecError(f"{field}: every label of train has the weight 0 ({given}), so nothing is learned: raise one")


def _balanced(targets: np.ndarray, outputs: int) -> tuple[float, ...]:
    """Return rows / (classes * rows of the class) for each class, or negatives / positives for label sets."""
    if targets.ndim == 1:
        counts = np.bincount(targets, minlength=outputs)
        weights = len(targets) / (outputs * np.maximum(counts, 1))
    else:
        positives = targets.sum(axis=0)
        weights = (len(targets) - positives) / np.maximum(positives, 1)
    return tuple(weights.tolist())
