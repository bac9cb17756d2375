"""How a task's texts become examples, and batches of them."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from ftcore.data.dataset import CountedDataset
from ftcore.data.language.causal import CausalExamples
from ftcore.data.language.chat import ChatTemplate, read_chat_template
from ftcore.data.language.encoders import (
    AnswerEncoder,
    Encode,
    Encoder,
    MaskedTextEncoder,
    PairEncoder,
    TextEncoder,
)
from ftcore.data.language.loader import LanguageLoader
from ftcore.data.language.masked import MaskedExamples, Masking
from ftcore.data.language.pairs import PairExamples
from ftcore.data.language.store import LanguageArrays
from ftcore.data.tokenizer import Tokenizer
from ftcore.errors import ModelError
from ftcore.spec.data import DataSpec
from ftcore.tasks import LanguageTask
from ftcore.tasks.forms import MESSAGES


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
    task: LanguageTask, data: DataSpec, texts: Texts, start: int | None, vocabulary: int, seed: int
) -> Encoding:
    """Return how a task's texts become examples.

    Args:
        task: what is learned.
        data: how rows are read.
        texts: the model's tokenizers.
        start: id of the token that a decoder starts with; None for a model of one sequence.
        vocabulary: number of tokens of the model.
        seed: keys what is masked.

    Raises:
        ModelError: the tokenizer lacks a token that the task needs.
    """
    tokenizer = texts.source
    if task.model == "encoder-decoder":
        if start is None:
            raise ModelError("the model does not say which token its decoder starts with (decoder_start_token_id)")
        encoder = PairEncoder(tokenizer, texts.target, data.source_prefix, start)
        pads = tokenizer.pad_token_id, texts.target.pad_token_id
        return Encoding(encoder, partial(PairExamples, source_pad=pads[0], target_pad=pads[1], start=start))
    if task.model == "masked":
        masking = _masking(data, texts, vocabulary, seed)
        return Encoding(MaskedTextEncoder(tokenizer), partial(MaskedExamples, masking=masking))
    dataset = partial(CausalExamples, max_length=data.max_length, pad_token_id=tokenizer.pad_token_id)
    end = tokenizer.token_id("eos_token")
    if any(MESSAGES in form for form in task.forms):
        return Encoding(AnswerEncoder(tokenizer, end, data.separator, _template(data, texts)), dataset)
    return Encoding(TextEncoder(tokenizer, end), dataset)


def _template(data: DataSpec, texts: Texts) -> ChatTemplate | None:
    """Return the chat template; None where there is none, and messages are not named."""
    try:
        return read_chat_template(texts.folder, texts.source.special_tokens)
    except ModelError:
        if MESSAGES in data.columns:
            raise
        return None


def _masking(data: DataSpec, texts: Texts, vocabulary: int, seed: int) -> Masking:
    mask = texts.source.token_id("mask_token")
    if mask is None:
        raise ModelError(f"{texts.folder}: its tokenizer has no mask token, which masked-language-modeling needs")
    return Masking(data.masked_share, mask, vocabulary, seed, data.max_length, texts.source.pad_token_id)
