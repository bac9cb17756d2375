"""How a task's texts become examples, and batches of them."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from ftcore.data.dataset import CountedDataset
from ftcore.data.forms import MESSAGES
from ftcore.errors import ModelError
from ftcore.inputs.language.answers import AnswerEncoder, CompletionEncoder
from ftcore.inputs.language.causal import CausalExamples
from ftcore.inputs.language.encoders import Encode, Encoder, MaskedTextEncoder, PairEncoder, TextEncoder
from ftcore.inputs.language.loader import LanguageLoader
from ftcore.inputs.language.masked import MaskedExamples, Masking
from ftcore.inputs.language.pairs import PairExamples
from ftcore.inputs.language.store import LanguageArrays
from ftcore.spec.data import DataSpec
from ftcore.tasks import LanguageTask
from ftcore.text import Tokenizer

MASKS = ("[MASK]", "<mask>")
"""The mask tokens of tokenizers whose configuration does not name theirs."""


@dataclass(frozen=True)
class Texts:
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


def encoding_of(
    task: LanguageTask, data: DataSpec, texts: Texts, tokens: ModelTokens, vocabulary: int, seed: int
) -> Encoding:
    """Return how a task's texts become examples.

    Args:
        task: what is learned.
        data: how rows are read.
        texts: the model's tokenizers.
        tokens: that the model's files name.
        vocabulary: number of tokens of the model.
        seed: keys what is masked.

    Raises:
        ModelError: the model lacks a token that the task needs.
    """
    if task.model == "encoder-decoder":
        return _of_pairs(data, texts, tokens)
    if task.model == "masked":
        masking = _masking(data, texts, vocabulary, seed)
        return Encoding(MaskedTextEncoder(texts.source), partial(MaskedExamples, masking=masking))
    dataset = partial(CausalExamples, max_length=data.max_length, pad_token_id=texts.source.pad_token_id)
    if not any(MESSAGES in form for form in task.forms):
        return Encoding(TextEncoder(texts.source, tokens.end), dataset)
    if tokens.end is None:
        raise ModelError(f"{texts.folder}: says no token that ends an answer (eos_token, eos_token_id)")
    return Encoding(AnswerEncoder(CompletionEncoder(texts.source, tokens.end, data.separator), texts.folder), dataset)


def _of_pairs(data: DataSpec, texts: Texts, tokens: ModelTokens) -> Encoding:
    if tokens.start is None:
        raise ModelError(f"{texts.folder}: says no token that a decoder starts with (decoder_start_token_id)")
    source, target = texts.source, texts.target
    dataset = partial(
        PairExamples,
        pads=(source.pad_token_id, target.pad_token_id),
        longest=(source.max_length, target.max_length),
        start=tokens.start,
    )
    return Encoding(PairEncoder(source, target, data.source_prefix, tokens.start), dataset)


def _masking(data: DataSpec, texts: Texts, vocabulary: int, seed: int) -> Masking:
    named = texts.source.token_id("mask_token")
    found = [named, *(texts.source.id_of(token) for token in MASKS)]
    mask = next((token for token in found if token is not None), None)
    if mask is None:
        raise ModelError(f"{texts.folder}: its tokenizer has no mask token, which masked-language-modeling needs")
    return Masking(data.masked_share, mask, vocabulary, seed, data.max_length, texts.source.pad_token_id)
