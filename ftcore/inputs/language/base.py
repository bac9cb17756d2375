"""Defines the base of the inputs of all language models."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any, ClassVar

from pydantic import create_model

from ftcore.contract.network import Architecture, EncoderDecoder, Transformer
from ftcore.data import ColumnRules, DataSpec, Form, TrainingTexts
from ftcore.errors import SpecError
from ftcore.generation import generation_tokens
from ftcore.inputs.base import Request, WholeSpec
from ftcore.inputs.descriptions import check_type
from ftcore.inputs.language.encoding import Encoding, EncodingRequest, ModelTokens, PreparedModel, Tokenizers
from ftcore.inputs.language.preparer import LanguagePreparer
from ftcore.inputs.language.token_ids import check_token_ids
from ftcore.inputs.tokens import TextLength, TokenizerFolders, reads_tokens
from ftcore.models import GENERATION_CONFIG, LanguageModelHead, ModelPlan, ModelSpec
from ftcore.parts import Problems, SpecPart, part
from ftcore.text import Tokenizer, round_trip, round_trip_warning

CHECKED = 5000
"""Maximum number of texts that are encoded and decoded to check whether the tokenizer can represent them."""
REMEDY = (
    "train one with the model: model.from_scratch.tokenizer, or model.decoder.tokenizer, {train: bpe, vocabulary: 8000}"
)


class LanguageInput:
    """Texts for a language model; each subclass adds its columns, its fields and its encoding."""

    name: ClassVar[str]
    probe_pooling: ClassVar[None] = None
    takes_modules: ClassVar[bool] = False
    tabular: ClassVar[bool] = True
    kind: ClassVar[str]
    """The kind of language model for this input: "causal", "masked" or "encoder-decoder"."""
    forms: ClassVar[tuple[Form, ...]]
    written: ClassVar[tuple[str, ...]] = ()
    """The columns with the texts that the model learns to write."""
    own_parts: ClassVar[tuple[type[SpecPart], ...]] = ()

    @property
    def parts(self) -> tuple[type[SpecPart], ...]:
        """The field max_length, and the input's own fields."""
        return (TextLength, *self.own_parts)

    def pair(self, data: SpecPart) -> str:
        """Return "joint"."""
        return "joint"

    def reads(self, architecture: Architecture) -> bool:
        """Return whether a network reads tokens."""
        return reads_tokens(architecture)

    def problems(self, spec: WholeSpec) -> Problems:
        """Return nothing."""
        return []

    def tokenizers(self, model: ModelSpec, data: DataSpec, base: Path) -> TokenizerFolders:
        """Return the folders of the tokenizers of a spec."""
        return TokenizerFolders(model, data, self.forms, "joint", base)

    def preparer(self, request: Request) -> LanguagePreparer:
        """Return the preparer of examples for the language model of a spec."""
        settings = self._settings(vars(request.data))
        model = request.source.planned(LanguageModelHead())
        check_kind(self.kind, model, request.task)
        check_lengths(settings, model)
        return self._prepared(settings, model, request.seed)

    def restore(self, folder: Path, plan: ModelPlan, description: Mapping[str, Any], loss: str) -> LanguagePreparer:
        """Return the preparer of a finished model."""
        return self._prepared(self._settings(description), plan, seed=0)

    def undescribed(self, longest: int) -> dict[str, Any]:
        """Return the fields of ftcore.json for a model folder without that file: the longest sequence of the model."""
        return {"max_length": longest}

    def check_description(self, description: Mapping[str, Any]) -> Sequence[str]:
        """Return the errors in this input's fields of ftcore.json."""
        return [*check_type(description, "max_length", int), *check_type(description, "columns", dict)]

    def encoding(self, request: EncodingRequest) -> Encoding:
        """Return the encoding of texts as examples.

        Raises:
            ModelError: the model lacks a token that the examples need.
        """
        raise NotImplementedError

    def with_languages(self, prepared: PreparedModel, settings: SpecPart) -> PreparedModel:
        """Return the model and tokenizers, set to the languages of the texts."""
        return prepared

    def check_lengths(self, settings: SpecPart, model: ModelPlan) -> None:
        """Raise SpecError if a length in the settings exceeds the model's positions."""
        check_lengths(settings, model)

    def warnings(self, preparer: LanguagePreparer, data: DataSpec, base: Path) -> list[str]:
        """Return a warning if the tokenizer cannot represent the texts that the model learns to write."""
        if not self.written:
            return []
        rules = ColumnRules(data.columns, "joint", None, self.forms, optional=True)
        texts: Iterable[str] = islice(TrainingTexts(data, base, rules, set(self.written)), CHECKED)
        warning = round_trip_warning(round_trip(preparer.tokenizers.target, texts), "texts of train", REMEDY)
        return [warning] if warning else []

    def shorter(self, preparer: LanguagePreparer, max_length: int) -> LanguagePreparer:
        """Return a preparer of examples with at most this many tokens."""
        settings = preparer.settings.model_copy(update={"max_length": max_length})
        return self._prepared(settings, preparer.model, seed=0)

    @cached_property
    def _settings_class(self) -> type[SpecPart]:
        return create_model(f"{type(self).__name__}Settings", __base__=self.parts)

    def _settings(self, values: Mapping[str, Any]) -> SpecPart:
        names = self._settings_class.model_fields
        return self._settings_class(**{name: values[name] for name in names if name in values})

    def _prepared(self, settings: SpecPart, model: ModelPlan, seed: int) -> LanguagePreparer:
        length = part(settings, TextLength).max_length
        folder, target_folder = model.tokenizer_folder, model.target_tokenizer_folder or model.tokenizer_folder
        target_length = getattr(settings, "target_max_length", None) or length
        tokenizers = Tokenizers(Tokenizer.load(folder, length), Tokenizer.load(target_folder, target_length), folder)
        marked = self.with_languages(PreparedModel(model, tokenizers), settings)
        check_token_ids(marked.model)
        start = marked.model.network.architecture.config.get("decoder_start_token_id")
        tokens = ModelTokens(start, end_of_text(marked.model, marked.tokenizers.target))
        vocabulary = model.network.head.outputs
        encoding = self.encoding(EncodingRequest(settings, marked.tokenizers, tokens, vocabulary, seed))
        return LanguagePreparer(self, settings, marked, encoding)


def end_of_text(model: ModelPlan, tokenizer: Tokenizer) -> int | None:
    """Return the id of the token that ends a text: the tokenizer's, or else the first of the model's end tokens."""
    return next(iter(ends_of_text(model, tokenizer)), None)


def ends_of_text(model: ModelPlan, tokenizer: Tokenizer) -> list[int]:
    """Return the ids of the tokens that end a text: the tokenizer's, then the model's end tokens."""
    named = tokenizer.token_id("eos_token")
    said = generation_tokens(Path(GENERATION_CONFIG), model.generation)
    return list(dict.fromkeys([*([] if named is None else [named]), *said.stop]))


def check_kind(kind: str, model: ModelPlan, task: str) -> None:
    """Check that a network is a language model of the kind that a task trains.

    Raises:
        SpecError: the model is of another kind.
    """
    body, family = model.network.architecture.body, model.network.architecture.family
    if isinstance(body, EncoderDecoder):
        found = "encoder-decoder"
    else:
        found = "causal" if isinstance(body, Transformer) and body.attention.causal else "masked"
    if found != kind:
        raise SpecError(
            f"model: {family} is a language model of the kind {found}, but the task {task} trains the kind {kind}: "
            "give another model, or another task"
        )


def check_lengths(settings: SpecPart, model: ModelPlan) -> None:
    """Check that the model has enough positions for the spec's lengths.

    Raises:
        SpecError: a length exceeds the positions.
    """
    body, length = model.network.architecture.body, part(settings, TextLength).max_length
    parts = {"max_length": (length, body.encoder if isinstance(body, EncoderDecoder) else body)}
    if isinstance(body, EncoderDecoder):
        parts["target_max_length"] = (getattr(settings, "target_max_length", None) or length, body.decoder)
    for name, (given, one) in parts.items():
        if isinstance(one, Transformer) and given > one.longest:
            raise SpecError(f"data.{name}: given {given}, but the model has {one.longest} positions: lower it")
