"""Finds the tokenizer folder that a spec names, or trains a tokenizer on the training texts."""

from collections.abc import Collection
from pathlib import Path

from ftcore.data import REFERENCES, SOURCE, TARGET, ColumnRules, DataSpec, Form, TrainingTexts
from ftcore.models import ENCODER_DECODERS, ModelPart, ModelSpec, OwnModule, TwoParts, read_config, resolve
from ftcore.text import BEGIN, TARGET_TOKENIZER, Before, TokenizerTraining, trained_tokenizer


class TokenizerFolders:
    """The folders of the tokenizers of one spec.

    Args:
        model: the `model` part.
        data: the `data` part; a tokenizer may be trained on its training file.
        forms: the sets of columns that an example may be made of.
        pair: "joint" or "separate".
        base: the folder that relative locations start from.
    """

    def __init__(self, model: ModelSpec, data: DataSpec, forms: tuple[Form, ...], pair: str, base: Path) -> None:
        self._model, self._data, self._forms, self._pair, self._base = model, data, forms, pair, base

    def source(self) -> Path:
        """Return the folder of the tokenizer for the network's input (for an encoder-decoder: its sources).

        Raises:
            ModelError: a location is not found.
            DataError: the training file cannot be read, or has no texts.
        """
        model = self._model
        if isinstance(model, TwoParts) and model.encoder is not None:
            return self._of_part(model.encoder, SOURCE)
        if isinstance(model, OwnModule) and model.module is not None:
            return resolve(str(model.tokenizer), None, self._base)
        if model.from_scratch is None:
            return resolve(str(model.pretrained), model.revision, self._base)
        folder = resolve(model.from_scratch.architecture, model.revision, self._base)
        given = model.from_scratch.tokenizer
        if isinstance(given, TokenizerTraining):
            columns = {name for form in self._forms for name in form} - {REFERENCES}
            return self._trained(given, columns, _before(folder))
        return folder if given is None else resolve(given, None, self._base)

    def target(self) -> Path:
        """Return the folder of the tokenizer for the network's output, which mostly is the one for its input.

        Raises:
            ModelError: a location is not found.
            DataError: the training file cannot be read, or has no texts.
        """
        if isinstance(self._model, TwoParts) and self._model.decoder is not None:
            return self._of_part(self._model.decoder, TARGET)
        folder = self.source()
        own = folder / TARGET_TOKENIZER
        return own if own.is_dir() else folder

    def folders(self) -> tuple[Path, Path]:
        """Return the folders for input and output."""
        return self.source(), self.target()

    def _of_part(self, part: ModelPart, column: str) -> Path:
        if isinstance(part.tokenizer, TokenizerTraining):
            return self._trained(part.tokenizer, {column}, "" if column == TARGET else BEGIN)
        if part.tokenizer is not None:
            return resolve(part.tokenizer, None, self._base)
        return resolve(str(part.pretrained or part.from_scratch), part.revision, self._base)

    def _trained(self, training: TokenizerTraining, columns: Collection[str], before: Before) -> Path:
        rules = ColumnRules(self._data.columns, self._pair, None, self._forms, optional=True)
        texts = TrainingTexts(self._data, self._base, rules, columns)
        return trained_tokenizer(texts, training.train, training.vocabulary, texts.sources, before)


def _before(folder: Path) -> Before:
    """Return what a new tokenizer puts before a text: nothing if texts are also targets."""
    return "" if read_config(folder).get("model_type") in ENCODER_DECODERS else BEGIN
