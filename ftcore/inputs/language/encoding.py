"""How texts become examples of a language model, and batches of them."""

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
        source: of what the model reads.
        target: of what it writes; the same object where there is one tokenizer.
        folder: of the source's files.
    """

    source: Tokenizer
    target: Tokenizer
    folder: Path


@dataclass(frozen=True)
class ModelTokens:
    """Ids of tokens that a model's files name.

    Attributes:
        start: what a decoder of another text starts with; None where there is none.
        end: what ends a text; None where there is none.
    """

    start: int | None
    end: int | None


@dataclass(frozen=True)
class Encoding:
    """How texts become examples and batches.

    Attributes:
        encoder: makes examples of rows.
        dataset: gives batches of stored examples.
    """

    encoder: Encoder
    dataset: Callable[[LanguageArrays], CountedDataset]

    def loader(self, encode: Encode, base: Path, notify: Callable[[str], None]) -> LanguageLoader:
        """Return what loads files; `encode` is the encoder's examples, or its prompts."""
        return LanguageLoader(self.encoder, encode, self.dataset, base, notify)


@dataclass(frozen=True)
class EncodingRequest:
    """What decides how texts become examples.

    Attributes:
        settings: the input's fields of the spec's `data` part.
        tokenizers: the model's.
        tokens: that the model's files name.
        vocabulary: number of tokens of the model.
        seed: keys what is masked.
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
        model: knows the languages of its texts.
        tokenizers: mark them.
    """

    model: ModelPlan
    tokenizers: Tokenizers
