"""Compute hidden states and gradients of the real model on 32 rows of Banking77 with a backend or transformers.

python benchmarks/parity_arrays.py transformers|torch|tf float32|float64 OUTPUT.npz
"""

import sys
from pathlib import Path

import numpy as np

from ftcore.contract import Batch, Program, Step, Want
from ftcore.contract import discovery as backends
from ftcore.contract.losses import CrossEntropy
from ftcore.models import ModelPlan, SequenceHead, plan_model
from ftcore.observer import Silent
from ftcore.runs.binding import prepare_data
from ftcore.spec.reading import load_spec

SPEC = Path(__file__).parent / "specs" / "banking77.yaml"


def main(who: str, precision: str, output: str) -> None:
    spec = load_spec(SPEC, ["model.dropout=0.0", "model.pooling=pooler", "data.test=null"])
    data = prepare_data(spec, SPEC.parent, Silent())
    plan = plan_model(spec.model, SequenceHead(len(data.labels), spec.data.pair), 0, SPEC.parent)
    batch = data.train.batch(np.arange(0, 9000, 282)[:32])
    compute = by_transformers if who == "transformers" else by_backend
    np.savez(output, **compute(who, precision, plan, batch))


def by_backend(name: str, precision: str, plan: ModelPlan, batch: Batch) -> dict[str, np.ndarray]:
    learner = backends.load(name).build(Program(plan.network, CrossEntropy(), precision=precision))
    learner.load_tensors(plan.tensors)
    states = learner.forward(batch, Want(hidden_states=True)).hidden_states or ()
    gradients = learner.gradients(Step(1, [batch], float(batch.examples), 0.0))
    real = batch.inputs["attention_mask"] > 0
    return named([np.asarray(state)[real] for state in states], gradients)


def by_transformers(_: str, precision: str, plan: ModelPlan, batch: Batch) -> dict[str, np.ndarray]:
    import torch
    from transformers import AutoModelForSequenceClassification

    outputs = plan.network.head.outputs
    model = AutoModelForSequenceClassification.from_pretrained(
        plan.source, num_labels=outputs, dtype=getattr(torch, precision)
    ).eval()
    model.load_state_dict({name: torch.from_numpy(array.copy()) for name, array in plan.tensors.items()})
    inputs = {name: torch.from_numpy(array).long() for name, array in batch.inputs.items()}
    result = model(**inputs, labels=torch.from_numpy(batch.targets["labels"]).long(), output_hidden_states=True)
    result.loss.backward()
    real = batch.inputs["attention_mask"] > 0
    states = [state.detach().numpy()[real] for state in result.hidden_states]
    return named(states, {name: value.grad.numpy() for name, value in model.named_parameters()})


def named(states: list[np.ndarray], gradients: object) -> dict[str, np.ndarray]:
    arrays = {f"hidden_states/{number}": state for number, state in enumerate(states)}
    return arrays | {f"gradients/{name}": array for name, array in dict(gradients).items()}


if __name__ == "__main__":
    main(*sys.argv[1:])
