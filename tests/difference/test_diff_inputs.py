"""The batch and the head that both networks get."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ftcore.contract.losses import CrossEntropy, MeanSquaredError
from ftcore.difference.batch import drawn_batch, read_batch, text_batch, write_batch
from ftcore.difference.heads import choose_head
from tests import tiny


def without_pooler(tensors: dict[str, Any]) -> None:
    del tensors["pooler.dense.weight"], tensors["pooler.dense.bias"]


def test_a_drawn_batch_has_many_lengths_and_no_padding_token_among_the_real(copy: Any) -> None:
    choice, plans = choose_head([copy(pad_token_id=4)], 0)
    batch = drawn_batch(plans[0].network, choice.loss_definition(), 0)
    ids, real = batch.inputs["input_ids"], batch.inputs["attention_mask"].astype(bool)
    assert ids.shape == (8, 32)
    assert sorted(real.sum(axis=1)) == [1, 5, 10, 14, 19, 23, 28, 32]
    assert set(ids[~real].tolist()) == {4}
    assert set(ids[real].tolist()) == set(range(len(tiny.VOCABULARY))) - {4}
    assert set(batch.inputs["token_type_ids"][real].tolist()) == {0, 1}
    assert set(batch.targets["labels"].tolist()) == {0, 1}


def test_a_drawn_batch_keeps_to_what_the_network_takes(tmp_path: Path) -> None:
    folder = tiny.write_model(tmp_path / "short", max_position_embeddings=12, type_vocab_size=1)
    _, plans = choose_head([folder], 0)
    batch = drawn_batch(plans[0].network, MeanSquaredError(), 0)
    assert batch.inputs["input_ids"].shape == (8, 12)
    assert not batch.inputs["token_type_ids"].any()
    assert (batch.targets["labels"].shape, batch.targets["labels"].dtype) == ((8, 2), np.float32)


def test_the_seed_decides_the_batch(checkpoint: Path, tmp_path: Path) -> None:
    _, plans = choose_head([checkpoint], 0)
    first, again, other = (drawn_batch(plans[0].network, CrossEntropy(), seed) for seed in (0, 0, 1))
    np.testing.assert_array_equal(first.inputs["input_ids"], again.inputs["input_ids"])
    assert (first.inputs["input_ids"] != other.inputs["input_ids"]).any()
    write_batch(tmp_path / "batch.npz", first)
    read = read_batch(tmp_path / "batch.npz")
    assert (set(read.inputs), read.tokens, read.examples) == (set(first.inputs), first.tokens, 8)
    for name, array in first.inputs.items():
        np.testing.assert_array_equal(read.inputs[name], array, strict=True)
    np.testing.assert_array_equal(read.targets["labels"], first.targets["labels"], strict=True)


def test_texts_of_a_file_go_through_the_tokenizer(checkpoint: Path, tmp_path: Path) -> None:
    tiny.write_rows(tmp_path / "rows.jsonl", 20)
    _, plans = choose_head([checkpoint], 0)
    batch = text_batch(str(tmp_path / "rows.jsonl"), "text", plans[0], CrossEntropy(), 0)
    ids = batch.inputs["input_ids"]
    words = [tiny.VOCABULARY[token] for token in ids[3][batch.inputs["attention_mask"][3] == 1]]
    assert (len(ids), words) == (8, ["[CLS]", *tiny.text(3).split(), "[SEP]"])
    assert batch.targets["labels"].shape == (8,)


def test_heads_of_two_sizes_are_left_for_a_drawn_one(tmp_path: Path, write_classifier: Any) -> None:
    choice, plans = choose_head([write_classifier(tmp_path / str(count), count) for count in (3, 4)], 0)
    assert (choice.own, choice.outputs, choice.pooling) == (False, 2, "pooler")
    assert [plan.new for plan in plans] == [("classifier.weight", "classifier.bias")] * 2
    np.testing.assert_array_equal(plans[0].tensors["classifier.weight"], plans[1].tensors["classifier.weight"])


def test_a_checkpoint_and_a_fine_tuned_copy_share_a_drawn_head(
    checkpoint: Path, tmp_path: Path, write_classifier: Any
) -> None:
    choice, plans = choose_head([checkpoint, write_classifier(tmp_path / "tuned", 3)], 0)
    assert (choice.own, choice.pooling) == (False, "pooler")
    assert {"bert.pooler.dense.weight"} <= set(plans[0].tensors) & set(plans[1].tensors)


@pytest.mark.parametrize("first", [0, 1])
def test_where_one_has_no_pooler_the_mean_is_pooled(checkpoint: Path, copy: Any, first: int) -> None:
    folders = [checkpoint, copy(without_pooler)]
    choice, plans = choose_head([folders[first], folders[1 - first]], 0)
    assert choice.pooling == "mean"
    assert {plan.new for plan in plans} == {("classifier.weight", "classifier.bias")}
