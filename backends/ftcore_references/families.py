"""Computes the references of a family's variants by plain transformers and torch.optim, in float64."""

import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
import transformers
from safetensors import safe_open

from ftcore.conformance import family_steps
from ftcore.conformance.families import Variant
from ftcore_references.kinds import OPTIONS, RUNS, Found


def compute(variant: Variant) -> dict[str, np.ndarray]:
    """Return the arrays of `ftcore.conformance.family_references.VariantReferences`, in the shapes documented there.

    Raises:
        ValueError: transformers cannot compute the variant, or a number is not finite, so nothing could be compared.
    """
    try:
        arrays = _arrays(variant)
    except Exception as error:
        raise ValueError(
            f"{variant.family}, {variant.name!r}: plain transformers fails: {type(error).__name__}: {error}"
        ) from error
    for key, value in arrays.items():
        if not np.isfinite(value).all():
            raise ValueError(f"{variant.family}, {variant.name!r}: {key} is not finite")
    return arrays


def _arrays(variant: Variant) -> dict[str, np.ndarray]:
    model = _model(variant)
    with torch.no_grad():
        found = _run(model, variant)
    saved = {f"saved/{name}": np.zeros(0) for name in _saved_names(model)}
    losses, gradients = _train(model, variant)
    stored = _stored_names(variant)
    return {
        **{f"hidden_states/{layer}": _array(states) for layer, states in enumerate(found.hidden_states)},
        "logits": _array(found.logits),
        "loss": _array(found.loss),
        **{f"gradient/{stored.get(name, name)}": value for name, value in gradients.items()},
        "losses": losses,
        **saved,
    }


def _run(model: Any, variant: Variant, step: int = 0) -> Found:
    return RUNS[variant.kind](model, variant.batch(step))


def _model(variant: Variant) -> Any:
    """Return the family's model with the variant's values; in evaluation mode, which only disables dropout."""
    config = transformers.AutoConfig.for_model(variant.family, **variant.config, **OPTIONS[variant.kind])
    model = getattr(transformers, variant.class_name)(config).double().eval()
    if variant.config.get("tie_word_embeddings") is False:
        # transformers does so if a checkpoint has both tensors, even in families that always tie.
        last = model.get_output_embeddings()
        last.weight = torch.nn.Parameter(last.weight.detach().clone())
    stored = _stored_names(variant)
    with torch.no_grad():
        for name, tensor in _tensors(model):
            tensor.copy_(torch.from_numpy(variant.value(stored.get(name, name), tensor.shape)))
    return model


def _stored_names(variant: Variant) -> dict[str, str]:
    """Return a map from each name in transformers' model that differs in its files to the name there."""
    return {module: stored for stored, module in variant.network().architecture.module_names.items()}


def _tensors(model: Any) -> Iterator[tuple[str, torch.Tensor]]:
    """Yield every trained parameter, a tied one once, and every saved buffer."""
    yield from ((name, parameter) for name, parameter in model.named_parameters() if parameter.requires_grad)
    saved = model.state_dict()
    yield from ((name, buffer) for name, buffer in model.named_buffers() if name in saved)


def _saved_names(model: Any) -> list[str]:
    """Return the names of the tensors that transformers writes."""
    with tempfile.TemporaryDirectory() as folder:
        model.save_pretrained(folder)
        with safe_open(str(Path(folder) / "model.safetensors"), "pt") as file:
            return list(file.keys())


def _train(model: Any, variant: Variant) -> tuple[np.ndarray, Mapping[str, np.ndarray]]:
    """Return the loss of each step, and the gradients of the first, with only batch normalization in training mode."""
    for module in model.modules():
        module.train(isinstance(module, torch.nn.BatchNorm2d))
    optimizer = torch.optim.AdamW(
        model.parameters(), lr=family_steps.LEARNING_RATE, weight_decay=family_steps.WEIGHT_DECAY
    )
    losses, gradients = [], {}
    for step in range(family_steps.STEPS):
        optimizer.zero_grad()
        loss = _run(model, variant, step).loss
        torch.autograd.backward(loss)
        if step == 0:
            gradients = {name: _gradient(one) for name, one in model.named_parameters() if one.requires_grad}
        optimizer.step()
        losses.append(loss.item())
    return np.asarray(losses), gradients


def _array(tensor: torch.Tensor) -> np.ndarray:
    return np.asarray(tensor.detach().numpy(), dtype=np.float64).copy()


def _gradient(parameter: torch.nn.Parameter) -> np.ndarray:
    """Return a parameter's gradient: zeros if the loss does not depend on it."""
    return np.zeros(tuple(parameter.shape)) if parameter.grad is None else _array(parameter.grad)
