"""Computes a model's vectors of texts: one per row, or one per token."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ftcore.contract import Batch, Learner, Want
from ftcore.contract.network import SHORTEST, Architecture, Transformer
from ftcore.data import Dataset, Row, Source, evaluation_batches
from ftcore.errors import BackendError, DataError, SpecError
from ftcore.evaluation import finite_outputs, in_order
from ftcore.formats import FeaturePooling
from ftcore.inputs.tokens import check_tokens, text_rows
from ftcore.models import (
    LENGTH,
    ModelSpec,
    PooledHead,
    VectorHead,
    check_padding,
    described,
    plan_model,
    sentence_settings,
    stored_length,
)
from ftcore.prediction.chunks import read_chunks, rows_named
from ftcore.runs import Device, learner_of, read_description
from ftcore.text import Tokenizer

LAST = -1
"""The layer whose states are transformers' last_hidden_state."""
ROWS_PER_TOKEN = 256
"""Maximum number of rows whose token vectors are in memory at once."""


class FeatureModel(PooledHead, ModelSpec):
    """A pretrained model, and how it pools a text into a vector."""


@dataclass(frozen=True)
class Features:
    """Vectors of consecutive rows.

    Attributes:
        rows: the rows.
        vectors: float32 [hidden] for each row, or [tokens, hidden] if each token has a vector.
        tokens: the tokens of each row, with special tokens; None if vectors are of whole rows.
    """

    rows: Sequence[Row]
    vectors: Sequence[np.ndarray]
    tokens: Sequence[Sequence[str]] | None = None


@dataclass(frozen=True)
class Extractor:
    """A model without a classifier.

    Attributes:
        learner: holds its parameters.
        tokenizer: the model's tokenizer.
        pooling: how a sequence becomes one vector; "none" for one vector per token.
        normalize: whether each vector is scaled to length 1.
        layer: 0 for the output of the embeddings, 1 for that of the first block; negative ones count from the last.
        prompt: what stands before every text.
    """

    learner: Learner
    tokenizer: Tokenizer
    pooling: FeaturePooling
    normalize: bool
    layer: int
    prompt: str = ""

    def features(self, source: Source, columns: Mapping[str, str], keep: Sequence[str]) -> Iterator[Features]:
        """Read rows as they arrive and yield their vectors.

        Args:
            source: the rows.
            columns: the source's name of each column, by ftcore's name.
            keep: further columns to read.

        Raises:
            DataError: the source or a row is wrong, or there are no rows.
            NotFiniteError: the vector of a row is not finite.
            SpecError: the model has no such layer.
        """
        encoder = text_rows(self.tokenizer, columns, prompt=self.prompt)
        is_empty = True
        for chunk in read_chunks(source, encoder, keep, "stop"):
            if chunk.dataset is None:
                continue
            is_empty = False
            if self.pooling == "none":
                yield from self._of_tokens(source.name, chunk.rows, chunk.dataset)
            else:
                with rows_named(source.name, chunk.rows, chunk.dataset):
                    yield Features(chunk.rows, list(self._of_rows(chunk.dataset)))
        if is_empty:
            raise DataError("the data has no rows")

    def _of_rows(self, dataset: Dataset) -> np.ndarray:
        parts, places = [], []
        for batch in evaluation_batches(dataset):
            parts.append(self._pooled(batch))
            places.append(batch.example_ids)
        return in_order(parts, places)

    def _pooled(self, batch: Batch) -> np.ndarray:
        if self.layer != LAST:
            return self._scaled(pooled(self.pooling, self._states(batch), batch.inputs["attention_mask"]))
        found = finite_outputs(self.learner, batch, Want(logits=False, pooled=True)).pooled
        if found is None:
            raise BackendError("the backend returned no pooled vectors")
        return found

    def _of_tokens(self, name: str, rows: Sequence[Row], dataset: Dataset) -> Iterator[Features]:
        for start in range(0, len(rows), ROWS_PER_TOKEN):
            part = rows[start : start + ROWS_PER_TOKEN]
            chosen = dataset.subset(np.arange(start, start + len(part)))
            with rows_named(name, part, chosen):
                vectors, ids = self._vectors_of_tokens(chosen)
            yield Features(part, vectors, [self.tokenizer.tokens(one.tolist()) for one in ids])

    def _vectors_of_tokens(self, dataset: Dataset) -> tuple[list[np.ndarray], list[np.ndarray]]:
        """Return each row's vectors, float32 [tokens, hidden], and its tokens' ids, int32 [tokens]."""
        vectors: list[np.ndarray] = [np.zeros(0)] * len(dataset)
        ids: list[np.ndarray] = [np.zeros(0)] * len(dataset)
        for batch in evaluation_batches(dataset):
            states, real = self._scaled(self._states(batch)), batch.inputs["attention_mask"] > 0
            for index, example in enumerate(batch.example_ids):
                # Copy the real tokens, because a view would keep the whole batch in memory.
                vectors[example] = states[index][real[index]]
                ids[example] = batch.inputs["input_ids"][index][real[index]]
        return vectors, ids

    def _states(self, batch: Batch) -> np.ndarray:
        """Return the chosen layer's hidden states, float32 [sequences, length, hidden]."""
        layers = finite_outputs(self.learner, batch, Want(logits=False, hidden_states=True)).hidden_states
        if layers is None:
            raise BackendError("the backend returned no hidden states")
        if not -len(layers) <= self.layer < len(layers):
            raise SpecError(
                f"layer: given {self.layer}; allowed: 0 (the embeddings) to {len(layers) - 1}, "
                f"or, counted from the last, -1 to {-len(layers)}"
            )
        return layers[self.layer]

    def _scaled(self, vectors: np.ndarray) -> np.ndarray:
        if not self.normalize:
            return vectors
        return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), SHORTEST))


def load_extractor(
    model: str,
    device: Device,
    pooling: FeaturePooling | None,
    normalize: bool | None,
    layer: int,
    max_length: int | None,
    prompt: str | None = None,
) -> Extractor:
    """Load a pretrained or fine-tuned model of texts, without its head; None takes the setting of its folder.

    These are what `SentenceTransformer.encode` follows, if the folder has sentence-transformers' files.

    Raises:
        SpecError: pooling and layer do not fit together, or max_length exceeds the model's positions.
        ModelError: the model does not exist, or does not read tokens.
    """
    # The network pools only the last layer; for other layers, and for tokens, hidden states are read.
    own = "cls" if pooling == "none" else pooling
    scales = bool(normalize) if pooling == "none" else normalize
    spec = FeatureModel.model_validate({"pretrained": model, "pooling": own, "normalize": scales})
    folder, architecture = described(spec, Path.cwd())
    check_tokens(folder, architecture)
    description = read_description(folder)
    length = _length(max_length, folder, description, architecture)
    plan = plan_model(spec, VectorHead(), 0, Path.cwd(), description=description)
    head = plan.network.head
    found = "none" if pooling == "none" else head.pooling or "mean"
    if found == "pooler" and layer != LAST:
        raise SpecError("pooling: pooler reads only the last layer: leave layer out, or choose another pooling")
    said = sentence_settings(folder)
    check_padding(folder, architecture.body)
    tokenizer = Tokenizer.load(plan.tokenizer_folder, length)
    reader = tokenizer.lowered() if said.lowers else tokenizer
    learner = learner_of(plan, device, description)
    return Extractor(learner, reader, found, head.normalize, layer, said.prompt if prompt is None else prompt)


def _length(given: int | None, folder: Path, description: Mapping[str, Any] | None, architecture: Architecture) -> int:
    """Return the maximum tokens of a text: as given, or else the folder's setting, limited to the model's positions."""
    longest = architecture.body.longest if isinstance(architecture.body, Transformer) else None
    if given is None:
        found = stored_length(folder, description or {}, longest) or LENGTH
        return found if longest is None else min(found, longest)
    if longest is not None and given > longest:
        raise SpecError(f"max_length: given {given}, but the model has {longest} positions: lower it")
    return given


def pooled(pooling: FeaturePooling, states: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Return one vector per sequence, float [sequences, hidden], pooled as networks pool their last layer.

    Args:
        pooling: mean, max, cls or last.
        states: float [sequences, length, hidden].
        mask: int [sequences, length], 1 for real tokens, which come first.
    """
    real = mask[:, :, None] > 0
    if pooling == "mean":
        return np.asarray(np.where(real, states, 0).sum(axis=1) / real.sum(axis=1).astype(states.dtype))
    if pooling == "max":
        return np.asarray(np.where(real, states, -np.inf).max(axis=1))
    places = mask.sum(axis=1) - 1 if pooling == "last" else np.zeros(len(mask), np.int64)
    return np.asarray(states[np.arange(len(mask)), places])
