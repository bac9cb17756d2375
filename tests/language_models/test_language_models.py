"""Language models drop, pack and round alike on every backend, and a head of its own is kept.

That they are transformers' is in tests/families.
"""

from dataclasses import replace
from pathlib import Path

import causal
import numpy as np
import pytest
import torch
import transformers
from safetensors.numpy import load_file, save_file

from ftcore.conformance import batches
from ftcore.conformance.measure import relative
from ftcore.contract import Batch, Learner, Outputs, Program, Want
from ftcore.contract import discovery as backends
from ftcore.contract.losses import CrossEntropy
from ftcore.contract.optimizers import SGD
from ftcore.errors import ModelError
from ftcore.models import ModelPlan, lean_table, plan_language_model, step_flops

each_backend = pytest.mark.parametrize("backend", backends.names())


def build(backend: str, plan: ModelPlan, precision: str = "float64") -> Learner:
    program = Program(plan.network, CrossEntropy(), SGD(), precision=precision, decay_exempt=frozenset(), seed=4)
    learner = backends.load(backend).build(program, "cpu")
    stored = "float64" if precision == "float64" else "float32"
    learner.load_tensors({key: value.astype(stored) for key, value in plan.tensors.items()})
    return learner


@pytest.mark.slow
@pytest.mark.parametrize("name", ["gpt2", "llama", "gemma2"])
@each_backend
def test_packed_rows_are_padded_ones_with_dropout(backend: str, name: str, tmp_path: Path) -> None:
    plan, padded = plan_language_model(causal.write(name, tmp_path), 0.3), causal.batch()
    results = []
    for given in (padded, causal.packed(padded)):
        learner = build(backend, plan)
        step = learner.train_step(batches.step(CrossEntropy(), [given], index=7, learning_rate=1.0))
        outputs = learner.forward(given, Want(loss=True))
        results.append((float(step.loss), float(step.grad_norm), outputs.loss))
    assert relative(results[1], results[0]) <= 1e-7
    without = build(backend, plan_language_model(tmp_path, 0.0)).forward(padded, Want(loss=True)).loss
    assert abs(results[0][0] - without / padded.weights.sum()) > 1e-4


@pytest.mark.slow
@pytest.mark.parametrize("name", ["gpt2", "llama, tied"])
def test_every_backend_drops_the_same(name: str, tmp_path: Path) -> None:
    plan, given = plan_language_model(causal.write(name, tmp_path), 0.3), causal.batch()
    step = batches.step(CrossEntropy(label_smoothing=0.1), [given], index=3)
    first, second = (build(backend, plan).train_step(step) for backend in backends.names())
    assert relative(float(first.loss), float(second.loss)) <= 1e-7
    assert relative(float(first.grad_norm), float(second.grad_norm)) <= 1e-6


@pytest.mark.slow
@pytest.mark.parametrize("name", ["gpt2", "llama"])
def test_the_head_is_not_rounded(name: str, tmp_path: Path) -> None:
    """With bfloat16 products the logits are float32's of the hidden states, on every backend."""
    plan, given = plan_language_model(causal.write(name, tmp_path), 0.0), causal.batch()
    real = given.inputs["attention_mask"] == 1
    table = plan.tensors.get("lm_head.weight", plan.tensors.get("transformer.wte.weight")).astype(np.float32)
    for backend in backends.names():
        outputs = build(backend, plan, "bfloat16").forward(given, Want(hidden_states=True))
        assert outputs.logits.dtype == np.float32
        expected = outputs.hidden_states[-1].astype(np.float32) @ table.T
        assert relative(outputs.logits[real], expected[real]) <= 1e-5


@pytest.mark.parametrize("backend", backends.names())
@pytest.mark.parametrize("smoothing", [0.0, 0.1])
@pytest.mark.slow
def test_likelihood_is_that_of_the_labels_without_smoothing(backend: str, smoothing: float, tmp_path: Path) -> None:
    plan, given = plan_language_model(causal.write("llama", tmp_path), 0.0), causal.batch()
    loss = CrossEntropy(label_smoothing=smoothing)
    learner = backends.load(backend).build(Program(plan.network, loss, precision="float64"))
    learner.load_tensors(plan.tensors)
    found = learner.forward(given, Want(loss=True, likelihood=True))
    labels, weights = given.targets["labels"], given.weights
    assert relative(found.loss, loss.reference(found, given).total) <= 1e-12
    exact = CrossEntropy().reference(found, given).total
    assert relative(-found.likelihood.log_probability.sum(), exact) <= 1e-12
    right = (found.logits.argmax(axis=-1) == labels) * weights
    assert found.likelihood.hits == pytest.approx(right.sum(axis=1))
    assert found.likelihood.tokens == pytest.approx(weights.sum(axis=1))
    rows = (Batch({}, {"labels": labels[row]}, weights[row], np.arange(1)) for row in range(len(labels)))
    alone = [CrossEntropy().reference(Outputs(found.logits[row]), one).total for row, one in enumerate(rows)]
    assert found.likelihood.log_probability == pytest.approx(-np.asarray(alone), rel=1e-12)


@each_backend
@pytest.mark.slow
def test_likelihoods_of_sequences_are_the_same_packed(backend: str, tmp_path: Path) -> None:
    plan, padded = plan_language_model(causal.write("llama", tmp_path), 0.0), causal.batch()
    learner, want = build(backend, plan), Want(logits=False, likelihood=True)
    found, packed = (learner.forward(given, want).likelihood for given in (padded, causal.packed(padded)))
    for name in ("log_probability", "hits", "tokens"):
        assert getattr(packed, name).shape == (len(causal.LENGTHS),)
        # RMSNorm is in float32 in transformers, whatever the type.
        np.testing.assert_allclose(getattr(packed, name), getattr(found, name), rtol=1e-6)


def test_a_head_of_its_own_beside_a_config_that_ties_is_kept(tmp_path: Path) -> None:
    """As transformers does: T5 1.1 and others have configs that say so."""
    causal.write("llama, tied", tmp_path)
    tensors = load_file(tmp_path / "model.safetensors")
    table = tensors["model.embed_tokens.weight"]
    save_file({**tensors, "lm_head.weight": table.copy()}, tmp_path / "model.safetensors", {"format": "pt"})
    plan = plan_language_model(tmp_path)
    assert (plan.network.head.tied, plan.ignored) == (True, ("lm_head.weight",))
    save_file({**tensors, "lm_head.weight": 2 * table}, tmp_path / "model.safetensors", {"format": "pt"})
    plan, given = plan_language_model(tmp_path, 0.0), causal.batch()
    assert (plan.network.head.tied, plan.ignored) == (False, ())
    wanted = transformers.AutoModelForCausalLM.from_pretrained(tmp_path).eval()
    assert torch.equal(wanted.lm_head.weight, 2 * wanted.model.embed_tokens.weight)
    ids = given.inputs["input_ids"][:1]
    for backend in backends.names():
        logits = build(backend, plan, "float32").forward(given, Want()).logits
        assert relative(logits[:1], wanted(torch.tensor(ids).long()).logits.detach().numpy()) <= 1e-5


def test_a_language_model_has_no_shorter_table(tmp_path: Path) -> None:
    plan = plan_language_model(causal.write("llama", tmp_path))
    assert lean_table(plan.network, plan.tensors, np.zeros(causal.VOCABULARY, dtype=bool)) is None


def test_a_model_without_a_head_is_refused(tmp_path: Path) -> None:
    causal.write("llama", tmp_path)
    tensors = load_file(tmp_path / "model.safetensors")
    del tensors["lm_head.weight"]
    save_file(tensors, tmp_path / "model.safetensors", {"format": "pt"})
    with pytest.raises(ModelError, match=r"lacks tensor 'lm_head\.weight'"):
        plan_language_model(tmp_path)


def test_labels_of_another_shape_are_refused(tmp_path: Path) -> None:
    plan, given = plan_language_model(causal.write("llama", tmp_path)), causal.batch()
    wrong = replace(given, targets={"labels": np.zeros(4, np.int32)})
    for backend in backends.names():
        with pytest.raises(Exception, match="reads labels of shape"):
            build(backend, plan).forward(wrong, Want(loss=True))


def test_the_loss_of_positions_is_that_of_examples() -> None:
    draws = np.random.default_rng(0)
    logits, weights = draws.normal(size=(2, 3, 5)), draws.random((2, 3)).astype(np.float32)
    labels = draws.integers(0, 5, (2, 3)).astype(np.int32)
    loss = CrossEntropy(label_smoothing=0.1)
    given = Batch({}, {"labels": labels}, weights, np.arange(2))
    whole = loss.reference(Outputs(logits), given)
    flat = Batch({}, {"labels": labels.reshape(6)}, weights.reshape(6), np.arange(6))
    flat = loss.reference(Outputs(logits.reshape(6, 5)), flat)
    assert whole.total == flat.total
    np.testing.assert_array_equal(whole.gradient, flat.gradient.reshape(2, 3, 5))
    assert loss.weight(given) == pytest.approx(float(weights.sum()))


def test_operations_are_those_that_pytorch_counts(tmp_path: Path) -> None:
    """Of a text without padding, and a head that is tied or not."""
    from torch.utils.flop_counter import FlopCounterMode

    for name in ("llama", "llama, tied"):
        plan = plan_language_model(causal.write(name, tmp_path), 0.0)
        model = transformers.AutoModelForCausalLM.from_pretrained(tmp_path, attn_implementation="eager").train()
        with FlopCounterMode(display=False) as counter:
            model(input_ids=torch.arange(9)[None]).logits.sum().backward()
        # Its counter does without the gradient of what is given, and nothing here has such.
        assert step_flops(plan.network)(np.array([9])) == pytest.approx(counter.get_total_flops(), rel=0.01)
