"""Describes how texts become examples and batches of a language model."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ftcore.data import CountedDataset
from ftcore.inputs.language.encoders import Encode, Encoder
from ftcore.inputs.language.loader import LanguageLoader
from ftcore.inputs.language.store import LanguageArrays
from ftcore.models import ModelPlan
from ftcore.parts import SpecPart
from ftcore.text import Tokenizer


@dataclass(frozen=True)
class Tokenizers:
    """The tokenizers of a language model.

    Attributes:
        source: the tokenizer of the texts that the model reads.
        target: the tokenizer of the texts that it writes; the same object if there is only one.
        folder: the folder of the source tokenizer.
    """

    source: Tokenizer
    target: Tokenizer
    folder: Path


@dataclass(frozen=True)
class ModelTokens:
    """Token ids that a model's files specify.

    Attributes:
        start: the token that an encoder-decoder's decoder starts with; None if there is none.
        end: the token that ends a text; None if there is none.
    """

    start: int | None
    end: int | None


@dataclass(frozen=True)
class Encoding:
    """How texts become examples and batches.

    Attributes:
        encoder: makes examples of rows.
        dataset: makes the dataset of stored examples.
    """

    encoder: Encoder
    dataset: Callable[[LanguageArrays], CountedDataset]

    def loader(self, encode: Encode, base: Path, notify: Callable[[str], None]) -> LanguageLoader:
        """Return the loader of files; `encode` is the encoder's method `examples` or `prompts`."""
        return LanguageLoader(self.encoder, encode, self.dataset, base, notify)


@dataclass(frozen=True)
class EncodingRequest:
    """The facts that determine how texts become examples.

    Attributes:
        settings: the input's fields of the spec's `data` part.
        tokenizers: the model's tokenizers.
        tokens: the token ids that the model's files specify.
        vocabulary: the size of the model's vocabulary.
        seed: keys the draws of masking.
    """

    settings: SpecPart
    tokenizers: Tokenizers
    tokens: ModelTokens
    vocabulary: int
    seed: int


@dataclass(frozen=True)
class PreparedModel:
    """A language model with its tokenizers.

    Attributes:
        model: the model, which knows the languages of its texts.
        tokenizers: its tokenizers, which mark the languages.
    """

    model: ModelPlan
    tokenizers: Tokenizers
