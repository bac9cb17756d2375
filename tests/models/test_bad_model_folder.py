"""Every kind of bad model folder is one clear line that names what is wrong."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors.numpy import load_file, save_file

from ftcore.errors import ModelError
from ftcore.models import FAMILIES, AnyModelSpec, ModelPlan, SequenceHead, plan_model
from ftcore.runs.description import describe

Writer = Callable[..., Path]
LOSSES = "allowed for text-classification: a mapping with the name cross-entropy"
KNOWN = ", ".join(FAMILIES)


def refusal(folder: Path | str, **fields: Any) -> str:
    """Return the error of planning with a folder, which must be one line."""
    with pytest.raises(ModelError) as caught:
        plan_model(AnyModelSpec(pretrained=str(folder), **fields), SequenceHead(3), 0, Path())
    message = str(caught.value)
    assert "\n" not in message
    return message


def edit_config(folder: Path, **fields: Any) -> None:
    path = folder / "config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | fields))


def edit_tensors(folder: Path, change: Callable[[dict[str, np.ndarray]], object]) -> None:
    tensors = load_file(folder / "model.safetensors")
    change(tensors)
    save_file(tensors, folder / "model.safetensors")


def test_absent(tmp_path: Path) -> None:
    folder = tmp_path / "nowhere"
    assert refusal(folder) == f"model folder {folder} does not exist"


def test_a_file(write_folder: Writer) -> None:
    assert "is a file: give the folder" in refusal(write_folder() / "config.json")


def test_empty(tmp_path: Path) -> None:
    assert "it has no config.json (it is empty)" in refusal(tmp_path)


def test_no_config(write_folder: Writer) -> None:
    folder = write_folder()
    (folder / "config.json").unlink()
    assert "it has no config.json (it holds model.safetensors, tokenizer.json" in refusal(folder)


def test_config_no_json(write_folder: Writer) -> None:
    folder = write_folder()
    (folder / "config.json").write_text('{"model_type": "bert",')
    assert f"{folder / 'config.json'}: is not JSON" in refusal(folder)


def test_config_no_text(write_folder: Writer) -> None:
    folder = write_folder()
    (folder / "config.json").write_bytes(b"\xff\xfe\x00")
    assert "is not JSON" in refusal(folder)


def test_config_no_object(write_folder: Writer) -> None:
    folder = write_folder()
    (folder / "config.json").write_text("[]")
    assert "is not a JSON object but list" in refusal(folder)


def test_no_model_type(write_folder: Writer, tiny_config: dict[str, Any]) -> None:
    del tiny_config["model_type"]
    assert f"has no model_type; ftcore reads the families {KNOWN}" in refusal(write_folder(config=tiny_config))


@pytest.mark.parametrize("name", ["opt", "", None, ["bert"]])
def test_other_family(name: object, write_folder: Writer) -> None:
    folder = write_folder()
    edit_config(folder, model_type=name)
    message = refusal(folder)
    assert f"model_type {name!r} is not supported" in message
    assert message.endswith(f"ftcore reads the families {KNOWN}")


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("position_embedding_type", "relative_key", "position_embedding_type is 'relative_key'"),
        ("is_decoder", True, "is_decoder is True"),
        ("is_encoder_decoder", True, "is_encoder_decoder is True"),
        ("add_cross_attention", True, "add_cross_attention is True"),
        ("quantization_config", {"bits": 4}, "the weights are quantized (some method)"),
        ("pruned_heads", {"0": [1]}, "pruned_heads is {'0': [1]}"),
        ("auto_map", {"AutoModel": "m.M"}, "auto_map is {'AutoModel': 'm.M'}"),
        ("embedding_size", 4, "embedding_size is 4"),
        ("hidden_act", "gelu_fast", "hidden_act 'gelu_fast' is not supported"),
        ("hidden_act", "rellu", "(did you mean relu?); allowed: gelu, gelu_python, gelu_new"),
        ("hidden_act", None, "hidden_act None is not supported"),
        ("hidden_size", 9, "hidden_size 9 is not a multiple of num_attention_heads 2"),
        ("hidden_size", "8", "hidden_size is '8', but must be a whole number from 1 to 2147483647"),
        ("num_hidden_layers", 0, "num_hidden_layers is 0"),
        ("num_hidden_layers", 10**12, "num_hidden_layers is 1000000000000, but must be a whole number from 1 to 1000"),
        ("initializer_range", float("inf"), "initializer_range is inf"),
        ("vocab_size", True, "vocab_size is True"),
        ("layer_norm_eps", 0, "layer_norm_eps is 0, but must be a finite number above 0"),
        ("hidden_dropout_prob", 1.0, "hidden_dropout_prob is 1.0, but must be a rate"),
        ("classifier_dropout", -0.1, "classifier_dropout is -0.1, but must be a rate"),
        ("pad_token_id", 11, "pad_token_id is 11, but must be null or an id from 0 to 10"),
    ],
)
def test_a_field_that_is_not_honoured(field: str, value: object, message: str, write_folder: Writer) -> None:
    folder = write_folder()
    edit_config(folder, **{field: value})
    refused = refusal(folder)
    assert refused.startswith(f"{folder / 'config.json'}: ")
    assert message in refused


def test_no_weights(write_folder: Writer) -> None:
    folder = write_folder()
    (folder / "model.safetensors").unlink()
    assert "has no weights: neither model.safetensors nor pytorch_model.bin, whole or sharded" in refusal(folder)


def test_pickled_weights_that_are_none(write_folder: Writer) -> None:
    folder = write_folder()
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    assert f"{folder / 'pytorch_model.bin'}: is not a file of weights that ftcore reads" in refusal(folder)


@pytest.mark.parametrize("size", [0, 4, 300, -1])
def test_truncated(size: int, write_folder: Writer) -> None:
    path = write_folder() / "model.safetensors"
    path.write_bytes(path.read_bytes()[:size])
    assert f"{path}: is truncated or not a safetensors file" in refusal(path.parent)


def test_git_lfs_pointer(write_folder: Writer) -> None:
    path = write_folder() / "model.safetensors"
    path.write_text("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n")
    assert "is a Git LFS pointer, not the weights: run git lfs pull" in refusal(path.parent)


def test_missing_tensor(write_folder: Writer) -> None:
    folder = write_folder()
    edit_tensors(folder, lambda tensors: tensors.pop("bert.encoder.layer.1.output.dense.bias"))
    assert refusal(folder) == f"{folder}: the checkpoint lacks tensor 'bert.encoder.layer.1.output.dense.bias'"


def test_many_missing_tensors_are_counted(write_folder: Writer) -> None:
    folder = write_folder()
    edit_config(folder, num_hidden_layers=3)
    message = refusal(folder)
    assert "lacks tensors 'bert.encoder.layer.2.attention.self.query.weight', " in message
    assert message.endswith(" and 11 more")


def test_extra_tensor(write_folder: Writer) -> None:
    folder = write_folder()
    edit_tensors(folder, lambda tensors: tensors.update({"bert.encoder.layer.7.extra": np.zeros(1, np.float32)}))
    assert "the network has no place for the checkpoint's tensor 'bert.encoder.layer.7.extra'" in refusal(folder)


def test_a_tensor_that_only_looks_known(write_folder: Writer) -> None:
    folder = write_folder()
    edit_tensors(folder, lambda tensors: tensors.update({"cls.predictions.extra.weight": np.zeros(1, np.float32)}))
    assert "cls.predictions.extra.weight" in refusal(folder)


def test_the_same_parameter_twice(write_folder: Writer) -> None:
    folder = write_folder()
    norm = "bert.embeddings.LayerNorm"
    edit_tensors(folder, lambda tensors: tensors.update({f"{norm}.gamma": tensors[f"{norm}.weight"]}))
    assert f"'{norm}.weight' and '{norm}.gamma' are the same parameter" in refusal(folder)


def test_wrong_shape(write_folder: Writer) -> None:
    folder = write_folder()
    edit_config(folder, intermediate_size=16)
    name = "bert.encoder.layer.0.intermediate.dense.weight"
    assert f"tensor '{name}' is [12, 8], and the network's '{name}' is [16, 8]" in refusal(folder)


def test_quantized_tensor(write_folder: Writer) -> None:
    folder = write_folder()
    name = "bert.pooler.dense.weight"
    edit_tensors(folder, lambda tensors: tensors.update({name: tensors[name].astype(np.int8)}))
    assert f"tensor '{name}' is int8; ftcore reads float32, float16, bfloat16, float64" in refusal(folder)


def write_index(folder: Path, weight_map: object) -> None:
    shutil.move(folder / "model.safetensors", folder / "model-00001-of-00001.safetensors")
    (folder / "model.safetensors.index.json").write_text(json.dumps({"weight_map": weight_map}))


def test_shard_missing(write_folder: Writer) -> None:
    folder = write_folder()
    write_index(folder, {"bert.pooler.dense.bias": "model-00002-of-00002.safetensors"})
    assert "names the shard model-00002-of-00002.safetensors, which is not in the folder" in refusal(folder)


def test_shard_outside(write_folder: Writer) -> None:
    folder, other = write_folder(), write_folder(name="other")
    write_index(folder, {"bert.pooler.dense.bias": f"../{other.name}/model.safetensors"})
    assert "names the shard model.safetensors, which is not in the folder" in refusal(folder)


def test_index_names_an_absent_tensor(write_folder: Writer, tiny_tensors: dict[str, np.ndarray]) -> None:
    folder = write_folder()
    write_index(folder, dict.fromkeys([*tiny_tensors, "bert.nothing"], "model-00001-of-00001.safetensors"))
    message = refusal(folder)
    assert "names tensor 'bert.nothing' in model-00001-of-00001.safetensors, which does not have it" in message


@pytest.mark.parametrize("weight_map", [None, [], {"a": 3}])
def test_index_of_another_form(weight_map: object, write_folder: Writer) -> None:
    folder = write_folder()
    write_index(folder, weight_map)
    assert f"{folder / 'model.safetensors.index.json'}: " in refusal(folder)


def test_tokenizer_missing(write_folder: Writer) -> None:
    folder = write_folder()
    (folder / "tokenizer.json").unlink()
    assert "has no tokenizer: neither tokenizer.json nor a vocabulary (vocab.txt, " in refusal(folder)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"model": {"vocab": {"a": "b"}}}'])
def test_tokenizer_damaged(text: str, write_folder: Writer) -> None:
    folder = write_folder()
    (folder / "tokenizer.json").write_text(text)
    assert f"{folder / 'tokenizer.json'}: is not a tokenizer" in refusal(folder)


def test_tokenizer_of_another_model(write_folder: Writer) -> None:
    assert "has a token of id 19, but the network's vocab_size is 11" in refusal(write_folder(words=20))


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({}, "task is None, but must be str"),
        ({"pooling": "median"}, "pooling is 'median'; allowed: pooler, cls, mean, max, last"),
        ({"outputs": "3"}, "outputs is '3', but must be int"),
        ({"pair": "both"}, "pair is 'both'; allowed: joint, separate"),
        ({"normalize": 1}, "normalize is 1, but must be true or false"),
        ({"overlap": 4}, "overlap is 4, but text-classification has no windows"),
        (
            {"task": "semantic-role-labeling", "mark_predicate": "markers", "overlap": 4},
            "overlap is 4, but semantic-role-labeling has no windows",
        ),
        ({"loss": "cross-entropy"}, f"loss is 'cross-entropy'; {LOSSES}"),
        ({"loss": {"name": "answer-span"}}, f"loss is {{'name': 'answer-span'}}; {LOSSES}"),
        ({"columns": []}, "columns is []: input should be a valid dictionary"),
        ({"columns": {}, "max_length": 0}, "max_length is 0: input should be greater than or equal to 2"),
        (
            {"columns": {"texd": "message"}},
            "columns.texd: the task text-classification has no column texd (did you mean text?): its columns are text, "
            "text_a, text_b, label, weight, group, split_column",
        ),
        ({"columns": {}, "labels": ["a", "a"]}, "labels 'a' is given more than once"),
    ],
)
def test_damaged_ftcore_json(fields: dict[str, Any], message: str, write_folder: Writer) -> None:
    folder = write_folder()
    good = {
        "task": "text-classification",
        "labels": [],
        "outputs": 3,
        "pooling": "mean",
        "pair": "joint",
        "max_length": 16,
    }
    (folder / "ftcore.json").write_text(json.dumps(good | fields if fields else {"nothing": 0}))
    with pytest.raises(ModelError) as caught:
        describe(folder)
    assert str(caught.value) == f"{folder / 'ftcore.json'}: {message}"


@pytest.mark.parametrize("fields", [{"pooling": "median"}, {"normalize": 1}])
def test_a_head_that_none_has_is_refused_without_a_task(fields: dict[str, Any], write_folder: Writer) -> None:
    folder = write_folder()
    (folder / "ftcore.json").write_text(json.dumps(fields))
    (name,) = fields
    assert refusal(folder).startswith(f"{folder / 'ftcore.json'}: {name} is {fields[name]!r}")


def plan_or_refusal(folder: Path) -> ModelPlan | str:
    try:
        return plan_model(AnyModelSpec(pretrained=str(folder), replace_head=True), SequenceHead(3), 0, Path())
    except ModelError as error:
        return str(error)


def test_a_label_twice_in_config_json_is_refused(write_folder: Writer) -> None:
    names = {"id2label": {"0": "a", "1": "a", "2": "b"}}
    folder = write_folder()
    edit_config(folder, architectures=["BertForSequenceClassification"], **names)
    with pytest.raises(ModelError) as caught:
        describe(folder)
    assert str(caught.value) == f"{folder / 'config.json'}: labels 'a' is given more than once"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
FIELDS = (
    "model_type",
    "hidden_size",
    "num_hidden_layers",
    "num_attention_heads",
    "vocab_size",
    "max_position_embeddings",
    "hidden_act",
    "layer_norm_eps",
    "pad_token_id",
    "architectures",
    "id2label",
    "is_decoder",
    "hidden_dropout_prob",
    "classifier_dropout",
)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.sampled_from(FIELDS), JSON, min_size=1, max_size=2))
def test_any_config_is_read_or_refused_in_one_line(
    fuzzed_folder: Path, tiny_config: dict[str, Any], fields: dict[str, Any]
) -> None:
    (fuzzed_folder / "config.json").write_text(json.dumps(tiny_config | fields))
    result = plan_or_refusal(fuzzed_folder)
    assert "\n" not in result if isinstance(result, str) else result.network.architecture.body.hidden == 8


@pytest.fixture
def fuzzed_folder(
    write_folder: Writer, tiny_tensors: dict[str, np.ndarray], head_tensors: dict[str, np.ndarray]
) -> Path:
    return write_folder(tensors=tiny_tensors | head_tensors)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_damage_to_the_header_is_refused_in_one_line(
    fuzzed_folder: Path, tiny_tensors: dict[str, np.ndarray], data: st.DataObject
) -> None:
    path = fuzzed_folder / "model.safetensors"
    original = fuzzed_folder / "original"
    if not original.exists():
        shutil.copyfile(path, original)
    content = bytearray(original.read_bytes())
    place = data.draw(st.integers(0, 400))
    content[place] = data.draw(st.integers(0, 255).filter(lambda value: value != content[place]))
    path.write_bytes(content)
    result = plan_or_refusal(fuzzed_folder)
    if isinstance(result, str):
        assert "\n" not in result
    else:
        assert {name: result.tensors[name].shape for name in tiny_tensors} == {
            name: value.shape for name, value in tiny_tensors.items()
        }


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"model_type": "mixtral"}, "model_type 'mixtral' is not supported: it is a mixture of experts"),
        (
            {"model_type": "t5"},
            "model_type 't5' is an encoder-decoder, which only summarization and translation train",
        ),
        ({"model_type": "mamba"}, "it is no transformer but a state-space model"),
        ({"model_type": "their_own", "auto_map": {"AutoModel": "x.Y"}}, "needs code from the model's folder"),
        ({"quantization_config": {"quant_method": "gptq"}}, "the weights are quantized (gptq)"),
    ],
)
def test_a_model_that_cannot_be_described_is_refused_with_the_reason(
    fields: dict[str, Any], message: str, write_folder: Writer, tiny_config: dict[str, Any]
) -> None:
    folder = write_folder(config=tiny_config | fields)
    refused = refusal(folder)
    assert refused.startswith(f"{folder / 'config.json'}: ")
    assert message in refused
