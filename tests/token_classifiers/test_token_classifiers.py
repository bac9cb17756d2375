"""Heads that label every token are transformers' on every backend, packed or padded, and go there and back."""

from pathlib import Path

import labelled
import numpy as np
import pytest
import torch
import transformers
from safetensors.numpy import load_file

from ftcore import backend as backends
from ftcore.backend import Learner, Program, Want
from ftcore.conformance import batches
from ftcore.conformance.measure import relative
from ftcore.errors import ModelError
from ftcore.losses import CrossEntropy
from ftcore.models.families.token_classifiers import FORMS
from ftcore.models.folder import write_token_classifier
from ftcore.models.plan import ModelPlan
from ftcore.models.token_classifier_plan import plan_token_classifier
from ftcore.optimizers import SGD

OUTPUTS = len(labelled.LABELS)
FIRST, OTHERS = ["bert"], [name for name in FORMS if name != "bert"]
EACH = [*FIRST, *(pytest.param(name, marks=pytest.mark.slow) for name in OTHERS)]
each_backend = pytest.mark.parametrize("backend", backends.names())


def build(backend: str, plan: ModelPlan, precision: str = "float64") -> Learner:
    program = Program(plan.network, CrossEntropy(), SGD(), precision=precision, decay_exempt=frozenset(), seed=4)
    learner = backends.load(backend).build(program, "cpu")
    learner.load_tensors({key: value.astype(precision) for key, value in plan.tensors.items()})
    return learner


def pad_token(plan: ModelPlan) -> int:
    return plan.network.architecture.body.pad_token


@pytest.mark.parametrize("family", EACH)
@each_backend
def test_logits_and_gradients_are_those_of_transformers(backend: str, family: str, tmp_path: Path) -> None:
    plan = plan_token_classifier(labelled.write(family, tmp_path), OUTPUTS, dropout=0.0)
    assert (plan.labels, plan.new) == (labelled.LABELS, ())
    given = labelled.padded(pad_token(plan))
    model, rows, loss = labelled.build(family).double(), [], torch.zeros((), dtype=torch.float64)
    # Text by text: eager attention in float64 gives nan where padding sees only padding.
    for ids, length, labels, weights in zip(
        given.inputs["input_ids"], labelled.LENGTHS, given.targets["labels"], given.weights, strict=True
    ):
        logits = model(input_ids=torch.tensor(ids[None, :length]).long()).logits[0]
        losses = torch.nn.functional.cross_entropy(logits, torch.tensor(labels[:length]).long(), reduction="none")
        loss = loss + (losses * torch.tensor(weights[:length]).double()).sum()
        rows.append(logits.detach().numpy())
    (loss / given.weights.sum()).backward()
    of_outputs, of_gradients = (1e-6, 1e-5) if family in labelled.FLOAT32_INSIDE else (1e-10, 1e-9)
    learner = build(backend, plan)
    outputs = learner.forward(given, Want(loss=True))
    assert relative(outputs.logits[given.inputs["attention_mask"] == 1], np.concatenate(rows)) <= of_outputs
    assert relative(outputs.loss, loss.item()) <= of_outputs
    gradients = learner.gradients(batches.step(CrossEntropy(), [given]))
    wanted = {key: one.grad for key, one in model.named_parameters()}
    assert set(gradients) == set(wanted) == set(plan.tensors)
    largest = max(float(np.linalg.norm(one)) for one in gradients.values())
    for key, gradient in wanted.items():
        found, size = np.zeros(1) if gradient is None else gradient.numpy(), np.linalg.norm(gradients[key])
        error = np.linalg.norm(gradients[key] - found) / max(float(size), 1e-3 * largest)
        assert error <= of_gradients, key


@pytest.mark.slow
@pytest.mark.parametrize("family", ["bert", "modernbert", "llama"])
def test_packed_rows_are_padded_ones_with_dropout_and_every_backend_drops_the_same(family: str, tmp_path: Path) -> None:
    plan = plan_token_classifier(labelled.write(family, tmp_path), OUTPUTS, dropout=0.3)
    padded = labelled.padded(pad_token(plan))
    found = [
        float(build(backend, plan).train_step(batches.step(CrossEntropy(), [given], index=7)).loss)
        for backend in backends.names()
        for given in (padded, labelled.packed(padded))
    ]
    assert max(relative(one, found[0]) for one in found) <= 1e-6
    without = plan_token_classifier(tmp_path, OUTPUTS, dropout=0.0)
    whole = build("torch", without).forward(padded, Want(loss=True)).loss / padded.weights.sum()
    assert abs(whole - found[0]) > 1e-4


@pytest.mark.parametrize("family", EACH)
def test_a_token_classifier_goes_to_a_folder_and_back(family: str, tmp_path: Path) -> None:
    plan = plan_token_classifier(labelled.write(family, tmp_path / "model"), OUTPUTS)
    assert write_token_classifier(tmp_path / "result", plan, plan.tensors, labelled.LABELS, None) == []
    model, information = transformers.AutoModelForTokenClassification.from_pretrained(
        tmp_path / "result", output_loading_info=True
    )
    assert not any(information[keys] for keys in ("missing_keys", "unexpected_keys", "mismatched_keys"))
    original = labelled.build(family)
    assert type(model) is type(original)
    assert [model.config.id2label[number] for number in range(OUTPUTS)] == labelled.LABELS
    for key, value in original.state_dict().items():
        torch.testing.assert_close(model.state_dict()[key], value, rtol=0, atol=0)
    names = [set(load_file(tmp_path / folder / "model.safetensors")) for folder in ("model", "result")]
    assert names[0] == names[1]


@pytest.mark.parametrize("family", EACH)
def test_a_head_is_drawn_where_there_is_none(family: str, tmp_path: Path) -> None:
    model = labelled.build(family)
    transformers.AutoModel.from_config(model.config).save_pretrained(tmp_path)
    plans = [plan_token_classifier(tmp_path, 5, seed=seed) for seed in (0, 0, 1)]
    weight = next(name for name in plans[0].new if name.endswith(("classifier.weight", "score.weight")))
    first, again, other = (plan.tensors[weight] for plan in plans)
    assert first.shape[0] == 5
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_the_head_of_another_task_is_replaced_and_of_another_size_refused(tmp_path: Path) -> None:
    labelled.write("bert", tmp_path / "tokens")
    with pytest.raises(ModelError, match=r"does not fit 4 outputs .* set model\.replace_head: true"):
        plan_token_classifier(tmp_path / "tokens", 4)
    assert plan_token_classifier(tmp_path / "tokens", 4, replace_head=True).new == (
        "classifier.weight",
        "classifier.bias",
    )
    config = labelled.build("bert").config
    transformers.BertForSequenceClassification(config).save_pretrained(tmp_path / "texts")
    assert "classifier.weight" in plan_token_classifier(tmp_path / "texts", OUTPUTS).new


def test_a_family_without_such_a_head_is_refused(tmp_path: Path) -> None:
    config = transformers.ResNetConfig(embedding_size=4, hidden_sizes=[4, 8], depths=[1, 1])
    transformers.ResNetModel(config).save_pretrained(tmp_path)
    with pytest.raises(ModelError, match="a resnet has no head that labels tokens"):
        plan_token_classifier(tmp_path, OUTPUTS)
