"""Prepares the examples of networks that read questions with contexts."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

from ftcore.contract.network import Transformer
from ftcore.contract.optimizers import Optimizer
from ftcore.data import ColumnRules, Columns, Dataset, Row, RowEncoder, Source, Splits
from ftcore.errors import SpecError
from ftcore.inputs.base import Notify, Preparer
from ftcore.inputs.questions.dataset import QuestionDataset
from ftcore.inputs.questions.loader import QuestionLoader
from ftcore.inputs.questions.windows import QuestionEncoder
from ftcore.inputs.shown_tokens import shown_tokens
from ftcore.inputs.tokens.lean import shortened
from ftcore.models import LeanTable, ModelPlan
from ftcore.text import AS_AUTO_TOKENIZER, copy_tokenizer


class QuestionPreparer(Preparer):
    """Makes windows from questions with contexts.

    Args:
        encoder: makes windows from a row.
        null_answers: whether some training questions have no answer in their context; None if that is not known.
    """

    reads_targets: ClassVar[bool] = True

    def __init__(self, encoder: QuestionEncoder, null_answers: bool | None = False) -> None:
        self.encoder = encoder
        self.null_answers = null_answers

    def loader(self, base: Path, notify: Notify) -> QuestionLoader:
        """Return the loader of files of questions."""
        return QuestionLoader(self.encoder, base, notify)

    def row_encoder(self, rules: ColumnRules) -> RowEncoder:
        """Return the encoder of single rows."""
        loader = QuestionLoader(self.encoder, Path.cwd(), lambda text: None)

        def encode(source: Source, rows: Sequence[Row], columns: Columns) -> tuple[Dataset | None, Mapping[int, str]]:
            return loader.load_rows(source, rows, columns)

        return RowEncoder(rules, encode)

    def tokens(self, dataset: Dataset) -> dict[str, list[list[str]]]:
        """Return the tokens of each sequence of some examples."""
        return shown_tokens(dataset, {"": self.encoder.tokenizer})

    def token_count(self, texts: Sequence[str]) -> int:
        """Return the number of tokens of texts that are not cut, without special tokens."""
        return sum(len(ids) for ids in self.encoder.tokenizer.plain(texts))

    def check_model(self, model: ModelPlan) -> None:
        """Raise SpecError if max_length is above the network's number of positions."""
        body, length = model.network.architecture.body, self.encoder.tokenizer.max_length
        if isinstance(body, Transformer) and length > body.longest:
            raise SpecError(f"data.max_length: given {length}, and the model has {body.longest} positions: lower it")

    def settled(self, splits: Splits) -> Splits:
        """Return the splits, and record whether some training question has no answer."""
        train = splits["train"]
        self.null_answers = isinstance(train, QuestionDataset) and train.has_null_answers
        return splits

    def shortened(
        self, model: ModelPlan, splits: Splits, trainable: frozenset[str] | None, optimizer: Optimizer
    ) -> tuple[LeanTable, Splits] | None:
        """Return a token table of only the rows that the splits use, if it is trained and the result stays exact."""
        return shortened(model, splits, trainable, optimizer)

    def described(self, splits: Splits) -> dict[str, Any]:
        """Return the preparer's part of ftcore.json."""
        return {
            "max_length": self.encoder.tokenizer.max_length,
            "stride": self.encoder.stride,
            "null_answers": self.null_answers,
            **AS_AUTO_TOKENIZER,
        }

    def write_files(self, plan: ModelPlan, folder: Path) -> None:
        """Write the tokenizer's files."""
        copy_tokenizer(plan.tokenizer_folder, folder, plan.tokenizer_json)
