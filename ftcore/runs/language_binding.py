"""Everything that a run of a language model settles before its first step, without a backend."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ftcore.contract.losses import Loss
from ftcore.contract.optimizers import Optimizer
from ftcore.data.dataset import CountedDataset
from ftcore.data.prepare import PreparedData, prepare_by
from ftcore.generation.tokens import GenerationTokens
from ftcore.inputs.language.dataset import LanguageExamples
from ftcore.inputs.language.encoding import Texts
from ftcore.inputs.language.masked import MaskedExamples
from ftcore.loop.plan import TrainingPlan
from ftcore.models import LanguageModelHead, ModelPlan, StepFlops, plan_model, trainable_names, training_flops
from ftcore.observer import Observer
from ftcore.runs.binding import check_batching, plan_steps, told_of_model
from ftcore.runs.choices import optimizer_of, resolve_loss
from ftcore.runs.language_checks import check_lengths, check_model, check_room, is_judged
from ftcore.runs.language_texts import encoding_of_model, generation_tokens_of, warn_of_losses, with_texts
from ftcore.runs.material import Material
from ftcore.runs.tokenizer_folders import target_tokenizer_folder, tokenizer_folder
from ftcore.spec.data import DataSpec
from ftcore.spec.task_spec import TaskSpec
from ftcore.tasks import LANGUAGE_TASKS, LanguageTask


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
        return None if self.trainable is not None else training_flops(self.model.network)

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
    model = plan_model(spec.model, LanguageModelHead(), spec.training.seed, base, source, target)
    check_model(task, model)
    check_lengths(spec.data, model)
    check_room(spec, task, model)
    check_batching(model, spec.training)
    model, texts = with_texts(model, task, spec.data)
    observer.stage("reading data")
    encoding = encoding_of_model(task, spec.data, texts, model, spec.training.seed)
    loader = encoding.loader(encoding.encoder.examples, base, observer.note)
    data = prepare_by(loader, spec.data, task, spec.training.seed, observer.note)
    warn_of_losses(spec, task, texts, base, observer)
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


def _splits(data: PreparedData) -> Mapping[str, CountedDataset]:
    """Return the splits; of masked language models those that are evaluated mask every token in turn."""
    return {
        name: split.one_by_one() if name != "train" and isinstance(split, MaskedExamples) else split
        for name, split in data.splits.items()
    }


def _judges(task: LanguageTask, data: DataSpec, splits: Mapping[str, CountedDataset]) -> Mapping[str, str]:
    judged_split = splits.get("test", splits.get("validation"))
    if not is_judged(task, data) or not isinstance(judged_split, LanguageExamples):
        return {}
    return task.judges(judged_split.references(np.arange(len(judged_split))))
