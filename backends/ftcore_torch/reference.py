"""What plain transformers and torch.optim compute for a family's variants, in float64.

Nothing of this backend's own network, loss, optimizer or loop is used: so it is a reference for this backend as well.
`python -m ftcore_torch.reference --output FILE` reads variants from standard input, as
`ftcore.conformance.family_sources` writes them.
"""

import argparse
import importlib.metadata
import json
import sys
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
import transformers

from ftcore.backend import Batch
from ftcore.conformance import array_file
from ftcore.conformance.families import Variant
from ftcore.conformance.families.base import LABELS
from ftcore.conformance.family_steps import LEARNING_RATE, STEPS, WEIGHT_DECAY
from ftcore.models.families import FAMILIES


def compute(variant: Variant) -> dict[str, np.ndarray]:
    """Return what `ftcore.conformance.family_references.VariantReferences` holds.

    Raises:
        ValueError: a number is not finite, so nothing could be compared with it.
    """
    arrays = _arrays(variant)
    for key, value in arrays.items():
        if not np.isfinite(value).all():
            raise ValueError(f"{variant.family}, {variant.name}: {key} is not finite")
    return arrays


def _arrays(variant: Variant) -> dict[str, np.ndarray]:
    model = _model(variant)
    found = _run(model, variant, variant.batch())
    torch.autograd.backward(found.loss)
    return {
        **{f"hidden_states/{layer}": _array(states) for layer, states in enumerate(found.hidden_states)},
        "logits": _array(found.logits),
        "loss": _array(found.loss),
        **{f"gradient/{name}": _gradient(parameter) for name, parameter in model.named_parameters()},
        "losses": _losses(model, variant),
    }


class _Found(NamedTuple):
    """What a model gives for a batch: logits, mean loss, hidden states that are zero at padding."""

    logits: torch.Tensor
    loss: torch.Tensor
    hidden_states: list[torch.Tensor]


def _run(model: Any, variant: Variant, batch: Batch) -> _Found:
    """Run each text alone: float64 attention gives nan where all that a padding token may attend to is padding."""
    found = [_text(model, variant, batch, number) for number in range(batch.examples)]
    loss = torch.stack([one.loss for one in found]).mean()
    layers = zip(*(one.hidden_states for one in found), strict=True)
    return _Found(torch.cat([one.logits for one in found]), loss, [torch.cat(states) for states in layers])


def _text(model: Any, variant: Variant, batch: Batch, number: int) -> _Found:
    length = int(batch.inputs["attention_mask"][number].sum())
    inputs = {
        name: torch.from_numpy(array[number : number + 1, :length]).long() for name, array in batch.inputs.items()
    }
    if not variant.token_types:
        del inputs["token_type_ids"]
    labels = torch.from_numpy(batch.targets["labels"][number : number + 1]).long()
    outputs = model(**inputs, labels=labels, output_hidden_states=True)
    padding = (0, 0, 0, batch.inputs["attention_mask"].shape[1] - length)
    states = [torch.nn.functional.pad(layer, padding) for layer in outputs.hidden_states]
    return _Found(outputs.logits, outputs.loss, states)


def _model(variant: Variant) -> Any:
    """Return the family's classifier with the variant's values; evaluation, which only means no dropout."""
    # Without a type of problem, some families' loss is of logits rounded to float32.
    options = {"num_labels": LABELS, "problem_type": "single_label_classification", "attn_implementation": "eager"}
    config = transformers.AutoConfig.for_model(variant.family, **variant.config, **options)
    model = getattr(transformers, FAMILIES[variant.family].classifier_class)(config).double().eval()
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            parameter.copy_(torch.from_numpy(variant.value(name, parameter.shape)))
    return model


def _losses(model: Any, variant: Variant) -> np.ndarray:
    optimizer = torch.optim.AdamW(model.parameters(), lr=LEARNING_RATE, weight_decay=WEIGHT_DECAY)
    losses = []
    for step in range(STEPS):
        optimizer.zero_grad()
        loss = _run(model, variant, variant.batch(step)).loss
        torch.autograd.backward(loss)
        optimizer.step()
        losses.append(loss.item())
    return np.asarray(losses)


def _array(tensor: torch.Tensor) -> np.ndarray:
    return np.asarray(tensor.detach().numpy(), dtype=np.float64).copy()


def _gradient(parameter: torch.nn.Parameter) -> np.ndarray:
    """Return a parameter's gradient: zeros where the loss does not reach it."""
    return np.zeros(tuple(parameter.shape)) if parameter.grad is None else _array(parameter.grad)


def main() -> None:
    """Write the arrays of the variants on standard input, under "FAMILY/VARIANT/"."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, required=True)
    output = parser.parse_args().output
    torch.set_num_threads(1)
    variants = [Variant(**fields) for fields in json.load(sys.stdin)]
    arrays = {f"{one.family}/{one.name}/{key}": value for one in variants for key, value in compute(one).items()}
    versions = {package: importlib.metadata.version(package) for package in ("torch", "transformers")}
    array_file.write(output, arrays, array_file.versions_text(versions))


if __name__ == "__main__":
    main()
