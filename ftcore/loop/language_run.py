"""A spec's run of a language model: its texts, network, loss and steps, and how its result is judged and written."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from ftcore.backend import Backend, Learner
from ftcore.data.columns import ColumnRules
from ftcore.data.dataset import CountedDataset
from ftcore.data.language.dataset import LanguageExamples
from ftcore.data.language.encoding import Encoding, Texts, encoding_of
from ftcore.data.language.masked import MaskedExamples
from ftcore.data.languages import languages
from ftcore.data.prepare import PreparedData, prepare_by
from ftcore.data.round_trip import round_trip, round_trip_warning
from ftcore.data.tokenizer import Tokenizer
from ftcore.data.training_texts import TrainingTexts
from ftcore.errors import SpecError
from ftcore.generation.tokens import GenerationTokens, generation_tokens
from ftcore.loop.binding import check_batching, plan_steps, told_of_model
from ftcore.loop.choices import optimizer_of, resolve_loss
from ftcore.loop.execute import Job, known_beforehand
from ftcore.loop.language_evaluation import evaluate_language
from ftcore.loop.language_writing import Writer, judged
from ftcore.loop.material import Material
from ftcore.loop.observer import Observer
from ftcore.loop.plan import TrainingPlan
from ftcore.loop.tokenizer_folders import target_tokenizer_folder, tokenizer_folder
from ftcore.losses import Loss
from ftcore.models.config import GENERATION_CONFIG
from ftcore.models.flops import StepFlops, step_flops
from ftcore.models.folder import write_language_model
from ftcore.models.language_model_plan import plan_generator, with_generation
from ftcore.models.network import EncoderDecoder, Transformer
from ftcore.models.parameters import trainable_names
from ftcore.models.plan import ModelPlan
from ftcore.optimizers import Optimizer
from ftcore.optimizers.loss_scaling import MOST_SKIPPED
from ftcore.spec.data import DataSpec
from ftcore.spec.generation import GenerationSpec
from ftcore.spec.task_spec import TaskSpec
from ftcore.tasks import LANGUAGE_TASKS, LanguageTask
from ftcore.tasks.forms import COMPLETION, MESSAGES, TARGET, TEXT

CHECKED = 5000
"""The most texts that are encoded and decoded, to see whether the tokenizer can write them down."""
WRITTEN = {TEXT, COMPLETION, MESSAGES, TARGET}
"""Columns of texts that a model learns to write."""
REMEDY = (
    "train one with the model: model.from_scratch.tokenizer, or model.decoder.tokenizer, {train: bpe, vocabulary: 8000}"
)
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


@dataclass(frozen=True)
class BoundLanguage:
    """A spec with everything that it names found and checked.

    Attributes:
        spec: the spec.
        task: its task.
        data: read, checked and tokenised.
        model: the network with a value for every parameter.
        texts: its tokenizers.
        material: what a backend is given of model and data.
        trainable: names of the trained parameters; None means all.
        loss: the loss's definition.
        plan: the training in steps.
        tokens: how texts begin and end.
        judges: what computes each metric of generated texts.
    """

    spec: TaskSpec
    task: LanguageTask
    data: PreparedData
    model: ModelPlan
    texts: Texts
    material: Material
    trainable: frozenset[str] | None
    loss: Loss
    optimizer: Optimizer
    plan: TrainingPlan
    tokens: GenerationTokens
    judges: Mapping[str, str]

    @property
    def hashes(self) -> dict[str, str | None]:
        """What environment.json tells of the model's files."""
        return {"weights_sha256": self.model.weights_sha256}

    @property
    def flops(self) -> StepFlops | None:
        """What counts a step's operations; None where that is not known."""
        network = self.model.network
        if self.trainable is not None or isinstance(network.architecture.body, EncoderDecoder):
            return None
        return step_flops(network)

    @property
    def vocabulary(self) -> int:
        """Number of tokens that the network has logits for."""
        return self.model.network.head.outputs


def bind_language(spec: TaskSpec, base: Path, observer: Observer) -> BoundLanguage:
    """Find, read and check everything that a spec of a language model names.

    Args:
        spec: what to do.
        base: what its relative paths are relative to.
        observer: told what happens.

    Raises:
        FtcoreError: something is wrong with the spec, its data or its model.
    """
    task = LANGUAGE_TASKS[spec.task]
    observer.stage("loading model")
    source, target = tokenizer_folder(spec, base), target_tokenizer_folder(spec, base)
    model = plan_generator(spec.model, source, target, spec.training.seed, base)
    _check_model(task, model)
    _check_lengths(spec.data, model)
    _check_room(spec, task, model)
    check_batching(model, spec.training)
    model, texts = with_texts(model, task, spec.data)
    observer.stage("reading data")
    encoding = encoding_of_model(task, spec.data, texts, model, spec.training.seed)
    loader = encoding.loader(encoding.encoder.examples, base, observer.note)
    data = prepare_by(loader, spec.data, task, spec.training.seed, observer.note)
    _warn_of_losses(spec, task, texts, base, observer)
    for line in told_of_model(model):
        observer.note(line)
    trainable = trainable_names(spec.model.trainable, model.network)
    optimizer = optimizer_of(spec.optimizer)
    plan = plan_steps(spec, task, len(data.train), model.network.architecture.packs)
    splits = _splits(data)
    return BoundLanguage(
        spec=spec,
        task=task,
        data=data,
        model=model,
        texts=texts,
        material=Material(model.network, model.tensors, splits, None, optimizer, plan.learning_rates),
        trainable=trainable,
        loss=resolve_loss(spec.loss, [], data.train.targets),
        optimizer=optimizer,
        plan=plan,
        tokens=generation_tokens_of(model, texts, spec.generation),
        judges=_judges(task, spec.data, splits),
    )


def encoding_of_model(task: LanguageTask, data: DataSpec, texts: Texts, model: ModelPlan, seed: int) -> Encoding:
    """Return how a task's texts become examples of a model."""
    start = model.network.architecture.config.get("decoder_start_token_id")
    return encoding_of(task, data, texts, start, model.network.head.outputs, seed)


def language_job(bound: BoundLanguage, backend: Backend, learner: Learner) -> Job:
    """Return the training of a language model."""
    train = bound.material.splits["train"]
    writer = Writer(learner, bound.model.network, bound.texts, bound.spec.generation.settings(), bound.tokens)
    judge = judged(writer, bound.task, bound.spec.data.answer_pattern)

    def write(folder: Path, step: int) -> Sequence[str]:
        description = _description(bound, backend.name)
        return write_language_model(folder, bound.model, learner.tensors(), bound.spec.output.dtype, description)

    return Job(
        learner=learner,
        loss=bound.loss,
        evaluate=partial(
            evaluate_language, learner=learner, loss=bound.loss, task=bound.task, vocabulary=bound.vocabulary
        ),
        splits=bound.material.splits,
        plan=bound.plan,
        write_model=write,
        flops=bound.flops,
        most_skipped=MOST_SKIPPED if bound.spec.precision == "float16" else 0,
        train_at=_train_at(train),
        further=judge if _is_judged(bound.task, bound.spec.data) else None,
        about={**known_beforehand(bound.spec.task, bound.spec, backend, []), "judges": dict(bound.judges)},
    )


def generation_tokens_of(model: ModelPlan, texts: Texts, generation: GenerationSpec) -> GenerationTokens:
    """Return how a model's texts begin and end: as its files say, and where its tokenizer ends one."""
    said = generation_tokens(Path(GENERATION_CONFIG), model.generation)
    end = texts.target.token_id("eos_token")
    ends = replace(said, stop=tuple(dict.fromkeys([*said.stop, *([] if end is None else [end])])))
    return ends.stopping_at(generation.stop_tokens, texts.target.id_of)


def _is_judged(task: LanguageTask, data: DataSpec) -> bool:
    """Return whether texts are generated and judged: of answers only where a pattern finds what is right."""
    return bool(task.text_metrics) and (task.model == "encoder-decoder" or data.answer_pattern is not None)


def _judges(task: LanguageTask, data: DataSpec, splits: Mapping[str, CountedDataset]) -> Mapping[str, str]:
    judged_split = splits.get("test", splits.get("validation"))
    if not _is_judged(task, data) or not isinstance(judged_split, LanguageExamples):
        return {}
    return task.judges(judged_split.references(np.arange(len(judged_split))))


def _train_at(train: CountedDataset) -> Callable[[int], CountedDataset] | None:
    return train.at_step if isinstance(train, MaskedExamples) else None


def _splits(data: PreparedData) -> Mapping[str, CountedDataset]:
    """Return the splits; of masked language models those that are evaluated mask every token in turn."""
    given = {"train": data.train, "validation": data.validation, "test": data.test}
    return {
        name: split.one_by_one() if name != "train" and isinstance(split, MaskedExamples) else split
        for name, split in given.items()
        if split is not None
    }


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


def _warn_of_losses(spec: TaskSpec, task: LanguageTask, texts: Texts, base: Path, observer: Observer) -> None:
    """Tell the user where the tokenizer cannot write down what the model is to learn to write."""
    if not task.given:
        return
    rules = ColumnRules(spec.data.columns, spec.data.pair, None, task.forms)
    written = TrainingTexts(spec.data.train, base, rules, {name for form in task.forms for name in form} & WRITTEN)
    found = round_trip(texts.target, islice(written, CHECKED))
    if warning := round_trip_warning(found, "texts of train", REMEDY):
        observer.note(warning)


def _check_model(task: LanguageTask, model: ModelPlan) -> None:
    """Check that a model is of the kind that the task trains."""
    body, family = model.network.architecture.body, model.network.architecture.family
    if isinstance(body, EncoderDecoder):
        found = "encoder-decoder"
    else:
        found = "causal" if isinstance(body, Transformer) and body.attention.causal else "masked"
    if found != task.model:
        raise SpecError(f"task: {task.name} trains {task.model} language models, and {family} is a {found} one")


def _check_lengths(data: DataSpec, model: ModelPlan) -> None:
    body = model.network.architecture.body
    parts = {"max_length": body.encoder if isinstance(body, EncoderDecoder) else body}
    if isinstance(body, EncoderDecoder):
        parts["target_max_length"] = body.decoder
    for name, part in parts.items():
        given = data.max_length if name == "max_length" else data.target_max_length or data.max_length
        if isinstance(part, Transformer) and given > part.longest:
            raise SpecError(f"data.{name}: given {given}, and the model has {part.longest} positions: lower it")


def _check_room(spec: TaskSpec, task: LanguageTask, model: ModelPlan) -> None:
    """Check that what is generated after training has its positions, before it begins."""
    body, most = model.network.architecture.body, spec.generation.max_new_tokens
    if not _is_judged(task, spec.data):
        return
    given, part = (1, body.decoder) if isinstance(body, EncoderDecoder) else (spec.data.max_length, body)
    if isinstance(part, Transformer) and given + most > part.longest:
        raise SpecError(
            f"generation.max_new_tokens: given {most} after up to {given} tokens, and the model has {part.longest} "
            "positions: lower it"
        )


def _description(bound: BoundLanguage, backend: str) -> dict[str, Any]:
    """Return what ftcore.json says: how texts were read, so that others are read alike."""
    data = bound.spec.data
    read = data.model_dump(include=set(READING), exclude_defaults=True)
    return {
        "task": bound.task.name,
        "max_length": data.max_length,
        **read,
        "columns": {name: name for name in bound.data.form} | data.columns,
        "loss": {"name": bound.loss.name, **vars(bound.loss)},
        "generation": bound.spec.generation.model_dump(mode="json", exclude_defaults=True),
        "precision": bound.spec.precision,
        "backend": backend,
    }
