"""Heads of question answering are transformers' on every backend, packed or padded, and go to a folder and back."""

import json
from pathlib import Path

import answer_heads as heads
import numpy as np
import pytest
import torch
import transformers

from ftcore.conformance import batches
from ftcore.conformance.families import FAMILY_CASES
from ftcore.conformance.measure import relative
from ftcore.contract import Learner, Program, Want
from ftcore.contract import discovery as backends
from ftcore.contract.losses import AnswerSpan
from ftcore.contract.optimizers import SGD
from ftcore.errors import ModelError
from ftcore.models import AnyModelSpec, ModelPlan, SequenceHead, plan_model
from ftcore.tasks import TASKS
from tests import tiny
from tests.results import read_result, write_result

TASK = TASKS["question-answering"]
SOME = ["bert", "distilbert", "albert", "deberta-v2", "modernbert"]
"""Families that differ in their heads or in how their bodies are packed."""
ABOUT = {"max_length": 16, "stride": 4, "null_answers": False}
each_backend = pytest.mark.parametrize("backend", backends.names())
each_family = pytest.mark.parametrize("name", heads.NAMES)


def build(backend: str, plan: ModelPlan, precision: str = "float64") -> Learner:
    program = Program(plan.network, AnswerSpan(), SGD(), precision=precision, decay_exempt=frozenset(), seed=4)
    learner = backends.load(backend).build(program, "cpu")
    learner.load_tensors({key: value.astype(precision) for key, value in plan.tensors.items()})
    return learner


def check_against_transformers(backend: str, name: str, folder: Path, precision: str) -> None:
    """Check logits, loss and gradients against transformers' own of each window alone, without padding."""
    plan, given = heads.plan(heads.write(name, folder)), heads.padded()
    model = heads.build(name).to(getattr(torch, precision))
    rows, loss = [], torch.zeros((), dtype=getattr(torch, precision))
    for ids, length, answer, weight in zip(
        given.inputs["input_ids"], heads.LENGTHS, heads.answers(), given.weights, strict=True
    ):
        start, end = (torch.tensor([place]) for place in answer.tolist())
        outputs = model(torch.tensor(ids[None, :length]).long(), start_positions=start, end_positions=end)
        rows.append(torch.stack([outputs.start_logits[0], outputs.end_logits[0]], dim=-1).detach().numpy())
        loss = loss + float(weight) * outputs.loss
    (loss / float(given.weights.sum())).backward()
    of_outputs, of_gradients = (1e-10, 1e-9) if precision == "float64" else (1e-5, 1e-4)
    if precision == "float64" and FAMILY_CASES[name].float32_inside:
        of_outputs, of_gradients = 1e-6, 1e-5
    learner = build(backend, plan, precision)
    outputs = learner.forward(given, Want(loss=True))
    real = given.inputs["attention_mask"] == 1
    assert relative(outputs.logits[real], np.concatenate(rows)) <= of_outputs
    assert relative(outputs.loss, loss.item()) <= of_outputs
    check_gradients(learner.gradients(batches.step(AnswerSpan(), [given])), model, plan, of_gradients)


def check_gradients(found: dict[str, np.ndarray], model: torch.nn.Module, plan: ModelPlan, bound: float) -> None:
    reached = {key: value for key, value in model.named_parameters() if value.grad is not None}
    assert set(found) == set(reached) <= set(plan.tensors)
    largest = max(float(value.grad.abs().max()) for value in reached.values())
    for key, parameter in reached.items():
        # Key biases have a gradient of rounding alone: softmax does not see them.
        exact_zero = float(parameter.grad.abs().max()) < largest * 1e-7
        scale = largest * 1e-3 if exact_zero else np.linalg.norm(parameter.grad.numpy())
        assert np.linalg.norm(found[key] - parameter.grad.numpy()) <= bound * scale, key


@each_family
def test_every_family_is_transformers_in_torch(name: str, tmp_path: Path) -> None:
    check_against_transformers("torch", name, tmp_path, "float64")


@pytest.mark.slow
@each_family
def test_every_family_is_transformers_in_tensorflow(name: str, tmp_path: Path) -> None:
    check_against_transformers("tf", name, tmp_path, "float64")


@pytest.mark.slow
@each_backend
def test_in_float32_too(backend: str, tmp_path: Path) -> None:
    check_against_transformers(backend, "bert", tmp_path, "float32")


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in SOME if name != "deberta-v2"])
@each_backend
def test_packed_rows_are_padded_ones_with_dropout(backend: str, name: str, tmp_path: Path) -> None:
    plan = heads.plan(heads.write(name, tmp_path), 0.3)
    assert plan.network.architecture.packs
    results = []
    for given in (heads.padded(), heads.packed(), heads.padded(columns=13)):
        learner = build(backend, plan)
        step = learner.train_step(batches.step(AnswerSpan(), [given], index=7, learning_rate=1.0))
        results.append((float(step.loss), float(step.grad_norm), learner.forward(given, Want(loss=True)).loss))
    assert relative(results[1], results[0]) <= 1e-7
    assert relative(results[2], results[0]) <= 1e-7


@pytest.mark.slow
@pytest.mark.parametrize("name", ["bert", "distilbert", "modernbert"])
def test_every_backend_drops_the_same(name: str, tmp_path: Path) -> None:
    plan, given = heads.plan(heads.write(name, tmp_path), 0.3), heads.padded()
    first, second = (
        build(backend, plan).train_step(batches.step(AnswerSpan(), [given], index=3)) for backend in backends.names()
    )
    assert relative(float(first.loss), float(second.loss)) <= 1e-7
    assert relative(float(first.grad_norm), float(second.grad_norm)) <= 1e-6


@each_family
def test_rates_before_the_head_are_transformers(name: str, tmp_path: Path) -> None:
    for fields in ({}, {"qa_dropout": 0.4, "classifier_dropout": 0.3}):
        model = heads.build(name, **fields)
        rates = [one.p for key, one in model.named_modules() if key in ("dropout", "drop")] or [0.0]
        assert [heads.plan(heads.write(name, tmp_path, **fields), None).network.head.dropout] == rates, fields


@each_family
def test_a_network_goes_to_a_folder_and_back(name: str, tmp_path: Path) -> None:
    plan = heads.plan(heads.write(name, tmp_path / "model"), None)
    assert (plan.labels, plan.new) == (None, ())
    assert write_result(tmp_path / "result", plan, plan.tensors, [], TASK, None, ABOUT) == []
    model, information = transformers.AutoModelForQuestionAnswering.from_pretrained(
        tmp_path / "result", output_loading_info=True
    )
    assert not any(information[keys] for keys in ("missing_keys", "unexpected_keys", "mismatched_keys"))
    original = heads.build(name)
    assert type(model) is type(original)
    assert model.config.num_labels == 2
    for key, value in original.state_dict().items():
        torch.testing.assert_close(model.state_dict()[key], value, rtol=0, atol=0)
    ids = torch.tensor([[2, 7, 8, 3, 9, 10, 3]])
    torch.testing.assert_close(model.eval()(ids).start_logits, original(ids).start_logits, rtol=0, atol=0)
    again = read_result(tmp_path / "result")
    assert again.network.head == plan.network.head
    assert all(np.array_equal(again.tensors[key], value) for key, value in plan.tensors.items())


@pytest.mark.parametrize("name", ["bert", "distilbert", "modernbert"])
def test_a_body_gets_a_drawn_head(name: str, tmp_path: Path) -> None:
    heads.build(name, num_labels=2).base_model.save_pretrained(tmp_path)
    tiny.write_tokenizer(tmp_path)
    plans = [heads.plan(tmp_path) for _ in range(2)]
    head = {parameter.name for parameter in plans[0].network.head.parameters}
    assert set(plans[0].new) == head
    assert all(np.array_equal(one, plans[1].tensors[key]) for key, one in plans[0].tensors.items())


def test_a_body_of_a_classifier_of_three_classes_gets_two_outputs(tmp_path: Path) -> None:
    config = heads.build("bert").config
    config.id2label = {0: "a", 1: "b", 2: "c"}
    transformers.BertForSequenceClassification(config).save_pretrained(tmp_path / "model")
    tiny.write_tokenizer(tmp_path / "model")
    plan = heads.plan(tmp_path / "model")
    assert set(plan.new) == {"qa_outputs.weight", "qa_outputs.bias"}
    write_result(tmp_path / "result", plan, plan.tensors, [], TASK, None, ABOUT)
    model = transformers.AutoModelForQuestionAnswering.from_pretrained(tmp_path / "result")
    assert model.qa_outputs.out_features == 2


def test_a_head_of_another_task_is_refused(tmp_path: Path) -> None:
    heads.write("modernbert", tmp_path)
    with pytest.raises(
        ModelError, match="is that of ModernBertForQuestionAnswering, not of ModernBertForSequenceClass"
    ):
        plan_model(AnyModelSpec(pretrained=str(tmp_path)), SequenceHead(2), 0, tmp_path)
    transformers.ModernBertForTokenClassification(heads.build("modernbert").config).save_pretrained(tmp_path)
    with pytest.raises(
        ModelError, match="is that of ModernBertForTokenClassification, not of ModernBertForQuestionAns"
    ):
        heads.plan(tmp_path)
    assert heads.plan(tmp_path, replace_head=True).new


@pytest.mark.parametrize("name", ["llama", "gpt2"])
def test_a_family_without_such_a_head_is_refused(name: str, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps({"model_type": name, **FAMILY_CASES[name].config}))
    with pytest.raises(ModelError, match=rf"'{name}' is not supported.*question answering of the families bert,"):
        heads.plan(tmp_path)
