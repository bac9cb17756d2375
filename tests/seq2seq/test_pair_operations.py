"""Operations of an encoder-decoder's step: by hand, by PyTorch's own counter, and of a batch's two lengths."""

from pathlib import Path

import numpy as np
import pairs
import pytest
import torch
import transformers

from ftcore.data.batches import counted_lengths
from ftcore.models import plan_language_model
from ftcore.models.pair_flops import pair_flops
from tests.language_models import causal

SOURCE, TARGET = 9, 5


@pytest.mark.parametrize("name", ["t5", "t5, 1.1", "bart", "bert2bert"])
def test_operations_are_those_that_pytorch_counts(name: str, tmp_path: Path) -> None:
    """Of texts without padding: the counter counts every slot, and what a decoder must not look at."""
    from torch.utils.flop_counter import FlopCounterMode

    plan = plan_language_model(pairs.write(name, tmp_path), 0.0)
    model = transformers.AutoModelForSeq2SeqLM.from_pretrained(tmp_path, attn_implementation="eager").train()
    with FlopCounterMode(display=False) as counter:
        given = {"input_ids": torch.arange(SOURCE)[None], "decoder_input_ids": torch.arange(TARGET)[None]}
        model(**given).logits.sum().backward()
    assert pair_flops(plan.network)(np.array([[SOURCE, TARGET]])) == pytest.approx(counter.get_total_flops(), rel=0.01)


def test_operations_by_hand(tmp_path: Path) -> None:
    # T5: 16 channels, 2 heads of 6, 24 between, 2 blocks a side, a head that is the table of tokens.
    flops = pair_flops(plan_language_model(pairs.write("t5", tmp_path), 0.0).network)
    maps, between = 2 * 16 * 12, 2 * 2 * 16 * 24
    encoder, cross = 2 * (4 * maps + between), 2 * (2 * maps)
    decoder = 2 * (4 * maps + 2 * maps + between) + 2 * 16 * pairs.VOCABULARY
    pair = 2 * 4 * 12
    of_two = [(encoder + cross) * (7 + 2), decoder * (3 + 4), pair * (49 + 4), pair * (9 + 16), pair * (21 + 8)]
    assert flops(np.array([[7, 3], [2, 4]])) == 3 * sum(of_two)


def test_operations_add_up(tmp_path: Path) -> None:
    flops = pair_flops(plan_language_model(pairs.write("bart", tmp_path), 0.0).network)
    lengths = np.array([[7, 3], [2, 4], [5, 1]])
    assert flops(lengths) == pytest.approx(sum(flops(one[None]) for one in lengths))


def test_the_lengths_of_a_batch_are_those_of_both_texts() -> None:
    found = counted_lengths(pairs.batch())
    np.testing.assert_array_equal(found, np.stack([pairs.SOURCES, pairs.TARGETS], axis=1))
    assert counted_lengths(causal.batch()).tolist() == list(causal.LENGTHS)


def test_a_decoder_is_refused(tmp_path: Path) -> None:
    plan = plan_language_model(causal.write("gpt2", tmp_path), 0.0)
    with pytest.raises(TypeError, match="not an encoder-decoder"):
        pair_flops(plan.network)
