"""Prepares examples for networks that read tokens, for any kind of row."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ftcore.contract.network import Network, Transformer
from ftcore.contract.optimizers import Optimizer
from ftcore.data import (
    ColumnRules,
    Columns,
    Dataset,
    LoadedFile,
    Location,
    Reading,
    Row,
    RowEncoder,
    Source,
    Splits,
    open_source,
)
from ftcore.errors import SpecError
from ftcore.inputs.base import Notify, Preparer
from ftcore.inputs.shown_tokens import shown_tokens
from ftcore.inputs.tokens.chosen_inputs import ChosenInputs
from ftcore.inputs.tokens.lean import shortened
from ftcore.inputs.tokens.memory import dataset_of
from ftcore.inputs.tokens.store import TokenDataset
from ftcore.inputs.tokens.tokenising import TokenRows, tokenised, tokenised_rows
from ftcore.models import LeanTable, ModelPlan, with_added_tokens
from ftcore.text import Tokenizer, copy_tokenizer


class TokenPreparer(Preparer):
    """Makes tokens of rows for one network.

    Args:
        rows: how a row becomes tokens.
        every_subword: whether all tokens of a word have its label, or only the first.
    """

    def __init__(self, rows: TokenRows, every_subword: bool = False) -> None:
        self.rows = rows
        self.every_subword = every_subword

    @property
    def tokenizer(self) -> Tokenizer:
        """The model's tokenizer."""
        return self.rows.tokenizer

    def loader(self, base: Path, notify: Notify) -> "TokenLoader":
        """Return the loader of text files."""
        return TokenLoader(self.rows, base, notify, self.every_subword)

    def row_encoder(self, rules: ColumnRules) -> RowEncoder:
        """Return the encoder of the rows of a stream."""
        reading = Reading(rules, target=None, labels=None, on_bad_row="skip")

        def encode(source: Source, rows: Sequence[Row], columns: Columns) -> tuple[Dataset | None, Mapping[int, str]]:
            given = tokenised_rows(source, rows, columns, reading, self.rows)
            problems = {rejection.row: str(rejection) for rejection in given.rejections}
            return dataset_of(given.chunk, self.rows.sequences(columns), self.tokenizer), problems

        return RowEncoder(rules, encode)

    def tokens(self, dataset: Dataset) -> dict[str, list[list[str]]]:
        """Return the tokens of each sequence of some examples."""
        return shown_tokens(dataset, {"": self.tokenizer})

    def token_count(self, texts: Sequence[str]) -> int:
        """Return the number of tokens of texts that are not cut, without special tokens."""
        return sum(len(ids) for ids in self.tokenizer.plain(texts))

    def check_model(self, model: ModelPlan) -> None:
        """Raise SpecError if max_length exceeds the network's positions."""
        body, length = model.network.architecture.body, self.tokenizer.max_length
        if isinstance(body, Transformer) and length > body.longest:
            raise SpecError(f"data.max_length: given {length}, but the model has {body.longest} positions: lower it")

    def fitted(self, model: ModelPlan, seed: int) -> ModelPlan:
        """Return the model with a row in its token table for each token added to the tokenizer."""
        return with_added_tokens(model, self.tokenizer.stored, self.tokenizer.added, seed)

    def shortened(
        self, model: ModelPlan, splits: Splits, trainable: frozenset[str] | None, optimizer: Optimizer
    ) -> tuple[LeanTable, Splits] | None:
        """Return a token table reduced to the rows that the splits use, if the table is trained and this is exact."""
        return shortened(model, splits, trainable, optimizer)

    def for_module(self, splits: Splits, what: str, names: Callable[[], Mapping[str, str]], notify: Notify) -> Splits:
        """Return the splits with the token inputs that the module takes."""
        taken = names()
        if "attention_mask" not in taken:
            notify(f"{what} takes no attention_mask: its results may depend on the padding")
        self.check_module_inputs(what, taken)
        return {split: ChosenInputs(dataset, taken) for split, dataset in splits.items()}

    def check_module_inputs(self, what: str, names: Mapping[str, str]) -> None:
        """Raise ModelError if a module does not take an input that the task needs."""

    def notes_of_training(self, network: Network, trainable: frozenset[str] | None) -> list[str]:
        """Return messages for the user about added tokens whose rows are not trained."""
        return untrained_tokens(network, self.tokenizer.added, trainable)

    def write_files(self, plan: ModelPlan, folder: Path) -> None:
        """Write the tokenizer's files."""
        copy_tokenizer(plan.tokenizer_folder, folder, plan.tokenizer_json)


@dataclass(frozen=True)
class TokenLoader:
    """Loads files for one tokenizer.

    Attributes:
        rows: how a row becomes tokens.
        base: the folder that relative paths start from.
        notify: called with messages for the user.
        every_subword: whether all tokens of a word have its label, or only the first.
    """

    rows: TokenRows
    base: Path
    notify: Notify
    every_subword: bool = False

    def load(self, location: Location, reading: Reading) -> LoadedFile:
        """Read, check and tokenise a file, or find it in the cache."""
        source = open_source(location, self.base, reading.format, reading.where).told(self.notify)
        sha256 = source.sha256()
        stored, tokenizer = tokenised(source, sha256, reading, self.rows, self.notify), self.rows.tokenizer
        arrays = stored.arrays
        if arrays.words is not None:
            arrays = replace(arrays, words=replace(arrays.words, every_subword=self.every_subword))
        return LoadedFile(
            source.name, sha256, stored, TokenDataset(arrays, tokenizer.max_length, tokenizer.pad_token_id)
        )


def untrained_tokens(network: Network, added: Iterable[str], trainable: frozenset[str] | None) -> list[str]:
    """Return a note if added tokens have randomly drawn rows that are not trained."""
    table, tokens = network.architecture.token_table, ", ".join(added)
    if not tokens or table is None or trainable is None or table.name in trainable:
        return []
    return [
        f"model.trainable leaves {table.name} out: the rows of {tokens} keep their random values; add it to "
        "model.trainable, or give data.mark_predicate: segment"
    ]
