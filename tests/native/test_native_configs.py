"""What a config.json of ftcore's own families may say, what is drawn for it, and what a step costs."""

import json
from pathlib import Path
from typing import Any

import cases
import numpy as np
import pytest

from ftcore.errors import ModelError
from ftcore.models import FAMILIES, AnyModelSpec, SequenceHead, draw, matmul_shapes, plan_model, step_flops
from tests import tiny

LSTM = {"model_type": "lstm", "vocab_size": len(tiny.VOCABULARY)}
TEXT = {"model_type": "text-cnn", "vocab_size": len(tiny.VOCABULARY)}
IMAGE = {"model_type": "image-cnn", "image_size": [8, 8]}


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"model_type": "lstm"}, "give vocab_size, for tokens, or input_size, for vectors"),
        ({**LSTM, "input_size": 3}, "unknown field 'vocab_size'"),
        ({**LSTM, "hiden_size": 3}, "unknown field 'hiden_size' (did you mean hidden_size?); allowed: model_type,"),
        ({**LSTM, "hidden_size": 0}, "hidden_size is 0, but must be a whole number from 1"),
        ({**LSTM, "bidirectional": "yes"}, "bidirectional is 'yes', but must be true or false"),
        ({**LSTM, "dropout": 1.0}, "dropout is 1.0, but must be a rate"),
        ({**LSTM, "proj_size": 4}, "proj_size is 4, which ftcore does not support; allowed: 0 or None"),
        ({**LSTM, "bias": False}, "bias is False, which ftcore does not support; allowed: True or None"),
        ({**LSTM, "pad_token_id": 99}, "pad_token_id is 99, but must be null or an id from 0 to 22"),
        ({"model_type": "text-cnn"}, "vocab_size is missing"),
        ({**TEXT, "filter_widths": 3}, "filter_widths is 3, but must be a list of whole numbers"),
        ({**TEXT, "filter_widths": [3, 0]}, "filter_widths[1] is 0, but must be a whole number from 1"),
        ({**TEXT, "activation": "relo"}, "activation 'relo' is not supported (did you mean relu?)"),
        ({**TEXT, "batch_norm": True}, "batch_norm is True, which ftcore does not support; allowed: False or None"),
        ({"model_type": "image-cnn"}, "image_size is missing"),
        ({**IMAGE, "image_size": [8]}, "image_size is [8], but must be [height, width]"),
        ({**IMAGE, "batch_norm": True}, "batch_norm is True"),
        ({**IMAGE, "kernel_size": 5}, "kernel_size is 5"),
        ({**IMAGE, "block_channels": [2, 2, 2, 2]}, "image_size [8, 8] is halved by each of the 4 blocks"),
    ],
)
def test_a_config_that_is_wrong_is_refused_in_one_line(config: dict[str, Any], message: str, tmp_path: Path) -> None:
    with pytest.raises(ModelError) as error:
        plan(config, tmp_path)
    assert message in str(error.value)
    assert str(error.value).startswith(str(tmp_path / "config.json"))
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("config", "pooling", "message"),
    [
        (TEXT, "last", "text-cnn has no pooling last; allowed: max, mean"),
        (TEXT, "cls", "text-cnn has no pooling cls; allowed: max, mean"),
    ],
)
def test_a_pooling_that_a_family_does_not_have_is_refused(
    config: dict[str, Any], pooling: str, message: str, tmp_path: Path
) -> None:
    with pytest.raises(ModelError, match=f"^model.pooling: {message}$"):
        plan(config, tmp_path, pooling=pooling)


def test_a_pooling_has_one_name(tmp_path: Path) -> None:
    for config, own in ((LSTM, "last"), (TEXT, "max")):
        assert plan(config, tmp_path, pooling=own).network == plan(config, tmp_path).network


def test_dropout_of_the_spec_replaces_every_rate(tmp_path: Path) -> None:
    rates = {"embedding_dropout": 0.1, "dropout": 0.2, "classifier_dropout": 0.3}
    found = plan({**LSTM, **rates}, tmp_path, dropout=0.4).network
    assert {found.architecture.config[name] for name in rates} == {0.4}
    assert (found.architecture.body.dropout, found.architecture.body.embedding_dropout) == (0.4, 0.4)
    assert found.head.dropout == 0.4


@pytest.mark.parametrize(
    ("name", "parameter", "fan"),
    [
        ("lstm", "rnn.weight_ih_l0", 4),
        ("lstm", "rnn.bias_hh_l0", 4),
        ("text-cnn", "convolutions.2.weight", 5 * 5),
        ("image-cnn", "convolutions.1.bias", 3 * 9),
        ("image-cnn", "hidden.weight", 4 * 2 * 3),
    ],
)
def test_initial_values_are_spread_as_pytorch_spreads_them(name: str, parameter: str, fan: int) -> None:
    (found,) = [one for one in cases.network(cases.config(name)).parameters if one.name == parameter]
    assert draw(found, 1.0, 1).dtype == np.float32
    values = np.concatenate([draw(found, 1.0, seed).ravel() for seed in range(200)]) * np.sqrt(fan)
    assert 0.98 < np.abs(values).max() < 1.0 + 1e-6
    assert abs(values.mean()) < 0.05
    assert abs(values.std() - 1 / np.sqrt(3)) < 0.02
    np.testing.assert_array_equal(draw(found, 1.0, 1), draw(found, 1.0, 1))


def test_the_padding_tokens_row_begins_at_zero(tmp_path: Path) -> None:
    table = plan({**LSTM, "pad_token_id": 2}, tmp_path).tensors["embedding.weight"]
    assert not table[2].any()
    assert table[0].any()
    assert 0.9 < table.std() < 1.1


def test_operations_by_hand() -> None:
    """Sequences of 5 and 3 tokens; embeddings of 5, 4 hidden channels."""
    lengths = np.array([5, 3])
    one = cases.network(cases.config("lstm"))
    head = 2 * 2 * 4 * 3
    assert step_flops(one)(lengths) == 3 * (8 * 2 * (4 * 4 * 5 + 4 * 4 * 4) + head)
    assert matmul_shapes(one, 8)[0] == (8, 5, 16)
    text = cases.network(cases.config("text-cnn"))
    windows = 3 * (3 + 1) + 4 * (2 + 0) + 5 * (1 - 1)
    assert step_flops(text)(lengths) == 3 * (2 * 5 * 4 * windows + 2 * 2 * 12 * 3)
    image = cases.network(cases.config("image-cnn"))
    products = 2 * (8 * 13 * 2 * 9 * 3 + 4 * 6 * 3 * 9 * 4)
    assert step_flops(image)(np.zeros(2)) == 3 * 2 * (products + 2 * (24 * 5 + 5 * 3))


def plan(config: dict[str, Any], folder: Path, **fields: Any) -> Any:
    tiny.write_tokenizer(folder)
    (folder / "config.json").write_text(json.dumps(config))
    spec = AnyModelSpec.model_validate({"from_scratch": {"architecture": str(folder)}, **fields})
    return plan_model(spec, SequenceHead(3), 0, folder)


def test_every_family_of_ftcores_own_is_tested_here() -> None:
    own = {name for name, family in FAMILIES.items() if not family.body_class}
    assert own == {config["model_type"] for config in cases.CONFIGS.values()}
