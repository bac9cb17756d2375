"""An image folder is a model folder: planned, written with what prepares its images, described, and read again."""

import json
from pathlib import Path
from typing import Any

import images
import numpy as np
import pytest
import transformers

from ftcore.errors import ModelError
from ftcore.inputs.images.processor import PREPROCESSOR
from ftcore.models import AnyModelSpec, ModelPlan, SequenceHead, plan_model
from ftcore.runs.description import describe
from ftcore.tasks import TASKS
from tests.results import read_result, write_result

each_family = pytest.mark.parametrize("name", images.FAMILIES)
CNN = {"model_type": "image-cnn", "image_size": [8, 6], "num_channels": 2, "block_channels": [4], "hidden_size": 5}


def plan(folder: Path, outputs: int = 3, **fields: Any) -> ModelPlan:
    return plan_model(AnyModelSpec(pretrained=str(folder), **fields), SequenceHead(outputs), 0, Path())


def drawn(folder: Path, config: dict[str, Any], **fields: Any) -> ModelPlan:
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps(config))
    spec = AnyModelSpec.model_validate({"from_scratch": {"architecture": str(folder), **fields}})
    return plan_model(spec, SequenceHead(3), 0, Path())


def write(plan: ModelPlan, folder: Path, labels: list[str] = images.LABELS) -> list[str]:
    return write_result(folder, plan, plan.tensors, labels, TASKS["image-classification"], None, {})


@each_family
def test_a_classifier_of_transformers_is_described_and_read(name: str, tmp_path: Path) -> None:
    folder = images.write(name, tmp_path / "model")
    pooling = "mean" if name == "resnet" else "cls"
    assert describe(folder) == {
        "task": "image-classification",
        "head": "sequence",
        "labels": images.LABELS,
        "outputs": 3,
        "pooling": pooling,
        "normalize": False,
        "pair": "joint",
    }
    found = read_result(folder)
    assert (found.new, found.labels) == ((), images.LABELS)


@each_family
def test_a_result_goes_round_and_is_transformers_own(name: str, tmp_path: Path) -> None:
    folder = images.write(name, tmp_path / "model")
    (folder / PREPROCESSOR).write_text('{"image_processor_type": "ViTImageProcessor", "size": 8,\n "resample": 3}')
    found = plan(folder)
    for place in ("one", "two"):
        assert write(found, tmp_path / place) == []
        found = read_result(tmp_path / place)
    assert {path.name for path in (tmp_path / "two").iterdir()} == {
        *("config.json", "ftcore.json", "model.safetensors", PREPROCESSOR)
    }
    assert (tmp_path / "two" / PREPROCESSOR).read_bytes() == (folder / PREPROCESSOR).read_bytes()
    assert describe(tmp_path / "two")["task"] == "image-classification"
    for key, value in plan(folder).tensors.items():
        np.testing.assert_array_equal(found.tensors[key], value, strict=True)
    written = json.loads((tmp_path / "two" / "config.json").read_text())
    original = json.loads((folder / "config.json").read_text())
    assert {**original, **written} == {**written, "transformers_version": original["transformers_version"]}


@each_family
def test_a_head_of_another_size_is_replaced_only_when_the_spec_says_so(name: str, tmp_path: Path) -> None:
    folder = images.write(name, tmp_path / "model")
    with pytest.raises(ModelError, match=r"does not fit 5 outputs .*model\.replace_head: true"):
        plan(folder, outputs=5)
    found = plan(folder, outputs=5, replace_head=True)
    assert len(found.new) == 2
    labels = list("abcde")
    write(found, tmp_path / "result", labels)
    again = read_result(tmp_path / "result")
    assert (again.labels, again.network.head.outputs) == (labels, 5)
    model = transformers.AutoModelForImageClassification.from_pretrained(tmp_path / "result")
    assert model.config.id2label == dict(enumerate(labels))


def test_a_pretrained_model_that_does_not_say_how_images_are_prepared_gets_no_word_of_ours(tmp_path: Path) -> None:
    write(plan(images.write("vit", tmp_path / "model")), tmp_path / "result")
    assert not (tmp_path / "result" / PREPROCESSOR).exists()


def test_a_network_from_scratch_says_how_images_are_prepared(tmp_path: Path) -> None:
    write(drawn(tmp_path / "cnn", CNN), tmp_path / "result")
    processor = transformers.AutoImageProcessor.from_pretrained(tmp_path / "result")
    assert (processor.size.height, processor.size.width, *processor.image_mean) == (8, 6, 0.5, 0.5)
    found = read_result(tmp_path / "result")
    assert (found.network.architecture.reads, found.labels) == ("images", images.LABELS)


def test_a_tokenizer_is_not_for_images(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"model\.from_scratch\.tokenizer: is for texts, but image-cnn does not"):
        drawn(tmp_path / "cnn", CNN, tokenizer=str(tmp_path))


def test_a_problem_that_no_task_of_images_has_is_refused(tmp_path: Path) -> None:
    folder = images.write("vit", tmp_path / "model", problem_type="multi_label_classification")
    with pytest.raises(ModelError, match=r"has no task of ftcore that reads images \(image-classification\)"):
        describe(folder)
