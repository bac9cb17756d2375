"""The training of a language model, and how its result is judged and written."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from ftcore.backend import Backend, Learner
from ftcore.data.dataset import CountedDataset
from ftcore.data.language.masked import MaskedExamples
from ftcore.loop.execute import Job, MatmulRate, known_beforehand
from ftcore.loop.language.binding import BoundLanguage
from ftcore.loop.language.checks import is_judged
from ftcore.loop.language.evaluation import evaluate_language
from ftcore.loop.language.texts import READING
from ftcore.loop.language.writing import Writer, judged
from ftcore.models.folder import write_language_model
from ftcore.optimizers.loss_scaling import MOST_SKIPPED
from ftcore.tasks.forms import REFERENCES


def language_job(bound: BoundLanguage, backend: Backend, learner: Learner, matmul_rate: MatmulRate | None) -> Job:
    """Return the training of a language model; `matmul_rate` as in a Job."""
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
        matmul_rate=matmul_rate,
        most_skipped=MOST_SKIPPED if bound.spec.precision == "float16" else 0,
        train_at=_train_at(train),
        further=judge if is_judged(bound.task, bound.spec.data) else None,
        about={**known_beforehand(bound.spec.task, bound.spec, backend, []), "judges": dict(bound.judges)},
    )


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
