"""BERT's masked language model gives transformers' logits and gradients, and goes to a folder and back."""

from pathlib import Path
from typing import Any

import causal
import numpy as np
import pytest
import torch
import transformers
from safetensors.numpy import load_file

from ftcore import backend as backends
from ftcore.backend import Program, Want
from ftcore.conformance import batches
from ftcore.conformance.measure import absolute, relative
from ftcore.losses import CrossEntropy
from ftcore.models.folder import write_language_model
from ftcore.models.language_model_plan import plan_language_model
from tests import tiny

SIZES = {
    "vocab_size": causal.VOCABULARY,
    "hidden_size": 16,
    "intermediate_size": 24,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "max_position_embeddings": 32,
}


def build() -> Any:
    torch.manual_seed(0)
    model = transformers.BertForMaskedLM(transformers.BertConfig(**SIZES))
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.1)
    return model.eval()


def write(folder: Path) -> Path:
    build().save_pretrained(folder)
    tiny.write_tokenizer(folder)
    return folder


@pytest.mark.parametrize("backend", backends.names())
def test_logits_and_gradients_are_those_of_transformers(backend: str, tmp_path: Path) -> None:
    plan, given, model = plan_language_model(write(tmp_path), 0.0), causal.batch(), build().double()
    given.inputs["token_type_ids"] = np.zeros_like(given.inputs["input_ids"])
    logits = model(**{name: torch.tensor(value).long() for name, value in given.inputs.items()}).logits
    wanted = torch.tensor(given.targets["labels"]).long().flatten()
    losses = torch.nn.functional.cross_entropy(logits.flatten(0, 1), wanted, reduction="none")
    weights = torch.tensor(given.weights).double().flatten()
    ((losses * weights).sum() / weights.sum()).backward()
    learner = backends.load(backend).build(Program(plan.network, CrossEntropy(), precision="float64"), "cpu")
    learner.load_tensors({key: value.astype("float64") for key, value in plan.tensors.items()})
    real = given.inputs["attention_mask"] == 1
    assert relative(learner.forward(given, Want()).logits[real], logits.detach().numpy()[real]) <= 1e-10
    gradients = learner.gradients(batches.step(CrossEntropy(), [given]))
    parameters = dict(model.named_parameters())
    assert set(gradients) == set(parameters)
    for name, parameter in parameters.items():
        measured = absolute if name.endswith("key.bias") else relative
        assert measured(gradients[name], parameter.grad.numpy()) <= 1e-9, name


def test_it_goes_to_a_folder_and_back(tmp_path: Path) -> None:
    plan = plan_language_model(write(tmp_path / "model"))
    write_language_model(tmp_path / "result", plan, plan.tensors, None)
    model, information = transformers.AutoModelForMaskedLM.from_pretrained(
        tmp_path / "result", output_loading_info=True
    )
    assert not any(information[keys] for keys in ("missing_keys", "unexpected_keys", "mismatched_keys"))
    for name, value in build().state_dict().items():
        torch.testing.assert_close(model.state_dict()[name], value, rtol=0, atol=0)
    stored = [set(load_file(tmp_path / folder / "model.safetensors")) for folder in ("model", "result")]
    assert stored[0] == stored[1]
