"""Checkpoints of every family are read whole, and results load in transformers as they were."""

import json
from pathlib import Path
from typing import Any

import checkpoints
import numpy as np
import pytest
import torch
import transformers

from ftcore.contract.network import Transformer
from ftcore.errors import ModelError
from ftcore.models import AnyModelSpec, ModelPlan, SequenceHead, plan_model
from ftcore.runs.description import describe
from ftcore.tasks import TASKS
from tests.results import read_result, write_result

IDS = [[2, 5, 6, 7, 3, 0, 0], [2, 8, 3, 9, 10, 4, 3]]
MASK = [[1] * 5 + [0] * 2, [1] * 7]
each_family = pytest.mark.parametrize("name", checkpoints.CLASSIFIERS)
TASKS_OF_OTHERS = ["Model", "ForMaskedLM", "ForTokenClassification", "ForQuestionAnswering"]


def plan(folder: Path, outputs: int = 3, **fields: Any) -> ModelPlan:
    return plan_model(AnyModelSpec(pretrained=str(folder), **fields), SequenceHead(outputs), 0, Path())


def write(plan: ModelPlan, folder: Path) -> list[str]:
    task = "text-classification"
    return write_result(folder, plan, plan.tensors, checkpoints.LABELS, TASKS[task], None, {"max_length": 16})


def logits(model: Any) -> torch.Tensor:
    with torch.no_grad():
        found: torch.Tensor = model(input_ids=torch.tensor(IDS), attention_mask=torch.tensor(MASK)).logits
    return found


@each_family
def test_a_classifier_is_read_with_its_head(name: str, tmp_path: Path) -> None:
    original = checkpoints.build(name).state_dict()
    found = plan(checkpoints.write(name, tmp_path / "model"))
    assert (found.new, found.labels) == ((), checkpoints.LABELS)
    unused = set(original) - set(found.tensors)
    assert set(found.ignored) == unused
    for key, value in found.tensors.items():
        np.testing.assert_array_equal(value, original[key].numpy(), strict=True)
    described = describe(tmp_path / "model")
    assert (described["task"], described["labels"], described["max_length"]) == (
        "text-classification",
        checkpoints.LABELS,
        checkpoints.POSITIONS - found.network.architecture.body.first_position,
    )


@each_family
def test_a_result_loads_in_transformers(name: str, tmp_path: Path) -> None:
    original = checkpoints.build(name)
    first = plan(checkpoints.write(name, tmp_path / "model"))
    assert write(first, tmp_path / "result") == []
    model, information = transformers.AutoModelForSequenceClassification.from_pretrained(
        tmp_path / "result", output_loading_info=True
    )
    assert not any(information[keys] for keys in ("missing_keys", "unexpected_keys", "mismatched_keys"))
    assert type(model) is checkpoints.model_class(name, "ForSequenceClassification")
    assert model.config.id2label == dict(enumerate(checkpoints.LABELS))
    torch.testing.assert_close(logits(model.eval()), logits(original), rtol=0, atol=0)
    assert set(model.state_dict()) == set(original.state_dict()) == set(first.tensors)
    again = read_result(tmp_path / "result")
    assert (again.network.parameters, again.network.head, again.new) == (
        first.network.parameters,
        first.network.head,
        (),
    )


@each_family
def test_another_head_lies_beside_a_plain_model(name: str, tmp_path: Path) -> None:
    checkpoints.write(name, tmp_path / "model", "Model")
    first = plan(tmp_path / "model", pooling="mean")
    (note,) = write(first, tmp_path / "result")
    assert checkpoints.model_class(name, "Model").__name__ in note
    _, information = transformers.AutoModel.from_pretrained(tmp_path / "result", output_loading_info=True)
    assert not information["unexpected_keys"]
    assert all("pooler" in key for key in information["missing_keys"])
    again = read_result(tmp_path / "result")
    for key, value in first.tensors.items():
        np.testing.assert_array_equal(again.tensors[key], value, strict=True)


@pytest.mark.parametrize(
    ("name", "task"),
    [
        *((name, task) for name in ("roberta", "camembert", "electra") for task in TASKS_OF_OTHERS),
        ("distilbert", "Model"),
        ("distilbert", "ForMaskedLM"),
        ("electra", "ForPreTraining"),
        ("roberta", "ForCausalLM"),
        ("deberta-v2", "Model"),
        ("deberta-v2", "ForMaskedLM"),
        ("deberta-v2", "ForQuestionAnswering"),
    ],
)
def test_every_model_of_a_family_is_read(name: str, task: str, tmp_path: Path) -> None:
    original = checkpoints.build(name, task).state_dict()
    found = plan(checkpoints.write(name, tmp_path / "model", task))
    head = {parameter.name for parameter in found.network.head.parameters}
    assert set(found.new) == head
    prefix = found.network.architecture.parameters[0].name.partition(".")[0] + "."
    for key in set(found.tensors) - head:
        stored = original[key] if key in original else original[key.removeprefix(prefix)]
        np.testing.assert_array_equal(found.tensors[key], stored.numpy(), strict=True)


@each_family
def test_dropout_of_the_spec_replaces_every_rate(name: str, tmp_path: Path) -> None:
    network = plan(checkpoints.write(name, tmp_path / "model"), dropout=0.0).network
    body = network.architecture.body
    assert isinstance(body, Transformer)
    assert {body.hidden_dropout, body.attention_dropout, body.mixed_dropout} == {0.0}
    assert (network.head.dropout, network.head.pooler_dropout) == (0.0, 0.0)


@pytest.mark.parametrize(
    ("name", "field", "value", "message"),
    [
        ("roberta", "pad_token_id", None, "pad_token_id is null, but positions are counted from it"),
        ("roberta", "max_position_embeddings", 2, "max_position_embeddings is 2, but the first position is 2"),
        ("roberta", "is_decoder", True, "is_decoder is True, which ftcore does not support; allowed: False or None"),
        ("distilbert", "sinusoidal_pos_embds", True, "sinusoidal_pos_embds is True"),
        ("distilbert", "n_heads", 3, "dim 8 is not a multiple of n_heads 3"),
        ("distilbert", "activation", "gelu_fast", "activation 'gelu_fast' is not supported"),
        ("electra", "embedding_size", 0, "embedding_size is 0, but must be a whole number"),
        ("deberta-v2", "pos_att_type", ["p2p"], "pos_att_type is ['p2p']; allowed: c2p and p2c"),
        ("deberta-v2", "pos_att_type", None, "relative_attention needs c2p, p2c or both"),
        ("deberta-v2", "relative_attention", False, "without relative_attention there is nothing to normalize"),
        ("deberta-v2", "share_att_key", "yes", "share_att_key is 'yes', but must be true or false"),
        ("deberta-v2", "norm_rel_ebd", "group_norm", "norm_rel_ebd is 'group_norm'"),
        ("deberta-v2", "position_buckets", 1, "position_buckets is 1, but must be from 2 to less than twice 33"),
        ("deberta-v2", "position_buckets", 66, "position_buckets is 66, but must be from 2 to less than twice 33"),
        ("deberta-v2", "attention_head_size", 6, "attention_head_size is 6, which ftcore does not support; allowed: 4"),
        ("deberta-v2", "pooler_hidden_size", 12, "pooler_hidden_size is 12, which ftcore does not support; allowed: 8"),
        ("deberta-v2", "pooler_hidden_act", "mish", "pooler_hidden_act 'mish' is not supported"),
        ("deberta-v2", "conv_kernel_size", 4, "conv_kernel_size is 4, but must be odd"),
        ("deberta-v2", "conv_groups", 2, "conv_groups is 2, which ftcore does not support; allowed: 1"),
        ("deberta-v2", "cls_dropout", 1.5, "cls_dropout is 1.5"),
    ],
)
def test_a_config_that_is_not_followed_is_refused(
    name: str, field: str, value: object, message: str, tmp_path: Path
) -> None:
    folder = checkpoints.write(name, tmp_path / "model")
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, field: value}))
    with pytest.raises(ModelError) as error:
        plan(folder)
    assert message in str(error.value)
    assert "config.json" in str(error.value)


def test_features_of_a_head_that_is_not_there_are_refused(tmp_path: Path) -> None:
    folder = checkpoints.write("roberta", tmp_path / "model", "Model")
    with pytest.raises(ModelError, match="choose pooling cls, mean or max"):
        plan(folder, outputs=0, pooling="pooler")


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        (
            {"pad_token_id": None, "eos_token_id": 50256},
            "config.json: eos_token_id is 50256, but must be null or an id from 0 to 22",
        ),
        (
            {"pad_token_id": None, "eos_token_id": [50256, 2]},
            "config.json: eos_token_id is 50256, but must be null or an id from 0 to 22",
        ),
        (
            {"pad_token_id": None, "eos_token_id": ...},
            "config.json: eos_token_id is 50256, but must be null or an id from 0 to 22; the file has no such field, "
            "and this is transformers' default: give it",
        ),
        ({"pad_token_id": 23}, "config.json: pad_token_id is 23, but must be null or an id from 0 to 22"),
    ],
)
def test_an_id_beyond_the_vocabulary_is_named_with_its_own_field(
    fields: dict[str, Any], message: str, tmp_path: Path
) -> None:
    folder = checkpoints.write("gpt2", tmp_path / "model")
    config = {**json.loads((folder / "config.json").read_text()), **fields}
    (folder / "config.json").write_text(json.dumps({key: value for key, value in config.items() if value is not ...}))
    with pytest.raises(ModelError) as error:
        plan(folder)
    assert str(error.value) == f"{folder}/{message}"
