"""The training of a language model, and how its result is judged and written."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from ftcore.contract import Backend, Learner
from ftcore.contract.optimizers.loss_scaling import MOST_SKIPPED
from ftcore.data.dataset import CountedDataset
from ftcore.data.forms import REFERENCES
from ftcore.evaluation.likelihood import evaluate_language
from ftcore.inputs.language.masked import MaskedExamples
from ftcore.loop.execute import Job, known_beforehand
from ftcore.models import DESCRIPTION, LanguageModelHead, ModelPlan, write_model
from ftcore.runs.description import check_description
from ftcore.runs.language_binding import BoundLanguage
from ftcore.runs.language_checks import is_judged
from ftcore.runs.language_texts import READING
from ftcore.targets.writing import Writer, judged
from ftcore.text import TARGET_TOKENIZER, copy_target_tokenizer, copy_tokenizer


def language_job(bound: BoundLanguage, backend: Backend, learner: Learner) -> Job:
    """Return the training of a language model."""
    train = bound.material.splits["train"]
    writer = Writer(learner, bound.model.network, bound.texts, bound.spec.generation.settings(), bound.tokens)
    judge = judged(writer, bound.task, bound.spec.data.answer_pattern)

    def write(folder: Path, step: int) -> Sequence[str]:
        model, tensors, description = bound.model, learner.tensors(), _description(bound, backend.name)
        check_description(folder / DESCRIPTION, description)
        dtype, write_inputs = bound.spec.output.dtype, partial(_write_tokenizers, model)
        return write_model(folder, model, tensors, LanguageModelHead(), dtype, description, [], "", write_inputs)

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
        further=judge if is_judged(bound.task, bound.spec.data) else None,
        about={**known_beforehand(bound.spec.task, bound.spec, backend, []), "judges": dict(bound.judges)},
    )


def _write_tokenizers(model: ModelPlan, folder: Path) -> None:
    copy_tokenizer(model.tokenizer_folder, folder, model.tokenizer_json)
    if model.target_tokenizer_folder is not None:
        copy_target_tokenizer(model.target_tokenizer_folder, folder / TARGET_TOKENIZER)


def _train_at(train: CountedDataset) -> Callable[[int], CountedDataset] | None:
    return train.at_step if isinstance(train, MaskedExamples) else None


def _description(bound: BoundLanguage, backend: str) -> dict[str, Any]:
    """Return what ftcore.json says: how texts were read, so that others are read alike."""
    data = bound.spec.data
    read = data.model_dump(include=set(READING), exclude_defaults=True)
    return {
        "task": bound.task.name,
        "max_length": data.max_length,
        **read,
        "columns": {name: name for name in bound.data.form if name != REFERENCES} | data.columns,
        "loss": {"name": bound.loss.name, **vars(bound.loss)},
        "generation": bound.spec.generation.model_dump(mode="json", exclude_defaults=True),
        "precision": bound.spec.precision,
        "backend": backend,
    }
