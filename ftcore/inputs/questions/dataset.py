"""Makes batches of windows of questions with their contexts."""

from dataclasses import replace

import numpy as np

from ftcore.contract import Batch
from ftcore.data import group_starts, placed
from ftcore.inputs.questions.store import QuestionArrays, Record
from ftcore.inputs.tokens import TokenDataset


class QuestionDataset(TokenDataset):
    """All or some windows of a stored split.

    Args:
        arrays: the stored split.
        max_length: largest length of a batch.
        pad_token_id: id of the padding token.
        chosen: int64 [windows], indices in the stored split; None for all.
        places: int32 [vocabulary], the number of each token id in a batch; None for the id itself.
    """

    def __init__(
        self,
        arrays: QuestionArrays,
        max_length: int,
        pad_token_id: int,
        chosen: np.ndarray | None = None,
        places: np.ndarray | None = None,
    ) -> None:
        super().__init__(arrays.tokens, max_length, pad_token_id, chosen, places)
        self._questions = arrays

    @property
    def parts(self) -> np.ndarray:
        """int64 [rows]: the number of windows of each row; a row's windows are adjacent."""
        return np.unique(self.rows, return_counts=True)[1]

    @property
    def rows(self) -> np.ndarray:
        """int64 [windows]: the index of each window's row in the stored split, ascending."""
        return np.asarray(self._questions.rows[self._rows])

    def records(self) -> list[Record]:
        """Return each row's record for evaluation, in order."""
        return [self._questions.record(int(row)) for row in np.unique(self.rows)]

    @property
    def has_null_answers(self) -> bool:
        """Whether some context has no answer to its question."""
        return not bool(self._questions.answered[np.unique(self.rows)].all())

    @property
    def answer_tokens(self) -> np.ndarray:
        """int64 [rows]: the number of tokens of each row's first answer; 0 if no window has all of it.

        A row without an answer has -1.
        """
        spans = self._questions.tokens.targets[self._rows]
        sizes = np.where(spans.any(axis=1), spans[:, 1] - spans[:, 0] + 1, 0)
        largest = np.maximum.reduceat(sizes, group_starts(self.parts))
        return np.where(self._questions.answered[np.unique(self.rows)], largest, -1)

    def offsets(self, window: int) -> np.ndarray:
        """Return start and end of each token of a window in its context, int32 [tokens, 2]; -1 outside the context."""
        start, end = self._questions.tokens.starts[self._rows[window] : self._rows[window] + 2]
        return np.asarray(self._questions.offsets[start:end])

    def subset(self, ids: np.ndarray) -> "QuestionDataset":
        """Return the windows with these ids, int64 [windows], as a separate data set, renumbered from 0."""
        return self._with(self._rows[ids], self._places)

    def weighted(self, weights: np.ndarray) -> "QuestionDataset":
        """Return the same examples with weights, float32 [examples], in place of their own."""
        tokens = self._questions.tokens
        every = placed(weights, self._rows, len(tokens.hashes))
        questions = replace(self._questions, tokens=replace(tokens, weights=every))
        return QuestionDataset(questions, self._max_length, self._pad_token_id, self._rows, self._places)

    def renumbered(self, places: np.ndarray) -> "QuestionDataset":
        """Return the same windows with other token numbers: places int32 [vocabulary], by token id."""
        return self._with(self._rows, places)

    def batch(self, ids: np.ndarray) -> Batch:
        """Return the windows with these ids, int64 [windows], in this order, padded to one length."""
        found = super().batch(ids)
        mask = found.inputs["attention_mask"]
        return _with_places(found, np.arange(len(ids)) * mask.shape[1], mask.sum(axis=1))

    def packed(self, ids: np.ndarray) -> Batch:
        """Return the windows with these ids, int64 [windows], in this order, packed into rows."""
        found = super().packed(ids)
        return _with_places(found, found.inputs["starts"], found.inputs["lengths"])

    def _with(self, chosen: np.ndarray, places: np.ndarray | None) -> "QuestionDataset":
        return QuestionDataset(self._questions, self._max_length, self._pad_token_id, chosen, places)


def _with_places(batch: Batch, starts: np.ndarray, lengths: np.ndarray) -> Batch:
    """Return a batch whose labels also hold the positions of each window's tokens, which the loss reads.

    Args:
        batch: batch with labels int32 [windows, 2].
        starts: int [windows], the position of each window's first token in the concatenated rows.
        lengths: int [windows], the number of tokens of each.
    """
    if not batch.targets:
        return batch
    tokens = np.arange(int(lengths.max()))
    places = np.where(tokens < lengths[:, None], starts[:, None] + tokens, -1)
    labels = np.concatenate([batch.targets["labels"], places], axis=1).astype(np.int32)
    return replace(batch, targets={"labels": labels})
