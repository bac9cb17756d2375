"""Defines the dataset of encoder-decoders."""

import numpy as np

from ftcore.contract import Batch
from ftcore.inputs.language.dataset import LanguageExamples
from ftcore.inputs.language.store import LanguageArrays
from ftcore.inputs.tokens.store import MULTIPLE


class PairExamples(LanguageExamples):
    """Sources with targets; the decoder reads the target shifted by one token, after a start token.

    Args:
        arrays: the stored split, with two sequences per example.
        pads: the ids that pad batches of sources and of targets.
        longest: the maximum lengths of batches of sources and of targets.
        start: id of the token that the decoder starts with.
        rows: int64 [examples], indices in the stored split; None for all.
    """

    def __init__(
        self,
        arrays: LanguageArrays,
        pads: tuple[int, int],
        longest: tuple[int, int],
        start: int,
        rows: np.ndarray | None = None,
    ) -> None:
        super().__init__(arrays, rows)
        self._pads, self._longest, self._start = pads, longest, start

    def batch(self, ids: np.ndarray) -> Batch:
        """Return the examples with these ids, int64 [examples], in this order, each side padded to one length."""
        source, mask = self._side(ids, 0)
        labels, target_mask = self._side(ids, 1)
        decoder = np.roll(labels, 1, axis=1)
        decoder[:, 0] = self._start
        decoder[target_mask == 0] = self._pads[1]
        weights = self.weights
        inputs = {
            "input_ids": source,
            "token_type_ids": np.zeros_like(source),
            "attention_mask": mask,
            "decoder_input_ids": decoder,
            "decoder_attention_mask": target_mask,
        }
        return Batch(
            inputs=inputs,
            targets={"labels": np.where(target_mask == 1, labels, 0).astype(np.int32)},
            weights=target_mask.astype(np.float32) if weights is None else target_mask * weights[ids, None],
            example_ids=np.asarray(ids, dtype=np.int64),
            tokens=int(mask.sum() + target_mask.sum()),
        )

    def packed(self, ids: np.ndarray) -> Batch:
        """Raise TypeError: examples of two texts cannot be packed. For `ids` see `Dataset.packed`."""
        raise TypeError("the examples of an encoder-decoder cannot be packed")

    def _with(self, arrays: LanguageArrays, rows: np.ndarray) -> "PairExamples":
        return PairExamples(arrays, self._pads, self._longest, self._start, rows)

    def prompt_inputs(self, ids: np.ndarray) -> dict[str, np.ndarray]:
        """Return the sources of these ids, int64 [examples], as inputs: int32 [examples, length] each."""
        return self.sources(ids)

    def sources(self, ids: np.ndarray) -> dict[str, np.ndarray]:
        """Return the encoder's inputs for these ids, int64 [examples]: int32 [examples, length] each."""
        source, mask = self._side(ids, 0)
        return {"input_ids": source, "token_type_ids": np.zeros_like(source), "attention_mask": mask}

    def _side(self, ids: np.ndarray, side: int) -> tuple[np.ndarray, np.ndarray]:
        """Return the ids and the mask of one text of each example."""
        sequences = self._rows[ids] * 2 + side
        starts, lengths = self._arrays.starts[sequences], self._arrays.lengths[self._rows[ids], side]
        width = min(-(-max(int(lengths.max()), 1) // MULTIPLE) * MULTIPLE, self._longest[side])
        real = np.arange(width) < lengths[:, None]
        found = np.full(real.shape, self._pads[side], dtype=np.int32)
        found[real] = self._arrays.ids[(starts[:, None] + np.arange(width))[real]]
        return found, real.astype(np.int32)
