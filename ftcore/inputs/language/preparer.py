"""Prepares the examples of language models."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ftcore.data import ColumnRules, Columns, CountedDataset, Dataset, DataSpec, Row, RowEncoder, Source, Splits
from ftcore.inputs.base import Notify, Preparer
from ftcore.inputs.language.dataset import LanguageExamples
from ftcore.inputs.language.encoding import Encoding, PreparedModel, Tokenizers
from ftcore.inputs.language.loader import LanguageLoader
from ftcore.inputs.shown_tokens import shown_tokens
from ftcore.inputs.tokens import TextLength
from ftcore.models import ModelPlan
from ftcore.parts import SpecPart, part
from ftcore.text import AS_AUTO_TOKENIZER, TARGET_TOKENIZER, copy_target_tokenizer, copy_tokenizer

if TYPE_CHECKING:
    from ftcore.inputs.language.base import LanguageInput

UNSAID = ("masked_share",)
"""Fields that matter only in training and are not stored in ftcore.json."""


class LanguagePreparer(Preparer):
    """Makes examples of texts for one language model.

    Args:
        kind: the kind of input.
        settings: the input's fields of the spec's `data` part.
        prepared: the model and its tokenizers.
        encoding: how texts become examples.
    """

    def __init__(self, kind: "LanguageInput", settings: SpecPart, prepared: PreparedModel, encoding: Encoding) -> None:
        self._kind = kind
        self.settings = settings
        self.model: ModelPlan = prepared.model
        self.tokenizers: Tokenizers = prepared.tokenizers
        self.encoding = encoding

    @property
    def encoding_length(self) -> int:
        """Maximum tokens, with special tokens, of a text that the model reads."""
        return part(self.settings, TextLength).max_length

    def loader(self, base: Path, notify: Notify) -> LanguageLoader:
        """Return the loader of text files."""
        return self.encoding.loader(self.encoding.encoder.examples, base, notify)

    def row_encoder(self, rules: ColumnRules) -> RowEncoder:
        """Return the encoder of the prompts of streamed rows, from which texts are generated."""
        loader = self.encoding.loader(self.encoding.encoder.prompts, Path.cwd(), lambda text: None)

        def encode(source: Source, rows: Sequence[Row], columns: Columns) -> tuple[Dataset | None, Mapping[int, str]]:
            return loader.load_rows(source, rows, columns)

        return RowEncoder(rules, encode)

    def example_encoder(self, rules: ColumnRules) -> RowEncoder:
        """Return the encoder of single rows as training reads them, with the texts that the model learns to write."""
        loader = self.loader(Path.cwd(), lambda text: None)

        def encode(source: Source, rows: Sequence[Row], columns: Columns) -> tuple[Dataset | None, Mapping[int, str]]:
            return loader.load_rows(source, rows, columns)

        return RowEncoder(rules, encode)

    def tokens(self, dataset: Dataset) -> dict[str, list[list[str]]]:
        """Return the tokens of each sequence of some examples."""
        return shown_tokens(dataset, {"": self.tokenizers.source, "decoder_": self.tokenizers.target})

    def token_count(self, texts: Sequence[str]) -> int:
        """Return the number of tokens of texts that are not cut, without special tokens."""
        return sum(len(ids) for ids in self.tokenizers.source.plain(texts))

    def fitted(self, model: ModelPlan, seed: int) -> ModelPlan:
        """Return the model, set to the languages of its texts."""
        return self.model

    def for_evaluation(self, dataset: CountedDataset) -> CountedDataset:
        """Return the split in the form that evaluation reads; for masked texts, one example per token."""
        return dataset.for_evaluation() if isinstance(dataset, LanguageExamples) else dataset

    def train_at(self, dataset: CountedDataset) -> Callable[[int], CountedDataset] | None:
        """Return a function from a step to its masked texts; None if nothing is masked."""
        return dataset.by_step() if isinstance(dataset, LanguageExamples) else None

    def check_model(self, model: ModelPlan) -> None:
        """Raise SpecError if a length exceeds the network's positions."""
        self._kind.check_lengths(self.settings, model)

    def notes(self, data: DataSpec, base: Path) -> list[str]:
        """Return a warning if the tokenizer cannot represent the texts that the model learns to write."""
        return self._kind.warnings(self, data, base)

    def described(self, splits: Splits) -> dict[str, Any]:
        """Return this input's fields of ftcore.json."""
        said = self.settings.model_dump(exclude_defaults=True, exclude=set(UNSAID))
        return {**said, "max_length": self.encoding_length, **AS_AUTO_TOKENIZER}

    def write_files(self, plan: ModelPlan, folder: Path) -> None:
        """Write the tokenizers' files."""
        copy_tokenizer(plan.tokenizer_folder, folder, plan.tokenizer_json)
        if plan.target_tokenizer_folder is not None:
            copy_target_tokenizer(plan.target_tokenizer_folder, folder / TARGET_TOKENIZER)

    def prompts(self, dataset: Dataset, ids: np.ndarray) -> dict[str, np.ndarray]:
        """Return the inputs of generation, int32 [examples, length] each.

        Args:
            dataset: the examples.
            ids: int64 [examples], the wanted examples.

        Raises:
            TypeError: no texts are generated from these examples.
        """
        if not isinstance(dataset, LanguageExamples):
            raise TypeError("no texts are generated from these examples")
        return dataset.prompt_inputs(ids)

    def shorter(self, max_length: int) -> "LanguagePreparer":
        """Return a preparer of examples with at most this many tokens."""
        return self._kind.shorter(self, max_length)
