"""Checkpoints of image classifiers are read whole, results load in transformers as they were, bad ones are refused."""

import json
from pathlib import Path
from typing import Any

import images
import numpy as np
import pytest
import torch
import transformers

from ftcore import library
from ftcore.contract.network import Transformer
from ftcore.errors import FtcoreError, ModelError
from ftcore.models import FAMILIES, ModelPlan, SequenceHead, draw
from ftcore.runs.description import describe
from ftcore.tasks import TASKS
from tests import tiny
from tests.results import write_result

each_model = pytest.mark.parametrize("name", images.CONFIGS)
each_family = pytest.mark.parametrize("name", images.FAMILIES)


def write(plan: ModelPlan, folder: Path) -> list[str]:
    """Write a result of image-classification."""
    return write_result(folder, plan, plan.tensors, images.LABELS, TASKS["image-classification"], None, {})


def stored(folder: Path) -> dict[str, torch.Tensor]:
    from safetensors.torch import load_file

    found: dict[str, torch.Tensor] = load_file(folder / "model.safetensors")
    return found


@each_model
def test_a_result_is_the_folder_that_transformers_writes(name: str, tmp_path: Path) -> None:
    first = images.plan(images.write(name, tmp_path / "model"))
    assert (first.new, first.ignored, first.labels) == ((), (), images.LABELS)
    assert write(first, tmp_path / "result") == []
    original, result = stored(tmp_path / "model"), stored(tmp_path / "result")
    assert set(result) == set(original)
    for key, value in original.items():
        assert (result[key].dtype, result[key].shape) == (value.dtype, value.shape), key
        assert torch.equal(result[key], value), key
    again = images.plan(tmp_path / "result")
    assert (again.network.architecture.parameters, again.network.head) == (
        first.network.architecture.parameters,
        first.network.head,
    )


@each_family
def test_a_result_loads_in_transformers(name: str, tmp_path: Path) -> None:
    write(images.plan(images.write(name, tmp_path / "model")), tmp_path / "result")
    model, information = transformers.AutoModelForImageClassification.from_pretrained(
        tmp_path / "result", output_loading_info=True
    )
    assert not any(information[keys] for keys in ("missing_keys", "unexpected_keys", "mismatched_keys"))
    assert type(model) is images.model_class(name)
    assert model.config.id2label == dict(enumerate(images.LABELS))
    pixels = torch.tensor(images.batch(images.shape(name)).inputs["pixel_values"], dtype=torch.float32)
    with torch.no_grad():
        torch.testing.assert_close(model.eval()(pixels).logits, images.build(name)(pixels).logits, rtol=0, atol=0)


@each_family
def test_another_head_lies_beside_a_plain_model(name: str, tmp_path: Path) -> None:
    asked = {"normalize": True} if name == "resnet" else {"pooling": "max"}
    first = images.plan(images.write(name, tmp_path / "model", "Model"), **asked)
    assert first.new == tuple(parameter.name for parameter in first.network.head.parameters)
    (note,) = write(first, tmp_path / "result")
    assert images.model_class(name, "Model").__name__ in note
    _, information = transformers.AutoModel.from_pretrained(tmp_path / "result", output_loading_info=True)
    assert not information["unexpected_keys"]
    assert all("pooler" in key for key in information["missing_keys"])
    again = images.plan(tmp_path / "result")
    for key, value in first.tensors.items():
        np.testing.assert_array_equal(again.tensors[key], value, strict=True)


@pytest.mark.parametrize(
    ("name", "task"),
    [
        ("vit", "Model"),
        ("vit", "ForMaskedImageModeling"),
        ("deit", "ForMaskedImageModeling"),
        ("deit", "ForImageClassificationWithTeacher"),
    ],
)
def test_every_model_of_a_family_is_read_and_gets_a_new_head(name: str, task: str, tmp_path: Path) -> None:
    more = {"encoder_stride": 4} if "Masked" in task else {}
    found = images.plan(images.write(name, tmp_path / "model", task, **more))
    original = stored(tmp_path / "model")
    assert found.new == ("classifier.weight", "classifier.bias")
    for parameter in found.network.architecture.parameters:
        key = parameter.name if parameter.name in original else parameter.name.partition(".")[2]
        np.testing.assert_array_equal(found.tensors[parameter.name], original[key].numpy(), strict=True)


@pytest.mark.parametrize("name", ["vit", "deit"])
def test_the_names_of_a_state_dict_are_read(name: str, tmp_path: Path) -> None:
    """transformers' modules have other names than its files."""
    wanted = images.plan(images.write(name, tmp_path / "model"))
    (tmp_path / "model" / "model.safetensors").unlink()
    torch.save(images.build(name).state_dict(), tmp_path / "model" / "pytorch_model.bin")
    found = images.plan(tmp_path / "model")
    assert found.new == ()
    for key, value in wanted.tensors.items():
        np.testing.assert_array_equal(found.tensors[key], value, strict=True)


@pytest.mark.parametrize(
    ("name", "field", "value", "message"),
    [
        ("vit", "image_size", [8, 8, 8], "image_size is [8, 8, 8], but must be one whole number, or height and width"),
        ("vit", "image_size", 0, "image_size is 0, but must be a whole number from 1"),
        ("vit", "patch_size", 9, "patch_size 9 x 9 is larger than image_size 8 x 8"),
        ("vit", "num_channels", "3", "num_channels is '3', but must be a whole number"),
        ("vit", "num_attention_heads", 3, "hidden_size 16 is not a multiple of num_attention_heads 3"),
        ("vit", "hidden_act", "gelu_fast", "hidden_act 'gelu_fast' is not supported"),
        ("vit", "qkv_bias", "no", "qkv_bias is 'no', but must be true or false"),
        ("vit", "head_dim", 4, "head_dim is 4, which ftcore does not support; allowed: 8 or None"),
        ("resnet", "layer_type", "narrow", "layer_type 'narrow' is not supported; allowed: basic, bottleneck"),
        ("resnet", "depths", [1], "there are 1 depths and 2 hidden_sizes; give one of each per stage"),
        ("resnet", "depths", [1, 0], "depths[1] is 0, but must be a whole number from 1"),
        (
            "resnet",
            "hidden_sizes",
            [2, 8],
            "hidden_sizes are [2, 8], but must be at least 4: a bottleneck has a quarter of them",
        ),
        ("resnet", "downsample_in_bottleneck", 1, "downsample_in_bottleneck is 1, but must be true or false"),
        ("resnet", "hidden_act", "quick_gelu", "hidden_act 'quick_gelu' is not supported"),
        ("deit", "quantization_config", {}, "quantization_config is {}, which ftcore does not support"),
        (
            "vit",
            "image_size",
            12,
            "is [1, 5, 16], and the network's 'vit.embeddings.position_embeddings' is [1, 10, 16]",
        ),
    ],
)
def test_a_config_that_is_not_followed_is_refused(
    name: str, field: str, value: object, message: str, tmp_path: Path
) -> None:
    folder = images.write(name, tmp_path / "model")
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, field: value}))
    with pytest.raises(ModelError) as error:
        images.plan(folder)
    assert message in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("name", "fields", "message"),
    [
        ("vit", {"pooling": "pooler"}, "model.pooling: given pooler, but vit has none"),
        ("resnet", {"dropout": 0.1}, "model.dropout: given 0.1, but resnet has no dropout: leave it out"),
        ("resnet", {"pooling": "cls"}, "model.pooling: given cls, but resnet pools images, not pairs: allowed: mean"),
    ],
)
def test_what_a_family_does_not_have_is_refused(
    name: str, fields: dict[str, Any], message: str, tmp_path: Path
) -> None:
    with pytest.raises(ModelError, match=message):
        images.plan(images.write(name, tmp_path / "model"), **fields)


@pytest.mark.parametrize(
    ("name", "ignored"),
    [
        ("vit", ["encoder_stride", "pooler_act", "pooler_output_size"]),
        ("deit", ["encoder_stride", "pooler_act", "pooler_output_size"]),
        ("resnet", ["out_features", "out_indices", "stage_names"]),
    ],
)
def test_fields_that_change_nothing_are_named(name: str, ignored: list[str], tmp_path: Path) -> None:
    config = json.loads((images.write(name, tmp_path / "model") / "config.json").read_text())
    assert SequenceHead(3).ignored_fields(config) == ignored


@pytest.mark.parametrize("name", ["vit", "deit"])
def test_dropout_of_the_spec_replaces_every_rate(name: str, tmp_path: Path) -> None:
    folder = images.write(name, tmp_path / "model", hidden_dropout_prob=0.2, attention_probs_dropout_prob=0.3)
    body = images.plan(folder, dropout=0.1).network.architecture.body
    assert isinstance(body, Transformer)
    rates = (body.hidden_dropout, body.attention_dropout, body.mixed_dropout, body.feed_forward_dropout)
    assert rates == (0.1, 0.1, 0.1, 0.1)


def test_new_convolutions_are_drawn_as_transformers_draws_them() -> None:
    """He et al. 2015, by the places of the outputs; statistics and their count begin anew."""
    architecture = FAMILIES["resnet"].architecture({"depths": [1], "hidden_sizes": [256]}, None)
    drawn = {one.path: draw(one, 0.0, 0) for one in (*architecture.parameters, *architecture.buffers)}
    assert drawn["stem.weight"].std() == pytest.approx((2 / (64 * 49)) ** 0.5, rel=0.05)
    assert drawn["stages.0.0.2.weight"].std() == pytest.approx((2 / 256) ** 0.5, rel=0.05)
    ones, zeros = ("stem.norm.scale", "stem.norm.variance"), ("stem.norm.shift", "stem.norm.mean", "stem.norm.steps")
    assert all((drawn[path] == 1).all() for path in ones)
    assert all((drawn[path] == 0).all() for path in zeros)
    assert drawn["stem.norm.steps"].dtype == np.int64


def test_a_head_with_a_teacher_is_no_trained_head(tmp_path: Path) -> None:
    """Its two classifiers are averaged, which is refused by name."""
    with pytest.raises(ModelError, match="architectures: DeiTForImageClassificationWithTeacher, not DeiTForImageClass"):
        describe(images.write("deit", tmp_path / "model", "ForImageClassificationWithTeacher"))


def test_a_task_of_texts_refuses_a_model_of_images(tmp_path: Path) -> None:
    task = tiny.write_task(tmp_path, model={"pretrained": "images"})
    tiny.write_tokenizer(images.write("vit", tmp_path / "images"))
    with pytest.raises(FtcoreError, match="the vit that it describes reads images, but the task gives tokens"):
        library.run(task, backend="torch", output=tmp_path / "run")
    with pytest.raises(FtcoreError, match="the vit that it describes reads images, but the task gives tokens"):
        library.features(tmp_path / "images", tmp_path / "test.jsonl", backend="torch")


@pytest.mark.parametrize(
    ("config", "reads"),
    [
        ({"model_type": "image-cnn", "image_size": [8, 8]}, "the image-cnn that it describes reads images"),
        ({"model_type": "lstm", "input_size": 3}, "the lstm that it describes reads vectors"),
    ],
)
def test_a_task_of_texts_refuses_a_network_of_numbers(config: dict[str, Any], reads: str, tmp_path: Path) -> None:
    task = tiny.write_task(tmp_path, model={"from_scratch": {"architecture": "numbers"}})
    tiny.write_tokenizer(tmp_path / "numbers")
    (tmp_path / "numbers" / "config.json").write_text(json.dumps(config))
    with pytest.raises(FtcoreError, match=f"{reads}, but the task gives tokens"):
        library.run(task, backend="torch", output=tmp_path / "run")
