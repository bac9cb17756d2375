"""Every form in which a BERT checkpoint comes gives the same network with the same values."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ml_dtypes
import numpy as np
import pytest
from safetensors.numpy import save_file

from ftcore.errors import ModelError
from ftcore.models import AnyModelSpec, FromScratch, ModelPlan, SequenceHead, plan_model

Tensors = dict[str, np.ndarray]
Writer = Callable[..., Path]


def plan(folder: Path, outputs: int = 3, pair: str = "joint", seed: int = 0, **fields: Any) -> ModelPlan:
    return plan_model(AnyModelSpec(pretrained=str(folder), **fields), SequenceHead(outputs, pair), seed, Path())


def without_prefix(tensors: Tensors) -> Tensors:
    return {name.removeprefix("bert."): value for name, value in tensors.items()}


def with_gamma(tensors: Tensors) -> Tensors:
    return {
        name.replace("LayerNorm.weight", "LayerNorm.gamma").replace("LayerNorm.bias", "LayerNorm.beta"): value
        for name, value in tensors.items()
    }


def without_prefix_with_gamma(tensors: Tensors) -> Tensors:
    return with_gamma(without_prefix(tensors))


def unchanged(tensors: Tensors) -> Tensors:
    return tensors


@pytest.mark.parametrize("form", [unchanged, without_prefix, with_gamma, without_prefix_with_gamma])
def test_every_naming_gives_the_same_values(form, write_folder: Writer, tiny_tensors: Tensors) -> None:
    result = plan(write_folder(tensors=form(tiny_tensors)))
    assert {parameter.name for parameter in result.network.parameters} == set(result.tensors)
    assert set(result.tensors) == set(tiny_tensors) | {"classifier.weight", "classifier.bias"}
    assert result.new == ("classifier.weight", "classifier.bias")
    assert result.ignored == ()
    for name, value in tiny_tensors.items():
        np.testing.assert_array_equal(result.tensors[name], value, strict=True)


def test_shapes_and_paths_are_unique_and_complete(write_folder: Writer) -> None:
    result = plan(write_folder())
    paths = [parameter.path for parameter in result.network.parameters]
    assert len(set(paths)) == len(paths) == 5 + 2 * 16 + 2 + 2
    for parameter in result.network.parameters:
        assert result.tensors[parameter.name].shape == parameter.shape
    by_path = {parameter.path: parameter for parameter in result.network.parameters}
    assert by_path["blocks.1.feed_forward.outer.weight"].name == "bert.encoder.layer.1.output.dense.weight"
    assert by_path["blocks.0.attention.norm.scale"].name == "bert.encoder.layer.0.attention.output.LayerNorm.weight"
    assert by_path["embeddings.norm.shift"].role == "norm"
    assert by_path["embeddings.tokens"].zero_row == 0


@pytest.mark.parametrize(
    ("dtype", "name"), [(np.float32, "float32"), (np.float16, "float16"), (ml_dtypes.bfloat16, "bfloat16")]
)
def test_values_stay_in_the_stored_type(dtype, name: str, write_folder: Writer, tiny_tensors: Tensors) -> None:
    stored = {key: value.astype(dtype) for key, value in tiny_tensors.items()}
    result = plan(write_folder(tensors=stored))
    assert result.dtype == name
    assert result.tensors["classifier.weight"].dtype == np.float32
    for key, value in stored.items():
        np.testing.assert_array_equal(result.tensors[key], value, strict=True)


def shard(folder: Path) -> None:
    """Split model.safetensors in three, with an index."""
    from safetensors.numpy import load_file

    tensors = load_file(folder / "model.safetensors")
    (folder / "model.safetensors").unlink()
    weight_map = {name: f"model-0000{index % 3 + 1}-of-00003.safetensors" for index, name in enumerate(sorted(tensors))}
    for file in sorted(set(weight_map.values())):
        save_file({name: tensors[name] for name in tensors if weight_map[name] == file}, folder / file)
    (folder / "model.safetensors.index.json").write_text(json.dumps({"metadata": {}, "weight_map": weight_map}))


def test_shards_give_the_same_values(write_folder: Writer, tiny_tensors: Tensors) -> None:
    folder = write_folder()
    shard(folder)
    result = plan(folder)
    for name, value in tiny_tensors.items():
        np.testing.assert_array_equal(result.tensors[name], value, strict=True)
    digests = {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in folder.glob("model-*")}
    lines = "".join(f"{digests[name]}  {name}\n" for name in sorted(digests))
    assert result.weights_sha256 == hashlib.sha256(lines.encode()).hexdigest()


def test_one_file_has_its_own_sha256(write_folder: Writer) -> None:
    folder = write_folder()
    assert plan(folder).weights_sha256 == hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()


def test_known_tensors_are_ignored_by_name(write_folder: Writer, tiny_tensors: Tensors) -> None:
    known = {
        "bert.embeddings.position_ids": np.arange(16)[None],
        "cls.predictions.bias": np.zeros(11, np.float32),
        "cls.predictions.decoder.weight": np.zeros((11, 8), np.float32),
        "cls.predictions.transform.LayerNorm.gamma": np.zeros(8, np.float32),
        "cls.seq_relationship.weight": np.zeros((2, 8), np.float32),
        "qa_outputs.bias": np.zeros(2, np.float32),
    }
    result = plan(write_folder(tensors=tiny_tensors | known))
    assert result.ignored == tuple(sorted(known))


def test_a_missing_pooler_is_drawn_and_listed(write_folder: Writer, tiny_tensors: Tensors) -> None:
    folder = write_folder(tensors={name: value for name, value in tiny_tensors.items() if "pooler" not in name})
    pooler = ("bert.pooler.dense.weight", "bert.pooler.dense.bias")
    assert plan(folder).new == (*pooler, "classifier.weight", "classifier.bias")
    assert plan(folder, pooling="mean").new == ("classifier.weight", "classifier.bias")
    assert plan(folder, outputs=0, pooling="mean").new == ()
    with pytest.raises(ModelError, match="has no pooler"):
        plan(folder, outputs=0)


def test_half_a_pooler_is_an_error(write_folder: Writer, tiny_tensors: Tensors) -> None:
    del tiny_tensors["bert.pooler.dense.bias"]
    with pytest.raises(ModelError, match=r"lacks tensor 'bert\.pooler\.dense\.bias'"):
        plan(write_folder(tensors=tiny_tensors))


def test_an_unneeded_pooler_is_ignored(write_folder: Writer) -> None:
    result = plan(write_folder(), pooling="mean")
    assert result.ignored == ("bert.pooler.dense.bias", "bert.pooler.dense.weight")
    assert not any("pooler" in name for name in result.tensors)
    assert result.network.head.pooler is None


def test_features_need_no_classifier(write_folder: Writer) -> None:
    head = plan(write_folder(), outputs=0).network.head
    assert (head.outputs, head.classifier, head.pooling) == (0, None, "pooler")
    assert [parameter.path for parameter in head.parameters] == ["pooler.weight", "pooler.bias"]


def test_separate_pairs_widen_the_classifier(write_folder: Writer) -> None:
    result = plan(write_folder(), outputs=1, pair="separate", pooling="mean")
    assert result.network.head.pair == "concat_difference_product"
    assert result.tensors["classifier.weight"].shape == (1, 32)


def test_new_values_depend_on_seed_and_name_alone(write_folder: Writer) -> None:
    folder = write_folder()
    first, again, other = plan(folder, seed=1), plan(folder, seed=1), plan(folder, seed=2)
    np.testing.assert_array_equal(first.tensors["classifier.weight"], again.tensors["classifier.weight"])
    assert not np.array_equal(first.tensors["classifier.weight"], other.tensors["classifier.weight"])
    wide = plan(folder, outputs=500, seed=1).tensors["classifier.weight"]
    np.testing.assert_allclose([wide.mean(), wide.std()], [0.0, 0.02], atol=2e-3)
    assert not first.tensors["classifier.bias"].any()


def test_dropout_replaces_every_rate(write_folder: Writer, tiny_config: dict[str, Any]) -> None:
    folder = write_folder(config=tiny_config | {"classifier_dropout": 0.3})
    asis, off = plan(folder).network, plan(folder, dropout=0.0).network
    assert (asis.architecture.body.hidden_dropout, asis.architecture.body.attention_dropout) == (0.2, 0.1)
    assert (off.architecture.body.hidden_dropout, off.architecture.body.attention_dropout) == (0.0, 0.0)
    assert (asis.head.dropout, off.head.dropout) == (0.3, 0.0)
    rates = {name: off.architecture.config[name] for name in off.architecture.config if "dropout" in name}
    assert rates == {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0, "classifier_dropout": 0.0}


def test_without_classifier_dropout_the_hidden_rate_holds(write_folder: Writer) -> None:
    assert plan(write_folder()).network.head.dropout == 0.2


@pytest.mark.parametrize(
    ("hidden_act", "activation"), [("gelu", "gelu"), ("gelu_new", "gelu_tanh"), ("relu", "relu"), ("swish", "silu")]
)
def test_activations(hidden_act: str, activation: str, write_folder: Writer, tiny_config: dict[str, Any]) -> None:
    folder = write_folder(config=tiny_config | {"hidden_act": hidden_act})
    assert plan(folder).network.architecture.body.feed_forward.activation == activation


def test_from_scratch_draws_everything(write_folder: Writer, tmp_path: Path) -> None:
    folder = write_folder()
    (folder / "model.safetensors").unlink()
    spec = AnyModelSpec(from_scratch=FromScratch(architecture="tiny"))
    result = plan_model(spec, SequenceHead(3), 7, tmp_path)
    assert set(result.new) == set(result.tensors)
    assert (result.source, result.weights_sha256, result.dtype) == (None, None, "float32")
    assert result.tokenizer_folder == folder
    words = result.tensors["bert.embeddings.word_embeddings.weight"]
    assert not words[0].any()
    assert words[1:].all()
    assert (result.tensors["bert.embeddings.LayerNorm.weight"] == 1).all()
    assert {value.dtype for value in result.tensors.values()} == {np.dtype(np.float32)}


def test_from_scratch_with_another_tokenizer(write_folder: Writer, tmp_path: Path) -> None:
    architecture, small = write_folder(name="architecture"), write_folder(name="small", words=7)
    scratch = FromScratch(architecture=str(architecture), tokenizer="small")
    assert plan_model(AnyModelSpec(from_scratch=scratch), SequenceHead(2), 0, tmp_path).tokenizer_folder == small
    big = write_folder(name="big", words=12)
    scratch = FromScratch(architecture=str(architecture), tokenizer=str(big))
    with pytest.raises(ModelError, match=r"id 11.*vocab_size is 11"):
        plan_model(AnyModelSpec(from_scratch=scratch), SequenceHead(2), 0, tmp_path)


@pytest.fixture
def classifier_folder(
    write_folder: Writer, tiny_config: dict[str, Any], tiny_tensors: Tensors, head_tensors: Tensors
) -> Path:
    config = tiny_config | {
        "architectures": ["BertForSequenceClassification"],
        "id2label": {"0": "no", "1": "yes", "2": "perhaps"},
    }
    return write_folder(config=config, tensors=tiny_tensors | head_tensors)


def test_a_fitting_head_is_kept(classifier_folder: Path, head_tensors: Tensors) -> None:
    result = plan(classifier_folder)
    assert result.new == ()
    assert result.labels == ["no", "yes", "perhaps"]
    np.testing.assert_array_equal(result.tensors["classifier.weight"], head_tensors["classifier.weight"])


def test_replace_head_draws_a_new_one(classifier_folder: Path, tiny_tensors: Tensors) -> None:
    result = plan(classifier_folder, outputs=5, replace_head=True)
    assert result.new == ("classifier.weight", "classifier.bias")
    assert result.ignored == ("classifier.bias", "classifier.weight")
    assert result.labels is None
    pooler = "bert.pooler.dense.weight"
    np.testing.assert_array_equal(result.tensors[pooler], tiny_tensors[pooler])


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"outputs": 5}, r"does not fit 5 outputs \('classifier.weight' is \[3, 8\], not \[5, 8\]\).*replace_head"),
        ({"pooling": "mean"}, "trained with pooling pooler, not mean.*replace_head"),
        ({"pair": "separate"}, "trained with pair joint, not separate.*replace_head"),
    ],
)
def test_a_head_that_does_not_fit_is_an_error(asked: dict[str, Any], message: str, classifier_folder: Path) -> None:
    with pytest.raises(ModelError, match=message):
        plan(classifier_folder, **asked)


def test_a_head_of_another_task_is_an_error(
    write_folder: Writer, tiny_config: dict[str, Any], tiny_tensors: Tensors, head_tensors: Tensors
) -> None:
    config = tiny_config | {"architectures": ["BertForTokenClassification"]}
    with pytest.raises(ModelError, match=r"is that of BertForTokenClassification.*replace_head"):
        plan(write_folder(config=config, tensors=tiny_tensors | head_tensors))
