"""Token classifiers are transformers' on every backend, packed or padded, and go to a folder and back."""

import json
from pathlib import Path

import numpy as np
import pytest
import tagged
import torch
import transformers
from safetensors.numpy import load_file

from ftcore.conformance import batches
from ftcore.conformance.families import FAMILY_CASES
from ftcore.conformance.measure import relative
from ftcore.contract import Learner, Program, Want
from ftcore.contract import discovery as backends
from ftcore.contract.losses import CrossEntropy
from ftcore.contract.optimizers import SGD
from ftcore.errors import ModelError
from ftcore.models import AnyModelSpec, ModelPlan, SequenceHead, lean_table, plan_model, step_flops
from ftcore.runs.description import describe
from ftcore.tasks import TASKS
from tests import tiny
from tests.results import read_result, write_result

TASK = TASKS["token-classification"]
SOME = ["bert", "distilbert", "deberta-v2", "modernbert", "gpt2", "llama", "gemma2"]
"""Families that differ in their heads or in how their bodies are packed."""
ABOUT = {"max_length": 16}
each_backend = pytest.mark.parametrize("backend", backends.names())
each_family = pytest.mark.parametrize("name", tagged.NAMES)


def build(backend: str, plan: ModelPlan, precision: str = "float64") -> Learner:
    program = Program(plan.network, CrossEntropy(), SGD(), precision=precision, decay_exempt=frozenset(), seed=4)
    learner = backends.load(backend).build(program, "cpu")
    learner.load_tensors({key: value.astype(precision) for key, value in plan.tensors.items()})
    return learner


def check_against_transformers(backend: str, name: str, folder: Path, precision: str) -> None:
    plan, given = tagged.plan(tagged.write(name, folder)), tagged.batch()
    model = tagged.build(name).to(getattr(torch, precision))
    rows, loss = [], torch.zeros((), dtype=getattr(torch, precision))
    for ids, length, labels, weights in zip(
        given.inputs["input_ids"], tagged.LENGTHS, given.targets["labels"], given.weights, strict=True
    ):
        logits = model(input_ids=torch.tensor(ids[None, :length]).long()).logits[0]
        losses = torch.nn.functional.cross_entropy(logits, torch.tensor(labels[:length]).long(), reduction="none")
        loss = loss + (losses * torch.tensor(weights[:length]).to(loss.dtype)).sum()
        rows.append(logits.detach().numpy())
    (loss / given.weights.sum()).backward()
    of_outputs, of_gradients = (1e-10, 1e-9) if precision == "float64" else (1e-5, 1e-4)
    if precision == "float64" and FAMILY_CASES[name].float32_inside:
        of_outputs, of_gradients = 1e-6, 1e-5
    learner = build(backend, plan, precision)
    outputs = learner.forward(given, Want(loss=True, hidden_states=True))
    real = given.inputs["attention_mask"] == 1
    assert outputs.logits.shape == (*real.shape, len(tagged.LABELS))
    assert relative(outputs.logits[real], np.concatenate(rows)) <= of_outputs
    assert relative(outputs.loss, loss.item()) <= of_outputs
    gradients, parameters = learner.gradients(batches.step(CrossEntropy(), [given])), dict(model.named_parameters())
    reached = {key: value for key, value in parameters.items() if value.grad is not None}
    assert set(gradients) == set(reached) <= set(plan.tensors)
    largest = max(float(value.grad.abs().max()) for value in reached.values())
    for key, parameter in reached.items():
        # Key biases have a gradient of rounding alone: softmax does not see them.
        exact_zero = float(parameter.grad.abs().max()) < largest * 1e-7
        scale = largest * 1e-3 if exact_zero else np.linalg.norm(parameter.grad.numpy())
        assert np.linalg.norm(gradients[key] - parameter.grad.numpy()) <= of_gradients * scale, key


@each_family
def test_every_family_is_transformers_in_torch(name: str, tmp_path: Path) -> None:
    check_against_transformers("torch", name, tmp_path, "float64")


@pytest.mark.slow
@pytest.mark.parametrize("name", SOME)
def test_families_are_transformers_in_tensorflow(name: str, tmp_path: Path) -> None:
    check_against_transformers("tf", name, tmp_path, "float64")


@pytest.mark.slow
@pytest.mark.parametrize("name", ["bert", "modernbert"])
@each_backend
def test_in_float32_too(backend: str, name: str, tmp_path: Path) -> None:
    check_against_transformers(backend, name, tmp_path, "float32")


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in SOME if name != "deberta-v2"])
@each_backend
def test_packed_rows_are_padded_ones_with_dropout(backend: str, name: str, tmp_path: Path) -> None:
    plan, padded = tagged.plan(tagged.write(name, tmp_path), 0.3), tagged.batch()
    assert plan.network.architecture.packs
    assert plan.network.head.dropout == 0.3
    results = []
    for given in (padded, tagged.packed(padded)):
        learner = build(backend, plan)
        step = learner.train_step(batches.step(CrossEntropy(), [given], index=7, learning_rate=1.0))
        results.append((float(step.loss), float(step.grad_norm), learner.forward(given, Want(loss=True)).loss))
    assert relative(results[1], results[0]) <= 1e-7
    without = build(backend, tagged.plan(tmp_path)).forward(padded, Want(loss=True)).loss
    assert abs(results[0][0] - without / padded.weights.sum()) > 1e-4


@pytest.mark.slow
@pytest.mark.parametrize("name", ["bert", "modernbert", "gpt2"])
def test_every_backend_drops_the_same(name: str, tmp_path: Path) -> None:
    plan, given = tagged.plan(tagged.write(name, tmp_path), 0.3), tagged.batch()
    first, second = (
        build(backend, plan).train_step(batches.step(CrossEntropy(), [given], index=3)) for backend in backends.names()
    )
    assert relative(float(first.loss), float(second.loss)) <= 1e-7
    assert relative(float(first.grad_norm), float(second.grad_norm)) <= 1e-6


def test_the_heads_dropout_is_that_of_each_position(tmp_path: Path) -> None:
    """With no other dropout, masks of positions: one of examples would drop the same channels all along a text."""
    plan = tagged.plan(tagged.write("bert", tmp_path, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0), None)
    assert plan.network.head.dropout == 0.0
    folder = tmp_path / "dropping"
    fields = {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0, "classifier_dropout": 0.5}
    dropping = tagged.plan(tagged.write("bert", folder, **fields), None)
    given = batches.step(CrossEntropy(), [tagged.batch()], index=3)
    losses = [float(build("torch", one).train_step(given).loss) for one in (plan, dropping)]
    assert abs(losses[0] - losses[1]) > 1e-4


@each_family
def test_rates_before_the_classifier_are_transformers(name: str, tmp_path: Path) -> None:
    field = "classifier_dropout_prob" if name == "albert" else "classifier_dropout"
    for fields in ({}, {field: 0.4}, {"hidden_dropout_prob": 0.3}):
        model = tagged.build(name, **fields)
        (module,) = [one for key, one in model.named_modules() if key in ("dropout", "drop")]
        assert tagged.plan(tagged.write(name, tmp_path, **fields), None).network.head.dropout == module.p, fields


@each_family
def test_a_token_classifier_goes_to_a_folder_and_back(name: str, tmp_path: Path) -> None:
    plan = tagged.plan(tagged.write(name, tmp_path / "model"), None)
    assert (plan.labels, plan.new) == (tagged.LABELS, ())
    assert write_result(tmp_path / "result", plan, plan.tensors, tagged.LABELS, TASK, None, ABOUT) == []
    model, information = transformers.AutoModelForTokenClassification.from_pretrained(
        tmp_path / "result", output_loading_info=True
    )
    assert not any(information[keys] for keys in ("missing_keys", "unexpected_keys", "mismatched_keys"))
    original = tagged.build(name)
    assert type(model) is type(original)
    assert list(model.config.id2label.values()) == tagged.LABELS
    for key, value in original.state_dict().items():
        torch.testing.assert_close(model.state_dict()[key], value, rtol=0, atol=0)
    stored = [load_file(tmp_path / folder / "model.safetensors") for folder in ("model", "result")]
    assert {key: value.shape for key, value in stored[0].items()} == {
        key: value.shape for key, value in stored[1].items()
    }
    for folder in ("model", "result"):
        again, about = read_result(tmp_path / folder), describe(tmp_path / folder)
        assert (about["task"], about["labels"], about["outputs"]) == (TASK.name, tagged.LABELS, 3)
        assert again.network.head == plan.network.head
        assert all(np.array_equal(again.tensors[key], value) for key, value in plan.tensors.items())


@pytest.mark.slow
@pytest.mark.parametrize("name", ["bert", "roberta", "modernbert", "llama"])
def test_a_body_gets_a_drawn_head(name: str, tmp_path: Path) -> None:
    getattr(tagged.build(name), "base_model").save_pretrained(tmp_path)  # noqa: B009
    tiny.write_tokenizer(tmp_path)
    plans = [tagged.plan(tmp_path, outputs=5) for _ in range(2)]
    head = {parameter.name for parameter in plans[0].network.head.parameters}
    assert set(plans[0].new) == head
    assert plans[0].labels is None
    weight = f"{'score' if name == 'llama' else 'classifier'}.weight"
    assert plans[0].tensors[weight].shape[0] == 5
    assert plans[0].tensors[weight].std() > 0.01
    assert all(np.array_equal(one, plans[1].tensors[key]) for key, one in plans[0].tensors.items())
    logits = [build(backend, plans[0]).forward(tagged.batch(), Want()).logits for backend in backends.names()]
    assert relative(logits[0], logits[1]) <= 1e-5


def test_a_head_of_another_size_is_refused(tmp_path: Path) -> None:
    tagged.write("bert", tmp_path)
    message = (
        r"the checkpoint's head does not fit 4 outputs .*\[3, .*a training draws a new one with model.replace_head"
    )
    with pytest.raises(ModelError, match=message):
        tagged.plan(tmp_path, outputs=4)
    replaced = tagged.plan(tmp_path, outputs=4, replace_head=True)
    assert replaced.new == ("classifier.weight", "classifier.bias")


@pytest.mark.parametrize("name", ["bert", "distilbert", "llama"])
def test_a_head_of_another_unit_is_refused(name: str, tmp_path: Path) -> None:
    stem = type(tagged.build(name)).__name__.removesuffix("ForTokenClassification")
    spec = AnyModelSpec(pretrained=str(tmp_path))
    tagged.write(name, tmp_path)
    with pytest.raises(ModelError, match=f"is that of {stem}ForTokenClassification, not of {stem}ForSequenceClass"):
        plan_model(spec, SequenceHead(3), 0, tmp_path)
    replaced = AnyModelSpec(pretrained=str(tmp_path), replace_head=True)
    assert plan_model(replaced, SequenceHead(3), 0, tmp_path).new
    getattr(transformers, f"{stem}ForSequenceClassification")(tagged.build(name).config).save_pretrained(tmp_path)
    with pytest.raises(ModelError, match=f"is that of {stem}ForSequenceClassification, not of {stem}ForTokenClass"):
        tagged.plan(tmp_path)
    assert tagged.plan(tmp_path, replace_head=True).new


def test_a_result_of_another_unit_is_refused(tmp_path: Path) -> None:
    plan = tagged.plan(tagged.write("bert", tmp_path / "model"))
    write_result(tmp_path / "result", plan, plan.tensors, tagged.LABELS, TASK, None, ABOUT)
    with pytest.raises(ModelError, match=r"is of the kind token \(task token-classification\), not sequence"):
        plan_model(AnyModelSpec(pretrained=str(tmp_path / "result")), SequenceHead(3), 0, tmp_path)


def test_a_family_without_token_classifiers_is_refused(tmp_path: Path) -> None:
    fields = FAMILY_CASES["gemma3_text"].config
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "gemma3_text", **fields}))
    with pytest.raises(ModelError, match=r"'gemma3_text' is not supported.*token classifiers of the families bert,"):
        tagged.plan(tmp_path)


def test_a_shorter_table_gives_the_same(tmp_path: Path) -> None:
    plan, given = tagged.plan(tagged.write("bert", tmp_path)), tagged.batch()
    occurring = np.zeros(len(tiny.VOCABULARY), dtype=bool)
    occurring[given.inputs["input_ids"]] = True
    lean = lean_table(plan.network, plan.tensors, occurring)
    assert lean is not None
    assert len(lean.rows) < len(tiny.VOCABULARY)
    assert lean.network.head == plan.network.head


def test_operations_are_those_that_pytorch_counts(tmp_path: Path) -> None:
    from torch.utils.flop_counter import FlopCounterMode

    for name in ("bert", "modernbert"):
        plan = tagged.plan(tagged.write(name, tmp_path))
        model = transformers.AutoModelForTokenClassification.from_pretrained(tmp_path, attn_implementation="eager")
        with FlopCounterMode(display=False) as counter:
            model.train()(input_ids=torch.arange(9)[None]).logits.sum().backward()
        assert step_flops(plan.network)(np.array([9])) == pytest.approx(counter.get_total_flops(), rel=0.01)
