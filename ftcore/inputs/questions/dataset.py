"""Windows of questions with their contexts, as batches."""

from dataclasses import replace

import numpy as np

from ftcore.contract import Batch
from ftcore.inputs.questions.store import QuestionArrays, Record
from ftcore.inputs.tokens import TokenDataset


class QuestionDataset(TokenDataset):
    """Windows of a stored split: all, or some.

    Args:
        arrays: the stored split.
        max_length: the longest that a batch may be.
        pad_token_id: what batches are filled up with.
        chosen: int64 [windows], places in the stored split; None for all.
        places: int32 [vocabulary], the number that stands for each token in a batch; None for its own id.
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
        """int64 [rows]: how many windows each row is, which follow each other."""
        return np.unique(self.rows, return_counts=True)[1]

    @property
    def rows(self) -> np.ndarray:
        """int64 [windows]: the number of the row that each is of, in the stored split: ascending."""
        return np.asarray(self._questions.rows[self._rows])

    def records(self) -> list[Record]:
        """Return what is judged of each row, in order."""
        return [self._questions.record(int(row)) for row in np.unique(self.rows)]

    @property
    def has_null_answers(self) -> bool:
        """Whether a context has no answer to its question."""
        return not bool(self._questions.answered[np.unique(self.rows)].all())

    def offsets(self, window: int) -> np.ndarray:
        """Return where each token of a window begins and ends in its context, int32 [tokens, 2]; -1 elsewhere."""
        start, end = self._questions.tokens.starts[self._rows[window] : self._rows[window] + 2]
        return np.asarray(self._questions.offsets[start:end])

    def subset(self, ids: np.ndarray) -> "QuestionDataset":
        """Return the windows with these ids, int64 [windows], as a data set of their own, renumbered from 0."""
        return self._with(self._rows[ids], self._places)

    def renumbered(self, places: np.ndarray) -> "QuestionDataset":
        """Return the same windows with other numbers for tokens: places int32 [vocabulary], by token id."""
        return self._with(self._rows, places)

    def batch(self, ids: np.ndarray) -> Batch:
        """Return the windows with these ids, int64 [windows], in this order, padded to one length."""
        found = super().batch(ids)
        mask = found.inputs["attention_mask"]
        return _with_places(found, np.arange(len(ids)) * mask.shape[1], mask.sum(axis=1))

    def packed(self, ids: np.ndarray) -> Batch:
        """Return the windows with these ids, int64 [windows], in this order, several in a row."""
        found = super().packed(ids)
        return _with_places(found, found.inputs["starts"], found.inputs["lengths"])

    def _with(self, chosen: np.ndarray, places: np.ndarray | None) -> "QuestionDataset":
        return QuestionDataset(self._questions, self._max_length, self._pad_token_id, chosen, places)


def _with_places(batch: Batch, starts: np.ndarray, lengths: np.ndarray) -> Batch:
    """Return a batch whose labels say too where each window's tokens are, as the loss of answers reads them.

    Args:
        batch: its labels are int32 [windows, 2].
        starts: int [windows], the place of each one's first token in the rows laid end to end.
        lengths: int [windows], tokens.
    """
    if not batch.targets:
        return batch
    tokens = np.arange(int(lengths.max()))
    places = np.where(tokens < lengths[:, None], starts[:, None] + tokens, -1)
    labels = np.concatenate([batch.targets["labels"], places], axis=1).astype(np.int32)
    return replace(batch, targets={"labels": labels})
