"""Chooses the examples of each training step."""

import numpy as np

from ftcore.contract import seeds


class EpochSampler:
    """Permutes all examples anew in each epoch and cuts them into batches; a last, shorter batch is kept.

    Any step follows from the seed alone, so a resumed run needs no state.

    Attributes:
        steps_per_epoch: number of batches per epoch.
    """

    def __init__(self, examples: int, batch_size: int, seed: int) -> None:
        if examples < 1 or batch_size < 1:
            raise ValueError(f"{examples} examples in batches of {batch_size}: both must be at least 1")
        self.steps_per_epoch = -(-examples // batch_size)
        self._examples = examples
        self._batch_size = batch_size
        self._seed = seed
        self._drawn: tuple[int, np.ndarray] | None = None

    def ids(self, step: int) -> np.ndarray:
        """Return the ids of a step's global batch, int64 [batch]; step 1 is the first."""
        epoch, place = divmod(step - 1, self.steps_per_epoch)
        start = place * self._batch_size
        return self._order(epoch)[start : start + self._batch_size]

    def _order(self, epoch: int) -> np.ndarray:
        if self._drawn is None or self._drawn[0] != epoch:
            self._drawn = epoch, seeds.generator(self._seed, "order", epoch).permutation(self._examples)
        return self._drawn[1]
