"""What a language model is to its texts: its tokenizers, how examples are made, how texts begin and end."""

from dataclasses import replace
from itertools import islice
from pathlib import Path

from ftcore.data.columns import ColumnRules
from ftcore.data.forms import COMPLETION, MESSAGES, TARGET, TEXT
from ftcore.data.training_texts import TrainingTexts
from ftcore.generation.tokens import GenerationTokens, generation_tokens
from ftcore.inputs.language.encoding import Encoding, ModelTokens, Texts, encoding_of
from ftcore.models import GENERATION_CONFIG, ModelPlan, with_generation
from ftcore.observer import Observer
from ftcore.spec.data import DataSpec
from ftcore.spec.generation import GenerationSpec
from ftcore.spec.task_spec import TaskSpec
from ftcore.tasks import LanguageTask
from ftcore.text import Tokenizer, languages, round_trip, round_trip_warning

READING = (
    "columns",
    "max_length",
    "target_max_length",
    "source_prefix",
    "source_language",
    "target_language",
    "separator",
    "answer_pattern",
)
"""Fields of `data` that say how texts are read, and that ftcore.json keeps."""


CHECKED = 5000
"""The most texts that are encoded and decoded, to see whether the tokenizer can write them down."""
WRITTEN = {TEXT, COMPLETION, MESSAGES, TARGET}
"""Columns of texts that a model learns to write."""
REMEDY = (
    "train one with the model: model.from_scratch.tokenizer, or model.decoder.tokenizer, {train: bpe, vocabulary: 8000}"
)


def with_texts(model: ModelPlan, task: LanguageTask, data: DataSpec) -> tuple[ModelPlan, Texts]:
    """Return a model that knows the languages of its texts, and its tokenizers, which mark them.

    Raises:
        ModelError: a tokenizer cannot be read.
        SpecError: a language is not one of the tokenizer's.
    """
    folder, target_folder = model.tokenizer_folder, model.target_tokenizer_folder or model.tokenizer_folder
    source = Tokenizer.load(folder, data.max_length)
    target = Tokenizer.load(target_folder, data.target_max_length or data.max_length)
    if task.model != "encoder-decoder":
        return model, Texts(source, target, folder)
    marked = languages(folder, source, target, data.source_language, data.target_language)
    return with_generation(model, marked.generation), Texts(marked.source, marked.target, folder)


def encoding_of_model(task: LanguageTask, data: DataSpec, texts: Texts, model: ModelPlan, seed: int) -> Encoding:
    """Return how a task's texts become examples of a model."""
    start = model.network.architecture.config.get("decoder_start_token_id")
    tokens = ModelTokens(start, _end(model, texts.target))
    return encoding_of(task, data, texts, tokens, model.network.head.outputs, seed)


def _end(model: ModelPlan, tokenizer: Tokenizer) -> int | None:
    """Return the id of the token that ends a text: the tokenizer's, or else the first one that the model stops at."""
    named = tokenizer.token_id("eos_token")
    return named if named is not None else next(iter(_said(model).stop), None)


def _said(model: ModelPlan) -> GenerationTokens:
    return generation_tokens(Path(GENERATION_CONFIG), model.generation)


def generation_tokens_of(model: ModelPlan, texts: Texts, generation: GenerationSpec) -> GenerationTokens:
    """Return how a model's texts begin and end: as its files say, and where its tokenizer ends one."""
    said, end = _said(model), texts.target.token_id("eos_token")
    ends = replace(said, stop=tuple(dict.fromkeys([*said.stop, *([] if end is None else [end])])))
    return ends.stopping_at(generation.stop_tokens, texts.target.id_of)


def warn_of_losses(spec: TaskSpec, task: LanguageTask, texts: Texts, base: Path, observer: Observer) -> None:
    """Tell the user where the tokenizer cannot write down what the model is to learn to write."""
    if not task.given:
        return
    rules = ColumnRules(spec.data.columns, spec.data.pair, None, task.forms, optional=True)
    written = TrainingTexts(spec.data.train, base, rules, {name for form in task.forms for name in form} & WRITTEN)
    found = round_trip(texts.target, islice(written, CHECKED))
    if warning := round_trip_warning(found, "texts of train", REMEDY):
        observer.note(warning)
