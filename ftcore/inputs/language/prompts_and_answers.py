"""Defines the input of prompts with answers, or conversations, for causal language models."""

from pathlib import Path
from typing import ClassVar

from ftcore.data import COMPLETION, MESSAGES, PROMPT, PROMPT_INPUT, ColumnRules, DataSpec, Form, TrainingTexts
from ftcore.errors import ModelError
from ftcore.inputs.language.answers import AnswerEncoder, CompletionEncoder
from ftcore.inputs.language.base import LanguageInput, ends_of_text
from ftcore.inputs.language.encoding import Encoding, EncodingRequest
from ftcore.inputs.language.plain_texts import causal_dataset
from ftcore.inputs.language.preparer import LanguagePreparer
from ftcore.inputs.language.settings import Separator
from ftcore.parts import SpecPart, part


class PromptsAndAnswers(LanguageInput):
    """A prompt and its completion, or a list of messages; only the answers are learned."""

    name: ClassVar[str] = "prompts-and-answers"
    kind: ClassVar[str] = "causal"
    forms: ClassVar[tuple[Form, ...]] = ((PROMPT, COMPLETION), (PROMPT, PROMPT_INPUT, COMPLETION), (MESSAGES,))
    written: ClassVar[tuple[str, ...]] = (COMPLETION, MESSAGES)
    own_parts: ClassVar[tuple[type[SpecPart], ...]] = (Separator,)

    def encoding(self, request: EncodingRequest) -> Encoding:
        """Return the encoding of prompts and answers as examples."""
        tokenizers, end = request.tokenizers, request.tokens.end
        if end is None:
            raise ModelError(f"{tokenizers.folder}: names no token that ends an answer (eos_token, eos_token_id)")
        completions = CompletionEncoder(tokenizers.source, end, part(request.settings, Separator).separator)
        return Encoding(AnswerEncoder(completions, tokenizers.folder), causal_dataset(request))

    def warnings(self, preparer: LanguagePreparer, data: DataSpec, base: Path) -> list[str]:
        """Return the warnings of any input, and one if a model that learns messages would not learn to stop."""
        rules = ColumnRules(data.columns, "joint", None, self.forms, optional=True)
        has_messages = next(iter(TrainingTexts(data, base, rules, {MESSAGES})), None) is not None
        encoder = preparer.encoding.encoder
        found = super().warnings(preparer, data, base)
        if has_messages and isinstance(encoder, AnswerEncoder):
            ends = ends_of_text(preparer.model, preparer.tokenizers.target)
            behind = encoder.unended(ends)
            found += [] if behind is None else [_unended(behind, preparer.tokenizers.target.tokens(ends))]
        return found


def _unended(behind: str, ends: list[str]) -> str:
    return (
        f"the chat template puts {behind!r} behind an answer, and no token of it ends a text (that does "
        f"{' or '.join(map(repr, ends))}): the model does not learn to stop; let the template end an answer with such "
        "a token, or name one of its own in generation.stop_tokens"
    )
