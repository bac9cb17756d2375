"""On every backend statistics run as torch's, and with dropout a network gives the other backend's numbers.

That outputs and gradients are transformers' is in tests/families.
"""

from pathlib import Path

import images
import numpy as np
import pytest
import torch

from ftcore.conformance import batches
from ftcore.conformance.measure import relative
from ftcore.contract import Batch, Learner, Program, Want
from ftcore.contract import discovery as backends
from ftcore.contract.losses import CrossEntropy
from ftcore.contract.optimizers import SGD
from ftcore.errors import BackendError, ModelError
from ftcore.loop import check_whole
from ftcore.models import ModelPlan, step_flops

each_backend = pytest.mark.parametrize("backend", backends.names())


def build(backend: str, plan: ModelPlan, precision: str) -> Learner:
    program = Program(plan.network, CrossEntropy(), SGD(), precision=precision, decay_exempt=frozenset(), seed=4)
    learner = backends.load(backend).build(program, "cpu")
    learner.load_tensors({key: value.astype(precision) for key, value in plan.tensors.items()})
    return learner


@pytest.mark.parametrize(
    ("name", "precision", "bound"),
    [*((name, "float64", 1e-10) for name in images.CONFIGS if "resnet" in name), ("resnet", "float32", 1e-6)],
)
@each_backend
@pytest.mark.slow
def test_running_statistics_are_those_of_torch(
    backend: str, name: str, precision: str, bound: float, tmp_path: Path
) -> None:
    found, dtype = images.plan(images.write(name, tmp_path / "model")), getattr(torch, precision)
    learner, reference = build(backend, found, precision), images.build(name).to(dtype).train()
    optimizer = torch.optim.SGD(reference.parameters(), lr=0.05)
    for index in (1, 2, 3):
        given = images.batch(images.shape(name), key=index)
        result = learner.train_step(batches.step(CrossEntropy(), [given], index, learning_rate=0.05))
        pixels, labels = torch.tensor(given.inputs["pixel_values"], dtype=dtype), given.targets["labels"]
        loss = reference(pixel_values=pixels, labels=torch.tensor(labels).long()).loss
        assert relative(float(result.loss), loss.item()) <= bound * 10
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    tensors, wanted = learner.tensors(), reference.state_dict()
    assert set(tensors) == set(wanted)
    for buffer in found.network.architecture.buffers:
        assert relative(tensors[buffer.name], wanted[buffer.name].numpy()) <= bound, buffer.name
        if buffer.role == "count":
            assert (tensors[buffer.name].dtype, tensors[buffer.name]) == (np.int64, 5 + 3)
    for parameter in found.network.parameters:
        assert relative(tensors[parameter.name], wanted[parameter.name].numpy()) <= bound * 100, parameter.name


@each_backend
@pytest.mark.slow
def test_a_step_that_is_not_finite_leaves_the_statistics(backend: str, tmp_path: Path) -> None:
    learner = build(backend, images.plan(images.write("resnet", tmp_path / "model")), "float32")
    before, given = learner.tensors(), images.batch(images.shape("resnet"))
    given.inputs["pixel_values"][0, 0, 0, 0] = np.inf
    assert float(learner.train_step(batches.step(CrossEntropy(), [given])).finite) == 0
    for name, value in learner.tensors().items():
        np.testing.assert_array_equal(value, before[name])


@each_backend
def test_evaluation_and_gradients_leave_the_statistics(backend: str, tmp_path: Path) -> None:
    learner = build(backend, images.plan(images.write("resnet", tmp_path / "model")), "float32")
    before, given = learner.tensors(), images.batch(images.shape("resnet"))
    learner.forward(given, Want())
    learner.gradients(batches.step(CrossEntropy(), [given]))
    for name, value in learner.tensors().items():
        np.testing.assert_array_equal(value, before[name])


@each_backend
@pytest.mark.slow
def test_batch_normalization_refuses_what_it_cannot_do(backend: str, tmp_path: Path) -> None:
    found, given = images.plan(images.write("resnet", tmp_path / "model")), images.batch(images.shape("resnet"))
    learner = build(backend, found, "float32")
    parts = [_rows(given, slice(0, 2)), _rows(given, slice(2, 6))]
    with pytest.raises(BackendError, match="couples the examples"):
        check_whole(parts, CrossEntropy(), learner)
    with pytest.raises(ModelError, match="one image of 8 x 6 leaves one value a channel"):
        learner.train_step(batches.step(CrossEntropy(), [images.batch((3, 8, 6), examples=1)]))
    assert np.isfinite(float(learner.train_step(batches.step(CrossEntropy(), [images.batch((3, 9, 6), 1)])).loss))
    with pytest.raises(ModelError, match="pixel_values have 2 channels, and the network takes images of 3"):
        learner.forward(images.batch((2, 8, 8)), Want())
    with pytest.raises(BackendError, match="precision bfloat16 is not supported for a model of type resnet"):
        build(backend, found, "bfloat16")


@each_backend
@pytest.mark.slow
def test_a_step_with_micro_batches_is_the_whole_step(backend: str, tmp_path: Path) -> None:
    found = images.plan(images.write("vit", tmp_path / "model", hidden_dropout_prob=0.2))
    given = images.batch(images.shape("vit"))
    parts = [_rows(given, slice(0, 2)), _rows(given, slice(2, 6))]
    one, other = build(backend, found, "float64"), build(backend, found, "float64")
    whole = one.train_step(batches.step(CrossEntropy(), [given]))
    split = other.train_step(batches.step(CrossEntropy(), parts))
    assert relative(float(split.loss), float(whole.loss)) <= 1e-12
    assert relative(float(split.grad_norm), float(whole.grad_norm)) <= 1e-11


@pytest.mark.parametrize(("name", "rates"), [("vit", (0.3, 0.0)), ("vit", (0.0, 0.3)), ("deit", (0.2, 0.1))])
@pytest.mark.slow
def test_every_backend_drops_the_same(name: str, rates: tuple[float, float], tmp_path: Path) -> None:
    fields = dict(zip(("hidden_dropout_prob", "attention_probs_dropout_prob"), rates, strict=True))
    found, given = images.plan(images.write(name, tmp_path / "model", **fields)), images.batch(images.shape(name))
    first, *others = (
        build(backend, found, "float64").train_step(batches.step(CrossEntropy(), [given], index=3))
        for backend in backends.names()
    )
    without = build("torch", found, "float64").forward(given, Want(loss=True)).loss
    for step in others:
        assert relative(float(step.loss), float(first.loss)) <= 1e-12
        assert relative(float(step.grad_norm), float(first.grad_norm)) <= 1e-11
    assert without is not None
    assert abs(float(first.loss) - without / 6) > 1e-4


@each_backend
@pytest.mark.parametrize(
    ("shape", "message"),
    [
        ((3, 8, 12), "pixel_values are 8 x 12 .height x width., and the network has positions for images of 8 x 8"),
        ((1, 8, 8), "pixel_values have 1 channels, and the network takes images of 3"),
    ],
)
def test_images_that_do_not_fit_are_refused(
    backend: str, shape: tuple[int, int, int], message: str, tmp_path: Path
) -> None:
    learner = build(backend, images.plan(images.write("vit", tmp_path / "model")), "float32")
    with pytest.raises(ModelError, match=message):
        learner.forward(images.batch(shape), Want())


def test_the_operations_of_an_image_are_counted(tmp_path: Path) -> None:
    """Four patches of 48 numbers behind two learned tokens, two blocks of 16 and 24 channels, three labels."""
    found = images.plan(images.write("deit", tmp_path / "model"))
    projection, a_block, attention = 4 * 48 * 16, 6 * (4 * 16 * 16 + 2 * 16 * 24), 2 * 36 * 16
    products = projection + 2 * (a_block + attention) + 16 * 3
    assert step_flops(found.network)(np.array([6])) == 3 * 2 * products


def _rows(batch: Batch, rows: slice) -> Batch:
    return Batch(
        inputs={name: array[rows] for name, array in batch.inputs.items()},
        targets={name: array[rows] for name, array in batch.targets.items()},
        weights=batch.weights[rows],
        example_ids=batch.example_ids[rows],
    )
